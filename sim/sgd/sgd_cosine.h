/* What a pair of views tells under the cosine loss (THEORY section 10), for a batch of them; in
 * double and in single precision. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_COSINE_H
#define SSLDYN_SIM_SGD_SGD_COSINE_H

#include <stdbool.h>
#include <stddef.h>

/* Predictions a and targets b, n x count, a pair in each column (row-major). The prediction is
 * replaced by the derivative of -cos(a, b) by it, the residual of the pair,
 *   a <- (cos a/|a| - b/|b|)/|a| = -g,
 * and, where both is set, the target by minus the derivative by itself,
 *   b <- (a/|a| - cos b/|b|)/|b|.
 * Each is orthogonal to what it replaces, to rounding. A pair has no gradient, and zeros in both
 * columns, where a or b has no direction: where |a|^2 or |b|^2 is below the least normal number. */
void ssldyn_sgd_cosine_double(size_t n, size_t count, bool both, double a[], double b[]);
void ssldyn_sgd_cosine_float(size_t n, size_t count, bool both, float a[], float b[]);

#endif
