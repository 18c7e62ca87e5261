/* Plateau and tail of a spectrum: exact broken power laws, usable modes, and spectra of trained
 * networks, whose tables come with SSLDYN_DATA. */
// SPDX-License-Identifier: MIT
#include "sim/align/plateau.h"
#include "sim/io/trace.h"
#include "sim/random/stream.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_vector.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { MODES = 128, ALL = 40 };

static double s[MODES];
static double p[MODES];
static double scratch[2 * MODES];

/* ALL modes, s from 3 down by 20 % each: p = .4 s^upper to the break, .4 s_b^(upper - lower)
 * s^lower beyond, with s_b between the modes on both sides of it. */
static double lay_out(size_t plateau, double upper, double lower)
{
    for (size_t j = 0; j < ALL; j++)
        s[j] = 3.0 * pow(0.8, (double)j);
    const double corner = plateau < ALL ? sqrt(s[plateau - 1] * s[plateau]) : 1.0;
    for (size_t j = 0; j < ALL; j++)
        p[j] = 0.4 * pow(corner, upper) * pow(s[j] / corner, j < plateau ? upper : lower);
    return corner;
}

/* The tail of freely decaying modes has slope K/2 for K layers, the plateau slope 0. */
START_TEST(a_plateau_and_its_tail_are_found)
{
    static const struct {
        size_t plateau;
        double upper, lower;
    } cases[] = {{25, 0.0, 1.0}, {6, 0.15, 0.5}, {34, 0.2, 1.5}};
    const double corner = lay_out(cases[_i].plateau, cases[_i].upper, cases[_i].lower);
    struct ssldyn_plateau found;
    ssldyn_plateau_find(ALL, s, p, false, 0.0, scratch, &found);
    ck_assert_uint_eq(found.usable, ALL);
    ck_assert(found.broken);
    ck_assert_uint_eq(ssldyn_plateau_count(&found), cases[_i].plateau);
    CHECK_CLOSE(found.plateau.fit.slope, cases[_i].upper, 1e-12, 1e-13);
    CHECK_CLOSE(found.tail.fit.slope, cases[_i].lower, 1e-12, 0.0);
    CHECK_CLOSE(found.s, corner, 1e-12, 0.0);
    CHECK_CLOSE(found.tail.height, log(0.4) + (cases[_i].upper - cases[_i].lower) * log(corner),
                1e-11, 1e-11);
    CHECK_CLOSE(found.plateau.height, log(0.4), 1e-11, 0.0);
    if (cases[_i].upper == 0.0)
        CHECK_CLOSE(found.spread, 0.0, 0.0, 1e-14);
}
END_TEST

START_TEST(one_line_has_no_tail)
{
    struct ssldyn_plateau found;
    lay_out(ALL, 0.5, 0.5);
    ssldyn_plateau_find(ALL, s, p, false, 0.0, scratch, &found);
    ck_assert(!found.broken);
    ck_assert_uint_eq(ssldyn_plateau_count(&found), ALL);
    CHECK_CLOSE(found.one.fit.slope, 0.5, 1e-12, 0.0);
    ck_assert_double_nan(found.bic);
    ssldyn_plateau_find(0, s, p, false, 0.0, scratch, &found);
    ck_assert_uint_eq(found.usable, 0);
    ck_assert_double_nan(found.one.fit.slope);
    ck_assert_double_nan(found.spread);
}
END_TEST

START_TEST(noise_is_not_fitted)
{
    struct ssldyn_plateau found;
    lay_out(25, 0.1, 1.0);
    p[3] = -0.2;
    p[4] = 0.0;
    p[5] = (double)NAN;
    ssldyn_plateau_find(ALL, s, p, false, 0.0, scratch, &found);
    ck_assert_uint_eq(found.usable, ALL - 3);
    ck_assert_uint_eq(ssldyn_plateau_count(&found), 22);
    ssldyn_plateau_find(ALL, s, p, false, 1.0000001 * p[35], scratch, &found);
    ck_assert_uint_eq(found.usable, 35 - 3);
    s[33] = 3.0 * 0x1p-26; /* and all modes after it: what single precision may leave of 0 */
    for (size_t j = 34; j < ALL; j++)
        s[j] = -1e-9;
    ssldyn_plateau_find(ALL, s, p, false, 0.0, scratch, &found);
    ck_assert_uint_eq(found.usable, 33 - 3);
}
END_TEST

/* Slopes, break and sums of squares of four networks trained with the cosine loss on CIFAR-10, by
 * another program, to its digits. */
