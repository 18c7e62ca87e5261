/* Fixed points of the modes at constant tau, their stability, folds and survival (THEORY section
 * 4). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_FIXEDPOINT_H
#define SSLDYN_THEORY_FIXEDPOINT_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fixed points of the plane (p, s) of M3 at constant tau, in addition to the collapsed
 * point. */
enum ssldyn_fixedpoint_case {
    SSLDYN_FIXED_PAIR,   /* p*- < p*+, both non-collapsed */
    SSLDYN_FIXED_FOLD,   /* the pair has merged: eta_s = eta_fold */
    SSLDYN_FIXED_NONE,   /* beyond the fold: only collapse */
    SSLDYN_FIXED_LINES,  /* eta_p = eta_s = 0: lines s = 0 and p = tau/c */
    SSLDYN_FIXED_GROWTH, /* eta_s = 0 < eta_p: p -> tau/c, s grows like 2 eta_p (tau/c)^2 t/alpha_p
                          */
    SSLDYN_FIXED_FREE_WP /* eta_p = 0 < eta_s: s decays to 0, p tends to any value */
};

struct ssldyn_fixedpoints {
    enum ssldyn_fixedpoint_case kind;
    double eta_fold;                  /* tau^2/(4 c): beyond it every start collapses */
    double discriminant;              /* D = tau^2 - 4 eta_s c */
    double p_minus, p_plus;           /* NaN where they do not exist */
    double s_minus, s_plus;           /* (eta_p/eta_s) p^2/alpha_p; NaN where they do not exist */
    double along_minus, along_plus;   /* growth rate along the slow eigenvector at p*-, p*+ */
    double across_minus, across_plus; /* the other eigenvalue (-2 eta when the decays are equal) */
};

/* All of the above for rates and a constant tau > 0. Eigenvalues are those of the 2 x 2 Jacobian
 * of M3 at constant tau: for equal decays p*- sqrt(D) and -p*+ sqrt(D) along the parabola, -2
 * eta across it; otherwise "along" is the slower one. With eta_p < eta_s those at p*+ can be a
 * complex pair (around c p*+^2 = 3 eta_s) [D]: both fields then hold its real part. Cannot fail. */
void ssldyn_fixedpoint_modes(const struct ssldyn_rates *rates, double tau,
                             struct ssldyn_fixedpoints *result);

/* The weight decay at which the pair of fixed points vanishes, drive^2/(4 lambda_s), where drive
 * = tau lambda_d; since this is symmetric in the two, also lambda_s at the fold for a given
 * decay. */
double ssldyn_fixedpoint_fold(double drive, double lambda_s);

/* p*+/2, above which a mode of M5 counts as escaped: at tau if it is held, else 1. NaN if no
 * mode survives at p*+: beyond the fold, without weight decay, predictor or stop-gradient, or if
 * a rule bounds p (normalized eigenvalues, a solved predictor). */
double ssldyn_fixedpoint_escape(const struct ssldyn_parameters *parameters);

/* M5 with wa = tau w: wp*+- = [tau lambda_d +- sqrt(tau^2 lambda_d^2 - 4 eta_s lambda_s)]/(2
 * lambda_s), w*^2 = (eta_p/eta_s) wp*^2/alpha_p. Writes NaN if there are none; returns the fold
 * tau^2 lambda_d^2/(4 lambda_s), the weight decay at which the pair vanishes. */
double ssldyn_fixedpoint_lowdim(const struct ssldyn_parameters *parameters, double tau,
                                double wp[2], double w_squared[2]);

/* IsoLoss of the squared distance (section 10): p = (tau lambda_d - eta_s)/lambda_s, which
 * exists and attracts every start while eta_s < tau lambda_d, so there is no collapse basin.
 * With a trained predictor alpha_p w^2 = (eta_p/eta_s) p, both decays > 0. growth: of w at w = 0
 * with p = 0; along, across: eigenvalues at the fixed point, both the real part of complex ones;
 * for a closed-form predictor (a power a of F) only along, across is NaN. p, w_squared and these
 * are NaN if there is no fixed point. */
struct ssldyn_fixedpoint_iso {
    double p, w_squared, growth, along, across;
};
struct ssldyn_fixedpoint_iso ssldyn_fixedpoint_iso(const struct ssldyn_parameters *parameters,
                                                   double tau);

/* Predictors p_j = f_j^a + epsilon max f, f the eigenvalues of F (section 7). In the presence of
 * a survivor at p_plus a collapsed mode has this p, so it escapes if p_minus < this < p_plus. */
double ssldyn_fixedpoint_beside(double a, double epsilon, double p_plus);

/* For modes with equal data, the weight decay below which none stays collapsed in the presence
 * of a survivor. */
double ssldyn_fixedpoint_basin(double a, double epsilon, double drive, double lambda_s);

/* #{j : lambda_d_j^2 > 4 eta_s lambda_s_j}: an upper bound of the number of modes that survive
 * training (commuting X, X'). */
size_t ssldyn_fixedpoint_survivors(size_t n, const double lambda_d[], const double lambda_s[],
                                   double eta_s);

#ifdef __cplusplus
}
#endif

#endif
