/* The option table and specs: the table is consistent, every value survives the round trip through
 * text and spec.conf, sources override each other, files are read exactly. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[64];

static void make_scratch(void)
{
    snprintf(scratch, sizeof scratch, "/tmp/ssldyn-spec-XXXXXX");
    ck_assert(mkdtemp(scratch));
}

static char *path_of(const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", scratch, name);
    return path;
}

static void remove_scratch(void)
{
    static const char *const names[] = {"spec.conf", "file.conf", "long.conf"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        unlink(path_of(names[i], path));
    }
    rmdir(scratch);
}

static struct ssldyn_spec fresh(enum ssldyn_command command)
{
    struct ssldyn_spec spec;
    ck_assert_int_eq(ssldyn_spec_init(&spec, command, NULL), SSLDYN_OK);
    return spec;
}

/* Parses a command line, given as words separated by blanks. */
static enum ssldyn_status parse(struct ssldyn_spec *spec, const char *line,
                                struct ssldyn_error *err)
{
    char text[512];
    char *words[64];
    int count = 0;
    snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok(text, " "); word && count < 64; word = strtok(NULL, " ")) {
        words[count++] = word;
    }
    return ssldyn_settings_parse(&spec->given, count, words, err);
}

static struct ssldyn_spec parsed(enum ssldyn_command command, const char *line)
{
    struct ssldyn_spec spec = fresh(command);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(parse(&spec, line, &err) == SSLDYN_OK, "%s: %s", line, err.message);
    ck_assert_msg(ssldyn_spec_prepare(&spec, &err) == SSLDYN_OK, "%s: %s", line, err.message);
    return spec;
}

/* ---- the table */

START_TEST(rows_are_consistent)
{
    const struct ssldyn_option *option = &ssldyn_options[_i];
    ck_assert(option->name && option->help && option->group && option->commands != 0);
    ck_assert_ptr_eq(ssldyn_option_find(option->name), option); /* no duplicate names */
    ck_assert_msg(strspn(option->name, "abcdefghijklmnopqrstuvwxyz0123456789-") ==
                      strlen(option->name),
                  "%s", option->name);
    const bool flag = option->kind == SSLDYN_OPTION_FLAG || option->kind == SSLDYN_OPTION_NEGATION;
    ck_assert_msg(flag == (option->argument == NULL), "%s: argument", option->name);
    ck_assert_msg(option->help[strlen(option->help) - 1] != '.', "%s: help", option->name);
    const bool choice =
        option->kind == SSLDYN_OPTION_CHOICE || option->kind == SSLDYN_OPTION_CHOICE_OR_FILE;
    ck_assert_msg(choice == (option->choices != NULL), "%s: choices", option->name);
    if (option->kind == SSLDYN_OPTION_DOUBLE || option->kind == SSLDYN_OPTION_INTEGER ||
        option->kind == SSLDYN_OPTION_LIST) {
        ck_assert_msg(option->minimum < option->maximum, "%s: range", option->name);
    }
    for (size_t k = 0; k < SSLDYN_OPTION_NEEDS; k++) {
        ck_assert_msg(!option->needs[k].met == !option->needs[k].why, "%s: needs", option->name);
    }
    for (const char *name = option->replaces; name && *name; name += strspn(name, "|")) {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(name, "|"), name);
        ck_assert_msg(ssldyn_option_find(word) != NULL, "%s replaces %s", option->name, word);
        name += strlen(word);
    }
    for (size_t k = 0; k < ssldyn_options_count; k++) {
        const struct ssldyn_option *other = &ssldyn_options[k];
        ck_assert_msg(k == (size_t)_i || other->offset != option->offset, "%s and %s share a field",
                      option->name, other->name);
        ck_assert_msg(k == (size_t)_i || !option->letter || other->letter != option->letter ||
                          (other->commands & option->commands) == 0,
                      "%s and %s share a letter", option->name, other->name);
    }
}
END_TEST

START_TEST(underscores_are_dashes)
{
    ck_assert_ptr_eq(ssldyn_option_find("alpha_p"), ssldyn_option_find("alpha-p"));
    ck_assert_ptr_nonnull(ssldyn_option_find("alpha_p"));
    ck_assert_ptr_null(ssldyn_option_find("alpha"));
    ck_assert_ptr_null(ssldyn_option_find("alpha-p2"));
    ck_assert_ptr_null(ssldyn_option_find(""));
}
END_TEST

