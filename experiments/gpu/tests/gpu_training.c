/* CUDA's losses, optimizers, closed-form predictors and views of images compared with the CPU's
 * (twin.h explains the bounds). */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/augment.h"
#include "experiments/gpu/tests/twin.h"

/* Doubles on both devices, compared as doubles. */
static void check_doubles(struct twin *twin, size_t count, double *const data[2], const char *what,
                          const char *detail)
{
    struct ssldyn_error err;
    char name[160];
    double *values[2];
    BOTH(i)
    {
        values[i] = ssldyn_memory_array(count, sizeof(double));
        tap_need(twin->ops[i]->download(twin->context[i], values[i], data[i],
                                        count * sizeof(double), &err),
                 &err);
    }
    snprintf(name, sizeof name, "%s: %s %s", twin->ops[1]->name, what, detail);
    tap_below(twin->tap, twin_distance(count, values[0], values[1]), 1e-5, name);
    free(values[0]);
    free(values[1]);
}

/* The block of metrics, of zeros. */
static void metrics_of(struct twin *twin, double *metrics[2])
{
    BOTH(i)
    {
        metrics[i] = twin->ops[i]->alloc(twin->context[i], OPS_METRICS * sizeof(double));
    }
}

static void check_losses(struct twin *twin)
{
    enum { PAIRS = 21, C = 50, ROWS = 2 * PAIRS };
    static const char *const names[] = {[OPS_LOSS_COSINE] = "cosine", [OPS_LOSS_L2] = "L2"};
    for (int kind = OPS_LOSS_COSINE; kind <= OPS_LOSS_L2; kind++) {
        const struct array q = twin_random(twin, OPS_STATE, (size_t)ROWS * C, 0.0);
        const struct array z = twin_random(twin, OPS_STATE, (size_t)ROWS * C, 0.0);
        const struct array dq = twin_poison(twin, OPS_STATE, (size_t)ROWS * C);
        const struct array dz = twin_poison(twin, OPS_STATE, (size_t)ROWS * C);
        double *metrics[2];
        metrics_of(twin, metrics);
        BOTH(i)
        {
            twin->ops[i]->loss(twin->context[i], (enum ops_loss)kind,
                               twin_tensor(q, i, ROWS, 1, 1, C), twin_tensor(z, i, ROWS, 1, 1, C),
                               twin_tensor(dq, i, ROWS, 1, 1, C), twin_tensor(dz, i, ROWS, 1, 1, C),
                               metrics[i]);
        }
        twin_check(twin, dq, "loss dq", names[kind]);
        twin_check(twin, dz, "loss dz", names[kind]);
        check_doubles(twin, OPS_METRICS, metrics, "loss", names[kind]);
    }
}

static void check_xent(struct twin *twin)
{
    enum { N = 75, K = 37 };
    const struct array logits = twin_random(twin, OPS_STATE, (size_t)N * K, 0.0);
    const struct array dlogits = twin_poison(twin, OPS_STATE, (size_t)N * K);
    int32_t labels[N];
    double *metrics[2];
    metrics_of(twin, metrics);
    for (int n = 0; n < N; n++) {
        labels[n] = n * 7 % K;
    }
    double *values = twin_get(twin, 0, logits);
    for (int n = 0; n < N; n += 2) {
        values[n * K + labels[n]] += 2.0; /* some predictions are correct */
    }
    twin_put(twin, logits, values);
    free(values);
    BOTH(i)
    {
        void *device = twin->ops[i]->alloc(twin->context[i], sizeof labels);
        twin->ops[i]->upload(twin->context[i], device, labels, sizeof labels);
        twin->ops[i]->xent(twin->context[i], twin_tensor(logits, i, N, 1, 1, K), device,
                           twin_tensor(dlogits, i, N, 1, 1, K), metrics[i]);
    }
    twin_check(twin, dlogits, "cross-entropy, gradient", "");
    check_doubles(twin, OPS_METRICS, metrics, "cross-entropy", "");
}

