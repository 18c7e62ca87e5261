/* The cosine loss for matrices: a reference on moments that do not commute, the aligned frame in
 * rotated coordinates, Monte Carlo, differences of the loss, and invalid cases. */
// SPDX-License-Identifier: MIT
#include "sim/loss/cosine_matrix.h"

#include "sim/linalg/linalg.h"
#include "sim/run/moments_basis.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/cosine_modes.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum { MOST = 8 };

/* Sigma_s and X that do not commute, a Wp that is not symmetric, and a separate target. */
static const double sum3[] = {2, .3, .1, .3, 1.5, .2, .1, .2, 1};
static const double X3[] = {1, .1, .2, .1, .8, 0, .2, 0, .5};
static const double W3[] = {.5, -.2, .3, .1, .6, -.4};
static const double Wp3[] = {.8, .3, -.2, .5};
static const double Wa3[] = {.4, .1, .2, 0, .5, -.3};
static const struct ssldyn_moments moments3 = {
    .kind = SSLDYN_MOMENTS_FULL, .n1 = 3, .X = X3, .sum = sum3};

static double gradient(const struct ssldyn_moments *moments, size_t n2, const double Wp[],
                       const double W[], const double Wa[], double spacing, double G[])
{
    struct ssldyn_cosine_matrix *cosine = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double loss = 0.0;
    ck_assert_msg(ssldyn_cosine_matrix_create(n2, moments, false, &cosine, &err) == SSLDYN_OK, "%s",
                  err.message);
    ck_assert_msg(ssldyn_cosine_matrix_gradient(cosine, Wp, W, Wa, spacing, G, &loss, &err) ==
                      SSLDYN_OK,
                  "%s", err.message);
    ssldyn_cosine_matrix_free(cosine);
    return loss;
}

/* Computed by this factorization, by Schur complements, and, within the error, from 4e6 samples. */
START_TEST(reference)
{
    static const double exact[] = {-.096642984318, .000676558748, .0979378658,
                                   -.001529717096, .080416654485, -.009124076177};
    double G[6];
    const double loss = gradient(&moments3, 2, Wp3, W3, Wa3, SSLDYN_COSINE_FINE, G);
    for (int i = 0; i < 6; i++)
        CHECK_CLOSE(G[i], exact[i], 0.0, 5.1e-11); /* the digits given */
    CHECK_CLOSE(loss, -.46858585411934, 2e-14, 0.0);
}
END_TEST

/* Matrices that share singular vectors give the gradient of the modes in that frame, to rounding;
 * also with equal views (X' = 0) and nearly equal ones. n2 = 3, n1 = 5: the other directions of the
 * data have no effect. */
START_TEST(aligned_matrices_are_modes)
{
    static const double noise[] = {0.5, 0.0, 1e-9};
    const double p[] = {.9, .5, .3};
    const double w[] = {1, .7, .4};
    const double wa[] = {.8, .7, .5};
    const double d[] = {1, .8, .6, .3, .2};
    uint64_t state = 3 + (uint64_t)_i;
    double U[MOST * MOST];
    double V[MOST * MOST];
    double s[5];
    double rest[5];
    draw_orthogonal(&state, 3, U);
    draw_orthogonal(&state, 5, V);
    for (size_t j = 0; j < 5; j++) {
        s[j] = d[j] + noise[_i];
        rest[j] = noise[_i] * (s[j] + d[j]);
    }
    double X[25];
    double sum[25];
    double Wp[9];
    double W[15];
    double Wa[15];
    double G[15];
    double expected[15];
    double modes[3];
    double loss = 0.0;
    double workspace[9 * MOST];
    naive_compose(5, 5, V, d, V, X);
    naive_compose(5, 5, V, s, V, sum);
    naive_compose(3, 3, U, p, U, Wp);
    naive_compose(3, 5, U, w, V, W);
    naive_compose(3, 5, U, wa, V, Wa);
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_FULL, .n1 = 5, .X = X, .sum = sum};
    const struct ssldyn_cosine_data data = {3, s, s, d, rest};
    ck_assert(
        ssldyn_cosine_modes_gradient(&data, p, w, wa, SSLDYN_COSINE_FINE, modes, &loss, workspace));
    naive_compose(3, 5, U, modes, V, expected);
    const double found = gradient(&moments, 3, Wp, W, Wa, SSLDYN_COSINE_FINE, G);
    CHECK_CLOSE(found, loss, 1e-13, 0.0);
    for (size_t i = 0; i < 15; i++)
        CHECK_CLOSE(G[i], expected[i], 0.0, 1e-12);
}
END_TEST

