/* Pictures of runs: which script of plots/ draws which kind of run, and the data that it
 * receives. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PICTURE_H
#define SSLDYN_SIM_CLI_PICTURE_H

#include "sim/base/error.h"
#include "sim/cli/gnuplot.h"
#include "sim/cli/page.h"
#include "sim/io/trace.h"

#include <stdbool.h>
#include <stdio.h>

/* The picture to draw. All of it is borrowed. */
struct ssldyn_picture_request {
    const char *const *runs; /* directories of runs, or of folders of runs */
    size_t run_count;
    bool newest;         /* for a run in progress, the new results instead of earlier ones */
    const char *columns; /* the columns to draw, "a,b"; NULL: default columns for the run */
    const char *command; /* the command whose name precedes remarks */
};

/* EINPUT unless run is a directory with complete results. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_picture_check(const char *run,
                                                          struct ssldyn_error *err);

/* Draws the request on the page. EINPUT for a run that cannot be drawn; EFAILED if gnuplot or
 * the scripts are missing or fail. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_picture_draw(const struct ssldyn_picture_request *request, const struct ssldyn_page *page,
                    struct ssldyn_error *err);

/* The same into memory, as on a screen ("png", "svg" or "pdf"); free picture->bytes with free(). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_picture_make(const struct ssldyn_picture_request *request, const char *format,
                    struct ssldyn_bytes *picture, struct ssldyn_error *err);

/* Write the data of one kind as a gnuplot program: data blocks with fixed column names, numbers
 * and quoted texts. path is the file that was read into table, named in errors: EINPUT if it
 * lacks a needed column. */
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
/* Its symbol alone, e.g. "{/:Italic η}", or its name if it has no symbol. */
void ssldyn_picture_symbol(char *label, size_t size, const char *name);

#endif
