/* Help and the man page, both from the tables of commands and options. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/model/model.h"
#include "sim/ode/ode.h"
#include "sim/options/option_help.h"

#include <string.h>

enum { TEXT_SIZE = 2048 };

const struct ssldyn_cli_command *const ssldyn_cli_commands[] = {
#define LIST_ENTRY(NAME, name) &ssldyn_cli_##name,
    SSLDYN_COMMANDS(LIST_ENTRY)
#undef LIST_ENTRY
        NULL};

const struct ssldyn_cli_command *ssldyn_cli_find(const char *name)
{
    const enum ssldyn_command command = ssldyn_command_find(name);
    for (size_t i = 0; ssldyn_cli_commands[i]; i++) {
        if (command != 0 && ssldyn_cli_commands[i]->command == command) {
            return ssldyn_cli_commands[i];
        }
    }
    return NULL;
}

static void append(char text[TEXT_SIZE], const char *format, const char *word)
{
    const size_t used = strlen(text);
    snprintf(text + used, TEXT_SIZE - used, format, word);
}

static bool is_stepper(const struct ssldyn_option *option)
{
    return strcmp(option->name, "stepper") == 0;
}

/* Meaning, choices, range, models and default of an option, in one paragraph. */
static void describe(const struct ssldyn_option *option, unsigned command, char text[TEXT_SIZE])
{
    ssldyn_help_describe(option, text, TEXT_SIZE);
    if ((option->commands & SSLDYN_COMMAND_FLOW) != 0 &&
        (command & ~(unsigned)SSLDYN_COMMAND_SGD) && option->part != 0) {
        char names[100];
        append(text, " Models: %s.", ssldyn_model_names(option->part, ", ", names, sizeof names));
    }
    if (is_stepper(option)) {
        for (size_t i = 0; ssldyn_ode_stepper_name(i); i++) {
            append(text, " %s:", ssldyn_ode_stepper_name(i));
            append(text, " %s;", ssldyn_ode_stepper_help(ssldyn_ode_stepper_name(i)));
        }
        text[strlen(text) - 1] = '.';
    }
    if (command == SSLDYN_COMMAND_THEORY && strcmp(option->name, "model") == 0) {
        append(text, "%s", " [the one to which the other options belong]");
    } else if (option->default_text) {
        append(text, " [%s]", option->default_text);
    }
}

static void print_option(const struct ssldyn_option *option, unsigned command, FILE *stream)
{
    char text[TEXT_SIZE];
    describe(option, command, text);
    ssldyn_help_option(option, text, stream);
}

/* Calls print for each group's heading (option NULL) and each option of the command. */
static void each_option(unsigned command,
                        void (*print)(const char *group, const struct ssldyn_option *option,
                                      unsigned command, FILE *stream),
                        FILE *stream)
{
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        const char *group = ssldyn_options[i].group;
        bool seen = false;
        for (size_t k = 0; k < i && !seen; k++) {
            seen = strcmp(ssldyn_options[k].group, group) == 0;
        }
        bool headed = false;
        for (size_t k = i; !seen && k < ssldyn_option_count; k++) {
            const struct ssldyn_option *option = &ssldyn_options[k];
            if (strcmp(option->group, group) == 0 && (option->commands & command) != 0) {
                if (!headed) {
                    print(group, NULL, command, stream);
                }
                headed = true;
                print(group, option, command, stream);
            }
        }
    }
}

/* A few words under a heading. */
static const char *note_of(const char *group)
{
    return strcmp(group, "Training settings") == 0
               ? "As in a training script, in place of the rates above; both at once are an error. "
                 "They are translated exactly for SGD with momentum, weight decay in the gradient "
                 "and a moving average, and what they become is printed: --train-lr 0.05 "
                 "--train-momentum 0.9 --train-weight-decay 5e-4 --train-ema 0.996 makes beta = "
                 "0.008, eta = 0.0005 and steps of 0.5 of flow time."
               : NULL;
}

static void print_plain(const char *group, const struct ssldyn_option *option, unsigned command,
                        FILE *stream)
{
    if (option) {
        print_option(option, command, stream);
    } else {
        fprintf(stream, "\n%s:\n", group);
        if (note_of(group)) {
            fputs("  ", stream);
            ssldyn_help_wrap(note_of(group), 2, 2, stream);
        }
    }
}

void ssldyn_cli_usage(const struct ssldyn_cli_command *command, FILE *stream)
{
    const char *name = ssldyn_command_name(command->command);
    if (stream == stderr) { /* as everything that is wrong, one line */
        fprintf(stream,
                "ssldyn %s: nothing is given; usage: ssldyn %s %s [options]; \"ssldyn %s --help\" "
                "tells more\n",
                name, name, command->operands, name);
        return;
    }
    fprintf(stream, "usage: ssldyn %s %s [options]\n", name, command->operands);
}

/* For every option with the argument FILE[:NAME]. */
static const char array_files[] = "FILE[:NAME] is a .npy, .npz, .safetensors or PyTorch file (.pt, "
                                  ".pth; nothing in it is run) or a "
                                  "pickle of NumPy arrays. NAME picks one of several arrays, e.g. "
                                  "model.pt:predictor.weight; prefixes "
                                  "such as state_dict. and module. may be left out.";

