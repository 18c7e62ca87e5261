/* Names of commands, and what they read. */
// SPDX-License-Identifier: MIT
#include "sim/io/command.h"

#include <string.h>

enum { NEVER, BY_NAME, ALWAYS };
#define READS_OF(NAME, name, reads) reads,
static const int reads[] = {SSLDYN_COMMANDS(READS_OF)};
#define NAME_OF(NAME, name, reads) #name,
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

bool ssldyn_command_reads(unsigned command, const char *operand)
{
    const size_t length = strlen(operand);
    const bool is_conf = length > 5 && strcmp(operand + length - 5, ".conf") == 0;
    for (int i = 0; i < SSLDYN_COMMANDS_COUNT; i++) {
        if (command == 1U << i) {
            return reads[i] == ALWAYS || (reads[i] == BY_NAME && is_conf);
        }
    }
    return false;
}
