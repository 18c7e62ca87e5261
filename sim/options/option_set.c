/* The value of one option from text: what it may be, and where it goes. */
// SPDX-License-Identifier: MIT
#include "sim/options/option.h"

#include "sim/base/memory.h"
#include "sim/base/parse.h"
#include "sim/options/name.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum ssldyn_status no_memory(struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the options");
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

static enum ssldyn_status set_number(void *fields, const struct ssldyn_option *option,
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
    void *field = ssldyn_option_field(fields, option->offset);
    if (option->kind == SSLDYN_OPTION_DOUBLE) {
        *(double *)field = number;
    } else if (option->kind == SSLDYN_OPTION_INTEGER) {
        *(int64_t *)field = whole;
    } else {
        *(uint64_t *)field = seed;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status set_flag(void *fields, const struct ssldyn_option *option,
                                   const char *value, const char *where, struct ssldyn_error *err)
{
    const bool yes = strcmp(value, "true") == 0;
    if (!yes && strcmp(value, "false") != 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: must be true or false", where,
                           value[0] ? value : "(nothing)");
    }
    *(bool *)ssldyn_option_field(fields, option->offset) =
        yes == (option->kind == SSLDYN_OPTION_FLAG);
    return SSLDYN_OK;
}

/* Index of value among "a|b|c", or -1; *count is their number. */
static int choice_index(const char *choices, const char *value, int *count)
{
    size_t length = 0;
    int found = -1;
    *count = 0;
    for (const char *word = NULL; (word = ssldyn_name_next(&choices, &length)); (*count)++) {
        if (length == strlen(value) && strncmp(word, value, length) == 0) {
            found = *count;
        }
    }
    return found;
}

static enum ssldyn_status set_string(void *fields, const struct ssldyn_option *option,
                                     const char *value, const char *where, struct ssldyn_error *err)
{
    if (value[0] == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: needs a value (%s)", where, option->argument);
    }
    if (!option->repeats && strchr(value, '\n')) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: takes one value, not several", where);
    }
    for (const char *c = value; *c; c++) {
        if (*c == '\n' && c[1] != '\n' && c[1] != '\0' && c != value) {
            continue; /* between the values of an option that repeats */
        }
        if ((unsigned char)*c < 0x20 || *c == 0x7f) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: holds a control character", where,
                               value);
        }
    }
    char *copy = ssldyn_memory_copy(value);
    if (!copy) {
        return no_memory(err);
    }
    char **field = ssldyn_option_string(fields, option);
    free(*field);
    *field = copy;
    return SSLDYN_OK;
}

/* Every enumeration of ours is as wide as an int. */
static void set_index(void *fields, const struct ssldyn_option *option, int index)
{
    memcpy(ssldyn_option_field(fields, option->offset), &index, sizeof index);
}

enum ssldyn_status ssldyn_option_set_file(void *fields, const struct ssldyn_option *option,
                                          const char *file, const char *where,
                                          struct ssldyn_error *err)
{
    const enum ssldyn_status status = set_string(fields, option, file, where, err);
    if (status == SSLDYN_OK && option->kind == SSLDYN_OPTION_CHOICE_OR_FILE) {
        int count = 0;
        (void)choice_index(option->choices, file, &count);
        set_index(fields, option, count);
    }
    return status;
}

static enum ssldyn_status set_choice(void *fields, const struct ssldyn_option *option,
                                     const char *value, const char *where, struct ssldyn_error *err)
{
    int count = 0;
    const int index = choice_index(option->choices, value, &count);
    if (index < 0) {
        const bool file = option->kind == SSLDYN_OPTION_CHOICE_OR_FILE;
        if (!file || !strpbrk(value, "./")) {
            char hint[64];
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: must be one of %s%s%s", where,
                               value[0] ? value : "(nothing)", option->choices,
                               file ? ", or a file's name" : "",
                               ssldyn_name_hint(value, option->choices, hint, sizeof hint));
        }
        return ssldyn_option_set_file(fields, option, value, where, err);
    } else if (option->kind == SSLDYN_OPTION_CHOICE_OR_FILE) {
        char **file = ssldyn_option_string(fields, option);
        free(*file);
        *file = NULL;
    }
    set_index(fields, option, index);
    return SSLDYN_OK;
}