START_TEST(nearest_names)
{
    ck_assert_str_eq(ssldyn_option_nearest("betta", SSLDYN_COMMAND_FLOW), "beta");
    ck_assert_str_eq(ssldyn_option_nearest("sampels", SSLDYN_COMMAND_FLOW), "samples");
    ck_assert_str_eq(ssldyn_option_nearest("alphap", SSLDYN_COMMAND_FLOW), "alpha-p");
    ck_assert_str_eq(ssldyn_option_nearest("log", SSLDYN_COMMAND_FLOW), "log-time");
    ck_assert_ptr_null(ssldyn_option_nearest("zzzzzzzz", SSLDYN_COMMAND_FLOW));
    /* not an option of another command */
    const char *name = ssldyn_option_nearest("strict", SSLDYN_COMMAND_THEORY);
    ck_assert(!name || strcmp(name, "strict") != 0);
}
END_TEST

START_TEST(commands_have_names)
{
    for (unsigned bit = 1; ssldyn_command_name((enum ssldyn_command)bit)[0]; bit <<= 1) {
        ck_assert_uint_eq(ssldyn_command_find(ssldyn_command_name((enum ssldyn_command)bit)), bit);
    }
    ck_assert_uint_eq(ssldyn_command_find("flow"), SSLDYN_COMMAND_FLOW);
    ck_assert_uint_eq(ssldyn_command_find("report"), SSLDYN_COMMAND_REPORT);
    ck_assert_int_eq(ssldyn_command_find("Flow"), 0);
}
END_TEST

/* ---- values */

START_TEST(defaults)
{
    struct ssldyn_spec spec = parsed(SSLDYN_COMMAND_FLOW, "");
    ck_assert_int_eq(spec.problem.model, SSLDYN_MODEL_POPULATION);
    ck_assert(spec.problem.parameters.rates.alpha_p == 1.0 &&
              spec.problem.parameters.rates.beta == 0.4);
    ck_assert(spec.problem.parameters.rates.eta_p == 0.04 &&
              spec.problem.parameters.rates.eta_s == 0.04);
    ck_assert(spec.problem.parameters.rates.c == 1.25);
    ck_assert(spec.problem.parameters.predictor && spec.problem.parameters.stop_grad && spec.ema);
    ck_assert(!spec.problem.parameters.symmetric && !spec.problem.parameters.tau_held);
    ck_assert(spec.problem.n1 == 16 && spec.problem.n2 == 16 &&
              spec.problem.init_scale == 0.25); /* 1/sqrt(16) */
    ck_assert(spec.problem.t_end == 100.0 && spec.problem.samples == 200 &&
              spec.problem.rtol == 1e-9);
    ck_assert_str_eq(spec.problem.stepper, "auto");
    ck_assert(!ssldyn_spec_given(&spec, "eta") && !ssldyn_spec_given(&spec, "nonsense"));
    ssldyn_spec_clear(&spec);
    ssldyn_spec_clear(&spec); /* a second call changes nothing */
}
END_TEST

START_TEST(decays)
{
    static const struct {
        const char *line;
        double eta_p, eta_s;
    } cases[] = {{"--eta 0.3", 0.3, 0.3},
                 {"--eta 0.3 --eta-p 0.2", 0.2, 0.3},
                 {"--eta-s 0 --eta 0.3", 0.3, 0.0},
                 {"--eta-s 0.7", 0.04, 0.7},
                 {"--eta-s 0.7 --eta-p 0.6", 0.6, 0.7}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ssldyn_spec spec = parsed(SSLDYN_COMMAND_FLOW, cases[i].line);
        ck_assert_msg(spec.problem.parameters.rates.eta_p == cases[i].eta_p &&
                          spec.problem.parameters.rates.eta_s == cases[i].eta_s,
                      "%s: %g %g", cases[i].line, spec.problem.parameters.rates.eta_p,
                      spec.problem.parameters.rates.eta_s);
        ssldyn_spec_clear(&spec);
    }
}
END_TEST

