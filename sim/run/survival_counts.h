/* Cheap predictions of the surviving rank (survival.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_SURVIVAL_COUNTS_H
#define SSLDYN_SIM_RUN_SURVIVAL_COUNTS_H

#include "sim/linalg/linalg.h"
#include "sim/run/survival.h"

/* Computes along_x, along_sum, along_pair and product from X and sum. eigen is of size n1. ENOMEM,
 * or EFAILED if LAPACK does not converge. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_survival_fill_counts(struct ssldyn_survival *survival,
                                                                 struct ssldyn_eigen *eigen,
                                                                 struct ssldyn_error *err);

#endif
