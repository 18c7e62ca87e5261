/* The theory's forecast of a run: the population flow M1 from one snapshot (Wp, W, Wa) on, under
 * the moments and rates of the run, and its spectra at the times of the later snapshots. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_FORECAST_H
#define SSLDYN_SIM_FLOW_FORECAST_H

#include "sim/base/error.h"
#include "sim/observe/observer.h"

#include <stddef.h>

struct ssldyn_forecast;

/* Starts at the snapshot, whose W (and Wp, unless there is no predictor, and Wa, unless tau is
 * held) must be given; t counts in its units. moments: ISOTROPIC or FULL, in the snapshot's
 * coordinates. Everything is copied. rtol: of the integration. EINPUT when a matrix is missing. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_forecast_create(const struct ssldyn_parameters *parameters,
                       const struct ssldyn_moments *moments, size_t n1, size_t n2,
                       const struct ssldyn_snapshot *snapshot, double rtol,
                       struct ssldyn_forecast **forecast, struct ssldyn_error *err);
void ssldyn_forecast_free(struct ssldyn_forecast *forecast);

/* Goes on to t (not before the last t) and writes one row of ssldyn_layout_matrix. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_forecast_row(struct ssldyn_forecast *forecast, double t,
                                                         double row[], struct ssldyn_error *err);

/* |s - s'|/|s| over n eigenvalues, each at its own distance: how far a forecast s' is off s. */
double ssldyn_forecast_residual(size_t n, const double s[], size_t stride, const double forecast[],
                                size_t forecast_stride);

#endif
