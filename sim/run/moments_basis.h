/* The basis of the data in which products are cheapest: the eigenvectors of X + X'. In it X + X' is
 * diagonal, and so is X if the two commute. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_MOMENTS_BASIS_H
#define SSLDYN_SIM_RUN_MOMENTS_BASIS_H

#include "sim/base/error.h"
#include "theory/population.h"

#include <stddef.h>

struct ssldyn_moments_basis {
    size_t n1;
    double *Q;             /* n1 x n1, columns: eigenvectors of X + X', descending eigenvalues */
    double *sum;           /* n1 eigenvalues of X + X' */
    double *X;             /* Q^T X Q: n1 x n1 (HALF) or its n1 diagonal entries (DIAGONAL) */
    double *second, *rest; /* for a pair whose Syy is known, else NULL: struct ssldyn_moments */
    double *block;         /* holds all of the above; owned */
    struct ssldyn_moments moments; /* kind DIAGONAL or HALF, borrowing sum and X */
};

/* From X and X' (n1 x n1, row-major). Both must be symmetric to rounding (1e-8 of their largest
 * entry); X, X' and X + X' positive semidefinite up to sampling noise and rounding, else EINPUT
 * with the negative eigenvalue; x_name and xprime_name are their names in messages. Symmetrized
 * first. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_basis_create(size_t n1, const double X[], const double Xprime[], const char *x_name,
                            const char *xprime_name, struct ssldyn_moments_basis **basis,
                            struct ssldyn_error *err);
void ssldyn_moments_basis_free(struct ssldyn_moments_basis *basis);

/* The covariances of a pair (x, y), whose distributions may differ, each in its own coordinates; n1 x
 * n1, row-major, with their names in messages. */
struct ssldyn_moments_pair {
    size_t n1;
    size_t predicted;              /* MAE: dimension of y, which has separate coordinates; 0: n1 */
    const double *Sxx, *Syx, *Syy; /* E[x x^T], E[y x^T], E[y y^T]; Syy NULL: unknown */
    const char *Sxx_name, *Syx_name, *Syy_name;
};

/* The basis of the eigenvectors of Sxx, for x and y alike, of kind HALF, for a pair; for MAE the
 * basis of x only, of kind DIAGONAL, and X is Syx Q, predicted x n1. Sxx and Syy must be symmetric
 * and positive semidefinite to rounding, and the covariances must be those of some pair of vectors:
 * else EINPUT with the reason. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_basis_of_pair(const struct ssldyn_moments_pair *pair,
                             struct ssldyn_moments_basis **basis, struct ssldyn_error *err);

/* X and X' (n1 x n1) in the user's coordinates again, to rounding, without what create removed as
 * sampling noise; not for a pair. scratch is n1 x n1. */
void ssldyn_moments_basis_restore(const struct ssldyn_moments_basis *basis, double X[],
                                  double Xprime[], double scratch[]);

#endif
