/* Measures of a spectrum: how many dimensions are in use. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_MEASURES_H
#define SSLDYN_SIM_ALIGN_MEASURES_H

#include <stddef.h>

struct ssldyn_rank_measures {
    double effective_rank; /* exp of the entropy of s/sum(s) (Roy and Vetterli 2007) */
    double participation;  /* sum(s)^2/sum(s^2) */
    double rankme; /* exp of the entropy of sqrt(s)/sum(sqrt(s)) + 1e-7 (Garrido et al. 2023) */
    size_t alive;  /* #{s_j > floor s_1} */
};

/* s: n eigenvalues, descending; negative ones (rounding) count as 0. Ranks are NaN if all are 0. */
void ssldyn_measures_rank(size_t n, const double s[], double floor,
                          struct ssldyn_rank_measures *measures);

#endif
