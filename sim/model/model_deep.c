/* Modes of a deep encoder (THEORY section 11). They replace those of any model of modes if the
 * encoder has several layers, or if the predictor predicts the data: the start is split into
 * layers. */
// SPDX-License-Identifier: MIT
#include "sim/model/model.h"

#include "theory/depth_fate.h"

#include <math.h>

static void deep_rhs(const struct ssldyn_mode_variables *variables,
                     const struct ssldyn_parameters *now, const double y[], double dydt[])
{
    (void)variables;
    ssldyn_depth_rhs(now, y, dydt);
}

static void deep_jacobian(const struct ssldyn_mode_variables *variables,
                          const struct ssldyn_parameters *now, const double y[], double jacobian[])
{
    (void)variables;
    ssldyn_depth_jacobian(now, y, jacobian);
}

static struct ssldyn_mode_state deep_view(const struct ssldyn_mode_variables *variables,
                                          const double y[])
{
    const struct ssldyn_parameters *parameters = &variables->parameters;
    const bool predicts_data = parameters->target == SSLDYN_DEPTH_MAE;
    struct ssldyn_mode_state state = {.p = y[0], .wp = y[0], .least = (double)INFINITY};
    state.w = ssldyn_depth_product(parameters, y);
    state.s = state.w * state.w;
    state.wa = predicts_data ? (double)NAN : ssldyn_depth_target(parameters, y);
    state.tau = parameters->tau_held && !predicts_data ? parameters->tau
                : state.w != 0.0                       ? state.wa / state.w
                                                       : (double)NAN;
    for (size_t l = 0; l < ssldyn_depth_layers(parameters); l++) {
        const double square = y[1 + l] * y[1 + l];
        state.least = fmin(state.least, square);
        state.most = fmax(state.most, square);
        state.squares += square;
    }
    return state;
}

static const struct ssldyn_mode_equations equations = {
    .rhs = deep_rhs, .jacobian = deep_jacobian, .view = deep_view, .change = ssldyn_mode_stays};

/* count factors of a product, the first with its sign. */
static void split(double product, size_t count, double factors[])
{
    const double size = pow(fabs(product), 1.0 / (double)count);
    for (size_t l = 0; l < count; l++) {
        factors[l] = l == 0 ? copysign(size, product) : size;
    }
}

/* Changes the relative sizes of the layers and keeps the product. */
static void weigh(const struct ssldyn_list *ratios, size_t count, double factors[])
{
    const double mean = ssldyn_depth_mean(ratios->count, ratios->values);
    for (size_t l = 0; ratios->count == count && l < count; l++) {
        factors[l] *= ratios->values[l] / mean;
    }
}

static void deep_start(const struct ssldyn_problem *problem, size_t j,
                       struct ssldyn_mode_variables *variables, double y[])
{
    struct ssldyn_mode_variables shallow = *variables;
    ssldyn_model_of(problem->model)->modes->start(problem, j, &shallow, y);
    const struct ssldyn_mode_state state = shallow.equations->view(&shallow, y);
    struct ssldyn_parameters *parameters = &variables->parameters;
    const size_t L = ssldyn_depth_layers(parameters);
    const size_t targets = ssldyn_depth_targets(parameters);
    variables->equations = &equations;
    variables->n = 1 + L + targets;
    y[0] = state.p;
    split(isnan(state.w) ? sqrt(state.s) : state.w, L, y + 1);
    for (size_t l = 0; ssldyn_model_has(problem->model, SSLDYN_HAS_TIED_S) && l < L; l++) {
        y[1 + l] = state.p / sqrt(variables->alpha_p); /* the balanced manifold */
    }
    weigh(&problem->layers0, L, y + 1);
    if (targets > 0) {
        const double V = ssldyn_depth_product(parameters, y);
        split(isnan(state.wa) ? state.tau * V : state.wa, targets, y + 1 + L);
    }
    if (targets == L && !isnan(state.tau)) { /* a copy of the online layers */
        double shares[SSLDYN_DEPTH_MOST];
        split(state.tau, L, shares);
        for (size_t l = 0; l < L; l++) {
            y[1 + L + l] = shares[l] * y[1 + l];
        }
    }
}

/* The fold: of both decays together if they are equal, else of eta_s at the given eta_p. */
static double fold(const struct ssldyn_parameters *parameters)
{
    const struct ssldyn_depth mode = ssldyn_depth_mode(parameters);
    struct ssldyn_margin margin;
    if (!(mode.lambda_d > 0.0) || (parameters->rates.eta_p == 0.0) != (mode.eta == 0.0)) {
        return (double)NAN;
    }
    if (parameters->rates.eta_p == mode.eta) {
        return ssldyn_depth_fold(&mode);
    }
    ssldyn_depth_margin(&mode, parameters->rates.eta_p, &margin);
    return margin.fold;
}

/* Between the fixed points, where dp/dt is largest relative to p. */
static double level(const struct ssldyn_parameters *parameters)
{
    const struct ssldyn_depth mode = ssldyn_depth_mode(parameters);
    return fold(parameters) > mode.eta ? ssldyn_depth_turn(&mode) : (double)NAN;
}

static const struct ssldyn_mode_law *const laws[] = {&ssldyn_mode_law_layers,
                                                     &ssldyn_mode_law_layers_predictor, NULL};

/* The certificate is that of depth_fate.h. */
const struct ssldyn_model_modes ssldyn_model_deep = {.start = deep_start,
                                                     .fill = ssldyn_mode_fill_deep,
                                                     .certify = ssldyn_mode_certify_none,
                                                     .fold = fold,
                                                     .level = level,
                                                     .laws = laws};
