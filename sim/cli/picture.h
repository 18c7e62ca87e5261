/* Pictures of runs: which script of plots/ draws which kind of run, and the data it is given. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_H
#define SSLDYN_SIM_CLI_PICTURE_H

#include "sim/base/error.h"
#include "sim/cli/gnuplot.h"
#include "sim/cli/page.h"
#include "sim/io/trace.h"

#include <stdbool.h>
#include <stdio.h>

/* What is to be drawn. All of it is borrowed. */
struct ssldyn_picture_request {
    const char *const *runs; /* directories of runs, or of folders of runs */
    size_t run_count;
    bool newest;         /* of a run that is being written the new results, not earlier ones */
    const char *columns; /* the columns to draw, "a,b"; NULL: those that suit the run */
    const char *command; /* in whose name remarks are printed */
};

/* EINPUT unless run is a directory of results that are whole. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_check(const char *run,
                                                          struct ssldyn_error *err);

/* Draws the request on the page. EINPUT for a run that cannot be drawn; EFAILED where gnuplot or
 * the scripts are missing or fail. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_picture_draw(const struct ssldyn_picture_request *request, const struct ssldyn_page *page,
                    struct ssldyn_error *err);

/* The same into memory, as a screen shows it ("png", "svg" or "pdf"); free picture->bytes with
 * free(). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_picture_make(const struct ssldyn_picture_request *request, const char *format,
                    struct ssldyn_bytes *picture, struct ssldyn_error *err);

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
ssldyn_picture_writer ssldyn_picture_margins;
ssldyn_picture_writer ssldyn_picture_moments;
ssldyn_picture_writer ssldyn_picture_separatrix;
ssldyn_picture_writer ssldyn_picture_thresholds;

/* The label of a parameter with gnuplot's markup, e.g. "weight decay  {/:Italic η}". */
void ssldyn_picture_label(char *label, size_t size, const char *name);
/* Its symbol alone, e.g. "{/:Italic η}", or the name where it has none. */
void ssldyn_picture_symbol(char *label, size_t size, const char *name);

#endif
