/* Properties of a training step that hold for any numbers: what it keeps, and what it does not
 * depend on. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/tests/small.h"
#include "experiments/gpu/tests/tap.h"

#include <string.h>
#ifdef _OPENMP
#include <omp.h>
#endif

/* A run of a few steps on images from the formula. */
struct run {
    const struct ops *ops;
    struct ops_context *context;
    struct byol *byol;
    struct byol_config config;
};

/* Layout of the images of a batch. */
enum order { AS_DRAWN, IMAGES_REVERSED, VIEWS_SWAPPED };

static void start(struct run *run, const struct ops *ops, const struct byol_config *config)
{
    struct ssldyn_error err;
    run->ops = ops;
    run->config = *config;
    tap_need(ops->create(&run->context, &err), &err);
    tap_need(byol_create(ops, run->context, config, &run->byol, &err), &err);
}

static void end(struct run *run)
{
    byol_free(run->byol);
    run->ops->destroy(run->context);
}

/* Images of step `step`; the pixels are the same for every order and number of padded channels. */
static void feed(struct run *run, int64_t step, enum order order)
{
    const struct ops_tensor input = byol_input(run->byol);
    const int n = run->config.batch;
    const size_t pixels = (size_t)(input.h * input.w);
    const size_t channels = (size_t)run->config.net.channels;
    const size_t size = run->ops->size[OPS_ACTIVATION];
    for (int i = 0; i < 2 * n; i++) {
        int drawn = i;
        if (order == IMAGES_REVERSED)
            drawn = i / n * n + (n - 1 - i % n);
        else if (order == VIEWS_SWAPPED)
            drawn = (i + n) % (2 * n);
        for (size_t j = 0; j < pixels * channels; j++) {
            const double value = tap_number((uint64_t)step, (size_t)drawn * pixels * channels + j);
            const size_t to = ((size_t)i * pixels + j / channels) * (size_t)input.c + j % channels;
            if (size == sizeof(double))
                ((double *)input.data)[to] = value;
            else
                ((float *)input.data)[to] = (float)value;
        }
    }
}

/* Runs steps first ... end - 1; returns the sum of their losses. */
static double steps(struct run *run, int64_t first, int64_t end, enum order order)
{
    struct ssldyn_error err;
    double metrics[OPS_METRICS];
    for (int64_t step = first; step < end; step++) {
        if (step % run->config.steps == 0 || step == first)
            byol_epoch(run->byol, step / run->config.steps, step % run->config.steps);
        feed(run, step, order);
        tap_need(byol_step(run->byol, run->config.batch, NULL, NULL, &err), &err);
    }
    tap_need(byol_metrics(run->byol, metrics, &err), &err);
    return metrics[OPS_METRIC_LOSS];
}

/* Whether all blocks of a checkpoint are equal, bit for bit. */
static bool same(struct run *a, struct run *b)
{
    struct byol_block x;
    struct byol_block y;
    for (size_t i = 0; byol_block(a->byol, i, &x); i++) {
        if (!byol_block(b->byol, i, &y) || x.bytes != y.bytes ||
            memcmp(x.data, y.data, x.bytes) != 0)
            return false;
    }
    return true;
}

/* |a - b|/|b| over the online weights; a and b may have different precisions. */
static double distance(struct run *a, struct run *b)
{
    const struct net_view *x = net_look(byol_online(a->byol));
    const struct net_view *y = net_look(byol_online(b->byol));
    double off = 0.0;
    double norm = 0.0;
    for (size_t i = 0; i < y->count; i++) {
        const double one = ops_get(a->ops, x->weights, i);
        const double other = ops_get(b->ops, y->weights, i);
        off += (one - other) * (one - other);
        norm += other * other;
    }
    return sqrt(off / norm);
}

/* The initial values of the first convolution: where the authors' program replaces ResNet's by a
 * 3 x 3 one, PyTorch's default, uniform within 1/sqrt(3 3 3); otherwise ResNet's, normal with
 * variance 2/(outputs 7 7). The mean square of n numbers is within 5 of its standard errors. */
static void check_start(struct tap *tap)
{
    struct byol_config config = small_config();
    for (int large = 0; large < 2; large++) {
        struct run run;
        double squares = 0.0;
        double most = 0.0;
        config.net.image = large ? 32 : 8;
        config.net.stem = large ? NET_STEM_LARGE : NET_STEM_CIFAR;
        config.net.width = 64;
        start(&run, ops_cpu(), &config);
        const struct net_view *view = net_look(byol_online(run.byol));
        const size_t n = view->parameters[0].count;
        const double *w = (const double *)view->weights + view->parameters[0].offset;
        for (size_t i = 0; i < n; i++) {
            squares += w[i] * w[i] / (double)n;
            most = fabs(w[i]) > most ? fabs(w[i]) : most;
        }
        const double bound = 1.0 / sqrt(27.0);
        const double variance = large ? 2.0 / (64.0 * 49.0) : bound * bound / 3.0;
        /* relative variance of a square: 2 for a normal number, 4/5 for a uniform one */
        const double spread = sqrt((large ? 2.0 : 0.8) / (double)n);
        tap_below(tap, fabs(squares / variance - 1.0), 5.0 * spread,
                  large ? "first convolution, large: variance" : "cifar: variance");
        tap_ok(tap, large ? most > 3.0 * sqrt(variance) : most <= bound && most > 0.99 * bound,
               large ? "first convolution, large: tails" : "cifar: bounds");
        end(&run);
    }
}

