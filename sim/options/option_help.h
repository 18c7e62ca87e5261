/* Help from a table of options. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_OPTION_HELP_H
#define SSLDYN_SIM_OPTIONS_OPTION_HELP_H

#include "sim/options/settings.h"

#include <stddef.h>
#include <stdio.h>

/* Prints text in lines of at most width characters, each but the first indented; column: where the
 * cursor is. */
enum { SSLDYN_OPTION_HELP_WIDTH = 79 };
void ssldyn_option_help_wrap(const char *text, size_t width, size_t column, size_t indent,
                             FILE *stream);

/* Adds a word, by a format with one %s, to a text of size bytes. */
void ssldyn_option_help_append(char text[], size_t size, const char *format, const char *word);

/* The help of a command. */
struct ssldyn_help_page {
    const struct ssldyn_schema *schema;
    unsigned command;
    const char *operands;    /* "[FILE.conf]" */
    const char *description; /* paragraphs, separated by newlines */
    const char *examples;    /* lines */
    const char *only;        /* the options that are printed, "|model|eta|"; NULL: all */
    /* Adds what a row does not say about its option; true: this includes its default. NULL: nothing. */
    bool (*describe)(const struct ssldyn_option *option, unsigned command, char text[],
                     size_t size);
};

/* Meaning, choices, range and default of an option, in one paragraph. */
void ssldyn_option_help_describe(const struct ssldyn_help_page *page,
                                 const struct ssldyn_option *option, char text[], size_t size);

/* Calls print for each group's heading (option NULL) and each option of the command. */
void ssldyn_option_help_each(const struct ssldyn_help_page *page,
                             void (*print)(const struct ssldyn_help_page *page, const char *group,
                                           const struct ssldyn_option *option, FILE *stream),
                             FILE *stream);

/* One line of complaint: "ssldyn flow: missing arguments; usage: ..." */
void ssldyn_option_help_missing(const struct ssldyn_help_page *page, FILE *stream);

/* Usage, description, examples, options, how files are written. */
void ssldyn_option_help_print(const struct ssldyn_help_page *page, FILE *stream);

/* Whether help is asked for among a command's words. */
bool ssldyn_option_help_is_asked(int argc, char *argv[]);

#endif
