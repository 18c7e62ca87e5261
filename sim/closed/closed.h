/* Closed-form results for a spec, without integration: the parts of ssldyn theory. Each part
 * adds the values of one kind of settings to a result, and refuses the options that it does not
 * support before it adds the first value. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLOSED_CLOSED_H
#define SSLDYN_SIM_CLOSED_CLOSED_H

#include "sim/base/error.h"
#include "sim/options/spec.h"
#include "sim/result/result.h"
#include "theory/cosine_sgd.h"
#include "theory/margin.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- the parts: EINPUT, EDOMAIN, ENOMEM */

/* The squared distance, one layer and a trained predictor: a mode of isotropic data, networks of
 * data modes, and data whose X and X' do not commute. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_modes(const struct ssldyn_spec *spec,
                                                         struct ssldyn_result *result,
                                                         struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_networks(const struct ssldyn_spec *spec,
                                                            struct ssldyn_result *result,
                                                            struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_data(const struct ssldyn_spec *spec,
                                                        struct ssldyn_result *result,
                                                        struct ssldyn_error *err);

/* The same of the pair of --sxx and --syx: networks of its modes, or, where it has none, the whole. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_pair(const struct ssldyn_spec *spec,
                                                        struct ssldyn_result *result,
                                                        struct ssldyn_error *err);

/* An encoder of several layers; a closed-form predictor; IsoLoss; the cosine, for modes or for
 * the matrices of a start, which are read into the spec's problem and must be released by the
 * caller. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_depth(const struct ssldyn_spec *spec,
                                                         struct ssldyn_result *result,
                                                         struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_set(const struct ssldyn_spec *spec,
                                                       struct ssldyn_result *result,
                                                       struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_iso(const struct ssldyn_spec *spec,
                                                       struct ssldyn_result *result,
                                                       struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_cosine(struct ssldyn_spec *spec,
                                                          struct ssldyn_result *result,
                                                          struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_cosine_matrices(struct ssldyn_spec *spec,
                                                                   struct ssldyn_result *result,
                                                                   struct ssldyn_error *err);

/* Rows instead of values: the table that spec->table names, for pictures. The start options
 * (--p0, --s0, --wp0, --w0, --wa0) give the points or the grid at which it is evaluated; EINPUT
 * for one that the table needs and the user left out. The modes and the parabola use the spec's
 * constant tau (1 if tau is not held). Columns:
 *   fixedpoints  p s along across stable (modes) or wp w wa stable (lowdim); on a line of fixed
 *                points one row for each value of --p0 and --s0, or of --w0
 *   velocity     p s velocity: the invariant parabola and dp/dt on it, for each --p0
 *   field        p s dp ds (modes), on the grid of --p0 and --s0; or wp w wa dwp dw dwa (lowdim),
 *                on the grid of --wp0, --w0, --wa0, or of --w0 and --wa0 if wp is tied or the
 *                identity
 *   nullclines   lowdim: w wp_still w_still wa_still, for each --w0: the wp at which dwp/dt = 0 (at
 *   the
 *                first --wa0), the wa at which dw/dt = 0, and the wa at which dwa/dt = 0 */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_table(const struct ssldyn_spec *spec,
                                                         struct ssldyn_result *result,
                                                         struct ssldyn_error *err);

/* ---- values shared by several parts */

/* alpha_p, eta_p, eta_s, tau, and the flow time of a training step. */
void ssldyn_closed_put_rates(struct ssldyn_result *result, const struct ssldyn_spec *spec);

/* beta of a moving target, and the tau that it approaches on a collapsing mode. */
void ssldyn_closed_put_target(struct ssldyn_result *result, const struct ssldyn_spec *spec);

/* SETTING_SUFFIX: a weight decay in the units of the training settings, if there are any. */
void ssldyn_closed_put_decay(struct ssldyn_result *result, const struct ssldyn_spec *spec,
                             const char *suffix, size_t j, size_t count, double eta);

