/* The data in the form that the cosine loss uses, computed once: Ss = X + X' and X as the factors
 * of a pair's law, for any X and X', which need not commute (THEORY section 10 [D]). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LOSS_COSINE_FACTORS_H
#define SSLDYN_SIM_LOSS_COSINE_FACTORS_H

#include "sim/base/error.h"
#include "theory/population.h"

#include <stdbool.h>
#include <stddef.h>

/* n1 x n1 each, or their diagonals if the data are diagonal. Directions without variance are 0 in
 * all of them. For a pair (x, y) these are Syy^(1/2), Sxy Syy^(-1/2) and Sxx - Sxy Syy^-1 Syx; if
 * reversed, with x and y exchanged. If data y are predicted (MAE), they are the same, with as many
 * targets as y has numbers. */
struct ssldyn_cosine_factors {
    size_t n1, targets; /* sizes of what predictions and targets are made from: of x1 and x2 */
    bool diagonal;
    double *root;  /* Ss^(1/2) */
    double *Y;     /* X Ss^(-1/2) */
    double *R;     /* Ss - X Ss^-1 X, computed as a square */
    double *block; /* holds all of the above */
};

/* The moments are not needed afterwards; reversed only applies to a pair, whose Syy must be known.
 * EINPUT, ENOMEM, EFAILED. Clear it in any case. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_cosine_factors_init(struct ssldyn_cosine_factors *factors,
                           const struct ssldyn_moments *moments, bool reversed,
                           struct ssldyn_error *err);
/* Allowed on a zeroed struct. */
void ssldyn_cosine_factors_clear(struct ssldyn_cosine_factors *factors);

/* C = A times one of the matrices, or its transpose, for A of that many rows. C must not
 * alias A. */
void ssldyn_cosine_factors_apply(const struct ssldyn_cosine_factors *factors, size_t rows,
                                 const double A[], const double matrix[], bool transpose,
                                 double C[]);

#endif
