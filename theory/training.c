/* Training settings of an optimizer and the rates that they determine [D]. */
// SPDX-License-Identifier: MIT
#include "theory/training.h"

#include <math.h>

/* 1 - x. The difference itself is exact, except for the double nearest to the typed decimal: 1 -
 * 0.9 is 0.09999999999999998. If x is the double nearest to 1 minus a number with 15 decimals,
 * that number is returned. */
double ssldyn_training_complement(double x)
{
    const double scale = 1e15;
    const double half_spacing = 0x1p-54; /* of doubles in [1/2, 1) */
    const double decimal = round((1.0 - x) * scale) / scale;
    return fabs(decimal - (1.0 - x)) <= half_spacing ? decimal : 1.0 - x;
}

struct ssldyn_training ssldyn_training_none(void)
{
    const double none = (double)NAN;
    return (struct ssldyn_training){.lr = none,
                                    .momentum = 0.0,
                                    .loss_factor = 1.0,
                                    .weight_decay = none,
                                    .ema = none,
                                    .predictor_lr = none,
                                    .predictor_weight_decay = none};
}

double ssldyn_training_lr(const struct ssldyn_training *training)
{
    return training->loss_factor * training->lr;
}

double ssldyn_training_step(const struct ssldyn_training *training)
{
    return ssldyn_training_lr(training) / ssldyn_training_complement(training->momentum);
}

void ssldyn_training_rates(const struct ssldyn_training *training, struct ssldyn_rates *rates)
{
    const double step = ssldyn_training_step(training);
    const double decay_p = isnan(training->predictor_weight_decay)
                               ? training->weight_decay
                               : training->predictor_weight_decay;
    if (!isnan(training->predictor_lr) && !isnan(training->lr)) {
        rates->alpha_p = training->predictor_lr / training->lr;
    }
    if (!isnan(training->ema) && !isnan(step)) {
        rates->beta = ssldyn_training_complement(training->ema) / step;
    }
    if (!isnan(training->weight_decay)) {
        rates->eta_s = training->weight_decay / training->loss_factor;
    }
    if (!isnan(decay_p)) {
        rates->eta_p = rates->alpha_p * decay_p / training->loss_factor;
    }
}

struct ssldyn_training ssldyn_training_settings(const struct ssldyn_training *training,
                                                const struct ssldyn_rates *rates)
{
    const double share = rates->beta * ssldyn_training_step(training);
    struct ssldyn_training back = *training;
    back.weight_decay = training->loss_factor * rates->eta_s;
    back.predictor_weight_decay = training->loss_factor * rates->eta_p / rates->alpha_p;
    back.predictor_lr = rates->alpha_p * training->lr;
    back.ema = share <= 1.0 ? ssldyn_training_complement(share) : (double)NAN;
    return back;
}
