/* Rewrites options as arguments in messages. */
// SPDX-License-Identifier: MIT
#include "sim/api/message.h"

#include "sim/options/spec.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Phrases that need other words for arguments. The longer ones come first. */
static const struct {
    const char *inside, *outside;
} phrases[] = {
    {"is not an option of ssldyn ", "is not an argument of "},
    {"is not an option of", "is not an argument of"},
    {"unknown option", "unknown argument"},
    {"-o ", "output "},
};
enum { PHRASES = sizeof phrases / sizeof phrases[0] };

static bool is_of_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/* Length of the option's name at text, which follows two dashes; 0: it is not an option. */
static size_t name_length(const char *text, bool first)
{
    char name[64];
    size_t length = 0;
    while (is_of_word(text[length]) && length + 1 < sizeof name) {
        name[length] = text[length];
        length++;
    }
    while (length > 0 && (name[length - 1] == '.' || name[length - 1] == '-')) {
        length--; /* it ends the sentence */
    }
    name[length] = '\0';
    const struct ssldyn_option_family *family = ssldyn_options_schema.family;
    const size_t prefix = family ? strlen(family->prefix) : 0;
    const bool member = family && strncmp(name, family->prefix, prefix) == 0;
    const bool known = ssldyn_option_find(member ? name + prefix : name) != NULL;
    return known || first ? length : 0; /* a message begins with the name of an argument */
}

/* Copies a name of count characters as the name of an argument. */
static void copy_name(char **to, const char *end, const char *name, size_t count)
{
    for (size_t i = 0; i < count && *to < end; i++) {
        *(*to)++ = name[i];
        if (name[i] == '-') {
            (*to)[-1] = '_';
        }
    }
}

/* Replaces a phrase at *from that has a different form for arguments. */
static bool take_phrase(char **to, const char *end, const char **from, bool first)
{
    for (size_t i = 0; i < PHRASES; i++) {
        const char *inside = phrases[i].inside;
        const size_t length = strlen(inside);
        if (strncmp(*from, inside, length) == 0 && (inside[0] != '-' || first)) {
            for (const char *c = phrases[i].outside; *c && *to < end; c++) {
                *(*to)++ = *c;
            }
            *from += length;
            return true;
        }
    }
    return false;
}

void ssldyn_message_translate(char message[], size_t size)
{
    char text[1024];
    char *to = text;
    const char *const end = text + (size < sizeof text ? size : sizeof text) - 1;
    char before = ' ';
    for (const char *from = message; *from && to < end;) {
        const bool first = from == message;
        const bool dashes = strncmp(from, "--", 2) == 0 && !is_of_word(before);
        const size_t length = dashes ? name_length(from + 2, first) : 0;
        if (length > 0) {
            copy_name(&to, end, from + 2, length);
            from += 2 + length;
            before = 'a';
        } else if (!take_phrase(&to, end, &from, first)) {
            before = *from++;
            *to++ = before;
        }
    }
    *to = '\0';
    (void)snprintf(message, size, "%s", text);
}
