/* Experiment files of every command. The first byte selects it: 'a' flow, 'b' sgd, ... */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/spec.h"

/* A pattern behind a slash would list the directories of this machine: slow, and other inputs
 * elsewhere. */
static bool leaves_directory(const char *text)
{
    const char *slash = strchr(text, '/');
    return slash && strpbrk(slash, "*?[");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { COMMANDS = 12 };
    struct ssldyn_spec spec;
    struct ssldyn_error err;
    char *text = fuzz_text(data, size);
    if (!text || size == 0 || leaves_directory(text)) {
        free(text);
        return 0;
    }
    free(text);
    const enum ssldyn_command command = (enum ssldyn_command)(1 << (data[0] + 31) % 32 % COMMANDS);
    FUZZ_CHECK(ssldyn_spec_init(&spec, command, &err) == SSLDYN_OK);
    enum ssldyn_status status =
        ssldyn_settings_read(&spec.given, fuzz_file("input.conf", data + 1, size - 1), &err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_prepare(&spec, &err);
    }
    fuzz_status(status, &err);
    if (status == SSLDYN_OK) {
        spec_round_trip(&spec);
    }
    ssldyn_spec_clear(&spec);
    return 0;
}
