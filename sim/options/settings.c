/* Settings as a value: their defaults, copies, the end; where each came from and what it needs. */
// SPDX-License-Identifier: MIT
#include "sim/options/settings.h"

#include "sim/base/memory.h"
#include "sim/options/name.h"

#include <stdlib.h>
#include <string.h>

const struct ssldyn_option *ssldyn_settings_find(const struct ssldyn_schema *schema,
                                                 const char *name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (ssldyn_name_is(name, schema->options[i].name)) {
            return &schema->options[i];
        }
    }
    return NULL;
}

const struct ssldyn_option *ssldyn_settings_nearest(const struct ssldyn_schema *schema,
                                                    const char *name, unsigned command)
{
    const struct ssldyn_option *nearest = NULL;
    size_t least = ssldyn_name_most_apart(name);
    for (size_t i = 0; i < schema->count; i++) {
        const struct ssldyn_option *option = &schema->options[i];
        if (ssldyn_option_is_of(option, command) && ssldyn_name_in(name, option->aliases)) {
            return option;
        }
    }
    for (size_t i = 0; i < schema->count; i++) {
        const struct ssldyn_option *option = &schema->options[i];
        const size_t apart = ssldyn_name_distance(name, option->name);
        if (ssldyn_option_is_of(option, command) && apart < least) {
            least = apart;
            nearest = option;
        }
    }
    return nearest;
}

const struct ssldyn_option_group *ssldyn_settings_group(const struct ssldyn_schema *schema,
                                                        const char *name)
{
    const struct ssldyn_option_group *group = schema->groups;
    while (group && group->name && strcmp(group->name, name) != 0) {
        group++;
    }
    return group && group->name ? group : NULL;
}

const char *ssldyn_settings_command(const struct ssldyn_schema *schema, unsigned command)
{
    return schema->command_name ? schema->command_name(command) : schema->program;
}

const char *ssldyn_settings_title(const struct ssldyn_schema *schema, unsigned command, char text[],
                                  size_t size)
{
    snprintf(text, size, "%s%s%s", schema->program, schema->command_name ? " " : "",
             schema->command_name ? schema->command_name(command) : "");
    return text;
}

static enum ssldyn_status no_memory(struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the options");
}

