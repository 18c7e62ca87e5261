/* The command theory. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/answer/theory.h"

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    return ssldyn_cli_output_answer(spec, ssldyn_answer_theory, err);
}

const struct ssldyn_cli_command ssldyn_cli_theory = {
    .command = SSLDYN_COMMAND_THEORY,
    .operands = "[FILE.conf]",
    .summary = "closed forms only: fixed points, folds, times, ranks",
    .description =
        "Prints what the theory knows without integrating, as name = value lines: the fixed points "
        "of a mode at constant tau, their stability and the fold (p_minus also bounds the basin of "
        "collapse on the parabola); with --p0 the time to --p-end, or p at --t-end; with "
        "--lambda-s and --lambda-d the thresholds of data modes and how many survive; with --x and "
        "--xprime the exact threshold of data that do not commute, and estimates of the rank below "
        "it; of files that ssldyn moments scaled also the decays on the images as they are. With "
        "an EMA (beta > 0) tau is 1 at every fixed point. --table prints a table instead. "
        "factor_NAME is what NAME alone must be multiplied with to reach the fold. With several "
        "layers (--depth, --target) eta_fold is that of both decays together and eta_s_fold that "
        "of eta_s alone; p_edge_from_zero is the edge of the basin of collapse where the target "
        "starts from zero, to first order in 1/beta, and rank_depth_l the rank with l layers. "
        "The cosine loss has no fold in eta: the rank and the spectrum after training follow from "
        "the start (--wp0 and --w0, or --p0 and --s0). p_end and w2_end, the eigenvalues of W W^T, "
        "are in units that take the decay exp(-eta t) of both networks out; a mode whose margin is "
        "below 0 collapses, and rate_k and growth_j tell how fast all this settles. Of matrices "
        "(--init-w, --init-wp) this is proved where exact = 1, an estimate elsewhere. --lr and "
        "--batch print what SGD makes of it (as with --no-ema): its noise makes the norms grow "
        "until the decay balances it, after memory_steps the start is forgotten, and a mode "
        "survives up to lr_eta_fold, which is in proportion to the size of the batch, lambda_d^4 "
        "and lambda_s^-2. --loss iso-l2 has one point, p_plus, for every start, up to eta_s = "
        "lambda_d. Under a predictor with --epsilon no mode stays collapsed next to a survivor "
        "below eta_basin.",
    .common = "|model|loss|depth|eta|beta|no-ema|tau|alpha-p|sigma2|x|xprime|p0|p-end|t-end|table|",
    .examples =
        "ssldyn theory --eta 0.04 --sigma2 0.25\n"
        "ssldyn theory --tau 1 --eta 0.02 --p0 0.1 --p-end 0.7\n"
        "ssldyn theory --train-lr 0.05 --train-momentum 0.9 --train-weight-decay 5e-4 "
        "--train-ema 0.996\n"
        "ssldyn theory --eta 0.1 --lambda-s 2,1.3,1.1 --lambda-d 1,0.8,0.3\n"
        "ssldyn theory --eta 0.5 --x x.npy --xprime xprime.npy\n"
        "ssldyn theory --depth 3 --eta 0.01 --lambda-s 2,1.3,1.1 --lambda-d 1,0.8,0.3\n"
        "ssldyn theory --loss cosine --lambda-s 1 --lambda-d 1 --wp0 1,0.7,2.2 "
        "--w0 0.8,0.6,0.3\n"
        "ssldyn theory --loss cosine --lr 0.05 --batch 64 --eta 0.05 --lambda-s 1.1,0.4,0.2 "
        "--lambda-d 1,0.3,0.1\n"
        "ssldyn theory --predictor directset --set-power 1 --epsilon 0.1\n"
        "ssldyn theory --table velocity --p0 -0.2:1.2:141 --eta 0.1\n",
    .run = run};
