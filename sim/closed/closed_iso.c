/* ssldyn theory for closed-form predictors and for IsoLoss, under the squared distance (THEORY
 * sections 7 and 10): fixed points, the fold of the former and the transcritical point of the
 * latter. */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/model/model.h"
#include "theory/depth.h"
#include "theory/fixedpoint.h"

#include <math.h>

static enum ssldyn_status check(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    static const char *const others[] = {"p0",          "s0",           "tau0",  "wp0",
                                         "w0",          "wa0",          "p-end", "t-end",
                                         "train-steps", "no-predictor", NULL};
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    double shift = 0.0;
    enum ssldyn_status status = ssldyn_closed_refuse(
        spec, others, "has no effect: the result is the same for every start", err);
    if (status == SSLDYN_OK && !ssldyn_model_of(spec->problem.model)->modes) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--model %s: this predictor or loss has closed forms only for modes: "
                             "leave out --model, --x, --xprime",
                             ssldyn_model_of(spec->problem.model)->name);
    }
    if (status == SSLDYN_OK && ssldyn_closed_is_frozen(spec)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--beta 0: a target that never moves has no fixed points here");
    }
    if (status == SSLDYN_OK && !ssldyn_rules_trained(parameters) &&
        isnan(ssldyn_rules_of(parameters)->power(parameters, &shift))) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--predictor %s: its fixed points have no closed form here; use a "
                             "power of F, directpred or directset",
                             ssldyn_rules_of(parameters)->name);
    }
    return status;
}

/* p of one mode follows dp/dt = 2 a p (p (tau - c p) - eta_s) if epsilon is 0: the flow on the
 * parabola at 2 a times its speed. */
enum ssldyn_status ssldyn_closed_set(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                     struct ssldyn_error *err)
{
    static const enum ssldyn_knob knobs[] = {SSLDYN_KNOB_ETA_S, SSLDYN_KNOB_NOISE, SSLDYN_KNOB_TAU};
    const struct ssldyn_parameters mode = ssldyn_parameters_isotropic(&spec->problem.parameters);
    const double tau = ssldyn_closed_tau(spec);
    const double epsilon = mode.epsilon;
    const struct ssldyn_depth parabola = {SSLDYN_DEPTH_JEPA, 1,  1.0, mode.rates.eta_s,
                                          mode.lambda_s,     tau};
    struct ssldyn_margin margin;
    double p[2];
    double shift = 0.0;
    const enum ssldyn_status status = check(spec, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    const double a = ssldyn_rules_of(&mode)->power(&mode, &shift);
    ssldyn_depth_fixedpoints(&parabola, p);
    ssldyn_margin(&mode, &margin);
    ssldyn_closed_put_rates(result, spec);
    ssldyn_result_put(result, "c", mode.rates.c);
    ssldyn_closed_put_target(result, spec);
    ssldyn_result_put(result, "set_power", a);
    ssldyn_result_put(result, "epsilon", epsilon);
    ssldyn_result_put(result, "eta_fold", margin.fold);
    ssldyn_closed_put_decay(result, spec, "fold", 0, 1, margin.fold);
    ssldyn_result_put(result, "p_minus", p[0]);
    ssldyn_result_put(result, "p_plus", p[1]);
    if (epsilon > 0.0) {
        const double nearby = ssldyn_fixedpoint_beside(a, epsilon, p[1]);
        const double basin = ssldyn_fixedpoint_basin(a, epsilon, tau, mode.lambda_s);
        ssldyn_result_put(result, "p_beside_survivor", nearby);
        ssldyn_result_put_count(result, "escapes_beside_survivor", nearby > p[0] && nearby < p[1]);
        ssldyn_result_put(result, "eta_basin", basin);
        ssldyn_closed_put_decay(result, spec, "basin", 0, 1, basin);
    } else {
        ssldyn_result_put(result, "along_minus", 2.0 * a * ssldyn_depth_slope(&parabola, p[0]));
        ssldyn_result_put(result, "along_plus", 2.0 * a * ssldyn_depth_slope(&parabola, p[1]));
    }
    ssldyn_result_put(result, "margin", margin.margin);
    ssldyn_closed_put_factors(result, &margin, true, knobs, mode.tau_held ? 3 : 2, 0, 1);
    return SSLDYN_OK;
}

/* The fixed point of one mode; with the factors on eta_s and on lambda_d (or tau) that remove it. */
static void put_iso(struct ssldyn_result *result, const struct ssldyn_spec *spec,
                    const struct ssldyn_parameters *mode, bool isotropic, size_t j, size_t count)
{
    const double tau = ssldyn_closed_tau(spec);
    const double drive = tau * mode->lambda_d;
    const double eta_s = mode->rates.eta_s;
    const bool trained = ssldyn_rules_trained(mode);
    const struct ssldyn_fixedpoint_iso point = ssldyn_fixedpoint_iso(mode, tau);
    ssldyn_result_put_of(result, "eta_fold", j, count, drive);
    ssldyn_closed_put_decay(result, spec, "fold", j, count, drive);
    ssldyn_result_put_of(result, "growth_at_zero", j, count, point.growth);
    ssldyn_result_put_of(result, "p_plus", j, count, point.p);
    if (trained) {
        ssldyn_result_put_of(result, "w_plus", j, count, sqrt(point.w_squared));
        ssldyn_result_put_of(result, "across_plus", j, count, point.across);
    }
    if (trained || mode->epsilon == 0.0) {
        ssldyn_result_put_of(result, "along_plus", j, count, point.along);
    }
    ssldyn_result_put_of(result, "margin", j, count, drive - eta_s);
    ssldyn_result_put_of(result, "factor_eta_s", j, count,
                         eta_s > 0.0 ? drive / eta_s : (double)NAN);
    if (!isotropic || mode->tau_held) {
        ssldyn_result_put_of(result, isotropic ? "factor_tau" : "factor_lambda_d", j, count,
                             drive > 0.0 && eta_s > 0.0 ? eta_s / drive : (double)NAN);
    }
}

enum ssldyn_status ssldyn_closed_iso(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                     struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    struct ssldyn_closed_list list;
    size_t rank = 0;
    enum ssldyn_status status = check(spec, err);
    if (status == SSLDYN_OK && ssldyn_rules_trained(&spec->problem.parameters) &&
        !(rates->eta_p > 0.0 && rates->eta_s > 0.0)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--eta-p %g and --eta-s %g: IsoLoss with a trained predictor has "
                             "fixed points only if both are above 0",
                             rates->eta_p, rates->eta_s);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_closed_list_create(spec, &list, err);
    if (status == SSLDYN_OK) {
        ssldyn_closed_put_rates(result, spec);
        ssldyn_closed_put_target(result, spec);
    }
    for (size_t j = 0; status == SSLDYN_OK && j < list.kinds; j++) {
        struct ssldyn_parameters mode = spec->problem.parameters;
        mode.lambda_s = list.lambda_s[j];
        mode.lambda_d = list.lambda_d[j];
        put_iso(result, spec, &mode, list.isotropic, j, list.kinds);
        rank += rates->eta_s < ssldyn_closed_tau(spec) * mode.lambda_d ? 1 : 0;
    }
    if (status == SSLDYN_OK && !list.isotropic) {
        ssldyn_result_put_count(result, "rank", (int64_t)rank);
    }
    ssldyn_closed_list_clear(&list);
    return status;
}
