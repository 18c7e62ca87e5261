/* Conserved quantities of SGD under the cosine, batch by batch: the squares of norms, and
 * symmetries, which are exact to the last bit for powers of two; and the norms to which it
 * converges. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "tests/unit/sgd_setup.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, WIDEST = 16 * 16 };

static double square(size_t count, const double x[])
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += x[i] * x[i];
    }
    return sum;
}

/* Deviation from 1 of |now|^2 divided by keep^2 |before|^2 + |now - keep before|^2. */
static double defect(size_t count, double keep, const double before[], const double now[])
{
    double step = 0.0;
    for (size_t i = 0; i < count; i++) {
        step += (now[i] - keep * before[i]) * (now[i] - keep * before[i]);
    }
    return fabs(square(count, now) / (keep * keep * square(count, before) + step) - 1.0);
}

/* ---- the norms of one step */

static const char *const settings[] = {"n1",  "5",     "n2",  "4",     "lr", "0.1", "eta",
                                       "0.2", "eta-s", "0.3", "steps", "40", NULL};

/* Conserved in a setting: |W|^2, |Wp|^2; and to which accuracy, the rounding of its precision or
 * the quadrature of the population's gradient. */
static const struct {
    bool w, wp;
    double allowed;
    const char *const options[12];
} kept[] = {
    {true, true, 1e-14, {"loss", "cosine"}},
    {true, true, 1e-14, {"loss", "cosine", "batch", "3"}},
    {true, true, 1e-14, {"loss", "cosine", "batch", "3", "beta", "0.7", "init-wa", "random"}},
    {true, true, 1e-14, {"loss", "cosine", "symmetrize-loss", "true", "alpha-p", "3"}},
    {true, true, 1e-14, {"loss", "cosine", "no-ema", "true", "no-stop-grad", "true"}},
    {true, true, 1e-14, {"loss", "cosine", "tau", "0.7", "symmetric", "true"}},
    {true, true, 1e-14, {"loss", "cosine", "schedule-lr", "cosine", "schedule-decay", "linear"}},
    {true, false, 1e-14, {"loss", "cosine", "no-predictor", "true"}},
    {true, false, 1e-14, {"loss", "cosine", "predictor", "directpred", "freq", "3"}},
    {false, true, 1e-14, {"loss", "iso-cosine"}},
    {true, true, 1e-6, {"loss", "cosine", "precision", "float"}},
    {true, true, 1e-11, {"loss", "cosine", "batch", "inf"}},
    {true,
     true,
     1e-11,
     {"loss", "cosine", "batch", "inf", "no-ema", "true", "no-stop-grad", "true"}},
    {false, true, 1e-11, {"loss", "iso-cosine", "batch", "inf"}},
    {false, false, 0.0, {"loss", "l2"}},
    {false, false, 0.0, {"loss", "iso-l2", "batch", "inf"}},
};
enum { KEPT = sizeof kept / sizeof kept[0] };

static void open_with(struct sgd_setup *setup, const char *const extra[], int64_t steps)
{
    const char *options[SPEC_WORDS];
    spec_join(options, settings, extra);
    sgd_open(setup, options, 0, steps);
}

static double decay_at(const struct sgd_setup *setup, int k)
{
    return setup->spec.problem.sgd.schedule_decay == SSLDYN_SCHEDULE_CONSTANT ? 1.0
                                                                              : 1.0 - k / 39.0;
}

