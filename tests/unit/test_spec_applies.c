/* When options apply: the options of a predictor's rule apply to the rules that read them. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* Every name that a rule reads is an option, and it applies to exactly the rules that read it. */
START_TEST(options_belong_to_their_readers)
{
    char words[200];
    struct ssldyn_spec spec;

    ck_assert_uint_lt(strlen(ssldyn_rules[_i]->reads), sizeof words);
    snprintf(words, sizeof words, "%s", ssldyn_rules[_i]->reads);
    ck_assert_int_eq(ssldyn_spec_init(&spec, SSLDYN_COMMAND_FLOW, NULL), SSLDYN_OK);
    char *rest = words;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        const struct ssldyn_option *option = ssldyn_option_find(word);
        ck_assert_ptr_nonnull(option);
        ck_assert(ssldyn_rules_reads(ssldyn_rules[_i], word));
        for (int rule = 0; rule < SSLDYN_RULES_COUNT; rule++) {
            char why[200] = "";
            spec.problem.parameters.rule = (enum ssldyn_predictor_rule)rule;
            const bool applies = ssldyn_spec_applies(&spec, option, why, sizeof why);
            ck_assert(applies == ssldyn_rules_reads(ssldyn_rules[rule], word));
            ck_assert(applies || strstr(why, ssldyn_rules[_i]->name));
        }
        spec.problem.parameters.predictor = false;
        ck_assert(!ssldyn_spec_applies(&spec, option, NULL, 0));
        spec.problem.parameters.predictor = true;
    }
    ssldyn_spec_clear(&spec);
}
END_TEST

START_TEST(choices_are_the_list)
{
    ck_assert_str_eq(ssldyn_option_find("predictor")->choices,
                     SSLDYN_OPTION_CHOICES(SSLDYN_RULES(SSLDYN_RULES_CHOICE)));
}
END_TEST

TEST_SUITE(spec_applies)
{
    tcase_add_loop_test(tests, options_belong_to_their_readers, 0, SSLDYN_RULES_COUNT);
    tcase_add_test(tests, choices_are_the_list);
}