START_TEST(a_refused_value_changes_nothing)
{
    static const char *const bad[][2] = {{"beta", "-1"},     {"beta", "x"},     {"n1", "0"},
                                         {"model", "mode"},  {"p0", "1,x"},     {"s0", "-1"},
                                         {"output", "a\nb"}, {"strict", "yes"}, {"seed", "-1"},
                                         {"init-wa", "one"}};
    struct ssldyn_spec spec = fresh(SSLDYN_COMMAND_FLOW);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct ssldyn_option *option = ssldyn_option_find(bad[i][0]);
        char before[64];
        char after[64];
        struct ssldyn_error err = {SSLDYN_OK, ""};
        ssldyn_option_text(&spec, option, before, sizeof before);
        ck_assert_int_eq(ssldyn_spec_set(&spec, bad[i][0], bad[i][1], "here", &err), SSLDYN_EINPUT);
        ck_assert_msg(strncmp(err.message, "here", 4) == 0, "%s", err.message);
        ck_assert_str_eq(ssldyn_option_text(&spec, option, after, sizeof after), before);
        ck_assert(!ssldyn_spec_given(&spec, bad[i][0]));
    }
    ssldyn_spec_clear(&spec);
}
END_TEST

/* Every value can be written to spec.conf and read back. */
START_TEST(axes_are_plain_text)
{
    static const char *const refused[] = {
        "", "0:1:3;", "list:a\"b", "0:1:3 # x", "0:1:3\x1b[2J", "0:1:3\n", "0:1:3\x7f"};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec = fresh(SSLDYN_COMMAND_SWEEP);
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        ck_assert_msg(ssldyn_spec_set(&spec, "axis.eta", refused[i], "--axis.eta", &err) ==
                          SSLDYN_EINPUT,
                      "case %zu was taken", i);
        ck_assert_ptr_null(spec.sweep.axes);
    }
    ssldyn_spec_clear(&spec);
}
END_TEST

START_TEST(copies_are_independent)
{
    struct ssldyn_spec spec = parsed(
        SSLDYN_COMMAND_FLOW, "--model modes --p0 0.1,0.2 --s0 0.3 --output some/where --stepper x");
    struct ssldyn_spec copy;
    ck_assert_int_eq(ssldyn_spec_copy(&spec, &copy, NULL), SSLDYN_OK);
    ck_assert(ssldyn_spec_given(&copy, "p0") && !ssldyn_spec_given(&copy, "tau0"));
    spec.problem.p0.values[1] = 9.0;
    spec.output[0] = 'X';
    ssldyn_spec_clear(&spec);
    ck_assert(copy.problem.p0.count == 2 && copy.problem.p0.values[1] == 0.2);
    ck_assert(copy.problem.s0.count == 2 &&
              copy.problem.s0.values[1] == 0.3); /* one entry for all */
    ck_assert_str_eq(copy.output, "some/where");
    ssldyn_spec_clear(&copy);
}
END_TEST

/* ---- sources */

