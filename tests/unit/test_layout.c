/* Columns by name, and the lists of the traces: every row of them is complete. */
// SPDX-License-Identifier: MIT
#include "sim/align/align.h"
#include "sim/io/layout.h"
#include "sim/observe/layout_matrix.h"
#include "sim/observe/layout_modes.h"
#include "tests/suite.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct ssldyn_layout *const layouts[] = {
    &ssldyn_layout_matrix, &ssldyn_layout_modes,         &ssldyn_layout_lowdim,
    &ssldyn_layout_align,  &ssldyn_layout_align_sampled, &ssldyn_layout_align_cosine};
enum { LAYOUTS = sizeof layouts / sizeof layouts[0], MODES = 12 };

/* A word of lower-case letters, digits and underscores that does not end in a number: _1 marks a
 * mode. */
static void expect_column(const struct ssldyn_column *column)
{
    ck_assert_ptr_nonnull(column->name);
    ck_assert_ptr_nonnull(column->meaning);
    ck_assert_msg(strlen(column->meaning) > 0, "%s has no meaning", column->name);
    ck_assert(islower((unsigned char)column->name[0]));
    for (const char *c = column->name; *c != '\0'; c++)
        ck_assert_msg(islower((unsigned char)*c) || *c == '_' || isdigit((unsigned char)*c), "%s",
                      column->name);
    const char *number = strrchr(column->name, '_');
    ck_assert(number == NULL || !isdigit((unsigned char)number[1]));
}

START_TEST(rows_of_the_lists_are_complete_and_names_unique)
{
    const struct ssldyn_layout *layout = layouts[_i];
    for (size_t i = 0; i < layout->scalar_count; i++) {
        expect_column(&layout->scalars[i]);
        ck_assert_uint_eq(ssldyn_layout_find(layout, 0, layout->scalars[i].name), i);
    }
    for (size_t i = 0; i < layout->per_mode_count; i++) {
        char name[64];
        expect_column(&layout->per_mode[i]);
        (void)snprintf(name, sizeof name, "%s_%d", layout->per_mode[i].name, MODES);
        ck_assert_uint_eq(ssldyn_layout_find(layout, MODES, name),
                          ssldyn_layout_width(layout, MODES) - layout->per_mode_count + i);
    }
    ck_assert_str_eq(layout->scalars[0].name, "t");
}
END_TEST

START_TEST(columns_are_found_by_name)
{
    static const char *const missing[] = {"",    "T",     "p",    "p_0",  "p_01",
                                          "p_3", "p_1_1", "p_1x", "t_1",  "no_such",
                                          "_1",  "p_",    "p_+1", "p_ 1", "p_99999999999999999999"};
    const struct ssldyn_layout *layout = &ssldyn_layout_modes;
    double row[64];
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++)
        ck_assert_msg(ssldyn_layout_find(layout, 2, missing[i]) == SIZE_MAX, "%s", missing[i]);
    for (size_t i = 0; i < 64; i++)
        row[i] = (double)i;
    ck_assert_double_eq(ssldyn_layout_scalar(layout, row, "t"), 0.0);
    ck_assert_double_eq(ssldyn_layout_scalar(&ssldyn_layout_matrix, row, "tau"),
                        (double)SSLDYN_MATRIX_TAU);
    ck_assert_double_nan(ssldyn_layout_scalar(layout, row, "p"));
}
END_TEST

/* Columns of two modes that users read: by name, but also in this order. Other columns may be added
 * between them. */
static void expect_promised(const struct ssldyn_layout *layout, const char *names)
{
    size_t next = 0;
    char words[400];
    char *rest = words;
    snprintf(words, sizeof words, "%s", names);
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        const size_t at = ssldyn_layout_find(layout, 2, word);
        ck_assert_msg(at != SIZE_MAX && at >= next, "%s", word);
        next = at + 1;
    }
}

START_TEST(promised_columns_exist)
{
    expect_promised(&ssldyn_layout_modes, "t p_1 s_1 tau_1 c_1 k_1 p_2 s_2 tau_2 c_2 k_2");
    expect_promised(&ssldyn_layout_lowdim, "t p_1 s_1 tau_1 c_1 k_1 wp_1 w_1 wa_1 p_2");
    expect_promised(&ssldyn_layout_matrix,
                    "t step loss norm_w norm_wp tau corr_wa_w balance commutator asymmetry "
                    "lambda_min_k s_1 p_1 cos_1 wpe_1 s_2 p_2 cos_2 wpe_2");
    for (size_t i = 0; i < 2; i++)
        expect_promised(
            i == 0 ? &ssldyn_layout_align : &ssldyn_layout_align_sampled,
            "lambda_min_k effective_rank participation rankme alive slope slope_low "
            "slope_high residual alpha_p turn negative upper slope_upper delta_bic cosine "
            "variance mean_share s_1 wpe_1 c_1 se_1 mode_1 s_2");
    expect_promised(&ssldyn_layout_align_sampled,
                    "mean_share effective_predictor_share effective_predictor_share_error s_1 "
                    "mode_1 se_p_1 se_cos_1 s_2");
}
END_TEST

START_TEST(enumerators_are_the_positions)
{
    const struct ssldyn_layout *layout = &ssldyn_layout_matrix;
    ck_assert_uint_eq(ssldyn_layout_find(layout, 3, "tau"), SSLDYN_MATRIX_TAU);
    ck_assert_uint_eq(ssldyn_layout_find(layout, 3, "lambda_min_k"), SSLDYN_MATRIX_LAMBDA_MIN_K);
    ck_assert_uint_eq(ssldyn_layout_find(layout, 3, "cos_3"),
                      ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_COS, 2));
    ck_assert_uint_eq(ssldyn_layout_width(layout, 3),
                      ssldyn_layout_matrix_at((enum ssldyn_matrix_mode)0, 3));
}
END_TEST

TEST_SUITE(layout)
{
    tcase_add_loop_test(tests, rows_of_the_lists_are_complete_and_names_unique, 0, LAYOUTS);
    tcase_add_test(tests, columns_are_found_by_name);
    tcase_add_test(tests, promised_columns_exist);
    tcase_add_test(tests, enumerators_are_the_positions);
}
