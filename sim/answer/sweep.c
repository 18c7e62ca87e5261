/* ssldyn sweep: from the spec to a result. */
// SPDX-License-Identifier: MIT
#include "sim/answer/sweep.h"

#include "sim/answer/answer_output.h"
#include "sim/answer/basin.h"
#include "sim/answer/flow.h"
#include "sim/answer/sgd.h"
#include "sim/answer/sweep_arrays.h"
#include "sim/base/memory.h"
#include "sim/inputs/inputs.h"
#include "sim/io/file.h"
#include "sim/io/output_dir.h"
#include "sim/options/settings_differ.h"
#include "sim/sweep/axes_nearest.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/sweep.h"
#include "theory/fate.h"
#include "theory/losses.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- all points */

static void put_values(const struct ssldyn_sweep_report *report, struct ssldyn_result *result)
{
    ssldyn_result_put_count(result, "points", report->points);
    ssldyn_result_put_count(result, "collapsed", report->fates[SSLDYN_FATE_COLLAPSED]);
    ssldyn_result_put_count(result, "survives", report->fates[SSLDYN_FATE_SURVIVES]);
    ssldyn_result_put_count(result, "diverged", report->fates[SSLDYN_FATE_DIVERGED]);
    ssldyn_result_put_count(result, "undecided", report->fates[SSLDYN_FATE_UNDECIDED]);
    ssldyn_result_put(result, "collapse_probability", report->collapsed);
    ssldyn_result_put(result, "collapse_low", report->low);
    ssldyn_result_put(result, "collapse_high", report->high);
}

/* Suggests what could decide the undecided points, if there are any. */
static void print_undecided(const struct ssldyn_spec *spec,
                            const struct ssldyn_sweep_report *report, FILE *stream)
{
    const bool by_start = ssldyn_losses_of(&spec->problem.parameters)->normalized;
    const int64_t undecided = report->fates[SSLDYN_FATE_UNDECIDED];
    if (undecided > 0) {
        fprintf(stream, "%" PRId64 " of them undecided: no certificate applied up to t_end; %s\n",
                undecided,
                by_start ? "under this loss the start decides, however long the runs are"
                : spec->sweep.early_stop
                    ? "a larger --t-end decides most, a smaller --rtol those near an edge"
                    : "a larger --t-end decides most (with --early-stop, decided points end "
                      "early), a smaller --rtol those near an edge");
    }
}

static void put_report(const struct ssldyn_spec *spec, const struct ssldyn_sweep_report *report,
                       struct ssldyn_result *result)
{
    FILE *stream = ssldyn_result_begin_text(result, "report");
    if (stream) {
        fprintf(stream, "%" PRId64 " of %" PRId64 " points\n", report->done, report->points);
        print_undecided(spec, report, stream);
        ssldyn_result_end_text(result);
    }
}

static enum ssldyn_status in_memory(const struct ssldyn_spec *spec,
                                    const struct ssldyn_answer_mode *mode,
                                    struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_sweep_report report = {0};
    ssldyn_answer_begin(mode);
    const enum ssldyn_status status = ssldyn_sweep_arrays_fill(spec, NULL, result, &report, err);
    if (status != SSLDYN_OK && status != SSLDYN_EINTERRUPTED) {
        return status;
    }
    put_values(&report, result);
    if (status == SSLDYN_EINTERRUPTED) {
        ssldyn_result_put_count(result, "points_done", report.done);
    }
    put_report(spec, &report, result);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}

/* For the terminal: the time taken, and the undecided points. */
static void put_cost(const struct ssldyn_spec *spec, const struct ssldyn_sweep_report *report,
                     struct ssldyn_result *result)
{
    FILE *stream = ssldyn_result_begin_text(result, "cost");
    if (!stream) {
        return;
    }
    fprintf(stream, "%" PRId64 " points in %.2f s", report->points, report->wall);
    if (report->found > 0) {
        fprintf(stream, " (%" PRId64 " of them by an earlier run)", report->found);
    }
    fprintf(stream, "%s\n",
            report->table ? "" : "; no table.tsv beyond a million points without --all-rows");
    print_undecided(spec, report, stream);
    ssldyn_result_end_text(result);
}

/* Runs of single points of an earlier sweep are not removed, like all files that do not belong
 * to the sweep; a warning says that they belong to other settings. */
