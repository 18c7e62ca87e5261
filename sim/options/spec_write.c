/* spec.conf of a spec: what reproduces a run. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/io/file.h"

#include <ctype.h>
#include <string.h>

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

/* Whether each point of a sweep has a separate value (n1 of its data or of an axis) from which
 * the value that was not given follows. */
static bool is_of_points(const struct ssldyn_spec *spec, const char *name)
{
    const bool data = ssldyn_spec_has_axis(spec, "x") || ssldyn_spec_has_axis(spec, "sxx") ||
                      ssldyn_spec_has_axis(spec, "data") || ssldyn_spec_has_axis(spec, "moments");
    const bool size = strcmp(name, "n1") == 0 || strcmp(name, "n2") == 0;
    const bool scale = strcmp(name, "init-scale") == 0;
    return !ssldyn_spec_given(spec, name) &&
           ((data && (size || scale)) || (scale && ssldyn_spec_has_axis(spec, "n1")));
}

/* Whether it is a rate that ssldyn align was not given: it is not used, and giving it in spec.conf
 * would make others necessary. */
static bool is_unsaid(const struct ssldyn_spec *spec, const char *name)
{
    static const struct {
        const char *name, *other; /* which says it as well; NULL: none */
    } rates[] = {{"alpha-p", NULL}, {"beta", NULL},   {"sigma2", NULL},   {"tau", "no-ema"},
                 {"eta-p", "eta"},  {"eta-s", "eta"}, {"time-unit", NULL}};
    bool unsaid = false;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        unsaid = unsaid || (strcmp(rates[i].name, name) == 0 && !ssldyn_spec_given(spec, name) &&
                            !(rates[i].other && ssldyn_spec_given(spec, rates[i].other)));
    }
    return unsaid && spec->given.command == SSLDYN_COMMAND_ALIGN;
}

bool ssldyn_spec_is_written(const void *fields, const struct ssldyn_option *option)
{
    const struct ssldyn_spec *spec = fields;
    return !is_unsaid(spec, option->name) && !is_made(spec, option->name) &&
           !is_of_points(spec, option->name) &&
           (strcmp(option->name, "tau") != 0 || spec->problem.parameters.tau_held);
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

bool ssldyn_spec_next_operand(FILE *stream, char name[SSLDYN_SPEC_OPERAND])
{
    char line[SSLDYN_SPEC_OPERAND];
    while (stream && fgets(line, sizeof line, stream)) {
        if (strncmp(line, "# of ", 5) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(name, SSLDYN_SPEC_OPERAND, "%s", line + 5);
            return true;
        }
    }
    return false;
}

/* The rates that training settings make, for a reader of the file. */
static void print_made(const struct ssldyn_spec *spec, FILE *stream)
{
    static const char *const names[] = {"alpha-p", "beta", "eta-p", "eta-s", "lr", "momentum"};
    bool any = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct ssldyn_option *option = ssldyn_option_find(names[i]);
        if (is_made(spec, names[i]) && ssldyn_settings_applies(&spec->given, option, NULL, 0)) {
            fputs(any ? "# "
                      : "# the training settings mean\n"
                        "# ",
                  stream);
            ssldyn_option_write(spec, option, stream);
            any = true;
        }
    }
}

void ssldyn_spec_print(const void *fields, FILE *stream)
{
    const struct ssldyn_spec *spec = fields;
    ssldyn_settings_print_head(&spec->given, stream);
    const bool measures = spec->given.command == SSLDYN_COMMAND_ALIGN ||
                          spec->given.command == SSLDYN_COMMAND_COMPARE;
    for (size_t i = 0; measures && i < spec->given.operand_count; i++) {
        print_operand(spec->given.operands[i], stream);
    }
    if (spec->problem.timetable) {
        fputs(
            "# part of a ladder, with the rows and schedules of its sgd run; to reproduce it, use "
            "ssldyn compare --ladder\n",
            stream);
    }
    ssldyn_settings_print(&spec->given, stream);
    print_made(spec, stream);
}

enum ssldyn_status ssldyn_spec_write(const struct ssldyn_spec *spec, const char *directory,
                                     struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_spec_write_arrays(spec, directory, err);
    return status == SSLDYN_OK
               ? ssldyn_file_print(directory, "spec.conf", ssldyn_spec_print, spec, err)
               : status;
}
