/* Completion of command lines by a shell, from the tables of commands and options. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_COMPLETION_H
#define SSLDYN_SIM_CLI_COMPLETION_H

#include <stdbool.h>
#include <stdio.h>

/* Prints the script for bash, zsh or fish; false: shell is none of these. */
bool ssldyn_cli_completion_print(const char *shell, FILE *stream);

#endif
