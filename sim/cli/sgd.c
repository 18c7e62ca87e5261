/* The command sgd. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/answer/sgd.h"

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    return ssldyn_cli_output_answer(spec, ssldyn_answer_sgd, err);
}

const struct ssldyn_cli_command ssldyn_cli_sgd = {
    .command = SSLDYN_COMMAND_SGD,
    .operands = "[FILE.conf]",
    .summary = "train the linear networks by the SGD whose limit is the flow",
    .description =
        "Trains the linear networks by stochastic gradient descent with the parameters, start, "
        "rows and columns of \"ssldyn flow\", so that the two runs can be overlaid: flow time is "
        "lr * step / (1 - momentum). The command draws whole batches, or only their second "
        "moments, with the same distribution and at a cost that does not grow with the batch. "
        "--batch inf uses the population gradient: the only difference from the flow is then the "
        "finite step size. Under the cosine loss (--loss cosine), in runs without momentum, each "
        "step is checked against the exact law for the norms; the report gives the largest "
        "deviation, and --strict makes it a failure. With one layer and a trained predictor, a "
        "single run also measures, over the second half of its steps, how fast the noise of the "
        "batches increases the norms (kappa_w, kappa_p). From this it derives where weight decay "
        "balances the noise and, with --no-ema, the product lr * eta_s at which each mode of the "
        "data collapses (lr_eta_fold) and the largest rank that is possible (rank_predicted, next "
        "to rank_at_end).\n"
        "--ensemble repeats the run with different random numbers and writes the mean, standard "
        "deviation and quantiles of every column.\n"
        "With images (--data) a datum is an image drawn at random, and its two vectors are two "
        "random views of it, made as in \"ssldyn moments\"; --moments takes images, settings, X "
        "and X' from an earlier estimate, so that the run matches \"ssldyn flow\" and \"ssldyn "
        "theory\" on the same estimate. A run with --data or --moments saves its X and X' as "
        "data_x.npy and "
        "data_xprime.npy, for --x and --xprime.",
    .common = "|loss|eta|beta|no-ema|n1|n2|init-wa|seed|t-end|lr|momentum|batch|steps|ensemble|"
              "moments|output|",
    .examples = "ssldyn sgd --n1 32 --n2 16 --lr 0.02 --batch 64 --init-wa copy -o out/noisy\n"
                "ssldyn sgd --lr 0.02 --batch inf -o out/map\n"
                "ssldyn sgd --loss cosine --no-ema --lr 0.05 --eta 0.05 --strict\n"
                "ssldyn sgd --train-lr 0.05 --train-momentum 0.9 --train-weight-decay 5e-4 "
                "--train-ema 0.996 --train-steps 20000\n"
                "ssldyn sgd --lr 0.02 --batch 64 --ensemble 100 -o out/band\n"
                "ssldyn sgd out/band/spec.conf --member 7 -o out/one-of-them\n"
                "ssldyn moments cifar-10-batches-bin --augmentation weak --pool 4 -o out/cifar48\n"
                "ssldyn sgd --moments out/cifar48 --n2 24 --lr 0.005 -o out/images\n",
    .run = run};