enum ssldyn_status ssldyn_settings_init(struct ssldyn_settings *settings,
                                        const struct ssldyn_schema *schema, unsigned command,
                                        struct ssldyn_error *err)
{
    settings->schema = schema;
    settings->command = command;
    settings->source = SSLDYN_SOURCE_COMMAND_LINE;
    settings->origins = ssldyn_memory_array(schema->count, sizeof *settings->origins);
    enum ssldyn_status status = settings->origins ? SSLDYN_OK : no_memory(err);
    for (size_t i = 0; status == SSLDYN_OK && i < schema->count; i++) {
        status = ssldyn_settings_reset(settings, &schema->options[i], err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_settings_clear(settings);
    }
    return status;
}

void ssldyn_settings_clear(struct ssldyn_settings *settings)
{
    for (size_t i = 0; settings->schema && i < settings->schema->count; i++) {
        ssldyn_option_clear(settings, &settings->schema->options[i]);
    }
    for (size_t i = 0; i < settings->operand_count; i++) {
        free(settings->operands[i]);
    }
    ssldyn_arrays_clear(&settings->arrays);
    free(settings->operands);
    free(settings->origins);
    free(settings->file);
    *settings = (struct ssldyn_settings){0};
}

enum ssldyn_status ssldyn_settings_copy(const struct ssldyn_settings *from,
                                        struct ssldyn_settings *to, struct ssldyn_error *err)
{
    const size_t count = from->schema->count;
    bool fine = true;
    /* All of them, even after a failure: *to must not own anything that belongs to *from. */
    for (size_t i = 0; i < count; i++) {
        fine = ssldyn_option_copy(from, to, &from->schema->options[i]) && fine;
    }
    fine = ssldyn_arrays_copy(&from->arrays, &to->arrays) && fine;
    to->file = ssldyn_memory_copy(from->file);
    to->origins = ssldyn_memory_array(count, sizeof *to->origins);
    to->operands = ssldyn_memory_array(from->operand_count, sizeof *to->operands);
    to->operand_count = 0;
    fine = fine && to->origins && to->operands && (!from->file || to->file);
    if (fine) {
        memcpy(to->origins, from->origins, count * sizeof *to->origins);
    }
    for (size_t i = 0; fine && i < from->operand_count; i++) {
        to->operands[i] = ssldyn_memory_copy(from->operands[i]);
        fine = to->operands[i] != NULL;
        to->operand_count += fine;
    }
    if (!fine) {
        ssldyn_settings_clear(to);
        return no_memory(err);
    }
    return SSLDYN_OK;
}

static struct ssldyn_origin *origin_of(const struct ssldyn_settings *settings,
                                       const struct ssldyn_option *option)
{
    return &settings->origins[option - settings->schema->options];
}

struct ssldyn_origin *ssldyn_settings_origin(const struct ssldyn_settings *settings,
                                             const char *name)
{
    return origin_of(settings, ssldyn_settings_find(settings->schema, name));
}

bool ssldyn_settings_given(const struct ssldyn_settings *settings, const char *name)
{
    const struct ssldyn_option *option = ssldyn_settings_find(settings->schema, name);
    return option && origin_of(settings, option)->source != SSLDYN_SOURCE_DEFAULT;
}

const char *ssldyn_settings_where(const struct ssldyn_settings *settings,
                                  const struct ssldyn_option *option, char *buffer, size_t size)
{
    const struct ssldyn_origin *origin = origin_of(settings, option);
    if (origin->source == SSLDYN_SOURCE_FILE) {
        snprintf(buffer, size, "%.200s:%d: %s", settings->file, origin->line, option->name);
    } else {
        snprintf(buffer, size, "--%s", option->name);
    }
    return buffer;
}

bool ssldyn_settings_applies(const struct ssldyn_settings *settings,
                             const struct ssldyn_option *option, char *why, size_t size)
{
    const struct ssldyn_schema *schema = settings->schema;
    char title[64];
    if (!ssldyn_option_is_of(option, settings->command)) {
        if (why) {
            snprintf(why, size, "is not an option of %s",
                     ssldyn_settings_title(schema, settings->command, title, sizeof title));
        }
        return false;
    }
    if (schema->applies && !schema->applies(settings, option, why, why ? size : 0)) {
        return false;
    }
    for (size_t i = 0; i < SSLDYN_OPTION_NEEDS && option->needs[i].met; i++) {
        if (!option->needs[i].met(settings)) {
            if (why) {
                snprintf(why, size, "%s", option->needs[i].why);
            }
            return false;
        }
    }
    return true;
}

/* A later source than the option's own made one of the choices on which options depend. */
static bool is_overruled(const struct ssldyn_settings *settings, enum ssldyn_source source)
{
    for (size_t i = 0; i < settings->schema->count; i++) {
        if (settings->schema->options[i].decides && settings->origins[i].source > source) {
            return true;
        }
    }
    return false;
}

enum ssldyn_status ssldyn_settings_check_ignored(struct ssldyn_settings *settings,
                                                 struct ssldyn_error *err)
{
    for (size_t i = 0; i < settings->schema->count; i++) {
        const struct ssldyn_option *option = &settings->schema->options[i];
        const enum ssldyn_source source = settings->origins[i].source;
        char why[160];
        if (source <= SSLDYN_SOURCE_INFERRED || ssldyn_option_is_off(settings, option) ||
            ssldyn_settings_applies(settings, option, why, sizeof why)) {
            continue;
        }
        if (!is_overruled(settings, source)) {
            char name[300];
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: %s",
                               ssldyn_settings_where(settings, option, name, sizeof name), why);
        }
        const enum ssldyn_status status = ssldyn_settings_reset(settings, option, err);
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    return SSLDYN_OK;
}
