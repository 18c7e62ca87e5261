/* Snapshots per second of processor time of the alignment analysis, with matrices in memory.
 *     align N KIND SECONDS   prints one line per method: method n kind snapshots/s, share of LAPACK
 * Methods: ssldyn, the observer (every column); bare, dsyevd of F and three products, the cost of
 * p, cos, commutator and asymmetry without further optimization; full, bare and the eigenvalues of
 * Wp, which are also columns of the observer. The methods alternate snapshot by snapshot, and
 * medians are shown, so that other load on the machine affects all of them equally. KIND: mid, a
 * spread spectrum; late, 83 % of it at one value. */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/observer.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAIRS = 4, MOST = 100000 };
enum { BARE, FULL, SSLDYN, METHODS };

struct bench {
    size_t n;
    double *F[PAIRS], *Wp[PAIRS];
    double *U, *V, *C; /* n x n */
    double *values, *row;
    struct ssldyn_eigen *eigen;
    struct ssldyn_observer *observer;
    double *work; /* of dsyevd */
    lapack_int *integers;
    lapack_int work_length, integer_length;
    double *times[METHODS];  /* of each snapshot */
    double *lapack[METHODS]; /* of that inside */
    int count;
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
    bench->U = ssldyn_memory_array(n * n, sizeof(double));
    bench->V = ssldyn_memory_array(n * n, sizeof(double));
    bench->C = ssldyn_memory_array(n * n, sizeof(double));
    bench->values = ssldyn_memory_array(n, sizeof(double));
    bench->row = ssldyn_memory_array(11 + 4 * n, sizeof(double));
    if (bench->U == NULL || bench->V == NULL || bench->C == NULL || bench->values == NULL ||
        bench->row == NULL || ssldyn_eigen_create(n, &bench->eigen, NULL) != SSLDYN_OK ||
        ssldyn_observer_create(0, n, NULL, NULL, NULL, &bench->observer, NULL) != SSLDYN_OK)
        return false;
    double length = 0.0;
    LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', (lapack_int)n, NULL, (lapack_int)n, NULL,
                        &length, -1, &bench->integer_length, -1);
    bench->work_length = (lapack_int)length;
    bench->work = ssldyn_memory_array((size_t)bench->work_length, sizeof(double));
    bench->integers = ssldyn_memory_array((size_t)bench->integer_length, sizeof(lapack_int));
    if (bench->work == NULL || bench->integers == NULL)
        return false;
    for (int m = 0; m < METHODS; m++) {
        bench->times[m] = ssldyn_memory_array(MOST, sizeof(double));
        bench->lapack[m] = ssldyn_memory_array(MOST, sizeof(double));
        if (bench->times[m] == NULL || bench->lapack[m] == NULL)
            return false;
    }
    for (int k = 0; k < PAIRS; k++) {
        bench->F[k] = ssldyn_memory_array(n * n, sizeof(double));
        bench->Wp[k] = ssldyn_memory_array(n * n, sizeof(double));
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

/* The two eigenproblems of the observer, timed separately. */
static bool eigenproblems(struct bench *bench, const double F[], const double Wp[])
{
    return ssldyn_eigen_symmetric(bench->eigen, F, bench->values, bench->U, NULL) == SSLDYN_OK &&
           ssldyn_eigen_symmetric(bench->eigen, Wp, bench->values, NULL, NULL) == SSLDYN_OK;
}

static bool dsyevd(struct bench *bench, char vectors, const double A[], double matrix[])
{
    const lapack_int n = (lapack_int)bench->n;
    memcpy(matrix, A, bench->n * bench->n * sizeof(double));
    return LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, vectors, 'L', n, matrix, n, bench->values,
                               bench->work, bench->work_length, bench->integers,
                               bench->integer_length) == 0;
}

/* |Wp - Wp^T|/|Wp| */
static double asymmetry(size_t n, const double Wp[])
{
    double difference = 0.0;
    double square = 0.0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            const double d = Wp[i * n + j] - Wp[j * n + i];
            difference += d * d;
            square += Wp[i * n + j] * Wp[i * n + j];
        }
    }
    return sqrt(difference / square);
}

static bool by_hand(struct bench *bench, const double F[], const double Wp[], bool full,
                    double *lapack)
{
    const size_t n = bench->n;
    const int size = (int)n;
    const double before = ssldyn_clock_cpu();
    if ((full && !dsyevd(bench, 'N', Wp, bench->U)) || !dsyevd(bench, 'V', F, bench->U))
        return false;
    *lapack = ssldyn_clock_cpu() - before;
    /* Rows of U are the eigenvectors, rows of V their images. */
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, size, size, size, 1.0, bench->U, size, Wp,
                size, 0.0, bench->V, size);
    for (size_t j = 0; j < n; j++) {
        const double *u = bench->U + j * n;
        const double *v = bench->V + j * n;
        bench->sink += cblas_ddot(size, u, 1, v, 1) / cblas_dnrm2(size, v, 1);
    }
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, 1.0, F, size, Wp, size,
                0.0, bench->C, size);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, size, size, size, -1.0, Wp, size, F,
                size, 1.0, bench->C, size);
    bench->sink += cblas_dnrm2(size * size, bench->C, 1) + asymmetry(n, Wp);
    return true;
}

/* One snapshot by every method. */
static bool turn(struct bench *bench, const double F[], const double Wp[])
{
    const int k = bench->count;
    double began = ssldyn_clock_cpu();
    for (int m = BARE; m <= FULL; m++) {
        if (!by_hand(bench, F, Wp, m == FULL, &bench->lapack[m][k]))
            return false;
        const double now = ssldyn_clock_cpu();
        bench->times[m][k] = now - began;
        began = now;
    }
    if (!by_observer(bench, F, Wp))
        return false;
    const double now = ssldyn_clock_cpu();
    bench->times[SSLDYN][k] = now - began;
    if (!eigenproblems(bench, F, Wp))
        return false;
    bench->lapack[SSLDYN][k] = ssldyn_clock_cpu() - now;
    return true;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(int count, double x[])
{
    qsort(x, (size_t)count, sizeof *x, ascending);
    return x[count / 2];
}

int main(int argc, char *argv[])
{
    static const char *const names[METHODS] = {"bare", "full", "ssldyn"};
    struct bench bench;
    if (argc != 4) {
        fputs("usage: align N mid|late SECONDS\n", stderr);
        return 2;
    }
    const size_t n = (size_t)strtoul(argv[1], NULL, 10);
    const double seconds = strtod(argv[3], NULL);
    ssldyn_linalg_single_thread();
    if (n < 2 || n > 4096 || !prepare(&bench, n, strcmp(argv[2], "late") == 0) ||
        !turn(&bench, bench.F[0], bench.Wp[0]))
        return 1;
    const double began = ssldyn_clock_cpu();
    while (bench.count < MOST && (bench.count < PAIRS || ssldyn_clock_cpu() - began < seconds)) {
        const int pair = bench.count % PAIRS;
        if (!turn(&bench, bench.F[pair], bench.Wp[pair]))
            return 1;
        bench.count++;
    }
    for (int m = 0; m < METHODS; m++) {
        const double time = median(bench.count, bench.times[m]);
        printf("%s\t%zu\t%s\t%.6g\t%.3f\n", names[m], n, argv[2], 1.0 / time,
               median(bench.count, bench.lapack[m]) / time);
    }
    return bench.sink > 1e300;
}
