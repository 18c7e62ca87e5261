/* Remarks on the units of a result: those of training settings, and those of unscaled images. */
// SPDX-License-Identifier: MIT
#include "sim/answer/answer_notes.h"

#include "sim/inputs/inputs.h"

#include <math.h>
#include <string.h>

/* Appends "name = value" if the value is known, with a separator if needed. */
static void append(char text[], size_t size, const char *name, double value)
{
    const size_t used = strlen(text);
    if (isfinite(value)) {
        snprintf(text + used, size - used, "%s%s = %.6g", used ? ", " : "", name, value);
    }
}

/* Remarks on a rate that was not given, if a practitioner would expect a setting to determine
 * it. */
static void note_default(const struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode,
                         const char *const names[], const char *rate, double value,
                         const char *hint)
{
    bool given = false;
    for (size_t i = 0; names[i]; i++) {
        given = given || ssldyn_spec_varies(spec, names[i]) || ssldyn_spec_given(spec, names[i]);
    }
    if (!given) {
        ssldyn_answer_remark(mode, "note: %s = %.6g is the default; to change it, give %s", rate,
                             value, hint);
    }
}

void ssldyn_answer_note_training(const struct ssldyn_spec *spec,
                                 const struct ssldyn_answer_mode *mode)
{
    static const char *const decays[] = {"train-weight-decay", "eta", "eta-p", "eta-s", NULL};
    static const char *const averages[] = {"train-ema", "beta", NULL};
    struct ssldyn_rates rates;
    char text[300] = "";
    char step[80] = "";
    if (!mode->remark || !ssldyn_spec_has_training(spec)) {
        return;
    }
    ssldyn_spec_fixed_rates(spec, &rates);
    if (!ssldyn_settings_applies(&spec->given, ssldyn_option_find("alpha-p"), NULL, 0)) {
        rates.alpha_p = rates.eta_p = (double)NAN; /* the predictor is not trained */
    }
    append(text, sizeof text, "alpha_p", rates.alpha_p);
    append(text, sizeof text, "beta", spec->problem.parameters.tau_held ? (double)NAN : rates.beta);
    append(text, sizeof text, "eta_p", rates.eta_p);
    append(text, sizeof text, "eta_s", rates.eta_s);
    if (isfinite(ssldyn_spec_step_time(spec))) {
        (void)snprintf(step, sizeof step, "%sa step is %.6g units of flow time",
                       text[0] ? "; " : "", ssldyn_spec_step_time(spec));
    }
    ssldyn_answer_remark(mode, "training settings: %s%s", text, step);
    note_default(spec, mode, decays, "eta", spec->problem.typed.eta,
                 "--train-weight-decay (or --eta)");
    if (!spec->problem.parameters.tau_held) {
        note_default(spec, mode, averages, "beta", spec->problem.parameters.rates.beta,
                     "--train-ema, or --no-ema for SimSiam");
    }
}

void ssldyn_answer_note_scale(const struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode)
{
    const double scale = mode->remark ? ssldyn_inputs_scale(spec) : 1.0;
    const double eta = spec->problem.parameters.rates.eta_s;
    char units[160];
    if (scale == 1.0) {
        return;
    }
    if (ssldyn_spec_has_training(spec)) { /* the gradient is larger by the scale */
        (void)snprintf(
            units, sizeof units,
            "for training on the unscaled images, --train-loss-factor is %.6g instead of %.6g",
            scale * spec->problem.typed.training.loss_factor,
            spec->problem.typed.training.loss_factor);
    } else if (spec->sweep.axes) { /* eta may be one of them */
        (void)snprintf(units, sizeof units,
                       "a weight decay eta means %.6g eta on the unscaled images", scale);
    } else {
        (void)snprintf(units, sizeof units,
                       "eta_s = %.6g means a weight decay of %.6g on the unscaled images", eta,
                       scale * eta);
    }
    ssldyn_answer_remark(mode, "note: X and X' were divided by %.6g; %s", scale, units);
}
