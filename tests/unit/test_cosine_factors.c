/* The factors of the data compared with their definitions, for each kind of moments. */
// SPDX-License-Identifier: MIT
#include "sim/loss/cosine_factors.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>

enum { N = 4, AREA = N * N };
/* Ten steps at most, eigenproblems and products of N x N matrices with entries below 2, each off by
 * N^2 u times those, 3.6e-15, and grown by Ss^(-1/2), below 1.9 (no variance of Ss is below .3). */
static const double rounding = 1e-13;

/* Matrices of the data as full matrices. */
static void whole(const struct ssldyn_cosine_factors *data, const double matrix[], double A[AREA])
{
    for (int i = 0; i < AREA; i++) {
        const double diagonal = i % (N + 1) == 0 && data->diagonal ? matrix[i / N] : 0.0;
        A[i] = data->diagonal ? diagonal : matrix[i];
    }
}

/* root root = Ss, Y root = X and R + Y Y^T = Ss, to rounding. */
static void check_factors(const struct ssldyn_moments *moments, const double X[AREA],
                          const double sum[AREA])
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_cosine_factors data;
    double root[AREA], Y[AREA], R[AREA], squared[AREA] = {0}, cross[AREA] = {0};
    ck_assert_msg(ssldyn_cosine_factors_init(&data, moments, false, &err) == SSLDYN_OK, "%s",
                  err.message);
    whole(&data, data.root, root);
    whole(&data, data.Y, Y);
    whole(&data, data.R, R);
    naive_add(N, N, N, 1.0, root, false, root, false, squared);
    naive_add(N, N, N, 1.0, Y, false, root, false, cross);
    naive_add(N, N, N, 1.0, Y, false, Y, true, R);
    for (int i = 0; i < AREA; i++) {
        CHECK_CLOSE(squared[i], sum[i], 0.0, rounding);
        CHECK_CLOSE(cross[i], X[i], 0.0, rounding);
        CHECK_CLOSE(R[i], sum[i], 0.0, rounding);
    }
    double A[3 * N], got[3 * N];
    uint64_t state = 5;
    draw_matrix(&state, 3 * N, A);
    for (int transposed = 0; transposed < 2; transposed++) {
        double want[3 * N] = {0};
        ssldyn_cosine_factors_apply(&data, 3, A, data.Y, transposed, got);
        naive_add(3, N, N, 1.0, A, false, Y, transposed, want);
        for (int i = 0; i < 3 * N; i++)
            CHECK_CLOSE(got[i], want[i], 0.0, rounding);
    }
    ssldyn_cosine_factors_clear(&data);
    ssldyn_cosine_factors_clear(&data); /* fine twice */
}

/* X and X + X' with the spectra d and s in the frames of U and V. */
static void compose(const double U[AREA], const double d[N], const double V[AREA],
                    const double noise[N], double X[AREA], double sum[AREA])
{
    double other[AREA];
    naive_compose(N, N, U, d, U, X);
    naive_compose(N, N, V, noise, V, other);
    for (int i = 0; i < AREA; i++)
        sum[i] = X[i] + other[i];
}

START_TEST(factors_of_every_kind)
{
    static const double d[N] = {1.3, 0.7, 0.4, 0.2}, noise[N] = {0.2, 0.9, 0.1, 0.5};
    static const double one[N] = {1, 1, 1, 1}, same[N] = {0.6, 0.6, 0.6, 0.6};
    double I[AREA], U[AREA], V[AREA], X[AREA], sum[AREA], sums[N];
    uint64_t state = 3;
    for (int i = 0; i < AREA; i++)
        I[i] = i % (N + 1) == 0 ? 1.0 : 0.0;
    draw_orthogonal(&state, N, U);
    draw_orthogonal(&state, N, V);
    compose(I, one, I, same, X, sum);
    check_factors(&(struct ssldyn_moments){.kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = N, .c = 1.6}, X,
                  sum);
    compose(I, d, I, noise, X, sum);
    for (int j = 0; j < N; j++)
        sums[j] = d[j] + noise[j];
    check_factors(
        &(struct ssldyn_moments){.kind = SSLDYN_MOMENTS_DIAGONAL, .n1 = N, .X = d, .sum = sums}, X,
        sum);
    compose(U, d, V, noise, X, sum);
    check_factors(
        &(struct ssldyn_moments){.kind = SSLDYN_MOMENTS_FULL, .n1 = N, .X = X, .sum = sum}, X, sum);
    /* X + X' diagonal, X not: all of X is below it, as d < 1.5 */
    naive_compose(N, N, U, d, U, X);
    for (int i = 0; i < AREA; i++)
        sum[i] = I[i] * (1.5 + 0.1 * (double)(i / N));
    for (int j = 0; j < N; j++)
        sums[j] = sum[j * (N + 1)];
    check_factors(
        &(struct ssldyn_moments){.kind = SSLDYN_MOMENTS_HALF, .n1 = N, .X = X, .sum = sums}, X,
        sum);
}
END_TEST

/* Equal views give R = 0 to rounding, where a difference would lose 1e-16 of Ss; a direction
 * without variance is 0 in all factors. */
START_TEST(ends_of_the_range)
{
    static const double d[N] = {1.3, 0.7, 0.4, 0.0}, sums[N] = {1.3, 0.7, 0.5, 0.0};
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_DIAGONAL, .n1 = N, .X = d, .sum = sums};
    struct ssldyn_cosine_factors data;
    ck_assert_int_eq(ssldyn_cosine_factors_init(&data, &moments, false, NULL), SSLDYN_OK);
    ck_assert_double_eq(data.R[0], 0.0);
    ck_assert_double_eq(data.R[1], 0.0);
    CHECK_CLOSE(data.R[2], 0.1 * 0.9 / 0.5, 1e-15, 0.0);
    ck_assert(data.root[3] == 0.0 && data.Y[3] == 0.0 && data.R[3] == 0.0);
    ssldyn_cosine_factors_clear(&data);
}
END_TEST

TEST_SUITE(cosine_factors)
{
    tcase_add_test(tests, factors_of_every_kind);
    tcase_add_test(tests, ends_of_the_range);
}
