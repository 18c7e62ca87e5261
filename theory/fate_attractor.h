/* A neighborhood of the attractor of M5 that certainly belongs to its basin: part of the fates
 * (fate.h). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_FATE_ATTRACTOR_H
#define SSLDYN_THEORY_FATE_ATTRACTOR_H

#include "theory/fate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills lyapunov and lyapunov_level of a certificate whose attractor is known: below that level
 * V = z^T S z, z the displacement from the attractor, decreases along the flow. Leaves the level
 * at 0 if that cannot be shown (on the fold). */
void ssldyn_fate_attractor_prepare(struct ssldyn_certificate *certificate);

/* Whether the box of this radius around state = (P, X, A), in the certificate's variables, lies in
 * that neighborhood. */
bool ssldyn_fate_attractor_holds(const struct ssldyn_certificate *certificate,
                                 const double state[3], const double radius[3]);

#ifdef __cplusplus
}
#endif

#endif
