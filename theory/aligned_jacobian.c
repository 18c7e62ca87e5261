/* The Jacobian of aligned modes: the derivatives of the residual with respect to q = P W and Wa,
 * and the product rule. */
// SPDX-License-Identifier: MIT
#include "theory/aligned_jacobian.h"

#include "theory/cosine_modes_jacobian.h"
#include "theory/depth_flow.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

bool ssldyn_aligned_jacobian_is_known(const struct ssldyn_aligned *aligned)
{
    return !ssldyn_rules_set(aligned->parameters) &&
           (aligned->closure == SSLDYN_ALIGNED_EXACT ||
            !ssldyn_losses_of(aligned->parameters)->normalized);
}

size_t ssldyn_aligned_jacobian_workspace(const struct ssldyn_aligned *aligned)
{
    const size_t n = aligned->data.n;
    const size_t residual = ssldyn_aligned_workspace(aligned);
    const size_t derivatives = ssldyn_cosine_modes_jacobian_workspace(n);
    const size_t factors = ssldyn_aligned_layers(aligned) + ssldyn_aligned_targets(aligned);
    return (8 + factors) * n + 2 * n * n + (residual > derivatives ? residual : derivatives);
}

/* A residual and its derivatives, of which row j is that of R_j. */
struct slopes {
    double *q, *R;
    double *by_q, *by_wa;
};

/* The right-hand side removes the error of sum q R = 0 from the residual; this does the same for
 * its derivative: q by_q + R = 0, q by_wa = 0. */
static void balance(const struct ssldyn_cosine_data *data, const struct slopes *slopes)
{
    const size_t n = data->n;
    double size = 0.0;
    for (size_t j = 0; j < n; j++)
        size += slopes->q[j] * slopes->q[j] * data->first[j];
    for (size_t k = 0; k < n; k++) {
        double sum_q = slopes->R[k];
        double sum_wa = 0.0;
        for (size_t j = 0; j < n; j++) {
            sum_q += slopes->q[j] * slopes->by_q[j * n + k];
            sum_wa += slopes->q[j] * slopes->by_wa[j * n + k];
        }
        for (size_t j = 0; j < n; j++) {
            const double share = slopes->q[j] * data->first[j] / size;
            slopes->by_q[j * n + k] -= share * sum_q;
            slopes->by_wa[j * n + k] -= share * sum_wa;
        }
    }
}

static bool find_slopes(const struct ssldyn_aligned *aligned, const struct ssldyn_cosine_data *data,
                        const double wa[], const struct slopes *slopes, double workspace[])
{
    const size_t n = data->n;
    if (!ssldyn_losses_of(aligned->parameters)->normalized) {
        memset(slopes->by_q, 0, n * n * sizeof(double));
        memset(slopes->by_wa, 0, n * n * sizeof(double));
        for (size_t j = 0; j < n; j++) {
            slopes->by_q[j * n + j] = -data->first[j];
            slopes->by_wa[j * n + j] = data->across[j];
        }
        return true;
    }
    if (!ssldyn_cosine_modes_jacobian(data, slopes->q, wa, aligned->spacing, slopes->by_q,
                                      slopes->by_wa, workspace))
        return false;
    balance(data, slopes);
    return true;
}

/* Offsets of the blocks of variables in rows and columns: SIZE_MAX for one without an equation.
 * others: of each layer, and of each variable of the target, the product of all others (in blocks
 * of n), the derivative of W and Wa by it. */
struct layout {
    size_t n, count, L, targets;
    size_t P, Wa;
    double *others, *target_others;
};

/* Of count blocks of n factors, the products of the others. */
static void find_others(size_t count, size_t n, const double blocks[], double others[])
{
    double factors[SSLDYN_DEPTH_MOST];
    double products[SSLDYN_DEPTH_MOST];
    for (size_t j = 0; j < n; j++) {
        for (size_t l = 0; l < count; l++)
            factors[l] = blocks[l * n + j];
        ssldyn_depth_others(count, factors, products);
        for (size_t l = 0; l < count; l++)
            others[l * n + j] = products[l];
    }
}

