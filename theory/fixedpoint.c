/* Fixed points of the modes at constant tau. */
// SPDX-License-Identifier: MIT
#include "theory/fixedpoint.h"

#include <math.h>

/* Roots of a x^2 - b x + eta = 0 (a, b, eta > 0, discriminant >= 0), without cancellation. */
static void roots(double a, double b, double eta, double discriminant, double *minus, double *plus)
{
    const double sum = b + sqrt(discriminant);

    *minus = 2.0 * eta / sum;
    *plus = sum / (2.0 * a);
}

/* Eigenvalues of the held Jacobian at a fixed point. With u = c p^2/eta_s it has the trace
 * -eta_p (1 + u) and the determinant 2 eta_p eta_s (u - 1) = +-2 eta_p p sqrt(D). */
static void eigenvalues(const struct ssldyn_rates *rates, double p, double slope, double *along,
                        double *across)
{
    const double trace = -rates->eta_p * (1.0 + rates->c * p * p / rates->eta_s);
    const double determinant = 2.0 * rates->eta_p * p * slope;
    const double spread = trace * trace - 4.0 * determinant;

    if (rates->eta_p == rates->eta_s) {
        *along = -p * slope;
        *across = -2.0 * rates->eta_s;
    } else if (spread < 0.0) {
        *along = 0.5 * trace;
        *across = 0.5 * trace;
    } else {
        *across = 0.5 * (trace - sqrt(spread));
        *along = determinant / *across;
    }
}

double ssldyn_fixedpoint_fold(double drive, double lambda_s)
{
    return drive * drive / (4.0 * lambda_s);
}

double ssldyn_fixedpoint_escape(const struct ssldyn_parameters *parameters)
{
    double p[2];
    double w_squared[2];
    double shift = 0.0;

    if (!parameters->predictor || !parameters->stop_grad || !ssldyn_losses_of(parameters)->folds)
        return (double)NAN;
    if (ssldyn_rules_set(parameters) &&
        (isnan(ssldyn_rules_of(parameters)->power(parameters, &shift)) ||
         parameters->normalization != SSLDYN_NORMALIZE_NONE))
        return (double)NAN;
    (void)ssldyn_fixedpoint_lowdim(parameters, parameters->tau_held ? parameters->tau : 1.0, p,
                                   w_squared);
    return 0.5 * fmax(p[0], p[1]);
}

void ssldyn_fixedpoint_modes(const struct ssldyn_rates *rates, double tau,
                             struct ssldyn_fixedpoints *result)
{
    const double c = rates->c;
    const double eta_s = rates->eta_s;

    *result = (struct ssldyn_fixedpoints){.eta_fold = ssldyn_fixedpoint_fold(tau, c),
                                          .p_minus = (double)NAN,
                                          .p_plus = (double)NAN,
                                          .s_minus = (double)NAN,
                                          .s_plus = (double)NAN,
                                          .along_minus = (double)NAN,
                                          .along_plus = (double)NAN,
                                          .across_minus = (double)NAN,
                                          .across_plus = (double)NAN};
    /* zero exactly if eta_s equals the computed fold, so that the kind and the number agree */
    result->discriminant = 4.0 * c * (result->eta_fold - eta_s);
    if (eta_s == 0.0) {
        result->kind = rates->eta_p == 0.0 ? SSLDYN_FIXED_LINES : SSLDYN_FIXED_GROWTH;
        return;
    }
    if (rates->eta_p == 0.0) {
        result->kind = SSLDYN_FIXED_FREE_WP;
        return;
    }
    if (!(result->discriminant >= 0.0)) {
        result->kind = SSLDYN_FIXED_NONE;
        return;
    }
    result->kind = result->discriminant > 0.0 ? SSLDYN_FIXED_PAIR : SSLDYN_FIXED_FOLD;
    roots(c, tau, eta_s, result->discriminant, &result->p_minus, &result->p_plus);

