/* Certified verdicts on aligned modes under losses other than the squared distance (THEORY section
 * 10 [D], where the proofs are). Under a normalized loss all norms decay alike: a mode collapses
 * where its W, free of that decay, tends to 0. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_ALIGNED_FATE_H
#define SSLDYN_THEORY_ALIGNED_FATE_H

#include "theory/aligned.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fate of each mode of the solution through P, W, Wa at constant rates; UNDECIDED where no
 * criterion holds for every state whose numbers are within margin of these, relative. fates: n,
 * written. */
void ssldyn_aligned_fate(const struct ssldyn_aligned *aligned, const double P[], const double W[],
                         const double Wa[], double margin, enum ssldyn_fate fates[]);

/* Why some of them may stay undecided, a clause; NULL: the criteria are complete but for starts on
 * an edge. */
const char *ssldyn_aligned_fate_why(const struct ssldyn_aligned *aligned);

#ifdef __cplusplus
}
#endif

#endif
