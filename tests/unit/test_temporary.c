/* Temporary files: written data are read back; a full disk is an error, and loses no data. */
// SPDX-License-Identifier: MIT
#include "sim/io/temporary.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(reads_back_what_was_written)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char back[8] = "";
    FILE *stream = NULL;

    ck_assert_msg(ssldyn_temporary_copy("FILE", "first", 5, &stream, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_uint_eq(fread(back, 1, sizeof back, stream), 5);
    ck_assert_mem_eq(back, "first", 5);
    ck_assert_int_eq(ssldyn_temporary_copy("FILE", "", 0, &stream, &err), SSLDYN_OK);
    ck_assert_int_eq(fgetc(stream), EOF);
    fclose(stream);
}
END_TEST

START_TEST(a_full_disk_is_reported)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    FILE *full = fopen("/dev/full", "wb");

    if (full == NULL) /* not Linux */
        return;
    ck_assert_int_eq(ssldyn_temporary_write("FILE", "some", 4, full, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_temporary_rewind("FILE", full, &err), SSLDYN_EIO);
    ck_assert_ptr_nonnull(strstr(err.message, "FILE: cannot be unpacked: No space left"));
    fclose(full);
}
END_TEST

TEST_SUITE(temporary)
{
    tcase_add_test(tests, reads_back_what_was_written);
    tcase_add_test(tests, a_full_disk_is_reported);
}
