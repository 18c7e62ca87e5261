/* Modes coupled by the loss (theory/aligned.h) as one system for the integrator. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_COUPLED_SYSTEM_H
#define SSLDYN_SIM_FLOW_COUPLED_SYSTEM_H

#include "sim/base/error.h"
#include "sim/model/mode.h"
#include "sim/ode/ode.h"
#include "sim/problem/problem.h"
#include "theory/aligned.h"
#include "theory/aligned_chart.h"

#include <stddef.h>

struct ssldyn_coupled {
    const struct ssldyn_problem *problem; /* borrowed */
    struct ssldyn_parameters parameters;
    struct ssldyn_aligned aligned;
    struct ssldyn_ode *ode;
    double t;               /* the following have n entries each, with the decay factored out
                             * (aligned.h) */
    double *P, *W, *Wa, *R; /* R: NaN if not finite; W and Wa: products of layers */
    double *least;          /* the smallest |W| of a layer; of one layer W itself */
    double loss;
    double *views, *y, *workspace;
    struct ssldyn_aligned_chart chart; /* of the variables that are integrated, if charted */
    bool charted;
    double *of_chart; /* its memory, then its variables */
    double *z;        /* the variables that are integrated: those, or y */
    bool singular;    /* the residual was not finite at the last state evaluated */
};

/* Modes from the start of the problem, which must outlive them; at t = 0. EFAILED if the loss
 * has no gradient there. The caller frees it in every case. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_coupled_create(struct ssldyn_coupled *coupled,
                                                           const struct ssldyn_problem *problem,
                                                           struct ssldyn_error *err);
void ssldyn_coupled_free(struct ssldyn_coupled *coupled);

/* Integrates to t and computes the state, its residual, and its loss there. EFAILED also if the
 * residual ceases to be finite before t; EDIVERGED, EINTERRUPTED. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_coupled_advance(struct ssldyn_coupled *coupled,
                                                            double t, struct ssldyn_error *err);

/* Mode j of that state in the symbols of the theory, including its decay. */
struct ssldyn_mode_state ssldyn_coupled_view(const struct ssldyn_coupled *coupled, size_t j);

/* The error of the residual R that the flow uses, compared with R' from the finest quadrature.
 * With quadrature: the largest |P_j W_j (R_j - R'_j)|, on a scale of 1; with a closure: |R -
 * R'|/|R'|. NaN if R' is not finite. */
double ssldyn_coupled_error(struct ssldyn_coupled *coupled);

#endif
