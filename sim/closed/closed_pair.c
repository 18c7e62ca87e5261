/* ssldyn theory for inputs x and targets y with different distributions, --sxx and --syx (THEORY section 11): the folds
 * of its modes where Sxx and Syx have them in common, and otherwise of the network as a whole. */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/base/memory.h"
#include "sim/inputs/inputs.h"
#include "sim/linalg/linalg.h"
#include "sim/run/moments_basis.h"
#include "sim/run/survival.h"

#include <math.h>
#include <stdlib.h>

/* Off-diagonal entries and asymmetry below this share of Syx are rounding. */
static const double tolerance = 1e-8;

/* Of MAE: the largest inner product of two columns of Syx in the basis of Sxx, over |Syx|_F^2. Where
 * they are orthogonal these are the singular vectors of Syx, and their sizes its singular values. */
static double off_orthogonal(const struct ssldyn_moments_basis *basis)
{
    const size_t n = basis->n1;
    const size_t rows = basis->moments.predicted;
    const double size = ssldyn_dense_norm(rows * n, basis->X);
    double off = 0.0;
    for (size_t j = 0; size > 0.0 && j < n; j++) {
        for (size_t k = 0; k < j; k++) {
            double product = 0.0;
            for (size_t i = 0; i < rows; i++) {
                product += basis->X[i * n + j] / size * (basis->X[i * n + k] / size);
            }
            off = fmax(off, fabs(product));
        }
    }
    return off;
}

static double lambda_d(const struct ssldyn_moments_basis *basis, size_t j)
{
    const size_t n = basis->n1;
    double size = 0.0;
    if (!basis->moments.predicts) {
        return fabs(basis->X[j * (n + 1)]);
    }
    for (size_t i = 0; i < basis->moments.predicted; i++) {
        size = hypot(size, basis->X[i * n + j]);
    }
    return size;
}

/* |Syx - its diagonal|_F in the basis of Sxx, over |Syx|_F. */
static double off_diagonal(const struct ssldyn_moments_basis *basis)
{
    const size_t n = basis->n1;
    double off = 0.0;
    if (basis->moments.predicts) {
        return off_orthogonal(basis);
    }
    for (size_t i = 0; i < n * n; i++) {
        off = i % (n + 1) == 0 ? off : hypot(off, basis->X[i]);
    }
    const double size = ssldyn_dense_norm(n * n, basis->X);
    return size > 0.0 ? off / size : 0.0;
}

/* The modes of data in a common basis, those with variance, the largest thresholds first. */
static enum ssldyn_status take_modes(const struct ssldyn_moments_basis *basis,
                                     struct ssldyn_closed_list *list, struct ssldyn_error *err)
{
    const size_t n = basis->n1;
    *list = (struct ssldyn_closed_list){.isotropic = false};
    list->lambda_s = ssldyn_memory_array(4 * n, sizeof *list->lambda_s);
    if (!list->lambda_s) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n);
    }
    list->lambda_d = list->lambda_s + n;
    list->p = list->lambda_d + n; /* no start is known */
    list->w = list->p + n;
    for (size_t j = 0; j < n; j++) {
        if (basis->sum[j] > 1e-14 * basis->sum[0]) {
            list->lambda_s[list->count] = basis->sum[j];
            list->lambda_d[list->count++] = lambda_d(basis, j);
        }
    }
    list->kinds = list->count;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_closed_list_of_pair(const struct ssldyn_spec *spec,
                                              struct ssldyn_closed_list *list,
                                              struct ssldyn_error *err)
{
    struct ssldyn_moments_basis *basis = NULL;
    *list = (struct ssldyn_closed_list){.isotropic = false};
    enum ssldyn_status status = ssldyn_inputs_moments(spec, &basis, err);
    if (status == SSLDYN_OK && off_diagonal(basis) > tolerance) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--syx: has no modes in common with --sxx (the two do not commute, or "
                             "Syx is not symmetric), and with several layers the theory "
                             "covers common modes only");
    }
    if (status == SSLDYN_OK) {
        status = take_modes(basis, list, err);
    }
    ssldyn_moments_basis_free(basis);
    return status;
}

/* The network as a whole. */
static enum ssldyn_status put_whole(const struct ssldyn_spec *spec,
                                    const struct ssldyn_moments_basis *basis,
                                    struct ssldyn_result *result, struct ssldyn_error *err)
{
    const double tau = ssldyn_closed_tau(spec);
    const double eta_s = spec->problem.parameters.rates.eta_s;
    const double eta = eta_s / (tau * tau);
    struct ssldyn_survival_counts counts = {0, 0, 0, 0, 0};
    struct ssldyn_survival *survival = NULL;
    if (!(tau > 0.0) || !(eta > 0.0) || !isfinite(eta)) {
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--eta-s %g, --tau %g: the rank needs a weight decay and a tau "
                           "above 0",
                           eta_s, tau);
    }
    enum ssldyn_status status = ssldyn_survival_create(&basis->moments, &survival, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_survival_count_at(survival, eta, &counts, err);
    }
    if (status == SSLDYN_OK) {
        const double eta_c = survival->eta_c * tau * tau;
        ssldyn_closed_put_rates(result, spec);
        ssldyn_result_put_count(result, "n1", (int64_t)basis->n1);
        ssldyn_result_put(result, "eta_c", eta_c);
        ssldyn_closed_put_decay(result, spec, "c", 0, 1, eta_c);
        ssldyn_result_put(result, "b_c", survival->b * tau);
        ssldyn_result_put(result, "margin", eta_c - eta_s);
        ssldyn_result_put(result, "factor_eta_s", survival->eta_c / eta);
        ssldyn_result_put_count(result, "certified", survival->certified);
        /* reached by an equilibrium; else a bound */
        ssldyn_result_put_count(result, "exact",
                                ssldyn_dense_asymmetry(basis->n1, basis->X) <= tolerance);
        ssldyn_result_put_count(result, "rank", (int64_t)counts.product);
    }
    ssldyn_survival_free(survival);
    return status;
}

static void put_data(struct ssldyn_result *result, const struct ssldyn_moments_basis *basis)
{
    const size_t n = basis->n1;
    for (size_t j = 0; j < n; j++) {
        if (basis->sum[j] > 1e-14 * basis->sum[0]) {
            ssldyn_result_put_of(result, "lambda_s", j, n, basis->sum[j]);
            ssldyn_result_put_of(result, "lambda_d", j, n, basis->X[j * (n + 1)]);
        }
    }
}

enum ssldyn_status ssldyn_closed_pair(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                      struct ssldyn_error *err)
{
    struct ssldyn_moments_basis *basis = NULL;
    enum ssldyn_status status = ssldyn_inputs_moments(spec, &basis, err);
    if (status == SSLDYN_OK && off_diagonal(basis) <= tolerance) {
        status = ssldyn_closed_networks(spec, result, err);
        if (status == SSLDYN_OK) {
            put_data(result, basis);
        }
    } else if (status == SSLDYN_OK) {
        status = put_whole(spec, basis, result, err);
    }
    ssldyn_moments_basis_free(basis);
    return status;
}
