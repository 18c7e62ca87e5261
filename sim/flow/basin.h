/* The edge of the basin of collapse: the saddle's stable manifold at constant tau, and every value
 * of one option at which a mode's certified fate flips (THEORY sections 4 and 6). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_BASIN_H
#define SSLDYN_SIM_FLOW_BASIN_H

#include "sim/base/error.h"
#include "sim/flow/mode_point.h"

#include <stddef.h>

/* What decides at a threshold. */
enum ssldyn_basin_mechanism {
    SSLDYN_BASIN_FOLD, /* the surviving fixed point appears or vanishes there */
    SSLDYN_BASIN_EDGE, /* the start crosses the edge of the basin */
    SSLDYN_BASIN_LAG   /* as EDGE, and with a target that follows at once (tau = 1) the losing side
                          would survive: the EMA is too slow */
};
const char *ssldyn_basin_mechanism_text(enum ssldyn_basin_mechanism mechanism);

struct ssldyn_threshold {
    double value; /* middle of the bracket */
    double width; /* of the bracket: at most 1e-12 of the value, unless the fate stays undecided */
    int below, above; /* enum ssldyn_fate on the two sides */
    enum ssldyn_basin_mechanism mechanism;
};

struct ssldyn_thresholds {
    size_t count, capacity;
    struct ssldyn_threshold *list; /* ascending; owned */
    size_t undecided;              /* values of the scan without a verdict */
    int first, last;               /* fates at the ends of the range */
};

/* All flips of the fate as slot (ssldyn_mode_point_slot) goes from lo to hi: scan values are looked
 * at, evenly spaced, and each bracket between different fates is refined to 1e-12 relative. Two
 * flips closer than the scan's spacing can be missed. EINPUT: lo >= hi. The caller clears
 * thresholds, also after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_basin_thresholds(const struct ssldyn_mode_point *base,
                                                             int slot, double lo, double hi,
                                                             size_t scan,
                                                             struct ssldyn_thresholds *thresholds,
                                                             struct ssldyn_error *err);
void ssldyn_thresholds_clear(struct ssldyn_thresholds *thresholds);

/* The separatrix in the plane (p, s) at held tau. */
struct ssldyn_separatrix {
    double p_saddle, s_saddle;
    double stable; /* eigenvalue along the curve */
    size_t count;
    double *p, *s; /* along the curve, from one end to the other; owned */
};

/* The saddle's stable manifold, followed backwards both ways until it leaves |p| <= 4 p*+,
 * s <= 4 s*+, or ends. Each point is within about rtol of the curve. EINPUT: tau is not held, or
 * there is no saddle (beyond the fold, or without weight decay). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_basin_separatrix(const struct ssldyn_mode_point *mode,
                                                             double rtol,
                                                             struct ssldyn_separatrix *separatrix,
                                                             struct ssldyn_error *err);
void ssldyn_separatrix_clear(struct ssldyn_separatrix *separatrix);

#endif
