/* Certified early verdicts. The labels C1-C9 (collapse) and S1-S8 (survival) are those of
 * THEORY section 6, where each is proved. */
// SPDX-License-Identifier: MIT
#include "theory/fate.h"

#include "theory/fate_attractor.h"

#include <math.h>

static const struct {
    const char *word, *event;
} fates[SSLDYN_FATES] = {[SSLDYN_FATE_COLLAPSED] = {"collapsed", "collapses"},
                         [SSLDYN_FATE_SURVIVES] = {"survives", "survives"},
                         [SSLDYN_FATE_DIVERGED] = {"diverged", "diverges"},
                         [SSLDYN_FATE_UNDECIDED] = {"undecided", "stops"}};

const char *ssldyn_fate_word(enum ssldyn_fate fate)
{
    return fates[fate].word;
}

const char *ssldyn_fate_event(enum ssldyn_fate fate)
{
    return fates[fate].event;
}

/* All states that a computed one may represent, in the variables of the certificate, mirrored so
 * that X >= 0 at the center: P in [P.low, P.high] and so on. */
struct range {
    double low, high;
};

struct box {
    struct range P, X, A;
};

/* Rounding in the few operations of a criterion, relative to its largest term. */
static const double rounding = 0x1p-49;

static struct range around(double middle, double radius)
{
    return (struct range){middle - radius, middle + radius};
}

static double largest(struct range range)
{
    return fmax(-range.low, range.high);
}

/* The box lies in the octant P, X, A >= 0. */
static bool in_octant(struct box at)
{
    return at.P.low >= 0.0 && at.X.low >= 0.0 && at.A.low >= 0.0;
}

/* D = X^2 - P^2 in a box with X >= 0, widened by its rounding. */
static struct range balance(struct box at)
{
    const double least = fmax(at.P.low, fmax(-at.P.high, 0.0));
    const double most = largest(at.P);
    const double near = fmax(at.X.low, 0.0);
    const double noise = rounding * (at.X.high * at.X.high + most * most);
    /* if all numbers are exact, so is the sign of D */
    const double blur = at.X.low < at.X.high || at.P.low < at.P.high ? noise : 0.0;

    return (struct range){(near - most) * (near + most) - blur,
                          (at.X.high - least) * (at.X.high + least) + blur};
}

/* Without a predictor M5 is linear: d(w, wa)/dt = [-(lambda_s + eta_s), lambda_d; beta, -beta]
 * (w, wa). */
static enum ssldyn_fate judge_linear(const struct ssldyn_certificate *certificate, struct range w,
                                     struct range wa)
{
    const double lambda_d = certificate->scale;
    const double decay = certificate->c + certificate->eta_s;
    const double beta = certificate->beta;

    if (certificate->held)
        return certificate->drive * lambda_d < decay ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES;
    if (beta == 0.0) {
        /* wa is constant, and integrators keep it exactly */
        const double middle = 0.5 * (wa.low + wa.high);
        return middle * lambda_d == 0.0 ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES;
    }
    if (decay > lambda_d)
        return SSLDYN_FATE_COLLAPSED;
    /* The larger eigenvalue is not negative; its left eigenvector is (beta, decay + eigenvalue). */
    const double half = 0.5 * (decay + beta);
    const double eigenvalue = sqrt(half * half + beta * (lambda_d - decay)) - half;
    const double left = decay + eigenvalue;
    const double low = beta * w.low + left * wa.low;
    const double high = beta * w.high + left * wa.high;
    if (low == 0.0 && high == 0.0)
        return SSLDYN_FATE_COLLAPSED;
    return low > 0.0 || high < 0.0 ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_UNDECIDED;
}

/* beta = 0 (C5, S5). A is constant, and integrators keep it exactly. */
static enum ssldyn_fate judge_frozen(const struct ssldyn_certificate *certificate, struct box at)
{
    const double product = certificate->eta_p * certificate->eta_s;
    const double A = 0.5 * (at.A.low + at.A.high);
    /* (P, X) -> -(P, X) is also a symmetry: P and A of the same sign suffice */
    const struct range P = A < 0.0 ? (struct range){-at.P.high, -at.P.low} : at.P;

    if (A == 0.0 && certificate->eta_s == 0.0) {
        /* dX/dt = -c P^2 X, dP/dt = -(c X^2 + eta_p) P: P tends to 0, or X^2 - P^2 is conserved */
        const struct range D = balance(at);
        if (certificate->eta_p > 0.0)
            return at.X.low > 0.0 ? SSLDYN_FATE_SURVIVES : SSLDYN_FATE_UNDECIDED;
        return D.low > 0.0     ? SSLDYN_FATE_SURVIVES
               : D.high <= 0.0 ? SSLDYN_FATE_COLLAPSED
                               : SSLDYN_FATE_UNDECIDED;
    }
    if (A == 0.0 || A * A < product * (1.0 - rounding))
        return SSLDYN_FATE_COLLAPSED;
    if (A * A > product * (1.0 + rounding) && P.low >= 0.0 && at.X.low >= 0.0 &&
        P.low + at.X.low > 0.0)
        return SSLDYN_FATE_SURVIVES;
    return SSLDYN_FATE_UNDECIDED;
}

