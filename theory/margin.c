/* The fold of one mode as a function of each of its parameters. */
// SPDX-License-Identifier: MIT
#include "theory/margin.h"

#include "theory/fixedpoint.h"

#include <math.h>

const char *ssldyn_margin_knob(enum ssldyn_knob knob)
{
    static const char *const names[SSLDYN_KNOBS] = {
        [SSLDYN_KNOB_ETA_S] = "eta_s",       [SSLDYN_KNOB_NOISE] = "noise",
        [SSLDYN_KNOB_LAMBDA_D] = "lambda_d", [SSLDYN_KNOB_LAMBDA_S] = "lambda_s",
        [SSLDYN_KNOB_TAU] = "tau",           [SSLDYN_KNOB_ETA_P] = "eta_p",
        [SSLDYN_KNOB_BETA] = "beta",         [SSLDYN_KNOB_ALPHA_P] = "alpha_p"};

    return names[knob];
}

static double positive_or_nan(double value)
{
    return value > 0.0 && isfinite(value) ? value : (double)NAN;
}

void ssldyn_margin(const struct ssldyn_parameters *parameters, struct ssldyn_margin *margin)
{
    const double eta_s = parameters->rates.eta_s;
    const double lambda_s = parameters->lambda_s;
    const double lambda_d = parameters->lambda_d;
    const double noise = lambda_s - lambda_d;
    const bool frozen = !parameters->tau_held && parameters->rates.beta == 0.0;
    const bool sealed = ssldyn_rules_of(parameters)->kind == SSLDYN_RULE_TRAINED &&
                        parameters->rates.eta_p == 0.0 && eta_s > 0.0;
    const double held = parameters->tau_held ? parameters->tau : 1.0;
    const bool folds = ssldyn_losses_of(parameters)->folds && !frozen && !sealed;
    const double tau = !folds ? (double)NAN : held;
    const double drive = tau * lambda_d;
    const double on_fold = ssldyn_fixedpoint_fold(drive, eta_s); /* lambda_s at the fold */
    const double values[SSLDYN_KNOBS] = {[SSLDYN_KNOB_ETA_S] = eta_s,
                                         [SSLDYN_KNOB_NOISE] = noise,
                                         [SSLDYN_KNOB_LAMBDA_D] = lambda_d,
                                         [SSLDYN_KNOB_LAMBDA_S] = lambda_s,
                                         [SSLDYN_KNOB_TAU] = tau};

    *margin = (struct ssldyn_margin){
        .fold = ssldyn_fixedpoint_fold(drive, lambda_s),
        .elasticity = {[SSLDYN_KNOB_ETA_S] = -1.0,
                       [SSLDYN_KNOB_NOISE] = 0.0 - noise / lambda_s,
                       [SSLDYN_KNOB_LAMBDA_D] = 2.0,
                       [SSLDYN_KNOB_LAMBDA_S] = -1.0,
                       [SSLDYN_KNOB_TAU] = parameters->tau_held ? 2.0 : 0.0},
        .at_fold = {[SSLDYN_KNOB_LAMBDA_S] = on_fold,
                    [SSLDYN_KNOB_NOISE] = on_fold - lambda_d,
                    [SSLDYN_KNOB_LAMBDA_D] = 2.0 * sqrt(eta_s * lambda_s) / tau,
                    [SSLDYN_KNOB_TAU] = parameters->tau_held
                                            ? 2.0 * sqrt(eta_s * lambda_s) / lambda_d
                                            : (double)NAN}};
    margin->at_fold[SSLDYN_KNOB_ETA_S] = margin->fold;
    margin->margin = margin->fold - eta_s;
    for (int knob = 0; knob < SSLDYN_KNOBS; knob++) {
        margin->at_fold[knob] = positive_or_nan(margin->at_fold[knob]);
        margin->factor[knob] = positive_or_nan(margin->at_fold[knob] / values[knob]);
    }
}

double ssldyn_margin_fold(const struct ssldyn_parameters *parameters)
{
    struct ssldyn_margin margin;

    ssldyn_margin(parameters, &margin);
    return parameters->predictor && parameters->stop_grad ? margin.fold : (double)NAN;
}

double ssldyn_margin_frozen(const struct ssldyn_parameters *parameters)
{
    const struct ssldyn_rates *rates = &parameters->rates;

    return sqrt(rates->eta_p * rates->eta_s / rates->alpha_p) / parameters->lambda_d;
}
