/* The quantities that the criteria for certified verdicts (fate.h) need for one set of
 * parameters: the applicable kind of criteria, the fold, saddle and attractor. The rule of the
 * predictor determines the kind. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_CERTIFICATE_H
#define SSLDYN_THEORY_CERTIFICATE_H

#include "theory/parameters.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The kinds of criteria, by settings. */
enum ssldyn_certificate_kind {
    SSLDYN_CERTIFICATE_NONE,     /* none but w = wa = 0 */
    SSLDYN_CERTIFICATE_SEALED,   /* every start collapses */
    SSLDYN_CERTIFICATE_LINEAR,   /* no predictor: the sign of one eigenvalue decides */
    SSLDYN_CERTIFICATE_SET,      /* closed-form predictor: p is a power of s */
    SSLDYN_CERTIFICATE_FROZEN,   /* beta = 0: a constant target */
    SSLDYN_CERTIFICATE_LINES,    /* tau held and no decay: solved exactly */
    SSLDYN_CERTIFICATE_DRIFTING, /* eta_s = 0: w has no decay */
    SSLDYN_CERTIFICATE_BISTABLE  /* below the fold: saddle and attractor */
};

/* The quantities for one parameter set, in the variables P = lambda_d wp, X = sqrt(alpha_p)
 * lambda_d w, A = sqrt(alpha_p) lambda_d wa, in which alpha_p drops out and lambda_d = 1. Filled
 * by ssldyn_certificate_init or _init_lowdim. */
struct ssldyn_certificate {
    enum ssldyn_certificate_kind kind;
    const char *why;        /* for NONE: why, a clause */
    bool held;              /* A = tau X at all times */
    bool beyond;            /* beyond the fold, 4 c eta_s > drive^2 */
    bool below;             /* below it, 4 c eta_s < drive^2 */
    bool leads;             /* X >= |P| at all times: for the start given below */
    double scale;           /* lambda_d */
    double root_alpha;      /* sqrt(alpha_p) lambda_d */
    double c;               /* lambda_s/lambda_d^2 */
    double drive;           /* tau if held, else 1 */
    double beta;            /* of the target */
    double eta_p, eta_s;    /* the two decays */
    double p_minus, p_plus; /* fixed points P*-, P*+ */
    double x_seed;          /* a start with X and A below this collapses for any P */
    double x_minus, x_plus; /* X at these points */
    double blur;            /* relative uncertainty of the saddle: rounding, large near the fold */
    double eta_sum;         /* upper bound of the decay of the sum X + P; NaN: no criterion by
                             * the sum */
    double middle;          /* where the growth of the sum is largest */
    double lyapunov[3][3];  /* z^T S z decreases around the attractor ... */
    double lyapunov_level;  /* ... below this level; 0: unknown */
};

/* For a mode of M3, M4 or of the isotropic M1, M2: lambda_s = c, lambda_d = 1. */
void ssldyn_certificate_init(struct ssldyn_certificate *certificate,
                             const struct ssldyn_parameters *parameters);

/* For M5: uses lambda_s and lambda_d of parameters. */
void ssldyn_certificate_init_lowdim(struct ssldyn_certificate *certificate,
                                    const struct ssldyn_parameters *parameters);

/* Adds what the start (wp, w) decides for all times, up to rounding: with eta_p >= eta_s the
 * sign of X^2 - P^2 >= 0, the balance of Thm 1. Optional; verdicts on the parabola need it near
 * the fold. */
void ssldyn_certificate_start(struct ssldyn_certificate *certificate, double wp, double w);

/* The functions by which the rules of the register fill in a certificate that has its rates,
 * fold and kind NONE, for predictors with stop-gradient (struct ssldyn_rule, certify): Wp
 * trained by its gradient; p = s^a in closed form; nothing proved. */
void ssldyn_certificate_trained(struct ssldyn_certificate *certificate,
                                const struct ssldyn_parameters *parameters, double lambda_s,
                                double lambda_d);
void ssldyn_certificate_power(struct ssldyn_certificate *certificate,
                              const struct ssldyn_parameters *parameters, double lambda_s,
                              double lambda_d);
void ssldyn_certificate_none(struct ssldyn_certificate *certificate,
                             const struct ssldyn_parameters *parameters, double lambda_s,
                             double lambda_d);

#ifdef __cplusplus
}
#endif

#endif
