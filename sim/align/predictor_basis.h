/* F in the basis of the predictor. Eigenvalues of an F that was estimated from N samples spread
 * beyond the true ones, and its eigenvectors mix where gaps are narrow, so that p_j = u_j^T Wp u_j
 * is averaged over neighbors: a line of log p on log s comes out too flat. The predictor is known
 * exactly. Where both share their eigenvectors v_j, s_j = v_j^T F v_j is unbiased, its error is
 * known, and p_j = v_j^T Wp v_j is exact. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_PREDICTOR_BASIS_H
#define SSLDYN_SIM_ALIGN_PREDICTOR_BASIS_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_predictor_basis;

/* n: size; features: N, 0 where F alone is given. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_predictor_basis_create(size_t n, size_t features, struct ssldyn_predictor_basis **basis,
                              struct ssldyn_error *err);
void ssldyn_predictor_basis_free(struct ssldyn_predictor_basis *basis);

/* One snapshot in that basis. Arrays are the basis's own, living modes by descending s. */
struct ssldyn_predictor_modes {
    size_t count;
    const double *s, *p;
    const double *variance; /* of log s_j by sampling; NULL without features */
    double shared;          /* variance of the mean of those errors */
    /* Share by which the s_j are off since F is not diagonal here, beyond what sampling explains:
     * the mean over j of sum_k rho_jk^2, rho_jk = F_jk/sqrt(F_jj F_kk), minus its expectation. */
    double excess;
};

/* F, Wp: n x n (the symmetric part of Wp is used); features: N x n, NULL where created without;
 * a mode lives above floor times the largest s_j. Eigenvectors are those of Wp/|Wp| + 1e-5 F/|F|,
 * so that F decides where eigenvalues of Wp coincide. Cost: an eigenproblem and a product, with
 * features two products N x n x n. EFAILED: non-finite matrices. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_predictor_basis_find(struct ssldyn_predictor_basis *basis, const double F[],
                            const double Wp[], const double features[], double floor,
                            struct ssldyn_predictor_modes *modes, struct ssldyn_error *err);

/* Whether s_j and p_j here may be taken for eigenvalues: off by a tenth at most. */
bool ssldyn_predictor_basis_shared(const struct ssldyn_predictor_modes *modes);

#endif
