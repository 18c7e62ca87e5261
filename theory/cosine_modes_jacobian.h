/* Derivatives of the cosine loss's gradient in the aligned basis (cosine_modes.h), which depends
 * on p and w only through q = p w. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_COSINE_MODES_JACOBIAN_H
#define SSLDYN_THEORY_COSINE_MODES_JACOBIAN_H

#include "theory/cosine_modes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Doubles of workspace for n modes. */
size_t ssldyn_cosine_modes_jacobian_workspace(size_t n);

/* by_q and by_wa, n x n row-major: dG_j/dq_k and dG_j/dwa_k, for the quadrature sum of the
 * gradient at this spacing. False, with NaN in both, if the gradient is not finite. Costs about
 * n/2 gradients. */
bool ssldyn_cosine_modes_jacobian(const struct ssldyn_cosine_data *data, const double q[],
                                  const double wa[], double spacing, double by_q[], double by_wa[],
                                  double workspace[]);

#ifdef __cplusplus
}
#endif

#endif
