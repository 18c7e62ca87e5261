/* M6 as a process: the deterministic map compared with plain loops, the mean of the stochastic step
 * with the map, closed-form predictors with their definitions; time, repetition, refusals. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_process.h"

#include "tests/close.h"
#include "tests/suite.h"
#include "tests/unit/sgd_setup.h"

#include <check.h>
#include <float.h>
#include <gsl/gsl_math.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N1 = 3, N2 = 4, SQUARE = N2 * N2, RECTANGLE = N2 * N1 };

#define SIZES "n1", "3", "n2", "4"

/* The map of THEORY M6 with X = I, X + X' = c I and heavy-ball momentum, entry by entry. */
struct plain {
    double Wp[SQUARE], W[RECTANGLE], Wa[RECTANGLE], vp[SQUARE], v[RECTANGLE];
};

static void plain_step(struct plain *p, double lr, double momentum, double alpha_p, double eta_p,
                       double eta_s, double beta, double c)
{
    double E[RECTANGLE], Gp[SQUARE] = {0}, G[RECTANGLE] = {0};
    for (size_t i = 0; i < N2; i++) {
        for (size_t j = 0; j < N1; j++) {
            E[i * N1 + j] = -p->Wa[i * N1 + j];
            for (size_t k = 0; k < N2; k++) {
                E[i * N1 + j] += c * p->Wp[i * N2 + k] * p->W[k * N1 + j];
            }
        }
    }
    for (size_t i = 0; i < N2; i++) {
        for (size_t j = 0; j < N2; j++) {
            for (size_t k = 0; k < N1; k++) {
                Gp[i * N2 + j] += alpha_p * E[i * N1 + k] * p->W[j * N1 + k];
                G[i * N1 + k] += p->Wp[j * N2 + i] * E[j * N1 + k];
            }
        }
    }
    for (size_t i = 0; i < SQUARE; i++) {
        p->vp[i] = momentum * p->vp[i] + Gp[i] + eta_p * p->Wp[i];
        p->Wp[i] -= lr * p->vp[i];
    }
    for (size_t i = 0; i < RECTANGLE; i++) {
        p->v[i] = momentum * p->v[i] + G[i] + eta_s * p->W[i];
        p->W[i] -= lr * p->v[i];
        p->Wa[i] += lr / (1.0 - momentum) * beta * (p->W[i] - p->Wa[i]);
    }
}

START_TEST(map_by_hand)
{
    const char *const options[] = {SIZES,    "lr",    "0.05",    "momentum", _i ? "0.8" : "0",
                                   "batch",  "inf",   "beta",    "0.7",      "alpha-p",
                                   "1.5",    "eta-p", "0.1",     "eta-s",    "0.02",
                                   "sigma2", "0.3",   "init-wa", "random",   NULL};
    struct sgd_setup setup;
    struct ssldyn_snapshot now;
    struct plain plain = {.vp = {0}};
    sgd_open(&setup, options, 0, 100);
    memcpy(plain.Wp, setup.start.Wp, sizeof plain.Wp);
    memcpy(plain.W, setup.start.W, sizeof plain.W);
    memcpy(plain.Wa, setup.start.Wa, sizeof plain.Wa);
    const double momentum = _i ? 0.8 : 0.0;
    for (int k = 1; k <= 25; k++) {
        plain_step(&plain, 0.05, momentum, 1.5, 0.1, 0.02, 0.7, 1.3);
        sgd_steps(&setup, 1);
        CHECK_CLOSE(ssldyn_sgd_process_time(setup.process), 0.05 * k / (1.0 - momentum), 1e-14,
                    0.0);
    }
    ssldyn_sgd_process_view(setup.process, &now);
    CHECK_CLOSE(now.step, 25.0, 0.0, 0.0);
    for (size_t i = 0; i < SQUARE; i++) {
        CHECK_CLOSE(now.Wp[i], plain.Wp[i], 1e-12, 1e-13);
    }
    for (size_t i = 0; i < RECTANGLE; i++) {
        CHECK_CLOSE(now.W[i], plain.W[i], 1e-12, 1e-13);
        CHECK_CLOSE(now.Wa[i], plain.Wa[i], 1e-12, 1e-13);
    }
    sgd_close(&setup);
}
END_TEST

/* One step of many runs: the mean is the step of the map, within five standard errors; for both
 * samplers and precisions, one and both orders of the views, with and without stop-gradient. */
