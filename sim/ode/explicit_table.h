/* A Runge-Kutta pair as the explicit engine needs it. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ODE_EXPLICIT_TABLE_H
#define SSLDYN_SIM_ODE_EXPLICIT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

enum { SSLDYN_EXPLICIT_STAGES_MAXIMUM = 16 };

/* Stages are numbered from 0; stage number `stages` is f at the new point (first same as last), the
 * ones after it are used by the dense output only. Row `stages` of a holds the weights of the
 * step. */
struct ssldyn_explicit_table {
    size_t stages; /* evaluated in a step, including the last of the previous step */
    size_t total;  /* with f at the new point and the extra stages of the dense output */
    int order;     /* of the solution that is propagated */
    size_t slots;  /* vectors that hold all stages */
    size_t slot[SSLDYN_EXPLICIT_STAGES_MAXIMUM]; /* which vector holds stage i */
    /* how many stages after stage i are begun in its pass over the earlier stages: as much as
     * possible is summed while those are in the caches */
    size_t ahead[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double
        stability; /* largest |h lambda| on the negative real axis for which the step is stable */
    double c[SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double a[SSLDYN_EXPLICIT_STAGES_MAXIMUM][SSLDYN_EXPLICIT_STAGES_MAXIMUM];
    double e5[SSLDYN_EXPLICIT_STAGES_MAXIMUM]; /* error estimate / h */
    double e3[SSLDYN_EXPLICIT_STAGES_MAXIMUM]; /* second, lower-order estimate */
    bool
        needs_last; /* the error estimate uses f at the new point; otherwise it combines e5 and e3 */
    int dense_order;
    double dense[SSLDYN_EXPLICIT_STAGES_MAXIMUM][SSLDYN_EXPLICIT_STAGES_MAXIMUM];
};

extern const struct ssldyn_explicit_table ssldyn_explicit_table_dop853;
extern const struct ssldyn_explicit_table ssldyn_explicit_table_dopri5;

#endif
