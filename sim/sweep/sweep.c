/* ssldyn sweep. Results are a function of the configuration alone: blocks have a fixed size, a
 * point's numbers do not depend on its neighbours, and every file is written by block. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/sweep.h"

#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/base/progress.h"
#include "sim/base/signal.h"
#include "sim/flow/flow.h"
#include "sim/io/file.h"
#include "sim/sweep/columns.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/store.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096 };
static const int64_t table_limit = 1000000;

/* Fates are decided by trajectories that linger near the basin's edge: after so many steps without
 * a verdict one begins again, this exactly. */
static const int32_t patience = 4;
static const double exact_rtol = 1e-14;

struct sweep {
    const struct ssldyn_spec *spec;
    struct ssldyn_axes axes;
    struct ssldyn_columns columns;
    struct ssldyn_mode_point base;
    struct ssldyn_ensemble_options options;
    struct ssldyn_store *store; /* rank 0 */
    int64_t next;
    bool stopped;
    struct ssldyn_progress progress;
    int64_t done;
};

/* What one thread needs. */
struct worker {
    struct ssldyn_axes_walk *walk;
    struct ssldyn_mode_point *modes;
    struct ssldyn_ensemble_point *points;
    struct ssldyn_ensemble_end *ends;
};

void ssldyn_wilson(int64_t k, int64_t n, double *low, double *high)
{
    const double z = 1.959963984540054; /* 97.5 % of the normal distribution */
    *low = 0.0;
    *high = 1.0;
    if (n <= 0) {
        return;
    }
    const double count = (double)n;
    const double share = (double)k / count;
    const double middle = (share + z * z / (2.0 * count)) / (1.0 + z * z / count);
    const double half = z / (1.0 + z * z / count) *
                        sqrt(share * (1.0 - share) / count + z * z / (4.0 * count * count));
    *low = k == 0 ? 0.0 : middle - half;
    *high = k == n ? 1.0 : middle + half;
}

static void close_worker(void *context)
{
    struct worker *worker = context;
    if (worker) {
        ssldyn_axes_walk_free(worker->walk);
        free(worker->modes);
        free(worker->points);
        free(worker->ends);
    }
    free(worker);
}

static enum ssldyn_status open_worker(void *context, void **made, struct ssldyn_error *err)
{
    const struct sweep *sweep = context;
    struct worker *worker = ssldyn_array_alloc(1, sizeof *worker);
    if (worker) {
        worker->modes = ssldyn_array_alloc(BLOCK, sizeof *worker->modes);
        worker->points = ssldyn_array_alloc(BLOCK, sizeof *worker->points);
        worker->ends = ssldyn_array_alloc(BLOCK, sizeof *worker->ends);
    }
    enum ssldyn_status status = SSLDYN_OK;
    if (!worker || !worker->modes || !worker->points || !worker->ends) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a block of points");
    } else {
        status = ssldyn_axes_walk_create(&sweep->axes, &worker->walk, err);
    }
    if (status != SSLDYN_OK) {
        close_worker(worker);
        return status;
    }
    *made = worker;
    return SSLDYN_OK;
}

static int64_t points_in(const struct sweep *sweep, int64_t block)
{
    const int64_t left = sweep->axes.points - block * BLOCK;
    return left < BLOCK ? left : BLOCK;
}

