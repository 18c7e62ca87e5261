/* Eigenvalues of tridiagonal matrices compared with closed forms and with GSL's QR iteration. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/tridiagonal.h"
#include "tests/close.h"
#include "tests/suite.h"

#include <check.h>
#include <float.h>
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { LARGEST = 200 };

static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(int64_t)(*state >> 11) / (double)(INT64_C(1) << 52) - 1.0;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Both kinds of initial guesses must lead to want: the sorted diagonal, a caller's default, and
 * useless ones. Errors are relative to |T|, at most the sum of the largest entries: a Sturm count
 * is exact for a matrix within a few epsilon of T, and a bracket ends with that width. known is the
 * error of want itself, in epsilon |T|. A cluster may be refused if every eigenvalue has another so
 * close that brackets shrink slowly. */
static void check_values(size_t n, const double d[], const double e[], const double want[],
                         double known, bool clustered)
{
    double guesses[LARGEST];
    double got[LARGEST];
    double size = 0.0;
    for (size_t i = 0; i < n; i++) {
        guesses[i] = d[i];
        size = fmax(size, fabs(d[i]) + 2.0 * (i + 1 < n ? fabs(e[i]) : 0.0));
    }
    qsort(guesses, n, sizeof *guesses, ascending);
    double *workspace = malloc(ssldyn_tridiagonal_workspace(n) * sizeof *workspace);
    ck_assert_ptr_nonnull(workspace);
    for (int useless = 0; useless < 2; useless++) {
        for (size_t i = 0; i < n && useless; i++)
            guesses[i] = -7.0 * size;
        const bool done = ssldyn_tridiagonal_values(n, d, e, guesses, got, workspace);
        ck_assert(done || clustered);
        for (size_t i = 0; i < n && done; i++) {
            CHECK_CLOSE(got[i], want[i], 0.0, (8.0 + known) * DBL_EPSILON * size);
            ck_assert(i == 0 || got[i] >= got[i - 1]);
        }
    }
    free(workspace);
}

static const size_t sizes[] = {1, 2, 3, 5, 16, 17, 64, 129, 200};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

/* The second difference: 2 - 2 cos(k pi/(n + 1)). */
START_TEST(second_difference)
{
    const size_t n = sizes[_i];
    double d[LARGEST];
    double e[LARGEST];
    double want[LARGEST];
    for (size_t i = 0; i < n; i++) {
        d[i] = 2.0 * 0.731;
        e[i] = -0.731;
        want[i] = 0.731 * 4.0 * pow(sin(0.5 * acos(-1.0) * (double)(i + 1) / (double)(n + 1)), 2.0);
    }
    check_values(n, d, e, want, 1.0, false);
}
END_TEST

/* Kac's matrix, symmetrized: the integers -(n - 1), -(n - 3), ..., n - 1. */
START_TEST(kac)
{
    const size_t n = sizes[_i];
    double d[LARGEST];
    double e[LARGEST];
    double want[LARGEST];
    for (size_t i = 0; i < n; i++) {
        d[i] = 0.0;
        e[i] = sqrt((double)((i + 1) * (n - 1 - i)));
        want[i] = 2.0 * (double)i - (double)(n - 1);
    }
    check_values(n, d, e, want, 1.0, false);
}
END_TEST

/* Its QR iteration makes an error of one or two epsilon |T| per row. */
static void by_gsl(size_t n, const double d[], const double e[], double want[])
{
    gsl_matrix *T = gsl_matrix_calloc(n, n);
    gsl_vector *values = gsl_vector_alloc(n);
    gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(n);
    for (size_t i = 0; i < n; i++) {
        gsl_matrix_set(T, i, i, d[i]);
        if (i + 1 < n) {
            gsl_matrix_set(T, i, i + 1, e[i]);
            gsl_matrix_set(T, i + 1, i, e[i]);
        }
    }
    gsl_eigen_symm(T, values, work);
    for (size_t i = 0; i < n; i++)
        want[i] = gsl_vector_get(values, i);
    qsort(want, n, sizeof *want, ascending);
    gsl_eigen_symm_free(work);
    gsl_vector_free(values);
    gsl_matrix_free(T);
}

enum { SPREAD, GRADED, WILKINSON, SPLIT, CLUSTERED, LARGE, SMALL, KINDS };

/* Difficult cases for eigenvalue programs: entries over many decades, pairs equal to the last
 * digit, zeros next to the diagonal, nearly all eigenvalues in two clusters, entries far from 1. */
static void fill(int kind, size_t n, double d[], double e[])
{
    uint64_t state = 91 + (uint64_t)kind;
    for (size_t i = 0; i < n; i++) {
        const double x = draw(&state);
        d[i] = x;
        e[i] = draw(&state);
        if (kind == GRADED) {
            d[i] = x * pow(10.0, -0.1 * (double)i);
            e[i] *= pow(10.0, -0.1 * (double)i);
        } else if (kind == WILKINSON) {
            d[i] = fabs(0.5 * (double)(n - 1) - (double)i);
            e[i] = 1.0;
        } else if (kind == SPLIT && i % 5 < 2) {
            e[i] = 0.0;
        } else if (kind == CLUSTERED) {
            d[i] = i % 3 == 0 ? 0.585 : 1e-9 * x;
            e[i] *= 1e-7;
        } else if (kind == LARGE || kind == SMALL) {
            d[i] *= kind == LARGE ? 1e49 : 1e-49;
            e[i] *= kind == LARGE ? 1e49 : 1e-49;
        }
    }
}

START_TEST(hard_spectra_agree_with_gsl)
{
    const size_t n = sizes[_i % SIZES];
    double d[LARGEST];
    double e[LARGEST];
    double want[LARGEST];
    const int kind = _i / SIZES;
    fill(kind, n, d, e);
    by_gsl(n, d, e, want);
    check_values(n, d, e, want, 2.0 * (double)n, kind == CLUSTERED || kind == WILKINSON);
}
END_TEST

/* Eigenvalues that are all double: either every one is correct, or the function reports failure. */
START_TEST(doubled_spectra_are_right_or_refused)
{
    enum { HALF = 64, N = 2 * HALF };
    double d[N];
    double e[N];
    double guesses[N];
    double got[N];
    double want[HALF];
    uint64_t state = 5;
    for (size_t i = 0; i < HALF; i++) {
        d[i] = d[HALF + i] = draw(&state);
        e[i] = e[HALF + i] = i + 1 < HALF ? draw(&state) : 0.0;
        guesses[2 * i] = guesses[2 * i + 1] = 0.0;
    }
    by_gsl(HALF, d, e, want);
    double *workspace = malloc(ssldyn_tridiagonal_workspace(N) * sizeof *workspace);
    ck_assert_ptr_nonnull(workspace);
    if (ssldyn_tridiagonal_values(N, d, e, guesses, got, workspace)) {
        for (size_t i = 0; i < N; i++)
            CHECK_CLOSE(got[i], want[i / 2], 0.0, 3.0 * (double)HALF * DBL_EPSILON);
    }
    free(workspace);
}
END_TEST

TEST_SUITE(tridiagonal)
{
    tcase_add_loop_test(tests, second_difference, 0, SIZES);
    tcase_add_loop_test(tests, kac, 0, SIZES);
    tcase_add_loop_test(tests, hard_spectra_agree_with_gsl, 0, SIZES * KINDS);
    tcase_add_test(tests, doubled_spectra_are_right_or_refused);
}
