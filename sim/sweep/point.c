/* One point of a sweep as a run. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/point.h"

#include <string.h>

struct ssldyn_point ssldyn_point_at_none(const struct ssldyn_spec *sweep,
                                         const struct ssldyn_axes *axes)
{
    struct ssldyn_point point = {.sweep = sweep, .axes = axes};
    for (size_t i = 0; i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        point.remakes[i] = axis->words || ssldyn_inputs_depend_on(sweep, axis->option);
    }
    return point;
}

void ssldyn_point_clear(struct ssldyn_point *point)
{
    if (point->made) {
        ssldyn_spec_clear(&point->spec);
        point->made = false;
    }
    ssldyn_inputs_clear(&point->inputs);
}

/* Removes the settings that belong to the sweep, not to the run. */
static enum ssldyn_status forget_sweep(struct ssldyn_spec *spec, enum ssldyn_command command,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < ssldyn_options_count; i++) {
        if (!ssldyn_option_is_of(&ssldyn_options[i], command)) {
            status = ssldyn_settings_reset(&spec->given, &ssldyn_options[i], err);
        }
    }
    return status;
}

/* A number of a list option is the same for all modes that have it. */
static void set_number(struct ssldyn_spec *spec, const struct ssldyn_option *option, double value)
{
    void *field = ssldyn_option_field(spec, option->offset);
    if (option->kind == SSLDYN_OPTION_LIST) {
        const struct ssldyn_list *list = field;
        for (size_t i = 0; i < list->count; i++) {
            list->values[i] = value;
        }
    } else if (option->kind == SSLDYN_OPTION_INTEGER) {
        *(int64_t *)field = (int64_t)value;
    } else if (option->kind == SSLDYN_OPTION_SEED) {
        *(uint64_t *)field = (uint64_t)value;
    } else {
        *(double *)field = value;
    }
}

static enum ssldyn_status make(struct ssldyn_point *point, const double values[],
                               struct ssldyn_error *err)
{
    struct ssldyn_spec *spec = &point->spec;
    const enum ssldyn_command command =
        ssldyn_spec_is_sgd(point->sweep) ? SSLDYN_COMMAND_SGD : SSLDYN_COMMAND_FLOW;
    ssldyn_point_clear(point);
    enum ssldyn_status status = ssldyn_spec_copy(point->sweep, spec, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    point->made = true;
    spec->given.source = SSLDYN_SOURCE_POINT;
    for (size_t i = 0; status == SSLDYN_OK && i < point->axes->count; i++) {
        const struct ssldyn_axis *axis = &point->axes->axis[i];
        if (axis->words) {
            status = ssldyn_spec_set(spec, axis->option->name, axis->words[(size_t)values[i]],
                                     axis->option->name, err);
        } else {
            if (axis->option->kind == SSLDYN_OPTION_LIST) { /* the same value for all modes */
                ((struct ssldyn_list *)ssldyn_option_field(spec, axis->option->offset))->count = 1;
            }
            set_number(spec, axis->option, values[i]);
            status = ssldyn_settings_mark(&spec->given, axis->option, err);
        }
    }
    if (status == SSLDYN_OK) {
        status = forget_sweep(spec, command, err);
    }
    spec->given.command = command;
    spec->quiet = true;
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_prepare(spec, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_point_clear(point);
    }
    return status;
}

enum ssldyn_status ssldyn_point_set(struct ssldyn_point *point, const double values[],
                                    struct ssldyn_error *err)
{
    bool stays = point->made;
    for (size_t i = 0; i < point->axes->count; i++) {
        stays = stays && (!point->remakes[i] || values[i] == point->values[i]);
    }
    memcpy(point->values, values, point->axes->count * sizeof *values);
    if (!stays) {
        return make(point, values, err);
    }
    for (size_t i = 0; i < point->axes->count; i++) {
        if (!point->remakes[i]) {
            set_number(&point->spec, point->axes->axis[i].option, values[i]);
        }
    }
    ssldyn_problem_derive(&point->spec.problem);
    return ssldyn_spec_check_numbers(&point->spec, err);
}
