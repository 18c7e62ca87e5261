/* Margins of the modes of a snapshot: the data mode that each one follows, fates on both sides of
 * the fold and of the basin's edge, and the words of the summary. */
// SPDX-License-Identifier: MIT
#include "sim/align/knobs.h"
#include "sim/ensemble/ensemble.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Four modes along the axes; X and X + X' diagonal. */
enum { N = 4, SCALARS = 11, PER_MODE = 4 };
static const double data[N] = {2.0, 1.0, 0.9, 0.5};
static const double sum[N] = {2.5, 1.25, 1.2, 1.0};

struct scene {
    double W[N * N], Wp[N * N], U[N * N], X[N * N], total[N * N];
    double row[SCALARS + PER_MODE * N];
    struct ssldyn_parameters parameters;
    struct ssldyn_moments moments;
    struct ssldyn_knobs_input input;
};

/* Folds: data^2/(4 sum) = .4, .2, .169, .0625. */
static void set_scene(struct scene *scene, double eta, const double p[])
{
    memset(scene, 0, sizeof *scene);
    for (size_t i = 0; i < SCALARS; i++)
        scene->row[i] = (double)NAN;
    for (size_t j = 0; j < N; j++) {
        /* on the parabola alpha_p w^2 = p^2 */
        scene->W[j * N + j] = fabs(p[j]);
        scene->U[j * N + j] = 1.0;
        scene->X[j * N + j] = data[j];
        scene->total[j * N + j] = sum[j];
        scene->row[SCALARS + j * PER_MODE] = data[j] * p[j] * p[j];
        scene->row[SCALARS + j * PER_MODE + 1] = p[j];
    }
    scene->parameters = (struct ssldyn_parameters){
        .rates = {.alpha_p = 1.0, .beta = 0.4, .eta_p = eta, .eta_s = eta, .c = 1.25},
        .tau = 1.0,
        .tau_held = true,
        .stop_grad = true,
        .predictor = true};
    scene->moments = (struct ssldyn_moments){
        .kind = SSLDYN_MOMENTS_FULL, .n1 = N, .c = (double)NAN, .X = scene->X, .sum = scene->total};
    scene->input = (struct ssldyn_knobs_input){.n1 = N,
                                               .n2 = N,
                                               .count = N,
                                               .row = scene->row,
                                               .eigenvectors = scene->U,
                                               .snapshot = {.W = scene->W, .tau = 1.0},
                                               .parameters = &scene->parameters,
                                               .moments = &scene->moments};
}

START_TEST(modes_follow_their_data)
{
    /* eta = .1: mode 4 is beyond its fold; mode 3 starts below its p*- = .1354. */
    static const double p[N] = {0.7, 0.6, 0.12, 0.4};
    struct scene scene;
    struct ssldyn_knobs knobs;
    set_scene(&scene, 0.1, p);
    ck_assert_int_eq(ssldyn_knobs_find(&scene.input, &knobs, NULL), SSLDYN_OK);
    ck_assert_uint_eq(knobs.count, N);
    static const enum ssldyn_fate fates[N] = {SSLDYN_FATE_SURVIVES, SSLDYN_FATE_SURVIVES,
                                              SSLDYN_FATE_COLLAPSED, SSLDYN_FATE_COLLAPSED};
    for (size_t j = 0; j < N; j++) {
        const struct ssldyn_knobs_mode *mode = &knobs.modes[j];
        CHECK_CLOSE(mode->lambda_d, data[j], 1e-14, 0.0);
        CHECK_CLOSE(mode->lambda_s, sum[j], 1e-14, 0.0);
        CHECK_CLOSE(mode->margin.factor[SSLDYN_KNOB_ETA_S], data[j] * data[j] / (0.4 * sum[j]),
                    1e-13, 0.0);
        ck_assert_int_eq(mode->fate, fates[j]);
    }
    /* Scaled weights stay on the parabola, whose edge is p*-; with more weight decay p*- rises to
     * p. */
    CHECK_CLOSE(knobs.modes[2].flip[SSLDYN_FLIP_WEIGHTS], knobs.modes[2].p_minus / p[2], 1e-5, 0.0);
    CHECK_CLOSE(knobs.modes[1].flip[SSLDYN_FLIP_WEIGHTS], knobs.modes[1].p_minus / p[1], 1e-5, 0.0);
    CHECK_CLOSE(knobs.modes[2].flip[SSLDYN_FLIP_DECAY], p[2] * (0.9 - 1.2 * p[2]) / 0.1, 1e-5, 0.0);
    /* tau is held, so there is no target to change; beyond the fold no start survives */
    ck_assert_double_nan(knobs.modes[2].flip[SSLDYN_FLIP_BETA]);
    ck_assert_double_nan(knobs.modes[3].flip[SSLDYN_FLIP_WEIGHTS]);
    CHECK_CLOSE(knobs.modes[2].p_minus, (0.9 - sqrt(0.81 - 0.48)) / 2.4, 1e-13, 0.0);
    ck_assert_double_nan(knobs.modes[3].p_minus);
    const struct ssldyn_knobs_summary total = ssldyn_knobs_sum(&knobs);
    ck_assert_uint_eq(total.surviving, 2);
    ck_assert_uint_eq(total.nearest, 2);
    CHECK_CLOSE(total.fold, 0.2, 1e-13, 0.0); /* twice eta */
    ck_assert_uint_eq(total.beyond, 1);
    ck_assert_uint_eq(total.next, 4);
    ck_assert_uint_eq(total.halved, 1); /* .0625 is above .05 */
    ck_assert_uint_eq(total.trapped, 1);
    ck_assert_uint_eq(total.edge, 3);
    ck_assert(!total.shared);
    struct ssldyn_verdict verdict = {.text = ""};
    ssldyn_knobs_append(&knobs, &verdict);
    ck_assert_ptr_nonnull(
        strstr(verdict.text, "mode 2 is the nearest to its fold: weight decay x 2"));
    ck_assert_ptr_nonnull(strstr(verdict.text, "weight decay x 0.625 would let mode 4 survive"));
    ck_assert_ptr_nonnull(strstr(verdict.text,
                                 "Mode 3 is in the basin of collapse, with p = 0.12 (unstable "
                                 "fixed point: p*- = 0.136): its "
                                 "weights x 1.13 or weight decay x 0.907 or alpha_p"));
    ssldyn_knobs_clear(&knobs);
}
END_TEST

