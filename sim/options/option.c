/* Names: options found by theirs, the nearest one to a slip of the finger, commands. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

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

/* What a distance may be at most for a slip of the finger. */
static size_t most_apart(const char *typed)
{
    return strlen(typed) / 3 + 2;
}

const char *ssldyn_name_hint(const char *typed, const char *names, char text[], size_t size)
{
    size_t least = most_apart(typed);
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

/* What a training script calls a setting, and the option that takes it. */
static const char *const other_names[][2] = {
    {"ema", "train-ema"},
    {"tau-ema", "train-ema"},
    {"ema-tau", "train-ema"},
    {"ema-decay", "train-ema"},
    {"ema-momentum", "train-ema"},
    {"base-ema", "train-ema"},
    {"base-tau", "train-ema"},
    {"base-momentum", "train-ema"},
    {"target-momentum", "train-ema"},
    {"momentum-target", "train-ema"},
    {"target-ema", "train-ema"},
    {"target-decay", "train-ema"},
    {"moving-average-decay", "train-ema"},
    {"gamma", "train-ema"},
    {"gamma-a", "train-ema"},
    {"weight-decay", "train-weight-decay"},
    {"wd", "train-weight-decay"},
    {"decay", "train-weight-decay"},
    {"l2", "train-weight-decay"},
    {"train-wd", "train-weight-decay"},
    {"train-decay", "train-weight-decay"},
    {"lambda", "train-weight-decay"},
    {"learning-rate", "train-lr"},
    {"lr", "train-lr"},
    {"base-lr", "train-lr"},
    {"step-size", "train-lr"},
    {"train-learning-rate", "train-lr"},
    {"alpha", "train-lr"},
    {"momentum", "train-momentum"},
    {"mu", "train-momentum"},
    {"sgd-momentum", "train-momentum"},
    {"loss-factor", "train-loss-factor"},
    {"loss-scale", "train-loss-factor"},
    {"kappa", "train-loss-factor"},
    {"predictor-lr", "train-predictor-lr"},
    {"lr-predictor", "train-predictor-lr"},
    {"pred-lr", "train-predictor-lr"},
    {"lr-pred", "train-predictor-lr"},
    {"predictor-weight-decay", "train-predictor-weight-decay"},
    {"predictor-wd", "train-predictor-weight-decay"},
    {"wd-predictor", "train-predictor-weight-decay"},
    {"steps", "train-steps"},
    {"iterations", "train-steps"},
    {"epochs", "train-steps"},
    {"max-steps", "train-steps"},
    {"train-epochs", "train-steps"},
    {"batch-size", "batch"},
};

static bool is_name(const char *typed, const char *name)
{
    size_t k = 0;
    while (name[k] != '\0' && name[k] == tolower((unsigned char)dash(typed[k]))) {
        k++;
    }
    return name[k] == '\0' && typed[k] == '\0';
}

const char *ssldyn_option_nearest(const char *name, enum ssldyn_command command)
{
    const char *nearest = NULL;
    size_t least = most_apart(name);
    for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++) {
        const struct ssldyn_option *option = ssldyn_option_find(other_names[i][1]);
        if (is_name(name, other_names[i][0]) && (option->commands & (unsigned)command) != 0) {
            return option->name;
        }
    }
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
