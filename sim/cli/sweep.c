/* ssldyn sweep: a grid or a Sobol sample of one mode's parameters and start. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/base/signal.h"
#include "sim/inputs/inputs.h"
#include "sim/io/file.h"
#include "sim/io/place.h"
#include "sim/options/settings_differ.h"
#include "sim/sweep/axes_nearest.h"
#include "sim/sweep/point_run.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/sweep.h"
#include "theory/fate.h"
#include "theory/losses.h"

#include <dirent.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void print(const struct ssldyn_sweep_report *report)
{
    printf("points = %" PRId64 "\n", report->points);
    printf("collapsed = %" PRId64 "\n", report->fates[SSLDYN_FATE_COLLAPSED]);
    printf("survives = %" PRId64 "\n", report->fates[SSLDYN_FATE_SURVIVES]);
    printf("diverged = %" PRId64 "\n", report->fates[SSLDYN_FATE_DIVERGED]);
    printf("undecided = %" PRId64 "\n", report->fates[SSLDYN_FATE_UNDECIDED]);
    printf("collapse_probability = %s\n", SSLDYN_DECIMAL(report->collapsed));
    printf("collapse_low = %s\n", SSLDYN_DECIMAL(report->low));
    printf("collapse_high = %s\n", SSLDYN_DECIMAL(report->high));
}

/* To the terminal: how long it took, and what could decide the undecided points. */
static void print_summary(const struct ssldyn_sweep_report *report, bool by_start, const char *path)
{
    char found[64] = "";
    const int64_t undecided = report->fates[SSLDYN_FATE_UNDECIDED];
    if (report->found > 0) {
        snprintf(found, sizeof found, " (%" PRId64 " of them by an earlier run)", report->found);
    }
    fprintf(stderr, "%" PRId64 " points in %.2f s%s%s\n", report->points, report->wall, found,
            report->table ? "" : "; no table.tsv beyond a million points without --all-rows");
    if (undecided > 0) {
        fprintf(stderr, "%" PRId64 " of them undecided: no certificate applied up to t_end; %s\n",
                undecided,
                by_start ? "under this loss the start decides, however long the runs are"
                         : "a larger --t-end decides most, a smaller --rtol those near an edge");
    }
    ssldyn_cli_output_announce(path, "");
}

/* The directory that a point's run goes into as point-I: --output, else the one that holds the
 * sweep's results: that of its spec.conf, or a default one of the same settings; else out. */
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
        return ssldyn_place_check(*path, "sweep", err);
    }
    if (slash) {
        (*path)[slash == spec->given.file ? 1 : slash - spec->given.file] = '\0';
    }
    if (spec->given.file && ssldyn_place_holds(*path) &&
        ssldyn_place_check(*path, "sweep", &ignored) == SSLDYN_OK) {
        return SSLDYN_OK;
    }
    free(*path);
    *path = ssldyn_memory_copy(ssldyn_answer_output_find_default(spec, earlier) ? earlier : "out");
    return *path ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

