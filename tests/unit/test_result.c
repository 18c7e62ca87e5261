/* Results: stored values are returned, and printed as the command line prints them. */
// SPDX-License-Identifier: MIT
#include "sim/result/result.h"

#include "tests/suite.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static struct ssldyn_result *make(void)
{
    struct ssldyn_result *result = NULL;
    ck_assert_int_eq(ssldyn_result_create(&result, NULL), SSLDYN_OK);
    return result;
}

/* The output of ssldyn_result_print. */
static void check_printed(const struct ssldyn_result *result, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    ck_assert_ptr_nonnull(stream);
    ssldyn_result_print(result, stream);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(values_by_name_and_in_order)
{
    struct ssldyn_result *result = make();
    char word[] = "pair";
    char name[] = "kind";

    ssldyn_result_put(result, "eta_fold", 0.2);
    ssldyn_result_put_word(result, name, word);
    word[0] = name[0] = 'x'; /* copied: the caller may reuse its own */
    ssldyn_result_put_count(result, "points", INT64_MAX);
    ssldyn_result_put(result, "width", 1.0 / 3.0);
    ssldyn_result_put_known(result, "left_out", (double)NAN);
    ssldyn_result_put_known(result, "kept", -0.0);
    ssldyn_result_put(result, "rank", (double)NAN);
    ck_assert_int_eq(ssldyn_result_check(result, NULL), SSLDYN_OK);
    check_printed(result, "eta_fold = 0.2\nkind = pair\npoints = 9223372036854775807\n"
                          "width = 0.3333333333333333\nkept = -0\nrank = nan\n");
    ck_assert_uint_eq(ssldyn_result_value_count(result), 6);
    ck_assert_str_eq(ssldyn_result_value_name(result, 1), "kind");
    ck_assert_ptr_null(ssldyn_result_value_name(result, 6));
    ck_assert(ssldyn_result_value(result, "eta_fold") == 0.2);
    ck_assert(ssldyn_result_value(result, "width") == 1.0 / 3.0);
    ck_assert(ssldyn_result_value(result, "points") == (double)INT64_MAX);
    ck_assert(isnan(ssldyn_result_value(result, "kind")));
    ck_assert(isnan(ssldyn_result_value(result, "left_out")));
    ck_assert_str_eq(ssldyn_result_word(result, "kind"), "pair");
    ck_assert_ptr_null(ssldyn_result_word(result, "width"));
    ck_assert_ptr_null(ssldyn_result_word(result, "nothing"));
    ssldyn_result_free(result);
}
END_TEST

/* One number of a kind is a value; several are numbered values, and an array. */
START_TEST(numbered_values_are_an_array)
{
    struct ssldyn_result *result = make();
    size_t dimensions = 9;
    size_t shape[SSLDYN_DIMENSIONS] = {0};
    ssldyn_result_put_of(result, "p", 0, 1, 0.5);
    for (size_t j = 0; j < 3; j++) {
        ssldyn_result_put_of(result, "s", j, 3, 10.0 + (double)j);
        if (j != 1) {
            ssldyn_result_put_of(result, "growth", j, 3, 20.0 + (double)j);
        }
    }
    check_printed(result, "p = 0.5\ns_1 = 10\ngrowth_1 = 20\ns_2 = 11\ns_3 = 12\ngrowth_3 = 22\n");
    ck_assert_uint_eq(ssldyn_result_array_count(result), 2);
    ck_assert_ptr_null(ssldyn_result_array(result, "p", &dimensions, shape));
    const double *s = ssldyn_result_array(result, "s", &dimensions, shape);
    ck_assert(dimensions == 1 && shape[0] == 3 && s[0] == 10.0 && s[1] == 11.0 && s[2] == 12.0);
    const double *growth = ssldyn_result_array(result, "growth", &dimensions, shape);
    ck_assert(growth[0] == 20.0 && isnan(growth[1]) && growth[2] == 22.0);
    ssldyn_result_free(result);
}
END_TEST

START_TEST(many_values)
{
    enum { MANY = 5000 };
    struct ssldyn_result *result = make();
    char name[32];
    for (int i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "p_%d", i);
        ssldyn_result_put(result, name, i);
    }
    ck_assert_uint_eq(ssldyn_result_value_count(result), MANY);
    for (int i = 0; i < MANY; i += 7) {
        snprintf(name, sizeof name, "p_%d", i);
        ck_assert(ssldyn_result_value(result, name) == i);
    }
    ssldyn_result_free(result);
}
END_TEST

