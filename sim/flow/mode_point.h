/* One mode of a problem as a point of an ensemble, with its options as numbers that sweeps and
 * searches may change. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MODE_POINT_H
#define SSLDYN_SIM_FLOW_MODE_POINT_H

#include "sim/base/error.h"
#include "sim/ensemble/ensemble.h"
#include "sim/problem/problem.h"

/* The numbers of one mode, named like their options. */
struct ssldyn_mode_point {
    const struct ssldyn_problem *deep; /* borrowed: the problem of a deep encoder, else NULL */
    enum ssldyn_model_name model;      /* a model with SSLDYN_HAS_KERNEL */
    struct ssldyn_rates rates;         /* all but c, which is 1 + sigma2 */
    double sigma2, lambda_s, lambda_d;
    double tau; /* NaN: the target follows its own equation */
    double p0, s0, tau0;
    double wp0, w0, wa0;
    bool predictor;
    struct ssldyn_training training; /* NaN for settings that are not given; given ones determine
                                      * some of the rates */
};

enum { SSLDYN_MODE_POINT_SLOTS = 22 };

/* From a derived problem. EINPUT: a model without modes, several modes, a closed-form predictor,
 * no stop-gradient. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_mode_point_init(struct ssldyn_mode_point *point,
                                                            const struct ssldyn_problem *problem,
                                                            struct ssldyn_error *err);

/* Number of the option of that name (with dashes), to be passed to set; -1: it is not a number
 * of a mode. "eta" is both decays; a training setting also changes the rates that it determines. */
int ssldyn_mode_point_slot(const char *name);
const char *ssldyn_mode_point_name(int slot);
void ssldyn_mode_point_set(struct ssldyn_mode_point *point, int slot, double value);
double ssldyn_mode_point_value(const struct ssldyn_mode_point *point, int slot);

/* Not for a deep encoder. */
struct ssldyn_ensemble_point ssldyn_mode_point_start(const struct ssldyn_mode_point *point);

/* The same mode as parameters of M5; isotropic data are lambda_s = c, lambda_d = 1, and tau is 1
 * if the target follows its own equation. */
struct ssldyn_parameters ssldyn_mode_point_parameters(const struct ssldyn_mode_point *point);

/* The value of the slot's option that puts the mode on its fold (theory/margin.h), all other
 * numbers fixed; NaN if there is none, and without a predictor. */
double ssldyn_mode_point_on_fold(const struct ssldyn_mode_point *point, int slot);

#endif
