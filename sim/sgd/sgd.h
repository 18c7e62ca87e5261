/* ssldyn sgd: the stochastic process M6 of a problem into a sink, in the rows, columns and files of
 * ssldyn flow. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_H
#define SSLDYN_SIM_SGD_SGD_H

#include "sim/base/error.h"
#include "sim/flow/flow.h"
#include "sim/run/sink.h"
#include "sim/sgd/sgd_process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* How many steps the problem takes; t_end becomes their flow time where their number is given.
 * EINPUT where it is not to be told, or too large. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_count_steps(struct ssldyn_problem *problem, int64_t *count, struct ssldyn_error *err);

struct ssldyn_sgd_report {
    size_t n1, n2;
    size_t batch;        /* 0: infinite */
    const char *sampler; /* "direct", "wishart", "population" */
    bool single_precision;
    int64_t steps;  /* asked for, of one run */
    int64_t done;   /* of one run; of an ensemble, of all members together */
    size_t members; /* 0: not an ensemble */
    double t_end;   /* reached */
    size_t rows;
    double wall; /* seconds; for the terminal only */
    struct ssldyn_sgd_cost cost;
    double lr;    /* of the last step */
    double limit; /* 2 (1 + momentum)/lambda_max at the last row; NaN: not known */
    double scale; /* what ssldyn moments divided X and X' of --data by; 1 otherwise */
    double eta_s;
    size_t vectors;  /* in --data; 0: other data */
    size_t diverged; /* runs that did, of the one or of the ensemble */
    bool interrupted;
    struct ssldyn_flow_report mean; /* of one run: the fates of the flow from its last row on, where
                                     * the steps are so small that they follow it */
    struct ssldyn_drift laws[SSLDYN_SGD_LAWS_MAXIMUM]; /* of all members, the largest drifts */
    size_t law_count;
};

/* Runs one process into the sink; where its data are drawn from a set, with their X and X' and what
 * they were divided by. The problem is complete (ssldyn_inputs_load has seen it), and its member says
 * which of an ensemble it is. What was computed stays in the sink on EDIVERGED, EFAILED and
 * EINTERRUPTED; on EINPUT it is not opened. EDIVERGED names the step, lr and, where lr exceeds it,
 * the stability limit. Progress is drawn on a terminal unless quiet. Clear the report with
 * ssldyn_sgd_report_clear. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_run(const struct ssldyn_problem *problem,
                                                    struct ssldyn_sink *sink, bool quiet,
                                                    struct ssldyn_sgd_report *report,
                                                    struct ssldyn_error *err);

/* Runs the problem's ensemble on that many threads (0: as many as there are processors); results do
 * not depend on their number. The sink's rows are the mean of every column over the members; its
 * tables std, q05, q25, q50, q75 and q95 the same columns' standard deviation and quantiles. Where a
 * member diverges, the rows that all members reached are kept; where the user stops, the runs that
 * are finished by then. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_ensemble_run(const struct ssldyn_problem *problem, int threads, struct ssldyn_sink *sink,
                        bool quiet, struct ssldyn_sgd_report *report, struct ssldyn_error *err);

/* The first law that steps broke by more than rounding, or NULL: --strict fails on it. */
const struct ssldyn_drift *ssldyn_sgd_report_broken(const struct ssldyn_sgd_report *report);

void ssldyn_sgd_report_clear(struct ssldyn_sgd_report *report);

/* The closing report in plain words, one line for each item; the same for the same run. */
void ssldyn_sgd_report_print(const struct ssldyn_sgd_report *report, FILE *stream);
/* What it took, one line: seconds, and what a step spends them on. */
void ssldyn_sgd_report_print_cost(const struct ssldyn_sgd_report *report, FILE *stream);

/* Largest eigenvalue of the (Gauss-Newton) curvature of the population loss at given weights, decay
 * included, by power iteration: gradient steps with lr > 2 (1 + momentum)/lambda_max diverge
 * locally. Wp is n2 x n2, W n2 x n1 in the data basis. NaN when memory is out, and where the loss
 * is not the squared distance: the cosine's steps grow the norm that makes them smaller, and IsoLoss
 * has no curvature. */
double ssldyn_sgd_curvature(const struct ssldyn_parameters *parameters,
                            const struct ssldyn_moments *moments, size_t n2, const double Wp[],
                            const double W[]);

#endif
