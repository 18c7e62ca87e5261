/* Closed forms on the parabola at constant tau. With y = 1/p the time between two points is the
 * integral of y/Q(y), Q(y) = eta y^2 - tau y + c. It is evaluated in three ways, each where it
 * is accurate: Gauss's rule if the roots of Q are far away, partial fractions if they are well
 * separated, and logarithm + arctangent (artanh) if they nearly coincide or are complex. */
// SPDX-License-Identifier: MIT
#include "theory/closedform.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* The flow's constants; fixed points p- <= p+ only if D >= 0. */
struct flow {
    double tau, c, eta;
    double discriminant; /* D = tau^2 - 4 eta c */
    double root;         /* sqrt(|D|) */
    double minus, plus;
};

/* x x - a b to full accuracy (Kahan): near the fold all digits of D would cancel otherwise. */
static double difference_of_products(double x, double a, double b)
{
    const double square = x * x;
    const double product = a * b;

    return (square - product) + (fma(x, x, -square) - fma(a, b, -product));
}

static struct flow flow_of(double tau, double c, double eta)
{
    struct flow flow = {.tau = tau, .c = c, .eta = eta};

    flow.discriminant = difference_of_products(tau, 4.0 * eta, c);
    flow.root = sqrt(fabs(flow.discriminant));
    if (flow.discriminant >= 0.0) {
        const double sum = tau + flow.root;
        flow.plus = sum / (2.0 * c);
        flow.minus = sum > 0.0 ? 2.0 * eta / sum : 0.0;
    }
    return flow;
}

/* q(p) = c p^2 - tau p + eta = -(dp/dt)/p, without cancellation near its roots or near the fold. */
static double decay_rate(const struct flow *flow, double p)
{
    if (flow->discriminant >= 0.0)
        return flow->c * (p - flow->minus) * (p - flow->plus);
    const double slope = 2.0 * flow->c * p - flow->tau;
    return (slope * slope - flow->discriminant) / (4.0 * flow->c);
}

/* Gauss-Legendre rule of 16 points on (-1, 1): positive nodes and weights. */
static const double NODES[8][2] = {
    {0.095012509837637454, 0.18945061045506859}, {0.28160355077925892, 0.18260341504492361},
    {0.45801677765722737, 0.16915651939500262},  {0.61787624440264377, 0.14959598881657676},
    {0.755404408355003, 0.12462897125553403},    {0.86563120238783176, 0.095158511682492591},
    {0.9445750230732326, 0.062253523938647706},  {0.98940093499164994, 0.027152459411754037}};

/* Whether both roots of Q are at least two half-widths away from the middle of the interval. In
 * v = low/p the interval is (low/high, 1). The rule's relative error is then below 4^-32. */
static bool roots_are_far(const struct flow *flow, double low, double middle, double half)
{
    if (flow->discriminant >= 0.0) {
        return fabs(low / flow->plus - middle) >= 2.0 * half &&
               fabs(low / flow->minus - middle) >= 2.0 * half;
    }
    const double Q = flow->eta * middle * middle - flow->tau * low * middle + flow->c * low * low;
    return Q >= 4.0 * half * half * flow->eta;
}

static double by_quadrature(const struct flow *flow, double low, double middle, double half)
{
    const double linear = flow->tau * low;
    const double constant = flow->c * low * low;
    double sum = 0.0;

    for (size_t i = 0; i < sizeof NODES / sizeof NODES[0]; i++) {
        const double left = middle - half * NODES[i][0];
        const double right = middle + half * NODES[i][0];
        sum += NODES[i][1] * (left / ((flow->eta * left - linear) * left + constant) +
                              right / ((flow->eta * right - linear) * right + constant));
    }
    return half * sum;
}

