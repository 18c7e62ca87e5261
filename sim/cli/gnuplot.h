/* gnuplot as a filter: a program goes in, a picture comes out. gnuplot never receives the name
 * of a user's file, and the contents of files reach it only as numbers and quoted texts, because
 * it takes names such as "<command" for commands. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_GNUPLOT_H
#define SSLDYN_SIM_CLI_GNUPLOT_H

#include "sim/base/error.h"

#include <stddef.h>
#include <stdio.h>

/* A text or picture in memory; bytes is owned; free it with free(). */
struct ssldyn_bytes {
    char *bytes;
    size_t length;
};

/* The file of the running program, with links resolved, in a newly allocated string; NULL if the
 * system does not give it. */
char *ssldyn_gnuplot_scripts_program(void);

/* The directory of the plot scripts in a newly allocated string: $SSLDYN_PLOTS as given by the
 * user, else plots/ of the source tree in which the program was built, else share/ssldyn/plots
 * next to the program's bin, else where "make install" put them. The working directory does not
 * matter. EFAILED: in none of them. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_gnuplot_scripts(char **directory,
                                                            struct ssldyn_error *err);

/* Runs a program in the directory of the scripts, where "load" finds them. Its output is the
 * picture; NULL: it opens a window and has no output. EFAILED, with gnuplot's message, if
 * gnuplot is missing, fails or warns, since a curve might be missing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_gnuplot_run(const char *scripts,
                                                        const struct ssldyn_bytes *program,
                                                        struct ssldyn_bytes *picture,
                                                        struct ssldyn_error *err);

/* Blanks out the time at which a .pdf or an .eps was drawn. */
void ssldyn_gnuplot_forget_date(struct ssldyn_bytes *picture);

/* The line NAME = 'text'. The text may hold gnuplot's markup. */
void ssldyn_gnuplot_string(FILE *program, const char *name, const char *text);

/* The line ARRAY[index + 1] = 'text'. */
void ssldyn_gnuplot_entry(FILE *program, const char *array, size_t index, const char *text);

/* Copies text so that it is drawn literally: without markup and control characters. */
void ssldyn_gnuplot_escape(char *to, size_t size, const char *text);

/* A number in gnuplot's syntax, after the character `before` (0: none). */
void ssldyn_gnuplot_number(FILE *program, char before, double value);

/* A row of a block: numbers with tabs between them. */
void ssldyn_gnuplot_row(FILE *program, size_t count, const double values[]);

#endif