static void check_no_learning(struct tap *tap)
{
    struct byol_config config = small_config();
    struct run moved;
    struct run still;
    config.lr = 0.0;
    start(&moved, ops_cpu(), &config);
    start(&still, ops_cpu(), &config);
    (void)steps(&moved, 0, 4, AS_DRAWN);
    const struct net_view *a = net_look(byol_online(moved.byol));
    const struct net_view *b = net_look(byol_online(still.byol));
    tap_ok(tap, memcmp(a->weights, b->weights, a->count * sizeof(double)) == 0,
           "at learning rate 0 no weight moves");
    tap_ok(tap, memcmp(a->running, b->running, a->running_count * sizeof(double)) != 0,
           "at learning rate 0 the running statistics move");
    end(&moved);
    end(&still);
}

/* Sums over a batch in another order differ by rounding, which four steps amplify. */
static void check_orders(struct tap *tap)
{
    const struct byol_config config = small_config();
    struct run drawn;
    struct run reversed;
    struct run swapped;
    start(&drawn, ops_cpu(), &config);
    start(&reversed, ops_cpu(), &config);
    start(&swapped, ops_cpu(), &config);
    const double loss = steps(&drawn, 0, 4, AS_DRAWN);
    const double other = steps(&reversed, 0, 4, IMAGES_REVERSED);
    tap_below(tap, fabs(other - loss), 1e-11, "order of the images, losses");
    tap_below(tap, distance(&reversed, &drawn), 1e-12, "order of the images, weights");
    const double third = steps(&swapped, 0, 4, VIEWS_SWAPPED);
    tap_below(tap, fabs(third - loss), 1e-11, "order of the views, losses");
    tap_below(tap, distance(&swapped, &drawn), 1e-12, "order of the views, weights");
    end(&drawn);
    end(&reversed);
    end(&swapped);
}

/* Everything outside the blocks is recomputed from the configuration. */
static void check_resume(struct tap *tap, struct byol_config config, const char *name)
{
    struct run straight;
    struct run resumed;
    struct byol_block from;
    struct byol_block to;
    start(&straight, ops_cpu(), &config);
    (void)steps(&straight, 0, 5, AS_DRAWN);
    config.seed++; /* nothing of the initial state may remain */
    start(&resumed, ops_cpu(), &config);
    for (size_t i = 0; byol_block(straight.byol, i, &from); i++) {
        if (byol_block(resumed.byol, i, &to))
            memcpy(to.data, from.data, from.bytes);
    }
    byol_set_steps(resumed.byol, 5);
    byol_refresh(resumed.byol);
    const double loss = steps(&straight, 5, 8, AS_DRAWN);
    const double again = steps(&resumed, 5, 8, AS_DRAWN);
    tap_ok(tap, loss == again && same(&straight, &resumed), "%s: resumed = straight, bit for bit",
           name);
    end(&straight);
    end(&resumed);
}

/* With gamma_a = 0 the target equals the online network: with the same initial weights, SimSiam. */
static void check_simsiam(struct tap *tap)
{
    struct byol_config config = small_config();
    struct run byol;
    struct run simsiam;
    config.target = BYOL_TARGET_COPY;
    config.gamma_a = 0.0;
    start(&byol, ops_cpu(), &config);
    config.ema = false;
    start(&simsiam, ops_cpu(), &config);
    const double loss = steps(&byol, 0, 4, AS_DRAWN);
    const double other = steps(&simsiam, 0, 4, AS_DRAWN);
    tap_ok(tap, loss == other && distance(&byol, &simsiam) == 0.0,
           "BYOL with gamma_a = 0 from a copy is SimSiam, bit for bit");
    end(&byol);
    end(&simsiam);
}

/* Wp = F^(1/2) + epsilon max s: DirectPred as in the paper; checks the square. */
static void check_directpred(struct tap *tap)
{
    enum { N = 6 };
    struct byol_config config = small_config();
    struct run run;
    struct ssldyn_error err;
    double Wp[N * N];
    double F[N * N];
    double square[N * N];
    double off = 0.0;
    config.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    config.set.parameters.epsilon = 0.0;
    config.set.parameters.normalization = SSLDYN_NORMALIZE_NONE;
    config.set.least = 0.0;
    start(&run, ops_cpu(), &config);
    (void)steps(&run, 0, 3, AS_DRAWN);
    tap_need(byol_matrices(run.byol, Wp, F, &err), &err);
    ssldyn_dense_multiply(N, N, N, Wp, Wp, square);
    for (size_t i = 0; i < sizeof(F) / sizeof(F[0]); i++)
        off = fmax(off, fabs(square[i] - F[i]));
    tap_below(tap, off / ssldyn_dense_norm((size_t)N * N, F), 1e-14, "DirectPred: Wp Wp = F");
    end(&run);
}