static const char *const variants[][10] = {
    {"sampler", "direct", "batch", "6", NULL},
    {"sampler", "wishart", "batch", "6", NULL},
    {"sampler", "wishart", "batch", "2", NULL},
    {"sampler", "direct", "batch", "30", "precision", "float", NULL},
    {"sampler", "wishart", "batch", "30", "precision", "float", NULL},
    {"symmetrize-loss", "true", "sampler", "direct", "batch", "5", NULL},
    {"symmetrize-loss", "true", "sampler", "wishart", "batch", "9", NULL},
    {"no-ema", "true", "no-stop-grad", "true", "batch", "4", NULL},
    {"no-ema", "true", "no-stop-grad", "true", "batch", "20", NULL},
    {"tau", "0.6", "batch", "9", NULL},
    {"no-predictor", "true", "batch", "9", NULL},
    {"symmetric", "true", "batch", "9", NULL},
    /* fewer pairs than n1: the gradients come directly from the batch */
    {"sampler", "direct", "batch", "2", NULL},
    {"sampler", "direct", "batch", "1", "symmetrize-loss", "true", NULL},
    {"symmetric", "true", "batch", "2", "precision", "float", NULL},
    {"no-ema", "true", "no-stop-grad", "true", "batch", "1", NULL},
    {"tau", "0.6", "batch", "2", NULL},
    {"loss", "cosine", "batch", "6", NULL},
    {"loss", "cosine", "batch", "2", "init-wa", "random", NULL},
    {"loss", "cosine", "batch", "30", "precision", "float", NULL},
    {"loss", "cosine", "batch", "5", "symmetrize-loss", "true", NULL},
    {"loss", "cosine", "no-ema", "true", "no-stop-grad", "true", NULL},
    {"loss", "cosine", "no-predictor", "true", "batch", "9", NULL},
    {"loss", "iso-cosine", "batch", "9", "symmetric", "true", NULL},
    {"loss", "iso-l2", "sampler", "wishart", "batch", "9", NULL},
    {"loss", "iso-l2", "batch", "2", NULL},
};
enum { VARIANTS = sizeof variants / sizeof variants[0] };

static void one_step(const char *const variant[], const char *batch, uint32_t run,
                     double out[SQUARE + RECTANGLE])
{
    const char *options[24] = {SIZES, "lr", "0.1", NULL};
    size_t count = 6;
    for (size_t i = 0; variant[i]; i += 2) {
        const bool draws = strcmp(variant[i], "batch") == 0 || strcmp(variant[i], "sampler") == 0 ||
                           strcmp(variant[i], "symmetrize-loss") == 0 ||
                           strcmp(variant[i], "precision") == 0;
        if (!batch || !draws) {
            options[count++] = variant[i];
            options[count++] = variant[i + 1];
        }
    }
    if (batch) {
        options[count++] = "batch";
        options[count++] = batch;
    }
    options[count] = NULL;
    struct sgd_setup setup;
    struct ssldyn_snapshot now;
    sgd_open(&setup, options, run, 1);
    sgd_steps(&setup, 1);
    ssldyn_sgd_process_view(setup.process, &now);
    memcpy(out, now.Wp, SQUARE * sizeof *out);
    memcpy(out + SQUARE, now.W, RECTANGLE * sizeof *out);
    sgd_close(&setup);
}

START_TEST(mean_step_is_the_map)
{
    enum { RUNS = 3000, SIZE = SQUARE + RECTANGLE };
    double want[SIZE], mean[SIZE] = {0}, square[SIZE] = {0};
    one_step(variants[_i], "inf", 0, want);
    for (uint32_t run = 0; run < RUNS; run++) {
        double got[SIZE];
        one_step(variants[_i], NULL, run, got);
        for (size_t i = 0; i < SIZE; i++) {
            mean[i] += (got[i] - want[i]) / (double)RUNS;
            square[i] += (got[i] - want[i]) * (got[i] - want[i]) / (double)RUNS;
        }
    }
    for (size_t i = 0; i < SIZE; i++) {
        CHECK_CLOSE(mean[i], 0.0, 0.0, 5.0 * sqrt(square[i] / (double)RUNS) + 1e-7 * fabs(want[i]));
    }
}
END_TEST

/* (A B)_ij of N2 x N2 matrices */
static double product(const double A[], const double B[], size_t i, size_t j)
{
    double sum = 0.0;
    for (size_t k = 0; k < N2; k++) {
        sum += A[i * N2 + k] * B[k * N2 + j];
    }
    return sum;
}

