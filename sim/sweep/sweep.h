/* ssldyn sweep: the outcome of every point of the axes, into a sweep directory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_SWEEP_H
#define SSLDYN_SIM_SWEEP_SWEEP_H

#include "sim/base/error.h"
#include "sim/io/output.h"
#include "sim/options/spec.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct ssldyn_sweep_report {
    int64_t points;
    int64_t fates[4]; /* indexed by enum ssldyn_fate */
    int64_t found;    /* points that an earlier, killed run had done */
    double collapsed; /* share of the points that are decided, */
    double low, high; /* and its Wilson interval (95 %), undecided points either way */
    double wall;      /* seconds; for the terminal only */
    bool table;       /* table.tsv was written */
};

/* Runs the sweep of a checked spec and publishes it in output, or resumes a killed one there.
 * Called by all ranks of an MPI run; rank 0 writes, and output is for it alone. EINTERRUPTED keeps
 * what was done. EINPUT writes nothing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_run(const struct ssldyn_spec *spec,
                                                      struct ssldyn_output *output,
                                                      struct ssldyn_sweep_report *report,
                                                      struct ssldyn_error *err);

/* Runs point number spec->sweep.point by itself as a flow or by SGD, with its full trace, into
 * path/point-I; the report goes to stream (NULL: none). EINPUT: there is no such point. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_point(const struct ssldyn_spec *spec,
                                                        const char *path, FILE *stream,
                                                        struct ssldyn_error *err);

#endif
