/* Names of commands. */
// SPDX-License-Identifier: MIT
#include "sim/io/command.h"

#include <string.h>

#define NAME_OF(NAME, name) #name,
static const char *const command_names[] = {SSLDYN_COMMANDS(NAME_OF)};

const char *ssldyn_command_name(unsigned command)
{
    for (int i = 0; i < SSLDYN_COMMANDS_COUNT; i++) {
        if (command == 1U << i) {
            return command_names[i];
        }
    }
    return "";
}

enum ssldyn_command ssldyn_command_find(const char *name)
{
    for (int i = 0; i < SSLDYN_COMMANDS_COUNT; i++) {
        if (strcmp(name, command_names[i]) == 0) {
            return (enum ssldyn_command)(1U << i);
        }
    }
    return (enum ssldyn_command)0;
}
