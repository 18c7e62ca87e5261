/* The other layers of the CPU backend: batch normalization in groups, pooling, linear layers. Sums
 * are in double, over rows in order, so that results do not depend on the number of threads. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cpu.h"

#include <math.h>
#include <string.h>

enum { BLOCK = 32 }; /* channels at a time */

/* A block of channels of one BN, and its sums. */
struct block {
    size_t c;     /* channels of the tensor */
    size_t first; /* of the block */
    size_t width;
    size_t rows; /* of a group */
};

static struct block block_of(const struct ops_bn *bn, struct ops_tensor x, int number)
{
    struct block block = {.c = (size_t)x.c,
                          .first = (size_t)number * BLOCK,
                          .rows = tensor_rows(x) / (size_t)bn->groups};
    block.width = block.c - block.first < BLOCK ? block.c - block.first : BLOCK;
    return block;
}

static int block_count(struct ops_tensor x)
{
    return (x.c + BLOCK - 1) / BLOCK;
}

/* Mean and variance of the rows of a group; x points to the first row of the group. */
static void statistics(struct block block, const REAL *x, double mean[], double variance[])
{
    for (size_t j = 0; j < block.width; j++)
        mean[j] = variance[j] = 0.0;
    for (size_t i = 0; i < block.rows; i++) {
        const REAL *row = x + i * block.c + block.first;
        for (size_t j = 0; j < block.width; j++)
            mean[j] += (double)row[j];
    }
    for (size_t j = 0; j < block.width; j++)
        mean[j] /= (double)block.rows;
    for (size_t i = 0; i < block.rows; i++) {
        const REAL *row = x + i * block.c + block.first;
        for (size_t j = 0; j < block.width; j++) {
            const double off = (double)row[j] - mean[j];
            variance[j] += off * off;
        }
    }
    for (size_t j = 0; j < block.width; j++)
        variance[j] /= (double)block.rows;
}

/* y = act(scale x + shift + residual) over the rows of a group; residual may be NULL. */
static void apply(struct block block, const REAL *x, const double scale[], const double shift[],
                  const REAL *residual, bool relu, REAL *y)
{
    for (size_t i = 0; i < block.rows; i++) {
        const size_t at = i * block.c + block.first;
        for (size_t j = 0; j < block.width; j++) {
            REAL value = (REAL)((double)x[at + j] * scale[j] + shift[j]);
            if (residual)
                value += residual[at + j];
            y[at + j] = relu && value < 0 ? 0 : value;
        }
    }
}

/* The affine map of a channel with these statistics. */
static void affine(const struct ops_bn *bn, size_t channel, double mean, double inverse_std,
                   double *scale, double *shift)
{
    const REAL *gamma = bn->gamma;
    const REAL *beta = bn->beta;
    *scale = (gamma ? (double)gamma[channel] : 1.0) * inverse_std;
    *shift = (beta ? (double)beta[channel] : 0.0) - mean * *scale;
}

static void move(REAL *running, double momentum, double value)
{
    *running = (REAL)((1.0 - momentum) * (double)*running + momentum * value);
}

static void bn_fwd_block(const struct ops_bn *bn, struct block block, struct ops_tensor x,
                         const REAL *residual, bool relu, REAL *y)
{
    for (size_t group = 0; group < (size_t)bn->groups; group++) {
        const size_t start = group * block.rows * block.c;
        double mean[BLOCK];
        double variance[BLOCK];
        double scale[BLOCK];
        double shift[BLOCK];
        statistics(block, (const REAL *)x.data + start, mean, variance);
        for (size_t j = 0; j < block.width; j++) {
            const size_t channel = block.first + j;
            const double inverse_std = 1.0 / sqrt(variance[j] + bn->epsilon);
            const double rows = (double)block.rows;
            ((REAL *)bn->mean)[group * block.c + channel] = (REAL)mean[j];
            ((REAL *)bn->inverse_std)[group * block.c + channel] = (REAL)inverse_std;
            move((REAL *)bn->running_mean + channel, bn->momentum, mean[j]);
            move((REAL *)bn->running_var + channel, bn->momentum,
                 variance[j] * rows / (rows - 1.0));
            affine(bn, channel, mean[j], inverse_std, &scale[j], &shift[j]);
        }
        apply(block, (const REAL *)x.data + start, scale, shift, residual ? residual + start : NULL,
              relu, y + start);
    }
}

void NAME(bn_fwd)(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                  struct ops_tensor residual, bool relu, struct ops_tensor y)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static)                                                          \
    num_threads(threads_for(context, 8.0 * (double)tensor_count(x)))
#else
    (void)context;
#endif
    for (int number = 0; number < block_count(x); number++)
        bn_fwd_block(bn, block_of(bn, x, number), x, residual.data, relu, y.data);
}

