/* Tables of closed-form theory: every number comes from a function of theory/. */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/model/model.h"
#include "sim/options/name.h"
#include "theory/fixedpoint.h"
#include "theory/lowdim.h"
#include "theory/modes.h"
#include "theory/parabola.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* EINPUT that names a start option, from "p0|s0", which the user has to give. */
static enum ssldyn_status need(const struct ssldyn_spec *spec, const char *names,
                               struct ssldyn_error *err)
{
    size_t length = 0;

    for (const char *word = NULL; (word = ssldyn_name_next(&names, &length));) {
        char name[8];
        snprintf(name, sizeof name, "%.*s", (int)length, word);
        if (!ssldyn_spec_given(spec, name))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--table: this table needs --%s, the points at which it is "
                               "evaluated, e.g. --%s -1:2:301",
                               name, name);
    }
    return SSLDYN_OK;
}

/* The same for a field, a polynomial of degree at most four: points whose values may overflow
 * are refused before anything is added. */
static enum ssldyn_status need_field(const struct ssldyn_spec *spec, const char *names,
                                     struct ssldyn_error *err)
{
    static const double farthest = 1e70;
    const enum ssldyn_status status = need(spec, names, err);
    size_t length = 0;

    for (const char *word = NULL;
         status == SSLDYN_OK && (word = ssldyn_name_next(&names, &length));) {
        char name[8];
        snprintf(name, sizeof name, "%.*s", (int)length, word);
        const struct ssldyn_list *list =
            ssldyn_option_field(spec, ssldyn_option_find(name)->offset);
        for (size_t i = 0; i < list->count; i++)
            if (fabs(list->values[i]) > farthest)
                return ssldyn_fail(err, SSLDYN_EINPUT,
                                   "--%s: %g is beyond %g, where the values of the field overflow",
                                   name, list->values[i], farthest);
    }
    return status;
}

/* Eigenvalues of a real 2 x 2 matrix, the larger real part first. */
static void eigenvalues(const double m[static 4], double real[static 2])
{
    double half_trace = 0.5 * (m[0] + m[3]);
    double half_gap = 0.5 * (m[0] - m[3]);
    double square = half_gap * half_gap + m[1] * m[2];
    double root = square > 0.0 ? sqrt(square) : 0.0;

    real[0] = half_trace + root;
    real[1] = half_trace - root;
}

/* Whether nearby orbits return: both rates negative; on a line of fixed points, where the rate
 * along the line is zero, the other one. */
static bool attracts(const double rates[static 2], bool on_line)
{
    double scale = fabs(rates[0]) > fabs(rates[1]) ? fabs(rates[0]) : fabs(rates[1]);

    if (!on_line)
        return rates[0] < 0.0 && rates[1] < 0.0;
    return scale > 0.0 && rates[1] == -scale;
}

static void point_of_modes(const struct ssldyn_spec *spec, double p, double s, bool on_line,
                           struct ssldyn_result *result)
{
    double jacobian[4];
    double rates[2];

    ssldyn_modes_jacobian_held(&spec->problem.parameters.rates, ssldyn_closed_tau(spec),
                               (double[]){p, s}, jacobian);
    eigenvalues(jacobian, rates);
    ssldyn_result_put_row(
        result, (double[]){p, s, rates[0], rates[1], attracts(rates, on_line) ? 1.0 : 0.0});
}

static enum ssldyn_status fixedpoints_of_modes(const struct ssldyn_spec *spec,
                                               struct ssldyn_result *result,
                                               struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    struct ssldyn_fixedpoints points;
    bool collapsed_line;
    enum ssldyn_status status = SSLDYN_OK;

    ssldyn_fixedpoint_modes(rates, ssldyn_closed_tau(spec), &points);
    collapsed_line = points.kind == SSLDYN_FIXED_LINES || points.kind == SSLDYN_FIXED_FREE_WP;
    if (collapsed_line)
        status = need(spec, points.kind == SSLDYN_FIXED_LINES ? "p0|s0" : "p0", err);
    if (status != SSLDYN_OK)
        return status;
    ssldyn_result_put_columns(result, 5,
                              (const char *const[]){"p", "s", "along", "across", "stable"});
    if (!collapsed_line)
        point_of_modes(spec, 0.0, 0.0, false, result);
    for (size_t i = 0; collapsed_line && i < spec->problem.p0.count; i++)
        point_of_modes(spec, spec->problem.p0.values[i], 0.0, true, result);
    for (size_t i = 0; points.kind == SSLDYN_FIXED_LINES && i < spec->problem.s0.count; i++) {
        if (spec->problem.s0.values[i] > 0.0)
            point_of_modes(spec, ssldyn_closed_tau(spec) / rates->c, spec->problem.s0.values[i],
                           true, result);
    }
    if (points.kind == SSLDYN_FIXED_PAIR)
        point_of_modes(spec, points.p_minus, points.s_minus, false, result);
    if (points.kind == SSLDYN_FIXED_PAIR || points.kind == SSLDYN_FIXED_FOLD)
        point_of_modes(spec, points.p_plus, points.s_plus, false, result);
    return SSLDYN_OK;
}

