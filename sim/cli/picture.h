/* Pictures of runs: which script of plots/ draws which kind of run, and the data it is given. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_H
#define SSLDYN_SIM_CLI_PICTURE_H

#include "sim/base/error.h"
#include "sim/cli/gnuplot.h"
#include "sim/io/trace.h"

#include <stdio.h>

/* Draws the run into the file output, in the given format ("png", "svg" or "pdf"); or in a window,
 * where format is "window" and output NULL. The file appears whole or not at all. EINPUT for a run
 * or an output that cannot be; EFAILED where gnuplot or the scripts are missing or fail. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_draw(const char *run, const char *output,
                                                         const char *format,
                                                         struct ssldyn_error *err);

/* The same into memory; free picture->bytes with free(). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_make(const char *run, const char *format,
                                                         struct ssldyn_bytes *picture,
                                                         struct ssldyn_error *err);

/* The writers of each kind's data, as a program of gnuplot: data blocks whose columns have names of
 * ours, numbers and quoted texts. path is the file that was read into table, and named in errors:
 * EINPUT where it lacks what the picture needs. */
typedef enum ssldyn_status ssldyn_picture_writer(FILE *program, const char *run, const char *path,
                                                 const struct ssldyn_table *table,
                                                 struct ssldyn_error *err);
ssldyn_picture_writer ssldyn_picture_modes;
ssldyn_picture_writer ssldyn_picture_matrix;
ssldyn_picture_writer ssldyn_picture_align;
ssldyn_picture_writer ssldyn_picture_compare;
ssldyn_picture_writer ssldyn_picture_ladder;
ssldyn_picture_writer ssldyn_picture_separatrix;
ssldyn_picture_writer ssldyn_picture_thresholds;
ssldyn_picture_writer ssldyn_picture_sweep; /* table is NULL: it reads spec.conf and arrays */

/* The label of a parameter with gnuplot's markup, e.g. "weight decay  {/:Italic η}". */
void ssldyn_picture_label(char *label, size_t size, const char *name);
/* Its symbol alone, e.g. "{/:Italic η}", or the name where it has none. */
void ssldyn_picture_symbol(char *label, size_t size, const char *name);

#endif
