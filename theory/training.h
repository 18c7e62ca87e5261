/* Training settings as practitioners write them, and the rates of the theory that they determine
 * [D]. One step of torch.optim.SGD on kappa times the loss 1/2 E|Wp W x1 - Wa x2|^2, followed by
 * the moving average of the target, is one step of M6 with other rates (theory/THEORY.md,
 * "Training settings"). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_TRAINING_H
#define SSLDYN_THEORY_TRAINING_H

#include "theory/parameters.h"

#include <math.h>
#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NaN: not given; the rate that it would determine is then not changed. */
struct ssldyn_training {
    double lr;                     /* learning rate of the online network, > 0 */
    double momentum;               /* mu of the heavy ball, in [0, 1) */
    double loss_factor;            /* kappa, > 0 */
    double weight_decay;           /* of both networks, added to the gradient, >= 0 */
    double ema;                    /* gamma, the share of the target that is kept per step */
    double predictor_lr;           /* of the predictor, > 0; NaN: alpha_p lr */
    double predictor_weight_decay; /* of the predictor, >= 0; NaN: weight_decay */
};

/* No settings: no momentum, kappa = 1. */
struct ssldyn_training ssldyn_training_none(void);

/* Whether any setting determines rates: a learning rate or a weight decay. */
static inline bool ssldyn_training_any(const struct ssldyn_training *training)
{
    return !isnan(training->lr) || !isnan(training->weight_decay);
}

/* 1 - x for a share x that was typed as a decimal: for the double nearest to 0.9 that is 0.1,
 * not 0.09999999999999998. */
double ssldyn_training_complement(double x);

/* Learning rate of M6, kappa lr; NaN without lr. */
double ssldyn_training_lr(const struct ssldyn_training *training);

/* Flow time of one step, kappa lr/(1 - mu); NaN without lr. */
double ssldyn_training_step(const struct ssldyn_training *training);

/* Replaces the rates that the settings determine: alpha_p = lr_p/lr, beta = (1 - gamma)/step,
 * eta_s = weight decay/kappa, eta_p = alpha_p (weight decay of the predictor)/kappa. Applying it
 * twice changes nothing. */
void ssldyn_training_rates(const struct ssldyn_training *training, struct ssldyn_rates *rates);

/* The inverse: the settings that give these rates at this lr, momentum and kappa, with a
 * separate learning rate and weight decay of the predictor. NaN if lr is needed and not given;
 * ema also if the target would have to move by more than its distance in one step. */
struct ssldyn_training ssldyn_training_settings(const struct ssldyn_training *training,
                                                const struct ssldyn_rates *rates);

#ifdef __cplusplus
}
#endif

#endif
