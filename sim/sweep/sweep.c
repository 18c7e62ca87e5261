/* ssldyn sweep. Results are a function of the configuration alone: blocks have a fixed size, a
 * point's numbers do not depend on its neighbours, and every file is written by block. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/sweep.h"

#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/base/parallel.h"
#include "sim/base/progress.h"
#include "sim/base/signal.h"
#include "sim/inputs/inputs.h"
#include "sim/io/file.h"
#include "sim/io/place.h"
#include "sim/io/tree.h"
#include "sim/sweep/columns.h"
#include "sim/sweep/fingerprint.h"
#include "sim/sweep/lines.h"
#include "sim/sweep/point.h"
#include "sim/sweep/point_run.h"
#include "sim/sweep/points.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/shares.h"
#include "sim/sweep/store.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t table_limit = 1000000;

struct sweep {
    const struct ssldyn_spec *spec;
    struct ssldyn_spec loaded; /* of the points: spec with what its files bring; borrows from it */
    struct ssldyn_inputs inputs;
    struct ssldyn_axes axes;
    struct ssldyn_columns columns;
    struct ssldyn_points points;
    struct ssldyn_shares shares;
    struct ssldyn_store *store; /* rank 0 */
    int64_t next;
    bool stopped;
    struct ssldyn_progress progress;
    int64_t done;
};

static int64_t points_in(const struct sweep *sweep, int64_t block)
{
    const int64_t left = sweep->axes.points - block * sweep->points.block;
    return left < sweep->points.block ? left : sweep->points.block;
}

static enum ssldyn_status open_worker(void *context, struct ssldyn_points_worker **made,
                                      struct ssldyn_error *err)
{
    return ssldyn_points_worker_create(&((const struct sweep *)context)->points, made, err);
}

