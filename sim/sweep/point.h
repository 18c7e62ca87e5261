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
    const struct ssldyn_spec *sweep; /* borrowed, as the next */
    const struct ssldyn_axes *axes;
    bool made;                          /* there is a spec */
    struct ssldyn_spec spec;            /* of the run; ready, quiet */
    struct ssldyn_inputs inputs;        /* what is not the whole sweep's; spec borrows from it */
    double values[SSLDYN_AXES_MAXIMUM]; /* where it is */
    /* axes of which a value changes more than numbers: which options have an effect, or what is
     * read from files */
    bool remakes[SSLDYN_AXES_MAXIMUM];
};

/* Of no place yet. */
struct ssldyn_point ssldyn_point_at_none(const struct ssldyn_spec *sweep,
                                         const struct ssldyn_axes *axes);
void ssldyn_point_clear(struct ssldyn_point *point);

/* Takes point->spec to values, one for each axis. From one place to the next the numbers are set
 * where they are kept and the others derived from them; the spec is made anew where a word changes,
 * or what is read from files. Before it runs, ssldyn_inputs_load reads into point->inputs what its
 * sweep has not. EINPUT: the values exclude each other. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_point_set(struct ssldyn_point *point, const double values[], struct ssldyn_error *err);

#endif
