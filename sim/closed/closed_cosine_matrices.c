/* ssldyn theory for the cosine loss, from matrices: the final W W^T (THEORY section 10). */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/base/memory.h"
#include "sim/inputs/inputs.h"
#include "sim/linalg/linalg.h"
#include "theory/waterfill.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

static enum ssldyn_status check(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_problem *problem = &spec->problem;
    const struct ssldyn_moments_basis *basis = problem->basis;
    double noise = problem->typed.sigma2;
    double sum = 1.0;
    if (basis) {
        const size_t step = basis->moments.kind == SSLDYN_MOMENTS_DIAGONAL ? 1 : basis->n1 + 1;
        noise = sum = 0.0;
        for (size_t i = 0; i < basis->n1; i++) {
            sum += basis->sum[i];
            noise += basis->sum[i] - basis->X[i * step];
        }
    }
    if (noise > 1e-10 * sum) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT, "%s: the final state of matrices is known only without noise; %s",
            basis ? "--xprime" : "--sigma2", basis ? "give a matrix of zeros" : "give --sigma2 0");
    }
    if (problem->n2 < 2) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--init-w: with n2 = 1 the cosine is 1 or -1 for every pair of views, "
                           "and its gradient is 0; n2 must be at least 2");
    }
    if (problem->n1 < problem->n2) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--init-w: n1 = %lld is below n2 = %lld, so the representation cannot "
                           "have full rank; n1 must be at least n2",
                           (long long)problem->n1, (long long)problem->n2);
    }
    return SSLDYN_OK;
}

/* C = W W^T - Wp^T Wp/alpha_p; its eigenvalues into c. */
static enum ssldyn_status find_spectrum(const struct ssldyn_problem *problem, double C[],
                                        double c[], struct ssldyn_error *err)
{
    const int n1 = (int)problem->n1;
    const int n2 = (int)problem->n2;
    struct ssldyn_eigen *eigen = NULL;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n2, n2, n1, 1.0, problem->start.W.entries,
                n1, problem->start.W.entries, n1, 0.0, C, n2);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n2, n2, n2,
                -1.0 / problem->parameters.rates.alpha_p, problem->start.Wp.entries, n2,
                problem->start.Wp.entries, n2, 1.0, C, n2);
    enum ssldyn_status status = ssldyn_eigen_create((size_t)n2, &eigen, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_eigen_symmetric(eigen, C, c, NULL, err);
    }
    ssldyn_eigen_free(eigen);
    return status;
}

static enum ssldyn_status put_end(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                  struct ssldyn_error *err)
{
    const struct ssldyn_problem *problem = &spec->problem;
    const size_t n = (size_t)problem->n2;
    const double norm = ssldyn_dense_norm(n * n, problem->start.Wp.entries);
    double *C = NULL;
    double *c = NULL;
    double *w2 = NULL;
    double *workspace = NULL;
    double level = 0.0;
    bool exact = false;
    const struct ssldyn_memory_part parts[] = {{&C, n * n}, {&c, n}, {&w2, n}, {&workspace, n}};
    double *block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    enum ssldyn_status status =
        block ? find_spectrum(problem, C, c, err)
              : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n);
    if (status == SSLDYN_OK) {
        const double alpha_p = problem->parameters.rates.alpha_p;
        const size_t rank =
            ssldyn_waterfill_spectrum(n, alpha_p, norm * norm, c, w2, &level, &exact, workspace);
        ssldyn_result_put_word(result, "loss", "cosine");
        ssldyn_closed_put_rates(result, spec);
        ssldyn_result_put_count(result, "n1", problem->n1);
        ssldyn_result_put_count(result, "n2", problem->n2);
        ssldyn_result_put(result, "eta_fold", (double)NAN);
        /* the smallest eigenvalue of C + |Wp|^2/(alpha_p n2) I */
        ssldyn_result_put(result, "condition", c[n - 1] + norm * norm / (alpha_p * (double)n));
        ssldyn_result_put_count(result, "exact", exact);
        ssldyn_result_put(result, "level", level);
        ssldyn_result_put_count(result, "rank", (int64_t)rank);
        for (size_t j = 0; j < n; j++) {
            ssldyn_result_put_of(result, "w2_end", j, n, w2[j]);
        }
    }
    free(block);
    return status;
}

enum ssldyn_status ssldyn_closed_cosine_matrices(struct ssldyn_spec *spec,
                                                 struct ssldyn_result *result,
                                                 struct ssldyn_error *err)
{
    struct ssldyn_inputs inputs = {.basis = NULL};
    if (!spec->init_w || !spec->init_wp) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--loss cosine: the final state of matrices follows from their start: "
                           "give --init-w and --init-wp, or modes by --lambda-s, --wp0 and --w0");
    }
    if (!ssldyn_closed_is_plain(spec)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--init-w: the final state of matrices is known only for --loss cosine "
                           "with a trained predictor and one layer");
    }
    enum ssldyn_status status = ssldyn_inputs_load(spec, &inputs, err);
    if (status == SSLDYN_OK) {
        status = check(spec, err);
    }
    if (status == SSLDYN_OK) {
        status = put_end(spec, result, err);
    }
    ssldyn_inputs_clear(&inputs);
    return status;
}
