/* Depth: with a power m of p and a power k of saturation, dp/dt = g p^m (lambda_d - r p^k) - eta
 * p. */
// SPDX-License-Identifier: MIT
#include "theory/depth.h"

#include <math.h>

/* JEPA: m = 2L, k = 1; its IsoLoss: m = L, k = 1; MAE: m = L, k = L + 1. */
struct law {
    double m, k, g, r;
};

static struct law law_of(const struct ssldyn_depth *mode)
{
    const double L = (double)mode->layers;
    if (mode->target != SSLDYN_DEPTH_MAE)
        return (struct law){mode->target == SSLDYN_DEPTH_ISO ? L : 2.0 * L, 1.0,
                            pow(mode->alpha_p, 1.0 - L), mode->lambda_s};
    return (struct law){L, L + 1.0, pow(mode->alpha_p, 1.0 - 0.5 * L),
                        mode->lambda_s * pow(mode->alpha_p, -0.5 * L)};
}

/* (dp/dt)/p + eta: the growth that decay must exceed. */
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

struct ssldyn_depth ssldyn_depth_balanced(const struct ssldyn_depth *mode, double eta_p)
{
    struct ssldyn_depth balanced = *mode;
    if (eta_p != mode->eta)
        balanced.alpha_p *= mode->eta / eta_p;
    return balanced;
}

/* d ln fold/d ln knob for a common decay. */
static void elasticities(const struct ssldyn_depth *mode, double *lambda_d, double *lambda_s,
                         double *alpha_p)
{
    const double L = (double)mode->layers;
    const bool mae = mode->target == SSLDYN_DEPTH_MAE;
    const double m = law_of(mode).m;
    *lambda_d = mae ? 2.0 * L / (L + 1.0) : m;
    *lambda_s = mae ? (1.0 - L) / (L + 1.0) : 1.0 - m;
    *alpha_p = mae ? 1.0 / (L + 1.0) : 1.0 - L;
}

/* At constant eta_p the fold K alpha_p^e of a common decay is evaluated at alpha_p eta_s/eta_p:
 * every elasticity is divided by 1 - e, and -e/(1 - e) is that of eta_p. */
void ssldyn_depth_margin(const struct ssldyn_depth *mode, double eta_p,
                         struct ssldyn_margin *margin)
{
    const struct ssldyn_depth balanced = ssldyn_depth_balanced(mode, eta_p);
    const double noise = mode->lambda_s - mode->lambda_d;
    const double values[SSLDYN_KNOBS] = {[SSLDYN_KNOB_ETA_S] = mode->eta,
                                         [SSLDYN_KNOB_NOISE] = noise,
                                         [SSLDYN_KNOB_LAMBDA_D] = mode->lambda_d,
                                         [SSLDYN_KNOB_LAMBDA_S] = mode->lambda_s,
                                         [SSLDYN_KNOB_ETA_P] = eta_p,
                                         [SSLDYN_KNOB_ALPHA_P] = mode->alpha_p,
                                         [SSLDYN_KNOB_TAU] = (double)NAN,
                                         [SSLDYN_KNOB_BETA] = (double)NAN};
    double of_d = 0.0;
    double of_s = 0.0;
    double e = 0.0;
    elasticities(mode, &of_d, &of_s, &e);
    const double share = 1.0 / (1.0 - e);
    const double ratio = pow(ssldyn_depth_fold(&balanced) / mode->eta, share); /* fold/eta_s */
    const double fold = mode->eta > 0.0 ? mode->eta * ratio : ssldyn_depth_fold(mode);
    *margin = (struct ssldyn_margin){
        .fold = fold,
        .margin = fold - mode->eta,
        .elasticity = {[SSLDYN_KNOB_ETA_S] = -1.0,
                       [SSLDYN_KNOB_NOISE] = of_s * share * noise / mode->lambda_s,
                       [SSLDYN_KNOB_LAMBDA_D] = of_d * share,
                       [SSLDYN_KNOB_LAMBDA_S] = of_s * share,
                       [SSLDYN_KNOB_ETA_P] = -e * share,
                       [SSLDYN_KNOB_ALPHA_P] = e * share}};
    for (int knob = 0; knob < SSLDYN_KNOBS; knob++) {
        const double elasticity = margin->elasticity[knob];
        double factor = pow(ratio, -1.0 / elasticity); /* the fold decreases to eta_s */
        if (knob == SSLDYN_KNOB_NOISE)                 /* lambda_s changes, lambda_d does not */
            factor = (mode->lambda_s * pow(ratio, -1.0 / (of_s * share)) - mode->lambda_d) / noise;
        const bool there = elasticity != 0.0 && factor > 0.0 && isfinite(factor);
        margin->factor[knob] = there ? factor : (double)NAN;
        margin->at_fold[knob] = margin->factor[knob] * values[knob];
    }
    margin->at_fold[SSLDYN_KNOB_ETA_S] = fold;
}