static void outer(const double A[], const double B[], double factor, double F[SQUARE])
{
    for (size_t i = 0; i < N2; i++) {
        for (size_t j = 0; j < N2; j++) {
            F[i * N2 + j] = 0.0;
            for (size_t k = 0; k < N1; k++) {
                F[i * N2 + j] += factor * A[i * N1 + k] * B[j * N1 + k];
            }
        }
    }
}

/* DirectPred without epsilon: Wp^2 = F. DirectSet(1): Wp = F. Optimal: Wp (c W W^T + epsilon) = Wa
 * W^T. Before each step Wp is computed from the weights at that step. */
START_TEST(closed_form_predictors)
{
    static const char *const rules[] = {"directpred", "directset", "optimal"};
    const char *const options[] = {SIZES,
                                   "predictor",
                                   rules[_i],
                                   "batch",
                                   "inf",
                                   "lr",
                                   "0.05",
                                   "init-wa",
                                   "copy",
                                   _i == 1 ? "set-power" : "sigma2",
                                   _i == 1 ? "1" : "0.25",
                                   _i == 2 ? "epsilon" : "n1",
                                   _i == 2 ? "0.5" : "3",
                                   NULL};
    struct sgd_setup setup;
    struct ssldyn_snapshot now;
    sgd_open(&setup, options, 0, 10);
    double F[SQUARE], W[RECTANGLE], Wa[RECTANGLE];
    memcpy(W, setup.start.W, sizeof W);
    memcpy(Wa, setup.start.Wa, sizeof Wa);
    for (int k = 0; k < 4; k++) {
        if (k > 0) {
            sgd_steps(&setup, 1);
        }
        ssldyn_sgd_process_view(setup.process, &now);
        outer(W, W, 1.0, F);
        double left[SQUARE], right[SQUARE];
        outer(W, W, 1.25, left);
        outer(Wa, W, 1.0, right);
        for (size_t i = 0; i < N2; i++) {
            left[i * (N2 + 1)] += 0.5;
        }
        for (size_t i = 0; i < N2; i++) {
            for (size_t j = 0; j < N2; j++) {
                const size_t at = i * N2 + j;
                if (_i == 0) {
                    /* a zero eigenvalue of F that rounding made 1e-16 has the square root 1e-8 */
                    CHECK_CLOSE(product(now.Wp, now.Wp, i, j), F[at], 1e-10, 1e-12);
                } else if (_i == 1) {
                    CHECK_CLOSE(now.Wp[at], F[at], 1e-11, 1e-12);
                } else {
                    CHECK_CLOSE(product(now.Wp, left, i, j), right[at], 1e-11, 1e-12);
                }
            }
        }
        /* Wp in the view is that of the last step: it belongs to the weights before it */
        if (k > 0) {
            memcpy(W, now.W, sizeof W);
            memcpy(Wa, now.Wa, sizeof Wa);
        }
    }
    sgd_close(&setup);
}
END_TEST

/* F^ <- rho F^ + (1 - rho) F, observed through DirectSet(1); and freq: trained in between. */
START_TEST(running_correlation)
{
    const char *const options[] = {SIZES, "predictor", "directset", "set-power", "1",
                                   "rho", "0.3",       "freq",      "2",         "batch",
                                   "inf", "lr",        "0.05",      NULL};
    struct sgd_setup setup;
    struct ssldyn_snapshot now;
    double running[SQUARE], F[SQUARE], Wp[SQUARE];
    sgd_open(&setup, options, 0, 10);
    outer(setup.start.W, setup.start.W, 1.0, running);
    for (int k = 0; k < 5; k++) {
        ssldyn_sgd_process_view(setup.process, &now);
        outer(now.W, now.W, 1.0, F);
        for (size_t i = 0; i < SQUARE && k > 0; i++) {
            running[i] = 0.3 * running[i] + 0.7 * F[i];
        }
        memcpy(Wp, now.Wp, sizeof Wp);
        sgd_steps(&setup, 1);
        ssldyn_sgd_process_view(setup.process, &now);
        double moved = 0.0;
        for (size_t i = 0; i < SQUARE; i++) {
            if (k % 2 == 0) {
                CHECK_CLOSE(now.Wp[i], running[i], 1e-11, 1e-12);
            }
            moved = fmax(moved, fabs(now.Wp[i] - Wp[i]));
        }
        ck_assert(k == 0 || moved > 1e-6);
    }
    sgd_close(&setup);
}
END_TEST

