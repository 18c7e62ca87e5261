/* The list of arrays given to options: found by option and position, copied, owned, written. */
// SPDX-License-Identifier: MIT
#include "sim/io/arrays.h"

#include "sim/io/npy.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <string.h>
#include <sys/stat.h>

static struct ssldyn_array_view view_of(const double data[], size_t rows)
{
    struct ssldyn_array_view view;
    ck_assert_int_eq(ssldyn_array_view_make("--wp", SSLDYN_ARRAY_DOUBLE, 2,
                                            (const size_t[]){rows, 2}, data, &view, NULL),
                     SSLDYN_OK);
    return view;
}

static void add(struct ssldyn_arrays *arrays, const char *option, size_t place, const double data[])
{
    const struct ssldyn_array_view view = view_of(data, 2);
    ck_assert_int_eq(ssldyn_arrays_add(arrays, option, place, &view, NULL, NULL), SSLDYN_OK);
}

START_TEST(found_by_option_and_place)
{
    const double a[4] = {1.0, 2.0, 3.0, 4.0};
    const double b[4] = {5.0, 6.0, 7.0, 8.0};
    struct ssldyn_arrays arrays = {0};
    add(&arrays, "wp", 0, a);
    add(&arrays, "f", 0, b);
    add(&arrays, "wp", 2, b);
    ck_assert_ptr_eq(ssldyn_arrays_find(&arrays, "wp", 0)->data, a);
    ck_assert_ptr_null(ssldyn_arrays_find(&arrays, "wp", 1));
    ck_assert_ptr_eq(ssldyn_arrays_find(&arrays, "wp", 2)->data, b);
    ck_assert_ptr_null(ssldyn_arrays_find(&arrays, "w", 0));
    ck_assert_ptr_null(ssldyn_arrays_find(NULL, "wp", 0));
    ssldyn_arrays_drop(&arrays, "wp");
    ck_assert_uint_eq(arrays.count, 1);
    ck_assert(!ssldyn_arrays_any(&arrays, "wp"));
    ck_assert(ssldyn_arrays_any(&arrays, "f"));
    ssldyn_arrays_clear(&arrays);
}
END_TEST

/* A copy borrows borrowed arrays, and has its own copy of owned ones. */
START_TEST(copies_and_owners)
{
    double data[4] = {1.0, 2.0, 3.0, 4.0};
    struct ssldyn_arrays arrays = {0};
    struct ssldyn_arrays copy = {0};
    add(&arrays, "init-w", 0, data);
    ck_assert(ssldyn_arrays_copy(&arrays, &copy));
    ck_assert_ptr_eq(ssldyn_arrays_find(&copy, "init-w", 0)->data, data);
    ck_assert_int_eq(ssldyn_arrays_own(&copy, NULL), SSLDYN_OK);
    data[1] = -1.0;
    const double *kept = ssldyn_arrays_find(&copy, "init-w", 0)->data;
    ck_assert_double_eq(kept[1], 2.0);
    ssldyn_arrays_clear(&arrays);
    ck_assert(ssldyn_arrays_copy(&copy, &arrays));
    ssldyn_arrays_clear(&copy);
    kept = ssldyn_arrays_find(&arrays, "init-w", 0)->data;
    ck_assert_double_eq(kept[3], 4.0);
    ssldyn_arrays_clear(&arrays);
}
END_TEST

/* Written arrays, from memory or from files, get the names that spec.conf uses. */
START_TEST(written_by_name)
{
    const double data[4] = {1.0, 2.0, 3.0, 4.0};
    char directory[SCRATCH_PATH];
    char path[SCRATCH_PATH + 64];
    char name[SSLDYN_ARRAYS_NAME];
    struct ssldyn_arrays arrays = {0};
    struct ssldyn_array array = {0};
    scratch_path(directory, "given");
    ck_assert_int_eq(mkdir(directory, 0777), 0);
    add(&arrays, "init-w", 0, data);
    add(&arrays, "wp", 1, data);
    ck_assert_int_eq(ssldyn_arrays_write(&arrays, directory, NULL), SSLDYN_OK);
    ck_assert_str_eq(ssldyn_arrays_name(&arrays.items[0], name), "given_init_w.npy");
    ck_assert_str_eq(ssldyn_arrays_name(&arrays.items[1], name), "given_wp_2.npy");
    (void)snprintf(path, sizeof path, "%s/given_init_w.npy", directory);
    struct ssldyn_arrays of_file = {0};
    ck_assert_int_eq(ssldyn_arrays_add(&of_file, "x", 0, NULL, path, NULL), SSLDYN_OK);
    ck_assert_ptr_null(ssldyn_arrays_find(&of_file, "x", 0));
    ck_assert_int_eq(ssldyn_arrays_write(&of_file, directory, NULL), SSLDYN_OK);
    (void)snprintf(path, sizeof path, "%s/given_x.npy", directory);
    ck_assert_int_eq(ssldyn_npy_read(path, false, &array, NULL), SSLDYN_OK);
    ck_assert_mem_eq(array.data, data, sizeof data);
    ssldyn_npy_array_clear(&array);
    ssldyn_arrays_clear(&arrays);
    ssldyn_arrays_clear(&of_file);
}
END_TEST

TEST_SUITE(arrays)
{
    tcase_add_test(tests, found_by_option_and_place);
    tcase_add_test(tests, copies_and_owners);
    tcase_add_test(tests, written_by_name);
}
