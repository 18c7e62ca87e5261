/* The trapezoidal rule in t, u = x^2, x = sinh(t)/sqrt(2 a): a is any upper bound of the
 * eigenvalues of A (theory/cosine_rule.h; a larger one keeps the singularities at Im t = pi/2). A
 * node costs a factorization of 1 + 2 u A and three solves with n right-hand sides, row by row. */
// SPDX-License-Identifier: MIT
#include "sim/loss/cosine_inner.h"

#include "sim/base/simd.h"
#include "theory/cosine_rule.h"

#include <math.h>
#include <string.h>

enum { LANES = 8, BLOCK = 64, BISECTIONS = 6 };

/* The largest 2 u largest for a tridiagonal A: beyond this bound its rounding error, of the order
 * of epsilon largest, affects the pivots of directions where A vanishes. */
static const double deepest = 1e6;

size_t ssldyn_cosine_inner_stride(size_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

size_t ssldyn_cosine_inner_workspace(size_t n)
{
    return (2 * n + 1) * ssldyn_cosine_inner_stride(n) + n + 1;
}

/* 1 + 2 u A = L diag(pivots) L^T, with lower[i] = L_{i, i-1} and inverse[i] = 1/pivot; lower[0] and
 * lower[n] are 0, and so are all of them for a diagonal A. If A has no negative eigenvalues no
 * pivot is below 1: pivots that rounding makes smaller are set to 1. Returns the logarithm of the
 * determinant. */
static double factor(size_t n, const double diagonal[], const double off[], double twice_u,
                     double lower[], double inverse[])
{
    double logarithm = 0.0;
    double product = 1.0;
    for (size_t i = 0; i <= n; i++)
        lower[i] = 0.0;
    for (size_t i = 0; i < n; i++) {
        double pivot = 1.0 + twice_u * diagonal[i];
        if (i > 0 && off != NULL) {
            const double coupling = twice_u * off[i - 1];
            lower[i] = coupling * inverse[i - 1];
            pivot -= coupling * lower[i];
        }
        pivot = fmax(pivot, 1.0);
        inverse[i] = 1.0 / pivot;
        product *= pivot;
        if (product > 1e100) {
            logarithm += log(product);
            product = 1.0;
        }
    }
    return logarithm + log(product);
}

/* B = (L D L^T)^-1 B for all columns at once, in blocks of columns that fit into the cache; adds a
 * B to one sum and b B to another, which may be NULL. */
SSLDYN_SIMD_CLONES
static void solve(size_t n, size_t stride, const double lower[], const double inverse[], double B[],
                  double one[], double a, double other[], double b)
{
    for (size_t first = 0; first < stride; first += BLOCK) {
        const size_t width = (stride - first < BLOCK ? stride - first : BLOCK) / LANES * LANES;
        double *const columns = B + first;
        for (size_t i = 1; i < n; i++) {
            const double *above = columns + (i - 1) * stride;
            double *row = columns + i * stride;
            for (size_t j = 0; j < width; j++)
                row[j] -= lower[i] * above[j];
        }
        for (size_t i = n; i-- > 0;) {
            const double *below = columns + (i + 1 < n ? i + 1 : i) * stride; /* lower[n] is 0 */
            double *row = columns + i * stride;
            for (size_t j = 0; j < width; j++)
                row[j] = row[j] * inverse[i] - lower[i + 1] * below[j];
            for (size_t j = 0; one && j < width; j++)
                one[first + i * stride + j] += a * row[j];
            for (size_t j = 0; other && j < width; j++)
                other[first + i * stride + j] += b * row[j];
        }
    }
}

static void transpose(size_t n, size_t stride, const double A[], double to[])
{
    for (size_t block = 0; block < n; block += LANES) {
        const size_t end = block + LANES < n ? block + LANES : n;
        for (size_t j = 0; j < n; j++) {
            for (size_t i = block; i < end; i++)
                to[j * stride + i] = A[i * stride + j];
        }
    }
}

/* The number of eigenvalues of A above a: negative pivots of a - A. */
static size_t count_above(size_t n, const double diagonal[], const double off[], double a)
{
    size_t count = 0;
    double pivot = 1.0;
    for (size_t i = 0; i < n; i++) {
        const double square = i > 0 ? off[i - 1] * off[i - 1] : 0.0;
        pivot = a - diagonal[i] - square / pivot;
        pivot = pivot == 0.0 ? -1e-300 : pivot;
        count += pivot < 0.0;
    }
    return count;
}

/* An upper bound of the eigenvalues, a few percent above the largest. */
static double bound_of(size_t n, const double diagonal[], const double off[])
{
    double low = 0.0;
    double high = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double before = off != NULL && i > 0 ? fabs(off[i - 1]) : 0.0;
        const double after = off != NULL && i + 1 < n ? fabs(off[i]) : 0.0;
        low = fmax(low, diagonal[i]);
        high = fmax(high, diagonal[i] + before + after);
    }
    for (int k = 0; k < BISECTIONS && high > 1.03 * low; k++) {
        const double middle = 0.5 * (low + high);
        if (count_above(n, diagonal, off, middle) == 0)
            high = middle;
        else
            low = middle;
    }
    return high;
}