static void warn_of_points(const char *path, const struct ssldyn_answer_mode *mode)
{
    DIR *directory = opendir(path);
    const struct dirent *entry = NULL;
    while (directory && (entry = readdir(directory))) {
        if (ssldyn_output_dir_is_point(entry->d_name)) {
            ssldyn_answer_remark(mode,
                                 "warning: %s/%s is kept, but is a run of the earlier settings",
                                 path, entry->d_name);
        }
    }
    if (directory) {
        closedir(directory);
    }
}

static enum ssldyn_status in_directory(const struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_output output = {.path = NULL};
    struct ssldyn_sweep_report report;
    char change[200] = "";
    const bool first = ssldyn_ranks_number() == 0;
    enum ssldyn_status status =
        first ? ssldyn_answer_output_open(spec, mode, NULL, &output, err) : SSLDYN_OK;
    status = ssldyn_ranks_agree(status, err);
    if (status == SSLDYN_OK) {
        if (first && mode->remark) { /* results that will be replaced; the remark is made only
                                      * after they were */
            (void)ssldyn_settings_differ(spec, output.path, change, sizeof change);
        }
        ssldyn_answer_begin(mode);
        status = ssldyn_sweep_run(spec, &output, &report, err);
    }
    if (status == SSLDYN_OK && first) {
        put_values(&report, result);
        put_cost(spec, &report, result);
        ssldyn_result_put_text(result, "directory", output.path);
        if (mode->keep) {
            status = ssldyn_sweep_arrays_fill(spec, output.path, result, &report, err);
        }
        if (change[0] != '\0') {
            ssldyn_answer_remark(mode, "%s: replaces an earlier run with other settings (%s)",
                                 output.path, change);
            warn_of_points(output.path, mode);
        }
    }
    ssldyn_output_rename(&output, err);
    ssldyn_output_close(&output);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}

