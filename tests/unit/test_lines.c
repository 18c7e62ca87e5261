/* Theory's lines over a sweep compared with closed forms: the fold, the border of K > 0, the
 * basin's edge, the branches of fixed points; and the EMA-survival curve compared with published
 * numbers. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/lines.h"
#include "sim/sweep/sweep.h"
#include "tests/close.h"
#include "tests/scratch.h"
#include "tests/suite.h"
#include "tests/sweep_run.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 4000 };

struct line {
    size_t count;
    size_t branch[MOST];
    double x[MOST], y[MOST], width[MOST];
};

/* Runs a sweep and reads one line of lines.tsv. */
static void sweep(const char *name, const char *const options[])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_sweep_report report;
    ck_assert_int_eq(ssldyn_spec_init(&spec, SSLDYN_COMMAND_SWEEP, &err), SSLDYN_OK);
    for (size_t i = 0; options[i]; i += 2)
        ck_assert_msg(ssldyn_spec_set(&spec, options[i], options[i + 1], options[i], &err) ==
                          SSLDYN_OK,
                      "%s", err.message);
    spec.quiet = true;
    spec.threads = 1;
    spec.sweep.lines = true;
    spec.sweep.early_stop = true;
    ck_assert_msg(ssldyn_spec_prepare(&spec, &err) == SSLDYN_OK, "%s", err.message);
    sweep_run(&spec, name, &report);
    ssldyn_spec_clear(&spec);
}

static void read_line(const char *name, const char *wanted, struct line *line)
{
    char path[SCRATCH_PATH];
    char file[SCRATCH_PATH + 16];
    char text[512];
    snprintf(file, sizeof file, "%s/lines.tsv", scratch_path(path, name));
    FILE *stream = fopen(file, "r");
    ck_assert_ptr_nonnull(stream);
    line->count = 0;
    while (fgets(text, sizeof text, stream)) {
        char word[32];
        size_t branch = 0;
        double x = 0.0;
        double y = 0.0;
        double width = 0.0;
        if (sscanf(text, "%31s %zu %lf %lf %lf", word, &branch, &x, &y, &width) == 5 &&
            strcmp(word, wanted) == 0) {
            ck_assert_uint_lt(line->count, MOST);
            line->branch[line->count] = branch;
            line->x[line->count] = x;
            line->width[line->count] = width;
            line->y[line->count++] = y;
        }
    }
    fclose(stream);
}

/* eta on the x axis, sigma^2 on the y axis: the fold 1/(4c), K > 0 at eta = 1/(9c), and on the
 * parabola at tau = 1 the edge where p*-(eta) = p0. */
START_TEST(parameter_plane)
{
    const char *const options[] = {"model",         "parabola", "tau",  "1",           "axis.eta",
                                   "0.013:0.33:40", "p0",       "0.21", "axis.sigma2", "0:0.9:19",
                                   "columns",       "fate",     NULL};
    static struct line line;
    sweep("parameters", options);
    read_line("parameters", "fold", &line);
    ck_assert_uint_ge(line.count, 19);
    for (size_t i = 0; i < line.count; i++)
        CHECK_CLOSE(line.x[i], 1.0 / (4.0 * (1.0 + line.y[i])), 1e-13, 0.0);
    read_line("parameters", "alignment", &line);
    ck_assert_uint_ge(line.count, 19);
    for (size_t i = 0; i < line.count; i++)
        CHECK_CLOSE(line.x[i], 1.0 / (9.0 * (1.0 + line.y[i])), 1e-13, 0.0);
    read_line("parameters", "edge", &line);
    ck_assert_uint_eq(line.count, 19);
    for (size_t i = 0; i < line.count; i++)
        CHECK_CLOSE(line.x[i], 0.21 * (1.0 - (1.0 + line.y[i]) * 0.21), 1e-10, 0.0);
    read_line("parameters", "ema", &line);
    ck_assert_uint_eq(line.count, 0); /* the target is tied */
}
END_TEST

/* The plane of starts: K > 0 of Eq. 17 at the start itself, Delta = p (tau - c p) - eta < (alpha_p
 * c s + eta)/2, one s for each p. */
START_TEST(plane_of_starts)
{
    const char *const options[] = {"model",     "modes",   "tau",      "0.9",     "axis.p0",
                                   "-0.5:1:60", "axis.s0", "0:0.3:90", "columns", "fate",
                                   "eta",       "0.06",    "alpha-p",  "1.7",     NULL};
    static struct line line;
    sweep("starts", options);
    read_line("starts", "alignment", &line);
    ck_assert_uint_gt(line.count, 15);
    for (size_t i = 0; i < line.count; i++) {
        ck_assert_uint_eq(line.branch[i], 0);
        const double delta = line.x[i] * (0.9 - 1.25 * line.x[i]) - 0.06;
        CHECK_CLOSE(1.7 * 1.25 * line.y[i] + 0.06, 2.0 * delta, 1e-12, 0.0);
    }
    read_line("starts", "edge", &line);
    ck_assert_uint_gt(line.count, 30);
    read_line("starts", "fold", &line);
    ck_assert_uint_eq(line.count, 0); /* no axis changes it */
}
END_TEST

/* The largest eta at which some start with Wa(0) = 0 survives, by Taylor series in 113-bit
 * arithmetic and bisection from p0 = 1e5 on the orbit from infinity; it is the fold for beta >= .4.
 * From a copy it is the fold for every beta. alpha_p has no effect. */
