/* Schedules of a training run: factors on the learning rate, the EMA rate and the weight decay. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SCHEDULE_H
#define SSLDYN_SIM_SGD_SCHEDULE_H

#include "sim/io/spec.h"

#include <stdint.h>

struct ssldyn_schedule_shape {
    enum ssldyn_schedule kind;
    int64_t warmup; /* first steps, over which the factor grows linearly: 1/warmup ... 1 */
    int64_t steps;  /* of the whole run, warm-up included */
    double end;     /* factor at the last step; ignored by CONSTANT */
};

/* The factor of step k = 0 ... steps - 1. After the warm-up, with x going from 0 to 1: 1
 * (constant), 1 + (end - 1) x (linear), end + (1 - end) (1 + cos(pi x)) / 2 (cosine). */
double ssldyn_schedule_factor(const struct ssldyn_schedule_shape *shape, int64_t k);

#endif
