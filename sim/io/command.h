/* The commands of the program, whose names stand in spec.conf and locks. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_COMMAND_H
#define SSLDYN_SIM_IO_COMMAND_H

/* Commands, as a bit mask: an option's row says which ones take it. */
enum ssldyn_command {
    SSLDYN_COMMAND_FLOW = 1 << 0,
    SSLDYN_COMMAND_SGD = 1 << 1,
    SSLDYN_COMMAND_COMPARE = 1 << 2,
    SSLDYN_COMMAND_THEORY = 1 << 3,
    SSLDYN_COMMAND_BASIN = 1 << 4,
    SSLDYN_COMMAND_SWEEP = 1 << 5,
    SSLDYN_COMMAND_ALIGN = 1 << 6,
    SSLDYN_COMMAND_MOMENTS = 1 << 7,
    SSLDYN_COMMAND_PLOT = 1 << 8,
    SSLDYN_COMMAND_REPORT = 1 << 9,
    SSLDYN_COMMAND_FIGURE = 1 << 10
};

/* The name of a command ("flow"), and the command of a name (0: none). */
const char *ssldyn_command_name(unsigned command);
enum ssldyn_command ssldyn_command_find(const char *name);

#endif