/* A clock at step 1 of 2. */
static void clocks(struct twin *twin, struct ops_clock clock[2])
{
    const double table[2 * OPS_KNOBS] = {9.0, 9.0, 9.0, 0.37, 0.83, 0.29};
    const int64_t cursor[2] = {1, 5};
    const struct array knobs = twin_array(twin, OPS_STATE, 2 * OPS_KNOBS);
    twin_put(twin, knobs, table);
    BOTH(i)
    {
        clock[i].table = knobs.data[i];
        clock[i].cursor = twin->ops[i]->alloc(twin->context[i], sizeof cursor);
        twin->ops[i]->upload(twin->context[i], clock[i].cursor, cursor, sizeof cursor);
    }
}

static void check_optimizers(struct twin *twin, size_t count, const char *name)
{
    const struct array w = twin_random(twin, OPS_STATE, count, 0.0);
    const struct array v = twin_random(twin, OPS_STATE, count, 0.0);
    const struct array g = twin_random(twin, OPS_STATE, count, 0.0);
    const struct array target = twin_random(twin, OPS_STATE, count, 0.0);
    const struct array low = twin_poison(twin, OPS_ACTIVATION, count);
    const struct array low_target = twin_poison(twin, OPS_ACTIVATION, count);
    const struct array first = twin_random(twin, OPS_STATE, count, 0.0);
    const struct array second = twin_random(twin, OPS_STATE, count, 1.5);
    const struct array weight = twin_random(twin, OPS_STATE, count, 0.0);
    const struct ops_sgd sgd = {.lr_scale = 2.5, .momentum = 0.9, .decay = 0.01};
    const struct ops_adam adam = {3e-2, 0.9, 0.999, 1e-8, 1e-3};
    struct ops_clock clock[2];
    clocks(twin, clock);
    BOTH(i)
    {
        const struct ops *ops = twin->ops[i];
        const bool copies = twin_is_low(twin, OPS_ACTIVATION) && i == 1;
        ops->sgd(twin->context[i], &sgd, &clock[i], count, w.data[i], v.data[i], g.data[i],
                 copies ? low.data[i] : w.data[i]);
        ops->ema(twin->context[i], &clock[i], count, target.data[i], w.data[i],
                 copies ? low_target.data[i] : NULL);
        ops->adam(twin->context[i], &adam, clock[i].cursor, count, weight.data[i], first.data[i],
                  second.data[i], g.data[i]);
        if (!copies) {
            ops->convert(twin->context[i], count, w.data[i], low.data[i]);
            ops->convert(twin->context[i], count, target.data[i], low_target.data[i]);
        }
        ops->advance(twin->context[i], &clock[i]);
    }
    twin_check(twin, w, "SGD", name);
    twin_check(twin, v, "SGD, momentum", name);
    twin_check(twin, low, "SGD, copy", name);
    twin_check(twin, target, "EMA", name);
    twin_check(twin, low_target, "EMA, copy", name);
    twin_check(twin, weight, "Adam", name);
    twin_check(twin, first, "Adam, first moment", name);
    twin_check(twin, second, "Adam, second moment", name);
    int64_t step = 0;
    struct ssldyn_error err;
    tap_need(twin->ops[1]->download(twin->context[1], &step, clock[1].cursor, sizeof step, &err),
             &err);
    tap_ok(twin->tap, step == 2, "%s: the clock advances", twin->ops[1]->name);
}

static void check_symmetrize(struct twin *twin)
{
    const struct array square = twin_random(twin, OPS_STATE, product(17, 17, 1, 1), 0.0);
    const struct array a = twin_random(twin, OPS_STATE, product(9, 14, 1, 1), 0.0);
    const struct array b = twin_random(twin, OPS_STATE, product(9, 14, 1, 1), 0.0);
    BOTH(i)
    {
        const struct ops *ops = twin->ops[i];
        ops->symmetrize(twin->context[i], 17, 17, square.data[i], square.data[i]);
        ops->symmetrize(twin->context[i], 9, 14, a.data[i], b.data[i]);
    }
    twin_check(twin, square, "symmetrize", "one matrix");
    twin_check(twin, a, "symmetrize", "first of two");
    twin_check(twin, b, "symmetrize", "second of two");
}

