/* Distance between words, used to suggest the nearest known name. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_DISTANCE_H
#define SSLDYN_SIM_BASE_DISTANCE_H

#include <stddef.h>

enum { SSLDYN_DISTANCE_LONGEST = 255 };

/* Levenshtein distance of a and b: the number of letters to insert, delete or change, ignoring
 * case. SIZE_MAX if b has more than SSLDYN_DISTANCE_LONGEST letters. */
size_t ssldyn_distance(const char *a, const char *b);

#endif
