/* Help and the man page, both from the tables of commands and options. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/model/model.h"
#include "sim/ode/ode.h"
#include "sim/options/option_help.h"

#include <ctype.h>
#include <string.h>

enum { TEXT_SIZE = 2048 };

const struct ssldyn_cli_command *const ssldyn_cli_help_commands[] = {
#define LIST_ENTRY(NAME, name, reads) &ssldyn_cli_##name,
    SSLDYN_COMMANDS(LIST_ENTRY)
#undef LIST_ENTRY
        NULL};

const struct ssldyn_cli_command *ssldyn_cli_help_find(const char *name)
{
    const enum ssldyn_command command = ssldyn_command_find(name);
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        if (command != 0 && ssldyn_cli_help_commands[i]->command == command) {
            return ssldyn_cli_help_commands[i];
        }
    }
    return NULL;
}

static bool is_stepper(const struct ssldyn_option *option)
{
    return strcmp(option->name, "stepper") == 0;
}

static bool takes_model(unsigned command)
{
    return (ssldyn_option_find("model")->commands & command) != 0;
}

/* Where results go by default: compare writes none but those of the ladder. */
static const char *describe_output(unsigned command)
{
    return command == SSLDYN_COMMAND_COMPARE
               ? " [nothing is written; with --ladder: out/compare-ladder, with a number added if "
                 "another run has that name]"
               : " [out/COMMAND-..., with a number added if another run has that name]";
}

/* Models, steppers, and defaults that depend on the command: of the model for theory and explore,
 * of the loss for align, of the directory for all. */
static bool describe(const struct ssldyn_option *option, unsigned command, char text[], size_t size)
{
    if ((option->commands & SSLDYN_COMMAND_FLOW) != 0 && takes_model(command) &&
        option->part != 0) {
        char names[100];
        ssldyn_option_help_append(text, size, " Models: %s.",
                                  ssldyn_model_names(option->part, ", ", names, sizeof names));
    }
    if (is_stepper(option)) {
        for (size_t i = 0; ssldyn_ode_stepper_name(i); i++) {
            ssldyn_option_help_append(text, size, " %s:", ssldyn_ode_stepper_name(i));
            ssldyn_option_help_append(text, size, " %s;",
                                      ssldyn_ode_stepper_help(ssldyn_ode_stepper_name(i)));
        }
        text[strlen(text) - 1] = '.';
    }
    if ((command & (SSLDYN_COMMAND_THEORY | SSLDYN_COMMAND_EXPLORE)) != 0 &&
        strcmp(option->name, "model") == 0) {
        ssldyn_option_help_append(text, size, "%s",
                                  " [the model to which the other options belong]");
        return true;
    }
    if ((command & SSLDYN_COMMAND_ALIGN) != 0 && strcmp(option->name, "loss") == 0) {
        ssldyn_option_help_append(text, size, "%s",
                                  " A network is judged by l2 or cosine. [for a run: its own; for "
                                  "a network: both, one after the other]");
        return true;
    }
    if (strcmp(option->name, "output") == 0) {
        ssldyn_option_help_append(text, size, "%s", describe_output(command));
        return true;
    }
    return false;
}

static struct ssldyn_help_page page_of(const struct ssldyn_cli_command *command)
{
    return (struct ssldyn_help_page){
        .schema = &ssldyn_options_schema,
        .command = command->command,
        .operands = command->operands,
        .description = command->description,
        .examples = command->examples,
        .describe = describe,
    };
}

void ssldyn_cli_help_short(const struct ssldyn_cli_command *command, FILE *stream)
{
    struct ssldyn_help_page page = page_of(command);
    page.only = command->common;
    ssldyn_option_help_print(&page, stream);
}

void ssldyn_cli_help_usage(const struct ssldyn_cli_command *command, FILE *stream)
{
    const struct ssldyn_help_page page = page_of(command);
    ssldyn_option_help_missing(&page, stream);
}

/* For every option with the argument FILE[:NAME]. */
static const char array_files[] =
    "FILE[:NAME] is a .npy, .npz, .safetensors or PyTorch file (.pt, .pth; no code in it is "
    "executed) "
    "or a pickle of NumPy arrays. NAME picks one of several arrays, e.g. "
    "model.pt:predictor.weight; prefixes such as state_dict. and module. may be left out.";

static bool reads_arrays(unsigned command)
{
    for (size_t i = 0; i < ssldyn_options_count; i++) {
        if ((ssldyn_options[i].commands & command) != 0 && ssldyn_options[i].argument != NULL &&
            strcmp(ssldyn_options[i].argument, "FILE[:NAME]") == 0) {
            return true;
        }
    }
    return false;
}

void ssldyn_cli_help_command(const struct ssldyn_cli_command *command, FILE *stream)
{
    const struct ssldyn_help_page page = page_of(command);
    ssldyn_option_help_print(&page, stream);
    if (reads_arrays((unsigned)command->command)) {
        fputc('\n', stream);
        ssldyn_option_help_wrap(array_files, SSLDYN_OPTION_HELP_WIDTH, 0, 0, stream);
    }
}