/* DirectSet uses F = W X W^T, not W (X + X') W^T: with 10^8 data, to 10^-3. */
START_TEST(correlation_across_views)
{
    const char *const options[] = {SIZES, "predictor", "directset", "set-power",
                                   "1",   "batch",     "100000000", NULL};
    struct sgd_setup setup;
    struct ssldyn_snapshot now;
    double F[SQUARE];
    sgd_open(&setup, options, 0, 1);
    ssldyn_sgd_process_view(setup.process, &now);
    outer(setup.start.W, setup.start.W, 1.0, F);
    for (size_t i = 0; i < SQUARE; i++) {
        CHECK_CLOSE(now.Wp[i], F[i], 1e-3, 1e-3);
    }
    sgd_close(&setup);
}
END_TEST

/* The optimal predictor estimates E[fa f^T] = Wa X W^T on average. */
START_TEST(batch_correlation)
{
    enum { RUNS = 4000 };
    double mean[SQUARE] = {0}, square[SQUARE] = {0}, F[SQUARE];
    const char *const options[] = {SIZES,   "predictor",      "optimal", "epsilon", "1e9",
                                   "batch", _i ? "200" : "2", "no-ema",  "true",    NULL};
    for (uint32_t run = 0; run < RUNS; run++) {
        struct sgd_setup setup;
        struct ssldyn_snapshot now;
        sgd_open(&setup, options, run, 1);
        ssldyn_sgd_process_view(setup.process, &now);
        outer(setup.start.W, setup.start.W, 1.0, F);
        for (size_t i = 0; i < SQUARE; i++) { /* Wp = (W S21 W^T)/epsilon to nine digits */
            const double got = 1e9 * now.Wp[i] - F[i];
            mean[i] += got / (double)RUNS;
            square[i] += got * got / (double)RUNS;
        }
        sgd_close(&setup);
    }
    for (size_t i = 0; i < SQUARE; i++) {
        CHECK_CLOSE(mean[i], 0.0, 0.0, 5.0 * sqrt(square[i] / (double)RUNS) + 1e-8);
    }
}
END_TEST

START_TEST(schedules_and_time)
{
    const char *const options[] = {SIZES, "lr",          "0.1",    "steps",  "20",  "warmup",
                                   "5",   "schedule-lr", "linear", "end-lr", "0.5", "batch",
                                   "inf", "momentum",    "0.5",    NULL};
    struct sgd_setup setup;
    sgd_open(&setup, options, 0, 20);
    double time = 0.0;
    for (int k = 0; k < 20; k++) {
        const double factor = k < 5 ? (k + 1) / 5.0 : 1.0 - 0.5 * (k - 5) / 14.0;
        CHECK_CLOSE(ssldyn_sgd_process_lr(setup.process, k), 0.1 * factor, 1e-14, 0.0);
        time += 0.1 * factor / 0.5;
        sgd_steps(&setup, 1);
        CHECK_CLOSE(ssldyn_sgd_process_time(setup.process), time, 1e-14, 0.0);
    }
    sgd_close(&setup);
}
END_TEST

START_TEST(runs_repeat)
{
    const char *const options[] = {SIZES, "batch", "7", "precision", _i ? "float" : "double", NULL};
    double W[3][RECTANGLE];
    for (uint32_t k = 0; k < 3; k++) {
        struct sgd_setup setup;
        struct ssldyn_snapshot now;
        sgd_open(&setup, options, k == 2 ? 1 : 0, 50);
        sgd_steps(&setup, 50);
        ssldyn_sgd_process_view(setup.process, &now);
        memcpy(W[k], now.W, sizeof W[k]);
        sgd_close(&setup);
    }
    ck_assert_mem_eq(W[0], W[1], sizeof W[0]);
    ck_assert_mem_ne(W[0], W[2], sizeof W[0]);
}
END_TEST

START_TEST(divergence_is_caught)
{
    const char *const options[] = {SIZES,        "lr", "2.5",    "batch", _i ? "8" : "inf",
                                   "init-scale", "3",  "no-ema", "true",  NULL};
    struct sgd_setup setup;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    sgd_open(&setup, options, 0, 1000);
    enum ssldyn_status status = SSLDYN_OK;
    int64_t k = 0;
    while (status == SSLDYN_OK && k < 1000) {
        status = ssldyn_sgd_process_step(setup.process, &err);
        k++;
    }
    ck_assert_int_eq(status, SSLDYN_EDIVERGED);
    ck_assert_int_lt(k, 100);
    ck_assert_int_eq(ssldyn_sgd_process_steps(setup.process), k);
    ck_assert_ptr_nonnull(strstr(err.message, "diverged"));
    sgd_close(&setup);
}
END_TEST

