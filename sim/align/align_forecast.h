/* ssldyn align --predict: the forecast from one snapshot, next to the snapshots that follow. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_FORECAST_H
#define SSLDYN_SIM_ALIGN_ALIGN_FORECAST_H

#include "sim/align/align_source.h"
#include "sim/align/verdict.h"

struct ssldyn_align_forecast;

/* Opens output/prediction.tsv (output may be NULL). request and sizes are borrowed. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_forecast_open(const struct ssldyn_align_request *request,
                           const struct ssldyn_align_sizes *sizes,
                           struct ssldyn_align_forecast **forecast, struct ssldyn_error *err);

/* One snapshot and the observer's row of it, in order; index counts from 0. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_forecast_next(struct ssldyn_align_forecast *forecast, size_t index,
                           const struct ssldyn_snapshot *snapshot, const double row[],
                           struct ssldyn_error *err);

/* Gives the file its final name, fills the report and frees. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_forecast_close(struct ssldyn_align_forecast *forecast,
                            struct ssldyn_forecast_report *report, struct ssldyn_error *err);
/* Appends the result of the forecast to the verdict; nothing if there was none. */
void ssldyn_align_forecast_append(const struct ssldyn_forecast_report *report,
                                  struct ssldyn_verdict *verdict);
void ssldyn_align_forecast_abandon(struct ssldyn_align_forecast *forecast);

#endif
