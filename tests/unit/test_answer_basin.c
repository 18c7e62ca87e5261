/* ssldyn basin in memory: values, rows and their file; saving later writes what the command line
 * writes; results found before a stop are kept. */
// SPDX-License-Identifier: MIT
#include "sim/answer/basin.h"

#include "sim/base/watch.h"
#include "sim/flow/basin.h"
#include "sim/io/file.h"
#include "tests/answer_run.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/suite.h"
#include "theory/fate.h"

#include <math.h>

enum { OPTIONS = 24, TEXT = 1 << 20 };

static enum ssldyn_status run(const char *const options[], bool keep, const char *directory,
                              char remarks[], struct ssldyn_result **result,
                              struct ssldyn_error *err)
{
    return answer_run(ssldyn_answer_basin, SSLDYN_COMMAND_BASIN, options, keep, directory, remarks,
                      result, err);
}

static struct ssldyn_result *ask(const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    ck_assert_msg(run(options, true, NULL, NULL, &result, &err) == SSLDYN_OK, "%s", err.message);
    return result;
}

static const char *const fold[] = {"model", "parabola", "tau", "1",         "sigma2",
                                   "0.25",  "p0",       "0.6", "threshold", "eta",
                                   "lo",    "0.01",     "hi",  "0.3",       NULL};

/* On the parabola, within the basin up to the fold: the fate flips at tau^2/(4c) = 0.2. */
START_TEST(a_threshold_is_a_value_and_a_row)
{
    struct ssldyn_result *result = ask(fold);
    CHECK_CLOSE(ssldyn_result_value(result, "threshold"), 0.2, 1e-15, 0.0);
    ck_assert_str_eq(ssldyn_result_word(result, "threshold_change"), "survives -> collapsed");
    ck_assert_str_eq(ssldyn_result_word(result, "fate_at_lo"), "survives");
    ck_assert_str_eq(ssldyn_result_word(result, "fate_at_hi"), "collapsed");
    ck_assert(ssldyn_result_value(result, "thresholds") == 1.0);
    ck_assert_uint_eq(ssldyn_result_row_count(result), 1);
    ck_assert(answer_cell(result, 0, "threshold") == ssldyn_result_value(result, "threshold"));
    ck_assert(answer_cell(result, 0, "width") == ssldyn_result_value(result, "threshold_width"));
    ck_assert(answer_cell(result, 0, "mechanism") == SSLDYN_BASIN_FOLD);
    ck_assert(answer_cell(result, 0, "below") == SSLDYN_FATE_SURVIVES);
    ck_assert(answer_cell(result, 0, "above") == SSLDYN_FATE_COLLAPSED);
    ck_assert(answer_cell(result, 0, "low") <= 0.2 && answer_cell(result, 0, "high") >= 0.2);
    ssldyn_result_free(result);
}
END_TEST

/* Off the parabola the fate is not monotone in the start: several thresholds with the same name,
 * one row each. */
START_TEST(several_thresholds_are_rows)
{
    struct ssldyn_result *result = ask((const char *const[]){
        "model", "modes", "threshold", "p0", "s0", "0.01", "tau", "1", "eta", "0.1", "lo", "0",
        "hi", "2", "scan", "100", "derivatives", "true", NULL});
    const size_t count = ssldyn_result_row_count(result);
    size_t lines = 0;
    ck_assert_uint_ge(count, 2);
    ck_assert(ssldyn_result_value(result, "thresholds") == (double)count);
    for (size_t i = 0; i < ssldyn_result_value_count(result); i++) {
        lines += strcmp(ssldyn_result_value_name(result, i), "threshold") == 0;
    }
    ck_assert_uint_eq(lines, count);
    ck_assert(ssldyn_result_value(result, "threshold") == answer_cell(result, 0, "threshold"));
    ck_assert(ssldyn_result_value(result, "threshold_derivative_eta") ==
              answer_cell(result, 0, "derivative_eta"));
    for (size_t i = 1; i < count; i++) {
        ck_assert(answer_cell(result, i - 1, "threshold") < answer_cell(result, i, "threshold"));
        ck_assert(answer_cell(result, i - 1, "above") == answer_cell(result, i, "below"));
    }
    ssldyn_result_free(result);
}
END_TEST

/* The derivative of a threshold in each knob is the difference quotient of its neighbors. That
 * quotient is off by about the square of their relative distance, at most 6.3e-8 of it, and by the
 * widths of the thresholds, at most 2e-8. */
