/* The results kept of a run without a directory: how it ended, and when it escaped collapse. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_RUN_OUTCOME_H
#define SSLDYN_SIM_RUN_OUTCOME_H

#include "theory/fate.h"

/* For a run of modes or of matrices. NaN: not defined, or never. */
struct ssldyn_outcome {
    int fate;              /* enum ssldyn_fate of the whole: survives if any mode does */
    double rank;           /* number of modes that survive; NaN while the fate of one is open */
    double rank_end;       /* eigenvalues of F at the end that are not negligible; matrices only */
    double p, s, tau;      /* at the end, of the mode with the largest s */
    double t;              /* time reached */
    double t_decided;      /* time from which the fate is certain */
    double t_escape;       /* time from which p of that mode stays above half its surviving level */
    double k_min;          /* smallest K_j, or eigenvalue of K, during the run */
    double margin;         /* fold - eta_s */
    double loss;           /* at the end; matrices only, like the next two */
    double commutator;     /* |[F, Wp]| */
    double asymmetry;      /* |Wp - Wp^T|/|Wp| */
    double step_time;      /* flow time of a training step, if training settings are known */
    const double *reduced; /* results of a reducer that took the rows; borrowed, or NULL */
};

/* Unknown results: UNDECIDED, the rest NaN. */
void ssldyn_outcome_init(struct ssldyn_outcome *outcome);

#endif
