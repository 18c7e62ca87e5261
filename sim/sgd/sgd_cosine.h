/* Gradients of the cosine loss (THEORY section 10) for a batch of pairs of views; in double and
 * in single precision. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_COSINE_H
#define SSLDYN_SIM_SGD_SGD_COSINE_H

#include <stdbool.h>
#include <stddef.h>

/* Predictions a and targets b, n x count, one pair per column (row-major). The prediction is
 * replaced by the derivative of -cos(a, b) with respect to it, the residual of the pair,
 *   a <- (cos a/|a| - b/|b|)/|a| = -g,
 * and, if both is set, the target by minus the derivative with respect to it,
 *   b <- (a/|a| - cos b/|b|)/|b|.
 * Each is orthogonal to what it replaces, up to rounding. If a or b has no direction (|a|^2 or
 * |b|^2 is below the smallest normal number), the pair has no gradient: both columns become 0.
 * sums: NULL, or two numbers, to which each pair adds 1/(|a| |b|) and a.b/(|a|^3 |b|). */
void ssldyn_sgd_cosine_double(size_t n, size_t count, bool both, double a[], double b[],
                              double sums[]);
void ssldyn_sgd_cosine_float(size_t n, size_t count, bool both, float a[], float b[],
                             double sums[]);

#endif
