/* Convolutions of the CPU backend: by oneDNN if the context has it, else each image is unfolded into
 * a matrix (output pixels x kernel) and multiplied. Images are processed in parallel; sums over images have a fixed order. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cpu.h"
#include "experiments/gpu/onednn.h"

#include <string.h>

struct shape {
    int h, w;       /* of the output */
    int pixels;     /* h w */
    int kernel;     /* r r c */
    size_t in, out; /* elements of an image's input and output */
    double work;    /* multiply-adds of all images */
};

static struct shape shape_of(const struct ops_conv *conv)
{
    struct shape shape = {.h = ops_extent(conv->h, conv->r, conv->stride, conv->pad),
                          .w = ops_extent(conv->w, conv->r, conv->stride, conv->pad),
                          .kernel = conv->r * conv->r * conv->c,
                          .in = (size_t)conv->h * (size_t)conv->w * (size_t)conv->c};
    shape.pixels = shape.h * shape.w;
    shape.out = (size_t)shape.pixels * (size_t)conv->k;
    shape.work = (double)conv->n * (double)shape.out * (double)shape.kernel;
    return shape;
}

enum ssldyn_status NAME(conv_prepare)(struct ops_context *context, struct ops_conv *conv,
                                      bool forward_only, struct ssldyn_error *err)
{
    const struct shape shape = shape_of(conv);
    conv->plan = NULL;
    if (context->onednn) {
        struct onednn_plan *plan;
        const enum ssldyn_status status =
            onednn_plan(context->onednn, conv, forward_only, &plan, err);
        conv->plan = plan;
        return status;
    }
    enum ssldyn_status status = NAME(reserve)(&context->columns, &context->column_size,
                                              (size_t)shape.pixels * (size_t)shape.kernel,
                                              (size_t)context->threads * sizeof(REAL), err);
    if (status == SSLDYN_OK && !forward_only)
        status = NAME(reserve)(&context->partial, &context->partial_size,
                               (size_t)conv->k * (size_t)shape.kernel,
                               (size_t)CPU_CHUNKS * sizeof(REAL), err);
    return status;
}

/* Column range of kernel row i at output row oy that lies inside the image: the first input column
 * of output column ox, and the one past the last. */
static void inside(const struct ops_conv *conv, int ox, int *first, int *end)
{
    const int left = ox * conv->stride - conv->pad;
    *first = left < 0 ? -left : 0;
    *end = left + conv->r > conv->w ? conv->w - left : conv->r;
}

/* columns[pixel][i][j][c] = x[pixel's window at (i, j)][c], 0 outside the image. */
static void unfold(const struct ops_conv *conv, struct shape shape, const REAL *x, REAL *columns)
{
    const size_t c = (size_t)conv->c;
    const size_t run = (size_t)conv->r * c;
    for (int oy = 0; oy < shape.h; oy++) {
        for (int ox = 0; ox < shape.w; ox++) {
            int first;
            int end;
            inside(conv, ox, &first, &end);
            for (int i = 0; i < conv->r; i++, columns += run) {
                const int y = oy * conv->stride - conv->pad + i;
                if (y < 0 || y >= conv->h || end <= first) {
                    memset(columns, 0, run * sizeof(REAL));
                    continue;
                }
                const int left = ox * conv->stride - conv->pad;
                const REAL *from = x + ((size_t)y * (size_t)conv->w + (size_t)(left + first)) * c;
                memset(columns, 0, (size_t)first * c * sizeof(REAL));
                memcpy(columns + (size_t)first * c, from, (size_t)(end - first) * c * sizeof(REAL));
                memset(columns + (size_t)end * c, 0, (size_t)(conv->r - end) * c * sizeof(REAL));
            }
        }
    }
}

/* The transpose of unfold: each x is the sum of the columns that it was copied to. */
static void fold(const struct ops_conv *conv, struct shape shape, const REAL *columns, REAL *x)
{
    const size_t c = (size_t)conv->c;
    memset(x, 0, shape.in * sizeof(REAL));
    for (int oy = 0; oy < shape.h; oy++) {
        for (int ox = 0; ox < shape.w; ox++) {
            int first;
            int end;
            inside(conv, ox, &first, &end);
            for (int i = 0; i < conv->r; i++, columns += (size_t)conv->r * c) {
                const int y = oy * conv->stride - conv->pad + i;
                if (y < 0 || y >= conv->h || end <= first)
                    continue;
                const int left = ox * conv->stride - conv->pad;
                REAL *to = x + ((size_t)y * (size_t)conv->w + (size_t)(left + first)) * c;
                const REAL *from = columns + (size_t)first * c;
                for (size_t e = 0; e < (size_t)(end - first) * c; e++)
                    to[e] += from[e];
            }
        }
    }
}

