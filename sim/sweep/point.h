/* One point of a sweep as the run (ssldyn flow or sgd) that it stands for. Each thread has its own. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SWEEP_POINT_H
#define SSLDYN_SIM_SWEEP_POINT_H

#include "sim/base/error.h"
#include "sim/inputs/inputs.h"
#include "sim/options/spec.h"
#include "sim/sweep/axes.h"

#include <stdbool.h>

struct ssldyn_point {
    const struct ssldyn_spec *sweep; /* borrowed, like the next one */
    const struct ssldyn_axes *axes;
    bool made;                          /* spec is valid */
    struct ssldyn_spec spec;            /* of the run; ready, quiet */
    struct ssldyn_inputs inputs;        /* inputs that are not shared by the whole sweep; spec
                                         * borrows from it */
    double values[SSLDYN_AXES_MAXIMUM]; /* the values of the present point */
    /* axes whose values change more than numbers: which options have an effect, or what is read
     * from files */
    bool remakes[SSLDYN_AXES_MAXIMUM];
};

/* Not at any point yet. */
struct ssldyn_point ssldyn_point_at_none(const struct ssldyn_spec *sweep,
                                         const struct ssldyn_axes *axes);
void ssldyn_point_clear(struct ssldyn_point *point);

/* Moves point->spec to the given values, one per axis. Numbers are set in place and the derived
 * ones recomputed; the spec is rebuilt if a word changes, or what is read from files. Before the
 * run, ssldyn_inputs_load reads into point->inputs the inputs that the sweep does not share.
 * EINPUT: the values exclude each other. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_point_set(struct ssldyn_point *point, const double values[], struct ssldyn_error *err);

#endif
