/* The points of a sweep: from a point's number to its outcome. A single trained mode is computed
 * by the ensemble's kernel, many points at a time; everything else as one run per point, in
 * memory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_POINTS_H
#define SSLDYN_SIM_SWEEP_POINTS_H

#include "sim/base/error.h"
#include "sim/ensemble/ensemble.h"
#include "sim/flow/mode_point.h"
#include "sim/run/outcome.h"
#include "sim/sweep/axes.h"
#include "sim/sweep/columns.h"

#include <stdbool.h>
#include <stdint.h>

struct ssldyn_points {
    const struct ssldyn_spec *spec;
    const struct ssldyn_axes *axes;
    const struct ssldyn_columns *columns;
    bool modes;    /* uses the kernel */
    bool escape;   /* t_escape is wanted */
    int64_t block; /* number of points that are computed, stored and journaled together */
    double fold;   /* for general data, if the margin is wanted; else NaN */
    struct ssldyn_mode_point base;
    struct ssldyn_ensemble_options options;
};

/* Borrows all three. EINPUT if the spec or an axis cannot be run by a sweep (or basin). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_points_init(struct ssldyn_points *points,
                                                        const struct ssldyn_spec *spec,
                                                        const struct ssldyn_axes *axes,
                                                        const struct ssldyn_columns *columns,
                                                        struct ssldyn_error *err);

/* Whether the runs at the corners of the axes (every word, the ends of numeric axes; at most a
 * few hundred) can be started, so that settings that exclude each other are found before
 * anything is written. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_points_probe(const struct ssldyn_points *points,
                                                         struct ssldyn_error *err);

/* The workspace of one thread. */
struct ssldyn_points_worker;
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_points_worker_create(const struct ssldyn_points *points,
                            struct ssldyn_points_worker **worker, struct ssldyn_error *err);
void ssldyn_points_worker_free(struct ssldyn_points_worker *worker);

/* The outcomes of count <= block points from number first on; they belong to the worker and are
 * valid until the next call. The outcome of a point depends only on its number. A point that
 * diverges is an outcome; one whose settings exclude each other is EINPUT, with its number. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_points_compute(const struct ssldyn_points *points,
                                                           struct ssldyn_points_worker *worker,
                                                           int64_t first, int64_t count,
                                                           const struct ssldyn_outcome **outcomes,
                                                           struct ssldyn_error *err);

/* The mode at a point of a sweep. Only if points->modes. */
void ssldyn_points_mode(const struct ssldyn_points *points, const double values[],
                        struct ssldyn_mode_point *mode);

#endif
