/* The invariants of flows of matrices (THEORY section 3), checked along the run for the closing
 * report. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_LAWS_H
#define SSLDYN_SIM_FLOW_MATRIX_LAWS_H

#include "sim/flow/flow.h"
#include "sim/flow/matrix_system.h"
#include "sim/ode/ode.h"

/* Zeroed: no laws. */
struct ssldyn_matrix_laws {
    struct ssldyn_drift *drifts[SSLDYN_DRIFTS_MAXIMUM]; /* NULL: the settings do not conserve it */
    const struct ssldyn_parameters *parameters;         /* of the problem */
    double size; /* largest |W|^2 + |Wp|^2/alpha_p so far, the scale of the balance */
    double norm_w_start, norm_w_before, norm_wp_start, trace_start;
    double lambda_integral; /* of lambda_min(K), for Thm 3 */
    double lambda_before;
    double commutator_start;
};

/* Adds the laws that hold under the settings to the report; it and the problem must outlive
 * them. */
void ssldyn_matrix_laws_choose(struct ssldyn_matrix_laws *laws,
                               const struct ssldyn_problem *problem,
                               struct ssldyn_flow_report *report);

/* The state y at t = 0. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_laws_start(struct ssldyn_matrix_laws *laws,
                                                              struct ssldyn_matrix_system *system,
                                                              const double y[],
                                                              struct ssldyn_error *err);

/* Thm 3 along an accepted step: Simpson's rule for the integral of lambda_min(K). y: workspace
 * for one state. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_laws_step(struct ssldyn_matrix_laws *laws,
                                                             struct ssldyn_matrix_system *system,
                                                             struct ssldyn_ode *ode, double y[],
                                                             struct ssldyn_error *err);

/* Takes a row (ssldyn_layout_matrix) and the state y from which it was computed. */
void ssldyn_matrix_laws_row(struct ssldyn_matrix_laws *laws, struct ssldyn_matrix_system *system,
                            double t, const double row[], size_t n2, const double y[]);

#endif
