/* Quantities that aligned modes conserve under losses other than the squared distance (THEORY
 * section 10 [D]), in the variables with the decay factored out. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_ALIGNED_LAW_H
#define SSLDYN_THEORY_ALIGNED_LAW_H

#include "theory/aligned.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ssldyn_aligned_law {
    const char *name; /* the conserved quantity, in words; of_layers: of a deep encoder */
    const char *of_layers;
    bool each; /* conserved for every mode; else only for the sum over modes */
    /* Whether it is conserved under the settings at constant rates, and its decay rate in these
     * variables: 0 if all decay is factored out. */
    bool (*kept)(const struct ssldyn_aligned *aligned, double *decay);
    /* The contribution of mode j; size: that of its terms. W: the weights, or those of any layer. */
    double (*value)(const struct ssldyn_aligned *aligned, size_t j, const double P[],
                    const double W[], double *size);
};

/* All of them; ends with NULL. */
extern const struct ssldyn_aligned_law *const ssldyn_aligned_laws[];
enum { SSLDYN_ALIGNED_LAWS = 5 };

/* |sum_j P_j W_j R_j|, which is 0 under a normalized loss, exact or closed: the gradient of a
 * pair with respect to its prediction is orthogonal to the prediction. Terms are of order 1. */
double ssldyn_aligned_imbalance(size_t n, const double P[], const double W[], const double R[]);

#ifdef __cplusplus
}
#endif

#endif
