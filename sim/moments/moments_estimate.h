/* From sums over pairs to the estimate: X, X', their spectra, thresholds and errors. For
 * moments.c. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_MOMENTS_ESTIMATE_H
#define SSLDYN_SIM_MOMENTS_MOMENTS_ESTIMATE_H

#include "sim/moments/moments_sums.h"

/* Turns the sums, which are overwritten, into the estimate. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_estimate(const struct ssldyn_moments_request *request,
                        struct ssldyn_moments_sums *sums, struct ssldyn_moments_estimate *estimate,
                        struct ssldyn_error *err);

#endif
