/* Every gradient of the CPU backend in double against differences of the function itself: operation
 * by operation, then the loss of whole networks. Central differences at h and h/2 combined leave an
 * error of h^4 f'''''/480 and rounding of about eps |f|/h: below 1e-9 here, against 1e-7 allowed.
 */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/net.h"
#include "experiments/gpu/tests/tap.h"

#include <string.h>

static const double H = 5e-5;
static const double ALLOWED = 1e-7;

typedef double scalar(void *self);

/* max |numerical - analytic| over the elements of x, of which f is a function. */
static double largest_error(scalar *f, void *self, size_t count, double x[],
                            const double gradient[])
{
    double error = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double kept = x[i];
        double at[4];
        const double steps[4] = {H, -H, H / 2, -H / 2};
        for (int q = 0; q < 4; q++) {
            x[i] = kept + steps[q];
            at[q] = f(self);
        }
        x[i] = kept;
        const double wide = (at[0] - at[1]) / (2.0 * H);
        const double narrow = (at[2] - at[3]) / H;
        const double off = fabs((4.0 * narrow - wide) / 3.0 - gradient[i]);
        error = off <= error ? error : off; /* lets a nan through */
    }
    return error;
}

static double largest(size_t count, const double values[])
{
    double most = 0.0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

/* The same over max |analytic|. */
static double gradient_error(scalar *f, void *self, size_t count, double x[],
                             const double gradient[])
{
    return largest_error(f, self, count, x, gradient) / largest(count, gradient);
}

/* Memory for one operation's check: everything is a double of the host. */
enum { ROOM = 4096, PIECES = 10 };
struct bench {
    const struct ops *ops;
    struct ops_context *context;
    double piece[PIECES][ROOM];
};
enum { X, W, B, RESIDUAL, Y, PULL, DX, DW, DB, DRESIDUAL };

static struct ops_tensor at(struct bench *bench, int piece, int n, int h, int w, int c)
{
    return (struct ops_tensor){bench->piece[piece], OPS_STATE, n, h, w, c};
}

/* Sum of pull x y: the function whose gradient in y is `pull`. */
static double pulled(struct bench *bench, struct ops_tensor y)
{
    return ssldyn_dot((size_t)(y.n * y.h * y.w * y.c), bench->piece[Y], bench->piece[PULL]);
}

static void fresh(struct bench *bench, uint64_t tag)
{
    for (int i = 0; i < PIECES; i++)
        tap_fill(tag * PIECES + (uint64_t)i, ROOM, bench->piece[i]);
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
    /* what arrives comes in two parts */
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
    double waste[ROOM];
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

/* The loss of a network as a function of all its parameters. */
struct whole {
    const struct ops *ops;
    struct ops_context *context;
    struct net *net;
    int n;
    enum ops_loss kind;
    double *z; /* held targets, or NULL: the projections themselves */
    bool differentiate;
};

static double whole_value(void *self)
{
    struct whole *c = self;
    struct ops_tensor dz = {.data = NULL};
    double metrics[OPS_METRICS] = {0};
    net_forward(c->net, c->n, NET_TRAIN);
    const struct net_view *view = net_look(c->net);
    struct ops_tensor z = view->projection;
    if (c->z)
        z.data = c->z;
    else
        dz = view->d_projection;
    c->ops->loss(c->context, c->kind, view->prediction, z, view->d_prediction, dz, metrics);
    if (c->differentiate)
        net_backward(c->net, c->n, !c->z);
    return metrics[OPS_METRIC_LOSS];
}

static void check_whole(struct tap *tap, const struct ops *ops, struct ops_context *context,
                        const struct net_config *config, bool stop_grad, enum ops_loss kind,
                        const char *name)
{
    enum { N = 6 };
    struct whole c = {ops, context, NULL, N, kind, NULL, true};
    struct ssldyn_error err;
    char text[100];
    tap_need(net_create(ops, context, config, N, true, &c.net, &err), &err);
    tap_need(net_prepare(c.net, N, NET_TRAIN, &err), &err);
    tap_need(net_reset(c.net, 7, SSLDYN_PURPOSE_INIT_W, &err), &err);
    const struct net_view *view = net_look(c.net);
    double *weights = view->weights;
    for (size_t i = 0; i < view->parameter_count; i++) {
        const struct net_parameter *p = &view->parameters[i];
        for (size_t j = 0; p->dimensions == 1 && j < p->count; j++)
            weights[p->offset + j] += 0.3 * tap_number(i, j); /* no BN at 1 and 0 */
    }
    tap_fill(2, (size_t)(N * config->image * config->image * view->input.c), view->input.data);
    double *z = calloc((size_t)(N * config->output), sizeof(double));
    double *gradient = calloc(view->count, sizeof(double));
    tap_need(z && gradient ? SSLDYN_OK : ssldyn_fail(&err, SSLDYN_ENOMEM, "out of memory"), &err);
    if (stop_grad) {
        tap_fill(9, (size_t)(N * config->output), z);
        c.z = z;
    }
    (void)whole_value(&c);
    memcpy(gradient, view->gradient, view->count * sizeof(double));
    c.differentiate = false;
    double worst = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < view->parameter_count; i++) {
        const struct net_parameter *p = &view->parameters[i];
        /* a bias before BN has the gradient 0: relative to the largest of all */
        const double error =
            largest_error(whole_value, &c, p->count, weights + p->offset, gradient + p->offset) /
            largest(view->count, gradient);
        worst = error <= worst ? worst : error;
        count += p->count;
        if (!(error <= ALLOWED))
            printf("# %s: %g\n", p->name, error);
    }
    snprintf(text, sizeof(text), "whole loss, %s, %zu parameters", name, count);
    tap_below(tap, worst, ALLOWED, text);
    net_free(c.net);
    free(z);
    free(gradient);
}

static void check_networks(struct tap *tap, const struct ops *ops, struct ops_context *context)
{
    struct net_config config = {.image = 8,
                                .channels = 3,
                                .width = 3,
                                .blocks = {1, 1, 0, 0},
                                .projector_hidden = 6,
                                .output = 4,
                                .predictor = NET_PREDICTOR_LINEAR,
                                .predictor_hidden = 5};
    check_whole(tap, ops, context, &config, true, OPS_LOSS_COSINE, "linear predictor");
    check_whole(tap, ops, context, &config, true, OPS_LOSS_L2, "plain L2");
    check_whole(tap, ops, context, &config, false, OPS_LOSS_COSINE, "no stop-gradient");
    config.predictor = NET_PREDICTOR_NONE;
    check_whole(tap, ops, context, &config, false, OPS_LOSS_L2, "no predictor, no stop-gradient");
    config.predictor = NET_PREDICTOR_TWO_LAYER;
    config.predictor_bias = true;
    config.affine = true;
    check_whole(tap, ops, context, &config, true, OPS_LOSS_COSINE, "two-layer predictor");
    config.stem = NET_STEM_LARGE;
    config.image = 20;
    config.blocks[1] = 0;
    check_whole(tap, ops, context, &config, true, OPS_LOSS_COSINE, "large stem");
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
    check_networks(&tap, bench.ops, bench.context);
    bench.ops->destroy(bench.context);
    return tap_done(&tap);
}
