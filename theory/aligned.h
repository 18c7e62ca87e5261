/* The flow of aligned networks: M1 under any loss where W, Wa and Wp share their singular vectors
 * with X and X + X'. It is exactly closed in the modes' (p_j, w_j, wa_j), which a loss may couple
 * (THEORY section 10 [D]); M5 is one mode of it under the squared distance.
 *
 * Under a normalized loss every norm decays by weight decay alone, as exp(-eta t), while the rates
 * grow as exp(2 eta t). The variables here are free of that: p = exp(-decay_p t) P, w = exp(-decay_s
 * t) W, wa = exp(-decay_s t) Wa, so that a mode of P, W that stays finite is one that survives
 * beside the others, at any t. With decay_p = decay_s = 0 they are p, w, wa themselves. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_ALIGNED_H
#define SSLDYN_THEORY_ALIGNED_H

#include "theory/cosine_modes.h"
#include "theory/fate.h"
#include "theory/parameters.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the residual of a normalized loss is found: by quadrature, or by its leading terms for many
 * modes (ssldyn_cosine_modes_closure). */
enum ssldyn_aligned_closure { SSLDYN_ALIGNED_EXACT, SSLDYN_ALIGNED_LEADING, SSLDYN_ALIGNED_NEXT };

struct ssldyn_aligned {
    const struct ssldyn_parameters *parameters; /* borrowed; lambda_s, lambda_d are not looked at */
    struct ssldyn_cosine_data data;             /* what both views are; arrays borrowed */
    enum ssldyn_aligned_closure closure;
    double spacing;          /* of the quadrature (cosine_rule.h) */
    double decay_p, decay_s; /* that the variables are free of */
};

/* Chooses decay_p and decay_s for constant rates: the weight decays under a normalized loss whose
 * equations are homogeneous, else 0. */
void ssldyn_aligned_choose_decays(struct ssldyn_aligned *aligned);

/* Variables with an equation: W of every mode, then P of every mode where it is trained, then Wa
 * where the target moves. */
size_t ssldyn_aligned_variables(const struct ssldyn_aligned *aligned);

/* Between the variables y and P, W, Wa (n each) of all modes; what has no equation is computed. */
void ssldyn_aligned_pack(const struct ssldyn_aligned *aligned, const double P[], const double W[],
                         const double Wa[], double y[]);
void ssldyn_aligned_unpack(const struct ssldyn_aligned *aligned, const double y[], double P[],
                           double W[], double Wa[]);

/* Doubles of workspace for rhs and residual. */
size_t ssldyn_aligned_workspace(const struct ssldyn_aligned *aligned);

/* The residual R_j of every mode and the loss at P, W, Wa. A target of exactly 0 is looked at as it
 * is an instant later, in the direction of W. False where R is not finite
 * (ssldyn_cosine_modes_gradient). The loss is always that of exact quadrature; NULL: not wanted. */
bool ssldyn_aligned_residual(const struct ssldyn_aligned *aligned, const double P[],
                             const double W[], const double Wa[], double R[], double *loss,
                             double workspace[]);

/* exp(rate t), by which a rate has grown at time t where the variables are free of decay; at most
 * exp(28): there it has long done its work, and beyond, it would lift what rounding leaves of a
 * residual that is 0. */
double ssldyn_aligned_growth(double rate, double t);

/* dy/dt with every switch: p_j' = alpha_p w_j R_j - eta_p p_j, w_j' = p_j R_j - eta_s w_j (iso
 * losses: R_j - eta_s w_j; no stop-gradient: the residual with the views' roles exchanged as well),
 * wa_j' = beta (w_j - wa_j). now: the parameters at time t. False, with NaN in dydt, where the
 * residual is not finite. dydt must not alias y. */
bool ssldyn_aligned_rhs(const struct ssldyn_aligned *aligned, const struct ssldyn_parameters *now,
                        double t, const double y[], double dydt[], double workspace[]);

#ifdef __cplusplus
}
#endif

#endif
