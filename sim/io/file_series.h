/* The files that match a pattern, ordered by the numbers in their names. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_FILE_SERIES_H
#define SSLDYN_SIM_IO_FILE_SERIES_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_file_series {
    size_t count;
    char **paths;   /* owned */
    double *labels; /* the number for %d, or the first number in which the names of a glob */
};

/* Limit on the number of path components of a glob with wildcards. */
enum { SSLDYN_FILE_SERIES_WILD_PARTS = 3 };

/* pattern: an existing file with any characters in its name; a name without a pattern (one file,
 * not checked); one %d (or %3d, %03d) for a number; or a glob with * ? [. Existing directories are
 * taken literally. Sorted with runs of digits as numbers. EINPUT if nothing matches, naming
 * option. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_series_find(const char *pattern,
                                                             const char *option,
                                                             struct ssldyn_file_series *series,
                                                             struct ssldyn_error *err);
/* A series of this one path, which is not parsed. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_series_single(const char *path,
                                                               struct ssldyn_file_series *series,
                                                               struct ssldyn_error *err);
/* Whether pattern has a %d or a glob, and files match it. */
bool ssldyn_file_series_fits(const char *pattern);
void ssldyn_file_series_clear(struct ssldyn_file_series *series);

#endif
