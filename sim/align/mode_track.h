/* Modes keep their identity while eigenvalues cross. A mode is numbered by its rank at the first
 * snapshot; from one snapshot to the next the numbers of the leading modes are passed on along
 * the largest overlaps |u_j(t) . u_k(t')|, largest first, each number once. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_MODE_TRACK_H
#define SSLDYN_SIM_ALIGN_MODE_TRACK_H

#include "sim/base/error.h"

#include <stddef.h>

struct ssldyn_mode_track;

/* n: size; leading: number of modes to track, at most n; the others are numbered by rank. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_track_create(size_t n, size_t leading,
                                                              struct ssldyn_mode_track **track,
                                                              struct ssldyn_error *err);
void ssldyn_mode_track_free(struct ssldyn_mode_track *track);

/* The next snapshot: U has the eigenvectors as columns (n x n, row-major), descending
 * eigenvalues; the first `alive` of them count for the angle.
 *   numbers[n]  identity (1 ...) of the mode at each rank, written
 *   angle       largest principal angle (radians) between the subspaces of the leading modes alive
 *               at both snapshots (the same number of each); NaN at the first snapshot
 * Cost: a product n x leading x leading and an eigenproblem of size leading. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_track_next(struct ssldyn_mode_track *track,
                                                            const double U[], size_t alive,
                                                            size_t numbers[], double *angle,
                                                            struct ssldyn_error *err);

#endif
