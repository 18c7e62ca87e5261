/* Allocation: zeroed, aligned, and refused if a product of sizes would overflow. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "tests/suite.h"

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

START_TEST(gives_zeroed_aligned_memory)
{
    static const size_t counts[] = {1, 7, 64, 1000, 77777};

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        unsigned char *block = ssldyn_memory_array(counts[i], 3);
        ck_assert_ptr_nonnull(block);
        ck_assert_uint_eq((uintptr_t)block % 64, 0);
        for (size_t k = 0; k < 3 * counts[i]; k++)
            ck_assert_uint_eq(block[k], 0);
        /* Fills the block, so that the next one is not zero by chance. */
        memset(block, 0xa5, 3 * counts[i]);
        free(block);
    }
}
END_TEST

START_TEST(allocates_for_size_zero)
{
    void *none = ssldyn_memory_array(0, 8);
    void *empty = ssldyn_memory_array(8, 0);

    ck_assert_ptr_nonnull(none);
    ck_assert_ptr_nonnull(empty);
    free(none);
    free(empty);
}
END_TEST

START_TEST(refuses_products_that_overflow)
{
    /* The second factor makes the product 8 modulo 2^64: a naive allocation would return 8
     * bytes. */
    ck_assert_ptr_null(ssldyn_memory_array(SIZE_MAX / 8 + 2, 8));
    ck_assert_ptr_null(ssldyn_memory_array(SIZE_MAX, SIZE_MAX));
    ck_assert_ptr_null(ssldyn_memory_array(SIZE_MAX, 1));
    ck_assert_ptr_null(ssldyn_memory_array(1, SIZE_MAX));
    ck_assert_ptr_null(ssldyn_memory_array((size_t)PTRDIFF_MAX / 8 + 1, 8));
}
END_TEST

START_TEST(parts_are_disjoint_aligned_and_zero)
{
    double *a = NULL;
    double *b = NULL;
    double *c = NULL;
    double *block =
        ssldyn_memory_parts(3, (const struct ssldyn_memory_part[]){{&a, 9}, {&b, 0}, {&c, 1}});

    ck_assert_ptr_nonnull(block);
    ck_assert(a >= block && b >= a + 9 && c >= b);
    ck_assert_uint_eq(((uintptr_t)a | (uintptr_t)b | (uintptr_t)c) % 64, 0);
    for (size_t k = 0; k < 9; k++)
        ck_assert(a[k] == 0.0);
    ck_assert(c[0] == 0.0);
    c[0] = 1.0; /* inside the block: checked by sanitizers */
    free(block);
}
END_TEST

/* Sums of sizes overflow as products do. */
START_TEST(refuses_parts_that_overflow)
{
    double *a = NULL;
    double *b = NULL;

    ck_assert_ptr_null(ssldyn_memory_parts(
        2, (const struct ssldyn_memory_part[]){{&a, SIZE_MAX / 16}, {&b, SIZE_MAX - 100}}));
    ck_assert_ptr_null(ssldyn_memory_parts(1, (const struct ssldyn_memory_part[]){{&a, SIZE_MAX}}));
    ck_assert_ptr_null(ssldyn_memory_parts(
        2, (const struct ssldyn_memory_part[]){{&a, SIZE_MAX / 32}, {&b, SIZE_MAX / 32 + 64}}));
    ck_assert(a == NULL && b == NULL);
}
END_TEST

/* A system that overcommits would grant it, and end the process when it is used. */
START_TEST(refuses_more_than_the_machine_has)
{
    const double physical = ssldyn_memory_physical();

    if (physical > 0.0)
        ck_assert_ptr_null(ssldyn_memory_array((size_t)(1.01 * physical), 1));
}
END_TEST

START_TEST(copies_strings)
{
    char text[] = "alpha_p";
    char *copy = ssldyn_memory_copy(text);

    ck_assert_ptr_nonnull(copy);
    text[0] = 'X';
    ck_assert_str_eq(copy, "alpha_p");
    free(copy);
    copy = ssldyn_memory_copy("");
    ck_assert_str_eq(copy, "");
    free(copy);
    ck_assert_ptr_null(ssldyn_memory_copy(NULL));
}
END_TEST

TEST_SUITE(memory)
{
    tcase_add_test(tests, gives_zeroed_aligned_memory);
    tcase_add_test(tests, allocates_for_size_zero);
    tcase_add_test(tests, refuses_products_that_overflow);
    tcase_add_test(tests, parts_are_disjoint_aligned_and_zero);
    tcase_add_test(tests, refuses_parts_that_overflow);
    tcase_add_test(tests, refuses_more_than_the_machine_has);
    tcase_add_test(tests, copies_strings);
}
