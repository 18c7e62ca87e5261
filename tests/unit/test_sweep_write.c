/* A sweep in memory and one into files are the same: every byte of the directory, for each kind of
 * sweep, with any number of threads, and in parallel to another sweep. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/spec_make.h"
#include "tests/suite.h"
#include "tests/sweep_run.h"

#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* A sweep with the arrays that receive its results. */
struct memory {
    struct ssldyn_sweep *sweep;
    struct ssldyn_sweep_report report;
    size_t count;
    int64_t points;
    double **columns;
};

static enum ssldyn_status compute(struct memory *memory, const struct ssldyn_spec *spec,
                                  struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_sweep_open(spec, &memory->sweep, err);
    ck_assert_msg(status == SSLDYN_OK, "%s", err->message);
    memory->count = ssldyn_sweep_columns(memory->sweep)->count;
    memory->points = ssldyn_sweep_axes(memory->sweep)->points;
    memory->columns = calloc(memory->count, sizeof *memory->columns);
    for (size_t i = 0; i < memory->count; i++)
        memory->columns[i] = calloc((size_t)memory->points, sizeof(double));
    return ssldyn_sweep_compute(memory->sweep, memory->columns, &memory->report, err);
}

static void clear(struct memory *memory)
{
    ssldyn_sweep_close(memory->sweep);
    for (size_t i = 0; i < memory->count; i++)
        free(memory->columns[i]);
    free(memory->columns);
}

/* Into the test's directory NAME. */
static void publish(const struct memory *memory, const char *name)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_output output;
    char path[SCRATCH_PATH];
    enum ssldyn_status status =
        ssldyn_output_open(scratch_path(path, name), "sweep", ssldyn_columns_owns, &output, &err);
    if (status == SSLDYN_OK)
        status = ssldyn_sweep_write(memory->sweep, output.work, &err);
    if (status == SSLDYN_OK)
        status = ssldyn_output_publish(&output, &err);
    ssldyn_output_close(&output);
    ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
}

static void check_same_report(const struct ssldyn_sweep_report *a,
                              const struct ssldyn_sweep_report *b)
{
    ck_assert_int_eq(a->points, b->points);
    ck_assert_int_eq(a->done, b->done);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(a->fates[i], b->fates[i]);
    CHECK_CLOSE(a->low, b->low, 0.0, 0.0);
    CHECK_CLOSE(a->high, b->high, 0.0, 0.0);
    ck_assert((isnan(a->collapsed) && isnan(b->collapsed)) || a->collapsed == b->collapsed);
}

/* One mode by the vectorized kernel, with all outputs; modes as flows; matrices; with words; by SGD
 * with a column of its trace; a Sobol sample; with t_end as an axis. */
static const char *const kinds[][24] = {
    {"model", "modes", "axis.eta", "0:0.3:70", "axis.p0", "0.02:0.6:83", "s0", "0.1", "lines",
     "true", NULL},
    {"model", "modes", "axis.eta", "0:0.3:9", "axis.p0", "0.02:0.6:51", "average", "p0", "lines",
     "true", "early-stop", "true", NULL},
    {"model", "lowdim", "axis.beta", "log:0.05:2:7", "lines", "true", NULL},
    {"model", "modes", "p0", "0.1,0.3", "axis.eta", "0.01:0.3:70", NULL},
    {"n1", "4", "n2", "3", "t-end", "2", "axis.eta", "list:0.01,0.3", "axis.init-wa",
     "list:zero,copy", "lines", "false", NULL},
    {"process", "sgd", "n1", "4", "n2", "3", "steps", "40", "axis.seed", "0:5:6", "axis.lr",
     "list:0.01,0.02", "columns", "fate,rank,loss_max,t_p_1_above_0.3", NULL},
    {"model", "modes", "sobol", "5000", "axis.p0", "0:0.5", "axis.s0", "log:0.01:0.5", "eta", "0.1",
     "columns", "fate,p_end", NULL},
    {"model", "modes", "axis.t-end", "list:1,30", "axis.eta", "0.1:0.3:3", NULL},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

START_TEST(same_bytes_as_files)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_sweep_report report;
    struct ssldyn_spec spec;
    struct memory memory;
    const struct ssldyn_lines *lines = NULL;
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, kinds[_i]);
    sweep_run(&spec, "files", &report);
    ck_assert_msg(compute(&memory, &spec, &err) == SSLDYN_OK, "%s", err.message);
    ssldyn_spec_clear(&spec); /* the sweep has its own */
    check_same_report(&report, &memory.report);
    ck_assert_msg(ssldyn_sweep_find_lines(memory.sweep, &lines, &err) == SSLDYN_OK, "%s",
                  err.message);
    publish(&memory, "memory");
    scratch_same("files", "memory");
    publish(&memory, "memory"); /* replaces its own directory */
    scratch_same("files", "memory");
    clear(&memory);
}
END_TEST

/* Equal to the bit, with NaN equal to NaN. */
static void check_same_columns(const struct memory *a, const struct memory *b)
{
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_int_eq(a->points, b->points);
    for (size_t i = 0; i < a->count; i++)
        ck_assert_msg(memcmp(a->columns[i], b->columns[i], (size_t)a->points * sizeof(double)) == 0,
                      "column %zu", i);
}

START_TEST(same_bytes_of_threads)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct memory one;
    struct memory four;
    spec_make(&spec, SSLDYN_COMMAND_SWEEP, kinds[_i]);
    ck_assert_msg(compute(&one, &spec, &err) == SSLDYN_OK, "%s", err.message);
    spec.threads = 4;
    ck_assert_msg(compute(&four, &spec, &err) == SSLDYN_OK, "%s", err.message);
    check_same_report(&one.report, &four.report);
    check_same_columns(&one, &four);
    clear(&one);
    clear(&four);
    ssldyn_spec_clear(&spec);
}
END_TEST

struct job {
    struct ssldyn_spec spec;
    struct memory memory;
    enum ssldyn_status status;
    struct ssldyn_error err;
};

static void *work(void *context)
{
    struct job *job = context;
    job->status = compute(&job->memory, &job->spec, &job->err);
    return NULL;
}

/* Two sweeps in two threads, each with two threads, do not affect each other. */
START_TEST(two_at_once)
{
    enum { JOBS = 2 };
    static const int of[JOBS] = {0, 5};
    static struct job jobs[JOBS];
    pthread_t threads[JOBS];
    for (int i = 0; i < JOBS; i++) {
        spec_make(&jobs[i].spec, SSLDYN_COMMAND_SWEEP, kinds[of[i]]);
        jobs[i].spec.threads = 2;
        ck_assert_int_eq(pthread_create(&threads[i], NULL, work, &jobs[i]), 0);
    }
    for (int i = 0; i < JOBS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    for (int i = 0; i < JOBS; i++) {
        struct ssldyn_error err = {SSLDYN_OK, ""};
        struct memory alone;
        ck_assert_msg(jobs[i].status == SSLDYN_OK, "%s", jobs[i].err.message);
        jobs[i].spec.threads = 1;
        ck_assert_int_eq(compute(&alone, &jobs[i].spec, &err), SSLDYN_OK);
        check_same_columns(&alone, &jobs[i].memory);
        clear(&alone);
        clear(&jobs[i].memory);
        ssldyn_spec_clear(&jobs[i].spec);
    }
}
END_TEST

TEST_SUITE(sweep_write)
{
    tcase_add_loop_test(tests, same_bytes_as_files, 0, KINDS);
    tcase_add_loop_test(tests, same_bytes_of_threads, 0, KINDS);
    tcase_add_test(tests, two_at_once);
}
