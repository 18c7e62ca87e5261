/* Whole training steps of small networks on CUDA and on the CPU: the first done at once, the second
 * recorded, the rest replayed.
 *
 * A step spreads differences: gradients answer to a relative change of weights or activations by
 * about 1e2 times as much (seen with the CPU in float: 1e-7 in, 1e-5 out). So in float 1e-4 is
 * allowed. In bf16 the two cross a border of rounding now and then (rounded.h), 1e-4 in the mean:
 * 5e-2; and the learning rate is 0, for weights that crossed would add to that step by step. */
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

/* Block of that name of a checkpoint, of both. */
static void check_block(struct twin *twin, struct byol *const byol[2], const char *block,
                        const char *name)
{
    struct array array = {.type = OPS_STATE};
    char detail[120];
    BOTH(i)
    {
        struct byol_block found = {.name = ""};
        for (size_t k = 0; strcmp(found.name, block) != 0 && byol_block(byol[i], k, &found); k++) {
        }
        array.data[i] = found.data;
        array.count = found.bytes / twin->ops[i]->size[OPS_STATE];
    }
    snprintf(detail, sizeof detail, "of %s", name);
    twin_check(twin, array, block, detail);
}

static void check_gradient(struct twin *twin, struct byol *const byol[2], const char *name)
{
    struct array array = {.type = OPS_STATE};
    BOTH(i)
    {
        const struct net_view *view = net_look(byol_online(byol[i]));
        array.data[i] = view->gradient;
        array.count = view->count;
    }
    twin_check(twin, array, "last gradient of", name);
}

static void check_steps(struct twin *outer, struct byol_config config, const char *name)
{
    struct ssldyn_error err;
    struct byol *byol[2];
    double metrics[2][OPS_METRICS];
    char detail[120];
    struct twin fresh; /* with bounds of its own */
    const bool low = twin_is_low(outer, OPS_ACTIVATION);
    if (!twin_open(&fresh, outer->tap, outer->ops[1], low ? 5e-2 : 1e-4)) {
        return;
    }
    config.steps = STEPS;
    config.lr = low ? 0.0 : 1e-2;
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
              low ? 1e-3 : 1e-5, detail);
    check_gradient(&fresh, byol, name);
    check_block(&fresh, byol, "online", name);
    check_block(&fresh, byol, "momentum", name);
    check_block(&fresh, byol, "online running", name);
    if (config.ema) {
        check_block(&fresh, byol, "target", name);
    }
    BOTH(i)
    {
        byol_free(byol[i]);
    }
    twin_close(&fresh);
}

/* Two runs in one context take turns: neither may be given what was recorded of the other. Both
 * have the same settings, so that only their starts tell them apart. */
static void check_turns(struct twin *outer, struct byol_config config)
{
    struct ssldyn_error err;
    struct byol *byol[2][2]; /* run, backend */
    struct twin twin;
    const bool low = twin_is_low(outer, OPS_ACTIVATION);
    if (!twin_open(&twin, outer->tap, outer->ops[1], low ? 5e-2 : 1e-4)) {
        return;
    }
    config.steps = STEPS;
    config.lr = 0.0; /* the starts and the images tell the runs apart */
    for (int run = 0; run < 2; run++) {
        config.seed = 1 + (uint64_t)run;
        BOTH(i)
        {
            tap_need(byol_create(twin.ops[i], twin.context[i], &config, &byol[run][i], &err), &err);
        }
    }
    for (uint64_t step = 0; step < STEPS; step++) {
        for (int run = 0; run < 2; run++) {
            fill_input(&twin, byol[run], 200 + 2 * step + (uint64_t)run);
            BOTH(i)
            {
                tap_need(byol_step(byol[run][i], config.batch, NULL, NULL, &err), &err);
            }
        }
    }
    for (int run = 0; run < 2; run++) {
        const char *name = run == 0 ? "the first of two runs" : "the second of two runs";
        check_gradient(&twin, byol[run], name);
        check_block(&twin, byol[run], "online running", name);
        check_block(&twin, byol[run], "target", name);
        BOTH(i)
        {
            byol_free(byol[run][i]);
        }
    }
    twin_close(&twin);
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
    check_steps(twin, config, "trained predictor");
    check_turns(twin, config);
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
    check_steps(twin, config, "large stem, two layers");
}

int main(void)
{
    return twin_main(check_all);
}
