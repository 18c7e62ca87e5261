/* ssldyn align: what a run or a network of one's own says about the theory. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/align/align.h"
#include "sim/align/align_rows.h"
#include "sim/base/decimal.h"
#include "sim/base/parallel.h"
#include "sim/base/signal.h"
#include "sim/io/command.h"
#include "sim/io/conf.h"
#include "sim/io/file.h"
#include "sim/options/option_help.h"
#include "theory/losses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool decay_given(const struct ssldyn_spec *spec)
{
    return ssldyn_spec_given(spec, "eta") || ssldyn_spec_given(spec, "eta-s") ||
           ssldyn_spec_given(spec, "train-weight-decay");
}

/* Whether a directory has the spec.conf of a run whose rates are in it. One that cannot be read is
 * refused when the run is. */
static bool is_simulated(const char *run)
{
    char *path = ssldyn_file_path_join(run, "spec.conf");
    struct ssldyn_conf conf = {0};
    const bool found = path != NULL && access(path, F_OK) == 0;
    const bool read = found && ssldyn_conf_read(path, &conf, NULL) == SSLDYN_OK;
    const char *name = read ? ssldyn_conf_value(&conf, "command") : NULL;
    const enum ssldyn_command command =
        name != NULL ? ssldyn_command_find(name) : (enum ssldyn_command)0;
    const bool measured = name != NULL && (command == 0 || command == SSLDYN_COMMAND_ALIGN);
    ssldyn_conf_clear(&conf);
    free(path);
    return found && !measured;
}

/* Rates tell which knob reaches the fold, alpha_p which parabola, and all of them make a forecast;
 * a run has its own. */
static enum ssldyn_status check_rates(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    static const char *const rates[] = {"alpha-p",   "train-predictor-lr",
                                        "train-lr",  "beta",
                                        "eta",       "eta-p",
                                        "eta-s",     "tau",
                                        "no-ema",    "sigma2",
                                        "train-ema", "train-weight-decay"};
    enum { OF_PARABOLA = 3 }; /* the first three need no decay: alpha_p says which parabola */
    const bool known = spec->given.operand_count == 1 && is_simulated(spec->given.operands[0]);
    if (known && ssldyn_spec_given(spec, "loss"))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--loss: a run is read by the loss of its spec.conf");
    if (ssldyn_spec_given(spec, "time-unit") && spec->align.predict == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--time-unit: belongs to --predict");
    if (spec->margins && !known && !decay_given(spec))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--margins: needs the rates: --eta, --eta-s or --train-weight-decay, or "
                           "a run with its spec.conf");
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        if (!ssldyn_spec_given(spec, rates[i]))
            continue;
        if (known)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--%s: a run is judged at the rates of its spec.conf", rates[i]);
        if (i >= OF_PARABOLA && spec->align.predict == 0 && !decay_given(spec))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--%s: needs --eta, --eta-s or --train-weight-decay as well "
                               "(margins to the fold), or --predict",
                               rates[i]);
    }
    return SSLDYN_OK;
}

