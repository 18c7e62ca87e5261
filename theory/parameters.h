/* The parameters of the dynamics, in the symbols of the paper: rates, switches, the rule of the
 * predictor, and the data of the isotropic and low-dimensional models. Pure data. Names, ranges,
 * defaults and meanings are defined once, in the list at the end, which option parsing, help,
 * experiment files and sweeps all use. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_PARAMETERS_H
#define SSLDYN_THEORY_PARAMETERS_H

#include "theory/losses.h"
#include "theory/rules.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How the eigenvalues of F are scaled before a closed-form rule: not at all (the paper's text),
 * or by the largest one (the authors' code). */
enum ssldyn_normalization { SSLDYN_NORMALIZE_NONE, SSLDYN_NORMALIZE_LARGEST };

/* Which correlation of its input a closed-form rule uses: that of two views of one datum, E[f1
 * f2^T] = W X W^T, the theory's F; or that of one view with itself, E[f f^T] = W (X + X') W^T,
 * Eq. 18. */
enum ssldyn_correlation { SSLDYN_CORRELATION_CROSS_VIEW, SSLDYN_CORRELATION_SAME_VIEW };

/* What an encoder of several layers predicts (THEORY section 11): the target's representation, or
 * the data; and what its target averages: each of its layers, or their product. */
enum ssldyn_depth_target {
    SSLDYN_DEPTH_JEPA,
    SSLDYN_DEPTH_MAE,
    SSLDYN_DEPTH_ISO /* JEPA under IsoLoss, in theory/depth.h alone */
};
enum ssldyn_depth_average { SSLDYN_DEPTH_OF_LAYERS, SSLDYN_DEPTH_OF_PRODUCT };
enum { SSLDYN_DEPTH_MOST = 64 }; /* maximum number of layers */

/* Rates in units of the online network's learning rate; flow time t = lr * step. */
struct ssldyn_rates {
    double alpha_p; /* predictor's learning rate / online network's, > 0 */
    double beta;    /* EMA rate, >= 0; 0 freezes the target */
    double eta_p;   /* weight decay of the predictor, >= 0 */
    double eta_s;   /* weight decay of the online network, >= 0 */
    double c;       /* 1 + sigma2: augmentation strength of the isotropic case, >= 1 */
};

struct ssldyn_parameters {
    struct ssldyn_rates rates;
    double lambda_s; /* lowdim (M5): eigenvalue of X + X', > 0 */
    double lambda_d; /* lowdim (M5): eigenvalue of X, >= 0 */
    double tau;      /* the constant ratio Wa = tau W; only if tau_held */
    bool tau_held;   /* --tau T (SimSiam: T = 1): Wa is tied to tau W and has no equation */
    bool stop_grad;  /* false: Thm 2, the gradient also flows through the target */
    bool predictor;  /* false: Wp is the identity */
    bool symmetric;  /* Wp(0) and dWp/dt are replaced by their symmetric parts (Assumption 3) */
    enum ssldyn_loss_choice loss;
    enum ssldyn_predictor_rule rule;
    double set_power; /* a of DirectSet, > 0 */
    double epsilon;   /* regularization of the closed-form rules, >= 0 */
    double set_shift; /* c_j of Eq. 19's variant: p = sqrt(max(s - shift, 0)), >= 0 */
    enum ssldyn_normalization normalization;
    enum ssldyn_correlation correlation; /* for spectral rules */
    int64_t depth;                       /* layers of the encoder; 0 means 1 */
    enum ssldyn_depth_target target;
    enum ssldyn_depth_average ema_of;
};

/* The same for a mode of M3, M4 or of isotropic M1, M2 as one of M5. */
static inline struct ssldyn_parameters
ssldyn_parameters_isotropic(const struct ssldyn_parameters *parameters)
{
    struct ssldyn_parameters mode = *parameters;
    mode.lambda_s = parameters->rates.c;
    mode.lambda_d = 1.0;
    return mode;
}

/* The properties of each parameter: its option's name, default (as text), range and meaning, as
 * initializers for any struct that has these members. All parameters must be finite. */