/* The mean of g x1^T over 400,000 pairs drawn from the moments: every entry within 4.5 of its
 * standard errors (6 entries: a chance of 4e-5, and the seed is fixed). Pairs are drawn as x1 = r +
 * e1, x2 = r + e2 with r from X and e from X'. */
START_TEST(samples_agree)
{
    enum { PAIRS = 400000 };
    double G[6];
    double sum[6] = {0.0};
    double squares[6] = {0.0};
    double shared[9];
    double noise[9];
    double values[3];
    struct ssldyn_eigen *eigen = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    (void)gradient(&moments3, 2, Wp3, W3, Wa3, SSLDYN_COSINE_FINE, G);
    ck_assert(ssldyn_eigen_create(3, &eigen, &err) == SSLDYN_OK);
    double difference[9];
    for (int i = 0; i < 9; i++)
        difference[i] = sum3[i] - X3[i];
    ck_assert(ssldyn_eigen_symmetric(eigen, X3, values, shared, &err) == SSLDYN_OK);
    for (int i = 0; i < 9; i++)
        shared[i] *= sqrt(values[i % 3]);
    ck_assert(ssldyn_eigen_symmetric(eigen, difference, values, noise, &err) == SSLDYN_OK);
    for (int i = 0; i < 9; i++)
        noise[i] *= sqrt(values[i % 3]);
    ssldyn_eigen_free(eigen);
    uint64_t state = 11;
    for (int pair = 0; pair < PAIRS; pair++) {
        double z[9];
        for (int i = 0; i < 9; i++) { /* Box and Muller */
            const double radius = sqrt(-2.0 * log(draw_between(&state, 0.0, 1.0)));
            z[i] = radius * cos(draw_between(&state, 0.0, 6.283185307179586));
        }
        double x1[3] = {0.0};
        double x2[3] = {0.0};
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                x1[i] += shared[3 * i + j] * z[j] + noise[3 * i + j] * z[3 + j];
                x2[i] += shared[3 * i + j] * z[j] + noise[3 * i + j] * z[6 + j];
            }
        }
        double f[2];
        double b[2];
        for (int i = 0; i < 2; i++) {
            f[i] = W3[3 * i] * x1[0] + W3[3 * i + 1] * x1[1] + W3[3 * i + 2] * x1[2];
            b[i] = Wa3[3 * i] * x2[0] + Wa3[3 * i + 1] * x2[1] + Wa3[3 * i + 2] * x2[2];
        }
        const double a[2] = {Wp3[0] * f[0] + Wp3[1] * f[1], Wp3[2] * f[0] + Wp3[3] * f[1]};
        const double norm_a = hypot(a[0], a[1]);
        const double norm_b = hypot(b[0], b[1]);
        const double cosine = (a[0] * b[0] + a[1] * b[1]) / (norm_a * norm_b);
        for (int i = 0; i < 6; i++) {
            const double g = (b[i / 3] / norm_b - cosine * a[i / 3] / norm_a) / norm_a * x1[i % 3];
            sum[i] += g;
            squares[i] += g * g;
        }
    }
    for (int i = 0; i < 6; i++) {
        const double mean = sum[i] / PAIRS;
        const double error = sqrt((squares[i] / PAIRS - mean * mean) / PAIRS);
        CHECK_CLOSE(mean, G[i], 0.0, 4.5 * error);
    }
}
END_TEST

/* tr(Wp W G^T) = 0 to rounding, and the derivative of the loss along a direction of (Wp, W) is -<G,
 * the change of Wp W> (central differences: h^2), for wide and tall W. */
