/* ssldyn theory for an encoder of several layers (THEORY section 11): folds, fixed points, their
 * stability, times, the edge under a moving average, margins, and the rank by depth. */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/model/model.h"
#include "theory/depth.h"

#include <math.h>

static bool is_iso(const struct ssldyn_spec *spec)
{
    return ssldyn_losses_of(&spec->problem.parameters)->iso;
}

static struct ssldyn_depth mode_of(const struct ssldyn_spec *spec,
                                   const struct ssldyn_closed_list *list, size_t j)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    const bool jepa = parameters->target == SSLDYN_DEPTH_JEPA;
    return (struct ssldyn_depth){.target = is_iso(spec) ? SSLDYN_DEPTH_ISO : parameters->target,
                                 .layers = (unsigned)parameters->depth,
                                 .alpha_p = parameters->rates.alpha_p,
                                 .eta = parameters->rates.eta_s,
                                 .lambda_s = list->lambda_s[j],
                                 .lambda_d =
                                     (jepa ? ssldyn_closed_tau(spec) : 1.0) * list->lambda_d[j]};
}

static enum ssldyn_status check(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    static const char *const starts[] = {"s0",      "tau0",         "w0", "wa0",
                                         "layers0", "no-predictor", NULL};
    static const char *const ends[] = {"t-end", "train-steps", NULL};
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    const struct ssldyn_rates *rates = &parameters->rates;
    if (!ssldyn_model_of(spec->problem.model)->modes && !spec->sxx_file) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--depth: needs modes, with --lambda-s and --lambda-d or isotropic "
                           "data, not --model %s",
                           ssldyn_model_of(spec->problem.model)->name);
    }
    if (!ssldyn_rules_trained(parameters)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--depth: needs a trained predictor");
    }
    enum ssldyn_status status = ssldyn_closed_refuse(
        spec, starts, "has no effect: the layers of --depth start equal, w = p/sqrt(alpha_p)", err);
    if (status == SSLDYN_OK) {
        status = ssldyn_closed_refuse(spec, ends,
                                      "with several layers the time to --p-end has a closed form, "
                                      "but p at a given time has none",
                                      err);
    }
    if (status == SSLDYN_OK && parameters->target == SSLDYN_DEPTH_JEPA &&
        ssldyn_closed_is_frozen(spec)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--beta 0: a target that never moves has no fold, and with several "
                             "layers no closed form");
    }
    if (status == SSLDYN_OK && is_iso(spec) && ssldyn_spec_given(spec, "p-end")) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--p-end: times are known only for --loss l2: under an IsoLoss the "
                             "layers do not keep a fixed ratio to p");
    }
    if (status == SSLDYN_OK && is_iso(spec) && !(rates->eta_p > 0.0 && rates->eta_s > 0.0)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--eta-p %g and --eta-s %g: IsoLoss with a trained predictor has "
                             "fixed points only if both are above 0",
                             rates->eta_p, rates->eta_s);
    }
    if (status == SSLDYN_OK && (rates->eta_p == 0.0) != (rates->eta_s == 0.0)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--eta-p %g and --eta-s %g: fixed points need both above 0, or both 0",
                             rates->eta_p, rates->eta_s);
    }
    return status;
}

/* Checks the start of an orbit, and whether its time is wanted. */
static enum ssldyn_status check_times(const struct ssldyn_spec *spec,
                                      const struct ssldyn_closed_list *list, bool *wanted,
                                      struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    const char *start = list->isotropic ? "p0" : "wp0";
    *wanted = ssldyn_spec_given(spec, start);
    if (*wanted != ssldyn_spec_given(spec, "p-end")) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--%s: needs --%s: the time between them is printed",
                           *wanted ? start : "p-end", *wanted ? "p-end" : start);
    }
    if (*wanted && rates->eta_p != rates->eta_s) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--eta-p %g and --eta-s %g: times need equal decays, which keep the layers equal",
            rates->eta_p, rates->eta_s);
    }
    for (size_t j = 0; *wanted && j < list->count; j++) {
        const struct ssldyn_depth mode = mode_of(spec, list, j);
        if (!(list->p[j] > 0.0) || !(spec->p_end > 0.0) ||
            isnan(ssldyn_depth_time(&mode, list->p[j], spec->p_end))) {
            return ssldyn_fail(err, SSLDYN_EDOMAIN,
                               "--%s %g and --p-end: no orbit connects these points: orbits stay "
                               "on one side of every fixed point, above 0",
                               start, list->p[j]);
        }
    }
    return SSLDYN_OK;
}

