/* The observer compared with matrices with known spectra, enumerated expectations and naive loops;
 * and the symmetries of a row. */
// SPDX-License-Identifier: MIT
#include "sim/observe/observer.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N1 = 5, N2 = 4, WIDTH = SSLDYN_MATRIX_SCALARS + SSLDYN_MATRIX_PER_MODE * N2 };

static const struct ssldyn_parameters base = {
    .rates = {.alpha_p = 1.31, .beta = 0.43, .eta_p = 0.037, .eta_s = 0.037, .c = 1.29},
    .lambda_s = 1.0,
    .lambda_d = 1.0,
    .stop_grad = true,
    .predictor = true,
    .set_power = 0.5,
};

static void fill(size_t count, double A[], uint64_t seed)
{
    draw_matrix(&seed, count, A);
}

/* C (rows x columns) = A B, or A B^T */
static void product(size_t rows, size_t inner, size_t columns, const double A[], const double B[],
                    bool transposed, double C[])
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < inner; k++)
                sum += A[i * inner + k] * (transposed ? B[j * inner + k] : B[k * columns + j]);
            C[i * columns + j] = sum;
        }
    }
}

static void make_orthogonal(size_t n, double Q[], uint64_t seed)
{
    draw_orthogonal(&seed, n, Q);
}

/* A <- Q A Q^T, n at most N1 */
static void conjugate(size_t n, const double Q[], double A[])
{
    double half[N1 * N1];
    product(n, n, n, Q, A, false, half);
    product(n, n, n, half, Q, true, A);
}

static void diagonal(size_t n, const double values[], double A[])
{
    for (size_t i = 0; i < n * n; i++)
        A[i] = i % (n + 1) == 0 ? values[i / (n + 1)] : 0.0;
}

static void observe(const struct ssldyn_parameters *parameters,
                    const struct ssldyn_moments *moments, const struct ssldyn_snapshot *snapshot,
                    double row[WIDTH])
{
    struct ssldyn_observer *observer = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_observer_create(N1, N2, parameters, moments, NULL, &observer, &err),
                     SSLDYN_OK);
    ck_assert_msg(ssldyn_observer_row(observer, snapshot, row, &err) == SSLDYN_OK, "%s",
                  err.message);
    ssldyn_observer_free(observer);
}

static double mode(const double row[WIDTH], enum ssldyn_matrix_mode column, size_t j)
{
    return row[ssldyn_layout_matrix_at(column, j)];
}

START_TEST(aligned_matrices_give_back_their_spectra)
{
    const double s[N2] = {2.71, 1.33, 0.42, 0.019};
    const double p[N2] = {0.31, -0.77, 1.9, 0.05};
    const double tau = 0.83;
    double Q[N2 * N2];
    double F[N2 * N2];
    double Wp[N2 * N2];
    double row[WIDTH];
    make_orthogonal(N2, Q, 11 + (uint64_t)_i);
    diagonal(N2, s, F);
    diagonal(N2, p, Wp);
    conjugate(N2, Q, F);
    conjugate(N2, Q, Wp);
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = N1, .c = base.rates.c};
    const struct ssldyn_snapshot snapshot = {
        .t = 3.5, .step = (double)NAN, .Wp = Wp, .F = F, .tau = tau};
    observe(&base, &moments, &snapshot, row);
    double smallest = (double)INFINITY;
    double loss = 0.0;
    const double sorted[N2] = {1.9, 0.31, 0.05, -0.77};
    for (size_t j = 0; j < N2; j++) {
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_S, j), s[j], 0.0, 1e-14);
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_P, j), p[j], 0.0, 1e-13);
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_COS, j), p[j] > 0.0 ? 1.0 : -1.0, 1e-12, 0.0);
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_WPE, j), sorted[j], 0.0, 1e-13);
        /* K_j of Thm 3 and the loss of one mode, E (p w x1 - tau w x2)^2 / 2 with variance c. */
        const double K = base.rates.c * (base.rates.alpha_p * s[j] / 2.0 + p[j] * p[j]) -
                         tau * p[j] + 1.5 * base.rates.eta_s;
        smallest = fmin(smallest, K);
        loss +=
            0.5 * s[j] * (base.rates.c * p[j] * p[j] - 2.0 * tau * p[j] + base.rates.c * tau * tau);
    }
    CHECK_CLOSE(row[SSLDYN_MATRIX_LAMBDA_MIN_K], smallest, 0.0, 1e-13);
    CHECK_CLOSE(row[SSLDYN_MATRIX_LOSS], loss, 1e-13, 0.0);
    CHECK_CLOSE(row[SSLDYN_MATRIX_COMMUTATOR], 0.0, 0.0, 1e-14);
    CHECK_CLOSE(row[SSLDYN_MATRIX_ASYMMETRY], 0.0, 0.0, 1e-15);
    CHECK_CLOSE(row[SSLDYN_MATRIX_NORM_W], sqrt(2.71 + 1.33 + 0.42 + 0.019), 1e-14,
                0.0); /* |W|^2 = tr F */
    ck_assert_double_eq(row[SSLDYN_MATRIX_TAU], tau);
    ck_assert_double_eq(row[SSLDYN_MATRIX_CORR_WA_W], 1.0);
    ck_assert_double_eq(row[SSLDYN_MATRIX_T], 3.5);
    ck_assert_double_nan(row[SSLDYN_MATRIX_STEP]);
}
END_TEST