START_TEST(gradient_is_that_of_the_loss)
{
    static const size_t rows[] = {5, 4, 2};
    static const size_t columns[] = {7, 3, 2};
    const size_t n2 = rows[_i];
    const size_t n1 = columns[_i];
    uint64_t state = 5;
    double A[MOST * MOST];
    double X[MOST * MOST];
    double sum[MOST * MOST];
    double Wp[MOST * MOST];
    double W[MOST * MOST] = {0.0};
    double Wa[MOST * MOST] = {0.0};
    double G[MOST * MOST];
    double ignored[MOST * MOST];
    double M[MOST * MOST];
    draw_matrix(&state, n1 * n1, A);
    for (size_t i = 0; i < n1 * n1; i++)
        X[i] = 0.0;
    for (size_t i = 0; i < n1; i++) {
        for (size_t j = 0; j < n1; j++) {
            for (size_t k = 0; k < n1; k++)
                X[i * n1 + j] += A[i * n1 + k] * A[j * n1 + k];
        }
    }
    draw_matrix(&state, n1 * n1, A);
    memcpy(sum, X, sizeof sum);
    for (size_t i = 0; i < n1; i++) {
        for (size_t j = 0; j < n1; j++) {
            for (size_t k = 0; k < n1; k++)
                sum[i * n1 + j] += 0.3 * A[i * n1 + k] * A[j * n1 + k];
        }
    }
    draw_matrix(&state, n2 * n2, Wp);
    draw_matrix(&state, n2 * n1, W);
    draw_matrix(&state, n2 * n1, Wa);
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_FULL, .n1 = n1, .X = X, .sum = sum};
    (void)gradient(&moments, n2, Wp, W, Wa, SSLDYN_COSINE_FINE, G);
    ssldyn_dense_multiply(n2, n2, n1, Wp, W, M);
    double inner = 0.0;
    double size = 0.0;
    for (size_t i = 0; i < n2 * n1; i++) {
        inner += M[i] * G[i];
        size += fabs(M[i] * G[i]);
    }
    CHECK_CLOSE(inner, 0.0, 0.0, 1e-12 * size);
    double direction[MOST * MOST];
    double change[MOST * MOST];
    double moved[MOST * MOST];
    double loss[2];
    const double h = 1e-4;
    draw_matrix(&state, n2 * n1, direction);
    ssldyn_dense_multiply(n2, n2, n1, Wp, direction, change);
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i < n2 * n1; i++)
            moved[i] = W[i] + (side == 0 ? -h : h) * direction[i];
        loss[side] = gradient(&moments, n2, Wp, moved, Wa, SSLDYN_COSINE_FINE, ignored);
    }
    double expected = 0.0;
    for (size_t i = 0; i < n2 * n1; i++)
        expected -= G[i] * change[i];
    CHECK_CLOSE((loss[1] - loss[0]) / (2.0 * h), expected, 1e-5, 1e-6);
}
END_TEST

/* The same in larger networks, by resolvents; where 13 of 16 modes are 1e-9, by eigenvectors; and
 * with fewer directions of data than rows. */
START_TEST(large_matrices_are_modes)
{
    enum { LARGE = 44 };
    static const size_t sizes[][3] = {{16, 20, 16}, {16, 20, 3}, {14, 9, 9}, {40, 44, 40}};
    static double U[LARGE * LARGE], V[LARGE * LARGE], X[LARGE * LARGE], sum[LARGE * LARGE];
    static double Wp[LARGE * LARGE], W[LARGE * LARGE], Wa[LARGE * LARGE], G[LARGE * LARGE];
    static double expected[LARGE * LARGE], workspace[64 * LARGE];
    const size_t n2 = sizes[_i][0];
    const size_t n1 = sizes[_i][1];
    const size_t n = n1 < n2 ? n1 : n2;
    double p[LARGE], w[LARGE], wa[LARGE], d[LARGE], s[LARGE], rest[LARGE], modes[LARGE];
    double loss = 0.0;
    double size = 0.0;
    uint64_t state = 31 + (uint64_t)_i;
    for (size_t j = 0; j < LARGE; j++) {
        const double scale = j < sizes[_i][2] ? 1.0 : 1e-9;
        p[j] = draw_between(&state, 0.3, 0.9);
        w[j] = scale * draw_between(&state, 0.4, 1.2);
        wa[j] = scale * draw_between(&state, 0.4, 1.2);
        d[j] = draw_between(&state, 0.5, 1.0);
        s[j] = d[j] + 0.3;
        rest[j] = (s[j] - d[j]) * (s[j] + d[j]);
    }
    draw_orthogonal(&state, n2, U);
    draw_orthogonal(&state, n1, V);
    naive_compose(n1, n1, V, d, V, X);
    naive_compose(n1, n1, V, s, V, sum);
    naive_compose(n2, n2, U, p, U, Wp);
    naive_compose(n2, n1, U, w, V, W);
    naive_compose(n2, n1, U, wa, V, Wa);
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_FULL, .n1 = n1, .X = X, .sum = sum};
    const struct ssldyn_cosine_data data = {n, s, s, d, rest};
    ck_assert_uint_le(ssldyn_cosine_modes_workspace(n), sizeof workspace / sizeof *workspace);
    ck_assert(
        ssldyn_cosine_modes_gradient(&data, p, w, wa, SSLDYN_COSINE_FINE, modes, &loss, workspace));
    naive_compose(n2, n1, U, modes, V, expected);
    CHECK_CLOSE(gradient(&moments, n2, Wp, W, Wa, SSLDYN_COSINE_FINE, G), loss, 1e-13, 0.0);
    for (size_t j = 0; j < n; j++)
        size = fmax(size, fabs(modes[j]));
    for (size_t i = 0; i < n2 * n1; i++)
        CHECK_CLOSE(G[i], expected[i], 0.0, 1e-12 * size);
}
END_TEST

