/* ssldyn theory: what its parts share. Each part prints what one kind of settings has in closed
 * form, and refuses the options that it does not know. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_THEORY_H
#define SSLDYN_SIM_CLI_THEORY_H

#include "sim/cli/commands.h"
#include "theory/cosine_sgd.h"
#include "theory/margin.h"

/* The parts. */
enum ssldyn_status ssldyn_cli_theory_modes(const struct ssldyn_spec *spec,
                                           struct ssldyn_error *err);
enum ssldyn_status ssldyn_cli_theory_networks(const struct ssldyn_spec *spec,
                                              struct ssldyn_error *err);
enum ssldyn_status ssldyn_cli_theory_data(const struct ssldyn_spec *spec, struct ssldyn_error *err);
enum ssldyn_status ssldyn_cli_theory_depth(const struct ssldyn_spec *spec,
                                           struct ssldyn_error *err);
enum ssldyn_status ssldyn_cli_theory_set(const struct ssldyn_spec *spec, struct ssldyn_error *err);
enum ssldyn_status ssldyn_cli_theory_iso(const struct ssldyn_spec *spec, struct ssldyn_error *err);
enum ssldyn_status ssldyn_cli_theory_cosine(struct ssldyn_spec *spec, struct ssldyn_error *err);
enum ssldyn_status ssldyn_cli_theory_cosine_matrices(struct ssldyn_spec *spec,
                                                     struct ssldyn_error *err);

/* name = value, or name_j = value (from 1) where there are several modes. */
void ssldyn_cli_theory_print(const char *name, size_t j, size_t count, double value);

/* tau where it is held, else 1. */
double ssldyn_cli_theory_tau(const struct ssldyn_spec *spec);

/* alpha_p, eta_p, eta_s, tau, and the time of a step of training. */
void ssldyn_cli_theory_print_rates(const struct ssldyn_spec *spec);

/* beta of a target that moves, and the tau that it has on a mode that collapses. */
void ssldyn_cli_theory_print_target(const struct ssldyn_spec *spec);

/* name_SUFFIX: a weight decay in the units of the training settings, where there are any. */
void ssldyn_cli_theory_print_decay(const struct ssldyn_spec *spec, const char *suffix, size_t j,
                                   size_t count, double eta);

/* factor_NAME of the knobs; of isotropic data the noise is sigma2. */
void ssldyn_cli_theory_print_factors(const struct ssldyn_margin *margin, bool isotropic,
                                     const enum ssldyn_knob knobs[], size_t knob_count, size_t j,
                                     size_t count);

/* A target that never moves has no fold: its size decides. */
bool ssldyn_cli_theory_is_frozen(const struct ssldyn_spec *spec);

/* Whether the end of an orbit is given as a time. */
bool ssldyn_cli_theory_has_end_time(const struct ssldyn_spec *spec);

/* The first of these options (they end with NULL) that is given, or NULL; and EINPUT for it,
 * "--NAME: why". */
const char *ssldyn_cli_theory_given(const struct ssldyn_spec *spec, const char *const names[]);
enum ssldyn_status ssldyn_cli_theory_refuse(const struct ssldyn_spec *spec,
                                            const char *const names[], const char *why,
                                            struct ssldyn_error *err);

/* The cosine itself, a predictor that is trained and one layer: where noise, matrices and SGD are
 * understood. */
bool ssldyn_cli_theory_is_plain(const struct ssldyn_spec *spec);

/* The modes that the lists of options describe: one entry for each mode, or one for all. */
struct ssldyn_cli_theory_list {
    bool isotropic;              /* lambda_d = 1 and lambda_s = c for all */
    size_t count;                /* of modes */
    size_t kinds;                /* of data: 1 of isotropic ones, else count */
    double *lambda_s, *lambda_d; /* count each; owned, in one block that begins at lambda_s */
    double *p, *w;               /* start: wp0 and w0; p0 and sqrt(s0), or on the parabola */
};
enum ssldyn_status ssldyn_cli_theory_list_create(const struct ssldyn_spec *spec,
                                                 struct ssldyn_cli_theory_list *list,
                                                 struct ssldyn_error *err);
/* The modes of --x and --xprime: the eigenvectors of X with their parts of X + X'; no start. */
enum ssldyn_status ssldyn_cli_theory_list_of_data(const struct ssldyn_spec *spec,
                                                  struct ssldyn_cli_theory_list *list,
                                                  struct ssldyn_error *err);
void ssldyn_cli_theory_list_clear(struct ssldyn_cli_theory_list *list);

/* Under the cosine loss: whether steps of SGD are given, and its stationary state. */
struct ssldyn_cli_theory_sgd {
    struct ssldyn_cosine_sgd settings; /* borrows the list */
    size_t rank, rank_next;            /* to leading order in 1/modes, and to next */
    bool next; /* the state is the one to next order: the leading one has none */
    double *p, *w2, *fold;
    double *block; /* of all of these; owned */
};
bool ssldyn_cli_theory_sgd_given(const struct ssldyn_spec *spec);
enum ssldyn_status ssldyn_cli_theory_sgd_find(const struct ssldyn_spec *spec,
                                              const struct ssldyn_cli_theory_list *list,
                                              struct ssldyn_cli_theory_sgd *sgd,
                                              struct ssldyn_error *err);
void ssldyn_cli_theory_sgd_print(const struct ssldyn_cli_theory_sgd *sgd);
void ssldyn_cli_theory_sgd_clear(struct ssldyn_cli_theory_sgd *sgd);

#endif
