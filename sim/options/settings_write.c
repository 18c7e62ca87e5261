/* spec.conf: what reproduces a run. */
// SPDX-License-Identifier: MIT
#include "sim/base/parse.h"
#include "sim/options/name.h"
#include "sim/options/settings.h"
#include "sim/ssldyn.h"

#include <string.h>

/* Whether spec.conf has a line for the option. */
static bool is_written(const struct ssldyn_settings *settings, size_t row)
{
    const struct ssldyn_schema *schema = settings->schema;
    const struct ssldyn_option *option = &schema->options[row];
    if (option->written == SSLDYN_OPTION_WRITTEN_NEVER ||
        !ssldyn_settings_applies(settings, option, NULL, 0) ||
        (schema->is_written && !schema->is_written(settings, option))) {
        return false;
    }
    if (option->written == SSLDYN_OPTION_WRITTEN_GIVEN) {
        return settings->origins[row].source != SSLDYN_SOURCE_DEFAULT;
    }
    if (option->kind == SSLDYN_OPTION_STRING) {
        return *ssldyn_option_string(settings, option) != NULL;
    }
    if (option->kind == SSLDYN_OPTION_LIST) {
        return ((const struct ssldyn_list *)ssldyn_option_field(settings, option->offset))->count >
               0;
    }
    return !ssldyn_option_is_off(settings, option);
}

const char *ssldyn_version(void)
{
    return SSLDYN_VERSION;
}

void ssldyn_settings_print_head(const struct ssldyn_settings *settings, FILE *stream)
{
    fprintf(stream, "# ssldyn spec 1\nversion = %s\ncommand = %s\n", ssldyn_version(),
            ssldyn_settings_command(settings->schema, settings->command));
}

/* An option whose values were arrays names the files next to spec.conf that hold them. */
static void write_option(const struct ssldyn_settings *settings, const struct ssldyn_option *option,
                         FILE *stream)
{
    const char *line =
        ssldyn_option_has_string(option) ? *ssldyn_option_string(settings, option) : NULL;
    char name[SSLDYN_ARRAYS_NAME];
    if (!line || !ssldyn_arrays_any(&settings->arrays, option->name)) {
        ssldyn_option_write(settings, option, stream);
        return;
    }
    fprintf(stream, "%s = ", ssldyn_name_key(option->name, name, sizeof name));
    const bool several = strchr(line, '\n') != NULL;
    for (size_t place = 0; line; place++) {
        const size_t length = strcspn(line, "\n");
        const struct ssldyn_arrays_item *item =
            ssldyn_arrays_item(&settings->arrays, option->name, place);
        if (item) {
            fprintf(stream,
                    several ? "\"" SSLDYN_SETTINGS_BESIDE "%s\"" : SSLDYN_SETTINGS_BESIDE "%s",
                    ssldyn_arrays_name(item, name));
        } else {
            ssldyn_option_write_string(line, length, several, stream);
        }
        line = line[length] == '\n' ? line + length + 1 : NULL;
        fputs(line ? " " : "\n", stream);
    }
}

void ssldyn_settings_print(const struct ssldyn_settings *settings, FILE *stream)
{
    for (size_t i = 0; i < settings->schema->count; i++) {
        if (is_written(settings, i)) {
            write_option(settings, &settings->schema->options[i], stream);
        }
    }
}
