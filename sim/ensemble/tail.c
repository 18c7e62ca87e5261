/* The end of a trajectory in closed form. Near its limit the flow is linear up to second-order
 * terms in the distance, so the rest of the trajectory, however long, is a sum of exponentials:
 * from the fixed point's 2 x 2 block and two forcings if it survives, and from the growth integrals
 * of w and wp to second order in the amplitude if it collapses. */
// SPDX-License-Identifier: MIT
#include "sim/ensemble/lanes.h"

#include <math.h>

/* The linearized flow about the surviving fixed point for equal decays, in u = M - M*, v = 2
 * wa/ratio - M*, M = w + wp, and d = w - wp, which decouples: d' = -2 eta d (scaled variables of
 * lanes.h). As e = wa - (M^2 - d^2)/4 and M' = (e - eta) M,
 *   u' = -k u + l v + q d^2, v' = beta (u - v) + beta d.
 * A held target has v = u + d throughout: u' = -(k - l) u + l d + q d^2. */
struct star {
    double k, l, q;
    double fast, slow; /* eigenvalues, both negative */
    double gap;        /* slow - fast */
};

static struct star star_of(const struct ssldyn_lanes *lanes, int slot)
{
    const double m = lanes->at[LANES_M_STAR][slot];
    const double beta = lanes->at[LANES_BETA][slot];
    struct star star;
    star.k = 0.5 * m * m;
    star.l = 0.5 * lanes->at[LANES_RATIO][slot] * m;
    star.q = 0.25 * m;
    star.gap = sqrt((star.k - beta) * (star.k - beta) + 4.0 * beta * star.l);
    star.fast = -0.5 * (star.k + beta + star.gap);
    /* the product of the two is the determinant: no cancellation near the fold */
    star.slow = beta * (star.k - star.l) / star.fast;
    return star;
}

/* For a target that is held at wa = theta w. */
static bool held_surviving(const struct ssldyn_lanes *lanes, int slot, double T, double y[static 3])
{
    const double m = lanes->at[LANES_M_STAR][slot];
    const double eta = lanes->at[LANES_ETA_S][slot];
    const double theta = lanes->at[LANES_HELD][slot];
    const double d = lanes->at[LANES_W][slot] - lanes->at[LANES_WP][slot];
    const double u = lanes->at[LANES_W][slot] + lanes->at[LANES_WP][slot] - m;
    const double rate = 0.5 * m * (m - theta); /* k - l */
    const double u1 = 0.5 * theta * m * d / (rate - 2.0 * eta);
    const double u2 = 0.25 * m * d * d / (rate - 4.0 * eta);
    const double two = exp(-2.0 * eta * T);
    const double u_end = exp(-rate * T) * (u - u1 - u2) + two * (u1 + two * u2);
    const double d_end = d * two;
    y[0] = 0.5 * (m + u_end - d_end);
    y[1] = 0.5 * (m + u_end + d_end);
    y[2] = theta * y[1];
    return isfinite(y[0]) && isfinite(y[1]);
}

