/* gnuplot's markup in the words of LaTeX. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_LATEX_H
#define SSLDYN_SIM_CLI_LATEX_H

#include "sim/base/error.h"
#include "sim/cli/gnuplot.h"

/* Makes a program, whose last lines load a script of that directory, one whose texts gnuplot's
 * cairolatex terminal hands on whole. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_latex_prepare(const char *scripts, struct ssldyn_bytes *program, struct ssldyn_error *err);

/* Of a picture that gnuplot's cairolatex terminal wrote: every text with its markup translated,
 * what LaTeX would read as its own escaped, and lines as the file of the picture's lines. Free
 * out->bytes with free(). Text of that size in points, in the document's font where font is "". */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_latex_translate(const char *picture, const char *lines,
                                                            double points, const char *font,
                                                            struct ssldyn_bytes *out,
                                                            struct ssldyn_error *err);

#endif
