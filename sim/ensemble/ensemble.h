/* Many trajectories of M5 (and of M3, its isotropic case) at once, one in each lane of the vector
 * unit, each with its own parameters, step size and early stop. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ENSEMBLE_ENSEMBLE_H
#define SSLDYN_SIM_ENSEMBLE_ENSEMBLE_H

#include "sim/base/error.h"
#include "theory/fate.h"
#include "theory/parameters.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One trajectory: rates and start in the variables of M5. Rates are per unit of flow time. */
struct ssldyn_ensemble_point {
    double alpha_p, beta, eta_p, eta_s;
    double lambda_s, lambda_d; /* both > 0; M3: c and 1 */
    double tau;                /* the held ratio; NaN: the target follows its own equation */
    double wp, w, wa;          /* start; with tau held wa is ignored */
    bool fixed_predictor;      /* wp is constant */
};

/* A start (wp, w, wa) of M5. Of parameters, the rates, lambda_s, lambda_d, predictor, tau_held and
 * tau are used. */
struct ssldyn_ensemble_point ssldyn_ensemble_network(const struct ssldyn_parameters *parameters,
                                                     double wp, double w, double wa);

/* A mode (p, s, tau) of M3 as a point: w = sqrt(s), wa = tau w. s = 0 is represented by a tiny w
 * whose square is negligible and whose fate is that of 0. Of parameters, the rates, tau_held and
 * tau are used. */
struct ssldyn_ensemble_point ssldyn_ensemble_mode(const struct ssldyn_parameters *parameters,
                                                  double p, double s, double tau);

/* The parameters of a point, with tau = 1 if the target follows its own equation. */
struct ssldyn_parameters ssldyn_ensemble_parameters(const struct ssldyn_ensemble_point *point);

struct ssldyn_ensemble_options {
    double t_end;         /* >= 0, finite */
    double rtol;          /* relative truncation error allowed per step, in [1e-15, 0.1] */
    double open_rtol;     /* the same while the fate is open, if smaller; 0: rtol */
    bool stop;            /* end a trajectory once its fate is certified, or w underflows */
    bool tail;            /* finish near a limit by the closed form of the linearized flow */
    bool track_alignment; /* record the smallest K_j of the trajectory */
    int64_t max_steps;    /* of one trajectory; 0: 100,000 */
    /* A verdict about the start: it holds for all states within the accumulated errors of the steps
     * before it, bounded as in theory/THEORY.md. A trajectory whose errors may be too large for
     * that is restarted with rtol times refine_by, and stays undecided (EDGE) if that is not
     * enough. Errors grow near the basin's edge and decay elsewhere, so only few trajectories need
     * this. false: a verdict is about the computed state. */
    bool bounded;
    double refine_by;
};

/* Why a trajectory has no certified fate, or ends before t_end (STEPS). */
enum ssldyn_ensemble_reason {
    SSLDYN_ENSEMBLE_DECIDED,
    SSLDYN_ENSEMBLE_TIME,  /* no criterion applied until t_end */
    SSLDYN_ENSEMBLE_EDGE,  /* so close to a basin's edge that errors may decide */
    SSLDYN_ENSEMBLE_STEPS, /* max_steps reached before t_end, or w has underflowed (stop) */
    SSLDYN_ENSEMBLE_RANGE, /* overflow */
    SSLDYN_ENSEMBLE_INPUT  /* not a valid point: see ssldyn_ensemble_run */
};

struct ssldyn_ensemble_end {
    double t;         /* time reached: t_end, or where it was stopped */
    double wp, w, wa; /* state there */
    double tau;       /* wa/w; if w has underflowed, by the closed form or NaN */
    double since;     /* time at which the fate was certified; NaN while undecided */
    double k_min;     /* smallest K_j of the trajectory (track_alignment), else NaN */
    int64_t steps;
    int32_t fate;   /* enum ssldyn_fate */
    int32_t reason; /* enum ssldyn_ensemble_reason */
};

/* Integrates count points into ends. The result of a point does not depend on the other points, nor
 * on how points are divided among calls or threads. Does not allocate. EINPUT: options out of
 * range. A point with a non-finite number, or with alpha_p, lambda_s or lambda_d not above 0, ends
 * at t = 0 as UNDECIDED, reason INPUT. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_ensemble_run(const struct ssldyn_ensemble_options *options, size_t count,
                    const struct ssldyn_ensemble_point points[], struct ssldyn_ensemble_end ends[],
                    struct ssldyn_error *err);

/* Name of an instruction set of this processor for which there is a kernel, widest first; NULL past
 * the last. run_on uses a given one; run uses number 0. */
const char *ssldyn_ensemble_instructions(size_t index);
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_ensemble_run_on(size_t index, const struct ssldyn_ensemble_options *options, size_t count,
                       const struct ssldyn_ensemble_point points[],
                       struct ssldyn_ensemble_end ends[], struct ssldyn_error *err);

/* Fused multiply-adds per step of one lane, to compare with the peak of a core. */
double ssldyn_ensemble_step_cost(double rtol);

#endif