/* (1/f) ln[low (f - high)/(high (f - low))] for a fixed point f; its limit for f = 0. */
static double fraction(double f, double low, double high, double ratio, double share)
{
    const double x = share / (low - f);

    if (f == 0.0)
        return x;
    if (f * x > -0.5)
        return log1p(f * x) / f;
    return log(ratio * ((f - high) / (f - low))) / f;
}

/* ln[Q(1/high)/Q(1/low)]/2 */
static double half_log(const struct flow *flow, double low, double high, double ratio, double share)
{
    const double q_low = decay_rate(flow, low);
    const double x = -share * (flow->eta * (1.0 + ratio) - flow->tau * low) / q_low;

    if (fabs(x) < 0.5)
        return 0.5 * log1p(x);
    if (high < 1e100)
        return log(ratio) + 0.5 * log(decay_rate(flow, high) / q_low);
    const double Q_high = flow->c - (flow->tau - flow->eta / high) / high;
    return log(low) + 0.5 * log(Q_high / q_low);
}

/* Half the integral of dp/q from low to high: arctangent, rational or artanh as D is < 0, 0, > 0.
 */
static double half_angle(const struct flow *flow, double low, double high, double ratio,
                         double share)
{
    const double c = flow->c;
    /* (high - low)/high and [2 c low high - tau (low + high) + 2 eta]/high */
    const double x = flow->root * share;
    const double y = 2.0 * c * low - flow->tau * (1.0 + ratio) + 2.0 * flow->eta / high;

    if (flow->discriminant < 0.0)
        return atan2(x, y) / flow->root;
    if (flow->root == 0.0)
        return share / y;
    if (fabs(x) < 0.5 * fabs(y))
        return atanh(x / y) / flow->root;
    const double beyond = isinf(high) ? 1.0 : (high - flow->plus) / (high - flow->minus);
    return 0.5 * log(beyond * (low - flow->minus) / (low - flow->plus)) / flow->root;
}

/* Time from high down to low, 0 < low < high <= infinity with no fixed point in [low, high];
 * negative if the flow goes upward there. */
static double descent_time(const struct flow *flow, double low, double high)
{
    const double ratio = low / high;
    const double share = isinf(high) ? 1.0 : (high - low) / high; /* 1 - ratio, exact */
    const double middle = 0.5 * (1.0 + ratio);
    const double half = 0.5 * share;

    if (roots_are_far(flow, low, middle, half))
        return by_quadrature(flow, low, middle, half);
    if (8.0 * flow->eta * flow->c <= flow->tau * flow->tau) {
        return (fraction(flow->plus, low, high, ratio, share) -
                fraction(flow->minus, low, high, ratio, share)) /
               flow->root;
    }
    return (flow->tau * half_angle(flow, low, high, ratio, share) -
            half_log(flow, low, high, ratio, share)) /
           flow->eta;
}

static bool in_domain(double tau, double c, double eta)
{
    return isfinite(tau) && isfinite(c) && isfinite(eta) && tau >= 0.0 && c > 0.0 && eta >= 0.0;
}

/* Whether the fixed point f lies strictly inside (low, high). */
static bool separates(double f, double low, double high)
{
    return low < f && f < high;
}

/* Time from p0 to p; both > 0, p may be infinite. */
static double flow_time(const struct flow *flow, double p0, double p)
{
    const double low = fmin(p0, p);
    const double high = fmax(p0, p);

    if (p == p0)
        return 0.0;
    if (flow->discriminant >= 0.0) {
        if (separates(flow->minus, low, high) || separates(flow->plus, low, high) ||
            p0 == flow->minus || p0 == flow->plus)
            return (double)NAN;
        if (p == flow->minus || p == flow->plus)
            return (decay_rate(flow, p0) > 0.0) == (p < p0) ? HUGE_VAL : -HUGE_VAL;
    }
    return p < p0 ? descent_time(flow, low, high) : -descent_time(flow, low, high);
}