enum ssldyn_status ssldyn_answer_sweep_open(const char *directory, struct ssldyn_result *result,
                                            struct ssldyn_error *err)
{
    struct ssldyn_sweep_report report = {0};
    struct ssldyn_spec spec;
    enum ssldyn_status status = ssldyn_spec_load(&spec, directory, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    const bool basin = spec.given.command == SSLDYN_COMMAND_BASIN;
    status = basin || spec.given.command == SSLDYN_COMMAND_SWEEP
                 ? ssldyn_sweep_arrays_fill(&spec, directory, result, &report, err)
                 : ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: does not hold a sweep", directory);
    if (status == SSLDYN_OK && basin) {
        ssldyn_answer_basin_map_put(&report, result);
    } else if (status == SSLDYN_OK) {
        put_values(&report, result);
        put_report(&spec, &report, result);
    }
    ssldyn_spec_clear(&spec);
    return status;
}

/* ---- one point */

/* The directory in which a point's run is written as point-I: --output, else the one that holds
 * the sweep's results: that of its spec.conf, or a default one of the same settings; else out. */
static enum ssldyn_status find_point_place(const struct ssldyn_spec *spec, char **path,
                                           struct ssldyn_error *err)
{
    char earlier[SSLDYN_ANSWER_OUTPUT_SIZE];
    struct ssldyn_error ignored;
    const char *slash = spec->given.file ? strrchr(spec->given.file, '/') : NULL;
    *path = ssldyn_memory_copy(spec->output ? spec->output : slash ? spec->given.file : ".");
    if (!*path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    if (spec->output) {
        return ssldyn_output_dir_check(*path, "sweep", err);
    }
    if (slash) {
        (*path)[slash == spec->given.file ? 1 : slash - spec->given.file] = '\0';
    }
    if (spec->given.file && ssldyn_output_dir_holds_results(*path) &&
        ssldyn_output_dir_check(*path, "sweep", &ignored) == SSLDYN_OK) {
        return SSLDYN_OK;
    }
    free(*path);
    *path = ssldyn_memory_copy(ssldyn_answer_output_find_default(spec, earlier) ? earlier : "out");
    return *path ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

/* Runs a point, as its own command does. */
static enum ssldyn_status run_ready(struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode,
                                    struct ssldyn_result *result, struct ssldyn_error *err)
{
    return spec->given.command == SSLDYN_COMMAND_SGD ? ssldyn_answer_sgd(spec, mode, result, err)
                                                     : ssldyn_answer_flow(spec, mode, result, err);
}

/* Runs a point into PATH/point-I. Several processes can do so at once; meanwhile no sweep can
 * replace the results in path. */
static enum ssldyn_status run_among(struct ssldyn_spec *spec, const char *path, int64_t number,
                                    const struct ssldyn_answer_mode *mode,
                                    struct ssldyn_result *result, struct ssldyn_error *err)
{
    char name[40];
    int joined = -1;
    (void)snprintf(name, sizeof name, "point-%" PRId64, number);
    free(spec->output);
    spec->output = ssldyn_file_path_join(path, name);
    const size_t there = ssldyn_output_dir_existing_part(path);
    enum ssldyn_status status = spec->output ? ssldyn_file_make_directory(path, err)
                                             : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK) {
        status = ssldyn_output_join(path, "sweep", ssldyn_columns_owns, &joined, err);
    }
    if (status == SSLDYN_OK) {
        status = run_ready(spec, mode, result, err);
    }
    if (joined >= 0) {
        close(joined);
    }
    ssldyn_output_dir_undo(path, there);
    return status;
}

static enum ssldyn_status run_point(const struct ssldyn_spec *spec,
                                    const struct ssldyn_answer_mode *mode,
                                    struct ssldyn_result *result, struct ssldyn_error *err)
{
    char *path = NULL;
    char change[200];
    struct ssldyn_sweep *sweep = NULL;
    struct ssldyn_point point;
    enum ssldyn_status status = mode->directory ? find_point_place(spec, &path, err) : SSLDYN_OK;
    if (status == SSLDYN_OK && path && mode->remark &&
        ssldyn_settings_differ(spec, path, change, sizeof change)) {
        ssldyn_answer_remark(mode, "warning: %s: holds a sweep with other settings (%s)", path,
                             change);
    }
    if (status == SSLDYN_OK) {
        ssldyn_answer_begin(mode);
        status = ssldyn_sweep_point(spec, &sweep, &point, err);
    }
    if (status == SSLDYN_OK) {
        /* it is saved as such a run */
        ssldyn_result_put_text(result, "command", ssldyn_command_name(point.spec.given.command));
        status = path ? run_among(&point.spec, path, spec->sweep.point, mode, result, err)
                      : run_ready(&point.spec, mode, result, err);
        ssldyn_point_clear(&point);
        ssldyn_sweep_close(sweep);
    }
    free(path);
    return status;
}

/* The point, and its distance from the requested values. */
static void put_nearest(const struct ssldyn_axes *axes, const struct ssldyn_axes_nearest *nearest,
                        const struct ssldyn_answer_mode *mode, struct ssldyn_result *result)
{
    const double rounding = 1e-12;
    ssldyn_result_put_count(result, "point", nearest->number);
    for (size_t i = 0; i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        const double value = nearest->values[i];
        char name[SSLDYN_AXES_KEY_SIZE];
        (void)ssldyn_axes_key(axis, name);
        if (axis->words) {
            ssldyn_result_put_word(result, name, axis->words[(size_t)value]);
            continue;
        }
        ssldyn_result_put(result, name, value);
        const double away = fabs(value - nearest->asked[i]);
        if (away > rounding * fabs(value)) {
            ssldyn_answer_remark(mode, "--at: the nearest %s to %.9g is %.9g, %.3g away", name,
                                 nearest->asked[i], value, away);
        }
    }
}

/* Replaces --at by --point. */
static enum ssldyn_status find_point(struct ssldyn_spec *spec,
                                     const struct ssldyn_answer_mode *mode, bool first,
                                     struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_axes axes;
    struct ssldyn_axes_nearest nearest;
    if (spec->sweep.point >= 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--at and --point: give only one of them");
    }
    ssldyn_answer_begin(mode);
    enum ssldyn_status status = ssldyn_axes_init(&axes, spec, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_axes_nearest(&axes, spec->sweep.at, &nearest, err);
    if (status == SSLDYN_OK) {
        spec->sweep.point = nearest.number;
        status = ssldyn_settings_reset(&spec->given, ssldyn_option_find("at"), err);
    }
    if (status == SSLDYN_OK && first) {
        put_nearest(&axes, &nearest, mode, result);
    }
    ssldyn_axes_clear(&axes);
    return status;
}

enum ssldyn_status ssldyn_answer_sweep(struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    const bool first = !mode->directory || ssldyn_ranks_number() == 0;
    enum ssldyn_status status = ssldyn_inputs_describe(spec, err);
    if (status == SSLDYN_OK && spec->sweep.at) {
        status = find_point(spec, mode, first, result, err);
    }
    status = mode->directory ? ssldyn_ranks_agree(status, err) : status;
    if (status == SSLDYN_OK && spec->sweep.point >= 0) {
        return first ? run_point(spec, mode, result, err) : SSLDYN_OK;
    }
    if (status == SSLDYN_OK) {
        status = mode->directory ? in_directory(spec, mode, result, err)
                                 : in_memory(spec, mode, result, err);
    }
    return status;
}