static enum ssldyn_status compute(void *context, struct ssldyn_points_worker *worker, int64_t block,
                                  double result[], struct ssldyn_error *err)
{
    const struct sweep *sweep = context;
    const int64_t size = sweep->points.block;
    const int64_t count = points_in(sweep, block);
    const struct ssldyn_outcome *outcomes = NULL;
    const enum ssldyn_status status =
        ssldyn_points_compute(&sweep->points, worker, block * size, count, &outcomes, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    for (size_t column = 0; column < sweep->columns.count; column++) {
        double *to = result + (int64_t)column * size;
        for (int64_t i = 0; i < count; i++) {
            to[i] = ssldyn_columns_value(&sweep->columns, column, &outcomes[i]);
        }
        memset(to + count, 0, (size_t)(size - count) * sizeof *to);
    }
    return SSLDYN_OK;
}

static int64_t next_block(void *context)
{
    struct sweep *sweep = context;
    if (ssldyn_signal_pending()) {
        sweep->stopped = true;
        return -1;
    }
    while (sweep->next < ssldyn_store_blocks(sweep->store) &&
           ssldyn_store_has(sweep->store, sweep->next)) {
        sweep->next++;
    }
    return sweep->next < ssldyn_store_blocks(sweep->store) ? sweep->next++ : -1;
}

static enum ssldyn_status keep(void *context, int64_t block, const double result[],
                               struct ssldyn_error *err)
{
    struct sweep *sweep = context;
    sweep->done += points_in(sweep, block);
    ssldyn_progress_update(&sweep->progress, (double)sweep->done);
    return ssldyn_store_write(sweep->store, block, result, err);
}

static void clear(struct sweep *sweep)
{
    ssldyn_store_close(sweep->store);
    ssldyn_inputs_clear(&sweep->inputs);
    ssldyn_axes_clear(&sweep->axes);
    ssldyn_columns_clear(&sweep->columns);
}

static enum ssldyn_status prepare(struct sweep *sweep, const struct ssldyn_spec *spec,
                                  struct ssldyn_error *err)
{
    memset(sweep, 0, sizeof *sweep);
    sweep->spec = spec;
    sweep->loaded = *spec;
    enum ssldyn_status status = ssldyn_columns_parse(&sweep->columns, spec, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_axes_init(&sweep->axes, spec, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_inputs_load(&sweep->loaded, &sweep->inputs, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_columns_yield(&sweep->columns, &sweep->axes);
        status =
            ssldyn_points_init(&sweep->points, &sweep->loaded, &sweep->axes, &sweep->columns, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_shares_init(&sweep->shares, spec, &sweep->axes, err);
    }
    if (status == SSLDYN_OK && spec->sweep.lines) {
        status = ssldyn_lines_check(&sweep->axes, err);
    }
    return status;
}

/* Whether table.tsv is written. */
static bool writes_table(const struct sweep *sweep)
{
    return sweep->axes.points <= table_limit || sweep->spec->sweep.all_rows;
}

static void make_plan(const struct sweep *sweep, const char *path, struct ssldyn_store_plan *plan)
{
    *plan = (struct ssldyn_store_plan){.directory = path,
                                       .columns = sweep->columns.count,
                                       .names = sweep->columns.names,
                                       .small = 1, /* the fate */
                                       .dimensions = sweep->axes.sobol ? 1 : sweep->axes.count,
                                       .points = sweep->axes.points,
                                       .block = sweep->points.block};
    if (writes_table(sweep)) { /* a number takes a digit and a tab at least */
        plan->tables = 2.0 * (double)(plan->columns + sweep->axes.count) * (double)plan->points;
    }
    for (size_t i = 0; i < plan->dimensions; i++) {
        plan->shape[i] =
            sweep->axes.sobol ? sweep->axes.points : (int64_t)sweep->axes.axis[i].values.count;
    }
}

/* Rank 0: the files of the columns, and in a directory without results spec.conf, so that it says
 * what the sweep is. Older results stay whole until this sweep has its own. */
static enum ssldyn_status open_store(struct sweep *sweep, const struct ssldyn_output *output,
                                     struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    struct ssldyn_store_plan plan;
    const char *path = output->path;
    make_plan(sweep, path, &plan);
    enum ssldyn_status status = ssldyn_fingerprint(sweep->spec, &plan.fingerprint, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_store_check(&plan, err);
    }
    if (status == SSLDYN_OK && !ssldyn_place_holds(path)) {
        status = ssldyn_spec_write(sweep->spec, path, err);
        /* On the disk before the journal is: without it the directory would not be a sweep's. */
        const int reason = status == SSLDYN_OK ? ssldyn_tree_sync_file(output->lock) : 0;
        if (reason != 0) {
            status = ssldyn_fail_system(err, SSLDYN_EIO, reason, "%s", path);
        }
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_store_open(&plan, &sweep->store, err);
    }
    for (int64_t i = 0; status == SSLDYN_OK && i < ssldyn_store_blocks(sweep->store); i++) {
        report->found += ssldyn_store_has(sweep->store, i) ? points_in(sweep, i) : 0;
    }
    sweep->done = report->found;
    return status;
}

/* Counts the fates of all points in order, with a row of the tables for each. */
static enum ssldyn_status count_points(struct sweep *sweep, struct ssldyn_axes_walk *walk,
                                       double block[], FILE *table,
                                       struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    const int64_t size = sweep->points.block;
    enum ssldyn_status status = SSLDYN_OK;
    for (int64_t i = 0; status == SSLDYN_OK && i < ssldyn_store_blocks(sweep->store); i++) {
        const int64_t count = points_in(sweep, i);
        status = ssldyn_store_read(sweep->store, i, block, err);
        for (int64_t k = 0; status == SSLDYN_OK && k < count; k++) {
            const int fate = (int)block[k] & 3;
            report->fates[fate]++;
            ssldyn_shares_add(&sweep->shares, walk, i * size + k, block + k, size);
            if (table) {
                ssldyn_columns_row(&sweep->columns, &sweep->axes, walk, i * size + k, block + k,
                                   size, table);
            }
        }
    }
    return status;
}

/* Theory's lines over the map of fates that is there by now. */
static enum ssldyn_status draw_lines(const struct sweep *sweep, double block[], const char *path,
                                     struct ssldyn_error *err)
{
    const int64_t size = sweep->points.block;
    signed char *fates = ssldyn_memory_array((size_t)sweep->axes.points, 1);
    enum ssldyn_status status =
        fates ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the map");
    for (int64_t i = 0; status == SSLDYN_OK && i < ssldyn_store_blocks(sweep->store); i++) {
        status = ssldyn_store_read(sweep->store, i, block, err);
        for (int64_t k = 0; status == SSLDYN_OK && k < points_in(sweep, i); k++) {
            fates[i * size + k] = (signed char)block[k];
        }
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_lines_write(&sweep->points, fates, path, err);
    }
    free(fates);
    return status;
}

/* Rank 0: counts the fates, writes the tables, and publishes them with the columns. */
static enum ssldyn_status conclude(struct sweep *sweep, struct ssldyn_output *output,
                                   struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    const char *path = output->work;
    report->table = writes_table(sweep);
    const size_t size = sweep->columns.count * (size_t)sweep->points.block;
    double *block = ssldyn_memory_array(size, sizeof *block);
    if (!block) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a block");
    }
    struct ssldyn_axes_walk *walk = NULL;
    struct ssldyn_file file = {0};
    enum ssldyn_status status = ssldyn_axes_walk_create(&sweep->axes, &walk, err);
    if (status == SSLDYN_OK && report->table) {
        status = ssldyn_columns_open_table(&sweep->columns, &sweep->axes, path, &file, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_shares_open(&sweep->shares, &sweep->columns, path, err);
    }
    if (status == SSLDYN_OK) {
        status = count_points(sweep, walk, block, file.stream, report, err);
    }
    if (status == SSLDYN_OK && report->table) {
        status = ssldyn_file_commit(&file, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_shares_close(&sweep->shares, err);
    }
    if (status == SSLDYN_OK && sweep->spec->sweep.lines) {
        status = draw_lines(sweep, block, path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_axes_walk_write_arrays(&sweep->axes, walk, path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_write(sweep->spec, path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_store_finish(sweep->store, path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_output_publish(output, err);
    }
    ssldyn_file_abandon(&file);
    ssldyn_shares_abandon(&sweep->shares);
    ssldyn_axes_walk_free(walk);
    free(block);
    const int64_t decided =
        report->fates[SSLDYN_FATE_COLLAPSED] + report->fates[SSLDYN_FATE_SURVIVES];
    report->collapsed =
        decided > 0 ? (double)report->fates[SSLDYN_FATE_COLLAPSED] / (double)decided : (double)NAN;
    ssldyn_shares_interval(report->fates[SSLDYN_FATE_COLLAPSED], decided,
                           report->fates[SSLDYN_FATE_UNDECIDED], &report->low, &report->high);
    return status;
}

/* Blocks that a rank is given at a time: enough for its threads, and no more where a block takes
 * long. */
static int group_size(const struct sweep *sweep)
{
    const int threads = ssldyn_parallel_threads((int)sweep->spec->threads);
    int group = sweep->points.modes ? 2 * threads : threads;
    group = sweep->points.modes && group < 16 ? 16 : group;
    return group < SSLDYN_RANKS_GROUP ? group : SSLDYN_RANKS_GROUP;
}

enum ssldyn_status ssldyn_sweep_run(const struct ssldyn_spec *spec, struct ssldyn_output *output,
                                    struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    struct sweep sweep;
    const double began = ssldyn_clock_wall();
    const bool first = ssldyn_ranks_number() == 0;
    *report = (struct ssldyn_sweep_report){0};
    enum ssldyn_status status = prepare(&sweep, spec, err);
    report->points = sweep.axes.points;
    if (status == SSLDYN_OK && first) {
        status = ssldyn_points_probe(&sweep.points, err);
    }
    if (status == SSLDYN_OK && first) {
        status = open_store(&sweep, output, report, err);
    }
    status = ssldyn_ranks_agree(status, err);
    if (status == SSLDYN_OK) {
        const struct ssldyn_ranks_work work = {.context = &sweep,
                                               .keeper = &sweep,
                                               .block_doubles =
                                                   sweep.columns.count * (size_t)sweep.points.block,
                                               .next = next_block,
                                               .compute = compute,
                                               .store = keep,
                                               .open = open_worker,
                                               .threads = (int)spec->threads,
                                               .group = group_size(&sweep)};
        ssldyn_progress_begin(&sweep.progress, "sweep", "points", (double)sweep.axes.points,
                              spec->quiet || !first);
        status = ssldyn_ranks_run(&work, err);
        ssldyn_progress_end(&sweep.progress);
    }
    if ((status == SSLDYN_EINTERRUPTED || (status == SSLDYN_OK && sweep.stopped)) && first) {
        status =
            ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                        "stopped after %" PRId64 " of %" PRId64 " points; the same command goes on",
                        sweep.done, sweep.axes.points);
    } else if (status == SSLDYN_OK && first) {
        status = conclude(&sweep, output, report, err);
    }
    clear(&sweep);
    report->wall = ssldyn_clock_wall() - began;
    return ssldyn_ranks_agree(status, err);
}

/* Takes the point to the one that is asked for. */
static enum ssldyn_status set_point(const struct sweep *sweep, struct ssldyn_point *point,
                                    struct ssldyn_error *err)
{
    double values[SSLDYN_AXES_MAXIMUM];
    struct ssldyn_axes_walk *walk = NULL;
    enum ssldyn_status status = ssldyn_axes_walk_create(&sweep->axes, &walk, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_axes_walk_read(walk, sweep->spec->sweep.point, values);
    ssldyn_axes_walk_free(walk);
    status = ssldyn_point_set(point, values, err);
    point->spec.quiet = sweep->spec->quiet;
    return status;
}

enum ssldyn_status ssldyn_sweep_point(const struct ssldyn_spec *spec, const char *path,
                                      FILE *stream, struct ssldyn_error *err)
{
    struct sweep sweep;
    enum ssldyn_status status = prepare(&sweep, spec, err);
    if (status == SSLDYN_OK && spec->sweep.point >= sweep.axes.points) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--point %" PRId64 ": the sweep's points are 0 to %" PRId64,
                             spec->sweep.point, sweep.axes.points - 1);
    }
    struct ssldyn_point point = ssldyn_point_at_none(&sweep.loaded, &sweep.axes);
    if (status == SSLDYN_OK) {
        status = set_point(&sweep, &point, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_inputs_load(&point.spec, &point.inputs, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_point_run(&point.spec, path, spec->sweep.point, stream, err);
    }
    ssldyn_point_clear(&point);
    clear(&sweep);
    return status;
}
