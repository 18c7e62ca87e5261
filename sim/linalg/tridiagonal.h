/* Eigenvalues of a symmetric tridiagonal matrix, all at once in the lanes of the vector unit. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LINALG_TRIDIAGONAL_H
#define SSLDYN_SIM_LINALG_TRIDIAGONAL_H

#include <stdbool.h>
#include <stddef.h>

/* Doubles of workspace that ssldyn_tridiagonal_values needs. */
size_t ssldyn_tridiagonal_workspace(size_t n);

/* Eigenvalues of the n x n matrix T with diagonal d[n] and off-diagonal e[n - 1], ascending, each
 * to a few epsilon |T|.
 *   guesses n ascending estimates of the eigenvalues; bad ones only cost time
 *   values n; must not alias d or guesses
 *   workspace see above
 * |T| must lie between 1e-50 and 1e50. Returns false, with undefined values, if T has a cluster
 * that would take longer than the QR iteration: use that then. Deterministic; does not allocate. */
bool ssldyn_tridiagonal_values(size_t n, const double d[], const double e[], const double guesses[],
                               double values[], double workspace[]);

#endif
