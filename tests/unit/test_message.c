/* Messages at the interface of the library name arguments instead of options. */
// SPDX-License-Identifier: MIT
#include "sim/api/message.h"

#include "tests/suite.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *inside, *outside;
} messages[] = {
    {"--eta = -1: must be at least 0", "eta = -1: must be at least 0"},
    {"--init-w w.npy: 3 x 4, not 3 x 5", "init_w w.npy: 3 x 4, not 3 x 5"},
    {"--no-ema and --tau: give only one; --no-ema means --tau 1",
     "no_ema and tau: give only one; no_ema means tau 1"},
    {"--axis.train-ema: is given twice", "axis.train_ema: is given twice"},
    {"--lrr: unknown option; did you mean --lr?", "lrr: unknown argument; did you mean lr?"},
    {"--steps: is not an option of ssldyn flow (only of sgd)",
     "steps: is not an argument of flow (only of sgd)"},
    {"raise --t-end.", "raise t_end."},
    {"-o out/x: another process is writing", "output out/x: another process is writing"},
    {"run.conf:12: eta: unknown option", "run.conf:12: eta: unknown argument"},
    /* names of files are not changed, even if they look like options */
    {"--x a--b.npy: cannot be read", "x a--b.npy: cannot be read"},
    {"--x my-o file.npy: is --nothing", "x my-o file.npy: is --nothing"},
    {"t = 3: |w| is -- large", "t = 3: |w| is -- large"},
    {"", ""},
    {"--", "--"},
};

START_TEST(options_become_arguments)
{
    char text[512];
    snprintf(text, sizeof text, "%s", messages[_i].inside);
    ssldyn_message_translate(text, sizeof text);
    ck_assert_str_eq(text, messages[_i].outside);
}
END_TEST

START_TEST(long_text_is_truncated)
{
    char text[40];
    memset(text, 'a', sizeof text);
    memcpy(text, "unknown option", strlen("unknown option")); /* grows by two */
    text[sizeof text - 1] = '\0';
    ssldyn_message_translate(text, sizeof text);
    ck_assert_uint_eq(strlen(text), sizeof text - 1);
    ck_assert_int_eq(strncmp(text, "unknown argumentaaa", 19), 0);
}
END_TEST

TEST_SUITE(message)
{
    tcase_add_loop_test(tests, options_become_arguments, 0,
                        (int)(sizeof messages / sizeof messages[0]));
    tcase_add_test(tests, long_text_is_truncated);
}