/* NOLINTBEGIN(readability-non-const-parameter): the layout hands its parts out to be written */
/* workspace: n for each layer and variable of the target. */
static struct layout lay_out(const struct ssldyn_aligned *aligned, const double y[],
                             double workspace[])
{
    const size_t n = aligned->data.n;
    const size_t L = ssldyn_aligned_layers(aligned);
    const bool trained = ssldyn_rules_trained(aligned->parameters);
    struct layout at = {.n = n,
                        .count = ssldyn_aligned_variables(aligned),
                        .L = L,
                        .targets = ssldyn_aligned_targets(aligned),
                        .P = trained ? L * n : SIZE_MAX,
                        .Wa = SIZE_MAX,
                        .others = workspace,
                        .target_others = workspace + L * n};
    find_others(L, n, y, at.others);
    if (at.targets > 0) {
        at.Wa = (trained ? L + 1 : L) * n;
        find_others(at.targets, n, y + at.Wa, at.target_others);
    }
    return at;
}
/* NOLINTEND(readability-non-const-parameter) */

/* dR_j with respect to W_k, P_k, Wa_k. */
static void by_variables(const struct ssldyn_aligned *aligned, const struct slopes *slopes,
                         size_t j, size_t k, const double P[], const double W[],
                         double by[static 3])
{
    const size_t n = aligned->data.n;
    const double by_q = slopes->by_q[j * n + k];
    const double by_wa = slopes->by_wa[j * n + k];
    const struct ssldyn_parameters *parameters = aligned->parameters;
    const bool held = parameters->tau_held && parameters->target == SSLDYN_DEPTH_JEPA;
    by[0] = P[k] * by_q + (held ? parameters->tau * by_wa : 0.0);
    by[1] = W[k] * by_q;
    by[2] = ssldyn_aligned_targets(aligned) > 0 ? by_wa : 0.0;
}

static void put(const struct layout *at, double jacobian[], size_t row, size_t k,
                const double by[static 3], double factor)
{
    double *entries = jacobian + row * at->count;
    for (size_t l = 0; l < at->L; l++)
        entries[l * at->n + k] += factor * by[0] * at->others[l * at->n + k];
    if (at->P != SIZE_MAX)
        entries[at->P + k] += factor * by[1];
    for (size_t l = 0; l < at->targets; l++)
        entries[at->Wa + l * at->n + k] += factor * by[2] * at->target_others[l * at->n + k];
}

/* The gradient through the target: R2 of (W, P W) with the views exchanged. */
static bool add_target(const struct ssldyn_aligned *aligned, double to_w,
                       const struct slopes *slopes, const struct layout *at, const double P[],
                       const double W[], double jacobian[], double workspace[])
{
    const size_t n = aligned->data.n;
    struct ssldyn_cosine_data exchanged = aligned->data;
    double *one = workspace;
    double *q = one + n;
    double *rest = q + n;
    double loss = 0.0;
    exchanged.first = aligned->data.second;
    exchanged.second = aligned->data.first;
    for (size_t j = 0; j < n; j++) {
        one[j] = 1.0;
        q[j] = P[j] * W[j];
        slopes->q[j] = W[j];
    }
    if (!ssldyn_losses_of(aligned->parameters)
             ->modes(&exchanged, one, W, q, aligned->spacing, slopes->R, &loss, rest) ||
        !find_slopes(aligned, &exchanged, q, slopes, rest))
        return false;
    for (size_t j = 0; j < n; j++) {
        for (size_t k = 0; k < n; k++) {
            const double by_target = slopes->by_wa[j * n + k];
            const double by[3] = {slopes->by_q[j * n + k] + P[k] * by_target, W[k] * by_target,
                                  0.0};
            put(at, jacobian, j, k, by, to_w);
        }
    }
    return true;
}

/* The descent of the loss by W, times the derivatives of the other layers' products by layers. */
static void add_pairs(const struct layout *at, size_t j, const double y[], double descent,
                      double jacobian[])
{
    double rest[SSLDYN_DEPTH_MOST];
    double pairs[SSLDYN_DEPTH_MOST];
    for (size_t l = 0; l < at->L; l++) {
        for (size_t k = 0; k < at->L; k++) /* all layers but l */
            rest[k] = k == l ? 1.0 : y[k * at->n + j];
        ssldyn_depth_others(at->L, rest, pairs);
        for (size_t k = 0; k < at->L; k++) {
            if (k != l)
                jacobian[(l * at->n + j) * at->count + k * at->n + j] += descent * pairs[k];
        }
    }
}

