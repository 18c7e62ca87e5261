/* A complete run: data, network, method, measurements, results, checkpoints. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_TRAIN_H
#define EXPERIMENTS_GPU_TRAIN_H

#include "experiments/gpu/options.h"

/* Outcome of a run; NaN for what was not measured. */
struct train_report {
    int64_t steps;
    double epochs, loss;
    double accuracy, accuracy_last; /* of the linear probe, percent */
    double knn;                     /* of the nearest neighbors, percent */
    char *directory;                /* freed by the caller */
};

/* Starts or resumes the run that the options describe. Results and checkpoint are written every
 * --checkpoint epochs, at the end, on Ctrl-C (EINTERRUPTED) and when the run fails part-way; the
 * report is filled in these cases as well. EINPUT before anything is written. */
SSLDYN_MUST_CHECK enum ssldyn_status
train_run(const struct options *options, struct train_report *report, struct ssldyn_error *err);

#endif
