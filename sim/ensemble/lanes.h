/* Shared by the kernels of all instruction sets: a pool of trajectories stored by columns, so that
 * a vector holds adjacent trajectories, and the scalar work at the start and end of a trajectory.
 * Private to sim/ensemble. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ENSEMBLE_LANES_H
#define SSLDYN_SIM_ENSEMBLE_LANES_H

#include "sim/ensemble/ensemble.h"

/* The state is scaled by sqrt(lambda_s), sqrt(alpha_p lambda_s) and sqrt(alpha_p) lambda_d. In
 * these variables e = wa - wp w, wp' = e w - eta_p wp, w' = e wp - eta_s w and wa' = beta (ratio w
 * - wa), with ratio = lambda_d/sqrt(lambda_s), which removes two parameters. w >= 0 at the start,
 * by the symmetry (w, wa) -> -(w, wa). */
enum ssldyn_lanes_column {
    LANES_WP,
    LANES_W,
    LANES_WA,
    LANES_T,
    LANES_STEPS,
    LANES_K_MIN,
    LANES_SCALE_WP,
    LANES_SCALE_W, /* includes the sign of the original w */
    LANES_SCALE_WA,
    LANES_ETA_P,
    LANES_ETA_S,
    LANES_BETA,  /* 0 if the target is held */
    LANES_DRIVE, /* beta ratio */
    LANES_RATIO,
    LANES_PER_RATIO,
    LANES_HELD,    /* wa = held w, else 0 */
    LANES_KEEP,    /* 0 if wa is held, else 1 */
    LANES_THETA,   /* wa/w at every fixed point: held or ratio */
    LANES_P_MINUS, /* saddle; infinite beyond the fold; NaN: does not apply */
    LANES_W_MINUS,
    LANES_ETA_SUM, /* upper bound of the decay of the sum wp + w, if a criterion applies; else NaN */
    LANES_MIDDLE,  /* where that sum grows fastest */
    LANES_LEADS,   /* 1: w >= wp forever, by the start and eta_p >= eta_s */
    LANES_EQUAL,   /* 1: equal decays below the fold */
    LANES_M_STAR,  /* w + wp at the attractor */
    LANES_NEAR_STAR, /* the distance from it within which the linear flow is used (0: never) */
    LANES_NEAR_ZERO, /* the same for the collapsed state */
    LANES_OPEN,      /* 1 while the fate is open */
    LANES_SCALAR, /* 1: theory's certificate is evaluated at every step; 2 more: it is computed */
    LANES_GROWTH, /* upper bound of the log growth of the error of any step so far, relative */
    LANES_RATE,   /* its current rate of growth, absolute */
    LANES_SKEW,   /* weight of errors of w and wa in the norm; that of wp is 1 */
    LANES_PER_SKEW,
    LANES_SPREAD_02, /* the second pass: sum of squares of propagated errors (errors.inc) ... */
    LANES_SPREAD_11,
    LANES_SPREAD_12,
    LANES_SPREAD_22,
    LANES_COLUMNS,
    LANES_SPREAD_00 = LANES_GROWTH, /* ... which does not need these two */
    LANES_SPREAD_01 = LANES_RATE
};

/* Number of vectors interleaved (two hide each other's latency); the widest vector, in doubles; the
 * size of the pool, which fits the first-level cache, and the overrun of a vector pair beyond
 * it. */
enum {
    SSLDYN_LANES_GROUPS = 2,
    SSLDYN_LANES_WIDEST = 8,
    SSLDYN_LANES_POOL = 128,
    SSLDYN_LANES_REACH = SSLDYN_LANES_GROUPS * SSLDYN_LANES_WIDEST
};

struct ssldyn_lanes {
    double at[LANES_COLUMNS][SSLDYN_LANES_POOL + SSLDYN_LANES_REACH] __attribute__((aligned(64)));
    int64_t id[SSLDYN_LANES_POOL]; /* index of the point */
    int count;                     /* slots 0 ... count - 1 are in use */
    /* computed for slots with SCALAR set */
    struct ssldyn_certificate certificate[SSLDYN_LANES_POOL];
};

/* The state of one pass. */
struct ssldyn_lanes_job {
    const struct ssldyn_ensemble_options *options;
    const struct ssldyn_ensemble_point *points;
    struct ssldyn_ensemble_end *ends;
    int64_t count;
    int64_t next; /* first point not yet begun */
    double max_steps;
    double rtol;
    double careful; /* added to log2 rtol while the fate is open */
    /* Verdicts hold for all states within the errors: relative ones of the start and of a step
     * (both 0: only for the computed state); a trajectory with a bound above `widest` is given
     * up. */
    double start_noise, noise, widest;
    bool again; /* second pass: only what the first one gave up */
    double tail_tolerance;
};

/* Copies points into free slots, for the kernel to prepare; invalid ones end here. Returns the
 * first slot filled. */
int ssldyn_ensemble_stage(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes);

/* Records a certified fate at the current time. */
void ssldyn_ensemble_decide(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int slot,
                            enum ssldyn_fate fate);

/* Evaluates theory's certificate, which covers more cases than the vector criteria, for a state
 * that is known up to the errors `off` of its scaled variables. */
enum ssldyn_fate ssldyn_ensemble_judge(const struct ssldyn_lanes_job *job,
                                       struct ssldyn_lanes *lanes, int slot, const double off[3]);

/* Writes the end of a trajectory at its current state, or at t_end by the closed form about its
 * limit, and moves the last trajectory of the pool into its slot. give_up leaves it to the second
 * pass, or, in the second pass, leaves its fate undecided; true: its slot now holds another
 * trajectory. */
void ssldyn_ensemble_finish(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int slot);
void ssldyn_ensemble_finish_tail(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int slot,
                                 bool collapsed);
bool ssldyn_ensemble_give_up(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int slot);

/* The closed forms themselves (tail.c): the state after a further time T near either limit; true if
 * the result is finite. */
bool ssldyn_tail_collapsed(const struct ssldyn_lanes *lanes, int slot, double T, double y[3],
                           double *tau);
bool ssldyn_tail_surviving(const struct ssldyn_lanes *lanes, int slot, double T, double y[3]);

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
const struct ssldyn_lanes_kernel *ssldyn_kernel_choice(size_t index);

#endif
