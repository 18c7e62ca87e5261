/* Gradients of every operation of the CPU backend, in double, compared with finite differences of
 * the operation. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/ops.h"
#include "experiments/gpu/tests/differences.h"
#include "experiments/gpu/tests/tap.h"

#include <string.h>

/* Memory for the check of one operation: everything is a double on the host. */
enum { CAPACITY = 4096, PIECES = 10 };
struct bench {
    const struct ops *ops;
    struct ops_context *context;
    double piece[PIECES][CAPACITY];
};
enum { X, W, B, RESIDUAL, Y, PULL, DX, DW, DB, DRESIDUAL };

static struct ops_tensor at(struct bench *bench, int piece, int n, int h, int w, int c)
{
    return (struct ops_tensor){bench->piece[piece], OPS_STATE, n, h, w, c};
}

/* Sum of pull x y: the function whose gradient with respect to y is `pull`. */
static double pulled(struct bench *bench, struct ops_tensor y)
{
    return ssldyn_dense_dot((size_t)(y.n * y.h * y.w * y.c), bench->piece[Y], bench->piece[PULL]);
}

static void fresh(struct bench *bench, uint64_t tag)
{
    for (int i = 0; i < PIECES; i++)
        tap_fill(tag * PIECES + (uint64_t)i, CAPACITY, bench->piece[i]);
}

struct conv_case {
    struct bench *bench;
    struct ops_conv conv;
    struct ops_tensor x, y;
};

static double conv_value(void *self)
{
    struct conv_case *c = self;
    c->bench->ops->conv_fwd(c->bench->context, &c->conv, c->x, c->bench->piece[W], c->y);
    return pulled(c->bench, c->y);
}

static void check_conv(struct tap *tap, struct bench *bench, struct ops_conv conv, const char *name)
{
    const int h = ops_extent(conv.h, conv.r, conv.stride, conv.pad);
    const int w = ops_extent(conv.w, conv.r, conv.stride, conv.pad);
    struct conv_case c = {bench, conv, at(bench, X, conv.n, conv.h, conv.w, conv.c),
                          at(bench, Y, conv.n, h, w, conv.k)};
    const size_t in = (size_t)(conv.n * conv.h * conv.w * conv.c);
    const size_t weights = (size_t)(conv.k * conv.r * conv.r * conv.c);
    struct ssldyn_error err;
    char text[100];
    fresh(bench, (uint64_t)(conv.r + 10 * conv.stride));
    tap_need(bench->ops->conv_prepare(bench->context, &c.conv, false, &err), &err);
    struct ops_tensor dy = c.y;
    dy.data = bench->piece[PULL];
    struct ops_tensor dx = c.x;
    dx.data = bench->piece[DX];
    bench->ops->conv_dx(bench->context, &c.conv, dy, bench->piece[W], dx);
    bench->ops->conv_dw(bench->context, &c.conv, c.x, dy, bench->piece[DW]);
    snprintf(text, sizeof(text), "conv_dx %s", name);
    tap_below(tap, gradient_error(conv_value, &c, in, bench->piece[X], bench->piece[DX]), ALLOWED,
              text);
    snprintf(text, sizeof(text), "conv_dw %s", name);
    tap_below(tap, gradient_error(conv_value, &c, weights, bench->piece[W], bench->piece[DW]),
              ALLOWED, text);
}

struct bn_case {
    struct bench *bench;
    struct ops_bn bn;
    struct ops_tensor x, residual, y;
    bool relu;
};

static double bn_value(void *self)
{
    struct bn_case *c = self;
    c->bench->ops->bn_fwd(c->bench->context, &c->bn, c->x, c->residual, c->relu, c->y);
    return pulled(c->bench, c->y);
}

