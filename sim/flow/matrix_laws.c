/* What flows of matrices keep. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_laws.h"

#include "sim/flow/flow_internal.h"
#include "sim/model/model.h"
#include "sim/observe/layout_matrix.h"
#include "sim/run/schedule.h"
#include "theory/invariant.h"
#include "theory/rules.h"

#include <math.h>

void ssldyn_matrix_laws_choose(struct ssldyn_matrix_laws *laws,
                               const struct ssldyn_problem *problem,
                               struct ssldyn_flow_report *report)
{
    laws->alpha_p = problem->parameters.rates.alpha_p;
    const struct ssldyn_parameters *parameters = &problem->parameters;
    const bool population = ssldyn_model_has(problem->model, SSLDYN_HAS_WEIGHTS);
    const double allowed = ssldyn_flow_drift_allowance(problem->rtol);
    const unsigned kept = ssldyn_invariant_laws(parameters);
    /* laws with the decays in them suppose constant ones */
    const bool constant = !ssldyn_schedule_changes_rates(problem);
    if (constant && (kept & SSLDYN_LAW_BALANCE) && !problem->closure_parabola) {
        laws->balance = ssldyn_flow_drift_add(report, "balance (Thm 1)", allowed);
    }
    if (ssldyn_rules_trained(parameters) && parameters->symmetric) {
        laws->symmetry = ssldyn_flow_drift_add(report, "symmetry of Wp", allowed);
    }
    if (population && !parameters->stop_grad) {
        laws->growth = ssldyn_flow_drift_add(report, "|W| never grows (Thm 2)", allowed);
    }
    if (constant && !population && parameters->symmetric && !problem->closure_parabola) {
        laws->commutator =
            ssldyn_flow_drift_add(report, "excess of the commutator over its bound (Thm 3)",
                                  ssldyn_flow_drift_allowance(allowed));
    }
    if (!population && !problem->closure_parabola) {
        laws->positive = ssldyn_flow_drift_add(report, "F stays positive semidefinite", allowed);
    }
    if (constant && population && (kept & SSLDYN_LAW_FROZEN)) {
        laws->frozen = ssldyn_flow_drift_add(report, "W W^T = exp(-2 eta t) W W^T(0)", allowed);
    }
}

enum ssldyn_status ssldyn_matrix_laws_start(struct ssldyn_matrix_laws *laws,
                                            struct ssldyn_matrix_system *system, const double y[],
                                            struct ssldyn_error *err)
{
    if (!laws->commutator) {
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
    if (!laws->commutator) {
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
        /* rounding of the products keeps the commutator itself from vanishing altogether */
        const double floor = 1e-13 * laws->size;
        ssldyn_flow_drift_update(laws->commutator, t1,
                                 excess > floor ? (excess - floor) / bound : 0.0);
    }
    return status;
}

void ssldyn_matrix_laws_row(struct ssldyn_matrix_laws *laws, struct ssldyn_matrix_system *system,
                            double t, const double row[], size_t n2, const double y[])
{
    const double norm_w = row[SSLDYN_MATRIX_NORM_W];
    const double norm_wp = row[SSLDYN_MATRIX_NORM_WP];
    laws->size = fmax(laws->size, norm_w * norm_w + norm_wp * norm_wp / laws->alpha_p);
    if (t == 0.0) {
        laws->norm_w_start = norm_w;
        laws->norm_w_before = norm_w;
    }
    if (laws->balance && laws->size > 0.0) {
        ssldyn_flow_drift_update(laws->balance, t, row[SSLDYN_MATRIX_BALANCE] / laws->size);
    }
    if (laws->symmetry) {
        ssldyn_flow_drift_update(laws->symmetry, t, row[SSLDYN_MATRIX_ASYMMETRY]);
    }
    if (laws->growth && laws->norm_w_start > 0.0) {
        const double excess = (norm_w - laws->norm_w_before) / laws->norm_w_start;
        ssldyn_flow_drift_update(laws->growth, t, fmax(excess, 0.0));
        laws->norm_w_before = fmin(norm_w, laws->norm_w_before);
    }
    if (laws->positive && laws->size > 0.0) {
        const double s = row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, n2 - 1)];
        ssldyn_flow_drift_update(laws->positive, t, fmax(-s, 0.0) / laws->size);
    }
    if (laws->frozen) {
        ssldyn_flow_drift_update(laws->frozen, t, ssldyn_matrix_system_frozen_drift(system, t, y));
    }
}
