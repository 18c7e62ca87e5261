/* The cosine for matrices (THEORY section 10), and its IsoLoss. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"
#include "sim/loss/cosine_matrix.h"
#include "sim/loss/matrix_loss.h"

#include <math.h>
#include <stdlib.h>

struct prepared {
    struct ssldyn_cosine_matrix *cosine;
    struct ssldyn_cosine_matrix *reversed; /* for a pair: the gradient through the target */
    double spacing;                        /* of the quadratures */
    double accuracy;                       /* sufficient accuracy of G, relative to its terms */
};

/* Above this rate of the loss, in units of the decays, its residual gradient is not integrated. */
static const double fast = 1e4;

static void release(void *prepared)
{
    struct prepared *own = prepared;
    ssldyn_cosine_matrix_free(own->cosine);
    ssldyn_cosine_matrix_free(own->reversed);
    free(own);
}

/* The error of the gradient is a hundredth of the accuracy, so that the step size control does not
 * notice it. */
static enum ssldyn_status prepare(const struct ssldyn_moments *moments, size_t n2, double accuracy,
                                  void **prepared, struct ssldyn_error *err)
{
    struct prepared *fresh = calloc(1, sizeof *fresh);
    *prepared = NULL;
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->spacing = ssldyn_cosine_rule_spacing(0.01 * accuracy);
    fresh->accuracy = accuracy;
    enum ssldyn_status status =
        ssldyn_cosine_matrix_create(n2, moments, false, &fresh->cosine, err);
    if (status == SSLDYN_OK && moments->pair)
        status = ssldyn_cosine_matrix_create(n2, moments, true, &fresh->reversed, err);
    if (status == SSLDYN_OK)
        *prepared = fresh;
    else
        release(fresh);
    return status;
}

/* Workspace of the rates, then G and the gradient through the target. */
static size_t rhs_workspace(size_t n1, size_t n2)
{
    return ssldyn_population_workspace(n1, n2) + 3 * n1 * n2;
}

static size_t value_workspace(size_t n1, size_t n2)
{
    return n1 * n2;
}

/* The target up to a positive factor, on which the cosine does not depend. A target that starts at
 * 0 and follows the network is parallel to it for all small t > 0: Wa = beta t W + O(t^2). NULL: it
 * is 0. */
static const double *target_of(size_t count, const struct ssldyn_weights *weights, double tau,
                               bool follows)
{
    if (!weights->Wa)
        return tau > 0.0 ? weights->W : NULL;
    for (size_t i = 0; i < count; i++) {
        if (weights->Wa[i] != 0.0)
            return weights->Wa;
    }
    return follows ? weights->W : NULL;
}

/* The smallest of the squares of norms in units of which the loss changes. */
static double slowest(const struct ssldyn_parameters *parameters, size_t n1, size_t n2, size_t rows,
                      const struct ssldyn_weights *weights)
{
    const double norm_w = ssldyn_dense_norm(n2 * n1, weights->W);
    const double norm_wp =
        parameters->predictor ? ssldyn_dense_norm(rows * n2, weights->Wp) / sqrt((double)n2) : 1.0;
    const double square = weights->least_layer > 0.0 ? weights->least_layer : norm_w * norm_w;
    return fmin(square, ssldyn_rules_trained(parameters)
                            ? norm_wp * norm_wp / parameters->rates.alpha_p
                            : (double)INFINITY);
}

/* As the norms decay the loss becomes faster, like 1/|W|^2 of W or its layers, and arbitrarily
 * stiff, while G is a small difference of large terms and finally only the integrator's error. Once
 * the loss is `fast`, and everything that grows has had time to grow, G is reduced by its accuracy
 * (to 0 if it is smaller): the network keeps its shape and decays. Terms of G have the size of
 * 1/|Wp W|, and |Wp W| is about |Wp| |W|/sqrt(n2). */
