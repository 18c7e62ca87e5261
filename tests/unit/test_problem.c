/* Values that are typed and values that follow from them. */
// SPDX-License-Identifier: MIT
#include "sim/problem/problem.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <string.h>

static struct ssldyn_problem typed(double lambda[static 2])
{
    return (struct ssldyn_problem){
        .n1 = 16,
        .typed = {.eta = 0.04,
                  .sigma2 = 0.25,
                  .training = ssldyn_training_none(),
                  .lambda_s = {1, &lambda[0]},
                  .lambda_d = {1, &lambda[1]}},
        .parameters = {.rates = {.alpha_p = 1.0, .beta = 0.4, .eta_p = 7.0, .eta_s = 8.0}}};
}

START_TEST(rates_are_those_said)
{
    double lambda[2] = {1.5, 0.75};
    struct ssldyn_problem problem = typed(lambda);
    problem.typed.eta_s = true;
    ssldyn_problem_derive(&problem);
    ck_assert(problem.parameters.rates.eta_p == 0.04 && problem.parameters.rates.eta_s == 8.0);
    ck_assert(problem.parameters.rates.c == 1.25 && problem.init_scale == 0.25);
    ck_assert(problem.parameters.lambda_s == 1.5 && problem.parameters.lambda_d == 0.75);
    problem.typed.init_scale = true;
    problem.init_scale = 0.3;
    problem.typed.eta = 0.1; /* the next point of a sweep */
    ssldyn_problem_derive(&problem);
    ck_assert(problem.parameters.rates.eta_p == 0.1 && problem.parameters.rates.eta_s == 8.0);
    ck_assert(problem.init_scale == 0.3);
}
END_TEST

START_TEST(training_makes_rates_and_times)
{
    double lambda[2] = {1.0, 1.0};
    struct ssldyn_problem problem = typed(lambda);
    struct ssldyn_problem again;
    problem.t_end = 100.0;
    problem.typed.training.weight_decay = 0.02;
    problem.typed.training_steps = true;
    problem.typed.steps = 300;
    ssldyn_problem_derive(&problem);
    ck_assert(problem.parameters.rates.eta_s == 0.02 && problem.t_end == 100.0);
    problem.typed.training.lr = 0.5;
    problem.typed.training.momentum = 0.5;
    problem.typed.training.ema = 0.75;
    ssldyn_problem_derive(&problem);
    ck_assert(problem.t_end == 300.0 && problem.sgd.steps == 300);
    ck_assert(problem.sgd.lr == 0.5 && problem.sgd.momentum == 0.5);
    ck_assert(problem.sgd.ema_share == 0.25 && problem.parameters.rates.beta == 0.25);
    again = problem;
    ssldyn_problem_derive(&again);
    ck_assert(memcmp(&again, &problem, sizeof again) == 0);
}
END_TEST

START_TEST(modes_are_counted)
{
    double values[3] = {0.1, 0.2, 0.3};
    struct ssldyn_problem problem = typed(values);
    ck_assert_uint_eq(ssldyn_problem_modes(&problem), 1);
    problem.tau0 = (struct ssldyn_list){3, values};
    problem.p0 = (struct ssldyn_list){1, values};
    ck_assert_uint_eq(ssldyn_problem_modes(&problem), 3);
}
END_TEST

TEST_SUITE(problem)
{
    tcase_add_test(tests, rates_are_those_said);
    tcase_add_test(tests, training_makes_rates_and_times);
    tcase_add_test(tests, modes_are_counted);
}
