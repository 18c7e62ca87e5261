/* The files a pattern stands for, in the order of the numbers in their names. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_FILE_SERIES_H
#define SSLDYN_SIM_IO_FILE_SERIES_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_file_series {
    size_t count;
    char **paths;   /* owned */
    double *labels; /* what stands for %d, or the first number in which the names of a glob
                     * differ, rising; NaN without one */
};

/* Directories and names of a glob that may hold wildcards. */
enum { SSLDYN_FILE_SERIES_WILD_PARTS = 3 };

/* pattern: a file that exists, whatever its name; another name without a pattern (one file, not
 * looked at); one %d (or %3d, %03d) for a number; or a glob with * ? [. Directories that exist are
 * no patterns either. Sorted by comparing digits as numbers, all else as text. EINPUT when nothing
 * fits. option names the culprit. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_series_find(const char *pattern,
                                                             const char *option,
                                                             struct ssldyn_file_series *series,
                                                             struct ssldyn_error *err);
/* A series of the one path, whatever it looks like. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_file_series_single(const char *path,
                                                               struct ssldyn_file_series *series,
                                                               struct ssldyn_error *err);
/* Whether pattern holds a %d or a glob, and files fit it. */
bool ssldyn_file_series_fits(const char *pattern);
void ssldyn_file_series_clear(struct ssldyn_file_series *series);

#endif
