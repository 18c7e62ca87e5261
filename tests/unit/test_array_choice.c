/* Selection among the arrays of a file, and suggestions if there is no match. */
// SPDX-License-Identifier: MIT
#include "sim/io/array_choice.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct file {
    size_t count;
    const char *names[5];
    size_t rows[5], columns[5]; /* 0 columns: a vector of rows numbers; 0 rows: not numeric */
} files[] = {
    {3, {"encoder.weight", "predictor.weight", "predictor.bias"}, {3, 3, 3}, {4, 3, 0}},
    {2, {"net/Wp", "net/bias"}, {3, 3}, {3, 0}},
    {4,
     {"model.head.weight", "ema.head.weight", "module.p._orig_mod.weight", "state"},
     {2, 2, 3, 0},
     {2, 2, 3, 0}},
    {2, {"w", "w"}, {2, 3}, {2, 3}},
};

static bool shape(const void *context, size_t i, struct ssldyn_array *array)
{
    const struct file *file = context;
    *array = (struct ssldyn_array){.dimensions = file->columns[i] > 0 ? 2 : 1,
                                   .shape = {file->rows[i], file->columns[i]}};
    return file->rows[i] > 0;
}

static const struct {
    size_t file;
    const char *wanted;
    int choice; /* -1: none */
    const char *words;
} cases[] = {
    {0, "predictor.weight", 1, NULL},
    {0, "predictor/weight", 1, NULL},
    {0, "module.predictor.weight", 1, NULL},
    {0, "bias", 2, NULL},
    {0, "weight", -1, "several arrays match the name 'weight'"},
    {0, "predictor.wieght", -1,
     "the closest of 3: predictor.weight (3 x 3), predictor.bias (3); it also contains "
     "encoder.weight "
     "(3 x 4)"},
    {0, NULL, -1, "choose one as FILE:NAME among predictor.weight (3 x 3)"},
    {1, NULL, 0, NULL}, /* the role Wp as the end of a name */
    {1, "net.Wp", 0, NULL},
    {1, "et.Wp", -1, "the closest of 2: net/Wp (3 x 3)"},
    {2, "head.weight", 0, NULL}, /* model. may be omitted, ema. is a different network */
    {2, "ema.head.weight", 1, NULL},
    {2, "p.weight", 2, NULL},
    {2, "stat", -1, "state (no numbers that can be read)"},
    {3, "w", 1, NULL}, /* of equal names the last */
};

START_TEST(the_intended_array_is_found)
{
    const struct file *file = &files[cases[_i].file];
    const struct ssldyn_candidates candidates = {"file", file->count, file->names, shape, file};
    const struct ssldyn_need need = {
        .option = "--wp", .role = "Wp", .least = 2, .most = 3, .square = true};
    size_t index = 99;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const enum ssldyn_status status =
        ssldyn_array_choice(&candidates, cases[_i].wanted, &need, &index, &err);
    if (cases[_i].choice >= 0) {
        ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
        ck_assert_uint_eq(index, (size_t)cases[_i].choice);
        return;
    }
    ck_assert_int_eq(status, SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, cases[_i].words) != NULL, "%s", err.message);
}
END_TEST

/* Hundreds of long names: the nearest is shown, and the message is not too long. */
START_TEST(long_lists_are_truncated)
{
    enum { COUNT = 300 };
    static char text[COUNT][160];
    const char *names[COUNT];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    size_t index = 0;
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(text[i], sizeof text[i], "layer%zu.%0*d.weight", i, 100, 7);
        names[i] = text[i];
    }
    names[211] = "predictor.weight";
    const struct ssldyn_candidates candidates = {"file", COUNT, names, NULL, NULL};
    ck_assert_int_eq(ssldyn_array_choice(&candidates, "predictor.wight", NULL, &index, &err),
                     SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "the closest of 300: predictor.weight"));
    ck_assert_uint_lt(strlen(err.message), 500);
    ck_assert_ptr_nonnull(strstr(err.message, ", ..."));
}
END_TEST

TEST_SUITE(pick)
{
    tcase_add_loop_test(tests, the_intended_array_is_found, 0,
                        (int)(sizeof cases / sizeof cases[0]));
    tcase_add_test(tests, long_lists_are_truncated);
}