/* tau held, eta_p = eta_s = 0: X^2 - P^2 is conserved and P moves monotonically. */
static enum ssldyn_fate judge_lines(const struct ssldyn_certificate *certificate, struct box at)
{
    const struct range D = balance(at);
    const double line = certificate->drive / certificate->c;
    const double square = line * line;

    if (D.low > 0.0 || (at.P.low > 0.0 && -D.low < square * (1.0 - rounding)))
        return SSLDYN_FATE_SURVIVES;
    if (D.high <= 0.0 && (at.P.high <= 0.0 || -D.high >= square * (1.0 + rounding)))
        return SSLDYN_FATE_COLLAPSED;
    return SSLDYN_FATE_UNDECIDED;
}

/* A closed-form predictor (C8, S6): (w, wa) is cooperative, and its fixed points lie on the
 * diagonal. */
static enum ssldyn_fate judge_set(const struct ssldyn_certificate *certificate, struct range w,
                                  struct range wa)
{
    const struct range target = certificate->held ? w : wa;
    const double blur = certificate->blur;

    if (fmax(largest(w), largest(target)) < certificate->x_minus * (1.0 - blur))
        return SSLDYN_FATE_COLLAPSED;
    return fmin(w.low, target.low) > certificate->x_minus * (1.0 + blur) ? SSLDYN_FATE_SURVIVES
                                                                         : SSLDYN_FATE_UNDECIDED;
}

/* S1: the sum X + P grows faster than its decay at all later times. */
static bool sum_survives(const struct ssldyn_certificate *certificate, struct box at)
{
    if (isnan(certificate->eta_sum) || !in_octant(at))
        return false;
    const double c = certificate->c;
    const double drive = certificate->drive;
    const double x = 0.5 * (at.X.low + at.P.low);
    const double delta = certificate->leads ? 0.0 : 0.25 * fmax(-balance(at).low, 0.0);
    const double target = 0.5 * (at.A.low + sqrt(at.A.low * at.A.low + 4.0 * delta));
    const double reach = certificate->held ? x : fmin(x, target);
    const double x0 = fmin(reach, certificate->middle);
    /* at equal decays with delta = 0 this means x and A above the saddle, however near the fold */
    if (delta == 0.0 && certificate->below && certificate->eta_p == certificate->eta_s &&
        reach > certificate->p_minus * (1.0 + certificate->blur))
        return true;
    const double f = ((c * x0 - drive) * x0 + certificate->eta_sum) * x0 + drive * delta;

    return f < -rounding * (drive * x0 * x0 + drive * delta);
}

/* C4: equal decays, the sum X + P can never reach the saddle. */
static bool sum_collapses(const struct ssldyn_certificate *certificate, struct box at)
{
    if (certificate->eta_p != certificate->eta_s || !in_octant(at))
        return false;
    const struct range D = balance(at);
    const double x = 0.5 * (at.X.high + at.P.high);
    const double delta = 0.25 * largest(D);
    const double above = 0.25 * fmax(D.high, 0.0);
    const double level = above > 0.0 ? x + above / x : x; /* X at x, or a bound of it */
    double x0 = x;

    if (!certificate->held && at.A.high > level)
        x0 = 0.5 * (at.A.high + sqrt(fmax(at.A.high * at.A.high - 4.0 * above, 0.0)));
    const double pull = certificate->drive * (x0 + above / x0);
    const double share = delta / x0;
    const double rise = pull - certificate->c * (x0 * x0 - share * share) - certificate->eta_s;
    return x0 > 0.0 && x0 < certificate->p_minus * (1.0 - certificate->blur) &&
           rise < -rounding * (pull + certificate->eta_s);
}

/* S2: tau held, eta_p >= eta_s: the strip between the fixed points, above the saddle. */
static bool strip_survives(const struct ssldyn_certificate *certificate, struct box at)
{
    const double blur = certificate->blur;

    if (!certificate->held || certificate->eta_p < certificate->eta_s ||
        certificate->p_plus * (1.0 - blur) < certificate->x_minus * (1.0 + blur) ||
        !(at.P.low > certificate->p_minus * (1.0 + blur)))
        return false;
    const double floor = at.P.high > certificate->p_plus * (1.0 - blur) ? at.P.high : 0.0;
    return at.X.low > fmax(floor, certificate->x_minus * (1.0 + blur));
}

static enum ssldyn_fate judge_bistable(const struct ssldyn_certificate *certificate, struct box at)
{
    const double least = 1.0 - certificate->blur;
    const double P = largest(at.P);
    const double X = largest(at.X);
    const double most = certificate->held ? X : fmax(X, largest(at.A));