/* alpha_p is a scale of (w, wa): k alpha_p at the same weights equals sqrt(k) (w, wa) at the same
 * alpha_p. The target is slow; with a faster one the mode survives. */
START_TEST(fates_flip)
{
    struct ssldyn_ensemble_point point = {.alpha_p = 1.3,
                                          .beta = 0.05,
                                          .eta_p = 0.1,
                                          .eta_s = 0.1,
                                          .lambda_s = 1.25,
                                          .lambda_d = 1.0,
                                          .tau = (double)NAN,
                                          .wp = 0.3,
                                          .w = 0.25};
    enum ssldyn_fate fate;
    enum { DECAY, BETA, ALPHA_P, KNOBS };
    static const struct ssldyn_knob_turn turns[KNOBS] = {
        [DECAY] = {.power = {[SSLDYN_KNOB_ETA_S] = 1.0, [SSLDYN_KNOB_ETA_P] = 1.0}},
        [BETA] = {.power = {[SSLDYN_KNOB_BETA] = 1.0}},
        [ALPHA_P] = {.power = {[SSLDYN_KNOB_ALPHA_P] = 1.0}}};
    struct ssldyn_knob_flip flips[KNOBS];
    ck_assert_int_eq(ssldyn_knob_flips(NULL, 1, &point, KNOBS, turns, &fate, flips, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(fate, SSLDYN_FATE_COLLAPSED);
    ck_assert_double_lt(flips[DECAY].factor, 1.0);
    ck_assert_double_gt(flips[BETA].factor, 1.0);
    ck_assert_double_gt(flips[ALPHA_P].factor, 1.0);
    struct ssldyn_ensemble_point sides[4] = {point, point, point, point};
    for (int i = 0; i < 4; i++) {
        const double off = i % 2 == 0 ? 1.0 - 1e-4 : 1.0 + 1e-4;
        if (i < 2)
            sides[i].beta *= off * flips[BETA].factor;
        else
            sides[i].w *= sqrt(off * flips[ALPHA_P].factor);
    }
    const struct ssldyn_ensemble_options options = {.t_end = 1e5, .rtol = 1e-12, .stop = true};
    struct ssldyn_ensemble_end ends[4];
    ck_assert_int_eq(ssldyn_ensemble_run(&options, 4, sides, ends, NULL), SSLDYN_OK);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(ends[i].fate, i % 2 == 0 ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES);
}
END_TEST

START_TEST(without_weights_the_data_are_isotropic)
{
    static const double p[N] = {0.7, 0.6, 0.5, 0.4};
    struct scene scene;
    struct ssldyn_knobs knobs;
    set_scene(&scene, 0.1, p);
    scene.input.snapshot.W = NULL;
    scene.input.moments = NULL;
    scene.input.n1 = 0;
    ck_assert_int_eq(ssldyn_knobs_find(&scene.input, &knobs, NULL), SSLDYN_OK);
    for (size_t j = 0; j < N; j++)
        CHECK_CLOSE(knobs.modes[j].margin.factor[SSLDYN_KNOB_ETA_S], 2.0, 1e-14, 0.0);
    ck_assert(ssldyn_knobs_sum(&knobs).shared);
    struct ssldyn_verdict verdict = {.text = ""};
    ssldyn_knobs_append(&knobs, &verdict);
    ck_assert_ptr_nonnull(strstr(verdict.text, "for X = I"));
    ck_assert_ptr_nonnull(strstr(verdict.text, "share one fold"));
    ssldyn_knobs_clear(&knobs);
    /* Without weight decay there is no fold; modes of a closed-form predictor have no such
     * margin. */
    scene.parameters.rates.eta_p = scene.parameters.rates.eta_s = 0.0;
    ck_assert_int_eq(ssldyn_knobs_find(&scene.input, &knobs, NULL), SSLDYN_OK);
    verdict.text[0] = '\0';
    ssldyn_knobs_append(&knobs, &verdict);
    ck_assert_ptr_nonnull(strstr(verdict.text, "no fold"));
    ssldyn_knobs_clear(&knobs);
    scene.parameters.rule = SSLDYN_PREDICTOR_DIRECTPRED;
    ck_assert_int_eq(ssldyn_knobs_find(&scene.input, &knobs, NULL), SSLDYN_OK);
    ck_assert_uint_eq(knobs.count, 0);
    ssldyn_knobs_clear(&knobs);
}
END_TEST

TEST_SUITE(knobs)
{
    tcase_add_test(tests, modes_follow_their_data);
    tcase_add_test(tests, fates_flip);
    tcase_add_test(tests, without_weights_the_data_are_isotropic);
}
