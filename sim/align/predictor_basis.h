/* F in the basis of the predictor. The eigenvalues of an F estimated from N samples spread more
 * than the true ones, and its eigenvectors mix where gaps are narrow, so p_j = u_j^T Wp u_j is
 * averaged over neighbors, and a line of log p against log s comes out too flat. The predictor
 * is known exactly. If both share their eigenvectors v_j, s_j = v_j^T F v_j is unbiased with a
 * known error, and p_j = v_j^T Wp v_j is exact. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_PREDICTOR_BASIS_H
#define SSLDYN_SIM_ALIGN_PREDICTOR_BASIS_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_predictor_basis;

/* n: size; features: N, 0 if only F is given. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_predictor_basis_create(size_t n, size_t features, struct ssldyn_predictor_basis **basis,
                              struct ssldyn_error *err);
void ssldyn_predictor_basis_free(struct ssldyn_predictor_basis *basis);

/* One snapshot in that basis. The arrays belong to the basis; living modes by descending s. */
struct ssldyn_predictor_modes {
    size_t count;
    const double *s, *p;
    const double *variance; /* of log s_j by sampling; NULL without features */
    double shared;          /* variance of the mean of those errors */
    /* Relative error of the s_j because F is not diagonal in this basis, beyond what sampling
     * explains: the mean over j of sum_k rho_jk^2, rho_jk = F_jk/sqrt(F_jj F_kk), minus its
     * expectation. */
    double excess;
};

/* F, Wp: n x n (the symmetric part of Wp is used); features: N x n, NULL if created without
 * them; a mode is alive above floor times the largest s_j. Eigenvectors are those of Wp/|Wp| +
 * 1e-5 F/|F|, so that F decides where eigenvalues of Wp coincide. Cost: an eigenproblem and a
 * product, with features two products N x n x n. EFAILED: non-finite matrices. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_predictor_basis_find(struct ssldyn_predictor_basis *basis, const double F[],
                            const double Wp[], const double features[], double floor,
                            struct ssldyn_predictor_modes *modes, struct ssldyn_error *err);

/* Whether s_j and p_j in this basis are good approximations of eigenvalues: errors of at most a
 * tenth. */
bool ssldyn_predictor_basis_shared(const struct ssldyn_predictor_modes *modes);

#endif
