/* A spec as a value: its defaults, copies, the end. */
// SPDX-License-Identifier: MIT
#include "sim/options/option_value.h"

#include "sim/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum ssldyn_status no_memory(struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the options");
}

bool ssldyn_spec_given(const struct ssldyn_spec *spec, const char *name)
{
    const struct ssldyn_option *option = ssldyn_option_find(name);
    return option && spec->origins[option - ssldyn_options].source != SSLDYN_SOURCE_STANDARD;
}

const char *ssldyn_spec_where(const struct ssldyn_spec *spec, const struct ssldyn_option *option,
                              char *buffer, size_t size)
{
    const struct ssldyn_origin *origin = &spec->origins[option - ssldyn_options];
    if (origin->source == SSLDYN_SOURCE_FILE) {
        snprintf(buffer, size, "%.200s:%d: %s", spec->file, origin->line, option->name);
    } else {
        snprintf(buffer, size, "--%s", option->name);
    }
    return buffer;
}

enum ssldyn_status ssldyn_spec_init(struct ssldyn_spec *spec, enum ssldyn_command command,
                                    struct ssldyn_error *err)
{
    memset(spec, 0, sizeof *spec);
    spec->command = command;
    spec->source = SSLDYN_SOURCE_COMMAND_LINE;
    spec->origins = ssldyn_array_alloc(ssldyn_option_count, sizeof *spec->origins);
    enum ssldyn_status status = spec->origins ? SSLDYN_OK : no_memory(err);
    for (size_t i = 0; status == SSLDYN_OK && i < ssldyn_option_count; i++) {
        status = ssldyn_spec_reset(spec, &ssldyn_options[i], err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_spec_clear(spec);
    }
    return status;
}

void ssldyn_spec_clear(struct ssldyn_spec *spec)
{
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        ssldyn_option_clear(spec, &ssldyn_options[i]);
    }
    for (size_t i = 0; i < spec->operand_count; i++) {
        free(spec->operands[i]);
    }
    free(spec->operands);
    free(spec->origins);
    free(spec->file);
    memset(spec, 0, sizeof *spec);
}

/* Gives *to its own copy of what option points to; false when memory is out. */
static bool copy_owned(const struct ssldyn_spec *from, struct ssldyn_spec *to,
                       const struct ssldyn_option *option)
{
    if (ssldyn_option_has_string(option)) {
        const char *text = *ssldyn_option_string(from, option);
        char **string = ssldyn_option_string(to, option);
        *string = ssldyn_string_copy(text);
        return !text || *string;
    }
    if (option->kind != SSLDYN_OPTION_LIST) {
        return true;
    }
    const struct ssldyn_list *list = ssldyn_option_field(from, option->offset);
    struct ssldyn_list *copy = ssldyn_option_field(to, option->offset);
    *copy = (struct ssldyn_list){0, ssldyn_array_alloc(list->count, sizeof(double))};
    if (!copy->values) {
        return false;
    }
    if (list->count > 0) {
        memcpy(copy->values, list->values, list->count * sizeof(double));
    }
    copy->count = list->count;
    return true;
}

enum ssldyn_status ssldyn_spec_copy(const struct ssldyn_spec *from, struct ssldyn_spec *to,
                                    struct ssldyn_error *err)
{
    *to = *from;
    bool fine = true;
    /* All of them, whatever fails: to must own nothing of from's. */
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        fine = copy_owned(from, to, &ssldyn_options[i]) && fine;
    }
    to->file = ssldyn_string_copy(from->file);
    to->origins = ssldyn_array_alloc(ssldyn_option_count, sizeof *to->origins);
    to->operands = ssldyn_array_alloc(from->operand_count, sizeof *to->operands);
    to->operand_count = 0;
    fine = fine && to->origins && to->operands && (!from->file || to->file);
    if (fine) {
        memcpy(to->origins, from->origins, ssldyn_option_count * sizeof *to->origins);
    }
    for (size_t i = 0; fine && i < from->operand_count; i++) {
        to->operands[i] = ssldyn_string_copy(from->operands[i]);
        fine = to->operands[i] != NULL;
        to->operand_count += fine;
    }
    if (!fine) {
        ssldyn_spec_clear(to);
        return no_memory(err);
    }
    return SSLDYN_OK;
}
