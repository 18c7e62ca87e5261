/* The command line of one command, from the option table. getopt_long is not used: it completes
 * abbreviations, which break when an option is added, and keeps its place in global variables. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/options/settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A walk along argv; what it meets goes to the spec, in two passes: operands, then options. */
struct walk {
    struct ssldyn_settings *settings;
    int argc;
    char **argv;
    int next;
    bool set; /* second pass: options are set; first pass: operands are kept */
};

enum ssldyn_status ssldyn_settings_add_operand(struct ssldyn_settings *settings, const char *text,
                                               struct ssldyn_error *err)
{
    if (text[0] == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "the name of a file is empty");
    }
    char **more =
        realloc(settings->operands, (settings->operand_count + 1) * sizeof *settings->operands);
    if (more) {
        settings->operands = more;
        more[settings->operand_count] = ssldyn_memory_copy(text);
    }
    if (!more || !more[settings->operand_count]) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the command line");
    }
    settings->operand_count++;
    return SSLDYN_OK;
}

/* Whether a word of the command line can be the value of the option before it: a number may be
 * negative, and "-" is a name; anything else that begins with a dash is the next option. */
static bool is_value(const char *word)
{
    return word[0] != '-' || word[1] == '\0' || strspn(word + 1, ".0123456789") > 0;
}

/* An option, as typed, has no value, but word in its place (NULL: nothing at all). */
static enum ssldyn_status refuse_no_value(const char *typed, const char *argument, const char *word,
                                          struct ssldyn_error *err)
{
    const bool attached = word && strncmp(typed, "--", 2) == 0 && word[1] != '-';
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: needs a value (%s)%s%.60s%s%s%s%s%.60s%s", typed,
                       argument, word ? ", not \"" : "", word ? word : "", word ? "\"" : "",
                       attached ? " (if that is meant: " : "", attached ? typed : "",
                       attached ? "=" : "", attached ? word : "", attached ? ")" : "");
}

/* The value of an option: what is attached, or else the next word. */
static enum ssldyn_status take_value(struct walk *walk, const char *typed, const char *argument,
                                     const char **value, struct ssldyn_error *err)
{
    const char *word = walk->next < walk->argc ? walk->argv[walk->next] : NULL;
    if (*value) {
        return SSLDYN_OK;
    }
    if (!word || !is_value(word)) {
        return refuse_no_value(typed, argument, word, err);
    }
    *value = word;
    walk->next++;
    return SSLDYN_OK;
}

/* One option with its value ("" and more where attached, else NULL). typed: as it was written. */
static enum ssldyn_status take_option(struct walk *walk, const struct ssldyn_option *option,
                                      const char *typed, const char *value,
                                      struct ssldyn_error *err)
{
    struct ssldyn_settings *settings = walk->settings;
    if (!value && ssldyn_option_is_flag(option)) {
        value = "true";
    }
    const enum ssldyn_status status = take_value(walk, typed, option->argument, &value, err);
    if (status != SSLDYN_OK || !walk->set) {
        return status;
    }
    if (!option->repeats && settings->origins[option - settings->schema->options].source ==
                                SSLDYN_SOURCE_COMMAND_LINE) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given twice", typed);
    }
    if (strchr(value, '\n')) { /* it would part the values of one that repeats */
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: holds a control character", typed,
                           value);
    }
    return ssldyn_settings_set(settings, option->name, value, typed, err);
}

/* Whether a word before the one that is walked gives the same member of the family. */
static bool is_member_before(const struct walk *walk, const char *prefix, const char *name)
{
    const struct ssldyn_schema *schema = walk->settings->schema;
    const struct ssldyn_option *option = ssldyn_settings_find(schema, name);
    const size_t length = strlen(prefix) + 2;
    for (int i = 0; option && i < walk->next - 1; i++) {
        char word[64] = "";
        if (strncmp(walk->argv[i], "--", 2) == 0 &&
            strncmp(walk->argv[i] + 2, prefix, length - 2) == 0) {
            snprintf(word, sizeof word, "%.*s", (int)strcspn(walk->argv[i] + length, "="),
                     walk->argv[i] + length);
        }
        if (ssldyn_settings_find(schema, word) == option) {
            return true;
        }
    }
    return false;
}

/* --axis.NAME=VALUES, --axis.NAME VALUES */
static enum ssldyn_status take_member(struct walk *walk, const char *typed, const char *value,
                                      struct ssldyn_error *err)
{
    const struct ssldyn_option_family *family = walk->settings->schema->family;
    if (is_member_before(walk, family->prefix, typed + 2 + strlen(family->prefix))) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given twice", typed);
    }
    const enum ssldyn_status status = take_value(walk, typed, family->argument, &value, err);
    if (status != SSLDYN_OK || !walk->set) {
        return status;
    }
    return ssldyn_settings_set(walk->settings, typed + 2, value, typed, err);
}

