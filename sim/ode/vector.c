/* Fused passes over state vectors. */
// SPDX-License-Identifier: MIT
#include "sim/ode/vector.h"

#include "sim/base/simd.h"

size_t ssldyn_vector_padded(size_t n)
{
    return (n + SSLDYN_VECTOR_PAD - 1) / SSLDYN_VECTOR_PAD * SSLDYN_VECTOR_PAD;
}

SSLDYN_SIMD_CLONES
void ssldyn_vector_combine(size_t n, const double y[], double h, size_t m,
                           const double *const term[], const double weight[], double out[])
{
    size_t i = 0;
    for (; i + 16 <= n; i += 16) {
        ssldyn_v8 a = {0.0};
        ssldyn_v8 b = {0.0};
        for (size_t j = 0; j < m; j++) {
            const ssldyn_v8 *x = (const ssldyn_v8 *)(term[j] + i);
            a += weight[j] * x[0];
            b += weight[j] * x[1];
        }
        const ssldyn_v8 *from = (const ssldyn_v8 *)(y + i);
        ssldyn_v8 *to = (ssldyn_v8 *)(out + i);
        const ssldyn_v8 y0 = from[0];
        const ssldyn_v8 y1 = from[1];
        to[0] = y0 + h * a;
        to[1] = y1 + h * b;
    }
    for (; i < n; i += 8) {
        ssldyn_v8 a = {0.0};
        for (size_t j = 0; j < m; j++) {
            a += weight[j] * *(const ssldyn_v8 *)(term[j] + i);
        }
        *(ssldyn_v8 *)(out + i) = *(const ssldyn_v8 *)(y + i) + h * a;
    }
}

/* The eight lanes in a fixed order, so that every machine adds alike. */
static double lanes_sum(const double lane[static 8])
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

SSLDYN_SIMD_CLONES
double ssldyn_vector_combined_square(size_t begin, size_t size, size_t m,
                                     const double *const term[], const double weight[])
{
    ssldyn_v8 sum = {0.0};
    size_t i = begin;
    for (; i + 8 <= begin + size; i += 8) {
        ssldyn_v8 e = {0.0};
        for (size_t j = 0; j < m; j++) {
            e += weight[j] * *(const ssldyn_v8 *)(term[j] + i);
        }
        sum += e * e;
    }
    double tail = 0.0;
    for (; i < begin + size; i++) {
        double e = 0.0;
        for (size_t j = 0; j < m; j++) {
            e += weight[j] * term[j][i];
        }
        tail += e * e;
    }
    double lane[8];
    *(ssldyn_v8 *)lane = sum;
    return lanes_sum(lane) + tail;
}

SSLDYN_SIMD_CLONES
double ssldyn_vector_square(size_t size, const double x[])
{
    ssldyn_v8 sum = {0.0};
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        const ssldyn_v8 v = *(const ssldyn_v8 *)(x + i);
        sum += v * v;
    }
    double tail = 0.0;
    for (; i < size; i++) {
        tail += x[i] * x[i];
    }
    double lane[8];
    *(ssldyn_v8 *)lane = sum;
    return lanes_sum(lane) + tail;
}
