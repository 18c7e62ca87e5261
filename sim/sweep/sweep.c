/* ssldyn sweep. Results are a function of the configuration alone: blocks have a fixed size, a
 * point's numbers do not depend on its neighbors, and every file is written block by block. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/sweep.h"

#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/base/parallel.h"
#include "sim/base/signal.h"
#include "sim/io/output_dir.h"
#include "sim/io/tree.h"
#include "sim/sweep/fingerprint.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/sweep_state.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t points_in(const struct ssldyn_sweep *sweep, int64_t block)
{
    const int64_t left = sweep->axes.points - block * sweep->points.block;
    return left < sweep->points.block ? left : sweep->points.block;
}

static enum ssldyn_status open_worker(void *context, struct ssldyn_points_worker **made,
                                      struct ssldyn_error *err)
{
    return ssldyn_points_worker_create(&((const struct ssldyn_sweep *)context)->points, made, err);
}

static enum ssldyn_status compute(void *context, struct ssldyn_points_worker *worker, int64_t block,
                                  double result[], struct ssldyn_error *err)
{
    const struct ssldyn_sweep *sweep = context;
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
    struct ssldyn_sweep *sweep = context;
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
    struct ssldyn_sweep *sweep = context;
    sweep->done += points_in(sweep, block);
    ssldyn_progress_update(&sweep->progress, (double)sweep->done);
    return ssldyn_store_write(sweep->store, block, result, err);
}

static enum ssldyn_status prepare(struct ssldyn_sweep *sweep, struct ssldyn_error *err)
{
    const struct ssldyn_spec *spec = &sweep->spec;
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

/* Without probing the corners. */
static enum ssldyn_status create(const struct ssldyn_spec *spec, struct ssldyn_sweep **made,
                                 struct ssldyn_error *err)
{
    struct ssldyn_sweep *sweep = ssldyn_memory_array(1, sizeof *sweep);
    *made = NULL;
    if (!sweep) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the sweep");
    }
    enum ssldyn_status status = ssldyn_spec_copy(spec, &sweep->spec, err);
    if (status != SSLDYN_OK) {
        free(sweep);
        return status;
    }
    status = prepare(sweep, err);
    if (status != SSLDYN_OK) {
        ssldyn_sweep_close(sweep);
        return status;
    }
    *made = sweep;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_sweep_open(const struct ssldyn_spec *spec, struct ssldyn_sweep **sweep,
                                     struct ssldyn_error *err)
{
    enum ssldyn_status status = create(spec, sweep, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_points_probe(&(*sweep)->points, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_sweep_close(*sweep);
        *sweep = NULL;
    }
    return status;
}

void ssldyn_sweep_close(struct ssldyn_sweep *sweep)
{
    if (sweep) {
        ssldyn_store_close(sweep->store);
        ssldyn_lines_clear(&sweep->lines);
        ssldyn_inputs_clear(&sweep->inputs);
        ssldyn_axes_clear(&sweep->axes);
        ssldyn_columns_clear(&sweep->columns);
        ssldyn_spec_clear(&sweep->spec);
    }
    free(sweep);
}

const struct ssldyn_axes *ssldyn_sweep_axes(const struct ssldyn_sweep *sweep)
{
    return &sweep->axes;
}

const struct ssldyn_columns *ssldyn_sweep_columns(const struct ssldyn_sweep *sweep)
{
    return &sweep->columns;
}

/* Rank 0: creates the files of the columns and, in a directory without results, spec.conf, so
 * that it describes the sweep. Older results are kept until this sweep is finished. */
static enum ssldyn_status open_store(struct ssldyn_sweep *sweep, const struct ssldyn_output *output,
                                     struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    struct ssldyn_store_plan plan;
    const char *path = output->path;
    ssldyn_sweep_plan(sweep, path, &plan);
    enum ssldyn_status status = ssldyn_fingerprint(&sweep->spec, &plan.fingerprint, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_store_check(&plan, err);
    }
    if (status == SSLDYN_OK && !ssldyn_output_dir_holds_results(path)) {
        status = ssldyn_spec_write(&sweep->spec, path, err);
        /* synced before the journal is: without it the directory would not be that of a sweep */
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

/* Blocks handed to a rank at a time: enough for its threads, and no more if a block takes long. */
static int group_size(const struct ssldyn_sweep *sweep)
{
    const int threads = ssldyn_parallel_threads((int)sweep->spec.threads);
    int group = sweep->points.modes ? 2 * threads : threads;
    group = sweep->points.modes && group < 16 ? 16 : group;
    return group < SSLDYN_RANKS_GROUP ? group : SSLDYN_RANKS_GROUP;
}

/* Computes the blocks that the store lacks; EINTERRUPTED with the progress so far. */
static enum ssldyn_status work(struct ssldyn_sweep *sweep, bool first,
                               enum ssldyn_status (*run)(const struct ssldyn_ranks_work *work,
                                                         struct ssldyn_error *err),
                               struct ssldyn_error *err)
{
    const struct ssldyn_ranks_work work = {.context = sweep,
                                           .keeper = sweep,
                                           .block_doubles =
                                               sweep->columns.count * (size_t)sweep->points.block,
                                           .next = next_block,
                                           .compute = compute,
                                           .store = keep,
                                           .open = open_worker,
                                           .threads = (int)sweep->spec.threads,
                                           .group = group_size(sweep)};
    ssldyn_progress_begin(&sweep->progress, "sweep", "points", (double)sweep->axes.points,
                          sweep->spec.quiet || !first);
    const enum ssldyn_status status = run(&work, err);
    ssldyn_progress_end(&sweep->progress);
    if ((status == SSLDYN_EINTERRUPTED || (status == SSLDYN_OK && sweep->stopped)) && first) {
        return ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                           "stopped after %" PRId64 " of %" PRId64
                           " points; rerun the same command to resume",
                           sweep->done, sweep->axes.points);
    }
    return status;
}

/* Rank 0: writes the lines, the tables and the counts, and publishes everything. */
static enum ssldyn_status conclude(struct ssldyn_sweep *sweep, struct ssldyn_output *output,
                                   struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    const struct ssldyn_lines *lines = NULL;
    enum ssldyn_status status = ssldyn_sweep_find_lines(sweep, &lines, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_sweep_write_all(sweep, output->work, report, err);
    }
    return status == SSLDYN_OK ? ssldyn_output_publish(output, err) : status;
}

enum ssldyn_status ssldyn_sweep_run(const struct ssldyn_spec *spec, struct ssldyn_output *output,
                                    struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    struct ssldyn_sweep *sweep = NULL;
    const double began = ssldyn_clock_wall();
    const bool first = ssldyn_ranks_number() == 0;
    *report = (struct ssldyn_sweep_report){0};
    enum ssldyn_status status =
        first ? ssldyn_sweep_open(spec, &sweep, err) : create(spec, &sweep, err);
    if (status == SSLDYN_OK && first) {
        report->points = sweep->axes.points;
        status = open_store(sweep, output, report, err);
    }
    status = ssldyn_ranks_agree(status, err);
    if (status == SSLDYN_OK && sweep) {
        status = work(sweep, first, ssldyn_ranks_run, err);
        report->done = sweep->done;
    }
    if (status == SSLDYN_OK && first) {
        status = conclude(sweep, output, report, err);
    }
    ssldyn_sweep_close(sweep);
    report->wall = ssldyn_clock_wall() - began;
    return ssldyn_ranks_agree(status, err);
}

/* Sets points that were not computed to NaN. */
static void blank(const struct ssldyn_sweep *sweep, double *const columns[])
{
    const int64_t size = sweep->points.block;
    for (int64_t block = 0; block < ssldyn_store_blocks(sweep->store); block++) {
        if (ssldyn_store_has(sweep->store, block)) {
            continue;
        }
        for (size_t column = 0; column < sweep->columns.count; column++) {
            for (int64_t i = 0; i < points_in(sweep, block); i++) {
                columns[column][block * size + i] = (double)NAN;
            }
        }
    }
}

enum ssldyn_status ssldyn_sweep_compute(struct ssldyn_sweep *sweep, double *const columns[],
                                        struct ssldyn_sweep_report *report,
                                        struct ssldyn_error *err)
{
    struct ssldyn_store_plan plan;
    struct ssldyn_error ignored;
    const double began = ssldyn_clock_wall();
    *report = (struct ssldyn_sweep_report){.points = sweep->axes.points};
    ssldyn_sweep_plan(sweep, NULL, &plan);
    enum ssldyn_status status = ssldyn_store_open_memory(&plan, columns, false, &sweep->store, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = work(sweep, true, ssldyn_threads_run, err);
    report->done = sweep->done;
    if (status == SSLDYN_OK) {
        status = ssldyn_sweep_write_counts(sweep, report, err);
    } else if (status == SSLDYN_EINTERRUPTED) {
        blank(sweep, columns);
        if (ssldyn_spec_keep(&sweep->spec, &ignored) != SSLDYN_OK ||
            ssldyn_sweep_write_counts(sweep, report, &ignored) != SSLDYN_OK) {
            *report = (struct ssldyn_sweep_report){.points = sweep->axes.points};
        }
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_keep(&sweep->spec, err);
    }
    report->wall = ssldyn_clock_wall() - began;
    return status;
}

enum ssldyn_status ssldyn_sweep_adopt(struct ssldyn_sweep *sweep, double *const columns[],
                                      struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    struct ssldyn_store_plan plan;
    const int64_t points = sweep->axes.points;
    *report = (struct ssldyn_sweep_report){.points = points, .found = points, .done = points};
    ssldyn_sweep_plan(sweep, NULL, &plan);
    sweep->done = points;
    enum ssldyn_status status = ssldyn_spec_keep(&sweep->spec, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_store_open_memory(&plan, columns, true, &sweep->store, err);
    }
    return status == SSLDYN_OK ? ssldyn_sweep_write_counts(sweep, report, err) : status;
}

/* Moves the point to the one requested. */
static enum ssldyn_status set_point(const struct ssldyn_sweep *sweep, struct ssldyn_point *point,
                                    struct ssldyn_error *err)
{
    double values[SSLDYN_AXES_MAXIMUM];
    struct ssldyn_axes_walk *walk = NULL;
    enum ssldyn_status status = ssldyn_axes_walk_create(&sweep->axes, &walk, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_axes_walk_read(walk, sweep->spec.sweep.point, values);
    ssldyn_axes_walk_free(walk);
    status = ssldyn_point_set(point, values, err);
    point->spec.quiet = sweep->spec.quiet;
    return status;
}

enum ssldyn_status ssldyn_sweep_point(const struct ssldyn_spec *spec, struct ssldyn_sweep **made,
                                      struct ssldyn_point *point, struct ssldyn_error *err)
{
    enum ssldyn_status status = create(spec, made, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    struct ssldyn_sweep *sweep = *made;
    *point = ssldyn_point_at_none(&sweep->loaded, &sweep->axes);
    if (spec->sweep.point >= sweep->axes.points) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--point %" PRId64 ": the sweep's points are 0 to %" PRId64,
                             spec->sweep.point, sweep->axes.points - 1);
    }
    if (status == SSLDYN_OK) {
        status = set_point(sweep, point, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_inputs_load(&point->spec, &point->inputs, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_point_clear(point);
        ssldyn_sweep_close(sweep);
        *made = NULL;
    }
    return status;
}
