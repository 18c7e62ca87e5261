/* The distance of one mode from its fold, and the effect of each parameter on it (THEORY section
 * 4 [D]): the pair of fixed points exists while eta_s < eta_c = tau^2 lambda_d^2/(4 lambda_s). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_MARGIN_H
#define SSLDYN_THEORY_MARGIN_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The parameters that a user can change. NOISE is the augmentation's eigenvalue lambda_s -
 * lambda_d (sigma2 for isotropic data), LAMBDA_D that of the data at constant lambda_s. */
enum ssldyn_knob {
    SSLDYN_KNOB_ETA_S,
    SSLDYN_KNOB_NOISE,
    SSLDYN_KNOB_LAMBDA_D,
    SSLDYN_KNOB_LAMBDA_S,
    SSLDYN_KNOB_TAU,
    SSLDYN_KNOB_ETA_P,
    SSLDYN_KNOB_BETA,
    SSLDYN_KNOB_ALPHA_P,
    SSLDYN_KNOBS
};

struct ssldyn_margin {
    double fold;   /* eta_c; tau = 1 if the target follows its own equation. NaN if there is
                    * none: a frozen target (beta = 0), or a trained predictor with eta_p = 0 <
                    * eta_s, where everything collapses */
    double margin; /* eta_c - eta_s: nothing survives if it is negative */
    /* d ln(eta_c/eta_s)/d ln(knob): 0 for eta_p, beta and alpha_p, which do not move the fold */
    double elasticity[SSLDYN_KNOBS];
    /* The value > 0 of this knob alone that puts the mode on its fold; NaN if there is none, and
     * for tau if it is not held. */
    double at_fold[SSLDYN_KNOBS];
    double factor[SSLDYN_KNOBS]; /* at_fold divided by the current value; NaN if either is
                                  * missing or 0 */
};

/* For one mode of M5: uses lambda_s, lambda_d, tau (if tau_held), beta and the decays of
 * parameters; isotropic data are lambda_s = c, lambda_d = 1. Cannot fail. */
void ssldyn_margin(const struct ssldyn_parameters *parameters, struct ssldyn_margin *margin);

/* Its fold alone; NaN also without predictor or stop-gradient. */
double ssldyn_margin_fold(const struct ssldyn_parameters *parameters);

/* |wa| above which a mode with a frozen target (beta = 0) survives, from any start but w = wp =
 * 0 in the octant: sqrt(eta_p eta_s/alpha_p)/lambda_d (theory/THEORY.md, C5 and S5). */
double ssldyn_margin_frozen(const struct ssldyn_parameters *parameters);

/* "eta_s", "noise", "lambda_d", ... */
const char *ssldyn_margin_knob(enum ssldyn_knob knob);

#ifdef __cplusplus
}
#endif

#endif
