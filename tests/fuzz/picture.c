/* What is written for gnuplot of a run's or a sweep's files. The first byte is what the directory
 * holds, the second one how many fates there are; then spec.conf, and after an empty line the
 * table. Data are never code: a name in the table that holds "zq" has to stay between quotes. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/cli/picture.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { FATES = 16 };

/* A program of statements NAME = VALUE and of blocks of data. */
static void check_program(const char *program)
{
    bool quoted = false;
    bool data = *program == '$';
    for (const char *c = program; *c; c++) {
        FUZZ_CHECK(!iscntrl((unsigned char)*c) || *c == '\n' || *c == '\t');
        if (*c == '\n') {
            FUZZ_CHECK(!quoted);
            data = data ? strncmp(c + 1, "END_OF_DATA\n", 12) != 0 : c[1] == '$';
        }
        quoted = *c == '\'' ? !quoted : quoted;
        if (!quoted) { /* command substitution, macros, commands, the marked text */
            FUZZ_CHECK(*c != '`' && (data || *c != '@') && *c != '!' && *c != '|');
            FUZZ_CHECK(strncmp(c, "zq", 2) != 0 && strncmp(c, "system", 6) != 0);
        }
    }
    FUZZ_CHECK(!quoted);
}

/* In place of gnuplot (-Wl,--wrap). */
enum ssldyn_status __wrap_ssldyn_gnuplot_scripts(char **directory, struct ssldyn_error *err);
enum ssldyn_status __wrap_ssldyn_gnuplot_scripts(char **directory, struct ssldyn_error *err)
{
    (void)err;
    *directory = NULL;
    return SSLDYN_OK;
}

enum ssldyn_status __wrap_ssldyn_gnuplot_run(const char *scripts,
                                             const struct ssldyn_bytes *program,
                                             struct ssldyn_bytes *picture,
                                             struct ssldyn_error *err);
enum ssldyn_status __wrap_ssldyn_gnuplot_run(const char *scripts,
                                             const struct ssldyn_bytes *program,
                                             struct ssldyn_bytes *picture, struct ssldyn_error *err)
{
    (void)err;
    FUZZ_CHECK(scripts == NULL && strlen(program->bytes) == program->length);
    check_program(program->bytes);
    *picture = (struct ssldyn_bytes){NULL, 0};
    return SSLDYN_OK;
}

/* A .npy of float64 zeros. */
static void write_fates(size_t count)
{
    uint8_t file[128 + 8 * FATES] = "\x93NUMPY\x01";
    char header[119];
    const int used = snprintf(header, sizeof header,
                              "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu,), }", count);
    memset(file + 10, ' ', 117);
    memcpy(file + 10, header, (size_t)used);
    file[8] = 118;
    file[127] = '\n';
    (void)fuzz_file("sweep/fate.npy", file, 128 + 8 * count);
}

/* The run, in a directory of its own for each kind. */
static const char *write_run(int kind, size_t fates, const char *spec, size_t length,
                             const char *table)
{
    static const struct {
        const char *directory, *spec, *table;
    } kinds[] = {{"sweep", "sweep/spec.conf", "sweep/lines.tsv"},
                 {"run", "run/spec.conf", "run/trace.tsv"},
                 {"line", "line/spec.conf", "line/separatrix.tsv"},
                 {"flips", "flips/spec.conf", "flips/thresholds.tsv"}};
    kind %= (int)(sizeof kinds / sizeof kinds[0]);
    (void)fuzz_file(kinds[kind].spec, (const uint8_t *)spec, length);
    (void)fuzz_file(kinds[kind].table, (const uint8_t *)table, strlen(table));
    if (kind == 0) {
        (void)fuzz_file("sweep/collapse.tsv", (const uint8_t *)table, strlen(table));
        write_fates(fates);
    }
    return kinds[kind].directory;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ssldyn_bytes picture;
    struct ssldyn_error err;
    char *text = size > 2 ? fuzz_text(data + 2, size - 2) : NULL;
    if (!text) {
        return 0;
    }
    const char *table = strstr(text, "\n\n");
    const size_t length = table ? (size_t)(table - text) + 1 : strlen(text);
    const char *run =
        write_run(data[0], data[1] % FATES, text, length, table ? table + 2 : text + length);
    const struct ssldyn_picture_request request = {.runs = &run, .run_count = 1, .format = "svg"};
    const enum ssldyn_status status = ssldyn_picture_make(&request, &picture, &err);
    fuzz_status(status, &err);
    FUZZ_CHECK(picture.bytes == NULL);
    free(text);
    return 0;
}
