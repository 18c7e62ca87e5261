/* Runs a fuzz target without a fuzzer: on every given file, and on every file of the given
 * directories, in the order of their names. Prints TAP; an input that crashes is named on the last
 * line. */
// SPDX-License-Identifier: MIT
#define _XOPEN_SOURCE 700 /* realpath */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static size_t inputs;

static void run_file(const char *path, size_t size)
{
    FILE *stream = fopen(path, "rb");
    /* exactly as long as the input: sanitizers detect reads beyond it */
    uint8_t *data = malloc(size > 0 ? size : 1);
    FUZZ_CHECK(stream != NULL && data != NULL && fread(data, 1, size, stream) == size);
    fclose(stream);
    printf("# %s\n", path);
    fflush(stdout);
    FUZZ_CHECK(LLVMFuzzerTestOneInput(data, size) == 0);
    free(data);
    inputs++;
}

static void run_path(const char *path)
{
    struct dirent **entries = NULL;
    struct stat info;
    FUZZ_CHECK(stat(path, &info) == 0);
    if (!S_ISDIR(info.st_mode)) {
        run_file(path, (size_t)info.st_size);
        return;
    }
    const int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char below[PATH_MAX];
        snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.') {
            run_path(below);
        }
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char *argv[])
{
    fuzz_replays = true;
    for (int i = 1; i < argc; i++) {
        char *path = realpath(argv[i], NULL); /* targets change the directory */
        if (!path) {
            fprintf(stderr, "%s: cannot be read\n", argv[i]);
            return 2;
        }
        run_path(path);
        free(path);
    }
    printf("%sok 1 - %zu inputs\n1..1\n", inputs > 0 ? "" : "not ", inputs);
    return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