double ssldyn_closedform_time(double tau, double c, double eta, double p0, double p)
{
    if (!in_domain(tau, c, eta) || !isfinite(p0) || !(p0 > 0.0) || !(p >= 0.0))
        return (double)NAN;
    const struct flow flow = flow_of(tau, c, eta);
    if (p == 0.0) {
        /* The origin is a fixed point: approached forward from below p-, backward if eta = 0 <
         * tau, where there is no p-. */
        if (flow.discriminant >= 0.0 && flow.minus > 0.0 && p0 >= flow.minus)
            return (double)NAN;
        if (flow.plus > 0.0 && flow.minus == 0.0)
            return p0 < flow.plus ? -HUGE_VAL : (double)NAN;
        return HUGE_VAL;
    }
    return flow_time(&flow, p0, p);
}

enum { ITERATIONS = 400 };

/* Between two positive numbers: geometric over many octaves, arithmetic within one. */
static double between(double low, double high)
{
    return high > 4.0 * low ? sqrt(low) * sqrt(high) : low + 0.5 * (high - low);
}

/* Root p of time(p0 -> p) = t in [low, high], where the flow goes down (falls) or up. */
static double invert(const struct flow *flow, double p0, double t, double low, double high,
                     bool falls)
{
    double p = between(low, high);
    double before = HUGE_VAL;

    for (int i = 0; i < ITERATIONS; i++) {
        const double missing = t - flow_time(flow, p0, p);
        if (missing == 0.0)
            return p;
        /* Time is left: the solution is farther downstream. An infinite time means an end of the
         * interval. */
        if (falls == (missing > 0.0))
            high = p;
        else
            low = p;
        /* Newton's method only while it makes progress: far from the solution it can be slow. */
        const double newton = p - missing * p * decay_rate(flow, p);
        const bool gains = fabs(missing) < 0.25 * before && newton > low && newton < high;
        const double next = gains ? newton : between(low, high);
        before = fabs(missing);
        if (fabs(next - p) <= 2e-16 * p)
            return next;
        p = next;
    }
    return p;
}

/* Below this p follows dp/dt = -eta p to the last digit. */
static const double TINY = 1e-290;

double ssldyn_closedform_solution(double tau, double c, double eta, double p0, double t)
{
    if (!in_domain(tau, c, eta) || !isfinite(p0) || !(p0 >= 0.0) || isnan(t))
        return (double)NAN;
    const struct flow flow = flow_of(tau, c, eta);
    const bool pair = flow.discriminant >= 0.0;
    if (p0 == 0.0 || t == 0.0 || (pair && (p0 == flow.minus || p0 == flow.plus)))
        return p0;

    /* The fixed points that enclose p0, including 0 and infinity. */
    double low = 0.0;
    double high = HUGE_VAL;
    if (pair && p0 < flow.minus) {
        high = flow.minus;
    } else if (pair && p0 < flow.plus) {
        low = flow.minus;
        high = flow.plus;
    } else if (pair) {
        low = flow.plus;
    }
    const bool falls = decay_rate(&flow, p0) > 0.0;
    if (falls == (t > 0.0))
        high = p0;
    else
        low = p0;
    if (isinf(t))
        return falls == (t > 0.0) ? low : isinf(high) ? (double)NAN : high;

    if (isinf(high)) {
        /* Backward in time the solution comes from infinity after a finite time. */
        if (t <= flow_time(&flow, p0, HUGE_VAL))
            return (double)NAN;
        high = 2.0 * p0;
        while (flow_time(&flow, p0, high) > t && high < 1e290)
            high *= 4.0;
    }
    if (low == 0.0) {
        if (p0 <= TINY)
            return p0 * exp(-eta * t);
        low = TINY;
        const double to_tiny = flow_time(&flow, p0, TINY);
        if (fabs(t) >= fabs(to_tiny))
            return TINY * exp(-eta * (t - to_tiny));
    }
    return invert(&flow, p0, t, low, high, falls);
}