static void check_bn(struct tap *tap, struct bench *bench, bool affine, bool residual, bool relu,
                     const char *name)
{
    enum { N = 6, S = 3, C = 35, COUNT = N * S * S * C }; /* C: more than one block of channels */
    double kept[4][2 * C];
    double dy[COUNT];
    double more[COUNT];
    struct bn_case c = {
        .bench = bench,
        .bn = {.groups = 2,
               .epsilon = 1e-5,
               .momentum = 0.1,
               .mean = kept[0],
               .inverse_std = kept[1],
               .running_mean = kept[2],
               .running_var = kept[3]},
        .x = at(bench, X, N, S, S, C),
        .y = at(bench, Y, N, S, S, C),
        .relu = relu,
    };
    char text[100];
    fresh(bench, 77);
    memset(kept, 0, sizeof(kept));
    if (affine) {
        c.bn.gamma = bench->piece[W];
        c.bn.beta = bench->piece[B];
    }
    if (residual)
        c.residual = at(bench, RESIDUAL, N, S, S, C);
    (void)bn_value(&c);
    /* the incoming gradient has two parts */
    tap_fill(5, COUNT, more);
    for (size_t i = 0; i < COUNT; i++)
        dy[i] = bench->piece[PULL][i] - more[i];
    struct ops_tensor g = c.y;
    g.data = dy;
    struct ops_tensor g2 = c.y;
    g2.data = more;
    bench->ops->bn_bwd(bench->context, &c.bn, c.x, c.y, relu, g, g2, at(bench, DX, N, S, S, C),
                       residual ? at(bench, DRESIDUAL, N, S, S, C) : (struct ops_tensor){0},
                       affine ? bench->piece[DW] : NULL, affine ? bench->piece[DB] : NULL);
    const struct {
        int x, gradient;
        size_t count;
        bool checked;
        const char *what;
    } parts[] = {{X, DX, COUNT, true, "dx"},
                 {RESIDUAL, DRESIDUAL, COUNT, residual, "dresidual"},
                 {W, DW, C, affine, "dgamma"},
                 {B, DB, C, affine, "dbeta"}};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (!parts[i].checked)
            continue;
        snprintf(text, sizeof(text), "bn %s %s", name, parts[i].what);
        tap_below(tap,
                  gradient_error(bn_value, &c, parts[i].count, bench->piece[parts[i].x],
                                 bench->piece[parts[i].gradient]),
                  ALLOWED, text);
    }
}

struct plain_case {
    struct bench *bench;
    struct ops_tensor x, y;
    bool bias;
};

static double linear_value(void *self)
{
    struct plain_case *c = self;
    c->bench->ops->linear_fwd(c->bench->context, c->x, c->bench->piece[W],
                              c->bias ? c->bench->piece[B] : NULL, c->y);
    return pulled(c->bench, c->y);
}

static void check_linear(struct tap *tap, struct bench *bench)
{
    enum { N = 6, IN = 7, OUT = 5 };
    struct plain_case c = {bench, at(bench, X, N, 1, 1, IN), at(bench, Y, N, 1, 1, OUT), true};
    fresh(bench, 3);
    bench->ops->linear_bwd(bench->context, c.x, bench->piece[W], at(bench, PULL, N, 1, 1, OUT),
                           at(bench, DX, N, 1, 1, IN), bench->piece[DW], bench->piece[DB]);
    tap_below(tap, gradient_error(linear_value, &c, N * IN, bench->piece[X], bench->piece[DX]),
              ALLOWED, "linear dx");
    tap_below(tap, gradient_error(linear_value, &c, OUT * IN, bench->piece[W], bench->piece[DW]),
              ALLOWED, "linear dw");
    tap_below(tap, gradient_error(linear_value, &c, OUT, bench->piece[B], bench->piece[DB]),
              ALLOWED, "linear db");
}

static double maxpool_value(void *self)
{
    struct plain_case *c = self;
    c->bench->ops->maxpool_fwd(c->bench->context, c->x, c->y);
    return pulled(c->bench, c->y);
}
static double avgpool_value(void *self)
{
    struct plain_case *c = self;
    c->bench->ops->avgpool_fwd(c->bench->context, c->x, c->y);
    return pulled(c->bench, c->y);
}

static void check_pools(struct tap *tap, struct bench *bench)
{
    enum { N = 2, H_IN = 7, W_IN = 6, C = 3, COUNT = N * H_IN * W_IN * C };
    struct plain_case c = {bench, at(bench, X, N, H_IN, W_IN, C), at(bench, Y, N, 4, 3, C), false};
    fresh(bench, 4);
    /* a permutation of 1 ... COUNT: no two are within h of each other */
    for (size_t i = 0; i < COUNT; i++)
        bench->piece[X][i] = (double)(i * 101 % COUNT) / 10.0;
    (void)maxpool_value(&c);
    bench->ops->maxpool_bwd(bench->context, c.x, c.y, at(bench, PULL, N, 4, 3, C),
                            (struct ops_tensor){0}, at(bench, DX, N, H_IN, W_IN, C));
    tap_below(tap, gradient_error(maxpool_value, &c, COUNT, bench->piece[X], bench->piece[DX]),
              ALLOWED, "maxpool dx");
    c.y = at(bench, Y, N, 1, 1, C);
    bench->ops->avgpool_bwd(bench->context, at(bench, PULL, N, 1, 1, C),
                            at(bench, DX, N, H_IN, W_IN, C));
    tap_below(tap, gradient_error(avgpool_value, &c, COUNT, bench->piece[X], bench->piece[DX]),
              ALLOWED, "avgpool dx");
}

