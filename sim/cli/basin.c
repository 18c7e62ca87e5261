/* ssldyn basin: the separatrix, thresholds of one option (also over a grid of others), or a map
 * of fates over two start coordinates. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/answer/basin.h"
#include "sim/sweep/ranks.h"

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_cli_output_answer(spec, ssldyn_answer_basin, err);
    if (ssldyn_cli_output_is_shared(spec)) {
        ssldyn_ranks_end();
    }
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_basin = {
    .command = SSLDYN_COMMAND_BASIN,
    .operands = "[FILE.conf]",
    .summary = "find the edge of the collapse basin, and thresholds of survival",
    .description =
        "With --threshold NAME --lo A --hi B the command finds the values of that option between A "
        "and B at which the fate of a mode flips (see --scan), to a relative accuracy of 1e-12, "
        "and the cause of each flip: the fold, the edge of the basin, or the lag of the EMA. With "
        "axes as well, it writes a table of thresholds over their grid (with two initial values as "
        "axes, the surface of the basin); with axes alone, a map of certified fates; with "
        "--margins, a table of the factors by which each parameter alone must change to flip the "
        "fate of a start (margins.tsv). Otherwise, at constant tau, it writes the separatrix, "
        "which is the stable manifold of the saddle, as a curve (separatrix.tsv).",
    .common = "|model|eta|beta|p0|s0|threshold|lo|hi|axis|output|",
    .examples =
        "ssldyn basin --model modes --threshold eta --lo 0 --hi 0.3 --p0 0.1 --s0 0.05 --tau0 0.5\n"
        "ssldyn basin --model modes --threshold train-ema --lo 0.9 --hi 1 --train-lr 0.05 "
        "--train-weight-decay 0.1\n"
        "ssldyn basin --model modes --p0 0.3 --s0 0.1 --margins -o out/margins\n"
        "ssldyn basin --model modes --no-ema --eta 0.1 -o out/separatrix\n"
        "ssldyn basin --model modes --axis.p0 0:1:512 --axis.s0 0:1:512 --eta 0.1 -o out/map\n",
    .needs_arguments = true,
    .run = run};