/* noisy: lambda_s is lambda_d and noise, which a pair of --sxx and --syx does not have. */
static void put_margin(struct ssldyn_result *result, const struct ssldyn_margin *margin,
                       bool isotropic, bool noisy, size_t j, size_t count)
{
    static const enum ssldyn_knob knobs[] = {SSLDYN_KNOB_ETA_S,    SSLDYN_KNOB_ETA_P,
                                             SSLDYN_KNOB_ALPHA_P,  SSLDYN_KNOB_NOISE,
                                             SSLDYN_KNOB_LAMBDA_D, SSLDYN_KNOB_LAMBDA_S};
    const size_t several = isotropic ? 4 : 6;
    char name[40];
    ssldyn_result_put_of(result, "margin", j, count, margin->margin);
    ssldyn_closed_put_factors(result, margin, isotropic, knobs, noisy ? 4 : 3, j, count);
    ssldyn_closed_put_factors(result, margin, isotropic, knobs + 4, several - 4, j, count);
    for (size_t i = 1; i < several; i++) {
        if (!noisy && knobs[i] == SSLDYN_KNOB_NOISE) {
            continue;
        }
        snprintf(name, sizeof name, "elasticity_%s",
                 isotropic && knobs[i] == SSLDYN_KNOB_NOISE ? "sigma2"
                                                            : ssldyn_margin_knob(knobs[i]));
        ssldyn_result_put_of(result, name, j, count, margin->elasticity[knobs[i]]);
    }
}

static void put_mode(struct ssldyn_result *result, const struct ssldyn_spec *spec,
                     const struct ssldyn_depth *mode, bool isotropic, size_t j, size_t count)
{
    static const char *const sides[] = {"minus", "plus"};
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    const struct ssldyn_rates *rates = &parameters->rates;
    const bool averaged =
        parameters->target == SSLDYN_DEPTH_JEPA && !parameters->tau_held && !is_iso(spec);
    const struct ssldyn_depth balanced = ssldyn_depth_balanced(mode, rates->eta_p);
    struct ssldyn_margin margin;
    double p[2];
    ssldyn_depth_margin(mode, rates->eta_p, &margin);
    ssldyn_depth_fixedpoints(&balanced, p);
    /* both decays together, and eta_s at constant eta_p */
    ssldyn_result_put_of(result, "eta_fold", j, count, ssldyn_depth_fold(&balanced));
    ssldyn_closed_put_decay(result, spec, "fold", j, count, ssldyn_depth_fold(&balanced));
    ssldyn_result_put_of(result, "eta_s_fold", j, count, margin.fold);
    ssldyn_result_put_of(result, "p_turn", j, count, ssldyn_depth_turn(mode));
    for (int i = 0; i < 2; i++) {
        char name[40];
        double along = 0.0;
        double across = 0.0;
        ssldyn_depth_rates(mode, rates->eta_p, p[i], &along, &across);
        const double values[] = {p[i], ssldyn_depth_layer(&balanced, p[i]), along, across};
        static const char *const names[] = {"p", "layer", "along", "across"};
        for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
            snprintf(name, sizeof name, "%s_%s", names[k], sides[i]);
            ssldyn_result_put_of(result, name, j, count, isnan(p[i]) ? p[i] : values[k]);
        }
    }
    if (averaged && rates->eta_p == rates->eta_s) {
        ssldyn_result_put_of(
            result, "p_edge_from_zero", j, count,
            ssldyn_depth_edge(mode, rates->beta, parameters->ema_of == SSLDYN_DEPTH_OF_LAYERS));
    }
    put_margin(result, &margin, isotropic, !spec->sxx_file, j, count);
}

