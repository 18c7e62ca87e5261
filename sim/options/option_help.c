/* Help from a table of options. */
// SPDX-License-Identifier: MIT
#include "sim/options/option_help.h"

#include "sim/options/name.h"

#include <math.h>
#include <string.h>

enum { WIDTH = SSLDYN_OPTION_HELP_WIDTH, INDENT = 26, TEXT_SIZE = 2048 };

void ssldyn_option_help_wrap(const char *text, size_t width, size_t column, size_t indent,
                             FILE *stream)
{
    bool first = true;
    while (*text) {
        const size_t length = strcspn(text, " ");
        if (!first && column + 1 + length > width) {
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

void ssldyn_option_help_append(char text[], size_t size, const char *format, const char *word)
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
        ssldyn_option_help_append(text, size, "; %s", number);
    }
    if (numeric && isfinite(option->maximum)) {
        snprintf(number, sizeof number, "%s %.10g",
                 option->maximum_open ? "<" : "<=", option->maximum);
        ssldyn_option_help_append(text, size, isfinite(option->minimum) ? ", %s" : "; %s", number);
    }
}

/* " (gradient: trained; directpred: ...)" */
static void describe_choices(const struct ssldyn_option *option, char text[], size_t size)
{
    const char *rest = option->choices;
    const char *word = NULL;
    size_t length = 0;
    for (int i = 0; (word = ssldyn_name_next(&rest, &length)); i++) {
        char one[200];
        snprintf(one, sizeof one, "%s%.*s: %s", i > 0 ? "; " : " (", (int)length, word,
                 option->meaning(i));
        ssldyn_option_help_append(text, size, "%s", one);
    }
    ssldyn_option_help_append(text, size, "%s", ")");
}

void ssldyn_option_help_describe(const struct ssldyn_help_page *page,
                                 const struct ssldyn_option *option, char text[], size_t size)
{
    text[0] = '\0';
    ssldyn_option_help_append(text, size, "%s", option->help);
    if (option->choices) {
        ssldyn_option_help_append(text, size, ": %s", option->choices);
    }
    if (option->meaning) {
        describe_choices(option, text, size);
    }
    describe_range(option, text, size);
    ssldyn_option_help_append(text, size, "%s", ".");
    if (!(page->describe && page->describe(option, page->command, text, size)) &&
        option->default_text) {
        ssldyn_option_help_append(text, size, " [%s]", option->default_text);
    }
}

/* "  -o, --output DIR" with what it does next to it. */
static void print_option(const struct ssldyn_option *option, const char *text, FILE *stream)
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
    ssldyn_option_help_wrap(text, WIDTH, INDENT, INDENT, stream);
}

/* Whether the page prints an option. */
static bool is_printed(const struct ssldyn_help_page *page, const struct ssldyn_option *option)
{
    char name[64];
    (void)snprintf(name, sizeof name, "|%s|", option->name);
    return ssldyn_option_is_of(option, page->command) && (!page->only || strstr(page->only, name));
}

void ssldyn_option_help_each(const struct ssldyn_help_page *page,
                             void (*print)(const struct ssldyn_help_page *page, const char *group,
                                           const struct ssldyn_option *option, FILE *stream),
                             FILE *stream)
{
    const struct ssldyn_schema *schema = page->schema;
    const struct ssldyn_option *options = schema->options;
    for (size_t i = 0; i < schema->count; i++) {
        const char *group = options[i].group;
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = strcmp(options[k].group, group) == 0;
        }
        bool headed = false;
        for (size_t k = i; !seen && k < schema->count; k++) {
            if (strcmp(options[k].group, group) == 0 && is_printed(page, &options[k])) {
                if (!headed) {
                    print(page, group, NULL, stream);
                }
                headed = true;
                print(page, group, &options[k], stream);
            }
        }
    }
}

static void print_plain(const struct ssldyn_help_page *page, const char *group,
                        const struct ssldyn_option *option, FILE *stream)
{
    const struct ssldyn_option_group *heading = ssldyn_settings_group(page->schema, group);
    char text[TEXT_SIZE];
    if (option) {
        ssldyn_option_help_describe(page, option, text, sizeof text);
        print_option(option, text, stream);
        return;
    }
    fprintf(stream, "\n%s:\n", group);
    if (heading && heading->note) {
        fputs("  ", stream);
        ssldyn_option_help_wrap(heading->note, WIDTH, 2, 2, stream);
    }
}

void ssldyn_option_help_missing(const struct ssldyn_help_page *page, FILE *stream)
{
    char title[64];
    ssldyn_settings_title(page->schema, page->command, title, sizeof title);
    fprintf(stream, "%s: missing arguments; usage: %s %s [options]; see \"%s --help\"\n", title,
            title, page->operands, title);
}

/* Paragraphs, separated by newlines, with an empty line between them. */
static void print_paragraphs(const char *text, FILE *stream)
{
    while (*text) {
        char paragraph[TEXT_SIZE];
        const size_t length = strcspn(text, "\n");
        snprintf(paragraph, sizeof paragraph, "%.*s", (int)length, text);
        ssldyn_option_help_wrap(paragraph, WIDTH, 0, 0, stream);
        text += length;
        if (*text == '\n') {
            fputc('\n', stream);
            text++;
        }
    }
}

void ssldyn_option_help_print(const struct ssldyn_help_page *page, FILE *stream)
{
    char title[64];
    fprintf(stream, "usage: %s %s [options]\n\n",
            ssldyn_settings_title(page->schema, page->command, title, sizeof title),
            page->operands);
    print_paragraphs(page->description, stream);
    fputs("\nExamples:\n", stream);
    for (const char *line = page->examples; *line;) {
        const size_t length = strcspn(line, "\n");
        fprintf(stream, "  %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    ssldyn_option_help_each(page, print_plain, stream);
    if (page->only) {
        fprintf(stream, "\nThese are the common options; \"%s --help\" lists all of them.\n",
                title);
        return;
    }
    fputs("\nHelp:\n  -h, --help              print this help.\n", stream);
    if (strstr(page->operands, "FILE.conf")) {
        fputc('\n', stream);
        ssldyn_option_help_wrap(
            "FILE.conf holds key = value lines; every key is an option without its dashes (alpha_p "
            "for --alpha-p), a flag is key = true, # starts a comment, an indented line continues "
            "a list. A run directory can be given in place of its spec.conf. Options on the "
            "command "
            "line override those in the file. A LIST is 0.1,0.2 or from:to:points or "
            "log:from:to:points.",
            WIDTH, 0, 0, stream);
    }
}

bool ssldyn_option_help_is_asked(int argc, char *argv[])
{
    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}
