/* The verdict on collapse (verdict.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/verdict_parts.h"

#include <math.h>
#include <stdbool.h>

static const double shrunk_to = 1e-6;

void ssldyn_verdict_judge_collapse(const struct ssldyn_history *history, size_t modes, double floor,
                                   struct ssldyn_verdict *verdict)
{
    const struct ssldyn_summary *last = &history->items[history->count - 1];
    double peak = 0.0;
    for (size_t i = 0; i < history->count; i++)
        peak = fmax(peak, history->items[i].largest);
    const bool shrunk = !(last->largest > shrunk_to * peak);
    const bool few = 16 * last->alive <= modes || last->effective_rank < 1.5;
    /* A space of one or two modes has no dimension to lose without losing all. */
    if (shrunk || (few && modes > 2))
        verdict->collapse = SSLDYN_COLLAPSE_FULL;
    else if (2 * last->alive <= modes)
        verdict->collapse = SSLDYN_COLLAPSE_PARTIAL;
    else
        verdict->collapse = SSLDYN_COLLAPSE_NONE;
    if (shrunk) {
        ssldyn_verdict_append(
            verdict, "Collapsed: F has vanished altogether (s_1 = %.3g, %.3g at its largest).",
            last->largest, peak);
        return;
    }
    static const char *const words[] = {"Not collapsed", "Partly collapsed", "Collapsed"};
    ssldyn_verdict_append(
        verdict, "%s: %zu of %zu modes are alive (above %g of the largest), effective rank %.1f",
        words[verdict->collapse], last->alive, modes, floor, last->effective_rank);
    if (history->count > 1)
        ssldyn_verdict_append(verdict, ", %.1f at the start", history->items[0].effective_rank);
    ssldyn_verdict_append(verdict, ".");
}
