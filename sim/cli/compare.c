/* ssldyn compare: two runs, a table of several, or one configuration on every rung of the theory.
 */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/signal.h"
#include "sim/cli/run_table.h"
#include "sim/compare/compare.h"
#include "sim/compare/ladder.h"
#include "sim/io/file.h"

#include <stdbool.h>

/* "settings = eta 0.04 0.1, beta 0.4 1": those in which two runs differ. */
static void print_settings(const struct ssldyn_run_set *set)
{
    for (size_t k = 0; k < set->varied; k++) {
        printf("%s%s %s %s", k == 0 ? "settings = " : ", ", set->settings[k],
               set->runs[0].values[k][0] ? set->runs[0].values[k] : "unset",
               set->runs[1].values[k][0] ? set->runs[1].values[k] : "unset");
    }
    printf(set->varied > 0 ? "\n" : "settings = the same\n");
}

static enum ssldyn_status compare_runs(const struct ssldyn_spec *spec, struct ssldyn_run_set *set,
                                       const char *path, struct ssldyn_error *err)
{
    struct ssldyn_comparison comparison;
    enum ssldyn_status status = ssldyn_compare_run(spec->given.operands[0], spec->given.operands[1],
                                                   path, &comparison, err);
    if (status == SSLDYN_OK && path) {
        status = ssldyn_spec_write(spec, path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_run_set_vary(set, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    char verdict[400];
    ssldyn_compare_verdict(&comparison, verdict, sizeof verdict);
    ssldyn_compare_print(&comparison, stdout);
    print_settings(set);
    printf("verdict = %s\n", verdict);
    ssldyn_compare_clear(&comparison);
    return SSLDYN_OK;
}

/* More runs than two, or a folder of them: one table, of all against the first. */
static enum ssldyn_status compare_many(const struct ssldyn_spec *spec, struct ssldyn_run_set *set,
                                       const char *path, struct ssldyn_error *err)
{
    struct ssldyn_run_table table = {0};
    struct ssldyn_file file = {0};
    ssldyn_run_set_keep(set, set->runs[0].kind, "ssldyn compare: left out (another kind of run): ",
                        spec->quiet ? NULL : stderr);
    enum ssldyn_status status = ssldyn_run_table_make(set, &table, err);
    if (status == SSLDYN_OK && path) {
        status = ssldyn_file_open_in(&file, path, "runs.tsv", err);
        if (status == SSLDYN_OK) {
            ssldyn_run_table_print(&table, file.stream);
            status = ssldyn_file_commit(&file, err);
        }
        if (status == SSLDYN_OK) {
            status = ssldyn_spec_write(spec, path, err);
        }
    }
    if (status == SSLDYN_OK) {
        ssldyn_run_table_print(&table, stdout);
    }
    ssldyn_run_table_clear(&table);
    return status;
}

static enum ssldyn_status compare_into(const struct ssldyn_spec *spec, struct ssldyn_run_set *set,
                                       const char *path, struct ssldyn_error *err)
{
    /* a run and itself are one in the set */
    const bool pair = spec->given.operand_count == 2 && !set->of_folder &&
                      set->runs[0].kind != SSLDYN_RUN_SWEEP &&
                      set->runs[set->count - 1].kind != SSLDYN_RUN_SWEEP;
    return pair ? compare_runs(spec, set, path, err) : compare_many(spec, set, path, err);
}

static enum ssldyn_status climb(const struct ssldyn_spec *spec, const char *path,
                                struct ssldyn_error *err)
{
    struct ssldyn_spec experiment;
    struct ssldyn_ladder ladder;
    enum ssldyn_status status = ssldyn_spec_init(&experiment, SSLDYN_COMMAND_SGD, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_settings_read(&experiment.given, spec->ladder, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_prepare(&experiment, err);
    }
    if (status == SSLDYN_OK) {
        experiment.quiet = spec->quiet;
        experiment.threads = spec->threads;
        ssldyn_signal_catch();
        status = ssldyn_ladder_run(&experiment, path, &ladder, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_write(spec, path, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_ladder_print(&ladder, stdout);
        if (!spec->quiet) {
            ssldyn_ladder_table(&ladder, stderr);
            ssldyn_cli_output_note_scale(&experiment);
        }
    }
    ssldyn_spec_clear(&experiment);
    return status;
}

/* The runs to compare: those named, or those of a folder. */
static enum ssldyn_status open_runs(const struct ssldyn_spec *spec, struct ssldyn_run_set *set,
                                    struct ssldyn_error *err)
{
    if (spec->given.operand_count == 0) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "no run given: name two or more, a folder of runs, or --ladder FILE.conf");
    }
    const enum ssldyn_status status = ssldyn_run_set_open((const char *const *)spec->given.operands,
                                                          spec->given.operand_count, set, err);
    if (status == SSLDYN_OK && set->count == 1 && spec->given.operand_count == 1) {
        const char *what = ssldyn_run_is_there(spec->given.operands[0])
                               ? "is one run; name two or more, or a folder of runs"
                               : "is not a run, and no directory below it is one";
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.200s: %s", spec->given.operands[0], what);
    }
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_run_set set = {0};
    enum ssldyn_status status = SSLDYN_OK;
    if (spec->ladder && spec->given.operand_count > 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%zu run directories given besides --ladder, which runs its own",
                           spec->given.operand_count);
    }
    if (!spec->ladder) {
        status = open_runs(spec, &set, err);
    }
    if (status != SSLDYN_OK || (!spec->ladder && !spec->output)) {
        status = status == SSLDYN_OK ? compare_into(spec, &set, NULL, err) : status;
        ssldyn_run_set_clear(&set);
        return status;
    }
    struct ssldyn_output output;
    status = ssldyn_cli_output(spec, spec->ladder ? "ladder" : NULL, &output, err);
    if (status != SSLDYN_OK) {
        ssldyn_run_set_clear(&set);
        return status;
    }
    status =
        spec->ladder ? climb(spec, output.work, err) : compare_into(spec, &set, output.work, err);
    if (status == SSLDYN_OK) {
        ssldyn_cli_output_note_replaced(spec, &output);
    }
    status = ssldyn_output_finish(&output, false, status, err);
    if (status == SSLDYN_OK && spec->ladder && !spec->quiet) {
        ssldyn_cli_output_announce(output.path, "");
    }
    ssldyn_output_close(&output);
    ssldyn_run_set_clear(&set);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_compare = {
    .command = SSLDYN_COMMAND_COMPARE,
    .operands = "RUN RUN... | FOLDER | --ladder FILE.conf",
    .summary = "measure how far two runs are apart, or what each assumption of the theory costs",
    .description =
        "Puts two run directories on a common time axis and prints, for every column both define, "
        "the largest and the mean gap; where one of the two is an ensemble, also where the other "
        "stands in its band; last a verdict. Of more runs, or a folder of runs, it prints one "
        "table: a row for each run with the settings in which they differ, the fates, ranks and "
        "values at the end, and the largest gaps from the first run (of sweeps: the points with "
        "another fate); -o keeps it as runs.tsv. Of two, with -o, the curves go to a directory "
        "that \"ssldyn plot\" draws. --ladder runs an sgd experiment as SGD, as the map without "
        "noise, and as the flows M1 to M4, each assuming more than the one before, and prints the "
        "gap of each step; under the cosine aligned modes and their closures follow M1, and shares "
        "of F show what is left of a gap without the growth of the norms.",
    .examples = "ssldyn compare out/flow-population out/noisy\n"
                "ssldyn compare out/flow-population out/band -o out/gap\n"
                "ssldyn compare jobs\n"
                "ssldyn compare --ladder experiments/ladder.conf -o out/ladder\n",
    .needs_arguments = true,
    .run = run};
