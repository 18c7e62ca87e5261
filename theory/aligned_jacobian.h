/* The Jacobian of aligned modes (aligned.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_ALIGNED_JACOBIAN_H
#define SSLDYN_THEORY_ALIGNED_JACOBIAN_H

#include "theory/aligned.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether it is known: not for a closed-form predictor, nor for a closure. */
bool ssldyn_aligned_jacobian_is_known(const struct ssldyn_aligned *aligned);

/* Doubles of workspace. */
size_t ssldyn_aligned_jacobian_workspace(const struct ssldyn_aligned *aligned);

/* The Jacobian of ssldyn_aligned_rhs at the same arguments: square with ssldyn_aligned_variables
 * rows, row-major. NaN if the residual is not finite. */
void ssldyn_aligned_jacobian(const struct ssldyn_aligned *aligned,
                             const struct ssldyn_parameters *now, double t, const double y[],
                             double jacobian[], double workspace[]);

#ifdef __cplusplus
}
#endif

#endif