/* Diagonal data, or data with a diagonal sum, give the same as the full matrices. */
START_TEST(kinds_of_moments)
{
    enum { N1 = 5, N2 = 3 };
    const double d[] = {1, .8, .6, .3, .2};
    const double s[] = {1.5, 1.1, 1.6, .9, .2};
    double X[N1 * N1] = {0.0};
    double sum[N1 * N1] = {0.0};
    double one[N1 * N1] = {0.0};
    double c[N1 * N1] = {0.0};
    double Wp[N2 * N2], W[N2 * N1], Wa[N2 * N1], G[4][N2 * N1];
    uint64_t state = 77;
    draw_matrix(&state, N2 * N2, Wp);
    draw_matrix(&state, N2 * N1, W);
    draw_matrix(&state, N2 * N1, Wa);
    for (size_t i = 0; i < N1; i++) {
        X[i * N1 + i] = d[i];
        sum[i * N1 + i] = s[i];
        one[i * N1 + i] = 1.0;
        c[i * N1 + i] = 1.25;
    }
    const struct ssldyn_moments kinds[][2] = {
        {{.kind = SSLDYN_MOMENTS_DIAGONAL, .n1 = N1, .X = d, .sum = s},
         {.kind = SSLDYN_MOMENTS_FULL, .n1 = N1, .X = X, .sum = sum}},
        {{.kind = SSLDYN_MOMENTS_HALF, .n1 = N1, .X = X, .sum = s},
         {.kind = SSLDYN_MOMENTS_FULL, .n1 = N1, .X = X, .sum = sum}},
        {{.kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = N1, .c = 1.25},
         {.kind = SSLDYN_MOMENTS_FULL, .n1 = N1, .X = one, .sum = c}}};
    for (int k = 0; k < 2; k++)
        (void)gradient(&kinds[_i][k], N2, Wp, W, Wa, SSLDYN_COSINE_STANDARD, G[k]);
    for (size_t i = 0; i < N2 * N1; i++)
        CHECK_CLOSE(G[0][i], G[1][i], 0.0, 1e-12);
}
END_TEST

/* Node spacings from accuracies: the promised accuracy holds for sizes handled by either method. */
START_TEST(accuracy_is_kept)
{
    static const double accuracies[] = {1e-7, 1e-9, 1e-11};
    const size_t n2 = _i == 0 ? 3 : 16;
    const size_t n1 = n2 + 2;
    double X[18 * 18] = {0.0}, sum[18 * 18], Wp[256], W[288], Wa[288], A[18 * 18];
    double exact[288], G[288];
    double size = 0.0;
    uint64_t state = 41;
    draw_matrix(&state, n1 * n1, A);
    naive_add(n1, n1, n1, 1.0, A, false, A, true, X);
    for (size_t i = 0; i < n1 * n1; i++)
        sum[i] = X[i] + (i % (n1 + 1) == 0 ? 0.3 + 0.1 * (double)(i / n1) : 0.0);
    draw_matrix(&state, n2 * n2, Wp);
    draw_matrix(&state, n2 * n1, W);
    draw_matrix(&state, n2 * n1, Wa);
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_FULL, .n1 = n1, .X = X, .sum = sum};
    (void)gradient(&moments, n2, Wp, W, Wa, 0.15, exact);
    for (size_t i = 0; i < n2 * n1; i++)
        size = fmax(size, fabs(exact[i]));
    for (int k = 0; k < 3; k++) {
        const double spacing = ssldyn_cosine_rule_spacing(accuracies[k]);
        (void)gradient(&moments, n2, Wp, W, Wa, spacing, G);
        for (size_t i = 0; i < n2 * n1; i++)
            CHECK_CLOSE(G[i], exact[i], 0.0, accuracies[k] * size);
    }
}
END_TEST

