/* Checks which inputs of ssldyn align may be combined (align_check.h). */
// SPDX-License-Identifier: MIT
#include "sim/answer/align_check.h"

#include "sim/align/align_spectra_array.h"
#include "sim/io/command.h"
#include "sim/io/conf.h"
#include "sim/io/file.h"

#include <stdlib.h>
#include <unistd.h>

bool ssldyn_answer_align_decay_given(const struct ssldyn_spec *spec)
{
    return ssldyn_spec_given(spec, "eta") || ssldyn_spec_given(spec, "eta-s") ||
           ssldyn_spec_given(spec, "train-weight-decay");
}

/* Whether a directory has the spec.conf of a run, with its rates. An unreadable one is refused
 * later, with the run. */
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

/* Rates determine which knob reaches the fold, alpha_p determines the parabola, and all of them
 * together allow a forecast; a run has its own. */
static enum ssldyn_status check_rates(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    static const char *const rates[] = {"alpha-p",   "train-predictor-lr",
                                        "train-lr",  "beta",
                                        "eta",       "eta-p",
                                        "eta-s",     "tau",
                                        "no-ema",    "sigma2",
                                        "train-ema", "train-weight-decay"};
    enum { OF_PARABOLA = 3 }; /* the first three need no decay: alpha_p determines the parabola */
    const bool known = spec->given.operand_count == 1 && is_simulated(spec->given.operands[0]);
    if (known && ssldyn_spec_given(spec, "loss"))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--loss: not allowed with a run, whose spec.conf has the loss");
    if (ssldyn_spec_given(spec, "time-unit") && spec->align.predict == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--time-unit: needs --predict");
    if (spec->margins && !known && !ssldyn_answer_align_decay_given(spec))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--margins: needs the rates: --eta, --eta-s or --train-weight-decay, or "
                           "a run with its spec.conf");
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        if (!ssldyn_spec_given(spec, rates[i]))
            continue;
        if (known)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--%s: not allowed with a run, whose spec.conf has the rates",
                               rates[i]);
        if (i >= OF_PARABOLA && spec->align.predict == 0 && !ssldyn_answer_align_decay_given(spec))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--%s: needs --eta, --eta-s or --train-weight-decay as well "
                               "(margins to the fold), or --predict",
                               rates[i]);
    }
    return SSLDYN_OK;
}

/* One source of snapshots: RUN, --spectra, or matrices; options of another source are refused. */
enum ssldyn_status ssldyn_answer_align_check(const struct ssldyn_spec *spec,
                                             struct ssldyn_error *err)
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
                           "nothing to analyze: give a run directory, or --wp with one of --f, "
                           "--w, --features, or --features with --outputs, or --spectra");
    if (spec->given.operand_count == 1 && matrices)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: a run directory and matrices cannot be combined; quote the pattern "
                           "of a series of files, e.g. --wp \"epoch_*.pt\"",
                           spec->given.operands[0]);
    if (sources > 1)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "a run directory, --spectra and matrices cannot be combined: give one of the three");
    if (align->outputs != NULL && align->features == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--outputs: needs --features, the inputs that belong to them");
    if (align->outputs != NULL && align->wp != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--outputs and --wp: both give the predictor; leave out one of them");
    if (matrices && inputs != 1)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: specify the predictor's input with exactly one of --f, --w, --features",
            inputs == 0 ? (align->wp != NULL ? "--wp alone" : "--wa alone") : "several inputs");
    if (align->wa != NULL && align->w == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--wa: needs --w, with which it is compared");
    if (spec->x_file != NULL && align->w == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--x: needs --w (F = W X W^T)");
    if (spec->xprime_file != NULL && spec->x_file == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--xprime: needs --x as well");
    if (align->centered && align->features == NULL && align->f == NULL && align->spectra == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--centered: needs --features, --f or --spectra");
    if (align->mean != NULL && (align->centered || (align->f == NULL && align->w == NULL)))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--mean: needs --f or --w without --centered; with --features the mean "
                           "is computed from the samples");
    const bool spectra_array = align->spectra != NULL &&
                               ssldyn_align_spectra_is_array(align->spectra, &spec->given.arrays);
    if (align->times != NULL && !matrices && !spectra_array)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--times: applies to arrays only; a run and a table have their own times");
    if (align->count > 0 && align->f == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--count: applies to --f only; the samples of --features are counted, "
                           "and a run directory has count.npy");
    if (align->predict > 0 && align->spectra != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: needs matrices, not spectra");
    return check_rates(spec, err);
}
