/* The end of the population flow of the cosine loss: the rank and the spectrum follow from the
 * start (THEORY section 10 [D]). All in units in which the common decay of the norms is factored
 * out, with modes aligned at the start and the target finally along W (SimSiam, or an average
 * with beta > eta). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_WATERFILL_H
#define SSLDYN_THEORY_WATERFILL_H

#include "theory/cosine_modes.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Noise-free data, equal decays.
 *   p, w       n entries; alpha_p > 0
 *   p_end      n: the common level of the survivors; -+sqrt(alpha_p |c_j|) for collapsed modes
 *   w2_end     n: w_j^2 = c_j + level^2/alpha_p, c_j = w_j^2 - p_j^2/alpha_p; 0 for collapsed modes
 *   level      written: p of the survivors; NaN if none is left
 * Returns the number of survivors, the rank; 0 if every p_j < 0 and c_j < 0: this is not a final
 * state, because |W| is conserved, too, and the law gives no answer there. Arrays must not overlap.
 * Cannot fail. */
size_t ssldyn_waterfill(size_t n, double alpha_p, const double p[], const double w[],
                        double p_end[], double w2_end[], double *level);

/* By how much c_j of a mode exceeds the value below which it collapses: c_j + level^2/alpha_p, which
 * is w2_end of a survivor; c_j if p_j < 0. */
double ssldyn_waterfill_margin(double alpha_p, double p, double w, double level);

/* The same for any matrices: total is |Wp|^2, c the eigenvalues of W W^T - Wp^T Wp/alpha_p;
 * w2_end those of the final W W^T; workspace: n. Exact if *exact, that is, if every c_j +
 * total/(alpha_p n) is positive and nothing collapses; otherwise Wp keeps blocks that the
 * eigenvalues do not determine, and this is an estimate. */
size_t ssldyn_waterfill_spectrum(size_t n, double alpha_p, double total, const double c[],
                                 double w2_end[], double *level, bool *exact, double workspace[]);

/* Data with noise: w_j^2 = c_j + p_j^2/alpha_p still holds, but the survivors' p_j are those at
 * which the gradient vanishes, to leading order proportional to lambda_d/lambda_s.
 *   workspace  ssldyn_waterfill_noise_workspace(n) doubles
 * Arguments as above; level is the root mean square of the survivors' p. False if no such state is
 * found. */
size_t ssldyn_waterfill_noise_workspace(size_t n);
bool ssldyn_waterfill_noise(const struct ssldyn_cosine_data *data, double alpha_p, const double p[],
                            const double w[], double p_end[], double w2_end[], double *level,
                            size_t *survivors, double workspace[]);

/* IsoLoss of the cosine without noise, eta_p = 2 eta_s (or no decay): k_j = p_j - alpha_p
 * w_j^2/2 and |Wp|^2 are conserved, so survivors have w_j^2 = 2 (level - k_j)/alpha_p, and
 * collapsed modes p_j = k_j > level. A negative p_j does not trap a mode. */
size_t ssldyn_waterfill_iso(size_t n, double alpha_p, const double p[], const double w[],
                            double p_end[], double w2_end[], double *level);

/* DirectSet(a) with epsilon = 0 on noise-free data: with the eigenvalues f_j = lambda_d w_j^2 of
 * F, sum f_j^b/lambda_d is conserved, b = 1 for the cosine loss and a + 1 for its IsoLoss, and
 * all f_j > 0 end at the value returned; NaN if there is none. */
double ssldyn_waterfill_set(size_t n, const double lambda_d[], const double w2[], double b);

#ifdef __cplusplus
}
#endif

#endif
