/* The files of the page, by name. */
// SPDX-License-Identifier: MIT
#include "sim/explore/page.h"

#include <string.h>

const struct ssldyn_page_asset *ssldyn_page_find(const char *name)
{
    for (size_t i = 0; i < ssldyn_page_count; i++) {
        if (strcmp(ssldyn_page_assets[i].name, name) == 0) {
            return &ssldyn_page_assets[i];
        }
    }
    return NULL;
}
