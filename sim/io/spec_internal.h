/* Where the value of an option lies in a spec. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_SPEC_INTERNAL_H
#define SSLDYN_SIM_IO_SPEC_INTERNAL_H

#include "sim/io/spec.h"

static inline void *ssldyn_spec_field(const struct ssldyn_spec *spec, size_t offset)
{
    return (char *)(uintptr_t)spec + offset;
}

/* Whether the spec owns a string for the option, and where. */
static inline bool ssldyn_option_has_string(const struct ssldyn_option *option)
{
    return option->kind == SSLDYN_OPTION_STRING || option->kind == SSLDYN_OPTION_CHOICE_OR_FILE;
}

static inline char **ssldyn_spec_string(const struct ssldyn_spec *spec,
                                        const struct ssldyn_option *option)
{
    return (char **)ssldyn_spec_field(
        spec, option->kind == SSLDYN_OPTION_STRING ? option->offset : option->file_offset);
}

#endif
