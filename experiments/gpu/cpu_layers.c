/* Pooling and linear layers of the CPU backend. Sums are in double. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cpu.h"

#include <string.h>

/* Index of the first maximum of channel c in the window of output pixel (oy, ox). */
static size_t largest(struct ops_tensor x, int n, int oy, int ox, int c)
{
    const REAL *data = x.data;
    size_t best = SIZE_MAX;
    for (int i = 2 * oy - 1; i <= 2 * oy + 1; i++) {
        for (int j = 2 * ox - 1; j <= 2 * ox + 1; j++) {
            if (i < 0 || i >= x.h || j < 0 || j >= x.w)
                continue;
            const size_t at =
                (((size_t)n * (size_t)x.h + (size_t)i) * (size_t)x.w + (size_t)j) * (size_t)x.c +
                (size_t)c;
            if (best == SIZE_MAX || data[at] > data[best])
                best = at;
        }
    }
    return best;
}

void NAME(maxpool_fwd)(struct ops_context *context, struct ops_tensor x, struct ops_tensor y)
{
    REAL *to = y.data;
    for (int n = 0; n < y.n; n++) {
        for (int i = 0; i < y.h; i++) {
            for (int j = 0; j < y.w; j++) {
                for (int c = 0; c < y.c; c++)
                    *to++ = ((const REAL *)x.data)[largest(x, n, i, j, c)];
            }
        }
    }
    (void)context;
}

void NAME(maxpool_bwd)(struct ops_context *context, struct ops_tensor x, struct ops_tensor y,
                       struct ops_tensor dy, struct ops_tensor more, struct ops_tensor dx)
{
    const REAL *from = dy.data;
    const REAL *also = more.data;
    REAL *to = dx.data;
    memset(to, 0, tensor_count(dx) * sizeof(REAL));
    for (int n = 0; n < y.n; n++) {
        for (int i = 0; i < y.h; i++) {
            for (int j = 0; j < y.w; j++) {
                for (int c = 0; c < y.c; c++) {
                    const REAL g = *from++;
                    to[largest(x, n, i, j, c)] += also ? g + *also++ : g;
                }
            }
        }
    }
    (void)context;
}

void NAME(avgpool_fwd)(struct ops_context *context, struct ops_tensor x, struct ops_tensor y)
{
    const size_t c = (size_t)x.c;
    const size_t pixels = (size_t)x.h * (size_t)x.w;
    for (size_t n = 0; n < (size_t)x.n; n++) {
        for (size_t j = 0; j < c; j++) {
            const REAL *from = (const REAL *)x.data + n * pixels * c + j;
            double sum = 0.0;
            for (size_t i = 0; i < pixels; i++)
                sum += (double)from[i * c];
            ((REAL *)y.data)[n * c + j] = (REAL)(sum / (double)pixels);
        }
    }
    (void)context;
}

void NAME(avgpool_bwd)(struct ops_context *context, struct ops_tensor dy, struct ops_tensor dx)
{
    const size_t c = (size_t)dx.c;
    const size_t pixels = (size_t)dx.h * (size_t)dx.w;
    for (size_t n = 0; n < (size_t)dx.n; n++) {
        for (size_t i = 0; i < pixels; i++) {
            for (size_t j = 0; j < c; j++)
                ((REAL *)dx.data)[(n * pixels + i) * c + j] =
                    ((const REAL *)dy.data)[n * c + j] / (REAL)pixels;
        }
    }
    (void)context;
}

void NAME(linear_fwd)(struct ops_context *context, struct ops_tensor x, const void *w,
                      const void *b, struct ops_tensor y)
{
    if (b) {
        for (int n = 0; n < y.n; n++)
            memcpy((REAL *)y.data + (size_t)n * (size_t)y.c, b, (size_t)y.c * sizeof(REAL));
    }
    gemm(false, true, x.n, y.c, x.c, 1.0, x.data, x.c, w, x.c, b ? 1.0 : 0.0, y.data, y.c);
    (void)context;
}

void NAME(linear_bwd)(struct ops_context *context, struct ops_tensor x, const void *w,
                      struct ops_tensor dy, struct ops_tensor dx, void *dw, void *db)
{
    if (dx.data)
        gemm(false, false, x.n, x.c, dy.c, 1.0, dy.data, dy.c, w, x.c, 0.0, dx.data, x.c);
    gemm(true, false, dy.c, x.c, x.n, 1.0, dy.data, dy.c, x.data, x.c, 0.0, dw, x.c);
    for (int j = 0; db && j < dy.c; j++) {
        double sum = 0.0;
        for (int n = 0; n < dy.n; n++)
            sum += (double)((const REAL *)dy.data)[(size_t)n * (size_t)dy.c + (size_t)j];
        ((REAL *)db)[j] = (REAL)sum;
    }
    (void)context;
}

void NAME(add)(struct ops_context *context, size_t count, void *to, const void *from)
{
    for (size_t i = 0; i < count; i++)
        ((REAL *)to)[i] += ((const REAL *)from)[i];
    (void)context;
}