START_TEST(a_later_source_overrides_what_contradicts_it)
{
    struct ssldyn_spec spec = fresh(SSLDYN_COMMAND_FLOW);
    spec.given.source = SSLDYN_SOURCE_FILE;
    ck_assert_int_eq(ssldyn_spec_set(&spec, "beta", "0.7", "f:1", NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "eta-p", "0.1", "f:2", NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "eta-s", "0.2", "f:3", NULL), SSLDYN_OK);
    spec.given.source = SSLDYN_SOURCE_COMMAND_LINE;
    ck_assert_int_eq(ssldyn_spec_set(&spec, "tau", "0.9", "--tau", NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "eta", "0.5", "--eta", NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_prepare(&spec, NULL), SSLDYN_OK);
    ck_assert(spec.problem.parameters.tau_held && spec.problem.parameters.tau == 0.9);
    ck_assert(spec.problem.parameters.rates.eta_p == 0.5 &&
              spec.problem.parameters.rates.eta_s == 0.5);
    ssldyn_spec_clear(&spec);

    /* within one source both together are a contradiction */
    spec = fresh(SSLDYN_COMMAND_FLOW);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "beta", "0.7", "--beta", NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_set(&spec, "tau", "0.9", "--tau", NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_spec_prepare(&spec, NULL), SSLDYN_EINPUT);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* ---- files */

static void write_file(const char *name, const char *text)
{
    char path[128];
    FILE *stream = fopen(path_of(name, path), "w");
    ck_assert(stream);
    fputs(text, stream);
    ck_assert_int_eq(fclose(stream), 0);
}

static const char *const round_trips[] = {
    "--alpha-p 0.333333333333333333 --beta 1e-300 --eta 1e-17 --sigma2 0.1 --seed "
    "12345678901234567",
    "--model modes --p0 0:1:11 --s0 0.7 --tau0 1 --t-end 1e12 --log-time --samples 17",
    "--model lowdim --lambda-s 1.1 --lambda-d 0.3 --wp0 -1,2 --w0 3 --wa0 0.1,0.2 "
    "--no-predictor=false",
    "--model reduced --closure parabola --tau 0.3 --symmetric --n2 7",
    "--no-ema --no-stop-grad --init-scale 0.3 --n1 5",
    "--predictor directpred --epsilon 0.1 --normalize largest --set-shift 0.2",
    "--init-wa some/file.npy --n1 5 --n2 3 --rtol 1e-5 --atol 1e-20 --stepper radau5 --strict",
    "--init-wa random --eta-p 0.1 --eta-s 0.3",
};

/* The text of every option that applies to the spec. */
static void check_same(const struct ssldyn_spec *a, const struct ssldyn_spec *b)
{
    for (size_t i = 0; i < ssldyn_options_count; i++) {
        const struct ssldyn_option *option = &ssldyn_options[i];
        char one[1024];
        char two[1024];
        if (!ssldyn_settings_applies(&a->given, option, NULL, 0) ||
            strcmp(option->name, "eta") == 0 || strcmp(option->name, "no-ema") == 0) {
            continue;
        }
        ssldyn_option_text(a, option, one, sizeof one);
        ssldyn_option_text(b, option, two, sizeof two);
        ck_assert_msg(strcmp(one, two) == 0, "%s: %s became %s", option->name, one, two);
    }
    ck_assert(memcmp(&a->problem.parameters.rates, &b->problem.parameters.rates,
                     sizeof a->problem.parameters.rates) == 0);
    ck_assert(a->problem.parameters.tau_held == b->problem.parameters.tau_held);
}

START_TEST(spec_conf_makes_the_round_trip)
{
    struct ssldyn_spec spec = parsed(SSLDYN_COMMAND_FLOW, round_trips[_i]);
    struct ssldyn_spec back;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    make_scratch();
    ck_assert_int_eq(ssldyn_spec_write(&spec, scratch, &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_spec_load(&back, scratch, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_eq(back.given.command, SSLDYN_COMMAND_FLOW);
    check_same(&spec, &back);
    check_same(&back, &spec);
    ssldyn_spec_clear(&spec);
    ssldyn_spec_clear(&back);
    remove_scratch();
}
END_TEST

START_TEST(awkward_names_make_the_round_trip)
{
    static const char *const names[] = {"a#b.npy",        " lead.npy",        "trail.npy ",
                                        "q\"uote\\.npy",  "'single'.npy",     "it's.npy",
                                        "\"quoted\".npy", "back\\slash#.npy", "=.npy"};
    make_scratch();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct ssldyn_spec spec = fresh(SSLDYN_COMMAND_FLOW);
        struct ssldyn_spec back;
        struct ssldyn_error err = {SSLDYN_OK, ""};
        ck_assert_int_eq(ssldyn_spec_set(&spec, "init-w", names[i], "x", NULL), SSLDYN_OK);
        /* sizes that are given are not read from the file */
        ck_assert_int_eq(ssldyn_spec_set(&spec, "n1", "3", "x", NULL), SSLDYN_OK);
        ck_assert_int_eq(ssldyn_spec_set(&spec, "n2", "2", "x", NULL), SSLDYN_OK);
        ck_assert_int_eq(ssldyn_spec_prepare(&spec, NULL), SSLDYN_OK);
        ck_assert_int_eq(ssldyn_spec_write(&spec, scratch, NULL), SSLDYN_OK);
        ck_assert_msg(ssldyn_spec_load(&back, scratch, &err) == SSLDYN_OK, "%s", err.message);
        ck_assert_str_eq(back.init_w, names[i]);
        ssldyn_spec_clear(&spec);
        ssldyn_spec_clear(&back);
    }
    remove_scratch();
}
END_TEST

/* An option that repeats keeps its order, on the command line and in files; the command line
 * replaces the values of a file. Other options take one value. */
START_TEST(repeated_values_make_the_round_trip)
{
    static const char *const names[] = {"b \"#1\".npy", "a, b; c.npz:net.0.weight", "\\.npy"};
    char *line[] = {"--wp", (char *)(uintptr_t)names[0], "--wp", (char *)(uintptr_t)names[1],
                    "--wp", (char *)(uintptr_t)names[2], "--f",  "f.npy"};
    const char *all = "b \"#1\".npy\na, b; c.npz:net.0.weight\n\\.npy";
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec back;
    char path[128];
    make_scratch();
    struct ssldyn_spec spec = fresh(SSLDYN_COMMAND_ALIGN);
    ck_assert_msg(ssldyn_settings_parse(&spec.given, 8, line, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_str_eq(spec.align.wp, all);
    ck_assert_int_eq(ssldyn_spec_write(&spec, scratch, NULL), SSLDYN_OK);
    ck_assert_msg(ssldyn_spec_load(&back, scratch, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_str_eq(back.align.wp, all);
    ck_assert_int_eq(ssldyn_settings_parse(&back.given, 2, line, NULL), SSLDYN_OK);
    ck_assert_str_eq(back.align.wp, names[0]);
    ssldyn_spec_clear(&back);
    ssldyn_spec_clear(&spec);
    spec = fresh(SSLDYN_COMMAND_ALIGN);
    write_file("file.conf", "f = \"f.npy\" \"g.npy\"");
    ck_assert_int_eq(ssldyn_settings_read(&spec.given, path_of("file.conf", path), &err),
                     SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, "takes one value"), "%s", err.message);
    char *split[] = {"--wp", "a\nb"};
    ck_assert_int_eq(ssldyn_settings_parse(&spec.given, 2, split, &err), SSLDYN_EINPUT);
    char *twice[] = {"--f", "a", "--f", "b"};
    ck_assert_int_eq(ssldyn_settings_parse(&spec.given, 4, twice, &err), SSLDYN_EINPUT);
    ssldyn_spec_clear(&spec);
    remove_scratch();
}
END_TEST

START_TEST(long_lines_are_not_cut)
{
    enum { ENTRIES = 50000 };
    char path[128];
    make_scratch();
    FILE *stream = fopen(path_of("long.conf", path), "w");
    ck_assert(stream);
    fputs("model = modes\np0 = 0", stream);
    for (int i = 1; i < ENTRIES; i++) {
        fprintf(stream, ",%d", i);
    }
    fputs("\n", stream);
    ck_assert_int_eq(fclose(stream), 0);
    struct ssldyn_spec spec = fresh(SSLDYN_COMMAND_FLOW);
    ck_assert_int_eq(ssldyn_settings_read(&spec.given, path, NULL), SSLDYN_OK);
    ck_assert_uint_eq(spec.problem.p0.count, ENTRIES);
    ck_assert(spec.problem.p0.values[ENTRIES - 1] == ENTRIES - 1);
    ssldyn_spec_clear(&spec);
    remove_scratch();
}
END_TEST

START_TEST(files_are_read_exactly)
{
    char path[128];
    make_scratch();
    write_file("file.conf", "# head\n\n  # indented comment\nmodel=modes # why not\r\n"
                            "p0 = 0.1\n\t0.2 , \n  0.3 # last\n\nlog_time = true\nno-ema = false");
    struct ssldyn_spec spec = fresh(SSLDYN_COMMAND_FLOW);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_settings_read(&spec.given, path_of("file.conf", path), &err) == SSLDYN_OK,
                  "%s", err.message);
    ck_assert_int_eq(spec.problem.model, SSLDYN_MODEL_MODES);
    ck_assert_uint_eq(spec.problem.p0.count, 3);
    ck_assert(spec.problem.p0.values[0] == 0.1 && spec.problem.p0.values[1] == 0.2 &&
              spec.problem.p0.values[2] == 0.3);
    ck_assert(spec.problem.log_time && spec.ema);
    char where[SSLDYN_SPEC_WHERE];
    const char *name = ssldyn_spec_where(&spec, "p0", where);
    ck_assert_msg(strstr(name, "file.conf:5: p0"), "%s", name);
    ssldyn_spec_clear(&spec);
    remove_scratch();
}
END_TEST

START_TEST(the_table_says_what_theory_says)
{
    /* eta_p, eta_s and lambda, derived from given options, for a command without its own model */
    struct ssldyn_spec spec = parsed(SSLDYN_COMMAND_THEORY, "--lambda-s 2,3 --lambda-d 0.5");
    ck_assert_int_eq(spec.problem.model, SSLDYN_MODEL_LOWDIM);
    ck_assert(spec.problem.parameters.lambda_s == 2.0 && spec.problem.parameters.lambda_d == 0.5);
    ssldyn_spec_clear(&spec);
    spec = parsed(SSLDYN_COMMAND_THEORY, "--p0 0.1:0.5:9 --s0 0:1:5");
    ck_assert_int_eq(spec.problem.model, SSLDYN_MODEL_MODES);
    ck_assert(spec.problem.p0.count == 9 && spec.problem.s0.count == 5); /* a grid, not pairs */
    ssldyn_spec_clear(&spec);
}
END_TEST

/* Contradictions that are known without reading the named files. */
START_TEST(a_check_opens_no_file)
{
    struct ssldyn_spec spec = fresh(SSLDYN_COMMAND_FLOW);
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(parse(&spec, "--x none.npy --xprime none.npy", &err), SSLDYN_OK);
    ck_assert_msg(ssldyn_spec_check(&spec, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_int_ne(ssldyn_spec_prepare(&spec, &err), SSLDYN_OK);
    ck_assert_msg(strstr(err.message, "none.npy"), "%s", err.message);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* A problem that a program fills in by itself has the same defaults as the command line. */
START_TEST(a_problem_begins_as_the_options_do)
{
    struct ssldyn_spec own = {0};
    struct ssldyn_spec spec = fresh(SSLDYN_COMMAND_SGD);
    ssldyn_problem_init(&own.problem);
    ck_assert_int_eq(ssldyn_spec_prepare(&spec, NULL), SSLDYN_OK);
    int seen = 0;
    for (size_t i = 0; i < ssldyn_options_count; i++) {
        const struct ssldyn_option *option = &ssldyn_options[i];
        const size_t begin = offsetof(struct ssldyn_spec, problem);
        char here[64];
        char there[64];
        if (option->offset < begin || option->offset >= begin + sizeof spec.problem ||
            option->kind == SSLDYN_OPTION_LIST || option->kind == SSLDYN_OPTION_STRING) {
            continue;
        }
        ck_assert_msg(strcmp(ssldyn_option_text(&own, option, here, sizeof here),
                             ssldyn_option_text(&spec, option, there, sizeof there)) == 0,
                      "%s: %s, of the options %s", option->name, here, there);
        seen++;
    }
    ck_assert_int_ge(seen, 40);
    ck_assert(own.problem.sgd.batch == spec.problem.sgd.batch);
    ck_assert(own.problem.parameters.lambda_s == spec.problem.parameters.lambda_s);
    ck_assert(own.problem.parameters.lambda_d == spec.problem.parameters.lambda_d);
    ck_assert(own.problem.parameters.rates.c == spec.problem.parameters.rates.c);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(spec)
{
    tcase_add_test(tests, a_problem_begins_as_the_options_do);
    tcase_add_loop_test(tests, rows_are_consistent, 0, (int)ssldyn_options_count);
    tcase_add_test(tests, underscores_are_dashes);
    tcase_add_test(tests, nearest_names);
    tcase_add_test(tests, commands_have_names);
    tcase_add_test(tests, defaults);
    tcase_add_test(tests, decays);
    tcase_add_test(tests, a_refused_value_changes_nothing);
    tcase_add_test(tests, axes_are_plain_text);
    tcase_add_test(tests, copies_are_independent);
    tcase_add_test(tests, a_later_source_overrides_what_contradicts_it);
    tcase_add_loop_test(tests, spec_conf_makes_the_round_trip, 0,
                        sizeof round_trips / sizeof round_trips[0]);
    tcase_add_test(tests, awkward_names_make_the_round_trip);
    tcase_add_test(tests, repeated_values_make_the_round_trip);
    tcase_add_test(tests, long_lines_are_not_cut);
    tcase_add_test(tests, files_are_read_exactly);
    tcase_add_test(tests, the_table_says_what_theory_says);
    tcase_add_test(tests, a_check_opens_no_file);
}
