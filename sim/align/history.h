/* Summaries of the snapshots, for the verdict. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_HISTORY_H
#define SSLDYN_SIM_ALIGN_HISTORY_H

#include "sim/align/parabola_fit.h"
#include "sim/align/plateau.h"
#include "sim/align/spread.h"
#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The accuracy of a predictor that was estimated from samples (effective.h). */
struct ssldyn_effective_summary {
    double share, share_error;
    size_t directions; /* number of directions in which the inputs vary; 0: the predictor was
                        * given */
    size_t modes;      /* n */
    size_t unresolved; /* number of fitted modes with p_j within three errors of 0 */
};

/* Summary of one snapshot. NaN: unknown. */
struct ssldyn_summary {
    double t;
    double largest;                 /* s_1 */
    double effective_rank;          /* measures.h, of the covariance */
    size_t alive;                   /* modes of F above the floor */
    double cosine;                  /* mean |cos_j| of the leading eight modes alive */
    double asymmetry;               /* |Wp - Wp^T|/|Wp| */
    double corr_wa_w;               /* Assumption 1: it is 1 if Wa = tau W */
    double cosine_signed;           /* mean cos_j of the same modes */
    double cosine_chance;           /* tr Wp/(sqrt(n) |Wp|_F): the value for a random direction */
    size_t leading, turned;         /* number of those modes; number with cos_j < 0 */
    struct ssldyn_parabola_fit fit; /* of p_j and s_j of the leading modes alive */
    struct ssldyn_plateau plateau;  /* of all usable modes; empty if only the squared distance is
                                     * considered */
    double run_alpha_p;             /* alpha_p if F = Wp^2/alpha_p should hold; NaN: unknown */
    bool whitened;                  /* X = I is known: s_j is w_j^2 */
    bool weights;                   /* the fit uses w_j^2 = u_j^T W W^T u_j instead of s_j (X is not
                                  * I) */
    bool sorted;                    /* p_j are sorted eigenvalues of Wp, not matched with mode j */
    struct ssldyn_spread spread;    /* about the mean */
    struct ssldyn_effective_summary effective;
};

/* Growing list of summaries. */
struct ssldyn_history {
    size_t count, capacity;
    struct ssldyn_summary *items; /* owned */
};
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_history_add(struct ssldyn_history *history,
                                                        const struct ssldyn_summary *summary,
                                                        struct ssldyn_error *err);
void ssldyn_history_clear(struct ssldyn_history *history);

#endif
