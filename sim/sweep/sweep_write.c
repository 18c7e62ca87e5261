/* The results of a sweep from its store: counts, shares, tables, files. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/sweep/fingerprint.h"
#include "sim/sweep/sweep_state.h"
#include "theory/fate.h"

#include <math.h>
#include <stdlib.h>

static const int64_t table_limit = 1000000;

/* Whether table.tsv is written. */
static bool writes_table(const struct ssldyn_sweep *sweep)
{
    return sweep->axes.points <= table_limit || sweep->spec.sweep.all_rows;
}

void ssldyn_sweep_plan(const struct ssldyn_sweep *sweep, const char *directory,
                       struct ssldyn_store_plan *plan)
{
    *plan = (struct ssldyn_store_plan){.directory = directory,
                                       .columns = sweep->columns.count,
                                       .names = sweep->columns.names,
                                       .small = 1, /* the fate */
                                       .dimensions = sweep->axes.sobol ? 1 : sweep->axes.count,
                                       .points = sweep->axes.points,
                                       .block = sweep->points.block};
    if (writes_table(sweep)) { /* a number takes at least a digit and a tab */
        plan->tables = 2.0 * (double)(plan->columns + sweep->axes.count) * (double)plan->points;
    }
    for (size_t i = 0; i < plan->dimensions; i++) {
        plan->shape[i] =
            sweep->axes.sobol ? sweep->axes.points : (int64_t)sweep->axes.axis[i].values.count;
    }
}

/* The consumers of all points, in order; NULL if not wanted. */
struct passage {
    struct ssldyn_sweep_report *report;
    struct ssldyn_shares *shares;
    FILE *table;
    signed char *fates; /* one per point */
    struct ssldyn_axes_walk *walk;
    double *block; /* memory for one block */
};

static void pass_point(const struct ssldyn_sweep *sweep, const struct passage *passage,
                       int64_t index, const double values[])
{
    const int64_t stride = sweep->points.block;
    if (passage->report) {
        passage->report->fates[(int)values[0] & 3]++;
    }
    if (passage->shares) {
        ssldyn_shares_add(passage->shares, passage->walk, index, values, stride);
    }
    if (passage->table) {
        ssldyn_columns_row(&sweep->columns, &sweep->axes, passage->walk, index, values, stride,
                           passage->table);
    }
    if (passage->fates) {
        passage->fates[index] = (signed char)values[0];
    }
}

/* Reads all points of the finished blocks and passes them on. */
static enum ssldyn_status pass_points(const struct ssldyn_sweep *sweep,
                                      const struct passage *passage, struct ssldyn_error *err)
{
    const size_t columns = passage->shares || passage->table ? sweep->columns.count : 1;
    enum ssldyn_status status = SSLDYN_OK;
    for (int64_t i = 0; status == SSLDYN_OK && i < ssldyn_store_blocks(sweep->store); i++) {
        if (!ssldyn_store_has(sweep->store, i)) {
            continue;
        }
        status = ssldyn_store_read(sweep->store, i, columns, passage->block, err);
        for (int64_t k = 0; status == SSLDYN_OK && k < ssldyn_store_block_points(sweep->store, i);
             k++) {
            pass_point(sweep, passage, i * sweep->points.block + k, passage->block + k);
        }
    }
    return status;
}

static enum ssldyn_status open_passage(const struct ssldyn_sweep *sweep, struct passage *passage,
                                       struct ssldyn_error *err)
{
    const size_t size = sweep->columns.count * (size_t)sweep->points.block;
    passage->block = ssldyn_memory_array(size, sizeof *passage->block);
    return passage->block ? ssldyn_axes_walk_create(&sweep->axes, &passage->walk, err)
                          : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a block");
}

static void close_passage(struct passage *passage)
{
    ssldyn_axes_walk_free(passage->walk);
    free(passage->block);
}

static void tell_share(struct ssldyn_sweep_report *report)
{
    const int64_t collapsed = report->fates[SSLDYN_FATE_COLLAPSED];
    const int64_t decided = collapsed + report->fates[SSLDYN_FATE_SURVIVES];
    report->collapsed = decided > 0 ? (double)collapsed / (double)decided : (double)NAN;
    ssldyn_shares_interval(collapsed, decided, report->fates[SSLDYN_FATE_UNDECIDED], &report->low,
                           &report->high);
}

enum ssldyn_status ssldyn_sweep_write_counts(const struct ssldyn_sweep *sweep,
                                             struct ssldyn_sweep_report *report,
                                             struct ssldyn_error *err)
{
    struct passage passage = {.report = report};
    enum ssldyn_status status = open_passage(sweep, &passage, err);
    if (status == SSLDYN_OK) {
        status = pass_points(sweep, &passage, err);
    }
    close_passage(&passage);
    tell_share(report);
    return status;
}

size_t ssldyn_sweep_share_axes(const struct ssldyn_sweep *sweep)
{
    return sweep->shares.outer;
}

