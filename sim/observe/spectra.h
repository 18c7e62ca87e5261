/* Spectra and alignment of F and Wp. Everything is computed from two matrices in the eigenbasis U
 * of F: diag(s) and M = U^T Wp U, so that one eigenproblem and two products are enough for p, cos
 * and the commutator. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OBSERVE_SPECTRA_H
#define SSLDYN_SIM_OBSERVE_SPECTRA_H

#include "sim/base/error.h"
#include "sim/linalg/linalg.h"

#include <stddef.h>

struct ssldyn_spectra {
    size_t n;
    struct ssldyn_eigen *eigen;
    double *s;         /* n: eigenvalues of F, descending */
    double *U;         /* n x n: column j the eigenvector of s_j (rule of degenerate.h) */
    double *p;         /* n: u_j^T Wp u_j */
    double *image;     /* n: |Wp u_j| */
    double *wpe;       /* n: eigenvalues of the symmetric part of Wp, descending */
    double *M;         /* n x n: U^T Wp U; not set if Wp is the identity */
    double *square;    /* n x n scratch */
    double *block;     /* holds all of the above */
    double norm_wp;    /* |Wp|_F */
    double commutator; /* |[F, Wp]|_F */
    double asymmetry;  /* |Wp - Wp^T|_F / |Wp|_F */
};

SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spectra_init(struct ssldyn_spectra *spectra, size_t n,
                                                         struct ssldyn_error *err);
/* Allowed on a zeroed struct. */
void ssldyn_spectra_clear(struct ssldyn_spectra *spectra);

/* Computes everything from symmetric F, any Wp (NULL: the identity), both n x n and finite, and
 * |Wp|_F; scratch is that of the rule for equal eigenvalues (degenerate.h). Does not allocate.
 * EFAILED if LAPACK does not converge. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spectra_analyze(struct ssldyn_spectra *spectra,
                                                            const double F[], const double Wp[],
                                                            double norm_wp, double scratch[],
                                                            struct ssldyn_error *err);

#endif
