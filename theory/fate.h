/* Certified early verdicts: from a point of the flow alone, whether the mode will survive or
 * collapse (THEORY section 6 [D]). Every verdict but "undecided" is a theorem; the proofs stand in
 * theory/README.md. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_FATE_H
#define SSLDYN_THEORY_FATE_H

#include "theory/parameters.h"

enum ssldyn_fate {
    SSLDYN_FATE_COLLAPSED = 0, /* w and wp tend to 0 (with eta = 0: w tends to 0) */
    SSLDYN_FATE_SURVIVES = 1,  /* w stays away from 0 for ever */
    SSLDYN_FATE_DIVERGED = 2,  /* the point is not finite: there is nothing to judge */
    SSLDYN_FATE_UNDECIDED = 3  /* no criterion applies at this point; ask again later */
};

/* What the criteria need of one parameter set; fill with one of the two functions below. */
struct ssldyn_certificate {
    double alpha_p, eta_p, eta_s; /* as in the rates */
    double lambda_s, lambda_d;    /* eigenvalues of X + X' and X */
    double tau;                   /* the held ratio; only where held */
    double p_minus;               /* unstable predictor weight; NaN beyond the fold */
    double discriminant;          /* drive^2 - 4 eta_s lambda_s, drive = lambda_d or tau lambda_d */
    bool held;                    /* wa = tau w at all times */
    bool trained;                 /* the predictor follows its gradient */
    bool judged;                  /* these settings have criteria; otherwise all is undecided */
};

/* For a mode of M3 or of the isotropic M1, M2: lambda_s = c, lambda_d = 1. */
void ssldyn_certificate_init(struct ssldyn_certificate *certificate,
                             const struct ssldyn_parameters *parameters);

/* For M5: lambda_s and lambda_d of parameters. */
void ssldyn_certificate_init_lowdim(struct ssldyn_certificate *certificate,
                                    const struct ssldyn_parameters *parameters);

/* Fate of the solution of M5 through (wp, w, wa), of any signs; M3 through (p, sqrt(s), tau
 * sqrt(s)). With tau held wa is not looked at. A few dozen operations, so that it may be asked at
 * every step.
 */
enum ssldyn_fate ssldyn_certificate_judge(const struct ssldyn_certificate *certificate, double wp,
                                          double w, double wa);

#endif