/* The rows of the target's variables of mode j. */
static void put_target(const struct ssldyn_aligned *aligned, const struct layout *at, double beta,
                       double t, size_t j, double jacobian[])
{
    const bool of_layers = at->targets == at->L;
    const double pull = beta * ssldyn_aligned_lead(aligned, t);
    for (size_t l = 0; l < at->targets; l++) {
        double *row = jacobian + (at->Wa + l * at->n + j) * at->count;
        row[at->Wa + l * at->n + j] = aligned->decay_a - beta;
        if (of_layers)
            row[l * at->n + j] = pull;
        for (size_t k = 0; !of_layers && k < at->L; k++)
            row[k * at->n + j] = pull * at->others[k * at->n + j];
    }
}

/* The terms of the product rule that are not in R, and the linear terms. */
static void add_diagonal(const struct ssldyn_aligned *aligned, const struct ssldyn_parameters *now,
                         const struct layout *at, double t, double to_w, double to_p,
                         const double P[], const double R[], const double y[], double jacobian[])
{
    const struct ssldyn_rates *rates = &now->rates;
    const bool iso = ssldyn_losses_of(now)->iso;
    const size_t n = aligned->data.n;
    for (size_t j = 0; j < n; j++) {
        for (size_t l = 0; l < at->L; l++) {
            const size_t i = l * n + j;
            jacobian[i * at->count + i] -= rates->eta_s - aligned->decay_s;
            if (at->P != SIZE_MAX && !iso)
                jacobian[i * at->count + at->P + j] += to_w * R[j] * at->others[i];
        }
        add_pairs(at, j, y, to_w * (iso ? R[j] : P[j] * R[j]), jacobian);
        if (at->P != SIZE_MAX) {
            double *of_p = jacobian + (at->P + j) * at->count;
            for (size_t l = 0; l < at->L; l++)
                of_p[l * n + j] += rates->alpha_p * to_p * R[j] * at->others[l * n + j];
            of_p[at->P + j] -= rates->eta_p - aligned->decay_p;
        }
        put_target(aligned, at, rates->beta, t, j, jacobian);
    }
}

void ssldyn_aligned_jacobian(const struct ssldyn_aligned *aligned,
                             const struct ssldyn_parameters *now, double t, const double y[],
                             double jacobian[], double workspace[])
{
    const size_t n = aligned->data.n;
    const struct layout at = lay_out(aligned, y, workspace);
    const bool iso = ssldyn_losses_of(now)->iso;
    double to_w = 1.0;
    double to_p = 1.0;
    double *P = workspace + (at.L + at.targets) * n;
    double *W = P + n;
    double *Wa = W + n;
    const struct slopes slopes = {
        .q = Wa + n, .R = Wa + 2 * n, .by_q = Wa + 3 * n, .by_wa = Wa + 3 * n + n * n};
    double *rest = slopes.by_wa + n * n;
    ssldyn_aligned_growth(aligned, t, &to_w, &to_p);
    memset(jacobian, 0, at.count * at.count * sizeof *jacobian);
    ssldyn_aligned_unpack(aligned, y, P, W, Wa);
    bool finite = ssldyn_aligned_residual(aligned, P, W, Wa, slopes.R, NULL, rest);
    bool none = true;
    for (size_t j = 0; j < n; j++) {
        slopes.q[j] = P[j] * W[j];
        none = none && Wa[j] == 0.0;
    }
    finite = finite && find_slopes(aligned, &aligned->data, none ? W : Wa, &slopes, rest);
    for (size_t j = 0; finite && j < n; j++) {
        for (size_t k = 0; k < n; k++) {
            double by[3];
            by_variables(aligned, &slopes, j, k, P, W, by);
            for (size_t l = 0; l < at.L; l++)
                put(&at, jacobian, l * n + j, k, by,
                    to_w * (iso ? 1.0 : P[j]) * at.others[l * n + j]);
            if (at.P != SIZE_MAX)
                put(&at, jacobian, at.P + j, k, by, now->rates.alpha_p * to_p * W[j]);
        }
    }
    add_diagonal(aligned, now, &at, t, to_w, to_p, P, slopes.R, y, jacobian);
    if (finite && !now->stop_grad)
        finite = add_target(aligned, to_w, &slopes, &at, P, W, jacobian, rest);
    for (size_t i = 0; !finite && i < at.count * at.count; i++)
        jacobian[i] = (double)NAN;
}
