/* ssldyn sgd: runs the stochastic process M6 of a problem into a sink, with the rows, columns
 * and files of ssldyn flow. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_H
#define SSLDYN_SIM_SGD_SGD_H

#include "sim/base/error.h"
#include "sim/flow/flow.h"
#include "sim/run/sink.h"
#include "sim/sgd/sgd_balance.h"
#include "sim/sgd/sgd_process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Computes the number of steps of the problem; if the number of steps is given, t_end becomes
 * their flow time. EINPUT if the number cannot be determined or is too large. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_count_steps(struct ssldyn_problem *problem, int64_t *count, struct ssldyn_error *err);

struct ssldyn_sgd_report {
    size_t n1, n2;
    size_t batch;        /* 0: infinite */
    const char *sampler; /* "direct", "wishart", "population" */
    bool single_precision;
    int64_t steps;  /* number requested, for one run */
    int64_t done;   /* steps of one run; of an ensemble, summed over all members */
    size_t members; /* 0: not an ensemble */
    double t_end;   /* reached */
    size_t rows;
    double wall; /* seconds; for the terminal only */
    struct ssldyn_sgd_cost cost;
    double lr;    /* of the last step */
    double limit; /* 2 (1 + momentum)/lambda_max at the last row; NaN: unknown */
    double scale; /* the scale by which ssldyn moments divided X and X' of --data; 1 otherwise */
    double eta_s;
    size_t vectors;  /* number of vectors in --data; 0: other data */
    size_t diverged; /* number of diverged runs, of one run or of the ensemble */
    bool interrupted;
    struct ssldyn_flow_report mean;    /* of one run: the fates of the flow from its last row on, if
                                     * the steps are small enough to follow it */
    struct ssldyn_sgd_balance balance; /* of one run */
    struct ssldyn_drift laws[SSLDYN_SGD_LAWS_MAXIMUM]; /* the largest drifts of all members */
    size_t law_count;
};

/* Runs one process into the sink; if its data are drawn from a set, also writes their X and X'
 * and the scale. The problem must be complete (after ssldyn_inputs_load); its member is the
 * index in an ensemble. On EDIVERGED, EFAILED and EINTERRUPTED the sink has the rows computed so
 * far; on EINPUT it is not opened. The message of EDIVERGED gives the step, lr and, if lr
 * exceeds it, the stability limit. Shows progress on a terminal unless quiet. Clear the report
 * with ssldyn_sgd_report_clear. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_run(const struct ssldyn_problem *problem,
                                                    struct ssldyn_sink *sink, bool quiet,
                                                    struct ssldyn_sgd_report *report,
                                                    struct ssldyn_error *err);

/* Runs the problem's ensemble on that many threads (0: one per processor); the results do not
 * depend on their number. The sink's rows are the mean of every column over the members; its
 * tables std, q05, q25, q50, q75 and q95 hold the standard deviation and quantiles of the same
 * columns. If a member diverges, the rows that all members reached are kept; if the user stops
 * it, the runs finished by then. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_ensemble_run(const struct ssldyn_problem *problem, int threads, struct ssldyn_sink *sink,
                        bool quiet, struct ssldyn_sgd_report *report, struct ssldyn_error *err);

/* The first law that the steps violated by more than rounding, or NULL; with --strict it is a
 * failure. */
const struct ssldyn_drift *ssldyn_sgd_report_broken(const struct ssldyn_sgd_report *report);

void ssldyn_sgd_report_clear(struct ssldyn_sgd_report *report);

/* Prints the closing report, one line per item; the same for the same run. */
void ssldyn_sgd_report_print(const struct ssldyn_sgd_report *report, FILE *stream);
/* Prints the cost in one line: seconds, and the parts of a step on which they were spent. */
void ssldyn_sgd_report_print_cost(const struct ssldyn_sgd_report *report, FILE *stream);

/* Largest eigenvalue of the (Gauss-Newton) curvature of the population loss at given weights,
 * including the decay, by power iteration: gradient steps with lr > 2 (1 + momentum)/lambda_max
 * diverge locally. Wp is n2 x n2, W n2 x n1 in the data basis, Y the layers of a deep encoder, with
 * the product W (sim/linalg/layers.h; NULL: one layer). NaN if memory runs out, and for losses other than
 * the squared distance: steps under the cosine loss increase the norm, which makes the steps
 * smaller, and IsoLoss has no curvature. */
double ssldyn_sgd_curvature(const struct ssldyn_parameters *parameters,
                            const struct ssldyn_moments *moments, size_t n2, const double Wp[],
                            const double W[], const double Y[]);

#endif
