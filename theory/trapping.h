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

/* The same of an encoder of several layers, and of one that predicts the data (THEORY section 11).
 *   lambda  largest singular value of Syx (X of two views)
 *   layer   largest Frobenius norm of a layer, of the target's as well; for an average of the product A
 *           also |A|^(1/L) */
bool ssldyn_trapping_layers(const struct ssldyn_parameters *parameters, double lambda, double wp,
                            double layer);

#ifdef __cplusplus
}
#endif

#endif
