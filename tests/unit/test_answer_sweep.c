/* Sweeps as requests: their contents, the files they save compared with the command line's, and a
 * stop affects one sweep only. */
// SPDX-License-Identifier: MIT
#include "sim/answer/sweep.h"
#include "sim/io/npy.h"
#include "sim/ssldyn.h"
#include "tests/answer_run.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/spec_make.h"
#include "tests/suite.h"
#include "tests/sweep_run.h"

#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A request with the arguments (name, text, ..., NULL). */
static struct ssldyn_request *ask_of(const char *command, const char *const arguments[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_request *request = NULL;
    ck_assert_msg(ssldyn_request_create(command, &request, &err) == SSLDYN_OK, "%s", err.message);
    for (size_t i = 0; arguments[i]; i += 2)
        ck_assert_msg(ssldyn_request_text(request, arguments[i], arguments[i + 1], &err) ==
                          SSLDYN_OK,
                      "%s", err.message);
    return request;
}

static struct ssldyn_request *ask(const char *const arguments[])
{
    return ask_of("sweep", arguments);
}

static struct ssldyn_result *run(struct ssldyn_request *request)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    ck_assert_msg(ssldyn_request_run(request, &result, &err) == SSLDYN_OK, "%s", err.message);
    ssldyn_request_free(request);
    return result;
}

static void save(const struct ssldyn_result *result, const char *name)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];
    ck_assert_msg(ssldyn_result_save(result, scratch_path(path, name), &err) == SSLDYN_OK, "%s",
                  err.message);
}

