/* The basis within an eigenspace of F whose eigenvalues are equal. F does not determine the
 * eigenvectors there, and those that LAPACK returns jump between snapshots. The rule: within each
 * numerically degenerate eigenspace, take the basis that diagonalizes the symmetric part of Wp
 * restricted to it, in descending order of its eigenvalues p_j. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OBSERVE_DEGENERATE_H
#define SSLDYN_SIM_OBSERVE_DEGENERATE_H

#include "sim/base/error.h"
#include "sim/linalg/linalg.h"

#include <stddef.h>

/* Doubles of workspace that ssldyn_degenerate_resolve needs. */
size_t ssldyn_degenerate_workspace(size_t n);

/* Applies the rule.
 *   s   n eigenvalues of F, descending; neighbors closer than 8 n epsilon max|s| (the error of the
 *       eigenvalues themselves) count as equal, and so does a chain of such neighbors
 *   U   n x n, row-major, column j the eigenvector of s_j; columns of degenerate groups are replaced
 *   M   n x n, U^T Wp U; updated to the new basis
 *   eigen  of size n at least
 * Does nothing if no two eigenvalues are equal. Cost: 6 n k^2 flops and a k x k eigenproblem
 * for a group of k. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_degenerate_resolve(struct ssldyn_eigen *eigen, size_t n,
                                                               const double s[], double U[],
                                                               double M[], double workspace[],
                                                               struct ssldyn_error *err);

#endif
