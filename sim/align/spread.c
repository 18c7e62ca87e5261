/* Directions in a spectrum, and the effect of a finite number of samples on them (spread.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/spread.h"

#include "sim/align/measures.h"

#include <math.h>

static const double gap_factor = 1e3;
/* Relative to |mean|^2, bfloat16 (unit roundoff 2^-8) loses differences of this variance. */
static const double point_to = 0x1p-16;

static struct ssldyn_directions count(size_t n, const double c[], double floor, double noise)
{
    struct ssldyn_directions found = {0, 0, false};
    if (n == 0 || !(c[0] > 0.0))
        return found;
    while (found.living < n && c[found.living] > fmax(floor * c[0], noise))
        found.living++;
    if (found.living == 0 || found.living == n)
        return found;
    const double below = fmax(c[found.living], noise);
    found.gap = c[found.living - 1] > gap_factor * below;
    if (!found.gap && noise > floor * c[0])
        found.unresolved = n - found.living;
    return found;
}

void ssldyn_spread_measure(size_t n, const double c[], double floor, double noise,
                           double mean_square, struct ssldyn_spread *spread)
{
    struct ssldyn_rank_measures rank;
    ssldyn_measures_rank(n, c, floor, &rank);
    *spread = (struct ssldyn_spread){.largest = n > 0 ? fmax(c[0], 0.0) : 0.0,
                                     .mean_square = mean_square,
                                     .effective_rank = rank.effective_rank,
                                     .participation = rank.participation,
                                     .error = (double)NAN};
    for (size_t j = 1; j < n; j++)
        spread->rest += fmax(c[j], 0.0);
    spread->total = spread->largest + spread->rest;
    if (n == 0)
        return;
    spread->point = mean_square > 0.0 && spread->total <= point_to * mean_square;
    if (spread->point)
        return;
    const double hidden = fmax(noise, -c[n - 1]);
    spread->all = count(n, c, floor, hidden);
    spread->but_first = count(n - 1, c + 1, floor, hidden);
}

/* Degrees of freedom of the covariance. */
static size_t freedom(const struct ssldyn_basis *basis)
{
    return basis->mean == SSLDYN_MEAN_KNOWN && basis->samples > 0 ? basis->samples - 1
                                                                  : basis->samples;
}

size_t ssldyn_spread_limit(const struct ssldyn_basis *basis)
{
    const size_t most = freedom(basis);
    const size_t rank =
        basis->inputs > 0 && basis->inputs < basis->modes ? basis->inputs : basis->modes;
    return basis->samples > 0 && most < rank ? most : rank;
}

bool ssldyn_spread_mean_shows(const struct ssldyn_basis *basis, const struct ssldyn_spread *spread)
{
    const double reach = 1.0 + 3.0 * sqrt(2.0 / fmax(spread->participation, 1.0));
    return spread->mean_square > 0.0 &&
           !((double)basis->samples * spread->mean_square <= reach * spread->total &&
             basis->samples > 0);
}

double ssldyn_spread_participation(const struct ssldyn_basis *basis, double participation)
{
    const double m = (double)freedom(basis);
    const double n = (double)basis->modes;
    if (m < 3.0)
        return participation;
    /* tr S^2/(tr S)^2 = 1/participation exceeds that of the population by 1/m, to first order. */
    const double inverse = m * m / ((m - 1.0) * (m + 2.0)) * (1.0 / participation - 1.0 / m);
    return inverse * n > 1.0 ? 1.0 / inverse : n;
}

bool ssldyn_spread_isotropic(const struct ssldyn_basis *basis, double participation)
{
    static const double quantile = 2.326; /* of the normal distribution, at 99 % */
    const double m = (double)freedom(basis);
    const double n = (double)basis->modes;
    if (m < 2.0 || !(participation > 0.0))
        return false;
    /* U = tr[(S/(tr S/n) - I)^2]/n; m U - n is normal with mean 1 and variance 4 for large m, n. */
    const double u = n / participation - 1.0;
    return 0.5 * (m * u - n - 1.0) < quantile;
}
