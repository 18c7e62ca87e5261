/* A backend's layers compared with those of the CPU in double, forward and backward (twin.h explains
 * the bounds). */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_TESTS_LAYERS_H
#define EXPERIMENTS_GPU_TESTS_LAYERS_H

#include "experiments/gpu/tests/twin.h"

/* All elements of an array but the first: memory that is aligned to one element only. */
static struct array rest(const struct twin *twin, struct array array)
{
    BOTH(i)
    {
        array.data[i] = (char *)array.data[i] + twin->ops[i]->size[array.type];
    }
    array.count--;
    return array;
}

static void check_conv(struct twin *twin, struct ops_conv conv, const char *name)
{
    struct ssldyn_error err;
    const int h = ops_extent(conv.h, conv.r, conv.stride, conv.pad);
    const int w = ops_extent(conv.w, conv.r, conv.stride, conv.pad);
    const size_t in = product(conv.n, conv.h, conv.w, conv.c);
    const size_t out = product(conv.n, h, w, conv.k);
    const size_t weights = product(conv.k, conv.r, conv.r, conv.c);
    const struct array x = twin_random(twin, OPS_ACTIVATION, in, 0.1);
    const struct array weight = rest(twin, twin_random(twin, OPS_ACTIVATION, weights + 1, 0.0));
    const struct array dy = twin_random(twin, OPS_ACTIVATION, out, 0.0);
    const struct array y = twin_poison(twin, OPS_ACTIVATION, out);
    const struct array dx = twin_poison(twin, OPS_ACTIVATION, in);
    const struct array dw = rest(twin, twin_poison(twin, OPS_STATE, weights + 1));
    BOTH(i)
    {
        const struct ops *ops = twin->ops[i];
        struct ops_context *context = twin->context[i];
        struct ops_conv mine = conv;
        const struct ops_tensor to = twin_tensor(dy, i, conv.n, h, w, conv.k);
        const struct ops_tensor from = twin_tensor(x, i, conv.n, conv.h, conv.w, conv.c);
        tap_need(ops->conv_prepare(context, &mine, false, &err), &err);
        ops->conv_fwd(context, &mine, from, weight.data[i],
                      twin_tensor(y, i, conv.n, h, w, conv.k));
        ops->conv_dx(context, &mine, to, weight.data[i],
                     twin_tensor(dx, i, conv.n, conv.h, conv.w, conv.c));
        ops->conv_dw(context, &mine, from, to, dw.data[i]);
    }
    twin_check(twin, y, "convolution", name);
    twin_check(twin, dx, "convolution dx", name);
    twin_check(twin, dw, "convolution dw", name);
}

static void check_convs(struct twin *twin)
{
    check_conv(twin, (struct ops_conv){4, 9, 7, 8, 16, 3, 1, 1, NULL}, "3x3");
    check_conv(twin, (struct ops_conv){4, 8, 8, 16, 8, 3, 2, 1, NULL}, "3x3, stride 2");
    check_conv(twin, (struct ops_conv){6, 8, 8, 8, 24, 1, 2, 0, NULL}, "1x1, stride 2");
    check_conv(twin, (struct ops_conv){2, 17, 17, 8, 8, 7, 2, 3, NULL}, "7x7, stride 2");
    check_conv(twin, (struct ops_conv){3, 6, 6, 3, 4, 3, 1, 1, NULL}, "odd channels");
}

struct bn_case {
    const char *name;
    enum ops_type type;
    int groups, n, h, w, c;
    bool affine, residual, relu, more;
    double shift;
};

