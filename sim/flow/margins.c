/* Margins of modes with respect to each knob (margins.h). */
// SPDX-License-Identifier: MIT
#include "sim/flow/margins.h"

#include "sim/base/memory.h"
#include "sim/flow/basin.h"
#include "sim/flow/deep_point.h"
#include "sim/flow/mode_system.h"
#include "sim/model/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Which rates the training settings determine. */
struct made {
    bool alpha_p, beta, eta_p, eta_s;
};

static struct made made_by(const struct ssldyn_training *training, bool moves)
{
    const bool lr = !isnan(training->lr);
    const bool decay = !isnan(training->weight_decay);
    return (struct made){.alpha_p = lr && !isnan(training->predictor_lr),
                         .beta = lr && !isnan(training->ema) && moves,
                         .eta_p = decay || !isnan(training->predictor_weight_decay),
                         .eta_s = decay};
}

static void add(struct ssldyn_margins *margins, const struct ssldyn_margins_knob *knob)
{
    if (margins->knob_count < SSLDYN_MARGINS_KNOBS) {
        margins->knobs[margins->knob_count++] = *knob;
    }
}

/* Adds a knob that is a number of each mode, if the model has it. */
static void add_number(struct ssldyn_margins *margins, bool there, const char *name,
                       enum ssldyn_knob number, bool moves_eta_p)
{
    struct ssldyn_margins_knob knob = {.name = name, .number = number, .setting = (double)NAN};
    knob.turn.power[number] = 1.0;
    if (moves_eta_p) {
        knob.turn.power[SSLDYN_KNOB_ETA_P] = 1.0;
    }
    if (there) {
        add(margins, &knob);
    }
}

/* Adds the training settings, each with the powers by which it enters the rates. A setting that
 * determines no rate is not a knob. */
static void add_training(struct ssldyn_margins *margins, const struct ssldyn_training *training,
                         const struct made *made)
{
    const double alpha_p = made->alpha_p ? 1.0 : 0.0;
    const double beta = made->beta ? 1.0 : 0.0;
    const double eta_p = made->eta_p ? alpha_p : 0.0; /* powers of alpha_p times a decay */
    const double shared = isnan(training->predictor_weight_decay) ? 1.0 : 0.0;
    const struct {
        const char *name;
        double value;
        bool complement, there;
        double alpha_p, beta, eta_p, eta_s; /* powers */
    } all[] = {
        {"train_lr", training->lr, false, made->alpha_p || made->beta, 0.0 - alpha_p, 0.0 - beta,
         0.0 - eta_p, 0.0},
        {"train_momentum", training->momentum, true, made->beta, 0.0, beta, 0.0, 0.0},
        {"train_weight_decay", training->weight_decay, false, made->eta_s, 0.0, 0.0, shared, 1.0},
        {"train_ema", training->ema, true, made->beta, 0.0, beta, 0.0, 0.0},
        {"train_predictor_lr", training->predictor_lr, false, made->alpha_p, alpha_p, 0.0, eta_p,
         0.0},
        {"train_predictor_weight_decay", training->predictor_weight_decay, false, shared == 0.0,
         0.0, 0.0, 1.0, 0.0}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const struct ssldyn_margins_knob knob = {
            .name = all[i].name,
            .complement = all[i].complement,
            .number = SSLDYN_KNOBS,
            .setting = all[i].value,
            .turn.power = {[SSLDYN_KNOB_ALPHA_P] = all[i].alpha_p,
                           [SSLDYN_KNOB_BETA] = all[i].beta,
                           [SSLDYN_KNOB_ETA_P] = all[i].eta_p,
                           [SSLDYN_KNOB_ETA_S] = all[i].eta_s}};
        if (all[i].there) {
            add(margins, &knob);
        }
    }
}

/* Leaves out the knobs that change one of the decays alone. */
static void drop_unequal(struct ssldyn_margins *margins)
{
    size_t kept = 0;
    for (size_t k = 0; k < margins->knob_count; k++) {
        const double *power = margins->knobs[k].turn.power;
        if (power[SSLDYN_KNOB_ETA_P] == power[SSLDYN_KNOB_ETA_S]) {
            margins->knobs[kept++] = margins->knobs[k];
        }
    }
    margins->knob_count = kept;
}