/* Whether the plane of the picture is (w, wa): the predictor is tied to w, or the identity.
 * Otherwise it is (wp, w) at a frozen wa. */
static bool plane_of_target(const struct ssldyn_spec *spec)
{
    return spec->tied || !spec->problem.parameters.predictor;
}

/* One fixed point and its stability in the plane of the picture. */
static void point_of_lowdim(const struct ssldyn_spec *spec, const double y[static 3], bool on_line,
                            struct ssldyn_result *result)
{
    double j[9];
    double plane[4];
    double rates[2];

    ssldyn_lowdim_jacobian(&spec->problem.parameters, y, j);
    if (!plane_of_target(spec)) {
        memcpy(plane, (double[]){j[0], j[1], j[3], j[4]}, sizeof plane);
    } else {
        double tied = spec->problem.parameters.predictor ? 1.0 : 0.0; /* wp moves with w */
        memcpy(plane, (double[]){j[4] + tied * j[3], j[5], j[7] + tied * j[6], j[8]}, sizeof plane);
    }
    eigenvalues(plane, rates);
    ssldyn_result_put_row(result,
                          (double[]){y[0], y[1], y[2], attracts(rates, on_line) ? 1.0 : 0.0});
}

/* The root of a component of the right-hand side that is linear in one variable. */
static double linear_root(const struct ssldyn_parameters *parameters, size_t component,
                          size_t variable, const double y[static 3])
{
    double at[3] = {y[0], y[1], y[2]};
    double zero[3];
    double one[3];

    at[variable] = 0.0;
    ssldyn_lowdim_rhs(parameters, at, zero);
    at[variable] = 1.0;
    ssldyn_lowdim_rhs(parameters, at, one);
    return one[component] == zero[component] ? (double)NAN
                                             : zero[component] / (zero[component] - one[component]);
}

static enum ssldyn_status fixedpoints_of_lowdim(const struct ssldyn_spec *spec,
                                                struct ssldyn_result *result,
                                                struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    bool line =
        !plane_of_target(spec) && parameters->rates.eta_p == 0.0 && parameters->rates.eta_s == 0.0;
    double wa = ssldyn_spec_given(spec, "wa0") ? spec->problem.wa0.values[0] : 1.0;
    double wp[2];
    double w_squared[2];
    enum ssldyn_status status = SSLDYN_OK;

    if (line)
        status = need(spec, "w0", err);
    if (status != SSLDYN_OK)
        return status;
    ssldyn_result_put_columns(result, 4, (const char *const[]){"wp", "w", "wa", "stable"});
    if (line) {
        /* Both equations vanish with their common factor: a hyperbola of fixed points. */
        point_of_lowdim(spec, (double[]){0.0, 0.0, wa}, false, result);
        for (size_t i = 0; i < spec->problem.w0.count; i++) {
            double y[3] = {0.0, spec->problem.w0.values[i], wa};
            if (y[1] == 0.0)
                continue;
            y[0] = linear_root(parameters, 0, 0, y);
            point_of_lowdim(spec, y, true, result);
        }
        return SSLDYN_OK;
    }
    point_of_lowdim(spec, (double[]){parameters->predictor ? 0.0 : 1.0, 0.0, 0.0}, false, result);
    if (!parameters->predictor)
        return SSLDYN_OK;
    if (parameters->rates.eta_p == 0.0 && parameters->rates.eta_s == 0.0) {
        /* Without decay only wp is fixed where wa = w, at any w; tied to the predictor w equals
         * it. */
        struct ssldyn_parameters held = *parameters;
        held.tau_held = true;
        held.tau = 1.0;
        const double still = linear_root(&held, 0, 0, (double[]){0.0, 1.0, 1.0});
        point_of_lowdim(spec, (double[]){still, still, still}, false, result);
        return SSLDYN_OK;
    }
    ssldyn_fixedpoint_lowdim(parameters, 1.0, wp, w_squared);
    for (size_t i = 0; i < 2; i++) {
        const double w = sqrt(w_squared[i]);
        if (isfinite(wp[i]) && isfinite(w))
            point_of_lowdim(spec, (double[]){wp[i], w, w}, false, result);
    }
    return SSLDYN_OK;
}

static enum ssldyn_status put_fixedpoints(const struct ssldyn_spec *spec,
                                          struct ssldyn_result *result, struct ssldyn_error *err)
{
    if (ssldyn_model_has(spec->problem.model, SSLDYN_HAS_NETWORKS))
        return fixedpoints_of_lowdim(spec, result, err);
    return fixedpoints_of_modes(spec, result, err);
}