START_TEST(norms)
{
    enum { STEPS = 40 };
    struct sgd_setup setup;
    double Wp[MOST], W[MOST], worst_w = 0.0, worst_wp = 0.0;
    open_with(&setup, kept[_i].options, STEPS);
    const struct ssldyn_rates *rates = &setup.spec.problem.parameters.rates;
    for (int k = 0; k < STEPS; k++) {
        struct ssldyn_snapshot now;
        ssldyn_sgd_process_view(setup.process, &now);
        memcpy(Wp, now.Wp, 16 * sizeof *Wp);
        memcpy(W, now.W, 20 * sizeof *W);
        const double lr = ssldyn_sgd_process_lr(setup.process, k) * decay_at(&setup, k);
        sgd_steps(&setup, 1);
        ssldyn_sgd_process_view(setup.process, &now);
        worst_w = fmax(worst_w, defect(20, 1.0 - lr * rates->eta_s, W, now.W));
        worst_wp = fmax(worst_wp, defect(16, 1.0 - lr * rates->eta_p, Wp, now.Wp));
    }
    /* a quantity that is not conserved changes by far more than rounding, so that this test can
     * fail */
    ck_assert(kept[_i].w ? worst_w <= kept[_i].allowed : worst_w > 1e-4);
    ck_assert(!setup.spec.problem.parameters.predictor ||
              (kept[_i].wp ? worst_wp <= kept[_i].allowed : worst_wp > 1e-4));
    struct ssldyn_drift laws[SSLDYN_SGD_LAWS_MAXIMUM];
    const size_t count = ssldyn_sgd_process_laws(setup.process, laws);
    ck_assert_uint_eq(count, (size_t)kept[_i].w + (size_t)kept[_i].wp);
    for (size_t i = 0; i < count; i++) {
        const double worst = i == 0 && kept[_i].w ? worst_w : worst_wp;
        ck_assert_double_le(laws[i].largest, laws[i].allowed);
        /* the step of the process is G, that of the test a difference of weights: different
         * rounding */
        CHECK_CLOSE(laws[i].largest, worst, 0.5, fmax(2e-15, 0.2 * kept[_i].allowed));
    }
    sgd_close(&setup);
}
END_TEST

/* With momentum a step has a component along the weights. */
START_TEST(momentum_keeps_none)
{
    static const char *const options[] = {"loss", "cosine", "momentum", "0.5", NULL};
    struct sgd_setup setup;
    struct ssldyn_drift laws[SSLDYN_SGD_LAWS_MAXIMUM];
    open_with(&setup, options, 1);
    sgd_steps(&setup, 1);
    ck_assert_uint_eq(ssldyn_sgd_process_laws(setup.process, laws), 0);
    sgd_close(&setup);
}
END_TEST

/* ---- symmetries */

static void run_scaled(const char *const extra[], const struct sgd_scaling *by, double Wp[MOST],
                       double W[MOST], double Wa[MOST])
{
    struct sgd_setup setup;
    const char *options[SPEC_WORDS];
    spec_join(options, settings, extra);
    sgd_prepare(&setup, options);
    sgd_scale_rates(&setup, by);
    for (size_t i = 0; i < 16; i++) {
        setup.start.Wp[i] *= by->Wp;
    }
    for (size_t i = 0; i < 20; i++) {
        setup.start.W[i] *= by->W;
        if (setup.start.Wa) {
            setup.start.Wa[i] *= by->W;
        }
    }
    sgd_begin(&setup, 0, 40);
    sgd_steps(&setup, 40);
    struct ssldyn_snapshot now;
    ssldyn_sgd_process_view(setup.process, &now);
    memcpy(Wp, now.Wp, 16 * sizeof *Wp);
    memcpy(W, now.W, 20 * sizeof *W);
    memcpy(Wa, now.Wa ? now.Wa : now.W, 20 * sizeof *Wa);
    sgd_close(&setup);
}

/* alpha_p is a scale of the predictor under the cosine, of both networks under the squared
 * distance; under the cosine lr, decay and beta enter only as products. */
