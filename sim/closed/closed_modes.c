/* ssldyn theory for the squared distance, one layer: fixed points, folds and times of modes,
 * isotropic or along a common eigenvector of the data. */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "theory/closedform.h"
#include "theory/fixedpoint.h"

#include <math.h>

/* The distance to the fold, and the factor by which each parameter alone must change to reach
 * it. noisy: lambda_s is lambda_d and
 * noise, which a pair of --sxx and --syx does not have. Elasticities that are the same for every mode and every setting are in theory/margin.h. */
static void put_margins(struct ssldyn_result *result, const struct ssldyn_parameters *parameters,
                        bool isotropic, bool noisy, size_t j, size_t count)
{
    static const enum ssldyn_knob knobs[] = {SSLDYN_KNOB_ETA_S, SSLDYN_KNOB_NOISE, SSLDYN_KNOB_TAU,
                                             SSLDYN_KNOB_LAMBDA_D, SSLDYN_KNOB_LAMBDA_S};
    struct ssldyn_margin margin;
    ssldyn_margin(parameters, &margin);
    ssldyn_result_put_of(result, "margin", j, count, margin.margin);
    ssldyn_closed_put_factors(result, &margin, isotropic, knobs, noisy ? 2 : 1, j, count);
    if (parameters->tau_held) { /* otherwise tau is 1 at every fixed point, for any beta */
        ssldyn_closed_put_factors(result, &margin, isotropic, knobs + 2, 1, j, count);
    }
    if (!isotropic) {
        ssldyn_closed_put_factors(result, &margin, isotropic, knobs + 3, 2, j, count);
    }
    if (noisy) {
        ssldyn_result_put_of(result, isotropic ? "elasticity_sigma2" : "elasticity_noise", j, count,
                             margin.elasticity[SSLDYN_KNOB_NOISE]);
    }
}

/* Instead of fixed points and margins. */
static void put_frozen(struct ssldyn_result *result, const struct ssldyn_parameters *parameters,
                       size_t j, size_t count)
{
    ssldyn_result_put_of(result, "eta_fold", j, count, (double)NAN);
    ssldyn_result_put_of(result, "wa_survives_above", j, count, ssldyn_margin_frozen(parameters));
}

/* Whether times on the parabola are wanted, and checks that they can be computed. */
static enum ssldyn_status check_times(const struct ssldyn_spec *spec, bool *wanted,
                                      struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    const bool has_end = ssldyn_spec_given(spec, "p-end");
    const bool has_time = ssldyn_closed_has_end_time(spec);
    *wanted = ssldyn_spec_given(spec, "p0");
    if (!*wanted && (has_end || has_time)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--%s: needs --p0, the start of the orbit",
                           has_end ? "p-end" : "t-end");
    }
    if (*wanted && !has_end && !has_time) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--p0: needs --p-end (print the time to it), --t-end (print p then) or "
                           "--table");
    }
    if (*wanted && rates->eta_p != rates->eta_s) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--eta-p %g and --eta-s %g: the closed form on the parabola needs equal decays",
            rates->eta_p, rates->eta_s);
    }
    for (size_t j = 0; *wanted && j < spec->problem.p0.count; j++) {
        const double p0 = spec->problem.p0.values[j];
        if (p0 < 0.0 || (has_end && isnan(ssldyn_closedform_time(ssldyn_closed_tau(spec), rates->c,
                                                                 rates->eta_s, p0, spec->p_end)))) {
            return ssldyn_fail(err, SSLDYN_EDOMAIN,
                               p0 < 0.0 ? "--p0 %g: must be at least 0 on the parabola"
                                        : "--p0 %g and --p-end: no orbit on the parabola connects "
                                          "them, since no orbit crosses a fixed point",
                               p0);
        }
    }
    return SSLDYN_OK;
}

static void put_times(struct ssldyn_result *result, const struct ssldyn_spec *spec)
{
    const double tau = ssldyn_closed_tau(spec);
    const double c = spec->problem.parameters.rates.c;
    const double eta = spec->problem.parameters.rates.eta_s;
    const double step = ssldyn_spec_step_time(spec);
    const size_t count = spec->problem.p0.count;
    for (size_t j = 0; j < count; j++) {
        const double p0 = spec->problem.p0.values[j];
        if (ssldyn_spec_given(spec, "p-end")) {
            const double time = ssldyn_closedform_time(tau, c, eta, p0, spec->p_end);
            ssldyn_result_put_of(result, "time", j, count, time);
            if (!isnan(step)) {
                ssldyn_result_put_of(result, "steps", j, count, time / step);
            }
        }
        if (ssldyn_closed_has_end_time(spec)) {
            ssldyn_result_put_of(result, "p_at_t_end", j, count,
                                 ssldyn_closedform_solution(tau, c, eta, p0, spec->problem.t_end));
        }
    }
}

