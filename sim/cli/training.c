/* Training settings on the way out: what they become, and results in the user's own units. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include <string.h>

/* The settings with those that an axis or a search varies as unknown. */
static struct ssldyn_training fixed_settings(const struct ssldyn_spec *spec)
{
    struct ssldyn_training training = spec->problem.typed.training;
    if (ssldyn_spec_varies(spec, "train-momentum")) {
        training.momentum = (double)NAN;
    }
    if (ssldyn_spec_varies(spec, "train-loss-factor")) {
        training.loss_factor = (double)NAN;
    }
    return training;
}

/* Appends "name = value" where the value is known, separated from what was there. */
static void append(char text[], size_t size, const char *name, double value)
{
    const size_t used = strlen(text);
    if (isfinite(value)) {
        snprintf(text + used, size - used, "%s%s = %.6g", used ? ", " : "", name, value);
    }
}

static bool varies_any(const struct ssldyn_spec *spec, const char *const names[])
{
    bool any = false;
    for (size_t i = 0; names[i]; i++) {
        any = any || ssldyn_spec_varies(spec, names[i]);
    }
    return any;
}

void ssldyn_cli_training_fixed_rates(const struct ssldyn_spec *spec, struct ssldyn_rates *rates)
{
    static const char *const of_alpha_p[] = {"alpha-p", "train-predictor-lr", NULL};
    static const char *const of_beta[] = {"beta", "train-ema", NULL};
    static const char *const of_eta_p[] = {"eta", "eta-p", "train-weight-decay",
                                           "train-predictor-weight-decay", NULL};
    static const char *const of_eta_s[] = {"eta", "eta-s", "train-weight-decay", NULL};
    const struct {
        const char *const *names;
        double *rate;
        bool made; /* by settings that were given: unknown until those are applied */
    } all[] = {{of_alpha_p, &rates->alpha_p, ssldyn_spec_given(spec, "train-predictor-lr")},
               {of_beta, &rates->beta, ssldyn_spec_given(spec, "train-ema")},
               {of_eta_p, &rates->eta_p, ssldyn_spec_given(spec, "train-weight-decay")},
               {of_eta_s, &rates->eta_s, ssldyn_spec_given(spec, "train-weight-decay")}};
    const struct ssldyn_training training = fixed_settings(spec);
    *rates = spec->problem.parameters.rates;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i].made || varies_any(spec, all[i].names)) {
            *all[i].rate = (double)NAN;
        }
    }
    ssldyn_training_rates(&training, rates);
    if (ssldyn_spec_varies(spec, "train-predictor-weight-decay")) {
        rates->eta_p = (double)NAN;
    }
}

/* A rate that nobody gave, where a practitioner would have expected a setting to make it. */
static void note_default(const struct ssldyn_spec *spec, const char *const names[],
                         const char *rate, double value, const char *hint)
{
    bool given = varies_any(spec, names);
    for (size_t i = 0; names[i]; i++) {
        given = given || ssldyn_spec_given(spec, names[i]);
    }
    if (!given) {
        fprintf(stderr, "ssldyn %s: note: %s = %.6g is the default: give %s\n",
                ssldyn_command_name(spec->given.command), rate, value, hint);
    }
}

void ssldyn_cli_training_note(const struct ssldyn_spec *spec)
{
    static const char *const decays[] = {"train-weight-decay", "eta", "eta-p", "eta-s", NULL};
    static const char *const averages[] = {"train-ema", "beta", NULL};
    const double step = ssldyn_cli_training_step_time(spec);
    struct ssldyn_rates rates;
    char text[300] = "";
    if (spec->quiet || !ssldyn_spec_has_training(spec)) {
        return;
    }
    ssldyn_cli_training_fixed_rates(spec, &rates);
    if (!ssldyn_settings_applies(&spec->given, ssldyn_option_find("alpha-p"), NULL, 0)) {
        rates.alpha_p = rates.eta_p = (double)NAN; /* of a predictor that is not trained */
    }
    append(text, sizeof text, "alpha_p", rates.alpha_p);
    append(text, sizeof text, "beta", spec->problem.parameters.tau_held ? (double)NAN : rates.beta);
    append(text, sizeof text, "eta_p", rates.eta_p);
    append(text, sizeof text, "eta_s", rates.eta_s);
    fprintf(stderr, "ssldyn %s: training settings: %s", ssldyn_command_name(spec->given.command),
            text);
    if (isfinite(step)) {
        fprintf(stderr, "%sa step is %.6g of flow time", text[0] ? "; " : "", step);
    }
    fputc('\n', stderr);
    note_default(spec, decays, "eta", spec->problem.typed.eta, "--train-weight-decay (or --eta)");
    if (!spec->problem.parameters.tau_held) {
        note_default(spec, averages, "beta", spec->problem.parameters.rates.beta,
                     "--train-ema, or --no-ema for SimSiam");
    }
}

double ssldyn_cli_training_step_time(const struct ssldyn_spec *spec)
{
    const struct ssldyn_training training = fixed_settings(spec);
    return ssldyn_training_step(&training);
}

const char *ssldyn_cli_training_as_setting(const struct ssldyn_spec *spec, const char *option,
                                           double *value)
{
    const struct ssldyn_training training = fixed_settings(spec);
    struct ssldyn_training back;
    struct ssldyn_training *const there = &back; /* whose members the table points to */
    struct ssldyn_rates rates = spec->problem.parameters.rates;
    const struct {
        const char *option;
        double *rate;
        const char *setting;
        const double *made;
    } all[] = {
        {"eta", &rates.eta_s, "train_weight_decay", &back.weight_decay},
        {"eta-s", &rates.eta_s, "train_weight_decay", &back.weight_decay},
        {"eta-p", &rates.eta_p, "train_predictor_weight_decay", &back.predictor_weight_decay},
        {"beta", &rates.beta, "train_ema", &back.ema},
        {"alpha-p", &rates.alpha_p, "train_predictor_lr", &back.predictor_lr}};
    for (size_t i = 0; i < sizeof all / sizeof all[0] && ssldyn_spec_has_training(spec); i++) {
        if (strcmp(all[i].option, option) == 0) {
            *all[i].rate = *value;
            *there = ssldyn_training_settings(&training, &rates);
            *value = *all[i].made;
            return isnan(*value) ? NULL : all[i].setting;
        }
    }
    return NULL;
}
