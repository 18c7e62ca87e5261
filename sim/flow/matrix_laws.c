/* Invariants of flows of matrices. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_laws.h"

#include "sim/flow/flow_internal.h"
#include "sim/model/model.h"
#include "sim/observe/layout_matrix.h"
#include "sim/run/schedule.h"
#include "theory/depth_flow.h"
#include "theory/invariant.h"
#include "theory/rules.h"

#include <math.h>

enum {
    BALANCE,
    SYMMETRY,
    GROWTH,
    COMMUTATOR,
    POSITIVE,
    FROZEN,
    NORM_W,
    NORM_WP,
    ISO,
    ISO_TRACE,
    LAYERS,
    LAWS
};

void ssldyn_matrix_laws_choose(struct ssldyn_matrix_laws *laws,
                               const struct ssldyn_problem *problem,
                               struct ssldyn_flow_report *report)
{
    const struct ssldyn_parameters *parameters = &problem->parameters;
    const bool population = ssldyn_model_has(problem->model, SSLDYN_HAS_WEIGHTS);
    const bool closure = problem->closure_parabola;
    const double allowed = ssldyn_flow_drift_allowance(problem->rtol);
    const unsigned kept = ssldyn_invariant_laws(parameters);
    const bool linear = ssldyn_losses_of(parameters)->linear;
    const bool deep = ssldyn_depth_is_deep(parameters);
    /* laws that contain the decays require constant decays */
    const bool constant = !ssldyn_schedule_changes_rates(problem);
    const struct {
        bool kept;
        const char *name;
    } all[LAWS] = {
        [BALANCE] = {constant && (kept & SSLDYN_LAW_BALANCE) && !closure &&
                         parameters->target == SSLDYN_DEPTH_JEPA, /* else a law of the layers */
                     "balance (Thm 1)"},
        [SYMMETRY] = {ssldyn_rules_trained(parameters) && parameters->symmetric, "symmetry of Wp"},
        [GROWTH] = {population && !parameters->stop_grad && linear, "|W| never grows (Thm 2)"},
        [COMMUTATOR] = {constant && !population && parameters->symmetric && !closure && linear,
                        "excess of the commutator over its bound (Thm 3)"},
        [POSITIVE] = {!population && !closure, "F stays positive semidefinite"},
        [FROZEN] = {constant && population && (kept & SSLDYN_LAW_FROZEN),
                    "W W^T = exp(-2 eta t) W W^T(0)"},
        [NORM_W] = {constant && (kept & SSLDYN_LAW_NORM_W),
                    deep ? "|W_l| = exp(-eta_s t) |W_l(0)|" : "|W| = exp(-eta_s t) |W(0)|"},
        [NORM_WP] = {constant && (kept & SSLDYN_LAW_NORM_WP), "|Wp| = exp(-eta_p t) |Wp(0)|"},
        [ISO] = {constant && population && (kept & SSLDYN_LAW_ISO),
                 deep ? "symmetric part of Wp - alpha_p W_L W_L^T/2, up to decay"
                      : "symmetric part of Wp - alpha_p W W^T/2, up to decay"},
        [ISO_TRACE] = {constant && problem->basis == NULL && (kept & SSLDYN_LAW_ISO_TRACE),
                       "tr F^(a+1), up to decay"},
        [LAYERS] = {constant && population && deep, "balance of the layers"}};
    laws->parameters = parameters;
    for (int i = 0; i < LAWS; i++) {
        if (all[i].kept) {
            const bool bound = i == COMMUTATOR; /* an inequality, and its left-hand side has an
                                                 * error, too */
            laws->drifts[i] = ssldyn_flow_drift_add(
                report, all[i].name, bound ? ssldyn_flow_drift_allowance(allowed) : allowed);
        }
    }
}

enum ssldyn_status ssldyn_matrix_laws_start(struct ssldyn_matrix_laws *laws,
                                            struct ssldyn_matrix_system *system, const double y[],
                                            struct ssldyn_error *err)
{
    if (!laws->drifts[COMMUTATOR]) {
        return SSLDYN_OK;
    }
    laws->commutator_start = ssldyn_matrix_system_commutator(system, y);
    return ssldyn_matrix_system_lambda_min(system, y, &laws->lambda_before, err);
}

