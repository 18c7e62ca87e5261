/* Edit distance of words: known pairs, and the axioms of a distance. */
// SPDX-License-Identifier: MIT
#include "sim/base/distance.h"
#include "tests/suite.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

START_TEST(counts_the_letters_that_differ)
{
    static const struct {
        const char *a, *b;
        size_t apart;
    } known[] = {
        {"", "", 0},         {"", "beta", 4},     {"kitten", "sitting", 3},
        {"Beta", "beta", 0}, {"beta", "bate", 2}, {"alpha-p", "alpha_p", 1},
        {"flaw", "lawn", 2},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        ck_assert_uint_eq(ssldyn_distance(known[i].a, known[i].b), known[i].apart);
        ck_assert_uint_eq(ssldyn_distance(known[i].b, known[i].a), known[i].apart);
    }
}
END_TEST

START_TEST(keeps_to_the_longest)
{
    char word[SSLDYN_DISTANCE_LONGEST + 2];

    memset(word, 'x', sizeof word);
    word[SSLDYN_DISTANCE_LONGEST] = '\0';
    ck_assert_uint_eq(ssldyn_distance("", word), SSLDYN_DISTANCE_LONGEST);
    word[SSLDYN_DISTANCE_LONGEST] = 'x';
    word[SSLDYN_DISTANCE_LONGEST + 1] = '\0';
    ck_assert_uint_eq(ssldyn_distance("", word), SIZE_MAX);
}
END_TEST

TEST_SUITE(distance)
{
    tcase_add_test(tests, counts_the_letters_that_differ);
    tcase_add_test(tests, keeps_to_the_longest);
}
