/* Experiment files: key = value lines, read whole so that no line is cut and every message has its
 * file:line. Three rules make the grammar: '#' starts a comment (but inside a value in double
 * quotes), an indented line continues a list, everything else is key = value. */
// SPDX-License-Identifier: MIT
#include "sim/io/spec.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_FILE = 256 << 20 };

struct entry {
    char *key;
    char *value;
    int line;
};

/* A file taken apart; keys and values point into text. */
struct entries {
    char *text;
    struct entry *list;
    size_t count;
};

static void entries_clear(struct entries *entries)
{
    free(entries->text);
    free(entries->list);
    *entries = (struct entries){0};
}

static enum ssldyn_status read_text(const char *path, char **text, struct ssldyn_error *err)
{
    struct stat info;
    *text = NULL;
    /* Asked before opening: a device may have no end, a pipe no writer. */
    if (stat(path, &info) != 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: cannot be read: %s", path, strerror(errno));
    }
    if (S_ISDIR(info.st_mode)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.300s: is a directory, not an experiment file (a run's is its "
                           "spec.conf)",
                           path);
    }
    if (!S_ISREG(info.st_mode) || info.st_size > LARGEST_FILE) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%.300s: is no experiment file: those are plain files of at most 256 MiB", path);
    }
    FILE *stream = fopen(path, "rb");
    if (!stream) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: cannot be read: %s", path, strerror(errno));
    }
    const size_t size = (size_t)info.st_size;
    *text = ssldyn_array_alloc(size + 1, 1);
    enum ssldyn_status status = SSLDYN_OK;
    if (!*text) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "%.300s: no memory to read it", path);
    } else {
        const size_t length = fread(*text, 1, size, stream);
        if (ferror(stream)) {
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: cannot be read", path);
        } else if (memchr(*text, '\0', length)) {
            status = ssldyn_fail(err, SSLDYN_EINPUT,
                                 "%.300s: holds a zero byte: it is not a text file", path);
        }
    }
    fclose(stream);
    return status;
}

static bool is_blank(char letter)
{
    return letter == ' ' || letter == '\t' || letter == '\r';
}

static char *trim(char *begin)
{
    while (is_blank(*begin)) {
        begin++;
    }
    char *end = begin + strlen(begin);
    while (end > begin && is_blank(end[-1])) {
        end--;
    }
    *end = '\0';
    return begin;
}

/* The value without its comment, the blanks around it and its quotes; NULL when quotes do not
 * match.
 */
static char *clean_value(char *value)
{
    while (is_blank(*value)) {
        value++;
    }
    if (*value != '"') {
        value[strcspn(value, "#")] = '\0';
        return trim(value);
    }
    char *out = value;
    char *in = value + 1;
    for (; *in && *in != '"'; in++) {
        if (*in == '\\' && (in[1] == '"' || in[1] == '\\')) {
            in++;
        }
        *out++ = *in;
    }
    if (*in != '"') {
        return NULL;
    }
    in++;
    in += strspn(in, " \t\r");
    if (*in != '\0' && *in != '#') {
        return NULL;
    }
    *out = '\0';
    return value;
}

/* An indented line: joins it to the list above, in place (its indent leaves room for a comma). */
static enum ssldyn_status continue_list(struct entries *entries, char *line, const char *path,
                                        int number, struct ssldyn_error *err)
{
    line[strcspn(line, "#")] = '\0';
    char *more = trim(line);
    if (*more == '\0') {
        return SSLDYN_OK;
    }
    if (entries->count == 0 || strchr(more, '=')) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: a key starts at the beginning of its line (an indented line "
                           "continues a list)",
                           path, number);
    }
    struct entry *entry = &entries->list[entries->count - 1];
    const struct ssldyn_option *option = ssldyn_option_find(entry->key);
    if (option && option->kind != SSLDYN_OPTION_LIST) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: an indented line continues a list, and %.60s is none", path,
                           number, entry->key);
    }
    char *end = entry->value + strlen(entry->value);
    if (end > entry->value && end[-1] != ',' && *more != ',') {
        *end++ = ',';
    }
    memmove(end, more, strlen(more) + 1);
    return SSLDYN_OK;
}

static enum ssldyn_status take_line(struct entries *entries, char *line, const char *path,
                                    int number, struct ssldyn_error *err)
{
    if (is_blank(*line) && *line != '\r') {
        return continue_list(entries, line, path, number, err);
    }
    if (line[strspn(line, " \t\r")] == '\0' || *line == '#') {
        return SSLDYN_OK;
    }
    if (*line == '[') {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: there are no [sections] here, only key = value", path,
                           number);
    }
    char *equals = line + strcspn(line, "=#");
    if (*equals != '=') {
        *equals = '\0';
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: \"%.60s\" is not of the form key = value", path, number,
                           trim(line));
    }
    *equals = '\0';
    struct entry *entry = &entries->list[entries->count];
    *entry = (struct entry){trim(line), clean_value(equals + 1), number};
    if (!entry->value) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: %.60s: the value's double quotes do not match", path, number,
                           entry->key);
    }
    if (*entry->key == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.200s:%d: a key is missing before \"=\"", path,
                           number);
    }
    entries->count++;
    return SSLDYN_OK;
}