START_TEST(scalars_equal_naive_loops)
{
    double Wp[N2 * N2];
    double W[N2 * N1];
    double Wa[N2 * N1];
    double F[N2 * N2];
    double FP[N2 * N2];
    double PF[N2 * N2];
    double row[WIDTH];
    fill(N2 * N2, Wp, 100 + (uint64_t)_i);
    fill(N2 * N1, W, 200 + (uint64_t)_i);
    fill(N2 * N1, Wa, 300 + (uint64_t)_i);
    const struct ssldyn_snapshot snapshot = {.t = 0.0, .step = 7.0, .Wp = Wp, .W = W, .Wa = Wa};
    observe(NULL, NULL, &snapshot, row);
    product(N2, N1, N2, W, W, true, F);
    product(N2, N2, N2, F, Wp, false, FP);
    product(N2, N2, N2, Wp, F, false, PF);
    double commutator = 0.0;
    double skew = 0.0;
    double square_p = 0.0;
    double trace_p = 0.0;
    for (size_t i = 0; i < N2; i++) {
        trace_p += Wp[i * N2 + i];
        for (size_t j = 0; j < N2; j++) {
            commutator += pow(FP[i * N2 + j] - PF[i * N2 + j], 2);
            skew += pow(Wp[i * N2 + j] - Wp[j * N2 + i], 2);
            square_p += Wp[i * N2 + j] * Wp[i * N2 + j];
        }
    }
    double square_w = 0.0;
    double square_a = 0.0;
    double dot = 0.0;
    for (size_t i = 0; i < N2 * N1; i++) {
        square_w += W[i] * W[i];
        square_a += Wa[i] * Wa[i];
        dot += W[i] * Wa[i];
    }
    CHECK_CLOSE(row[SSLDYN_MATRIX_COMMUTATOR], sqrt(commutator), 1e-13, 0.0);
    CHECK_CLOSE(row[SSLDYN_MATRIX_ASYMMETRY], sqrt(skew / square_p), 1e-13, 0.0);
    CHECK_CLOSE(row[SSLDYN_MATRIX_NORM_W], sqrt(square_w), 1e-14, 0.0);
    CHECK_CLOSE(row[SSLDYN_MATRIX_NORM_WP], sqrt(square_p), 1e-14, 0.0);
    CHECK_CLOSE(row[SSLDYN_MATRIX_TAU], dot / square_w, 1e-13, 1e-15);
    CHECK_CLOSE(row[SSLDYN_MATRIX_CORR_WA_W], dot / sqrt(square_w * square_a), 1e-13, 1e-15);
    ck_assert_double_eq(row[SSLDYN_MATRIX_STEP], 7.0);
    /* Columns that need rates or moments are unknown here. */
    ck_assert_double_nan(row[SSLDYN_MATRIX_LOSS]);
    ck_assert_double_nan(row[SSLDYN_MATRIX_BALANCE]);
    ck_assert_double_nan(row[SSLDYN_MATRIX_LAMBDA_MIN_K]);
    /* Traces are sums of eigenvalues, and of diagonals in any orthonormal basis. */
    double sum_s = 0.0;
    double sum_p = 0.0;
    double sum_wpe = 0.0;
    for (size_t j = 0; j < N2; j++) {
        sum_s += mode(row, SSLDYN_MATRIX_MODE_S, j);
        sum_p += mode(row, SSLDYN_MATRIX_MODE_P, j);
        sum_wpe += mode(row, SSLDYN_MATRIX_MODE_WPE, j);
        ck_assert(fabs(mode(row, SSLDYN_MATRIX_MODE_COS, j)) <= 1.0);
        ck_assert(j == 0 ||
                  mode(row, SSLDYN_MATRIX_MODE_WPE, j) <= mode(row, SSLDYN_MATRIX_MODE_WPE, j - 1));
    }
    CHECK_CLOSE(sum_s, square_w, 1e-14, 0.0);
    CHECK_CLOSE(sum_p, trace_p, 0.0, 1e-13);
    CHECK_CLOSE(sum_wpe, trace_p, 0.0, 1e-13);
}
END_TEST

