/* ssldyn hello: prints hello. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    (void)err;
    printf("hello = %s\n", spec->label ? spec->label : "world");
    return SSLDYN_OK;
}

const struct ssldyn_cli_command ssldyn_cli_hello = {
    .command = SSLDYN_COMMAND_HELLO,
    .operands = "",
    .summary = "say hello",
    .description = "Says hello to the world, or to whom --label names.",
    .examples = "ssldyn hello\n"
                "ssldyn hello --label Ada\n",
    .run = run,
};