START_TEST(texts_are_shown_where_they_belong)
{
    struct ssldyn_result *result = make();
    ssldyn_result_put(result, "a", 1.0);
    FILE *stream = ssldyn_result_begin_text(result, "table");
    ck_assert_ptr_nonnull(stream);
    fprintf(stream, "p\ts\n%d\t%d\n", 1, 2);
    ssldyn_result_end_text(result);
    ssldyn_result_show_text(result, "table");
    ssldyn_result_put_text(result, "report", "not shown");
    ssldyn_result_put_text(result, "report", "not shown\n");
    ssldyn_result_put(result, "b", 2.0);
    check_printed(result, "a = 1\np\ts\n1\t2\nb = 2\n");
    ck_assert_uint_eq(ssldyn_result_text_count(result), 2);
    ck_assert_str_eq(ssldyn_result_text_name(result, 1), "report");
    ck_assert_str_eq(ssldyn_result_text(result, "report"), "not shown\n");
    ck_assert_str_eq(ssldyn_result_text(result, "table"), "p\ts\n1\t2\n");
    ck_assert_ptr_null(ssldyn_result_text(result, "verdict"));
    /* removing one leaves the others in place */
    ssldyn_result_drop_text(result, "verdict");
    ssldyn_result_drop_text(result, "report");
    ck_assert_uint_eq(ssldyn_result_text_count(result), 1);
    ck_assert_ptr_null(ssldyn_result_text(result, "report"));
    check_printed(result, "a = 1\np\ts\n1\t2\nb = 2\n");
    /* an unfinished text ends with the next one or with the result: no leak */
    ck_assert_ptr_nonnull(ssldyn_result_begin_text(result, "first"));
    ck_assert_ptr_nonnull(ssldyn_result_begin_text(result, "second"));
    ck_assert_str_eq(ssldyn_result_text(result, "first"), "");
    ssldyn_result_free(result);
}
END_TEST

START_TEST(arrays_keep_their_shape)
{
    struct ssldyn_result *result = make();
    const size_t shape[] = {2, 3};
    size_t dimensions = 9;
    size_t found[SSLDYN_DIMENSIONS] = {0};

    double *fate = ssldyn_result_put_array(result, "fate", 2, shape);
    ck_assert_ptr_nonnull(fate);
    for (int i = 0; i < 6; i++) {
        ck_assert(fate[i] == 0.0);
        fate[i] = i;
    }
    double *one = malloc(sizeof *one);
    *one = 7.0;
    ssldyn_result_take_array(result, "scale", 0, NULL, one);
    ck_assert_uint_eq(ssldyn_result_array_count(result), 2);
    ck_assert_str_eq(ssldyn_result_array_name(result, 0), "fate");
    const double *read = ssldyn_result_array(result, "fate", &dimensions, found);
    ck_assert_ptr_eq(read, fate);
    ck_assert_uint_eq(dimensions, 2);
    ck_assert_uint_eq(found[0], 2);
    ck_assert_uint_eq(found[1], 3);
    ck_assert_ptr_nonnull(ssldyn_result_array(result, "scale", &dimensions, found));
    ck_assert_uint_eq(dimensions, 0);
    ck_assert_ptr_null(ssldyn_result_array(result, "F", &dimensions, found));
    ssldyn_result_free(result);
}
END_TEST

