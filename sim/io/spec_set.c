/* One option set from text: its value, its range, and what it overrides. */
// SPDX-License-Identifier: MIT
#include "sim/io/spec_internal.h"

#include "sim/base/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* {given, forgotten}: what a later source says (command line after file) overrides what an earlier
 * one said against it. */
static const char *const overrides[][2] = {
    {"eta", "eta-p"},   {"eta", "eta-s"},   {"tau", "no-ema"}, {"tau", "beta"}, {"no-ema", "tau"},
    {"no-ema", "beta"}, {"beta", "no-ema"}, {"beta", "tau"},   {"x", "n1"},
};

static enum ssldyn_status no_memory(struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the options");
}

/* "at least 0", "more than 0 and at most 8": what a number may be. */
static void describe_range(const struct ssldyn_option *option, char *text, size_t size)
{
    char low[64] = "";
    char high[64] = "";
    if (isfinite(option->minimum)) {
        snprintf(low, sizeof low, "%s %.10g", option->minimum_open ? "more than" : "at least",
                 option->minimum);
    }
    if (isfinite(option->maximum)) {
        snprintf(high, sizeof high, "%s %.10g", option->maximum_open ? "less than" : "at most",
                 option->maximum);
    }
    snprintf(text, size, "%s%s%s", low, low[0] && high[0] ? " and " : "", high);
}

static bool in_range(const struct ssldyn_option *option, double value)
{
    const bool above = option->minimum_open ? value > option->minimum : value >= option->minimum;
    const bool below = option->maximum_open ? value < option->maximum : value <= option->maximum;
    return above && below;
}

static enum ssldyn_status refuse_range(const struct ssldyn_option *option, const char *value,
                                       const char *where, struct ssldyn_error *err)
{
    char range[160];
    describe_range(option, range, sizeof range);
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: must be %s", where, value, range);
}

static enum ssldyn_status set_number(struct ssldyn_spec *spec, const struct ssldyn_option *option,
                                     const char *value, const char *where, struct ssldyn_error *err)
{
    double number = 0.0;
    int64_t whole = 0;
    uint64_t seed = 0;
    bool fine = false;
    const char *wanted = "a whole number";
    switch (option->kind) {
    case SSLDYN_OPTION_DOUBLE:
        wanted = "a finite number, such as 0.04 or 1e-3";
        fine = ssldyn_parse_double(value, &number);
        break;
    case SSLDYN_OPTION_INTEGER:
        fine = ssldyn_parse_int64(value, &whole);
        number = (double)whole;
        break;
    default:
        wanted = "a whole number from 0 to 18446744073709551615";
        fine = ssldyn_parse_uint64(value, &seed);
        break;
    }
    if (!fine) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: must be %s", where,
                           value[0] ? value : "(nothing)", wanted);
    }
    if (!in_range(option, number)) {
        return refuse_range(option, value, where, err);
    }
    void *field = ssldyn_spec_field(spec, option->offset);
    if (option->kind == SSLDYN_OPTION_DOUBLE) {
        *(double *)field = number;
    } else if (option->kind == SSLDYN_OPTION_INTEGER) {
        *(int64_t *)field = whole;
    } else {
        *(uint64_t *)field = seed;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status set_flag(struct ssldyn_spec *spec, const struct ssldyn_option *option,
                                   const char *value, const char *where, struct ssldyn_error *err)
{
    const bool yes = strcmp(value, "true") == 0;
    if (!yes && strcmp(value, "false") != 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: must be true or false", where,
                           value[0] ? value : "(nothing)");
    }
    *(bool *)ssldyn_spec_field(spec, option->offset) = yes == (option->kind == SSLDYN_OPTION_FLAG);
    return SSLDYN_OK;
}

/* Index of value among "a|b|c", or -1; *count is their number. */
static int choice_index(const char *choices, const char *value, int *count)
{
    const size_t length = strlen(value);
    int found = -1;
    *count = 0;
    for (const char *word = choices;; (*count)++) {
        const size_t end = strcspn(word, "|");
        if (end == length && strncmp(word, value, length) == 0) {
            found = *count;
        }
        if (word[end] == '\0') {
            (*count)++;
            return found;
        }
        word += end + 1;
    }
}

