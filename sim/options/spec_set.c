/* One option of a spec set from text, and what it overrides. */
// SPDX-License-Identifier: MIT
#include "sim/options/option_value.h"

#include <stdio.h>
#include <string.h>

/* {given, forgotten}: what a later source says (command line after file) overrides what an earlier
 * one said against it. */
static const char *const overrides[][2] = {
    {"eta", "eta-p"},        {"eta", "eta-s"},     {"tau", "no-ema"},
    {"tau", "beta"},         {"no-ema", "tau"},    {"no-ema", "beta"},
    {"beta", "no-ema"},      {"beta", "tau"},      {"x", "n1"},
    {"data", "n1"},          {"moments", "n1"},    {"tau", "train-ema"},
    {"no-ema", "train-ema"}, {"train-ema", "tau"}, {"train-ema", "no-ema"},
};

enum ssldyn_status ssldyn_spec_reset(struct ssldyn_spec *spec, const struct ssldyn_option *option,
                                     struct ssldyn_error *err)
{
    spec->origins[option - ssldyn_options].source = SSLDYN_SOURCE_STANDARD;
    spec->origins[option - ssldyn_options].line = 0;
    return ssldyn_option_reset(spec, option, err);
}

/* A named augmentation overrides all its single settings; else see the table. */
static bool is_overridden(const struct ssldyn_spec *spec, const struct ssldyn_option *option,
                          const struct ssldyn_option *other)
{
    const bool moves = strcmp(option->name, "no-ema") == 0 && spec->ema;
    if (moves && strcmp(other->name, "tau") != 0) {
        return false; /* --no-ema=false: the rate of the target is as it was given */
    }
    if (strcmp(option->name, "augmentation") == 0 && other != option) {
        return strcmp(option->group, other->group) == 0;
    }
    for (size_t i = 0; i < sizeof overrides / sizeof overrides[0]; i++) {
        if (strcmp(overrides[i][0], option->name) == 0 &&
            strcmp(overrides[i][1], other->name) == 0) {
            return true;
        }
    }
    return ssldyn_spec_rival_replaces(option->name, other->name);
}

/* Forgets what an earlier source gave against the option that this one gives. */
static enum ssldyn_status override_earlier(struct ssldyn_spec *spec,
                                           const struct ssldyn_option *option,
                                           struct ssldyn_error *err)
{
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        const enum ssldyn_source source = spec->origins[i].source;
        if (source == SSLDYN_SOURCE_STANDARD || source >= spec->source ||
            !is_overridden(spec, option, &ssldyn_options[i])) {
            continue;
        }
        const enum ssldyn_status status = ssldyn_spec_reset(spec, &ssldyn_options[i], err);
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    return SSLDYN_OK;
}

/* Refuses a name that is no option of the command, with a hint. */
static enum ssldyn_status refuse_name(const struct ssldyn_spec *spec,
                                      const struct ssldyn_option *option, const char *name,
                                      const char *where, struct ssldyn_error *err)
{
    const char *command = ssldyn_command_name(spec->command);
    const char *dashes = strncmp(where, "--", 2) == 0 ? "--" : "";
    if (option) {
        char commands[128] = "";
        for (unsigned bit = 1; bit <= option->commands; bit <<= 1) {
            if (option->commands & bit) {
                const size_t used = strlen(commands);
                snprintf(commands + used, sizeof commands - used, "%s%s", used ? ", " : "",
                         ssldyn_command_name((enum ssldyn_command)bit));
            }
        }
        const char *here = ssldyn_option_nearest(name, spec->command);
        const bool trains = here && strncmp(here, "train-", 6) == 0;
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: is not an option of ssldyn %s (only of %s)%s%s%s%s", where, command,
                           commands, trains ? "; did you mean " : "", trains ? dashes : "",
                           trains ? here : "", trains ? "?" : "");
    }
    const char *nearest = ssldyn_option_nearest(name, spec->command);
    if (nearest) {
        const bool trains = strncmp(nearest, "train-", 6) == 0 && strncmp(name, "train-", 6) != 0;
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown option; did you mean %s%s?%s%s%s",
                           where, dashes, nearest,
                           trains ? " (training settings: see \"ssldyn " : "",
                           trains ? command : "", trains ? " --help\")" : "");
    }
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: unknown option; \"ssldyn %s --help\" lists them",
                       where, command);
}

enum ssldyn_status ssldyn_spec_set(struct ssldyn_spec *spec, const char *name, const char *value,
                                   const char *where, struct ssldyn_error *err)
{
    const unsigned swept = SSLDYN_COMMAND_SWEEP | SSLDYN_COMMAND_BASIN;
    if (strncmp(name, "axis.", 5) == 0 && ((unsigned)spec->command & swept) != 0) {
        return ssldyn_spec_axis(spec, name + 5, value, where, err);
    }
    const struct ssldyn_option *option = ssldyn_option_find(name);
    if (!option || (option->commands & (unsigned)spec->command) == 0) {
        return refuse_name(spec, option, name, where, err);
    }
    const bool more =
        option->repeats && spec->origins[option - ssldyn_options].source == spec->source;
    enum ssldyn_status status = more ? ssldyn_option_append(spec, option, value, where, err)
                                     : ssldyn_option_set(spec, option, value, where, err);
    if (status == SSLDYN_OK) {
        status = override_earlier(spec, option, err);
    }
    if (status == SSLDYN_OK) {
        spec->origins[option - ssldyn_options].source = spec->source;
        spec->origins[option - ssldyn_options].line = 0;
        if (strcmp(option->name, "axis") == 0) { /* all axes are new */
            for (size_t i = 0; i < ssldyn_option_count; i++) {
                spec->origins[i].axis_line = 0;
            }
        }
    }
    return status;
}
