/* Levenshtein distance, row by row. */
// SPDX-License-Identifier: MIT
#include "sim/base/distance.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

size_t ssldyn_distance(const char *a, const char *b)
{
    size_t row[SSLDYN_DISTANCE_LONGEST + 1];
    const size_t length = strlen(b);

    if (length > SSLDYN_DISTANCE_LONGEST)
        return SIZE_MAX;
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            const bool same = tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[j - 1]);
            size_t least = diagonal + (same ? 0 : 1);
            least = row[j] + 1 < least ? row[j] + 1 : least;
            least = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
            diagonal = row[j];
            row[j] = least;
        }
    }
    return row[length];
}
