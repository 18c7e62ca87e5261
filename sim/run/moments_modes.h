/* The modes of data: the eigenvectors of X. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_MOMENTS_MODES_H
#define SSLDYN_SIM_RUN_MOMENTS_MODES_H

#include "sim/base/error.h"
#include "theory/population.h"

#include <stddef.h>

/* lambda_d, eigenvalues of X in descending order, and lambda_s = v^T (X + X') v of its
 * eigenvectors v. Directions without variance are left out, and noise is taken off: 0 <= lambda_d
 * <= lambda_s.
 *   moments             ISOTROPIC, DIAGONAL (in the given order) or HALF; not a pair
 *   lambda_s, lambda_d  n1 each, of which the first count are set
 *   count               number of modes, at most n1
 * ENOMEM; EFAILED if LAPACK finds no eigenvalues. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_moments_modes(const struct ssldyn_moments *moments,
                                                          double lambda_s[], double lambda_d[],
                                                          size_t *count, struct ssldyn_error *err);

#endif
