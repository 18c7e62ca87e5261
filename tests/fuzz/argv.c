/* Whole command lines, up to the start of the work. Each line of the input is a word, the first one
 * the command; the part after an empty line is the experiment file f.conf. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/spec.h"

static void run(int count, char *words[])
{
    struct ssldyn_spec spec;
    struct ssldyn_error err;
    const enum ssldyn_command command = ssldyn_command_find(words[0]);
    if (command == 0) {
        return;
    }
    FUZZ_CHECK(ssldyn_spec_init(&spec, command, &err) == SSLDYN_OK);
    enum ssldyn_status status = ssldyn_settings_parse(&spec.given, count - 1, words + 1, &err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_prepare(&spec, &err);
    }
    fuzz_status(status, &err);
    if (status == SSLDYN_OK && spec.given.operand_count == 0) {
        spec_round_trip(&spec);
    }
    ssldyn_spec_clear(&spec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_command command;
    if (fuzz_command_init(&command, data, size)) {
        run(command.count, command.words);
    }
    fuzz_command_clear(&command);
    return 0;
}
