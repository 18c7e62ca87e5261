/* The start of a matrix run: the data's second moments and the initial (Wp, W, Wa, F) of a problem,
 * in the basis of the eigenvectors of X + X' in which the products are cheapest. Used by flows and
 * SGD. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_START_H
#define SSLDYN_SIM_RUN_START_H

#include "sim/base/error.h"
#include "sim/problem/problem.h"
#include "sim/run/moments_basis.h"
#include "theory/population.h"

#include <stddef.h>
#include <stdint.h>

struct ssldyn_start {
    size_t n1, n2;
    const struct ssldyn_moments_basis *basis; /* borrowed; NULL for isotropic data */
    struct ssldyn_moments moments;            /* in that basis; borrows from it */
    double *Wp;       /* n2 x n2 (MAE: moments.predicted x n2); the identity without predictor */
    double *predicts; /* moments.predicts, and second, if the data do not define them; owned */
    double *W;        /* n2 x n1 in the data basis; NULL: the start has F only */
    double *Wa;       /* n2 x n1 in the data basis; NULL if W is, or if Wa is tied to W */
    double *F;        /* n2 x n2, M2 only */
    /* layers of a deep encoder and of its target if they are known, in the layout of
     * sim/flow/matrix_layers.h; borrowed; NULL: W and Wa are split */
    const double *layers, *target_layers;
};

/* Copies the given matrices and draws the others. run distinguishes members of an ensemble (0: a
 * single run). EINPUT names the matrix that does not match the sizes or its role; the problem's n1
 * is that of its basis. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_start_create(const struct ssldyn_problem *problem,
                                                         uint32_t run, struct ssldyn_start *start,
                                                         struct ssldyn_error *err);
/* Frees what create made; allowed on a zeroed or partly filled struct. */
void ssldyn_start_clear(struct ssldyn_start *start);

/* Frees the matrices only, once a system has copied them; sizes, moments and basis are kept. */
void ssldyn_start_forget_matrices(struct ssldyn_start *start);

/* Transforms W and Wa (n2 x n1; Wa NULL: tied to W by tau) from the data basis to the coordinates
 * of the user's X, one after the other into original; does nothing if W is NULL. */
void ssldyn_start_restore(const struct ssldyn_start *start, const double W[], const double Wa[],
                          double tau, double original[]);

#endif
