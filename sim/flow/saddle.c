/* The unstable direction of a saddle. */
// SPDX-License-Identifier: MIT
#include "sim/flow/saddle.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

/* The eigenvalue: the only positive root of its
 * characteristic polynomial, which decreases at 0. */
static double unstable_rate(const double J[static 9])
{
    const double trace = J[0] + J[4] + J[8];
    const double minors =
        J[0] * J[4] - J[1] * J[3] + J[0] * J[8] - J[2] * J[6] + J[4] * J[8] - J[5] * J[7];
    const double det = J[0] * (J[4] * J[8] - J[5] * J[7]) - J[1] * (J[3] * J[8] - J[5] * J[6]) +
                       J[2] * (J[3] * J[7] - J[4] * J[6]);
    double lo = 0.0;
    double hi = 1.0;
    for (int i = 0; i < 9; i++) {
        hi += fabs(J[i]);
    }
    while (hi - lo > 2.0 * DBL_EPSILON * hi) {
        const double middle = 0.5 * (lo + hi);
        const bool above = ((middle - trace) * middle + minors) * middle - det > 0.0;
        *(above ? &hi : &lo) = middle;
    }
    return 0.5 * (lo + hi);
}

/* Its left eigenvector: orthogonal to all columns of J - rate, hence along the largest cross
 * product of two of them. */
static void left_eigenvector(const double J[static 9], double rate, double left[static 3])
{
    double largest = -1.0;
    for (int skipped = 0; skipped < 3; skipped++) {
        const int a = (skipped + 1) % 3;
        const int b = (skipped + 2) % 3;
        double u[3];
        double v[3];
        for (int i = 0; i < 3; i++) {
            u[i] = J[3 * i + a] - (i == a ? rate : 0.0);
            v[i] = J[3 * i + b] - (i == b ? rate : 0.0);
        }
        const double across[3] = {u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2],
                                  u[0] * v[1] - u[1] * v[0]};
        const double size = hypot(hypot(across[0], across[1]), across[2]);
        if (size > largest) {
            largest = size;
            memcpy(left, across, sizeof across);
        }
    }
}

double ssldyn_saddle_unstable(const double J[static 9], double left[static 3])
{
    const double rate = unstable_rate(J);
    left_eigenvector(J, rate, left);
    return rate;
}
