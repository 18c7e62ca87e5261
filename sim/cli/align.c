/* ssldyn align: a run or a network of the user in terms of the theory. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/answer/align.h"
#include "sim/options/option_help.h"

#include <stdlib.h>
#include <string.h>

/* What is printed on stderr, in order: the verdict, then remarks about it. */
struct talk {
    const struct ssldyn_spec *spec;
    const struct ssldyn_result *result;
    bool printed; /* the verdict has been printed */
};

/* Prints each line of the verdict as a paragraph. */
static void print_verdict(struct talk *talk)
{
    const char *verdict = ssldyn_result_text(talk->result, "verdict");
    if (!verdict || talk->printed || talk->spec->quiet)
        return;
    talk->printed = true;
    for (const char *at = verdict; *at != '\0';) {
        const size_t length = strcspn(at, "\n");
        char *line = strndup(at, length);
        if (line)
            ssldyn_option_help_wrap(line, 100, 0, 0, stderr);
        free(line);
        at += length + (at[length] == '\n' ? 1 : 0);
    }
}

static void remark(void *context, const char *line)
{
    struct talk *talk = context;
    const bool always = strncmp(line, "warning: no margins.tsv", 23) == 0;
    print_verdict(talk);
    if (!talk->spec->quiet || always)
        fprintf(stderr, "ssldyn align: %s\n", line);
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_answer_mode mode = ssldyn_cli_output_mode(spec);
    struct talk talk = {.spec = spec};
    struct ssldyn_result *result = NULL;
    enum ssldyn_status status = ssldyn_result_create(&result, err);
    if (status != SSLDYN_OK)
        return status;
    talk.result = result;
    mode.remark = remark;
    mode.context = &talk;
    status = ssldyn_answer_align(spec, &mode, result, err);
    ssldyn_result_print(result, stdout);
    print_verdict(&talk);
    const char *directory = ssldyn_result_text(result, "directory");
    if (directory && !spec->quiet)
        ssldyn_cli_output_announce(directory, "");
    ssldyn_result_free(result);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_align = {
    .command = SSLDYN_COMMAND_ALIGN,
    .operands = "[RUN|FILE.conf]",
    .summary = "analyze the alignment of a run, of a network's matrices, or of spectra alone",
    .description =
        "Measures whether a predictor aligns with the correlation F of its input: spectra, "
        "cosines, commutator, effective ranks, the ratio s/p^2 and the slope of log p against log "
        "s (constant and 1/2 on the theory's invariant parabola), with modes tracked through "
        "crossings. It prints the values of the last snapshot on stdout and a verdict in words on "
        "stderr, and writes trace.tsv and verdict.txt.\n"
        "The input is a run directory of ssldyn (or any directory with Wp.npy and F.npy or W.npy, "
        "optionally mean.npy and count.npy), or --wp with one of --f, --w, --features (one matrix "
        "or a stack, one file or a series), or --features with --outputs for a predictor that is "
        "not a matrix, or --spectra; a FILE.conf is the spec.conf of an earlier analysis of "
        "matrices or spectra. With --outputs the linear part of the predictor is judged like a "
        "matrix, and effective_predictor_share is the share of the outputs' variance that it "
        "explains.\n"
        "If the rates are known (from the run, or from options such as --eta), knobs.tsv has, for "
        "each mode, the factor by which each hyperparameter alone must change to reach the fold, "
        "and the factor at which the fate flips; with --margins, margins.tsv has all parameters. "
        "If the loss is not known, the network is also analyzed in terms of the cosine loss "
        "(cosine.tsv): whether C/|W|^2, with C = W W^T - Wp^T Wp/alpha_p, still equals that of "
        "the first snapshot; the plateau and the tail of log p against log s, with their slopes "
        "and the evidence for a break; and s_j/sum s.\n"
        "Collapse is judged by the covariance of the predictor's inputs, if their mean is known "
        "(--features, --mean, --centered, runs). The verdict is \"none\", \"partial\" (at most "
        "half of the directions that the samples can resolve are alive, or at least an eighth have "
        "died and lie below the others by a factor of 1e3), \"full\" (at most one direction, or at "
        "most 1/16 of them, is alive, or the variance is below 2^-16 |mean|^2 or 1e-6 of its "
        "maximum), \"collapsing\" (the variance decreases exponentially and, at this rate, will "
        "fall below 1e-6 of its maximum in no more time than the decrease has already lasted), or "
        "\"unknown\", with the missing data named.",
    .common = "|wp|f|w|features|outputs|mean|loss|eta|predict|margins|output|",
    .examples =
        "ssldyn align out/flow-population\n"
        "ssldyn align --wp ckpt_%d.npz:Wp --f ckpt_%d.npz:F -o out/align-byol\n"
        "ssldyn align --wp model.pt:predictor --features projections.npy\n"
        "ssldyn align --wp fc1.npy --wp fc2.npy --f F.npy\n"
        "ssldyn align --features epoch_%d.pt:f --outputs epoch_%d.pt:q -o out/align-mlp\n"
        "ssldyn align --spectra byol.tsv\n"
        "ssldyn align --spectra byol.tsv --loss cosine -o out/align-byol\n"
        "ssldyn align --wp ckpt_%d.npz:Wp --f ckpt_%d.npz:F --train-lr 0.03 --train-momentum 0.9 "
        "--train-weight-decay 4e-4 --train-ema 0.996\n"
        "ssldyn align --wp ckpt_%d.npz:Wp --w ckpt_%d.npz:W --no-ema --eta 4e-4 --predict 1\n",
    .needs_arguments = true,
    .run = run};
