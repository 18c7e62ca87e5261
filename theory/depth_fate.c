/* Trapping boxes of a mode of a deep encoder. By the balance v_l^2 = p^2/alpha_p + c_l(t) with
 * |c_l| decreasing, so bounds of c_l at one time hold from then on. */
// SPDX-License-Identifier: MIT
#include "theory/depth_fate.h"

#include <float.h>
#include <math.h>

/* Bounds for the states of a box, after the symmetries that make p and all layers >= 0. */
struct bounds {
    const struct ssldyn_parameters *parameters;
    double p_low, p_most;                                      /* of |p| */
    double above[SSLDYN_DEPTH_MOST], below[SSLDYN_DEPTH_MOST]; /* c_l within [-below, above] */
    double a_low[SSLDYN_DEPTH_MOST], a_most[SSLDYN_DEPTH_MOST];
    bool in_cone;  /* p and the target >= 0 */
    bool opposite; /* p <= 0 and some c_l <= 0, the target held */
};

static double least(double middle, double radius)
{
    return fmax(fabs(middle) - radius, 0.0);
}

static struct bounds bounds_of(const struct ssldyn_parameters *parameters, const double y[],
                               const double radius[])
{
    const double slack = 8.0 * DBL_EPSILON; /* for the difference of squares */
    const size_t L = ssldyn_depth_layers(parameters);
    const size_t targets = ssldyn_depth_targets(parameters);
    struct bounds at = {.parameters = parameters,
                        .p_low = least(y[0], radius[0]),
                        .p_most = fabs(y[0]) + radius[0]};
    const double low2 = at.p_low * at.p_low / parameters->rates.alpha_p;
    const double most2 = at.p_most * at.p_most / parameters->rates.alpha_p;
    double sign = 1.0; /* of the product of the layers */
    bool nowhere_zero = true;
    for (size_t l = 0; l < L; l++) {
        const double v_low = least(y[1 + l], radius[1 + l]);
        const double v_most = fabs(y[1 + l]) + radius[1 + l];
        const double wide = slack * (v_most * v_most + most2);
        const double c_most = v_most * v_most - low2 + wide;
        at.above[l] = fmax(c_most, 0.0);
        at.below[l] = fmax(most2 - v_low * v_low + wide, 0.0);
        at.opposite = at.opposite || c_most <= 0.0;
        nowhere_zero = nowhere_zero && v_low > 0.0;
        sign *= y[1 + l] < 0.0 ? -1.0 : 1.0;
    }
    const double with = targets == 1 ? sign : 1.0;
    const bool mae = parameters->target == SSLDYN_DEPTH_MAE;
    at.in_cone = nowhere_zero && (mae ? sign * y[0] : y[0]) > radius[0];
    for (size_t l = 0; l < targets; l++) {
        const double a = (targets == 1 ? with : copysign(1.0, y[1 + l])) * y[1 + L + l];
        at.a_low[l] = fmax(a - radius[1 + L + l], 0.0);
        at.a_most[l] = fabs(a) + radius[1 + L + l];
        at.in_cone = at.in_cone && a >= radius[1 + L + l];
    }
    at.opposite = at.opposite && !mae && parameters->tau_held && y[0] + radius[0] <= 0.0;
    return at;
}

/* Bounds of layer l, and of all, where |p| = q. */
static double layer_most(const struct bounds *at, size_t l, double q)
{
    return sqrt(q * q / at->parameters->rates.alpha_p + at->above[l]);
}

static double layer_least(const struct bounds *at, size_t l, double q)
{
    return sqrt(fmax(q * q / at->parameters->rates.alpha_p - at->below[l], 0.0));
}

static double all_most(const struct bounds *at, double q)
{
    double V = 1.0;
    for (size_t l = 0; l < ssldyn_depth_layers(at->parameters); l++)
        V *= layer_most(at, l, q);
    return V;
}

static double all_least(const struct bounds *at, double q)
{
    double V = 1.0;
    for (size_t l = 0; l < ssldyn_depth_layers(at->parameters); l++)
        V *= layer_least(at, l, q);
    return V;
}

/* alpha_p V e at p = q on the face of the box: V within its bounds, the target at its smallest
 * or largest. */
static double drive(const struct bounds *at, double q, bool most)
{
    const struct ssldyn_parameters *parameters = at->parameters;
    const struct ssldyn_depth mode = ssldyn_depth_mode(parameters);
    const bool mae = parameters->target == SSLDYN_DEPTH_MAE;
    const double high = all_most(at, q);
    const double low = at->in_cone ? all_least(at, q) : 0.0;
    const double slope = q * mode.lambda_s;
    if (!mae && parameters->tau_held) {
        const double rate = mode.lambda_d - slope;
        const double V = (rate > 0.0) == most ? high : low;
        return mode.alpha_p * V * V * rate;
    }
    const double target = mode.lambda_d * (mae ? 1.0 : most ? high : low);
    const double turn = 0.5 * target / slope; /* V (target - slope V) is concave */
    if (most) {
        const double V = fmin(fmax(turn, low), high);
        return mode.alpha_p * V * (target - slope * V);
    }
    return mode.alpha_p * fmin(low * (target - slope * low), high * (target - slope * high));
}

