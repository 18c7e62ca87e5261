/* Shared by the two kinds of flow: modes integrated one by one, and matrices. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_FLOW_INTERNAL_H
#define SSLDYN_SIM_FLOW_FLOW_INTERNAL_H

#include "sim/flow/flow.h"
#include "sim/flow/flow_ode.h"
#include "sim/run/outcome.h"
#include "sim/run/start.h"

/* M3, M4, M5: any number of modes, each with its own steps, or where the loss couples them
 * (ssldyn_model_is_coupled) by the next. */
enum ssldyn_status ssldyn_flow_modes(const struct ssldyn_problem *problem, struct ssldyn_sink *sink,
                                     bool quiet, struct ssldyn_flow_report *report,
                                     struct ssldyn_error *err);

/* The same where the loss couples the modes: all of them are one system. */
enum ssldyn_status ssldyn_flow_coupled(const struct ssldyn_problem *problem,
                                       struct ssldyn_sink *sink, bool quiet,
                                       struct ssldyn_flow_report *report, struct ssldyn_error *err);

/* M1, M2. start: one of the caller's, borrowed; NULL: the problem's. outcome (NULL: only the report
 * is wanted): filled whatever the status, and then no modes and no laws are reported. early_stop:
 * leave at the first row where the outcome's fate is certain. */
enum ssldyn_status ssldyn_flow_matrix(const struct ssldyn_problem *problem,
                                      const struct ssldyn_start *start, struct ssldyn_sink *sink,
                                      bool quiet, bool early_stop, struct ssldyn_outcome *outcome,
                                      struct ssldyn_flow_report *report, struct ssldyn_error *err);

/* Solver options of a problem; the default atol depends on the kind of model. */
struct ssldyn_ode_options ssldyn_flow_ode_options(const struct ssldyn_problem *problem);

/* The rows of a flow of modes: write for t = 0 and each time that the problem asks for, until the
 * sink is settled, with the progress of it on a terminal unless quiet. */
typedef enum ssldyn_status ssldyn_flow_write(void *context, double t, struct ssldyn_error *err);
enum ssldyn_status ssldyn_flow_rows(const struct ssldyn_problem *problem,
                                    const struct ssldyn_sink *sink, bool quiet,
                                    ssldyn_flow_write *write, void *context,
                                    struct ssldyn_error *err);

/* Room for count modes of the report, about which nothing is known yet. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_flow_report_modes(struct ssldyn_flow_report *report, size_t count, struct ssldyn_error *err);

/* A new drift of that name in the report, and its update by one observation. */
struct ssldyn_drift *ssldyn_flow_drift_add(struct ssldyn_flow_report *report, const char *name,
                                           double allowed);
void ssldyn_flow_drift_update(struct ssldyn_drift *drift, double t, double value);

/* Adds the work of one solver to the report's. */
void ssldyn_flow_count(struct ssldyn_flow_report *report, const struct ssldyn_ode *ode);

#endif
