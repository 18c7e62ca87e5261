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

bool ssldyn_name_in(const char *typed, const char *names)
{
    while (names && *names) {
        const size_t length = strcspn(names, "|");
        size_t k = 0;
        while (k < length && names[k] == tolower((unsigned char)dash(typed[k]))) {
            k++;
        }
        if (k == length && typed[k] == '\0') {
            return true;
        }
        names += length + (names[length] == '|');
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

const char *ssldyn_name_hint(const char *typed, const char *names, char text[], size_t size)
{
    size_t least = ssldyn_name_most_apart(typed);
    text[0] = '\0';
    while (*names && *typed) {
        char name[40];
        const size_t length = strcspn(names, "|");
        (void)snprintf(name, sizeof name, "%.*s", (int)length, names);
        const size_t apart = ssldyn_name_distance(typed, name);
        if (apart < least) {
            least = apart;
            (void)snprintf(text, size, "; did you mean %s?", name);
        }
        names += length + (names[length] == '|');
    }
    return text;
}
