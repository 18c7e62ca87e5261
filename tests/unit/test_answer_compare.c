/* ssldyn compare in memory: values, curves as rows, tables of several runs; saving later writes
 * what the command line writes; a ladder without a directory leaves no files. */
// SPDX-License-Identifier: MIT
#include "sim/answer/compare.h"

#include "sim/io/file.h"
#include "tests/answer_run.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <dirent.h>
#include <math.h>

enum { TEXT = 1 << 20, RUNS = 3 };

static void write_file(const char *directory, const char *name, const char *text)
{
    char path[SCRATCH_PATH + 64];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    scratch_write(path, text, strlen(text));
}

/* Runs 0, 1, 2: loss 1 2 3, 1.5 2.5 3.5 and 2 3 4 at t = 0, 1, 2, of eta 0.1, 0.2 and 0.3. */
static void make_runs(char places[RUNS][SCRATCH_PATH])
{
    for (int i = 0; i < RUNS; i++) {
        char name[16];
        char text[200];
        snprintf(name, sizeof name, "run%d", i);
        scratch_path(places[i], name);
        ck_assert_int_eq(ssldyn_file_make_directory(places[i], NULL), SSLDYN_OK);
        snprintf(text, sizeof text, "# ssldyn trace 1\nt\tloss\n0\t%g\n1\t%g\n2\t%g\n",
                 1.0 + 0.5 * i, 2.0 + 0.5 * i, 3.0 + 0.5 * i);
        write_file(places[i], "trace.tsv", text);
        snprintf(text, sizeof text,
                 "# ssldyn spec 1\nversion = 0.1.0\ncommand = flow\nmodel = modes\neta = 0.%d\n",
                 i + 1);
        write_file(places[i], "spec.conf", text);
    }
}

/* Compares the first runs. */
static enum ssldyn_status compare(char places[RUNS][SCRATCH_PATH], size_t count, bool keep,
                                  const char *directory, struct ssldyn_result **result,
                                  struct ssldyn_error *err)
{
    struct ssldyn_spec spec;
    ck_assert_int_eq(ssldyn_spec_init(&spec, SSLDYN_COMMAND_COMPARE, err), SSLDYN_OK);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(ssldyn_settings_add_operand(&spec.given, places[i], err), SSLDYN_OK);
    }
    ck_assert_int_eq(ssldyn_spec_prepare(&spec, err), SSLDYN_OK);
    return answer_spec(ssldyn_answer_compare, &spec, keep, directory, NULL, result, err);
}

