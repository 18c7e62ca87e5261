/* An encoder of L layers: folds, fixed points, stability and times of one balanced mode (THEORY
 * section 11 [D]). All weights of the mode are v = p/sqrt(alpha_p), the target follows at once.
 *   JEPA  p' = alpha_p^(1-L) p^(2L) (lambda_d - p lambda_s) - eta p; L = 1 is M4 at tau = 1
 *   MAE   p' = alpha_p^(1-L/2) p^L (lambda_d - alpha_p^(-L/2) p^(L+1) lambda_s) - eta p
 * lambda_s is the variance of the context, lambda_d its covariance with the target. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_DEPTH_H
#define SSLDYN_THEORY_DEPTH_H

#include <stddef.h>

enum ssldyn_depth_target {
    SSLDYN_DEPTH_JEPA, /* the target is predicted in the representation */
    SSLDYN_DEPTH_MAE   /* the data are predicted */
};

struct ssldyn_depth {
    enum ssldyn_depth_target target;
    unsigned layers; /* L >= 1 */
    double alpha_p;  /* > 0 */
    double eta;      /* weight decay of all layers, >= 0 */
    double lambda_s; /* > 0 */
    double lambda_d; /* > 0 */
};

/* p' on the balanced manifold, and its derivative, the growth rate along it at a fixed point;
 * across it perturbations decay at 2 eta. */
double ssldyn_depth_velocity(const struct ssldyn_depth *mode, double p);
double ssldyn_depth_slope(const struct ssldyn_depth *mode, double p);

/* Weight decay beyond which a mode collapses from every start. JEPA: k_L alpha_p^(1-L)
 * lambda_d^(2L)/lambda_s^(2L-1), k_L = (2L-1)^(2L-1)/(2L)^(2L). MAE with one layer: where the
 * origin becomes stable, sqrt(alpha_p) lambda_d. */
double ssldyn_depth_fold(const struct ssldyn_depth *mode);

/* The fold in eta_s of JEPA where the predictor decays at eta_p: for L >= 2 a larger eta_p raises
 * it. */
double ssldyn_depth_fold_decays(const struct ssldyn_depth *mode, double eta_p);

/* p where the pair of fixed points appears, and the pair, p[0] < p[1]: the edge of the basin of
 * collapse and what survives. NaN beyond the fold; p[0] = 0 where the origin is unstable. */
double ssldyn_depth_turn(const struct ssldyn_depth *mode);
void ssldyn_depth_fixedpoints(const struct ssldyn_depth *mode, double p[2]);

/* Flow time from p0 to p1; infinite where a fixed point lies between or at the end, NaN where the
 * flow leads away. */
double ssldyn_depth_time(const struct ssldyn_depth *mode, double p0, double p1);

#endif