START_TEST(an_overflowing_size_is_out_of_memory)
{
    struct ssldyn_result *result = make();
    struct ssldyn_error err;
    const size_t shape[] = {SIZE_MAX / 2, 3};
    ck_assert_ptr_null(ssldyn_result_put_array(result, "huge", 2, shape));
    ssldyn_result_put(result, "later", 1.0);
    ck_assert_int_eq(ssldyn_result_check(result, &err), SSLDYN_ENOMEM);
    ck_assert_uint_eq(ssldyn_result_array_count(result), 0);
    ssldyn_result_free(result);
}
END_TEST

START_TEST(rows_one_after_another)
{
    enum { ROWS = 200 };
    static const char *const names[] = {"p", "s", "dp"};
    struct ssldyn_result *result = make();
    struct ssldyn_error err;
    double column[ROWS];

    ck_assert_ptr_null(ssldyn_result_rows(result));
    ck_assert_int_eq(ssldyn_result_column(result, "p", column, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "no rows"));
    ssldyn_result_put_columns(result, 3, names);
    for (int i = 0; i < ROWS; i++) {
        ssldyn_result_put_row(result, (double[]){i, 2.0 * i, 3.0 * i});
    }
    ck_assert_uint_eq(ssldyn_result_row_count(result), ROWS);
    ck_assert_uint_eq(ssldyn_result_column_count(result), 3);
    ck_assert_str_eq(ssldyn_result_column_name(result, 2), "dp");
    ck_assert_ptr_null(ssldyn_result_column_name(result, 3));
    ck_assert_int_eq(ssldyn_result_column(result, "dp", column, &err), SSLDYN_OK);
    ck_assert(column[ROWS - 1] == 3.0 * (ROWS - 1));
    ck_assert(ssldyn_result_rows(result)[3 * 17 + 1] == 34.0);
    ck_assert_int_eq(ssldyn_result_column(result, "q", column, &err), SSLDYN_EINPUT);
    ck_assert_str_eq(err.message, "column q: does not exist; the columns are p, s, dp");
    ssldyn_result_free(result);
}
END_TEST

static const struct ssldyn_column scalars[] = {{"t", "time"}, {"loss", "loss"}};
static const struct ssldyn_column per_mode[] = {{"p", "p"}, {"s", "s"}};
static const struct ssldyn_layout layout = {scalars, 2, per_mode, 2, NULL, NULL};

/* A run of 2 rows and a table, with 2 x 2 matrices and no target. */
static void run(struct ssldyn_sink *sink)
{
    const struct ssldyn_sink_table table = {"half", "half of each"};
    const struct ssldyn_snapshot_shapes shapes = {.Wp = 2, .F = 2, .W_rows = 2, .W_columns = 3};
    const struct ssldyn_sink_shape shape = {&layout, 2, 5, shapes, 1, &table};
    const double square[] = {1, 2, 3, 4};
    const double wide[] = {1, 2, 3, 4, 5, 6};
    ck_assert_int_eq(ssldyn_sink_open(sink, &shape, NULL), SSLDYN_OK);
    for (int i = 0; i < 2; i++) {
        const double row[] = {0.5 * i, 10 + i, 1, 2, 3, 40 + i};
        const struct ssldyn_frame frame = {.t = 0.5 * i, .Wp = square, .W = wide, .F = square};
        const double half[] = {0.25 * i, 5 + 0.5 * i, 0.5, 1, 1.5, 20 + 0.5 * i};
        ck_assert_int_eq(ssldyn_sink_row(sink, row, NULL), SSLDYN_OK);
        ck_assert_int_eq(ssldyn_sink_tables(sink, half, NULL), SSLDYN_OK);
        ck_assert_int_eq(ssldyn_sink_snapshot(sink, &frame, NULL), SSLDYN_OK);
    }
    ck_assert_int_eq(ssldyn_sink_close(sink, NULL), SSLDYN_OK);
}