START_TEST(refusals)
{
    static const char *const bad[] = {"0", "-3", "1e3", "few", "3000000000"};
    struct ssldyn_spec spec;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_spec_init(&spec, SSLDYN_COMMAND_SGD, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "batch", bad[_i], "batch", &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_check(&spec, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "batch"));
    ssldyn_spec_clear(&spec);
}
END_TEST

/* The target cannot move by more than its distance. */
START_TEST(target_overshoots)
{
    const char *const options[] = {SIZES, "lr", "3", NULL};
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    struct ssldyn_sgd_process *process = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    sgd_spec(&spec, options);
    ck_assert_int_eq(ssldyn_start_create(&spec.problem, 0, &start, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_sgd_process_create(&spec.problem, &start, 0, 10, &process, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_null(process);
    ck_assert_ptr_nonnull(strstr(err.message, "--lr 3"));
    ssldyn_start_clear(&start);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* ---- training settings: torch.optim.SGD with two parameter groups, written out */

/* Weights, gradients and momentum buffers, as in a training script. */
struct script {
    double Wp[SQUARE], W[RECTANGLE], Wa[RECTANGLE];
    double gp[SQUARE], g[RECTANGLE], bp[SQUARE], b[RECTANGLE];
};

/* Gradients of kappa mean |Wp W x1 - Wa x2|^2/2, datum by datum; the target is not trained. */
static void script_backward(struct script *s, const struct ssldyn_pairs_double *pairs, double kappa,
                            bool add)
{
    if (!add) {
        memset(s->gp, 0, sizeof s->gp);
        memset(s->g, 0, sizeof s->g);
    }
    for (size_t d = 0; d < pairs->count; d++) {
        double f[N2] = {0}, e[N2] = {0}, back[N2] = {0};
        for (size_t i = 0; i < N2; i++) {
            for (size_t k = 0; k < N1; k++) {
                f[i] += s->W[i * N1 + k] * pairs->Y1[k * pairs->count + d];
                e[i] -= s->Wa[i * N1 + k] * pairs->Y2[k * pairs->count + d];
            }
        }
        for (size_t i = 0; i < N2; i++) {
            for (size_t k = 0; k < N2; k++) {
                e[i] += s->Wp[i * N2 + k] * f[k];
            }
        }
        for (size_t i = 0; i < N2; i++) {
            for (size_t k = 0; k < N2; k++) {
                s->gp[i * N2 + k] += kappa * pairs->weight * e[i] * f[k];
                back[k] += s->Wp[i * N2 + k] * e[i];
            }
        }
        for (size_t i = 0; i < N2; i++) {
            for (size_t k = 0; k < N1; k++) {
                s->g[i * N1 + k] +=
                    kappa * pairs->weight * back[i] * pairs->Y1[k * pairs->count + d];
            }
        }
    }
}

static void script_update(size_t count, double lr, double momentum, double decay, const double g[],
                          double buffer[], double x[])
{
    for (size_t i = 0; i < count; i++) {
        buffer[i] = momentum * buffer[i] + (g[i] + decay * x[i]);
        x[i] -= lr * buffer[i];
    }
}

/* A run with training settings equals the script on the same data: with both orders of the views
 * summed or not, with warm-up and cosine schedule of lr, and of 1 - gamma, which affects only the
 * target. */
START_TEST(training_by_hand)
{
    enum { STEPS = 60, BATCH = 5 };
    const bool changing = (_i & 1) != 0;
    const bool both = (_i & 2) != 0;
    const char *const options[] = {SIZES,
                                   "train-lr",
                                   "0.005",
                                   "train-momentum",
                                   "0.9",
                                   "train-weight-decay",
                                   "0.03",
                                   "train-ema",
                                   "0.97",
                                   "train-predictor-lr",
                                   "0.0125",
                                   "train-predictor-weight-decay",
                                   "0.01",
                                   "train-loss-factor",
                                   both ? "4" : "2",
                                   "train-steps",
                                   "60",
                                   "batch",
                                   "5",
                                   "sampler",
                                   "direct",
                                   "init-wa",
                                   "copy",
                                   "symmetrize-loss",
                                   both ? "true" : "false",
                                   "schedule-lr",
                                   changing ? "cosine" : "constant",
                                   "schedule-ema",
                                   changing ? "cosine" : "constant",
                                   "warmup",
                                   changing ? "7" : "0",
                                   NULL};
    struct sgd_setup setup;
    struct script s = {.bp = {0}};
    struct ssldyn_sgd_sampler *sampler = NULL;
    struct ssldyn_stream stream;
    struct ssldyn_snapshot now;
    sgd_open(&setup, options, 0, STEPS);
    memcpy(s.Wp, setup.start.Wp, sizeof s.Wp);
    memcpy(s.W, setup.start.W, sizeof s.W);
    memcpy(s.Wa, setup.start.Wa, sizeof s.Wa);
    const struct ssldyn_sampler_request request = {
        .batch = BATCH, .kind = SSLDYN_SAMPLER_DIRECT, .both = both};
    ck_assert_int_eq(
        ssldyn_sgd_sampler_create(&setup.start.moments, NULL, &request, &sampler, NULL), SSLDYN_OK);
    ssldyn_stream_init(&stream, setup.spec.problem.seed, 0, SSLDYN_PURPOSE_BATCH);
    ck_assert_uint_eq(ssldyn_sgd_sampler_pieces(sampler), 1);
    for (int k = 0; k < STEPS; k++) {
        struct ssldyn_pairs_double pairs;
        const double x = (k - 7.0) / (STEPS - 1 - 7.0);
        const double lr = !changing ? 1.0 : k < 7 ? (k + 1.0) / 7.0 : 0.5 * (1.0 + cos(M_PI * x));
        const double ema = changing ? 0.5 * (1.0 + cos(M_PI * k / ((double)STEPS - 1.0))) : 1.0;
        ssldyn_stream_seek(&stream, (uint64_t)k << 32);
        ssldyn_sgd_sampler_draw_double(sampler, &stream, 0, &pairs);
        /* 2 |.|^2/2 of one order, or the sum of both orders */
        script_backward(&s, &pairs, 2.0, false);
        if (both) {
            const struct ssldyn_pairs_double swapped = {
                .count = pairs.count, .weight = pairs.weight, .Y1 = pairs.Y2, .Y2 = pairs.Y1};
            script_backward(&s, &swapped, 2.0, true);
        }
        script_update(SQUARE, 0.0125 * lr, 0.9, 0.01, s.gp, s.bp, s.Wp);
        script_update(RECTANGLE, 0.005 * lr, 0.9, 0.03, s.g, s.b, s.W);
        for (size_t i = 0; i < RECTANGLE; i++) {
            const double gamma = 1.0 - (1.0 - 0.97) * ema;
            s.Wa[i] = gamma * s.Wa[i] + (1.0 - gamma) * s.W[i];
        }
        sgd_steps(&setup, 1);
    }
    /* rounding: about 30 errors per step in weights of order 1, hardly amplified in so few steps */
    const double allowed = 30.0 * (double)STEPS * DBL_EPSILON;
    ssldyn_sgd_process_view(setup.process, &now);
    for (size_t i = 0; i < SQUARE; i++) {
        CHECK_CLOSE(now.Wp[i], s.Wp[i], 0.0, allowed);
    }
    for (size_t i = 0; i < RECTANGLE; i++) {
        CHECK_CLOSE(now.W[i], s.W[i], 0.0, allowed);
        CHECK_CLOSE(now.Wa[i], s.Wa[i], 0.0, allowed);
    }
    ssldyn_sgd_sampler_free(sampler);
    sgd_close(&setup);
}
END_TEST

TEST_SUITE(sgd_process)
{
    tcase_add_loop_test(tests, map_by_hand, 0, 2);
    tcase_add_loop_test(tests, mean_step_is_the_map, 0, VARIANTS);
    tcase_add_loop_test(tests, closed_form_predictors, 0, 3);
    tcase_add_test(tests, running_correlation);
    tcase_add_test(tests, correlation_across_views);
    tcase_add_loop_test(tests, batch_correlation, 0, 2);
    tcase_add_test(tests, schedules_and_time);
    tcase_add_loop_test(tests, runs_repeat, 0, 2);
    tcase_add_loop_test(tests, divergence_is_caught, 0, 2);
    tcase_add_loop_test(tests, refusals, 0, 5);
    tcase_add_test(tests, target_overshoots);
    tcase_add_loop_test(tests, training_by_hand, 0, 4);
}
