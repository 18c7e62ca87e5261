/* Batch normalization of the CPU backend. Sums are in double, over a fixed number of parts of the
 * rows that are added in order, so that results do not depend on the number of threads. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cpu.h"

#include <math.h>

enum {
    PARTS = 16, /* of the rows of a group */
    TILE = 64,  /* lanes at a time */
    LEAST = 32  /* lanes that a row should have */
};

/* The rows of one group. Rows of few channels are joined: `fold` of them make a row of c fold
 * lanes. */
struct rows {
    size_t c, count, fold;
};

static struct rows rows_of(const struct ops_bn *bn, struct ops_tensor x)
{
    struct rows rows = {.c = (size_t)x.c, .count = tensor_rows(x) / (size_t)bn->groups, .fold = 1};
    if (rows.c < LEAST && LEAST % rows.c == 0 && rows.count % (LEAST / rows.c) == 0)
        rows.fold = LEAST / rows.c;
    rows.count /= rows.fold;
    return rows;
}

static size_t lanes_of(struct rows rows)
{
    return rows.c * rows.fold;
}

/* First row of a part. */
static size_t part_start(struct rows rows, int part)
{
    return rows.count * (size_t)part / PARTS;
}

/* A part of the rows, and a range of lanes. */
struct tile {
    size_t rows, stride, lanes;
};

/* sum += x */
SSLDYN_SIMD_CLONES
static void add_rows(struct tile tile, const REAL *x, double *sum)
{
    double own[TILE] = {0};
    for (size_t i = 0; i < tile.rows; i++, x += tile.stride) {
        for (size_t j = 0; j < tile.lanes; j++)
            own[j] += (double)x[j];
    }
    for (size_t j = 0; j < tile.lanes; j++)
        sum[j] = own[j];
}

/* sum += (x - mean)^2 */
SSLDYN_SIMD_CLONES
static void add_squares(struct tile tile, const REAL *x, const double *mean, double *sum)
{
    double own[TILE] = {0};
    double middle[TILE] = {0};
    for (size_t j = 0; j < tile.lanes; j++)
        middle[j] = mean[j];
    for (size_t i = 0; i < tile.rows; i++, x += tile.stride) {
        for (size_t j = 0; j < tile.lanes; j++) {
            const double off = (double)x[j] - middle[j];
            own[j] += off * off;
        }
    }
    for (size_t j = 0; j < tile.lanes; j++)
        sum[j] = own[j];
}

/* y = act(scale x + shift + residual); residual may be NULL. */
SSLDYN_SIMD_CLONES
static void apply(struct tile tile, const REAL *x, const double *scale, const double *shift,
                  const REAL *residual, bool relu, REAL *y)
{
    REAL times[TILE];
    REAL plus[TILE];
    REAL row[TILE];
    for (size_t j = 0; j < tile.lanes; j++) {
        times[j] = (REAL)scale[j];
        plus[j] = (REAL)shift[j];
    }
    for (size_t i = 0; i < tile.rows; i++) {
        const size_t at = i * tile.stride;
        for (size_t j = 0; j < tile.lanes; j++)
            row[j] = x[at + j] * times[j] + plus[j];
        if (residual) {
            for (size_t j = 0; j < tile.lanes; j++)
                row[j] += residual[at + j];
        }
        if (relu) {
            for (size_t j = 0; j < tile.lanes; j++)
                row[j] = row[j] < 0 ? 0 : row[j];
        }
        for (size_t j = 0; j < tile.lanes; j++)
            y[at + j] = row[j];
    }
}

/* The tensors of a backward pass, from the first element of a tile; NULL if absent. */
struct backward {
    const REAL *x, *y, *dy, *more;
    REAL *dx, *dresidual;
};

static const REAL *from(const REAL *pointer, size_t at)
{
    return pointer ? pointer + at : NULL;
}

static struct backward backward_from(const struct backward *b, size_t at)
{
    return (struct backward){from(b->x, at),  from(b->y, at),
                             from(b->dy, at), from(b->more, at),
                             b->dx + at,      b->dresidual ? b->dresidual + at : NULL};
}