/* One source of snapshots: RUN, --spectra, or matrices; what belongs to another is refused. */
static enum ssldyn_status check_source(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_align_options *align = &spec->align;
    const int inputs = (align->f != NULL) + (align->w != NULL) + (align->features != NULL);
    const bool matrices =
        inputs > 0 || align->wp != NULL || align->wa != NULL || align->outputs != NULL;
    if (spec->given.operand_count > 1)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s and %s: one run at a time; quote the pattern of a series of files, "
                           "e.g. --wp \"epoch_*.pt\"",
                           spec->given.operands[0], spec->given.operands[1]);
    const int sources = (spec->given.operand_count == 1) + (align->spectra != NULL) + matrices;
    if (sources == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "nothing to analyse: give a run directory, or --wp with one of --f, "
                           "--w, --features, or --features with --outputs, or --spectra");
    if (spec->given.operand_count == 1 && matrices)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: a run directory and matrices exclude one another; quote the "
                           "pattern of a series of files, e.g. --wp \"epoch_*.pt\"",
                           spec->given.operands[0]);
    if (sources > 1)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "a run directory, --spectra and matrices exclude one another: give one of the three");
    if (align->outputs != NULL && align->features == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--outputs: needs --features, the inputs that they came from");
    if (align->outputs != NULL && align->wp != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--outputs and --wp: the predictor is given by one of them");
    if (matrices && inputs != 1)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: the predictor's input is given by exactly one of --f, --w, --features",
            inputs == 0 ? (align->wp != NULL ? "--wp alone" : "--wa alone") : "several inputs");
    if (align->wa != NULL && align->w == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--wa: needs --w, to which it is compared");
    if (spec->x_file != NULL && align->w == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--x: needs --w: it makes F = W X W^T");
    if (spec->xprime_file != NULL && spec->x_file == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--xprime: needs --x as well");
    if (align->centered && align->features == NULL && align->f == NULL && align->spectra == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--centered: needs --features, --f or --spectra");
    if (align->mean != NULL && (align->centered || (align->f == NULL && align->w == NULL)))
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--mean: needs --f or --w, not centered; the mean of --features is found from them");
    if (align->times != NULL && !matrices)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--times: belongs to matrices; a run and --spectra have their own");
    if (align->count > 0 && align->f == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--count: needs --f, whose samples it counts (those of --features are "
                           "its rows, those of a directory stand in its count.npy)");
    if (align->predict > 0 && align->spectra != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: needs matrices, not spectra");
    return check_rates(spec, err);
}

static void print_fit(const struct ssldyn_parabola_fit *fit)
{
    printf("negative = %zu\n", fit->negative);
    ssldyn_cli_output_print_known("slope", fit->line.slope);
    ssldyn_cli_output_print_known("slope_low", fit->line.low);
    ssldyn_cli_output_print_known("slope_high", fit->line.high);
    ssldyn_cli_output_print_known("residual", fit->line.residual);
    ssldyn_cli_output_print_known("delta_bic", fit->delta_bic);
    if (fit->broken) {
        printf("upper = %zu\n", fit->upper.count);
        ssldyn_cli_output_print_known("slope_upper", fit->upper.slope);
        ssldyn_cli_output_print_known("slope_upper_low", fit->upper.low);
        ssldyn_cli_output_print_known("slope_upper_high", fit->upper.high);
        ssldyn_cli_output_print_known("slope_lower", fit->lower.slope);
    }
    ssldyn_cli_output_print_known("ratio", fit->ratio);
    ssldyn_cli_output_print_known("ratio_spread", fit->ratio_spread);
    ssldyn_cli_output_print_known("alpha_p", fit->alpha_p);
    ssldyn_cli_output_print_known("alpha_p_low", fit->alpha_low);
    ssldyn_cli_output_print_known("alpha_p_high", fit->alpha_high);
}

static void print_plateau_line(const char *part, const struct ssldyn_plateau_line *line)
{
    const double values[] = {line->fit.slope, line->fit.low, line->fit.high};
    static const char *const ends[] = {"", "_low", "_high"};
    for (size_t k = 0; k < sizeof values / sizeof values[0]; k++) {
        char name[32];
        (void)snprintf(name, sizeof name, "slope_%s%s", part, ends[k]);
        ssldyn_cli_output_print_known(name, values[k]);
    }
}

/* In the terms of the cosine loss; the names are those of cosine.tsv. */
static void print_cosine(const struct ssldyn_cosine_report *cosine)
{
    if (!cosine->asked)
        return;
    const struct ssldyn_plateau *plateau = &cosine->plateau;
    const size_t above = ssldyn_plateau_count(plateau);
    printf("usable = %zu\nplateau = %zu\ntail = %zu\n", plateau->usable, above,
           plateau->usable - above);
    print_plateau_line("one", &plateau->one);
    if (plateau->broken) {
        print_plateau_line("plateau", &plateau->plateau);
        print_plateau_line("tail", &plateau->tail);
        ssldyn_cli_output_print_known("break_s", plateau->s);
        ssldyn_cli_output_print_known("break_p", plateau->p);
    }
    ssldyn_cli_output_print_known("squares_one", plateau->squares[0]);
    ssldyn_cli_output_print_known("squares_two", plateau->squares[1]);
    ssldyn_cli_output_print_known("plateau_bic", plateau->bic);
    ssldyn_cli_output_print_known("p_spread", plateau->spread);
    ssldyn_cli_output_print_known("p_ratio_spread", cosine->ratio_spread);
    ssldyn_cli_output_print_known("c_size", cosine->size);
    ssldyn_cli_output_print_known("c_moved", cosine->moved);
    if (!isnan(cosine->size))
        printf("waterfill_rank = %zu\n", cosine->survivors);
    ssldyn_cli_output_print_known("waterfill_level", cosine->level);
}

static void print_forecast(const struct ssldyn_forecast_report *forecast)
{
    if (forecast->from == 0)
        return;
    printf("forecast_from = %zu\n", forecast->from);
    ssldyn_cli_output_print_known("forecast_t", forecast->t);
    ssldyn_cli_output_print_known("residual_last", forecast->last);
    ssldyn_cli_output_print_known("residual_largest", forecast->largest);
    ssldyn_cli_output_print_known("residual_largest_t", forecast->t_largest);
    ssldyn_cli_output_print_known("residual_unchanged", forecast->unchanged);
}

/* The fold also as the weight decay of a training script, where its settings were given. */
static void print_knobs(const struct ssldyn_spec *spec, const struct ssldyn_knobs_summary *knobs)
{
    double fold = knobs->fold;
    if (knobs->surviving + knobs->beyond + knobs->trapped == 0)
        return;
    printf("surviving = %zu\nbeyond_fold = %zu\nin_basin = %zu\n", knobs->surviving, knobs->beyond,
           knobs->trapped);
    if (knobs->surviving > 0)
        printf("nearest_to_fold = %zu\n", knobs->nearest);
    ssldyn_cli_output_print_known("eta_fold", fold);
    const char *setting = ssldyn_spec_as_setting(spec, "eta", &fold);
    if (setting != NULL)
        printf("%s_fold = %s\n", setting, SSLDYN_DECIMAL(fold));
}

static void print_effective(const struct ssldyn_align_report *report)
{
    if (!report->sampled)
        return;
    ssldyn_cli_output_print_known("effective_predictor_share", report->last.effective.share);
    ssldyn_cli_output_print_known("effective_predictor_share_error",
                                  report->last.effective.share_error);
    printf("effective_predictor_directions = %zu\n", report->last.effective.directions);
}

static void print_report(const struct ssldyn_spec *spec, const struct ssldyn_align_report *report)
{
    static const char *const collapse[] = {"none", "partial", "full", "collapsing", "unknown"};
    const struct ssldyn_spread *spread = &report->last.spread;
    const struct ssldyn_course *course = &report->verdict.course;
    static const char *const aligned[] = {"unknown", "no", "partly", "yes"};
    static const char *const answer[] = {"unknown", "no", "yes"};
    printf("snapshots = %zu\nmodes = %zu\n", report->snapshots, report->modes);
    if (report->skipped > 0)
        printf("skipped = %zu\n", report->skipped);
    ssldyn_cli_output_print_known("t", report->last.t);
    printf("collapse = %s\n", collapse[report->verdict.collapse]);
    printf("alive = %zu\n", report->verdict.living);
    ssldyn_cli_output_print_known("effective_rank", report->last.effective_rank);
    printf("rank_limit = %zu\n", ssldyn_spread_limit(&report->basis));
    if (report->basis.mean == SSLDYN_MEAN_KNOWN)
        ssldyn_cli_output_print_known("mean_share", ssldyn_align_mean_share(spread));
    if (report->snapshots > 1)
        ssldyn_cli_output_print_known("variance_left", course->left);
    ssldyn_cli_output_print_known("decay_rate", course->rate);
    ssldyn_cli_output_print_known("decay_rate_error", course->error);
    print_effective(report);
    printf("aligned = %s\n", aligned[report->verdict.aligned + 1]);
    ssldyn_cli_output_print_known("cosine", report->last.cosine);
    ssldyn_cli_output_print_known("cosine_signed", report->last.cosine_signed);
    printf("symmetric = %s\n", answer[report->verdict.symmetric + 1]);
    ssldyn_cli_output_print_known("asymmetry", report->last.asymmetry);
    printf("parabola = %s\n", answer[report->verdict.parabola + 1]);
    print_fit(&report->last.fit);
    print_forecast(&report->forecast);
    print_knobs(spec, &report->knobs);
    print_cosine(&report->cosine);
}

/* An array of three dimensions in one file is a stack of snapshots, but tokens and batches have
 * three as well. */
static void note_stack(const struct ssldyn_spec *spec, const struct ssldyn_align_report *report)
{
    const char *features = spec->align.features;
    if (features == NULL || report->snapshots < 2 || strpbrk(features, "%*?[") != NULL)
        return;
    fprintf(stderr,
            "ssldyn align: note: --features %s was read as %zu snapshots of %zu samples; tokens or "
            "batches of one snapshot are saved as features.reshape(-1, %zu)\n",
            features, report->snapshots + report->skipped, report->basis.samples, report->modes);
}

/* A paragraph for each line of the verdict. */
static void print_verdict(const struct ssldyn_verdict *verdict)
{
    for (const char *at = verdict->text; *at != '\0';) {
        const int length = (int)strcspn(at, "\n");
        char line[sizeof verdict->text];
        (void)snprintf(line, sizeof line, "%.*s", length, at);
        ssldyn_option_help_wrap(line, 100, 0, 0, stderr);
        at += length + (at[length] == '\n' ? 1 : 0);
    }
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_output output;
    enum ssldyn_status status = check_source(spec, err);
    if (status == SSLDYN_OK)
        status = ssldyn_cli_output(spec, NULL, &output, err);
    if (status != SSLDYN_OK)
        return status;
    const struct ssldyn_align_options *align = &spec->align;
    const struct ssldyn_align_request request = {
        .run = spec->given.operand_count == 1 ? spec->given.operands[0] : NULL,
        .wp = align->wp,
        .norm_eps = align->norm_eps,
        .f = align->f,
        .w = align->w,
        .wa = align->wa,
        .x = spec->x_file,
        .xprime = spec->xprime_file,
        .features = align->features,
        .outputs = align->outputs,
        .mean = align->mean,
        .times = align->times,
        .memory = &spec->given.arrays,
        .count = (size_t)align->count,
        .spectra = align->spectra,
        .centered = align->centered,
        .skip_bad = align->skip_bad,
        .floor = align->floor,
        .p_floor = align->p_floor,
        .reading = !ssldyn_spec_given(spec, "loss")                          ? SSLDYN_READING_BOTH
                   : ssldyn_losses_of(&spec->problem.parameters)->normalized ? SSLDYN_READING_COSINE
                                                                             : SSLDYN_READING_L2,
        .leading = (size_t)align->leading,
        .predict = (size_t)align->predict,
        .parameters = &spec->problem.parameters,
        .decay_known = decay_given(spec),
        .alpha_known =
            ssldyn_spec_given(spec, "alpha-p") || ssldyn_spec_given(spec, "train-predictor-lr"),
        .margins = spec->margins,
        .training = &spec->problem.typed.training,
        .time_unit = align->time_unit,
        .threads = ssldyn_parallel_threads((int)spec->threads),
        .output = output.work,
        .quiet = spec->quiet,
    };
    struct ssldyn_align_report report;
    ssldyn_signal_catch();
    status = ssldyn_align(&request, &report, err);
    const bool written = status == SSLDYN_OK || status == SSLDYN_EINTERRUPTED;
    if (written && report.snapshots > 0) {
        struct ssldyn_error *late = status == SSLDYN_OK ? err : NULL;
        ssldyn_cli_output_note_replaced(spec, &output);
        const enum ssldyn_status saved = ssldyn_spec_write(spec, output.work, late);
        status = status == SSLDYN_OK ? saved : status;
        print_report(spec, &report);
        if (!spec->quiet) {
            print_verdict(&report.verdict);
            note_stack(spec, &report);
        }
        if (spec->margins && report.knobs.margins == 0)
            fputs("ssldyn align: warning: no margins.tsv: they are of a trained predictor with "
                  "stop-gradient under the squared distance, whose data are known\n",
                  stderr);
    }
    status = ssldyn_output_finish(&output, written && report.snapshots > 0, status, err);
    if (output.published && !spec->quiet)
        ssldyn_cli_output_announce(output.path, "");
    ssldyn_output_close(&output);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_align = {
    .command = SSLDYN_COMMAND_ALIGN,
    .operands = "[RUN]",
    .summary = "alignment analysis of a run, of a network's matrices, or of bare spectra",
    .description =
        "Measures whether a predictor aligns with the correlation F of its input: spectra, "
        "cosines, commutator, effective ranks, the ratio s/p^2 and the slope of log p on log s "
        "(constant and 1/2 on the theory's invariant parabola), modes followed through crossings; "
        "with the rates known, the factor by which each knob alone takes a mode to its fold, and "
        "that at which its fate flips. Input is a run directory of ssldyn (or any directory with "
        "Wp.npy and F.npy or W.npy, and mean.npy and count.npy where known), or --wp with one of "
        "--f, --w, --features (one matrix or a "
        "stack, one file or a series), or --features with --outputs for a predictor that is not a "
        "matrix, or --spectra. With --outputs the linear part of the predictor is judged like a "
        "matrix, and effective_predictor_share says which share of the outputs' variance it "
        "explains. Writes trace.tsv, verdict.txt and, with the rates known (a run's, or --eta "
        "given), knobs.tsv; with --margins also margins.tsv, every knob alone. A network whose "
        "loss is not known is read by the cosine as well "
        "(cosine.tsv): whether C/|W|^2 is that of the first snapshot, plateau and tail of log p on "
        "log s with their slopes and the evidence that there are two, and s_j/sum s. Prints the "
        "last snapshot's values, and a verdict in plain words on "
        "stderr. Collapse is judged by the covariance of the predictor's inputs where their mean "
        "is known (--features, --mean, --centered, runs): none, partial (at most half of the "
        "directions that the samples can show live, or an eighth died below a gap of 1e3), full "
        "(at most 1/16 or one of them lives, or the variance is below 2^-16 |mean|^2 or 1e-6 of "
        "its largest), collapsing (it falls exponentially and will be gone within the time it has "
        "fallen), or unknown, with what is missing.",
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
