/* Products with the second moments of the data. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OBSERVE_LOSS_H
#define SSLDYN_SIM_OBSERVE_LOSS_H

#include "theory/population.h"

#include <stddef.h>

/* Y = W X, n2 x n1; Y must not alias W. */
void ssldyn_loss_apply_x(const struct ssldyn_moments *moments, size_t n2, const double W[],
                         double Y[]);

/* Y = W (X + X'), n2 x n1; Y must not alias W. */
void ssldyn_loss_apply_sum(const struct ssldyn_moments *moments, size_t n2, const double W[],
                           double Y[]);

#endif
