/* The CPU backend in double, with every ACTIVATION rounded to bf16 when it is stored: the results
 * that a backend with its encoder in bf16 should give, except for the rounding of its sums. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_TESTS_ROUNDED_H
#define EXPERIMENTS_GPU_TESTS_ROUNDED_H

#include "experiments/gpu/ops.h"

#include <string.h>

/* The nearest bf16 number; ties to even. */
static inline double rounded_number(double value)
{
    float narrow = (float)value;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000U;
    memcpy(&narrow, &bits, sizeof narrow);
    return (double)narrow;
}

static inline void rounded_block(size_t count, double *values)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = rounded_number(values[i]);
    }
}

static inline void rounded_tensor(struct ops_tensor t)
{
    if (t.data && t.type == OPS_ACTIVATION) {
        rounded_block((size_t)t.n * (size_t)t.h * (size_t)t.w * (size_t)t.c, t.data);
    }
}

static inline void rounded_convert(struct ops_context *context, size_t count, const void *state,
                                   void *activation)
{
    ops_cpu()->convert(context, count, state, activation);
    rounded_block(count, activation);
}

static inline void rounded_conv_fwd(struct ops_context *context, const struct ops_conv *conv,
                                    struct ops_tensor x, const void *w, struct ops_tensor y)
{
    ops_cpu()->conv_fwd(context, conv, x, w, y);
    rounded_tensor(y);
}

static inline void rounded_conv_dx(struct ops_context *context, const struct ops_conv *conv,
                                   struct ops_tensor dy, const void *w, struct ops_tensor dx)
{
    ops_cpu()->conv_dx(context, conv, dy, w, dx);
    rounded_tensor(dx);
}

/* The gradient of a filter is also returned in the type of its input. */
static inline void rounded_conv_dw(struct ops_context *context, const struct ops_conv *conv,
                                   struct ops_tensor x, struct ops_tensor dy, void *dw)
{
    ops_cpu()->conv_dw(context, conv, x, dy, dw);
    rounded_block((size_t)conv->k * (size_t)conv->r * (size_t)conv->r * (size_t)conv->c, dw);
}

static inline void rounded_bn_fwd(struct ops_context *context, const struct ops_bn *bn,
                                  struct ops_tensor x, struct ops_tensor residual, bool relu,
                                  struct ops_tensor y)
{
    ops_cpu()->bn_fwd(context, bn, x, residual, relu, y);
    rounded_tensor(y);
}

static inline void rounded_bn_infer(struct ops_context *context, const struct ops_bn *bn,
                                    struct ops_tensor x, struct ops_tensor residual, bool relu,
                                    struct ops_tensor y)
{
    ops_cpu()->bn_infer(context, bn, x, residual, relu, y);
    rounded_tensor(y);
}

static inline void rounded_bn_bwd(struct ops_context *context, const struct ops_bn *bn,
                                  struct ops_tensor x, struct ops_tensor y, bool relu,
                                  struct ops_tensor dy, struct ops_tensor more,
                                  struct ops_tensor dx, struct ops_tensor dresidual, void *dgamma,
                                  void *dbeta)
{
    ops_cpu()->bn_bwd(context, bn, x, y, relu, dy, more, dx, dresidual, dgamma, dbeta);
    rounded_tensor(dx);
    rounded_tensor(dresidual);
}

static inline void rounded_maxpool_bwd(struct ops_context *context, struct ops_tensor x,
                                       struct ops_tensor y, struct ops_tensor dy,
                                       struct ops_tensor more, struct ops_tensor dx)
{
    ops_cpu()->maxpool_bwd(context, x, y, dy, more, dx);
    rounded_tensor(dx);
}

static inline void rounded_avgpool_bwd(struct ops_context *context, struct ops_tensor dy,
                                       struct ops_tensor dx)
{
    ops_cpu()->avgpool_bwd(context, dy, dx);
    rounded_tensor(dx);
}

static inline void rounded_augment(struct ops_context *context, const struct augment_recipe *recipe,
                                   const struct ops_source *source, const struct ops_clock *clock,
                                   int batch, int view, struct ops_tensor out)
{
    ops_cpu()->augment(context, recipe, source, clock, batch, view, out);
    rounded_tensor(out);
}

static inline void rounded_sgd(struct ops_context *context, const struct ops_sgd *sgd,
                               const struct ops_clock *clock, size_t count, void *w, void *v,
                               const void *g, void *low)
{
    ops_cpu()->sgd(context, sgd, clock, count, w, v, g, NULL);
    if (low && low != w) {
        rounded_convert(context, count, w, low);
    }
}

static inline void rounded_ema(struct ops_context *context, const struct ops_clock *clock,
                               size_t count, void *target, const void *w, void *low)
{
    ops_cpu()->ema(context, clock, count, target, w, NULL);
    if (low && low != target) {
        rounded_convert(context, count, target, low);
    }
}

/* The table; image_channels is that of the backend it is compared with. */
static inline struct ops rounded_table(int image_channels)
{
    struct ops table = *ops_cpu();
    table.name = "cpu-bf16";
    table.copies = true;
    table.image_channels = image_channels;
    table.convert = rounded_convert;
    table.conv_fwd = rounded_conv_fwd;
    table.conv_dx = rounded_conv_dx;
    table.conv_dw = rounded_conv_dw;
    table.bn_fwd = rounded_bn_fwd;
    table.bn_infer = rounded_bn_infer;
    table.bn_bwd = rounded_bn_bwd;
    table.maxpool_bwd = rounded_maxpool_bwd;
    table.avgpool_bwd = rounded_avgpool_bwd;
    table.augment = rounded_augment;
    table.sgd = rounded_sgd;
    table.ema = rounded_ema;
    return table;
}

#endif