static const struct {
    struct sgd_scaling by;
    const char *const options[12];
} symmetries[] = {
    {{4.0, 1.0, 1.0, 1.0, 2.0, 1.0}, {"loss", "cosine"}},
    {{4.0, 1.0, 1.0, 1.0, 2.0, 1.0}, {"loss", "cosine", "batch", "3", "init-wa", "random"}},
    {{0.25, 1.0, 1.0, 1.0, 0.5, 1.0}, {"loss", "cosine", "no-ema", "true", "no-stop-grad", "true"}},
    {{4.0, 1.0, 1.0, 1.0, 2.0, 1.0}, {"loss", "cosine", "symmetrize-loss", "true"}},
    {{4.0, 1.0, 1.0, 1.0, 2.0, 1.0}, {"loss", "cosine", "momentum", "0.5"}},
    {{4.0, 1.0, 1.0, 1.0, 2.0, 1.0}, {"loss", "cosine", "precision", "float"}},
    {{4.0, 1.0, 1.0, 1.0, 2.0, 1.0}, {"loss", "cosine", "schedule-lr", "linear", "warmup", "8"}},
    {{1.0, 4.0, 0.25, 0.25, 2.0, 2.0}, {"loss", "cosine"}},
    {{1.0, 4.0, 0.25, 0.25, 2.0, 2.0}, {"loss", "cosine", "batch", "3", "init-wa", "random"}},
    {{1.0, 4.0, 0.25, 0.25, 2.0, 2.0}, {"loss", "cosine", "no-ema", "true"}},
    {{1.0, 0.25, 4.0, 4.0, 0.5, 0.5}, {"loss", "cosine", "momentum", "0.5"}},
    {{1.0, 4.0, 0.25, 0.25, 2.0, 2.0}, {"loss", "cosine", "precision", "float"}},
    {{1.0, 4.0, 0.25, 0.25, 1.0, 2.0}, {"loss", "cosine", "no-predictor", "true"}},
    {{4.0, 1.0, 1.0, 1.0, 1.0, 0.5}, {"loss", "l2"}},
    {{4.0, 1.0, 1.0, 1.0, 1.0, 0.5}, {"loss", "l2", "batch", "3", "init-wa", "random"}},
    {{0.25, 1.0, 1.0, 1.0, 1.0, 2.0}, {"loss", "l2", "batch", "inf", "momentum", "0.5"}},
    {{4.0, 1.0, 1.0, 1.0, 1.0, 0.5}, {"loss", "l2", "no-ema", "true", "precision", "float"}},
};
enum { SCALE = 0, PRODUCT = 10, SYMMETRIES = sizeof symmetries / sizeof symmetries[0] };

START_TEST(exact_symmetries)
{
    static const struct sgd_scaling none = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    const struct sgd_scaling *const by = &symmetries[_i].by;
    double Wp[2][MOST], W[2][MOST], Wa[2][MOST];
    run_scaled(symmetries[_i].options, &none, Wp[0], W[0], Wa[0]);
    run_scaled(symmetries[_i].options, by, Wp[1], W[1], Wa[1]);
    for (size_t i = 0; i < 16; i++) {
        ck_assert(Wp[1][i] == by->Wp * Wp[0][i]);
    }
    for (size_t i = 0; i < 20; i++) {
        ck_assert(W[1][i] == by->W * W[0][i] && Wa[1][i] == by->W * Wa[0][i]);
    }
    ck_assert_double_gt(square(20, W[0]), 0.0);
}
END_TEST

/* The squared distance depends on alpha_p separately from the scale of the predictor, and on lr
 * separately from the decay, to which the cases above are insensitive. */
START_TEST(other_symmetries)
{
    static const struct sgd_scaling none = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    static const char *const options[] = {"loss", "l2", NULL};
    const struct sgd_scaling *const by = &symmetries[_i == 0 ? SCALE : PRODUCT].by;
    double Wp[2][MOST], W[2][MOST], Wa[2][MOST];
    run_scaled(options, &none, Wp[0], W[0], Wa[0]);
    run_scaled(options, by, Wp[1], W[1], Wa[1]);
    ck_assert_double_gt(fabs(W[1][0] / (by->W * W[0][0]) - 1.0), 1e-3);
}
END_TEST

/* ---- the norms at which decay and noise balance (THEORY section 10) */

/* SimSiam, 16 modes, X = I, X' = I/2, B = 64. Results of a simulation by another program; the two
 * agree within .3 %. */
static const struct {
    const char *alpha_p, *lr, *eta;
    double norm_w, norm_wp; /* 0: not given */
} settled[] = {{"1", "0.05", "0.05", 0.2735, 0.2675},
               {"1", "0.2", "0.05", 0.5711, 0.0},
               {"4", "0.05", "0.05", 0.2735, 1.0699},
               {"1", "0.05", "0.2", 0.1428, 0.0}};

