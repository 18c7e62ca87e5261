/* ssldyn sweep: the outcome of every point of the axes, into a sweep directory or into arrays. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_SWEEP_H
#define SSLDYN_SIM_SWEEP_SWEEP_H

#include "sim/base/error.h"
#include "sim/io/output.h"
#include "sim/options/spec.h"
#include "sim/sweep/axes.h"
#include "sim/sweep/columns.h"
#include "sim/sweep/lines.h"
#include "sim/sweep/point.h"

#include <stdbool.h>
#include <stdint.h>

struct ssldyn_sweep_report {
    int64_t points;
    int64_t fates[4]; /* indexed by enum ssldyn_fate */
    int64_t found;    /* number of points that an earlier, killed run had finished */
    int64_t done;     /* number of points finished now */
    double collapsed; /* share of the decided points that collapsed, */
    double low, high; /* and its Wilson interval (95 %), with the undecided points counted either
                       * way */
    double wall;      /* seconds; for the terminal only */
    bool table;       /* table.tsv was written */
};

/* Runs the sweep of a checked spec and publishes it in output, or resumes a killed one there.
 * Called by all ranks of an MPI run; rank 0 writes, and only it uses output. EINTERRUPTED keeps
 * the finished points. EINPUT writes nothing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_run(const struct ssldyn_spec *spec,
                                                      struct ssldyn_output *output,
                                                      struct ssldyn_sweep_report *report,
                                                      struct ssldyn_error *err);

/* ---- A sweep in memory, computed by the threads of this process. Sweeps are independent: any
 * number of threads may each have one. */

struct ssldyn_sweep;

/* Reads the axes, columns and files of a checked spec, keeps a copy of it, and tries the corners
 * of the axes. EINPUT if they cannot be swept. Close it at the end. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_open(const struct ssldyn_spec *spec,
                                                       struct ssldyn_sweep **sweep,
                                                       struct ssldyn_error *err);
void ssldyn_sweep_close(struct ssldyn_sweep *sweep); /* NULL is allowed */

/* The axes and the stored columns; borrowed. */
const struct ssldyn_axes *ssldyn_sweep_axes(const struct ssldyn_sweep *sweep);
const struct ssldyn_columns *ssldyn_sweep_columns(const struct ssldyn_sweep *sweep);

/* Computes all points, once: column c, in order, into columns[c] (one number per point), which
 * are borrowed until close; arrays that options were given are copied, for ssldyn_sweep_write.
 * EINTERRUPTED: points that were not computed are NaN; report counts the others. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_compute(struct ssldyn_sweep *sweep,
                                                          double *const columns[],
                                                          struct ssldyn_sweep_report *report,
                                                          struct ssldyn_error *err);

/* Takes all columns from an earlier computation, such as those read from a directory. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_adopt(struct ssldyn_sweep *sweep,
                                                        double *const columns[],
                                                        struct ssldyn_sweep_report *report,
                                                        struct ssldyn_error *err);

/* After a sweep is computed, the shares of --average (shares.h): the number of axes of the
 * groups, the numbers per group (0: --average was not given), and number i of group k into
 * arrays[i][k]. */
size_t ssldyn_sweep_share_axes(const struct ssldyn_sweep *sweep);
size_t ssldyn_sweep_share_width(const struct ssldyn_sweep *sweep);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_share(const struct ssldyn_sweep *sweep,
                                                        double *const arrays[],
                                                        struct ssldyn_error *err);

/* The lines of --lines, kept for ssldyn_sweep_write; *lines is borrowed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_find_lines(struct ssldyn_sweep *sweep,
                                                             const struct ssldyn_lines **lines,
                                                             struct ssldyn_error *err);

/* Writes into a directory what ssldyn_sweep_run publishes; for an interrupted sweep, files from
 * which it can be resumed. Any number of threads may do so at once. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_write(const struct ssldyn_sweep *sweep,
                                                        const char *directory,
                                                        struct ssldyn_error *err);

/* Point number spec->sweep.point of a sweep as the run (ssldyn flow or sgd) that it stands for,
 * ready in point->spec, with its files loaded; it borrows from *sweep. EINPUT: there is no such
 * point. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_sweep_point(const struct ssldyn_spec *spec,
                                                        struct ssldyn_sweep **sweep,
                                                        struct ssldyn_point *point,
                                                        struct ssldyn_error *err);

#endif
