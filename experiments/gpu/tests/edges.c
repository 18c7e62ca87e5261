/* The optimizer of the probe in closed form, the size of the paper's networks, and invalid
 * settings. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/tests/small.h"
#include "experiments/gpu/tests/tap.h"

/* With a constant gradient g, the step of Adam is lr g/(|g| + epsilon) for all betas. */
static void check_adam(struct tap *tap)
{
    enum { COUNT = 5 };
    const struct ops *ops = ops_cpu();
    const struct ops_adam adam = {0.01, 0.9, 0.999, 1e-3, 0.0};
    const struct ops_adam decaying = {0.01, 0.9, 0.999, 1e-3, 0.5};
    const double g[COUNT] = {0.3, -2.1, 1e-3, 0.0, -0.04};
    double w[COUNT] = {0.5, 1.0, -1.0, 2.0, 0.0};
    double v[COUNT] = {0.5, 1.0, -1.0, 2.0, 0.0};
    double m1[COUNT] = {0};
    double m2[COUNT] = {0};
    int64_t step;
    double off = 0.0;
    for (step = 0; step < 7; step++)
        ops->adam(NULL, &adam, &step, COUNT, w, m1, m2, g);
    for (int i = 0; i < COUNT; i++) {
        const double want = v[i] - 7.0 * 0.01 * g[i] / (fabs(g[i]) + 1e-3);
        off = fmax(off, fabs(w[i] - want));
        m1[i] = m2[i] = 0.0;
    }
    tap_below(tap, off, 1e-14, "Adam with a constant gradient");
    step = 0;
    off = 0.0;
    memcpy(w, v, sizeof(w));
    ops->adam(NULL, &decaying, &step, COUNT, w, m1, m2, g);
    for (int i = 0; i < COUNT; i++) {
        const double total = g[i] + 0.5 * v[i];
        off = fmax(off, fabs(w[i] - (v[i] - 0.01 * total / (fabs(total) + 1e-3))));
    }
    tap_below(tap, off, 1e-14, "Adam's first step with decay");
}

/* Size of the paper's networks: multiply-adds and parameters as counted by hooks in PyTorch, to the
 * digits recorded then. */
static void check_sizes(struct tap *tap)
{
    static const struct {
        enum net_stem stem;
        int image;
        double macs;
        const char *name;
    } paper[] = {{NET_STEM_CIFAR, 32, 555.7e6, "CIFAR"}, {NET_STEM_LARGE, 96, 333.4e6, "STL"}};
    const struct ops *ops = ops_cpu_float();
    for (size_t i = 0; i < sizeof(paper) / sizeof(paper[0]); i++) {
        struct byol_config config;
        struct ops_context *context;
        struct net *net;
        struct ssldyn_error err;
        double count = 0.0;
        byol_defaults(&config);
        config.net.stem = paper[i].stem;
        config.net.image = paper[i].image;
        tap_need(ops->create(&context, &err), &err);
        tap_need(net_create(ops, context, &config.net, 1, false, &net, &err), &err);
        const struct net_view *view = net_look(net);
        for (size_t j = 0; j < view->parameter_count; j++)
            count += (double)view->parameters[j].count;
        tap_ok(tap, fabs(net_macs(net) - paper[i].macs) <= 0.05e6, "%s: %.1f MMAC per image",
               paper[i].name, net_macs(net) / 1e6);
        tap_ok(tap, fabs(count - 11.50e6) <= 0.01e6, "%s: %.2f M parameters", paper[i].name,
               count / 1e6);
        net_free(net);
        ops->destroy(context);
    }
}

static void refused(struct tap *tap, const struct byol_config *config, const char *words)
{
    const struct ops *ops = ops_cpu();
    struct ops_context *context;
    struct byol *byol;
    struct ssldyn_error err;
    tap_need(ops->create(&context, &err), &err);
    const enum ssldyn_status status = byol_create(ops, context, config, &byol, &err);
    tap_ok(tap, status == SSLDYN_EINPUT && !byol && strstr(err.message, words) != NULL,
           "refused: %s", err.message);
    ops->destroy(context);
}

static void check_refusals(struct tap *tap)
{
    struct byol_config config = small_config();
    config.stop_grad = false;
    refused(tap, &config, "stop-gradient");
    config = small_config();
    config.net.predictor = NET_PREDICTOR_TWO_LAYER;
    config.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    refused(tap, &config, "linear predictor");
    config = small_config();
    config.net.predictor = NET_PREDICTOR_NONE;
    config.symmetric = true;
    refused(tap, &config, "requires a predictor");
    config = small_config();
    config.gamma_a = (double)NAN;
    refused(tap, &config, "gamma_a");
    config = small_config();
    config.net.blocks[0] = 0;
    refused(tap, &config, "blocks");
    config = small_config();
    config.batch = 1;
    refused(tap, &config, "batch");
}

/* A run that diverges reports an error instead of continuing with nan. */
static void check_divergence(struct tap *tap)
{
    struct byol_config config = small_config();
    const struct ops *ops = ops_cpu();
    struct ops_context *context;
    struct byol *byol;
    struct ssldyn_error err = {.status = SSLDYN_OK};
    double metrics[OPS_METRICS];
    config.loss = OPS_LOSS_L2;
    config.lr = 1e6;
    config.steps = 20;
    tap_need(ops->create(&context, &err), &err);
    tap_need(byol_create(ops, context, &config, &byol, &err), &err);
    const struct ops_tensor input = byol_input(byol);
    enum ssldyn_status status = SSLDYN_OK;
    for (int step = 0; step < 20 && status == SSLDYN_OK; step++) {
        tap_fill((uint64_t)step, (size_t)input.n * (size_t)(input.h * input.w * input.c),
                 input.data);
        tap_need(byol_step(byol, config.batch, NULL, NULL, &err), &err);
        status = byol_metrics(byol, metrics, &err);
    }
    tap_ok(tap, status == SSLDYN_EDIVERGED || status == SSLDYN_EFAILED, "a run that diverges: %s",
           err.message);
    byol_free(byol);
    ops->destroy(context);
}

int main(void)
{
    struct tap tap = {0, 0};
    check_adam(&tap);
    check_sizes(&tap);
    check_refusals(&tap);
    check_divergence(&tap);
    return tap_done(&tap);
}
