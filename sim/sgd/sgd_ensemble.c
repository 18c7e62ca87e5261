/* ssldyn sgd --ensemble: many runs that differ only in their random numbers, and the statistics
 * of every column over them. */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/base/parallel.h"
#include "sim/base/progress.h"
#include "sim/model/model.h"
#include "sim/run/run_memory.h"
#include "sim/sgd/sgd_internal.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Limit for all rows of all members, which are needed together for quantiles. */
static const double most_bytes = 4e9;

struct ensemble {
    struct ssldyn_sgd_plan plan;
    size_t members;
    struct ssldyn_sink_shape shape; /* of the statistics */
    size_t width;
    struct ssldyn_run_memory *runs; /* one per member, with the rows that it finished */
    enum ssldyn_status status;      /* status of the first member, in order, that failed */
    size_t failed;                  /* index of that member; members: none failed */
    struct ssldyn_error error;
    struct ssldyn_sgd_report *report;
    struct ssldyn_progress progress;
    size_t finished;
    pthread_mutex_t gate; /* of report, status, failed, error, progress and finished */
};

static void run_member(void *context, size_t m, int thread)
{
    (void)thread;
    struct ensemble *ensemble = context;
    struct ssldyn_sgd_member member = {0};
    struct ssldyn_error error = {SSLDYN_OK, ""};
    enum ssldyn_status status =
        ssldyn_sgd_member_create(&ensemble->plan, (uint32_t)m, &member, &error);
    struct ssldyn_sink *const sink = &ensemble->runs[m].sink;
    size_t rows = 0;
    if (status == SSLDYN_OK) {
        status = ssldyn_sgd_member_open(&member, sink, &error);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_sgd_member_run(&member, sink, NULL, NULL, &rows, &error);
    }
    (void)pthread_mutex_lock(&ensemble->gate);
    if (member.process) {
        ssldyn_sgd_member_account(&member, ensemble->report);
    }
    ensemble->report->diverged += status == SSLDYN_EDIVERGED;
    if (status != SSLDYN_OK && m < ensemble->failed) {
        ensemble->failed = m;
        ensemble->status = status;
        ensemble->error = error;
    }
    ensemble->finished++;
    ssldyn_progress_update(&ensemble->progress, (double)ensemble->finished);
    (void)pthread_mutex_unlock(&ensemble->gate);
    ssldyn_sgd_member_clear(&member);
}

static void run_all(struct ensemble *ensemble, int threads)
{
    (void)pthread_mutex_init(&ensemble->gate, NULL);
    ssldyn_parallel_for(ssldyn_parallel_threads(threads), ensemble->members, run_member, ensemble);
    (void)pthread_mutex_destroy(&ensemble->gate);
}

/* The statistics: names of their tables, and the quantile. */
struct statistic {
    const char *name; /* NULL: the rows themselves */
    double quantile;  /* negative: the standard deviation */
};
static const struct statistic statistics[] = {
    {NULL, 0.0},  {"std", -1.0}, {"q05", 0.05}, {"q25", 0.25},
    {"q50", 0.5}, {"q75", 0.75}, {"q95", 0.95},
};
enum { STATISTICS = sizeof statistics / sizeof statistics[0] };
_Static_assert(STATISTICS - 1 <= SSLDYN_SINK_TABLES, "a table for each but the mean");

/* Statistics of one column of one row over all members; NaN if a member has no value. Sums run
 * in the order of the members. */
static void summarize(size_t members, double values[], double out[STATISTICS])
{
    for (size_t m = 0; m < members; m++) {
        if (!isfinite(values[m])) {
            for (size_t i = 0; i < STATISTICS; i++) {
                out[i] = (double)NAN;
            }
            return;
        }
    }
    out[0] = gsl_stats_mean(values, 1, members);
    gsl_sort(values, 1, members);
    for (size_t i = 1; i < STATISTICS; i++) {
        if (statistics[i].quantile >= 0.0) {
            out[i] =
                gsl_stats_quantile_from_sorted_data(values, 1, members, statistics[i].quantile);
        } else {
            out[i] = members > 1 ? gsl_stats_sd_m(values, 1, members, out[0]) : (double)NAN;
        }
    }
}

