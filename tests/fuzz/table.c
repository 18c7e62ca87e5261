/* Tables: traces, tables of sweeps, and tables of other programs. */
// SPDX-License-Identifier: MIT
#include "tests/fuzz/fuzz.h"

#include "sim/io/trace.h"

#include <string.h>

typedef enum ssldyn_status reader(const char *path, struct ssldyn_table *table,
                                  struct ssldyn_error *err);

static void check(reader *read, const char *path, size_t size)
{
    struct ssldyn_table table;
    struct ssldyn_error err;
    const enum ssldyn_status status = read(path, &table, &err);
    fuzz_status(status, &err);
    FUZZ_CHECK((status == SSLDYN_OK) == (table.columns > 0));
    FUZZ_CHECK(status == SSLDYN_OK || (table.rows == 0 && !table.names && !table.values));
    /* each cell takes at least one byte, and each but the last of a line a separator */
    FUZZ_CHECK(table.columns * (table.rows + 1) <= 2 * size + 1);
    for (size_t i = 0; i < table.columns; i++) {
        const size_t found = ssldyn_table_column(&table, table.names[i]);
        FUZZ_CHECK(found <= i && strcmp(table.names[found], table.names[i]) == 0);
        FUZZ_CHECK(!strpbrk(table.names[i], "\t\r\n"));
    }
    ssldyn_table_clear(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("trace.tsv", data, size);
    check(ssldyn_table_read, path, size);
    check(ssldyn_table_read_foreign, path, size);
    return 0;
}