/* An option of other commands, kept by one that has a use for it. */
static enum ssldyn_status take_borrowed(struct walk *walk, const struct ssldyn_option *option,
                                        const char *typed, const char *value,
                                        struct ssldyn_error *err)
{
    if (!value && !ssldyn_option_is_flag(option) && walk->next < walk->argc) {
        value = walk->argv[walk->next++];
    }
    return walk->set ? walk->settings->schema->borrow(walk->settings, option, value, typed, err)
                     : SSLDYN_OK;
}

/* --name, --name=value, --name value */
static enum ssldyn_status take_long(struct walk *walk, const char *text, struct ssldyn_error *err)
{
    const struct ssldyn_schema *schema = walk->settings->schema;
    const struct ssldyn_option_family *family = schema->family;
    char typed[64];
    const size_t length = strcspn(text, "=");
    if (length >= sizeof typed) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.60s...: unknown option", text);
    }
    memcpy(typed, text, length);
    typed[length] = '\0';
    const char *attached = text[length] == '=' ? text + length + 1 : NULL;
    if (family && strncmp(typed + 2, family->prefix, strlen(family->prefix)) == 0) {
        return take_member(walk, typed, attached, err);
    }
    const struct ssldyn_option *option = ssldyn_settings_find(schema, typed + 2);
    if (option && strchr(typed, '_')) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown option; did you mean --%s?", typed,
                           option->name);
    }
    const bool own = option && ssldyn_option_is_of(option, walk->settings->command);
    if (option && !own && (schema->borrowers & walk->settings->command) != 0) {
        return take_borrowed(walk, option, typed, attached, err);
    }
    if (!own) {
        return ssldyn_settings_set(walk->settings, typed + 2, "", typed, err); /* with a hint */
    }
    return take_option(walk, option, typed, attached, err);
}

/* -o DIR, -oDIR, -qv */
static enum ssldyn_status take_letters(struct walk *walk, const char *text,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    const struct ssldyn_schema *schema = walk->settings->schema;
    for (const char *letter = text + 1; status == SSLDYN_OK && *letter; letter++) {
        const char typed[3] = {'-', *letter, '\0'};
        const struct ssldyn_option *option = NULL;
        for (size_t i = 0; i < schema->count; i++) {
            if (schema->options[i].letter == *letter &&
                ssldyn_option_is_of(&schema->options[i], walk->settings->command)) {
                option = &schema->options[i];
            }
        }
        if (!option) {
            char title[64];
            return ssldyn_fail(
                err, SSLDYN_EINPUT, "%s: unknown option; \"%s --help\" lists the options", typed,
                ssldyn_settings_title(schema, walk->settings->command, title, sizeof title));
        }
        if (!ssldyn_option_is_flag(option)) {
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
            status = walk->set ? SSLDYN_OK : ssldyn_settings_add_operand(walk->settings, text, err);
        }
    }
    return status;
}

/* Takes the experiment file out of the operands and reads it. */
static enum ssldyn_status read_operand(struct ssldyn_settings *settings, struct ssldyn_error *err)
{
    const struct ssldyn_schema *schema = settings->schema;
    if (settings->operand_count == 0 ||
        (schema->is_experiment &&
         !schema->is_experiment(settings->command, settings->operands[0]))) {
        return SSLDYN_OK;
    }
    if (settings->operand_count > 1) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.100s and %.100s: give only one experiment file",
                           settings->operands[0], settings->operands[1]);
    }
    char *path = settings->operands[0];
    settings->operand_count = 0;
    char *inside = ssldyn_file_path_join(path, "spec.conf");
    if (inside && access(inside, F_OK) == 0) { /* a run stands for its spec.conf */
        free(path);
        path = inside;
    } else {
        free(inside);
    }
    const enum ssldyn_status status = ssldyn_settings_read(settings, path, err);
    free(path);
    return status;
}

enum ssldyn_status ssldyn_settings_parse(struct ssldyn_settings *settings, int argc, char *argv[],
                                         struct ssldyn_error *err)
{
    struct walk walk = {.settings = settings, .argc = argc, .argv = argv};
    settings->source = SSLDYN_SOURCE_COMMAND_LINE;
    enum ssldyn_status status = walk_all(&walk, err);
    if (status == SSLDYN_OK) {
        status = read_operand(settings, err);
    }
    walk.set = true;
    return status == SSLDYN_OK ? walk_all(&walk, err) : status;
}