static void limit_stiffness(const struct prepared *own, const struct ssldyn_parameters *parameters,
                            size_t n1, size_t n2, size_t rows, const struct ssldyn_weights *weights,
                            double G[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double root = sqrt((double)n2);
    const double norm_w = ssldyn_dense_norm(n2 * n1, weights->W);
    const double norm_wp =
        parameters->predictor ? ssldyn_dense_norm(rows * n2, weights->Wp) / root : 1.0;
    if (!(slowest(parameters, n1, n2, rows, weights) * fast * fmax(rates->eta_s, rates->eta_p) <
          1.0) ||
        !(rates->eta_s > 0.0))
        return;
    const double size = ssldyn_dense_norm(rows * n1, G);
    const double unseen = own->accuracy / (norm_wp * norm_w);
    const double share = size > unseen ? 1.0 - unseen / size : 0.0;
    for (size_t i = 0; i < rows * n1; i++)
        G[i] *= share;
}

/* For a method that follows the manifold of G = 0 by itself: where the rate of the loss would be
 * more than `fastest` times that of the decay or the target, the network is closer to the manifold
 * than the accuracy, and remains so if the rate stays there. */
static void limit_rate(const struct prepared *own, const struct ssldyn_parameters *parameters,
                       size_t n1, size_t n2, size_t rows, const struct ssldyn_weights *weights,
                       double G[])
{
    const double fastest = fmin(0.1 / own->accuracy, 1e12);
    const struct ssldyn_rates *rates = &parameters->rates;
    const double unit = fmax(rates->beta, fmax(rates->eta_s, rates->eta_p));
    const double share = slowest(parameters, n1, n2, rows, weights) * fastest * unit;
    for (size_t i = 0; unit > 0.0 && share < 1.0 && i < rows * n1; i++)
        G[i] *= share;
}

/* G and the target that it is for: NULL if data are predicted. */
static enum ssldyn_status find_gradient(const struct prepared *own,
                                        const struct ssldyn_parameters *parameters,
                                        const struct ssldyn_moments *moments, size_t n2,
                                        const struct ssldyn_weights *weights, double G[],
                                        const double **target, struct ssldyn_error *err)
{
    double loss = 0.0;
    *target = moments->predicts ? NULL
                                : target_of(moments->n1 * n2, weights, parameters->tau,
                                            parameters->rates.beta > 0.0);
    if (!*target && !moments->predicts)
        return ssldyn_fail(err, SSLDYN_EFAILED, "the cosine loss has no gradient: Wa is 0");
    return ssldyn_cosine_matrix_gradient(own->cosine, parameters->predictor ? weights->Wp : NULL,
                                         weights->W, *target, own->spacing, G, &loss, err);
}

static enum ssldyn_status residual(void *prepared, const struct ssldyn_parameters *parameters,
                                   const struct ssldyn_moments *moments, size_t n2,
                                   const struct ssldyn_weights *weights, double R[],
                                   struct ssldyn_error *err)
{
    const double *target = NULL;
    const enum ssldyn_status status =
        find_gradient(prepared, parameters, moments, n2, weights, R, &target, err);
    if (status == SSLDYN_OK)
        limit_rate(prepared, parameters, moments->n1, n2, ssldyn_moments_rows(moments, n2), weights,
                   R);
    return status;
}

static enum ssldyn_status rhs(void *prepared, const struct ssldyn_parameters *parameters,
                              const struct ssldyn_moments *moments, size_t n2,
                              const struct ssldyn_weights *weights,
                              const struct ssldyn_weights_rate *rate, double workspace[],
                              struct ssldyn_error *err)
{
    const size_t n1 = moments->n1;
    const double *Wp = parameters->predictor ? weights->Wp : NULL;
    const size_t rows = ssldyn_moments_rows(moments, n2);
    const double *target = NULL;
    double *G = workspace + ssldyn_population_workspace(n1, n2);
    double *G_target = parameters->stop_grad ? NULL : G + n1 * n2;
    const struct prepared *own = prepared;
    double loss = 0.0;
    enum ssldyn_status status =
        find_gradient(own, parameters, moments, n2, weights, G, &target, err);
    if (status == SSLDYN_OK && G_target) { /* the two branches exchanged */
        const double *M = weights->W;
        if (Wp) {
            ssldyn_dense_multiply(n2, n2, n1, Wp, weights->W, G_target + n1 * n2);
            M = G_target + n1 * n2;
        }
        status = ssldyn_cosine_matrix_gradient(own->reversed ? own->reversed : own->cosine, NULL,
                                               target, M, own->spacing, G_target, &loss, err);
    }
    if (status == SSLDYN_OK && !G_target)
        limit_stiffness(own, parameters, n1, n2, rows, weights, G);
    if (status == SSLDYN_OK)
        ssldyn_population_rates(parameters, n1, n2, rows, weights, G, G_target, rate, workspace);
    return status;
}

static double value(void *prepared, const struct ssldyn_moments *moments, size_t n2,
                    const struct ssldyn_weights *weights, double tau, double workspace[])
{
    const double *target = moments->predicts
                               ? NULL
                               : target_of(moments->n1 * n2, weights, tau == 0.0 ? 1.0 : tau, true);
    const struct prepared *own = prepared;
    double loss = (double)NAN;
    if ((!target && !moments->predicts) ||
        ssldyn_cosine_matrix_gradient(own->cosine, weights->Wp, weights->W, target, own->spacing,
                                      workspace, &loss, NULL) != SSLDYN_OK)
        return (double)NAN;
    return loss;
}

/* No value_of_modes: outside the aligned frame the modes are coupled. */
#define MEMBERS                                                                                    \
    .prepare = prepare, .release = release, .rhs_workspace = rhs_workspace,                        \
    .value_workspace = value_workspace, .rhs = rhs, .residual = residual, .value = value

const struct ssldyn_matrix_loss ssldyn_matrix_loss_cosine = {.name = "cosine", MEMBERS};
const struct ssldyn_matrix_loss ssldyn_matrix_loss_iso_cosine = {.name = "iso-cosine", MEMBERS};
