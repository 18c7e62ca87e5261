/* The flow of aligned networks under any loss. */
// SPDX-License-Identifier: MIT
#include "theory/aligned.h"

#include "theory/depth_flow.h"
#include "theory/predictor.h"

#include <math.h>
#include <string.h>

/* The degree in all w of a closed-form predictor p = s^a + epsilon max s; NaN: it has none. */
static double degree(const struct ssldyn_parameters *parameters)
{
    double shift = 0.0;
    const double power = ssldyn_rules_of(parameters)->power(parameters, &shift);
    if (isnan(power) || shift != 0.0)
        return (double)NAN;
    if (parameters->normalization == SSLDYN_NORMALIZE_LARGEST)
        return 0.0;
    return parameters->epsilon == 0.0 || power == 1.0 ? 2.0 * power : (double)NAN;
}

/* The decay that is factored out of what a variable of the target follows: a layer, or their
 * product. */
static double leader_decay(const struct ssldyn_aligned *aligned)
{
    const size_t L = ssldyn_aligned_layers(aligned);
    const bool of_layers = ssldyn_aligned_targets(aligned) == L;

    return of_layers ? aligned->decay_s : (double)L * aligned->decay_s;
}

void ssldyn_aligned_choose_decays(struct ssldyn_aligned *aligned)
{
    const struct ssldyn_parameters *parameters = aligned->parameters;
    const bool set = ssldyn_rules_set(parameters);
    const double of_set = set ? degree(parameters) : 0.0;

    aligned->decay_p = 0.0;
    aligned->decay_s = 0.0;
    aligned->decay_a = 0.0;
    if (!ssldyn_losses_of(parameters)->normalized || isnan(of_set))
        return;
    aligned->decay_s = parameters->rates.eta_s;
    if (parameters->predictor)
        aligned->decay_p = set ? of_set * parameters->rates.eta_s : parameters->rates.eta_p;
    if (ssldyn_aligned_targets(aligned) > 0)
        aligned->decay_a = fmin(parameters->rates.beta, leader_decay(aligned));
}

double ssldyn_aligned_target_decay(const struct ssldyn_aligned *aligned)
{
    const size_t targets = ssldyn_aligned_targets(aligned);

    if (targets > 0)
        return (double)targets * aligned->decay_a;
    return (double)ssldyn_aligned_layers(aligned) * aligned->decay_s;
}

size_t ssldyn_aligned_layers(const struct ssldyn_aligned *aligned)
{
    return ssldyn_depth_layers(aligned->parameters);
}

size_t ssldyn_aligned_targets(const struct ssldyn_aligned *aligned)
{
    return ssldyn_depth_targets(aligned->parameters);
}

size_t ssldyn_aligned_variables(const struct ssldyn_aligned *aligned)
{
    const size_t blocks = ssldyn_aligned_layers(aligned) +
                          (size_t)ssldyn_rules_trained(aligned->parameters) +
                          ssldyn_aligned_targets(aligned);
    return blocks * aligned->data.n;
}

void ssldyn_aligned_pack(const struct ssldyn_aligned *aligned, const double P[], const double W[],
                         const double Wa[], double y[])
{
    const size_t n = aligned->data.n;
    const size_t L = ssldyn_aligned_layers(aligned);
    double *next = y;

    memcpy(next, W, L * n * sizeof *y);
    next += L * n;
    if (ssldyn_rules_trained(aligned->parameters)) {
        memcpy(next, P, n * sizeof *y);
        next += n;
    }
    memcpy(next, Wa, ssldyn_aligned_targets(aligned) * n * sizeof *y);
}

/* The product of count blocks of n. */
static void multiply(size_t count, size_t n, const double blocks[], double product[])
{
    memcpy(product, blocks, n * sizeof *product);
    for (size_t i = n; i < count * n; i++)
        product[i % n] *= blocks[i];
}

/* lambda in s = lambda w^2 for the correlation of a rule: between two views, or within the
 * online view. */
static double variance(const struct ssldyn_aligned *aligned, size_t j)
{
    return ssldyn_predictor_variance(aligned->parameters, aligned->data.first[j],
                                     aligned->data.across[j]);
}

static void set_predictor(const struct ssldyn_aligned *aligned, const double W[], double P[])
{
    const size_t n = aligned->data.n;
    double largest = 0.0;

    for (size_t j = 0; j < n; j++) {
        P[j] = variance(aligned, j) * W[j] * W[j];
        largest = fmax(largest, P[j]);
    }
    for (size_t j = 0; j < n; j++)
        P[j] = ssldyn_predictor_eigenvalue(aligned->parameters, P[j], largest);
}

