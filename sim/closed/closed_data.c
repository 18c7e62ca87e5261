/* ssldyn theory for data whose X and X' do not commute: the exact fold, and estimates of the
 * rank. */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/inputs/inputs.h"
#include "sim/run/moments_basis.h"
#include "sim/run/survival.h"

#include <math.h>

/* All thresholds are quadratic in X, and a held tau multiplies X. */
static enum ssldyn_status put_survival(const struct ssldyn_spec *spec,
                                       const struct ssldyn_survival *survival,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    const double tau = ssldyn_closed_tau(spec);
    const double eta = spec->problem.parameters.rates.eta_s / (tau * tau);
    const double scale = ssldyn_inputs_scale(spec);
    struct ssldyn_survival_counts counts = {0, 0, 0, 0, 0};
    if (!(tau > 0.0) || !(eta > 0.0) || !isfinite(eta)) {
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--eta-s %g, --tau %g: the rank needs a weight decay and a tau above 0",
                           spec->problem.parameters.rates.eta_s, tau);
    }
    const enum ssldyn_status status = ssldyn_survival_count_at(survival, eta, &counts, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_closed_put_rates(result, spec);
    ssldyn_result_put_count(result, "n1", (int64_t)survival->n1);
    ssldyn_result_put(result, "eta_c", survival->eta_c * tau * tau);
    ssldyn_closed_put_decay(result, spec, "c", 0, 1, survival->eta_c * tau * tau);
    if (scale != 1.0) { /* for the images without scaling */
        ssldyn_result_put(result, "scale", scale);
        ssldyn_result_put(result, "eta_c_unscaled", scale * survival->eta_c * tau * tau);
        ssldyn_result_put(result, "eta_s_unscaled", scale * spec->problem.parameters.rates.eta_s);
    }
    ssldyn_result_put(result, "b_c", survival->b * tau);
    ssldyn_result_put(result, "margin",
                      survival->eta_c * tau * tau - spec->problem.parameters.rates.eta_s);
    ssldyn_result_put(result, "factor_eta_s", survival->eta_c / eta);
    ssldyn_result_put(result, "elasticity_xprime", ssldyn_survival_elasticity(survival));
    ssldyn_result_put_count(result, "certified", survival->certified);
    ssldyn_result_put_count(result, "rank_pairs", (int64_t)counts.pairs);
    ssldyn_result_put_count(result, "rank_along_x", (int64_t)counts.along_x);
    ssldyn_result_put_count(result, "rank_along_sum", (int64_t)counts.along_sum);
    ssldyn_result_put_count(result, "rank_along_pair", (int64_t)counts.along_pair);
    ssldyn_result_put_count(result, "rank_product", (int64_t)counts.product);
    ssldyn_result_put_count(result, "rank", (int64_t)counts.product);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_closed_data(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                      struct ssldyn_error *err)
{
    struct ssldyn_moments_basis *basis = NULL;
    struct ssldyn_survival *survival = NULL;
    if (!spec->x_file) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--model population: needs --x and --xprime");
    }
    enum ssldyn_status status = ssldyn_inputs_moments(spec, &basis, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_survival_create(&basis->moments, &survival, err);
    }
    if (status == SSLDYN_OK) {
        status = put_survival(spec, survival, result, err);
    }
    ssldyn_survival_free(survival);
    ssldyn_moments_basis_free(basis);
    return status;
}
