/* The command flow. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/answer/flow.h"

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    return ssldyn_cli_output_answer(spec, ssldyn_answer_flow, err);
}

const struct ssldyn_cli_command ssldyn_cli_flow = {
    .command = SSLDYN_COMMAND_FLOW,
    .operands = "[FILE.conf]",
    .summary = "integrate a flow of the theory",
    .description =
        "Integrates one of the theory's flows from an initial state and writes a run directory: "
        "spec.conf (\"ssldyn flow spec.conf\" reproduces the run bit for bit), trace.tsv, and for "
        "matrix models the snapshots t.npy, Wp.npy, W.npy, Wa.npy, F.npy. At the end it prints a "
        "report on the fate of each mode and the drift of every invariant; with --margins the "
        "report also gives the factor by which each parameter alone must change to flip the fate "
        "of a mode.\n"
        "Initial weights may have any sign; where the network's w changes sign, tau = wa/w passes "
        "through infinity. If the integration of one mode fails, its later values are nan, and "
        "the other modes continue.\n"
        "For matrices, and for modes coupled by the loss, stdout has rank, the number of "
        "eigenvalues of F that survive in the flow beyond t_end (nan if the fate of one of them "
        "is undecided), and rank_at_end, the number that at t_end exceed 1e-6 of the largest of "
        "the run (under a cosine loss, where all norms decay, of the largest at t_end). The two "
        "differ while a collapsing mode has not decayed yet. closure_error is the error of "
        "the gradient under --closure at the start, relative to the exact gradient.",
    .common = "|model|loss|eta|beta|no-ema|alpha-p|sigma2|p0|s0|n1|n2|init-wa|seed|t-end|output|",
    .examples = "ssldyn flow --model modes --p0 0.02,0.1,0.5 --s0 0.05 -o out/three-modes\n"
                "ssldyn flow --n1 32 --n2 16 --eta 0.02 --init-wa copy --seed 7\n"
                "ssldyn flow --model modes --train-lr 0.05 --train-momentum 0.9 "
                "--train-weight-decay 5e-4 --train-ema 0.996 --train-steps 20000\n"
                "ssldyn flow out/three-modes/spec.conf --eta 0.25 -o out/beyond-the-fold\n",
    .run = run};
