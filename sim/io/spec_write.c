/* spec.conf: what repeats a run. */
// SPDX-License-Identifier: MIT
#include "sim/io/spec_internal.h"

#include "sim/io/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is told by others (eta_p and eta_s, tau), or does not change results. */
static const char *const left_out[] = {"eta", "no-ema", "output", "quiet", "verbose", "threads"};

/* The index-th word of "a|b|c". */
static const char *choice_text(const char *choices, int index, char *buffer, size_t size)
{
    for (; index > 0 && choices[strcspn(choices, "|")]; index--) {
        choices += strcspn(choices, "|") + 1;
    }
    snprintf(buffer, size, "%.*s", (int)strcspn(choices, "|"), choices);
    return buffer;
}

const char *ssldyn_spec_value(const struct ssldyn_spec *spec, const struct ssldyn_option *option,
                              char *buffer, size_t size)
{
    const void *field = ssldyn_spec_field(spec, option->offset);
    int index = 0;
    buffer[0] = '\0';
    switch (option->kind) {
    case SSLDYN_OPTION_DOUBLE:
        snprintf(buffer, size, "%.17g", *(const double *)field);
        break;
    case SSLDYN_OPTION_INTEGER:
        snprintf(buffer, size, "%" PRId64, *(const int64_t *)field);
        break;
    case SSLDYN_OPTION_SEED:
        snprintf(buffer, size, "%" PRIu64, *(const uint64_t *)field);
        break;
    case SSLDYN_OPTION_FLAG:
        snprintf(buffer, size, "%s", *(const bool *)field ? "true" : "false");
        break;
    case SSLDYN_OPTION_NEGATION:
        snprintf(buffer, size, "%s", *(const bool *)field ? "false" : "true");
        break;
    case SSLDYN_OPTION_CHOICE_OR_FILE:
        if (*ssldyn_spec_string(spec, option)) {
            snprintf(buffer, size, "%s", *ssldyn_spec_string(spec, option));
            break;
        }
        memcpy(&index, field, sizeof index);
        return choice_text(option->choices, index, buffer, size);
    case SSLDYN_OPTION_CHOICE:
        memcpy(&index, field, sizeof index);
        return choice_text(option->choices, index, buffer, size);
    case SSLDYN_OPTION_STRING:
        snprintf(buffer, size, "%s",
                 *ssldyn_spec_string(spec, option) ? *ssldyn_spec_string(spec, option) : "");
        break;
    case SSLDYN_OPTION_LIST: {
        const struct ssldyn_list *list = field;
        size_t used = 0;
        for (size_t i = 0; i < list->count && used + 32 < size; i++) {
            used += (size_t)snprintf(buffer + used, size - used, "%s%.17g", i ? "," : "",
                                     list->values[i]);
        }
        break;
    }
    }
    return buffer;
}

/* Whether spec.conf has a line for the option. */
static bool is_written(const struct ssldyn_spec *spec, const struct ssldyn_option *option)
{
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
        if (strcmp(option->name, left_out[i]) == 0) {
            return false;
        }
    }
    if (!ssldyn_option_applies(option, spec, NULL, 0)) {
        return false;
    }
    switch (option->kind) {
    case SSLDYN_OPTION_FLAG:
        return *(const bool *)ssldyn_spec_field(spec, option->offset);
    case SSLDYN_OPTION_NEGATION:
        return !*(const bool *)ssldyn_spec_field(spec, option->offset);
    case SSLDYN_OPTION_STRING:
        return *ssldyn_spec_string(spec, option) != NULL;
    case SSLDYN_OPTION_LIST:
        return ((const struct ssldyn_list *)ssldyn_spec_field(spec, option->offset))->count > 0;
    default:
        return strcmp(option->name, "tau") != 0 || spec->parameters.tau_held;
    }
}

static void write_list(const struct ssldyn_list *list, FILE *stream)
{
    enum { A_LINE = 8 };
    for (size_t i = 0; i < list->count; i++) {
        const char *separator = i == 0 ? "" : i % A_LINE == 0 ? ",\n    " : ",";
        fprintf(stream, "%s%.17g", separator, list->values[i]);
    }
}

/* Quoted where a '#', a quote or a blank at an end would be misread. */
static void write_string(const char *text, FILE *stream)
{
    const size_t length = strlen(text);
    if (!strpbrk(text, "#\"") && text[0] != ' ' && text[length - 1] != ' ') {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') {
            fputc('\\', stream);
        }
        fputc(*text, stream);
    }
    fputc('"', stream);
}

static void write_option(const struct ssldyn_spec *spec, const struct ssldyn_option *option,
                         FILE *stream)
{
    char buffer[64];
    for (const char *c = option->name; *c; c++) {
        fputc(*c == '-' ? '_' : *c, stream);
    }
    fputs(" = ", stream);
    if (ssldyn_option_has_string(option) && *ssldyn_spec_string(spec, option)) {
        write_string(*ssldyn_spec_string(spec, option), stream);
    } else if (option->kind == SSLDYN_OPTION_LIST) {
        write_list(ssldyn_spec_field(spec, option->offset), stream);
    } else {
        fputs(ssldyn_spec_value(spec, option, buffer, sizeof buffer), stream);
    }
    fputc('\n', stream);
}

enum ssldyn_status ssldyn_spec_write(const struct ssldyn_spec *spec, const char *directory,
                                     struct ssldyn_error *err)
{
    char *path = ssldyn_path_join(directory, "spec.conf");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a file's name");
    }
    struct ssldyn_file file;
    const enum ssldyn_status status = ssldyn_file_open(&file, path, err);
    free(path);
    if (status != SSLDYN_OK) {
        return status;
    }
    fprintf(file.stream, "# ssldyn spec 1\nversion = %s\ncommand = %s\n", SSLDYN_VERSION,
            ssldyn_command_name(spec->command));
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        if (is_written(spec, &ssldyn_options[i])) {
            write_option(spec, &ssldyn_options[i], file.stream);
        }
    }
    return ssldyn_file_commit(&file, err);
}