START_TEST(eigenvectors_fit_the_row)
{
    double Wp[N2 * N2];
    double W[N2 * N1];
    double row[WIDTH];
    fill(N2 * N2, Wp, 71);
    fill(N2 * N1, W, 72);
    struct ssldyn_observer *observer = NULL;
    ck_assert_int_eq(ssldyn_observer_create(N1, N2, NULL, NULL, NULL, &observer, NULL), SSLDYN_OK);
    const struct ssldyn_snapshot snapshot = {.Wp = Wp, .W = W, .tau = (double)NAN};
    ck_assert_int_eq(ssldyn_observer_row(observer, &snapshot, row, NULL), SSLDYN_OK);
    const double *F = ssldyn_observer_correlation(observer);
    const double *U = ssldyn_observer_eigenvectors(observer);
    for (size_t j = 0; j < N2; j++) {
        double p = 0.0;
        double image = 0.0;
        for (size_t i = 0; i < N2; i++) {
            double residual = -mode(row, SSLDYN_MATRIX_MODE_S, j) * U[i * N2 + j];
            double moved = 0.0;
            for (size_t k = 0; k < N2; k++) {
                residual += F[i * N2 + k] * U[k * N2 + j];
                moved += Wp[i * N2 + k] * U[k * N2 + j];
            }
            CHECK_CLOSE(residual, 0.0, 0.0, 1e-13);
            p += U[i * N2 + j] * moved;
            image += moved * moved;
        }
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_P, j), p, 0.0, 1e-13);
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_COS, j), p / sqrt(image), 0.0, 1e-13);
    }
    ck_assert_double_nan(row[SSLDYN_MATRIX_TAU]);
    ssldyn_observer_free(observer);
}
END_TEST

/* A data distribution that can be enumerated: N1 + 1 data, N1 + 2 augmentations and their
 * negatives. kind is the structure of its moments. */
struct world {
    double data[(N1 + 1) * N1];
    double noise[(N1 + 2) * N1];
    double X[N1 * N1];
    double sum[N1 * N1];
};

static void make_world(struct world *world, enum ssldyn_moments_kind kind)
{
    fill((N1 + 1) * N1, world->data, 401);
    fill((N1 + 2) * N1, world->noise, 402);
    if (kind == SSLDYN_MOMENTS_ISOTROPIC || kind == SSLDYN_MOMENTS_DIAGONAL) {
        memset(world->data, 0, sizeof world->data);
        memset(world->noise, 0, sizeof world->noise);
        for (size_t k = 0; k < N1; k++) {
            const double tilt = kind == SSLDYN_MOMENTS_DIAGONAL ? 0.37 * (double)k : 0.0;
            world->data[k * N1 + k] = sqrt((double)N1 + 1.0) * (1.0 - tilt);
            world->noise[k * N1 + k] =
                sqrt(((double)N1 + 2.0) * (base.rates.c - 1.0)) * (1.0 + tilt);
        }
    }
    memset(world->X, 0, sizeof world->X);
    memset(world->sum, 0, sizeof world->sum);
    for (size_t i = 0; i < N1 * N1; i++) {
        for (size_t k = 0; k <= N1; k++)
            world->X[i] +=
                world->data[k * N1 + i / N1] * world->data[k * N1 + i % N1] / ((double)N1 + 1.0);
        world->sum[i] = world->X[i];
        for (size_t k = 0; k < N1 + 2; k++)
            world->sum[i] +=
                world->noise[k * N1 + i / N1] * world->noise[k * N1 + i % N1] / ((double)N1 + 2.0);
    }
}

/* 1/2 E |G x1 - Wa x2|^2 over all data, both augmentations and both their signs. */
static double enumerate_loss(const struct world *world, const double G[], const double Wa[])
{
    double sum = 0.0;
    double count = 0.0;
    for (size_t k = 0; k <= N1; k++) {
        for (size_t a = 0; a < 2 * (N1 + 2); a++) {
            for (size_t b = 0; b < 2 * (N1 + 2); b++) {
                const double sign_a = a % 2 == 0 ? 1.0 : -1.0;
                const double sign_b = b % 2 == 0 ? 1.0 : -1.0;
                for (size_t i = 0; i < N2; i++) {
                    double entry = 0.0;
                    for (size_t l = 0; l < N1; l++) {
                        const double x = world->data[k * N1 + l];
                        entry += G[i * N1 + l] * (x + sign_a * world->noise[a / 2 * N1 + l]) -
                                 Wa[i * N1 + l] * (x + sign_b * world->noise[b / 2 * N1 + l]);
                    }
                    sum += 0.5 * entry * entry;
                }
                count += 1.0;
            }
        }
    }
    return sum / count;
}