void NAME(bn_infer)(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                    struct ops_tensor residual, bool relu, struct ops_tensor y)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static)                                                          \
    num_threads(threads_for(context, 8.0 * (double)tensor_count(x)))
#else
    (void)context;
#endif
    for (int number = 0; number < block_count(x); number++) {
        struct block block = block_of(bn, x, number);
        double scale[BLOCK];
        double shift[BLOCK];
        block.rows = tensor_rows(x);
        for (size_t j = 0; j < block.width; j++) {
            const size_t channel = block.first + j;
            const double variance = (double)((const REAL *)bn->running_var)[channel];
            affine(bn, channel, (double)((const REAL *)bn->running_mean)[channel],
                   1.0 / sqrt(variance + bn->epsilon), &scale[j], &shift[j]);
        }
        apply(block, x.data, scale, shift, residual.data, relu, y.data);
    }
}

/* The tensors of a backward pass, from the first row of one group; NULL if absent. */
struct backward {
    const REAL *x, *y, *dy, *more;
    REAL *dx, *dresidual;
};

static const REAL *from_row(struct ops_tensor t, size_t start)
{
    return t.data ? (const REAL *)t.data + start : NULL;
}

/* Gradient with respect to the normalized value of element `at`, behind the ReLU. */
static double arriving(const struct backward *b, bool relu, size_t at)
{
    if (relu && !(b->y[at] > 0))
        return 0.0;
    return (double)b->dy[at] + (b->more ? (double)b->more[at] : 0.0);
}

/* One group: sums of g and g x_hat into sum_g and sum_gx, then dx and dresidual. */
static void bn_bwd_group(const struct ops_bn *bn, struct block block, const struct backward *b,
                         bool relu, const REAL *mean, const REAL *inverse_std, double sum_g[],
                         double sum_gx[])
{
    const REAL *gamma = bn->gamma;
    for (size_t j = 0; j < block.width; j++)
        sum_g[j] = sum_gx[j] = 0.0;
    for (size_t i = 0; i < block.rows; i++) {
        const size_t at = i * block.c + block.first;
        for (size_t j = 0; j < block.width; j++) {
            const double g = arriving(b, relu, at + j);
            sum_g[j] += g;
            sum_gx[j] += g * ((double)b->x[at + j] - (double)mean[j]) * (double)inverse_std[j];
        }
    }
    for (size_t i = 0; i < block.rows; i++) {
        const size_t at = i * block.c + block.first;
        for (size_t j = 0; j < block.width; j++) {
            const double g = arriving(b, relu, at + j);
            const double x_hat = ((double)b->x[at + j] - (double)mean[j]) * (double)inverse_std[j];
            const double scale =
                (gamma ? (double)gamma[block.first + j] : 1.0) * (double)inverse_std[j];
            const double rows = (double)block.rows;
            if (b->dresidual)
                b->dresidual[at + j] = (REAL)g;
            b->dx[at + j] = (REAL)(scale * (g - sum_g[j] / rows - x_hat * sum_gx[j] / rows));
        }
    }
}

void NAME(bn_bwd)(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                  struct ops_tensor y, bool relu, struct ops_tensor dy, struct ops_tensor more,
                  struct ops_tensor dx, struct ops_tensor dresidual, void *dgamma, void *dbeta)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static)                                                          \
    num_threads(threads_for(context, 8.0 * (double)tensor_count(x)))
#else
    (void)context;
#endif
    for (int number = 0; number < block_count(x); number++) {
        const struct block block = block_of(bn, x, number);
        double total_g[BLOCK] = {0};
        double total_gx[BLOCK] = {0};
        for (size_t group = 0; group < (size_t)bn->groups; group++) {
            const size_t start = group * block.rows * block.c;
            const size_t kept = group * block.c + block.first;
            const struct backward b = {
                from_row(x, start),      from_row(y, start),
                from_row(dy, start),     from_row(more, start),
                (REAL *)dx.data + start, dresidual.data ? (REAL *)dresidual.data + start : NULL,
            };
            double sum_g[BLOCK];
            double sum_gx[BLOCK];
            bn_bwd_group(bn, block, &b, relu, (const REAL *)bn->mean + kept,
                         (const REAL *)bn->inverse_std + kept, sum_g, sum_gx);
            for (size_t j = 0; j < block.width; j++) {
                total_g[j] += sum_g[j];
                total_gx[j] += sum_gx[j];
            }
        }
        for (size_t j = 0; j < block.width; j++) {
            if (dgamma)
                ((REAL *)dgamma)[block.first + j] = (REAL)total_gx[j];
            if (dbeta)
                ((REAL *)dbeta)[block.first + j] = (REAL)total_g[j];
        }
    }
}

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
