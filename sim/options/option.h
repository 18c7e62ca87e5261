/* One option: a row of a table, from which the command line, experiment files, spec.conf, help,
 * range checks and contradictions follow; and its value, in the struct that the table describes
 * (fields: to which its offsets count). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_OPTION_H
#define SSLDYN_SIM_OPTIONS_OPTION_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum ssldyn_option_kind {
    SSLDYN_OPTION_DOUBLE,
    SSLDYN_OPTION_INTEGER,  /* int64_t */
    SSLDYN_OPTION_SEED,     /* uint64_t */
    SSLDYN_OPTION_FLAG,     /* bool, set true by its presence; in a file: key = true|false */
    SSLDYN_OPTION_NEGATION, /* bool, set false by its presence (--no-ema) */
    SSLDYN_OPTION_CHOICE,   /* enum (int), one of choices "a|b|c" in the enum's order */
    SSLDYN_OPTION_STRING,
    SSLDYN_OPTION_CHOICE_OR_FILE, /* CHOICE, or a file's name (with a dot or slash): one past the
                                     last choice at offset, the name at file_offset */
    SSLDYN_OPTION_LIST            /* struct ssldyn_list: 0.1,0.2  or a:b:n  or log:a:b:n */
};

/* Whether spec.conf has a line for an option that applies. */
enum ssldyn_option_written {
    SSLDYN_OPTION_WRITTEN,       /* where it has a value */
    SSLDYN_OPTION_WRITTEN_GIVEN, /* where it was given */
    SSLDYN_OPTION_WRITTEN_NEVER  /* others say it, or it does not change results */
};

/* What an option needs to have an effect, and what a message says where it is not met. */
struct ssldyn_option_need {
    bool (*met)(const void *fields);
    const char *why; /* "applies only with --threshold" */
};
enum { SSLDYN_OPTION_NEEDS = 2 };

struct ssldyn_option {
    const char *name;         /* with dashes, as typed after "--"; a file may write _ for - */
    const char *argument;     /* what --help shows, e.g. "RATE"; NULL for flags */
    const char *help;         /* one or two lines: meaning and unit */
    const char *group;        /* heading in --help */
    const char *default_text; /* NULL: none, or in the help text */
    const char *choices;      /* CHOICE only; of a register's list: SSLDYN_OPTION_CHOICES */
    const char *(*meaning)(int choice); /* of each choice, for help; NULL: help explains them */
    enum ssldyn_option_kind kind;
    size_t offset;                   /* of the value */
    size_t file_offset;              /* CHOICE_OR_FILE only */
    double minimum, maximum;         /* of numbers and of each entry of a list */
    bool minimum_open, maximum_open; /* whether the bound itself is excluded */
    char letter;                     /* short form, 0: none */
    unsigned commands;               /* mask of those that take it; 0: all */
    unsigned part; /* enum ssldyn_model_part: belongs to the models that have it; 0: to all */
    bool repeats;  /* STRING: may be given several times; the values, in order, are its lines */
    bool array;    /* STRING, CHOICE_OR_FILE: an array in memory may take the file's place */
    const char *symbol;  /* what the mathematics calls that array, "Wp"; NULL: as the option */
    bool decides;        /* others have an effect or none by it: a later source's replaces theirs */
    bool replaces_group; /* as replaces, all others of its group */
    enum ssldyn_option_written written;
    const char *replaces; /* "tau|beta": what an earlier source gave of these is forgotten */
    const char *aliases;  /* "wd|decay": what others call it, for "did you mean" */
    struct ssldyn_option_need needs[SSLDYN_OPTION_NEEDS]; /* all of them; ends at met == NULL */
};

/* How a row begins: its name, argument (NULL for flags) and group. */
#define SSLDYN_OPTION(NAME, ARGUMENT, GROUP) .name = NAME, .argument = ARGUMENT, .group = GROUP

/* choices from a register's list, whose entries each give "|" #name. */
#define SSLDYN_OPTION_CHOICES(words) (&("" words)[1])

static inline void *ssldyn_option_field(const void *fields, size_t offset)
{
    return (char *)(uintptr_t)fields + offset;
}

static inline bool ssldyn_option_is_flag(const struct ssldyn_option *option)
{
    return option->kind == SSLDYN_OPTION_FLAG || option->kind == SSLDYN_OPTION_NEGATION;
}

/* Whether a command (a bit) takes it. */
static inline bool ssldyn_option_is_of(const struct ssldyn_option *option, unsigned command)
{
    return option->commands == 0 || (option->commands & command) != 0;
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

/* Whether it is a flag that is not set: its default. */
bool ssldyn_option_is_off(const void *fields, const struct ssldyn_option *option);

/* Sets it from text; where is "file:line: name" or "--name" for the message. EINPUT for what is
 * malformed or out of range. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_option_set(void *fields,
                                                       const struct ssldyn_option *option,
                                                       const char *value, const char *where,
                                                       struct ssldyn_error *err);

/* Sets it to the name of a file, even if the name is that of a choice. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_option_set_file(void *fields,
                                                            const struct ssldyn_option *option,
                                                            const char *file, const char *where,
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

/* Gives *to, so far the same bytes as *from, its own copy of what the option points to; false, and
 * nothing there, when memory is out. */
bool ssldyn_option_copy(const void *from, void *to, const struct ssldyn_option *option);

/* The present value as text, such that setting it gives it back; buffer of size bytes. */
const char *ssldyn_option_text(const void *fields, const struct ssldyn_option *option, char *buffer,
                               size_t size);

/* Writes length characters of text as a value in a file: in quotes if quoted, or where a '#', a
 * quote or a blank at an end would be misread. */
void ssldyn_option_write_string(const char *text, size_t length, bool quoted, FILE *stream);

/* Its line of a file: "alpha_p = 1". */
void ssldyn_option_write(const void *fields, const struct ssldyn_option *option, FILE *stream);

#endif
