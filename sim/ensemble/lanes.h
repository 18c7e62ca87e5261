/* What the kernels of all instruction sets share: a pool of trajectories as columns of numbers,
 * from which a vector takes neighbours, and the scalar work at a trajectory's two ends. Private to
 * sim/ensemble. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ENSEMBLE_LANES_H
#define SSLDYN_SIM_ENSEMBLE_LANES_H

#include "sim/ensemble/ensemble.h"

/* The state is scaled by sqrt(lambda_s), sqrt(alpha_p lambda_s) and sqrt(alpha_p) lambda_d; in
 * these variables e = wa - wp w, wp' = e w - eta_p wp, w' = e wp - eta_s w and wa' = beta (ratio w
 * - wa), ratio = lambda_d/sqrt(lambda_s), so two parameters are gone; w >= 0 at the start, as (w,
 * wa) ->
 * -(w, wa) is a symmetry. */
enum ssldyn_lanes_column {
    LANES_WP,
    LANES_W,
    LANES_WA,
    LANES_T,
    LANES_STEPS,
    LANES_K_MIN,
    LANES_SCALE_WP,
    LANES_SCALE_W, /* and this one with the sign that w had */
    LANES_SCALE_WA,
    LANES_ETA_P,
    LANES_ETA_S,
    LANES_BETA,  /* 0 where the target is held */
    LANES_DRIVE, /* beta ratio */
    LANES_RATIO,
    LANES_PER_RATIO,
    LANES_HELD,    /* wa = held w, else 0 */
    LANES_KEEP,    /* 0 where wa is held, else 1 */
    LANES_THETA,   /* wa/w at every fixed point: held or ratio */
    LANES_P_MINUS, /* saddle; infinite beyond the fold; NaN: not of the kind that has one */
    LANES_W_MINUS,
    LANES_ETA_SUM, /* decay of the sum wp + w at most, where one criterion holds; else NaN */
    LANES_MIDDLE,  /* where that sum grows best */
    LANES_LEADS,   /* 1: w >= wp for ever, as the start has it and eta_p >= eta_s keeps it */
    LANES_EQUAL,   /* 1: equal decays below the fold */
    LANES_M_STAR,  /* w + wp at the attractor, and how near it the linear flow will do (0: never) */
    LANES_NEAR_STAR,
    LANES_NEAR_ZERO, /* the same for the collapsed state */
    LANES_OPEN,      /* 1 while the fate is open */
    LANES_SCALAR,    /* 1: theory's certificate is asked at every step; 2 more: it is filled */
    LANES_GROWTH,    /* bound of the log by which the error of any step has grown since, relative
                        to the size of the state */
    LANES_RATE,      /* its rate of growth at present, in absolute terms */
    LANES_SKEW,      /* weight of errors of w and wa in it, wp's is 1 */
    LANES_PER_SKEW,
    LANES_SPREAD_02, /* the second pass: sum of squares of errors carried along (errors.inc) ... */
    LANES_SPREAD_11,
    LANES_SPREAD_12,
    LANES_SPREAD_22,
    LANES_COLUMNS,
    LANES_SPREAD_00 = LANES_GROWTH, /* ... which does without these two */
    LANES_SPREAD_01 = LANES_RATE
};

/* Vectors in flight: two hide each other's latencies. The widest vector, in doubles; the pool,
 * which stays in the nearest cache, and what one vector pair may reach beyond it. */
enum {
    SSLDYN_LANES_GROUPS = 2,
    SSLDYN_LANES_WIDEST = 8,
    SSLDYN_LANES_POOL = 128,
    SSLDYN_LANES_REACH = SSLDYN_LANES_GROUPS * SSLDYN_LANES_WIDEST
};

struct ssldyn_lanes {
    double at[LANES_COLUMNS][SSLDYN_LANES_POOL + SSLDYN_LANES_REACH] __attribute__((aligned(64)));
    int64_t id[SSLDYN_LANES_POOL]; /* index of the point */
    int count;                     /* places 0 ... count - 1 are taken */
    /* filled for a place that has SCALAR set */
    struct ssldyn_certificate certificate[SSLDYN_LANES_POOL];
};

/* Everything of one pass. */
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
     * (both 0: for the state as computed); a trajectory that may be off by more than `widest` is
     * given up. */
    double start_noise, noise, widest;
    bool again; /* second pass: only what the first one gave up */
    double tail_tolerance;
};

/* Copies points into free places as they are given, for the kernel to prepare; those with numbers
 * that are none end here. Returns the first place filled. */
int ssldyn_ensemble_stage(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes);

/* Notes a certified fate now. */
void ssldyn_ensemble_decide(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place,
                            enum ssldyn_fate fate);

/* Asks theory's certificate, which knows more cases than the vector criteria, about a state that is
 * known up to the errors off of its scaled variables. */
enum ssldyn_fate ssldyn_ensemble_judge(const struct ssldyn_lanes_job *job,
                                       struct ssldyn_lanes *lanes, int place, const double off[3]);

/* Writes the end of a trajectory where it is, or at t_end by the closed form about its limit, and
 * gives its place to the last of the pool. give_up leaves it to the second pass, or in
 * that one takes the question of its fate back; true: its place has been given to another. */
void ssldyn_ensemble_finish(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place);
void ssldyn_ensemble_finish_tail(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes,
                                 int place, bool collapsed);
bool ssldyn_ensemble_give_up(struct ssldyn_lanes_job *job, struct ssldyn_lanes *lanes, int place);

/* The closed forms themselves (tail.c): the state after a further time T near either limit; true
 * when the result is finite. */
bool ssldyn_tail_collapsed(const struct ssldyn_lanes *lanes, int place, double T, double y[3],
                           double *tau);
bool ssldyn_tail_surviving(const struct ssldyn_lanes *lanes, int place, double T, double y[3]);

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
