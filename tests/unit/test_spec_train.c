/* Training settings in specs: the rates derived from them, options that contradict them, which
 * source overrides which, and spec.conf, which keeps the settings and reproduces the rates. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Parses and checks a command line, given as words separated by blanks, over the lines of a file if
 * given. */
static enum ssldyn_status make(struct ssldyn_spec *spec, enum ssldyn_command command,
                               const char *file, const char *line, struct ssldyn_error *err)
{
    char path[] = "/tmp/ssldyn-train-XXXXXX";
    char text[512];
    char *words[64];
    int count = 0;
    enum ssldyn_status status = SSLDYN_OK;
    ck_assert_int_eq(ssldyn_spec_init(spec, command, NULL), SSLDYN_OK);
    if (file) {
        FILE *stream = fdopen(mkstemp(path), "w");
        ck_assert_ptr_nonnull(stream);
        fputs(file, stream);
        fclose(stream);
        status = ssldyn_settings_read(&spec->given, path, err);
        remove(path);
    }
    snprintf(text, sizeof text, "%s", line);
    for (char *word = strtok(text, " "); word && count < 64; word = strtok(NULL, " ")) {
        words[count++] = word;
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_settings_parse(&spec->given, count, words, err);
    }
    return status == SSLDYN_OK ? ssldyn_spec_prepare(spec, err) : status;
}

#define SCRIPT "--train-lr 0.05 --train-momentum 0.9 --train-weight-decay 5e-4 --train-ema 0.996"

