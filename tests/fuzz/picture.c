/* What is written for gnuplot of a run's or a sweep's files. The first byte is the kind of the
 * picture, the second one how many fates there are; then spec.conf, and after an empty line the
 * table. Data are never code: a name of the table that holds "zq" has to stay between quotes. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/cli/picture.h"
#include "sim/io/npy.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { KINDS = 8, FATES = 16 };

static ssldyn_picture_writer *const writers[KINDS] = {
    ssldyn_picture_sweep,      ssldyn_picture_modes,     ssldyn_picture_matrix,
    ssldyn_picture_align,      ssldyn_picture_compare,   ssldyn_picture_ladder,
    ssldyn_picture_separatrix, ssldyn_picture_thresholds};

/* A program of statements NAME = VALUE and of blocks of data. */
static void check_program(const char *program)
{
    bool quoted = false;
    bool data = false;
    for (const char *c = program; *c; c++) {
        FUZZ_CHECK(!iscntrl((unsigned char)*c) || *c == '\n' || *c == '\t');
        if (*c == '\n') {
            FUZZ_CHECK(!quoted);
            const char *line = c + 1;
            data = data ? strncmp(line, "END_OF_DATA\n", 12) != 0 : *line == '$';
        }
        if (*c == '\'') {
            quoted = !quoted;
        }
        if (!quoted) { /* command substitution, macros, commands, the marked text */
            FUZZ_CHECK(*c != '`' && (data || *c != '@') && *c != '!' && *c != '|');
            FUZZ_CHECK(strncmp(c, "zq", 2) != 0 && strncmp(c, "system", 6) != 0);
        }
    }
    FUZZ_CHECK(!quoted);
}

static void write_fates(size_t count)
{
    static double fates[FATES];
    struct ssldyn_error err;
    static size_t written = SIZE_MAX;
    if (count != written) { /* the file of the input before will do where it is the same */
        FUZZ_CHECK(ssldyn_npy_write("fate.npy", 1, &count, fates, &err) == SSLDYN_OK);
        written = count;
    }
}

static void remove_fates(void)
{
    (void)unlink("fate.npy");
}

static void draw(ssldyn_picture_writer *write, const char *path)
{
    struct ssldyn_table table = {0};
    struct ssldyn_error err;
    char *program = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&program, &length);
    FUZZ_CHECK(stream != NULL);
    const bool sweep = write == ssldyn_picture_sweep;
    enum ssldyn_status status = sweep ? SSLDYN_OK : ssldyn_table_read(path, &table, &err);
    if (status == SSLDYN_OK && (sweep || table.rows > 0)) {
        fputs("\n", stream);
        status = write(stream, ".", path, sweep ? NULL : &table, &err);
    }
    fuzz_status(status, &err);
    FUZZ_CHECK(fclose(stream) == 0);
    if (status == SSLDYN_OK) {
        check_program(program);
    }
    ssldyn_table_clear(&table);
    free(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool entered;
    char *text = size > 2 ? fuzz_text(data + 2, size - 2) : NULL;
    if (!text) {
        return 0;
    }
    fuzz_enter();
    FUZZ_CHECK(entered || atexit(remove_fates) == 0);
    entered = true;
    char *table = strstr(text, "\n\n");
    const size_t settings = table ? (size_t)(table - text) + 1 : strlen(text);
    table = table ? table + 2 : text + settings;
    const uint8_t *bytes = (const uint8_t *)table;
    write_fates(data[1] % FATES);
    (void)fuzz_file("spec.conf", (const uint8_t *)text, settings);
    (void)fuzz_file("trace.tsv", bytes, strlen(table));
    if (data[0] % KINDS == 0) {
        (void)fuzz_file("lines.tsv", bytes, strlen(table));
        (void)fuzz_file("collapse.tsv", bytes, strlen(table));
    }
    draw(writers[data[0] % KINDS], "trace.tsv");
    free(text);
    return 0;
}