/* The gradient g behind the ReLU into dx and dresidual, and the sums of g and g (x - mean). */
SSLDYN_SIMD_CLONES
static void add_gradients(struct tile tile, struct backward b, bool relu, const double *mean,
                          double *sum_g, double *sum_gx)
{
    double own[TILE] = {0};
    double own_x[TILE] = {0};
    double middle[TILE] = {0};
    REAL g[TILE];
    for (size_t j = 0; j < tile.lanes; j++)
        middle[j] = mean[j];
    for (size_t i = 0; i < tile.rows; i++) {
        const size_t at = i * tile.stride;
        for (size_t j = 0; j < tile.lanes; j++)
            g[j] = b.dy[at + j];
        if (b.more) {
            for (size_t j = 0; j < tile.lanes; j++)
                g[j] += b.more[at + j];
        }
        if (relu) {
            for (size_t j = 0; j < tile.lanes; j++)
                g[j] = b.y[at + j] > 0 ? g[j] : 0;
        }
        for (size_t j = 0; j < tile.lanes; j++) {
            own[j] += (double)g[j];
            own_x[j] += (double)g[j] * ((double)b.x[at + j] - middle[j]);
        }
        for (size_t j = 0; j < tile.lanes; j++)
            b.dx[at + j] = g[j];
        if (b.dresidual) {
            for (size_t j = 0; j < tile.lanes; j++)
                b.dresidual[at + j] = g[j];
        }
    }
    for (size_t j = 0; j < tile.lanes; j++) {
        sum_g[j] = own[j];
        sum_gx[j] = own_x[j];
    }
}

/* dx = scale (g - mean_g - (x - mean) slope), with g in dx */
SSLDYN_SIMD_CLONES
static void project(struct tile tile, const REAL *x, const double *mean, const double *scale,
                    const double *mean_g, const double *slope, REAL *dx)
{
    REAL middle[TILE];
    REAL times[TILE];
    REAL less[TILE];
    REAL tilt[TILE];
    REAL row[TILE];
    for (size_t j = 0; j < tile.lanes; j++) {
        middle[j] = (REAL)mean[j];
        times[j] = (REAL)scale[j];
        less[j] = (REAL)mean_g[j];
        tilt[j] = (REAL)slope[j];
    }
    for (size_t i = 0; i < tile.rows; i++, x += tile.stride, dx += tile.stride) {
        for (size_t j = 0; j < tile.lanes; j++)
            row[j] = times[j] * (dx[j] - less[j] - (x[j] - middle[j]) * tilt[j]);
        for (size_t j = 0; j < tile.lanes; j++)
            dx[j] = row[j];
    }
}

/* ---- sums over parts */

/* Workspace: sums of PARTS x lanes, and four numbers for each lane: mean, scale, shift (backward: the
 * mean of g) and slope. */
struct work {
    double *sum, *other;
    double *mean, *scale, *shift, *slope;
};

static bool find_work(struct ops_context *context, size_t lanes, struct work *work)
{
    struct ssldyn_error err;
    const enum ssldyn_status status = NAME(reserve)(&context->sums, &context->sum_size,
                                                    (2 * PARTS + 4) * lanes, sizeof(double), &err);
    cpu_keep_error(context, status, &err);
    if (status != SSLDYN_OK)
        return false;
    work->sum = context->sums;
    work->other = work->sum + PARTS * lanes;
    work->mean = work->other + PARTS * lanes;
    work->scale = work->mean + lanes;
    work->shift = work->scale + lanes;
    work->slope = work->shift + lanes;
    return true;
}

/* The sum of a channel over all parts and joined rows. */
static double total(struct rows rows, const double *sums, size_t channel)
{
    const size_t lanes = lanes_of(rows);
    double sum = 0.0;
    for (size_t part = 0; part < PARTS; part++) {
        for (size_t j = channel; j < lanes; j += rows.c)
            sum += sums[part * lanes + j];
    }
    return sum;
}