static enum ssldyn_status run_point(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char *path = NULL;
    char change[200];
    enum ssldyn_status status = find_point_place(spec, &path, err);
    if (status == SSLDYN_OK && !spec->quiet &&
        ssldyn_settings_differ(spec, path, change, sizeof change)) {
        fprintf(stderr, "ssldyn sweep: warning: %s: holds a sweep with other settings (%s)\n", path,
                change);
    }
    struct ssldyn_sweep *sweep = NULL;
    struct ssldyn_point ready;
    if (status == SSLDYN_OK) {
        ssldyn_signal_catch();
        status = ssldyn_sweep_point(spec, &sweep, &ready, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_point_run(&ready.spec, path, spec->sweep.point, spec->quiet ? NULL : stderr,
                                  err);
        ssldyn_point_clear(&ready);
        ssldyn_sweep_close(sweep);
    }
    if (status == SSLDYN_OK && !spec->quiet) {
        char point[64];
        (void)snprintf(point, sizeof point, "point-%" PRId64, spec->sweep.point);
        char *directory = ssldyn_file_path_join(path, point);
        ssldyn_cli_output_announce(directory ? directory : path, "");
        free(directory);
    }
    free(path);
    return status;
}

/* Runs of single points of an earlier sweep stay where they are, as all that is not the sweep's
 * own; where they belong to other settings that is said. */
static void warn_of_points(const char *path)
{
    DIR *directory = opendir(path);
    const struct dirent *entry = NULL;
    while (directory && (entry = readdir(directory))) {
        if (ssldyn_place_is_point(entry->d_name)) {
            fprintf(stderr,
                    "ssldyn sweep: warning: %s/%s stays, and is a run of the earlier settings\n",
                    path, entry->d_name);
        }
    }
    if (directory) {
        closedir(directory);
    }
}

static enum ssldyn_status run_all(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_output output = {.path = NULL};
    struct ssldyn_sweep_report report;
    char change[200] = "";
    const bool first = ssldyn_ranks_number() == 0;
    enum ssldyn_status status = first ? ssldyn_cli_output(spec, NULL, &output, err) : SSLDYN_OK;
    status = ssldyn_ranks_agree(status, err);
    if (status == SSLDYN_OK) {
        if (first && !spec->quiet) { /* of what it replaces, to be told when it has */
            (void)ssldyn_settings_differ(spec, output.path, change, sizeof change);
        }
        ssldyn_signal_catch();
        status = ssldyn_sweep_run(spec, &output, &report, err);
    }
    if (status == SSLDYN_OK && first) {
        print(&report);
        if (change[0] != '\0') {
            fprintf(stderr, "ssldyn sweep: %s: replaces an earlier run with other settings (%s)\n",
                    output.path, change);
            warn_of_points(output.path);
        }
        if (!spec->quiet) {
            print_summary(&report, ssldyn_losses_of(&spec->problem.parameters)->normalized,
                          output.path);
        }
    }
    ssldyn_output_rename(&output, err);
    ssldyn_output_close(&output);
    return status;
}

/* The point, and on the terminal how far it is from what was asked for. */
static void print_nearest(const struct ssldyn_axes *axes, const struct ssldyn_axes_nearest *nearest,
                          bool quiet)
{
    const double rounding = 1e-12;
    printf("point = %" PRId64 "\n", nearest->number);
    for (size_t i = 0; i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        const double value = nearest->values[i];
        char name[SSLDYN_AXES_KEY_SIZE];
        char text[40];
        printf("%s = %s\n", ssldyn_axes_key(axis, name),
               ssldyn_axes_text(axis, value, text, sizeof text));
        const double away = fabs(value - nearest->asked[i]);
        if (!quiet && !axis->words && away > rounding * fabs(value)) {
            fprintf(stderr, "ssldyn sweep: --at: the nearest %s to %.9g is %.9g, %.3g away\n", name,
                    nearest->asked[i], value, away);
        }
    }
}

/* --at becomes --point. */
static enum ssldyn_status find_point(struct ssldyn_spec *spec, bool first, struct ssldyn_error *err)
{
    struct ssldyn_axes axes;
    struct ssldyn_axes_nearest nearest;
    if (spec->sweep.point >= 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--at and --point: give one of them");
    }
    ssldyn_signal_catch();
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
        print_nearest(&axes, &nearest, spec->quiet);
    }
    ssldyn_axes_clear(&axes);
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const bool first = ssldyn_ranks_number() == 0;
    enum ssldyn_status status = ssldyn_inputs_describe(spec, err);
    if (status == SSLDYN_OK && spec->sweep.at) {
        status = find_point(spec, first, err);
    }
    if (status != SSLDYN_OK) {
        status = ssldyn_ranks_agree(status, err);
    } else if (spec->sweep.point < 0) {
        status = run_all(spec, err);
    } else if (first) {
        status = run_point(spec, err);
    }
    ssldyn_ranks_end();
    /* one message from one rank */
    if (status != SSLDYN_OK && !first) {
        exit(ssldyn_error_exit_status(status));
    }
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_sweep = {
    .command = SSLDYN_COMMAND_SWEEP,
    .operands = "[FILE.conf | DIR]",
    .summary = "fates and ends over a grid or a Sobol sample of parameters and starts",
    .description =
        "Runs a flow, or SGD (--process sgd), at every point of a grid over any of its options "
        "(--axis.NAME from:to:points, as many axes as needed, the last fastest) or of a Sobol "
        "sample (--sobol N), gives each its fate, certified where a certificate exists, and writes "
        "table.tsv, one .npy array per column, shaped like the grid, and one per axis. Uses all "
        "processors, and all processes under mpirun; results do not depend on their number. A "
        "killed sweep resumes when the same command is run again. --point I, or --at with the "
        "values of the axes, runs one point by itself, with its full trace, into point-I of "
        "--output, else of the directory that holds the sweep's results, else of out/.",
    .common =
        "|model|eta|beta|p0|s0|t-end|process|axis|sobol|columns|average|point|at|threads|output|",
    .examples =
        "ssldyn sweep --model modes --axis.eta 0:0.3:256 --axis.beta log:0.01:10:256 -o out/map\n"
        "ssldyn sweep --model modes --sobol 100000 --axis.p0 0:0.5 --axis.s0 0:0.5 --eta 0.1\n"
        "mpirun -n 4 ssldyn sweep map.conf --columns fate --early-stop -o out/large\n"
        "ssldyn sweep out/map/spec.conf --point 4711\n"
        "ssldyn sweep out/map --at eta=0.12,beta=0.4\n"
        "ssldyn sweep --model modes --train-lr 0.05 --train-momentum 0.9 --axis.train-ema "
        "0.9:0.999:100\n",
    .needs_arguments = true,
    .run = run};