/* The law of a pair of n1 and m numbers, as data that are predicted. */
static struct ssldyn_moments_basis *pair_of(size_t n1, size_t m, bool predicted)
{
    double factor[4 * MOST * MOST];
    double S[4 * MOST * MOST] = {0.0};
    double Sxx[MOST * MOST];
    double Syx[MOST * MOST];
    double Syy[MOST * MOST];
    const size_t n = n1 + m;
    struct ssldyn_moments_basis *basis = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    uint64_t state = 41;
    draw_matrix(&state, n * n, factor);
    naive_add(n, n, n, 1.0, factor, false, factor, true, S);
    for (size_t i = 0; i < n1; i++)
        memcpy(Sxx + i * n1, S + i * n, n1 * sizeof *S);
    for (size_t i = 0; i < m; i++) {
        memcpy(Syx + i * n1, S + (n1 + i) * n, n1 * sizeof *S);
        memcpy(Syy + i * m, S + (n1 + i) * n + n1, m * sizeof *S);
    }
    const struct ssldyn_moments_pair pair = {n1,   predicted ? m : 0, Sxx, Syx, Syy, "Sxx", "Syx",
                                             "Syy"};
    ck_assert_msg(ssldyn_moments_basis_of_pair(&pair, &basis, &err) == SSLDYN_OK, "%s",
                  err.message);
    return basis;
}

/* MAE, y of more, fewer and as many numbers as x and as W has rows: G is minus the derivative of the
 * loss by Wp W, along random directions, to differences of second order. */
START_TEST(gradient_of_predicted_data)
{
    static const size_t sizes[][3] = {{3, 4, 5}, {4, 3, 2}, {2, 5, 4}, {3, 3, 3}};
    const size_t hidden = sizes[_i][0];
    const size_t n1 = sizes[_i][1];
    const size_t m = sizes[_i][2];
    struct ssldyn_moments_basis *basis = pair_of(n1, m, true);
    const double h = 1e-5;
    double Wp[MOST * MOST];
    double W[MOST * MOST];
    double G[MOST * MOST];
    double pull[MOST * MOST] = {0.0};
    uint64_t state = 7;
    draw_matrix(&state, m * hidden, Wp);
    draw_matrix(&state, hidden * n1, W);
    (void)gradient(&basis->moments, hidden, Wp, W, NULL, SSLDYN_COSINE_FINE, G);
    naive_add(m, hidden, n1, 1.0, G, false, W, true, pull);
    for (size_t i = 0; i < m * hidden + hidden * n1; i++) {
        double *entry = i < m * hidden ? &Wp[i] : &W[i - m * hidden];
        double want = i < m * hidden ? pull[i] : 0.0; /* G W^T, Wp^T G */
        double unused[MOST * MOST];
        for (size_t k = 0; i >= m * hidden && k < m; k++)
            want += Wp[k * hidden + (i - m * hidden) / n1] * G[k * n1 + (i - m * hidden) % n1];
        const double at = *entry;
        *entry = at + h;
        const double up =
            gradient(&basis->moments, hidden, Wp, W, NULL, SSLDYN_COSINE_FINE, unused);
        *entry = at - h;
        const double down =
            gradient(&basis->moments, hidden, Wp, W, NULL, SSLDYN_COSINE_FINE, unused);
        *entry = at;
        CHECK_CLOSE(want, -(up - down) / (2.0 * h), 0.0, 2e-9);
    }
    ssldyn_moments_basis_free(basis);
}
END_TEST

