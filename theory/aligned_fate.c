/* Fates of aligned modes. The names of the criteria are those of THEORY section 10. */
// SPDX-License-Identifier: MIT
#include "theory/aligned_fate.h"

#include <math.h>

/* A closed-form predictor: p is a power of s plus a multiple of the largest s, and never
 * negative. */
static bool is_power(const struct ssldyn_parameters *parameters)
{
    double shift = 0.0;
    return ssldyn_rules_set(parameters) &&
           ssldyn_rules_of(parameters)->kind == SSLDYN_RULE_SPECTRAL &&
           !isnan(ssldyn_rules_of(parameters)->power(parameters, &shift)) && shift == 0.0;
}

/* Both views are the same, all coordinates vary, and the target is the network: the assumptions
 * of water-filling. */
static bool is_noise_free(const struct ssldyn_aligned *aligned)
{
    for (size_t j = 0; j < aligned->data.n; j++) {
        if (!(aligned->data.rest[j] == 0.0 && aligned->data.across[j] > 0.0))
            return false;
    }
    return aligned->parameters->tau_held && aligned->parameters->tau > 0.0 &&
           aligned->parameters->target == SSLDYN_DEPTH_JEPA;
}

/* IsoLoss of the squared distance, Wp trained and tau held: (s, p) has no cycle, and its fixed
 * points are known. */
static enum ssldyn_fate judge_held(const struct ssldyn_parameters *parameters, double pull,
                                   double lambda_s, double P, double W, double margin)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double s = rates->alpha_p * W * W;
    const double floor = P - 0.5 * s; /* conserved without decay */
    const double blur = margin * (fabs(P) + s);

    if (rates->eta_s > 0.0)
        return pull > rates->eta_s && rates->eta_p > 0.0 ? SSLDYN_FATE_SURVIVES
                                                         : SSLDYN_FATE_COLLAPSED;
    if (!(pull > 0.0))
        return SSLDYN_FATE_UNDECIDED;
    if (rates->eta_p > 0.0 || floor + blur < pull / lambda_s)
        return SSLDYN_FATE_SURVIVES;
    return floor - blur > pull / lambda_s ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_UNDECIDED;
}

/* IsoLoss of the squared distance, whose modes are independent: transcritical at eta_s =
 * lambda_d. */
static enum ssldyn_fate judge_iso(const struct ssldyn_aligned *aligned, size_t j, double P,
                                  double W, double Wa, double margin)
{
    const struct ssldyn_parameters *parameters = aligned->parameters;
    const struct ssldyn_rates *rates = &parameters->rates;
    const bool held = parameters->tau_held;
    const double across = aligned->data.across[j];
    const double pull = held ? parameters->tau * across : across;
    const bool above = pull > rates->eta_s;

    if (W == 0.0 && (held || Wa == 0.0))
        return SSLDYN_FATE_COLLAPSED;
    if (ssldyn_rules_trained(parameters) && held)
        return judge_held(parameters, pull, aligned->data.first[j], P, W, margin);
    if (!held && !(rates->beta > 0.0 && W * Wa >= 0.0))
        return SSLDYN_FATE_UNDECIDED;
    if (!(P >= 0.0) || !parameters->predictor)
        return SSLDYN_FATE_UNDECIDED;
    if (pull < rates->eta_s)
        return SSLDYN_FATE_COLLAPSED;
    if (!isnan(ssldyn_rules_pure_power(parameters)))
        return above ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_UNDECIDED;
    return ssldyn_rules_trained(parameters) && above && rates->eta_p > 0.0 &&
                   rates->eta_p <= 2.0 * rates->eta_s
               ? SSLDYN_FATE_SURVIVES
               : SSLDYN_FATE_UNDECIDED;
}

/* The square of a lower bound of |P_j| that holds while W_j lives and is reached if it dies: of
 * sqrt(alpha_p |c_j|) by the balance of Thm 1, of P_j - alpha_p W_j^2/2 under an iso loss; 0:
 * W_j lives in any case. off: the relative error of P and W, with the sign that makes it largest
 * or smallest. */
static double floor_squared(const struct ssldyn_aligned *aligned, double P, double W, double off)
{
    const double s = aligned->parameters->rates.alpha_p * W * W;
    if (ssldyn_losses_of(aligned->parameters)->iso) {
        const double floor = fmax(P - 0.5 * s + off * (fabs(P) + s), 0.0);
        return floor * floor;
    }
    return fmax(P * P - s + 2.0 * off * (P * P + s), 0.0);
}

/* The law behind floor_squared holds. */
static bool has_floors(const struct ssldyn_parameters *parameters)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const bool iso = ssldyn_losses_of(parameters)->iso;
    return ssldyn_rules_trained(parameters) && parameters->stop_grad &&
           rates->eta_p == (iso ? 2.0 * rates->eta_s : rates->eta_s);
}

/* Water-filling: marks in fates the modes that die when the others S share the rest of |Wp|^2,
 * and returns |S|; *left is their total. Modes with W = 0 are excluded. Modes with P < 0 die
 * for any total, and their share goes to the others from the start. */