static void put_points(struct ssldyn_result *result, const struct ssldyn_spec *spec,
                       const struct ssldyn_fixedpoints *points,
                       const struct ssldyn_parameters *mode)
{
    static const char *const kinds[] = {"pair", "fold", "none", "lines", "growth", "free_wp"};
    const double fold = points->kind == SSLDYN_FIXED_FREE_WP ? (double)NAN : points->eta_fold;
    const struct {
        const char *name;
        double value;
    } lines[] = {{"discriminant", points->discriminant},
                 {"p_minus", points->p_minus},
                 {"p_plus", points->p_plus},
                 {"s_minus", points->s_minus},
                 {"s_plus", points->s_plus},
                 {"along_minus", points->along_minus},
                 {"along_plus", points->along_plus},
                 {"across_minus", points->across_minus},
                 {"across_plus", points->across_plus}};
    ssldyn_result_put_word(result, "kind", kinds[points->kind]);
    ssldyn_result_put(result, "eta_fold", fold);
    ssldyn_closed_put_decay(result, spec, "fold", 0, 1, fold);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        ssldyn_result_put(result, lines[i].name, lines[i].value);
    }
    put_margins(result, mode, true, true, 0, 1);
}

enum ssldyn_status ssldyn_closed_modes(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                       struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    const double tau = ssldyn_closed_tau(spec);
    struct ssldyn_fixedpoints points;
    bool times = false;
    const enum ssldyn_status status = check_times(spec, &times, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    const struct ssldyn_parameters mode = ssldyn_parameters_isotropic(&spec->problem.parameters);
    ssldyn_fixedpoint_modes(rates, tau, &points);
    const bool pair = points.kind == SSLDYN_FIXED_PAIR;
    const double all = points.p_minus + points.p_plus + points.s_minus + points.s_plus +
                       points.along_minus + points.along_plus;
    if (!isfinite(points.eta_fold) || (pair && !isfinite(all))) {
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--tau %g, --alpha-p %g: the fixed points leave the range of double "
                           "precision",
                           tau, rates->alpha_p);
    }
    ssldyn_closed_put_rates(result, spec);
    ssldyn_result_put(result, "c", rates->c);
    ssldyn_closed_put_target(result, spec);
    if (ssldyn_closed_is_frozen(spec)) {
        ssldyn_result_put_word(result, "kind", "frozen");
        put_frozen(result, &mode, 0, 1);
    } else {
        put_points(result, spec, &points, &mode);
    }
    if (times) {
        put_times(result, spec);
    }
    return SSLDYN_OK;
}

/* ---- networks of data modes */

/* Refuses folds beyond double precision. */
static enum ssldyn_status check_folds(const struct ssldyn_spec *spec,
                                      const struct ssldyn_closed_list *list,
                                      struct ssldyn_error *err)
{
    for (size_t j = 0; j < list->count; j++) {
        const double sum = list->lambda_s[j];
        const double drive = ssldyn_closed_tau(spec) * list->lambda_d[j];
        const double fold = ssldyn_fixedpoint_fold(drive, sum);
        if (!isfinite(fold) || !isfinite(sum * fold) || !isfinite(drive / sum)) {
            return ssldyn_fail(err, SSLDYN_EDOMAIN,
                               "--lambda-s %g, --lambda-d %g: the fold leaves the range of double "
                               "precision",
                               sum, list->lambda_d[j]);
        }
    }
    return SSLDYN_OK;
}

static void put_network(struct ssldyn_result *result, const struct ssldyn_spec *spec,
                        const struct ssldyn_parameters *mode, bool sealed, size_t j, size_t count)
{
    double wp[2];
    double w_squared[2];
    const double fold = ssldyn_fixedpoint_lowdim(mode, ssldyn_closed_tau(spec), wp, w_squared);
    ssldyn_result_put_of(result, "eta_fold", j, count, sealed ? (double)NAN : fold);
    ssldyn_closed_put_decay(result, spec, "fold", j, count, sealed ? (double)NAN : fold);
    ssldyn_result_put_of(result, "wp_minus", j, count, wp[0]);
    ssldyn_result_put_of(result, "wp_plus", j, count, wp[1]);
    ssldyn_result_put_of(result, "w_minus", j, count, sqrt(w_squared[0]));
    ssldyn_result_put_of(result, "w_plus", j, count, sqrt(w_squared[1]));
    put_margins(result, mode, false, !spec->sxx_file, j, count);
}

enum ssldyn_status ssldyn_closed_networks(const struct ssldyn_spec *spec,
                                          struct ssldyn_result *result, struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    const bool sealed = rates->eta_p == 0.0 && rates->eta_s > 0.0; /* theory/THEORY.md, C2 */
    const bool frozen = ssldyn_closed_is_frozen(spec);
    struct ssldyn_closed_list list;
    size_t rank = 0;
    enum ssldyn_status status = ssldyn_closed_list_create(spec, &list, err);
    if (status == SSLDYN_OK) {
        status = check_folds(spec, &list, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_closed_put_rates(result, spec);
        ssldyn_closed_put_target(result, spec);
    }
    for (size_t j = 0; status == SSLDYN_OK && j < list.count; j++) {
        struct ssldyn_parameters mode = spec->problem.parameters;
        mode.lambda_s = list.lambda_s[j];
        mode.lambda_d = list.lambda_d[j];
        const double drive = ssldyn_closed_tau(spec) * mode.lambda_d;
        if (frozen) {
            put_frozen(result, &mode, j, list.count);
        } else {
            put_network(result, spec, &mode, sealed, j, list.count);
        }
        rank += sealed ? 0 : ssldyn_fixedpoint_survivors(1, &drive, &mode.lambda_s, rates->eta_s);
    }
    if (status == SSLDYN_OK && !frozen) {
        ssldyn_result_put_count(result, "rank", (int64_t)rank);
    }
    ssldyn_closed_list_clear(&list);
    return status;
}
