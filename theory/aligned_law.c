/* Laws of aligned modes. */
// SPDX-License-Identifier: MIT
#include "theory/aligned_law.h"

#include <math.h>

static bool is_normalized(const struct ssldyn_aligned *aligned)
{
    return ssldyn_losses_of(aligned->parameters)->normalized;
}

static bool is_iso(const struct ssldyn_aligned *aligned)
{
    return ssldyn_losses_of(aligned->parameters)->iso;
}

/* Decay of W that is not factored out of the variables. */
static double decay_left(const struct ssldyn_aligned *aligned)
{
    return aligned->parameters->rates.eta_s - aligned->decay_s;
}

static bool keeps_norm_w(const struct ssldyn_aligned *aligned, double *decay)
{
    *decay = 2.0 * decay_left(aligned);
    return is_normalized(aligned) && !is_iso(aligned);
}

static double norm_w(const struct ssldyn_aligned *aligned, size_t j, const double P[],
                     const double W[], double *size)
{
    (void)aligned;
    (void)P;
    *size = W[j] * W[j];
    return *size;
}

static const struct ssldyn_aligned_law law_norm_w = {
    .name = "norm of W", .of_layers = "norm of each layer", .kept = keeps_norm_w, .value = norm_w};

static bool keeps_norm_wp(const struct ssldyn_aligned *aligned, double *decay)
{
    *decay = 2.0 * (aligned->parameters->rates.eta_p - aligned->decay_p);
    return is_normalized(aligned) && ssldyn_rules_trained(aligned->parameters);
}

static double norm_wp(const struct ssldyn_aligned *aligned, size_t j, const double P[],
                      const double W[], double *size)
{
    (void)aligned;
    (void)W;
    *size = P[j] * P[j];
    return *size;
}

static const struct ssldyn_aligned_law law_norm_wp = {
    .name = "norm of Wp", .of_layers = "norm of Wp", .kept = keeps_norm_wp, .value = norm_wp};

static bool keeps_balance(const struct ssldyn_aligned *aligned, double *decay)
{
    const struct ssldyn_parameters *parameters = aligned->parameters;
    *decay = 2.0 * decay_left(aligned);
    return !is_iso(aligned) && parameters->stop_grad && ssldyn_rules_trained(parameters) &&
           parameters->rates.eta_p == parameters->rates.eta_s;
}

static double balance(const struct ssldyn_aligned *aligned, size_t j, const double P[],
                      const double W[], double *size)
{
    const double s = W[j] * W[j];
    const double q = P[j] * P[j] / aligned->parameters->rates.alpha_p;
    *size = s + q;
    return s - q;
}

static const struct ssldyn_aligned_law law_balance = {
    .name = "balance of each mode (Thm 1)",
    .of_layers = "v^2 - p^2/alpha_p of each layer and mode",
    .each = true,
    .kept = keeps_balance,
    .value = balance};

static bool keeps_difference(const struct ssldyn_aligned *aligned, double *decay)
{
    const struct ssldyn_parameters *parameters = aligned->parameters;
    *decay = 2.0 * decay_left(aligned);
    return is_iso(aligned) && ssldyn_rules_trained(parameters) &&
           parameters->rates.eta_p == 2.0 * parameters->rates.eta_s;
}

static double difference(const struct ssldyn_aligned *aligned, size_t j, const double P[],
                         const double W[], double *size)
{
    const double half = 0.5 * aligned->parameters->rates.alpha_p * W[j] * W[j];
    *size = fabs(P[j]) + half;
    return P[j] - half;
}

static const struct ssldyn_aligned_law law_difference = {.name = "p - alpha_p w^2/2 of each mode",
                                                         .of_layers = "p - alpha_p v^2/2 of each "
                                                                      "layer and mode",
                                                         .each = true,
                                                         .kept = keeps_difference,
                                                         .value = difference};

static bool keeps_power(const struct ssldyn_aligned *aligned, double *decay)
{
    const double a = ssldyn_rules_pure_power(aligned->parameters);
    *decay = (2.0 * a + 2.0) * decay_left(aligned);
    return is_normalized(aligned) && is_iso(aligned) && !isnan(a);
}

/* sum p_j w_j dw_j/dt = 0, p = (variance w^2)^a */
static double power(const struct ssldyn_aligned *aligned, size_t j, const double P[],
                    const double W[], double *size)
{
    (void)aligned;
    *size = P[j] * W[j] * W[j];
    return *size;
}

static const struct ssldyn_aligned_law law_power = {
    .name = "sum of p w^2", .of_layers = "sum of p w^2", .kept = keeps_power, .value = power};

const struct ssldyn_aligned_law *const ssldyn_aligned_laws[] = {
    &law_norm_w, &law_norm_wp, &law_balance, &law_difference, &law_power, NULL};

double ssldyn_aligned_imbalance(size_t n, const double P[], const double W[], const double R[])
{
    double sum = 0.0;
    for (size_t j = 0; j < n; j++)
        sum += P[j] * W[j] * R[j];
    return fabs(sum);
}
