/* The observer: every column of a matrix trace from (Wp, W, Wa, X, X') or (Wp, F), for flows, SGD
 * and empirical checkpoints alike. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OBSERVE_OBSERVER_H
#define SSLDYN_SIM_OBSERVE_OBSERVER_H

#include "sim/base/error.h"
#include "sim/observe/layout_matrix.h"
#include "theory/parameters.h"
#include "theory/population.h"

#include <stddef.h>

struct ssldyn_snapshot {
    double t;
    double step;          /* NaN: none */
    const double *Wp;     /* n2 x n2 (MAE: moments.predicted x n2); NULL: the identity */
    const double *W;      /* n2 x n1; NULL: only F is known */
    const double *Wa;     /* n2 x n1; NULL: unknown, unless tau is given */
    const double *F;      /* n2 x n2, used (and required) only if W is NULL */
    double largest_layer; /* of flows with layers: ssldyn_matrix_layers_largest; 0: unknown */
    double tau;           /* Wa = tau W if Wa is NULL; NaN: unknown */
    /* For a scheduled weight decay, used by the balance: the integral of eta_s - eta_s(t) over t
     * since the first snapshot, where eta_s is that of the parameters; NaN: unknown. */
    double decay_saved;
};

struct ssldyn_observer;

/* parameters: for balance, loss and K (rates); NULL if unknown (empirical matrices): the columns
 * that need them are NaN. moments: likewise. Both are borrowed. workspace:
 * ssldyn_observer_workspace doubles that outlive the observer and that every row overwrites; NULL:
 * the observer allocates them. */
size_t ssldyn_observer_workspace(size_t n1, size_t n2);
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_observer_create(size_t n1, size_t n2, const struct ssldyn_parameters *parameters,
                       const struct ssldyn_moments *moments, double workspace[],
                       struct ssldyn_observer **observer, struct ssldyn_error *err);
void ssldyn_observer_free(struct ssldyn_observer *observer);

/* Writes one row of ssldyn_layout_matrix (n2 modes). The first snapshot sets C of the balance.
 * Values that a model does not define are NaN; F of MAE, which has one view, is W Sxx W^T. EFAILED:
 * non-finite matrices. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_observer_row(struct ssldyn_observer *observer,
                                                         const struct ssldyn_snapshot *snapshot,
                                                         double row[], struct ssldyn_error *err);

/* F (n2 x n2) of the last row, and its eigenvectors (columns, descending). */
const double *ssldyn_observer_correlation(const struct ssldyn_observer *observer);
const double *ssldyn_observer_eigenvectors(const struct ssldyn_observer *observer);

#endif
