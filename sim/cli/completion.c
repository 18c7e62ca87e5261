/* Completion scripts: commands, the options of each, and the possible values of an option. Any
 * other word is completed as a file name. */
// SPDX-License-Identifier: MIT
#include "sim/cli/completion.h"

#include "sim/cli/commands.h"

#include <string.h>

/* Prints the entry of one option of a command. */
typedef void print_option(const struct ssldyn_option *option, const char *command, FILE *stream);

static void each_option(const struct ssldyn_cli_command *command, print_option *print, FILE *stream)
{
    for (size_t i = 0; i < ssldyn_options_count; i++) {
        if (ssldyn_option_is_of(&ssldyn_options[i], (unsigned)command->command)) {
            print(&ssldyn_options[i], ssldyn_command_name(command->command), stream);
        }
    }
}

/* "a|b|c" with blanks between the words. */
static void print_choices(const char *choices, FILE *stream)
{
    for (; *choices; choices++) {
        fputc(*choices == '|' ? ' ' : *choices, stream);
    }
}

/* The first sentence of a text in single quotes of the shell, with a backslash before each
 * character in `special`. A quote is replaced by a typographic one, which needs no escape in any
 * shell. */
static void print_quoted(const char *text, const char *special, FILE *stream)
{
    for (; *text && *text != ';' && !(*text == '.' && text[1] == ' '); text++) {
        if (*text == '\'') {
            fputs("\xe2\x80\x99", stream);
            continue;
        }
        if (strchr(special, *text)) {
            fputc('\\', stream);
        }
        fputc(*text, stream);
    }
}

/* ---- bash */

static void bash_word(const struct ssldyn_option *option, const char *command, FILE *stream)
{
    (void)command;
    fprintf(stream, " --%s", option->name);
}

static void bash_choices(const struct ssldyn_option *option, const char *command, FILE *stream)
{
    if (option->choices) {
        fprintf(stream, "    %s:--%s) words=\"", command, option->name);
        print_choices(option->choices, stream);
        fputs("\" ;;\n", stream);
    }
}

static void print_bash(FILE *stream)
{
    fputs("# bash completion of ssldyn\n"
          "_ssldyn() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} words=\n"
          "    if ((COMP_CWORD == 1)); then\n"
          "        words=\"",
          stream);
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        fprintf(stream, "%s ", ssldyn_command_name(ssldyn_cli_help_commands[i]->command));
    }
    fputs("help --help --version\"\n"
          "    else case ${COMP_WORDS[1]}:${COMP_WORDS[COMP_CWORD - 1]} in\n",
          stream);
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        each_option(ssldyn_cli_help_commands[i], bash_choices, stream);
    }
    fputs("    *) [[ $word != -* ]] || case ${COMP_WORDS[1]} in\n", stream);
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        fprintf(stream, "        %s) words=\"--help",
                ssldyn_command_name(ssldyn_cli_help_commands[i]->command));
        each_option(ssldyn_cli_help_commands[i], bash_word, stream);
        fputs("\" ;;\n", stream);
    }
    fputs("        esac ;;\n"
          "    esac fi\n"
          "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
          "}\n"
          "complete -o default -F _ssldyn ssldyn\n",
          stream);
}

/* ---- zsh */

static void zsh_option(const struct ssldyn_option *option, const char *command, FILE *stream)
{
    (void)command;
    fprintf(stream, " \\\n        '--%s[", option->name);
    print_quoted(option->help, "[]:\\", stream);
    fputc(']', stream);
    if (option->argument) {
        fputc(':', stream);
        print_quoted(option->argument, "[]:\\", stream);
        if (option->choices) {
            fputs(":(", stream);
            print_choices(option->choices, stream);
            fputc(')', stream);
        } else {
            fputs(":_files", stream);
        }
    }
    fputc('\'', stream);
}

static void print_zsh(FILE *stream)
{
    fputs("#compdef ssldyn\n"
          "local -a commands=(",
          stream);
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        fprintf(stream, "\n    '%s:", ssldyn_command_name(ssldyn_cli_help_commands[i]->command));
        print_quoted(ssldyn_cli_help_commands[i]->summary, "\\", stream);
        fputc('\'', stream);
    }
    fputs("\n    'help:print the help of a command')\n"
          "if ((CURRENT == 2)); then\n"
          "    _describe command commands\n"
          "    return\n"
          "fi\n"
          "shift words\n"
          "((CURRENT--))\n"
          "case $words[1] in\n",
          stream);
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        fprintf(stream, "%s)\n    _arguments '*:file:_files' '--help[print the help]'",
                ssldyn_command_name(ssldyn_cli_help_commands[i]->command));
        each_option(ssldyn_cli_help_commands[i], zsh_option, stream);
        fputs("\n    ;;\n", stream);
    }
    fputs("help) _describe command commands ;;\n"
          "esac\n",
          stream);
}

/* ---- fish */

static void fish_option(const struct ssldyn_option *option, const char *command, FILE *stream)
{
    fprintf(stream, "complete -c ssldyn -n '__fish_seen_subcommand_from %s' -l %s", command,
            option->name);
    if (option->letter) {
        fprintf(stream, " -s %c", option->letter);
    }
    if (option->choices) {
        fputs(" -x -a '", stream);
        print_choices(option->choices, stream);
        fputc('\'', stream);
    } else if (option->argument) {
        fputs(" -r", stream);
    }
    fputs(" -d '", stream);
    print_quoted(option->help, "\\", stream);
    fputs("'\n", stream);
}

static void print_fish(FILE *stream)
{
    fputs("# fish completion of ssldyn\n", stream);
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        fprintf(stream, "complete -c ssldyn -n __fish_use_subcommand -x -a %s -d '",
                ssldyn_command_name(ssldyn_cli_help_commands[i]->command));
        print_quoted(ssldyn_cli_help_commands[i]->summary, "\\", stream);
        fputs("'\n", stream);
    }
    for (size_t i = 0; ssldyn_cli_help_commands[i]; i++) {
        each_option(ssldyn_cli_help_commands[i], fish_option, stream);
    }
}

bool ssldyn_cli_completion_print(const char *shell, FILE *stream)
{
    static const struct {
        const char *shell;
        void (*print)(FILE *stream);
    } scripts[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        if (strcmp(scripts[i].shell, shell) == 0) {
            scripts[i].print(stream);
            return true;
        }
    }
    return false;
}
