/* Water-filling: the set of collapsed modes grows until the level fits. */
// SPDX-License-Identifier: MIT
#include "theory/waterfill.h"

#include <math.h>
#include <stdbool.h>

size_t ssldyn_waterfill(size_t n, double alpha_p, const double p[], const double w[],
                        double p_end[], double w2_end[], double *level)
{
    /* |Wp|^2 is kept, and a collapsed mode holds alpha_p |c_j| of it: what is left is shared. */
    double *const c = w2_end;
    double left = 0.0;
    size_t survivors = n;
    for (size_t j = 0; j < n; j++) {
        c[j] = w[j] * w[j] - p[j] * p[j] / alpha_p;
        p_end[j] = 0.0; /* 1: collapsed */
        left += p[j] * p[j];
    }
    for (bool grown = true; grown && survivors > 0;) {
        grown = false;
        const double share = left / (double)survivors; /* level^2 */
        for (size_t j = 0; j < n; j++) {
            const bool falls = c[j] < 0.0 && (p[j] < 0.0 || alpha_p * c[j] <= -share);
            if (falls && p_end[j] == 0.0) {
                p_end[j] = 1.0;
                left -= alpha_p * fabs(c[j]);
                survivors--;
                grown = true;
            }
        }
    }
    *level = survivors > 0 ? sqrt(fmax(left, 0.0) / (double)survivors) : (double)NAN;
    for (size_t j = 0; j < n; j++) {
        const bool collapsed = p_end[j] != 0.0;
        p_end[j] = collapsed ? copysign(sqrt(alpha_p * fabs(c[j])), p[j]) : *level;
        w2_end[j] = collapsed ? 0.0 : c[j] + *level * *level / alpha_p;
    }
    return survivors;
}
