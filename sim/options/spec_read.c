/* Experiment files applied to a spec. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/base/memory.h"
#include "sim/io/conf.h"
#include "sim/io/file.h"
#include "sim/io/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Notes the line of one axis, or of all that have none yet. */
static void mark_axes(struct ssldyn_spec *spec, const char *name, int line)
{
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        const bool same = name && ssldyn_option_find(name) == &ssldyn_options[i];
        if (same || (!name && ssldyn_spec_has_axis(spec, ssldyn_options[i].name))) {
            spec->origins[i].axis_line = line;
        }
    }
}

static enum ssldyn_status apply(struct ssldyn_spec *spec, const struct ssldyn_conf_entry *entry,
                                struct ssldyn_error *err)
{
    char where[300];
    snprintf(where, sizeof where, "%.200s:%d: %.60s", spec->file, entry->line, entry->key);
    if (strcmp(entry->key, "version") == 0) { /* for the reader: which program wrote it */
        spec->complete = true;
        return SSLDYN_OK;
    }
    if (strcmp(entry->key, "command") == 0) {
        if (ssldyn_command_find(entry->value) == spec->command) {
            return SSLDYN_OK;
        }
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.40s: this is ssldyn %s", where, entry->value,
                           ssldyn_command_name(spec->command));
    }
    const struct ssldyn_option *option = ssldyn_option_find(entry->key);
    if (entry->continued > 0 && option && option->kind != SSLDYN_OPTION_LIST) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s:%d: continuation lines are for lists only; %.60s is not a list",
                           spec->file, entry->continued, entry->key);
    }
    if (option && spec->origins[option - ssldyn_options].source == SSLDYN_SOURCE_FILE) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given before, in line %d", where,
                           spec->origins[option - ssldyn_options].line);
    }
    const enum ssldyn_status status = ssldyn_spec_set(spec, entry->key, entry->value, where, err);
    if (status == SSLDYN_OK && option) {
        spec->origins[option - ssldyn_options].line = entry->line;
    }
    if (status == SSLDYN_OK && strncmp(entry->key, "axis", 4) == 0) {
        mark_axes(spec, entry->key[4] == '.' ? entry->key + 5 : NULL, entry->line);
    }
    return status;
}

static enum ssldyn_status apply_all(struct ssldyn_spec *spec, const struct ssldyn_conf *conf,
                                    const char *path, struct ssldyn_error *err)
{
    free(spec->file);
    spec->file = ssldyn_string_copy(path);
    if (!spec->file) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%.300s: out of memory", path);
    }
    const enum ssldyn_source before = spec->source;
    spec->source = SSLDYN_SOURCE_FILE;
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < conf->count; i++) {
        status = apply(spec, &conf->entries[i], err);
    }
    spec->source = before;
    return status;
}

enum ssldyn_status ssldyn_spec_read(struct ssldyn_spec *spec, const char *path,
                                    struct ssldyn_error *err)
{
    struct ssldyn_conf conf;
    enum ssldyn_status status = ssldyn_conf_read(path, &conf, err);
    if (status == SSLDYN_OK) {
        status = apply_all(spec, &conf, path, err);
    }
    ssldyn_conf_clear(&conf);
    return status;
}

enum ssldyn_status ssldyn_spec_load(struct ssldyn_spec *spec, const char *directory,
                                    struct ssldyn_error *err)
{
    memset(spec, 0, sizeof *spec);
    char *path = ssldyn_path_join(directory, "spec.conf");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    }
    struct ssldyn_conf conf = {0};
    enum ssldyn_status status = ssldyn_place_readable(directory, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_conf_read(path, &conf, err);
    }
    const char *name = NULL;
    for (size_t i = 0; i < conf.count; i++) {
        if (strcmp(conf.entries[i].key, "command") == 0) {
            name = conf.entries[i].value;
        }
    }
    if (status == SSLDYN_OK && !name) {
        status =
            ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: does not say which command's it is", path);
    }
    const enum ssldyn_command command = name ? ssldyn_command_find(name) : (enum ssldyn_command)0;
    if (status == SSLDYN_OK && command != 0) {
        status = ssldyn_spec_init(spec, command, err);
        if (status == SSLDYN_OK) {
            status = apply_all(spec, &conf, path, err);
        }
        if (status == SSLDYN_OK) {
            status = ssldyn_spec_check(spec, err);
        }
    }
    if (status != SSLDYN_OK) {
        ssldyn_spec_clear(spec);
    }
    ssldyn_conf_clear(&conf);
    free(path);
    return status;
}
