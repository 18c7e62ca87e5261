/* The commands of the program, whose names stand in spec.conf and locks. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_COMMAND_H
#define SSLDYN_SIM_IO_COMMAND_H

/* X(NAME, name), in the order of the help: each has a file sim/cli/name.c (commands.h). */
#define SSLDYN_COMMANDS(X)                                                                         \
    X(FLOW, flow)                                                                                  \
    X(SGD, sgd)                                                                                    \
    X(SWEEP, sweep)                                                                                \
    X(BASIN, basin)                                                                                \
    X(COMPARE, compare)                                                                            \
    X(THEORY, theory)                                                                              \
    X(ALIGN, align)                                                                                \
    X(MOMENTS, moments)                                                                            \
    X(PLOT, plot)                                                                                  \
    X(FIGURE, figure)                                                                              \
    X(REPORT, report)

#define SSLDYN_COMMANDS_PLACE(NAME, name) SSLDYN_COMMAND_PLACE_##NAME,
enum { SSLDYN_COMMANDS(SSLDYN_COMMANDS_PLACE) SSLDYN_COMMANDS_COUNT };

/* Commands, as a bit mask: an option's row says which ones take it. */
#define SSLDYN_COMMANDS_BIT(NAME, name) SSLDYN_COMMAND_##NAME = 1 << SSLDYN_COMMAND_PLACE_##NAME,
enum ssldyn_command { SSLDYN_COMMANDS(SSLDYN_COMMANDS_BIT) };

/* The name of a command ("flow"), and the command of a name (0: none). */
const char *ssldyn_command_name(unsigned command);
enum ssldyn_command ssldyn_command_find(const char *name);

#endif
