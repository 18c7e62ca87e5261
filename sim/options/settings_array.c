/* Arrays in memory in place of the files that options name, and files in the folder of an experiment file. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/options/name.h"
#include "sim/options/settings.h"

#include <stdlib.h>
#include <string.h>

/* The option of the command that a name means: its symbol, or its own name; NULL: none. */
static const struct ssldyn_option *find(const struct ssldyn_settings *settings, const char *name)
{
    const struct ssldyn_schema *schema = settings->schema;
    for (size_t i = 0; i < schema->count; i++) {
        const struct ssldyn_option *option = &schema->options[i];
        if (option->symbol && ssldyn_option_is_of(option, settings->command) &&
            strcmp(name, option->symbol) == 0) {
            return option;
        }
    }
    return ssldyn_settings_find(schema, name);
}

/* "init-w (W), init-wp (Wp), x (X)": what takes arrays. */
static void list_takers(const struct ssldyn_settings *settings, char text[], size_t size)
{
    const struct ssldyn_schema *schema = settings->schema;
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < schema->count && used < size; i++) {
        const struct ssldyn_option *option = &schema->options[i];
        if (option->array && ssldyn_option_is_of(option, settings->command)) {
            used +=
                (size_t)snprintf(text + used, size - used, "%s--%s%s%s%s", used ? ", " : "",
                                 option->name, option->symbol ? " (" : "",
                                 option->symbol ? option->symbol : "", option->symbol ? ")" : "");
        }
    }
}

/* How many values an option that repeats has. */
static size_t count_values(const struct ssldyn_settings *settings,
                           const struct ssldyn_option *option)
{
    const char *text = *ssldyn_option_string(settings, option);
    size_t count = text ? 1 : 0;
    for (; text && (text = strchr(text, '\n')) != NULL; text++) {
        count++;
    }
    return count;
}

enum ssldyn_status ssldyn_settings_array(struct ssldyn_settings *settings, const char *name,
                                         const struct ssldyn_array_view *view, const char *where,
                                         struct ssldyn_error *err)
{
    const struct ssldyn_option *option = find(settings, name);
    if (!option || !ssldyn_option_is_of(option, settings->command)) {
        return ssldyn_settings_refuse(settings, option, name, where, err);
    }
    if (!option->array) {
        char takers[300];
        list_takers(settings, takers, sizeof takers);
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: takes no array%s%s", where,
                           takers[0] ? "; these do: " : "", takers);
    }
    const struct ssldyn_origin *origin = &settings->origins[option - settings->schema->options];
    const bool more = option->repeats && origin->source == settings->source;
    const size_t place = more ? count_values(settings, option) : 0;
    enum ssldyn_status status =
        more ? ssldyn_option_append(settings, option, SSLDYN_ARRAY_LABEL, where, err)
             : ssldyn_option_set_file(settings, option, SSLDYN_ARRAY_LABEL, where, err);
    if (status == SSLDYN_OK && !more) {
        ssldyn_arrays_drop(&settings->arrays, option->name);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_arrays_add(&settings->arrays, option->name, place, view, NULL, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_settings_mark(settings, option, err);
    }
    return status;
}

/* The path of an experiment file up to its last slash. */
static size_t folder_length(const char *file)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    return slash ? (size_t)(slash - file) + 1 : 0;
}

/* The lines of value, with the folder of the experiment file for SSLDYN_SETTINGS_BESIDE: to be
 * freed, NULL when memory is out. */
static char *expand(const char *file, const char *value)
{
    static const char prefix[] = SSLDYN_SETTINGS_BESIDE;
    enum { MARK = sizeof prefix - 1 };
    const size_t folder = folder_length(file);
    size_t lines = 1;
    for (const char *c = value; *c; c++) {
        lines += *c == '\n';
    }
    char *text = ssldyn_memory_array(strlen(value) + lines * folder + 1, 1);
    char *to = text;
    for (const char *line = value; text && line;) {
        const size_t length = strcspn(line, "\n");
        const size_t mark = strncmp(line, prefix, MARK) == 0 ? MARK : 0;
        if (mark > 0) {
            memcpy(to, file, folder);
            to += folder;
        }
        memcpy(to, line + mark, length - mark);
        to += length - mark;
        line = line[length] == '\n' ? line + length + 1 : NULL;
        if (line) {
            *to++ = '\n';
        }
    }
    return text;
}

/* Whether length characters are the name of a file in which a result keeps what it was given. */
static bool is_kept(const char *name, size_t length)
{
    static const char begin[] = SSLDYN_SETTINGS_BESIDE SSLDYN_ARRAYS_PREFIX;
    static const char end[] = SSLDYN_ARRAYS_ENDING;
    enum { BEGIN = sizeof begin - 1, END = sizeof end - 1 };
    return length > BEGIN + END && strncmp(name, begin, BEGIN) == 0 &&
           strncmp(name + (length - END), end, END) == 0 &&
           !memchr(name + BEGIN, '/', length - BEGIN) && !memchr(name, ':', length);
}

/* Notes which values of the option are such files, so that further results keep them as well. */
static enum ssldyn_status note_kept(struct ssldyn_settings *settings,
                                    const struct ssldyn_option *option, const char *value,
                                    struct ssldyn_error *err)
{
    const char *path = *ssldyn_option_string(settings, option);
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t place = 0; status == SSLDYN_OK && value && path; place++) {
        const size_t length = strcspn(value, "\n");
        const size_t path_length = strcspn(path, "\n");
        if (is_kept(value, length)) {
            char *file = ssldyn_memory_array(path_length + 1, 1);
            if (file) {
                memcpy(file, path, path_length);
            }
            status =
                file ? ssldyn_arrays_add(&settings->arrays, option->name, place, NULL, file, err)
                     : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the options");
            free(file);
        }
        value = value[length] == '\n' ? value + length + 1 : NULL;
        path = path[path_length] == '\n' ? path + path_length + 1 : NULL;
    }
    return status;
}

enum ssldyn_status ssldyn_settings_set_beside(struct ssldyn_settings *settings, const char *name,
                                              const char *value, const char *where,
                                              struct ssldyn_error *err)
{
    const struct ssldyn_option *option = ssldyn_settings_find(settings->schema, name);
    if (!option || !option->array || !strstr(value, SSLDYN_SETTINGS_BESIDE)) {
        return ssldyn_settings_set(settings, name, value, where, err);
    }
    char *text = expand(settings->file, value);
    enum ssldyn_status status =
        text ? ssldyn_settings_set(settings, name, text, where, err)
             : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the options");
    free(text);
    return status == SSLDYN_OK ? note_kept(settings, option, value, err) : status;
}
