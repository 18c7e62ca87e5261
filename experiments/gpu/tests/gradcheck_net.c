/* Gradient of the loss of whole networks with respect to all their parameters, compared with finite
 * differences. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/net.h"
#include "experiments/gpu/tests/differences.h"
#include "experiments/gpu/tests/tap.h"

#include <string.h>

/* The loss of a network as a function of all its parameters. */
struct whole {
    const struct ops *ops;
    struct ops_context *context;
    struct net *net;
    int n;
    enum ops_loss kind;
    double *z; /* fixed targets, or NULL: the projections themselves */
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
            weights[p->offset + j] += 0.3 * tap_number(i, j); /* move the parameters of BN away from
                                                               * 1 and 0 */
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
        /* the gradient of a bias before BN is 0: errors are relative to the largest of all */
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
    config.joint_bn = true;
    config.stem = NET_STEM_LARGE;
    config.image = 20;
    config.blocks[1] = 0;
    check_whole(tap, ops, context, &config, true, OPS_LOSS_COSINE, "large stem, joint BN");
}

int main(void)
{
    const struct ops *ops = ops_cpu();
    struct ops_context *context;
    struct tap tap = {0, 0};
    struct ssldyn_error err;
    tap_need(ops->create(&context, &err), &err);
    check_networks(&tap, ops, context);
    ops->destroy(context);
    return tap_done(&tap);
}