START_TEST(loss_equals_an_enumerated_expectation)
{
    struct world world;
    const enum ssldyn_moments_kind kind = (enum ssldyn_moments_kind)(_i / 2);
    const bool predictor = _i % 2 == 0;
    /* Only the FULL form accepts these moments; HALF is tested by rotation below. */
    make_world(&world, kind);
    double Wp[N2 * N2];
    double W[N2 * N1];
    double Wa[N2 * N1];
    double G[N2 * N1];
    double X[N1];
    double sum[N1];
    double row[WIDTH];
    fill(N2 * N2, Wp, 1);
    fill(N2 * N1, W, 2);
    fill(N2 * N1, Wa, 3);
    for (size_t k = 0; k < N1; k++) {
        X[k] = world.X[k * N1 + k];
        sum[k] = world.sum[k * N1 + k];
    }
    struct ssldyn_moments moments = {.kind = kind, .n1 = N1, .c = base.rates.c};
    if (kind == SSLDYN_MOMENTS_DIAGONAL) {
        moments.X = X;
        moments.sum = sum;
    } else if (kind != SSLDYN_MOMENTS_ISOTROPIC) {
        moments.kind = SSLDYN_MOMENTS_FULL;
        moments.X = world.X;
        moments.sum = world.sum;
    }
    const struct ssldyn_snapshot snapshot = {
        .Wp = predictor ? Wp : NULL, .W = W, .Wa = Wa, .tau = (double)NAN};
    observe(&base, &moments, &snapshot, row);
    product(N2, N2, N1, Wp, W, false, G);
    CHECK_CLOSE(row[SSLDYN_MATRIX_LOSS], enumerate_loss(&world, predictor ? G : W, Wa), 1e-12, 0.0);
    /* F = W X W^T: its trace is the sum of s. */
    double WX[N2 * N1];
    double F[N2 * N2];
    product(N2, N1, N1, W, world.X, false, WX);
    product(N2, N1, N2, WX, W, true, F);
    double trace = 0.0;
    double sum_s = 0.0;
    for (size_t j = 0; j < N2; j++) {
        trace += F[j * N2 + j];
        sum_s += mode(row, SSLDYN_MATRIX_MODE_S, j);
    }
    CHECK_CLOSE(sum_s, trace, 1e-13, 0.0);
}
END_TEST

START_TEST(held_target_is_a_multiple)
{
    struct world world;
    make_world(&world, SSLDYN_MOMENTS_FULL);
    double Wp[N2 * N2];
    double W[N2 * N1];
    double Wa[N2 * N1];
    double row[WIDTH];
    double with_target[WIDTH];
    fill(N2 * N2, Wp, 1);
    fill(N2 * N1, W, 2);
    const double tau = 0.6180;
    for (size_t i = 0; i < N2 * N1; i++)
        Wa[i] = tau * W[i];
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_FULL, .n1 = N1, .X = world.X, .sum = world.sum};
    struct ssldyn_snapshot snapshot = {.Wp = Wp, .W = W, .tau = tau};
    observe(&base, &moments, &snapshot, row);
    snapshot.Wa = Wa;
    observe(&base, &moments, &snapshot, with_target);
    CHECK_CLOSE(row[SSLDYN_MATRIX_LOSS], with_target[SSLDYN_MATRIX_LOSS], 1e-13, 0.0);
    CHECK_CLOSE(row[SSLDYN_MATRIX_TAU], with_target[SSLDYN_MATRIX_TAU], 1e-13, 0.0);
    CHECK_CLOSE(row[SSLDYN_MATRIX_CORR_WA_W], with_target[SSLDYN_MATRIX_CORR_WA_W], 1e-13, 0.0);
}
END_TEST

/* W -> S W, Wa -> S Wa, Wp -> S Wp S^T changes no column; nor does a rotation of the data. */
START_TEST(rotations_change_nothing)
{
    struct world world;
    make_world(&world, SSLDYN_MOMENTS_FULL);
    double Wp[N2 * N2];
    double W[N2 * N1];
    double Wa[N2 * N1];
    double S[N2 * N2];
    double R[N1 * N1];
    double moved[N2 * N1];
    double moved_a[N2 * N1];
    double row[WIDTH];
    double turned[WIDTH];
    fill(N2 * N2, Wp, 51);
    fill(N2 * N1, W, 52);
    fill(N2 * N1, Wa, 53);
    make_orthogonal(N2, S, 54);
    make_orthogonal(N1, R, 55);
    struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_FULL, .n1 = N1, .X = world.X, .sum = world.sum};
    struct ssldyn_snapshot snapshot = {.Wp = Wp, .W = W, .Wa = Wa};
    observe(&base, &moments, &snapshot, row);
    if (_i == 0) {
        product(N2, N2, N1, S, W, false, moved);
        product(N2, N2, N1, S, Wa, false, moved_a);
        conjugate(N2, S, Wp);
    } else {
        product(N2, N1, N1, W, R, true, moved);
        product(N2, N1, N1, Wa, R, true, moved_a);
        conjugate(N1, R, world.X);
        conjugate(N1, R, world.sum);
    }
    snapshot.W = moved;
    snapshot.Wa = moved_a;
    observe(&base, &moments, &snapshot, turned);
    for (size_t i = 0; i < WIDTH; i++) {
        if (i == SSLDYN_MATRIX_LAMBDA_MIN_K)
            ck_assert_double_nan(turned[i]); /* X is not isotropic */
        else
            CHECK_CLOSE(turned[i], row[i], 1e-11, 1e-12);
    }
}
END_TEST