/* The first line of a file of ours says what it is; a trace is no spec. */
static enum ssldyn_status check_kind(const char *text, const char *path, struct ssldyn_error *err)
{
    static const char ours[] = "# ssldyn ";
    static const char spec[] = "# ssldyn spec 1";
    const size_t length = strcspn(text, "\r\n");
    if (strncmp(text, ours, sizeof ours - 1) != 0 ||
        (length == sizeof spec - 1 && strncmp(text, spec, length) == 0)) {
        return SSLDYN_OK;
    }
    return ssldyn_fail(err, SSLDYN_EINPUT, "%.200s:1: begins with \"%.*s\" where \"%s\" is due",
                       path, length < 40 ? (int)length : 40, text, spec);
}

static enum ssldyn_status take_lines(struct entries *entries, const char *path,
                                     struct ssldyn_error *err)
{
    static const char mark[] = "\xef\xbb\xbf"; /* some editors begin UTF-8 with it */
    char *line = entries->text;
    if (strncmp(line, mark, sizeof mark - 1) == 0) {
        line += sizeof mark - 1;
    }
    enum ssldyn_status status = check_kind(line, path, err);
    size_t lines = 1;
    for (const char *c = line; *c; c++) {
        lines += *c == '\n';
    }
    entries->list = ssldyn_array_alloc(lines, sizeof *entries->list);
    if (!entries->list) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%.300s: no memory to read it", path);
    }
    for (int number = 1; status == SSLDYN_OK && line; number++) {
        char *end = strchr(line, '\n');
        if (end) {
            *end = '\0';
        }
        status = take_line(entries, line, path, number, err);
        line = end ? end + 1 : NULL;
    }
    return status;
}

static enum ssldyn_status entries_read(const char *path, struct entries *entries,
                                       struct ssldyn_error *err)
{
    *entries = (struct entries){0};
    enum ssldyn_status status = read_text(path, &entries->text, err);
    if (status == SSLDYN_OK && entries->text) {
        status = take_lines(entries, path, err);
    }
    if (status != SSLDYN_OK) {
        entries_clear(entries);
    }
    return status;
}

static enum ssldyn_status apply(struct ssldyn_spec *spec, const struct entry *entry,
                                struct ssldyn_error *err)
{
    char where[300];
    snprintf(where, sizeof where, "%.200s:%d: %.60s", spec->file, entry->line, entry->key);
    if (strcmp(entry->key, "version") == 0) {
        return SSLDYN_OK; /* for the reader: which program wrote it */
    }
    if (strcmp(entry->key, "command") == 0) {
        if (ssldyn_command_find(entry->value) == spec->command) {
            return SSLDYN_OK;
        }
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.40s: this is ssldyn %s", where, entry->value,
                           ssldyn_command_name(spec->command));
    }
    const struct ssldyn_option *option = ssldyn_option_find(entry->key);
    if (option && spec->origins[option - ssldyn_options].source == SSLDYN_SOURCE_FILE) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given before, in line %d", where,
                           spec->origins[option - ssldyn_options].line);
    }
    const enum ssldyn_status status = ssldyn_spec_set(spec, entry->key, entry->value, where, err);
    if (status == SSLDYN_OK && option) {
        spec->origins[option - ssldyn_options].line = entry->line;
    }
    return status;
}

static enum ssldyn_status apply_all(struct ssldyn_spec *spec, const struct entries *entries,
                                    const char *path, struct ssldyn_error *err)
{
    free(spec->file);
    spec->file = ssldyn_string_copy(path);
    if (!spec->file) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%.300s: no memory to read it", path);
    }
    const enum ssldyn_source before = spec->source;
    spec->source = SSLDYN_SOURCE_FILE;
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < entries->count; i++) {
        status = apply(spec, &entries->list[i], err);
    }
    spec->source = before;
    return status;
}

enum ssldyn_status ssldyn_spec_read(struct ssldyn_spec *spec, const char *path,
                                    struct ssldyn_error *err)
{
    struct entries entries;
    enum ssldyn_status status = entries_read(path, &entries, err);
    if (status == SSLDYN_OK) {
        status = apply_all(spec, &entries, path, err);
    }
    entries_clear(&entries);
    return status;
}

enum ssldyn_status ssldyn_spec_load(struct ssldyn_spec *spec, const char *directory,
                                    struct ssldyn_error *err)
{
    memset(spec, 0, sizeof *spec);
    char *path = ssldyn_path_join(directory, "spec.conf");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for a file's name");
    }
    struct entries entries;
    enum ssldyn_status status = entries_read(path, &entries, err);
    enum ssldyn_command command = (enum ssldyn_command)0;
    for (size_t i = 0; i < entries.count; i++) {
        if (strcmp(entries.list[i].key, "command") == 0) {
            command = ssldyn_command_find(entries.list[i].value);
        }
    }
    if (status == SSLDYN_OK && command == 0) {
        status =
            ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: does not say which command's it is", path);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_init(spec, command, err);
    }
    if (status == SSLDYN_OK) {
        status = apply_all(spec, &entries, path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_check(spec, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_spec_clear(spec);
    }
    entries_clear(&entries);
    free(path);
    return status;
}
