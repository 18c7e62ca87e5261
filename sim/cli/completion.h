/* Shell completion of command lines, from the tables of commands and options. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_CLI_COMPLETION_H
#define SSLDYN_SIM_CLI_COMPLETION_H

#include <stdbool.h>
#include <stdio.h>

/* Prints the script for bash, zsh or fish; false for any other shell. */
bool ssldyn_cli_completion_print(const char *shell, FILE *stream);

#endif
