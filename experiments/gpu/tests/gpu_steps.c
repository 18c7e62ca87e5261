/* Whole training steps of small networks on CUDA and on the CPU: the first done at once, the second
 * recorded, the rest replayed.
 *
 * In float the weights are compared after they have moved: training spreads rounding errors of
 * 1e-7, by a factor below 1e3 in six steps. In bf16 that would be by 2e-3 too much; there the
 * learning rate is 0, and losses and gradients are compared. A gradient has gone through some 20
 * tensors that are rounded by 2e-3/sqrt(3) each, independently: 5e-3, and a ReLU that lets the
 * other sign pass now and then; 5e-2 is allowed. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/byol.h"
#include "experiments/gpu/tests/twin.h"

enum { STEPS = 6 };

/* The same images for both. */
static void fill_input(struct twin *twin, struct byol *const byol[2], uint64_t tag)
{
    const struct ops_tensor input = byol_input(byol[0]);
    const struct array array = {.data = {input.data, byol_input(byol[1]).data},
                                .type = OPS_ACTIVATION,
                                .count = product(input.n, input.h, input.w, input.c)};
    double *values = ssldyn_array_alloc(array.count, sizeof *values);
    tap_fill(tag, array.count, values);
    twin_put(twin, array, values);
    free(values);
}

static struct array block_of(struct byol *const byol[2], bool gradient)
{
    struct array array = {.type = OPS_STATE};
    BOTH(i)
    {
        const struct net_view *view = net_look(byol_online(byol[i]));
        array.data[i] = gradient ? view->gradient : view->weights;
        array.count = view->count;
    }
    return array;
}

static void check_steps(struct twin *outer, struct byol_config config, const char *name)
{
    struct ssldyn_error err;
    struct byol *byol[2];
    double metrics[2][OPS_METRICS];
    char detail[120];
    struct twin fresh; /* steps are recorded for one run a context */
    const bool low = twin_is_low(outer, OPS_ACTIVATION);
    if (!twin_open(&fresh, outer->tap, outer->ops[1], low ? 5e-2 : 1e-4)) {
        return;
    }
    config.steps = STEPS;
    if (low) {
        config.lr = 0.0;
        config.net.channels = fresh.ops[1]->image_channels; /* so that both have the same weights */
    }
    BOTH(i)
    {
        tap_need(byol_create(fresh.ops[i], fresh.context[i], &config, &byol[i], &err), &err);
    }
    for (uint64_t step = 0; step < STEPS; step++) {
        fill_input(&fresh, byol, 100 + step);
        BOTH(i)
        {
            tap_need(byol_step(byol[i], config.batch, NULL, NULL, &err), &err);
        }
    }
    BOTH(i)
    {
        tap_need(byol_metrics(byol[i], metrics[i], &err), &err);
    }
    snprintf(detail, sizeof detail, "%s: %d steps, %s: loss", fresh.ops[1]->name, STEPS, name);
    /* a step's loss lies within -4 ... 4 */
    tap_below(outer->tap,
              fabs(metrics[0][OPS_METRIC_LOSS] - metrics[1][OPS_METRIC_LOSS]) / (4 * STEPS),
              low ? 1e-2 : 1e-5, detail);
    twin_check(&fresh, block_of(byol, low), low ? "gradient of" : "weights of", name);
    BOTH(i)
    {
        byol_free(byol[i]);
    }
    twin_close(&fresh);
}

static void check_all(struct twin *twin)
{
    struct byol_config config;
    byol_defaults(&config);
    config.net = (struct net_config){.image = 8,
                                     .channels = 3,
                                     .stem = NET_STEM_CIFAR,
                                     .width = 8,
                                     .blocks = {1, 1, 0, 0},
                                     .projector_hidden = 16,
                                     .output = 8,
                                     .predictor = NET_PREDICTOR_LINEAR,
                                     .predictor_hidden = 16};
    config.batch = 4;
    config.lr = 0.05;
    check_steps(twin, config, "trained predictor");
    config.symmetric = true;
    config.ema = false;
    check_steps(twin, config, "symmetric, no EMA");
    config.symmetric = false;
    config.ema = true;
    config.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    config.freq = 2;
    check_steps(twin, config, "DirectPred, every 2nd step");
    config.rule = SSLDYN_PREDICTOR_GRADIENT;
    config.net.stem = NET_STEM_LARGE;
    config.net.image = 32;
    config.net.predictor = NET_PREDICTOR_TWO_LAYER;
    config.batch = 8;
    config.lr = 0.01;
    check_steps(twin, config, "large stem, two layers");
}

int main(void)
{
    return twin_main(check_all);
}
