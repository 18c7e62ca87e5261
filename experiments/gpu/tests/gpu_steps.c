/* Whole training steps of small networks on CUDA and on the CPU: the first executed, the second
 * recorded, the rest replayed. Both start each step in the same state, the CPU's.
 *
 * A step amplifies differences: a relative change of weights or activations changes the gradients
 * by about 1e2 times as much (measured with the CPU in float: 1e-7 in, 1e-5 out). So 1e-4 is
 * allowed in float. In bf16 the two sometimes round to different neighbors (rounded.h), 1e-4 on
 * average: 5e-2 is allowed.
 *
 * If a number is so close to 0 that it ends up on the other side of a ReLU, a part of the gradient
 * of the step is switched on or off: 1e-3 to 5e-1 of it. By chance that happens in one of a hundred
 * steps in float (also between two runs of the CPU) and in one of six in bf16. Of sixteen steps more
 * than two then exceed the bound in float with a probability of 5e-4, and more than seven in bf16
 * with one of 2e-3; that many are allowed. An error in the replay affects at least every second
 * step, eight of them. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/byol.h"
#include "experiments/gpu/tests/twin.h"

enum { STEPS = 16, OFF_FLOAT = 2, OFF_LOW = 7 };

/* Compared after each step: the gradient, then blocks of a checkpoint. */
static const char *const compared[] = {"gradient", "online", "momentum", "online running",
                                       "target"};
enum { COMPARED = sizeof compared / sizeof compared[0] };

/* One run on both backends. */
struct pair {
    struct byol *byol[2];
    double distances[COMPARED][STEPS];
    double losses[STEPS];
};

/* Block of a checkpoint with that name, on both; count = 0 if there is none. */
static struct array find_block(const struct twin *twin, struct byol *const byol[2],
                               const char *name)
{
    struct array array = {.type = OPS_STATE};
    BOTH(i)
    {
        struct byol_block found = {.name = ""};
        for (size_t k = 0; byol_block(byol[i], k, &found); k++) {
            if (strcmp(found.name, name) == 0) {
                array.data[i] = found.data;
                array.count = found.bytes / twin->ops[i]->size[OPS_STATE];
            }
        }
    }
    return array;
}

static struct array find(const struct twin *twin, struct byol *const byol[2], const char *name)
{
    struct array array = {.type = OPS_STATE};
    if (strcmp(name, "gradient") != 0) {
        return find_block(twin, byol, name);
    }
    BOTH(i)
    {
        const struct net_view *view = net_look(byol_online(byol[i]));
        array.data[i] = view->gradient;
        array.count = view->count;
    }
    return array;
}

static double distance(struct twin *twin, struct array array)
{
    double *a = twin_get(twin, 0, array);
    double *b = twin_get(twin, 1, array);
    const double apart = array.count > 0 ? twin_distance(array.count, a, b) : 0.0;
    free(a);
    free(b);
    return apart;
}

/* Copies the state of the CPU's run to both, rounded to values that both represent. */
static void make_equal(struct twin *twin, struct byol *const byol[2])
{
    struct ssldyn_error err;
    const struct net_view *view = net_look(byol_online(byol[0]));
    const size_t square = (size_t)view->projection.c * (size_t)view->projection.c;
    double *F = ssldyn_memory_array(square, sizeof *F);
    for (int k = 1; k < COMPARED; k++) {
        const struct array array = find_block(twin, byol, compared[k]);
        if (array.count > 0) {
            double *values = twin_get(twin, 0, array);
            twin_put(twin, array, values);
            free(values);
        }
    }
    tap_need(twin->ops[0]->download(twin->context[0], F, byol_correlation(byol[0]),
                                    square * sizeof *F, &err),
             &err);
    twin->ops[1]->upload(twin->context[1], byol_correlation(byol[1]), F, square * sizeof *F);
    free(F);
    BOTH(i)
    {
        byol_refresh(byol[i]);
    }
}

/* Gives both the same images. */
static void fill_input(struct twin *twin, struct byol *const byol[2], uint64_t tag)
{
    const struct ops_tensor input = byol_input(byol[0]);
    const struct array array = {.data = {input.data, byol_input(byol[1]).data},
                                .type = OPS_ACTIVATION,
                                .count = product(input.n, input.h, input.w, input.c)};
    double *values = ssldyn_memory_array(array.count, sizeof *values);
    tap_fill(tag, array.count, values);
    twin_put(twin, array, values);
    free(values);
}