/* Repeats the channels' values in the lanes of joined rows. */
static void repeat(struct rows rows, double *values)
{
    for (size_t j = rows.c; j < lanes_of(rows); j++)
        values[j] = values[j - rows.c];
}

/* One pass over the rows of a group. The pointers are at its first element; NULL if absent. */
struct pass {
    struct rows rows;
    struct work work;
    struct backward b; /* x, too, of a forward pass */
    const REAL *residual;
    REAL *out;
    bool relu;
};

/* A tile of the pass, its first element, its first lane, and the first of its sums. */
typedef void tile_fn(const struct pass *pass, struct tile tile, size_t at, size_t lane, size_t sum);

/* Calls fn for all tiles, the parts in parallel. */
static void over_tiles(const struct ops_context *context, const struct pass *pass, tile_fn *fn)
{
    const struct rows rows = pass->rows;
    const size_t lanes = lanes_of(rows);
#ifdef _OPENMP
#pragma omp parallel for schedule(static)                                                          \
    num_threads(threads_for(context, 8.0 * (double)rows.count * (double)lanes))
#else
    (void)context;
#endif
    for (int part = 0; part < PARTS; part++) {
        const size_t start = part_start(rows, part);
        for (size_t lane = 0; lane < lanes; lane += TILE) {
            const struct tile tile = {part_start(rows, part + 1) - start, lanes,
                                      lanes - lane < TILE ? lanes - lane : (size_t)TILE};
            fn(pass, tile, start * lanes + lane, lane, (size_t)part * lanes + lane);
        }
    }
}

static void tile_sum(const struct pass *pass, struct tile tile, size_t at, size_t lane, size_t sum)
{
    (void)lane;
    add_rows(tile, pass->b.x + at, pass->work.sum + sum);
}

static void tile_squares(const struct pass *pass, struct tile tile, size_t at, size_t lane,
                         size_t sum)
{
    add_squares(tile, pass->b.x + at, pass->work.mean + lane, pass->work.sum + sum);
}

static void tile_apply(const struct pass *pass, struct tile tile, size_t at, size_t lane,
                       size_t sum)
{
    (void)sum;
    apply(tile, pass->b.x + at, pass->work.scale + lane, pass->work.shift + lane,
          from(pass->residual, at), pass->relu, pass->out + at);
}

static void tile_gradients(const struct pass *pass, struct tile tile, size_t at, size_t lane,
                           size_t sum)
{
    add_gradients(tile, backward_from(&pass->b, at), pass->relu, pass->work.mean + lane,
                  pass->work.sum + sum, pass->work.other + sum);
}

static void tile_project(const struct pass *pass, struct tile tile, size_t at, size_t lane,
                         size_t sum)
{
    (void)sum;
    project(tile, pass->b.x + at, pass->work.mean + lane, pass->work.scale + lane,
            pass->work.shift + lane, pass->work.slope + lane, pass->b.dx + at);
}

/* ---- the operations */

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

static void bn_fwd_group(const struct ops_context *context, const struct ops_bn *bn,
                         struct pass *pass, size_t group)
{
    const struct rows rows = pass->rows;
    const struct work *work = &pass->work;
    const double count = (double)(rows.count * rows.fold);
    over_tiles(context, pass, tile_sum);
    for (size_t j = 0; j < rows.c; j++)
        work->mean[j] = total(rows, work->sum, j) / count;
    repeat(rows, work->mean);
    over_tiles(context, pass, tile_squares);
    for (size_t j = 0; j < rows.c; j++) {
        const double variance = total(rows, work->sum, j) / count;
        const double inverse_std = 1.0 / sqrt(variance + bn->epsilon);
        ((REAL *)bn->mean)[group * rows.c + j] = (REAL)work->mean[j];
        ((REAL *)bn->inverse_std)[group * rows.c + j] = (REAL)inverse_std;
        move((REAL *)bn->running_mean + j, bn->momentum, work->mean[j]);
        move((REAL *)bn->running_var + j, bn->momentum, variance * count / (count - 1.0));
        affine(bn, j, work->mean[j], inverse_std, &work->scale[j], &work->shift[j]);
    }
    repeat(rows, work->scale);
    repeat(rows, work->shift);
    over_tiles(context, pass, tile_apply);
}

