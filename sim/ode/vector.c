/* Fused passes over state vectors. */
// SPDX-License-Identifier: MIT
#include "sim/ode/vector.h"

#include "sim/base/simd.h"

#include <stdbool.h>
#include <string.h>

enum { LANES = SSLDYN_VECTOR_PAD, PIECE = 128 };

/* Eight lanes as one value: compilers split it for shorter vector units. */
typedef double eight __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

size_t ssldyn_vector_padded(size_t n)
{
    return (n + LANES - 1) / LANES * LANES;
}

/* One loop for each number of terms, so that a sum stays in registers. */
#define TERM(j) (w[j] * k##j[i])
#define SUM_1 TERM(0)
#define SUM_2 (SUM_1 + TERM(1))
#define SUM_3 (SUM_2 + TERM(2))
#define SUM_4 (SUM_3 + TERM(3))
#define SUM_5 (SUM_4 + TERM(4))
#define SUM_6 (SUM_5 + TERM(5))
#define SUM_7 (SUM_6 + TERM(6))
#define SUM_8 (SUM_7 + TERM(7))
#define SUM_9 (SUM_8 + TERM(8))
#define SUM_10 (SUM_9 + TERM(9))
#define SUM_11 (SUM_10 + TERM(10))
#define SUM_12 (SUM_11 + TERM(11))
#define COMBINE(count)                                                                             \
    case count:                                                                                    \
        for (size_t i = 0; i < n; i++) {                                                           \
            out[i] = y[i] + h * SUM_##count;                                                       \
        }                                                                                          \
        break

SSLDYN_SIMD_CLONES
void ssldyn_vector_combine(size_t n, const double y[], double h, size_t m,
                           const double *const term[], const double weight[], double out[])
{
    const double *k[SSLDYN_VECTOR_TERMS];
    double w[SSLDYN_VECTOR_TERMS];
    for (size_t j = 0; j < SSLDYN_VECTOR_TERMS; j++) {
        k[j] = j < m ? term[j] : y;
        w[j] = j < m ? weight[j] : 0.0;
    }
    const double *restrict k0 = k[0];
    const double *restrict k1 = k[1];
    const double *restrict k2 = k[2];
    const double *restrict k3 = k[3];
    const double *restrict k4 = k[4];
    const double *restrict k5 = k[5];
    const double *restrict k6 = k[6];
    const double *restrict k7 = k[7];
    const double *restrict k8 = k[8];
    const double *restrict k9 = k[9];
    const double *restrict k10 = k[10];
    const double *restrict k11 = k[11];
    n = n / LANES * LANES; /* padded anyway; lets the compiler omit the remainder loop */
    switch (m) {
        COMBINE(1);
        COMBINE(2);
        COMBINE(3);
        COMBINE(4);
        COMBINE(5);
        COMBINE(6);
        COMBINE(7);
        COMBINE(8);
        COMBINE(9);
        COMBINE(10);
        COMBINE(11);
        COMBINE(12);
    default:
        break;
    }
}

SSLDYN_SIMD_CLONES
void ssldyn_vector_combine_several(size_t n, const double y[], double h, size_t m,
                                   const double *const term[], size_t count,
                                   const double *const weight[], double *const out[])
{
    const bool three = count > 2;
    const double *w0 = weight[0];
    const double *w1 = weight[1];
    const double *w2 = weight[three ? 2 : 1];
    for (size_t i = 0; i + LANES <= n; i += LANES) {
        eight sum0 = {0.0};
        eight sum1 = {0.0};
        eight sum2 = {0.0};
        for (size_t j = 0; j < m; j++) {
            const eight x = *(const eight *)(term[j] + i);
            sum0 += w0[j] * x;
            sum1 += w1[j] * x;
            sum2 += w2[j] * x;
        }
        const eight from = *(const eight *)(y + i);
        *(eight *)(out[0] + i) = from + h * sum0;
        *(eight *)(out[1] + i) = from + h * sum1;
        if (three) {
            *(eight *)(out[2] + i) = from + h * sum2;
        }
    }
}

/* The eight lanes in a fixed order, so that the sum is the same on every machine. */
static double lanes_sum(const double lane[static LANES])
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

SSLDYN_SIMD_CLONES
double ssldyn_vector_square(size_t size, const double x[])
{
    double lane[LANES] = {0.0};
    size_t i = 0;
    for (; i + LANES <= size; i += LANES) {
        for (size_t l = 0; l < LANES; l++) {
            lane[l] += x[i + l] * x[i + l];
        }
    }
    for (size_t l = 0; i < size; i++, l++) {
        lane[l] += x[i] * x[i];
    }
    return lanes_sum(lane);
}

SSLDYN_SIMD_CLONES
double ssldyn_vector_combined_square(size_t first, size_t count, size_t m,
                                     const double *const term[], const double a[])
{
    double sum[PIECE + LANES];
    double lane[LANES] = {0.0};
    for (size_t begin = first; begin < first + count; begin += PIECE) {
        const size_t left = first + count - begin;
        const size_t size = left < PIECE ? left : PIECE;
        memset(sum, 0, sizeof sum);
        for (size_t j = 0; j < m; j++) {
            const double *restrict x = term[j] + begin;
            for (size_t i = 0; i < size; i++) {
                sum[i] += a[j] * x[i];
            }
        }
        for (size_t i = 0; i < size; i += LANES) {
            for (size_t l = 0; l < LANES; l++) {
                lane[l] += sum[i + l] * sum[i + l];
            }
        }
    }
    return lanes_sum(lane);
}

SSLDYN_SIMD_CLONES
void ssldyn_vector_finish(size_t first, size_t count, const double y[], double h, size_t m,
                          const double *const term[], const double weight[], const double a[],
                          const double b[], double next[], struct ssldyn_vector_squares *squares)
{
    eight sums[4] = {{0.0}, {0.0}, {0.0}, {0.0}}; /* squares of y, next, a, b */
    const size_t end = first + count;
    size_t i = first;
    for (; i + LANES <= end; i += LANES) {
        eight step = {0.0};
        eight a_sum = {0.0};
        eight b_sum = {0.0};
        for (size_t j = 0; j < m; j++) {
            const eight x = *(const eight *)(term[j] + i);
            step += weight[j] * x;
            a_sum += a[j] * x;
            b_sum += b[j] * x;
        }
        const eight old = *(const eight *)(y + i);
        const eight new = old + step *h;
        *(eight *)(next + i) = new;
        sums[0] += old * old;
        sums[1] += new *new;
        sums[2] += a_sum * a_sum;
        sums[3] += b_sum * b_sum;
    }
    double lanes[4][LANES];
    memcpy(lanes, sums, sizeof lanes);
    for (size_t l = 0; i < end; i++, l++) {
        double step = 0.0;
        double a_sum = 0.0;
        double b_sum = 0.0;
        for (size_t j = 0; j < m; j++) {
            step += weight[j] * term[j][i];
            a_sum += a[j] * term[j][i];
            b_sum += b[j] * term[j][i];
        }
        next[i] = y[i] + h * step;
        lanes[0][l] += y[i] * y[i];
        lanes[1][l] += next[i] * next[i];
        lanes[2][l] += a_sum * a_sum;
        lanes[3][l] += b_sum * b_sum;
    }
    *squares = (struct ssldyn_vector_squares){lanes_sum(lanes[0]), lanes_sum(lanes[1]),
                                              lanes_sum(lanes[2]), lanes_sum(lanes[3])};
}
