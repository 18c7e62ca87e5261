/* The command line of one command, from the option table. getopt_long is not used: it completes
 * abbreviations, which break when an option is added, and keeps its place in global variables. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/options/option_value.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Commands whose one operand is an experiment file. */
static const unsigned takes_file = SSLDYN_COMMAND_FLOW | SSLDYN_COMMAND_SGD |
                                   SSLDYN_COMMAND_THEORY | SSLDYN_COMMAND_BASIN |
                                   SSLDYN_COMMAND_SWEEP;

/* A walk along argv; what it meets goes to the spec, in two passes: operands, then options. */
struct walk {
    struct ssldyn_spec *spec;
    int argc;
    char **argv;
    int next;
    bool set; /* second pass: options are set; first pass: operands are kept */
};

static bool is_flag(const struct ssldyn_option *option)
{
    return option->kind == SSLDYN_OPTION_FLAG || option->kind == SSLDYN_OPTION_NEGATION;
}

static enum ssldyn_status keep_operand(struct walk *walk, const char *text,
                                       struct ssldyn_error *err)
{
    struct ssldyn_spec *spec = walk->spec;
    if (walk->set) {
        return SSLDYN_OK;
    }
    if (text[0] == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "the name of a file is empty");
    }
    if (!spec->operands) {
        spec->operands = ssldyn_array_alloc((size_t)walk->argc, sizeof *spec->operands);
    }
    char *copy = spec->operands ? ssldyn_string_copy(text) : NULL;
    if (!copy) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the command line");
    }
    spec->operands[spec->operand_count++] = copy;
    return SSLDYN_OK;
}

/* One option with its value ("" and more where attached, else NULL). typed: as it was written. */
static enum ssldyn_status take_option(struct walk *walk, const struct ssldyn_option *option,
                                      const char *typed, const char *value,
                                      struct ssldyn_error *err)
{
    if (!value && is_flag(option)) {
        value = "true";
    } else if (!value) {
        const bool more = walk->next < walk->argc;
        if (!more || !ssldyn_option_is_value(walk->argv[walk->next])) {
            return ssldyn_option_no_value(typed, option->argument,
                                          more ? walk->argv[walk->next] : NULL, err);
        }
        value = walk->argv[walk->next++];
    }
    if (!walk->set) {
        return SSLDYN_OK;
    }
    struct ssldyn_spec *spec = walk->spec;
    if (!option->repeats &&
        spec->origins[option - ssldyn_options].source == SSLDYN_SOURCE_COMMAND_LINE) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given twice", typed);
    }
    if (strchr(value, '\n')) { /* it would part the values of one that repeats */
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: holds a control character", typed,
                           value);
    }
    return ssldyn_spec_set(spec, option->name, value, typed, err);
}

/* Whether an argument before the one that is walked gives the same axis. */
static bool is_axis_before(const struct walk *walk, const char *name)
{
    const struct ssldyn_option *option = ssldyn_option_find(name);
    for (int i = 0; option && i < walk->next - 1; i++) {
        char word[64] = "";
        if (strncmp(walk->argv[i], "--axis.", 7) == 0) {
            snprintf(word, sizeof word, "%.*s", (int)strcspn(walk->argv[i] + 7, "="),
                     walk->argv[i] + 7);
        }
        if (ssldyn_option_find(word) == option) {
            return true;
        }
    }
    return false;
}

/* --axis.NAME=VALUES, --axis.NAME VALUES */
static enum ssldyn_status take_axis(struct walk *walk, const char *typed, const char *value,
                                    struct ssldyn_error *err)
{
    if (is_axis_before(walk, typed + 7)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given twice", typed);
    }
    if (!value) {
        const char *word = walk->next < walk->argc ? walk->argv[walk->next] : NULL;
        if (!word || !ssldyn_option_is_value(word)) {
            return ssldyn_option_no_value(typed, "from:to:points, log:from:to:points or list:a,b,c",
                                          word, err);
        }
        value = word;
        walk->next++;
    }
    if (!walk->set) {
        return SSLDYN_OK;
    }
    return ssldyn_spec_set(walk->spec, typed + 2, value ? value : "", typed, err);
}

/* Of ssldyn figure: an option of the runs, kept as NAME=VALUES. */
static enum ssldyn_status take_value(struct walk *walk, const struct ssldyn_option *option,
                                     const char *typed, const char *value, struct ssldyn_error *err)
{
    char **values = &walk->spec->page.values;
    const size_t before = *values ? strlen(*values) : 0;

    if (is_flag(option))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not an option of a figure's runs", typed);
    if (!value && walk->next < walk->argc)
        value = walk->argv[walk->next++];
    if (!value || value[0] == '\0' || strchr(value, ';'))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: needs values: 0.1, or 0.1,0.2", typed);
    if (!walk->set)
        return SSLDYN_OK;
    const size_t room = before + strlen(option->name) + strlen(value) + 3;
    char *text = ssldyn_array_alloc(room, 1);
    if (!text)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the command line");
    snprintf(text, room, "%s%s%s=%s", before ? *values : "", before ? ";" : "", option->name,
             value);
    free(*values);
    *values = text;
    return SSLDYN_OK;
}

