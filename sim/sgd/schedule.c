/* Schedules of a training run. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/schedule.h"

#include <gsl/gsl_math.h>
#include <math.h>

double ssldyn_schedule_factor(const struct ssldyn_schedule_shape *shape, int64_t k)
{
    if (k < shape->warmup) {
        return (double)(k + 1) / (double)shape->warmup;
    }
    const int64_t last = shape->steps - 1;
    const double x =
        last > shape->warmup ? (double)(k - shape->warmup) / (double)(last - shape->warmup) : 1.0;
    switch (shape->kind) {
    case SSLDYN_SCHEDULE_LINEAR:
        return 1.0 + (shape->end - 1.0) * x;
    case SSLDYN_SCHEDULE_COSINE:
        return shape->end + (1.0 - shape->end) * 0.5 * (1.0 + cos(M_PI * x));
    case SSLDYN_SCHEDULE_CONSTANT:
        break;
    }
    return 1.0;
}
