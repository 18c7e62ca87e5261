/* The progress line, written to a file instead of a terminal. */
// SPDX-License-Identifier: MIT
#include "sim/base/progress.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static char text[100000];

/* Redirects stderr to a file; returns the old one, for restore. */
static int redirect(const char *path)
{
    fflush(stderr);
    int old = dup(STDERR_FILENO);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);

    ck_assert_int_ge(old, 0);
    ck_assert_int_ge(file, 0);
    ck_assert_int_ge(dup2(file, STDERR_FILENO), 0);
    close(file);
    return old;
}

static void restore(int old)
{
    fflush(stderr);
    ck_assert_int_ge(dup2(old, STDERR_FILENO), 0);
    close(old);
}

/* Seconds after the start at which the next line may be drawn. */
static const double later = 0.12;

START_TEST(is_silent_without_a_terminal)
{
    struct ssldyn_progress progress;
    char path[SCRATCH_PATH];

    int old = redirect(scratch_path(path, "stderr"));
    for (int quiet = 0; quiet < 2; quiet++) {
        ssldyn_progress_begin(&progress, "flow", "steps", 1000.0, quiet != 0);
        ssldyn_progress_update_at(&progress, 500.0, progress.started + later);
        progress.last_drawn -= later;
        ssldyn_progress_update(&progress, 600.0);
        ssldyn_progress_end(&progress);
    }
    restore(old);
    ck_assert_uint_eq(scratch_read(path, text, sizeof text), 0);
}
END_TEST

START_TEST(draws_share_rate_and_remaining_time)
{
    struct ssldyn_progress progress;
    char path[SCRATCH_PATH];

    int old = redirect(scratch_path(path, "stderr"));
    ssldyn_progress_begin(&progress, "sweep", "points", 4096.0, false);
    progress.shown = true;
    ssldyn_progress_update_at(&progress, 1234.0, progress.started + later);
    ssldyn_progress_end(&progress);
    restore(old);
    scratch_read(path, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "sweep  1234/4096 points  30 %  "));
    ck_assert_ptr_nonnull(strstr(text, "/s  ETA "));
    /* At the end blanks erase the line, without escape codes, and no new line starts. */
    const char *last = strrchr(text, '\r');
    ck_assert_str_eq(last, "\r");
    const char *blanks = last - 1;
    while (*blanks == ' ')
        blanks--;
    ck_assert_int_eq(*blanks, '\r');
    ck_assert_int_eq(last - 1 - blanks, blanks - 1 - text);
    ck_assert_ptr_null(strchr(text, '\033'));
    ck_assert_ptr_null(strchr(text, '\n'));
}
END_TEST

START_TEST(draws_at_most_ten_times_a_second)
{
    struct ssldyn_progress progress;
    char path[SCRATCH_PATH];
    size_t drawn = 0;

    int old = redirect(scratch_path(path, "stderr"));
    ssldyn_progress_begin(&progress, "flow", "steps", 1e6, false);
    progress.shown = true;
    /* Two seconds, with a thousand updates in each. */
    for (int k = 1; k <= 2000; k++)
        ssldyn_progress_update_at(&progress, k, progress.started + (k + 0.5) / 1000.0);
    ssldyn_progress_end(&progress);
    restore(old);
    scratch_read(path, text, sizeof text);
    for (const char *at = text; (at = strstr(at, "flow")) != NULL; at++)
        drawn++;
    ck_assert_uint_ge(drawn, 19);
    ck_assert_uint_le(drawn, 20);
}
END_TEST

START_TEST(takes_the_time_from_the_clock)
{
    struct ssldyn_progress progress;
    char path[SCRATCH_PATH];

    int old = redirect(scratch_path(path, "stderr"));
    ssldyn_progress_begin(&progress, "flow", "steps", 10.0, false);
    progress.shown = true;
    progress.last_drawn -= later; /* as if it had started then */
    ssldyn_progress_update(&progress, 5.0);
    ssldyn_progress_end(&progress);
    restore(old);
    scratch_read(path, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "flow"));
}
END_TEST

START_TEST(survives_odd_amounts)
{
    static const double totals[] = {0.0, -1.0, 1e300, 2.5};
    struct ssldyn_progress progress;
    char path[SCRATCH_PATH];

    int old = redirect(scratch_path(path, "stderr"));
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++) {
        ssldyn_progress_begin(&progress, "flow", "steps", totals[i], false);
        progress.shown = true;
        ssldyn_progress_update_at(&progress, 3.0, progress.started + later);
        ssldyn_progress_update_at(&progress, 2.0, progress.started + 2.0 * later);
        ssldyn_progress_end(&progress);
    }
    restore(old);
    scratch_read(path, text, sizeof text);
    ck_assert_ptr_null(strstr(text, "nan"));
    ck_assert_ptr_null(strstr(text, "inf"));
    ck_assert_ptr_null(strstr(text, "ETA -1"));
}
END_TEST

TEST_SUITE(progress)
{
    tcase_add_test(tests, is_silent_without_a_terminal);
    tcase_add_test(tests, draws_share_rate_and_remaining_time);
    tcase_add_test(tests, draws_at_most_ten_times_a_second);
    tcase_add_test(tests, takes_the_time_from_the_clock);
    tcase_add_test(tests, survives_odd_amounts);
}
