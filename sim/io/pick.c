/* Choosing one array among several (pick.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/pick.h"

#include <stdio.h>
#include <string.h>

enum { LISTED = 8 };

static void list_names(size_t count, const char *const names[], char text[], size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && i < LISTED && used < room; i++) {
        const int more = snprintf(text + used, room - used, "%s%s", i > 0 ? ", " : "", names[i]);
        used += more > 0 ? (size_t)more : 0;
    }
    if (count > LISTED && used < room)
        (void)snprintf(text + used, room - used, ", ... (%zu in all)", count);
}

enum ssldyn_status ssldyn_pick(const char *path, size_t count, const char *const names[],
                               const char *wanted, const char *role, size_t *index,
                               struct ssldyn_error *err)
{
    if (count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: holds no array", path);
    const char *const sought = wanted != NULL ? wanted : role;
    for (size_t i = 0; i < count && sought != NULL; i++) {
        if (strcmp(names[i], sought) == 0) {
            *index = i;
            return SSLDYN_OK;
        }
    }
    *index = 0;
    if (wanted == NULL && count == 1)
        return SSLDYN_OK;
    char list[256];
    list_names(count, names, list, sizeof list);
    if (wanted != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: holds no array '%s'; it holds %s", path, wanted,
                           list);
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: holds several arrays; pick one as FILE:NAME among %s", path, list);
}
