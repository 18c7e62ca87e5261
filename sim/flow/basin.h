/* The edge of the collapse basin: the stable manifold of the saddle at constant tau, and every
 * value of one option at which the certified fate of a mode flips (THEORY sections 4 and 6). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_BASIN_H
#define SSLDYN_SIM_FLOW_BASIN_H

#include "sim/base/error.h"
#include "sim/flow/mode_point.h"

#include <stddef.h>

/* What causes the flip at a threshold. */
enum ssldyn_basin_mechanism {
    SSLDYN_BASIN_FOLD,     /* the surviving fixed point appears or vanishes there */
    SSLDYN_BASIN_EDGE,     /* the start crosses the edge of the basin */
    SSLDYN_BASIN_LAG,      /* as EDGE, but the side that collapses would survive with a target that
                        * follows instantly (tau = 1): the EMA is too slow */
    SSLDYN_BASIN_UNDECIDED /* no fate is certified inside the bracket */
};
const char *ssldyn_basin_mechanism_text(enum ssldyn_basin_mechanism mechanism);

struct ssldyn_threshold {
    double value;     /* the fold if it is the cause; else the middle of the bracket; NaN if the
                       * fate is undecided over too much of the bracket to give a value */
    double width;     /* uncertainty of value: rounding for the fold, else high - low */
    double low, high; /* the bracket: the nearest values on both sides with certified fates */
    int below, above; /* enum ssldyn_fate at low and at high */
    enum ssldyn_basin_mechanism mechanism; /* UNDECIDED where value is NaN */
};

struct ssldyn_thresholds {
    size_t count, capacity;
    struct ssldyn_threshold *list;        /* ascending; owned */
    size_t undecided;                     /* number of scanned values with an undecided fate, */
    double undecided_low, undecided_high; /* the first and the last of them */
    int first, last;                      /* fates at the ends of the range */
};

/* Finds all flips of the fate as slot (ssldyn_mode_point_slot) goes from lo to hi: evaluates the
 * fate at scan evenly spaced values and refines each bracket between different fates to 1e-12
 * relative, or as far as fates are certified. If the bracket holds the fold and the start
 * survives up to it, the threshold is the fold itself. A bracket that stays wider than 1e-6
 * relative gives no value. Two flips closer than the spacing of the scan can be missed. EINPUT:
 * lo >= hi. The caller clears thresholds, also after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_basin_thresholds(const struct ssldyn_mode_point *base,
                                                             int slot, double lo, double hi,
                                                             size_t scan,
                                                             struct ssldyn_thresholds *thresholds,
                                                             struct ssldyn_error *err);
void ssldyn_basin_thresholds_clear(struct ssldyn_thresholds *thresholds);

/* The derivatives of a threshold with respect to every other number of the mode, indexed by the
 * slots of mode_point.h. NaN for numbers without effect: rates that training settings determine,
 * a tau that is not held, eta if the two decays differ; and for a target of averaged layers that
 * starts from 0, where the derivative with respect to its start is infinite. lambda-d
 * counts in every model, with lambda_s held. The derivatives of a fold are in closed form; those
 * of an edge come from the solution that leads to the saddle, integrated once with its
 * variational equations (THEORY section 6), and are accurate to about 1e-8 relative. *why is
 * NULL, or a clause that says why no derivative is known; then all are NaN. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_basin_derivatives(
    const struct ssldyn_mode_point *base, int slot, const struct ssldyn_threshold *threshold,
    double derivatives[SSLDYN_MODE_POINT_SLOTS], const char **why, struct ssldyn_error *err);
/* Whether the threshold in slot has a derivative with respect to the slot other. */
bool ssldyn_basin_derives(const struct ssldyn_mode_point *base, int slot, int other);

/* Whether the start of a mode that lies on its fold survives: the merged fixed point attracts
 * from one side only, and the start must arrive on that side. By continuity it then survives
 * just below the fold, too. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_basin_fold_attracts(const struct ssldyn_ensemble_point *start, bool *attracts,
                           struct ssldyn_error *err);

/* The separatrix in the plane (p, s) at constant tau. */
struct ssldyn_separatrix {
    double p_saddle, s_saddle;
    double stable; /* eigenvalue along the curve */
    size_t count;
    double *p, *s; /* points along the curve, from one end to the other */
    double *ln_s;  /* ln s is finite even where s underflows */
    double *block; /* holds all three arrays; owned */
};

/* The stable manifold of the saddle, followed backward in time on both sides until it leaves |p|
 * <= 4 p*+, s <= 4 s*+. The branch of large p first falls to s of about s*- exp(-k/eta_p), which
 * may underflow to 0, and then rises beyond p = p*+. Each point is within about rtol of the
 * curve, in p and in ln s. EINPUT: tau is not held constant, or there is no saddle (beyond the
 * fold, or without weight decay). EFAILED: a branch did not reach the boundary of the box. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_basin_separatrix(const struct ssldyn_mode_point *mode,
                                                             double rtol,
                                                             struct ssldyn_separatrix *separatrix,
                                                             struct ssldyn_error *err);
void ssldyn_basin_separatrix_clear(struct ssldyn_separatrix *separatrix);

#endif