START_TEST(settled_norms)
{
    const char *const options[] = {"n1",      "16",
                                   "n2",      "16",
                                   "sigma2",  "0.5",
                                   "batch",   "64",
                                   "no-ema",  "true",
                                   "loss",    "cosine",
                                   "alpha-p", settled[_i].alpha_p,
                                   "lr",      settled[_i].lr,
                                   "eta",     settled[_i].eta,
                                   NULL};
    const double lr = atof(settled[_i].lr);
    const double eta = atof(settled[_i].eta);
    const double alpha_p = atof(settled[_i].alpha_p);
    /* the start is forgotten at the rate 4 eta: by a factor of exp(-20) */
    const int before = (int)lround(5.0 / (lr * eta));
    const int count = 4000;
    struct sgd_setup setup;
    struct ssldyn_snapshot now;
    static double Wp[WIDEST], W[WIDEST];
    double sum_w = 0.0, sum_wp = 0.0, kappa_w = 0.0, kappa_p = 0.0;
    /* all modes equal and alive: one that starts with p < 0 would be collapsed for a long time */
    sgd_prepare(&setup, options);
    for (size_t i = 0; i < WIDEST; i++) {
        setup.start.W[i] = i % 17 == 0 ? 0.2 : 0.0;
        setup.start.Wp[i] = i % 17 == 0 ? 0.2 : 0.0;
    }
    sgd_begin(&setup, 0, before + count);
    sgd_steps(&setup, before);
    for (int k = 0; k < count; k++) {
        ssldyn_sgd_process_view(setup.process, &now);
        memcpy(Wp, now.Wp, sizeof Wp);
        memcpy(W, now.W, sizeof W);
        const double norm_w = square(WIDEST, W);
        const double norm_wp = square(WIDEST, Wp);
        sgd_steps(&setup, 1);
        for (size_t i = 0; i < WIDEST; i++) {
            Wp[i] = (now.Wp[i] - (1.0 - lr * eta) * Wp[i]) / (lr * alpha_p);
            W[i] = (now.W[i] - (1.0 - lr * eta) * W[i]) / lr;
        }
        sum_w += norm_w / count;
        sum_wp += norm_wp / count;
        kappa_w += norm_w * square(WIDEST, W) / count;
        kappa_p += norm_wp * square(WIDEST, Wp) / count;
    }
    /* |W|^4 = lr kappa_w/(2 eta), |Wp|^4 = lr alpha_p^2 kappa_p/(2 eta): the mean of the law above,
     * to first order in lr eta and in the fluctuations of the norms */
    CHECK_CLOSE(sum_w, sqrt(lr * kappa_w / (2.0 * eta)), 0.005, 0.0);
    CHECK_CLOSE(sum_wp, alpha_p * sqrt(lr * kappa_p / (2.0 * eta)), 0.005, 0.0);
    CHECK_CLOSE(sum_w, settled[_i].norm_w, 0.005, 0.0);
    if (settled[_i].norm_wp > 0.0) {
        CHECK_CLOSE(sum_wp, settled[_i].norm_wp, 0.005, 0.0);
    }
    sgd_close(&setup);
}
END_TEST

/* ---- the growth of the norms that a run measures */

/* Independent normal numbers, by Box and Muller. */
static double draw_normal(uint64_t *state)
{
    const double radius = sqrt(-2.0 * log(draw_between(state, 0.0, 1.0)));
    return radius * cos(2.0 * acos(-1.0) * draw_between(state, 0.0, 1.0));
}

/* y = A x, A^T x for transposed, all of size 16. */
static void apply(const double A[], bool transposed, const double x[], double y[])
{
    for (size_t i = 0; i < 16; i++) {
        y[i] = 0.0;
        for (size_t j = 0; j < 16; j++) {
            y[i] += (transposed ? A[j * 16 + i] : A[i * 16 + j]) * x[j];
        }
    }
}

/* Sums over pairs: of |G_w|^2 and |G_p|^2 of one pair each, of both gradients, and of k and m. */
struct pair_sums {
    double count, square_w, square_p, k, m;
    double G[WIDEST], Gp[WIDEST];
};

/* A pair of X = I and X' = I/2 at the weights Wp and W = Wa. */
static void add_pair(const double Wp[], const double W[], uint64_t *state, struct pair_sums *sums)
{
    double x1[16], x2[16], f[16], a[16], b[16], g[16], back[16];
    for (size_t i = 0; i < 16; i++) {
        const double shared = draw_normal(state);
        x1[i] = shared + sqrt(0.5) * draw_normal(state);
        x2[i] = shared + sqrt(0.5) * draw_normal(state);
    }
    apply(W, false, x1, f);
    apply(Wp, false, f, a);
    apply(W, false, x2, b);
    const double aa = square(16, a);
    const double length = sqrt(aa * square(16, b));
    double ab = 0.0;
    for (size_t i = 0; i < 16; i++) {
        ab += a[i] * b[i];
    }
    for (size_t i = 0; i < 16; i++) {
        g[i] = b[i] / length - ab * a[i] / (aa * length);
    }
    apply(Wp, true, g, back);
    sums->count += 1.0;
    sums->square_w += square(16, back) * square(16, x1);
    sums->square_p += square(16, g) * square(16, f);
    sums->k += 1.0 / length;
    sums->m += ab / (aa * length);
    for (size_t i = 0; i < WIDEST; i++) {
        sums->G[i] += back[i / 16] * x1[i % 16];
        sums->Gp[i] += g[i / 16] * f[i % 16];
    }
}

