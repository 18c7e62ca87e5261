/* Requests to the library: the same as the command line, from memory, in any number of threads. */
// SPDX-License-Identifier: MIT
#include "sim/ssldyn.h"

#include "tests/scratch.h"
#include "tests/suite.h"

#include <gsl/gsl_errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static struct ssldyn_request *ask(const char *command)
{
    struct ssldyn_request *request = NULL;
    struct ssldyn_error err;
    ck_assert_msg(ssldyn_request_create(command, &request, &err) == SSLDYN_OK, "%s", err.message);
    return request;
}

static void give(struct ssldyn_request *request, const char *name, const char *text)
{
    struct ssldyn_error err;
    ck_assert_msg(ssldyn_request_text(request, name, text, &err) == SSLDYN_OK, "%s", err.message);
}

static struct ssldyn_result *run(struct ssldyn_request *request)
{
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err;
    ck_assert_msg(ssldyn_request_run(request, &result, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_ptr_nonnull(result);
    return result;
}

/* A flow of three modes. */
static struct ssldyn_request *ask_modes(void)
{
    const double p0[] = {0.02, 0.1, 0.5};
    struct ssldyn_request *request = ask("flow");
    give(request, "model", "modes");
    ck_assert_int_eq(ssldyn_request_numbers(request, "p0", 3, p0, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_number(request, "s0", 0.05, NULL), SSLDYN_OK);
    return request;
}

static void check_same_rows(const struct ssldyn_result *a, const struct ssldyn_result *b)
{
    const size_t rows = ssldyn_result_row_count(a);
    const size_t columns = ssldyn_result_column_count(a);
    ck_assert_uint_gt(rows, 1);
    ck_assert_uint_eq(ssldyn_result_row_count(b), rows);
    ck_assert_uint_eq(ssldyn_result_column_count(b), columns);
    ck_assert_int_eq(
        memcmp(ssldyn_result_rows(a), ssldyn_result_rows(b), rows * columns * sizeof(double)), 0);
}

START_TEST(a_flow_in_memory)
{
    struct ssldyn_request *request = ask_modes();
    struct ssldyn_result *result = run(request);
    struct ssldyn_error err;
    double p[201];
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];

    ck_assert_uint_eq(ssldyn_result_row_count(result), 201);
    ck_assert_str_eq(ssldyn_result_column_name(result, 0), "t");
    ck_assert_int_eq(ssldyn_result_column(result, "p_3", p, &err), SSLDYN_OK);
    ck_assert(p[0] == 0.5 && fabs(p[200] - 0.7577) < 1e-3);
    const double *fate = ssldyn_result_array(result, "fate", &dimensions, shape);
    ck_assert(dimensions == 1 && shape[0] == 3 && fate[2] == 1.0);
    ck_assert_str_eq(ssldyn_result_text(result, "command"), "flow");
    ck_assert_ptr_nonnull(strstr(ssldyn_result_text(result, "report"), "3 survive"));
    ck_assert_ptr_nonnull(strstr(ssldyn_result_text(result, "spec"), "\np0 = 0.02,0.1,0.5\n"));
    ck_assert_ptr_null(ssldyn_result_text(result, "directory"));
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

START_TEST(matrices_and_their_snapshots)
{
    struct ssldyn_request *request = ask("flow");
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    give(request, "n1", "4");
    give(request, "n2", "3");
    give(request, "t_end", "2");
    give(request, "samples", "10");
    struct ssldyn_result *result = run(request);
    ck_assert_ptr_nonnull(ssldyn_result_array(result, "W", &dimensions, shape));
    ck_assert(dimensions == 3 && shape[0] == 11 && shape[1] == 3 && shape[2] == 4);
    ck_assert_ptr_nonnull(ssldyn_result_array(result, "t", &dimensions, shape));
    ck_assert(dimensions == 1 && shape[0] == 11);
    ck_assert_str_eq(ssldyn_result_value_name(result, 0), "rank");
    ck_assert(ssldyn_result_value(result, "rank_at_end") == 3.0);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

START_TEST(numbers_are_exact)
{
    struct ssldyn_request *request = ask_modes();
    ck_assert_int_eq(ssldyn_request_number(request, "eta", 0.1 + 0.2, NULL), SSLDYN_OK);
    struct ssldyn_result *result = run(request);
    ck_assert_ptr_nonnull(
        strstr(ssldyn_result_text(result, "spec"), "eta_s = 0.30000000000000004\n"));
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

static const struct {
    const char *name, *text, *message;
} refused[] = {
    {"eta", "-1", "eta = -1: must be at least 0"},
    {"eta", "", "eta = (nothing): must be a finite number, such as 0.04 or 1e-3"},
    {"no_ema", "yes", "no_ema = yes: must be true or false"},
    {"modle", "modes", "modle: unknown argument; did you mean model?"},
    {"lr", "0.1",
     "lr: is not an argument of flow (only of sgd, sweep, theory); did you mean train_lr?"},
    {"", "1", "an argument has no name; each argument needs a name and a value"},
    {NULL, "1", "an argument has no name; each argument needs a name and a value"},
    {"eta", NULL, "eta: needs a value"},
    {"a_name_that_is_longer_than_any_argument_of_any_command_could_ever_be_here", "1",
     "a_name_that_is_longer_than_any_argument_of_any_command_could...: unknown argument"},
};

START_TEST(errors_name_arguments)
{
    struct ssldyn_request *request = ask("flow");
    struct ssldyn_error err;
    ck_assert_int_eq(ssldyn_request_text(request, refused[_i].name, refused[_i].text, &err),
                     SSLDYN_EINPUT);
    ck_assert_str_eq(err.message, refused[_i].message);
    ck_assert_int_eq(ssldyn_request_text(request, refused[_i].name, refused[_i].text, NULL),
                     SSLDYN_EINPUT);
    ssldyn_request_free(request);
}
END_TEST

START_TEST(contradictions_are_refused_at_run_time)
{
    struct ssldyn_request *request = ask_modes();
    struct ssldyn_result *result = (struct ssldyn_result *)request;
    struct ssldyn_error err;
    ck_assert_int_eq(ssldyn_request_flag(request, "no_ema", true, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_number(request, "tau", 0.5, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_run(request, &result, &err), SSLDYN_EINPUT);
    ck_assert_str_eq(err.message, "no_ema and tau: give only one; no_ema means tau 1");
    ck_assert_ptr_null(result);
    ck_assert_int_eq(ssldyn_request_run(request, &result, NULL), SSLDYN_EINPUT);
    ssldyn_request_free(request);
    ssldyn_request_free(NULL);
}
END_TEST

START_TEST(unknown_commands)
{
    static const char *const names[] = {"plot", "flo", "", NULL};
    struct ssldyn_request *request = NULL;
    struct ssldyn_error err;
    ck_assert_int_eq(ssldyn_request_create(names[_i], &request, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "must be one of flow|"));
    ck_assert_ptr_null(request);
}
END_TEST

START_TEST(a_request_can_be_changed_and_run_again)
{
    struct ssldyn_request *request = ask_modes();
    struct ssldyn_result *first = run(request);
    ck_assert_int_eq(ssldyn_request_number(request, "eta", 0.3, NULL), SSLDYN_OK);
    struct ssldyn_result *second = run(request);
    ck_assert_ptr_nonnull(strstr(ssldyn_result_text(second, "report"), "3 collapsed"));
    ck_assert_int_eq(ssldyn_request_number(request, "eta", 0.04, NULL), SSLDYN_OK);
    struct ssldyn_result *third = run(request);
    check_same_rows(first, third);
    ssldyn_result_free(first);
    ssldyn_result_free(second);
    ssldyn_result_free(third);
    ssldyn_request_free(request);
}
END_TEST

START_TEST(arguments_win_over_a_file_whichever_came_first)
{
    char path[SCRATCH_PATH];
    static const char text[] = "model = modes\np0 = 0.3\neta = 0.1\n";
    scratch_write(scratch_path(path, "mine.conf"), text, sizeof text - 1);
    struct ssldyn_request *before = ask("flow");
    struct ssldyn_request *after = ask("flow");
    struct ssldyn_error err;
    ck_assert_int_eq(ssldyn_request_read(before, path, &err), SSLDYN_OK);
    give(before, "eta", "0.05");
    give(after, "eta", "0.05");
    ck_assert_int_eq(ssldyn_request_operand(after, path, &err), SSLDYN_OK); /* the same */
    struct ssldyn_result *a = run(before);
    struct ssldyn_result *b = run(after);
    check_same_rows(a, b);
    ck_assert_ptr_nonnull(strstr(ssldyn_result_text(a, "spec"), "\neta_s = 0.05\n"));
    ck_assert_int_eq(ssldyn_request_read(before, "/nowhere/x.conf", &err), SSLDYN_EINPUT);
    ck_assert_int_eq(ssldyn_request_read(before, "", &err), SSLDYN_EINPUT);
    ck_assert_int_eq(ssldyn_request_read(before, NULL, &err), SSLDYN_EINPUT);
    ssldyn_result_free(b);
    b = run(before); /* which is unchanged */
    check_same_rows(a, b);
    ssldyn_result_free(a);
    ssldyn_result_free(b);
    ssldyn_request_free(before);
    ssldyn_request_free(after);
}
END_TEST

/* Whether the files with that name in both directories have the same bytes. */
static void check_same_file(const char *a, const char *b, const char *name)
{
    enum { CAPACITY = 1 << 20 };
    char path[2 * SCRATCH_PATH];
    char *first = malloc(CAPACITY);
    char *second = malloc(CAPACITY);
    snprintf(path, sizeof path, "%s/%s", a, name);
    const size_t size = scratch_read(path, first, CAPACITY);
    snprintf(path, sizeof path, "%s/%s", b, name);
    ck_assert_uint_eq(scratch_read(path, second, CAPACITY), size);
    ck_assert_msg(memcmp(first, second, size) == 0, "%s differs", name);
    free(first);
    free(second);
}

/* Each case has its own directory. */
static const char *place(char path[static SCRATCH_PATH], char name[static 32], const char *what,
                         int i)
{
    snprintf(name, 32, "%s%d", what, i);
    return scratch_path(path, name);
}

static const struct {
    const char *command;
    const char *arguments[10]; /* name, text, ... */
    const char *files[12];
} saved[] = {
    {"flow",
     {"model", "modes", "p0", "0.02,0.5", "s0", "0.05", "margins", "true"},
     {"spec.conf", "trace.tsv", "events.tsv", "report.txt", "margins.tsv"}},
    {"flow",
     {"n1", "4", "n2", "3", "t_end", "3"},
     {"spec.conf", "trace.tsv", "events.tsv", "report.txt", "t.npy", "Wp.npy", "W.npy", "Wa.npy",
      "F.npy"}},
    {"flow",
     {"model", "reduced", "n2", "3", "t_end", "3"},
     {"spec.conf", "trace.tsv", "events.tsv", "report.txt", "t.npy", "Wp.npy", "F.npy"}},
    {"sgd",
     {"n1", "4", "n2", "3", "lr", "0.02", "batch", "8", "steps", "50"},
     {"spec.conf", "trace.tsv", "events.tsv", "report.txt", "t.npy", "Wp.npy", "W.npy", "Wa.npy",
      "F.npy"}},
    {"sgd",
     {"n1", "4", "n2", "3", "batch", "8", "steps", "50", "ensemble", "3"},
     {"spec.conf", "trace.tsv", "events.tsv", "report.txt", "std/trace.tsv", "q05/trace.tsv",
      "q25/trace.tsv", "q50/trace.tsv", "q75/trace.tsv", "q95/trace.tsv"}},
    {"sweep",
     {"model", "modes", "axis.eta", "0:0.3:7", "axis.beta", "log:0.01:10:5", "p0", "0.5"},
     {"spec.conf", "table.tsv", "fate.npy", "p_end.npy", "s_end.npy", "tau_end.npy", "eta.npy",
      "beta.npy"}},
};

/* Arrays that are both in a result and in its saved directory have the same numbers under the same
 * names. */
static void check_arrays(const struct ssldyn_result *result, const struct ssldyn_result *opened)
{
    size_t alike = 0;
    for (size_t i = 0; i < ssldyn_result_array_count(opened); i++) {
        const char *name = ssldyn_result_array_name(opened, i);
        size_t shape[SSLDYN_DIMENSIONS];
        size_t kept_shape[SSLDYN_DIMENSIONS];
        size_t dimensions = 0;
        size_t kept_dimensions = 0;
        size_t count = 1;
        const double *read = ssldyn_result_array(opened, name, &dimensions, shape);
        const double *kept = ssldyn_result_array(result, name, &kept_dimensions, kept_shape);
        ck_assert_msg(kept != NULL, "%s is on the disk alone", name);
        ck_assert_uint_eq(dimensions, kept_dimensions);
        for (size_t k = 0; k < dimensions; k++) {
            ck_assert_uint_eq(shape[k], kept_shape[k]);
            count *= shape[k];
        }
        ck_assert_msg(memcmp(read, kept, count * sizeof *read) == 0, "%s differs", name);
        alike++;
    }
    ck_assert_uint_eq(alike, ssldyn_result_array_count(opened));
}

START_TEST(a_saved_result_is_the_directory_of_the_command)
{
    char written[SCRATCH_PATH];
    char kept[SCRATCH_PATH];
    char again[SCRATCH_PATH];
    char name[32];
    struct ssldyn_error err;
    struct ssldyn_request *request = ask(saved[_i].command);
    for (int k = 0; k < 10 && saved[_i].arguments[k]; k += 2) {
        give(request, saved[_i].arguments[k], saved[_i].arguments[k + 1]);
    }
    struct ssldyn_result *result = run(request);
    ck_assert_msg(ssldyn_result_save(result, place(kept, name, "kept", _i), &err) == SSLDYN_OK,
                  "%s", err.message);
    give(request, "output", place(written, name, "written", _i));
    struct ssldyn_result *second = run(request);
    if (ssldyn_result_row_count(result) > 0) {
        check_same_rows(result, second);
    }
    ck_assert_str_eq(ssldyn_result_text(second, "directory"), written);
    ck_assert_int_eq(ssldyn_result_save(second, place(again, name, "again", _i), &err), SSLDYN_OK);
    for (int k = 0; k < 12 && saved[_i].files[k]; k++) {
        check_same_file(written, kept, saved[_i].files[k]);
        check_same_file(written, again, saved[_i].files[k]);
    }
    struct ssldyn_result *opened = NULL;
    ck_assert_msg(ssldyn_result_open(kept, &opened, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_str_eq(ssldyn_result_text(opened, "command"), saved[_i].command);
    if (ssldyn_result_row_count(result) > 0) {
        check_same_rows(result, opened);
        ck_assert_str_eq(ssldyn_result_text(opened, "report"),
                         ssldyn_result_text(result, "report"));
    }
    check_arrays(result, opened);
    /* a sweep that is opened is complete; a run refers to the directory it was opened from */
    ck_assert_int_eq(ssldyn_result_save(opened, again, &err),
                     strcmp(saved[_i].command, "sweep") == 0 ? SSLDYN_OK : SSLDYN_EINPUT);
    ssldyn_result_free(opened);
    ssldyn_result_free(second);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

START_TEST(saving_and_opening_can_fail)
{
    char path[SCRATCH_PATH];
    struct ssldyn_error err;
    struct ssldyn_result *result = NULL;
    struct ssldyn_request *request = ask("theory");
    scratch_write(scratch_path(path, "file"), "x", 1);
    result = run(request);
    ck_assert(ssldyn_result_value(result, "eta_fold") > 0.0);
    ck_assert_int_eq(ssldyn_result_save(result, path, &err), SSLDYN_EINPUT);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
    request = ask_modes();
    result = run(request);
    ck_assert_int_eq(ssldyn_result_save(result, path, &err), SSLDYN_EINPUT);
    ck_assert_int_eq(strncmp(err.message, "output ", 7), 0);
    ck_assert_int_eq(ssldyn_result_save(result, "", &err), SSLDYN_EINPUT);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
    ck_assert_int_eq(ssldyn_result_open("/nowhere", &result, &err), SSLDYN_EINPUT);
    ck_assert_ptr_null(result);
    ck_assert_int_eq(ssldyn_result_open(path, &result, NULL), SSLDYN_EINPUT);
    ck_assert_int_eq(ssldyn_result_open("", &result, &err), SSLDYN_EINPUT);
}
END_TEST

START_TEST(a_run_that_diverges_keeps_what_it_has)
{
    struct ssldyn_request *request = ask("sgd");
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err;
    give(request, "n1", "4");
    give(request, "lr", "2");
    give(request, "no_ema", "true");
    give(request, "init_scale", "3");
    give(request, "steps", "1000");
    give(request, "batch", "inf");
    ck_assert_int_eq(ssldyn_request_run(request, &result, &err), SSLDYN_EDIVERGED);
    ck_assert_ptr_nonnull(result);
    ck_assert_uint_ge(ssldyn_result_row_count(result), 1);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

/* ---- callbacks and cancellation */

struct heard {
    int calls, stop_from;
    bool steps; /* stops after the first rows, however slow the machine is */
    double done, total;
    char what[32];
};

static int hear(void *context, const char *what, double done, double total)
{
    struct heard *heard = context;
    heard->calls++;
    snprintf(heard->what, sizeof heard->what, "%s", what);
    heard->done = done;
    heard->total = total;
    return heard->stop_from > 0 && heard->calls >= heard->stop_from &&
           (!heard->steps || done > 0.0);
}

/* One that would take minutes. */
static struct ssldyn_request *ask_long(const char *threads)
{
    struct ssldyn_request *request = ask("sgd");
    give(request, "n1", "32");
    give(request, "n2", "16");
    give(request, "lr", "0.001");
    give(request, "batch", "64");
    give(request, "steps", "20000000");
    if (threads) {
        give(request, "ensemble", "4");
        give(request, "threads", threads);
    }
    return request;
}

START_TEST(a_run_is_cancelled)
{
    struct ssldyn_request *request = ask_long(NULL);
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err;
    struct heard heard = {.stop_from = _i, .steps = _i > 1};
    ssldyn_request_watch(request, hear, &heard);
    ck_assert_int_eq(ssldyn_request_run(request, &result, &err), SSLDYN_EINTERRUPTED);
    ck_assert_int_ge(heard.calls, _i);
    ck_assert_ptr_nonnull(result);
    ck_assert_uint_ge(ssldyn_result_row_count(result), 1);
    ck_assert_ptr_nonnull(ssldyn_result_text(result, "report"));
    if (_i > 1) {
        ck_assert_str_eq(heard.what, "sgd");
        ck_assert(heard.done > 0.0 && heard.total == 2e7);
    }
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

START_TEST(threads_of_a_run_are_cancelled_with_it)
{
    struct ssldyn_request *request = ask_long("2");
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err;
    struct heard heard = {.stop_from = 2};
    ssldyn_request_watch(request, hear, &heard);
    ck_assert_int_eq(ssldyn_request_run(request, &result, &err), SSLDYN_EINTERRUPTED);
    ck_assert_int_eq(heard.calls, 2);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

static void *run_cancelled(void *context)
{
    struct ssldyn_request *request = ask_long(NULL);
    struct ssldyn_result *result = NULL;
    struct heard heard = {.stop_from = 3};
    ssldyn_request_watch(request, hear, &heard);
    *(enum ssldyn_status *)context = ssldyn_request_run(request, &result, NULL);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
    return NULL;
}

START_TEST(two_runs_in_two_threads)
{
    enum ssldyn_status other_status = SSLDYN_OK;
    pthread_t other;
    struct ssldyn_request *request = ask_modes();
    struct ssldyn_result *alone = run(request);
    ck_assert_int_eq(pthread_create(&other, NULL, run_cancelled, &other_status), 0);
    for (int i = 0; i < 20; i++) {
        struct ssldyn_result *meanwhile = run(request);
        check_same_rows(alone, meanwhile);
        ssldyn_result_free(meanwhile);
    }
    ck_assert_int_eq(pthread_join(other, NULL), 0);
    ck_assert_int_eq(other_status, SSLDYN_EINTERRUPTED);
    ssldyn_result_free(alone);
    ssldyn_request_free(request);
}
END_TEST

/* A callback that runs another request. */
static int run_inside(void *context, const char *what, double done, double total)
{
    (void)what;
    (void)done;
    (void)total;
    struct ssldyn_request *request = ask_modes();
    struct ssldyn_result *result = run(request);
    ++*(int *)context;
    ssldyn_result_free(result);
    ssldyn_request_free(request);
    return *(int *)context >= 2;
}

START_TEST(a_callback_may_run_another_request)
{
    struct ssldyn_request *request = ask_long(NULL);
    struct ssldyn_result *result = NULL;
    int runs = 0;
    ssldyn_request_watch(request, run_inside, &runs);
    ck_assert_int_eq(ssldyn_request_run(request, &result, NULL), SSLDYN_EINTERRUPTED);
    ck_assert_int_eq(runs, 2);
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

static void hear_gsl(const char *reason, const char *file, int line, int number)
{
    ck_abort_msg("GSL's handler was called: %s (%s:%d, %d)", reason, file, line, number);
}

/* However a run ends, nothing is printed, and signals and GSL's error handler are unchanged. */
START_TEST(the_process_is_unchanged)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU, SIGXFSZ};
    enum { SIGNALS = sizeof signals / sizeof signals[0] };
    static const char *const steppers[] = {"gsl-rk8pd", "gsl-msbdf", "auto"};
    struct sigaction before[SIGNALS];
    char path[SCRATCH_PATH];
    char printed[64];
    struct ssldyn_request *request = ask_modes();
    struct ssldyn_result *result = NULL;
    for (int i = 0; i < SIGNALS; i++) {
        ck_assert_int_eq(sigaction(signals[i], NULL, &before[i]), 0);
    }
    gsl_error_handler_t *const earlier = gsl_set_error_handler(hear_gsl);
    fflush(stdout);
    fflush(stderr);
    const int output = dup(1);
    const int errors = dup(2);
    ck_assert_ptr_nonnull(freopen(scratch_path(path, "printed"), "w", stdout));
    ck_assert_int_eq(dup2(1, 2), 2);
    for (int i = 0; i < 3; i++) {
        give(request, "stepper", steppers[i]);
        ck_assert_int_eq(ssldyn_request_run(request, &result, NULL), SSLDYN_OK);
        ssldyn_result_free(result);
    }
    give(request, "eta", "1e300"); /* cannot be integrated; GSL must not abort the process */
    (void)!ssldyn_request_run(request, &result, NULL);
    ssldyn_result_free(result);
    ck_assert_int_eq(ssldyn_request_text(request, "nothing", "", NULL), SSLDYN_EINPUT);
    fflush(stdout);
    fflush(stderr);
    ck_assert_int_eq(dup2(output, 1), 1);
    ck_assert_int_eq(dup2(errors, 2), 2);
    ck_assert_uint_eq(scratch_read(path, printed, sizeof printed), 0);
    ck_assert(gsl_set_error_handler(earlier) == hear_gsl);
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction after;
        ck_assert_int_eq(sigaction(signals[i], NULL, &after), 0);
        ck_assert(after.sa_handler == before[i].sa_handler);
    }
    ssldyn_request_free(request);
}
END_TEST

START_TEST(the_header_and_the_library_have_one_version)
{
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", SSLDYN_VERSION_MAJOR, SSLDYN_VERSION_MINOR,
             SSLDYN_VERSION_PATCH);
    ck_assert_str_eq(ssldyn_version(), version);
    ssldyn_init();
    ssldyn_init();
}
END_TEST

TEST_SUITE(request)
{
    tcase_add_test(tests, a_flow_in_memory);
    tcase_add_test(tests, matrices_and_their_snapshots);
    tcase_add_test(tests, numbers_are_exact);
    tcase_add_loop_test(tests, errors_name_arguments, 0, (int)(sizeof refused / sizeof refused[0]));
    tcase_add_test(tests, contradictions_are_refused_at_run_time);
    tcase_add_loop_test(tests, unknown_commands, 0, 4);
    tcase_add_test(tests, a_request_can_be_changed_and_run_again);
    tcase_add_test(tests, arguments_win_over_a_file_whichever_came_first);
    tcase_add_loop_test(tests, a_saved_result_is_the_directory_of_the_command, 0,
                        (int)(sizeof saved / sizeof saved[0]));
    tcase_add_test(tests, saving_and_opening_can_fail);
    tcase_add_test(tests, a_run_that_diverges_keeps_what_it_has);
    tcase_add_loop_test(tests, a_run_is_cancelled, 1, 3);
    tcase_add_test(tests, threads_of_a_run_are_cancelled_with_it);
    tcase_add_test(tests, two_runs_in_two_threads);
    tcase_add_test(tests, a_callback_may_run_another_request);
    tcase_add_test(tests, the_process_is_unchanged);
    tcase_add_test(tests, the_header_and_the_library_have_one_version);
}