void ssldyn_cli_help(FILE *stream)
{
    fputs("usage: ssldyn COMMAND [FILE.conf] [options]\n\n", stream);
    ssldyn_option_help_wrap(
        "The learning dynamics of non-contrastive self-supervised learning: which hyperparameters "
        "lead to collapse, which modes survive, and does the predictor align with its input?",
        SSLDYN_OPTION_HELP_WIDTH, 0, 0, stream);
    fputs("\nCommands:\n", stream);
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        fprintf(stream, "  %-9s ", ssldyn_command_name(ssldyn_cli_help_commands[i]->command));
        ssldyn_option_help_wrap(ssldyn_cli_help_commands[i]->summary, SSLDYN_OPTION_HELP_WIDTH, 12,
                                12, stream);
    }
    fputs("  help      print this overview; help COMMAND prints the common options of a\n"
          "            command, help words a glossary, help --man COMMAND a man page, and\n"
          "            help --completion bash|zsh|fish a completion script\n\n",
          stream);
    fputs("ssldyn COMMAND --help explains every option; ssldyn --version prints the build.\n"
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

static void print_troff_option(const struct ssldyn_help_page *page, const char *group,
                               const struct ssldyn_option *option, FILE *stream)
{
    char text[TEXT_SIZE];
    if (!option) {
        const struct ssldyn_option_group *heading = ssldyn_settings_group(page->schema, group);
        fprintf(stream, ".SS %s\n", group);
        if (heading && heading->note) {
            print_troff(heading->note, stream);
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
    ssldyn_option_help_describe(page, option, text, sizeof text);
    print_troff(text, stream);
    fputc('\n', stream);
}

/* ".TH SSLDYN-FLOW 1 ..." and what the page is about. */
static void print_troff_head(const char *command, const char *summary, FILE *stream)
{
    const char *dash = command[0] != '\0' ? "-" : "";
    fprintf(stream, ".TH SSLDYN%s", dash);
    for (const char *letter = command; *letter; letter++) {
        fputc(toupper((unsigned char)*letter), stream);
    }
    fprintf(stream, " 1 \"\" \"ssldyn %s\" \"User Commands\"\n.SH NAME\nssldyn%s%s \\- ",
            SSLDYN_VERSION, command[0] != '\0' ? "\\-" : "", command);
    print_troff(summary, stream);
    fputs("\n.SH SYNOPSIS\n.B ssldyn", stream);
}

/* Description, examples, options. */
static void print_troff_command(const struct ssldyn_cli_command *command, FILE *stream)
{
    const struct ssldyn_help_page page = page_of(command);
    for (const char *text = command->description; *text;) {
        char paragraph[TEXT_SIZE];
        const size_t length = strcspn(text, "\n");
        (void)snprintf(paragraph, sizeof paragraph, "%.*s", (int)length, text);
        print_troff(paragraph, stream);
        text += length;
        if (*text == '\n') {
            fputs("\n.PP\n", stream);
            text++;
        }
    }
    fputs("\n.PP\n.nf\n", stream);
    print_troff(command->examples, stream);
    fputs(".fi\n", stream);
    ssldyn_option_help_each(&page, print_troff_option, stream);
}

static void print_troff_ending(bool arrays, FILE *stream)
{
    fputs(".SH FILES\n", stream);
    print_troff("FILE.conf holds key = value lines; every key is an option without its dashes, "
                "with _ for -; # starts a comment. A run directory holds spec.conf, trace.tsv, "
                "events.tsv and, for matrices, stacked snapshots in .npy.\n",
                stream);
    if (arrays) {
        fputs(".PP\n", stream);
        print_troff(array_files, stream);
        fputs("\n", stream);
    }
    fputs(".SH EXIT STATUS\n", stream);
    print_troff("0 done; 1 the run failed; 2 bad input or usage; 130 stopped by Ctrl-C (128 + N "
                "by signal N).\n",
                stream);
}

void ssldyn_cli_help_manual(const struct ssldyn_cli_command *command, FILE *stream)
{
    if (command) {
        const char *name = ssldyn_command_name(command->command);
        print_troff_head(name, command->summary, stream);
        fprintf(stream, " %s\n%s [options]\n.SH DESCRIPTION\n", name, command->operands);
        print_troff_command(command, stream);
        print_troff_ending(reads_arrays((unsigned)command->command), stream);
        fputs(".SH SEE ALSO\n.BR ssldyn (1)\n", stream);
        return;
    }
    print_troff_head("", "learning dynamics of non-contrastive self-supervised learning", stream);
    fputs("\nCOMMAND [FILE.conf] [options]\n", stream);
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        fprintf(stream, ".SH SSLDYN %s %s\n",
                ssldyn_command_name(ssldyn_cli_help_commands[i]->command),
                ssldyn_cli_help_commands[i]->operands);
        print_troff_command(ssldyn_cli_help_commands[i], stream);
    }
    print_troff_ending(true, stream);
}
