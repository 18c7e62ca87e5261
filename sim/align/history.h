/* What an analysis keeps of each snapshot, for the verdict. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_HISTORY_H
#define SSLDYN_SIM_ALIGN_HISTORY_H

#include "sim/base/error.h"

#include <stddef.h>

/* One snapshot, summed up. NaN: unknown. */
struct ssldyn_summary {
    double t;
    double largest;        /* s_1 */
    double effective_rank; /* measures.h */
    size_t alive;          /* modes above the floor */
    double cosine;         /* mean |cos_j| of the leading eight modes alive */
    double asymmetry;      /* |Wp - Wp^T|/|Wp| */
    double corr_wa_w;      /* Assumption 1: 1 where Wa = tau W */
    double slope, slope_low, slope_high, residual; /* of log p on log s */
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