/* Adds a node for a diagonal A, R = diag(r): K, and in M the integrals of r_i r_j. */
SSLDYN_SIMD_CLONES
static void add_diagonal(size_t n, size_t stride, const double r[], double weight, double second,
                         double K[], double M[])
{
    const size_t whole = stride / LANES * LANES; /* in whole vectors, for the compiler */
    for (size_t i = 0; i < n; i++) {
        K[i * stride + i] += weight * r[i];
        const double scale = second * r[i];
        for (size_t j = 0; j < whole; j++)
            M[i * stride + j] += scale * r[j];
    }
}

/* M = m o S + diag(m c), S = C + C^T, c the diagonal of C. */
static void finish_diagonal(size_t n, size_t stride, const double S[], double M[])
{
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (size_t j = 0; j < n; j++) {
            sum += 0.5 * M[i * stride + j] * S[j * stride + j];
            M[i * stride + j] *= S[i * stride + j];
        }
        M[i * stride + i] += sum;
    }
}

/* The same for a tridiagonal A, S = C + C^T, with two n x n matrices of scratch. */
static void add_tridiagonal(size_t n, size_t stride, const double lower[], const double inverse[],
                            const double S[], double weight, double second, double K[], double M[],
                            double scratch[])
{
    const size_t count = n * stride;
    double *R = scratch;
    double *once = R + count; /* R S */
    double trace = 0.0;       /* tr(R S) = 2 tr(R C) */
    memcpy(once, S, count * sizeof *S);
    solve(n, stride, lower, inverse, once, NULL, 0.0, NULL, 0.0);
    transpose(n, stride, once, R);
    solve(n, stride, lower, inverse, R, M, second, NULL, 0.0);
    for (size_t i = 0; i < n; i++)
        trace += once[i * stride + i];
    memset(R, 0, count * sizeof *R);
    for (size_t i = 0; i < n; i++)
        R[i * stride + i] = 1.0;
    solve(n, stride, lower, inverse, R, K, weight, M, 0.5 * second * trace);
}

enum ssldyn_cosine_inner_end ssldyn_cosine_inner(size_t n, const double diagonal[],
                                                 const double off[], double spacing, double C[],
                                                 double K[], double M[], double workspace[])
{
    const size_t stride = ssldyn_cosine_inner_stride(n);
    const size_t count = n * stride;
    double *scratch = workspace;
    double *inverse = scratch + 2 * count;
    double *lower = inverse + stride;
    double trace = 0.0;
    for (size_t i = 0; i < n; i++)
        trace += diagonal[i];
    const double largest = bound_of(n, diagonal, off);
    memset(workspace, 0, ssldyn_cosine_inner_workspace(n) * sizeof *workspace);
    memset(K, 0, count * sizeof *K);
    memset(M, 0, count * sizeof *M);
    transpose(n, stride, C, scratch);
    for (size_t i = 0; i < count; i++)
        C[i] += scratch[i];
    if (!(largest > 0.0) || !isfinite(trace))
        return SSLDYN_COSINE_INNER_DIVERGES;
    const double h = ssldyn_cosine_rule_step(spacing, trace / largest);
    const double cut = ssldyn_cosine_rule_cut(spacing);
    const double scale = 1.0 / sqrt(2.0 * largest);
    for (size_t node = 0; node < SSLDYN_COSINE_NODES; node++) {
        const double t = h * (double)node;
        const double square = sinh(t) * sinh(t); /* 2 u largest */
        if (off != NULL && square > deepest)
            return SSLDYN_COSINE_INNER_DEEP;
        const double twice_u = square / largest;
        const double root = exp(-0.5 * factor(n, diagonal, off, twice_u, lower, inverse));
        const double weight = 2.0 * root * h * cosh(t) * scale * (node == 0 ? 0.5 : 1.0);
        const double second = 0.5 * twice_u * weight; /* u^(1/2) du = u * u^(-1/2) du */
        if (root * cosh(t) < cut) {
            if (off == NULL)
                finish_diagonal(n, stride, C, M);
            return SSLDYN_COSINE_INNER_DONE;
        }
        if (off == NULL)
            add_diagonal(n, stride, inverse, weight, second, K, M);
        else
            add_tridiagonal(n, stride, lower, inverse, C, weight, second, K, M, scratch);
    }
    return SSLDYN_COSINE_INNER_DIVERGES;
}
