/* The page of a picture: its format, its size, its text, and its file. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PAGE_H
#define SSLDYN_SIM_CLI_PAGE_H

#include "sim/base/error.h"
#include "sim/cli/gnuplot.h"
#include "sim/options/spec.h"

#include <stdbool.h>
#include <stdio.h>

/* Text size on a screen: 13 pixels at 96 pixels per inch. */
#define SSLDYN_PAGE_POINTS 9.75

/* Lengths are in pixels, with text of 13 pixels (plots/style.gp), at any printed size. */
struct ssldyn_page {
    const char *format;   /* "png", "svg", "pdf", "eps", "tex" or "window" */
    char *file;           /* output, owned; NULL: a window, or into memory */
    double width, height; /* 0: chosen by the picture */
    double unit;          /* text size relative to that of a screen, 9.75 points */
    double scale;         /* pixels of a png per screen pixel */
    const char *font;     /* borrowed */
};

/* The page for --format, --width, --height, --font, --font-size, --dpi and -o; without -o the
 * file is STEM.FORMAT. Free with ssldyn_page_clear.
 * EINPUT for options that contradict each other, and for a file that cannot be created. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_page_init(struct ssldyn_page *page,
                                                      const struct ssldyn_spec *spec,
                                                      const char *stem, struct ssldyn_error *err);
void ssldyn_page_clear(struct ssldyn_page *page);
/* Whether the page's format is that one, e.g. "png". */
bool ssldyn_page_is(const struct ssldyn_page *page, const char *format);

/* Writes the program that gnuplot runs for the page: data blocks, then the line that loads a
 * script. */
typedef enum ssldyn_status ssldyn_page_writer(FILE *program, const void *context,
                                              struct ssldyn_error *err);

/* The picture in memory, in any format except tex and window; free picture->bytes with free(). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_page_make(const struct ssldyn_page *page, ssldyn_page_writer *write, const void *context,
                 struct ssldyn_bytes *picture, struct ssldyn_error *err);

/* The picture in its file, which appears complete or not at all, or in a window. For tex there
 * are two files: NAME.tex, for LaTeX with graphicx, and the lines in NAME-inc.pdf. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_page_draw(const struct ssldyn_page *page,
                                                      ssldyn_page_writer *write,
                                                      const void *context,
                                                      struct ssldyn_error *err);

/* Prints the name of the file; for tex, also prints on stderr how to include it in a document. */
void ssldyn_page_announce(const struct ssldyn_page *page);

#endif