/* F from rows whose first columns dominate, then Wp by each rule. */
static void check_set(struct twin *twin, int n, int rows, const struct ops_set *set,
                      const char *name)
{
    struct ssldyn_error err;
    char detail[80];
    const size_t count = (size_t)rows * (size_t)n;
    const size_t square = (size_t)n * (size_t)n;
    const struct array f = twin_random(twin, OPS_STATE, count, 0.0);
    const struct array Wp = twin_poison(twin, OPS_STATE, square);
    double *values = twin_get(twin, 0, f);
    struct ops_clock clock[2];
    double *F[2];
    clocks(twin, clock);
    for (size_t i = 0; i < count; i++) {
        values[i] *= exp(-6.0 * (double)(i % (size_t)n) / n);
    }
    twin_put(twin, f, values);
    free(values);
    BOTH(i)
    {
        const struct ops *ops = twin->ops[i];
        F[i] = ops->alloc(twin->context[i], square * sizeof(double));
        for (int step = 0; step < 3; step++) {
            ops->correlate(twin->context[i], &clock[i], twin_tensor(f, i, rows, 1, 1, n), F[i]);
        }
        tap_need(ops->set_prepare(twin->context[i], n, &err), &err);
        ops->set_begin(twin->context[i], set, n, F[i]);
        ops->set_end(twin->context[i], n, Wp.data[i]);
    }
    snprintf(detail, sizeof detail, "%s, n = %d", name, n);
    check_doubles(twin, square, F, "correlation", detail);
    twin_check(twin, Wp, "closed-form predictor", detail);
}

/* A single nan in F makes all of Wp nan, so that a diverging run is detected. */
static void check_set_nan(struct twin *twin, const struct ops_set *set)
{
    enum { N = 9 };
    struct ssldyn_error err;
    const struct ops *ops = twin->ops[1];
    struct ops_context *context = twin->context[1];
    const struct array Wp = twin_poison(twin, OPS_STATE, (size_t)N * N);
    double F[N * N] = {0.0};
    bool all = true;
    for (int i = 0; i < N; i++) {
        F[i * N + i] = 1.0 + i;
    }
    F[2 * N + 7] = F[7 * N + 2] = (double)NAN;
    void *device = ops->alloc(context, sizeof F);
    ops->upload(context, device, F, sizeof F);
    tap_need(ops->set_prepare(context, N, &err), &err);
    ops->set_begin(context, set, N, device);
    ops->set_end(context, N, Wp.data[1]);
    double *values = twin_get(twin, 1, Wp);
    for (int i = 0; i < N * N; i++) {
        all = all && isnan(values[i]);
    }
    free(values);
    tap_ok(twin->tap, all, "%s: a nan in F makes all of Wp nan", ops->name);
}

static void check_sets(struct twin *twin)
{
    struct ops_set set = {.parameters = {.rule = SSLDYN_PREDICTOR_DIRECTPRED,
                                         .epsilon = 0.1,
                                         .normalization = SSLDYN_NORMALIZE_LARGEST},
                          .least = 1e-4};
    check_set(twin, 32, 64, &set, "DirectPred");
    check_set(twin, 128, 256, &set, "DirectPred");
    check_set(twin, 5, 20, &set, "DirectPred");
    check_set(twin, 33, 12, &set, "DirectPred, rank 12"); /* and an odd size */
    set.parameters.normalization = SSLDYN_NORMALIZE_NONE;
    set.parameters.set_shift = 1e-3;
    set.parameters.epsilon = 0.0;
    check_set(twin, 16, 64, &set, "DirectPred, paper's scale, shifted");
    set.parameters.rule = SSLDYN_PREDICTOR_DIRECTSET;
    set.parameters.set_power = 1.0;
    set.parameters.epsilon = 0.3;
    set.least = 0.0;
    check_set(twin, 24, 64, &set, "DirectCopy");
    set.parameters.set_power = 0.7;
    check_set(twin, 1, 4, &set, "DirectSet");
    /* LAPACK on the CPU may treat nan in any way */
    if (twin->ops[1] != ops_cpu_float() && twin->ops[1] != ops_cpu_onednn()) {
        check_set_nan(twin, &set);
    }
}