/* Runs it as the command line does, into the test's directory NAME. */
static void write_files(const char *const arguments[], const char *name)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    char path[SCRATCH_PATH];
    ck_assert_msg(answer_run(ssldyn_answer_sweep, SSLDYN_COMMAND_SWEEP, arguments, false,
                             scratch_path(path, name), NULL, &result, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(ssldyn_result_array_count(result), 0);
    ssldyn_result_free(result);
}

static const char *const kernel[] = {"model",       "modes", "axis.eta", "0:0.3:21", "axis.p0",
                                     "0.05:0.6:19", "s0",    "0.1",      "lines",    "true",
                                     "average",     "p0",    NULL};

START_TEST(saves_what_is_written)
{
    const double fates[] = {0.0, 1.0, 2.0, 3.0};
    static const char *const names[] = {"collapsed", "survives", "diverged", "undecided"};
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    struct ssldyn_result *result = run(ask(kernel));
    const double *fate = ssldyn_result_array(result, "fate", &dimensions, shape);
    ck_assert_uint_eq(dimensions, 2);
    ck_assert(shape[0] == 21 && shape[1] == 19);
    CHECK_CLOSE(ssldyn_result_value(result, "points"), 399.0, 0.0, 0.0);
    for (size_t i = 0; i < 4; i++) {
        double count = 0.0;
        for (size_t k = 0; k < 399; k++)
            count += fate[k] == fates[i];
        CHECK_CLOSE(ssldyn_result_value(result, names[i]), count, 0.0, 0.0);
    }
    ck_assert(isnan(ssldyn_result_value(result, "points_done")));
    write_files(kernel, "written");
    save(result, "saved");
    scratch_same("written", "saved");
    ssldyn_result_free(result);
}
END_TEST

/* In a directory and in memory. */
START_TEST(writes_and_keeps)
{
    char path[SCRATCH_PATH];
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_request *request = ask(kernel);
    ck_assert_int_eq(ssldyn_request_text(request, "output", scratch_path(path, "kept"), &err),
                     SSLDYN_OK);
    struct ssldyn_result *both = run(request);
    struct ssldyn_result *alone = run(ask(kernel));
    write_files(kernel, "written");
    scratch_same("written", "kept");
    ck_assert_uint_eq(ssldyn_result_array_count(both), ssldyn_result_array_count(alone));
    for (size_t i = 0; i < ssldyn_result_array_count(alone); i++) {
        const char *name = ssldyn_result_array_name(alone, i);
        size_t count = 1;
        const double *a = ssldyn_result_array(alone, name, &dimensions, shape);
        for (size_t k = 0; k < dimensions; k++)
            count *= shape[k];
        const double *b = ssldyn_result_array(both, name, &dimensions, shape);
        ck_assert_msg(b != NULL, "no %s", name);
        for (size_t k = 0; k < count; k++)
            ck_assert_msg(a[k] == b[k] || (isnan(a[k]) && isnan(b[k])), "%s: %zu", name, k);
    }
    save(both, "again");
    scratch_same("written", "again");
    ssldyn_result_free(both);
    ssldyn_result_free(alone);
}
END_TEST

/* Opening its directory gives the same result. */
START_TEST(opened_again)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *opened = NULL;
    char path[SCRATCH_PATH];
    struct ssldyn_result *result = run(ask(kernel));
    save(result, "to-open");
    ck_assert_msg(ssldyn_result_open(scratch_path(path, "to-open"), &opened, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(ssldyn_result_value_count(opened), ssldyn_result_value_count(result));
    for (size_t i = 0; i < ssldyn_result_value_count(result); i++) {
        const char *name = ssldyn_result_value_name(result, i);
        CHECK_CLOSE(ssldyn_result_value(opened, name), ssldyn_result_value(result, name), 0.0, 0.0);
    }
    ck_assert_uint_eq(ssldyn_result_array_count(opened), ssldyn_result_array_count(result));
    for (size_t i = 0; i < ssldyn_result_array_count(result); i++) {
        size_t dimensions = 0;
        size_t shape[SSLDYN_DIMENSIONS];
        const char *name = ssldyn_result_array_name(result, i);
        ck_assert_msg(ssldyn_result_array(opened, name, &dimensions, shape) != NULL, "no %s", name);
    }
    ck_assert_str_eq(ssldyn_result_text(opened, "report"), ssldyn_result_text(result, "report"));
    save(opened, "opened");
    scratch_same("to-open", "opened");
    ssldyn_result_free(opened);
    ssldyn_result_free(result);
}
END_TEST

static const char *const of_data[] = {"n2",        "2",        "t-end",   "1",
                                      "axis.eta",  "0:0.1:3",  "columns", "fate,loss",
                                      "axis.seed", "list:1,2", NULL};

/* A sweep of arrays can be saved after the arrays are freed, and its spec.conf repeats it. */
START_TEST(arrays_may_be_freed)
{
    const size_t shape[2] = {3, 3};
    const double numbers[9] = {1.25, 0.1, 0.0, 0.1, 1.5, 0.0, 0.0, 0.0, 2.0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char path[SCRATCH_PATH];
    double *x = malloc(sizeof numbers);
    double *xprime = malloc(sizeof numbers);
    ck_assert(x != NULL && xprime != NULL);
    for (size_t i = 0; i < 9; i++) {
        x[i] = numbers[i];
        xprime[i] = 0.5 * numbers[i];
    }
    struct ssldyn_request *request = ask(of_data);
    ck_assert_msg(ssldyn_request_array(request, "X", 2, shape, x, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_int_eq(ssldyn_request_array(request, "Xprime", 2, shape, xprime, &err), SSLDYN_OK);
    struct ssldyn_result *result = run(request);
    memset(x, 0xff, sizeof numbers);
    memset(xprime, 0xff, sizeof numbers);
    free(x);
    free(xprime);
    save(result, "of-arrays");
    const char *const nothing[] = {NULL};
    request = ask(nothing);
    ck_assert_msg(ssldyn_request_read(request, scratch_path(path, "of-arrays"), &err) == SSLDYN_OK,
                  "%s", err.message);
    struct ssldyn_result *again = run(request);
    size_t dimensions = 0;
    size_t sides[SSLDYN_DIMENSIONS];
    const double *loss = ssldyn_result_array(result, "loss", &dimensions, sides);
    const double *repeated = ssldyn_result_array(again, "loss", &dimensions, sides);
    ck_assert(dimensions == 2 && sides[0] == 3 && sides[1] == 2);
    ck_assert_int_eq(memcmp(loss, repeated, 6 * sizeof *loss), 0);
    ssldyn_result_free(again);
    ssldyn_result_free(result);
}
END_TEST

/* A result whose spec.conf names a deleted file still has its arrays. */
START_TEST(opened_without_its_files)
{
    const size_t shape[2] = {3, 3};
    const double x[9] = {1.25, 0.1, 0.0, 0.1, 1.5, 0.0, 0.0, 0.0, 2.0};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *opened = NULL;
    char file[SCRATCH_PATH];
    char path[SCRATCH_PATH];
    size_t dimensions = 0;
    size_t sides[SSLDYN_DIMENSIONS];
    ck_assert_int_eq(ssldyn_npy_write(scratch_path(file, "x.npy"), 2, shape, x, &err), SSLDYN_OK);
    struct ssldyn_request *request = ask(of_data);
    ck_assert_int_eq(ssldyn_request_text(request, "x", file, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_text(request, "xprime", file, &err), SSLDYN_OK);
    struct ssldyn_result *result = run(request);
    save(result, "of-files");
    ck_assert_int_eq(unlink(file), 0);
    ck_assert_msg(ssldyn_result_open(scratch_path(path, "of-files"), &opened, &err) == SSLDYN_OK,
                  "%s", err.message);
    const double *fate = ssldyn_result_array(opened, "fate", &dimensions, sides);
    ck_assert(fate != NULL && dimensions == 2 && sides[0] == 3);
    ck_assert_ptr_nonnull(ssldyn_result_array(opened, "axis_eta", &dimensions, sides));
    ssldyn_result_free(opened);
    ssldyn_result_free(result);
}
END_TEST

/* The map of a basin is such a sweep. */
START_TEST(maps_of_basins)
{
    const char *const arguments[] = {"model", "modes", "axis.p0", "0:1:31", "axis.s0", "0:0.5:23",
                                     "eta",   "0.1",   "threads", "1",      NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    char path[SCRATCH_PATH];
    double collapsed = 0.0;
    struct ssldyn_result *result = run(ask_of("basin", arguments));
    const double *fate = ssldyn_result_array(result, "fate", &dimensions, shape);
    ck_assert(dimensions == 2 && shape[0] == 31 && shape[1] == 23);
    for (size_t i = 0; i < 31 * 23; i++)
        collapsed += fate[i] == 0.0;
    CHECK_CLOSE(ssldyn_result_value(result, "collapsed"), collapsed, 0.0, 0.0);
    save(result, "map");
    struct ssldyn_request *request = ask_of("basin", arguments);
    ck_assert_int_eq(ssldyn_request_text(request, "output", scratch_path(path, "map-files"), &err),
                     SSLDYN_OK);
    struct ssldyn_result *both = run(request);
    scratch_same("map-files", "map");
    const double *again = ssldyn_result_array(both, "fate", &dimensions, shape);
    ck_assert_ptr_nonnull(again);
    ck_assert_int_eq(memcmp(fate, again, 31 * 23 * sizeof *fate), 0);
    ssldyn_result_free(result);
    ssldyn_result_free(both);
}
END_TEST

/* Numbers of an axis are kept to the bit, and the spec.conf of a saved result repeats them. */
START_TEST(axes_to_the_bit)
{
    enum { COUNT = 1000 };
    static double values[COUNT];
    const double beta[2] = {0.3, 0.1};
    const char *const none[] = {"model", "modes", "columns", "fate", "early-stop", "true", NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    uint64_t state = 88172645463325252U;
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    char path[SCRATCH_PATH];
    for (size_t i = 0; i < COUNT; i++) { /* random last bits, over twelve decades */
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        values[i] = ldexp(1.0 + (double)(state >> 12) * 0x1p-52, (int)(state % 40) - 40);
    }
    values[0] = nextafter(0.1, 1.0);
    values[1] = 0.1;
    values[2] = 0x1p-1074;
    struct ssldyn_request *request = ask(none);
    ck_assert_int_eq(ssldyn_request_axis(request, "eta", COUNT, values, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_axis(request, "beta", 2, beta, &err), SSLDYN_OK);
    struct ssldyn_result *result = run(request);
    const double *axis = ssldyn_result_array(result, "axis_eta", &dimensions, shape);
    ck_assert_uint_eq(shape[0], COUNT);
    ck_assert_int_eq(memcmp(axis, values, sizeof values), 0);
    save(result, "bits");
    const char *const nothing[] = {NULL};
    request = ask(nothing);
    ck_assert_msg(ssldyn_request_read(request, scratch_path(path, "bits"), &err) == SSLDYN_OK, "%s",
                  err.message);
    struct ssldyn_result *repeated = run(request);
    axis = ssldyn_result_array(repeated, "axis_eta", &dimensions, shape);
    ck_assert_int_eq(memcmp(axis, values, sizeof values), 0);
    save(repeated, "bits-again");
    scratch_same("bits", "bits-again");
    ssldyn_result_free(repeated);
    ssldyn_result_free(result);
}
END_TEST

/* A single point is a run: of modes, of matrices, of SGD. */
static const char *const points[][20] = {
    {"model", "modes", "axis.eta", "0.02:0.2:10", "axis.beta", "list:0.1,0.4", "at",
     "eta=0.055,beta=0.4", NULL},
    {"n1", "4", "n2", "3", "t-end", "2", "axis.init-wa", "list:zero,copy", "point", "1", NULL},
    {"process", "sgd", "n1", "4", "n2", "3", "steps", "40", "axis.seed", "0:5:6", "point", "3",
     NULL},
};

START_TEST(one_point_is_a_run)
{
    static const char *const written[] = {"points/point-5", "points/point-1", "points/point-3"};
    static const char *const alone[] = {"modes", "matrices", "sgd"};
    char path[SCRATCH_PATH];
    char report[SCRATCH_PATH + 16];
    struct ssldyn_result *result = run(ask(points[_i]));
    ck_assert_uint_gt(ssldyn_result_row_count(result), 10);
    ck_assert_ptr_nonnull(ssldyn_result_text(result, "report"));
    if (_i == 0) {
        CHECK_CLOSE(ssldyn_result_value(result, "point"), 5.0, 0.0, 0.0);
        CHECK_CLOSE(ssldyn_result_value(result, "eta"), 0.06, 1e-15, 0.0);
        CHECK_CLOSE(ssldyn_result_value(result, "beta"), 0.4, 0.0, 0.0);
    }
    write_files(points[_i], "points");
    save(result, alone[_i]);
    scratch_same(written[_i], alone[_i]);
    snprintf(report, sizeof report, "%s/report.txt", scratch_path(path, alone[_i]));
    ck_assert(scratch_exists(report));
    ssldyn_result_free(result);
}
END_TEST

/* Stops as soon as something is done. */
static int stop(void *context, const char *what, double done, double total)
{
    int *calls = context;
    ++*calls;
    return strcmp(what, "sweep") == 0 && done > 0.0 && done < total;
}

/* Many runs that take a few milliseconds each. */
static const char *const slow[] = {"n1",      "24",         "n2",      "12",        "t-end",
                                   "60",      "axis.eta",   "0:0.1:4", "axis.seed", "1:40:40",
                                   "columns", "fate,p_end", "threads", "2",         NULL};

static struct ssldyn_result *run_stopped(struct ssldyn_error *err)
{
    int calls = 0;
    struct ssldyn_result *result = NULL;
    struct ssldyn_request *request = ask(slow);
    ssldyn_request_watch(request, stop, &calls);
    ck_assert_int_eq(ssldyn_request_run(request, &result, err), SSLDYN_EINTERRUPTED);
    ck_assert_int_ge(calls, 2);
    ssldyn_request_free(request);
    return result;
}

START_TEST(stopped_and_resumed)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_sweep_report report;
    struct ssldyn_spec spec;
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    double known = 0.0;
    struct ssldyn_result *result = run_stopped(&err);
    ck_assert_ptr_nonnull(result);
    const double done = ssldyn_result_value(result, "points_done");
    const double *fate = ssldyn_result_array(result, "fate", &dimensions, shape);
    ck_assert(done > 0.0 && done < 160.0);
    for (size_t i = 0; i < 160; i++)
        known += !isnan(fate[i]);
    CHECK_CLOSE(known, done, 0.0, 0.0);
    save(result, "half");
    ssldyn_result_free(result);
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, slow);
    spec.threads = 2;
    sweep_run(&spec, "half", &report);
    CHECK_CLOSE((double)report.found, done, 0.0, 0.0);
    sweep_run(&spec, "whole", &report);
    scratch_same("whole", "half");
    ssldyn_spec_clear(&spec);
}
END_TEST

static void *run_other(void *context)
{
    struct ssldyn_result **result = context;
    *result = run(ask(slow));
    return NULL;
}

/* A stop does not affect another sweep that runs at the same time. */
START_TEST(stops_alone)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *other = NULL;
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, run_other, &other), 0);
    ssldyn_result_free(run_stopped(&err));
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    CHECK_CLOSE(ssldyn_result_value(other, "points"), 160.0, 0.0, 0.0);
    ck_assert(isnan(ssldyn_result_value(other, "points_done")));
    ssldyn_result_free(other);
}
END_TEST

START_TEST(refusals_speak_of_arguments)
{
    static const struct {
        const char *const arguments[12];
        const char *said;
    } cases[] = {
        {{"model", "modes", NULL}, "axis"},
        {{"model", "modes", "axis.eta", "0:0.3", NULL}, "axis.eta"},
        {{"model", "modes", "axis.eta", "0:0.3:3", "point", "3", NULL}, "0 to 2"},
        {{"process", "sgd", "axis.eta", "0:0.3:3", "steps", "5", "t-end", "1", NULL}, "steps"},
    };
    struct ssldyn_error err = {SSLDYN_OK, ""};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ssldyn_result *result = NULL;
        struct ssldyn_request *request = ask(cases[i].arguments);
        ck_assert_int_eq(ssldyn_request_run(request, &result, &err), SSLDYN_EINPUT);
        ck_assert_msg(strstr(err.message, cases[i].said) != NULL, "%s", err.message);
        ck_assert_msg(strstr(err.message, "--") == NULL, "%s", err.message);
        ck_assert_ptr_null(result);
        ssldyn_request_free(request);
    }
}
END_TEST

TEST_SUITE(answer_sweep)
{
    tcase_add_test(tests, saves_what_is_written);
    tcase_add_test(tests, writes_and_keeps);
    tcase_add_test(tests, opened_again);
    tcase_add_test(tests, arrays_may_be_freed);
    tcase_add_test(tests, opened_without_its_files);
    tcase_add_test(tests, maps_of_basins);
    tcase_add_test(tests, axes_to_the_bit);
    tcase_add_loop_test(tests, one_point_is_a_run, 0, sizeof points / sizeof points[0]);
    tcase_add_test(tests, stopped_and_resumed);
    tcase_add_test(tests, stops_alone);
    tcase_add_test(tests, refusals_speak_of_arguments);
}