START_TEST(ema_survival)
{
    const char *const zero[] = {
        "model",  "parabola", "axis.eta", "0:0.3:31", "axis.beta", "list:0.01,0.04,0.1,0.3,0.4,3",
        "sigma2", "0.0009",   "tau0",     "0",        "alpha-p",   _i == 0 ? "1" : "3.7",
        "p0",     "0.3",      "columns",  "fate",     NULL};
    const char *const copy[] = {
        "model",  "parabola", "axis.eta", "0:0.3:31", "axis.beta", "list:0.01,0.04,0.1,0.3,0.4,3",
        "sigma2", "0.0009",   "tau0",     "1",        "columns",   "fate",
        NULL};
    const double fold = 1.0 / (4.0 * 1.0009);
    const double known[] = {0.062485339239912550,
                            0.128279033008171214,
                            0.190023442063071808,
                            0.248975629014105911,
                            fold,
                            fold};
    static struct line line;
    sweep("zero", zero);
    read_line("zero", "ema", &line);
    ck_assert_uint_eq(line.count, 6);
    for (size_t i = 0; i < 6; i++) {
        /* the bracket is at most 1e-12 wide, with certified fates at both ends */
        CHECK_CLOSE(line.x[i], known[i], 2e-12, 0.0);
        ck_assert(line.width[i] <= 1.1e-12 * known[i]);
    }
    sweep("copy", copy);
    read_line("copy", "ema", &line);
    ck_assert_uint_eq(line.count, 6);
    for (size_t i = 0; i < 6; i++)
        CHECK_CLOSE(line.x[i], fold, 1e-15, 0.0);
}
END_TEST

/* At unequal decays the parabola is not invariant, and starts off it survive where those on it do
 * not: there is no line for the largest start on it; nor for tau(0) < 0, where larger starts are
 * worse. The edge of the start itself exists in both cases. */
START_TEST(no_ema_line)
{
    const char *const unequal[] = {"model",      "modes", "axis.eta-s", "0.01:0.3:20", "axis.eta-p",
                                   "0.01:0.5:5", "p0",    "0.3",        "s0",          "0.09",
                                   "tau0",       "1",     "sigma2",     "0.25",        "columns",
                                   "fate",       NULL};
    const char *const negative[] = {"model",     "parabola", "axis.eta", "0.01:0.3:20",
                                    "axis.beta", "0.1:1:3",  "tau0",     "-0.5",
                                    "columns",   "fate",     NULL};
    static struct line line;
    sweep("unequal", unequal);
    read_line("unequal", "ema", &line);
    ck_assert_uint_eq(line.count, 0);
    read_line("unequal", "edge", &line);
    ck_assert_uint_ge(line.count, 5);
    for (size_t i = 0; i < line.count; i++)
        ck_assert(line.width[i] <= 1e-6 * line.x[i] && line.x[i] <= 0.2 * (1.0 + 1e-15));
    sweep("negative", negative);
    read_line("negative", "ema", &line);
    ck_assert_uint_eq(line.count, 0);
}
END_TEST

/* Over one axis: the roots of c p^2 - tau p + eta, up to the fold, where they meet. */
START_TEST(bifurcation)
{
    const char *const options[] = {"model",    "parabola",    "tau", "1",
                                   "axis.eta", "0.01:0.3:30", "p0",  "0.3",
                                   "columns",  "fate",        NULL};
    static struct line line;
    sweep("bifurcation", options);
    const char *const names[] = {"stable", "unstable"};
    for (int lower = 0; lower < 2; lower++) {
        read_line("bifurcation", names[lower], &line);
        ck_assert_uint_gt(line.count, 30);
        for (size_t i = 0; i < line.count; i++) {
            CHECK_CLOSE(1.25 * line.y[i] * line.y[i] + line.x[i], line.y[i], 1e-12, 0.0);
            ck_assert(lower ? line.y[i] <= 0.4 : line.y[i] >= 0.4);
            ck_assert(i == 0 || line.x[i] >= line.x[i - 1]);
        }
        CHECK_CLOSE(line.y[line.count - 1], 0.4, 1e-6, 0.0);
    }
    read_line("bifurcation", "fold", &line);
    ck_assert_uint_eq(line.count, 1);
    CHECK_CLOSE(line.x[0], 0.2, 1e-14, 0.0);
    read_line("bifurcation", "edge", &line);
    ck_assert_uint_eq(line.count, 1);
    CHECK_CLOSE(line.x[0], 0.3 * (1.0 - 1.25 * 0.3), 1e-10, 0.0);
}
END_TEST

/* For matrices: the fold and the border of K, from their rates. */
START_TEST(lines_of_matrices)
{
    const char *const options[] = {"n1",         "3",         "n2",         "3",     "axis.eta",
                                   "0.03:0.3:7", "axis.beta", "list:0.3,1", "t-end", "5",
                                   "columns",    "fate",      NULL};
    static struct line line;
    sweep("matrices", options);
    read_line("matrices", "fold", &line);
    ck_assert_uint_eq(line.count, 2);
    CHECK_CLOSE(line.x[0], 0.2, 1e-14, 0.0);
    read_line("matrices", "alignment", &line);
    ck_assert_uint_eq(line.count, 2);
    CHECK_CLOSE(line.x[1], 1.0 / (9.0 * 1.25), 1e-14, 0.0);
}
END_TEST

TEST_SUITE(lines)
{
    tcase_add_test(tests, parameter_plane);
    tcase_add_test(tests, plane_of_starts);
    tcase_add_loop_test(tests, ema_survival, 0, 2);
    tcase_add_test(tests, no_ema_line);
    tcase_add_test(tests, bifurcation);
    tcase_add_test(tests, lines_of_matrices);
}
