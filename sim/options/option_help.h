/* Help from the table of options: what an option does, set in lines. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_OPTION_HELP_H
#define SSLDYN_SIM_OPTIONS_OPTION_HELP_H

#include "sim/options/spec.h"

#include <stddef.h>
#include <stdio.h>

/* Prints text in lines of 79 characters, each but the first indented; column: where the cursor is.
 */
void ssldyn_help_wrap(const char *text, size_t column, size_t indent, FILE *stream);

/* Meaning, choices and range of an option, one sentence. */
void ssldyn_help_describe(const struct ssldyn_option *option, char text[], size_t size);

/* "  -o, --output DIR" with text beside it. */
void ssldyn_help_option(const struct ssldyn_option *option, const char *text, FILE *stream);

#endif
