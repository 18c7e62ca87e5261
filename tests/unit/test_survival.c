/* Survival thresholds compared with the commuting case, a scan over all directions of the plane,
 * rotated data, and the known numbers for the moments of real images. */
// SPDX-License-Identifier: MIT
#include "sim/inputs/inputs.h"
#include "sim/run/survival.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 6 };

static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(int64_t)(*state >> 11) / (double)(INT64_C(1) << 52) - 1.0;
}

/* A A^T/n plus a ridge: positive definite */
static void make_positive(size_t n, double ridge, uint64_t seed, double A[])
{
    double G[N * N];
    for (size_t i = 0; i < n * n; i++)
        G[i] = draw(&seed);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = i == j ? ridge : 0.0;
            for (size_t k = 0; k < n; k++)
                sum += G[i * n + k] * G[j * n + k] / (double)n;
            A[i * n + j] = sum;
        }
    }
}

static struct ssldyn_survival *analyze(const struct ssldyn_moments *moments)
{
    struct ssldyn_survival *survival = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_survival_create(moments, &survival, &err) == SSLDYN_OK, "%s", err.message);
    ck_assert(survival->certified);
    return survival;
}

/* A pair: what is correlated negatively counts like its mirror, lambda_d^2/(4 lambda_s), and what is
 * not symmetric in Syx does not count. */
START_TEST(pairs_survive_by_their_symmetric_part)
{
    const double sum[N] = {4.8, 2.2, 1.9, 1.15, 0.32, 0.2};
    const double diagonal[N] = {2.9, -3.0, 1.1, 0.6, 0.31, 0.0};
    double X[N * N] = {0.0};
    for (size_t j = 0; j < N; j++)
        X[j * (N + 1)] = diagonal[j];
    for (size_t j = 1; _i && j < N; j++) { /* antisymmetric */
        X[j] = 0.2;
        X[j * N] = -0.2;
    }
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_HALF, .n1 = N, .X = X, .sum = sum, .pair = true};
    struct ssldyn_survival *survival = analyze(&moments);
    CHECK_CLOSE(survival->eta_c, 9.0 / (4.0 * 2.2), 1e-13, 0.0);
    CHECK_CLOSE(survival->b, -3.0 / (2.0 * 2.2), 1e-6, 0.0); /* flat at the top */
    struct ssldyn_survival_counts counts;
    ck_assert_int_eq(ssldyn_survival_count_at(survival, 0.1, &counts, NULL), SSLDYN_OK);
    /* .438, 1.02, .159 are above, .078, .075, 0 below */
    ck_assert_uint_eq(counts.product, 3);
    ssldyn_survival_free(survival);
}
END_TEST

START_TEST(commuting_moments_have_the_closed_form)
{
    const double X[N] = {2.9, 1.7, 1.1, 0.6, 0.31, 0.0};
    const double sum[N] = {4.8, 1.9, 1.15, 2.2, 0.32, 0.2};
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_DIAGONAL, .n1 = N, .X = X, .sum = sum};
    struct ssldyn_survival *survival = analyze(&moments);
    double largest = 0.0;
    for (size_t j = 0; j < N; j++)
        largest = fmax(largest, X[j] * X[j] / (4.0 * sum[j]));
    CHECK_CLOSE(survival->eta_c, largest, 1e-14, 0.0);
    /* All counts are #{lambda_d^2 > 4 eta lambda_s}. */
    static const double etas[] = {0.45, 0.4, 0.3, 0.2, 0.05, 0.03};
    for (size_t k = 0; k < sizeof etas / sizeof etas[0]; k++) {
        size_t want = 0;
        for (size_t j = 0; j < N; j++)
            want += X[j] * X[j] > 4.0 * etas[k] * sum[j] ? 1 : 0;
        struct ssldyn_survival_counts counts;
        ck_assert_int_eq(ssldyn_survival_count_at(survival, etas[k], &counts, NULL), SSLDYN_OK);
        ck_assert_uint_eq(counts.pairs, want);
        ck_assert_uint_eq(counts.along_x, want);
        ck_assert_uint_eq(counts.along_sum, want);
        ck_assert_uint_eq(counts.product, want);
        ck_assert_uint_eq(counts.along_pair, want);
    }
    struct ssldyn_survival_counts counts;
    ck_assert_int_eq(ssldyn_survival_count_at(survival, 0.0, &counts, NULL), SSLDYN_EDOMAIN);
    ssldyn_survival_free(survival);
    const struct ssldyn_moments isotropic = {.kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = 3, .c = 1.37};
    survival = analyze(&isotropic);
    CHECK_CLOSE(survival->eta_c, 1.0 / (4.0 * 1.37), 1e-14, 0.0);
    ssldyn_survival_free(survival);
    ssldyn_survival_free(NULL);
}
END_TEST

