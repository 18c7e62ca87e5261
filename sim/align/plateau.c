/* Plateau and tail (plateau.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/plateau.h"

#include <math.h>

static const double resolution = 0x1p-26; /* of eigenvalues, as a share of the largest */

static struct ssldyn_plateau_line no_line(void)
{
    return (struct ssldyn_plateau_line){ssldyn_line_fit_none(0), (double)NAN};
}

static struct ssldyn_plateau_line line_through(size_t count, const double x[], const double y[])
{
    const struct ssldyn_line_sums sums = ssldyn_line_sums_of(count, x, y, NULL, NULL);
    const struct ssldyn_line_fit fit = ssldyn_line_fit_make(&sums, true);
    return (struct ssldyn_plateau_line){fit, sums.y - fit.slope * sums.x};
}

size_t ssldyn_plateau_count(const struct ssldyn_plateau *plateau)
{
    return plateau->broken ? plateau->best : plateau->usable;
}

void ssldyn_plateau_find(size_t n, const double s[], const double p[], bool sorted, double floor,
                         double scratch[], struct ssldyn_plateau *plateau)
{
    double *x = scratch;
    double *y = scratch + n;
    size_t count = 0;
    for (size_t j = 0; j < n; j++)
        if (s[j] > 0.0 && s[j] > resolution * s[0] && p[j] > floor) {
            x[count] = log(s[j]);
            y[count++] = log(p[j]);
        }
    *plateau = (struct ssldyn_plateau){.usable = count,
                                       .needed = sorted ? SSLDYN_LINE_EVIDENCE_SORTED
                                                        : SSLDYN_LINE_EVIDENCE,
                                       .bic = (double)NAN,
                                       .squares = {(double)NAN, (double)NAN},
                                       .s = (double)NAN,
                                       .p = (double)NAN,
                                       .one = no_line(),
                                       .plateau = no_line(),
                                       .tail = no_line(),
                                       .spread = (double)NAN};
    if (count == 0)
        return;
    struct ssldyn_line_break found;
    ssldyn_line_break_find(count, x, y, SSLDYN_PLATEAU_LEAST, &found);
    plateau->best = found.best;
    plateau->squares[0] = found.one;
    plateau->squares[1] = found.two;
    plateau->one = line_through(count, x, y);
    if (found.best > 0) {
        const size_t best = found.best;
        plateau->s = exp(0.5 * (x[best - 1] + x[best]));
        plateau->p = exp(0.5 * (y[best - 1] + y[best]));
        plateau->plateau = line_through(best, x, y);
        plateau->tail = line_through(count - best, x + best, y + best);
    }
    if (!isnan(found.delta_bic))
        plateau->bic = ssldyn_line_break_bic_sorted(count, x, y, &found);
    plateau->broken = plateau->bic > plateau->needed;
    const size_t upper = ssldyn_plateau_count(plateau);
    const struct ssldyn_line_sums sums = ssldyn_line_sums_of(upper, x, y, NULL, NULL);
    if (upper > 1)
        plateau->spread = sqrt(sums.yy / (sums.count - 1.0));
}
