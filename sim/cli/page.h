/* The page of a picture: its format, size and text, and the file it goes to. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_PAGE_H
#define SSLDYN_SIM_CLI_PAGE_H

#include "sim/base/error.h"
#include "sim/cli/gnuplot.h"
#include "sim/options/spec.h"

#include <stdbool.h>
#include <stdio.h>

/* Size of the text on a screen: 13 pixels, of which an inch has 96. */
#define SSLDYN_PAGE_POINTS 9.75

/* Lengths are in pixels of which the text has 13 (plots/style.gp), whatever its size in print. */
struct ssldyn_page {
    const char *format;   /* "png", "svg", "pdf", "eps", "tex" or "window" */
    char *file;           /* to write, owned; NULL: a window, or into memory */
    double width, height; /* 0: what the picture asks for */
    double unit;          /* size of the text over that of a screen, 9.75 points */
    double scale;         /* pixels of a png for each of a screen's */
    const char *font;     /* borrowed */
};

/* The page as --format, --width, --height, --font, --font-size, --dpi and -o want it; without -o
 * the file is STEM.FORMAT. Free with ssldyn_page_clear.
 * EINPUT for what contradicts itself, and for a file that cannot be made. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_page_init(struct ssldyn_page *page,
                                                      const struct ssldyn_spec *spec,
                                                      const char *stem, struct ssldyn_error *err);
void ssldyn_page_clear(struct ssldyn_page *page);
/* Whether the page's format is that one, e.g. "png". */
bool ssldyn_page_is(const struct ssldyn_page *page, const char *format);

/* Writes what gnuplot draws on the page: data blocks, then the line that loads a script. */
typedef enum ssldyn_status ssldyn_page_writer(FILE *program, const void *context,
                                              struct ssldyn_error *err);

/* The picture in memory, of any format but tex and window; free picture->bytes with free(). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_page_make(const struct ssldyn_page *page, ssldyn_page_writer *write, const void *context,
                 struct ssldyn_bytes *picture, struct ssldyn_error *err);

/* The picture in its file, which appears whole or not at all, or in a window. Of a tex there are
 * two: NAME.tex, to be read by LaTeX with graphicx, and the lines in NAME-inc.pdf. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_page_draw(const struct ssldyn_page *page,
                                                      ssldyn_page_writer *write,
                                                      const void *context,
                                                      struct ssldyn_error *err);

/* Prints the name of the file that was drawn; of a tex, says on stderr how a document reads it. */
void ssldyn_page_announce(const struct ssldyn_page *page);

#endif