/* In the plane every direction can be tried: v = (cos a, sin a). The scan misses the maximum by at
 * most the curvature times the squared step, below 1e-8 of it here. */
START_TEST(plane_equals_a_scan)
{
    double X[4];
    double sum[4];
    make_positive(2, 0.02, 10 + (uint64_t)_i, X);
    make_positive(2, 0.01, 90 + (uint64_t)_i, sum);
    for (size_t i = 0; i < 4; i++)
        sum[i] += X[i];
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_FULL, .n1 = 2, .X = X, .sum = sum};
    struct ssldyn_survival *survival = analyze(&moments);
    double best = 0.0;
    const int steps = 200000;
    for (int k = 0; k < steps; k++) {
        const double angle = 3.14159265358979323846 * k / steps;
        const double c = cos(angle);
        const double s = sin(angle);
        const double data = X[0] * c * c + 2.0 * X[1] * c * s + X[3] * s * s;
        const double total = sum[0] * c * c + 2.0 * sum[1] * c * s + sum[3] * s * s;
        best = fmax(best, data * data / (4.0 * total));
    }
    CHECK_CLOSE(survival->eta_c, best, 1e-7, 0.0);
    ck_assert(survival->eta_c >= best * (1.0 - 1e-14));
    ssldyn_survival_free(survival);
}
END_TEST

/* eta_c is the fold of the quadratic eigenproblem: real roots just below it, none just above; and
 * (b, v) solves (b X - b^2 S) v = eta_c v. */
START_TEST(threshold_is_the_last_real_pair)
{
    double X[N * N];
    double sum[N * N];
    make_positive(N, 0.02, 10 + (uint64_t)_i, X);
    make_positive(N, 0.01, 90 + (uint64_t)_i, sum);
    for (size_t i = 0; i < N * N; i++)
        sum[i] += X[i];
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_FULL, .n1 = N, .X = X, .sum = sum};
    struct ssldyn_survival *survival = analyze(&moments);
    struct ssldyn_survival_counts counts;
    ck_assert_int_eq(
        ssldyn_survival_count_at(survival, survival->eta_c * (1.0 - 1e-6), &counts, NULL),
        SSLDYN_OK);
    ck_assert_uint_eq(counts.pairs, 1);
    ck_assert_int_eq(
        ssldyn_survival_count_at(survival, survival->eta_c * (1.0 + 1e-6), &counts, NULL),
        SSLDYN_OK);
    ck_assert_uint_eq(counts.pairs, 0);
    ck_assert_uint_eq(counts.along_x, 0);
    ck_assert_uint_eq(counts.along_pair, 0);
    /* The ascent stops when the value no longer increases: v is then accurate to sqrt(epsilon). */
    for (size_t i = 0; i < N; i++) {
        double residual = -survival->eta_c * survival->v[i];
        for (size_t k = 0; k < N; k++)
            residual +=
                survival->b * (X[i * N + k] - survival->b * sum[i * N + k]) * survival->v[k];
        CHECK_CLOSE(residual, 0.0, 0.0, 1e-6);
    }
    ck_assert(survival->product[0] >= survival->eta_c * (1.0 - 1e-12)); /* Cauchy-Schwarz */
    /* No random direction gives more. */
    uint64_t seed = 5;
    for (int trial = 0; trial < 2000; trial++) {
        double v[N];
        double data = 0.0;
        double total = 0.0;
        double square = 0.0;
        for (size_t i = 0; i < N; i++) {
            v[i] = draw(&seed);
            square += v[i] * v[i];
        }
        for (size_t i = 0; i < N * N; i++) {
            data += v[i / N] * X[i] * v[i % N] / square;
            total += v[i / N] * sum[i] * v[i % N] / square;
        }
        ck_assert(data * data / (4.0 * total) <= survival->eta_c * (1.0 + 1e-12));
    }
    /* In the eigenbasis of X + X' the thresholds are the same. */
    struct ssldyn_moments_basis *basis = NULL;
    double Xprime[N * N];
    for (size_t i = 0; i < N * N; i++)
        Xprime[i] = sum[i] - X[i];
    ck_assert_int_eq(ssldyn_moments_basis_create(N, X, Xprime, "--x", "--xprime", &basis, NULL),
                     SSLDYN_OK);
    ck_assert_int_eq(basis->moments.kind, SSLDYN_MOMENTS_HALF);
    struct ssldyn_survival *turned = analyze(&basis->moments);
    CHECK_CLOSE(turned->eta_c, survival->eta_c, 1e-12, 0.0);
    for (size_t j = 0; j < N; j++) {
        CHECK_CLOSE(turned->along_x[j], survival->along_x[j], 1e-10, 1e-13);
        CHECK_CLOSE(turned->along_sum[j], survival->along_sum[j], 1e-10, 1e-13);
        CHECK_CLOSE(turned->along_pair[j], survival->along_pair[j], 1e-9, 1e-13);
        CHECK_CLOSE(turned->product[j], survival->product[j], 1e-10, 1e-13);
    }
    ssldyn_survival_free(turned);
    ssldyn_moments_basis_free(basis);
    ssldyn_survival_free(survival);
}
END_TEST

