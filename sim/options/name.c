/* Names that were typed, and those that may have been meant. */
// SPDX-License-Identifier: MIT
#include "sim/options/name.h"

#include "sim/base/distance.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Longer names are compared with none: they are FAR from all. */
enum { LONGEST = 32, FAR = 99 };

static char dash(char letter)
{
    if (letter == '_') {
        return '-';
    }
    return letter;
}

bool ssldyn_name_is(const char *typed, const char *name)
{
    while (*name != '\0' && *name == dash(*typed)) {
        name++;
        typed++;
    }
    return *name == '\0' && *typed == '\0';
}

const char *ssldyn_name_key(const char *name, char text[], size_t size)
{
    (void)snprintf(text, size, "%s", name);
    for (char *c = strchr(text, '-'); c; c = strchr(c, '-')) {
        *c = '_';
    }
    return text;
}

const char *ssldyn_name_next(const char **rest, size_t *length)
{
    const char *word = *rest;
    if (!word || *word == '\0') {
        return NULL;
    }
    *length = strcspn(word, "|");
    *rest = word + *length + (word[*length] == '|');
    return word;
}

bool ssldyn_name_in(const char *typed, const char *names)
{
    size_t length = 0;
    for (const char *name = NULL; (name = ssldyn_name_next(&names, &length));) {
        size_t k = 0;
        while (k < length && name[k] == tolower((unsigned char)dash(typed[k]))) {
            k++;
        }
        if (k == length && typed[k] == '\0') {
            return true;
        }
    }
    return false;
}

static void with_dashes(const char *name, char text[LONGEST + 1])
{
    size_t k = 0;
    for (; name[k] != '\0'; k++) {
        text[k] = dash(name[k]);
    }
    text[k] = '\0';
}

size_t ssldyn_name_distance(const char *a, const char *b)
{
    char typed[LONGEST + 1];
    char name[LONGEST + 1];
    if (strlen(a) > LONGEST || strlen(b) > LONGEST) {
        return FAR;
    }
    if (strncmp(a, b, strlen(a)) == 0) {
        return 1;
    }
    with_dashes(a, typed);
    with_dashes(b, name);
    return ssldyn_distance(typed, name);
}

size_t ssldyn_name_most_apart(const char *typed)
{
    return strlen(typed) / 3 + 2;
}

void ssldyn_name_offer(struct ssldyn_name_slip *slip, const char *name)
{
    const size_t apart = ssldyn_name_distance(slip->typed, name);
    if (apart < slip->least) {
        slip->least = apart;
        (void)snprintf(slip->hint, sizeof slip->hint, "; did you mean %.60s?", name);
    }
}

const char *ssldyn_name_hint(const char *typed, const char *names, char text[], size_t size)
{
    struct ssldyn_name_slip slip = {.typed = typed, .least = ssldyn_name_most_apart(typed)};
    size_t length = 0;
    for (const char *word = NULL; *typed && (word = ssldyn_name_next(&names, &length));) {
        char name[40];
        (void)snprintf(name, sizeof name, "%.*s", (int)length, word);
        ssldyn_name_offer(&slip, name);
    }
    (void)snprintf(text, size, "%s", slip.hint);
    return text;
}