void NAME(conv_fwd)(struct ops_context *context, const struct ops_conv *conv, struct ops_tensor x,
                    const void *w, struct ops_tensor y)
{
    const struct shape shape = shape_of(conv);
    if (conv->plan) {
        struct ssldyn_error err;
        const enum ssldyn_status status = onednn_forward(
            context->onednn, conv->plan, threads_for(context, shape.work), x.data, w, y.data, &err);
        cpu_keep_error(context, status, &err);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(static) num_threads(threads_for(context, shape.work))
#endif
    for (int n = 0; n < conv->n; n++) {
        REAL *columns = context->columns + thread_number() * context->column_size;
        unfold(conv, shape, (const REAL *)x.data + (size_t)n * shape.in, columns);
        gemm(false, true, shape.pixels, conv->k, shape.kernel, 1.0, columns, shape.kernel, w,
             shape.kernel, 0.0, (REAL *)y.data + (size_t)n * shape.out, conv->k);
    }
}

void NAME(conv_dx)(struct ops_context *context, const struct ops_conv *conv, struct ops_tensor dy,
                   const void *w, struct ops_tensor dx)
{
    const struct shape shape = shape_of(conv);
    if (conv->plan) {
        struct ssldyn_error err;
        const enum ssldyn_status status =
            onednn_dx(context->onednn, conv->plan, threads_for(context, shape.work), dy.data, w,
                      dx.data, &err);
        cpu_keep_error(context, status, &err);
        return;
    }
#ifdef _OPENMP
#pragma omp parallel for schedule(static) num_threads(threads_for(context, shape.work))
#endif
    for (int n = 0; n < conv->n; n++) {
        REAL *columns = context->columns + thread_number() * context->column_size;
        gemm(false, false, shape.pixels, shape.kernel, conv->k, 1.0,
             (const REAL *)dy.data + (size_t)n * shape.out, conv->k, w, shape.kernel, 0.0, columns,
             shape.kernel);
        fold(conv, shape, columns, (REAL *)dx.data + (size_t)n * shape.in);
    }
}

void NAME(conv_dw)(struct ops_context *context, const struct ops_conv *conv, struct ops_tensor x,
                   struct ops_tensor dy, void *dw)
{
    const struct shape shape = shape_of(conv);
    if (conv->plan) {
        struct ssldyn_error err;
        const enum ssldyn_status status =
            onednn_dw(context->onednn, conv->plan, threads_for(context, shape.work), x.data,
                      dy.data, dw, &err);
        cpu_keep_error(context, status, &err);
        return;
    }
    const size_t size = (size_t)conv->k * (size_t)shape.kernel;
    REAL *sum = dw;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) num_threads(threads_for(context, shape.work))
#endif
    for (int chunk = 0; chunk < CPU_CHUNKS; chunk++) {
        REAL *columns = context->columns + thread_number() * context->column_size;
        REAL *part = context->partial + (size_t)chunk * context->partial_size;
        const int first = conv->n * chunk / CPU_CHUNKS;
        const int end = conv->n * (chunk + 1) / CPU_CHUNKS;
        if (first == end)
            memset(part, 0, size * sizeof(REAL));
        for (int n = first; n < end; n++) {
            unfold(conv, shape, (const REAL *)x.data + (size_t)n * shape.in, columns);
            gemm(true, false, conv->k, shape.kernel, shape.pixels, 1.0,
                 (const REAL *)dy.data + (size_t)n * shape.out, conv->k, columns, shape.kernel,
                 n == first ? 0.0 : 1.0, part, shape.kernel);
        }
    }
    memcpy(sum, context->partial, size * sizeof(REAL));
    for (int chunk = 1; chunk < CPU_CHUNKS; chunk++) {
        const REAL *part = context->partial + (size_t)chunk * context->partial_size;
        for (size_t i = 0; i < size; i++)
            sum[i] += part[i];
    }
}
