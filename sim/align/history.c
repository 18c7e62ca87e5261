/* The list of summaries (history.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/history.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum ssldyn_status ssldyn_history_add(struct ssldyn_history *history,
                                      const struct ssldyn_summary *summary,
                                      struct ssldyn_error *err)
{
    if (history->count == history->capacity) {
        const size_t capacity = history->capacity > 0 ? 2 * history->capacity : 64;
        struct ssldyn_summary *items = NULL;
        if (capacity <= SIZE_MAX / sizeof *items)
            items = realloc(history->items, capacity * sizeof *items);
        if (items == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory after %zu snapshots",
                               history->count);
        history->items = items;
        history->capacity = capacity;
    }
    history->items[history->count++] = *summary;
    return SSLDYN_OK;
}

void ssldyn_history_clear(struct ssldyn_history *history)
{
    free(history->items);
    memset(history, 0, sizeof *history);
}
