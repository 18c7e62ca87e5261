/* Translation of gnuplot's markup to LaTeX. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_LATEX_H
#define SSLDYN_SIM_CLI_LATEX_H

#include "sim/base/error.h"
#include "sim/cli/gnuplot.h"

/* Changes a program, whose last lines load a script of that directory, so that gnuplot's
 * cairolatex terminal passes its texts on unchanged. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_latex_prepare(const char *scripts, struct ssldyn_bytes *program, struct ssldyn_error *err);

/* Translates a picture written by gnuplot's cairolatex terminal: the markup of every text
 * becomes LaTeX, special characters are escaped, and the file of the picture's lines becomes
 * `lines`. Free out->bytes with free(). Text of that size in points, in the document's font if
 * font is "". */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_latex_translate(const char *picture, const char *lines,
                                                            double points, const char *font,
                                                            struct ssldyn_bytes *out,
                                                            struct ssldyn_error *err);

#endif