START_TEST(rows_of_a_run)
{
    struct ssldyn_result *result = make();
    struct ssldyn_run_memory memory;
    double column[2];
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];

    ssldyn_run_memory_init(&memory, true);
    run(&memory.sink);
    ssldyn_result_take_rows(result, &memory);
    ck_assert_ptr_null(memory.rows);
    ck_assert_ptr_null(memory.Wp);
    ck_assert_uint_eq(ssldyn_result_row_count(result), 2);
    ck_assert_uint_eq(ssldyn_result_column_count(result), 6);
    ck_assert_str_eq(ssldyn_result_column_name(result, 0), "t");
    ck_assert_str_eq(ssldyn_result_column_name(result, 5), "s_2");
    ck_assert_int_eq(ssldyn_result_column(result, "s_2", column, NULL), SSLDYN_OK);
    ck_assert(column[0] == 40.0 && column[1] == 41.0);
    ck_assert_int_eq(ssldyn_result_column(result, "s_3", column, NULL), SSLDYN_EINPUT);
    ck_assert_uint_eq(ssldyn_result_array_count(result), 5); /* t, Wp, W, F, half */
    const double *t = ssldyn_result_array(result, "t", &dimensions, shape);
    ck_assert(dimensions == 1 && shape[0] == 2 && t[0] == 0.0 && t[1] == 0.5);
    const double *W = ssldyn_result_array(result, "W", &dimensions, shape);
    ck_assert(dimensions == 3 && shape[0] == 2 && shape[1] == 2 && shape[2] == 3);
    ck_assert(W[6 + 5] == 6.0);
    ck_assert_ptr_null(ssldyn_result_array(result, "Wa", &dimensions, shape));
    const double *half = ssldyn_result_array(result, "half", &dimensions, shape);
    ck_assert(dimensions == 2 && shape[0] == 2 && shape[1] == 6);
    ck_assert(half[5] == 20.0 && half[6 + 5] == 20.5);
    ssldyn_result_free(result);
    ssldyn_run_memory_clear(&memory);
}
END_TEST

START_TEST(a_run_that_never_began_has_no_rows)
{
    struct ssldyn_result *result = make();
    struct ssldyn_run_memory memory;
    ssldyn_run_memory_init(&memory, true);
    ssldyn_result_take_rows(result, &memory);
    ck_assert_uint_eq(ssldyn_result_row_count(result), 0);
    ck_assert_uint_eq(ssldyn_result_array_count(result), 0);
    ck_assert_int_eq(ssldyn_result_check(result, NULL), SSLDYN_OK);
    ssldyn_result_free(result);
}
END_TEST

static enum ssldyn_status note_directory(const struct ssldyn_result *result, const void *context,
                                         const char *directory, struct ssldyn_error *err)
{
    ck_assert(ssldyn_result_value(result, "a") == 1.0);
    strcpy(*(char *const *)context, directory);
    (void)err;
    return SSLDYN_OK;
}

static void release(void *context)
{
    strcat(*(char **)context, ", released");
}

START_TEST(a_result_knows_how_it_is_written)
{
    struct ssldyn_result *result = make();
    char said[64] = "";
    char *where = said;
    ck_assert_int_eq(ssldyn_result_write(result, "out", NULL), SSLDYN_EINPUT);
    ssldyn_result_put(result, "a", 1.0);
    ssldyn_result_set_writer(result, note_directory, &where, release);
    ck_assert_int_eq(ssldyn_result_write(result, "out", NULL), SSLDYN_OK);
    ck_assert_str_eq(said, "out");
    ssldyn_result_free(result);
    ck_assert_str_eq(said, "out, released");
    ssldyn_result_free(NULL);
}
END_TEST

TEST_SUITE(result)
{
    tcase_add_test(tests, values_by_name_and_in_order);
    tcase_add_test(tests, numbered_values_are_an_array);
    tcase_add_test(tests, many_values);
    tcase_add_test(tests, texts_are_shown_where_they_belong);
    tcase_add_test(tests, arrays_keep_their_shape);
    tcase_add_test(tests, an_overflowing_size_is_out_of_memory);
    tcase_add_test(tests, rows_one_after_another);
    tcase_add_test(tests, rows_of_a_run);
    tcase_add_test(tests, a_run_that_never_began_has_no_rows);
    tcase_add_test(tests, a_result_knows_how_it_is_written);
}
