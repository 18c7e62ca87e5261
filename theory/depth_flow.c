/* The equations of one mode of a deep encoder. */
// SPDX-License-Identifier: MIT
#include "theory/depth_flow.h"

#include <math.h>
#include <string.h>

size_t ssldyn_depth_layers(const struct ssldyn_parameters *parameters)
{
    return parameters->depth > 1 ? (size_t)parameters->depth : 1;
}

size_t ssldyn_depth_targets(const struct ssldyn_parameters *parameters)
{
    if (parameters->target == SSLDYN_DEPTH_MAE || parameters->tau_held)
        return 0;
    return parameters->ema_of == SSLDYN_DEPTH_OF_PRODUCT ? 1 : ssldyn_depth_layers(parameters);
}

static double product(size_t count, const double factors[])
{
    double all = 1.0;
    for (size_t l = 0; l < count; l++)
        all *= factors[l];
    return all;
}

/* For each factor, the product of all others. */
void ssldyn_depth_others(size_t count, const double factors[], double others[])
{
    double before = 1.0;
    double after = 1.0;
    for (size_t l = 0; l < count; l++) {
        others[l] = before;
        before *= factors[l];
    }
    for (size_t l = count; l-- > 0;) {
        others[l] *= after;
        after *= factors[l];
    }
}

double ssldyn_depth_mean(size_t count, const double ratios[])
{
    double mean = 0.0; /* of the logarithms */
    for (size_t l = 0; l < count; l++)
        mean += log(ratios[l]) / (double)count;
    return exp(mean);
}

double ssldyn_depth_product(const struct ssldyn_parameters *parameters, const double y[])
{
    return product(ssldyn_depth_layers(parameters), y + 1);
}

double ssldyn_depth_target(const struct ssldyn_parameters *parameters, const double y[])
{
    const size_t L = ssldyn_depth_layers(parameters);
    if (parameters->target == SSLDYN_DEPTH_MAE)
        return 1.0;
    if (parameters->tau_held)
        return parameters->tau * product(L, y + 1);
    return product(ssldyn_depth_targets(parameters), y + 1 + L);
}

