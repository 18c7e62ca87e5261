/* The directory of a run or a sweep from an input, and a check that replaces gnuplot (-Wl,--wrap):
 * shared by the targets of pictures and reports. The first byte selects the contents of the
 * directory, the second the number of fates; then spec.conf, and after an empty line the table.
 * Data are never code: a name in the table that contains "zq" must stay between quotes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_FUZZ_RUN_H
#define SSLDYN_TESTS_FUZZ_RUN_H

#include "tests/fuzz/fuzz.h"

#include "sim/cli/gnuplot.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { RUN_FATES = 16 };

/* A program of statements NAME = VALUE and of blocks of data. */
static inline void run_check_program(const char *program)
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
    run_check_program(program->bytes);
    picture->bytes = calloc(1, 1);
    picture->length = 0;
    return SSLDYN_OK;
}

/* A .npy of float64 zeros. */
static inline void run_write_fates(size_t count)
{
    uint8_t file[128 + 8 * RUN_FATES] = "\x93NUMPY\x01";
    char header[119];
    const int used = snprintf(header, sizeof header,
                              "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu,), }", count);
    memset(file + 10, ' ', 117);
    memcpy(file + 10, header, (size_t)used);
    file[8] = 118;
    file[127] = '\n';
    (void)fuzz_file("sweep/fate.npy", file, 128 + 8 * count);
}

/* The run, in a separate directory for each kind. */
static inline const char *run_write(int kind, size_t fates, const char *spec, size_t length,
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
        run_write_fates(fates);
    }
    return kinds[kind].directory;
}

/* Writes the files; returns the directory's name, NULL if the input contains a zero or is too
 * short. */
static inline const char *run_make(const uint8_t *data, size_t size)
{
    char *text = size > 2 ? fuzz_text(data + 2, size - 2) : NULL;
    if (!text) {
        return NULL;
    }
    const char *table = strstr(text, "\n\n");
    const size_t length = table ? (size_t)(table - text) + 1 : strlen(text);
    const char *run =
        run_write(data[0], data[1] % RUN_FATES, text, length, table ? table + 2 : text + length);
    free(text);
    return run;
}

#endif
