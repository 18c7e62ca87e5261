/* Options from a file and from the command line, by the rules of ssldyn. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/options.h"

#include <stdlib.h>
#include <string.h>

enum { IN_FILE = 1, ON_COMMAND_LINE = 2, NAME_SIZE = 64 };

/* Whether a file's key (with - or _) is that option. */
static bool is_named(const char *key, const char *name)
{
    for (; *key != '\0' && *name != '\0'; key++, name++)
        if (*key != *name && !(*key == '_' && *name == '-'))
            return false;
    return *key == *name;
}

static size_t find(const char *name)
{
    size_t row = 0;
    while (row < options_count && !is_named(name, options_table[row].name))
        row++;
    return row;
}

static enum ssldyn_status refuse_name(const char *name, const char *where, struct ssldyn_error *err)
{
    const char *nearest = NULL;
    size_t least = strlen(name) / 3 + 2; /* farther than that is no slip of the finger */
    for (size_t i = 0; i < options_count; i++) {
        const size_t apart = ssldyn_name_distance(name, options_table[i].name);
        if (apart < least) {
            least = apart;
            nearest = options_table[i].name;
        }
    }
    if (nearest != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown option; did you mean %s?", where,
                           nearest);
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown option; \"byol --help\" lists them", where);
}

/* ---- FILE.conf */

static enum ssldyn_status apply(struct options *options, const struct ssldyn_conf_entry *entry,
                                struct ssldyn_error *err)
{
    char where[300];
    const size_t row = find(entry->key);
    snprintf(where, sizeof where, "%.200s:%d: %.60s", options->file, entry->line, entry->key);
    if (strcmp(entry->key, "version") == 0)
        return SSLDYN_OK;
    if (strcmp(entry->key, "command") == 0)
        return strcmp(entry->value, "byol") == 0
                   ? SSLDYN_OK
                   : ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.40s: this is byol", where,
                                 entry->value);
    if (row == options_count)
        return refuse_name(entry->key, where, err);
    if (options->given[row] == IN_FILE)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given before, in line %d", where,
                           options->lines[row]);
    if (entry->continued > 0 && options_table[row].kind != SSLDYN_OPTION_LIST)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: an indented line continues a list, and %.60s is none",
                           options->file, entry->continued, entry->key);
    options->given[row] = IN_FILE;
    options->lines[row] = entry->line;
    return ssldyn_option_set(options, &options_table[row], entry->value, where, err);
}

static enum ssldyn_status read_file(struct options *options, const char *path,
                                    struct ssldyn_error *err)
{
    struct ssldyn_conf conf;
    if (options->file != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.100s and %.100s: one experiment file is read, not several",
                           options->file, path);
    options->file = ssldyn_string_copy(path);
    if (options->file == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the options");
    enum ssldyn_status status = ssldyn_conf_read(path, &conf, err);
    for (size_t i = 0; status == SSLDYN_OK && i < conf.count; i++)
        status = apply(options, &conf.entries[i], err);
    ssldyn_conf_clear(&conf);
    return status;
}

/* ---- the command line, gone through twice: files first, then options over them */

struct walk {
    struct options *options;
    int argc;
    char **argv;
    int next;
    bool set; /* second pass */
};

static enum ssldyn_status take(struct walk *walk, size_t row, const char *typed, const char *value,
                               struct ssldyn_error *err)
{
    const struct ssldyn_option *option = &options_table[row];
    const bool flag = option->kind == SSLDYN_OPTION_FLAG || option->kind == SSLDYN_OPTION_NEGATION;
    if (value == NULL && flag)
        value = "true";
    if (value == NULL) {
        const char *word = walk->next < walk->argc ? walk->argv[walk->next] : NULL;
        if (!word || !ssldyn_option_is_value(word))
            return ssldyn_option_no_value(typed, option->argument, word, err);
        value = word;
        walk->next++;
    }
    if (!walk->set)
        return SSLDYN_OK;
    if (walk->options->given[row] == ON_COMMAND_LINE)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given twice", typed);
    walk->options->given[row] = ON_COMMAND_LINE;
    return ssldyn_option_set(walk->options, option, value, typed, err);
}

static enum ssldyn_status take_long(struct walk *walk, const char *text, struct ssldyn_error *err)
{
    char typed[NAME_SIZE];
    const size_t length = strcspn(text, "=");
    if (length >= sizeof typed)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.60s...: unknown option", text);
    memcpy(typed, text, length);
    typed[length] = '\0';
    const size_t row = strchr(typed, '_') == NULL ? find(typed + 2) : options_count;
    if (row == options_count)
        return refuse_name(typed + 2, typed, err);
    return take(walk, row, typed, text[length] == '=' ? text + length + 1 : NULL, err);
}

/* -o DIR, -oDIR, -q */
static enum ssldyn_status take_letter(struct walk *walk, const char *text, struct ssldyn_error *err)
{
    const char typed[3] = {'-', text[1], '\0'};
    for (size_t row = 0; row < options_count; row++)
        if (options_table[row].letter == text[1]) {
            const bool flag = options_table[row].kind == SSLDYN_OPTION_FLAG;
            if (flag && text[2] != '\0')
                break;
            return take(walk, row, typed, text[2] != '\0' ? text + 2 : NULL, err);
        }
    return ssldyn_fail(err, SSLDYN_EINPUT, "%.60s: unknown option; \"byol --help\" lists them",
                       text);
}

enum ssldyn_status options_parse(struct options *options, int argc, char *argv[],
                                 struct ssldyn_error *err)
{
    struct walk walk = {.options = options, .argc = argc, .argv = argv};
    enum ssldyn_status status = SSLDYN_OK;
    for (int pass = 0; status == SSLDYN_OK && pass < 2; pass++) {
        walk.next = 0;
        walk.set = pass == 1;
        while (status == SSLDYN_OK && walk.next < argc) {
            const char *text = argv[walk.next++];
            if (strncmp(text, "--", 2) == 0)
                status = take_long(&walk, text, err);
            else if (text[0] == '-' && text[1] != '\0')
                status = take_letter(&walk, text, err);
            else if (!walk.set)
                status = read_file(options, text, err);
        }
    }
    return status;
}