START_TEST(trained_networks_have_both)
{
    static const struct {
        const char *run;
        double epoch;
        double plateau, tail;
        size_t count;
        double one, two;
        bool broken;      /* beyond what sorting explains: one of them is undecided */
        double digits[4]; /* half of the last digit of plateau, tail, one, two */
    } rows[] = {
        {"byol", 75, .210, .96, 49, 25.0, 1.8, true, {5e-4, 5e-3, .05, .05}},
        {"byol", 100, .195, .82, 58, 21.0, 1.5, true, {5e-4, 5e-3, .05, .05}},
        {"byol_symmetric_predictor", 50, .210, .97, 86, 30, .37, true, {5e-4, 5e-3, .5, 5e-3}},
        {"byol_symmetric_predictor", 75, .147, .99, 91, 49, .50, true, {5e-4, 5e-3, .5, 5e-3}},
        {"byol_symmetric_predictor", 100, .137, .73, 101, 47, 1.8, true, {5e-4, 5e-3, .5, .05}},
        {"simsiam", 50, .152, .78, 24, 18, 2.8, false, {5e-4, 5e-3, .5, .05}},
        {"simsiam", 75, .137, .75, 26, 16, 2.9, true, {5e-4, 5e-3, .5, .05}},
        {"simsiam", 100, .120, .44, 27, 29, 1.9, true, {5e-4, 5e-3, .5, .05}},
        {"simsiam_symmetric_predictor", 75, .18, .86, 6, 17, 2.3, true, {5e-3, 5e-3, .5, .05}}};
    const char *data = getenv("SSLDYN_DATA");
    if (data == NULL) {
        fputs("plateau: SSLDYN_DATA is not set: spectra of trained networks are skipped\n", stderr);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[1024];
        struct ssldyn_table table;
        struct ssldyn_error err = {SSLDYN_OK, ""};
        struct ssldyn_plateau found;
        size_t row = 0;
        (void)snprintf(path, sizeof path, "%s/kth-cifar10/%s.tsv", data, rows[i].run);
        ck_assert_msg(ssldyn_table_read_foreign(path, &table, &err) == SSLDYN_OK, "%s",
                      err.message);
        const size_t epoch = ssldyn_table_column(&table, "epoch");
        while (ssldyn_table_value(&table, row, epoch) != rows[i].epoch)
            ck_assert_uint_lt(++row, table.rows);
        for (size_t j = 0; j < MODES; j++) {
            char name[16];
            (void)snprintf(name, sizeof name, "s_%zu", j + 1);
            s[j] = ssldyn_table_value(&table, row, ssldyn_table_column(&table, name));
            (void)snprintf(name, sizeof name, "wpe_%zu", j + 1);
            p[j] = ssldyn_table_value(&table, row, ssldyn_table_column(&table, name));
        }
        ssldyn_table_clear(&table);
        ssldyn_plateau_find(MODES, s, p, true, 1e-4, scratch, &found);
        ck_assert_int_eq(found.broken, rows[i].broken);
        ck_assert_uint_eq(found.best, rows[i].count);
        CHECK_CLOSE(found.plateau.fit.slope, rows[i].plateau, 0.0, rows[i].digits[0]);
        CHECK_CLOSE(found.tail.fit.slope, rows[i].tail, 0.0, rows[i].digits[1]);
        CHECK_CLOSE(found.squares[0], rows[i].one, 0.0, rows[i].digits[2]);
        CHECK_CLOSE(found.squares[1], rows[i].two, 0.0, rows[i].digits[3]);
    }
}
END_TEST

/* Straight lines with normal scatter of log p, 1,000 seeds; then with p sorted, as eigenvalues are,
 * which makes the residuals smooth: the plain criterion then usually finds a break by chance. */
START_TEST(chance_makes_no_tail)
{
    enum { SEEDS = 1000, COUNT = 64 };
    static const double slopes[] = {0.2, 0.5, 1.0};
    /* for the plain criterion: the flatter the line, the more sorted noise is in p */
    static const size_t common[] = {9 * SEEDS / 10, SEEDS / 2, SEEDS / 5};
    size_t chance = 0;
    size_t sorted = 0;
    size_t plain = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct ssldyn_stream stream;
        struct ssldyn_plateau found;
        double noise[COUNT];
        ssldyn_stream_init(&stream, seed, (uint32_t)_i, SSLDYN_PURPOSE_BATCH);
        ssldyn_stream_normal(&stream, COUNT, noise);
        for (size_t j = 0; j < COUNT; j++) {
            s[j] = exp(2.0 - 8.0 * (double)j / (COUNT - 1));
            p[j] = exp(slopes[_i] * log(s[j]) + 0.3 * noise[j]);
        }
        ssldyn_plateau_find(COUNT, s, p, false, 0.0, scratch, &found);
        chance += found.broken;
        gsl_sort(p, 1, COUNT);
        gsl_vector_view falling = gsl_vector_view_array(p, COUNT);
        gsl_vector_reverse(&falling.vector);
        ssldyn_plateau_find(COUNT, s, p, true, 0.0, scratch, &found);
        sorted += found.broken;
        plain += ssldyn_line_break_bic(COUNT, found.squares[0], found.squares[1]) > 10.0;
    }
    fprintf(
        stderr,
        "plateau: slope %g: of %d straight lines %zu broken, with p sorted %zu (%zu without the "
        "correlation)\n",
        slopes[_i], SEEDS, chance, sorted, plain);
    ck_assert_uint_le(chance, 1);
    ck_assert_uint_le(sorted, SEEDS / 100);
    ck_assert_uint_ge(plain, common[_i]);
}
END_TEST

TEST_SUITE(plateau)
{
    tcase_add_loop_test(tests, a_plateau_and_its_tail_are_found, 0, 3);
    tcase_add_test(tests, one_line_has_no_tail);
    tcase_add_test(tests, noise_is_not_fitted);
    tcase_add_test(tests, trained_networks_have_both);
    tcase_add_loop_test(tests, chance_makes_no_tail, 0, 3);
}
