/* Accepted settings, written and read again: shared by the targets of experiment files, command
 * lines and run directories. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_FUZZ_SPEC_H
#define SSLDYN_TESTS_FUZZ_SPEC_H

#include "tests/fuzz/fuzz.h"

#include "sim/options/spec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The text of spec.conf; the caller frees it. */
static inline char *spec_text(const struct ssldyn_spec *spec, size_t *length)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, length);
    FUZZ_CHECK(stream != NULL);
    ssldyn_spec_print(spec, stream);
    FUZZ_CHECK(fclose(stream) == 0);
    return text;
}

/* spec.conf repeats a run: the file written for settings that passed all checks can be read, passes
 * as well, and is written again with the same text. If images are read, the command first completes
 * the settings from the named augmentation; pictures have no spec.conf. */
static inline void spec_round_trip(const struct ssldyn_spec *spec)
{
    struct ssldyn_spec again;
    struct ssldyn_error err;
    size_t length = 0;
    const unsigned pictures = SSLDYN_COMMAND_PLOT | SSLDYN_COMMAND_REPORT | SSLDYN_COMMAND_FIGURE;
    if (ssldyn_spec_has_images(spec) || ((unsigned)spec->given.command & pictures) != 0) {
        return;
    }
    char *text = spec_text(spec, &length);
    const char *path = fuzz_file("spec.conf", (const uint8_t *)text, length);
    FUZZ_CHECK(ssldyn_spec_init(&again, spec->given.command, &err) == SSLDYN_OK);
    enum ssldyn_status status = ssldyn_settings_read(&again.given, path, &err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_prepare(&again, &err);
    }
    if (status != SSLDYN_OK) {
        fprintf(stderr, "%s\n%s", err.message, text);
    }
    FUZZ_CHECK(status == SSLDYN_OK);
    size_t second = 0;
    char *copy = spec_text(&again, &second);
    if (strcmp(text, copy) != 0) {
        fprintf(stderr, "%s---\n%s", text, copy);
    }
    FUZZ_CHECK(strcmp(text, copy) == 0);
    free(copy);
    free(text);
    ssldyn_spec_clear(&again);
}

#endif
