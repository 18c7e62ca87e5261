/* Thresholds of a mode and their derivatives: shared by the tests of one layer and of deep encoders. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_UNIT_EDGE_H
#define SSLDYN_TESTS_UNIT_EDGE_H

#include "sim/flow/basin.h"

#include <check.h>

/* The only threshold of that option between lo and hi. */
static inline struct ssldyn_threshold edge_find(const struct ssldyn_mode_point *mode,
                                                const char *name, double lo, double hi)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_thresholds found;
    ck_assert_msg(ssldyn_basin_thresholds(mode, ssldyn_mode_point_slot(name), lo, hi, 16, &found,
                                          &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(found.count, 1);
    const struct ssldyn_threshold threshold = found.list[0];
    ssldyn_basin_thresholds_clear(&found);
    return threshold;
}

/* The derivative of a threshold with respect to the other options; NaN and a reason if unknown. */
static inline const char *edge_derive(const struct ssldyn_mode_point *mode, const char *name,
                                      const struct ssldyn_threshold *threshold,
                                      double derivatives[SSLDYN_MODE_POINT_SLOTS])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const char *why = NULL;
    ck_assert_msg(ssldyn_basin_derivatives(mode, ssldyn_mode_point_slot(name), threshold,
                                           derivatives, &why, &err) == SSLDYN_OK,
                  "%s", err.message);
    return why;
}

static inline double edge_by(const double derivatives[], const char *name)
{
    return derivatives[ssldyn_mode_point_slot(name)];
}

#endif
