/* The report of a run, HTML: texts from the run's files are escaped. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/run.h"

#include "sim/cli/commands.h"

#include <stdio.h>
#include <unistd.h>

/* A name that contains "zq" is not inside a tag, and starts none. */
static void check_page(const char *path)
{
    enum { SIZE = 1 << 20 };
    FILE *stream = fopen(path, "rb");
    char *page = calloc(SIZE, 1);
    FUZZ_CHECK(stream && page);
    const size_t size = fread(page, 1, SIZE - 1, stream);
    bool tag = false;
    FUZZ_CHECK(size > 0 && strlen(page) == size);
    for (const char *c = page; *c; c++) {
        FUZZ_CHECK((unsigned char)*c >= 0x20 || *c == '\n' || *c == '\t');
        tag = *c == '<' || (tag && *c != '>');
        FUZZ_CHECK(!tag || strncmp(c, "zq", 2) != 0);
    }
    free(page);
    fclose(stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssldyn_spec spec;
    struct ssldyn_error err;
    const char *run = run_make(data, size);
    if (!run) {
        return 0;
    }
    char option[] = "-o";
    char file[] = "page.html";
    char *words[] = {(char *)(uintptr_t)run, option, file};
    FUZZ_CHECK(ssldyn_spec_init(&spec, SSLDYN_COMMAND_REPORT, &err) == SSLDYN_OK);
    FUZZ_CHECK(ssldyn_settings_parse(&spec.given, 3, words, &err) == SSLDYN_OK);
    FUZZ_CHECK(ssldyn_spec_prepare(&spec, &err) == SSLDYN_OK);
    const enum ssldyn_status status = ssldyn_cli_report.run(&spec, &err);
    fuzz_status(status, &err);
    if (status == SSLDYN_OK) {
        check_page(file);
    }
    (void)unlink(file);
    ssldyn_spec_clear(&spec);
    return 0;
}