enum { TRIALS = 24 };

/* D1: p >= q, and the target above the smallest product of layers there: nothing leaves it. */
static bool survives(const struct bounds *at, const double fixed[])
{
    const struct ssldyn_parameters *parameters = at->parameters;
    const struct ssldyn_depth mode = ssldyn_depth_mode(parameters);
    const size_t targets = ssldyn_depth_targets(parameters);
    double q = at->p_low;
    if (!at->in_cone || isnan(fixed[1]))
        return false;
    for (size_t l = 0; targets > 1 && l < targets; l++)
        q = fmin(q, sqrt(mode.alpha_p * (at->a_low[l] * at->a_low[l] + at->below[l])));
    if (targets == 1 && all_least(at, q) > at->a_low[0]) {
        double low = 0.0;
        double middle = 0.5 * q;
        while (middle > low && middle < q) {
            if (all_least(at, middle) > at->a_low[0])
                q = middle;
            else
                low = middle;
            middle = 0.5 * (low + q);
        }
        q = low;
    }
    q = fmin(q * (1.0 - 4.0 * DBL_EPSILON), fixed[1]);
    const double turn = ssldyn_depth_turn(&mode);
    const double from = turn > 0.0 ? fmin(q, turn) : q;
    for (int i = 0; i < TRIALS && from > 0.0; i++) {
        const double trial = from * pow(0.97, i);
        if (drive(at, trial, false) > mode.eta * trial * (1.0 + 1e-13))
            return true;
    }
    return false;
}

/* The smallest q for which the box |p| <= q holds the target within the largest product of
 * layers there. */
static double least_box(const struct bounds *at)
{
    const struct ssldyn_parameters *parameters = at->parameters;
    const size_t targets = ssldyn_depth_targets(parameters);
    double q = at->p_most;
    for (size_t l = 0; targets > 1 && l < targets; l++) {
        const double over = at->a_most[l] * at->a_most[l] - at->above[l];
        q = fmax(q, sqrt(parameters->rates.alpha_p * fmax(over, 0.0)));
    }
    if (targets == 1 && all_most(at, q) < at->a_most[0]) {
        double low = q;
        q = fmax(q, DBL_MIN);
        while (all_most(at, q) < at->a_most[0] && isfinite(q))
            q *= 2.0;
        double middle = 0.5 * (low + q);
        while (middle > low && middle < q) {
            if (all_most(at, middle) < at->a_most[0])
                low = middle;
            else
                q = middle;
            middle = 0.5 * (low + q);
        }
    }
    return q * (1.0 + 4.0 * DBL_EPSILON);
}

/* D2: |p| <= q < p_-, or any q beyond the fold: nothing leaves it, and all solutions in it tend
 * to 0. */
static bool collapses(const struct bounds *at, const double fixed[])
{
    const struct ssldyn_depth mode = ssldyn_depth_mode(at->parameters);
    const bool folded = isnan(fixed[0]);
    const double from = least_box(at);
    const double to = folded ? 16.0 * fmax(from, ssldyn_depth_turn(&mode)) : fixed[0];
    const double first = fmax(from, 1e-6 * to);
    if (!(mode.eta > 0.0) || !(from < to) || !isfinite(to))
        return false;
    for (int i = 0; i < TRIALS; i++) {
        const double trial = first * pow(to / first, (double)i / TRIALS);
        if (drive(at, trial, true) < mode.eta * trial * (1.0 - 1e-13))
            return true;
    }
    return false;
}

const char *ssldyn_depth_fate_why(const struct ssldyn_parameters *parameters)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    if (rates->eta_p != rates->eta_s)
        return "the criteria for a deep encoder need equal decays";
    if (ssldyn_depth_targets(parameters) > 0 && !(rates->beta > 0.0))
        return "no criterion is proved for a deep target that never moves";
    return NULL;
}

enum ssldyn_fate ssldyn_depth_fate(const struct ssldyn_parameters *parameters, const double y[],
                                   const double radius[])
{
    const size_t n = 1 + ssldyn_depth_layers(parameters) + ssldyn_depth_targets(parameters);
    const struct ssldyn_depth mode = ssldyn_depth_mode(parameters);
    double fixed[2];
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(y[i]))
            return SSLDYN_FATE_DIVERGED;
        if (!isfinite(radius[i]))
            return SSLDYN_FATE_UNDECIDED;
    }
    if (ssldyn_depth_fate_why(parameters))
        return SSLDYN_FATE_UNDECIDED;
    if (mode.lambda_d == 0.0) /* D4: the error term only shrinks every weight */
        return mode.eta > 0.0 ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_UNDECIDED;
    const struct bounds at = bounds_of(parameters, y, radius);
    if (at.opposite) /* D3 */
        return SSLDYN_FATE_COLLAPSED;
    ssldyn_depth_fixedpoints(&mode, fixed);
    if (survives(&at, fixed))
        return SSLDYN_FATE_SURVIVES;
    return collapses(&at, fixed) ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_UNDECIDED;
}