enum ssldyn_status ssldyn_matrix_laws_step(struct ssldyn_matrix_laws *laws,
                                           struct ssldyn_matrix_system *system,
                                           struct ssldyn_ode *ode, double y[],
                                           struct ssldyn_error *err)
{
    if (!laws->drifts[COMMUTATOR]) {
        return SSLDYN_OK;
    }
    const double t0 = ssldyn_ode_time_before(ode);
    const double t1 = ssldyn_ode_time(ode);
    double middle = 0.0;
    double end = 0.0;
    ssldyn_ode_interpolate(ode, 0.5 * (t0 + t1), y);
    enum ssldyn_status status = ssldyn_matrix_system_lambda_min(system, y, &middle, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_matrix_system_lambda_min(system, ssldyn_ode_state(ode), &end, err);
    }
    laws->lambda_integral += (t1 - t0) * (laws->lambda_before + 4.0 * middle + end) / 6.0;
    laws->lambda_before = end;
    if (status == SSLDYN_OK) {
        const double size = ssldyn_matrix_system_commutator(system, ssldyn_ode_state(ode));
        const double bound = laws->commutator_start * exp(-2.0 * laws->lambda_integral);
        const double excess = size - bound;
        /* rounding of the products keeps the commutator from vanishing exactly */
        const double floor = 1e-13 * laws->size;
        ssldyn_flow_drift_update(laws->drifts[COMMUTATOR], t1,
                                 excess > floor ? (excess - floor) / bound : 0.0);
    }
    return status;
}

/* |now e^(rate t)/start - 1| of a positive quantity that should decay exactly at that rate. */
static double deviation(double now, double rate, double t, double start)
{
    return start > 0.0 ? fabs(now * exp(rate * t) / start - 1.0) : 0.0;
}

/* tr F^(a+1) where Wp = F^a, F = W W^T up to a factor. */
static double trace_of_power(const struct ssldyn_parameters *parameters, const double row[],
                             size_t n2, double *power)
{
    double sum = 0.0;
    double shift = 0.0;
    *power = 1.0 + ssldyn_rules_of(parameters)->power(parameters, &shift);
    for (size_t j = 0; j < n2; j++)
        sum += pow(fmax(row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)], 0.0), *power);
    return sum;
}

/* Laws of losses whose norms decay, each relative to the current size of its terms. */
static void deviations_of_decay(struct ssldyn_matrix_laws *laws, double t, const double row[],
                                size_t n2, double deviations[])
{
    const struct ssldyn_rates *rates = &laws->parameters->rates;
    const double norm_w = row[SSLDYN_MATRIX_NORM_W];
    const double norm_wp = row[SSLDYN_MATRIX_NORM_WP];
    deviations[NORM_W] = deviation(norm_w, rates->eta_s, t, laws->norm_w_start);
    deviations[NORM_WP] = deviation(norm_wp, rates->eta_p, t, laws->norm_wp_start);
    if (laws->drifts[ISO_TRACE]) {
        double power = 0.0;
        const double trace = trace_of_power(laws->parameters, row, n2, &power);
        laws->trace_start = t == 0.0 ? trace : laws->trace_start;
        deviations[ISO_TRACE] = deviation(trace, 2.0 * power * rates->eta_s, t, laws->trace_start);
    }
}

void ssldyn_matrix_laws_row(struct ssldyn_matrix_laws *laws, struct ssldyn_matrix_system *system,
                            double t, const double row[], size_t n2, const double y[])
{
    if (!laws->parameters) { /* no laws apply */
        return;
    }
    const double norm_w = row[SSLDYN_MATRIX_NORM_W];
    const double norm_wp = row[SSLDYN_MATRIX_NORM_WP];
    const double s_least = row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, n2 - 1)];
    double deviations[LAWS] = {0.0};
    const double size = norm_w * norm_w + norm_wp * norm_wp / laws->parameters->rates.alpha_p;
    /* norms that only decay are compared with their current size */
    laws->size = laws->drifts[NORM_W] ? size : fmax(laws->size, size);
    if (t == 0.0) {
        laws->norm_wp_start = norm_wp;
        laws->norm_w_start = norm_w;
        laws->norm_w_before = norm_w;
    }
    if (laws->size > 0.0) {
        deviations[BALANCE] = row[SSLDYN_MATRIX_BALANCE] / laws->size;
        deviations[POSITIVE] = fmax(-s_least, 0.0) / laws->size;
    }
    deviations[SYMMETRY] = row[SSLDYN_MATRIX_ASYMMETRY];
    if (laws->norm_w_start > 0.0) {
        const double excess = (norm_w - laws->norm_w_before) / laws->norm_w_start;
        deviations[GROWTH] = fmax(excess, 0.0);
        laws->norm_w_before = fmin(norm_w, laws->norm_w_before);
    }
    if (laws->drifts[FROZEN]) {
        deviations[FROZEN] = ssldyn_matrix_system_frozen_drift(system, t, y);
    }
    if (laws->drifts[ISO]) {
        deviations[ISO] = ssldyn_matrix_system_iso_drift(system, t, y);
    }
    deviations_of_decay(laws, t, row, n2, deviations);
    if (laws->drifts[LAYERS]) {
        deviations[LAYERS] = ssldyn_matrix_system_layers_drift(system, t, y);
        deviations[NORM_W] = ssldyn_matrix_system_norm_drift(system, t, y);
    }
    for (int i = 0; i < LAWS; i++) {
        if (laws->drifts[i]) {
            ssldyn_flow_drift_update(laws->drifts[i], t, deviations[i]);
        }
    }
}