/* HALF equals FULL in the basis where X + X' is diagonal: moments are chosen such that one can be
 * made from the other. */
START_TEST(half_and_full_agree)
{
    const double sum[N1] = {3.1, 2.2, 1.7, 1.1, 0.9};
    double X[N1 * N1];
    double full[N1 * N1];
    double Wp[N2 * N2];
    double W[N2 * N1];
    double Wa[N2 * N1];
    double row_half[WIDTH];
    double row_full[WIDTH];
    double A[N1 * N1];
    fill(N1 * N1, A, 61);
    product(N1, N1, N1, A, A, true, X);
    for (size_t i = 0; i < N1 * N1; i++)
        X[i] *= 0.1;
    diagonal(N1, sum, full);
    fill(N2 * N2, Wp, 62);
    fill(N2 * N1, W, 63);
    fill(N2 * N1, Wa, 64);
    const struct ssldyn_moments half = {.kind = SSLDYN_MOMENTS_HALF, .n1 = N1, .X = X, .sum = sum};
    const struct ssldyn_moments whole = {
        .kind = SSLDYN_MOMENTS_FULL, .n1 = N1, .X = X, .sum = full};
    const struct ssldyn_snapshot snapshot = {.Wp = Wp, .W = W, .Wa = Wa};
    observe(&base, &half, &snapshot, row_half);
    observe(&base, &whole, &snapshot, row_full);
    for (size_t i = 0; i < WIDTH; i++) {
        if (i != SSLDYN_MATRIX_LAMBDA_MIN_K)
            CHECK_CLOSE(row_half[i], row_full[i], 1e-13, 1e-14);
    }
}
END_TEST

START_TEST(scaling_scales)
{
    static const double factors[] = {1e-90, 1e-9, 3.7, 1e60};
    const double a = factors[_i];
    double Wp[N2 * N2];
    double W[N2 * N1];
    double Wa[N2 * N1];
    double row[WIDTH];
    double scaled[WIDTH];
    fill(N2 * N2, Wp, 81);
    fill(N2 * N1, W, 82);
    fill(N2 * N1, Wa, 83);
    const struct ssldyn_snapshot snapshot = {.Wp = Wp, .W = W, .Wa = Wa};
    observe(NULL, NULL, &snapshot, row);
    for (size_t i = 0; i < N2 * N1; i++) {
        W[i] *= a;
        Wa[i] *= a * a;
    }
    for (size_t i = 0; i < N2 * N2; i++)
        Wp[i] *= a;
    observe(NULL, NULL, &snapshot, scaled);
    CHECK_CLOSE(scaled[SSLDYN_MATRIX_NORM_W] / a, row[SSLDYN_MATRIX_NORM_W], 1e-13, 0.0);
    CHECK_CLOSE(scaled[SSLDYN_MATRIX_NORM_WP] / a, row[SSLDYN_MATRIX_NORM_WP], 1e-13, 0.0);
    CHECK_CLOSE(scaled[SSLDYN_MATRIX_TAU] / a, row[SSLDYN_MATRIX_TAU], 1e-12, 0.0);
    CHECK_CLOSE(scaled[SSLDYN_MATRIX_CORR_WA_W], row[SSLDYN_MATRIX_CORR_WA_W], 1e-12, 0.0);
    CHECK_CLOSE(scaled[SSLDYN_MATRIX_COMMUTATOR] / a / a / a, row[SSLDYN_MATRIX_COMMUTATOR], 1e-12,
                0.0);
    CHECK_CLOSE(scaled[SSLDYN_MATRIX_ASYMMETRY], row[SSLDYN_MATRIX_ASYMMETRY], 1e-13, 0.0);
    for (size_t j = 0; j < N2; j++) {
        CHECK_CLOSE(mode(scaled, SSLDYN_MATRIX_MODE_S, j) / a / a,
                    mode(row, SSLDYN_MATRIX_MODE_S, j), 1e-12, 1e-14);
        CHECK_CLOSE(mode(scaled, SSLDYN_MATRIX_MODE_P, j) / a, mode(row, SSLDYN_MATRIX_MODE_P, j),
                    1e-12, 1e-13);
        CHECK_CLOSE(mode(scaled, SSLDYN_MATRIX_MODE_COS, j), mode(row, SSLDYN_MATRIX_MODE_COS, j),
                    0.0, 1e-12);
        CHECK_CLOSE(mode(scaled, SSLDYN_MATRIX_MODE_WPE, j) / a,
                    mode(row, SSLDYN_MATRIX_MODE_WPE, j), 1e-12, 1e-13);
    }
}
END_TEST