static enum ssldyn_status compute(void *context, void *thread, int64_t block, double result[],
                                  struct ssldyn_error *err)
{
    const struct sweep *sweep = context;
    struct worker *worker = thread;
    const int64_t count = points_in(sweep, block);
    double values[SSLDYN_AXES_MAXIMUM];
    for (int64_t i = 0; i < count; i++) {
        ssldyn_axes_walk_read(worker->walk, block * BLOCK + i, values);
        struct ssldyn_mode_point *mode = &worker->modes[i];
        *mode = sweep->base;
        for (size_t k = 0; k < sweep->axes.count; k++) {
            ssldyn_mode_point_set(mode, sweep->axes.axis[k].slot, values[k]);
        }
        worker->points[i] = ssldyn_mode_point_start(mode);
    }
    const enum ssldyn_status status =
        ssldyn_ensemble_run(&sweep->options, (size_t)count, worker->points, worker->ends, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    for (size_t column = 0; column < sweep->columns.count; column++) {
        double *to = result + column * BLOCK;
        for (int64_t i = 0; i < count; i++) {
            to[i] = ssldyn_columns_value(sweep->columns.kind[column], &worker->modes[i],
                                         &worker->ends[i]);
        }
        memset(to + count, 0, (size_t)(BLOCK - count) * sizeof *to);
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

static enum ssldyn_status prepare(struct sweep *sweep, const struct ssldyn_spec *spec,
                                  struct ssldyn_error *err)
{
    memset(sweep, 0, sizeof *sweep);
    sweep->spec = spec;
    enum ssldyn_status status = ssldyn_mode_point_init(&sweep->base, spec, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_columns_parse(&sweep->columns, spec->sweep.columns, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_axes_init(&sweep->axes, spec, err);
    }
    sweep->options = (struct ssldyn_ensemble_options){.t_end = spec->t_end,
                                                      .rtol = spec->rtol,
                                                      .stop = spec->sweep.early_stop,
                                                      .tail = true,
                                                      .watch = sweep->columns.watch,
                                                      .refine_after = patience,
                                                      .refine_by = exact_rtol / spec->rtol};
    return status;
}

static void make_plan(const struct sweep *sweep, const char *path, struct ssldyn_store_plan *plan)
{
    *plan = (struct ssldyn_store_plan){.directory = path,
                                       .columns = sweep->columns.count,
                                       .dimensions = sweep->axes.sobol ? 1 : sweep->axes.count,
                                       .points = sweep->axes.points,
                                       .block = BLOCK,
                                       .fingerprint = ssldyn_columns_fingerprint(sweep->spec)};
    for (size_t i = 0; i < plan->columns; i++) {
        plan->names[i] = ssldyn_columns_name(sweep->columns.kind[i]);
        plan->small[i] = sweep->columns.kind[i] == SSLDYN_SWEEP_FATE;
    }
    for (size_t i = 0; i < plan->dimensions; i++) {
        plan->shape[i] =
            sweep->axes.sobol ? sweep->axes.points : (int64_t)sweep->axes.axis[i].values.count;
    }
}

/* Rank 0: the directory, its spec.conf, and the files of the columns. */
static enum ssldyn_status open_store(struct sweep *sweep, const char *path,
                                     struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    struct ssldyn_store_plan plan;
    make_plan(sweep, path, &plan);
    enum ssldyn_status status = ssldyn_store_check(&plan, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_directory_make(path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_write(sweep->spec, path, err);
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

/* Rank 0: counts the fates, writes the table and gives the files their names. */
static enum ssldyn_status conclude(struct sweep *sweep, const char *path,
                                   struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    report->table = sweep->axes.points <= table_limit || sweep->spec->sweep.all_rows;
    double *block = ssldyn_array_alloc(sweep->columns.count * BLOCK, sizeof *block);
    if (!block) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a block");
    }
    struct ssldyn_axes_walk *walk = NULL;
    struct ssldyn_file file = {0};
    enum ssldyn_status status = ssldyn_axes_walk_create(&sweep->axes, &walk, err);
    if (status == SSLDYN_OK && report->table) {
        status = ssldyn_columns_open_table(&sweep->columns, &sweep->axes, path, &file, err);
    }
    for (int64_t i = 0; status == SSLDYN_OK && i < ssldyn_store_blocks(sweep->store); i++) {
        const int64_t count = points_in(sweep, i);
        status = ssldyn_store_read(sweep->store, i, block, err);
        for (int64_t k = 0; status == SSLDYN_OK && k < count; k++) {
            report->fates[(int)block[k] & 3]++;
            if (report->table) {
                ssldyn_columns_row(&sweep->columns, walk, i * BLOCK + k, block + k, BLOCK,
                                   file.stream);
            }
        }
    }
    if (status == SSLDYN_OK && report->table) {
        status = ssldyn_file_commit(&file, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_columns_remove_others(&sweep->columns, path, report->table);
        status = ssldyn_store_finish(sweep->store, err);
    }
    ssldyn_file_abandon(&file);
    ssldyn_axes_walk_free(walk);
    free(block);
    const int64_t decided =
        report->fates[SSLDYN_FATE_COLLAPSED] + report->fates[SSLDYN_FATE_SURVIVES];
    report->collapsed =
        decided > 0 ? (double)report->fates[SSLDYN_FATE_COLLAPSED] / (double)decided : (double)NAN;
    ssldyn_wilson(report->fates[SSLDYN_FATE_COLLAPSED], decided, &report->low, &report->high);
    return status;
}

enum ssldyn_status ssldyn_sweep_run(const struct ssldyn_spec *spec, const char *path,
                                    struct ssldyn_sweep_report *report, struct ssldyn_error *err)
{
    struct sweep sweep;
    const double began = ssldyn_clock_wall();
    const bool first = ssldyn_ranks_number() == 0;
    *report = (struct ssldyn_sweep_report){0};
    enum ssldyn_status status = prepare(&sweep, spec, err);
    report->points = sweep.axes.points;
    if (status == SSLDYN_OK && first) {
        status = open_store(&sweep, path, report, err);
    }
    status = ssldyn_ranks_agree(status, err);
    if (status == SSLDYN_OK) {
        const struct ssldyn_ranks_work work = {.context = &sweep,
                                               .block_doubles = sweep.columns.count * BLOCK,
                                               .next = next_block,
                                               .compute = compute,
                                               .store = keep,
                                               .open = open_worker,
                                               .close = close_worker,
                                               .threads = (int)spec->threads};
        ssldyn_progress_begin(&sweep.progress, "sweep", "points", (double)sweep.axes.points,
                              spec->quiet || !first);
        status = ssldyn_ranks_run(&work, err);
        ssldyn_progress_end(&sweep.progress);
    }
    if (status == SSLDYN_OK && first && sweep.stopped) {
        status =
            ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                        "stopped after %" PRId64 " of %" PRId64 " points; the same command goes on",
                        sweep.done, sweep.axes.points);
    } else if (status == SSLDYN_OK && first) {
        status = conclude(&sweep, path, report, err);
    }
    ssldyn_store_close(sweep.store);
    ssldyn_axes_clear(&sweep.axes);
    report->wall = ssldyn_clock_wall() - began;
    return ssldyn_ranks_agree(status, err);
}

/* The spec of one point as that of a flow. */
static enum ssldyn_status point_spec(const struct sweep *sweep, struct ssldyn_spec *spec,
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
    status = ssldyn_spec_copy(sweep->spec, spec, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    spec->source = SSLDYN_SOURCE_POINT;
    for (size_t i = 0; status == SSLDYN_OK && i < sweep->axes.count; i++) {
        char text[40];
        snprintf(text, sizeof text, "%.17g", values[i]);
        status = ssldyn_spec_set(spec, sweep->axes.axis[i].option->name, text,
                                 sweep->axes.axis[i].option->name, err);
    }
    /* what belongs to the sweep is not the flow's */
    for (size_t i = 0; status == SSLDYN_OK && i < ssldyn_option_count; i++) {
        if ((ssldyn_options[i].commands & SSLDYN_COMMAND_FLOW) == 0) {
            status = ssldyn_spec_reset(spec, &ssldyn_options[i], err);
        }
    }
    spec->command = SSLDYN_COMMAND_FLOW;
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_check(spec, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_spec_clear(spec);
    }
    return status;
}

enum ssldyn_status ssldyn_sweep_point(const struct ssldyn_spec *spec, const char *path,
                                      struct ssldyn_error *err)
{
    struct sweep sweep;
    struct ssldyn_spec flow;
    enum ssldyn_status status = prepare(&sweep, spec, err);
    if (status == SSLDYN_OK && spec->sweep.point >= sweep.axes.points) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--point %" PRId64 ": the sweep's points are 0 to %" PRId64,
                             spec->sweep.point, sweep.axes.points - 1);
    }
    if (status == SSLDYN_OK) {
        status = point_spec(&sweep, &flow, err);
    }
    ssldyn_axes_clear(&sweep.axes);
    if (status != SSLDYN_OK) {
        return status;
    }
    char name[40];
    snprintf(name, sizeof name, "point-%" PRId64, spec->sweep.point);
    char *directory = ssldyn_path_join(path, name);
    if (!directory) {
        ssldyn_spec_clear(&flow);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a file's name");
    }
    struct ssldyn_flow_report report;
    status = ssldyn_flow_run(&flow, directory, &report, err);
    if (status == SSLDYN_OK && !spec->quiet) {
        ssldyn_flow_report_print(&report, stderr);
    }
    ssldyn_flow_report_clear(&report);
    free(directory);
    ssldyn_spec_clear(&flow);
    return status;
}
