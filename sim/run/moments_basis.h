/* The basis of the data in which products are cheapest: the eigenvectors of X + X'. There X + X' is
 * diagonal, and X as well where the two commute. */
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
    double *second, *rest; /* of a pair whose Syy is known, else NULL: struct ssldyn_moments */
    double *block;         /* all of these; owned */
    struct ssldyn_moments moments; /* kind DIAGONAL or HALF, borrowing sum and X */
};

/* From X and X' (n1 x n1, row-major). Both must be symmetric to rounding (1e-8 of their largest
 * entry); X, X' and X + X' positive semidefinite up to sampling noise and rounding, else EINPUT
 * with the offending eigenvalue; x_name and xprime_name name the culprits in messages. Symmetrised
 * first. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_basis_create(size_t n1, const double X[], const double Xprime[], const char *x_name,
                            const char *xprime_name, struct ssldyn_moments_basis **basis,
                            struct ssldyn_error *err);
void ssldyn_moments_basis_free(struct ssldyn_moments_basis *basis);

/* The covariances of a pair (x, y) whose parts may differ in law, each in the coordinates of the
 * other; n1 x n1, row-major, with what messages call them. */
struct ssldyn_moments_pair {
    size_t n1;
    size_t predicted; /* MAE: y has that many numbers, in coordinates of its own; 0: n1 */
    const double *Sxx, *Syx, *Syy; /* E[x x^T], E[y x^T], E[y y^T]; Syy may be NULL: not known */
    const char *Sxx_name, *Syx_name, *Syy_name;
};

/* The basis of the eigenvectors of Sxx, for x and y alike, kind HALF, of a pair; of MAE for x alone,
 * kind DIAGONAL, and X is Syx Q, predicted x n1. Sxx and Syy must be
 * symmetric and positive semidefinite to rounding, and some pair of vectors must have these
 * covariances: else EINPUT says what is wrong. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_basis_of_pair(const struct ssldyn_moments_pair *pair,
                             struct ssldyn_moments_basis **basis, struct ssldyn_error *err);

/* X and X' (n1 x n1) back in the user's coordinates, to rounding and but for what create took for
 * sampling noise; not of a pair. scratch is n1 x n1. */
void ssldyn_moments_basis_restore(const struct ssldyn_moments_basis *basis, double X[],
                                  double Xprime[], double scratch[]);

#endif
