/* What the cosine loss needs of the data, computed once: Ss = X + X' and X as the factors of a pair's
 * law, of any X and X' that need not commute (THEORY section 10 [D]). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LOSS_COSINE_FACTORS_H
#define SSLDYN_SIM_LOSS_COSINE_FACTORS_H

#include "sim/base/error.h"
#include "theory/population.h"

#include <stdbool.h>
#include <stddef.h>

/* n1 x n1 each, or their diagonals where the data are diagonal. Directions without variance are 0 in
 * all of them. Of a pair (x, y) these are Syy^(1/2), Sxy Syy^(-1/2) and Sxx - Sxy Syy^-1 Syx; with x
 * and y in each other's place where reversed. */
struct ssldyn_cosine_factors {
    size_t n1;
    bool diagonal;
    double *root;  /* Ss^(1/2) */
    double *Y;     /* X Ss^(-1/2) */
    double *R;     /* Ss - X Ss^-1 X, made as a square */
    double *block; /* holds all of these */
};

/* The moments are not needed afterwards; reversed matters for a pair alone, whose Syy has to be known.
 * EINPUT, ENOMEM, EFAILED. Clear it in any case. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_cosine_factors_init(struct ssldyn_cosine_factors *factors,
                           const struct ssldyn_moments *moments, bool reversed,
                           struct ssldyn_error *err);
/* Fine on a zeroed struct. */
void ssldyn_cosine_factors_clear(struct ssldyn_cosine_factors *factors);

/* C (rows x n1) = A (rows x n1) times one of its matrices, or its transpose. C must not alias A. */
void ssldyn_cosine_factors_apply(const struct ssldyn_cosine_factors *factors, size_t rows,
                                 const double A[], const double matrix[], bool transpose,
                                 double C[]);

#endif