START_TEST(derivatives_are_those_of_the_thresholds)
{
    static const struct {
        const char *axis, *values, *column;
        double between; /* the outer ones */
    } knobs[] = {{"axis.beta", "list:0.3999,0.4,0.4001", "derivative_beta", 2e-4},
                 {"axis.eta", "list:0.03999,0.04,0.04001", "derivative_eta", 2e-5},
                 {"axis.sigma2", "list:0.0008,0.0009,0.001", "derivative_sigma2", 2e-4}};
    enum { KNOBS = sizeof knobs / sizeof knobs[0] };
    static const char *const fixed[KNOBS][2] = {
        {"beta", "0.4"}, {"eta", "0.04"}, {"sigma2", "0.0009"}};
    const char *options[OPTIONS] = {
        "model", "parabola", "tau0", "0",  "threshold",   "p0",   "lo",           "0.02",
        "hi",    "0.2",      "scan", "16", "derivatives", "true", knobs[_i].axis, knobs[_i].values};
    size_t count = 16;
    for (int k = 0; k < KNOBS; k++) {
        if (k != _i) {
            options[count++] = fixed[k][0];
            options[count++] = fixed[k][1];
        }
    }
    struct ssldyn_result *result = ask(options);
    ck_assert_uint_eq(ssldyn_result_row_count(result), 3);
    const double rise = answer_cell(result, 2, "threshold") - answer_cell(result, 0, "threshold");
    CHECK_CLOSE(answer_cell(result, 1, knobs[_i].column), rise / knobs[_i].between, 1e-7, 0.0);
    ssldyn_result_free(result);
}
END_TEST

/* A threshold in a start does not depend on the unit of time: with lambda_s = 1 + sigma2 and
 * lambda_d = 1, lambda_d d/dlambda_d + lambda_s d/dlambda_s + eta d/deta + beta d/dbeta of it is 0,
 * up to ten steps at the integration tolerance of 1e-13. */
START_TEST(derivatives_do_not_depend_on_the_unit_of_time)
{
    struct ssldyn_result *result = ask((const char *const[]){
        "model", "parabola", "tau0", "0",    "threshold", "p0",          "lo",
        "0.02",  "hi",       "0.2",  "scan", "16",        "derivatives", "true",
        "beta",  "0.4",      "eta",  "0.04", "sigma2",    "0.0009",      NULL});
    const double eta = ssldyn_result_value(result, "threshold_derivative_eta");
    const double sum = ssldyn_result_value(result, "threshold_derivative_lambda_d") +
                       1.0009 * ssldyn_result_value(result, "threshold_derivative_sigma2") +
                       0.04 * eta + 0.4 * ssldyn_result_value(result, "threshold_derivative_beta");
    CHECK_CLOSE(sum, 0.0, 0.0, 1e-12 * eta);
    CHECK_CLOSE(answer_cell(result, 0, "derivative_eta_p") +
                    answer_cell(result, 0, "derivative_eta_s"),
                eta, 1e-15, 0.0);
    ssldyn_result_free(result);
}
END_TEST

static const struct {
    const char *file;
    const char *options[OPTIONS];
} files[] = {
    {"separatrix.tsv", {"model", "modes", "no-ema", "true", "eta", "0.1", NULL}},
    {"margins.tsv", {"model", "modes", "p0", "0.3", "s0", "0.1", "margins", "true", NULL}},
    {"thresholds.tsv",
     {"model", "modes", "threshold", "p0", "axis.s0", "0.005:0.015:3", "tau", "1", "eta", "0.1",
      "lo", "0", "hi", "2", "scan", "50", NULL}},
};
enum { FILES = sizeof files / sizeof files[0] };

/* Every line of the file that is neither a comment nor the header equals a row, number by
 * number. */
