/* Twice the squared distance for matrices: the flow of the squared distance with half of each decay
 * and EMA rate, at twice the speed. */
// SPDX-License-Identifier: MIT
#include "sim/loss/matrix_loss.h"

static enum ssldyn_status prepare(const struct ssldyn_moments *moments, size_t n2, double accuracy,
                                  void **prepared, struct ssldyn_error *err)
{
    return ssldyn_matrix_loss_l2.prepare(moments, n2, accuracy, prepared, err);
}

static void release(void *prepared)
{
    ssldyn_matrix_loss_l2.release(prepared);
}

static size_t value_workspace(size_t n1, size_t n2)
{
    return ssldyn_matrix_loss_l2.value_workspace(n1, n2);
}

static enum ssldyn_status rhs(void *prepared, const struct ssldyn_parameters *parameters,
                              const struct ssldyn_moments *moments, size_t n2,
                              const struct ssldyn_weights *weights,
                              const struct ssldyn_weights_rate *rate, double workspace[],
                              struct ssldyn_error *err)
{
    struct ssldyn_parameters half = *parameters;
    half.rates.eta_p *= 0.5;
    half.rates.eta_s *= 0.5;
    half.rates.beta *= 0.5;
    const enum ssldyn_status status =
        ssldyn_matrix_loss_l2.rhs(prepared, &half, moments, n2, weights, rate, workspace, err);
    for (size_t i = 0; rate->Wp && i < n2 * n2; i++)
        rate->Wp[i] *= 2.0;
    for (size_t i = 0; i < n2 * moments->n1; i++) {
        rate->W[i] *= 2.0;
        if (rate->Wa)
            rate->Wa[i] *= 2.0;
    }
    return status;
}

static double value(void *prepared, const struct ssldyn_moments *moments, size_t n2,
                    const struct ssldyn_weights *weights, double tau, double workspace[])
{
    return 2.0 * ssldyn_matrix_loss_l2.value(prepared, moments, n2, weights, tau, workspace);
}

static double value_of_modes(double c, size_t n, const double s[], const double p[],
                             const double image[], double tau)
{
    return 2.0 * ssldyn_matrix_loss_l2.value_of_modes(c, n, s, p, image, tau);
}

const struct ssldyn_matrix_loss ssldyn_matrix_loss_twice = {
    .name = "twice",
    .prepare = prepare,
    .release = release,
    .rhs_workspace = ssldyn_population_workspace,
    .value_workspace = value_workspace,
    .rhs = rhs,
    .value = value,
    .value_of_modes = value_of_modes,
};
