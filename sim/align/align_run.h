/* What an alignment analysis reads from a run directory in addition to its matrices. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_RUN_H
#define SSLDYN_SIM_ALIGN_ALIGN_RUN_H

#include "sim/base/error.h"
#include "sim/io/npy.h"
#include "sim/options/spec.h"
#include "theory/population.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_align_run {
    bool known; /* spec.conf is that of a simulation by ssldyn: spec and moments are filled */
    struct ssldyn_spec spec;
    struct ssldyn_moments moments; /* in the coordinates of the user's X */
    struct ssldyn_array X, sum;
    struct ssldyn_array t;     /* times of the snapshots; data NULL: unknown */
    struct ssldyn_array count; /* number of samples behind each snapshot; data NULL: unknown */
    double *step, *tau;        /* of the snapshots, from trace.tsv; NULL: unknown */
};

/* directory/NAME.npy in a newly allocated string; NULL in *path (and OK) if there is no such
 * file. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_run_file(const char *directory, const char *name,
                                                           char **path, struct ssldyn_error *err);

/* Reads t.npy, count.npy, spec.conf and trace.tsv if they exist. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_run_read(const char *directory, size_t snapshots,
                                                           size_t n1, struct ssldyn_align_run *run,
                                                           struct ssldyn_error *err);
/* Moments from the files of X and X' (NULL: X again), which messages name by the options; for
 * options that start with "--" the arrays in memory are used. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_run_moments(struct ssldyn_align_run *run,
                                                              const char *const files[2],
                                                              const char *const options[2],
                                                              const struct ssldyn_arrays *memory,
                                                              size_t n1, struct ssldyn_error *err);
/* The times of --times, one per snapshot, from a file or from memory (then they may be
 * borrowed); nothing if times is NULL. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_run_times(const char *times, const struct ssldyn_arrays *memory, size_t snapshots,
                       struct ssldyn_array *t, struct ssldyn_error *err);
void ssldyn_align_run_clear(struct ssldyn_align_run *run);

#endif