double ssldyn_depth_layer(const struct ssldyn_depth *mode, double p)
{
    return mode->target == SSLDYN_DEPTH_ISO ? sqrt(p / mode->alpha_p) : p / sqrt(mode->alpha_p);
}

/* The real parts of the eigenvalues of a 2 x 2 matrix, the larger one first. */
static void eigenvalues(double pp, double pv, double vp, double vv, double *along, double *across)
{
    const double half = 0.5 * (pp + vv);
    const double spread = 0.25 * (pp - vv) * (pp - vv) + pv * vp;
    *along = half + (spread > 0.0 ? sqrt(spread) : 0.0);
    *across = half - (spread > 0.0 ? sqrt(spread) : 0.0);
}

/* IsoLoss: dp/dt = alpha_p v^(2L) e - eta_p p, dv/dt = v^(2L-1) e - eta_s v, e = lambda_d - p
 * lambda_s. */
static void iso_rates(const struct ssldyn_depth *mode, double eta_p, double p, double *along,
                      double *across)
{
    const double m = 2.0 * (double)mode->layers;
    const double v = sqrt(eta_p * p / (mode->alpha_p * mode->eta));
    const double e = mode->lambda_d - p * mode->lambda_s;
    const double slope = pow(v, m - 1.0);
    eigenvalues(-mode->alpha_p * slope * v * mode->lambda_s - eta_p, m * mode->alpha_p * slope * e,
                -slope * mode->lambda_s, (m - 1.0) * pow(v, m - 2.0) * e - mode->eta, along,
                across);
}

void ssldyn_depth_rates(const struct ssldyn_depth *mode, double eta_p, double p, double *along,
                        double *across)
{
    const double eta_s = mode->eta;
    const double L = (double)mode->layers;
    if (mode->target == SSLDYN_DEPTH_ISO) {
        iso_rates(mode, eta_p, p, along, across);
        return;
    }
    const bool jepa = mode->target == SSLDYN_DEPTH_JEPA;
    if (eta_p == eta_s) {
        *along = ssldyn_depth_slope(mode, p);
        *across = -2.0 * eta_s;
        return;
    }
    /* dp/dt = alpha_p v^m e - eta_p p and dv/dt = p v^(m-1) e - eta_s v, m and the error e as
     * above. */
    const double m = law_of(mode).m;
    const double v = p * sqrt(eta_p / (mode->alpha_p * eta_s));
    const double drive = pow(v, m);
    const double slope = pow(v, m - 1.0);
    const double e_p = jepa ? -mode->lambda_s : -mode->lambda_s * pow(v, L);
    const double e_v = jepa ? 0.0 : -mode->lambda_s * L * p * pow(v, L - 1.0);
    const double e = mode->lambda_d + p * e_p;
    const double bend = m > 1.0 ? (m - 1.0) * pow(v, m - 2.0) : 0.0;
    const double pp = mode->alpha_p * drive * e_p - eta_p;
    const double pv = mode->alpha_p * (m * slope * e + drive * e_v);
    const double vp = slope * (e + p * e_p);
    const double vv = p * (bend * e + slope * e_v) - eta_s;
    eigenvalues(pp, pv, vp, vv, along, across);
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

double ssldyn_depth_edge(const struct ssldyn_depth *mode, double beta, bool each_layer)
{
    const struct law law = law_of(mode);
    double p[2];
    double missing = 1.0; /* int 1 - (1 - exp(-x))^L dx: for a target that is a product of L
                           * averages */
    for (unsigned l = 2; each_layer && l <= mode->layers; l++)
        missing += 1.0 / (double)l;
    ssldyn_depth_fixedpoints(mode, p);
    return p[0] + law.g * pow(p[0], law.m) * mode->lambda_d * missing / beta;
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

/* From left to right, each interval bisected until its halves agree with the whole: near a fixed
 * point they become short. */
static double integrate(const struct ssldyn_depth *mode, double p0, double p1)
{
    enum { HALVINGS = 48 };
    double ends[HALVINGS + 1] = {p1}; /* the intervals still to be integrated, the next one last */
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
