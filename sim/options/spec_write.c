/* spec.conf: what repeats a run. */
// SPDX-License-Identifier: MIT
#include "sim/io/file.h"
#include "sim/options/option_value.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is told by others (eta_p and eta_s, tau), or does not change results. */
static const char *const left_out[] = {"eta", "no-ema", "output", "quiet", "verbose", "threads"};

const char *ssldyn_spec_value(const struct ssldyn_spec *spec, const struct ssldyn_option *option,
                              char *buffer, size_t size)
{
    return ssldyn_option_text(spec, option, buffer, size);
}

/* Whether training settings that are written make the option's value. */
static bool is_made(const struct ssldyn_spec *spec, const char *name)
{
    const char *rival = NULL;
    bool made = false;
    for (size_t i = 0; !made && (rival = ssldyn_spec_rival(name, i)) != NULL; i++) {
        made = strncmp(rival, "train-", 6) == 0 && ssldyn_spec_given(spec, rival);
    }
    return made;
}

/* Whether spec.conf has a line for the option. */
static bool is_written(const struct ssldyn_spec *spec, const struct ssldyn_option *option)
{
    for (size_t i = 0; i < sizeof left_out / sizeof left_out[0]; i++) {
        if (strcmp(option->name, left_out[i]) == 0) {
            return false;
        }
    }
    if (!ssldyn_option_applies(option, spec, NULL, 0) || is_made(spec, option->name)) {
        return false;
    }
    if (strncmp(option->name, "train-", 6) == 0) {
        return ssldyn_spec_given(spec, option->name);
    }
    switch (option->kind) {
    case SSLDYN_OPTION_FLAG:
        return *(const bool *)ssldyn_option_field(spec, option->offset);
    case SSLDYN_OPTION_NEGATION:
        return !*(const bool *)ssldyn_option_field(spec, option->offset);
    case SSLDYN_OPTION_STRING:
        return *ssldyn_option_string(spec, option) != NULL;
    case SSLDYN_OPTION_LIST:
        return ((const struct ssldyn_list *)ssldyn_option_field(spec, option->offset))->count > 0;
    default:
        return strcmp(option->name, "tau") != 0 || spec->problem.parameters.tau_held;
    }
}

const char *ssldyn_version(void)
{
    return SSLDYN_VERSION;
}

/* What a command was given to measure, in one line that no name can end early. */
static void print_operand(const char *operand, FILE *stream)
{
    fputs("# of ", stream);
    for (; *operand; operand++) {
        fputc(iscntrl((unsigned char)*operand) ? '?' : *operand, stream);
    }
    fputc('\n', stream);
}

/* The rates that training settings make, for a reader of the file. */
static void print_made(const struct ssldyn_spec *spec, FILE *stream)
{
    static const char *const names[] = {"alpha-p", "beta", "eta-p", "eta-s", "lr", "momentum"};
    bool any = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct ssldyn_option *option = ssldyn_option_find(names[i]);
        if (is_made(spec, names[i]) && ssldyn_option_applies(option, spec, NULL, 0)) {
            fputs(any ? "# " : "# the training settings make\n# ", stream);
            ssldyn_option_write(spec, option, stream);
            any = true;
        }
    }
}

void ssldyn_spec_print(const struct ssldyn_spec *spec, FILE *stream)
{
    fprintf(stream, "# ssldyn spec 1\nversion = %s\ncommand = %s\n", ssldyn_version(),
            ssldyn_command_name(spec->command));
    const bool measures =
        spec->command == SSLDYN_COMMAND_ALIGN || spec->command == SSLDYN_COMMAND_COMPARE;
    for (size_t i = 0; measures && i < spec->operand_count; i++) {
        print_operand(spec->operands[i], stream);
    }
    if (spec->problem.timetable) {
        fputs(
            "# part of a ladder: its rows and its schedules are those of the sgd run there; repeat "
            "it with ssldyn compare --ladder\n",
            stream);
    }
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        if (is_written(spec, &ssldyn_options[i])) {
            ssldyn_option_write(spec, &ssldyn_options[i], stream);
        }
    }
    print_made(spec, stream);
}

enum ssldyn_status ssldyn_spec_write(const struct ssldyn_spec *spec, const char *directory,
                                     struct ssldyn_error *err)
{
    char *path = ssldyn_path_join(directory, "spec.conf");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    }
    struct ssldyn_file file;
    const enum ssldyn_status status = ssldyn_file_open(&file, path, err);
    free(path);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_spec_print(spec, file.stream);
    return ssldyn_file_commit(&file, err);
}

enum ssldyn_status ssldyn_spec_write_settings(const void *settings, const char *directory,
                                              struct ssldyn_error *err)
{
    return ssldyn_spec_write(settings, directory, err);
}