static enum ssldyn_status set_string(struct ssldyn_spec *spec, const struct ssldyn_option *option,
                                     const char *value, const char *where, struct ssldyn_error *err)
{
    if (value[0] == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: needs a value (%s)", where, option->argument);
    }
    for (const char *c = value; *c; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: holds a control character", where,
                               value);
        }
    }
    char *copy = ssldyn_string_copy(value);
    if (!copy) {
        return no_memory(err);
    }
    char **field = ssldyn_spec_string(spec, option);
    free(*field);
    *field = copy;
    return SSLDYN_OK;
}

static enum ssldyn_status set_choice(struct ssldyn_spec *spec, const struct ssldyn_option *option,
                                     const char *value, const char *where, struct ssldyn_error *err)
{
    int count = 0;
    int index = choice_index(option->choices, value, &count);
    if (index < 0) {
        const bool file = option->kind == SSLDYN_OPTION_CHOICE_OR_FILE;
        if (!file || !strpbrk(value, "./")) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: must be one of %s%s", where,
                               value[0] ? value : "(nothing)", option->choices,
                               file ? ", or a file's name" : "");
        }
        const enum ssldyn_status status = set_string(spec, option, value, where, err);
        if (status != SSLDYN_OK) {
            return status;
        }
        index = count;
    } else if (option->kind == SSLDYN_OPTION_CHOICE_OR_FILE) {
        char **file = ssldyn_spec_string(spec, option);
        free(*file);
        *file = NULL;
    }
    /* Every enumeration of ours is as wide as an int. */
    memcpy(ssldyn_spec_field(spec, option->offset), &index, sizeof index);
    return SSLDYN_OK;
}

static enum ssldyn_status set_list(struct ssldyn_spec *spec, const struct ssldyn_option *option,
                                   const char *value, const char *where, struct ssldyn_error *err)
{
    struct ssldyn_list list;
    const char *fault = NULL;
    if (!ssldyn_parse_list(value, &list, &fault)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s = %.80s: %s; a list is 0.1,0.2 or from:to:points or "
                           "log:from:to:points",
                           where, value[0] ? value : "(nothing)", fault);
    }
    for (size_t i = 0; i < list.count; i++) {
        if (!in_range(option, list.values[i])) {
            char text[32];
            snprintf(text, sizeof text, "%.10g", list.values[i]);
            free(list.values);
            return refuse_range(option, text, where, err);
        }
    }
    struct ssldyn_list *field = ssldyn_spec_field(spec, option->offset);
    free(field->values);
    *field = list;
    return SSLDYN_OK;
}

static enum ssldyn_status set_value(struct ssldyn_spec *spec, const struct ssldyn_option *option,
                                    const char *value, const char *where, struct ssldyn_error *err)
{
    switch (option->kind) {
    case SSLDYN_OPTION_DOUBLE:
    case SSLDYN_OPTION_INTEGER:
    case SSLDYN_OPTION_SEED:
        return set_number(spec, option, value, where, err);
    case SSLDYN_OPTION_FLAG:
    case SSLDYN_OPTION_NEGATION:
        return set_flag(spec, option, value, where, err);
    case SSLDYN_OPTION_CHOICE:
    case SSLDYN_OPTION_CHOICE_OR_FILE:
        return set_choice(spec, option, value, where, err);
    case SSLDYN_OPTION_STRING:
        return set_string(spec, option, value, where, err);
    case SSLDYN_OPTION_LIST:
        break;
    }
    return set_list(spec, option, value, where, err);
}

