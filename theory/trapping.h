/* A trapping region of the matrix flows M1 and M2: networks that must collapse, for any
 * eigenvectors [D]. The proof is in THEORY section 6. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_TRAPPING_H
#define SSLDYN_THEORY_TRAPPING_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether W must tend to 0 from networks with these Frobenius norms.
 *   lambda  largest eigenvalue of X (1 if X = I)
 *   wp      |Wp|; not used without predictor
 *   w       |W|, or sqrt(tr F) in M2
 *   wa      |Wa|; not used if tau is held
 * false: unknown. */
bool ssldyn_trapping_collapse(const struct ssldyn_parameters *parameters, double lambda, double wp,
                              double w, double wa);

#ifdef __cplusplus
}
#endif

#endif
