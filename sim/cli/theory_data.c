/* ssldyn theory of data whose X and X' do not commute: the exact fold, and estimates of the rank. */
// SPDX-License-Identifier: MIT
#include "sim/cli/theory.h"

#include "sim/inputs/inputs.h"
#include "sim/run/moments_basis.h"
#include "sim/run/survival.h"

#include <math.h>

/* All thresholds are quadratic in X, and a held tau multiplies X. */
static enum ssldyn_status print_survival(const struct ssldyn_spec *spec,
                                         const struct ssldyn_survival *survival,
                                         struct ssldyn_error *err)
{
    const double tau = ssldyn_cli_theory_tau(spec);
    const double eta = spec->problem.parameters.rates.eta_s / (tau * tau);
    const double scale = ssldyn_cli_output_scale(spec);
    struct ssldyn_survival_counts counts = {0, 0, 0, 0, 0};
    if (!(tau > 0.0) || !(eta > 0.0) || !isfinite(eta)) {
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--eta-s %g, --tau %g: the rank is counted at a weight decay and a tau "
                           "above 0",
                           spec->problem.parameters.rates.eta_s, tau);
    }
    const enum ssldyn_status status = ssldyn_survival_count_at(survival, eta, &counts, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_cli_theory_print_rates(spec);
    printf("n1 = %zu\n", survival->n1);
    ssldyn_cli_output_print("eta_c", survival->eta_c * tau * tau);
    ssldyn_cli_theory_print_decay(spec, "c", 0, 1, survival->eta_c * tau * tau);
    if (scale != 1.0) { /* on the images as they are */
        ssldyn_cli_output_print("scale", scale);
        ssldyn_cli_output_print("eta_c_unscaled", scale * survival->eta_c * tau * tau);
        ssldyn_cli_output_print("eta_s_unscaled", scale * spec->problem.parameters.rates.eta_s);
    }
    ssldyn_cli_output_print("b_c", survival->b * tau);
    ssldyn_cli_output_print("margin",
                            survival->eta_c * tau * tau - spec->problem.parameters.rates.eta_s);
    ssldyn_cli_output_print("factor_eta_s", survival->eta_c / eta);
    ssldyn_cli_output_print("elasticity_xprime", ssldyn_survival_elasticity(survival));
    printf("certified = %d\n", survival->certified);
    printf("rank_pairs = %zu\n", counts.pairs);
    printf("rank_along_x = %zu\n", counts.along_x);
    printf("rank_along_sum = %zu\n", counts.along_sum);
    printf("rank_along_pair = %zu\n", counts.along_pair);
    printf("rank_product = %zu\n", counts.product);
    printf("rank = %zu\n", counts.product);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_cli_theory_data(const struct ssldyn_spec *spec, struct ssldyn_error *err)
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
        status = print_survival(spec, survival, err);
    }
    ssldyn_survival_free(survival);
    ssldyn_moments_basis_free(basis);
    return status;
}
