/* A trapping region of the matrix flows M1 and M2: where whole networks are bound to collapse,
 * for any eigenvectors [D]. The proof is in THEORY section 6. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_TRAPPING_H
#define SSLDYN_THEORY_TRAPPING_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether W tends to 0 for certain from networks of these Frobenius norms.
 *   lambda  largest eigenvalue of X (1 where X = I)
 *   wp      |Wp|; not looked at without predictor
 *   w       |W|, or sqrt(tr F) in M2
 *   wa      |Wa|; not looked at where tau is held
 * false: it is not known. */
bool ssldyn_trapping_collapse(const struct ssldyn_parameters *parameters, double lambda, double wp,
                              double w, double wa);

#ifdef __cplusplus
}
#endif

#endif
