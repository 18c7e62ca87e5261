/* ssldyn sgd: the stochastic process behind the flow, from the spec to a run directory. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/signal.h"
#include "sim/inputs/inputs.h"
#include "sim/run/run_directory.h"
#include "sim/sgd/sgd.h"

/* What it cost is printed on the terminal only. */
static void print(const void *report, FILE *stream)
{
    ssldyn_sgd_report_print(report, stream);
    if (stream == stderr) {
        ssldyn_sgd_report_print_cost(report, stream);
    }
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const bool ensemble = spec->problem.sgd.ensemble > 0 && spec->problem.sgd.member < 0;
    struct ssldyn_inputs inputs = {0};
    struct ssldyn_output output;
    struct ssldyn_sgd_report report = {0};
    ssldyn_signal_catch();
    enum ssldyn_status status = ssldyn_inputs_describe(spec, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_cli_output(spec, ensemble ? "ensemble" : NULL, &output, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_inputs_load(spec, &inputs, err);
    if (status == SSLDYN_OK) {
        struct ssldyn_run_directory directory;
        ssldyn_cli_output_note_replaced(spec, output.path);
        ssldyn_run_directory_init(&directory, output.work, ssldyn_spec_print, spec);
        status = ensemble
                     ? ssldyn_sgd_ensemble_run(&spec->problem, (int)spec->threads, &directory.sink,
                                               output.work, spec->quiet, &report, err)
                     : ssldyn_sgd_run(&spec->problem, &directory.sink, spec->quiet, &report, err);
    }
    if (report.rows > 0) {
        status = ssldyn_cli_output_report(spec, output.work, print, &report, status, err);
    }
    status = ssldyn_output_finish(&output, report.rows > 0, status, err);
    if (report.rows > 0 && output.published && !spec->quiet) {
        ssldyn_cli_output_announce(output.path, "");
    }
    if (status == SSLDYN_OK && spec->strict) {
        status = ssldyn_cli_output_strict(ssldyn_sgd_report_broken(&report), output.path, err);
    }
    ssldyn_sgd_report_clear(&report);
    ssldyn_output_close(&output);
    ssldyn_inputs_clear(&inputs);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_sgd = {
    .command = SSLDYN_COMMAND_SGD,
    .operands = "[FILE.conf]",
    .summary = "run the stochastic gradient descent that the flow is the limit of",
    .description =
        "Trains the linear networks by stochastic gradients with the parameters, start, rows and "
        "columns of \"ssldyn flow\", so that the two overlay: flow time is lr * step / (1 - "
        "momentum). Batches are drawn, or their second moments directly, with the same law at a "
        "cost that does not grow with the batch. --batch inf takes the population's gradient: what "
        "is left is the step size alone. Under the cosine (--loss cosine) each step without "
        "momentum is held against the norms that it must leave, as the report says and --strict "
        "demands. --ensemble repeats the run with other random numbers and "
        "writes mean, standard deviation and quantiles of every column. On images (--data) a datum "
        "is an image drawn at random and its two vectors are two random views of it, made as "
        "\"ssldyn moments\" makes them; --moments takes images, settings, X and X' from an "
        "estimate made before, on which \"ssldyn flow\" and \"ssldyn theory\" stand as well. A run "
        "on drawn data keeps its X and X' as data_x.npy and data_xprime.npy, for --x and --xprime.",
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