START_TEST(every_command_takes_them)
{
    static const enum ssldyn_command commands[] = {SSLDYN_COMMAND_FLOW,   SSLDYN_COMMAND_SGD,
                                                   SSLDYN_COMMAND_THEORY, SSLDYN_COMMAND_BASIN,
                                                   SSLDYN_COMMAND_SWEEP,  SSLDYN_COMMAND_ALIGN};
    struct ssldyn_spec spec;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(make(&spec, commands[_i], NULL, SCRIPT, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_double_eq(spec.problem.parameters.rates.alpha_p, 1.0);
    ck_assert_double_eq(spec.problem.parameters.rates.beta, 0.008);
    ck_assert_double_eq(spec.problem.parameters.rates.eta_p, 5e-4);
    ck_assert_double_eq(spec.problem.parameters.rates.eta_s, 5e-4);
    ck_assert(ssldyn_spec_has_training(&spec));
    ssldyn_spec_clear(&spec);
}
END_TEST

START_TEST(steps_and_process)
{
    struct ssldyn_spec spec;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(make(&spec, SSLDYN_COMMAND_FLOW, NULL, SCRIPT " --train-steps 4000", &err),
                     SSLDYN_OK);
    ck_assert_double_eq(spec.problem.t_end, 2000.0);
    ssldyn_spec_clear(&spec);
    ck_assert_int_eq(make(&spec, SSLDYN_COMMAND_SGD, NULL,
                          SCRIPT " --train-steps 4000 --train-loss-factor 2", &err),
                     SSLDYN_OK);
    ck_assert_int_eq(spec.problem.sgd.steps, 4000);
    ck_assert_double_eq(spec.problem.sgd.lr, 0.1);
    ck_assert_double_eq(spec.problem.sgd.momentum, 0.9);
    ck_assert_double_eq_tol(spec.problem.sgd.ema_share, 0.004, 1e-16);
    ck_assert_double_eq(spec.problem.parameters.rates.eta_s, 2.5e-4);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* A setting together with a rate derived from it, and incomplete settings, are refused: the message
 * names them. */
START_TEST(refused)
{
    static const struct {
        enum ssldyn_command command;
        const char *line, *first, *second;
    } cases[] = {
        {SSLDYN_COMMAND_SGD, "--train-lr 0.1 --lr 0.1", "--train-lr", "--lr"},
        {SSLDYN_COMMAND_SGD, "--train-lr 0.1 --momentum 0.9", "--train-lr", "--momentum"},
        {SSLDYN_COMMAND_SGD, "--lr 0.1 --train-loss-factor 2 --train-weight-decay 0.1",
         "--train-loss-factor", "--lr"},
        {SSLDYN_COMMAND_FLOW, "--train-weight-decay 0.1 --eta 0.1", "--train-weight-decay",
         "--eta"},
        {SSLDYN_COMMAND_FLOW, "--train-weight-decay 0.1 --eta-p 0.1", "--train-weight-decay",
         "--eta-p"},
        {SSLDYN_COMMAND_THEORY, "--eta-s 0 --train-weight-decay 0.1", "--train-weight-decay",
         "--eta-s"},
        {SSLDYN_COMMAND_FLOW, "--train-lr 0.1 --train-ema 0.9 --beta 1", "--train-ema", "--beta"},
        {SSLDYN_COMMAND_FLOW, "--train-lr 0.1 --train-predictor-lr 0.9 --alpha-p 9",
         "--train-predictor-lr", "--alpha-p"},
        {SSLDYN_COMMAND_FLOW, "--train-lr 0.1 --train-steps 9 --t-end 9", "--train-steps",
         "--t-end"},
        {SSLDYN_COMMAND_SGD, "--train-lr 0.1 --train-steps 9 --steps 9", "--train-steps",
         "--steps"},
        {SSLDYN_COMMAND_FLOW, "--train-ema 0.9", "--train-ema", "--train-lr"},
        {SSLDYN_COMMAND_FLOW, "--train-momentum 0.9", "--train-momentum", "--train-lr"},
        {SSLDYN_COMMAND_FLOW, "--train-steps 9", "--train-steps", "--train-lr"},
        {SSLDYN_COMMAND_FLOW, "--train-predictor-lr 9", "--train-predictor-lr", "--train-lr"},
        {SSLDYN_COMMAND_FLOW, "--train-predictor-weight-decay 0", "--train-predictor-weight-decay",
         "--train-weight-decay"},
        {SSLDYN_COMMAND_FLOW, "--train-loss-factor 2", "--train-loss-factor", "--train-lr"},
        {SSLDYN_COMMAND_FLOW, "--no-ema " SCRIPT, "--train-ema", "--no-ema"},
        {SSLDYN_COMMAND_FLOW, "--train-lr 1e300 --train-loss-factor 1e300", "--train-", "range"},
    };
    struct ssldyn_spec spec;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_msg(make(&spec, cases[i].command, NULL, cases[i].line, &err) == SSLDYN_EINPUT,
                      "%s", cases[i].line);
        ck_assert_msg(strstr(err.message, cases[i].first) && strstr(err.message, cases[i].second),
                      "%s: %s", cases[i].line, err.message);
        ssldyn_spec_clear(&spec);
    }
}
END_TEST

/* The command line replaces settings of a file that determine the same quantity. */
START_TEST(overriding)
{
    static const struct {
        const char *file, *line;
        double alpha_p, beta, eta_p, eta_s, t_end;
    } cases[] = {
        {"beta = 1\neta_p = 0.1\neta_s = 0.2\nalpha_p = 3\nt_end = 7\n",
         SCRIPT " --train-predictor-lr 0.1 --train-steps 10", 2.0, 0.008, 1e-3, 5e-4, 5.0},
        {"train_lr = 0.05\ntrain_momentum = 0.9\ntrain_weight_decay = 5e-4\n"
         "train_predictor_weight_decay = 0\ntrain_ema = 0.996\ntrain_predictor_lr = 0.5\n"
         "train_steps = 4\n",
         "--beta 1 --eta 0.3 --alpha-p 3 --t-end 7", 3.0, 1.0, 0.3, 0.3, 7.0},
        {"train_lr = 0.05\ntrain_momentum = 0.9\ntrain_weight_decay = 5e-4\ntrain_ema = 0.996\n",
         "--train-lr 0.1 --no-ema", 1.0, 0.4, 5e-4, 5e-4, 100.0},
        {"no_ema = true\n", SCRIPT, 1.0, 0.008, 5e-4, 5e-4, 100.0},
        /* a switch that is off does not contradict a rate */
        {"beta = 0.01\n", "--no-ema=false", 1.0, 0.01, 0.04, 0.04, 100.0},
        {"train_lr = 0.5\ntrain_ema = 0.9\n", "--no-ema=false", 1.0, 0.2, 0.04, 0.04, 100.0},
        {"tau = 0.5\nbeta = 2\n", "--no-ema=false", 1.0, 2.0, 0.04, 0.04, 100.0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ssldyn_spec spec;
        struct ssldyn_error err = {SSLDYN_OK, ""};
        ck_assert_msg(make(&spec, SSLDYN_COMMAND_FLOW, cases[i].file, cases[i].line, &err) ==
                          SSLDYN_OK,
                      "%s", err.message);
        ck_assert_double_eq(spec.problem.parameters.rates.alpha_p, cases[i].alpha_p);
        ck_assert(spec.problem.parameters.tau_held ||
                  spec.problem.parameters.rates.beta == cases[i].beta);
        ck_assert_double_eq(spec.problem.parameters.rates.eta_p, cases[i].eta_p);
        ck_assert_double_eq(spec.problem.parameters.rates.eta_s, cases[i].eta_s);
        ck_assert_double_eq(spec.problem.t_end, cases[i].t_end);
        ssldyn_spec_clear(&spec);
    }
    /* one of the two decays does not replace a setting that determines both */
    struct ssldyn_spec spec;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(
        make(&spec, SSLDYN_COMMAND_FLOW, "\ntrain_weight_decay = 1e-3\n", "--eta-s 1", &err),
        SSLDYN_EINPUT);
    ck_assert_msg(strstr(err.message, ":2: train-weight-decay and --eta-s"), "%s", err.message);
    ssldyn_spec_clear(&spec);
}
END_TEST

/* spec.conf contains the settings, and the derived rates only as comments; read back, both are the
 * same to the bit. */
START_TEST(spec_conf)
{
    struct ssldyn_spec spec;
    struct ssldyn_spec back;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char *text = NULL;
    char *again = NULL;
    size_t size = 0;
    ck_assert_int_eq(make(&spec, SSLDYN_COMMAND_SGD, NULL,
                          "--train-lr 0.037 --train-momentum 0.91 --train-weight-decay 3e-4 "
                          "--train-ema 0.99 --train-loss-factor 1.7 --train-predictor-lr 0.11 "
                          "--train-steps 77",
                          &err),
                     SSLDYN_OK);
    FILE *stream = open_memstream(&text, &size);
    ssldyn_spec_print(&spec, stream);
    fclose(stream);
    static const char *const absent[] = {"\nbeta",     "\neta",   "\nalpha_p", "\nlr",
                                         "\nmomentum", "\nsteps", "\nt_end"};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
        ck_assert_msg(!strstr(text, absent[i]), "%s in\n%s", absent[i] + 1, text);
    }
    ck_assert(strstr(text, "\n# beta = ") && strstr(text, "\n# eta_p = "));
    ck_assert_msg(make(&back, SSLDYN_COMMAND_SGD, text, "", &err) == SSLDYN_OK, "%s", err.message);
    ck_assert_mem_eq(&back.problem.parameters.rates, &spec.problem.parameters.rates,
                     sizeof spec.problem.parameters.rates);
    ck_assert(back.problem.sgd.lr == spec.problem.sgd.lr &&
              back.problem.sgd.momentum == spec.problem.sgd.momentum &&
              back.problem.sgd.ema_share == spec.problem.sgd.ema_share &&
              back.problem.sgd.steps == spec.problem.sgd.steps);
    stream = open_memstream(&again, &size);
    ssldyn_spec_print(&back, stream);
    fclose(stream);
    ck_assert_str_eq(again, text);
    free(text);
    free(again);
    ssldyn_spec_clear(&spec);
    ssldyn_spec_clear(&back);
}
END_TEST

TEST_SUITE(spec_train)
{
    tcase_add_loop_test(tests, every_command_takes_them, 0, 6);
    tcase_add_test(tests, steps_and_process);
    tcase_add_test(tests, refused);
    tcase_add_test(tests, overriding);
    tcase_add_test(tests, spec_conf);
}