    const double root = sqrt(result->discriminant);
    const double ratio = rates->eta_p / (eta_s * rates->alpha_p);
    result->s_minus = ratio * result->p_minus * result->p_minus;
    result->s_plus = ratio * result->p_plus * result->p_plus;
    eigenvalues(rates, result->p_minus, -root, &result->along_minus, &result->across_minus);
    eigenvalues(rates, result->p_plus, root, &result->along_plus, &result->across_plus);
}

double ssldyn_fixedpoint_lowdim(const struct ssldyn_parameters *parameters, double tau,
                                double wp[static 2], double w_squared[static 2])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double drive = tau * parameters->lambda_d;
    const double fold = ssldyn_fixedpoint_fold(drive, parameters->lambda_s);
    const double discriminant = 4.0 * parameters->lambda_s * (fold - rates->eta_s);

    wp[0] = wp[1] = (double)NAN;
    w_squared[0] = w_squared[1] = (double)NAN;
    if (rates->eta_p > 0.0 && rates->eta_s > 0.0 && discriminant >= 0.0) {
        const double ratio = rates->eta_p / (rates->eta_s * rates->alpha_p);
        roots(parameters->lambda_s, drive, rates->eta_s, discriminant, &wp[0], &wp[1]);
        w_squared[0] = ratio * wp[0] * wp[0];
        w_squared[1] = ratio * wp[1] * wp[1];
    }
    return fold;
}

size_t ssldyn_fixedpoint_survivors(size_t n, const double lambda_d[], const double lambda_s[],
                                   double eta_s)
{
    size_t count = 0;

    for (size_t j = 0; j < n; j++)
        count += lambda_d[j] * lambda_d[j] > 4.0 * eta_s * lambda_s[j] ? 1 : 0;
    return count;
}

struct ssldyn_fixedpoint_iso ssldyn_fixedpoint_iso(const struct ssldyn_parameters *parameters,
                                                   double tau)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double drive = tau * parameters->lambda_d;
    const double nan_ = (double)NAN;
    double shift = 0.0;
    struct ssldyn_fixedpoint_iso point = {nan_, nan_, drive - rates->eta_s, nan_, nan_};
    if (!(point.growth > 0.0))
        return point;
    point.p = point.growth / parameters->lambda_s;
    if (!ssldyn_rules_trained(parameters)) {
        point.along = -2.0 * ssldyn_rules_of(parameters)->power(parameters, &shift) * point.growth;
        return point;
    }
    /* trace and determinant of the Jacobian of (p, w) */
    const double trace = -rates->eta_p * drive / rates->eta_s;
    const double determinant = 2.0 * rates->eta_p * point.growth;
    const double spread = trace * trace - 4.0 * determinant;
    point.w_squared = rates->eta_p * point.p / (rates->eta_s * rates->alpha_p);
    point.across = 0.5 * (trace - (spread > 0.0 ? sqrt(spread) : 0.0));
    point.along = spread > 0.0 ? determinant / point.across : point.across;
    return point;
}

/* The root x of a function that increases from below 0 at 0 to above 0 at `most`, by bisection
 * to the last bit: x^power + factor x = value. */
static double root_of_power(double power, double factor, double value, double most)
{
    double low = 0.0;
    double high = most;
    double middle = 0.5 * (low + high);
    while (middle > low && middle < high) {
        if (pow(middle, power) + factor * middle < value)
            low = middle;
        else
            high = middle;
        middle = 0.5 * (low + high);
    }
    return middle;
}

double ssldyn_fixedpoint_beside(double a, double epsilon, double p_plus)
{
    /* f of the survivor */
    return epsilon * root_of_power(a, epsilon, p_plus, pow(p_plus, 1.0 / a));
}

double ssldyn_fixedpoint_basin(double a, double epsilon, double drive, double lambda_s)
{
    /* At that decay f of the survivor satisfies epsilon f = p- and f^a = p+ - p-, with p+ + p- =
     * drive/lambda_s: 2 epsilon f + f^a = drive/lambda_s. */
    const double sum = drive / lambda_s;
    const double minus = epsilon * root_of_power(a, 2.0 * epsilon, sum, pow(sum, 1.0 / a));
    return lambda_s * minus * (sum - minus);
}
