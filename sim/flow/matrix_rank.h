/* The rank of F in a matrix run: how many of its eigenvalues count at a row, and how many of them
 * will survive from there on. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_RANK_H
#define SSLDYN_SIM_FLOW_MATRIX_RANK_H

#include "sim/observe/observer.h"
#include "theory/parameters.h"
#include "theory/population.h"

#include <stddef.h>

/* The end of a run. Rows are those of ssldyn_layout_matrix; everything is borrowed. */
struct ssldyn_matrix_end {
    const struct ssldyn_parameters *parameters;
    const struct ssldyn_moments *moments;
    size_t n1, n2;
    const double *row;    /* the last one */
    const double *before; /* the one before it in a flow, or NULL: noise moves the modes as well */
    double largest_s;     /* of any row of the run */
    const struct ssldyn_snapshot *snapshot; /* that the last row was made from */
    const double *vectors;                  /* n2 x n2: eigenvectors of its F, columns */
};

/* How many eigenvalues of F of a row are above 1e-6 of the largest of the run. */
size_t ssldyn_matrix_rank(const double row[], size_t n2, double largest_s);

/* How many eigenvalues of F survive in the flow through the last row; NaN where a mode's fate is
 * open. A mode survives where it has come to rest: above the floor of the rank and moving at less
 * than 1e-4 of eta_s between the last two rows. Else the certificate decides, as if the mode stood
 * alone and aligned: M5 with its p_j and the decays lambda_s = v^T (X + X') v, lambda_d = v^T X v
 * along its own direction v = W^T u_j/|W^T u_j|. A forecast, where the network is not aligned. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_matrix_survivors(const struct ssldyn_matrix_end *end,
                                                             double *survivors,
                                                             struct ssldyn_error *err);

#endif
