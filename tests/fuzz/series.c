/* Patterns of file names, and FILE:NAME. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/io/file_series.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The files that patterns may find. */
static const char *const names[] = {"a1.npy",   "a02.npy",  "a10.npy",
                                    "b[1].npz", "c%d*.npy", "w.npz"};
enum { NAMES = sizeof names / sizeof names[0] };

static void leave(void)
{
    for (size_t i = 0; i < NAMES; i++) {
        (void)unlink(names[i]);
    }
}

static void make_files(void)
{
    static bool made;
    fuzz_enter();
    for (size_t i = 0; i < NAMES && !made; i++) {
        const int file = open(names[i], O_WRONLY | O_CREAT, 0600);
        FUZZ_CHECK(file >= 0 && close(file) == 0);
    }
    FUZZ_CHECK(made || atexit(leave) == 0);
    made = true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssldyn_file_series series;
    struct ssldyn_error err;
    char *text = fuzz_text(data, size);
    /* a slash could leave the private directory */
    if (!text || strchr(text, '/')) {
        free(text);
        return 0;
    }
    make_files();
    const enum ssldyn_status status = ssldyn_file_series_find(text, "--wp", &series, &err);
    fuzz_status(status, &err);
    FUZZ_CHECK((status == SSLDYN_OK) == (series.count > 0));
    FUZZ_CHECK(series.count <= NAMES);
    for (size_t i = 0; i < series.count; i++) {
        FUZZ_CHECK(series.paths[i] != NULL && !isinf(series.labels[i]));
        FUZZ_CHECK(isnan(series.labels[i]) == isnan(series.labels[0]));
        FUZZ_CHECK(i == 0 || strcmp(series.paths[i], series.paths[i - 1]) != 0);
        FUZZ_CHECK(i == 0 || !(series.labels[i] <= series.labels[i - 1]));
    }
    ssldyn_file_series_clear(&series);
    free(text);
    return 0;
}
