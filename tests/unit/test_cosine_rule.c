/* The quadrature of the cosine loss: the promised accuracy holds for few numbers and many, equal
 * ones and ones far apart. */
// SPDX-License-Identifier: MIT
#include "theory/cosine_rule.h"

#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>

enum { MOST = 64 };

/* int_0^inf prod (1 + 2 x^2 a_j)^(-1/2)/(1 + 2 x^2 a_0) dx */
static double integral(size_t n, const double a[], double spacing)
{
    struct ssldyn_cosine_rule rule;
    double sum = 0.0;
    ck_assert(ssldyn_cosine_rule_make(n, a, spacing, false, &rule));
    for (size_t k = 0; k < rule.count; k++) {
        double term = rule.weight[k] / (1.0 + rule.twice[k] * a[0]);
        for (size_t j = 0; j < n; j++)
            term /= sqrt(1.0 + rule.twice[k] * a[j]);
        sum += term;
    }
    return sum;
}

START_TEST(accuracy_holds_everywhere)
{
    static const size_t sizes[] = {2, 3, 5, 8, 16, 64};
    static const double accuracies[] = {1e-7, 1e-9, 1e-11, 1e-13};
    const size_t n = sizes[_i / 3];
    double a[MOST];
    for (size_t j = 0; j < n; j++)
        a[j] = 2.3 * pow(10.0, -(double)(_i % 3) * 3.0 * (double)j / (double)n);
    const double exact = integral(n, a, 0.12);
    for (int k = 0; k < 4; k++)
        CHECK_CLOSE(integral(n, a, ssldyn_cosine_rule_spacing(accuracies[k])), exact,
                    fmax(accuracies[k], 1e-12), 0.0);
    ck_assert(ssldyn_cosine_rule_spacing(0.0) == SSLDYN_COSINE_STANDARD);
    ck_assert(ssldyn_cosine_rule_spacing(1e-3) == SSLDYN_COSINE_COARSE);
}
END_TEST

/* n equal numbers: with y = 2 a x^2 the integral is Gamma((n + 1)/2)/Gamma(n/2 + 1) sqrt(pi/(8
 * a)). */
START_TEST(closed_form)
{
    const size_t n = (size_t)_i;
    double a[MOST];
    for (size_t j = 0; j < n; j++)
        a[j] = 0.7;
    const double x = 0.5 * (double)n;
    const double exact =
        exp(lgamma(x + 0.5) - lgamma(x + 1.0)) * sqrt(3.14159265358979323846 / (8.0 * 0.7));
    CHECK_CLOSE(integral(n, a, SSLDYN_COSINE_STANDARD), exact, 2e-12, 0.0);
}
END_TEST

START_TEST(no_decay_no_rule)
{
    static const double none[2] = {0.0, 0.0};
    static const double one[2] = {1.0, 0.0};
    static const double unknown[2] = {1.0, (double)NAN};
    struct ssldyn_cosine_rule rule;
    ck_assert(!ssldyn_cosine_rule_make(2, none, SSLDYN_COSINE_STANDARD, false, &rule));
    ck_assert(!ssldyn_cosine_rule_make(2, one, SSLDYN_COSINE_STANDARD, false, &rule));
    ck_assert(ssldyn_cosine_rule_make(2, one, SSLDYN_COSINE_STANDARD, true, &rule));
    ck_assert(!ssldyn_cosine_rule_make(2, unknown, SSLDYN_COSINE_STANDARD, true, &rule));
}
END_TEST

TEST_SUITE(cosine_rule)
{
    tcase_add_loop_test(tests, accuracy_holds_everywhere, 0, 18);
    tcase_add_loop_test(tests, closed_form, 2, 65);
    tcase_add_test(tests, no_decay_no_rule);
}
