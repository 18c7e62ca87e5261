/* ssldyn sgd: the stochastic process M6 from a spec into a run directory, in the rows, columns and
 * files of ssldyn flow. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_H
#define SSLDYN_SIM_SGD_SGD_H

#include "sim/base/error.h"
#include "sim/flow/flow.h"
#include "sim/options/spec.h"
#include "sim/sgd/sgd_process.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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
};

/* Runs one process and writes path (made if need be); where the data are drawn from a set, with its
 * X and X' as data_x.npy and data_xprime.npy (data_scale.npy: what they were divided by). A member
 * of an ensemble is chosen by spec->problem.sgd.member. What was computed stays readable on
 * EDIVERGED, EFAILED and EINTERRUPTED; on EINPUT nothing is written. EDIVERGED names the step, lr
 * and, where lr exceeds it, the stability limit. Clear the report with ssldyn_sgd_report_clear. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_run(const struct ssldyn_spec *spec,
                                                    const char *path,
                                                    struct ssldyn_sgd_report *report,
                                                    struct ssldyn_error *err);

/* Runs spec->problem.sgd.ensemble members in parallel. Writes path as above, where trace.tsv holds
 * the mean of every column over the members, and the same columns' standard deviation and quantiles
 * as path/std, q05, q25, q50, q75, q95 (trace.tsv in each). Results do not depend on the number of
 * threads. Where a member diverges, the rows that all members reached are kept; where the user
 * stops, the runs that are finished by then. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sgd_ensemble_run(const struct ssldyn_spec *spec,
                                                             const char *path,
                                                             struct ssldyn_sgd_report *report,
                                                             struct ssldyn_error *err);

void ssldyn_sgd_report_clear(struct ssldyn_sgd_report *report);

/* The closing report in plain words, one line for each item; the same for the same run. */
void ssldyn_sgd_report_print(const struct ssldyn_sgd_report *report, FILE *stream);
/* What it took, one line: seconds, and what a step spends them on. */
void ssldyn_sgd_report_print_cost(const struct ssldyn_sgd_report *report, FILE *stream);

/* Largest eigenvalue of the (Gauss-Newton) curvature of the population loss at given weights, decay
 * included, by power iteration: gradient steps with lr > 2 (1 + momentum)/lambda_max diverge
 * locally. Wp is n2 x n2, W n2 x n1 in the data basis. NaN when memory is out. */
double ssldyn_sgd_curvature(const struct ssldyn_parameters *parameters,
                            const struct ssldyn_moments *moments, size_t n2, const double Wp[],
                            const double W[]);

#endif