/* The number of modes within their folds with that number of layers. */
static size_t rank_at(const struct ssldyn_spec *spec, const struct ssldyn_closed_list *list,
                      unsigned layers)
{
    size_t rank = 0;
    for (size_t j = 0; j < list->count; j++) {
        struct ssldyn_depth mode = mode_of(spec, list, j);
        struct ssldyn_margin margin;
        mode.layers = layers;
        ssldyn_depth_margin(&mode, spec->problem.parameters.rates.eta_p, &margin);
        rank += margin.margin > 0.0 ? 1 : 0;
    }
    return rank;
}

static void put_times(struct ssldyn_result *result, const struct ssldyn_spec *spec,
                      const struct ssldyn_closed_list *list)
{
    const double step = ssldyn_spec_step_time(spec);
    for (size_t j = 0; j < list->count; j++) {
        const struct ssldyn_depth mode = mode_of(spec, list, j);
        const double time = ssldyn_depth_time(&mode, list->p[j], spec->p_end);
        ssldyn_result_put_of(result, "time", j, list->count, time);
        if (!isnan(step)) {
            ssldyn_result_put_of(result, "steps", j, list->count, time / step);
        }
    }
}

static void put_settings(struct ssldyn_result *result, const struct ssldyn_spec *spec)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    ssldyn_result_put(result, "alpha_p", parameters->rates.alpha_p);
    ssldyn_result_put(result, "eta_p", parameters->rates.eta_p);
    ssldyn_result_put(result, "eta_s", parameters->rates.eta_s);
    ssldyn_result_put_count(result, "depth", parameters->depth);
    ssldyn_result_put_word(result, "target",
                           parameters->target == SSLDYN_DEPTH_JEPA ? "jepa" : "mae");
    if (parameters->target == SSLDYN_DEPTH_JEPA) {
        ssldyn_result_put(result, "tau", ssldyn_closed_tau(spec));
        if (!parameters->tau_held) {
            ssldyn_result_put(result, "beta", parameters->rates.beta);
            ssldyn_result_put_word(result, "ema_of",
                                   parameters->ema_of == SSLDYN_DEPTH_OF_LAYERS ? "layers"
                                                                                : "product");
        }
    }
    ssldyn_result_put(result, "between_layers", -2.0 * parameters->rates.eta_s);
}

enum ssldyn_status ssldyn_closed_depth(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                       struct ssldyn_error *err)
{
    struct ssldyn_closed_list list;
    bool times = false;
    enum ssldyn_status status = check(spec, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_closed_list_create(spec, &list, err);
    for (size_t j = 0; status == SSLDYN_OK && j < list.kinds; j++) {
        const struct ssldyn_depth mode = mode_of(spec, &list, j);
        struct ssldyn_margin margin;
        ssldyn_depth_margin(&mode, spec->problem.parameters.rates.eta_p, &margin);
        if (!isfinite(margin.fold) || !isfinite(ssldyn_depth_turn(&mode))) {
            status =
                ssldyn_fail(err, SSLDYN_EDOMAIN,
                            "--depth %u: with lambda_s = %g, lambda_d = %g the fold leaves the "
                            "range of double precision",
                            mode.layers, mode.lambda_s, mode.lambda_d);
        }
    }
    if (status == SSLDYN_OK) {
        status = check_times(spec, &list, &times, err);
    }
    if (status == SSLDYN_OK) {
        put_settings(result, spec);
        for (size_t j = 0; j < list.kinds; j++) {
            const struct ssldyn_depth mode = mode_of(spec, &list, j);
            put_mode(result, spec, &mode, list.isotropic, j, list.kinds);
        }
        if (times) {
            put_times(result, spec, &list);
        }
        if (!list.isotropic) {
            for (unsigned layers = 1; layers < spec->problem.parameters.depth; layers++) {
                char name[40];
                snprintf(name, sizeof name, "rank_depth_%u", layers);
                ssldyn_result_put_count(result, name, (int64_t)rank_at(spec, &list, layers));
            }
            ssldyn_result_put_count(
                result, "rank",
                (int64_t)rank_at(spec, &list, (unsigned)spec->problem.parameters.depth));
        }
    }
    ssldyn_closed_list_clear(&list);
    return status;
}
