/* The value of one option, in any struct that a table of options describes: struct ssldyn_spec, or
 * that of another program with a table of its own. fields is the struct to which offsets count. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_OPTION_VALUE_H
#define SSLDYN_SIM_OPTIONS_OPTION_VALUE_H

#include "sim/options/spec.h"

#include <stdio.h>

static inline void *ssldyn_option_field(const void *fields, size_t offset)
{
    return (char *)(uintptr_t)fields + offset;
}

/* Whether the struct owns a string for the option, and where. */
static inline bool ssldyn_option_has_string(const struct ssldyn_option *option)
{
    return option->kind == SSLDYN_OPTION_STRING || option->kind == SSLDYN_OPTION_CHOICE_OR_FILE;
}

static inline char **ssldyn_option_string(const void *fields, const struct ssldyn_option *option)
{
    return (char **)ssldyn_option_field(
        fields, option->kind == SSLDYN_OPTION_STRING ? option->offset : option->file_offset);
}

/* Sets it from text; where is "file:line: name" or "--name" for the message. EINPUT for what is
 * malformed or out of range. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_option_set(void *fields,
                                                       const struct ssldyn_option *option,
                                                       const char *value, const char *where,
                                                       struct ssldyn_error *err);

/* Whether a word of the command line can be the value of the option before it: a number may be
 * negative, and "-" is a name; anything else that begins with a dash is the next option. */
bool ssldyn_option_is_value(const char *word);

/* EINPUT: an option, as typed, has no value, but word in its place (NULL: nothing at all). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_option_no_value(const char *typed, const char *argument,
                                                            const char *word,
                                                            struct ssldyn_error *err);

/* Adds a value to those of an option that repeats, behind them. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_option_append(void *fields,
                                                          const struct ssldyn_option *option,
                                                          const char *value, const char *where,
                                                          struct ssldyn_error *err);

/* Takes it to its default; without one a flag is off, a number 0, the rest empty. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_option_reset(void *fields, const struct ssldyn_option *option, struct ssldyn_error *err);

/* Frees what the struct owns for it. */
void ssldyn_option_clear(void *fields, const struct ssldyn_option *option);

/* The present value as text, such that setting it gives it back; buffer of size bytes. */
const char *ssldyn_option_text(const void *fields, const struct ssldyn_option *option, char *buffer,
                               size_t size);

/* Its line of a file: "alpha_p = 1". */
void ssldyn_option_write(const void *fields, const struct ssldyn_option *option, FILE *stream);

#endif
