/* Shared by the two kinds of flow: modes integrated one by one, and matrices. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_FLOW_INTERNAL_H
#define SSLDYN_SIM_FLOW_FLOW_INTERNAL_H

#include "sim/flow/flow.h"
#include "sim/flow/flow_ode.h"
#include "sim/run/outcome.h"
#include "sim/run/start.h"

/* M3, M4, M5: any number of modes, each with its own steps, or by ssldyn_flow_coupled if the
 * loss couples them (ssldyn_model_is_coupled). */
enum ssldyn_status ssldyn_flow_modes(const struct ssldyn_problem *problem, struct ssldyn_sink *sink,
                                     bool quiet, struct ssldyn_flow_report *report,
                                     struct ssldyn_error *err);

/* The same if the loss couples the modes: all of them form one system. */
enum ssldyn_status ssldyn_flow_coupled(const struct ssldyn_problem *problem,
                                       struct ssldyn_sink *sink, bool quiet,
                                       struct ssldyn_flow_report *report, struct ssldyn_error *err);

/* M1, M2. start: the caller's, borrowed; NULL: the problem's. outcome (NULL: only the report is
 * wanted): filled in every case; if it is given, the report has no modes and no laws.
 * early_stop: stop at the first row at which the outcome's fate is certain. */
enum ssldyn_status ssldyn_flow_matrix(const struct ssldyn_problem *problem,
                                      const struct ssldyn_start *start, struct ssldyn_sink *sink,
                                      bool quiet, bool early_stop, struct ssldyn_outcome *outcome,
                                      struct ssldyn_flow_report *report, struct ssldyn_error *err);

/* Solver options of a problem; the default atol depends on the kind of model. */
struct ssldyn_ode_options ssldyn_flow_ode_options(const struct ssldyn_problem *problem);

/* Calls write for t = 0 and for each output time of the problem, until the sink wants no more
 * rows. Shows progress on a terminal unless quiet. */
typedef enum ssldyn_status ssldyn_flow_write(void *context, double t, struct ssldyn_error *err);
enum ssldyn_status ssldyn_flow_rows(const struct ssldyn_problem *problem,
                                    const struct ssldyn_sink *sink, bool quiet,
                                    ssldyn_flow_write *write, void *context,
                                    struct ssldyn_error *err);

/* Allocates count modes of the report, with nothing known about them yet. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_flow_report_modes(struct ssldyn_flow_report *report, size_t count, struct ssldyn_error *err);

/* Adds a drift of that name to the report; updates it with one observation. */
struct ssldyn_drift *ssldyn_flow_drift_add(struct ssldyn_flow_report *report, const char *name,
                                           double allowed);
void ssldyn_flow_drift_update(struct ssldyn_drift *drift, double t, double value);

/* Adds the work of one solver to the report. */
void ssldyn_flow_count(struct ssldyn_flow_report *report, const struct ssldyn_ode *ode);

#endif