static void list_knobs(struct ssldyn_margins *margins, const struct ssldyn_margins_request *request)
{
    const struct ssldyn_training none = ssldyn_training_none();
    const struct ssldyn_training *training = request->training ? request->training : &none;
    const struct ssldyn_rates *rates = &request->parameters->rates;
    const bool data = request->parameters->target == SSLDYN_DEPTH_MAE; /* predicted: no target */
    const bool held = request->parameters->tau_held && !data;
    const bool moves = !held && !data;
    const double layers = (double)ssldyn_depth_layers(request->parameters);
    const struct made made = made_by(training, moves);
    const struct ssldyn_margins_knob start = {.name = "start",
                                              .number = SSLDYN_KNOBS,
                                              .setting = (double)NAN,
                                              .turn = {.weights = 1.0, .product = layers}};
    add_number(margins, !made.eta_p && !made.eta_s && rates->eta_p == rates->eta_s, "eta",
               SSLDYN_KNOB_ETA_S, true);
    add_number(margins, !made.eta_s, "eta_s", SSLDYN_KNOB_ETA_S, false);
    add_number(margins, !made.eta_p, "eta_p", SSLDYN_KNOB_ETA_P, false);
    add_training(margins, training, &made);
    add_number(margins, request->isotropic, "sigma2", SSLDYN_KNOB_NOISE, false);
    add_number(margins, !request->isotropic, "lambda_s", SSLDYN_KNOB_LAMBDA_S, false);
    add_number(margins, !request->isotropic, "lambda_d", SSLDYN_KNOB_LAMBDA_D, false);
    add_number(margins, !made.alpha_p, "alpha_p", SSLDYN_KNOB_ALPHA_P, made.eta_p);
    add_number(margins, moves && !made.beta, "beta", SSLDYN_KNOB_BETA, false);
    add_number(margins, held, "tau", SSLDYN_KNOB_TAU, false);
    add(margins, &start);
    if (request->deep) {
        drop_unequal(margins);
    }
}

/* The factor that puts the mode on its fold; a power law except for the noise. NaN: none. */
static double factor_to_fold(const struct ssldyn_problem *deep,
                             const struct ssldyn_ensemble_point *point,
                             const struct ssldyn_knob_turn *turn)
{
    struct ssldyn_margin margin;
    double elasticity = 0.0;
    if (deep) {
        const struct ssldyn_mode_point mode = ssldyn_deep_point_network(deep, point);
        ssldyn_deep_point_margin(&mode, &margin);
    } else {
        const struct ssldyn_parameters parameters = ssldyn_ensemble_parameters(point);
        ssldyn_margin(&parameters, &margin);
    }
    if (turn->power[SSLDYN_KNOB_NOISE] != 0.0) {
        return margin.factor[SSLDYN_KNOB_NOISE];
    }
    for (int k = 0; k < SSLDYN_KNOBS; k++) {
        elasticity += turn->power[k] * margin.elasticity[k];
    }
    return elasticity != 0.0 ? pow(point->eta_s / margin.fold, 1.0 / elasticity) : (double)NAN;
}

/* The current value of a knob; NaN for the start. */
static double value_of(const struct ssldyn_ensemble_point *point,
                       const struct ssldyn_margins_knob *knob)
{
    const double values[SSLDYN_KNOBS] = {[SSLDYN_KNOB_ETA_S] = point->eta_s,
                                         [SSLDYN_KNOB_NOISE] = point->lambda_s - point->lambda_d,
                                         [SSLDYN_KNOB_LAMBDA_D] = point->lambda_d,
                                         [SSLDYN_KNOB_LAMBDA_S] = point->lambda_s,
                                         [SSLDYN_KNOB_TAU] = point->tau,
                                         [SSLDYN_KNOB_ETA_P] = point->eta_p,
                                         [SSLDYN_KNOB_BETA] = point->beta,
                                         [SSLDYN_KNOB_ALPHA_P] = point->alpha_p};
    return knob->number < SSLDYN_KNOBS ? values[knob->number] : knob->setting;
}

static enum ssldyn_status fold_attracts(const struct ssldyn_problem *deep,
                                        const struct ssldyn_ensemble_point *point, bool *attracts,
                                        struct ssldyn_error *err)
{
    if (deep) {
        const struct ssldyn_mode_point mode = ssldyn_deep_point_network(deep, point);
        return ssldyn_deep_point_fold_attracts(&mode, attracts, err);
    }
    return ssldyn_basin_fold_attracts(point, attracts, err);
}

