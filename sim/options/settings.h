/* The settings of a program: options from an experiment file and from the command line, for any
 * struct that a table of options describes. A program has a schema, its table and what goes
 * with it; its struct begins with a struct ssldyn_settings, which remembers where each value came
 * from. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_SETTINGS_H
#define SSLDYN_SIM_OPTIONS_SETTINGS_H

#include "sim/io/arrays.h"
#include "sim/options/option.h"

/* A heading of --help that has more to say. */
struct ssldyn_option_group {
    const char *name;
    const char *note;   /* under the heading */
    const char *prefix; /* of its options' names */
};

/* Options that share one row: every name with that prefix. */
struct ssldyn_option_family {
    const char *prefix;   /* "axis." */
    const char *whole;    /* the option that gives all of them at once */
    const char *argument; /* what their values are */
    unsigned commands;
    enum ssldyn_status (*set)(void *fields, const char *name, const char *value, const char *where,
                              struct ssldyn_error *err); /* name: without the prefix */
};

/* A program's options. */
struct ssldyn_schema {
    const char *program; /* "ssldyn" */
    const struct ssldyn_option *options;
    size_t count;
    const struct ssldyn_option_group *groups;  /* ends at a NULL name; NULL: none */
    const struct ssldyn_option_family *family; /* NULL: none */

    /* The name of a command (a bit); NULL: the program has one command, named like itself. */
    const char *(*command_name)(unsigned command);
    /* Whether an operand is an experiment file; NULL: always. */
    bool (*is_experiment)(unsigned command, const char *operand);

    /* More than the rows say; each may be NULL. Whether an option has an effect, else why not;
     * whether it takes back what an earlier source gave another; whether spec.conf has it. */
    bool (*applies)(const void *fields, const struct ssldyn_option *option, char *why, size_t size);
    bool (*replaces)(const void *fields, const struct ssldyn_option *option,
                     const struct ssldyn_option *other);
    bool (*is_written)(const void *fields, const struct ssldyn_option *option);

    /* A command of this mask reads experiment files of all commands. Of the options there that it
     * does not take itself it passes over those that passes_over says it can do without; NULL:
     * none. */
    unsigned readers;
    bool (*passes_over)(const void *fields, const struct ssldyn_option *option);

    /* A command of this mask keeps options of other commands, which borrow takes. */
    unsigned borrowers;
    enum ssldyn_status (*borrow)(void *fields, const struct ssldyn_option *option,
                                 const char *value, const char *where, struct ssldyn_error *err);
};

/* Where a value came from; a later source overrides an earlier one, and what contradicts it there
 * (--no-ema on the command line overrides beta in the file). */
enum ssldyn_source {
    SSLDYN_SOURCE_DEFAULT,
    SSLDYN_SOURCE_INFERRED, /* from the shapes of files */
    SSLDYN_SOURCE_FILE,
    SSLDYN_SOURCE_COMMAND_LINE,
    SSLDYN_SOURCE_POINT /* a sweep's axis, a threshold's search */
};
struct ssldyn_origin {
    enum ssldyn_source source;
    int line;        /* of the file */
    int member_line; /* of the family's member of that name: a line of the file, -1: on the command
                        line, 0: where the whole family was given */
};

/* The first member of a struct that a schema describes; the offsets of its rows count from here. */
struct ssldyn_settings {
    const struct ssldyn_schema *schema;
    unsigned command;
    struct ssldyn_origin *origins; /* one per row */
    enum ssldyn_source source;     /* what ssldyn_settings_set records, and the line */
    int line;
    char *file;                  /* the experiment file, NULL: none */
    bool complete;               /* which is a spec.conf: it gives the value of every option */
    struct ssldyn_arrays arrays; /* in place of files; options by their rows' names */

    /* operands of the command line that are not options */
    size_t operand_count;
    char **operands;
};

/* The row of a name (dashes or underscores), or NULL. */
const struct ssldyn_option *ssldyn_settings_find(const struct ssldyn_schema *schema,
                                                 const char *name);

/* The nearest option of the command to a mistyped name, or to what others call it; NULL: none. */
const struct ssldyn_option *ssldyn_settings_nearest(const struct ssldyn_schema *schema,
                                                    const char *name, unsigned command);

/* What the schema says of a heading; NULL: nothing. */
const struct ssldyn_option_group *ssldyn_settings_group(const struct ssldyn_schema *schema,
                                                        const char *name);

/* "flow": the command; "ssldyn flow": the program with it, in text of size bytes. */
const char *ssldyn_settings_command(const struct ssldyn_schema *schema, unsigned command);
const char *ssldyn_settings_title(const struct ssldyn_schema *schema, unsigned command, char text[],
                                  size_t size);

