/* SGD on the cosine loss: norms compared with simulations and in closed form, ranks compared with
 * the counts of the integrated equations, exact scalings, and stationarity of the state. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/suite.h"
#include "theory/cosine_sgd.h"

#include <check.h>

enum { N = 16 };

static double sum(const double x[])
{
    double total = 0.0;
    for (int j = 0; j < N; j++)
        total += x[j];
    return total;
}

static double sum_of_squares(const double x[])
{
    double total = 0.0;
    for (int j = 0; j < N; j++)
        total += x[j] * x[j];
    return total;
}

/* n = 16, lambda_s = 1.5, batches of 64. Results of simulated SGD; the leading order in 1/n is 1 to
 * 8 % lower. */
START_TEST(norms)
{
    static const struct {
        double alpha_p, lr, eta, norm2_w, norm2_wp;
    } runs[] = {{1.0, .05, .05, .2735, .2675},
                {1.0, .2, .05, .5711, (double)NAN},
                {4.0, .05, .05, .2735, 1.0699},
                {1.0, .05, .2, .1428, (double)NAN}};
    double s[N];
    double d[N];
    double p[N];
    double w2[N];
    double fold[N];
    size_t rank = 0;
    for (int j = 0; j < N; j++) {
        s[j] = 1.5;
        d[j] = 1.0;
    }
    const double eta = runs[_i].eta;
    const struct ssldyn_cosine_sgd sgd = {N, s, d, runs[_i].alpha_p, eta, eta, runs[_i].lr, 64.0};
    ck_assert(ssldyn_cosine_sgd_stationary(&sgd, p, w2, fold, &rank));
    ck_assert_uint_eq(rank, N);
    CHECK_CLOSE(sum(w2), runs[_i].norm2_w, .08, 0.0);
    if (!isnan(runs[_i].norm2_wp))
        CHECK_CLOSE(sum_of_squares(p), runs[_i].norm2_wp, .04, 0.0);
    const double closed = sqrt(N * runs[_i].lr * (1.0 - 1.0 / 2.25) / (2.0 * eta * 64.0));
    CHECK_CLOSE(sum(w2), closed, 1e-12, 0.0);
    CHECK_CLOSE(sum_of_squares(p), runs[_i].alpha_p * closed, 1e-12, 0.0);
    double kappa_w;
    double kappa_p;
    ssldyn_cosine_sgd_gains(&sgd, p, w2, &kappa_w, &kappa_p);
    CHECK_CLOSE(kappa_w, N / 64.0 * (1.0 - 1.0 / 2.25), 1e-12, 0.0);
    CHECK_CLOSE(kappa_p, N / 64.0 * (1.0 - 1.0 / 2.25), 1e-12, 0.0);
    CHECK_CLOSE(ssldyn_cosine_sgd_memory(.03 / .1, 4e-4), 4166.67, 1e-6, 0.0);
}
END_TEST

/* lambda_d from 1 to .03, + .1: the ranks of simulated SGD (three seeds) were 15 14 15, 13, 11, 10,
 * 9, 7 7 8, 5; the count of the integrated equations, which is an upper bound: */
START_TEST(ranks)
{
    static const struct {
        double lr_eta;
        size_t rank;
    } counts[] = {{.001, 15}, {.005, 13}, {.01, 12}, {.02, 11}, {.04, 10}, {.08, 9}, {.16, 8}};
    double s[N];
    double d[N];
    double p[N];
    double w2[N];
    double fold[N];
    double p_other[N];
    double w2_other[N];
    double fold_other[N];
    size_t rank = 0;
    for (int j = 0; j < N; j++) {
        d[j] = pow(.03, j / (N - 1.0));
        s[j] = d[j] + .1;
    }
    const double root = sqrt(counts[_i].lr_eta);
    struct ssldyn_cosine_sgd sgd = {N, s, d, 1.0, root, root, root, 64.0};
    ck_assert(ssldyn_cosine_sgd_stationary(&sgd, p, w2, fold, &rank));
    ck_assert_uint_eq(rank, counts[_i].rank);
    /* the two equations of a mode vanish */
    double a2 = 0.0;
    double b2 = 0.0;
    double S = 0.0;
    for (int j = 0; j < N; j++) {
        a2 += p[j] * p[j] * w2[j] * s[j];
        b2 += w2[j] * s[j];
        S += p[j] * w2[j] * d[j];
    }
    for (int j = 0; j < N; j++) {
        const double h = p[j] * w2[j] * (d[j] - p[j] * s[j] * S / a2) / sqrt(a2 * b2);
        const double gamma =
            w2[j] * sum(s) / (64.0 * a2 * b2) *
            (s[j] - 2.0 * p[j] * d[j] * S / a2 + p[j] * p[j] * s[j] * S * S / (a2 * a2));
        const double zeta = s[j] / (64.0 * a2) * (1.0 - S * S / (a2 * b2));
        CHECK_CLOSE(2.0 * h + root * p[j] * p[j] * gamma, 2.0 * root * w2[j], 1e-10, 1e-15);
        CHECK_CLOSE(2.0 * h + root * w2[j] * zeta, 2.0 * root * p[j] * p[j], 1e-10, 1e-15);
        CHECK_CLOSE(fold[j], d[j] * d[j] * sqrt(a2 / b2) / (4.0 * s[j] * S), 1e-10, 0.0);
        ck_assert((w2[j] > 0.0) == (root < fold[j]));
    }
    /* decay balances the growth of the norms, and nothing else moves them */
    double kappa_w;
    double kappa_p;
    ssldyn_cosine_sgd_gains(&sgd, p, w2, &kappa_w, &kappa_p);
    CHECK_CLOSE(sum(w2), sqrt(.5 * kappa_w), 1e-10, 0.0);
    CHECK_CLOSE(sum_of_squares(p), sqrt(.5 * kappa_p), 1e-10, 0.0);
    /* (lr, eta) -> (k lr, eta/k) multiplies W W^T by k and keeps the rank; (alpha_p, Wp) -> (4
     * alpha_p, 2 Wp) keeps W */
    sgd = (struct ssldyn_cosine_sgd){N, s, d, 4.0, root / 3.0, root / 3.0, 3.0 * root, 64.0};
    ck_assert(ssldyn_cosine_sgd_stationary(&sgd, p_other, w2_other, fold_other, &rank));
    ck_assert_uint_eq(rank, counts[_i].rank);
    for (int j = 0; j < N; j++) {
        CHECK_CLOSE(w2_other[j], 3.0 * w2[j], 1e-10, 0.0);
        CHECK_CLOSE(p_other[j], sqrt(12.0) * p[j], 1e-10, 0.0);
        CHECK_CLOSE(fold_other[j], fold[j] / 3.0, 1e-10, 0.0);
    }
}
END_TEST

