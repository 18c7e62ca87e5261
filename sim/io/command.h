/* The commands of the program; their names appear in spec.conf and locks. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_COMMAND_H
#define SSLDYN_SIM_IO_COMMAND_H

#include <stdbool.h>

/* X(NAME, name, reads), in the order of the help: each has a file sim/cli/name.c (commands.h).
 * reads: whether its operand is an experiment file: ALWAYS, NEVER, or BY_NAME (if it ends in
 * .conf). */
#define SSLDYN_COMMANDS(X)                                                                         \
    X(FLOW, flow, ALWAYS)                                                                          \
    X(SGD, sgd, ALWAYS)                                                                            \
    X(SWEEP, sweep, ALWAYS)                                                                        \
    X(BASIN, basin, ALWAYS)                                                                        \
    X(COMPARE, compare, NEVER)                                                                     \
    X(THEORY, theory, ALWAYS)                                                                      \
    X(ALIGN, align, BY_NAME)                                                                       \
    X(MOMENTS, moments, BY_NAME)                                                                   \
    X(PLOT, plot, NEVER)                                                                           \
    X(FIGURE, figure, NEVER)                                                                       \
    X(REPORT, report, NEVER)                                                                       \
    X(EXPLORE, explore, ALWAYS)

#define SSLDYN_COMMANDS_PLACE(NAME, name, reads) SSLDYN_COMMAND_PLACE_##NAME,
enum { SSLDYN_COMMANDS(SSLDYN_COMMANDS_PLACE) SSLDYN_COMMANDS_COUNT };

/* Commands as a bit mask: the row of an option lists the commands that take it. */
#define SSLDYN_COMMANDS_BIT(NAME, name, reads)                                                     \
    SSLDYN_COMMAND_##NAME = 1 << SSLDYN_COMMAND_PLACE_##NAME,
enum ssldyn_command { SSLDYN_COMMANDS(SSLDYN_COMMANDS_BIT) };

/* The name of a command ("flow"), and the command with a name (0: none). */
const char *ssldyn_command_name(unsigned command);
enum ssldyn_command ssldyn_command_find(const char *name);

/* Whether the operand of a command is an experiment file. */
bool ssldyn_command_reads(unsigned command, const char *operand);

#endif