static void check_product(struct tap *tap)
{
    enum { N = 6 };
    struct byol_config config = small_config();
    struct run run;
    struct ssldyn_error err;
    double Wp[N * N];
    double F[N * N];
    config.net.predictor = NET_PREDICTOR_TWO_LAYER;
    config.symmetric = true;
    start(&run, ops_cpu(), &config);
    (void)steps(&run, 0, 2, AS_DRAWN);
    tap_need(byol_matrices(run.byol, Wp, F, &err), &err);
    /* W2 W1 with W2 = W1^T is symmetric, with a nonnegative diagonal */
    bool positive = true;
    for (size_t i = 0; i < N; i++)
        positive = positive && Wp[i * (N + 1)] > 0.0;
    tap_ok(tap, positive && ssldyn_dense_asymmetry(N, Wp) < 1e-14,
           "a symmetric two-layer predictor stays symmetric");
    end(&run);
}

/* A network large enough that its work is divided among threads. */
static void check_threads(struct tap *tap)
{
#ifdef _OPENMP
    struct byol_config config = small_config();
    struct run runs[3];
    const int threads[3] = {1, 2, 7};
    bool all = true;
    config.net.image = 16;
    config.net.width = 16;
    config.batch = 9;
    for (int i = 0; i < 3; i++) {
        omp_set_num_threads(threads[i]);
        start(&runs[i], ops_cpu_float(), &config);
        (void)steps(&runs[i], 0, 3, AS_DRAWN);
        all = all && same(&runs[0], &runs[i]);
    }
    tap_ok(tap, all, "1, 2 and 7 threads: the same bits");
    for (int i = 0; i < 3; i++)
        end(&runs[i]);
#else
    tap_ok(tap, true, "threads # SKIP built without OpenMP");
#endif
}

static void check_padding(struct tap *tap)
{
    struct ops padded = *ops_cpu();
    const struct byol_config config = small_config();
    struct run plain;
    struct run wide;
    double off = 0.0;
    padded.image_channels = 8;
    start(&plain, ops_cpu(), &config);
    start(&wide, &padded, &config);
    tap_ok(tap, byol_input(plain.byol).c == 3 && byol_input(wide.byol).c == 8, "padded to 8");
    const double loss = steps(&plain, 0, 4, AS_DRAWN);
    tap_below(tap, fabs(steps(&wide, 0, 4, AS_DRAWN) - loss), 1e-12,
              "images padded to 8 channels, losses");
    const struct net_view *a = net_look(byol_online(plain.byol));
    const struct net_view *b = net_look(byol_online(wide.byol));
    for (size_t i = 0; i < a->parameters[0].count; i++) {
        const double one = ((const double *)a->weights)[i];
        off = fmax(off, fabs(one - ((const double *)b->weights)[i / 3 * 8 + i % 3]));
    }
    for (size_t i = 1; i < a->parameter_count; i++) {
        for (size_t j = 0; j < a->parameters[i].count; j++)
            off = fmax(off, fabs(((const double *)a->weights)[a->parameters[i].offset + j] -
                                 ((const double *)b->weights)[b->parameters[i].offset + j]));
    }
    tap_below(tap, off, 1e-12, "images padded to 8 channels, weights");
    end(&plain);
    end(&wide);
}

/* Eight steps in single precision: rounding of 6e-8, amplified by the steps and by BN over few
 * rows. */
static void check_float(struct tap *tap)
{
    struct byol_config config = small_config();
    struct run wide;
    struct run narrow;
    config.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    config.freq = 3;
    start(&wide, ops_cpu(), &config);
    start(&narrow, ops_cpu_float(), &config);
    const double loss = steps(&wide, 0, 8, AS_DRAWN);
    tap_below(tap, fabs(steps(&narrow, 0, 8, AS_DRAWN) - loss), 1e-4,
              "float against double, losses");
    tap_below(tap, distance(&narrow, &wide), 1e-5, "float against double, weights");
    end(&wide);
    end(&narrow);
}

int main(void)
{
    struct tap tap = {0, 0};
    struct byol_config config = small_config();
    check_start(&tap);
    check_no_learning(&tap);
    check_orders(&tap);
    check_resume(&tap, config, "gradient");
    config.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    config.freq = 3;
    config.schedule = BYOL_COSINE;
    check_resume(&tap, config, "DirectPred, freq 3, cosine");
    check_simsiam(&tap);
    check_directpred(&tap);
    check_product(&tap);
    check_threads(&tap);
    check_padding(&tap);
    check_float(&tap);
    return tap_done(&tap);
}
