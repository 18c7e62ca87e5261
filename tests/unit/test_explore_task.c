/* Requests that compute: newer ones replace older ones of the same view, there is a limit on how many
 * and how long, and the end of the server ends them. */
// SPDX-License-Identifier: MIT
#include "sim/explore/task.h"

#include "sim/base/clock.h"
#include "tests/suite.h"

#include <stdio.h>
#include <string.h>

/* A call of a view (NULL: of none). */
static struct ssldyn_call call_of(const char *path, const char *view, const char *seq)
{
    struct ssldyn_call call = {.path = path};
    if (view) {
        call.pairs[call.count++] = (struct ssldyn_call_pair){"view", view};
    }
    if (seq) {
        call.pairs[call.count++] = (struct ssldyn_call_pair){"seq", seq};
    }
    return call;
}

/* The status of a refusal, 0: the task runs. */
static unsigned begin(struct ssldyn_tasks *tasks, struct ssldyn_call call, struct ssldyn_task *task)
{
    struct ssldyn_call_answer answer = {0};
    const bool begun = ssldyn_task_begin(tasks, &call, task, &answer);
    ck_assert_int_eq(begun, answer.status == 0);
    ssldyn_bytes_clear(&answer.body);
    return answer.status;
}

START_TEST(newer_replaces_older)
{
    struct ssldyn_tasks tasks;
    struct ssldyn_task first;
    struct ssldyn_task second;
    struct ssldyn_task other;
    struct ssldyn_task late;
    ck_assert(ssldyn_task_open(&tasks, 8, 60.0));
    ck_assert_uint_eq(begin(&tasks, call_of("/api/map", "a", "5"), &first), 0);
    ck_assert_uint_eq(begin(&tasks, call_of("/api/flow", "a", "6"), &other), 0);
    ck_assert_int_eq(ssldyn_task_state(&first), SSLDYN_TASK_RUNS); /* another path */
    ck_assert_uint_eq(begin(&tasks, call_of("/api/map", "a", "6"), &second), 0);
    ck_assert_int_eq(ssldyn_task_state(&first), SSLDYN_TASK_REPLACED);
    ck_assert_int_eq(ssldyn_task_state(&second), SSLDYN_TASK_RUNS);
    ck_assert_int_eq(ssldyn_task_state(&other), SSLDYN_TASK_RUNS);
    ck_assert_uint_eq(begin(&tasks, call_of("/api/map", "a", "5"), &late), 409);
    ck_assert_uint_eq(begin(&tasks, call_of("/api/map", "b", "1"), &late), 0); /* another view */
    ck_assert_int_eq(ssldyn_task_state(&second), SSLDYN_TASK_RUNS);
    ssldyn_task_end(&tasks, &late);
    ssldyn_task_end(&tasks, &other);
    ssldyn_task_end(&tasks, &second);
    ssldyn_task_end(&tasks, &first);
    ck_assert_uint_eq(tasks.count, 0);
    ssldyn_task_clear(&tasks);
}
END_TEST

START_TEST(limits)
{
    struct ssldyn_tasks tasks;
    struct ssldyn_task task[3];
    ck_assert(ssldyn_task_open(&tasks, 2, 1e-6));
    ck_assert_uint_eq(begin(&tasks, call_of("/", NULL, NULL), &task[0]), 0);
    ck_assert_uint_eq(begin(&tasks, call_of("/", NULL, NULL), &task[1]), 0);
    ck_assert_uint_eq(begin(&tasks, call_of("/", NULL, NULL), &task[2]), 429);
    ssldyn_task_end(&tasks, &task[0]);
    ck_assert_uint_eq(begin(&tasks, call_of("/", NULL, NULL), &task[2]), 0);
    while (ssldyn_clock_wall() < task[1].deadline + 1e-3) {
    }
    ck_assert_int_eq(ssldyn_task_state(&task[1]), SSLDYN_TASK_LATE);
    ssldyn_task_end(&tasks, &task[1]);
    ssldyn_task_end(&tasks, &task[2]);
    ssldyn_task_clear(&tasks);
}
END_TEST

START_TEST(malformed_views)
{
    static const char *const bad[][2] = {
        {"a", NULL}, {NULL, "1"}, {"", "1"},    {"a b", "1"},
        {"a", "-1"}, {"a", "x"},  {"a", "1e3"}, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1"}};
    struct ssldyn_tasks tasks;
    struct ssldyn_task task;
    ck_assert(ssldyn_task_open(&tasks, 2, 60.0));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_uint_eq(begin(&tasks, call_of("/", bad[i][0], bad[i][1]), &task), 400);
    }
    ck_assert_uint_eq(tasks.count, 0);
    ssldyn_task_clear(&tasks);
}
END_TEST

/* Many views: old ones are forgotten, none is mixed up with another. */
START_TEST(many_views)
{
    struct ssldyn_tasks tasks;
    struct ssldyn_task task;
    ck_assert(ssldyn_task_open(&tasks, 2, 60.0));
    for (int i = 0; i < 10 * SSLDYN_TASK_VIEWS; i++) {
        char view[16];
        (void)snprintf(view, sizeof view, "v%d", i);
        ck_assert_uint_eq(begin(&tasks, call_of("/", view, "7"), &task), 0);
        ssldyn_task_end(&tasks, &task);
        ck_assert_uint_eq(begin(&tasks, call_of("/", view, "6"), &task), 409);
    }
    ssldyn_task_clear(&tasks);
}
END_TEST

/* A run of the library stops when its task is to stop, within the tenth of a second between looks. */
START_TEST(runs_stop)
{
    struct ssldyn_tasks tasks;
    struct ssldyn_task task;
    struct ssldyn_request *request = NULL;
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err;
    struct ssldyn_call_answer answer = {0};
    ck_assert(ssldyn_task_open(&tasks, 2, 60.0));
    ck_assert_uint_eq(begin(&tasks, call_of("/", NULL, NULL), &task), 0);
    ck_assert_int_eq(ssldyn_request_create("flow", &request, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_text(request, "n1", "64", &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_text(request, "t-end", "1e6", &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_text(request, "rtol", "1e-13", &err), SSLDYN_OK);
    ssldyn_task_close(&tasks);
    const double began = ssldyn_clock_wall();
    ck_assert_int_eq(ssldyn_task_run(&task, request, &result, &err), SSLDYN_EINTERRUPTED);
    ck_assert_double_lt(ssldyn_clock_wall() - began, 20.0);
    ck_assert_int_eq(ssldyn_task_state(&task), SSLDYN_TASK_CLOSED);
    ssldyn_task_refuse(&task, SSLDYN_EINTERRUPTED, &err, &answer);
    ck_assert_uint_eq(answer.status, 503);
    ssldyn_bytes_clear(&answer.body);
    ssldyn_task_end(&tasks, &task);
    ck_assert_uint_eq(begin(&tasks, call_of("/", NULL, NULL), &task), 503);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
    ssldyn_task_clear(&tasks);
}
END_TEST

TEST_SUITE(explore_task)
{
    tcase_add_test(tests, newer_replaces_older);
    tcase_add_test(tests, limits);
    tcase_add_test(tests, malformed_views);
    tcase_add_test(tests, many_views);
    tcase_add_test(tests, runs_stop);
}