#define SSLDYN_PARAMETER_ALPHA_P                                                                   \
    .name = "alpha-p", .argument = "RATIO", .default_text = "1", .minimum = 0.0,                   \
    .minimum_open = true, .maximum = HUGE_VAL,                                                     \
    .help = "learning rate of the predictor over that of the online network (alpha_p)"
#define SSLDYN_PARAMETER_BETA                                                                      \
    .name = "beta", .argument = "RATE", .default_text = "0.4", .minimum = 0.0,                     \
    .maximum = HUGE_VAL,                                                                           \
    .help = "EMA rate of the target in flow time; 0 freezes the target. If each step keeps the "   \
            "share gamma of the target, beta = (1 - gamma)(1 - mu)/lr at momentum mu: "            \
            "a step of SGD moves it by beta lr/(1 - mu) of its distance to the online network"
#define SSLDYN_PARAMETER_ETA                                                                       \
    .name = "eta", .argument = "RATE", .default_text = "0.04", .minimum = 0.0,                     \
    .maximum = HUGE_VAL,                                                                           \
    .help = "weight decay of both networks, per unit of flow time (that of the optimizer at loss " \
            "factor 1)"
#define SSLDYN_PARAMETER_ETA_P                                                                     \
    .name = "eta-p", .argument = "RATE", .minimum = 0.0, .maximum = HUGE_VAL,                      \
    .help = "weight decay of the predictor alone (default: --eta)"
#define SSLDYN_PARAMETER_ETA_S                                                                     \
    .name = "eta-s", .argument = "RATE", .minimum = 0.0, .maximum = HUGE_VAL,                      \
    .help = "weight decay of the online network alone (default: --eta)"
#define SSLDYN_PARAMETER_SIGMA2                                                                    \
    .name = "sigma2", .argument = "VARIANCE", .default_text = "0.25", .minimum = 0.0,              \
    .maximum = HUGE_VAL,                                                                           \
    .help = "augmentation variance of isotropic data: X = I, X' = sigma2 I, c = 1 + sigma2"
#define SSLDYN_PARAMETER_LAMBDA_S                                                                  \
    .name = "lambda-s", .argument = "LIST", .default_text = "1.25", .minimum = 0.0,                \
    .minimum_open = true, .maximum = HUGE_VAL,                                                     \
    .help = "eigenvalue of X + X' (augmented data), one value for all modes or one per mode"
#define SSLDYN_PARAMETER_LAMBDA_D                                                                  \
    .name = "lambda-d", .argument = "LIST", .default_text = "1", .minimum = 0.0,                   \
    .maximum = HUGE_VAL,                                                                           \
    .help = "eigenvalue of X (augmentation-averaged data), one value for all modes or one "        \
            "per mode"
#define SSLDYN_PARAMETER_TAU                                                                       \
    .name = "tau", .argument = "RATIO", .minimum = 0.0, .maximum = HUGE_VAL,                       \
    .help = "hold the target at Wa = tau W instead of moving it by an EMA (SimSiam: 1)"
#define SSLDYN_PARAMETER_SET_POWER                                                                 \
    .name = "set-power", .argument = "POWER", .default_text = "0.5", .minimum = 0.0,               \
    .minimum_open = true, .maximum = 8.0,                                                          \
    .help = "exponent a of --predictor directset, Wp = F^a (1/2: DirectPred, 1: DirectCopy)"
#define SSLDYN_PARAMETER_EPSILON                                                                   \
    .name = "epsilon", .argument = "SHARE", .default_text = "0", .minimum = 0.0,                   \
    .maximum = HUGE_VAL,                                                                           \
    .help =                                                                                        \
        "regularization of a closed-form predictor: epsilon times the largest eigenvalue of the "  \
        "correlation is added to every p_j (with --predictor optimal, epsilon is added to the "    \
        "correlation)"
#define SSLDYN_PARAMETER_SET_SHIFT                                                                 \
    .name = "set-shift", .argument = "VALUE", .default_text = "0", .minimum = 0.0,                 \
    .maximum = HUGE_VAL, .help = "constant c_j of the paper's Eq. 19: p = sqrt(max(s - c_j, 0))"

#ifdef __cplusplus
}
#endif

#endif
