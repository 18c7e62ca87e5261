/* Arrays in memory as values of ssldyn's options: names, what replaces them, spec.conf. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include <check.h>
#include <string.h>
#include <sys/stat.h>

static const double data[4] = {0.5, 0.1, 0.1, 0.25};
static const size_t shape[2] = {2, 2};

static void init(struct ssldyn_spec *spec, enum ssldyn_command command)
{
    ck_assert_int_eq(ssldyn_spec_init(spec, command, NULL), SSLDYN_OK);
}

static void set_array(struct ssldyn_spec *spec, const char *name, const double entries[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_spec_array(spec, name, 2, shape, entries, &err) == SSLDYN_OK, "%s",
                  err.message);
}

static void set_text(struct ssldyn_spec *spec, const char *name, const char *text)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_spec_set(spec, name, text, name, &err) == SSLDYN_OK, "%s", err.message);
}

/* The option's name, with dashes or underscores, and its mathematical symbol. */
START_TEST(known_by_two_names)
{
    static const struct {
        enum ssldyn_command command;
        const char *name, *option;
    } cases[] = {{SSLDYN_COMMAND_FLOW, "init-w", "init-w"},
                 {SSLDYN_COMMAND_FLOW, "init_w", "init-w"},
                 {SSLDYN_COMMAND_FLOW, "W", "init-w"},
                 {SSLDYN_COMMAND_FLOW, "Wp", "init-wp"},
                 {SSLDYN_COMMAND_FLOW, "Wa", "init-wa"},
                 {SSLDYN_COMMAND_FLOW, "init_wa", "init-wa"},
                 {SSLDYN_COMMAND_FLOW, "F", "init-f"},
                 {SSLDYN_COMMAND_FLOW, "X", "x"},
                 {SSLDYN_COMMAND_FLOW, "Xprime", "xprime"},
                 {SSLDYN_COMMAND_SGD, "W", "init-w"},
                 {SSLDYN_COMMAND_SGD, "data", "data"},
                 {SSLDYN_COMMAND_BASIN, "Wp", "init-wp"},
                 {SSLDYN_COMMAND_SWEEP, "Wa", "init-wa"},
                 {SSLDYN_COMMAND_THEORY, "X", "x"},
                 {SSLDYN_COMMAND_THEORY, "W", "init-w"},
                 {SSLDYN_COMMAND_ALIGN, "W", "w"},
                 {SSLDYN_COMMAND_ALIGN, "w", "w"},
                 {SSLDYN_COMMAND_ALIGN, "Wp", "wp"},
                 {SSLDYN_COMMAND_ALIGN, "Wa", "wa"},
                 {SSLDYN_COMMAND_ALIGN, "F", "f"},
                 {SSLDYN_COMMAND_ALIGN, "X", "x"},
                 {SSLDYN_COMMAND_ALIGN, "xprime", "xprime"},
                 {SSLDYN_COMMAND_ALIGN, "features", "features"},
                 {SSLDYN_COMMAND_ALIGN, "outputs", "outputs"},
                 {SSLDYN_COMMAND_ALIGN, "mean", "mean"},
                 {SSLDYN_COMMAND_ALIGN, "t", "times"},
                 {SSLDYN_COMMAND_ALIGN, "times", "times"},
                 {SSLDYN_COMMAND_MOMENTS, "data", "data"}};
    struct ssldyn_spec spec;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        init(&spec, cases[i].command);
        set_array(&spec, cases[i].name, data);
        const struct ssldyn_array_view *view = ssldyn_spec_memory(&spec, cases[i].option);
        ck_assert_msg(view != NULL, "%s", cases[i].name);
        ck_assert_ptr_eq(view->data, data);
        ck_assert(ssldyn_spec_given(&spec, cases[i].option));
        ssldyn_spec_clear(&spec);
    }
}
END_TEST

