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
    SSLDYN_BASIN_LAG,  /* as EDGE, and with a target that follows at once (tau = 1) the losing side
                          would survive: the EMA is too slow */
    SSLDYN_BASIN_UNDECIDED /* no certificate reaches into the bracket */
};
const char *ssldyn_basin_mechanism_text(enum ssldyn_basin_mechanism mechanism);

struct ssldyn_threshold {
    double value;     /* where the fold decides, the fold; else the middle of the bracket; NaN where
                         the fate stays undecided over too much of the bracket to name a value */
    double width;     /* uncertainty of value: that of rounding for the fold, else high - low */
    double low, high; /* the bracket: the nearest values on its two sides with certified fates */
    int below, above; /* enum ssldyn_fate there */
    enum ssldyn_basin_mechanism mechanism; /* UNDECIDED where value is NaN */
};

struct ssldyn_thresholds {
    size_t count, capacity;
    struct ssldyn_threshold *list;        /* ascending; owned */
    size_t undecided;                     /* values of the scan without a verdict, */
    double undecided_low, undecided_high; /* and the first and the last of them */
    int first, last;                      /* fates at the ends of the range */
};

/* All flips of the fate as slot (ssldyn_mode_point_slot) goes from lo to hi: scan values are looked
 * at, evenly spaced, and each bracket between different fates is refined to 1e-12 relative, or as
 * far as fates are certified; where it holds the fold and the start survives up to there, to the
 * fold itself. A bracket that stays wider than 1e-6 relative gives no value. Two flips closer than
 * the scan's spacing can be missed. EINPUT: lo >= hi. The caller clears thresholds, also after a
 * failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_basin_thresholds(const struct ssldyn_mode_point *base,
                                                             int slot, double lo, double hi,
                                                             size_t scan,
                                                             struct ssldyn_thresholds *thresholds,
                                                             struct ssldyn_error *err);
void ssldyn_basin_thresholds_clear(struct ssldyn_thresholds *thresholds);

/* How the value of a threshold moves as each other number of the mode alone changes: derivatives by
 * the slots of mode_point.h (not of a deep encoder), NaN for those without effect there (what
 * training settings make, a tau that is not held, eta where the two decays differ). lambda-d counts
 * in every model, with lambda_s held. A fold's are in closed form; those of an edge come from the
 * solution that leads to the saddle, followed once with its variational equations (THEORY section
 * 6), and are good to about 1e-8 relative. *why is NULL, or says why nothing is known, a clause:
 * then all are NaN. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_basin_derivatives(
    const struct ssldyn_mode_point *base, int slot, const struct ssldyn_threshold *threshold,
    double derivatives[SSLDYN_MODE_POINT_SLOTS], const char **why, struct ssldyn_error *err);
/* Whether the threshold of slot has a derivative with respect to the other slot. */
bool ssldyn_basin_derives(const struct ssldyn_mode_point *base, int slot, int other);

/* Whether the start of a mode that lies on its fold survives there: the merged fixed point attracts
 * from one side, and the start arrives on it. By continuity it survives just below the fold, too.
 * ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_basin_fold_attracts(const struct ssldyn_ensemble_point *start, bool *attracts,
                           struct ssldyn_error *err);

/* The separatrix in the plane (p, s) at held tau. */
struct ssldyn_separatrix {
    double p_saddle, s_saddle;
    double stable; /* eigenvalue along the curve */
    size_t count;
    double *p, *s; /* along the curve, from one end to the other */
    double *ln_s;  /* s may underflow where this does not */
    double *block; /* all three; owned */
};

/* The saddle's stable manifold, followed backwards both ways until it leaves |p| <= 4 p*+,
 * s <= 4 s*+. The branch of large p first comes down to s of about s*- exp(-k/eta_p), which may be
 * 0 in double precision, and rises beyond p = p*+. Each point is within about rtol of the curve, in
 * p and in ln s. EINPUT: tau is not held, or there is no saddle (beyond the fold, or without weight
 * decay). EFAILED: a branch did not reach the box. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_basin_separatrix(const struct ssldyn_mode_point *mode,
                                                             double rtol,
                                                             struct ssldyn_separatrix *separatrix,
                                                             struct ssldyn_error *err);
void ssldyn_basin_separatrix_clear(struct ssldyn_separatrix *separatrix);

#endif