/* Weights that shrink as exp(-eta t) make R shrink as exp(-2 eta t): the balance stays 0. A known
 * change of W then appears with its size. */
START_TEST(balance_follows_theorem_1)
{
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = N1, .c = base.rates.c};
    double Wp[N2 * N2];
    double W[N2 * N1];
    double row[WIDTH];
    fill(N2 * N2, Wp, 91);
    fill(N2 * N1, W, 92);
    memset(W, 0, N1 * sizeof(double)); /* the first row is free for the change */
    struct ssldyn_observer *observer = NULL;
    ck_assert_int_eq(ssldyn_observer_create(N1, N2, &base, &moments, NULL, &observer, NULL),
                     SSLDYN_OK);
    struct ssldyn_snapshot snapshot = {.t = 0.5, .Wp = Wp, .W = W, .tau = 0.9};
    ck_assert_int_eq(ssldyn_observer_row(observer, &snapshot, row, NULL), SSLDYN_OK);
    ck_assert_double_eq(row[SSLDYN_MATRIX_BALANCE], 0.0);
    const double shrink = exp(-base.rates.eta_s * 4.0);
    for (size_t i = 0; i < N2 * N1; i++)
        W[i] *= shrink;
    for (size_t i = 0; i < N2 * N2; i++)
        Wp[i] *= shrink;
    snapshot.t = 4.5;
    ck_assert_int_eq(ssldyn_observer_row(observer, &snapshot, row, NULL), SSLDYN_OK);
    CHECK_CLOSE(row[SSLDYN_MATRIX_BALANCE], 0.0, 0.0, 1e-14);
    /* A first row v: W W^T changes by |v|^2 at (1,1) and by W v off the diagonal, 0 here. */
    memset(W, 0, sizeof W);
    W[2] = 0.25;
    double R[N2 * N2];
    ck_assert_int_eq(ssldyn_observer_row(observer, &snapshot, row, NULL), SSLDYN_OK);
    fill(N2 * N1, W, 92);
    memset(W, 0, N1 * sizeof(double));
    product(N2, N1, N2, W, W, true, R);
    double want = 0.25 * 0.25 * 0.25 * 0.25;
    for (size_t i = 0; i < N2 * N2; i++)
        want += pow(shrink, 4) * R[i] * R[i];
    CHECK_CLOSE(row[SSLDYN_MATRIX_BALANCE], sqrt(want), 1e-13, 0.0);
    ssldyn_observer_free(observer);
}
END_TEST

START_TEST(undefined_columns_are_nan)
{
    double Wp[N2 * N2];
    double W[N2 * N1];
    double row[WIDTH];
    fill(N2 * N2, Wp, 91);
    fill(N2 * N1, W, 92);
    struct ssldyn_parameters parameters = base;
    struct ssldyn_moments moments = {.kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = N1, .c = base.rates.c};
    struct ssldyn_snapshot snapshot = {.t = 0.0, .Wp = Wp, .W = W, .tau = 1.0};
    bool balance = false;
    bool alignment = true;
    switch (_i) {
    case 0:
        balance = true;
        break;
    case 1:
        parameters.symmetric = true;
        break;
    case 2:
        parameters.stop_grad = false;
        break;
    case 3:
        parameters.rates.eta_p *= 1.01;
        break;
    case 4:
        parameters.rule = SSLDYN_PREDICTOR_DIRECTPRED;
        alignment = false;
        break;
    case 5:
        parameters.predictor = false;
        snapshot.Wp = NULL;
        alignment = false;
        break;
    case 6:
        balance = true;
        snapshot.tau = (double)NAN;
        alignment = false;
        break;
    default:
        memset(W, 0, sizeof W);
        balance = true;
        alignment = false;
        break;
    }
    observe(&parameters, &moments, &snapshot, row);
    ck_assert_int_eq(!isnan(row[SSLDYN_MATRIX_BALANCE]), balance);
    ck_assert_int_eq(!isnan(row[SSLDYN_MATRIX_LAMBDA_MIN_K]), alignment);
    ck_assert_int_eq(isnan(row[SSLDYN_MATRIX_LOSS]) != 0, _i == 6);
    ck_assert_int_eq(isnan(row[SSLDYN_MATRIX_TAU]) != 0, _i >= 6);
    ck_assert_int_eq(isnan(row[SSLDYN_MATRIX_CORR_WA_W]) != 0, _i >= 6);
}
END_TEST

