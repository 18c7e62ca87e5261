/* Wishart matrices by Bartlett's decomposition, including singular ones: the second moments of a
 * batch without drawing the batch. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RANDOM_WISHART_H
#define SSLDYN_SIM_RANDOM_WISHART_H

#include "sim/random/stream.h"

#include <stddef.h>

/* A of size n x r, r = min(n, dof), row-major, zero above the diagonal, such that A A^T has the law
 * of G G^T for an n x dof matrix G of independent standard normals: G = A Q, where Q (r x dof) has
 * orthonormal rows and is independent of A. So for another normal matrix H the pair (A A^T, H Q^T)
 * has the law of (G G^T, Z) with Z an m x r matrix of fresh normals, and H G^T that of Z A^T. dof
 * >= 1. Draws about n r variates, independent of dof; cannot fail. */
void ssldyn_wishart_bartlett_draw(struct ssldyn_stream *stream, size_t n, size_t dof, double A[]);
void ssldyn_wishart_bartlett_draw_float(struct ssldyn_stream *stream, size_t n, size_t dof,
                                        float A[]);

/* out[i]: the square root of a chi-square variate with first_dof - i degrees of freedom, i < count
 * <= first_dof (G. Marsaglia and W. W. Tsang, ACM Trans. Math. Softw. 26, 2000; exact). Starts at a
 * multiple of 16 variates and consumes a random number of groups of 16. */
void ssldyn_wishart_chi_draw(struct ssldyn_stream *stream, size_t first_dof, size_t count,
                             double out[]);

#endif