static enum ssldyn_status put_velocity(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                       struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    enum ssldyn_status status = need(spec, "p0", err);

    if (status != SSLDYN_OK)
        return status;
    ssldyn_result_put_columns(result, 3, (const char *const[]){"p", "s", "velocity"});
    for (size_t i = 0; i < spec->problem.p0.count; i++) {
        double p = spec->problem.p0.values[i];
        double s = -ssldyn_modes_balance(rates, p, 0.0); /* where the balance is zero */
        ssldyn_result_put_row(
            result, (double[]){p, s, ssldyn_parabola_velocity(rates, p, ssldyn_closed_tau(spec))});
    }
    return SSLDYN_OK;
}

static enum ssldyn_status field_of_modes(const struct ssldyn_spec *spec,
                                         struct ssldyn_result *result, struct ssldyn_error *err)
{
    const enum ssldyn_status status = need_field(spec, "p0|s0", err);

    if (status != SSLDYN_OK)
        return status;
    ssldyn_result_put_columns(result, 4, (const char *const[]){"p", "s", "dp", "ds"});
    for (size_t i = 0; i < spec->problem.p0.count; i++) {
        for (size_t k = 0; k < spec->problem.s0.count; k++) {
            double y[2] = {spec->problem.p0.values[i], spec->problem.s0.values[k]};
            double rate[2];
            ssldyn_modes_rhs_held(&spec->problem.parameters.rates, ssldyn_closed_tau(spec), y,
                                  rate);
            ssldyn_result_put_row(result, (double[]){y[0], y[1], rate[0], rate[1]});
        }
    }
    return SSLDYN_OK;
}

static enum ssldyn_status field_of_lowdim(const struct ssldyn_spec *spec,
                                          struct ssldyn_result *result, struct ssldyn_error *err)
{
    bool grid = !plane_of_target(spec);
    size_t wp_count = grid ? spec->problem.wp0.count : 1;
    const enum ssldyn_status status = need_field(spec, grid ? "w0|wa0|wp0" : "w0|wa0", err);

    if (status != SSLDYN_OK)
        return status;
    ssldyn_result_put_columns(result, 6,
                              (const char *const[]){"wp", "w", "wa", "dwp", "dw", "dwa"});
    for (size_t i = 0; i < wp_count; i++) {
        for (size_t k = 0; k < spec->problem.w0.count; k++) {
            for (size_t l = 0; l < spec->problem.wa0.count; l++) {
                double w = spec->problem.w0.values[k];
                double tied = spec->problem.parameters.predictor ? w : 1.0;
                double y[3] = {grid ? spec->problem.wp0.values[i] : tied, w,
                               spec->problem.wa0.values[l]};
                double rate[3];
                ssldyn_lowdim_rhs(&spec->problem.parameters, y, rate);
                ssldyn_result_put_row(result,
                                      (double[]){y[0], y[1], y[2], rate[0], rate[1], rate[2]});
            }
        }
    }
    return SSLDYN_OK;
}

static enum ssldyn_status put_field(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                    struct ssldyn_error *err)
{
    if (ssldyn_model_has(spec->problem.model, SSLDYN_HAS_NETWORKS))
        return field_of_lowdim(spec, result, err);
    return field_of_modes(spec, result, err);
}

static enum ssldyn_status put_nullclines(const struct ssldyn_spec *spec,
                                         struct ssldyn_result *result, struct ssldyn_error *err)
{
    double wa = ssldyn_spec_given(spec, "wa0") ? spec->problem.wa0.values[0] : 1.0;
    enum ssldyn_status status = need(spec, "w0", err);

    if (status == SSLDYN_OK && !ssldyn_model_has(spec->problem.model, SSLDYN_HAS_NETWORKS))
        status = ssldyn_fail(err, SSLDYN_EINPUT, "--table nullclines: needs --model lowdim");
    if (status != SSLDYN_OK)
        return status;
    ssldyn_result_put_columns(result, 4,
                              (const char *const[]){"w", "wp_still", "w_still", "wa_still"});
    for (size_t i = 0; i < spec->problem.w0.count; i++) {
        double w = spec->problem.w0.values[i];
        double y[3] = {spec->problem.parameters.predictor ? w : 1.0, w, wa};
        ssldyn_result_put_row(result, (double[]){w, linear_root(&spec->problem.parameters, 0, 0, y),
                                                 linear_root(&spec->problem.parameters, 1, 2, y),
                                                 linear_root(&spec->problem.parameters, 2, 2, y)});
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_closed_table(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                       struct ssldyn_error *err)
{
    switch ((enum ssldyn_theory_table)spec->table) {
    case SSLDYN_TABLE_FIXEDPOINTS:
        return put_fixedpoints(spec, result, err);
    case SSLDYN_TABLE_VELOCITY:
        return put_velocity(spec, result, err);
    case SSLDYN_TABLE_FIELD:
        return put_field(spec, result, err);
    case SSLDYN_TABLE_NULLCLINES:
        return put_nullclines(spec, result, err);
    case SSLDYN_TABLE_NONE:
        break;
    }
    return SSLDYN_OK;
}
