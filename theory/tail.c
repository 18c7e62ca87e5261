/* The tail of a collapsed mode in closed form. */
// SPDX-License-Identifier: MIT
#include "theory/tail.h"

#include <math.h>

static const double negligible = 1e-18;

/* (1 - exp(-x))/x, continued by 1 at 0. */
static double mean_decay(double x)
{
    return x == 0.0 ? 1.0 : -expm1(-x) / x;
}

/* int_0^t exp(-a (t - u)) exp(-b u) du, symmetric in a and b. */
static double convolution(double a, double b, double t)
{
    const double slow = a < b ? a : b;
    return exp(-slow * t) * t * mean_decay(fabs(a - b) * t);
}

/* int_0^t u exp(-a (t - u)) exp(-b u) du: minus the derivative of the above with respect to b. */
static double weighted_convolution(double a, double b, double t)
{
    const double x = (a - b) * t;
    if (fabs(x) < 1e-4) { /* int u exp(x u/t) du by its series, times exp(-a t) */
        return exp(-a * t) * t * t * (0.5 + x * (1.0 / 3.0 + x * (0.125 + x / 30.0)));
    }
    return t * t * (exp(-b * t) / x + (exp(-a * t) - exp(-b * t)) / (x * x));
}

bool ssldyn_tail_reached(const struct ssldyn_parameters *parameters, double p, double s, double tau)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double eta_p = rates->eta_p;
    const double eta_s = rates->eta_s;
    const double reach = fmax(fabs(tau), 1.0) * fmax(parameters->lambda_d, 1.0);
    double dying = fmin(eta_p, 2.0 * eta_s); /* the decay rate of tau p */
    if (!parameters->tau_held) {
        /* p decays freely or follows s tau; tau grows at most like exp((eta_s - beta) t) */
        const double growth = fmax(eta_s - rates->beta, 0.0);
        dying = fmin(eta_p, fmin(2.0 * eta_s, eta_s + rates->beta)) - growth;
    }
    if (!(dying > 0.0) || !(eta_p > 0.0) || !(eta_s > 0.0)) {
        return false;
    }
    const double driven = rates->alpha_p * s * reach / dying; /* what s tau can still add to p */
    const double largest = fabs(p) + driven;
    return largest * reach < negligible * dying &&
           parameters->lambda_s * largest * largest < negligible * dying &&
           rates->alpha_p * parameters->lambda_s * s < negligible * dying;
}

void ssldyn_tail_solution(const struct ssldyn_parameters *parameters, const double start[static 3],
                          double dt, double end[static 3])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double eta_p = rates->eta_p;
    const double eta_s = rates->eta_s;
    const double drive = rates->alpha_p * parameters->lambda_d * start[1];
    const double s = start[1] * exp(-2.0 * eta_s * dt);
    if (parameters->tau_held) {
        end[0] = start[0] * exp(-eta_p * dt) +
                 drive * parameters->tau * convolution(eta_p, 2.0 * eta_s, dt);
        end[1] = s;
        end[2] = parameters->tau;
        return;
    }
    const double beta = rates->beta;
    const double delta = beta - eta_s;
    /* tau(u) = tau0 exp(-delta u) + beta u mean_decay(delta u); times s it gives two convolutions
     */
    const double own = convolution(eta_p, eta_s + beta, dt);
    /* below 1e-8 rounding of the difference quotient exceeds the error of the derivative */
    const double fed = fabs(delta) * dt > 1e-8 ? (convolution(eta_p, 2.0 * eta_s, dt) - own) / delta
                                               : weighted_convolution(eta_p, 2.0 * eta_s, dt);
    end[0] = start[0] * exp(-eta_p * dt) + drive * (start[2] * own + beta * fed);
    end[1] = s;
    end[2] = start[2] * exp(-delta * dt) + beta * dt * mean_decay(delta * dt);
}

void ssldyn_tail_networks(const struct ssldyn_parameters *parameters, double w0, double wa0,
                          double dt, double *w, double *wa)
{
    const struct ssldyn_rates *rates = &parameters->rates;
    *w = w0 * exp(-rates->eta_s * dt);
    *wa = parameters->tau_held ? parameters->tau * *w
                               : wa0 * exp(-rates->beta * dt) +
                                     rates->beta * w0 * convolution(rates->beta, rates->eta_s, dt);
}
