/* Certified early verdicts: whether the mode will survive or collapse, from one point of the
 * flow alone (THEORY section 6 [D]). Every verdict except "undecided" is a theorem; the criteria
 * C1-C9, S1-S8 and their proofs are in THEORY section 6. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_FATE_H
#define SSLDYN_THEORY_FATE_H

#include "theory/certificate.h"

#ifdef __cplusplus
extern "C" {
#endif

enum ssldyn_fate {
    SSLDYN_FATE_COLLAPSED = 0, /* w tends to 0 */
    SSLDYN_FATE_SURVIVES = 1,  /* |w| does not tend to 0 (with eta_s = 0 it may be tiny for a
                                * long time) */
    SSLDYN_FATE_DIVERGED = 2,  /* the point is not finite */
    SSLDYN_FATE_UNDECIDED = 3  /* no criterion applies at this point; try again at a later one */
};

/* "collapsed", "survives", "diverged", "undecided"; and for the deciding event: "collapses",
 * "survives", "diverges", and "stops" for a run that could not continue and is undecided. */
enum { SSLDYN_FATES = 4 };
const char *ssldyn_fate_word(enum ssldyn_fate fate);
const char *ssldyn_fate_event(enum ssldyn_fate fate);

/* Whether a fate is one of the two that criteria certify. */
static inline bool ssldyn_fate_is_decided(int fate)
{
    return fate == SSLDYN_FATE_COLLAPSED || fate == SSLDYN_FATE_SURVIVES;
}

/* Fate of every solution of M5 that passes through the box |y_i - state_i| <= radius_i around
 * state = (wp, w, wa), of any signs; for M3 pass (p, sqrt(s), tau sqrt(s)). A verdict holds for
 * all of them; UNDECIDED if they may differ or no criterion applies. With tau held wa is not
 * used, nor is wp of a closed-form predictor; with beta = 0 wa is constant and its radius is not
 * used. radius >= 0. Costs a few dozen operations: it may be called at every step.
 *
 * A numerical solution is certified with the radius of its error, which is not its tolerance:
 * errors grow along the way, near the edge of a basin by any factor. sim/ensemble bounds the growth
 * and gives the certified fate of a start; with a fixed radius only the fate of the computed point
 * and its neighborhood is certain, not that of the start. */
enum ssldyn_fate ssldyn_fate_judge_box(const struct ssldyn_certificate *certificate,
                                       const double state[3], const double radius[3]);

/* The same with radius_i = margin |state_i|: valid for the true solution if each of wp, w, wa has a
 * relative error of at most margin. */
enum ssldyn_fate ssldyn_fate_judge_margin(const struct ssldyn_certificate *certificate, double wp,
                                          double w, double wa, double margin);

/* The same for the point itself, margin = 0. */
enum ssldyn_fate ssldyn_fate_judge(const struct ssldyn_certificate *certificate, double wp,
                                   double w, double wa);

#ifdef __cplusplus
}
#endif

#endif
