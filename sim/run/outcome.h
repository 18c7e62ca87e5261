/* What is kept of a run that leaves no directory: how it ended, and when it escaped collapse. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_OUTCOME_H
#define SSLDYN_SIM_RUN_OUTCOME_H

#include "theory/fate.h"

/* Of a run of modes or of matrices. NaN: not defined, or never. */
struct ssldyn_outcome {
    int fate;          /* enum ssldyn_fate of the whole: survives when any mode does */
    double rank;       /* modes that survive; NaN while that of one is open */
    double rank_end;   /* eigenvalues of F at the end that are not negligible; matrices only */
    double p, s, tau;  /* at the end, of the mode with the largest s */
    double t;          /* reached */
    double t_decided;  /* from which the fate is certain */
    double t_escape;   /* from which p of that mode stays above half its surviving level */
    double k_min;      /* smallest K_j, or eigenvalue of K, seen on the way */
    double margin;     /* fold - eta_s */
    double loss;       /* at the end; matrices only, as the next two */
    double commutator; /* |[F, Wp]| */
    double asymmetry;  /* |Wp - Wp'|/|Wp| */
    double step_time;  /* flow time of a step of training, where the settings of one are known */
    const double *reduced; /* what a reducer that took the rows made of them; borrowed, or NULL */
};

/* Nothing known: UNDECIDED, the rest NaN. */
void ssldyn_outcome_init(struct ssldyn_outcome *outcome);

#endif
