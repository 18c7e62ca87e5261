/* Experiment files. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/io/conf.h"
#include "sim/options/settings.h"

#include <stdlib.h>
#include <string.h>

/* Whether the command reads files of others as well. */
static bool reads_all(const struct ssldyn_settings *settings)
{
    return (settings->schema->readers & settings->command) != 0;
}

/* Whether the command does without an option of another. */
static bool passes_over(const struct ssldyn_settings *settings, const struct ssldyn_option *option)
{
    return option && reads_all(settings) && !ssldyn_option_is_of(option, settings->command) &&
           settings->schema->passes_over && settings->schema->passes_over(settings, option);
}

static enum ssldyn_status apply(struct ssldyn_settings *settings,
                                const struct ssldyn_conf_entry *entry, struct ssldyn_error *err)
{
    const struct ssldyn_schema *schema = settings->schema;
    char where[300];
    char title[64];
    snprintf(where, sizeof where, "%.200s:%d: %.60s", settings->file, entry->line, entry->key);
    if (strcmp(entry->key, "version") == 0) { /* for the reader: which program wrote it */
        settings->complete = true;
        return SSLDYN_OK;
    }
    if (strcmp(entry->key, "command") == 0) {
        if (reads_all(settings) ||
            strcmp(entry->value, ssldyn_settings_command(schema, settings->command)) == 0) {
            return SSLDYN_OK;
        }
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.40s: this is %s", where, entry->value,
                           ssldyn_settings_title(schema, settings->command, title, sizeof title));
    }
    const struct ssldyn_option *option = ssldyn_settings_find(schema, entry->key);
    if (entry->continued > 0 && option && option->kind != SSLDYN_OPTION_LIST) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: continuation lines are for lists only; %.60s is not a list",
                           settings->file, entry->continued, entry->key);
    }
    const struct ssldyn_origin *origin =
        option ? &settings->origins[option - schema->options] : NULL;
    if (origin && origin->source == SSLDYN_SOURCE_FILE) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: duplicate key (first on line %d)", where,
                           origin->line);
    }
    if (passes_over(settings, option)) {
        return SSLDYN_OK;
    }
    settings->line = entry->line;
    return ssldyn_settings_set_beside(settings, entry->key, entry->value, where, err);
}

enum ssldyn_status ssldyn_settings_take(struct ssldyn_settings *settings,
                                        const struct ssldyn_conf *conf, const char *path,
                                        struct ssldyn_error *err)
{
    free(settings->file);
    settings->file = ssldyn_memory_copy(path);
    if (!settings->file) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%.300s: out of memory", path);
    }
    const enum ssldyn_source before = settings->source;
    settings->source = SSLDYN_SOURCE_FILE;
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < conf->count; i++) {
        status = apply(settings, &conf->entries[i], err);
    }
    settings->source = before;
    settings->line = 0;
    return status;
}

enum ssldyn_status ssldyn_settings_read(struct ssldyn_settings *settings, const char *path,
                                        struct ssldyn_error *err)
{
    struct ssldyn_conf conf;
    enum ssldyn_status status = ssldyn_conf_read(path, &conf, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_settings_take(settings, &conf, path, err);
    }
    ssldyn_conf_clear(&conf);
    return status;
}
