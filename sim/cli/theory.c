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
    .summary = "print closed forms: fixed points, folds, times, ranks",
    .description =
        "Prints closed-form results as name = value lines, without integrating: the fixed points "
        "of a mode at constant tau, their stability, and the fold. p_minus is also the edge of "
        "the collapse basin on the parabola; with an EMA (beta > 0) tau is 1 at every fixed "
        "point; factor_NAME is the factor by which NAME alone must be multiplied to reach the "
        "fold. With --p0 the command also prints the time taken to reach --p-end, or p at --t-end. "
        "--table prints a table "
        "instead.\n"
        "Data: --lambda-s and --lambda-d add the threshold of each data mode and the number of "
        "surviving modes; --x and --xprime the exact threshold, even if X and X' do not commute, "
        "and estimates of the rank below it; --sxx and --syx the same for inputs x and y with "
        "different distributions, mode by mode, or for all modes together if Syx is not symmetric "
        "(a bound, with exact = 0). For files that ssldyn moments scaled, the weight decays on "
        "the unscaled images are printed as well.\n"
        "Several layers (--depth, --target): eta_fold is the fold if both weight decays change "
        "together, eta_s_fold the fold in eta_s alone, p_edge_from_zero the edge of the collapse "
        "basin for a target that starts from zero, to first order in 1/beta, and rank_depth_l the "
        "rank with l layers.\n"
        "The cosine loss has no fold in eta: the rank and the spectrum after training follow from "
        "the start (--wp0 and --w0, or --p0 and --s0). p_end and w2_end, the eigenvalues of Wp "
        "and of W W^T, have the decay exp(-eta t) of both networks factored out; a mode whose "
        "margin is negative collapses; rate_k and growth_j give the speed of convergence. For "
        "matrices (--init-w, --init-wp) this is proved if exact = 1, and an estimate otherwise. "
        "With --lr and --batch the stationary state of SGD without EMA is printed: noise "
        "increases the norms until the weight decay balances it, the start is forgotten after "
        "memory_steps, and a mode survives up to lr_eta_fold, which is proportional to the batch "
        "size, lambda_d^4 and lambda_s^-2.\n"
        "With --loss iso-l2 and one layer there is one nonzero fixed point, p_plus, if eta_s < "
        "lambda_d, and almost every start reaches it. With --epsilon, every collapsed mode "
        "recovers if another mode survives and eta is below eta_basin.",
    .common = "|model|loss|depth|eta|beta|no-ema|tau|alpha-p|sigma2|x|xprime|p0|p-end|t-end|table|",
    .examples =
        "ssldyn theory --eta 0.04 --sigma2 0.25\n"
        "ssldyn theory --tau 1 --eta 0.02 --p0 0.1 --p-end 0.7\n"
        "ssldyn theory --train-lr 0.05 --train-momentum 0.9 --train-weight-decay 5e-4 "
        "--train-ema 0.996\n"
        "ssldyn theory --eta 0.1 --lambda-s 2,1.3,1.1 --lambda-d 1,0.8,0.3\n"
        "ssldyn theory --eta 0.5 --x x.npy --xprime xprime.npy\n"
        "ssldyn theory --eta 0.1 --sxx sxx.npy --syx syx.npy\n"
        "ssldyn theory --depth 3 --eta 0.01 --lambda-s 2,1.3,1.1 --lambda-d 1,0.8,0.3\n"
        "ssldyn theory --loss cosine --lambda-s 1 --lambda-d 1 --wp0 1,0.7,2.2 "
        "--w0 0.8,0.6,0.3\n"
        "ssldyn theory --loss cosine --lr 0.05 --batch 64 --eta 0.05 --lambda-s 1.1,0.4,0.2 "
        "--lambda-d 1,0.3,0.1\n"
        "ssldyn theory --predictor directset --set-power 1 --epsilon 0.1\n"
        "ssldyn theory --table velocity --p0 -0.2:1.2:141 --eta 0.1\n",
    .run = run};
