/* Certified early verdicts: from one point of the flow alone, whether the mode will survive or
 * collapse (THEORY section 6 [D]). Every verdict but "undecided" is a theorem; the criteria C1-C9,
 * S1-S8 and their proofs stand in theory/README.md. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_FATE_H
#define SSLDYN_THEORY_FATE_H

#include "theory/parameters.h"

enum ssldyn_fate {
    SSLDYN_FATE_COLLAPSED = 0, /* w tends to 0 */
    SSLDYN_FATE_SURVIVES = 1,  /* |w| does not tend to 0 (with eta_s = 0 it may be tiny for ages) */
    SSLDYN_FATE_DIVERGED = 2,  /* the point is not finite: there is nothing to judge */
    SSLDYN_FATE_UNDECIDED = 3  /* no criterion applies at this point; ask again later */
};

/* Which criteria the settings admit. */
enum ssldyn_certificate_kind {
    SSLDYN_CERTIFICATE_NONE,     /* none but w = wa = 0 */
    SSLDYN_CERTIFICATE_SEALED,   /* every start collapses */
    SSLDYN_CERTIFICATE_LINEAR,   /* no predictor: the sign of one eigenvalue decides */
    SSLDYN_CERTIFICATE_SET,      /* p is set to a power of s */
    SSLDYN_CERTIFICATE_FROZEN,   /* beta = 0: a constant target */
    SSLDYN_CERTIFICATE_LINES,    /* tau held and no decay at all: solved exactly */
    SSLDYN_CERTIFICATE_DRIFTING, /* eta_s = 0: nothing pulls w down for good */
    SSLDYN_CERTIFICATE_BISTABLE  /* below the fold: saddle and attractor */
};

/* What the criteria need of one parameter set, in the variables P = lambda_d wp,
 * X = sqrt(alpha_p) lambda_d w, A = sqrt(alpha_p) lambda_d wa, in which alpha_p drops out and
 * lambda_d = 1. Filled by one of the two functions below. */
struct ssldyn_certificate {
    enum ssldyn_certificate_kind kind;
    bool held;              /* A = tau X at all times */
    bool beyond;            /* beyond the fold, 4 c eta_s > drive^2 */
    bool below;             /* below it, 4 c eta_s < drive^2 */
    bool leads;             /* X >= |P| for ever: of the start given below */
    double scale;           /* lambda_d */
    double root_alpha;      /* sqrt(alpha_p) lambda_d */
    double c;               /* lambda_s/lambda_d^2 */
    double drive;           /* tau where held, else 1 */
    double beta;            /* of the target */
    double eta_p, eta_s;    /* the two decays */
    double p_minus, p_plus; /* fixed points P*-, P*+ */
    double x_seed;          /* so little of X and A is lost whatever P is */
    double x_minus, x_plus; /* X there */
    double blur;            /* relative uncertainty of the saddle: rounding, large near the fold */
    double eta_sum;         /* decay of the sum X + P at most; NaN: no criterion by the sum */
    double middle;          /* where the sum grows best */
    double lyapunov[3][3];  /* z^T S z falls around the attractor ... */
    double lyapunov_level;  /* ... below this level; 0: not known */
};

/* For a mode of M3, M4 or of the isotropic M1, M2: lambda_s = c, lambda_d = 1. */
void ssldyn_certificate_init(struct ssldyn_certificate *certificate,
                             const struct ssldyn_parameters *parameters);

/* For M5: lambda_s and lambda_d of parameters. */
void ssldyn_certificate_init_lowdim(struct ssldyn_certificate *certificate,
                                    const struct ssldyn_parameters *parameters);

/* Takes in what the start (wp, w) decides for good, up to rounding: with eta_p >= eta_s the sign of
 * X^2 - P^2 >= 0, the balance of Thm 1. Optional; verdicts on the parabola need it near the fold.
 */
void ssldyn_certificate_start(struct ssldyn_certificate *certificate, double wp, double w);

/* Fate of every solution of M5 that passes through the box |y_i - state_i| <= radius_i around
 * state = (wp, w, wa), of any signs; of M3 with (p, sqrt(s), tau sqrt(s)). A verdict holds for all
 * of them; UNDECIDED where they may differ or no criterion applies. With tau held wa is not looked
 * at, nor is wp where it is set; with beta = 0 wa is constant and its radius is not looked at.
 * radius >= 0. A few dozen operations: it may be asked at every step.
 *
 * A numerical solution is certified with the radius of its error, and that is not its tolerance:
 * errors grow along the way, near a basin's edge by any factor. sim/ensemble bounds the growth and
 * gives the certified fate of a start; with a fixed radius only the fate of the computed point and
 * its neighborhood is certain, not that of the start. */
enum ssldyn_fate ssldyn_certificate_judge_box(const struct ssldyn_certificate *certificate,
                                              const double state[3], const double radius[3]);

/* The same with radius_i = margin |state_i|: valid for the true solution if each of wp, w, wa has a
 * relative error of at most margin. */
enum ssldyn_fate ssldyn_certificate_judge_margin(const struct ssldyn_certificate *certificate,
                                                 double wp, double w, double wa, double margin);

/* The same for the point itself, margin = 0. */
enum ssldyn_fate ssldyn_certificate_judge(const struct ssldyn_certificate *certificate, double wp,
                                          double w, double wa);

#endif