static void check_bn(struct twin *twin, const struct bn_case *of)
{
    const size_t count = product(of->n, of->h, of->w, of->c);
    const size_t c = (size_t)of->c;
    const size_t kept = (size_t)of->groups * c;
    const struct array x = twin_random(twin, of->type, count, of->shift);
    const struct array residual = twin_random(twin, of->type, count, 0.0);
    const struct array gamma = twin_random(twin, OPS_STATE, c, 1.5);
    const struct array beta = twin_random(twin, OPS_STATE, c, 0.0);
    const struct array mean = twin_poison(twin, OPS_STATE, kept);
    const struct array inverse_std = twin_poison(twin, OPS_STATE, kept);
    const struct array running_mean = twin_random(twin, OPS_STATE, c, 0.0);
    const struct array running_var = twin_random(twin, OPS_STATE, c, 2.0);
    const struct array y = twin_poison(twin, of->type, count);
    const struct array inferred = twin_poison(twin, of->type, count);
    const struct array dy = twin_random(twin, of->type, count, 0.0);
    const struct array more = twin_random(twin, of->type, count, 0.0);
    const struct array dx = twin_poison(twin, of->type, count);
    const struct array dgamma = twin_poison(twin, OPS_STATE, c);
    const struct array dbeta = twin_poison(twin, OPS_STATE, c);
    /* the backward pass has the same input on both: y of the reference, rounded to a value that
     * both represent */
    const struct array passed = twin_array(twin, of->type, count);
    const struct ops_tensor none = {.data = NULL};
    struct ops_bn bn[2];
#define TENSOR(array) twin_tensor(array, i, of->n, of->h, of->w, of->c)
    BOTH(i)
    {
        bn[i] = (struct ops_bn){of->groups,
                                1e-5,
                                0.1,
                                of->affine ? gamma.data[i] : NULL,
                                of->affine ? beta.data[i] : NULL,
                                mean.data[i],
                                inverse_std.data[i],
                                running_mean.data[i],
                                running_var.data[i]};
        const struct ops_tensor other = of->residual ? TENSOR(residual) : none;
        twin->ops[i]->bn_fwd(twin->context[i], &bn[i], TENSOR(x), other, of->relu, TENSOR(y));
        twin->ops[i]->bn_infer(twin->context[i], &bn[i], TENSOR(x), other, of->relu,
                               TENSOR(inferred));
    }
    double *values = twin_get(twin, 0, y);
    twin_put(twin, passed, values);
    free(values);
    BOTH(i)
    {
        /* dresidual in the memory of more, dx in its own */
        twin->ops[i]->bn_bwd(twin->context[i], &bn[i], TENSOR(x), TENSOR(passed), of->relu,
                             TENSOR(dy), of->more ? TENSOR(more) : none, TENSOR(dx),
                             of->residual ? TENSOR(more) : none, of->affine ? dgamma.data[i] : NULL,
                             of->affine ? dbeta.data[i] : NULL);
    }
#undef TENSOR
    twin_check(twin, y, "batch norm", of->name);
    twin_check(twin, inferred, "batch norm, inference", of->name);
    twin_check(twin, mean, "batch norm, mean", of->name);
    twin_check(twin, inverse_std, "batch norm, 1/std", of->name);
    twin_check(twin, running_mean, "batch norm, running mean", of->name);
    twin_check(twin, running_var, "batch norm, running variance", of->name);
    twin_check(twin, dx, "batch norm dx", of->name);
    if (of->residual) {
        twin_check(twin, more, "batch norm dresidual", of->name);
    }
    if (of->affine) {
        twin_check(twin, dgamma, "batch norm dgamma", of->name);
        twin_check(twin, dbeta, "batch norm dbeta", of->name);
    }
}

