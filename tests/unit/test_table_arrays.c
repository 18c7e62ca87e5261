/* Tables that are written as text, as arrays of a result. */
// SPDX-License-Identifier: MIT
#include "sim/answer/table_arrays.h"

#include "tests/suite.h"

#include <check.h>
#include <math.h>

static const double *array_of(const struct ssldyn_result *result, const char *name,
                              size_t dimensions, size_t rows, size_t columns)
{
    size_t found = 0;
    size_t shape[SSLDYN_DIMENSIONS] = {0};
    const double *array = ssldyn_result_array(result, name, &found, shape);
    ck_assert_msg(array != NULL, "%s", name);
    ck_assert_uint_eq(found, dimensions);
    ck_assert_uint_eq(shape[0], rows);
    if (dimensions > 1)
        ck_assert_uint_eq(shape[1], columns);
    return array;
}

/* A column is an array; columns numbered by modes become one array of rows x modes, in the order of
 * the modes. */
START_TEST(columns_are_arrays)
{
    static const char text[] = "# ssldyn prediction 1\n# a comment\n"
                               "t\tresidual\ts_1\tp_1\ts_2\tp_2\tx_eta\n"
                               "0\tnan\t1\t2\t3\t4\t0.1\n0.5\t-1e-300\t5\t6\t7\t8\tinf\n";
    static const double s[] = {1.0, 3.0, 5.0, 7.0};
    static const double p[] = {2.0, 4.0, 6.0, 8.0};
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_result_create(&result, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_answer_table_arrays(result, "prediction.tsv", text, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_uint_eq(ssldyn_result_array_count(result), 5);
    const double *t = array_of(result, "prediction_t", 1, 2, 0);
    ck_assert_double_eq(t[1], 0.5);
    const double *residual = array_of(result, "prediction_residual", 1, 2, 0);
    ck_assert_double_nan(residual[0]);
    ck_assert_double_eq(residual[1], -1e-300);
    ck_assert_mem_eq(array_of(result, "prediction_s", 2, 2, 2), s, sizeof s);
    ck_assert_mem_eq(array_of(result, "prediction_p", 2, 2, 2), p, sizeof p);
    ck_assert_double_eq(array_of(result, "prediction_x_eta", 1, 2, 0)[0], 0.1);
    ssldyn_result_free(result);
}
END_TEST

START_TEST(other_tables_are_refused)
{
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_result_create(&result, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_answer_table_arrays(result, "knobs.tsv", "a\tb\n1\n", &err),
                     SSLDYN_EINPUT);
    ck_assert_uint_eq(ssldyn_result_array_count(result), 0);
    ssldyn_result_free(result);
}
END_TEST

TEST_SUITE(table_arrays)
{
    tcase_add_test(tests, columns_are_arrays);
    tcase_add_test(tests, other_tables_are_refused);
}