/* --name, --name=value, --name value */
static enum ssldyn_status take_long(struct walk *walk, const char *text, struct ssldyn_error *err)
{
    char typed[64];
    const size_t length = strcspn(text, "=");
    if (length >= sizeof typed) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.60s...: unknown option", text);
    }
    memcpy(typed, text, length);
    typed[length] = '\0';
    if (strncmp(typed, "--axis.", 7) == 0) {
        return take_axis(walk, typed, text[length] == '=' ? text + length + 1 : NULL, err);
    }
    const struct ssldyn_option *option = ssldyn_option_find(typed + 2);
    const char *attached = text[length] == '=' ? text + length + 1 : NULL;
    if (option && strchr(typed, '_')) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown option; did you mean --%s?", typed,
                           option->name);
    }
    if (option && walk->spec->command == SSLDYN_COMMAND_FIGURE &&
        (option->commands & SSLDYN_COMMAND_FIGURE) == 0) {
        return take_value(walk, option, typed, attached, err);
    }
    if (!option || (option->commands & (unsigned)walk->spec->command) == 0) {
        return ssldyn_spec_set(walk->spec, typed + 2, "", typed, err); /* refused with a hint */
    }
    return take_option(walk, option, typed, attached, err);
}

/* -o DIR, -oDIR, -qv */
static enum ssldyn_status take_letters(struct walk *walk, const char *text,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (const char *letter = text + 1; status == SSLDYN_OK && *letter; letter++) {
        const char typed[3] = {'-', *letter, '\0'};
        const struct ssldyn_option *option = NULL;
        for (size_t i = 0; i < ssldyn_option_count; i++) {
            if (ssldyn_options[i].letter == *letter &&
                (ssldyn_options[i].commands & (unsigned)walk->spec->command) != 0) {
                option = &ssldyn_options[i];
            }
        }
        if (!option) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s: unknown option; \"ssldyn %s --help\" lists them", typed,
                               ssldyn_command_name(walk->spec->command));
        }
        if (!is_flag(option)) {
            return take_option(walk, option, typed, letter[1] ? letter + 1 : NULL, err);
        }
        status = take_option(walk, option, typed, NULL, err);
    }
    return status;
}

static enum ssldyn_status walk_all(struct walk *walk, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    bool options = true;
    walk->next = 0;
    while (status == SSLDYN_OK && walk->next < walk->argc) {
        const char *text = walk->argv[walk->next++];
        if (options && strcmp(text, "--") == 0) {
            options = false;
        } else if (options && strncmp(text, "--", 2) == 0) {
            status = take_long(walk, text, err);
        } else if (options && text[0] == '-' && text[1] != '\0') {
            status = take_letters(walk, text, err);
        } else {
            status = keep_operand(walk, text, err);
        }
    }
    return status;
}

/* moments takes data, or the spec.conf of an earlier estimate. */
static bool is_file(const struct ssldyn_spec *spec, const char *operand)
{
    const size_t length = strlen(operand);
    if (spec->command == SSLDYN_COMMAND_MOMENTS) {
        return length > 5 && strcmp(operand + length - 5, ".conf") == 0;
    }
    return (takes_file & (unsigned)spec->command) != 0;
}

/* Takes the experiment file out of the operands and reads it. */
static enum ssldyn_status read_operand(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    if (spec->operand_count == 0 || !is_file(spec, spec->operands[0])) {
        return SSLDYN_OK;
    }
    if (spec->operand_count > 1) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.100s and %.100s: one experiment file is read, not several",
                           spec->operands[0], spec->operands[1]);
    }
    char *path = spec->operands[0];
    spec->operand_count = 0;
    char *inside = ssldyn_path_join(path, "spec.conf");
    if (inside && access(inside, F_OK) == 0) { /* a run stands for its spec.conf */
        free(path);
        path = inside;
    } else {
        free(inside);
    }
    const enum ssldyn_status status = ssldyn_spec_read(spec, path, err);
    free(path);
    return status;
}

enum ssldyn_status ssldyn_spec_parse(struct ssldyn_spec *spec, int argc, char *argv[],
                                     struct ssldyn_error *err)
{
    struct walk walk = {.spec = spec, .argc = argc, .argv = argv};
    spec->source = SSLDYN_SOURCE_COMMAND_LINE;
    enum ssldyn_status status = walk_all(&walk, err);
    if (status == SSLDYN_OK) {
        status = read_operand(spec, err);
    }
    walk.set = true;
    return status == SSLDYN_OK ? walk_all(&walk, err) : status;
}
