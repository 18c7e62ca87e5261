/* The command sweep. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/answer/sweep.h"
#include "sim/sweep/ranks.h"

#include <stdlib.h>

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const bool first = ssldyn_ranks_number() == 0;
    const enum ssldyn_status status = ssldyn_cli_output_answer(spec, ssldyn_answer_sweep, err);
    ssldyn_ranks_end();
    /* only one rank prints the message */
    if (status != SSLDYN_OK && !first) {
        exit(ssldyn_error_exit_status(status));
    }
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_sweep = {
    .command = SSLDYN_COMMAND_SWEEP,
    .operands = "[FILE.conf | DIR]",
    .summary =
        "compute fates and final values over a grid or a Sobol sample of parameters and starts",
    .description =
        "Runs a flow, or SGD (--process sgd), at every point of a grid over any of its options "
        "(--axis.NAME from:to:points, any number of axes, the last varying fastest) or of a Sobol "
        "sample (--sobol N). It determines the fate of each point, certified where a certificate "
        "exists, and writes table.tsv, one .npy array per column (shaped like the grid), and one "
        "per axis.\n"
        "It uses all processors, and all processes under mpirun; the results do not depend on "
        "their number. A killed sweep resumes when the same command is run again. --point I, or "
        "--at with values of the axes, runs a single point with its full trace. The result is the "
        "directory point-I in --output if that is given, otherwise in the directory of the "
        "sweep's results, otherwise in out/.",
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