/* Rows of every statistic for row number k: statistics x width. */
static void summarize_row(const struct ensemble *ensemble, size_t k, double values[], double out[])
{
    const size_t width = ensemble->width;
    for (size_t column = 0; column < width; column++) {
        double of_column[STATISTICS];
        for (size_t m = 0; m < ensemble->members; m++) {
            values[m] = ensemble->runs[m].rows[k * width + column];
        }
        summarize(ensemble->members, values, of_column);
        for (size_t i = 0; i < STATISTICS; i++) {
            out[i * width + column] = of_column[i];
        }
    }
    /* time and step are not random: every table has them */
    const double *first = ensemble->runs[0].rows + k * width;
    for (size_t i = 0; i < STATISTICS; i++) {
        memcpy(out + i * width, first, 2 * sizeof *out);
    }
}

/* Names of all statistics but the mean. */
static void name_tables(const struct ensemble *ensemble,
                        struct ssldyn_sink_table tables[STATISTICS - 1])
{
    for (size_t i = 1; i < STATISTICS; i++) {
        struct ssldyn_sink_table *table = &tables[i - 1];
        (void)snprintf(table->name, sizeof table->name, "%s", statistics[i].name);
        if (statistics[i].quantile < 0.0) {
            (void)snprintf(table->comment, sizeof table->comment,
                           "standard deviation over %zu runs", ensemble->members);
        } else {
            (void)snprintf(table->comment, sizeof table->comment, "quantile %g over %zu runs",
                           statistics[i].quantile, ensemble->members);
        }
    }
}

static enum ssldyn_status give_rows(const struct ensemble *ensemble, size_t rows,
                                    struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    double *values = ssldyn_memory_array(ensemble->members, sizeof *values);
    double *out = ssldyn_memory_array(ensemble->width * STATISTICS, sizeof *out);
    enum ssldyn_status status =
        values && out ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for statistics");
    for (size_t k = 0; values && out && status == SSLDYN_OK && k < rows; k++) {
        summarize_row(ensemble, k, values, out);
        status = ssldyn_sink_row(sink, out, err);
        if (status == SSLDYN_OK) {
            status = ssldyn_sink_tables(sink, out + ensemble->width, err);
        }
    }
    free(values);
    free(out);
    return status;
}

