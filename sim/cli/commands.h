/* The commands of ssldyn. To add one: its name in the list of sim/io/command.h, a file
 * sim/cli/NAME.c that defines ssldyn_cli_NAME, and rows in the option table. Help, man page and
 * dispatch follow. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_COMMANDS_H
#define SSLDYN_SIM_CLI_COMMANDS_H

#include "sim/answer/answer_output.h"
#include "sim/base/error.h"
#include "sim/options/spec.h"

#include <stdbool.h>
#include <stdio.h>

struct ssldyn_cli_command {
    enum ssldyn_command command;
    const char *operands;    /* in the usage line, e.g. "[FILE.conf]" */
    const char *summary;     /* one line, for the list of commands */
    const char *description; /* paragraphs, separated by newlines */
    const char *examples;    /* two or more command lines, each terminated by a newline */
    const char *common;      /* the options that most runs use, "|model|eta|" */
    bool needs_arguments;    /* without arguments it prints its usage instead of running */
    /* Does the work. Prints results on stdout and remarks on stderr; a failure only fills err.
     * spec is parsed and checked. */
    enum ssldyn_status (*run)(struct ssldyn_spec *spec, struct ssldyn_error *err);
};

#define SSLDYN_CLI_COMMAND_DECLARE(NAME, name, reads)                                              \
    extern const struct ssldyn_cli_command ssldyn_cli_##name;
SSLDYN_COMMANDS(SSLDYN_CLI_COMMAND_DECLARE)
#undef SSLDYN_CLI_COMMAND_DECLARE

/* All commands, NULL-terminated. */
extern const struct ssldyn_cli_command *const ssldyn_cli_help_commands[];

/* The command of that name, or NULL. */
const struct ssldyn_cli_command *ssldyn_cli_help_find(const char *name);

/* Help: the overview; the full help of one command, its common options, its usage; man pages, of
 * one command or (NULL) of all. */
void ssldyn_cli_help(FILE *stream);
void ssldyn_cli_help_command(const struct ssldyn_cli_command *command, FILE *stream);
void ssldyn_cli_help_short(const struct ssldyn_cli_command *command, FILE *stream);
void ssldyn_cli_help_usage(const struct ssldyn_cli_command *command, FILE *stream);
void ssldyn_cli_help_manual(const struct ssldyn_cli_command *command, FILE *stream);

/* The mode of an answer on the command line: results in a directory, remarks on stderr unless
 * --quiet. */
struct ssldyn_answer_mode ssldyn_cli_output_mode(const struct ssldyn_spec *spec);

/* Answers a command: prints its values on stdout, and its closing report and the directory of
 * its results on stderr, unless --quiet. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_cli_output_answer(struct ssldyn_spec *spec, ssldyn_answer *answer, struct ssldyn_error *err);

/* Prints on stderr where the results are, and how to view them. remark follows the directory's
 * name. */
void ssldyn_cli_output_announce(const char *path, const char *remark);

/* Whether the ranks of an MPI run share the work of the command: a sweep, or the map of a basin. */
bool ssldyn_cli_output_is_shared(const struct ssldyn_spec *spec);

#endif
