/* What the steps of a run of SGD under the cosine loss measure (THEORY section 10): how fast the noise
 * of the batches increases the norms, where weight decay balances it, and which modes have their
 * fold below lr eta_s there. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_BALANCE_H
#define SSLDYN_SIM_SGD_SGD_BALANCE_H

#include "sim/base/error.h"
#include "sim/problem/problem.h"
#include "sim/sgd/sgd_process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* With momentum lr stands for lr/(1 - momentum), which is accurate to a few percent. */
struct ssldyn_sgd_balance {
    struct ssldyn_sgd_gains gains; /* steps 0: nothing is known */
    /* |W|^2 = sqrt(lr kappa_w/(2 eta_s)) and |Wp|^2 = alpha_p sqrt(lr kappa_p/(2 eta_p)); NaN if a
     * rate changes during the run or there is no decay */
    double norm2_w, norm2_wp;
    double lr_eta; /* lr eta_s */
    double batch;
    double memory_steps; /* in which the start is forgotten; NaN: as above */
    bool settled;        /* the first half of the run is longer than that */
    /* lr eta_s at which each mode of the data would collapse, at the same batch and descending
     * lambda_d: 2 (lambda_d^2 k^2 |W|^2/(4 lambda_s m))^2/kappa_w. count: number of modes; 0:
     * unknown, as the target is not tied to W, the weight decays differ, or as above */
    size_t count;
    double *fold; /* owned */
    /* number of modes with a fold above lr_eta, at most n2: an upper bound of those that are left, as
     * a mode that collapsed earlier does not return */
    size_t rank;
    size_t rank_at_end; /* eigenvalues of F above 1e-6 of the largest of the run */
};

/* From the gains of a run and the eigenvalues s (n2) of F at its end; largest is the largest of
 * the run. Clear with ssldyn_sgd_balance_clear. ENOMEM, EFAILED. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_balance_find(const struct ssldyn_problem *problem, const struct ssldyn_moments *moments,
                        const struct ssldyn_sgd_gains *gains, int64_t steps, size_t n2,
                        const double s[], double largest, struct ssldyn_sgd_balance *balance,
                        struct ssldyn_error *err);
void ssldyn_sgd_balance_clear(struct ssldyn_sgd_balance *balance);

/* Lines of the closing report; none if nothing is known. */
void ssldyn_sgd_balance_print(const struct ssldyn_sgd_balance *balance, FILE *stream);

#endif
