/* What aligned modes keep under losses other than the squared distance (THEORY section 10 [D]), in
 * the variables free of decay. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_ALIGNED_LAW_H
#define SSLDYN_THEORY_ALIGNED_LAW_H

#include "theory/aligned.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ssldyn_aligned_law {
    const char *name; /* what is kept, in words */
    bool each;        /* by every mode; else by the sum over modes */
    /* Whether the settings keep it at constant rates, and at which rate it decays in these
     * variables: 0, where they are free of all decay. */
    bool (*kept)(const struct ssldyn_aligned *aligned, double *decay);
    /* What mode j has of it; size: that of its terms */
    double (*value)(const struct ssldyn_aligned *aligned, size_t j, const double P[],
                    const double W[], double *size);
};

/* All of them; ends with NULL. */
extern const struct ssldyn_aligned_law *const ssldyn_aligned_laws[];
enum { SSLDYN_ALIGNED_LAWS = 5 };

/* |sum_j P_j W_j R_j|, 0 under a normalized loss, exact or closed: a pair's gradient by its
 * prediction has no part along it. Terms are of the order of 1. */
double ssldyn_aligned_imbalance(size_t n, const double P[], const double W[], const double R[]);

#ifdef __cplusplus
}
#endif

#endif
