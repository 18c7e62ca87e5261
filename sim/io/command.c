/* Names of commands. */
// SPDX-License-Identifier: MIT
#include "sim/io/command.h"

#include <string.h>

static const char *const command_names[] = {"flow",  "sgd",    "compare", "theory",
                                            "basin", "sweep",  "align",   "moments",
                                            "plot",  "report", "figure"};
enum { COMMANDS = sizeof command_names / sizeof command_names[0] };

const char *ssldyn_command_name(unsigned command)
{
    for (int i = 0; i < COMMANDS; i++) {
        if (command == 1U << i) {
            return command_names[i];
        }
    }
    return "";
}

enum ssldyn_command ssldyn_command_find(const char *name)
{
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(name, command_names[i]) == 0) {
            return (enum ssldyn_command)(1U << i);
        }
    }
    return (enum ssldyn_command)0;
}
