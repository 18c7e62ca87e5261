/* Axes of a sweep, "axis.NAME = VALUES": kept in the spec as one text, NAME=VALUES;..., in the
 * order given. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The entry NAME=...; of an option in the text, or NULL; *length without its semicolon. */
static const char *find_axis(const char *axes, const struct ssldyn_option *option, size_t *length)
{
    for (const char *entry = axes; entry && *entry;) {
        char word[64];
        *length = strcspn(entry, ";");
        snprintf(word, sizeof word, "%.*s", (int)strcspn(entry, "=;"), entry);
        if (ssldyn_option_find(word) == option) {
            return entry;
        }
        entry += *length + (entry[*length] == ';');
    }
    return NULL;
}

enum ssldyn_status ssldyn_spec_axis_put(char **text, const char *old, size_t length,
                                        const char *name, const char *value,
                                        struct ssldyn_error *err)
{
    const size_t before = !*text ? 0 : old ? (size_t)(old - *text) : strlen(*text);
    const char *rest = old ? old + length : "";
    const size_t size = before + strlen(name) + strlen(value) + strlen(rest) + 3;
    char *made = ssldyn_memory_array(size, 1);
    if (!made) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the options");
    }
    snprintf(made, size, "%.*s%s%s=%s%s", (int)before, *text ? *text : "",
             before > 0 && !old ? ";" : "", name, value, rest);
    free(*text);
    *text = made;
    return SSLDYN_OK;
}

const char *ssldyn_spec_axis_where(const struct ssldyn_spec *spec, const char *name, char *buffer,
                                   size_t size)
{
    const struct ssldyn_option *option = ssldyn_option_find(name);
    int line = option ? spec->given.origins[option - ssldyn_options].member_line : 0;
    if (line == 0) {
        line = ssldyn_settings_origin(&spec->given, "axis")->line;
    }
    if (line > 0) {
        snprintf(buffer, size, "%.200s:%d: axis.%.40s", spec->given.file, line, name);
    } else {
        snprintf(buffer, size, "--axis.%.40s", name);
    }
    return buffer;
}

bool ssldyn_spec_has_axis(const struct ssldyn_spec *spec, const char *name)
{
    size_t length = 0;
    return find_axis(spec->sweep.axes, ssldyn_option_find(name), &length) != NULL;
}

enum ssldyn_status ssldyn_spec_axis(void *fields, const char *name, const char *value,
                                    const char *where, struct ssldyn_error *err)
{
    struct ssldyn_spec *spec = fields;
    struct ssldyn_settings *given = &spec->given;
    const struct ssldyn_option *option = ssldyn_option_find(name);
    if (!option || !ssldyn_option_is_of(option, given->command)) {
        const struct ssldyn_option *nearest =
            ssldyn_settings_nearest(given->schema, name, given->command);
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: \"%.40s\" is not an option of ssldyn %s%s%s%s",
                           where, name, ssldyn_command_name(given->command),
                           nearest ? "; did you mean axis." : "", nearest ? nearest->name : "",
                           nearest ? "?" : "");
    }
    bool plain = value[0] != '\0' && !strpbrk(value, ";=\"#");
    for (const char *c = value; *c; c++) {
        plain = plain && (unsigned char)*c >= 0x20 && *c != 0x7f; /* no control character */
    }
    if (!plain) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s = %.80s: must be from:to:points, log:from:to:points or list:a,b,c",
                           where, value[0] ? value : "(nothing)");
    }
    char **axes = &spec->sweep.axes;
    size_t length = 0;
    const char *old = find_axis(*axes, option, &length);
    if (old && given->source == SSLDYN_SOURCE_FILE) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given twice", where);
    }
    /* the command line replaces the file's values and keeps the axis's place */
    const enum ssldyn_status status =
        ssldyn_spec_axis_put(axes, old, length, option->name, value, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_settings_origin(given, "axis")->source = given->source;
    given->origins[option - ssldyn_options].member_line = given->line > 0 ? given->line : -1;
    return SSLDYN_OK;
}
