/* Experiment files: key = value lines, read whole so that lines may be long and every message has
 * its file:line. The grammar has three rules: '#' starts a comment (except inside quotes; inside
 * double quotes, a backslash escapes a quote or a backslash), an indented line continues a list,
 * everything else is key = value. */
// SPDX-License-Identifier: MIT
#include "sim/io/conf.h"

#include "sim/base/memory.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LARGEST_FILE = 256 << 20 };

void ssldyn_conf_clear(struct ssldyn_conf *conf)
{
    free(conf->text);
    free(conf->entries);
    *conf = (struct ssldyn_conf){0};
}

static enum ssldyn_status read_text(const char *path, char **text, struct ssldyn_error *err)
{
    struct stat info;
    *text = NULL;
    /* Checked before opening: a device may be endless, and a pipe may have no writer. */
    if (stat(path, &info) != 0) {
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%.300s: cannot be read", path);
    }
    if (S_ISDIR(info.st_mode)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.300s: is a directory, not an experiment file (that of a run "
                           "is the spec.conf in its directory)",
                           path);
    }
    if (!S_ISREG(info.st_mode) || info.st_size > LARGEST_FILE) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%.300s: is not an experiment file: those are regular files of at most 256 MiB", path);
    }
    FILE *stream = fopen(path, "rb");
    if (!stream) {
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%.300s: cannot be read", path);
    }
    const size_t size = (size_t)info.st_size;
    *text = ssldyn_memory_array(size + 1, 1);
    enum ssldyn_status status = SSLDYN_OK;
    if (!*text) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "%.300s: out of memory", path);
    } else {
        const size_t length = fread(*text, 1, size, stream);
        if (ferror(stream)) {
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: cannot be read", path);
        } else if (memchr(*text, '\0', length)) {
            status =
                ssldyn_fail(err, SSLDYN_EINPUT,
                            "%.300s: contains a zero byte; it must be a text file in UTF-8", path);
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

/* The value without its comment, surrounding blanks and quotes. Several quoted strings become lines
 * of one value, as no string contains a line end. NULL if quotes are not balanced. */
static char *clean_value(char *value)
{
    while (is_blank(*value)) {
        value++;
    }
    const char quote = *value;
    if (quote != '"' && quote != '\'') {
        value[strcspn(value, "#")] = '\0';
        return trim(value);
    }
    char *out = value;
    char *in = value;
    for (char mark = quote; mark == '"' || mark == '\''; mark = *in) {
        if (in != value) {
            *out++ = '\n';
        }
        for (in++; *in && *in != mark; in++) {
            if (mark == '"' && *in == '\\' && (in[1] == '"' || in[1] == '\\')) {
                in++;
            }
            *out++ = *in;
        }
        if (*in != mark) {
            return NULL;
        }
        in++;
        in += strspn(in, " \t\r");
    }
    if (*in != '\0' && *in != '#') {
        return NULL;
    }
    *out = '\0';
    return value;
}

/* An indented line: appended to the list above, in place (a comma replaces its indent). */
static enum ssldyn_status continue_list(struct ssldyn_conf *conf, char *line, const char *path,
                                        int number, struct ssldyn_error *err)
{
    line[strcspn(line, "#")] = '\0';
    char *more = trim(line);
    if (*more == '\0') {
        return SSLDYN_OK;
    }
    if (conf->count == 0 || strchr(more, '=')) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: a key starts at the beginning of its line (an indented line "
                           "continues a list)",
                           path, number);
    }
    struct ssldyn_conf_entry *entry = &conf->entries[conf->count - 1];
    entry->continued = entry->continued > 0 ? entry->continued : number;
    char *end = entry->value + strlen(entry->value);
    if (end > entry->value && end[-1] != ',' && *more != ',') {
        *end++ = ',';
    }
    memmove(end, more, strlen(more) + 1);
    return SSLDYN_OK;
}

static enum ssldyn_status take_line(struct ssldyn_conf *conf, char *line, const char *path,
                                    int number, struct ssldyn_error *err)
{
    if (is_blank(*line) && *line != '\r') {
        return continue_list(conf, line, path, number, err);
    }
    if (line[strspn(line, " \t\r")] == '\0' || *line == '#') {
        return SSLDYN_OK;
    }
    if (*line == '[') {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: [sections] are not used; every line is key = value", path,
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
    struct ssldyn_conf_entry *entry = &conf->entries[conf->count];
    *entry = (struct ssldyn_conf_entry){trim(line), clean_value(equals + 1), number, 0};
    if (!entry->value) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.200s:%d: %.60s: the value has unbalanced quotes",
                           path, number, entry->key);
    }
    if (*entry->key == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.200s:%d: a key is missing before \"=\"", path,
                           number);
    }
    conf->count++;
    return SSLDYN_OK;
}

/* The first line of the program's own files states their kind; a trace is not a spec. */
static enum ssldyn_status check_kind(const char *text, const char *path, struct ssldyn_error *err)
{
    static const char ours[] = "# ssldyn ";
    static const char spec[] = "# ssldyn spec 1";
    const size_t length = strcspn(text, "\r\n");
    if (strncmp(text, ours, sizeof ours - 1) != 0 ||
        (length == sizeof spec - 1 && strncmp(text, spec, length) == 0)) {
        return SSLDYN_OK;
    }
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%.200s:1: expected \"%s\" on the first line, found \"%.*s\"", path, spec,
                       length < 40 ? (int)length : 40, text);
}

static enum ssldyn_status take_lines(struct ssldyn_conf *conf, const char *path,
                                     struct ssldyn_error *err)
{
    static const char mark[] =
        "\xef\xbb\xbf"; /* the byte order mark of UTF-8, which some editors write */
    char *line = conf->text;
    if (strncmp(line, mark, sizeof mark - 1) == 0) {
        line += sizeof mark - 1;
    }
    enum ssldyn_status status = check_kind(line, path, err);
    size_t lines = 1;
    for (const char *c = line; *c; c++) {
        lines += *c == '\n';
    }
    conf->entries = ssldyn_memory_array(lines, sizeof *conf->entries);
    if (!conf->entries) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%.300s: out of memory", path);
    }
    for (int number = 1; status == SSLDYN_OK && line; number++) {
        char *end = strchr(line, '\n');
        if (end) {
            *end = '\0';
        }
        status = take_line(conf, line, path, number, err);
        line = end ? end + 1 : NULL;
    }
    return status;
}

enum ssldyn_status ssldyn_conf_parse(char *text, const char *name, struct ssldyn_conf *conf,
                                     struct ssldyn_error *err)
{
    memset(conf, 0, sizeof *conf);
    conf->text = text;
    const enum ssldyn_status status = take_lines(conf, name, err);
    if (status != SSLDYN_OK) {
        ssldyn_conf_clear(conf);
    }
    return status;
}

enum ssldyn_status ssldyn_conf_read(const char *path, struct ssldyn_conf *conf,
                                    struct ssldyn_error *err)
{
    char *text = NULL;
    *conf = (struct ssldyn_conf){0};
    const enum ssldyn_status status = read_text(path, &text, err);
    if (status != SSLDYN_OK) {
        free(text);
        return status;
    }
    return ssldyn_conf_parse(text, path, conf, err);
}

const char *ssldyn_conf_value(const struct ssldyn_conf *conf, const char *key)
{
    for (size_t i = 0; i < conf->count; i++) {
        if (strcmp(conf->entries[i].key, key) == 0) {
            return conf->entries[i].value;
        }
    }
    return NULL;
}
