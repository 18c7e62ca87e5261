/* The flow of aligned networks: M1 under any loss if W, Wa and Wp share their singular vectors
 * with X and X + X'. It is exactly closed in (p_j, w_j, wa_j) of the modes, which a loss may
 * couple (THEORY section 10 [D]); M5 is one mode of it under the squared distance.
 *
 * Under a normalized loss every norm decays by weight decay alone, as exp(-eta t), while the rates
 * grow as exp(2 eta t). The variables here have this factored out: p = exp(-decay_p t) P, w =
 * exp(-decay_s t) W, wa = exp(-decay_a t) Wa, so a mode with finite P, W survives relative to the
 * others, at any t. A target that follows more slowly than the weights decay, decays at its own
 * rate beta. With decay_p = decay_s = decay_a = 0 they are p, w, wa themselves.
 *
 * An encoder of L layers has w_j = v_{1j} ... v_{Lj} (section 11), and its layers as variables, each
 * with the decay of a W factored out; of the target its layers, or their product, each with its own
 * decay_a. An MAE has the target wa_j = 1. */
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

/* The residual of a normalized loss: by quadrature, or by its leading terms for many modes
 * (ssldyn_cosine_modes_closure). */
enum ssldyn_aligned_closure { SSLDYN_ALIGNED_EXACT, SSLDYN_ALIGNED_LEADING, SSLDYN_ALIGNED_NEXT };

struct ssldyn_aligned {
    const struct ssldyn_parameters *parameters; /* borrowed; lambda_s, lambda_d are not used */
    struct ssldyn_cosine_data data;             /* the moments of the two views; arrays borrowed */
    enum ssldyn_aligned_closure closure;
    double spacing; /* of the quadrature (cosine_rule.h) */
    /* the decays that are factored out of the variables: of P, of a layer, and of a variable of the
     * target */
    double decay_p, decay_s, decay_a;
};

/* Chooses them for constant rates: the weight decays under a normalized loss whose equations are
 * homogeneous, else 0. */
void ssldyn_aligned_choose_decays(struct ssldyn_aligned *aligned);

/* The decay that is factored out of Wa, the product of the target's variables, or tau W. */
double ssldyn_aligned_target_decay(const struct ssldyn_aligned *aligned);

/* Number of variables with an equation: W of every mode, or every mode's first layer, second layer
 * and so on, then P of every mode if it is trained, then Wa if the target moves, or its layers. */
size_t ssldyn_aligned_variables(const struct ssldyn_aligned *aligned);

/* Layers, 1 at least, and variables of the target per mode: 0, 1, or as many as layers. */
size_t ssldyn_aligned_layers(const struct ssldyn_aligned *aligned);
size_t ssldyn_aligned_targets(const struct ssldyn_aligned *aligned);

/* Puts P (n), the layers W (n for each) and the target's variables Wa (n for each) into y; and
 * computes P, W and Wa (n each, the products of layers) of all modes from it. */
void ssldyn_aligned_pack(const struct ssldyn_aligned *aligned, const double P[], const double W[],
                         const double Wa[], double y[]);
void ssldyn_aligned_unpack(const struct ssldyn_aligned *aligned, const double y[], double P[],
                           double W[], double Wa[]);

/* Doubles of workspace for rhs and residual. */
size_t ssldyn_aligned_workspace(const struct ssldyn_aligned *aligned);

/* The residual R_j of every mode and the loss at P, W, Wa. A target of exactly 0 is replaced by
 * its direction an instant later, that of W. False if R is not finite
 * (ssldyn_cosine_modes_gradient). The loss is always that of exact quadrature; NULL: not needed. */
bool ssldyn_aligned_residual(const struct ssldyn_aligned *aligned, const double P[],
                             const double W[], const double Wa[], double R[], double *loss,
                             double workspace[]);

/* The factors by which the rates of a layer and of P have grown at time t in the variables with the
 * decays factored out, exp(2 decay_s t) and exp(2 decay_p t) (of a layer under an iso loss exp((2 decay_s
 * + decay_p) t)). The larger one is at most exp(28), and their ratio is kept: by then they have had
 * their full effect, and larger ones would only amplify the rounding errors of a residual that is
 * 0. */
void ssldyn_aligned_growth(const struct ssldyn_aligned *aligned, double t, double *of_w,
                           double *of_p);

/* What the target follows, with its decay factored out, over the same with the target's: 1, or less
 * if the weights decay faster. */
double ssldyn_aligned_lead(const struct ssldyn_aligned *aligned, double t);

/* dy/dt with all options: dp_j/dt = alpha_p w_j R_j - eta_p p_j, dw_j/dt = p_j R_j - eta_s w_j
 * (iso losses: R_j - eta_s w_j; no stop-gradient: plus the residual with the views exchanged),
 * dwa_j/dt = beta (w_j - wa_j); of layers dv_lj/dt = p_j R_j w_j/v_lj - eta_s v_lj. now: the parameters at time t. False, with NaN in dydt, if the
 * residual is not finite. dydt must not alias y. */
bool ssldyn_aligned_rhs(const struct ssldyn_aligned *aligned, const struct ssldyn_parameters *now,
                        double t, const double y[], double dydt[], double workspace[]);

#ifdef __cplusplus
}
#endif

#endif
