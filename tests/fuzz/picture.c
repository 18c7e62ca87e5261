/* The gnuplot input written for the files of a run or a sweep (run.h checks it). */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/run.h"

#include "sim/cli/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssldyn_bytes picture = {NULL, 0};
    struct ssldyn_error err;
    const char *run = run_make(data, size);
    if (!run) {
        return 0;
    }
    const struct ssldyn_picture_request request = {.runs = &run, .run_count = 1, .command = "plot"};
    const enum ssldyn_status status = ssldyn_picture_make(&request, "svg", &picture, &err);
    fuzz_status(status, &err);
    FUZZ_CHECK((status == SSLDYN_OK) == (picture.bytes != NULL));
    free(picture.bytes);
    return 0;
}
