/* A run directory (DESIGN section 3): spec.conf, trace.tsv, events.tsv and the stacked snapshots of
 * matrix models. Files appear whole when the run ends, is stopped, or fails part-way. All of it
 * goes into a directory of its own, which replaces an older run when it is published
 * (sim/io/output.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_RUN_DIRECTORY_H
#define SSLDYN_SIM_RUN_RUN_DIRECTORY_H

#include "sim/base/error.h"
#include "sim/io/trace.h"
#include "sim/options/spec.h"

#include <stddef.h>

/* What is stacked in the snapshots; a shape of zero rows leaves a file out. */
struct ssldyn_snapshot_shapes {
    size_t Wp; /* n2 (n2 x n2), 0: none */
    size_t F;  /* n2 (n2 x n2), 0: none */
    size_t W_rows, W_columns;
    size_t Wa_rows, Wa_columns;
};

struct ssldyn_run_directory;

/* Makes the directory, writes spec.conf and opens the other files. modes: per-mode columns of the
 * trace. shapes: NULL for models without matrices. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_run_directory_open(const struct ssldyn_spec *spec, const char *path,
                          const struct ssldyn_layout *layout, size_t modes,
                          const struct ssldyn_snapshot_shapes *shapes,
                          struct ssldyn_run_directory **directory, struct ssldyn_error *err);

/* In what follows no directory (NULL) is one that takes everything and keeps nothing. One row of
 * the trace. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_run_directory_row(struct ssldyn_run_directory *directory, const double row[],
                         struct ssldyn_error *err);

/* One snapshot; pointers of files that are left out are ignored. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_run_directory_snapshot(struct ssldyn_run_directory *directory, double t, const double Wp[],
                              const double W[], const double Wa[], const double F[],
                              struct ssldyn_error *err);

/* X and X' (n1 x n1) of a run whose data are drawn from a set: what it has in place of --x and
 * --xprime; and what they were divided by, kept unless it is 1. Once, after open. */
#define SSLDYN_RUN_X "data_x.npy"
#define SSLDYN_RUN_XPRIME "data_xprime.npy"
#define SSLDYN_RUN_SCALE "data_scale.npy"
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_run_directory_moments(struct ssldyn_run_directory *directory, size_t n1, const double X[],
                             const double Xprime[], double scale, struct ssldyn_error *err);

/* One event: what happened to which mode (1-based; 0: the run as a whole) at t. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_run_directory_event(struct ssldyn_run_directory *directory, double t, size_t mode,
                           const char *what, struct ssldyn_error *err);

/* Gives every file its final name and frees, whatever happens; the first failure is reported. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_run_directory_close(struct ssldyn_run_directory *directory, struct ssldyn_error *err);

/* Removes what was not finished and frees; NULL is fine. */
void ssldyn_run_directory_abandon(struct ssldyn_run_directory *directory);

#endif