static void check_rows(const struct ssldyn_result *result, char text[])
{
    const size_t columns = ssldyn_result_column_count(result);
    const double *rows = ssldyn_result_rows(result);
    size_t line = 0;
    char *rest = NULL;
    for (char *row = strtok_r(text, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
        char *cells = NULL;
        size_t k = 0;
        if (row[0] == '#') {
            continue;
        }
        for (char *word = strtok_r(row, "\t", &cells); word; word = strtok_r(NULL, "\t", &cells)) {
            ck_assert_uint_lt(k, columns);
            if (line == 0) {
                ck_assert_str_eq(word, ssldyn_result_column_name(result, k));
            } else {
                const double value = rows[(line - 1) * columns + k];
                ck_assert(strtod(word, NULL) == value || isnan(value));
            }
            k++;
        }
        ck_assert_uint_eq(k, columns);
        line++;
    }
    ck_assert_uint_eq(line, ssldyn_result_row_count(result) + 1);
}

/* Saved later, the files have the bytes that the command line writes directly. */
START_TEST(what_is_saved_is_what_is_written)
{
    static char written[TEXT];
    static char saved[TEXT];
    static char both[TEXT];
    char directory[SCRATCH_PATH];
    char later[SCRATCH_PATH];
    char twice[SCRATCH_PATH];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    ck_assert_int_eq(
        run(files[_i].options, false, scratch_path(directory, "written"), NULL, &result, &err),
        SSLDYN_OK);
    char *printed = answer_printed(result);
    ck_assert_str_eq(ssldyn_result_text(result, "directory"), directory);
    ssldyn_result_free(result);
    result = ask(files[_i].options);
    char *kept = answer_printed(result);
    ck_assert_str_eq(printed, kept);
    ck_assert_int_eq(ssldyn_file_make_directory(scratch_path(later, "saved"), NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_result_write(result, later, &err), SSLDYN_OK);
    answer_file(directory, files[_i].file, written, TEXT);
    answer_file(later, files[_i].file, saved, TEXT);
    ck_assert_str_eq(saved, written);
    ck_assert_str_eq(ssldyn_result_text(result, files[_i].file), written);
    check_rows(result, saved);
    ssldyn_result_free(result);
    ck_assert_int_eq(run(files[_i].options, true, scratch_path(twice, "both"), NULL, &result, &err),
                     SSLDYN_OK);
    answer_file(twice, files[_i].file, both, TEXT);
    ck_assert_str_eq(both, written);
    ck_assert_uint_gt(ssldyn_result_row_count(result), 0);
    ssldyn_result_free(result);
    answer_file(directory, "spec.conf", written, TEXT);
    answer_file(later, "spec.conf", saved, TEXT);
    ck_assert_str_eq(saved, written);
    free(printed);
    free(kept);
}
END_TEST

/* The values of each part equal the lines that the program prints. */
START_TEST(values_are_the_lines_of_the_program)
{
    static const char *const parts[][OPTIONS] = {
        {"model", "modes", "threshold", "eta", "p0", "0.1", "s0", "0.05", "tau0", "0.5", "lo", "0",
         "hi", "0.3", NULL},
        {"model", "modes", "threshold", "train-ema", "lo", "0.9", "hi", "1", "train-lr", "0.05",
         "train-weight-decay", "0.1", NULL},
        {"model", "modes", "threshold", "eta-s", "eta-p", "0.1", "p0", "1e6", "s0", "1e12", "tau0",
         "1", "lo", "0.01", "hi", "0.3", "scan", "65", NULL}};
    struct ssldyn_result *result = ask(parts[_i]);
    answer_check_program(result, "basin", parts[_i]);
    answer_check_lines(result);
    ssldyn_result_free(result);
}
END_TEST

START_TEST(margins_are_values_and_a_row)
{
    struct ssldyn_result *result = ask(files[1].options);
    ck_assert_str_eq(ssldyn_result_word(result, "fate"), "survives");
    ck_assert_uint_eq(ssldyn_result_row_count(result), 1);
    ck_assert(answer_cell(result, 0, "mode") == 1.0 &&
              answer_cell(result, 0, "fate") == SSLDYN_FATE_SURVIVES);
    ck_assert(ssldyn_result_value(result, "x_sigma2") == 21.0);
    ck_assert(answer_cell(result, 0, "x_sigma2") == 21.0 &&
              answer_cell(result, 0, "there_sigma2") == 5.25);
    ck_assert(answer_cell(result, 0, "kind_sigma2") == 1.0);
    ck_assert_str_eq(ssldyn_result_word(result, "mechanism_sigma2"), "fold");
    ck_assert(ssldyn_result_value(result, "x_eta") == answer_cell(result, 0, "x_eta"));
    ssldyn_result_free(result);
}
END_TEST

/* The saddle is one of its points, to rounding, and the whole curve lies above the axis s = 0. */
START_TEST(the_separatrix_is_rows)
{
    struct ssldyn_result *result = ask(files[0].options);
    const size_t count = ssldyn_result_row_count(result);
    double nearest = (double)INFINITY;
    ck_assert_uint_gt(count, 100);
    ck_assert(ssldyn_result_value(result, "points") == (double)count);
    for (size_t i = 0; i < count; i++) {
        const double dp = answer_cell(result, i, "p") - ssldyn_result_value(result, "p_saddle");
        const double ds = answer_cell(result, i, "s") - ssldyn_result_value(result, "s_saddle");
        nearest = fmin(nearest, hypot(dp, ds));
        CHECK_CLOSE(exp(answer_cell(result, i, "ln_s")), answer_cell(result, i, "s"), 1e-15,
                    1e-300);
    }
    ck_assert_msg(nearest < 1e-15, "%g from the saddle", nearest);
    ck_assert(ssldyn_result_value(result, "eigenvalue_along") < 0.0);
    ssldyn_result_free(result);
}
END_TEST

/* The remarks, which the numbers do not contain. */
START_TEST(remarks_on_the_way)
{
    char remarks[ANSWER_REMARKS];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    const char *const undecided[] = {"model", "modes", "threshold", "eta-s", "eta-p", "0.1", "p0",
                                     "1e6",   "s0",    "1e12",      "tau0",  "1",     "lo",  "0.01",
                                     "hi",    "0.3",   "scan",      "65",    NULL};
    ck_assert_int_eq(run(undecided, true, NULL, remarks, &result, &err), SSLDYN_OK);
    ck_assert_msg(strstr(remarks, "warning: ") != NULL && strstr(remarks, "stayed undecided"), "%s",
                  remarks);
    ssldyn_result_free(result);
    ck_assert_int_eq(run(fold, true, NULL, remarks, &result, &err), SSLDYN_OK);
    ck_assert_str_eq(remarks, "");
    ssldyn_result_free(result);
}
END_TEST

static int stop(void *context, const char *what, double done, double total)
{
    (void)context;
    (void)what;
    (void)done;
    (void)total;
    return 1;
}

/* Rows that were found before the stop; points that were not examined are not counted. */
START_TEST(a_stop_keeps_what_was_found)
{
    const bool keep = _i == 0;
    static char text[TEXT];
    char directory[SCRATCH_PATH];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    struct ssldyn_watch *watch = ssldyn_watch_begin(stop, NULL);
    ck_assert_ptr_nonnull(watch);
    const enum ssldyn_status status =
        run(files[2].options, keep, keep ? NULL : scratch_path(directory, "stopped"), NULL, &result,
            &err);
    ssldyn_watch_end(watch);
    ck_assert_msg(status == SSLDYN_EINTERRUPTED, "%s", err.message);
    ck_assert_msg(strstr(err.message, "1 of 3 points") != NULL, "%s", err.message);
    ck_assert_uint_eq(ssldyn_result_value_count(result), 0);
    if (keep) {
        ck_assert_uint_gt(ssldyn_result_row_count(result), 0);
        ck_assert(answer_cell(result, 0, "s0") == 0.005);
    } else {
        answer_file(directory, "thresholds.tsv", text, TEXT);
        ck_assert_ptr_nonnull(strstr(text, "\n0.005\t"));
    }
    ssldyn_result_free(result);
}
END_TEST

START_TEST(refused_before_any_output)
{
    static const struct {
        const char *said;
        const char *options[OPTIONS];
    } refused[] = {
        {"needs a model with modes", {"axis.eta", "0:1:3", NULL}},
        {"must name a rate or a start",
         {"model", "modes", "threshold", "rtol", "lo", "0", "hi", "1", NULL}},
        {"is also an axis",
         {"model", "modes", "threshold", "eta", "axis.eta", "0:0.3:3", "lo", "0.01", "hi", "0.3",
          NULL}},
        {"do not fit",
         {"model", "modes", "threshold", "eta", "lo", "0.01", "hi", "0.3", "axis.p0",
          "0:1:10000000", "axis.s0", "0:1:10000000", NULL}},
        {"there is no saddle", {"model", "modes", "no-ema", "true", "eta", "1", NULL}},
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        struct ssldyn_error err = {SSLDYN_OK, ""};
        struct ssldyn_result *result = NULL;
        ck_assert_int_ne(run(refused[i].options, true, NULL, NULL, &result, &err), SSLDYN_OK);
        ck_assert_msg(strstr(err.message, refused[i].said) != NULL, "%s", err.message);
        ck_assert_uint_eq(ssldyn_result_value_count(result), 0);
        ck_assert_uint_eq(ssldyn_result_row_count(result), 0);
        ssldyn_result_free(result);
    }
}
END_TEST

TEST_SUITE(answer_basin)
{
    tcase_add_test(tests, a_threshold_is_a_value_and_a_row);
    tcase_add_test(tests, several_thresholds_are_rows);
    tcase_add_loop_test(tests, derivatives_are_those_of_the_thresholds, 0, 3);
    tcase_add_test(tests, derivatives_do_not_depend_on_the_unit_of_time);
    tcase_add_loop_test(tests, what_is_saved_is_what_is_written, 0, FILES);
    tcase_add_loop_test(tests, values_are_the_lines_of_the_program, 0, 3);
    tcase_add_test(tests, margins_are_values_and_a_row);
    tcase_add_test(tests, the_separatrix_is_rows);
    tcase_add_test(tests, remarks_on_the_way);
    tcase_add_loop_test(tests, a_stop_keeps_what_was_found, 0, 2);
    tcase_add_test(tests, refused_before_any_output);
}
