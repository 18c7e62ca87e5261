/* The columns of the traces of modes (M3, M4) and of their networks (M5), which have three more; as
 * in layout_matrix.h, each is one row of a list. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OBSERVE_LAYOUT_MODES_H
#define SSLDYN_SIM_OBSERVE_LAYOUT_MODES_H

#include "sim/io/layout.h"

/* X(NAME, "name", "meaning", value) for every mode. The value is an expression in the mode's state
 * (model/mode.h) and the run's parameters and rates, those of M5. */
#define SSLDYN_MODES_COLUMNS(X)                                                                    \
    X(P, "p", "eigenvalue of the predictor Wp", state->p)                                          \
    X(S, "s", "eigenvalue of F, the correlation of the predictor's input", state->s)               \
    X(TAU, "tau", "ratio of the target's weight to the online one's", state->tau)                  \
    X(C, "c", "s - p^2/alpha_p, which decays as exp(-2 eta t)",                                    \
      ssldyn_modes_balance(rates, state->p, state->s))                                             \
    X(K, "k", "decay rate K_j of the commutator (Thm 3)", alignment_rate(parameters, rates, state))

#define SSLDYN_MODES_NETWORK_COLUMNS(X)                                                            \
    X(WP, "wp", "predictor's weight", state->wp)                                                   \
    X(W, "w", "online network's weight", state->w)                                                 \
    X(WA, "wa", "target network's weight", state->wa)

/* For a deep encoder. */
#define SSLDYN_MODES_DEEP_COLUMNS(X)                                                               \
    X(P, "p", "predictor's weight", state->p)                                                      \
    X(S, "s", "w^2", state->s)                                                                     \
    X(TAU, "tau", "ratio of the target's weight to the online one's", state->tau)                  \
    X(C, "c", "v_min^2 - p^2/alpha_p, which decays as exp(-2 eta t)",                              \
      state->least - state->p * state->p / rates->alpha_p)                                         \
    X(W, "w", "online network's weight, the product of its layers", state->w)                      \
    X(WA, "wa", "target network's weight, a product as well", state->wa)                           \
    X(V_MIN, "v_min", "size of the smallest layer's weight", sqrt(state->least))                   \
    X(V_MAX, "v_max", "size of the largest layer's weight", sqrt(state->most))

extern const struct ssldyn_layout ssldyn_layout_modes;
extern const struct ssldyn_layout ssldyn_layout_lowdim;
/* The same with the loss, for coupled modes. */
extern const struct ssldyn_layout ssldyn_layout_modes_coupled;
extern const struct ssldyn_layout ssldyn_layout_lowdim_coupled;
extern const struct ssldyn_layout ssldyn_layout_deep;
extern const struct ssldyn_layout ssldyn_layout_deep_coupled;

#endif