bool ssldyn_tail_surviving(const struct ssldyn_lanes *lanes, int slot, double T, double y[static 3])
{
    if (lanes->at[LANES_KEEP][slot] == 0.0)
        return held_surviving(lanes, slot, T, y);
    const struct star star = star_of(lanes, slot);
    const double m = lanes->at[LANES_M_STAR][slot];
    const double beta = lanes->at[LANES_BETA][slot];
    const double eta = lanes->at[LANES_ETA_S][slot];
    const double d = lanes->at[LANES_W][slot] - lanes->at[LANES_WP][slot];
    const double u = lanes->at[LANES_W][slot] + lanes->at[LANES_WP][slot] - m;
    const double v = 2.0 * lanes->at[LANES_WA][slot] * lanes->at[LANES_PER_RATIO][slot] - m;

    /* responses to beta d exp(-2 eta t) in v and to q d^2 exp(-4 eta t) in u */
    const double along = (2.0 * eta + star.fast) * (2.0 * eta + star.slow);
    const double u1 = star.l * beta * d / along;
    const double v1 = (star.k - 2.0 * eta) * beta * d / along;
    const double twice = (4.0 * eta + star.fast) * (4.0 * eta + star.slow);
    const double u2 = (beta - 4.0 * eta) * star.q * d * d / twice;
    const double v2 = beta * star.q * d * d / twice;

    const double hu = u - u1 - u2;
    const double hv = v - v1 - v2;
    const double slow = exp(star.slow * T);
    const double fast = exp(star.fast * T);
    /* exp(M T) = [slow (M - fast) - fast (M - slow)]/gap */
    const double mu = -star.k * hu + star.l * hv;
    const double mv = beta * (hu - hv);
    const double two = exp(-2.0 * eta * T);
    const double u_end = (slow * (mu - star.fast * hu) - fast * (mu - star.slow * hu)) / star.gap +
                         two * (u1 + two * u2);
    const double v_end = (slow * (mv - star.fast * hv) - fast * (mv - star.slow * hv)) / star.gap +
                         two * (v1 + two * v2);
    const double d_end = d * two;
    y[0] = 0.5 * (m + u_end - d_end);
    y[1] = 0.5 * (m + u_end + d_end);
    y[2] = 0.5 * (m + v_end) * lanes->at[LANES_RATIO][slot];
    return isfinite(y[0]) && isfinite(y[1]) && isfinite(y[2]);
}

/* Integral of exp(-rate t) over [0, T]; decay = exp(-rate T). */
static double integral(double rate, double decay, double T)
{
    const double x = rate * T;
    if (fabs(x) < 1e-4)
        return T * (1.0 - 0.5 * x * (1.0 - x / 3.0));
    return (1.0 - decay) / rate;
}

bool ssldyn_tail_collapsed(const struct ssldyn_lanes *lanes, int slot, double T, double y[static 3],
                           double *tau)
{
    const double eta_p = lanes->at[LANES_ETA_P][slot];
    const double eta_s = lanes->at[LANES_ETA_S][slot];
    const double p = lanes->at[LANES_WP][slot];
    const double w = lanes->at[LANES_W][slot];
    const bool held = lanes->at[LANES_HELD][slot] != 0.0;
    const double kappa = held ? 0.0 : lanes->at[LANES_BETA][slot] - eta_s;
    /* sigma = wa/w = A + B exp(-kappa t) to lowest order */
    const double A = held ? lanes->at[LANES_HELD][slot] : lanes->at[LANES_DRIVE][slot] / kappa;
    const double B = held ? 0.0 : lanes->at[LANES_WA][slot] / w - A;
    const double decay_p = exp(-eta_p * T);
    const double decay_s = exp(-eta_s * T);
    const double decay_k = held ? 1.0 : exp(-kappa * T);
    const double one = integral(eta_p, decay_p, T);
    const double one_plus = integral(eta_p + kappa, decay_p * decay_k, T);
    const double two = integral(2.0 * eta_p, decay_p * decay_p, T);

    /* ln w gains the integral of p (sigma - p), ln p that of w^2/p (sigma - p) */
    const double gain = p * (A * one + B * one_plus) - p * p * two;
    const double x = decay_s * decay_s / decay_p;
    const double rate = 2.0 * eta_s - eta_p;
    const double s = w * w;
    const double gain_p =
        (s / p) * (A * integral(rate, x, T) + B * integral(rate + kappa, x * decay_k, T)) -
        s * integral(2.0 * eta_s, decay_s * decay_s, T);

    /* sigma' = drive - kappa sigma - sigma (ln w's gain)', to first order in the gain */
    double shift = 0.0;
    if (!held) {
        const double one_minus = integral(eta_p - kappa, decay_p / decay_k, T);
        const double two_minus = integral(2.0 * eta_p - kappa, decay_p * decay_p / decay_k, T);
        shift = p * (A * (A * one_minus + 2.0 * B * one) + B * B * one_plus) -
                p * p * (A * two_minus + B * two);
    }
    const double sigma = A + decay_k * (B - shift);
    *tau = sigma * lanes->at[LANES_PER_RATIO][slot];
    y[0] = p * decay_p * exp(gain_p);
    y[1] = w * decay_s * exp(gain);
    y[2] = sigma * y[1];
    return isfinite(*tau) && isfinite(y[0]) && isfinite(y[1]);
}