/* They differ by 0.5 at every time; the largest value is 3.5. */
START_TEST(two_runs)
{
    char places[RUNS][SCRATCH_PATH];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    make_runs(places);
    ck_assert_msg(compare(places, 2, true, NULL, &result, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert(ssldyn_result_value(result, "t_from") == 0.0);
    ck_assert(ssldyn_result_value(result, "rows") == 3.0);
    ck_assert(ssldyn_result_value(result, "loss.largest") == 0.5);
    CHECK_CLOSE(ssldyn_result_value(result, "loss.relative"), 0.5 / 3.5, 1e-15, 0.0);
    ck_assert(isnan(ssldyn_result_value(result, "loss.inside"))); /* no ensemble */
    ck_assert_str_eq(ssldyn_result_word(result, "settings"), "eta 0.1 0.2");
    ck_assert_ptr_nonnull(
        strstr(ssldyn_result_word(result, "verdict"), "different: gaps up to 14.3 %"));
    ck_assert_uint_eq(ssldyn_result_row_count(result), 3);
    ck_assert_str_eq(ssldyn_result_column_name(result, 0), "t");
    for (size_t i = 0; i < 3; i++) {
        ck_assert(answer_cell(result, i, "t") == (double)i);
        ck_assert(answer_cell(result, i, "loss_a") == 1.0 + (double)i);
        ck_assert(answer_cell(result, i, "loss_b") == 1.5 + (double)i);
        ck_assert(answer_cell(result, i, "loss_gap") == 0.5);
    }
    answer_check_lines(result);
    ssldyn_result_free(result);
}
END_TEST

/* For two and for three runs: saved later, the bytes are those of the command line's directory. */
START_TEST(what_is_saved_is_what_is_written)
{
    static char written[TEXT];
    static char saved[TEXT];
    static const char *const names[] = {"trace.tsv", "runs.tsv"};
    char places[RUNS][SCRATCH_PATH];
    char directory[SCRATCH_PATH];
    char later[SCRATCH_PATH];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    make_runs(places);
    const size_t count = (size_t)_i + 2;
    ck_assert_int_eq(compare(places, count, false, scratch_path(directory, "gap"), &result, &err),
                     SSLDYN_OK);
    ssldyn_result_free(result);
    ck_assert_int_eq(compare(places, count, true, NULL, &result, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_file_make_directory(scratch_path(later, "later"), NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_result_write(result, later, &err), SSLDYN_OK);
    answer_file(directory, names[_i], written, TEXT);
    answer_file(later, names[_i], saved, TEXT);
    ck_assert_str_eq(saved, written);
    answer_file(directory, "spec.conf", written, TEXT);
    answer_file(later, "spec.conf", saved, TEXT);
    ck_assert_str_eq(saved, written);
    ssldyn_result_free(result);
}
END_TEST

/* One table: the command line prints it, and its numbers are rows. */
START_TEST(several_runs)
{
    char places[RUNS][SCRATCH_PATH];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    make_runs(places);
    ck_assert_int_eq(compare(places, RUNS, true, NULL, &result, &err), SSLDYN_OK);
    ck_assert_uint_eq(ssldyn_result_value_count(result), 0);
    ck_assert_uint_eq(ssldyn_result_row_count(result), RUNS);
    for (size_t i = 0; i < RUNS; i++) {
        ck_assert(answer_cell(result, i, "eta") == 0.1 * (double)(i + 1) ||
                  fabs(answer_cell(result, i, "eta") - 0.1 * (double)(i + 1)) < 1e-15);
        ck_assert(answer_cell(result, i, "t_end") == 2.0);
        ck_assert(answer_cell(result, i, "loss_end") == 3.0 + 0.5 * (double)i);
    }
    ck_assert_int_eq(ssldyn_result_column(result, "run", (double[RUNS]){0}, NULL), SSLDYN_EINPUT);
    const char *table = ssldyn_result_text(result, "runs.tsv");
    ck_assert_ptr_nonnull(strstr(table, "run\teta\tt_end\tloss_end\n"));
    char *printed = answer_printed(result);
    ck_assert_str_eq(printed, "");
    free(printed);
    ssldyn_result_free(result);
    ck_assert_int_eq(compare(places, RUNS, false, NULL, &result, &err), SSLDYN_OK);
    printed = answer_printed(result);
    ck_assert_str_eq(printed, ssldyn_result_text(result, "runs.tsv"));
    ck_assert_uint_eq(ssldyn_result_row_count(result), 0);
    free(printed);
    ssldyn_result_free(result);
}
END_TEST

START_TEST(refused)
{
    char places[RUNS][SCRATCH_PATH];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *result = NULL;
    make_runs(places);
    ck_assert_int_eq(compare(places, 0, true, NULL, &result, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "no run given"));
    ssldyn_result_free(result);
    ck_assert_int_eq(compare(places, 1, true, NULL, &result, &err), SSLDYN_EINPUT);
    ck_assert_ptr_nonnull(strstr(err.message, "is one run"));
    ck_assert_uint_eq(ssldyn_result_value_count(result), 0);
    ssldyn_result_free(result);
}
END_TEST

/* The number of entries of a directory. */
static int entries(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);
    ck_assert_ptr_nonnull(directory);
    while (readdir(directory)) {
        count++;
    }
    closedir(directory);
    return count;
}

/* In memory a ladder gives the numbers of one that is written, and no files. */
START_TEST(a_ladder_in_memory)
{
    char top[SCRATCH_PATH];
    char file[SCRATCH_PATH + 32];
    char output[SCRATCH_PATH];
    char place[SCRATCH_PATH];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *kept = NULL;
    struct ssldyn_result *written = NULL;
    ck_assert_int_eq(ssldyn_file_make_directory(scratch_path(top, "conf"), NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_file_make_directory(scratch_path(place, "tmp"), NULL), SSLDYN_OK);
    write_file(top, "ladder.conf",
               "n1 = 6\nn2 = 3\nbeta = 0.4\neta = 0.04\ninit_wa = copy\nseed = 1\nt_end = 5\n"
               "samples = 10\nlr = 0.05\nbatch = 16\n");
    snprintf(file, sizeof file, "%s/ladder.conf", top);
    const char *const options[] = {"ladder", file, NULL};
    ck_assert_int_eq(setenv("TMPDIR", place, 1), 0);
    ck_assert_msg(answer_run(ssldyn_answer_compare, SSLDYN_COMMAND_COMPARE, options, true, NULL,
                             NULL, &kept, &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_int_eq(entries(place), 2); /* itself and its parent */
    ck_assert_msg(answer_run(ssldyn_answer_compare, SSLDYN_COMMAND_COMPARE, options, false,
                             scratch_path(output, "ladder"), NULL, &written, &err) == SSLDYN_OK,
                  "%s", err.message);
    char *in_memory = answer_printed(kept);
    char *on_disk = answer_printed(written);
    ck_assert_str_eq(in_memory, on_disk);
    ck_assert(ssldyn_result_value(kept, "map.s_largest") > 0.0);
    ck_assert(ssldyn_result_value(kept, "m4.s_total") > 0.0);
    ck_assert_uint_eq(ssldyn_result_row_count(kept), 11);
    ck_assert(answer_cell(kept, 0, "t") == 0.0 && answer_cell(kept, 10, "s_gap_map") >= 0.0);
    ck_assert_ptr_nonnull(strstr(ssldyn_result_text(kept, "report"), "the costliest assumption"));
    ck_assert_int_eq(ssldyn_result_write(kept, output, &err),
                     SSLDYN_EINPUT); /* its runs are deleted */
    free(in_memory);
    free(on_disk);
    ssldyn_result_free(kept);
    ssldyn_result_free(written);
}
END_TEST

TEST_SUITE(answer_compare)
{
    tcase_add_test(tests, two_runs);
    tcase_add_loop_test(tests, what_is_saved_is_what_is_written, 0, 2);
    tcase_add_test(tests, several_runs);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, a_ladder_in_memory);
}
