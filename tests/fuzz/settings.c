/* spec.conf of a run directory: loaded, and compared with the settings of a new run. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/spec.h"

#include "sim/options/settings_differ.h"

static void check_differences(const struct ssldyn_spec *spec, const char *directory)
{
    char text[300];
    const bool differ = ssldyn_settings_differ(spec, directory, text, sizeof text);
    FUZZ_CHECK(memchr(text, '\0', sizeof text) != NULL);
    FUZZ_CHECK(!differ || text[0] != '\0');
}

/* Compared with the settings of a plain flow. */
static void check_plain(void)
{
    struct ssldyn_spec plain;
    struct ssldyn_error err;
    FUZZ_CHECK(ssldyn_spec_init(&plain, SSLDYN_COMMAND_FLOW, &err) == SSLDYN_OK);
    FUZZ_CHECK(ssldyn_spec_prepare(&plain, &err) == SSLDYN_OK);
    check_differences(&plain, ".");
    ssldyn_spec_clear(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssldyn_spec spec;
    struct ssldyn_error err;
    char *text = fuzz_text(data, size);
    if (!text) {
        return 0;
    }
    free(text);
    (void)fuzz_file("spec.conf", data, size);
    const enum ssldyn_status status = ssldyn_spec_load(&spec, ".", &err);
    fuzz_status(status, &err);
    if (fuzz_seldom(data, size)) {
        check_plain();
    }
    if (status == SSLDYN_OK && spec.given.command != 0) {
        check_differences(&spec, ".");
        spec_round_trip(&spec); /* replaces spec.conf by that of the spec */
    }
    ssldyn_spec_clear(&spec);
    return 0;
}