void ssldyn_aligned_unpack(const struct ssldyn_aligned *aligned, const double y[], double P[],
                           double W[], double Wa[])
{
    const struct ssldyn_parameters *parameters = aligned->parameters;
    const size_t n = aligned->data.n;
    const bool trained = ssldyn_rules_trained(parameters);
    const size_t targets = ssldyn_aligned_targets(aligned);
    const double *next = y + ssldyn_aligned_layers(aligned) * n;

    multiply(ssldyn_aligned_layers(aligned), n, y, W);
    for (size_t j = 0; j < n; j++)
        P[j] = trained ? next[j] : 1.0;
    if (ssldyn_rules_set(parameters))
        set_predictor(aligned, W, P);
    next += trained ? n : 0;
    if (targets > 0)
        multiply(targets, n, next, Wa);
    for (size_t j = 0; targets == 0 && j < n; j++)
        Wa[j] = parameters->target == SSLDYN_DEPTH_MAE ? 1.0 : parameters->tau * W[j];
}

size_t ssldyn_aligned_workspace(const struct ssldyn_aligned *aligned)
{
    const size_t n = aligned->data.n;
    return 7 * n + ssldyn_losses_of(aligned->parameters)->modes_workspace(n);
}

static bool find_residual(const struct ssldyn_aligned *aligned,
                          const struct ssldyn_cosine_data *data, const double P[], const double W[],
                          const double Wa[], double R[], double *loss, double workspace[])
{
    const struct ssldyn_loss *known = ssldyn_losses_of(aligned->parameters);
    const bool exact = aligned->closure == SSLDYN_ALIGNED_EXACT || !known->normalized;
    double ignored = 0.0;
    bool finite = true;

    if (exact || loss)
        finite =
            known->modes(data, P, W, Wa, aligned->spacing, R, loss ? loss : &ignored, workspace);
    if (!exact)
        ssldyn_cosine_modes_closure(data, P, W, Wa, aligned->closure == SSLDYN_ALIGNED_NEXT, R);
    for (size_t j = 0; !exact && j < data->n; j++)
        finite = finite && isfinite(R[j]);
    return finite;
}

/* Removes from R the quadrature error of sum P W R, which should be 0: otherwise the conserved
 * norms would drift for as long as the flow lasts. Applied twice to remove rounding errors as
 * well. */
static void balance(const struct ssldyn_cosine_data *data, const double P[], const double W[],
                    double R[])
{
    for (int pass = 0; pass < 2; pass++) {
        double sum = 0.0;
        double size = 0.0;
        for (size_t j = 0; j < data->n; j++) {
            const double q = P[j] * W[j];
            sum += q * R[j];
            size += q * q * data->first[j];
        }
        for (size_t j = 0; j < data->n; j++)
            R[j] -= P[j] * W[j] * data->first[j] * (sum / size);
    }
}

bool ssldyn_aligned_residual(const struct ssldyn_aligned *aligned, const double P[],
                             const double W[], const double Wa[], double R[], double *loss,
                             double workspace[])
{
    bool none = ssldyn_losses_of(aligned->parameters)->normalized;

    for (size_t j = 0; j < aligned->data.n; j++)
        none = none && Wa[j] == 0.0;
    return find_residual(aligned, &aligned->data, P, W, none ? W : Wa, R, loss, workspace);
}

void ssldyn_aligned_growth(const struct ssldyn_aligned *aligned, double t, double *of_w,
                           double *of_p)
{
    const bool iso = ssldyn_losses_of(aligned->parameters)->iso; /* P is of decay_p */
    const double w = (2.0 * aligned->decay_s + (iso ? aligned->decay_p : 0.0)) * t;
    const double p = ssldyn_rules_trained(aligned->parameters) ? 2.0 * aligned->decay_p * t : 0.0;
    const double excess = fmax(fmax(w, p) - 28.0, 0.0);

    *of_w = exp(w - excess);
    *of_p = exp(p - excess);
}

/* Adds to dW the gradient through the target, Wa = W: minus the loss's gradient with respect to
 * it. */
