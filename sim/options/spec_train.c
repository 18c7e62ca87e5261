/* Training settings in a spec: which rate each of them stands for, what it needs, and results in
 * their units. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include <math.h>
#include <string.h>

/* Settings and the rates that they determine. A later source replaces one by the other where both say
 * the same; elsewhere giving both is an error. */
static const struct {
    const char *setting;
    const char *rate;
    bool setting_replaces, rate_replaces;
} pairs[] = {
    {"train-lr", "lr", true, true},
    {"train-lr", "momentum", false, false},
    {"train-momentum", "momentum", true, true},
    {"train-momentum", "lr", false, false},
    {"train-loss-factor", "lr", false, false},
    {"train-weight-decay", "eta", true, true},
    {"train-weight-decay", "eta-p", true, false},
    {"train-weight-decay", "eta-s", true, false},
    {"train-predictor-weight-decay", "eta", false, true},
    {"train-predictor-weight-decay", "eta-p", false, false},
    {"train-predictor-weight-decay", "eta-s", false, false},
    {"train-ema", "beta", true, true},
    {"train-predictor-lr", "alpha-p", true, true},
    {"train-steps", "t-end", true, true},
    {"train-steps", "steps", true, true},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

const char *ssldyn_spec_rival(const char *name, size_t i)
{
    for (size_t k = 0; k < PAIRS; k++) {
        const bool setting = strcmp(pairs[k].setting, name) == 0;
        if ((setting || strcmp(pairs[k].rate, name) == 0) && i-- == 0) {
            return setting ? pairs[k].rate : pairs[k].setting;
        }
    }
    return NULL;
}

bool ssldyn_spec_rival_replaces(const char *name, const char *other)
{
    for (size_t k = 0; k < PAIRS; k++) {
        if (strcmp(pairs[k].setting, name) == 0 && strcmp(pairs[k].rate, other) == 0) {
            return pairs[k].setting_replaces;
        }
        if (strcmp(pairs[k].rate, name) == 0 && strcmp(pairs[k].setting, other) == 0) {
            return pairs[k].rate_replaces;
        }
    }
    return false;
}

bool ssldyn_spec_varies(const struct ssldyn_spec *spec, const char *name)
{
    const struct ssldyn_option *option = ssldyn_option_find(name);
    return ssldyn_spec_has_axis(spec, name) ||
           (spec->sweep.threshold && ssldyn_option_find(spec->sweep.threshold) == option);
}

static bool is_known(const struct ssldyn_spec *spec, const char *name)
{
    return ssldyn_spec_given(spec, name) || ssldyn_spec_varies(spec, name);
}

bool ssldyn_spec_has_training(const struct ssldyn_spec *spec)
{
    return is_known(spec, "train-lr") || is_known(spec, "train-weight-decay");
}

/* Settings that say nothing without another one. */
static enum ssldyn_status check_company(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    static const char *const needs[][2] = {{"train-momentum", "train-lr"},
                                           {"train-ema", "train-lr"},
                                           {"train-predictor-lr", "train-lr"},
                                           {"train-steps", "train-lr"},
                                           {"train-predictor-weight-decay", "train-weight-decay"}};
    char name[SSLDYN_SPEC_WHERE];
    for (size_t i = 0; i < sizeof needs / sizeof needs[0]; i++) {
        if (is_known(spec, needs[i][0]) && !is_known(spec, needs[i][1])) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: needs --%s as well",
                               ssldyn_spec_where(spec, needs[i][0], name), needs[i][1]);
        }
    }
    if (is_known(spec, "train-loss-factor") && !ssldyn_spec_has_training(spec)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: needs --train-lr or --train-weight-decay as well",
                           ssldyn_spec_where(spec, "train-loss-factor", name));
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_spec_check_training(const struct ssldyn_spec *spec,
                                              struct ssldyn_error *err)
{
    char first[SSLDYN_SPEC_WHERE];
    char second[SSLDYN_SPEC_WHERE];
    for (size_t k = 0; k < PAIRS; k++) {
        if (ssldyn_spec_given(spec, pairs[k].setting) && ssldyn_spec_given(spec, pairs[k].rate)) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s and %s: give training settings (--train-...) or the rates that "
                               "they determine, not both",
                               ssldyn_spec_where(spec, pairs[k].setting, first),
                               ssldyn_spec_where(spec, pairs[k].rate, second));
        }
    }
    return check_company(spec, err);
}

/* ---- results in units of the settings */

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

static bool varies_any(const struct ssldyn_spec *spec, const char *const names[])
{
    bool any = false;
    for (size_t i = 0; names[i]; i++) {
        any = any || ssldyn_spec_varies(spec, names[i]);
    }
    return any;
}

void ssldyn_spec_fixed_rates(const struct ssldyn_spec *spec, struct ssldyn_rates *rates)
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

double ssldyn_spec_step_time(const struct ssldyn_spec *spec)
{
    const struct ssldyn_training training = fixed_settings(spec);
    return ssldyn_training_step(&training);
}

const char *ssldyn_spec_as_setting(const struct ssldyn_spec *spec, const char *option,
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