static size_t fill(const struct ssldyn_aligned *aligned, const double P[], const double W[],
                   enum ssldyn_fate fates[], double *left)
{
    const size_t n = aligned->data.n;
    size_t survivors = 0;
    *left = 0.0;
    for (size_t j = 0; j < n; j++) {
        const double floor = floor_squared(aligned, P[j], W[j], 0.0);
        const bool dies = W[j] == 0.0 || (P[j] < 0.0 && floor > 0.0);
        fates[j] = dies ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES;
        *left += W[j] == 0.0 ? 0.0 : P[j] * P[j] - (dies ? floor : 0.0);
        survivors += !dies;
    }
    for (bool grown = true; grown && survivors > 0;) {
        const double share = *left / (double)survivors;
        grown = false;
        for (size_t j = 0; j < n; j++) {
            const double floor = floor_squared(aligned, P[j], W[j], 0.0);
            if (fates[j] == SSLDYN_FATE_SURVIVES && floor > 0.0 && floor >= share) {
                fates[j] = SSLDYN_FATE_COLLAPSED;
                *left -= floor;
                survivors--;
                grown = true;
            }
        }
    }
    return survivors;
}

/* Whether the result of fill is certain: the smallest P of the survivors never decreases, so no
 * P of theirs ever exceeds top, and every other floor lies above it. */
static bool is_bound(const struct ssldyn_aligned *aligned, const double P[], const double W[],
                     double margin, const enum ssldyn_fate fates[], size_t survivors, double left)
{
    double least = (double)INFINITY;
    double sum = 0.0;
    for (size_t j = 0; j < aligned->data.n; j++) {
        sum += P[j] * P[j];
        if (fates[j] == SSLDYN_FATE_SURVIVES)
            least = fmin(least, P[j]);
    }
    least -= margin * fabs(least);
    if (survivors == 0 || !(least > 0.0))
        return false;
    /* squared; both terms of left have an error of at most 4 margin of their size */
    const double top = left - (double)(survivors - 1) * least * least + 8.0 * margin * sum;
    for (size_t j = 0; j < aligned->data.n; j++) {
        const bool survives = fates[j] == SSLDYN_FATE_SURVIVES;
        const double floor = floor_squared(aligned, P[j], W[j], survives ? margin : -margin);
        if (W[j] != 0.0 && (survives ? floor >= least * least : floor <= (P[j] > 0.0 ? top : 0.0)))
            return false;
    }
    return true;
}

static void judge_normalized(const struct ssldyn_aligned *aligned, const double P[],
                             const double W[], double margin, enum ssldyn_fate fates[])
{
    const struct ssldyn_parameters *parameters = aligned->parameters;
    const bool noise_free =
        is_noise_free(aligned) && parameters->stop_grad && aligned->closure != SSLDYN_ALIGNED_NEXT;
    const size_t n = aligned->data.n;
    double left = 0.0;

    if (noise_free && has_floors(parameters) &&
        is_bound(aligned, P, W, margin, fates, fill(aligned, P, W, fates, &left), left))
        return;
    for (size_t j = 0; j < n; j++) {
        const double p2 = P[j] * P[j];
        const double s = parameters->rates.alpha_p * W[j] * W[j];
        fates[j] = SSLDYN_FATE_UNDECIDED;
        if (noise_free && is_power(parameters))
            fates[j] = W[j] == 0.0 ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES;
        else if (has_floors(parameters) && !ssldyn_losses_of(parameters)->iso &&
                 s * (1.0 - 2.0 * margin) > p2 * (1.0 + 2.0 * margin))
            fates[j] = SSLDYN_FATE_SURVIVES;
    }
}

void ssldyn_aligned_fate(const struct ssldyn_aligned *aligned, const double P[], const double W[],
                         const double Wa[], double margin, enum ssldyn_fate fates[])
{
    const struct ssldyn_loss *loss = ssldyn_losses_of(aligned->parameters);
    if (loss->normalized) {
        judge_normalized(aligned, P, W, margin, fates);
        return;
    }
    const bool known = loss->iso && ssldyn_aligned_layers(aligned) == 1;
    for (size_t j = 0; j < aligned->data.n; j++)
        fates[j] = known ? judge_iso(aligned, j, P[j], W[j], Wa[j], margin) : SSLDYN_FATE_UNDECIDED;
}

const char *ssldyn_aligned_fate_why(const struct ssldyn_aligned *aligned)
{
    const struct ssldyn_parameters *parameters = aligned->parameters;
    const struct ssldyn_loss *loss = ssldyn_losses_of(parameters);
    if (!parameters->predictor || !parameters->stop_grad)
        return "for this loss, criteria are proved only with both a predictor and a stop-gradient";
    if (!loss->normalized)
        return loss->iso && ssldyn_aligned_layers(aligned) == 1 &&
                       (parameters->tau_held || parameters->rates.beta > 0.0)
                   ? NULL
                   : "no criterion is proved for these settings";
    if (ssldyn_rules_set(parameters))
        return is_power(parameters) && is_noise_free(aligned)
                   ? NULL
                   : "criteria are proved only for a power of the spectrum, data without noise and "
                     "a constant tau";
    if (!has_floors(parameters))
        return loss->iso ? "criteria are proved only for eta_p = 2 eta_s, where P - alpha_p W^2/2 "
                           "is conserved"
                         : "criteria are proved only for equal weight decays, where the balance of "
                           "Thm 1 is conserved";
    if (!is_noise_free(aligned))
        return loss->iso ? "criteria are proved only for data without noise and a constant tau"
               : ssldyn_aligned_layers(aligned) > 1
                   ? "with noise or a moving target only the survival of modes with v^2 > "
                     "p^2/alpha_p "
                     "in every layer is proved"
                   : "with noise or a moving target only the survival of modes with s > "
                     "p^2/alpha_p is proved";
    return NULL;
}
