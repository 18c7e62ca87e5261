/* ssldyn theory in memory: its values are the lines of the command line, its tables are rows, and a
 * refusal prints nothing before the message. */
// SPDX-License-Identifier: MIT
#include "sim/answer/theory.h"

#include "sim/ssldyn.h"
#include "tests/answer_run.h"
#include "tests/close.h"
#include "tests/suite.h"
#include "theory/lowdim.h"
#include "theory/modes.h"
#include "theory/parabola.h"

#include <math.h>

enum { OPTIONS = 20 };

static struct ssldyn_result *ask(const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    const enum ssldyn_status status = answer_run(ssldyn_answer_theory, SSLDYN_COMMAND_THEORY,
                                                 options, true, NULL, NULL, &result, &err);
    ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
    return result;
}

/* One case for each part, with all its possible lines. */
static const char *const parts[][OPTIONS] = {
    {"eta", "0.04", "sigma2", "0.25", NULL},
    {"tau", "0.9", "eta", "0.02", "p0", "0.1,0.2", "p-end", "0.65", "t-end", "3", NULL},
    {"beta", "0", NULL},
    {"train-lr", "0.05", "train-momentum", "0.9", "train-weight-decay", "5e-4", "train-ema",
     "0.996", NULL},
    {"eta", "0.1", "lambda-s", "2,1.3,1.1", "lambda-d", "1,0.8,0.3", NULL},
    {"beta", "0", "eta", "0.1", "lambda-s", "2,1.3", "lambda-d", "1,0.8", NULL},
    {"depth", "3", "eta", "0.01", "lambda-s", "2,1.3,1.1", "lambda-d", "1,0.8,0.3", NULL},
    {"depth", "2", "eta", "0.01", "p0", "0.4", "p-end", "0.6", "tau", "1", NULL},
    {"predictor", "directset", "set-power", "1", "epsilon", "0.1", NULL},
    {"predictor", "directpred", "eta", "0.05", NULL},
    {"loss", "iso-l2", "lambda-s", "2,1.3", "lambda-d", "1,0.03", NULL},
    {"loss", "cosine", "lambda-s", "1,1,1", "lambda-d", "1,1,1", "wp0", "1,0.7,2.2", "w0",
     "0.8,0.6,0.3", NULL},
    {"loss", "cosine", "lr", "0.05", "batch", "64", "eta", "0.05", "lambda-s", "1.1,0.4,0.2",
     "lambda-d", "1,0.3,0.1", NULL},
    {"table", "velocity", "p0", "-0.2,0.3,1.2", "eta", "0.1", NULL},
    {"table", "nullclines", "model", "lowdim", "w0", "-1,0.5,2", "wa0", "0.7", NULL},
};
enum { PARTS = sizeof parts / sizeof parts[0] };

/* The program prints the values of the library, in that order. */
START_TEST(values_are_the_lines_of_the_program)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    const enum ssldyn_status status = answer_run(ssldyn_answer_theory, SSLDYN_COMMAND_THEORY,
                                                 parts[_i], false, NULL, NULL, &result, &err);
    ck_assert_msg(status == SSLDYN_OK, "%s", err.message);
    answer_check_program(result, "theory", parts[_i]);
    ssldyn_result_free(result);
    result = ask(parts[_i]);
    const bool table = strcmp(parts[_i][0], "table") == 0;
    ck_assert_int_eq(ssldyn_result_value_count(result) == 0, table);
    ck_assert_int_eq(ssldyn_result_row_count(result) > 0, table);
    answer_check_lines(result);
    ssldyn_result_free(result);
}
END_TEST

/* THEORY section 3: the fold is tau^2/(4c), and p+ and p- are the roots of c p^2 - tau p + eta. */
START_TEST(numbers_to_the_bit_and_words)
{
    struct ssldyn_result *result =
        ask((const char *const[]){"tau", "0.9", "sigma2", "0.3", "eta", "0.1", NULL});
    const double sum =
        ssldyn_result_value(result, "p_plus") + ssldyn_result_value(result, "p_minus");
    CHECK_CLOSE(ssldyn_result_value(result, "eta_fold"), 0.81 / 5.2, 1e-15, 0.0);
    CHECK_CLOSE(sum, 0.9 / 1.3, 1e-15, 0.0);
    ck_assert(ssldyn_result_value(result, "tau") == 0.9);
    ck_assert_str_eq(ssldyn_result_word(result, "kind"), "pair");
    ck_assert(isnan(ssldyn_result_value(result, "kind")));
    ck_assert(isnan(ssldyn_result_value(result, "beta"))); /* with a held target */
    ssldyn_result_free(result);
    result = ask((const char *const[]){"eta", "0.1", "lambda-s", "2,1.3,1.1", "lambda-d",
                                       "1,0.8,0.3", NULL});
    CHECK_CLOSE(ssldyn_result_value(result, "eta_fold_1"), 1.0 / 8.0, 1e-15, 0.0);
    CHECK_CLOSE(ssldyn_result_value(result, "eta_fold_3"), 0.09 / 4.4, 1e-15, 0.0);
    ck_assert(ssldyn_result_value(result, "rank") == 2.0);
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    const double *folds = ssldyn_result_array(result, "eta_fold", &dimensions, shape);
    ck_assert(folds && dimensions == 1 && shape[0] == 3);
    for (int j = 0; j < 3; j++) {
        char name[24];
        snprintf(name, sizeof name, "eta_fold_%d", j + 1);
        ck_assert(folds[j] == ssldyn_result_value(result, name));
    }
    ck_assert_ptr_null(ssldyn_result_array(result, "rank", &dimensions, shape));
    ssldyn_result_free(result);
}
END_TEST

