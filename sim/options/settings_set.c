/* One option set from text, and what it overrides. */
// SPDX-License-Identifier: MIT
#include "sim/options/name.h"
#include "sim/options/settings.h"

#include <ctype.h>
#include <string.h>

enum ssldyn_status ssldyn_settings_reset(struct ssldyn_settings *settings,
                                         const struct ssldyn_option *option,
                                         struct ssldyn_error *err)
{
    struct ssldyn_origin *origin = &settings->origins[option - settings->schema->options];
    origin->source = SSLDYN_SOURCE_DEFAULT;
    origin->line = 0;
    ssldyn_arrays_drop(&settings->arrays, option->name);
    return ssldyn_option_reset(settings, option, err);
}

static bool is_overridden(const struct ssldyn_settings *settings,
                          const struct ssldyn_option *option, const struct ssldyn_option *other)
{
    if (option->replaces_group && other != option) {
        return strcmp(option->group, other->group) == 0;
    }
    return ssldyn_name_in(other->name, option->replaces) ||
           (settings->schema->replaces && settings->schema->replaces(settings, option, other));
}

/* Forgets what an earlier source gave against the option that this one gives. */
static enum ssldyn_status override_earlier(struct ssldyn_settings *settings,
                                           const struct ssldyn_option *option,
                                           struct ssldyn_error *err)
{
    for (size_t i = 0; i < settings->schema->count; i++) {
        const struct ssldyn_option *other = &settings->schema->options[i];
        const enum ssldyn_source source = settings->origins[i].source;
        if (source == SSLDYN_SOURCE_DEFAULT || source >= settings->source ||
            !is_overridden(settings, option, other)) {
            continue;
        }
        const enum ssldyn_status status = ssldyn_settings_reset(settings, other, err);
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    return SSLDYN_OK;
}

/* The group of an option whose names have a prefix that the typed one lacks; NULL: none. */
static const struct ssldyn_option_group *group_of(const struct ssldyn_schema *schema,
                                                  const struct ssldyn_option *option)
{
    const struct ssldyn_option_group *group =
        option ? ssldyn_settings_group(schema, option->group) : NULL;
    return group && group->prefix ? group : NULL;
}

/* An option of other commands. */
static enum ssldyn_status refuse_other(const struct ssldyn_settings *settings,
                                       const struct ssldyn_option *option, const char *name,
                                       const char *where, struct ssldyn_error *err)
{
    const struct ssldyn_schema *schema = settings->schema;
    const char *dashes = strncmp(where, "--", 2) == 0 ? "--" : "";
    char title[64];
    char commands[128] = "";
    for (unsigned bit = 1; bit <= option->commands; bit <<= 1) {
        if (option->commands & bit) {
            const size_t used = strlen(commands);
            snprintf(commands + used, sizeof commands - used, "%s%s", used ? ", " : "",
                     ssldyn_settings_command(schema, bit));
        }
    }
    const struct ssldyn_option *here = ssldyn_settings_nearest(schema, name, settings->command);
    const bool trains = group_of(schema, here) != NULL;
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not an option of %s (only of %s)%s%s%s%s", where,
                       ssldyn_settings_title(schema, settings->command, title, sizeof title),
                       commands, trains ? "; did you mean " : "", trains ? dashes : "",
                       trains ? here->name : "", trains ? "?" : "");
}

enum ssldyn_status ssldyn_settings_refuse(const struct ssldyn_settings *settings,
                                          const struct ssldyn_option *option, const char *name,
                                          const char *where, struct ssldyn_error *err)
{
    const struct ssldyn_schema *schema = settings->schema;
    char title[64];
    char hint[120] = "";
    ssldyn_settings_title(schema, settings->command, title, sizeof title);
    if (option) {
        return refuse_other(settings, option, name, where, err);
    }
    const struct ssldyn_option *nearest = ssldyn_settings_nearest(schema, name, settings->command);
    if (!nearest) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: unknown option; \"%s --help\" lists the options", where, title);
    }
    const struct ssldyn_option_group *group = group_of(schema, nearest);
    if (group && strncmp(name, group->prefix, strlen(group->prefix)) != 0) {
        snprintf(hint, sizeof hint, " (%c%s: see \"%s --help\")",
                 tolower((unsigned char)group->name[0]), group->name + 1, title);
    }
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown option; did you mean %s%s?%s", where,
                       strncmp(where, "--", 2) == 0 ? "--" : "", nearest->name, hint);
}

/* All members of the family are what the whole says. */
static void forget_members(struct ssldyn_settings *settings)
{
    for (size_t i = 0; i < settings->schema->count; i++) {
        settings->origins[i].member_line = 0;
    }
}

enum ssldyn_status ssldyn_settings_mark(struct ssldyn_settings *settings,
                                        const struct ssldyn_option *option,
                                        struct ssldyn_error *err)
{
    const struct ssldyn_option_family *family = settings->schema->family;
    struct ssldyn_origin *origin = &settings->origins[option - settings->schema->options];
    const enum ssldyn_status status = override_earlier(settings, option, err);
    if (status == SSLDYN_OK) {
        origin->source = settings->source;
        origin->line = settings->line;
        if (family && strcmp(option->name, family->whole) == 0) {
            forget_members(settings);
        }
    }
    return status;
}

enum ssldyn_status ssldyn_settings_set(struct ssldyn_settings *settings, const char *name,
                                       const char *value, const char *where,
                                       struct ssldyn_error *err)
{
    const struct ssldyn_option_family *family = settings->schema->family;
    if (family && (family->commands & settings->command) != 0 &&
        strncmp(name, family->prefix, strlen(family->prefix)) == 0) {
        return family->set(settings, name + strlen(family->prefix), value, where, err);
    }
    const struct ssldyn_option *option = ssldyn_settings_find(settings->schema, name);
    if (!option || !ssldyn_option_is_of(option, settings->command)) {
        return ssldyn_settings_refuse(settings, option, name, where, err);
    }
    const struct ssldyn_origin *origin = &settings->origins[option - settings->schema->options];
    if (option->repeats && origin->source == settings->source) {
        const enum ssldyn_status status = ssldyn_option_append(settings, option, value, where, err);
        return status == SSLDYN_OK ? ssldyn_settings_mark(settings, option, err) : status;
    }
    const enum ssldyn_status status = ssldyn_option_set(settings, option, value, where, err);
    if (status == SSLDYN_OK) {
        ssldyn_arrays_drop(&settings->arrays, option->name);
    }
    return status == SSLDYN_OK ? ssldyn_settings_mark(settings, option, err) : status;
}