START_TEST(image_moments_give_their_numbers)
{
    const char *data = getenv("SSLDYN_DATA");
    if (data == NULL) {
        fputs("survival: SSLDYN_DATA is not set: the moments of images are skipped\n", stderr);
        return;
    }
    char x[1024];
    char xprime[1024];
    (void)snprintf(x, sizeof x, "%s/cifar10-moments/x48.npy", data);
    (void)snprintf(xprime, sizeof xprime, "%s/cifar10-moments/xprime48.npy", data);
    struct ssldyn_moments_basis *basis = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_msg(ssldyn_inputs_read_moments(x, xprime, &basis, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_uint_eq(basis->n1, 48);
    struct ssldyn_survival *survival = analyze(&basis->moments);
    CHECK_CLOSE(survival->eta_c, 4.66301, 0.0, 0.5e-5); /* six digits are known */
    static const double etas[] = {4.803, 4.523, 1.0, 0.5, 0.2, 0.1, 0.05};
    static const size_t pairs[] = {0, 1, 2, 4, 5, 8, 9};
    static const size_t along_x[] = {0, 1, 2, 4, 5, 8, 10};
    /* The eigenvectors of X + X' give the number of modes that a flow from a large start keeps at
     * each of these. */
    static const size_t along_sum[] = {0, 1, 2, 4, 5, 8, 11};
    static const size_t along_pair[] = {0, 0, 0, 2, 2, 4, 5};
    /* From NumPy: eigenvalues of X (X + X')^-1 X/4 above eta. */
    static const size_t product[] = {0, 1, 2, 4, 5, 8, 10};
    for (size_t k = 0; k < 7; k++) {
        struct ssldyn_survival_counts counts;
        ck_assert_int_eq(ssldyn_survival_count_at(survival, etas[k], &counts, NULL), SSLDYN_OK);
        ck_assert_uint_eq(counts.pairs, pairs[k]);
        ck_assert_uint_eq(counts.along_x, along_x[k]);
        ck_assert_uint_eq(counts.along_sum, along_sum[k]);
        ck_assert_uint_eq(counts.along_pair, along_pair[k]);
        ck_assert_uint_eq(counts.product, product[k]);
    }
    ssldyn_survival_free(survival);
    ssldyn_moments_basis_free(basis);
}
END_TEST

TEST_SUITE(survival)
{
    tcase_add_loop_test(tests, pairs_survive_by_their_symmetric_part, 0, 2);
    tcase_add_test(tests, commuting_moments_have_the_closed_form);
    tcase_add_loop_test(tests, plane_equals_a_scan, 0, 6);
    tcase_add_loop_test(tests, threshold_is_the_last_real_pair, 0, 12);
    tcase_add_test(tests, image_moments_give_their_numbers);
}
