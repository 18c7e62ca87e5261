/* Depth: with a power m of p and a power k of saturation, p' = g p^m (lambda_d - r p^k) - eta p. */
// SPDX-License-Identifier: MIT
#include "theory/depth.h"

#include <math.h>
#include <stdbool.h>

/* JEPA: m = 2L, k = 1; MAE: m = L, k = L + 1. */
struct law {
    double m, k, g, r;
};

static struct law law_of(const struct ssldyn_depth *mode)
{
    const double L = (double)mode->layers;
    if (mode->target == SSLDYN_DEPTH_JEPA)
        return (struct law){2.0 * L, 1.0, pow(mode->alpha_p, 1.0 - L), mode->lambda_s};
    return (struct law){L, L + 1.0, pow(mode->alpha_p, 1.0 - 0.5 * L),
                        mode->lambda_s * pow(mode->alpha_p, -0.5 * L)};
}

/* p'/p + eta: what decay has to beat. */
static double gain(const struct ssldyn_depth *mode, double p)
{
    const struct law law = law_of(mode);
    return law.g * pow(p, law.m - 1.0) * (mode->lambda_d - law.r * pow(p, law.k));
}

double ssldyn_depth_velocity(const struct ssldyn_depth *mode, double p)
{
    return p * (gain(mode, p) - mode->eta);
}

double ssldyn_depth_slope(const struct ssldyn_depth *mode, double p)
{
    const struct law law = law_of(mode);
    return law.g * pow(p, law.m - 1.0) *
               (law.m * mode->lambda_d - (law.m + law.k) * law.r * pow(p, law.k)) -
           mode->eta;
}

double ssldyn_depth_turn(const struct ssldyn_depth *mode)
{
    const struct law law = law_of(mode);
    return pow((law.m - 1.0) * mode->lambda_d / ((law.m - 1.0 + law.k) * law.r), 1.0 / law.k);
}

double ssldyn_depth_fold(const struct ssldyn_depth *mode)
{
    return gain(mode, ssldyn_depth_turn(mode));
}

double ssldyn_depth_fold_decays(const struct ssldyn_depth *mode, double eta_p)
{
    const double L = (double)mode->layers;
    const double k =
        pow(2.0 * L - 1.0, 2.0 * L - 1.0) / pow(2.0 * L, 2.0 * L); /* 1/4, 27/256, ... */
    return pow(k * pow(mode->lambda_d, 2.0 * L) / pow(mode->lambda_s, 2.0 * L - 1.0) *
                   pow(eta_p / mode->alpha_p, L - 1.0),
               1.0 / L);
}

/* The root of gain = eta between two points, by bisection to the last bit. */
static double root(const struct ssldyn_depth *mode, double low, double high)
{
    const bool rising = gain(mode, low) < mode->eta;
    double middle = 0.5 * (low + high);
    while (middle > low && middle < high) {
        if ((gain(mode, middle) < mode->eta) == rising)
            low = middle;
        else
            high = middle;
        middle = 0.5 * (low + high);
    }
    return middle;
}

void ssldyn_depth_fixedpoints(const struct ssldyn_depth *mode, double p[static 2])
{
    const struct law law = law_of(mode);
    const double turn = ssldyn_depth_turn(mode);
    p[0] = (double)NAN;
    p[1] = (double)NAN;
    if (!(mode->eta < ssldyn_depth_fold(mode)))
        return;
    p[0] = turn > 0.0 && mode->eta > 0.0 ? root(mode, 0.0, turn) : 0.0;
    p[1] = root(mode, turn, pow(mode->lambda_d / law.r, 1.0 / law.k));
}

/* Gauss's rule with 16 points: abscissae and weights of one half. */
static double gauss(const struct ssldyn_depth *mode, double low, double high)
{
    static const double x[] = {0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863,
                               0.6178762444026437484, 0.7554044083550030339, 0.8656312023878317438,
                               0.9445750230732325761, 0.9894009349916499326};
    static const double weight[] = {
        0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382, 0.1495959888165767321,
        0.1246289712555338720, 0.0951585116824927848, 0.0622535239386478929, 0.0271524594117540949};
    const double middle = 0.5 * (low + high);
    const double half = 0.5 * (high - low);
    double sum = 0.0;
    for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) {
        sum += weight[i] / ssldyn_depth_velocity(mode, middle - half * x[i]);
        sum += weight[i] / ssldyn_depth_velocity(mode, middle + half * x[i]);
    }
    return half * sum;
}

/* From left to right, each interval halved until its halves agree with the whole: near a fixed
 * point they shrink towards it. */
static double integrate(const struct ssldyn_depth *mode, double p0, double p1)
{
    enum { HALVINGS = 48 };
    double ends[HALVINGS + 1] = {p1}; /* of what is still to be done, the nearest last */
    size_t open = 1;
    double low = p0;
    double sum = 0.0;
    while (open > 0) {
        const double high = ends[open - 1];
        const double middle = 0.5 * (low + high);
        const double whole = gauss(mode, low, high);
        const double halves = gauss(mode, low, middle) + gauss(mode, middle, high);
        if (open <= HALVINGS && !(fabs(halves - whole) <= 1e-13 * fabs(whole))) {
            ends[open++] = middle;
            continue;
        }
        sum += halves;
        low = high;
        open--;
    }
    return sum;
}

double ssldyn_depth_time(const struct ssldyn_depth *mode, double p0, double p1)
{
    if (p0 == p1)
        return 0.0;
    const double speed = ssldyn_depth_velocity(mode, p0);
    if (speed == 0.0)
        return (double)INFINITY;
    if (!((p1 > p0) == (speed > 0.0)))
        return (double)NAN;
    double fixed[2];
    ssldyn_depth_fixedpoints(mode, fixed);
    for (size_t i = 0; i < 2; i++) {
        if ((fixed[i] - p0) * (fixed[i] - p1) <= 0.0)
            return (double)INFINITY;
    }
    if (p1 == 0.0)
        return (double)INFINITY;
    return integrate(mode, p0, p1);
}
