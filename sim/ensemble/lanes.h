/* What the kernels of all instruction sets share: the lanes of one vector as plain arrays, and the
 * scalar work at a trajectory's two ends. Private to sim/ensemble. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ENSEMBLE_LANES_H
#define SSLDYN_SIM_ENSEMBLE_LANES_H

#include "sim/ensemble/ensemble.h"

/* Vectors in flight: two hide each other's latencies. And the widest vector, in doubles. */
enum { SSLDYN_LANES_GROUPS = 2, SSLDYN_LANES_WIDEST = 8 };

typedef double ssldyn_lane_array[SSLDYN_LANES_WIDEST] __attribute__((aligned(64)));

struct ssldyn_lanes {
    /* state, scaled by sqrt(lambda_s), sqrt(alpha_p lambda_s) and sqrt(alpha_p) lambda_d; in these
     * variables e = wa - wp w, wp' = e w - eta_p wp, w' = e wp - eta_s w and
     * wa' = beta (ratio w - wa), ratio = lambda_d/sqrt(lambda_s), so two parameters are gone */
    ssldyn_lane_array wp, w, wa, t, steps, k_min;
    ssldyn_lane_array scale_wp, scale_w, scale_wa;
    ssldyn_lane_array eta_p, eta_s, beta, drive, ratio, per_ratio; /* drive = beta ratio */
    ssldyn_lane_array held; /* wa = held w, and then beta = drive = 0 */
    ssldyn_lane_array keep; /* 0 where wa is held, else 1 */
    /* certificates: the unstable fixed point's wp = w (NaN: no such criterion), how fast it moves
     * with the imbalance delta, and a box around the origin (0: none) */
    ssldyn_lane_array p_minus, slope, box;
    /* tail: w + wp at the surviving fixed point, and how near it the linear flow will do (0:
     * never); the same for the collapsed one */
    ssldyn_lane_array m_star, near_star, near_zero;
    ssldyn_lane_array open;   /* 1 while the fate is open */
    ssldyn_lane_array scalar; /* 1: ask theory's certificate, the vector criteria do not apply */
    ssldyn_lane_array sign;   /* -1: w and wa are carried with the opposite sign */
    int64_t id[SSLDYN_LANES_WIDEST]; /* index of the point, -1: idle */
    struct ssldyn_certificate certificate[SSLDYN_LANES_WIDEST];
};

/* Everything of one call. */
struct ssldyn_lanes_job {
    const struct ssldyn_ensemble_options *options;
    const struct ssldyn_ensemble_point *points;
    struct ssldyn_ensemble_end *ends;
    int64_t count;
    int64_t next; /* first point not yet begun */
    double max_steps;
    double refine_after; /* steps; infinity: never */
    double rtol;
    bool again; /* second pass: only what the first one gave up */
    double tail_tolerance;
};

/* Puts the next point that needs integrating into a lane, or makes it idle. */
void ssldyn_lanes_load(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int lane);

/* Notes a certified fate now. */
void ssldyn_lanes_decide(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int lane,
                         enum ssldyn_fate fate);

/* Asks theory's certificate for a lane whose settings or signs the vector criteria do not cover;
 * from then on it is asked at every step. */
enum ssldyn_fate ssldyn_lanes_judge(const struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes,
                                    int lane);

/* Ends a trajectory where it is, or at t_end by the closed form about its limit. */
void ssldyn_lanes_finish(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int lane);
void ssldyn_lanes_finish_tail(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int lane,
                              bool collapsed);

/* The closed forms themselves (tail.c): the thresholds of a lane that was just loaded, and the
 * state after a further time T near either limit; true when the result is finite. */
void ssldyn_tail_prepare(struct ssldyn_lanes *lanes, int lane, double tolerance);
bool ssldyn_tail_collapsed(const struct ssldyn_lanes *lanes, int lane, double T, double y[static 3],
                           double *tau);
bool ssldyn_tail_surviving(const struct ssldyn_lanes *lanes, int lane, double T,
                           double y[static 3]);

/* One instruction set. */
struct ssldyn_lanes_kernel {
    const char *name;
    void (*run)(struct ssldyn_lanes_job *job);       /* order SSLDYN_LANES_ORDER */
    void (*run_tight)(struct ssldyn_lanes_job *job); /* order SSLDYN_LANES_ORDER_TIGHT */
};

/* Orders of the Taylor series for rtol above and below SSLDYN_LANES_TIGHT. */
#define SSLDYN_LANES_ORDER 12
#define SSLDYN_LANES_ORDER_TIGHT 20
#define SSLDYN_LANES_TIGHT 1e-11

/* Kernel number index of those this processor can run, widest first; NULL past the last. */
const struct ssldyn_lanes_kernel *ssldyn_lanes_kernel_choice(size_t index);

#endif
