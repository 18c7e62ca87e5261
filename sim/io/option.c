/* Names: options found by theirs, the nearest one to a slip of the finger, commands. */
// SPDX-License-Identifier: MIT
#include "sim/io/spec.h"

#include <ctype.h>
#include <string.h>

static const char *const command_names[] = {"flow",  "sgd",   "compare", "theory", "basin",
                                            "sweep", "align", "moments", "plot",   "report"};
enum { COMMANDS = sizeof command_names / sizeof command_names[0] };

const char *ssldyn_command_name(enum ssldyn_command command)
{
    for (int i = 0; i < COMMANDS; i++) {
        if ((unsigned)command == 1U << i) {
            return command_names[i];
        }
    }
    return "";
}

enum ssldyn_command ssldyn_command_find(const char *name)
{
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(name, command_names[i]) == 0) {
            return (enum ssldyn_command)(1U << i);
        }
    }
    return (enum ssldyn_command)0;
}

static char dash(char letter)
{
    if (letter == '_') {
        return '-';
    }
    return letter;
}

const struct ssldyn_option *ssldyn_option_find(const char *name)
{
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        const char *row = ssldyn_options[i].name;
        size_t k = 0;
        while (row[k] != '\0' && row[k] == dash(name[k])) {
            k++;
        }
        if (row[k] == '\0' && name[k] == '\0') {
            return &ssldyn_options[i];
        }
    }
    return NULL;
}

/* Levenshtein's distance, row by row. */
size_t ssldyn_name_distance(const char *a, const char *b)
{
    enum { LONGEST = 32, FAR = 99 };
    size_t row[LONGEST + 1];
    const size_t length = strlen(b);
    if (length > LONGEST || strlen(a) > LONGEST) {
        return FAR;
    }
    if (strncmp(a, b, strlen(a)) == 0) {
        return 1;
    }
    for (size_t j = 0; j <= length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= length; j++) {
            const bool same = tolower((unsigned char)dash(a[i - 1])) == b[j - 1];
            size_t least = diagonal + (same ? 0 : 1);
            least = row[j] + 1 < least ? row[j] + 1 : least;
            least = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
            diagonal = row[j];
            row[j] = least;
        }
    }
    return row[length];
}

const char *ssldyn_option_nearest(const char *name, enum ssldyn_command command)
{
    const char *nearest = NULL;
    size_t least = strlen(name) / 3 + 2; /* farther than that is no slip of the finger */
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        const struct ssldyn_option *option = &ssldyn_options[i];
        if ((option->commands & (unsigned)command) == 0) {
            continue;
        }
        const size_t apart = ssldyn_name_distance(name, option->name);
        if (apart < least) {
            least = apart;
            nearest = option->name;
        }
    }
    return nearest;
}