/* For each data mode: M5 is stationary at both fixed points, with a target that has converged. */
START_TEST(networks_are_stationary_at_fixed_points)
{
    struct ssldyn_result *result =
        ask((const char *const[]){"eta", "0.05", "lambda-s", "2,1.3", "lambda-d", "1,0.8", NULL});
    static const double lambda_s[] = {2.0, 1.3};
    static const double lambda_d[] = {1.0, 0.8};
    static const char *const sides[] = {"minus", "plus"};
    double last[2] = {0.0, 0.0};
    for (int j = 0; j < 2; j++) {
        for (int side = 0; side < 2; side++) {
            const struct ssldyn_parameters mode = {.rates = {1.0, 0.4, 0.05, 0.05, 1.0},
                                                   .lambda_s = lambda_s[j],
                                                   .lambda_d = lambda_d[j],
                                                   .stop_grad = true,
                                                   .predictor = true};
            char name[32];
            double rate[3];
            snprintf(name, sizeof name, "wp_%s_%d", sides[side], j + 1);
            const double wp = ssldyn_result_value(result, name);
            snprintf(name, sizeof name, "w_%s_%d", sides[side], j + 1);
            const double w = ssldyn_result_value(result, name);
            ssldyn_lowdim_rhs(&mode, (double[]){wp, w, w}, rate);
            CHECK_CLOSE(fabs(rate[0]) + fabs(rate[1]) + fabs(rate[2]), 0.0, 0.0, 1e-15);
            ck_assert(w > 0.0 && wp > (side == 1 ? last[j] : 0.0)); /* minus is the smaller one */
            last[j] = wp;
        }
    }
    ssldyn_result_free(result);
}
END_TEST

/* The field of M4 on a grid, with s varying fastest; each number is that of theory/. */
START_TEST(a_table_is_rows)
{
    struct ssldyn_result *result =
        ask((const char *const[]){"table", "field", "p0", "-0.2:1.2:8", "s0", "0:1:5", "eta", "0.1",
                                  "sigma2", "0.25", "tau", "0.8", NULL});
    const struct ssldyn_rates rates = {.alpha_p = 1.0, .eta_p = 0.1, .eta_s = 0.1, .c = 1.25};
    ck_assert_uint_eq(ssldyn_result_row_count(result), 40);
    ck_assert_uint_eq(ssldyn_result_column_count(result), 4);
    ck_assert_str_eq(ssldyn_result_column_name(result, 2), "dp");
    for (size_t i = 0; i < 40; i++) {
        const double y[] = {answer_cell(result, i, "p"), answer_cell(result, i, "s")};
        const size_t outer = i / 5;
        double rate[2];
        CHECK_CLOSE(y[0], -0.2 + 0.2 * (double)outer, 0.0, 1e-15);
        CHECK_CLOSE(y[1], 0.25 * (double)(i % 5), 0.0, 1e-15);
        ssldyn_modes_rhs_held(&rates, 0.8, y, rate);
        ck_assert(answer_cell(result, i, "dp") == rate[0] &&
                  answer_cell(result, i, "ds") == rate[1]);
    }
    ck_assert_uint_eq(ssldyn_result_value_count(result), 0);
    ck_assert_ptr_null(ssldyn_result_text(result, "table")); /* the default grid of the command
                                                              * line */
    ssldyn_result_free(result);
}
END_TEST

/* On the parabola dp/dt = 0 at 0 and at both fixed points, which are rows as well. */
START_TEST(fixed_points_are_where_the_velocity_vanishes)
{
    struct ssldyn_result *points = ask((const char *const[]){"table", "fixedpoints", "eta", "0.1",
                                                             "sigma2", "0.25", "tau", "0.9", NULL});
    const struct ssldyn_rates rates = {.alpha_p = 1.0, .eta_p = 0.1, .eta_s = 0.1, .c = 1.25};
    ck_assert_uint_eq(ssldyn_result_row_count(points), 3);
    for (size_t i = 0; i < 3; i++) {
        CHECK_CLOSE(ssldyn_parabola_velocity(&rates, answer_cell(points, i, "p"), 0.9), 0.0, 0.0,
                    1e-16);
        /* p_minus is the saddle */
        ck_assert(answer_cell(points, i, "stable") == (i == 1 ? 0.0 : 1.0));
    }
    ssldyn_result_free(points);
}
END_TEST