/* factor_NAME of the knobs; for isotropic data the noise is sigma2. */
void ssldyn_closed_put_factors(struct ssldyn_result *result, const struct ssldyn_margin *margin,
                               bool isotropic, const enum ssldyn_knob knobs[], size_t knob_count,
                               size_t j, size_t count);

/* ---- queries on a spec */

/* tau if it is held, else 1. */
double ssldyn_closed_tau(const struct ssldyn_spec *spec);

/* A target that never moves has no fold: its size decides. */
bool ssldyn_closed_is_frozen(const struct ssldyn_spec *spec);

/* Whether the end of an orbit is given as a time. */
bool ssldyn_closed_has_end_time(const struct ssldyn_spec *spec);

/* The first given one of these options (the list ends with NULL), or NULL; and EINPUT for it,
 * "--NAME: why". */
const char *ssldyn_closed_given(const struct ssldyn_spec *spec, const char *const names[]);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_refuse(const struct ssldyn_spec *spec,
                                                          const char *const names[],
                                                          const char *why,
                                                          struct ssldyn_error *err);

/* The cosine loss itself, a trained predictor and one layer: the settings for which noise,
 * matrices and SGD are understood. */
bool ssldyn_closed_is_plain(const struct ssldyn_spec *spec);

/* The modes that the lists of options describe: one entry per mode, or one for all. */
struct ssldyn_closed_list {
    bool isotropic;              /* lambda_d = 1 and lambda_s = c for all */
    size_t count;                /* number of modes */
    size_t kinds;                /* kinds of data: 1 if isotropic, else count */
    double *lambda_s, *lambda_d; /* count each; owned, in one block that starts at lambda_s */
    double *p, *w;               /* start: wp0 and w0; p0 and sqrt(s0), or on the parabola */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_list_create(const struct ssldyn_spec *spec,
                                                               struct ssldyn_closed_list *list,
                                                               struct ssldyn_error *err);
/* The modes of --x and --xprime: the eigenvectors of X with their quadratic forms of X + X'; no
 * start. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_list_of_data(const struct ssldyn_spec *spec,
                                                                struct ssldyn_closed_list *list,
                                                                struct ssldyn_error *err);
/* The modes that --sxx and --syx have in common; EINPUT where they have none. lambda_d is |Syx| there:
 * the mode of a negative one is learnt like its mirror, with -Wp. No start. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_list_of_pair(const struct ssldyn_spec *spec,
                                                                struct ssldyn_closed_list *list,
                                                                struct ssldyn_error *err);
void ssldyn_closed_list_clear(struct ssldyn_closed_list *list);

/* Under the cosine loss: whether SGD steps are given, and the stationary state of SGD. */
struct ssldyn_closed_sgd {
    struct ssldyn_cosine_sgd settings; /* borrows the list */
    size_t rank, rank_next;            /* to leading order in 1/modes, and to next order */
    bool next; /* the state is that to next order: the leading order has none */
    double *p, *w2, *fold;
    double *block; /* holds all of these; owned */
};
bool ssldyn_closed_sgd_given(const struct ssldyn_spec *spec);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_sgd_find(const struct ssldyn_spec *spec,
                                                            const struct ssldyn_closed_list *list,
                                                            struct ssldyn_closed_sgd *sgd,
                                                            struct ssldyn_error *err);
void ssldyn_closed_sgd_put(struct ssldyn_result *result, const struct ssldyn_closed_sgd *sgd);
void ssldyn_closed_sgd_clear(struct ssldyn_closed_sgd *sgd);

/* The layers of a deep encoder under the cosine: refuses what has no closed form; replaces each w,
 * the product of a mode's layers, by the smallest of them, which decides; and gives the product of
 * the squares in the final state of mode j, w2 being that of its smallest layer. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_closed_layers_check(const struct ssldyn_spec *spec,
                                                                struct ssldyn_error *err);
void ssldyn_closed_layers_take_smallest(const struct ssldyn_spec *spec,
                                        struct ssldyn_closed_list *list);
double ssldyn_closed_layers_product(const struct ssldyn_spec *spec,
                                    const struct ssldyn_closed_list *list, size_t j, double w2);

#endif