START_TEST(identity_and_vanishing_predictors)
{
    double Wp[N2 * N2] = {0};
    double W[N2 * N1];
    double row[WIDTH];
    fill(N2 * N1, W, 12);
    struct ssldyn_snapshot snapshot = {.W = W, .tau = (double)NAN};
    observe(NULL, NULL, &snapshot, row);
    ck_assert_double_eq(row[SSLDYN_MATRIX_NORM_WP], 2.0); /* sqrt(4) */
    ck_assert_double_eq(row[SSLDYN_MATRIX_COMMUTATOR], 0.0);
    ck_assert_double_eq(mode(row, SSLDYN_MATRIX_MODE_COS, 2), 1.0);
    ck_assert_double_eq(mode(row, SSLDYN_MATRIX_MODE_WPE, 3), 1.0);
    snapshot.Wp = Wp;
    observe(NULL, NULL, &snapshot, row);
    ck_assert_double_eq(row[SSLDYN_MATRIX_NORM_WP], 0.0);
    ck_assert_double_eq(row[SSLDYN_MATRIX_ASYMMETRY], 0.0);
    ck_assert_double_nan(mode(row, SSLDYN_MATRIX_MODE_COS, 0));
    ck_assert_double_eq(mode(row, SSLDYN_MATRIX_MODE_P, 0), 0.0);
    ck_assert_double_eq(mode(row, SSLDYN_MATRIX_MODE_WPE, 0), 0.0);
    /* W = 0: F has one eigenspace, and the tie-breaking rule takes the eigenvectors of Wp. */
    const double p[N2] = {0.9, 0.5, -0.2, -0.7};
    double Q[N2 * N2];
    diagonal(N2, p, Wp);
    make_orthogonal(N2, Q, 13);
    conjugate(N2, Q, Wp);
    memset(W, 0, sizeof W);
    observe(NULL, NULL, &snapshot, row);
    for (size_t j = 0; j < N2; j++) {
        ck_assert_double_eq(mode(row, SSLDYN_MATRIX_MODE_S, j), 0.0);
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_P, j), p[j], 0.0, 1e-14);
        CHECK_CLOSE(fabs(mode(row, SSLDYN_MATRIX_MODE_COS, j)), 1.0, 1e-12, 0.0);
    }
}
END_TEST

/* Equal eigenvalues of F: Wp, diagonal in a basis of the eigenspaces, keeps |cos| = 1 however F is
 * rounded, and p_j are in descending order within the eigenspace. */
START_TEST(equal_eigenvalues_do_not_make_cosines_jump)
{
    const double s[N2] = {1.7, 0.585, 0.585, 0.585};
    const double p[N2] = {0.2, 0.41, 1.3, 0.77};
    const double want[N2] = {0.2, 1.3, 0.77, 0.41};
    double Q[N2 * N2];
    double F[N2 * N2];
    double Wp[N2 * N2];
    double row[WIDTH];
    uint64_t seed = 1000 + (uint64_t)_i;
    make_orthogonal(N2, Q, 600); /* the same basis: only rounding differs */
    diagonal(N2, s, F);
    diagonal(N2, p, Wp);
    conjugate(N2, Q, F);
    conjugate(N2, Q, Wp);
    for (size_t i = 0; i < N2 * N2; i++)
        F[i] *= 1.0 + 2.0 * DBL_EPSILON * draw_between(&seed, -1.0, 1.0);
    const struct ssldyn_snapshot snapshot = {.Wp = Wp, .F = F, .tau = (double)NAN};
    observe(NULL, NULL, &snapshot, row);
    for (size_t j = 0; j < N2; j++) {
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_S, j), s[j], 0.0, 1e-14);
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_P, j), want[j], 0.0, 1e-13);
        CHECK_CLOSE(mode(row, SSLDYN_MATRIX_MODE_COS, j), 1.0, 0.0, 1e-13);
    }
    CHECK_CLOSE(row[SSLDYN_MATRIX_COMMUTATOR], 0.0, 0.0, 1e-14);
}
END_TEST

