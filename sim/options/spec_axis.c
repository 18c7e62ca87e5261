/* Axes of a sweep, "axis.NAME = VALUES": kept in the spec as one text, NAME=VALUES;..., in the
 * order given. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The entry NAME=...; of the text, or NULL; *length without its semicolon. */
static char *find_axis(char *axes, const char *name, size_t *length)
{
    for (char *entry = axes; entry && *entry;) {
        *length = strcspn(entry, ";");
        const size_t stem = strcspn(entry, "=");
        if (stem == strlen(name) && strncmp(entry, name, stem) == 0) {
            return entry;
        }
        entry += *length + (entry[*length] == ';');
    }
    return NULL;
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
    const struct ssldyn_option *option = ssldyn_option_find(name);
    for (const char *text = spec->sweep.axes; text && *text;) {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(text, "=;"), text);
        if (ssldyn_option_find(word) == option) {
            return true;
        }
        text += strcspn(text, ";");
        text += *text == ';';
    }
    return false;
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
    char *old = find_axis(*axes, option->name, &length);
    if (old && given->source == SSLDYN_SOURCE_FILE) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given before", where);
    }
    const size_t before = *axes ? strlen(*axes) : 0;
    const size_t room = before + strlen(option->name) + strlen(value) + 3;
    char *text = ssldyn_memory_array(room, 1);
    if (!text) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the options");
    }
    if (old) {
        /* the command line replaces the file's values and keeps the axis's place */
        snprintf(text, room, "%.*s%s=%s%s", (int)(old - *axes), *axes, option->name, value,
                 old + length);
    } else {
        snprintf(text, room, "%s%s%s=%s", before ? *axes : "", before ? ";" : "", option->name,
                 value);
    }
    free(*axes);
    *axes = text;
    ssldyn_settings_origin(given, "axis")->source = given->source;
    given->origins[option - ssldyn_options].member_line = given->line > 0 ? given->line : -1;
    return SSLDYN_OK;
}