/* Where y has the size of x and of the predictions, it is a JEPA's target with Wa the identity, in
 * the coordinates of the user. */
START_TEST(predicted_data_are_a_target)
{
    const size_t n = 4;
    struct ssldyn_moments_basis *data = pair_of(n, n, true);
    struct ssldyn_moments_basis *pair = pair_of(n, n, false);
    double Wp[MOST * MOST];
    double W[MOST * MOST];
    double got[MOST * MOST];
    double want[MOST * MOST];
    uint64_t state = 13;
    draw_matrix(&state, n * n, Wp);
    draw_matrix(&state, n * n, W);
    const double loss = gradient(&pair->moments, n, Wp, W, pair->Q, SSLDYN_COSINE_FINE, want);
    CHECK_CLOSE(gradient(&data->moments, n, Wp, W, NULL, SSLDYN_COSINE_FINE, got), loss, 1e-13,
                0.0);
    for (size_t i = 0; i < n * n; i++)
        CHECK_CLOSE(got[i], want[i], 1e-11, 1e-13);
    ssldyn_moments_basis_free(data);
    ssldyn_moments_basis_free(pair);
}
END_TEST

START_TEST(invalid_cases_are_reported)
{
    const double zero[6] = {0.0};
    const double thin[6] = {1, 2, 3, 2, 4, 6};
    struct ssldyn_cosine_matrix *cosine = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    double G[6];
    double loss = 0.0;
    ck_assert(ssldyn_cosine_matrix_create(1, &moments3, false, &cosine, &err) == SSLDYN_EINPUT);
    ck_assert(strstr(err.message, "n2 >= 2") != NULL);
    ck_assert(ssldyn_cosine_matrix_create(2, &moments3, false, &cosine, &err) == SSLDYN_OK);
    ck_assert(ssldyn_cosine_matrix_gradient(cosine, Wp3, W3, zero, SSLDYN_COSINE_FINE, G, &loss,
                                            &err) == SSLDYN_EFAILED);
    ck_assert(ssldyn_cosine_matrix_gradient(cosine, NULL, zero, Wa3, SSLDYN_COSINE_FINE, G, &loss,
                                            &err) == SSLDYN_EFAILED);
    ck_assert(ssldyn_cosine_matrix_gradient(cosine, NULL, W3, thin, SSLDYN_COSINE_FINE, G, &loss,
                                            &err) == SSLDYN_OK);
    ssldyn_cosine_matrix_free(cosine);
    struct ssldyn_moments_basis *basis = pair_of(3, 3, true);
    ck_assert(ssldyn_cosine_matrix_create(1, &basis->moments, false, &cosine, &err) ==
              SSLDYN_EINPUT);
    ck_assert(strstr(err.message, "the mean gradient is infinite") != NULL);
    basis->moments.second = NULL;
    ck_assert(ssldyn_cosine_matrix_create(2, &basis->moments, false, &cosine, &err) ==
              SSLDYN_EINPUT);
    ck_assert(strstr(err.message, "Syy") != NULL);
    ssldyn_moments_basis_free(basis);
    basis = pair_of(3, 1, true);
    ck_assert(ssldyn_cosine_matrix_create(2, &basis->moments, false, &cosine, &err) ==
              SSLDYN_EINPUT);
    ck_assert(strstr(err.message, "two numbers or more") != NULL);
    ssldyn_moments_basis_free(basis);
}
END_TEST

TEST_SUITE(cosine_matrix)
{
    tcase_add_test(tests, reference);
    tcase_add_loop_test(tests, aligned_matrices_are_modes, 0, 3);
    tcase_add_test(tests, samples_agree);
    tcase_add_loop_test(tests, gradient_is_that_of_the_loss, 0, 3);
    tcase_add_loop_test(tests, large_matrices_are_modes, 0, 4);
    tcase_add_loop_test(tests, kinds_of_moments, 0, 3);
    tcase_add_loop_test(tests, accuracy_is_kept, 0, 2);
    tcase_add_loop_test(tests, gradient_of_predicted_data, 0, 4);
    tcase_add_test(tests, predicted_data_are_a_target);
    tcase_add_test(tests, invalid_cases_are_reported);
}