/* ---------------------------------------------------------------- images */

static void check_augment(struct twin *twin, const char *settings, int channels, int side)
{
    enum { IMAGES = 24, N = 10 };
    const struct ssldyn_image_size size = {(size_t)channels, (size_t)side, (size_t)side};
    const size_t numbers = ssldyn_images_numbers(&size);
    const int out_channels = side > 100 ? 8 : channels + 2; /* includes padding */
    const double mean[4] = {0.5, 0.4, 0.45, 0.0};
    const double deviation[4] = {0.25, 0.2, 0.3, 1.0};
    struct augment_recipe recipe;
    int32_t order[2 * N];
    int32_t slots[2 * N];
    struct ops_clock clock[2];
    clocks(twin, clock);
    augment_init(&recipe, ssldyn_augment_named(settings), mean, deviation, 77);
    uint8_t *images = ssldyn_memory_array(IMAGES * numbers, 1);
    for (size_t i = 0; i < IMAGES * numbers; i++) {
        /* smooth, with some noise */
        images[i] = (uint8_t)(127.0 + 90.0 * sin((double)i / 9.0) + 37.0 * tap_number(3, i));
    }
    for (int i = 0; i < 2 * N; i++) {
        order[i] = (7 * i + 3) % IMAGES;
        slots[i] = (5 * i + 1) % IMAGES;
    }
    for (int view = -1; view < 2; view++) {
        char detail[80];
        const struct array out =
            twin_poison(twin, OPS_ACTIVATION, product(N, side, side, out_channels));
        BOTH(i)
        {
            const struct ops *ops = twin->ops[i];
            struct ops_source source = {.channels = channels, .height = side, .width = side};
            void *device = ops->alloc(twin->context[i], IMAGES * numbers);
            void *numbers_of = ops->alloc(twin->context[i], sizeof order);
            void *places = ops->alloc(twin->context[i], sizeof slots);
            ops->upload(twin->context[i], device, images, IMAGES * numbers);
            ops->upload(twin->context[i], numbers_of, order, sizeof order);
            ops->upload(twin->context[i], places, slots, sizeof slots);
            source.images = device;
            source.order = numbers_of;
            source.slots = view == 0 ? places : NULL;
            ops->augment(twin->context[i], &recipe, &source, &clock[i], N, view,
                         twin_tensor(out, i, N, side, side, out_channels));
        }
        snprintf(detail, sizeof detail, "%s, %d channels, view %d", settings, channels, view);
        twin_check(twin, out, "augment", detail);
    }
    free(images);
}

static void check_augments(struct twin *twin)
{
    check_augment(twin, "cifar", 3, 32);
    check_augment(twin, "stl", 3, 24);
    check_augment(twin, "weak", 1, 28);
    check_augment(twin, "none", 3, 8);
    check_augment(twin, "stl", 3, 150); /* more than the shared memory of any card */
}

static void check_all(struct twin *twin)
{
    check_losses(twin);
    check_xent(twin);
    check_optimizers(twin, 1024, "aligned");
    check_optimizers(twin, 1021, "odd");
    check_symmetrize(twin);
    check_sets(twin);
    check_augments(twin);
}

int main(void)
{
    return twin_main(check_all);
}
