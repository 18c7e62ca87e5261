/* Certified verdicts on aligned modes under losses other than the squared distance (THEORY
 * section 10 [D], with proofs). Under a normalized loss all norms decay equally: a mode
 * collapses if its W, with that decay factored out, tends to 0. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_ALIGNED_FATE_H
#define SSLDYN_THEORY_ALIGNED_FATE_H

#include "theory/aligned.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The fate of each mode of the solution through P, W, Wa at constant rates; UNDECIDED if no
 * criterion holds for all states within a relative distance of margin. fates: n, written. Of a deep encoder W is the
 * smallest |W| of a mode's layers. */
void ssldyn_aligned_fate(const struct ssldyn_aligned *aligned, const double P[], const double W[],
                         const double Wa[], double margin, enum ssldyn_fate fates[]);

/* Why some of them may stay undecided, a clause; NULL: the criteria are complete except for
 * starts on an edge. */
const char *ssldyn_aligned_fate_why(const struct ssldyn_aligned *aligned);

#ifdef __cplusplus
}
#endif

#endif