enum ssldyn_status ssldyn_spec_reset(struct ssldyn_spec *spec, const struct ssldyn_option *option,
                                     struct ssldyn_error *err)
{
    void *field = ssldyn_spec_field(spec, option->offset);
    spec->origins[option - ssldyn_options] = (struct ssldyn_origin){SSLDYN_SOURCE_STANDARD, 0};
    if (ssldyn_option_has_string(option)) {
        char **string = ssldyn_spec_string(spec, option);
        free(*string);
        *string = NULL;
    }
    if (option->standard) {
        return set_value(spec, option, option->standard, option->name, err);
    }
    switch (option->kind) {
    case SSLDYN_OPTION_FLAG:
    case SSLDYN_OPTION_NEGATION:
        *(bool *)field = option->kind == SSLDYN_OPTION_NEGATION;
        break;
    case SSLDYN_OPTION_DOUBLE:
        *(double *)field = 0.0;
        break;
    case SSLDYN_OPTION_INTEGER:
        *(int64_t *)field = 0;
        break;
    case SSLDYN_OPTION_SEED:
        *(uint64_t *)field = 0;
        break;
    case SSLDYN_OPTION_CHOICE:
    case SSLDYN_OPTION_CHOICE_OR_FILE:
        memset(field, 0, sizeof(int));
        break;
    case SSLDYN_OPTION_LIST:
        free(((struct ssldyn_list *)field)->values);
        *(struct ssldyn_list *)field = (struct ssldyn_list){0, NULL};
        break;
    case SSLDYN_OPTION_STRING:
        break;
    }
    return SSLDYN_OK;
}

/* Forgets what an earlier source gave against the option that this one gives. */
static enum ssldyn_status override_earlier(struct ssldyn_spec *spec,
                                           const struct ssldyn_option *option,
                                           struct ssldyn_error *err)
{
    for (size_t i = 0; i < sizeof overrides / sizeof overrides[0]; i++) {
        if (strcmp(overrides[i][0], option->name) != 0) {
            continue;
        }
        const struct ssldyn_option *other = ssldyn_option_find(overrides[i][1]);
        const struct ssldyn_origin *origin = &spec->origins[other - ssldyn_options];
        if (origin->source != SSLDYN_SOURCE_STANDARD && origin->source < spec->source) {
            const enum ssldyn_status status = ssldyn_spec_reset(spec, other, err);
            if (status != SSLDYN_OK) {
                return status;
            }
        }
    }
    return SSLDYN_OK;
}

/* Refuses a name that is no option of the command, with a hint. */
static enum ssldyn_status refuse_name(const struct ssldyn_spec *spec,
                                      const struct ssldyn_option *option, const char *name,
                                      const char *where, struct ssldyn_error *err)
{
    const char *command = ssldyn_command_name(spec->command);
    if (option) {
        char commands[128] = "";
        for (unsigned bit = 1; bit <= option->commands; bit <<= 1) {
            if (option->commands & bit) {
                const size_t used = strlen(commands);
                snprintf(commands + used, sizeof commands - used, "%s%s", used ? ", " : "",
                         ssldyn_command_name((enum ssldyn_command)bit));
            }
        }
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is no option of ssldyn %s (but of: %s)", where,
                           command, commands);
    }
    const char *nearest = ssldyn_option_nearest(name, spec->command);
    if (nearest) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown option; did you mean %s?", where,
                           nearest);
    }
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown option; \"ssldyn %s --help\" lists them",
                       where, command);
}

enum ssldyn_status ssldyn_spec_set(struct ssldyn_spec *spec, const char *name, const char *value,
                                   const char *where, struct ssldyn_error *err)
{
    const unsigned swept = SSLDYN_COMMAND_SWEEP | SSLDYN_COMMAND_BASIN;
    if (strncmp(name, "axis.", 5) == 0 && ((unsigned)spec->command & swept) != 0) {
        return ssldyn_spec_axis(spec, name + 5, value, where, err);
    }
    const struct ssldyn_option *option = ssldyn_option_find(name);
    if (!option || (option->commands & (unsigned)spec->command) == 0) {
        return refuse_name(spec, option, name, where, err);
    }
    enum ssldyn_status status = set_value(spec, option, value, where, err);
    if (status == SSLDYN_OK) {
        status = override_earlier(spec, option, err);
    }
    if (status == SSLDYN_OK) {
        spec->origins[option - ssldyn_options] = (struct ssldyn_origin){spec->source, 0};
    }
    return status;
}
