/* Modes that a loss couples (theory/aligned.h) as one system for the integrator. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_COUPLED_SYSTEM_H
#define SSLDYN_SIM_FLOW_COUPLED_SYSTEM_H

#include "sim/base/error.h"
#include "sim/model/mode.h"
#include "sim/ode/ode.h"
#include "sim/problem/problem.h"
#include "theory/aligned.h"

#include <stddef.h>

struct ssldyn_coupled {
    const struct ssldyn_problem *problem; /* borrowed */
    struct ssldyn_parameters parameters;
    struct ssldyn_aligned aligned;
    struct ssldyn_ode *ode;
    double t;               /* of what follows, n entries each, free of decay (aligned.h) */
    double *P, *W, *Wa, *R; /* R: NaN where it is not finite */
    double loss;
    double *views, *y, *workspace;
    bool singular; /* the residual was not finite at the last state looked at */
};

/* Modes from the start of the problem, which must outlive them; at t = 0. EFAILED where the loss has
 * no gradient there. Free it in any case. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_coupled_create(struct ssldyn_coupled *coupled,
                                                           const struct ssldyn_problem *problem,
                                                           struct ssldyn_error *err);
void ssldyn_coupled_free(struct ssldyn_coupled *coupled);

/* Integrates to t and fills in the state there, its residual and its loss. EFAILED also where the
 * residual ceases to be finite before t; EDIVERGED, EINTERRUPTED. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_coupled_advance(struct ssldyn_coupled *coupled,
                                                            double t, struct ssldyn_error *err);

/* Mode j of that state in the symbols of the theory, with its decay. */
struct ssldyn_mode_state ssldyn_coupled_view(const struct ssldyn_coupled *coupled, size_t j);

/* The error of the residual that the flow uses, against R' by the finest quadrature. Of the nodes it
 * chose: the largest |P_j W_j (R_j - R'_j)|, against 1; of a closure: |R - R'|/|R'|. NaN
 * where R' is not finite. */
double ssldyn_coupled_error(struct ssldyn_coupled *coupled);

#endif
