/* Many trajectories of M5 (and of M3, its isotropic case) at once, one in each lane of the
 * processor's vector unit, each with its own parameters, steps and early stop. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ENSEMBLE_ENSEMBLE_H
#define SSLDYN_SIM_ENSEMBLE_ENSEMBLE_H

#include "sim/base/error.h"
#include "theory/fate.h"
#include "theory/parameters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One trajectory: rates and start in the variables of M5. Rates in flow time. */
struct ssldyn_ensemble_point {
    double alpha_p, beta, eta_p, eta_s;
    double lambda_s, lambda_d; /* both > 0; M3: c and 1 */
    double tau;                /* the held ratio; NaN where the target follows its own equation */
    double wp, w, wa;          /* start; with tau held wa is ignored */
    bool fixed_predictor;      /* wp stays what it is */
};

/* A start (wp, w, wa) of M5. parameters: rates, lambda_s, lambda_d, predictor, tau_held and tau are
 * used. */
struct ssldyn_ensemble_point ssldyn_ensemble_network(const struct ssldyn_parameters *parameters,
                                                     double wp, double w, double wa);

/* A mode (p, s, tau) of M3 as a point: w = sqrt(s), wa = tau w. s = 0 is represented by a w so
 * small that its square is nothing, and whose fate is that of 0. parameters: rates, tau_held and
 * tau are used. */
struct ssldyn_ensemble_point ssldyn_ensemble_mode(const struct ssldyn_parameters *parameters,
                                                  double p, double s, double tau);

/* The parameters of a point, with tau = 1 where the target follows its own equation. */
struct ssldyn_parameters ssldyn_ensemble_parameters(const struct ssldyn_ensemble_point *point);

struct ssldyn_ensemble_options {
    double t_end;     /* >= 0, finite */
    double rtol;      /* relative truncation error allowed a step, in [1e-15, 0.1] */
    double open_rtol; /* the same while the fate is open and errors grow most, if less; 0: rtol */
    bool stop;  /* end a trajectory once its fate is certified, or lost because w has underflowed */
    bool tail;  /* end a trajectory near its limit by the closed form of the linearised flow */
    bool watch; /* record the smallest K_j on the way */
    int64_t max_steps; /* of one trajectory; 0: 100,000 */
    /* A verdict is that of the start: it holds for all states within the errors that the steps
     * before it may have grown to, bounded as in theory/THEORY.md. A trajectory whose errors may
     * have become too large for that begins anew with rtol times refine_by, and is left undecided
     * (EDGE) where that does not help. Near the basin's edge errors grow, elsewhere they die out,
     * and only the few pay for it. false: a verdict is that of the state as computed. */
    bool bounded;
    double refine_by;
};

/* Why a trajectory has no certified fate, or ends before t_end (STEPS). */
enum ssldyn_ensemble_reason {
    SSLDYN_ENSEMBLE_DECIDED,
    SSLDYN_ENSEMBLE_TIME,  /* no criterion until t_end */
    SSLDYN_ENSEMBLE_EDGE,  /* so near a basin's edge that errors may decide */
    SSLDYN_ENSEMBLE_STEPS, /* max_steps are spent before t_end, or w has underflowed (stop) */
    SSLDYN_ENSEMBLE_RANGE, /* it has left the range of double precision */
    SSLDYN_ENSEMBLE_INPUT  /* not a point: see ssldyn_ensemble_run */
};

struct ssldyn_ensemble_end {
    double t;         /* reached: t_end, or where it was stopped */
    double wp, w, wa; /* state there */
    double tau;       /* wa/w; where w has underflowed, by the closed form or NaN */
    double since;     /* time at which the fate was certified; NaN while undecided */
    double k_min;     /* smallest K_j on the way (watch), else NaN */
    int64_t steps;
    int32_t fate;   /* enum ssldyn_fate */
    int32_t reason; /* enum ssldyn_ensemble_reason */
};

/* Integrates count points into ends. What a point gives does not depend on its neighbours, so
 * neither on how points are split into calls or threads. Allocates nothing. EINPUT: options out of
 * range. A point with a number that is not finite, or with alpha_p, lambda_s
 * or lambda_d not above 0, ends at t = 0 as UNDECIDED, reason INPUT. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_ensemble_run(const struct ssldyn_ensemble_options *options, size_t count,
                    const struct ssldyn_ensemble_point points[], struct ssldyn_ensemble_end ends[],
                    struct ssldyn_error *err);

/* Instruction sets of this processor that the kernel is built for, widest first: name, or NULL past
 * the last. run_on uses one of them; run uses number 0. */
const char *ssldyn_ensemble_instructions(size_t index);
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_ensemble_run_on(size_t index, const struct ssldyn_ensemble_options *options, size_t count,
                       const struct ssldyn_ensemble_point points[],
                       struct ssldyn_ensemble_end ends[], struct ssldyn_error *err);

/* Fused multiply-adds of one step of one lane, for statements about the share of a core's peak. */
double ssldyn_ensemble_step_cost(double rtol);

#endif
