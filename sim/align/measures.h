/* Numbers that sum up a spectrum: how many dimensions are in use, and how the predictor's
 * eigenvalues follow those of F. */
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

/* s: n eigenvalues, descending; negative ones (rounding) count as 0. NaN ranks where all are 0. */
void ssldyn_measure_rank(size_t n, const double s[], double floor,
                         struct ssldyn_rank_measures *measures);

/* The line log p = slope log s + const through the leading modes, by least squares. The invariant
 * parabola alpha_p s = p^2 is the slope 1/2. */
struct ssldyn_power_law {
    size_t count;     /* modes used: among the first `modes`, those with s > 0 and p > 0 */
    double slope;     /* NaN with fewer than three modes, or when all s are equal */
    double low, high; /* its 95 % confidence interval (Student's t) */
    double residual;  /* standard deviation of log p about the line */
    double alpha_p;   /* geometric mean of p^2/s: alpha_p if the modes are on the parabola */
};
void ssldyn_measure_power_law(size_t modes, const double s[], const double p[],
                              struct ssldyn_power_law *law);

#endif
