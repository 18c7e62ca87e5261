/* Help from the table of options: what an option does, set in lines. */
// SPDX-License-Identifier: MIT
#include "sim/options/option_help.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 79, INDENT = 26 };

void ssldyn_help_wrap(const char *text, size_t column, size_t indent, FILE *stream)
{
    bool first = true;
    while (*text) {
        const size_t length = strcspn(text, " ");
        if (!first && column + 1 + length > WIDTH) {
            fprintf(stream, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', stream);
            column++;
        }
        fprintf(stream, "%.*s", (int)length, text);
        column += length;
        text += length;
        text += strspn(text, " ");
        first = false;
    }
    fputc('\n', stream);
}

static void append(char text[], size_t size, const char *format, const char *word)
{
    const size_t used = strlen(text);
    snprintf(text + used, size - used, format, word);
}

static void describe_range(const struct ssldyn_option *option, char text[], size_t size)
{
    char number[48];
    const bool numeric = option->kind == SSLDYN_OPTION_DOUBLE ||
                         option->kind == SSLDYN_OPTION_INTEGER ||
                         option->kind == SSLDYN_OPTION_LIST;
    if (numeric && isfinite(option->minimum)) {
        snprintf(number, sizeof number, "%s %.10g",
                 option->minimum_open ? ">" : ">=", option->minimum);
        append(text, size, "; %s", number);
    }
    if (numeric && isfinite(option->maximum)) {
        snprintf(number, sizeof number, "%s %.10g",
                 option->maximum_open ? "<" : "<=", option->maximum);
        append(text, size, isfinite(option->minimum) ? ", %s" : "; %s", number);
    }
}

void ssldyn_help_describe(const struct ssldyn_option *option, char text[], size_t size)
{
    text[0] = '\0';
    append(text, size, "%s", option->help);
    if (option->choices) {
        append(text, size, ": %s", option->choices);
    }
    describe_range(option, text, size);
    append(text, size, "%s", ".");
}

void ssldyn_help_option(const struct ssldyn_option *option, const char *text, FILE *stream)
{
    char left[80] = "  ";
    if (option->letter) {
        snprintf(left, sizeof left, "  -%c, ", option->letter);
    }
    const size_t used = strlen(left);
    snprintf(left + used, sizeof left - used, "--%s%s%s", option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    fputs(left, stream);
    if (strlen(left) + 2 > INDENT) {
        fprintf(stream, "\n%*s", INDENT, "");
    } else {
        fprintf(stream, "%*s", INDENT - (int)strlen(left), "");
    }
    ssldyn_help_wrap(text, INDENT, INDENT, stream);
}
