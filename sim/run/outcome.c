/* What is kept of a run that leaves no directory. */
// SPDX-License-Identifier: MIT
#include "sim/run/outcome.h"

#include "sim/base/memory.h"

#include <math.h>
#include <stdlib.h>

void ssldyn_outcome_init(struct ssldyn_outcome *outcome)
{
    const double unknown = (double)NAN;
    *outcome = (struct ssldyn_outcome){.fate = SSLDYN_FATE_UNDECIDED,
                                       .rank = unknown,
                                       .rank_end = unknown,
                                       .p = unknown,
                                       .s = unknown,
                                       .tau = unknown,
                                       .t = 0.0,
                                       .t_decided = unknown,
                                       .t_escape = unknown,
                                       .k_min = unknown,
                                       .margin = unknown,
                                       .loss = unknown,
                                       .commutator = unknown,
                                       .asymmetry = unknown,
                                       .step_time = unknown};
}

enum ssldyn_status ssldyn_outcome_history_create(struct ssldyn_outcome_history *history,
                                                 size_t modes, size_t capacity,
                                                 struct ssldyn_error *err)
{
    *history = (struct ssldyn_outcome_history){.modes = modes, .capacity = capacity};
    history->rows = ssldyn_memory_array(capacity, (modes + 1) * sizeof *history->rows);
    if (!history->rows) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu rows of %zu modes", capacity,
                           modes);
    }
    return SSLDYN_OK;
}

void ssldyn_outcome_history_clear(struct ssldyn_outcome_history *history)
{
    free(history->rows);
    *history = (struct ssldyn_outcome_history){0};
}

double *ssldyn_outcome_history_next(struct ssldyn_outcome_history *history)
{
    if (history->count == history->capacity) {
        return NULL;
    }
    return history->rows + history->count++ * (history->modes + 1);
}

double ssldyn_outcome_history_escape(const struct ssldyn_outcome_history *history, size_t j,
                                     double level)
{
    const size_t width = history->modes + 1;
    size_t k = history->count;
    while (k > 0 && history->rows[(k - 1) * width + 1 + j] >= level) {
        k--;
    }
    if (k == history->count) {
        return (double)NAN;
    }
    if (k == 0) {
        return history->rows[0];
    }
    const double *below = history->rows + (k - 1) * width;
    const double *above = below + width;
    const double share = (level - below[1 + j]) / (above[1 + j] - below[1 + j]);
    return below[0] + share * (above[0] - below[0]);
}