void NAME(bn_fwd)(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                  struct ops_tensor residual, bool relu, struct ops_tensor y)
{
    struct pass pass = {.rows = rows_of(bn, x), .relu = relu};
    const size_t size = pass.rows.count * lanes_of(pass.rows);
    if (!find_work(context, lanes_of(pass.rows), &pass.work))
        return;
    for (size_t group = 0; group < (size_t)bn->groups; group++) {
        pass.b.x = (const REAL *)x.data + group * size;
        pass.residual = from(residual.data, group * size);
        pass.out = (REAL *)y.data + group * size;
        bn_fwd_group(context, bn, &pass, group);
    }
}

void NAME(bn_infer)(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                    struct ops_tensor residual, bool relu, struct ops_tensor y)
{
    const struct ops_bn whole = {.groups = 1};
    struct pass pass = {.rows = rows_of(&whole, x),
                        .b.x = x.data,
                        .residual = residual.data,
                        .out = y.data,
                        .relu = relu};
    if (!find_work(context, lanes_of(pass.rows), &pass.work))
        return;
    for (size_t j = 0; j < pass.rows.c; j++) {
        const double variance = (double)((const REAL *)bn->running_var)[j];
        affine(bn, j, (double)((const REAL *)bn->running_mean)[j],
               1.0 / sqrt(variance + bn->epsilon), &pass.work.scale[j], &pass.work.shift[j]);
    }
    repeat(pass.rows, pass.work.scale);
    repeat(pass.rows, pass.work.shift);
    over_tiles(context, &pass, tile_apply);
}

static void bn_bwd_group(const struct ops_context *context, const struct ops_bn *bn,
                         const struct pass *pass, size_t group, REAL *dgamma, REAL *dbeta)
{
    const struct rows rows = pass->rows;
    const struct work *work = &pass->work;
    const double count = (double)(rows.count * rows.fold);
    const REAL *mean = (const REAL *)bn->mean + group * rows.c;
    const REAL *inverse_std = (const REAL *)bn->inverse_std + group * rows.c;
    const REAL *gamma = bn->gamma;
    for (size_t j = 0; j < rows.c; j++)
        work->mean[j] = (double)mean[j];
    repeat(rows, work->mean);
    over_tiles(context, pass, tile_gradients);
    for (size_t j = 0; j < rows.c; j++) {
        const double inverse = (double)inverse_std[j];
        const double g = total(rows, work->sum, j);
        const double gx = total(rows, work->other, j) * inverse;
        work->scale[j] = (gamma ? (double)gamma[j] : 1.0) * inverse;
        work->shift[j] = g / count;
        work->slope[j] = gx / count * inverse;
        if (dgamma)
            dgamma[j] = (REAL)((group == 0 ? 0.0 : (double)dgamma[j]) + gx);
        if (dbeta)
            dbeta[j] = (REAL)((group == 0 ? 0.0 : (double)dbeta[j]) + g);
    }
    repeat(rows, work->scale);
    repeat(rows, work->shift);
    repeat(rows, work->slope);
    over_tiles(context, pass, tile_project);
}

void NAME(bn_bwd)(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                  struct ops_tensor y, bool relu, struct ops_tensor dy, struct ops_tensor more,
                  struct ops_tensor dx, struct ops_tensor dresidual, void *dgamma, void *dbeta)
{
    struct pass pass = {.rows = rows_of(bn, x), .relu = relu};
    const size_t size = pass.rows.count * lanes_of(pass.rows);
    const struct backward all = {x.data, y.data, dy.data, more.data, dx.data, dresidual.data};
    if (!find_work(context, lanes_of(pass.rows), &pass.work))
        return;
    for (size_t group = 0; group < (size_t)bn->groups; group++) {
        pass.b = backward_from(&all, group * size);
        bn_bwd_group(context, bn, &pass, group, dgamma, dbeta);
    }
}
