/* The list of predictor rules: every descriptor is complete and correct. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/fate.h"
#include "theory/invariant.h"
#include "theory/predictor.h"
#include "theory/trapping.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static struct ssldyn_parameters settings(int rule)
{
    return (struct ssldyn_parameters){
        .rates = {.alpha_p = 1.3, .beta = 0.4, .eta_p = 0.05, .eta_s = 0.05, .c = 1.25},
        .lambda_s = 1.25,
        .lambda_d = 1.0,
        .stop_grad = true,
        .predictor = true,
        .rule = (enum ssldyn_predictor_rule)rule,
        .set_power = 0.7,
        .epsilon = 0.1};
}

/* Members that a new rule may lack. */
START_TEST(every_member_is_set)
{
    const struct ssldyn_rule *rule = ssldyn_rules[_i];

    ck_assert_ptr_nonnull(rule);
    ck_assert_ptr_nonnull(rule->name);
    ck_assert_ptr_nonnull(rule->tag);
    ck_assert(strncmp(rule->tag, "THEORY section ", 15) == 0);
    ck_assert_ptr_nonnull(rule->meaning);
    ck_assert_uint_gt(strlen(rule->meaning), 0);
    ck_assert_ptr_nonnull(rule->reads);
    ck_assert_int_le(rule->kind, SSLDYN_RULE_SOLVED);
    ck_assert((rule->value == NULL) == (rule->kind == SSLDYN_RULE_TRAINED));
    ck_assert(rule->power != NULL);
    ck_assert(rule->certify != NULL);
    ck_assert(rule->traps != NULL);
    ck_assert(rule->laws != NULL);
}
END_TEST

/* The choices of --predictor are the names in the list, and each gives its rule. */
START_TEST(choices_are_the_list)
{
    char names[400] = "";

    for (int i = 0; i < SSLDYN_RULES_COUNT; i++) {
        const size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? "|" : "",
                 ssldyn_rules[i]->name);
        for (int j = 0; j < i; j++)
            ck_assert_str_ne(ssldyn_rules[i]->name, ssldyn_rules[j]->name);
    }
    ck_assert_str_eq(&("" SSLDYN_RULES(SSLDYN_RULES_CHOICE))[1], names);
}
END_TEST

START_TEST(descriptions_are_complete)
{
    const struct ssldyn_rule rule = {.reads = "set-power epsilon"};

    ck_assert(ssldyn_rules_reads(&rule, "epsilon"));
    ck_assert(ssldyn_rules_reads(&rule, "set-power"));
    ck_assert(!ssldyn_rules_reads(&rule, "set"));
    ck_assert(!ssldyn_rules_reads(&rule, "set-power epsilon"));
    ck_assert(!ssldyn_rules_reads(&rule, "eps"));
    ck_assert(!ssldyn_rules_reads(&rule, ""));
}
END_TEST

/* No rule makes p negative if its input is not: Wp = U diag(p) U^T is a product B B^T. */
START_TEST(values_are_not_negative)
{
    struct ssldyn_parameters q = settings(_i);
    uint64_t state = 1;

    ck_assert(ssldyn_rules_trained(&q) != ssldyn_rules_set(&q));
    for (int trial = 0; trial < 200 && ssldyn_rules_set(&q); trial++) {
        const double s_max = draw_between(&state, 0.0, 2.0);
        const double s = trial % 5 == 0 ? 0.0 : draw_between(&state, 0.0, s_max);
        q.normalization = trial % 2 == 0 ? SSLDYN_NORMALIZE_NONE : SSLDYN_NORMALIZE_LARGEST;
        q.epsilon = trial % 3 == 0 ? 0.0 : 0.1;
        ck_assert_double_ge(ssldyn_predictor_mode(&q, s, s_max, 0.8), 0.0);
        ck_assert_double_ge(ssldyn_predictor_at_zero(&q, trial % 2 == 0), 0.0);
    }
    q.predictor = false;
    ck_assert(!ssldyn_rules_trained(&q) && !ssldyn_rules_set(&q));
}
END_TEST