START_TEST(other_names_are_refused)
{
    static const struct {
        enum ssldyn_command command;
        const char *name, *word;
    } cases[] = {
        {SSLDYN_COMMAND_FLOW, "eta",
         "--eta: takes no array; these do: --x (X), --xprime (Xprime), --sxx (Sxx), --syx (Syx), "
         "--syy (Syy), --init-w (W), --init-wp (Wp), --init-f (F), --init-wa (Wa)"},
        {SSLDYN_COMMAND_FLOW, "init_x", "--init_x: unknown option; did you mean --init-"},
        {SSLDYN_COMMAND_FLOW, "features", "--features: is not an option of ssldyn flow"},
        {SSLDYN_COMMAND_COMPARE, "W", "--W: unknown option"},
        {SSLDYN_COMMAND_SGD, "F", "--F: unknown option"},
        {SSLDYN_COMMAND_MOMENTS, "X", "--X: unknown option"},
    };
    struct ssldyn_spec spec;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    init(&spec, cases[_i].command);
    ck_assert_int_eq(ssldyn_spec_array(&spec, cases[_i].name, 2, shape, data, &err), SSLDYN_EINPUT);
    ck_assert_msg(strncmp(err.message, cases[_i].word, strlen(cases[_i].word)) == 0, "%s",
                  err.message);
    ck_assert_uint_eq(spec.given.arrays.count, 0);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* The last value given counts: a file replaces an array, an array another, a default both. */
START_TEST(the_last_value_counts)
{
    static const double other[4] = {1.0, 0.0, 0.0, 1.0};
    struct ssldyn_spec spec;
    init(&spec, SSLDYN_COMMAND_FLOW);
    set_array(&spec, "W", data);
    set_array(&spec, "init_w", other);
    ck_assert_uint_eq(spec.given.arrays.count, 1);
    ck_assert_ptr_eq(ssldyn_spec_memory(&spec, "init-w")->data, other);
    /* the label itself, typed as a value, is the name of a file */
    set_text(&spec, "init-w", SSLDYN_ARRAY_LABEL);
    ck_assert_ptr_null(ssldyn_spec_memory(&spec, "init-w"));
    set_array(&spec, "Wa", data);
    ck_assert_int_eq(spec.problem.init_wa, SSLDYN_TARGET_FILE);
    set_text(&spec, "init-wa", "copy");
    ck_assert_ptr_null(ssldyn_spec_memory(&spec, "init-wa"));
    ck_assert_ptr_null(spec.init_wa_file);
    set_array(&spec, "X", data);
    ck_assert_int_eq(ssldyn_settings_reset(&spec.given, ssldyn_option_find("x"), NULL), SSLDYN_OK);
    ck_assert_ptr_null(ssldyn_spec_memory(&spec, "x"));
    ck_assert_ptr_null(spec.x_file);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* The layers of a predictor, in memory and in files, keep their order. */
START_TEST(layers_are_counted)
{
    struct ssldyn_spec spec;
    init(&spec, SSLDYN_COMMAND_ALIGN);
    set_array(&spec, "Wp", data);
    set_text(&spec, "wp", "b.npy");
    set_array(&spec, "wp", data);
    ck_assert_str_eq(spec.align.wp, SSLDYN_ARRAY_LABEL "\nb.npy\n" SSLDYN_ARRAY_LABEL);
    ck_assert_ptr_nonnull(ssldyn_arrays_find(&spec.given.arrays, "wp", 0));
    ck_assert_ptr_null(ssldyn_arrays_find(&spec.given.arrays, "wp", 1));
    ck_assert_ptr_nonnull(ssldyn_arrays_find(&spec.given.arrays, "wp", 2));
    ssldyn_spec_clear(&spec);
}
END_TEST

/* Sizes follow from the shapes, and contradictions are reported with the name of the option. */
START_TEST(sizes_come_from_shapes)
{
    static const double wide[8] = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0};
    struct ssldyn_spec spec;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    init(&spec, SSLDYN_COMMAND_FLOW);
    ck_assert_int_eq(ssldyn_spec_array(&spec, "W", 2, (const size_t[]){2, 4}, wide, &err),
                     SSLDYN_OK);
    if (_i == 0) {
        ck_assert_msg(ssldyn_spec_prepare(&spec, &err) == SSLDYN_OK, "%s", err.message);
        ck_assert_int_eq(spec.problem.n1, 4);
        ck_assert_int_eq(spec.problem.n2, 2);
    } else {
        ck_assert_int_eq(ssldyn_spec_array(
                             &spec, "Wp", 2,
                             _i == 1 ? (const size_t[]){4, 2} : (const size_t[]){1, 1}, wide, &err),
                         SSLDYN_OK);
        ck_assert_int_eq(ssldyn_spec_prepare(&spec, &err), SSLDYN_EINPUT);
        ck_assert_msg(strstr(err.message, _i == 1 ? "--init-wp (array): has the shape 4 x 2; a "
                                                    "square matrix is needed"
                                                  : "--init-w (array): is 2 x 4 (n2 x n1), but "
                                                    "--init-wp is 1 x 1") == err.message,
                      "%s", err.message);
    }
    ssldyn_spec_clear(&spec);
}
END_TEST

/* spec.conf names the files in its directory, from which the same spec is read even after the
 * directory was moved; a spec.conf written from that spec names them as well. */
START_TEST(kept_with_spec_conf)
{
    char first[SCRATCH_PATH];
    char second[SCRATCH_PATH];
    char path[SCRATCH_PATH + 32];
    char text[4096];
    char again[4096];
    struct ssldyn_spec spec;
    struct ssldyn_spec back;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(mkdir(scratch_path(first, "kept"), 0777), 0);
    ck_assert_int_eq(mkdir(scratch_path(second, "kept-again"), 0777), 0);
    init(&spec, SSLDYN_COMMAND_FLOW);
    set_array(&spec, "W", data);
    set_array(&spec, "Wa", data);
    ck_assert_int_eq(ssldyn_spec_prepare(&spec, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_spec_write(&spec, first, &err) == SSLDYN_OK, "%s", err.message);
    (void)snprintf(path, sizeof path, "%s/spec.conf", first);
    (void)scratch_read(path, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "\ninit_w = @/given_init_w.npy\n"));
    ck_assert_ptr_nonnull(strstr(text, "\ninit_wa = @/given_init_wa.npy\n"));
    ck_assert_msg(ssldyn_spec_load(&back, first, &err) == SSLDYN_OK, "%s", err.message);
    (void)snprintf(path, sizeof path, "%s/given_init_w.npy", first);
    ck_assert_str_eq(back.init_w, path);
    ck_assert_ptr_null(ssldyn_spec_memory(&back, "init-w"));
    ck_assert_int_eq(back.problem.n2, 2);
    ck_assert_msg(ssldyn_spec_write(&back, second, &err) == SSLDYN_OK, "%s", err.message);
    (void)snprintf(path, sizeof path, "%s/spec.conf", second);
    (void)scratch_read(path, again, sizeof again);
    ck_assert_str_eq(again, text);
    (void)snprintf(path, sizeof path, "%s/given_init_wa.npy", second);
    ck_assert(scratch_exists(path));
    ssldyn_spec_clear(&spec);
    ssldyn_spec_clear(&back);
}
END_TEST

/* Several layers are one line, of arrays and files. */
START_TEST(layers_are_written)
{
    char text[4096] = "";
    struct ssldyn_spec spec;
    init(&spec, SSLDYN_COMMAND_ALIGN);
    set_array(&spec, "Wp", data);
    set_text(&spec, "wp", "b c.npy");
    set_array(&spec, "wp", data);
    set_array(&spec, "F", data);
    FILE *stream = fmemopen(text, sizeof text, "w");
    ssldyn_spec_print(&spec, stream);
    fclose(stream);
    ck_assert_ptr_nonnull(
        strstr(text, "\nwp = \"@/given_wp.npy\" \"b c.npy\" \"@/given_wp_3.npy\"\n"));
    ck_assert_ptr_nonnull(strstr(text, "\nf = @/given_f.npy\n"));
    ssldyn_spec_clear(&spec);
}
END_TEST

/* A copy of a spec that owns its arrays does not need the original. */
START_TEST(a_spec_can_keep_them)
{
    double own[4] = {0.5, 0.1, 0.1, 0.25};
    struct ssldyn_spec spec;
    struct ssldyn_spec copy;
    init(&spec, SSLDYN_COMMAND_FLOW);
    set_array(&spec, "W", own);
    ck_assert_int_eq(ssldyn_spec_copy(&spec, &copy, NULL), SSLDYN_OK);
    ck_assert_ptr_eq(ssldyn_spec_memory(&copy, "init-w")->data, own);
    ck_assert_int_eq(ssldyn_spec_keep(&copy, NULL), SSLDYN_OK);
    memset(own, 0, sizeof own);
    ssldyn_spec_clear(&spec);
    ck_assert_mem_eq(ssldyn_spec_memory(&copy, "init-w")->data, data, sizeof data);
    ssldyn_spec_clear(&copy);
}
END_TEST

TEST_SUITE(settings_array)
{
    tcase_add_test(tests, known_by_two_names);
    tcase_add_loop_test(tests, other_names_are_refused, 0, 6);
    tcase_add_test(tests, the_last_value_counts);
    tcase_add_test(tests, layers_are_counted);
    tcase_add_loop_test(tests, sizes_come_from_shapes, 0, 3);
    tcase_add_test(tests, kept_with_spec_conf);
    tcase_add_test(tests, layers_are_written);
    tcase_add_test(tests, a_spec_can_keep_them);
}