static void create(struct twin *twin, const struct byol_config *config, struct pair *pair)
{
    struct ssldyn_error err;
    BOTH(i)
    {
        tap_need(byol_create(twin->ops[i], twin->context[i], config, &pair->byol[i], &err), &err);
    }
}

static void step(struct twin *twin, const struct byol_config *config, struct pair *pair, int number,
                 uint64_t tag)
{
    struct ssldyn_error err;
    double metrics[2][OPS_METRICS];
    make_equal(twin, pair->byol);
    fill_input(twin, pair->byol, tag);
    BOTH(i)
    {
        tap_need(byol_step(pair->byol[i], config->batch, NULL, NULL, &err), &err);
        tap_need(byol_metrics(pair->byol[i], metrics[i], &err), &err);
    }
    /* the loss of a step lies within -4 ... 4 */
    pair->losses[number] = fabs(metrics[0][OPS_METRIC_LOSS] - metrics[1][OPS_METRIC_LOSS]) / 4;
    for (int k = 0; k < COMPARED; k++) {
        pair->distances[k][number] = distance(twin, find(twin, pair->byol, compared[k]));
    }
}

/* Sorts nan last. */
static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return isnan(x) || isnan(y) ? isnan(x) - isnan(y) : (x > y) - (x < y);
}

static void check(struct twin *twin, double distances[STEPS], double allowed, const char *what,
                  const char *name)
{
    char detail[160];
    const bool low = twin_is_low(twin, OPS_ACTIVATION);
    const int off = low ? OFF_LOW : OFF_FLOAT;
    qsort(distances, STEPS, sizeof distances[0], compare);
    snprintf(detail, sizeof detail, "%s: %s: %s, %d of %d steps", twin->ops[1]->name, name, what,
             STEPS - off, STEPS);
    tap_below(twin->tap, distances[STEPS - 1 - off], allowed, detail);
}

static void check_and_free(struct twin *twin, struct pair *pair, const char *name)
{
    const bool low = twin_is_low(twin, OPS_ACTIVATION);
    check(twin, pair->losses, low ? 1e-3 : 1e-5, "loss", name);
    for (int k = 0; k < COMPARED; k++) {
        if (find(twin, pair->byol, compared[k]).count > 0) {
            check(twin, pair->distances[k], twin->allowed, compared[k], name);
        }
    }
    BOTH(i)
    {
        byol_free(pair->byol[i]);
    }
}

/* Runs in one context alternate: each must replay only its own recordings. */
static void check_steps(struct twin *outer, struct byol_config config, int runs, const char *name)
{
    enum { MOST = 2 };
    struct pair pairs[MOST];
    struct twin twin; /* each with its own bounds */
    if (!twin_open(&twin, outer->tap, outer->ops[1],
                   twin_is_low(outer, OPS_ACTIVATION) ? 5e-2 : 1e-4)) {
        return;
    }
    config.steps = STEPS;
    config.lr = 1e-2;
    for (int run = 0; run < runs; run++) {
        config.seed = 1 + (uint64_t)run;
        create(&twin, &config, &pairs[run]);
    }
    for (int number = 0; number < STEPS; number++) {
        for (int run = 0; run < runs; run++) {
            step(&twin, &config, &pairs[run], number, 100 + (uint64_t)(number + STEPS * run));
        }
    }
    for (int run = 0; run < runs; run++) {
        char detail[80];
        snprintf(detail, sizeof detail, runs > 1 ? "%s, run %d" : "%s", name, run + 1);
        check_and_free(&twin, &pairs[run], detail);
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
    check_steps(twin, config, 2, "trained predictor");
    config.symmetric = true;
    config.ema = false;
    check_steps(twin, config, 1, "symmetric, no EMA");
    config.symmetric = false;
    config.ema = true;
    config.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    config.freq = 2;
    check_steps(twin, config, 1, "DirectPred, every 2nd step");
    config.rule = SSLDYN_PREDICTOR_GRADIENT;
    config.net.stem = NET_STEM_LARGE;
    config.net.image = 32;
    config.net.predictor = NET_PREDICTOR_TWO_LAYER;
    config.batch = 8;
    check_steps(twin, config, 1, "large stem, two layers");
}

int main(void)
{
    return twin_main(check_all);
}
