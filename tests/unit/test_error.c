/* Failures: their message of one line, their exit status, and escaping of text that could control a
 * terminal. */
// SPDX-License-Identifier: MIT
#include "sim/base/error.h"
#include "tests/suite.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(fills_the_line_and_returns_the_status)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};

    ck_assert_int_eq(ssldyn_fail(&err, SSLDYN_EINPUT, "%s:%d: eta = %g: must be at least 0",
                                 "run.conf", 7, -2.385),
                     SSLDYN_EINPUT);
    ck_assert_int_eq(err.status, SSLDYN_EINPUT);
    ck_assert_str_eq(err.message, "run.conf:7: eta = -2.385: must be at least 0");
}
END_TEST

START_TEST(accepts_a_null_error)
{
    ck_assert_int_eq(ssldyn_fail(NULL, SSLDYN_EIO, "%s", "lost"), SSLDYN_EIO);
}
END_TEST

START_TEST(cuts_a_line_that_is_too_long)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char text[2000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(ssldyn_fail(&err, SSLDYN_EFAILED, "%s", text), SSLDYN_EFAILED);
    ck_assert_uint_eq(strlen(err.message), sizeof err.message - 1);
}
END_TEST

START_TEST(keeps_both_ends_of_a_line_that_is_too_long)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char text[2000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    ck_assert_int_eq(ssldyn_fail(&err, SSLDYN_EINPUT, "--wp %s: no such file", text),
                     SSLDYN_EINPUT);
    ck_assert_uint_le(strlen(err.message), sizeof err.message - 1);
    ck_assert_ptr_eq(strstr(err.message, "--wp xxx"), err.message);
    ck_assert_ptr_nonnull(strstr(err.message, "xxx...xxx"));
    ck_assert_str_eq(err.message + strlen(err.message) - 17, "xxx: no such file");
}
END_TEST

START_TEST(escapes_control_characters)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};

    ck_assert_int_eq(ssldyn_fail(&err, SSLDYN_EINPUT, "%s", "a\x1b[2Jb\nc\td\x7f"), SSLDYN_EINPUT);
    ck_assert_str_eq(err.message, "a?[2Jb?c?d?");
}
END_TEST

START_TEST(keeps_text_beyond_ascii)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};

    ck_assert_int_eq(ssldyn_fail(&err, SSLDYN_EINPUT, "%s", "caf\xc3\xa9.npy"), SSLDYN_EINPUT);
    ck_assert_str_eq(err.message, "caf\xc3\xa9.npy");
}
END_TEST

START_TEST(may_quote_its_own_message)
{
    struct ssldyn_error err = {SSLDYN_EIO, "disk full"};

    ck_assert_int_eq(ssldyn_fail(&err, SSLDYN_EIO, "t = %g: %s", 1.5, err.message), SSLDYN_EIO);
    ck_assert_str_eq(err.message, "t = 1.5: disk full");
}
END_TEST

START_TEST(reports_out_of_memory)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};

    ck_assert_int_eq(ssldyn_fail_system(&err, SSLDYN_EINPUT, ENOMEM, "%s: cannot be read", "a.npy"),
                     SSLDYN_ENOMEM);
    ck_assert_int_eq(err.status, SSLDYN_ENOMEM);
    ck_assert_str_eq(err.message, "a.npy: cannot be read: out of memory");
    /* Recognized by its number alone, because a file may have any name. */
    ck_assert_int_eq(ssldyn_fail(&err, SSLDYN_EINPUT, "%s: is not a file", strerror(ENOMEM)),
                     SSLDYN_EINPUT);
    ck_assert_int_eq(ssldyn_fail_system(NULL, SSLDYN_EIO, ENOMEM, "x"), SSLDYN_ENOMEM);
}
END_TEST

START_TEST(gives_the_reason_of_the_system)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char name[2 * sizeof err.message];
    char end[100];

    ck_assert_int_eq(ssldyn_fail_system(&err, SSLDYN_EIO, ENOENT, "%s", "a"), SSLDYN_EIO);
    ck_assert_int_eq(err.status, SSLDYN_EIO);
    snprintf(end, sizeof end, ": %s", strerror(ENOENT));
    ck_assert_ptr_nonnull(strstr(err.message, end));
    /* However long the name is, the reason at the end is complete. */
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    ck_assert_int_eq(ssldyn_fail_system(&err, SSLDYN_EIO, ENOENT, "%s", name), SSLDYN_EIO);
    const size_t length = strlen(err.message);
    ck_assert_uint_ge(length, sizeof err.message - 2);
    ck_assert_str_eq(err.message + length - strlen(end), end);
}
END_TEST

START_TEST(knows_exit_status_and_words_of_each)
{
#define CHECK_ONE(name, exit_status, text)                                                         \
    ck_assert_int_eq(ssldyn_error_exit_status(name), exit_status);                                 \
    ck_assert_str_eq(ssldyn_error_status_text(name), text);
    SSLDYN_STATUS_LIST(CHECK_ONE)
#undef CHECK_ONE
    ck_assert_int_eq(ssldyn_error_exit_status(SSLDYN_OK), 0);
    ck_assert_int_eq(ssldyn_error_exit_status((enum ssldyn_status)99), 1);
    ck_assert_str_eq(ssldyn_error_status_text((enum ssldyn_status)99), "unknown status");
}
END_TEST

TEST_SUITE(error)
{
    tcase_add_test(tests, fills_the_line_and_returns_the_status);
    tcase_add_test(tests, accepts_a_null_error);
    tcase_add_test(tests, cuts_a_line_that_is_too_long);
    tcase_add_test(tests, keeps_both_ends_of_a_line_that_is_too_long);
    tcase_add_test(tests, escapes_control_characters);
    tcase_add_test(tests, keeps_text_beyond_ascii);
    tcase_add_test(tests, may_quote_its_own_message);
    tcase_add_test(tests, reports_out_of_memory);
    tcase_add_test(tests, gives_the_reason_of_the_system);
    tcase_add_test(tests, knows_exit_status_and_words_of_each);
}