struct loss_case {
    struct bench *bench;
    enum ops_loss kind;
    int rows, c;
};

static double loss_value(void *self)
{
    struct loss_case *c = self;
    double metrics[OPS_METRICS] = {0};
    double waste[CAPACITY];
    c->bench->ops->loss(c->bench->context, c->kind, at(c->bench, X, c->rows, 1, 1, c->c),
                        at(c->bench, W, c->rows, 1, 1, c->c),
                        (struct ops_tensor){waste, OPS_STATE, c->rows, 1, 1, c->c},
                        (struct ops_tensor){0}, metrics);
    return metrics[OPS_METRIC_LOSS];
}

static double xent_value(void *self)
{
    struct loss_case *c = self;
    static const int32_t labels[] = {2, 0, 4, 4, 1, 3};
    double metrics[OPS_METRICS] = {0};
    c->bench->ops->xent(c->bench->context, at(c->bench, X, c->rows, 1, 1, c->c), labels,
                        at(c->bench, DX, c->rows, 1, 1, c->c), metrics);
    return metrics[OPS_METRIC_XENT] / metrics[OPS_METRIC_SAMPLES];
}

static void check_losses(struct tap *tap, struct bench *bench)
{
    enum { ROWS = 6, C = 5, COUNT = ROWS * C };
    static const char *const names[] = {"cosine", "l2"};
    double analytic[COUNT];
    for (int kind = 0; kind < 2; kind++) {
        struct loss_case c = {bench, kind == 0 ? OPS_LOSS_COSINE : OPS_LOSS_L2, ROWS, C};
        double metrics[OPS_METRICS] = {0};
        char text[60];
        fresh(bench, 6);
        bench->ops->loss(bench->context, c.kind, at(bench, X, ROWS, 1, 1, C),
                         at(bench, W, ROWS, 1, 1, C), at(bench, DX, ROWS, 1, 1, C),
                         at(bench, DW, ROWS, 1, 1, C), metrics);
        snprintf(text, sizeof(text), "%s loss dq", names[kind]);
        tap_below(tap, gradient_error(loss_value, &c, COUNT, bench->piece[X], bench->piece[DX]),
                  ALLOWED, text);
        snprintf(text, sizeof(text), "%s loss dz", names[kind]);
        tap_below(tap, gradient_error(loss_value, &c, COUNT, bench->piece[W], bench->piece[DW]),
                  ALLOWED, text);
    }
    struct loss_case c = {bench, OPS_LOSS_L2, ROWS, C};
    fresh(bench, 8);
    (void)xent_value(&c);
    memcpy(analytic, bench->piece[DX], sizeof(analytic));
    tap_below(tap, gradient_error(xent_value, &c, COUNT, bench->piece[X], analytic), ALLOWED,
              "cross-entropy dlogits");
}

int main(void)
{
    static struct bench bench;
    struct tap tap = {0, 0};
    struct ssldyn_error err;
    bench.ops = ops_cpu();
    tap_need(bench.ops->create(&bench.context, &err), &err);
    check_conv(
        &tap, &bench,
        (struct ops_conv){.n = 3, .h = 5, .w = 4, .c = 2, .k = 3, .r = 3, .stride = 1, .pad = 1},
        "3x3");
    check_conv(
        &tap, &bench,
        (struct ops_conv){.n = 2, .h = 6, .w = 7, .c = 3, .k = 2, .r = 3, .stride = 2, .pad = 1},
        "3x3 stride 2");
    check_conv(
        &tap, &bench,
        (struct ops_conv){.n = 9, .h = 4, .w = 4, .c = 3, .k = 4, .r = 1, .stride = 2, .pad = 0},
        "1x1 stride 2");
    check_conv(
        &tap, &bench,
        (struct ops_conv){.n = 2, .h = 9, .w = 8, .c = 2, .k = 3, .r = 7, .stride = 2, .pad = 3},
        "7x7 stride 2");
    check_conv(
        &tap, &bench,
        (struct ops_conv){.n = 1, .h = 2, .w = 2, .c = 2, .k = 3, .r = 7, .stride = 2, .pad = 3},
        "7x7 on 2x2");
    check_bn(&tap, &bench, true, true, true, "affine, residual, relu,");
    check_bn(&tap, &bench, true, false, false, "affine");
    check_bn(&tap, &bench, false, false, true, "plain, relu,");
    check_linear(&tap, &bench);
    check_pools(&tap, &bench);
    check_losses(&tap, &bench);
    bench.ops->destroy(bench.context);
    return tap_done(&tap);
}