/* Passes the mean to the sink as rows, the rest as tables. */
static enum ssldyn_status give_all(const struct ensemble *ensemble, size_t rows,
                                   struct ssldyn_sink *sink, struct ssldyn_error *err)
{
    struct ssldyn_sink_table tables[STATISTICS - 1];
    struct ssldyn_sink_shape shape = ensemble->shape;
    shape.table_count = STATISTICS - 1;
    shape.tables = tables;
    name_tables(ensemble, tables);
    enum ssldyn_status status = ssldyn_sink_open(sink, &shape, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_sgd_plan_write_moments(&ensemble->plan, sink, err);
    if (status == SSLDYN_OK) {
        status = give_rows(ensemble, rows, sink, err);
    }
    if (status == SSLDYN_OK || status == SSLDYN_EIO) { /* if the disk is full, the rows written
                                                        * so far are kept */
        struct ssldyn_error second = {SSLDYN_OK, ""};
        return ssldyn_fail_first(err, status, ssldyn_sink_close(sink, &second), &second);
    }
    ssldyn_sink_abandon(sink);
    return status;
}

/* A stopped ensemble consists of the runs that were finished, if there are any. */
static void keep_finished(struct ensemble *ensemble)
{
    size_t kept = 0;
    for (size_t m = 0; m < ensemble->members; m++) {
        if (ensemble->runs[m].count == ensemble->plan.row_count) {
            const struct ssldyn_run_memory finished = ensemble->runs[m];
            ensemble->runs[m] = ensemble->runs[kept];
            ensemble->runs[kept++] = finished;
        }
    }
    if (kept > 0) {
        (void)ssldyn_fail(&ensemble->error, SSLDYN_EINTERRUPTED,
                          "stopped; the statistics are those of the %zu runs of %zu that were "
                          "finished",
                          kept, ensemble->members);
        ensemble->members = kept;
    }
}

static enum ssldyn_status prepare(const struct ssldyn_problem *problem, struct ensemble *ensemble,
                                  struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_sgd_plan_create(problem, &ensemble->plan, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ensemble->members = (size_t)problem->sgd.ensemble;
    ensemble->failed = ensemble->members;
    ensemble->shape.layout = ssldyn_model_layout(&ensemble->plan.problem, &ensemble->shape.modes);
    ensemble->shape.rows = ensemble->plan.row_count;
    ensemble->width = ssldyn_layout_width(ensemble->shape.layout, ensemble->shape.modes);
    const double bytes = 8.0 * (double)ensemble->members * (double)ensemble->plan.row_count *
                         (double)ensemble->width;
    if (bytes > most_bytes) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--ensemble %zu: %zu rows of %zu columns of every run would take %.2g "
                           "GB; the limit is %.0f GB: lower --samples",
                           ensemble->members, ensemble->plan.row_count, ensemble->width,
                           bytes / 1e9, most_bytes / 1e9);
    }
    ensemble->runs = ssldyn_memory_array(ensemble->members, sizeof *ensemble->runs);
    if (!ensemble->runs) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu runs", ensemble->members);
    }
    for (size_t m = 0; m < ensemble->members; m++) {
        ssldyn_run_memory_init(&ensemble->runs[m], false);
    }
    /* errors in the settings are found before anything is written */
    struct ssldyn_sgd_member probe;
    status = ssldyn_sgd_member_create(&ensemble->plan, 0, &probe, err);
    ssldyn_sgd_member_clear(&probe);
    return status;
}

enum ssldyn_status ssldyn_sgd_ensemble_run(const struct ssldyn_problem *problem, int threads,
                                           struct ssldyn_sink *sink, bool quiet,
                                           struct ssldyn_sgd_report *report,
                                           struct ssldyn_error *err)
{
    const double started = ssldyn_clock_wall();
    struct ensemble ensemble = {.report = report};
    memset(report, 0, sizeof *report);
    report->limit = (double)NAN;
    enum ssldyn_status status = prepare(problem, &ensemble, err);
    if (status == SSLDYN_OK) {
        ssldyn_sgd_describe(&ensemble.plan, report);
        report->members = ensemble.members;
        ssldyn_progress_begin(&ensemble.progress, "sgd", "runs", (double)ensemble.members, quiet);
        run_all(&ensemble, threads);
        ssldyn_progress_end(&ensemble.progress);
        if (ensemble.status == SSLDYN_EINTERRUPTED) {
            keep_finished(&ensemble);
        }
        size_t rows = ensemble.plan.row_count;
        for (size_t m = 0; m < ensemble.members; m++) {
            rows = ensemble.runs[m].count < rows ? ensemble.runs[m].count : rows;
        }
        report->rows = rows;
        status = give_all(&ensemble, rows, sink, err);
        if (status == SSLDYN_OK && ensemble.status != SSLDYN_OK) {
            status = ensemble.status;
            if (err) {
                *err = ensemble.error;
            }
        }
    }
    report->interrupted = status == SSLDYN_EINTERRUPTED;
    for (size_t m = 0; ensemble.runs && m < (size_t)problem->sgd.ensemble; m++) {
        ssldyn_run_memory_clear(&ensemble.runs[m]);
    }
    free(ensemble.runs);
    ssldyn_sgd_plan_clear(&ensemble.plan);
    report->wall = ssldyn_clock_wall() - started;
    return status;
}