    /* C3: the box between the origin and the saddle */
    if (P < certificate->p_minus * least && most < certificate->x_minus * least)
        return SSLDYN_FATE_COLLAPSED;
    if (most < certificate->x_seed || sum_collapses(certificate, at))
        return SSLDYN_FATE_COLLAPSED;
    if (sum_survives(certificate, at) || strip_survives(certificate, at))
        return SSLDYN_FATE_SURVIVES;
    const double state[3] = {0.5 * (at.P.low + at.P.high), 0.5 * (at.X.low + at.X.high),
                             0.5 * (at.A.low + at.A.high)};
    const double radius[3] = {0.5 * (at.P.high - at.P.low), 0.5 * (at.X.high - at.X.low),
                              0.5 * (at.A.high - at.A.low)};
    return ssldyn_fate_attractor_holds(certificate, state, radius) ? SSLDYN_FATE_SURVIVES
                                                                   : SSLDYN_FATE_UNDECIDED;
}

/* eta_s = 0. */
static enum ssldyn_fate judge_drifting(const struct ssldyn_certificate *certificate, struct box at)
{
    const double line = 1.0 / certificate->c;
    const struct range D = balance(at);

    if (certificate->held)
        return SSLDYN_FATE_SURVIVES; /* S4, tau held: w = 0 was handled above */
    if (at.X.low > 0.0 && D.low > 0.0)
        return SSLDYN_FATE_SURVIVES; /* S7 */
    if (in_octant(at) && at.P.high <= line * (1.0 - rounding) && at.A.high <= at.X.low &&
        at.X.low > 0.0)
        return SSLDYN_FATE_SURVIVES; /* S4 */
    if (sum_survives(certificate, at))
        return SSLDYN_FATE_SURVIVES;
    if (certificate->eta_p == 0.0) {
        /* C6: without decay |P| stays above the line, or P is negative (C9) */
        if (-D.high > line * line * (1.0 + rounding) || (at.P.high < 0.0 && D.high <= 0.0))
            return SSLDYN_FATE_COLLAPSED;
        /* S8 */
        if (in_octant(at) && at.P.low > 0.0 && at.X.low + at.A.low > 0.0 &&
            -D.low < line * line * (1.0 - rounding))
            return SSLDYN_FATE_SURVIVES;
    }
    return SSLDYN_FATE_UNDECIDED;
}

enum ssldyn_fate ssldyn_fate_judge_box(const struct ssldyn_certificate *certificate,
                                       const double state[3], const double radius[3])
{
    const double wp = state[0];
    const double w = state[1];
    const double wa = certificate->held ? 0.0 : state[2];

    if (!isfinite(wp) || !isfinite(w) || !isfinite(wa))
        return SSLDYN_FATE_DIVERGED;
    if (w == 0.0 && radius[1] == 0.0 && (certificate->held || (wa == 0.0 && radius[2] == 0.0)))
        return SSLDYN_FATE_COLLAPSED;
    /* (w, wa) -> -(w, wa) is a symmetry of M5. */
    const double sign = w < 0.0 || (w == 0.0 && wa < 0.0) ? -1.0 : 1.0;
    const double unit = certificate->root_alpha;
    struct box at = {around(certificate->scale * wp, certificate->scale * radius[0]),
                     around(sign * unit * w, unit * radius[1]),
                     around(sign * unit * wa, unit * radius[2])};
    if (certificate->held) {
        at.A = (struct range){certificate->drive * at.X.low, certificate->drive * at.X.high};
    }

    switch (certificate->kind) {
    case SSLDYN_CERTIFICATE_NONE:
        break;
    case SSLDYN_CERTIFICATE_SEALED:
        return SSLDYN_FATE_COLLAPSED;
    case SSLDYN_CERTIFICATE_LINEAR:
        return judge_linear(certificate, around(w, radius[1]), around(wa, radius[2]));
    case SSLDYN_CERTIFICATE_SET:
        return judge_set(certificate, around(sign * w, radius[1]), around(sign * wa, radius[2]));
    case SSLDYN_CERTIFICATE_FROZEN:
        return judge_frozen(certificate, at);
    case SSLDYN_CERTIFICATE_LINES:
        return judge_lines(certificate, at);
    case SSLDYN_CERTIFICATE_DRIFTING:
        return judge_drifting(certificate, at);
    case SSLDYN_CERTIFICATE_BISTABLE:
        return judge_bistable(certificate, at);
    }
    return SSLDYN_FATE_UNDECIDED;
}

enum ssldyn_fate ssldyn_fate_judge_margin(const struct ssldyn_certificate *certificate, double wp,
                                          double w, double wa, double margin)
{
    const double state[3] = {wp, w, wa};
    const double radius[3] = {margin * fabs(wp), margin * fabs(w), margin * fabs(wa)};

    return ssldyn_fate_judge_box(certificate, state, radius);
}

enum ssldyn_fate ssldyn_fate_judge(const struct ssldyn_certificate *certificate, double wp,
                                   double w, double wa)
{
    return ssldyn_fate_judge_margin(certificate, wp, w, wa, 0.0);
}