/* A rule that claims to be a power is one: p = max(s - shift, 0)^a + epsilon s_max. */
START_TEST(powers_are_powers)
{
    struct ssldyn_parameters q = settings(_i);
    double shift = (double)NAN;
    uint64_t state = 2;

    q.set_shift = 0.3;
    const double a = ssldyn_rules[_i]->power(&q, &shift);
    ck_assert_double_ge(shift, 0.0);
    for (int trial = 0; trial < 50 && !isnan(a); trial++) {
        const double s_max = draw_between(&state, 0.0, 2.0);
        const double s = draw_between(&state, 0.0, s_max);
        CHECK_CLOSE(ssldyn_predictor_eigenvalue(&q, s, s_max),
                    pow(fmax(s - shift, 0.0), a) + 0.1 * s_max, 1e-14, 0.0);
    }
}
END_TEST

/* Without a certificate there is a reason, and only the start at 0 is decided. */
START_TEST(uncertified_rules_say_why)
{
    for (int trial = 0; trial < 16; trial++) {
        struct ssldyn_parameters q = settings(_i);
        struct ssldyn_certificate certificate;
        q.epsilon = trial & 1 ? 0.1 : 0.0;
        q.normalization = trial & 2 ? SSLDYN_NORMALIZE_LARGEST : SSLDYN_NORMALIZE_NONE;
        q.tau_held = (trial & 4) != 0;
        q.tau = 1.0;
        q.stop_grad = (trial & 8) == 0;
        ssldyn_certificate_init(&certificate, &q);
        if (certificate.kind != SSLDYN_CERTIFICATE_NONE)
            continue;
        ck_assert_ptr_nonnull(certificate.why);
        ck_assert_int_eq(ssldyn_fate_judge(&certificate, 0.6, 0.7, 0.7), SSLDYN_FATE_UNDECIDED);
        ck_assert_int_eq(ssldyn_fate_judge(&certificate, 0.6, 0.0, 0.0), SSLDYN_FATE_COLLAPSED);
    }
}
END_TEST

START_TEST(unknown_rules_claim_nothing)
{
    struct ssldyn_parameters q = settings(SSLDYN_PREDICTOR_GRADIENT);
    struct ssldyn_certificate certificate = {.kind = SSLDYN_CERTIFICATE_BISTABLE};
    double shift = 1.0;

    ssldyn_certificate_none(&certificate, &q, 1.25, 1.0);
    ck_assert_int_eq(certificate.kind, SSLDYN_CERTIFICATE_NONE);
    ck_assert_ptr_nonnull(certificate.why);
    ck_assert_double_nan(ssldyn_rules_no_power(&q, &shift));
    ck_assert(shift == 0.0);
    ck_assert(!ssldyn_rules_no_trap(&q, 0.0, 0.0, 0.0));
    ck_assert_uint_eq(ssldyn_rules_no_laws(&q), 0);
}
END_TEST

/* Laws require the stop-gradient, and the settings under which they are proved. */
START_TEST(laws_by_their_settings)
{
    struct ssldyn_parameters q = settings(SSLDYN_PREDICTOR_GRADIENT);

    ck_assert_uint_eq(ssldyn_invariant_laws(&q), SSLDYN_LAW_BALANCE);
    q.symmetric = true;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), 0);
    q.symmetric = false;
    q.rates.eta_p = 0.06;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), 0);
    q.rule = SSLDYN_PREDICTOR_OPTIMAL;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), 0);
    q.epsilon = 0.0;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), SSLDYN_LAW_FROZEN);
    ck_assert(ssldyn_trapping_collapse(&q, 1.0, 5.0, 5.0, 5.0));
    q.stop_grad = false;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), 0);
    q.stop_grad = true;
    q.symmetric = true;
    ck_assert(!ssldyn_trapping_collapse(&q, 1.0, 5.0, 5.0, 5.0));
    q.predictor = false;
    ck_assert_uint_eq(ssldyn_invariant_laws(&q), 0);
}
END_TEST

TEST_SUITE(rules)
{
    tcase_add_loop_test(tests, every_member_is_set, 0, SSLDYN_RULES_COUNT);
    tcase_add_test(tests, choices_are_the_list);
    tcase_add_test(tests, descriptions_are_complete);
    tcase_add_loop_test(tests, values_are_not_negative, 0, SSLDYN_RULES_COUNT);
    tcase_add_loop_test(tests, powers_are_powers, 0, SSLDYN_RULES_COUNT);
    tcase_add_loop_test(tests, uncertified_rules_say_why, 0, SSLDYN_RULES_COUNT);
    tcase_add_test(tests, unknown_rules_claim_nothing);
    tcase_add_test(tests, laws_by_their_settings);
}
