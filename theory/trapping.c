/* The trapping region of the matrix flows. */
// SPDX-License-Identifier: MIT
#include "theory/trapping.h"

#include <math.h>

bool ssldyn_trapping_collapse(const struct ssldyn_parameters *parameters, double lambda, double wp,
                              double w, double wa)
{
    return parameters->depth <= 1 && parameters->target == SSLDYN_DEPTH_JEPA &&
           ssldyn_losses_of(parameters)->traps(parameters, lambda, wp, w, wa);
}

bool ssldyn_trapping_layers(const struct ssldyn_parameters *parameters, double lambda, double wp,
                            double layer)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const bool mae = parameters->target == SSLDYN_DEPTH_MAE;
    const bool held = parameters->tau_held;
    const double L = (double)(parameters->depth > 1 ? parameters->depth : 1);
    const double root = sqrt(rates->alpha_p);
    const double r = fmax(layer, wp / root);
    const double pull = lambda * (held && !mae ? fabs(parameters->tau) : 1.0);
    return ssldyn_losses_of(parameters)->folds && ssldyn_rules_trained(parameters) &&
           parameters->stop_grad && (mae || held || rates->beta > 0.0) &&
           root * pull * pow(r, mae ? L - 1.0 : 2.0 * L - 1.0) < fmin(rates->eta_p, rates->eta_s);
}