static enum ssldyn_status set_list(void *fields, const struct ssldyn_option *option,
                                   const char *value, const char *where, struct ssldyn_error *err)
{
    struct ssldyn_list list;
    const char *fault = NULL;
    if (!ssldyn_parse_list(value, &list, &fault)) {
        if (!fault) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        }
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
    struct ssldyn_list *field = ssldyn_option_field(fields, option->offset);
    free(field->values);
    *field = list;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_option_set(void *fields, const struct ssldyn_option *option,
                                     const char *value, const char *where, struct ssldyn_error *err)
{
    switch (option->kind) {
    case SSLDYN_OPTION_DOUBLE:
    case SSLDYN_OPTION_INTEGER:
    case SSLDYN_OPTION_SEED:
        return set_number(fields, option, value, where, err);
    case SSLDYN_OPTION_FLAG:
    case SSLDYN_OPTION_NEGATION:
        return set_flag(fields, option, value, where, err);
    case SSLDYN_OPTION_CHOICE:
    case SSLDYN_OPTION_CHOICE_OR_FILE:
        return set_choice(fields, option, value, where, err);
    case SSLDYN_OPTION_STRING:
        return set_string(fields, option, value, where, err);
    case SSLDYN_OPTION_LIST:
        break;
    }
    return set_list(fields, option, value, where, err);
}

enum ssldyn_status ssldyn_option_append(void *fields, const struct ssldyn_option *option,
                                        const char *value, const char *where,
                                        struct ssldyn_error *err)
{
    const char *before = *ssldyn_option_string(fields, option);
    const size_t size = (before ? strlen(before) : 0) + strlen(value) + 2;
    char *both = ssldyn_memory_array(size, 1);
    if (!both) {
        return no_memory(err);
    }
    if (value[0] == '\0' || strchr(value, '\n')) {
        free(both);
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: needs a value (%s)", where, option->argument);
    }
    snprintf(both, size, "%s%s%s", before ? before : "", before ? "\n" : "", value);
    const enum ssldyn_status status = set_string(fields, option, both, where, err);
    free(both);
    return status;
}

enum ssldyn_status ssldyn_option_reset(void *fields, const struct ssldyn_option *option,
                                       struct ssldyn_error *err)
{
    static const size_t sizes[] = {
        [SSLDYN_OPTION_DOUBLE] = sizeof(double),      [SSLDYN_OPTION_INTEGER] = sizeof(int64_t),
        [SSLDYN_OPTION_SEED] = sizeof(uint64_t),      [SSLDYN_OPTION_FLAG] = sizeof(bool),
        [SSLDYN_OPTION_NEGATION] = sizeof(bool),      [SSLDYN_OPTION_CHOICE] = sizeof(int),
        [SSLDYN_OPTION_CHOICE_OR_FILE] = sizeof(int), [SSLDYN_OPTION_LIST] = 0};
    void *field = ssldyn_option_field(fields, option->offset);
    ssldyn_option_clear(fields, option);
    if (option->default_text) {
        return ssldyn_option_set(fields, option, option->default_text, option->name, err);
    }
    memset(field, 0, sizes[option->kind]);
    if (option->kind == SSLDYN_OPTION_NEGATION) {
        *(bool *)field = true;
    }
    return SSLDYN_OK;
}

void ssldyn_option_clear(void *fields, const struct ssldyn_option *option)
{
    if (ssldyn_option_has_string(option)) {
        free(*ssldyn_option_string(fields, option));
        *ssldyn_option_string(fields, option) = NULL;
    } else if (option->kind == SSLDYN_OPTION_LIST) {
        struct ssldyn_list *list = ssldyn_option_field(fields, option->offset);
        free(list->values);
        *list = (struct ssldyn_list){0, NULL};
    }
}

bool ssldyn_option_copy(const void *from, void *to, const struct ssldyn_option *option)
{
    if (ssldyn_option_has_string(option)) {
        const char *text = *ssldyn_option_string(from, option);
        char **string = ssldyn_option_string(to, option);
        *string = ssldyn_memory_copy(text);
        return !text || *string;
    }
    if (option->kind != SSLDYN_OPTION_LIST) {
        return true;
    }
    const struct ssldyn_list *list = ssldyn_option_field(from, option->offset);
    struct ssldyn_list *copy = ssldyn_option_field(to, option->offset);
    *copy = (struct ssldyn_list){0, ssldyn_memory_array(list->count, sizeof(double))};
    if (!copy->values) {
        return false;
    }
    if (list->count > 0) {
        memcpy(copy->values, list->values, list->count * sizeof(double));
    }
    copy->count = list->count;
    return true;
}
