/* How much two words differ, to offer the nearest of several names. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_DISTANCE_H
#define SSLDYN_SIM_BASE_DISTANCE_H

#include <stddef.h>

enum { SSLDYN_DISTANCE_LONGEST = 255 };

/* Levenshtein's distance of a and b: the letters to insert, delete or change, upper and lower case
 * alike. SIZE_MAX where b has more than SSLDYN_DISTANCE_LONGEST letters. */
size_t ssldyn_distance(const char *a, const char *b);

#endif
