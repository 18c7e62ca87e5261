/* One mode of a deep encoder as a point. */
// SPDX-License-Identifier: MIT
#include "sim/flow/deep_point.h"

#include "sim/flow/mode_fate.h"
#include "sim/flow/mode_system.h"
#include "sim/model/model.h"

#include <math.h>

/* The problem of the point, with lists of one entry that are stored in point. */
static struct ssldyn_problem problem_of(struct ssldyn_mode_point *point, double t_end, double rtol)
{
    struct ssldyn_problem problem = *point->deep;
    const struct {
        struct ssldyn_list *list;
        double *value;
    } lists[] = {{&problem.p0, &point->p0},     {&problem.s0, &point->s0},
                 {&problem.tau0, &point->tau0}, {&problem.wp0, &point->wp0},
                 {&problem.w0, &point->w0},     {&problem.wa0, &point->wa0}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        *lists[i].list = (struct ssldyn_list){1, lists[i].value};
    }
    problem.model = point->model;
    problem.typed.lambda_s = (struct ssldyn_list){0};
    problem.typed.lambda_d = (struct ssldyn_list){0};
    problem.parameters.rates = point->rates;
    problem.parameters.rates.c = 1.0 + point->sigma2;
    problem.parameters.lambda_s = point->lambda_s;
    problem.parameters.lambda_d = point->lambda_d;
    problem.parameters.tau_held = !isnan(point->tau);
    problem.parameters.tau = problem.parameters.tau_held ? point->tau : 1.0;
    problem.t_end = t_end;
    problem.rtol = rtol;
    return problem;
}

enum ssldyn_status ssldyn_deep_point_fate(const struct ssldyn_mode_point *point, double t_end,
                                          double rtol, int64_t max_steps, int *fate,
                                          struct ssldyn_error *err)
{
    struct ssldyn_mode_point numbers = *point;
    const struct ssldyn_problem problem = problem_of(&numbers, t_end, rtol);
    struct ssldyn_mode mode = {0};
    double since = 0.0;
    enum ssldyn_fate now = SSLDYN_FATE_UNDECIDED;
    enum ssldyn_status status = ssldyn_mode_create(&mode, &problem, 0, rtol, err);
    if (status == SSLDYN_OK) {
        now = ssldyn_mode_fate_start_deep(&mode);
    }
    for (int64_t i = 0; status == SSLDYN_OK && now == SSLDYN_FATE_UNDECIDED && i < max_steps &&
                        !ssldyn_ode_done(mode.ode);
         i++) {
        status = ssldyn_mode_step(&mode, err);
        if (status == SSLDYN_OK) {
            status = ssldyn_mode_fate_check_deep(&mode, 0, &now, &since, err);
        }
    }
    ssldyn_mode_clear(&mode);
    *fate = (int)now;
    return ssldyn_ode_accept_end(status);
}

struct ssldyn_mode_point ssldyn_deep_point_network(const struct ssldyn_problem *problem,
                                                   const struct ssldyn_ensemble_point *point)
{
    return (struct ssldyn_mode_point){.deep = problem,
                                      .model = SSLDYN_MODEL_LOWDIM,
                                      .rates = {.alpha_p = point->alpha_p,
                                                .beta = point->beta,
                                                .eta_p = point->eta_p,
                                                .eta_s = point->eta_s},
                                      .lambda_s = point->lambda_s,
                                      .lambda_d = point->lambda_d,
                                      .tau = point->tau,
                                      .wp0 = point->wp,
                                      .w0 = point->w,
                                      .wa0 = point->wa,
                                      .predictor = true,
                                      .training = ssldyn_training_none()};
}

size_t ssldyn_deep_point_start(const struct ssldyn_mode_point *point,
                               struct ssldyn_parameters *parameters, double y[])
{
    struct ssldyn_mode_point numbers = *point;
    const struct ssldyn_problem problem = problem_of(&numbers, 0.0, 1.0);
    struct ssldyn_mode mode;
    ssldyn_mode_start(&mode, &problem, 0, y);
    *parameters = mode.variables.parameters;
    return mode.variables.n;
}