/* E|G|^2 of a batch of 64: a 64th of the variance of a pair, and the square of the mean, from
 * whose estimate its own variance is taken off. */
static double of_batch(double count, double squares, const double G[])
{
    const double mean = square(WIDEST, G) / (count * count);
    const double variance = (squares / count - mean) * count / (count - 1.0);
    return variance / 64.0 + mean - variance / count;
}

/* The means of a run, compared with a Monte Carlo of the gradient's second moment at 40 states of
 * the same steps. */
START_TEST(gains_of_a_run)
{
    enum { STATES = 40, PAIRS = 2500, EVERY = 200 };
    static const char *const options[] = {
        "n1",   "16",     "n2",      "16", "sigma2", "0.5",  "batch", "64",   "no-ema", "true",
        "loss", "cosine", "alpha-p", "4",  "lr",     "0.05", "eta",   "0.05", NULL};
    struct sgd_setup setup;
    struct ssldyn_snapshot now;
    static struct pair_sums sums;
    double kappa_w = 0.0, kappa_p = 0.0, k = 0.0, m = 0.0;
    uint64_t state = 11;
    sgd_prepare(&setup, options);
    for (size_t i = 0; i < WIDEST; i++) {
        setup.start.W[i] = i % 17 == 0 ? 0.5 : 0.0;
        setup.start.Wp[i] = i % 17 == 0 ? 1.0 : 0.0;
    }
    sgd_begin(&setup, 0, 2 * STATES * EVERY);
    sgd_steps(&setup, STATES * EVERY);
    for (int i = 0; i < STATES; i++) {
        sgd_steps(&setup, EVERY);
        ssldyn_sgd_process_view(setup.process, &now);
        sums = (struct pair_sums){.count = 0.0};
        for (int pair = 0; pair < PAIRS; pair++) {
            add_pair(now.Wp, now.W, &state, &sums);
        }
        kappa_w += square(WIDEST, now.W) * of_batch(PAIRS, sums.square_w, sums.G) / STATES;
        kappa_p += square(WIDEST, now.Wp) * of_batch(PAIRS, sums.square_p, sums.Gp) / STATES;
        k += sums.k / (PAIRS * STATES);
        m += sums.m / (PAIRS * STATES);
    }
    const struct ssldyn_sgd_gains gains = ssldyn_sgd_process_gains(setup.process);
    ck_assert_int_eq(gains.steps, STATES * EVERY);
    /* 1e5 pairs whose squares scatter by about their mean, and 40 of 8000 states: .3 % each */
    CHECK_CLOSE(gains.kappa_w, kappa_w, 0.01, 0.0);
    CHECK_CLOSE(gains.kappa_p, kappa_p, 0.01, 0.0);
    CHECK_CLOSE(gains.k, k, 0.005, 0.0);
    CHECK_CLOSE(gains.m, m, 0.005, 0.0);
    /* the closed forms for equal modes, to leading order in 1/16 */
    const double closed = 16.0 / 64.0 * (1.0 - 1.0 / 2.25);
    CHECK_CLOSE(gains.kappa_w, closed, 0.1, 0.0);
    CHECK_CLOSE(gains.kappa_p, closed, 0.1, 0.0);
    CHECK_CLOSE(gains.norm2_w, sqrt(gains.kappa_w / 2.0), 0.005, 0.0);
    CHECK_CLOSE(gains.norm2_wp, 4.0 * sqrt(gains.kappa_p / 2.0), 0.005, 0.0);
    sgd_close(&setup);
}
END_TEST

TEST_SUITE(sgd_cosine)
{
    tcase_add_loop_test(tests, norms, 0, KEPT);
    tcase_add_test(tests, momentum_keeps_none);
    tcase_add_loop_test(tests, exact_symmetries, 0, SYMMETRIES);
    tcase_add_loop_test(tests, other_symmetries, 0, 2);
    tcase_add_loop_test(tests, settled_norms, 0, 4);
    tcase_add_test(tests, gains_of_a_run);
}
