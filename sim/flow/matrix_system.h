/* M1 and M2 as one state vector with a right-hand side for the integrator, and the matrices in
 * that vector. This module knows the position of each matrix; the equations are in theory/. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_SYSTEM_H
#define SSLDYN_SIM_FLOW_MATRIX_SYSTEM_H

#include "sim/base/error.h"
#include "sim/observe/observer.h"
#include "sim/ode/ode.h"
#include "sim/problem/problem.h"
#include "sim/run/start.h"

#include <stddef.h>

struct ssldyn_matrix_system;

/* Borrows problem and start, which must outlive it. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_system_create(const struct ssldyn_problem *problem, const struct ssldyn_start *start,
                            struct ssldyn_matrix_system **system, struct ssldyn_error *err);
void ssldyn_matrix_system_free(struct ssldyn_matrix_system *system);

/* The state at t = 0, and the system for the integrator. */
void ssldyn_matrix_system_start(const struct ssldyn_matrix_system *system, double y[]);
struct ssldyn_ode_system ssldyn_matrix_system_ode(struct ssldyn_matrix_system *system);

/* Workspace of ssldyn_observer_workspace(n1, n2) doubles, which the caller may use between
 * evaluations. */
double *ssldyn_matrix_system_lend(struct ssldyn_matrix_system *system);

/* Whether a right-hand side failed since the last call (an eigenproblem that did not converge). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_system_status(struct ssldyn_matrix_system *system, struct ssldyn_error *err);

/* The matrices of state y at t, for the observer; pointers into y or the system, valid until the
 * next call. step is NaN. Fails too where a right-hand side has failed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_system_view(struct ssldyn_matrix_system *system,
                                                               double t, const double y[],
                                                               struct ssldyn_snapshot *snapshot,
                                                               struct ssldyn_error *err);

/* M2 only: smallest eigenvalue of K of Thm 3, and |[F, Wp]|_F, at state y. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_system_lambda_min(struct ssldyn_matrix_system *system, const double y[],
                                double *lambda, struct ssldyn_error *err);
double ssldyn_matrix_system_commutator(struct ssldyn_matrix_system *system, const double y[]);

/* M1 with a deep encoder: how far its layers are off their balance (matrix_layers.h). */
double ssldyn_matrix_system_layers_drift(struct ssldyn_matrix_system *system, double t,
                                         const double y[]);

/* M1 with a deep encoder under a normalized loss: how far its norms are off their decay. */
double ssldyn_matrix_system_norm_drift(const struct ssldyn_matrix_system *system, double t,
                                       const double y[]);

/* M1: |W W^T - exp(-2 eta_s t) W(0) W(0)^T|_F / |W(0)|_F^2, zero for the optimal predictor [D]. */
double ssldyn_matrix_system_frozen_drift(struct ssldyn_matrix_system *system, double t,
                                         const double y[]);

/* M1: |A - exp(-2 eta_s t) A(0)|_F relative to the two parts of A = (Wp + Wp^T)/2 - alpha_p W W^T/2
 * at t, zero under SSLDYN_LAW_ISO [D]; W is the last layer of a
 * deep encoder. */
double ssldyn_matrix_system_iso_drift(struct ssldyn_matrix_system *system, double t,
                                      const double y[]);

#endif