static struct ssldyn_depth balanced_of(const struct ssldyn_mode_point *point)
{
    struct ssldyn_mode_point numbers = *point;
    const struct ssldyn_problem problem = problem_of(&numbers, 0.0, 1.0);
    const struct ssldyn_parameters parameters = ssldyn_model_parameters_of(&problem, 0);
    return ssldyn_depth_mode(&parameters);
}

void ssldyn_deep_point_margin(const struct ssldyn_mode_point *point, struct ssldyn_margin *margin)
{
    const struct ssldyn_depth mode = balanced_of(point);
    const bool held = mode.target == SSLDYN_DEPTH_JEPA && !isnan(point->tau);
    const double lambda_d = held && point->tau > 0.0 ? mode.lambda_d / point->tau : mode.lambda_d;
    const double noise = mode.lambda_s - lambda_d;
    ssldyn_depth_margin(&mode, point->rates.eta_p, margin);
    margin->at_fold[SSLDYN_KNOB_LAMBDA_D] = margin->factor[SSLDYN_KNOB_LAMBDA_D] * lambda_d;
    if (held) {
        margin->elasticity[SSLDYN_KNOB_TAU] = margin->elasticity[SSLDYN_KNOB_LAMBDA_D];
        margin->factor[SSLDYN_KNOB_TAU] = margin->factor[SSLDYN_KNOB_LAMBDA_D];
        margin->at_fold[SSLDYN_KNOB_TAU] = margin->factor[SSLDYN_KNOB_TAU] * point->tau;
        const double there = margin->at_fold[SSLDYN_KNOB_LAMBDA_S] - lambda_d;
        margin->at_fold[SSLDYN_KNOB_NOISE] = there > 0.0 ? there : (double)NAN;
        margin->factor[SSLDYN_KNOB_NOISE] = margin->at_fold[SSLDYN_KNOB_NOISE] / noise;
        margin->elasticity[SSLDYN_KNOB_NOISE] =
            margin->elasticity[SSLDYN_KNOB_LAMBDA_S] * noise / mode.lambda_s;
    }
}

double ssldyn_deep_point_on_fold(const struct ssldyn_mode_point *point, enum ssldyn_knob knob,
                                 bool both_decays)
{
    struct ssldyn_margin margin;
    if (both_decays) {
        const struct ssldyn_depth mode = balanced_of(point);
        return ssldyn_depth_fold(&mode);
    }
    if (knob == SSLDYN_KNOBS || knob == SSLDYN_KNOB_ETA_S || knob == SSLDYN_KNOB_ETA_P ||
        point->rates.eta_p != point->rates.eta_s) {
        return (double)NAN;
    }
    ssldyn_deep_point_margin(point, &margin);
    return margin.at_fold[knob];
}

enum ssldyn_status ssldyn_deep_point_fold_attracts(const struct ssldyn_mode_point *point,
                                                   bool *attracts, struct ssldyn_error *err)
{
    enum { STEPS = 20000 };
    const double patience = 40.0 / point->rates.eta_s; /* differences of squares have vanished */
    const struct ssldyn_depth balanced = balanced_of(point);
    const double p = ssldyn_depth_turn(&balanced);
    const double v = p / sqrt(balanced.alpha_p);
    struct ssldyn_mode_point numbers = *point;
    const struct ssldyn_problem problem = problem_of(&numbers, patience, 1e-11);
    struct ssldyn_mode mode = {0};
    enum ssldyn_status status = ssldyn_mode_create(&mode, &problem, 0, problem.rtol, err);
    *attracts = false;
    for (int i = 0; status == SSLDYN_OK && i < STEPS && !ssldyn_ode_done(mode.ode); i++) {
        status = ssldyn_mode_step(&mode, err);
    }
    if (status == SSLDYN_OK && ssldyn_ode_done(mode.ode)) {
        const double *y = ssldyn_ode_state(mode.ode);
        const double V = pow(v, balanced.layers);
        const double target = ssldyn_depth_targets(&mode.variables.parameters) > 0
                                  ? fabs(ssldyn_depth_target(&mode.variables.parameters, y))
                                  : V;
        *attracts = y[0] > p && fabs(ssldyn_depth_product(&mode.variables.parameters, y)) > V &&
                    target >= V;
    }
    ssldyn_mode_clear(&mode);
    return ssldyn_ode_accept_end(status);
}
