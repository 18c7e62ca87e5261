/* A member of an archive has the length that its header declares, and a header must not declare
 * more than the file has. */
// SPDX-License-Identifier: MIT
#include "sim/io/zip.h"

#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOCAL = 30, CENTRAL = 46, END = 22, NAME = 1, BYTES = 4 };

static void put(unsigned char *at, uint32_t value, int width)
{
    for (int i = 0; i < width; i++) {
        at[i] = (unsigned char)(value >> (8 * i));
    }
}

/* An archive with one stored member, "m", with the bytes "data"; both its headers declare the given
 * sizes. */
static void write_archive(const char *path, uint32_t packed, uint32_t size)
{
    unsigned char archive[LOCAL + NAME + BYTES + CENTRAL + NAME + END] = {0};
    unsigned char *const central = archive + LOCAL + NAME + BYTES;
    unsigned char *const end = central + CENTRAL + NAME;
    const uint32_t checksum = 0xadf3f363u; /* CRC-32 of "data" */
    memcpy(archive, "PK\3\4\24", 5);
    put(archive + 14, checksum, 4);
    put(archive + 18, packed, 4);
    put(archive + 22, size, 4);
    put(archive + 26, NAME, 2);
    memcpy(archive + LOCAL, "mdata", NAME + BYTES);
    memcpy(central, "PK\1\2\24\0\24", 7);
    put(central + 16, checksum, 4);
    put(central + 20, packed, 4);
    put(central + 24, size, 4);
    put(central + 28, NAME, 2);
    central[CENTRAL] = 'm';
    memcpy(end, "PK\5\6", 4);
    put(end + 8, 1, 2);
    put(end + 10, 1, 2);
    put(end + 12, CENTRAL + NAME, 4);
    put(end + 16, LOCAL + NAME + BYTES, 4);
    FILE *stream = fopen(path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(archive, 1, sizeof archive, stream), sizeof archive);
    ck_assert_int_eq(fclose(stream), 0);
}

/* Loads the member; returns the status, with the message in err. */
static enum ssldyn_status load(uint32_t packed, uint32_t size, char bytes[BYTES],
                               struct ssldyn_error *err)
{
    char path[SCRATCH_PATH];
    struct ssldyn_zip *zip = NULL;
    unsigned char *loaded = NULL;
    size_t length = 0;
    scratch_path(path, "a.zip");
    write_archive(path, packed, size);
    ck_assert_msg(ssldyn_zip_open(path, &zip, err) == SSLDYN_OK, "%s", err->message);
    const enum ssldyn_status status = ssldyn_zip_load(zip, 0, 1 << 30, &loaded, &length, err);
    if (status == SSLDYN_OK) {
        ck_assert_uint_eq(length, BYTES);
        memcpy(bytes, loaded, BYTES);
    }
    free(loaded);
    ssldyn_zip_close(zip);
    return status;
}

START_TEST(members_as_declared)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char bytes[BYTES];
    ck_assert_msg(load(BYTES, BYTES, bytes, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_mem_eq(bytes, "data", BYTES);
}
END_TEST

/* Half a gigabyte is not allocated for a file of a hundred bytes. */
START_TEST(claims_beyond_the_file)
{
    const uint32_t claims[][2] = {{1u << 29, 1u << 29}, {0, 1u << 29}, {200, BYTES}};
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        struct ssldyn_error err = {SSLDYN_OK, ""};
        char bytes[BYTES];
        ck_assert_int_eq(load(claims[i][0], claims[i][1], bytes, &err), SSLDYN_EINPUT);
        ck_assert_msg(strstr(err.message, "declares no size or an impossible one") != NULL, "%s",
                      err.message);
    }
}
END_TEST

TEST_SUITE(zip)
{
    tcase_add_test(tests, members_as_declared);
    tcase_add_test(tests, claims_beyond_the_file);
}
