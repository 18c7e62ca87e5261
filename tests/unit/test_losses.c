/* The list of losses: every descriptor is complete, and the squared distance has its proven
 * properties. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/suite.h"
#include "theory/cosine_modes.h"
#include "theory/fate.h"
#include "theory/invariant.h"
#include "theory/margin.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

static struct ssldyn_parameters settings(int loss)
{
    return (struct ssldyn_parameters){
        .rates = {.alpha_p = 1.3, .beta = 0.4, .eta_p = 0.05, .eta_s = 0.05, .c = 1.25},
        .lambda_s = 1.25,
        .lambda_d = 1.0,
        .stop_grad = true,
        .predictor = true,
        .loss = (enum ssldyn_loss_choice)loss};
}

/* Members that a new loss may lack. */
START_TEST(every_member_is_set)
{
    const struct ssldyn_loss *loss = ssldyn_losses[_i];

    ck_assert_ptr_nonnull(loss);
    ck_assert_ptr_nonnull(loss->name);
    ck_assert_ptr_nonnull(loss->tag);
    ck_assert(strncmp(loss->tag, "THEORY section ", 15) == 0);
    ck_assert_ptr_nonnull(loss->meaning);
    ck_assert_uint_gt(strlen(loss->meaning), 0);
    ck_assert(loss->laws != NULL);
    ck_assert(loss->certify != NULL);
    ck_assert(loss->traps != NULL);
    ck_assert(!loss->folds || loss->linear);
}
END_TEST

START_TEST(choices_are_the_list)
{
    char names[200] = "";

    for (int i = 0; i < SSLDYN_LOSSES_COUNT; i++) {
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "|%s", ssldyn_losses[i]->name);
    }
    ck_assert_str_eq("" SSLDYN_LOSSES(SSLDYN_LOSSES_CHOICE), names);
}
END_TEST

/* A fold is reported exactly where the loss has one, and a fate without certificate has a
 * reason. */
START_TEST(folds_and_fates)
{
    const struct ssldyn_parameters q = settings(_i);
    struct ssldyn_certificate certificate;
    struct ssldyn_margin margin;

    ssldyn_margin(&q, &margin);
    ck_assert(ssldyn_losses[_i]->folds == !isnan(margin.fold));
    ssldyn_certificate_init(&certificate, &q);
    ck_assert(certificate.kind != SSLDYN_CERTIFICATE_NONE || certificate.why);
}
END_TEST

/* The residual of modes is minus the gradient of the loss by q_j = p_j w_j. */
START_TEST(residual_of_modes_descends)
{
    enum { N = 3 };
    static const double sum[N] = {1.5, 1.3, 1.1};
    static const double across[N] = {1, .8, .6};
    static const double w[N] = {1, .7, .4};
    static const double wa[N] = {.8, .7, .5};
    const struct ssldyn_loss *loss = ssldyn_losses[_i];
    const double h = 1e-5;
    double p[N] = {.9, .5, .3};
    double rest[N];
    double R[N];
    double other[N];
    double workspace[512];
    double value[2];

    for (int j = 0; j < N; j++)
        rest[j] = (sum[j] - across[j]) * (sum[j] + across[j]);
    const struct ssldyn_cosine_data data = {N, sum, sum, across, rest};
    ck_assert((loss->modes == NULL) == (loss->modes_workspace == NULL));
    if (loss->modes == NULL)
        return;
    ck_assert_uint_le(loss->modes_workspace(N), sizeof workspace / sizeof *workspace);
    ck_assert(loss->modes(&data, p, w, wa, SSLDYN_COSINE_FINE, R, &value[0], workspace));
    for (int j = 0; j < N; j++) {
        const double middle = p[j];
        for (int side = 0; side < 2; side++) {
            p[j] = middle + (side ? h : -h) / w[j];
            ck_assert(
                loss->modes(&data, p, w, wa, SSLDYN_COSINE_FINE, other, &value[side], workspace));
        }
        p[j] = middle;
        CHECK_CLOSE(R[j], (value[0] - value[1]) / (2.0 * h), 1e-7, 1e-9);
    }
}
END_TEST

/* The laws of a loss, by the switches. */
START_TEST(laws_by_switches)
{
    struct ssldyn_parameters q = settings(SSLDYN_LOSS_COSINE);
    const unsigned norms = SSLDYN_LAW_NORM_W | SSLDYN_LAW_NORM_WP;

    ck_assert_uint_eq(ssldyn_invariant_laws(&q), norms | SSLDYN_LAW_BALANCE);
    q.symmetric = true;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), norms);
    q.symmetric = q.stop_grad = false;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), norms);
    q.predictor = false;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), SSLDYN_LAW_NORM_W);
    q = settings(SSLDYN_LOSS_ISO_COSINE);
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), SSLDYN_LAW_NORM_WP);
    q.rates.eta_p = 2.0 * q.rates.eta_s;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), SSLDYN_LAW_NORM_WP | SSLDYN_LAW_ISO);
    q.loss = SSLDYN_LOSS_ISO_L2;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), SSLDYN_LAW_ISO);
    q.loss = SSLDYN_LOSS_ISO_COSINE;
    q.rule = SSLDYN_PREDICTOR_DIRECTSET;
    q.set_power = 0.7;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), SSLDYN_LAW_ISO_TRACE);
    q.epsilon = 0.1;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), 0);
}
END_TEST

/* The squared distance takes its laws and certificates from the rule of the predictor. */
START_TEST(squared_distance_uses_the_rule)
{
    struct ssldyn_parameters q = settings(SSLDYN_LOSS_L2);
    struct ssldyn_certificate certificate;

    ck_assert_uint_eq(ssldyn_invariant_laws(&q), SSLDYN_LAW_BALANCE);
    ssldyn_certificate_init(&certificate, &q);
    ck_assert_int_eq(certificate.kind, SSLDYN_CERTIFICATE_BISTABLE);
    q.rule = SSLDYN_PREDICTOR_OPTIMAL;
    ssldyn_certificate_init(&certificate, &q);
    ck_assert_int_eq(certificate.kind, SSLDYN_CERTIFICATE_NONE);
    q.predictor = false;
    ssldyn_certificate_init(&certificate, &q);
    ck_assert_int_eq(certificate.kind, SSLDYN_CERTIFICATE_LINEAR);
}
END_TEST

TEST_SUITE(losses)
{
    tcase_add_loop_test(tests, every_member_is_set, 0, SSLDYN_LOSSES_COUNT);
    tcase_add_test(tests, choices_are_the_list);
    tcase_add_loop_test(tests, folds_and_fates, 0, SSLDYN_LOSSES_COUNT);
    tcase_add_test(tests, squared_distance_uses_the_rule);
    tcase_add_loop_test(tests, residual_of_modes_descends, 0, SSLDYN_LOSSES_COUNT);
    tcase_add_test(tests, laws_by_switches);
}