static bool reads_arrays(unsigned command)
{
    for (size_t i = 0; i < ssldyn_option_count; i++) {
        if ((ssldyn_options[i].commands & command) != 0 && ssldyn_options[i].argument != NULL &&
            strcmp(ssldyn_options[i].argument, "FILE[:NAME]") == 0) {
            return true;
        }
    }
    return false;
}

void ssldyn_cli_help_command(const struct ssldyn_cli_command *command, FILE *stream)
{
    ssldyn_cli_usage(command, stream);
    fputc('\n', stream);
    ssldyn_help_wrap(command->description, 0, 0, stream);
    fputs("\nExamples:\n", stream);
    for (const char *line = command->examples; *line;) {
        const size_t length = strcspn(line, "\n");
        fprintf(stream, "  %.*s\n", (int)length, line);
        line += length + (line[length] == '\n');
    }
    each_option((unsigned)command->command, print_plain, stream);
    fputs("\nHelp:\n  -h, --help              print this.\n", stream);
    if (strstr(command->operands, "FILE.conf")) {
        fputc('\n', stream);
        ssldyn_help_wrap(
            "FILE.conf holds key = value lines; every key is an option without its dashes (alpha_p "
            "for --alpha-p), a flag is key = true, # starts a comment, an indented line continues "
            "a list. A run's directory stands for its spec.conf. The command line wins over the "
            "file. A LIST is 0.1,0.2 or from:to:points or "
            "log:from:to:points.",
            0, 0, stream);
    }
    if (reads_arrays((unsigned)command->command)) {
        fputc('\n', stream);
        ssldyn_help_wrap(array_files, 0, 0, stream);
    }
}

void ssldyn_cli_help(FILE *stream)
{
    fputs("usage: ssldyn COMMAND [FILE.conf] [options]\n\n", stream);
    ssldyn_help_wrap(
        "The learning dynamics of non-contrastive self-supervised learning: which "
        "hyperparameters collapse, which modes survive, and does the predictor align with its "
        "input?",
        0, 0, stream);
    fputs("\nCommands:\n", stream);
    for (size_t i = 0; ssldyn_cli_commands[i]; i++) {
        fprintf(stream, "  %-9s ", ssldyn_command_name(ssldyn_cli_commands[i]->command));
        ssldyn_help_wrap(ssldyn_cli_commands[i]->summary, 12, 12, stream);
    }
    fputs("  help      print this, or the help of a command: ssldyn help COMMAND\n\n", stream);
    fputs("ssldyn COMMAND --help explains every option; ssldyn --version tells the build.\n"
          "Exit status: 0 done; 1 the run failed; 2 bad input; 130 stopped by Ctrl-C.\n",
          stream);
}

/* ---- the man page */

/* Escapes what troff would read as its own. */
static void print_troff(const char *text, FILE *stream)
{
    bool line_start = true;
    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\'')) {
            fputs("\\&", stream);
        }
        line_start = *text == '\n';
        if (*text == '\\') {
            fputs("\\e", stream);
        } else if (*text == '-') {
            fputs("\\-", stream);
        } else {
            fputc(*text, stream);
        }
    }
}

static void print_troff_option(const char *group, const struct ssldyn_option *option,
                               unsigned command, FILE *stream)
{
    char text[TEXT_SIZE];
    if (!option) {
        fprintf(stream, ".SS %s\n", group);
        if (note_of(group)) {
            print_troff(note_of(group), stream);
            fputc('\n', stream);
        }
        return;
    }
    fputs(".TP\n.B ", stream);
    if (option->letter) {
        fprintf(stream, "\\-%c, ", option->letter);
    }
    fputs("\\-\\-", stream);
    print_troff(option->name, stream);
    if (option->argument) {
        fputc(' ', stream);
        print_troff(option->argument, stream);
    }
    fputc('\n', stream);
    describe(option, command, text);
    print_troff(text, stream);
    fputc('\n', stream);
}

void ssldyn_cli_manual(FILE *stream)
{
    fprintf(stream,
            ".TH SSLDYN 1 \"\" \"ssldyn %s\" \"User Commands\"\n.SH NAME\nssldyn \\- learning "
            "dynamics of self\\-supervised learning without contrastive pairs\n.SH SYNOPSIS\n.B "
            "ssldyn\nCOMMAND [FILE.conf] [options]\n",
            SSLDYN_VERSION);
    for (size_t i = 0; ssldyn_cli_commands[i]; i++) {
        const struct ssldyn_cli_command *command = ssldyn_cli_commands[i];
        fprintf(stream, ".SH SSLDYN %s %s\n", ssldyn_command_name(command->command),
                command->operands);
        print_troff(command->description, stream);
        fputs("\n.PP\n.nf\n", stream);
        print_troff(command->examples, stream);
        fputs(".fi\n", stream);
        each_option((unsigned)command->command, print_troff_option, stream);
    }
    fputs(".SH FILES\n", stream);
    print_troff(
        "FILE.conf holds key = value lines; every key is an option without its dashes, with "
        "_ for -; # starts a comment. A run directory holds spec.conf, trace.tsv, events.tsv "
        "and, for matrices, stacked snapshots in .npy.\n",
        stream);
    fputs(".PP\n", stream);
    print_troff(array_files, stream);
    fputs("\n", stream);
    fputs(".SH EXIT STATUS\n", stream);
    print_troff("0 done; 1 a run that failed; 2 bad input or usage; 130 stopped by Ctrl-C (128 + N "
                "by signal N).\n",
                stream);
}
