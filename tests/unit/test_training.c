/* Training settings compared with an optimizer written out: SGD with momentum, weight decay in the
 * gradient and a moving average, on one mode, and the process M6 at the rates that the settings
 * give. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/training.h"

#include <check.h>
#include <float.h>
#include <stdlib.h>

enum { STEPS = 200 };

/* One mode: predictor, network, target, and the two momentum buffers. */
struct mode {
    double wp, w, wa, vp, v;
};

/* Gradients of 1/2 E(wp w x1 - wa x2)^2 with E x1^2 = c, E x1 x2 = 1. */
static double gradient_p(const struct mode *m, double c)
{
    return (c * m->wp * m->w - m->wa) * m->w;
}

static double gradient(const struct mode *m, double c)
{
    return (c * m->wp * m->w - m->wa) * m->wp;
}

/* The update of a training script: buf = mu buf + kappa grad + wd w; w -= lr buf; wa = gamma wa +
 * (1 - gamma) w. */
static void train(struct mode *m, const struct ssldyn_training *s, double c)
{
    const double gp = s->loss_factor * gradient_p(m, c);
    const double g = s->loss_factor * gradient(m, c);
    m->vp = s->momentum * m->vp + (gp + s->predictor_weight_decay * m->wp);
    m->v = s->momentum * m->v + (g + s->weight_decay * m->w);
    m->wp -= s->predictor_lr * m->vp;
    m->w -= s->lr * m->v;
    m->wa = s->ema * m->wa + (1.0 - s->ema) * m->w;
}

/* M6 with momentum, given rates. */
static void step(struct mode *m, const struct ssldyn_rates *r, double lr, double momentum)
{
    const double gp = r->alpha_p * gradient_p(m, r->c);
    const double g = gradient(m, r->c);
    m->vp = momentum * m->vp + gp + r->eta_p * m->wp;
    m->v = momentum * m->v + g + r->eta_s * m->w;
    m->wp -= lr * m->vp;
    m->w -= lr * m->v;
    m->wa += lr / (1.0 - momentum) * r->beta * (m->w - m->wa);
}

START_TEST(an_optimizer_is_the_process)
{
    uint64_t seed = (uint64_t)_i + 1;
    const struct ssldyn_training s = {.lr = draw_log(&seed, 1e-3, 0.05),
                                      .momentum = draw_between(&seed, 0.0, 0.9),
                                      .loss_factor = draw_log(&seed, 0.1, 4.0),
                                      .weight_decay = draw_log(&seed, 1e-4, 0.1),
                                      .ema = draw_between(&seed, 0.5, 1.0),
                                      .predictor_lr = draw_log(&seed, 1e-3, 0.05),
                                      .predictor_weight_decay = draw_log(&seed, 1e-4, 0.1)};
    struct ssldyn_rates rates = {.c = draw_between(&seed, 1.0, 2.0)};
    struct mode trained = {0.3, 0.5, 0.2, 0.0, 0.0};
    struct mode process = trained;
    ssldyn_training_rates(&s, &rates);
    for (int k = 0; k < STEPS; k++) {
        train(&trained, &s, rates.c);
        step(&process, &rates, ssldyn_training_lr(&s), s.momentum);
    }
    /* Both make about ten rounding errors per step, which do not grow: the weights stay below 1 and
     * the steps below 2/lambda_max. */
    const double allowed = 10.0 * (double)STEPS * DBL_EPSILON;
    CHECK_CLOSE(process.wp, trained.wp, 0.0, allowed);
    CHECK_CLOSE(process.w, trained.w, 0.0, allowed);
    CHECK_CLOSE(process.wa, trained.wa, 0.0, allowed);
}
END_TEST

