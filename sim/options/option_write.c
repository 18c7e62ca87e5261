/* The value of one option as text. */
// SPDX-License-Identifier: MIT
#include "sim/options/option.h"

#include "sim/base/decimal.h"
#include "sim/base/parse.h"
#include "sim/options/name.h"

#include <inttypes.h>
#include <string.h>

/* The index-th word of "a|b|c". */
static const char *choice_text(const char *choices, int index, char *buffer, size_t size)
{
    size_t length = 0;
    const char *word = choices;
    for (; index >= 0 && *choices; index--) {
        word = ssldyn_name_next(&choices, &length);
    }
    snprintf(buffer, size, "%.*s", (int)length, word);
    return buffer;
}

const char *ssldyn_option_text(const void *fields, const struct ssldyn_option *option, char *buffer,
                               size_t size)
{
    const void *field = ssldyn_option_field(fields, option->offset);
    int index = 0;
    buffer[0] = '\0';
    switch (option->kind) {
    case SSLDYN_OPTION_DOUBLE:
        snprintf(buffer, size, "%s", SSLDYN_DECIMAL(*(const double *)field));
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
        if (*ssldyn_option_string(fields, option)) {
            snprintf(buffer, size, "%s", *ssldyn_option_string(fields, option));
            break;
        }
        memcpy(&index, field, sizeof index);
        return choice_text(option->choices, index, buffer, size);
    case SSLDYN_OPTION_CHOICE:
        memcpy(&index, field, sizeof index);
        return choice_text(option->choices, index, buffer, size);
    case SSLDYN_OPTION_STRING:
        snprintf(buffer, size, "%s",
                 *ssldyn_option_string(fields, option) ? *ssldyn_option_string(fields, option)
                                                       : "");
        break;
    case SSLDYN_OPTION_LIST: {
        const struct ssldyn_list *list = field;
        size_t used = 0;
        for (size_t i = 0; i < list->count && used + 32 < size; i++) {
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", i ? "," : "",
                                     SSLDYN_DECIMAL(list->values[i]));
        }
        break;
    }
    }
    return buffer;
}

static void write_list(const struct ssldyn_list *list, FILE *stream)
{
    enum { A_LINE = 8 };
    for (size_t i = 0; i < list->count; i++) {
        const char *separator = i == 0 ? "" : i % A_LINE == 0 ? ",\n    " : ",";
        fprintf(stream, "%s%s", separator, SSLDYN_DECIMAL(list->values[i]));
    }
}

void ssldyn_option_write_string(const char *text, size_t length, bool quoted, FILE *stream)
{
    if (!quoted && !memchr(text, '#', length) && !memchr(text, '"', length) && text[0] != '\'' &&
        text[0] != ' ' && text[length - 1] != ' ') {
        fprintf(stream, "%.*s", (int)length, text);
        return;
    }
    fputc('"', stream);
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\') {
            fputc('\\', stream);
        }
        fputc(text[i], stream);
    }
    fputc('"', stream);
}

/* The values of an option that was repeated, each in quotes. */
static void write_strings(const char *text, FILE *stream)
{
    const bool several = strchr(text, '\n') != NULL;
    for (;;) {
        const size_t length = strcspn(text, "\n");
        ssldyn_option_write_string(text, length, several, stream);
        text += length;
        if (*text == '\0') {
            return;
        }
        text++;
        fputc(' ', stream);
    }
}

void ssldyn_option_write(const void *fields, const struct ssldyn_option *option, FILE *stream)
{
    char buffer[64];
    fprintf(stream, "%s = ", ssldyn_name_key(option->name, buffer, sizeof buffer));
    if (ssldyn_option_has_string(option) && *ssldyn_option_string(fields, option)) {
        write_strings(*ssldyn_option_string(fields, option), stream);
    } else if (option->kind == SSLDYN_OPTION_LIST) {
        write_list(ssldyn_option_field(fields, option->offset), stream);
    } else {
        fputs(ssldyn_option_text(fields, option, buffer, sizeof buffer), stream);
    }
    fputc('\n', stream);
}

bool ssldyn_option_is_off(const void *fields, const struct ssldyn_option *option)
{
    return ssldyn_option_is_flag(option) &&
           *(const bool *)ssldyn_option_field(fields, option->offset) ==
               (option->kind == SSLDYN_OPTION_NEGATION);
}
