/* Which knob to turn: each mode of a snapshot as a mode of M5, its fate at the given rates, the
 * factor by which each rate alone must change to reach its fold, and the factor at which its
 * fate flips. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_KNOBS_H
#define SSLDYN_SIM_ALIGN_KNOBS_H

#include "sim/align/verdict.h"
#include "sim/base/error.h"
#include "sim/flow/margins.h"
#include "sim/observe/observer.h"
#include "theory/fate.h"
#include "theory/margin.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Knobs whose flips are always computed: both weight decays; alpha_p; beta; the mode's weights. */
enum ssldyn_flip {
    SSLDYN_FLIP_DECAY,
    SSLDYN_FLIP_ALPHA_P,
    SSLDYN_FLIP_BETA,
    SSLDYN_FLIP_WEIGHTS,
    SSLDYN_FLIPS
};

struct ssldyn_knobs_input {
    size_t n1, n2, count;            /* number of modes wanted: the leading ones */
    const double *row;               /* of ssldyn_layout_matrix; p_j, or wpe_j if p_j is NaN */
    const double *eigenvectors;      /* n2 x n2, columns; used only with snapshot->W */
    struct ssldyn_snapshot snapshot; /* W and Wa may be NULL: then X = I, and w_j^2 = s_j */
    const struct ssldyn_parameters *parameters;
    const struct ssldyn_moments *moments;   /* NULL: X = I, X + X' = c I */
    const struct ssldyn_training *training; /* that determined the rates; NULL: none */
    bool margins;                           /* margins of every knob (sim/flow/margins.h) are
                                             * wanted, too */
};

/* w_j = |W^T u_j|, for an input with W; if the moments are known also lambda_d and lambda_s
 * along v = W^T u_j/w_j, which is left in work (2 n1 doubles). */
double ssldyn_knobs_weight(const struct ssldyn_knobs_input *input, size_t j, double work[],
                           double *lambda_d, double *lambda_s);

struct ssldyn_knobs_mode {
    double s, p, lambda_d, lambda_s; /* lambda: v^T X v and v^T (X + X') v, v = W^T u_j/|W^T u_j| */
    enum ssldyn_fate fate;           /* fate of this mode alone, starting from here */
    struct ssldyn_margin margin;
    double p_minus, p_plus;    /* the pair of fixed points; NaN beyond the fold */
    double flip[SSLDYN_FLIPS]; /* factors at which the fate flips; NaN: none */
};

struct ssldyn_knobs {
    size_t count; /* 0: unknown */
    struct ssldyn_knobs_mode *modes;
    double eta_s;
    bool assumed;                  /* X = I was assumed */
    struct ssldyn_margins margins; /* count 0: not requested */
};

/* Fills knobs (clear it; count is 0 if there is no predictor or a closed-form one, without
 * stop-gradient, or under a loss without folds, where M5 does not apply). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_knobs_find(const struct ssldyn_knobs_input *input,
                                                       struct ssldyn_knobs *knobs,
                                                       struct ssldyn_error *err);
void ssldyn_knobs_clear(struct ssldyn_knobs *knobs);

/* Prints knobs.tsv (the object is struct ssldyn_knobs); appends the sentences to the verdict. */
void ssldyn_knobs_print(const void *knobs, FILE *stream);
void ssldyn_knobs_append(const struct ssldyn_knobs *knobs, struct ssldyn_verdict *verdict);

/* The facts behind the sentences; modes are counted from 1, 0: none. */
struct ssldyn_knobs_summary {
    size_t surviving, beyond, trapped; /* number of modes that survive; that are beyond their
                                        * fold in eta_s; that collapse although they are not
                                        * beyond it */
    size_t nearest;                    /* surviving mode with the smallest margin */
    size_t next;                       /* mode beyond the fold with the largest margin */
    size_t halved;                     /* number of modes beyond the fold, but not at half the
                                        * decay */
    size_t edge;                       /* trapped mode nearest to p*- */
    size_t early;                      /* surviving mode that collapses at the smallest increase
                                        * of the decay, if that is smaller than to the nearest
                                        * fold */
    size_t margins;                    /* number of modes with margins of every knob */
    bool shared;                       /* all surviving modes have the same margin */
    double fold;                       /* weight decay at the fold of the nearest mode; NaN: none */
};
struct ssldyn_knobs_summary ssldyn_knobs_sum(const struct ssldyn_knobs *knobs);

#endif
