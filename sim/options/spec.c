/* The options of ssldyn: what its schema has in addition to the rows, and a spec as a value. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/io/conf.h"
#include "sim/io/file.h"
#include "sim/io/output_dir.h"

#include <stdlib.h>
#include <string.h>

enum ssldyn_status ssldyn_spec_init(struct ssldyn_spec *spec, enum ssldyn_command command,
                                    struct ssldyn_error *err)
{
    memset(spec, 0, sizeof *spec);
    const enum ssldyn_status status =
        ssldyn_settings_init(&spec->given, &ssldyn_options_schema, command, err);
    spec->problem.typed.training = ssldyn_training_none();
    return status;
}

void ssldyn_spec_clear(struct ssldyn_spec *spec)
{
    ssldyn_settings_clear(&spec->given);
    memset(spec, 0, sizeof *spec);
}

enum ssldyn_status ssldyn_spec_copy(const struct ssldyn_spec *from, struct ssldyn_spec *to,
                                    struct ssldyn_error *err)
{
    *to = *from;
    return ssldyn_settings_copy(&from->given, &to->given, err);
}

enum ssldyn_status ssldyn_spec_array_of(struct ssldyn_spec *spec, const char *name,
                                        enum ssldyn_array_type type, size_t dimensions,
                                        const size_t shape[], const void *data,
                                        struct ssldyn_error *err)
{
    char where[64];
    struct ssldyn_array_view view;
    (void)snprintf(where, sizeof where, "--%.50s", name);
    const enum ssldyn_status status =
        ssldyn_array_view_make(where, type, dimensions, shape, data, &view, err);
    return status == SSLDYN_OK ? ssldyn_settings_array(&spec->given, name, &view, where, err)
                               : status;
}

enum ssldyn_status ssldyn_spec_array(struct ssldyn_spec *spec, const char *name, size_t dimensions,
                                     const size_t shape[], const double *data,
                                     struct ssldyn_error *err)
{
    return ssldyn_spec_array_of(spec, name, SSLDYN_ARRAY_DOUBLE, dimensions, shape, data, err);
}

/* --no-ema=false leaves the rate of the target as it was given. */
bool ssldyn_spec_replaces(const void *fields, const struct ssldyn_option *option,
                          const struct ssldyn_option *other)
{
    const struct ssldyn_spec *spec = fields;
    if (strcmp(option->name, "no-ema") == 0) {
        return strcmp(other->name, "tau") == 0 ||
               (!spec->ema &&
                (strcmp(other->name, "beta") == 0 || strcmp(other->name, "train-ema") == 0));
    }
    if (strcmp(option->name, "steps") == 0 && strcmp(other->name, "t-end") == 0) {
        return spec->problem.sgd.steps > 0; /* which leave it to t-end otherwise */
    }
    return (strcmp(option->name, "t-end") == 0 && strcmp(other->name, "steps") == 0) ||
           ssldyn_spec_rival_replaces(option->name, other->name);
}

/* Of ssldyn explore: the spec.conf of a run is read for its rates; in an experiment file what
 * changes no result, or says what a sweep keeps of its points, is of no use to the page. */
bool ssldyn_spec_passes_over(const void *fields, const struct ssldyn_option *option)
{
    static const char *const names[] = {"atol", "stepper"};
    const struct ssldyn_spec *spec = fields;
    bool passes = spec->given.complete || strcmp(option->group, "Output") == 0 ||
                  strcmp(option->group, "Sweep") == 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        passes = passes || strcmp(option->name, names[i]) == 0;
    }
    return passes;
}

/* Of ssldyn figure: an option of the runs, kept as NAME=VALUES. */
enum ssldyn_status ssldyn_spec_borrow(void *fields, const struct ssldyn_option *option,
                                      const char *value, const char *where,
                                      struct ssldyn_error *err)
{
    if (ssldyn_option_is_flag(option)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not an option of a figure's runs", where);
    }
    if (!value || value[0] == '\0' || strchr(value, ';')) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: needs values: 0.1, or 0.1,0.2", where);
    }
    return ssldyn_spec_axis_put(&((struct ssldyn_spec *)fields)->page.values, NULL, 0, option->name,
                                value, err);
}

enum ssldyn_status ssldyn_spec_load(struct ssldyn_spec *spec, const char *directory,
                                    struct ssldyn_error *err)
{
    memset(spec, 0, sizeof *spec);
    char *path = ssldyn_file_path_join(directory, "spec.conf");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    }
    struct ssldyn_conf conf = {0};
    enum ssldyn_status status = ssldyn_output_dir_check_readable(directory, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_conf_read(path, &conf, err);
    }
    const char *name = ssldyn_conf_value(&conf, "command");
    if (status == SSLDYN_OK && !name) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: does not name the command that wrote it",
                             path);
    }
    const enum ssldyn_command command = name ? ssldyn_command_find(name) : (enum ssldyn_command)0;
    if (status == SSLDYN_OK && command != 0) {
        status = ssldyn_spec_init(spec, command, err);
        if (status == SSLDYN_OK) {
            status = ssldyn_settings_take(&spec->given, &conf, path, err);
        }
        if (status == SSLDYN_OK) {
            status = ssldyn_spec_prepare(spec, err);
        }
    }
    if (status != SSLDYN_OK) {
        ssldyn_spec_clear(spec);
    }
    ssldyn_conf_clear(&conf);
    free(path);
    return status;
}