START_TEST(what_is_not_finite_is_refused)
{
    static const char *const names[] = {"Wp", "W", "Wa", "F", "neither"};
    double Wp[N2 * N2];
    double W[N2 * N1];
    double Wa[N2 * N1];
    double F[N2 * N2];
    double row[WIDTH];
    fill(N2 * N2, Wp, 1);
    fill(N2 * N1, W, 2);
    fill(N2 * N1, Wa, 3);
    fill(N2 * N2, F, 4);
    struct ssldyn_snapshot snapshot = {.t = 2.25, .Wp = Wp, .W = W, .Wa = Wa, .F = F};
    if (_i >= 3)
        snapshot.W = NULL;
    if (_i == 4)
        snapshot.F = NULL;
    Wp[5] = _i == 0 ? (double)NAN : Wp[5];
    W[3] = _i == 1 ? (double)INFINITY : W[3];
    Wa[0] = _i == 2 ? -(double)INFINITY : Wa[0];
    F[15] = _i == 3 ? (double)NAN : F[15];
    struct ssldyn_observer *observer = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    ck_assert_int_eq(ssldyn_observer_create(N1, N2, NULL, NULL, NULL, &observer, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_observer_row(observer, &snapshot, row, &err), SSLDYN_EFAILED);
    ck_assert_ptr_nonnull(strstr(err.message, "t = 2.25"));
    ck_assert_ptr_nonnull(strstr(err.message, names[_i]));
    ssldyn_observer_free(observer);
    ssldyn_observer_free(NULL);
    ck_assert_int_eq(ssldyn_observer_create(N1, 0, NULL, NULL, NULL, &observer, &err),
                     SSLDYN_EINPUT);
}
END_TEST

/* On isotropic data a loss depends on W only by F = W W^T: computed from F it equals that computed
 * from W. */
START_TEST(the_loss_of_a_correlation_is_that_of_its_network)
{
    const double tau = 0.6;
    struct ssldyn_parameters parameters = base;
    double W[N2 * N1];
    double Wa[N2 * N1];
    double F[N2 * N2];
    double Wp[N2 * N2];
    double of_weights[WIDTH];
    double of_correlation[WIDTH];
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = N1, .c = base.rates.c};
    parameters.loss = (enum ssldyn_loss_choice)_i;
    fill(N2 * N1, W, 71);
    fill(N2 * N2, Wp, 72);
    product(N2, N1, N2, W, W, true, F);
    for (size_t i = 0; i < N2 * N1; i++)
        Wa[i] = tau * W[i];
    for (int k = 0; k < 2; k++) {
        const double *predictor = k == 0 ? Wp : NULL;
        const struct ssldyn_snapshot weights = {.Wp = predictor, .W = W, .Wa = Wa};
        const struct ssldyn_snapshot correlation = {.Wp = predictor, .F = F, .tau = tau};
        observe(&parameters, &moments, &weights, of_weights);
        observe(&parameters, &moments, &correlation, of_correlation);
        CHECK_CLOSE(of_correlation[SSLDYN_MATRIX_LOSS], of_weights[SSLDYN_MATRIX_LOSS], 1e-13, 0.0);
    }
    /* A target that starts at 0 is parallel to the network at once, and a tau of 1e-20 adds to no
     * sum of order 1. If the target is unknown there is no loss. */
    const struct ssldyn_snapshot zero = {.Wp = Wp, .F = F, .tau = 0.0};
    const struct ssldyn_snapshot ahead = {.Wp = Wp, .F = F, .tau = 1e-20};
    const struct ssldyn_snapshot unknown = {.Wp = Wp, .F = F, .tau = (double)NAN};
    observe(&parameters, &moments, &zero, of_weights);
    observe(&parameters, &moments, &ahead, of_correlation);
    CHECK_CLOSE(of_weights[SSLDYN_MATRIX_LOSS], of_correlation[SSLDYN_MATRIX_LOSS], 1e-13, 0.0);
    observe(&parameters, &moments, &unknown, of_correlation);
    ck_assert_double_nan(of_correlation[SSLDYN_MATRIX_LOSS]);
}
END_TEST

TEST_SUITE(observer)
{
    tcase_add_loop_test(tests, the_loss_of_a_correlation_is_that_of_its_network, 0,
                        SSLDYN_LOSSES_COUNT);
    tcase_add_loop_test(tests, aligned_matrices_give_back_their_spectra, 0, 5);
    tcase_add_loop_test(tests, scalars_equal_naive_loops, 0, 5);
    tcase_add_test(tests, eigenvectors_fit_the_row);
    tcase_add_loop_test(tests, loss_equals_an_enumerated_expectation, 0, 8);
    tcase_add_test(tests, held_target_is_a_multiple);
    tcase_add_loop_test(tests, rotations_change_nothing, 0, 2);
    tcase_add_test(tests, half_and_full_agree);
    tcase_add_loop_test(tests, scaling_scales, 0, 4);
    tcase_add_test(tests, balance_follows_theorem_1);
    tcase_add_loop_test(tests, undefined_columns_are_nan, 0, 8);
    tcase_add_test(tests, identity_and_vanishing_predictors);
    tcase_add_loop_test(tests, equal_eigenvalues_do_not_make_cosines_jump, 0, 20);
    tcase_add_loop_test(tests, what_is_not_finite_is_refused, 0, 5);
}