static bool add_target(const struct ssldyn_aligned *aligned, double to_w, const double P[],
                       const double W[], double dW[], double workspace[])
{
    const size_t n = aligned->data.n;
    struct ssldyn_cosine_data exchanged = aligned->data;
    double *one = workspace;
    double *prediction = one + n;
    double *R = prediction + n;

    exchanged.first = aligned->data.second;
    exchanged.second = aligned->data.first;
    for (size_t j = 0; j < n; j++) {
        one[j] = 1.0;
        prediction[j] = P[j] * W[j];
    }
    if (!find_residual(aligned, &exchanged, one, W, prediction, R, NULL, R + n))
        return false;
    if (ssldyn_losses_of(aligned->parameters)->normalized)
        balance(&exchanged, one, W, R);
    for (size_t j = 0; j < n; j++)
        dW[j] += to_w * R[j];
    return true;
}

/* The layers of mode j, from their blocks. */
static void gather(const struct ssldyn_aligned *aligned, size_t j, const double y[],
                   double layers[static SSLDYN_DEPTH_MOST])
{
    for (size_t l = 0; l < ssldyn_aligned_layers(aligned); l++)
        layers[l] = y[l * aligned->data.n + j];
}

/* d/dt of the layers from the descent of the loss by W. */
static void pull(const struct ssldyn_aligned *aligned, const struct ssldyn_rates *rates,
                 const double y[], const double descent[], double dydt[])
{
    const size_t n = aligned->data.n;
    const size_t L = ssldyn_aligned_layers(aligned);
    double layers[SSLDYN_DEPTH_MOST] = {0.0};
    double others[SSLDYN_DEPTH_MOST];

    for (size_t j = 0; j < n; j++) {
        gather(aligned, j, y, layers);
        ssldyn_depth_others(L, layers, others);
        for (size_t l = 0; l < L; l++)
            dydt[l * n + j] =
                descent[j] * others[l] - (rates->eta_s - aligned->decay_s) * layers[l];
    }
}

double ssldyn_aligned_lead(const struct ssldyn_aligned *aligned, double t)
{
    return exp((aligned->decay_a - leader_decay(aligned)) * t);
}

/* d/dt of the target's variables at a, which follow the layers y, or their product W. */
static void follow(const struct ssldyn_aligned *aligned, double beta, double t, const double y[],
                   const double W[], const double a[], double dadt[])
{
    const size_t n = aligned->data.n;
    const size_t targets = ssldyn_aligned_targets(aligned);
    const double *leader = targets == ssldyn_aligned_layers(aligned) ? y : W;
    const double pull = beta * ssldyn_aligned_lead(aligned, t);

    for (size_t i = 0; i < targets * n; i++)
        dadt[i] = pull * leader[i] - (beta - aligned->decay_a) * a[i];
}

bool ssldyn_aligned_rhs(const struct ssldyn_aligned *aligned, const struct ssldyn_parameters *now,
                        double t, const double y[], double dydt[], double workspace[])
{
    const struct ssldyn_rates *rates = &now->rates;
    const size_t n = aligned->data.n;
    const bool iso = ssldyn_losses_of(now)->iso;
    double *P = workspace;
    double *W = P + n;
    double *Wa = W + n;
    double *R = Wa + n;
    double *rest = R + n;
    double to_w = 1.0; /* R is of degree -1 in P W: it has grown by exp((decay_p + decay_s) t) */
    double to_p = 1.0;
    double *descent = rest;
    double *next = dydt + ssldyn_aligned_layers(aligned) * n;

    ssldyn_aligned_growth(aligned, t, &to_w, &to_p);
    ssldyn_aligned_unpack(aligned, y, P, W, Wa);
    bool finite = ssldyn_aligned_residual(aligned, P, W, Wa, R, NULL, rest);
    if (finite && ssldyn_losses_of(now)->normalized)
        balance(&aligned->data, P, W, R);
    for (size_t j = 0; j < n; j++)
        descent[j] = to_w * (iso ? R[j] : P[j] * R[j]);
    pull(aligned, rates, y, descent, dydt);
    if (finite && !now->stop_grad)
        finite = add_target(aligned, to_w, P, W, dydt, rest);
    if (ssldyn_rules_trained(now)) {
        for (size_t j = 0; j < n; j++)
            next[j] =
                rates->alpha_p * to_p * W[j] * R[j] - (rates->eta_p - aligned->decay_p) * P[j];
        next += n;
    }
    follow(aligned, rates->beta, t, y, W, y + (next - dydt), next);
    for (size_t i = 0; !finite && i < ssldyn_aligned_variables(aligned); i++)
        dydt[i] = (double)NAN;
    return finite;
}
