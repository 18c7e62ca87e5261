/* Snapshots per second of processor time of the alignment analysis, matrices in memory.
 *     align METHOD N KIND SECONDS   prints: method n kind snapshots/s, share of it in LAPACK
 * METHOD: ssldyn, the observer (every column); bare, dsyevd of F and three products, what p, cos,
 * commutator and asymmetry cost when typed plainly; full, bare and the eigenvalues of Wp, which the
 * observer's columns hold as well. KIND: mid, a spread spectrum; late, 83 % of it at one value. */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/observer.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 4 };

struct bench {
    size_t n;
    double *F[PAIRS], *Wp[PAIRS];
    double *U, *V, *C; /* n x n */
    double *values, *row;
    struct ssldyn_eigen *eigen;
    struct ssldyn_observer *observer;
    double lapack; /* seconds inside */
    double sink;
};

static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(int64_t)(*state >> 11) / (double)(INT64_C(1) << 52) - 1.0;
}

/* An orthogonal matrix: eigenvectors of a random symmetric one. */
static bool make_pair(struct bench *bench, bool late, uint64_t seed, double F[], double Wp[])
{
    const size_t n = bench->n;
    const int size = (int)n;
    for (size_t i = 0; i < n * n; i++)
        bench->C[i] = draw(&seed);
    if (ssldyn_eigen_symmetric(bench->eigen, bench->C, bench->values, bench->U, NULL) != SSLDYN_OK)
        return false;
    for (size_t j = 0; j < n; j++) {
        double s = 2.9 * pow((double)(n - j) / (double)n, 2.0);
        if (late)
            s = 6 * j < 5 * n ? 0.585 + 1e-3 * draw(&seed) : 5e-10 * (1.0 + draw(&seed));
        for (size_t i = 0; i < n; i++) {
            bench->V[i * n + j] = bench->U[i * n + j] * s;
            bench->C[i * n + j] = bench->U[i * n + j] * sqrt(s);
        }
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, size, size, size, 1.0, bench->V, size,
                bench->U, size, 0.0, F, size);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, size, size, size, 1.0, bench->C, size,
                bench->U, size, 0.0, Wp, size);
    for (size_t i = 0; i < n * n; i++)
        Wp[i] += 0.035 / sqrt((double)n) * draw(&seed);
    return true;
}

static bool prepare(struct bench *bench, size_t n, bool late)
{
    memset(bench, 0, sizeof *bench);
    bench->n = n;
    bench->U = ssldyn_array_alloc(n * n, sizeof(double));
    bench->V = ssldyn_array_alloc(n * n, sizeof(double));
    bench->C = ssldyn_array_alloc(n * n, sizeof(double));
    bench->values = ssldyn_array_alloc(n, sizeof(double));
    bench->row = ssldyn_array_alloc(11 + 4 * n, sizeof(double));
    if (bench->U == NULL || bench->V == NULL || bench->C == NULL || bench->values == NULL ||
        bench->row == NULL || ssldyn_eigen_create(n, &bench->eigen, NULL) != SSLDYN_OK ||
        ssldyn_observer_create(0, n, NULL, NULL, &bench->observer, NULL) != SSLDYN_OK)
        return false;
    for (int k = 0; k < PAIRS; k++) {
        bench->F[k] = ssldyn_array_alloc(n * n, sizeof(double));
        bench->Wp[k] = ssldyn_array_alloc(n * n, sizeof(double));
        if (bench->F[k] == NULL || bench->Wp[k] == NULL ||
            !make_pair(bench, late, 77 + (uint64_t)k, bench->F[k], bench->Wp[k]))
            return false;
    }
    return true;
}

static bool by_observer(struct bench *bench, const double F[], const double Wp[])
{
    const struct ssldyn_snapshot snapshot = {
        .t = 0.0, .step = (double)NAN, .Wp = Wp, .F = F, .tau = (double)NAN};
    return ssldyn_observer_row(bench->observer, &snapshot, bench->row, NULL) == SSLDYN_OK;
}

static bool by_hand(struct bench *bench, const double F[], const double Wp[], bool full)
{
    const size_t n = bench->n;
    const int size = (int)n;
    const double before = ssldyn_clock_cpu();
    if (ssldyn_eigen_symmetric(bench->eigen, F, bench->values, bench->U, NULL) != SSLDYN_OK ||
        (full && ssldyn_eigen_symmetric(bench->eigen, Wp, bench->values, NULL, NULL) != SSLDYN_OK))
        return false;
    bench->lapack += ssldyn_clock_cpu() - before;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1.0, Wp, size,
                bench->U, size, 0.0, bench->V, size);
    for (size_t j = 0; j < n; j++) {
        const double *u = bench->U + j;
        const double *v = bench->V + j;
        bench->sink += cblas_ddot(size, u, size, v, size) / cblas_dnrm2(size, v, size);
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1.0, F, size, Wp, size,
                0.0, bench->C, size);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, -1.0, Wp, size, F,
                size, 1.0, bench->C, size);
    bench->sink += ssldyn_norm(n * n, bench->C) + ssldyn_asymmetry(n, Wp);
    return true;
}

/* Eigenproblems of the observer, timed apart: it solves two a snapshot. */
static void time_lapack(struct bench *bench, int count)
{
    const double before = ssldyn_clock_cpu();
    for (int k = 0; k < count; k++) {
        const int pair = k % PAIRS;
        if (ssldyn_eigen_symmetric(bench->eigen, bench->F[pair], bench->values, bench->U, NULL) !=
                SSLDYN_OK ||
            ssldyn_eigen_symmetric(bench->eigen, bench->Wp[pair], bench->values, NULL, NULL) !=
                SSLDYN_OK)
            return;
    }
    bench->lapack = ssldyn_clock_cpu() - before;
}

int main(int argc, char *argv[])
{
    struct bench bench;
    if (argc != 5) {
        fputs("usage: align ssldyn|bare|full N mid|late SECONDS\n", stderr);
        return 2;
    }
    const size_t n = (size_t)strtoul(argv[2], NULL, 10);
    const double seconds = strtod(argv[4], NULL);
    const bool ours = strcmp(argv[1], "ssldyn") == 0;
    ssldyn_linalg_single_thread();
    if (n < 2 || n > 4096 || !prepare(&bench, n, strcmp(argv[3], "late") == 0))
        return 1;
    int count = -1; /* one to warm up */
    double began = 0.0;
    double spent = 0.0;
    while (count < PAIRS || spent < seconds) {
        if (count == 0) {
            began = ssldyn_clock_cpu();
            bench.lapack = 0.0;
        }
        const int pair = (count + 1) % PAIRS;
        if (!(ours ? by_observer(&bench, bench.F[pair], bench.Wp[pair])
                   : by_hand(&bench, bench.F[pair], bench.Wp[pair], strcmp(argv[1], "full") == 0)))
            return 1;
        count++;
        spent = count > 0 ? ssldyn_clock_cpu() - began : 0.0;
    }
    if (ours)
        time_lapack(&bench, count);
    printf("%s\t%zu\t%s\t%.6g\t%.3f\n", argv[1], n, argv[3], count / spent, bench.lapack / spent);
    return bench.sink > 1e300;
}