/* Classifies a flip; if it is the fold, its position is exact. */
static enum ssldyn_status
conclude(const struct ssldyn_problem *deep, const struct ssldyn_ensemble_point *point,
         const struct ssldyn_margins_knob *knob, const struct ssldyn_knob_flip *flip,
         struct ssldyn_margins_crossing *crossing, struct ssldyn_error *err)
{
    const double rounding = 1e-12;
    const double fold = factor_to_fold(deep, point, &knob->turn);
    const double value = value_of(point, knob);
    bool attracts = false;
    enum ssldyn_status status = SSLDYN_OK;
    if (fold >= fmin(flip->same, flip->other) * (1.0 - rounding) &&
        fold <= fmax(flip->same, flip->other) * (1.0 + rounding)) {
        const struct ssldyn_ensemble_point there = ssldyn_knob_turned(*point, &knob->turn, fold);
        status = fold_attracts(deep, &there, &attracts, err);
    }
    const double factor = attracts ? fold : flip->factor;
    const double there =
        knob->complement ? 1.0 - factor * ssldyn_training_complement(value) : factor * value;
    *crossing =
        (struct ssldyn_margins_crossing){SSLDYN_MARGINS_NONE, value, (double)NAN, (double)NAN};
    if (isfinite(factor) && !(knob->complement && !(there >= 0.0))) {
        crossing->kind = attracts ? SSLDYN_MARGINS_FOLD : SSLDYN_MARGINS_EDGE;
        crossing->factor = factor;
        crossing->there = there;
    }
    return status;
}

enum ssldyn_status ssldyn_margins_find(const struct ssldyn_margins_request *request, size_t count,
                                       const struct ssldyn_ensemble_point points[],
                                       struct ssldyn_margins *margins, struct ssldyn_error *err)
{
    struct ssldyn_knob_turn turns[SSLDYN_MARGINS_KNOBS];
    memset(margins, 0, sizeof *margins);
    list_knobs(margins, request);
    const size_t knobs = margins->knob_count;
    for (size_t k = 0; k < knobs; k++) {
        turns[k] = margins->knobs[k].turn;
    }
    struct ssldyn_knob_flip *flips = ssldyn_memory_array(count, knobs * sizeof *flips);
    margins->fates = ssldyn_memory_array(count, sizeof *margins->fates);
    margins->crossings = ssldyn_memory_array(count, knobs * sizeof *margins->crossings);
    enum ssldyn_status status = flips && margins->fates && margins->crossings
                                    ? ssldyn_knob_flips(request->deep, count, points, knobs, turns,
                                                        margins->fates, flips, err)
                                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; status == SSLDYN_OK && i < count * knobs; i++) {
        status = conclude(request->deep, &points[i / knobs], &margins->knobs[i % knobs], &flips[i],
                          &margins->crossings[i], err);
    }
    margins->count = status == SSLDYN_OK ? count : 0;
    free(flips);
    return status;
}

/* The start of mode j in the variables of M5. */
static struct ssldyn_ensemble_point start_of(const struct ssldyn_problem *problem, size_t j)
{
    struct ssldyn_mode mode;
    double y[SSLDYN_MODE_VARIABLES];
    ssldyn_mode_start(&mode, problem, j, y);
    const struct ssldyn_mode_state state = ssldyn_mode_view(&mode, y);
    struct ssldyn_parameters parameters = mode.variables.parameters;
    parameters.rates.alpha_p = mode.variables.alpha_p;
    if (ssldyn_depth_is_deep(&parameters)) {
        const double wa = parameters.target == SSLDYN_DEPTH_MAE ? 0.0 : state.wa;
        return ssldyn_ensemble_network(&parameters, state.p, state.w, wa);
    }
    return ssldyn_model_has(problem->model, SSLDYN_HAS_NETWORKS)
               ? ssldyn_ensemble_network(&parameters, state.wp, state.w, state.wa)
               : ssldyn_ensemble_mode(&parameters, state.p, state.s, state.tau);
}

enum ssldyn_status ssldyn_margins_of_problem(const struct ssldyn_problem *problem,
                                             struct ssldyn_margins *margins,
                                             struct ssldyn_error *err)
{
    const size_t count = ssldyn_problem_modes(problem);
    const struct ssldyn_margins_request request = {
        .parameters = &problem->parameters,
        .training = &problem->typed.training,
        .deep = ssldyn_depth_is_deep(&problem->parameters) ? problem : NULL,
        .isotropic = !ssldyn_model_has(problem->model, SSLDYN_HAS_NETWORKS)};
    struct ssldyn_ensemble_point *points = ssldyn_memory_array(count, sizeof *points);
    memset(margins, 0, sizeof *margins);
    if (!points) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", count);
    }
    for (size_t j = 0; j < count; j++) {
        points[j] = start_of(problem, j);
    }
    const enum ssldyn_status status = ssldyn_margins_find(&request, count, points, margins, err);
    free(points);
    return status;
}

void ssldyn_margins_clear(struct ssldyn_margins *margins)
{
    free(margins->fates);
    free(margins->crossings);
    memset(margins, 0, sizeof *margins);
}