static void check_bns(struct twin *twin)
{
    static const struct bn_case cases[] = {
        {"plain", OPS_ACTIVATION, 1, 4, 5, 5, 8, true, false, false, false, 0.0},
        {"two groups, relu", OPS_ACTIVATION, 2, 6, 4, 4, 64, true, false, true, false, 0.3},
        {"residual", OPS_ACTIVATION, 2, 4, 6, 6, 16, true, true, true, true, 0.0},
        {"few channels, of 12", OPS_ACTIVATION, 2, 4, 3, 5, 12, true, true, true, false, 0.0},
        {"many rows", OPS_ACTIVATION, 2, 10, 24, 24, 8, true, false, true, true, 0.0},
        {"heads", OPS_STATE, 2, 32, 1, 1, 520, false, false, true, false, 0.0},
        {"mean far from zero", OPS_STATE, 2, 64, 1, 1, 20, false, false, false, false, 100.0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_bn(twin, &cases[i]);
    }
}

static void check_pools(struct twin *twin, int n, int h, int w, int c, const char *name)
{
    const int small_h = ops_extent(h, 3, 2, 1);
    const int small_w = ops_extent(w, 3, 2, 1);
    const size_t large = product(n, h, w, c);
    const size_t small = product(n, small_h, small_w, c);
    struct array x = twin_array(twin, OPS_ACTIVATION, large);
    const struct array y = twin_poison(twin, OPS_ACTIVATION, small);
    const struct array dy = twin_random(twin, OPS_ACTIVATION, small, 0.0);
    const struct array more = twin_random(twin, OPS_ACTIVATION, small, 0.0);
    const struct array dx = twin_poison(twin, OPS_ACTIVATION, large);
    const struct array mean = twin_poison(twin, OPS_STATE, (size_t)n * (size_t)c);
    const struct array dmean = twin_random(twin, OPS_STATE, (size_t)n * (size_t)c, 0.0);
    const struct array spread = twin_poison(twin, OPS_ACTIVATION, large);
    double *values = ssldyn_memory_array(large, sizeof *values);
    tap_fill(twin->tag++, large, values);
    for (size_t i = 0; i < large; i++) {
        values[i] = floor(4.0 * values[i]); /* so that many windows have their maximum twice */
    }
    twin_put(twin, x, values);
    free(values);
    BOTH(i)
    {
        const struct ops *ops = twin->ops[i];
        const struct ops_tensor from = twin_tensor(x, i, n, h, w, c);
        const struct ops_tensor to = twin_tensor(y, i, n, small_h, small_w, c);
        ops->maxpool_fwd(twin->context[i], from, to);
        ops->maxpool_bwd(twin->context[i], from, to, twin_tensor(dy, i, n, small_h, small_w, c),
                         twin_tensor(more, i, n, small_h, small_w, c),
                         twin_tensor(dx, i, n, h, w, c));
        ops->avgpool_fwd(twin->context[i], from, twin_tensor(mean, i, n, 1, 1, c));
        ops->avgpool_bwd(twin->context[i], twin_tensor(dmean, i, n, 1, 1, c),
                         twin_tensor(spread, i, n, h, w, c));
    }
    twin_check(twin, y, "max-pooling", name);
    twin_check(twin, dx, "max-pooling dx", name);
    twin_check(twin, mean, "mean", name);
    twin_check(twin, spread, "mean dx", name);
}

static void check_linear(struct twin *twin)
{
    enum { N = 14, IN = 33, OUT = 20 };
    const struct array x = twin_random(twin, OPS_STATE, (size_t)N * IN, 0.0);
    const struct array w = twin_random(twin, OPS_STATE, (size_t)OUT * IN, 0.0);
    const struct array b = twin_random(twin, OPS_STATE, OUT, 0.0);
    const struct array dy = twin_random(twin, OPS_STATE, (size_t)N * OUT, 0.0);
    const struct array y = twin_poison(twin, OPS_STATE, (size_t)N * OUT);
    const struct array bare = twin_poison(twin, OPS_STATE, (size_t)N * OUT);
    const struct array dx = twin_poison(twin, OPS_STATE, (size_t)N * IN);
    const struct array dw = twin_poison(twin, OPS_STATE, (size_t)OUT * IN);
    const struct array db = twin_poison(twin, OPS_STATE, OUT);
    const struct array sum = twin_random(twin, OPS_STATE, (size_t)N * IN, 0.0);
    BOTH(i)
    {
        const struct ops *ops = twin->ops[i];
        const struct ops_tensor from = twin_tensor(x, i, N, 1, 1, IN);
        ops->linear_fwd(twin->context[i], from, w.data[i], b.data[i],
                        twin_tensor(y, i, N, 1, 1, OUT));
        ops->linear_fwd(twin->context[i], from, w.data[i], NULL,
                        twin_tensor(bare, i, N, 1, 1, OUT));
        ops->linear_bwd(twin->context[i], from, w.data[i], twin_tensor(dy, i, N, 1, 1, OUT),
                        twin_tensor(dx, i, N, 1, 1, IN), dw.data[i], db.data[i]);
        ops->add(twin->context[i], (size_t)N * IN, sum.data[i], dx.data[i]);
    }
    twin_check(twin, y, "linear", "");
    twin_check(twin, bare, "linear", "without bias");
    twin_check(twin, dx, "linear dx", "");
    twin_check(twin, dw, "linear dw", "");
    twin_check(twin, db, "linear db", "");
    twin_check(twin, sum, "add", "");
}

static void check_layers(struct twin *twin)
{
    check_convs(twin);
    check_bns(twin);
    check_pools(twin, 3, 9, 12, 16, "wide");
    check_pools(twin, 2, 7, 7, 5, "odd");
    check_linear(twin);
}

#endif
