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
    .summary = "measure the gap between two runs, or the cost of each assumption of the theory",
    .description =
        "Puts two run directories on a common time axis and prints, for every column that both "
        "have, the largest and the mean gap, and a verdict; if one of the two is an ensemble, "
        "also the position of the other run in its band. For more than two runs, or a folder of "
        "runs, it prints one table: a row for each run with the settings in which the runs "
        "differ, the fates, ranks and final values, and the largest gaps from the first run (for "
        "sweeps: the number of points whose fate differs). With -o the table is saved as "
        "runs.tsv; for two runs -o writes the curves into a directory that \"ssldyn plot\" "
        "draws.\n"
        "--ladder runs an sgd experiment as SGD, as the same discrete steps without noise, and as "
        "the flows population, reduced, modes and parabola (M1 to M4 in theory/THEORY.md), each "
        "with one more assumption, and prints the gap between successive models. Under the cosine "
        "loss M1 is followed by aligned modes and their closures, and gaps are also given in the "
        "normalized eigenvalues of F, s_j/sum s, which do not depend on the growth of the norms.",
    .examples = "ssldyn compare out/flow-population out/noisy\n"
                "ssldyn compare out/flow-population out/band -o out/gap\n"
                "ssldyn compare jobs\n"
                "ssldyn compare --ladder experiments/ladder.conf -o out/ladder\n",
    .needs_arguments = true,
    .run = run};
