/* ssldyn compare: two runs, or one configuration on every rung of the theory. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/signal.h"
#include "sim/compare/compare.h"
#include "sim/compare/ladder.h"
#include "sim/io/file.h"

#include <stdlib.h>
#include <string.h>

static enum ssldyn_status compare_runs(const struct ssldyn_spec *spec, const char *path,
                                       struct ssldyn_error *err)
{
    struct ssldyn_comparison comparison;
    enum ssldyn_status status =
        ssldyn_compare_run(spec->operands[0], spec->operands[1], path, &comparison, err);
    if (status == SSLDYN_OK && path) {
        status = ssldyn_spec_write(spec, path, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    char verdict[400];
    ssldyn_comparison_verdict(&comparison, verdict, sizeof verdict);
    ssldyn_comparison_print(&comparison, stdout);
    printf("verdict = %s\n", verdict);
    ssldyn_comparison_clear(&comparison);
    return SSLDYN_OK;
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
    status = ssldyn_spec_read(&experiment, spec->ladder, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_check(&experiment, err);
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
            ssldyn_cli_note_scale(&experiment);
        }
    }
    ssldyn_spec_clear(&experiment);
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const size_t wanted = spec->ladder ? 0 : 2;
    if (spec->operand_count != wanted) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%zu run directories given: two are compared, or none with --ladder "
                           "FILE.conf",
                           spec->operand_count);
    }
    if (!spec->ladder && !spec->output) {
        return compare_runs(spec, NULL, err);
    }
    struct ssldyn_output output;
    enum ssldyn_status status =
        ssldyn_cli_output(spec, spec->ladder ? "ladder" : NULL, &output, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = spec->ladder ? climb(spec, output.work, err) : compare_runs(spec, output.work, err);
    status = ssldyn_output_finish(&output, false, status, err);
    if (status == SSLDYN_OK && spec->ladder && !spec->quiet) {
        fprintf(stderr, "results: %s\n", output.path);
    }
    ssldyn_output_close(&output);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_compare = {
    .command = SSLDYN_COMMAND_COMPARE,
    .operands = "RUN RUN | --ladder FILE.conf",
    .summary = "measure how far two runs are apart, or what each assumption of the theory costs",
    .description =
        "Puts two run directories on a common time axis and prints, for every column both define, "
        "the largest and the mean gap; where one of the two is an ensemble, also where the other "
        "stands in its band; last a verdict. With -o the curves go to a directory that \"ssldyn "
        "plot\" draws. --ladder runs an sgd experiment as SGD, as the map without noise, and as "
        "the "
        "flows M1 to M4, each assuming more than the one before, and prints the gap of each step.",
    .examples = "ssldyn compare out/flow-population out/noisy\n"
                "ssldyn compare out/flow-population out/band -o out/gap\n"
                "ssldyn compare --ladder experiments/ladder.conf -o out/ladder\n",
    .needs_arguments = true,
    .run = run};