/* Round trip: the settings derived from the rates are the given ones. */
START_TEST(round_trip)
{
    uint64_t seed = (uint64_t)_i + 1;
    struct ssldyn_training s = {.lr = draw_log(&seed, 1e-4, 10.0),
                                .momentum = draw_between(&seed, 0.0, 0.99),
                                .loss_factor = draw_log(&seed, 0.01, 100.0),
                                .weight_decay = draw_log(&seed, 1e-6, 1.0),
                                .ema = draw_between(&seed, 0.0, 1.0),
                                .predictor_lr = draw_log(&seed, 1e-4, 10.0),
                                .predictor_weight_decay = draw_log(&seed, 1e-6, 1.0)};
    struct ssldyn_rates rates = {.alpha_p = 3.0};
    ssldyn_training_rates(&s, &rates);
    const struct ssldyn_training back = ssldyn_training_settings(&s, &rates);
    CHECK_CLOSE(back.weight_decay, s.weight_decay, 8 * DBL_EPSILON, 0.0);
    CHECK_CLOSE(back.predictor_weight_decay, s.predictor_weight_decay, 8 * DBL_EPSILON, 0.0);
    CHECK_CLOSE(back.predictor_lr, s.predictor_lr, 8 * DBL_EPSILON, 0.0);
    CHECK_CLOSE(back.ema, s.ema, 0.0, 8 * DBL_EPSILON);
    /* a second call changes nothing */
    struct ssldyn_rates again = rates;
    ssldyn_training_rates(&s, &again);
    ck_assert_mem_eq(&again, &rates, sizeof rates);
}
END_TEST

/* The settings of a common script give the rates that one would write by hand. */
START_TEST(by_hand)
{
    struct ssldyn_training s = ssldyn_training_none();
    struct ssldyn_rates rates = {
        .alpha_p = 2.0, .beta = 0.7, .eta_p = 0.3, .eta_s = 0.2, .c = 1.25};
    const struct ssldyn_rates before = rates;
    ssldyn_training_rates(&s, &rates);
    ck_assert_mem_eq(&rates, &before, sizeof rates); /* nothing given, nothing changed */
    ck_assert(isnan(ssldyn_training_step(&s)));
    s.lr = 0.05;
    s.momentum = 0.9;
    s.ema = 0.996;
    s.weight_decay = 5e-4;
    ssldyn_training_rates(&s, &rates);
    ck_assert_double_eq(ssldyn_training_step(&s), 0.5);
    ck_assert_double_eq(rates.beta, 0.008);
    ck_assert_double_eq(rates.eta_s, 5e-4);
    ck_assert_double_eq(rates.eta_p, 1e-3); /* lr_p = alpha_p lr multiplies the decay in its step */
    ck_assert_double_eq(rates.alpha_p, 2.0);
    s.loss_factor = 2.0; /* 2 - 2 cos */
    s.predictor_lr = 0.5;
    s.predictor_weight_decay = 0.0;
    ssldyn_training_rates(&s, &rates);
    ck_assert_double_eq(ssldyn_training_step(&s), 1.0);
    ck_assert_double_eq(rates.beta, 0.004);
    ck_assert_double_eq(rates.eta_s, 2.5e-4);
    ck_assert_double_eq(rates.eta_p, 0.0);
    ck_assert_double_eq(rates.alpha_p, 10.0);
    /* if the target would move by more than its distance there is no such average */
    rates.beta = 1.5;
    const struct ssldyn_training back = ssldyn_training_settings(&s, &rates);
    ck_assert(isnan(back.ema));
    ck_assert_double_eq(back.weight_decay, 5e-4);
}
END_TEST

/* The complement is the typed value if that has at most 15 decimals, and never off by more than its
 * spacing. */
START_TEST(complements)
{
    static const double typed[][2] = {
        {0.9, 0.1}, {0.996, 0.004},   {0.99, 0.01},   {0.0, 1.0}, {1.0, 0.0},        {0.5, 0.5},
        {0.3, 0.7}, {0.999999, 1e-6}, {0.9995, 5e-4}, {0.1, 0.9}, {0.99999999, 1e-8}};
    for (size_t i = 0; i < sizeof typed / sizeof typed[0]; i++) {
        ck_assert_double_eq(ssldyn_training_complement(typed[i][0]), typed[i][1]);
    }
    uint64_t seed = 7;
    for (int i = 0; i < 1000; i++) {
        const double x = draw_between(&seed, 0.0, 1.0);
        CHECK_CLOSE(ssldyn_training_complement(x), 1.0 - x, 0.0, 0.5 * DBL_EPSILON);
    }
}
END_TEST

TEST_SUITE(training)
{
    tcase_add_loop_test(tests, an_optimizer_is_the_process, 0, 100);
    tcase_add_loop_test(tests, round_trip, 0, 100);
    tcase_add_test(tests, by_hand);
    tcase_add_test(tests, complements);
}