/* Equal modes: the norms for any gradient that is orthogonal to the weights, up to what 40/eta
 * leaves. */
START_TEST(settled_norms)
{
    double s[N];
    double d[N];
    double p[N];
    double w2[N];
    double G[N];
    size_t rank = 0;
    for (int j = 0; j < N; j++) {
        s[j] = 1.5;
        d[j] = 1.0;
    }
    const struct ssldyn_cosine_sgd sgd = {N, s, d, 4.0, .05, .05, .05, 64.0};
    const double closed = sqrt(N * .05 * (1.0 - 1.0 / 2.25) / (2.0 * .05 * 64.0));
    ck_assert(ssldyn_cosine_sgd_settle(&sgd, p, w2, G, &rank));
    ck_assert_uint_eq(rank, N);
    CHECK_CLOSE(sum(w2), closed, 1e-9, 0.0);
    CHECK_CLOSE(sum_of_squares(p), 4.0 * closed, 1e-9, 0.0);
}
END_TEST

/* The spectrum of the ranks above, where a better gradient raises each count by one; and the first
 * 22 modes of CIFAR-10 at 4 x 4 x 3 numbers, one of which has 44 % of the variance. The ranks of
 * simulated SGD there, for lr eta from 1e-4 to .1: 16, 14, 12, 11, 8, 6, 4 or 5. */
START_TEST(settled_ranks)
{
    enum { CIFAR = 22 };
    static const double lambda_d[CIFAR] = {
        24.9954, 9.41176,  4.43140,  3.51597,  1.61608,  1.03385,  .748593,  .572304,
        .528534, .337391,  .285838,  .127379,  .101632,  .0859039, .0684594, .0580223,
        .027538, .0201547, .0152573, .0128553, .0102791, .00770128};
    static const double lambda_s[CIFAR] = {
        33.6288,   11.3275,   5.98293,  3.98616,   2.7103,   2.64015,  0.816933, 1.19261,
        0.687473,  0.773908,  0.384359, 0.517308,  0.148472, 0.144356, 0.103751, 0.159263,
        0.0661764, 0.0420645, 0.040091, 0.0749986, 2.03274,  1.42475};
    static const double at[] = {1e-4, 3e-4, .001, .003, .01, .03, .1};
    static const size_t want[] = {16, 14, 12, 11, 9, 8, 5};
    static const double at_other[] = {.001, .005, .01, .02, .04, .08, .16};
    static const size_t want_other[] = {16, 14, 13, 12, 11, 10, 9};
    double s[N];
    double d[N];
    double p[CIFAR];
    double w2[CIFAR];
    double G[CIFAR];
    size_t rank = 0;
    struct ssldyn_cosine_sgd sgd = {CIFAR, lambda_s, lambda_d, 1.0, 1.0, 1.0, at[_i], 64.0};
    ck_assert(ssldyn_cosine_sgd_settle(&sgd, p, w2, G, &rank));
    ck_assert_uint_eq(rank, want[_i]);
    for (int j = 0; j < N; j++) {
        d[j] = pow(.03, j / (N - 1.0));
        s[j] = d[j] + .1;
    }
    sgd = (struct ssldyn_cosine_sgd){N, s, d, 4.0, .5, .5, 2.0 * at_other[_i], 64.0};
    ck_assert(ssldyn_cosine_sgd_settle(&sgd, p, w2, G, &rank));
    ck_assert_uint_eq(rank, want_other[_i]);
}
END_TEST

/* Beyond every fold no mode is left, and there is nothing to report. */
START_TEST(nothing_is_left)
{
    const double s[] = {1.0, 1.0};
    const double d[] = {.2, .1};
    double p[2];
    double w2[2];
    double fold[2];
    size_t rank = 0;
    const struct ssldyn_cosine_sgd sgd = {2, s, d, 1.0, 3.0, 3.0, 3.0, 1.0};
    ck_assert(!ssldyn_cosine_sgd_stationary(&sgd, p, w2, fold, &rank));
    ck_assert(!ssldyn_cosine_sgd_settle(&sgd, p, w2, fold, &rank));
}
END_TEST

TEST_SUITE(cosine_sgd)
{
    tcase_add_loop_test(tests, norms, 0, 4);
    tcase_add_loop_test(tests, ranks, 0, 7);
    tcase_add_test(tests, settled_norms);
    tcase_add_loop_test(tests, settled_ranks, 0, 7);
    tcase_add_test(tests, nothing_is_left);
}