/* Every default. The struct, which begins with settings, is zero except for these. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_init(struct ssldyn_settings *settings,
                                                          const struct ssldyn_schema *schema,
                                                          unsigned command,
                                                          struct ssldyn_error *err);
/* Frees what settings and the rows' fields own. */
void ssldyn_settings_clear(struct ssldyn_settings *settings);

/* Gives *to, so far the same bytes as *from, its own copy of what it points to. ENOMEM: *to is
 * cleared. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_copy(const struct ssldyn_settings *from,
                                                          struct ssldyn_settings *to,
                                                          struct ssldyn_error *err);

/* Where the value of an option came from. */
struct ssldyn_origin *ssldyn_settings_origin(const struct ssldyn_settings *settings,
                                             const char *name);

/* Whether the user gave it (file or command line). */
bool ssldyn_settings_given(const struct ssldyn_settings *settings, const char *name);

/* How a message names an option that was given: "--eta", or "run.conf:12: eta". Returns buffer. */
const char *ssldyn_settings_where(const struct ssldyn_settings *settings,
                                  const struct ssldyn_option *option, char *buffer, size_t size);

/* Whether an option can have an effect as things are (its command and the switches it belongs to);
 * else why (size bytes, or NULL) gets what it needs, e.g. "applies only with --model lowdim". */
bool ssldyn_settings_applies(const struct ssldyn_settings *settings,
                             const struct ssldyn_option *option, char *why, size_t size);

/* Refuses what was given and would be ignored; but where a later source made it so, it goes back to
 * its default. EINPUT. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_check_ignored(struct ssldyn_settings *settings,
                                                                   struct ssldyn_error *err);

/* Sets one option from text; where is "file:line" or "--name" for the message. Refuses (EINPUT) an
 * unknown name (naming the nearest), one that is not the command's, a malformed or out-of-range
 * value. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_set(struct ssldyn_settings *settings,
                                                         const char *name, const char *value,
                                                         const char *where,
                                                         struct ssldyn_error *err);

/* Gives an option an array in memory in place of a file; name is the option's or its symbol ("W" is
 * init-w of a flow, w of align). The field of the option then says SSLDYN_ARRAY_LABEL, and readers
 * ask settings->arrays first; a text that is set later takes the array away. An option that repeats
 * gets one more value. What the view looks at is borrowed as long as settings, or a copy of them,
 * are in use. EINPUT: there is no such option, or it takes no array. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_array(struct ssldyn_settings *settings,
                                                           const char *name,
                                                           const struct ssldyn_array_view *view,
                                                           const char *where,
                                                           struct ssldyn_error *err);

/* As ssldyn_settings_set, for a line of an experiment file: where the option takes arrays, a value
 * that begins with SSLDYN_SETTINGS_BESIDE names a file in the folder of the experiment file. */
#define SSLDYN_SETTINGS_BESIDE "@/"
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_set_beside(struct ssldyn_settings *settings,
                                                                const char *name, const char *value,
                                                                const char *where,
                                                                struct ssldyn_error *err);

/* Refuses a name (EINPUT) that is not an option of the command, with a hint; option: that of other
 * commands by this name, or NULL. */
enum ssldyn_status ssldyn_settings_refuse(const struct ssldyn_settings *settings,
                                          const struct ssldyn_option *option, const char *name,
                                          const char *where, struct ssldyn_error *err);

/* Notes where the value that an option's field has by now, a sound one, came from, and forgets what
 * it overrides. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_mark(struct ssldyn_settings *settings,
                                                          const struct ssldyn_option *option,
                                                          struct ssldyn_error *err);

/* Takes an option back to its default. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_reset(struct ssldyn_settings *settings,
                                                           const struct ssldyn_option *option,
                                                           struct ssldyn_error *err);

/* Reads key = value lines ('#' starts a comment; indented lines continue a list). EINPUT with
 * file:line for unknown, repeated or misplaced keys; "version" and "command" keys of a spec.conf
 * are understood. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_settings_read(struct ssldyn_settings *settings, const char *path, struct ssldyn_error *err);
struct ssldyn_conf;
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_take(struct ssldyn_settings *settings,
                                                          const struct ssldyn_conf *conf,
                                                          const char *path,
                                                          struct ssldyn_error *err);

/* Parses a command line: an experiment file is read first, options go over it, other operands are
 * kept. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_parse(struct ssldyn_settings *settings,
                                                           int argc, char *argv[],
                                                           struct ssldyn_error *err);

/* Keeps an operand, behind those that there are. EINPUT: it is empty; ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_settings_add_operand(struct ssldyn_settings *settings,
                                                                 const char *text,
                                                                 struct ssldyn_error *err);

/* Prints spec.conf: its first lines, "# ssldyn spec 1", version and command; then every option that
 * has an effect and a value, such that reading it back gives the same. */
void ssldyn_settings_print_head(const struct ssldyn_settings *settings, FILE *stream);
void ssldyn_settings_print(const struct ssldyn_settings *settings, FILE *stream);

#endif