size_t ssldyn_sweep_share_width(const struct ssldyn_sweep *sweep)
{
    return sweep->shares.axes ? ssldyn_shares_width(&sweep->columns) : 0;
}

enum ssldyn_status ssldyn_sweep_share(const struct ssldyn_sweep *sweep, double *const arrays[],
                                      struct ssldyn_error *err)
{
    struct ssldyn_shares shares = sweep->shares; /* a copy for this call */
    struct passage passage = {.shares = &shares};
    enum ssldyn_status status = open_passage(sweep, &passage, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_shares_open(&shares, &sweep->columns, NULL, arrays, err);
    }
    if (status == SSLDYN_OK) {
        status = pass_points(sweep, &passage, err);
    }
    ssldyn_shares_abandon(&shares);
    close_passage(&passage);
    return status;
}

enum ssldyn_status ssldyn_sweep_find_lines(struct ssldyn_sweep *sweep,
                                           const struct ssldyn_lines **lines,
                                           struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    *lines = &sweep->lines;
    if (sweep->spec.sweep.lines && !sweep->lines.points) {
        struct passage passage = {.fates = ssldyn_memory_array((size_t)sweep->axes.points, 1)};
        status = passage.fates ? open_passage(sweep, &passage, err)
                               : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the map");
        if (status == SSLDYN_OK) {
            status = pass_points(sweep, &passage, err);
        }
        if (status == SSLDYN_OK) {
            status = ssldyn_lines_find(&sweep->points, passage.fates, &sweep->lines, err);
        }
        free(passage.fates);
        close_passage(&passage);
    }
    return status;
}

/* table.tsv and collapse.tsv. */
static enum ssldyn_status write_tables(const struct ssldyn_sweep *sweep, const char *directory,
                                       struct passage *passage, struct ssldyn_error *err)
{
    struct ssldyn_shares shares = sweep->shares; /* a copy for this call */
    struct ssldyn_file file = {0};
    enum ssldyn_status status = SSLDYN_OK;
    if (writes_table(sweep)) {
        status = ssldyn_columns_open_table(&sweep->columns, &sweep->axes, directory, &file, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_shares_open(&shares, &sweep->columns, directory, NULL, err);
    }
    passage->table = file.stream;
    passage->shares = shares.axes ? &shares : NULL;
    if (status == SSLDYN_OK) {
        status = pass_points(sweep, passage, err);
    }
    passage->table = NULL;
    passage->shares = NULL;
    if (status == SSLDYN_OK && writes_table(sweep)) {
        status = ssldyn_file_commit(&file, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_shares_close(&shares, err);
    }
    ssldyn_file_abandon(&file);
    ssldyn_shares_abandon(&shares);
    return status;
}

enum ssldyn_status ssldyn_sweep_write_all(const struct ssldyn_sweep *sweep, const char *directory,
                                          struct ssldyn_sweep_report *report,
                                          struct ssldyn_error *err)
{
    struct passage passage = {.report = report};
    report->table = writes_table(sweep);
    enum ssldyn_status status = open_passage(sweep, &passage, err);
    if (status == SSLDYN_OK) {
        status = write_tables(sweep, directory, &passage, err);
    }
    if (status == SSLDYN_OK && sweep->spec.sweep.lines) {
        status = ssldyn_lines_write(&sweep->lines, &sweep->axes, directory, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_axes_walk_write_arrays(&sweep->axes, passage.walk, directory, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_write(&sweep->spec, directory, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_store_finish(sweep->store, directory, err);
    }
    close_passage(&passage);
    tell_share(report);
    return status;
}

/* Writes the finished points into a journaled store, which the command line can resume. */
static enum ssldyn_status write_unfinished(const struct ssldyn_sweep *sweep, const char *directory,
                                           struct ssldyn_error *err)
{
    struct ssldyn_store_plan plan;
    struct ssldyn_store *store = NULL;
    struct passage passage = {.block = NULL};
    ssldyn_sweep_plan(sweep, directory, &plan);
    enum ssldyn_status status = ssldyn_fingerprint(&sweep->spec, &plan.fingerprint, err);
    if (status == SSLDYN_OK) {
        status = open_passage(sweep, &passage, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_write(&sweep->spec, directory, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_store_open(&plan, &store, err);
    }
    for (int64_t i = 0; status == SSLDYN_OK && i < ssldyn_store_blocks(store); i++) {
        if (ssldyn_store_has(sweep->store, i)) {
            status = ssldyn_store_read(sweep->store, i, plan.columns, passage.block, err);
            if (status == SSLDYN_OK) {
                status = ssldyn_store_write(store, i, passage.block, err);
            }
        }
    }
    ssldyn_store_close(store);
    close_passage(&passage);
    return status;
}

enum ssldyn_status ssldyn_sweep_write(const struct ssldyn_sweep *sweep, const char *directory,
                                      struct ssldyn_error *err)
{
    struct ssldyn_sweep_report report = {0};
    return sweep->done < sweep->axes.points
               ? write_unfinished(sweep, directory, err)
               : ssldyn_sweep_write_all(sweep, directory, &report, err);
}