void ssldyn_depth_rhs(const struct ssldyn_parameters *parameters, const double y[], double dydt[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const size_t L = ssldyn_depth_layers(parameters);
    const size_t targets = ssldyn_depth_targets(parameters);
    double others[SSLDYN_DEPTH_MOST];
    const double V = product(L, y + 1);
    const double error =
        ssldyn_depth_target(parameters, y) * parameters->lambda_d - y[0] * V * parameters->lambda_s;
    ssldyn_depth_others(L, y + 1, others);
    dydt[0] = rates->alpha_p * V * error - rates->eta_p * y[0];
    for (size_t l = 0; l < L; l++)
        dydt[1 + l] = y[0] * error * others[l] - rates->eta_s * y[1 + l];
    for (size_t l = 0; l < targets; l++)
        dydt[1 + L + l] = rates->beta * ((targets == 1 ? V : y[1 + l]) - y[1 + L + l]);
}

/* d error/dy: with respect to p, to each layer, to each variable of the target. */
static void error_gradient(const struct ssldyn_parameters *parameters, const double y[],
                           const double others[], double gradient[])
{
    const size_t L = ssldyn_depth_layers(parameters);
    const size_t targets = ssldyn_depth_targets(parameters);
    const bool held = parameters->target == SSLDYN_DEPTH_JEPA && parameters->tau_held;
    gradient[0] = -product(L, y + 1) * parameters->lambda_s;
    for (size_t l = 0; l < L; l++) {
        gradient[1 + l] = others[l] * ((held ? parameters->tau * parameters->lambda_d : 0.0) -
                                       y[0] * parameters->lambda_s);
    }
    ssldyn_depth_others(targets, y + 1 + L, gradient + 1 + L);
    for (size_t l = 0; l < targets; l++)
        gradient[1 + L + l] *= parameters->lambda_d;
}

void ssldyn_depth_jacobian(const struct ssldyn_parameters *parameters, const double y[],
                           double jacobian[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const size_t L = ssldyn_depth_layers(parameters);
    const size_t targets = ssldyn_depth_targets(parameters);
    const size_t n = 1 + L + targets;
    const double V = product(L, y + 1);
    const double error =
        ssldyn_depth_target(parameters, y) * parameters->lambda_d - y[0] * V * parameters->lambda_s;
    double others[SSLDYN_DEPTH_MOST];
    double pairs[SSLDYN_DEPTH_MOST];
    double rest[SSLDYN_DEPTH_MOST];
    double gradient[SSLDYN_DEPTH_VARIABLES];
    ssldyn_depth_others(L, y + 1, others);
    error_gradient(parameters, y, others, gradient);
    memset(jacobian, 0, n * n * sizeof *jacobian);
    for (size_t i = 0; i < n; i++)
        jacobian[i] = rates->alpha_p * V * gradient[i];
    jacobian[0] -= rates->eta_p;
    for (size_t l = 0; l < L; l++) {
        double *row = jacobian + (1 + l) * n;
        jacobian[1 + l] += rates->alpha_p * others[l] * error;
        for (size_t i = 0; i < n; i++)
            row[i] = y[0] * others[l] * gradient[i];
        row[0] += error * others[l];
        for (size_t k = 0; k < L; k++) /* all layers but l */
            rest[k] = k == l ? 1.0 : y[1 + k];
        ssldyn_depth_others(L, rest, pairs);
        for (size_t k = 0; k < L; k++) {
            if (k != l)
                row[1 + k] += y[0] * error * pairs[k];
        }
        row[1 + l] -= rates->eta_s;
    }
    for (size_t l = 0; l < targets; l++) {
        double *row = jacobian + (1 + L + l) * n;
        for (size_t k = 0; targets == 1 && k < L; k++)
            row[1 + k] = rates->beta * others[k];
        if (targets > 1)
            row[1 + l] = rates->beta;
        row[1 + L + l] -= rates->beta;
    }
}

void ssldyn_depth_slopes(const struct ssldyn_parameters *parameters, const double y[],
                         double slopes[])
{
    const size_t L = ssldyn_depth_layers(parameters);
    const size_t targets = ssldyn_depth_targets(parameters);
    const bool held = parameters->target == SSLDYN_DEPTH_JEPA && parameters->tau_held;
    const double V = product(L, y + 1);
    const double A = ssldyn_depth_target(parameters, y);
    const double error = A * parameters->lambda_d - y[0] * V * parameters->lambda_s;
    const double of_error[SSLDYN_KNOBS] = {[SSLDYN_KNOB_LAMBDA_D] = A,
                                           [SSLDYN_KNOB_LAMBDA_S] = -y[0] * V,
                                           [SSLDYN_KNOB_NOISE] = -y[0] * V,
                                           [SSLDYN_KNOB_TAU] =
                                               held ? V * parameters->lambda_d : 0.0};
    double others[SSLDYN_DEPTH_MOST];
    ssldyn_depth_others(L, y + 1, others);
    memset(slopes, 0, (1 + L + targets) * SSLDYN_KNOBS * sizeof *slopes);
    for (size_t knob = 0; knob < SSLDYN_KNOBS; knob++) {
        slopes[knob] = parameters->rates.alpha_p * V * of_error[knob];
        for (size_t l = 0; l < L; l++)
            slopes[(1 + l) * SSLDYN_KNOBS + knob] = y[0] * others[l] * of_error[knob];
    }
    slopes[SSLDYN_KNOB_ALPHA_P] = V * error;
    slopes[SSLDYN_KNOB_ETA_P] = -y[0];
    for (size_t l = 0; l < L; l++)
        slopes[(1 + l) * SSLDYN_KNOBS + SSLDYN_KNOB_ETA_S] = -y[1 + l];
    for (size_t l = 0; l < targets; l++)
        slopes[(1 + L + l) * SSLDYN_KNOBS + SSLDYN_KNOB_BETA] =
            (targets == 1 ? V : y[1 + l]) - y[1 + L + l];
}

struct ssldyn_depth ssldyn_depth_mode(const struct ssldyn_parameters *parameters)
{
    const bool held = parameters->target == SSLDYN_DEPTH_JEPA && parameters->tau_held;
    return (struct ssldyn_depth){.target = parameters->target,
                                 .layers = (unsigned)ssldyn_depth_layers(parameters),
                                 .alpha_p = parameters->rates.alpha_p,
                                 .eta = parameters->rates.eta_s,
                                 .lambda_s = parameters->lambda_s,
                                 .lambda_d = (held ? parameters->tau : 1.0) * parameters->lambda_d};
}