/* If X and X' commute the threshold is the largest fold of a mode, lambda_d^2/(4 lambda_s). */
START_TEST(data_in_memory)
{
    enum { N = 3 };
    static const double X[N * N] = {2.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.5};
    static const double Xprime[N * N] = {0.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.5};
    static const size_t shape[] = {N, N};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_request *request = NULL;
    struct ssldyn_result *result = NULL;
    ck_assert_int_eq(ssldyn_request_create("theory", &request, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_number(request, "eta", 0.1, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_array(request, "X", 2, shape, X, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_request_array(request, "Xprime", 2, shape, Xprime, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_request_run(request, &result, &err) == SSLDYN_OK, "%s", err.message);
    CHECK_CLOSE(ssldyn_result_value(result, "eta_c"), 0.4, 1e-14, 0.0); /* an eigenvalue */
    ck_assert(ssldyn_result_value(result, "n1") == N);
    ck_assert(ssldyn_result_value(result, "certified") == 1.0);
    ck_assert(ssldyn_result_value(result, "rank") == 2.0); /* folds 0.4, 0.167 and 0.0625 */
    ssldyn_result_free(result);
    ssldyn_request_free(request);
}
END_TEST

/* A part of the values could be mistaken for all of them. */
static const struct {
    enum ssldyn_status status;
    const char *said; /* a part of the message */
    const char *options[OPTIONS];
} refused[] = {
    {SSLDYN_EINPUT, "--p0: needs --p-end", {"p0", "0.1", NULL}},
    {SSLDYN_EDOMAIN, "no orbit", {"p0", "0.1", "p-end", "-0.7", "tau", "1", NULL}},
    {SSLDYN_EINPUT, "entries", {"lambda-s", "2,1.3", "lambda-d", "1,0.8,0.3", NULL}},
    {SSLDYN_EDOMAIN, "double precision", {"lambda-s", "2,1e-300", "lambda-d", "1,1e200", NULL}},
    {SSLDYN_EINPUT, "needs --x", {"model", "population", NULL}},
    {SSLDYN_EINPUT,
     "two modes or more",
     {"loss", "cosine", "wp0", "1", "w0", "1", "lambda-s", "1", "lambda-d", "1", NULL}},
    {SSLDYN_EDOMAIN,
     "not known",
     {"loss", "cosine", "sigma2", "0", "p0", "-1,-2", "s0", "0.1,0.1", NULL}},
    {SSLDYN_EDOMAIN, "fold leaves", {"depth", "60", "lambda-s", "1e-12", "lambda-d", "1e12", NULL}},
    {SSLDYN_EINPUT, "both are above 0", {"loss", "iso-l2", "eta", "0", NULL}},
    {SSLDYN_EINPUT, "no fixed points", {"predictor", "directset", "beta", "0", NULL}},
    {SSLDYN_EINPUT, "this table needs --s0", {"table", "field", "p0", "0,1", NULL}},
    {SSLDYN_EINPUT, "beyond 1e+70", {"table", "field", "p0", "0,1", "s0", "0,1e80", NULL}},
    {SSLDYN_EINPUT,
     "cannot be combined with --p-end",
     {"table", "velocity", "p0", "0,1", "p-end", "2", NULL}},
};
enum { REFUSED = sizeof refused / sizeof refused[0] };

START_TEST(no_output_before_a_refusal)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    ck_assert_int_eq(answer_run(ssldyn_answer_theory, SSLDYN_COMMAND_THEORY, refused[_i].options,
                                _i % 2 == 0, NULL, NULL, &result, &err),
                     refused[_i].status);
    ck_assert_msg(strstr(err.message, refused[_i].said) != NULL, "%s", err.message);
    ck_assert_uint_eq(ssldyn_result_value_count(result), 0);
    ck_assert_uint_eq(ssldyn_result_row_count(result), 0);
    ck_assert_uint_eq(ssldyn_result_text_count(result), 0);
    ssldyn_result_free(result);
}
END_TEST

TEST_SUITE(answer_theory)
{
    tcase_add_loop_test(tests, values_are_the_lines_of_the_program, 0, PARTS);
    tcase_add_test(tests, numbers_to_the_bit_and_words);
    tcase_add_test(tests, networks_are_stationary_at_fixed_points);
    tcase_add_test(tests, a_table_is_rows);
    tcase_add_test(tests, fixed_points_are_where_the_velocity_vanishes);
    tcase_add_test(tests, data_in_memory);
    tcase_add_loop_test(tests, no_output_before_a_refusal, 0, REFUSED);
}
