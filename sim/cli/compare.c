/* The command compare. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/answer/compare.h"

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    return ssldyn_cli_output_answer(spec, ssldyn_answer_compare, err);
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
