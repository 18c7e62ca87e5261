/* M5, one common eigenvector of X + X' and X, with all options. */
// SPDX-License-Identifier: MIT
#include "theory/lowdim.h"

#include <string.h>

void ssldyn_lowdim_rhs(const struct ssldyn_parameters *parameters, const double y[static 3],
                       double dydt[static 3])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double wp = parameters->predictor ? y[0] : 1.0;
    const double w = y[1];
    const double wa = parameters->tau_held ? parameters->tau * w : y[2];
    const double lambda_s = parameters->lambda_s;
    const double lambda_d = parameters->lambda_d;
    const double drive = wa * lambda_d - wp * w * lambda_s;

    dydt[0] = parameters->predictor ? rates->alpha_p * drive * w - rates->eta_p * wp : 0.0;
    dydt[1] = wp * drive - rates->eta_s * w; /* Eq. 105 */
    if (!parameters->stop_grad)
        dydt[1] += wp * w * lambda_d - w * lambda_s; /* Thm 2 */
    if (parameters->tau_held)
        dydt[2] = parameters->tau * dydt[1];
    else
        dydt[2] = rates->beta * (w - wa); /* Eq. 106 */
}

void ssldyn_lowdim_jacobian(const struct ssldyn_parameters *parameters, const double y[static 3],
                            double jacobian[static 9])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double wp = parameters->predictor ? y[0] : 1.0;
    const double w = y[1];
    const double wa = parameters->tau_held ? parameters->tau * w : y[2];
    const double lambda_s = parameters->lambda_s;
    const double lambda_d = parameters->lambda_d;
    const double drive = wa * lambda_d - wp * w * lambda_s;
    /* derivatives of drive with respect to wp, w, wa; a tied target is not a variable */
    const double by_wp = -w * lambda_s;
    const double by_w = (parameters->tau_held ? parameters->tau * lambda_d : 0.0) - wp * lambda_s;
    const double by_wa = parameters->tau_held ? 0.0 : lambda_d;

    memset(jacobian, 0, 9 * sizeof *jacobian);
    if (parameters->predictor) {
        jacobian[0] = rates->alpha_p * by_wp * w - rates->eta_p;
        jacobian[1] = rates->alpha_p * (by_w * w + drive);
        jacobian[2] = rates->alpha_p * by_wa * w;
        jacobian[3] = drive + wp * by_wp;
    }
    jacobian[4] = wp * by_w - rates->eta_s;
    jacobian[5] = wp * by_wa;
    if (!parameters->stop_grad) {
        jacobian[3] += parameters->predictor ? w * lambda_d : 0.0;
        jacobian[4] += wp * lambda_d - lambda_s;
    }
    if (parameters->tau_held) {
        for (size_t j = 0; j < 3; j++)
            jacobian[6 + j] = parameters->tau * jacobian[3 + j];
    } else {
        jacobian[7] = rates->beta;
        jacobian[8] = -rates->beta;
    }
}

void ssldyn_lowdim_slopes(const struct ssldyn_parameters *parameters, const double y[static 3],
                          double slopes[static 3 * SSLDYN_KNOBS])
{
    const double wp = y[0];
    const double w = y[1];
    const double wa = parameters->tau_held ? parameters->tau * w : y[2];
    const double drive = wa * parameters->lambda_d - wp * w * parameters->lambda_s;
    double *const by_wp = slopes;
    double *const by_w = slopes + SSLDYN_KNOBS;
    double *const by_wa = by_w + SSLDYN_KNOBS;
    /* derivatives of drive, which both networks share */
    const double of_drive[SSLDYN_KNOBS] = {
        [SSLDYN_KNOB_LAMBDA_D] = wa,
        [SSLDYN_KNOB_LAMBDA_S] = -wp * w,
        [SSLDYN_KNOB_NOISE] = -wp * w,
        [SSLDYN_KNOB_TAU] = parameters->tau_held ? parameters->lambda_d * w : 0.0};

    for (int knob = 0; knob < SSLDYN_KNOBS; knob++) {
        by_wp[knob] = parameters->rates.alpha_p * of_drive[knob] * w;
        by_w[knob] = wp * of_drive[knob];
    }
    by_wp[SSLDYN_KNOB_ALPHA_P] = drive * w;
    by_wp[SSLDYN_KNOB_ETA_P] = -wp;
    by_w[SSLDYN_KNOB_ETA_S] = -w;
    /* a tied target follows w and has no other effect */
    for (int knob = 0; knob < SSLDYN_KNOBS; knob++)
        by_wa[knob] = parameters->tau_held ? parameters->tau * by_w[knob] : 0.0;
    if (parameters->tau_held)
        by_wa[SSLDYN_KNOB_TAU] += wp * drive - parameters->rates.eta_s * w;
    else
        by_wa[SSLDYN_KNOB_BETA] = w - wa;
}
