/* An encoder of L layers: folds, fixed points, stability and times of one balanced mode (THEORY
 * section 11 [D]). All weights of the mode are v = p/sqrt(alpha_p), the target follows
 * instantly.
 *   JEPA  dp/dt = alpha_p^(1-L) p^(2L) (lambda_d - p lambda_s) - eta p; L = 1 is M4 at tau = 1
 *   MAE   dp/dt = alpha_p^(1-L/2) p^L (lambda_d - alpha_p^(-L/2) p^(L+1) lambda_s) - eta p
 *   ISO   the IsoLoss of JEPA, dp/dt = alpha_p v^(2L) (lambda_d - p lambda_s) - eta_p p, dv/dt =
 *         v^(2L-1) (lambda_d - p lambda_s) - eta v: it rests where v^2 = eta_p p/(alpha_p eta) and
 *         alpha_p^(1-L) p^(L-1) (lambda_d - p lambda_s) = eta (with ssldyn_depth_balanced). Of it are
 *         known the folds, fixed points and rates; the other functions are not for it.
 * lambda_s is the variance of the context, lambda_d its covariance with the target. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_DEPTH_H
#define SSLDYN_THEORY_DEPTH_H

#include "theory/margin.h"

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ssldyn_depth {
    enum ssldyn_depth_target target;
    unsigned layers; /* L >= 1 */
    double alpha_p;  /* > 0 */
    double eta; /* weight decay of all layers (and of the predictor unless eta_p is given), >= 0 */
    double lambda_s; /* > 0 */
    double lambda_d; /* > 0 */
};

/* dp/dt on the balanced manifold, and its derivative, the growth rate along it at a fixed point;
 * across it perturbations decay at 2 eta. */
double ssldyn_depth_velocity(const struct ssldyn_depth *mode, double p);
double ssldyn_depth_slope(const struct ssldyn_depth *mode, double p);

/* Weight decay beyond which a mode collapses from every start. JEPA: k_L alpha_p^(1-L)
 * lambda_d^(2L)/lambda_s^(2L-1), k_L = (2L-1)^(2L-1)/(2L)^(2L). MAE with one layer: where the
 * origin becomes stable, sqrt(alpha_p) lambda_d. */
double ssldyn_depth_fold(const struct ssldyn_depth *mode);

/* Two decays, eta_s of the layers and eta_p > 0 of the predictor, balance at v^2 = eta_p
 * p^2/(alpha_p eta_s): this is the mode with a common decay that has the same fixed points.
 * alpha_p is replaced by alpha_p eta_s/eta_p. */
struct ssldyn_depth ssldyn_depth_balanced(const struct ssldyn_depth *mode, double eta_p);

/* The fold in eta_s at constant eta_p, and the distance to it: the factor by which each knob
 * alone must change to reach it is (eta_s/fold)^(1/elasticity), since the fold is a product of
 * powers. For layers >= 2 a larger eta_p raises JEPA's and lowers MAE's. lambda_d is tau times
 * the data's if tau is held; NOISE is lambda_s - lambda_d. */
void ssldyn_depth_margin(const struct ssldyn_depth *mode, double eta_p,
                         struct ssldyn_margin *margin);

/* The weight v of each layer at a fixed point p of a mode with a common decay. */
double ssldyn_depth_layer(const struct ssldyn_depth *mode, double p);

/* Growth rates at a fixed point p of (p, v), all layers equal: the slower of the two (with equal
 * decays along the manifold), and the other; both the real part if they are a complex pair.
 * Differences between layers decay at 2 eta_s, L - 1 times. */
void ssldyn_depth_rates(const struct ssldyn_depth *mode, double eta_p, double p, double *along,
                        double *across);

/* p at which the pair of fixed points appears, and the pair, p[0] < p[1]: the edge of the
 * collapse basin and the surviving fixed point. NaN beyond the fold; p[0] = 0 if the origin is
 * unstable. */
double ssldyn_depth_turn(const struct ssldyn_depth *mode);
void ssldyn_depth_fixedpoints(const struct ssldyn_depth *mode, double p[2]);

/* The edge of the collapse basin if the target is an average that starts from zero, JEPA with
 * equal decays: p- + alpha_p^(1-L) p-^(2L) lambda_d H/beta to first order in 1/beta. H = 1 if
 * the product of the layers is averaged, 1 + 1/2 + ... + 1/L if each layer is, which collapses
 * more starts. A target that starts as a copy leaves the edge at p-. */
double ssldyn_depth_edge(const struct ssldyn_depth *mode, double beta, bool each_layer);

/* Flow time from p0 to p1; infinite if a fixed point lies between them or at the end, NaN if the
 * flow leads away. */
double ssldyn_depth_time(const struct ssldyn_depth *mode, double p0, double p1);

#ifdef __cplusplus
}
#endif

#endif
