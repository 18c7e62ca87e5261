/* Speed of the exact gradient of the cosine loss.
 *     cosine modes N FILE       N aligned modes; writes p w wa lambda_s lambda_d G to FILE
 *     cosine matrices N FILE    N x N matrices and data whose X and X' do not commute; writes Wp, W, Wa, X,
 *                               X + X' and G
 * prints the microseconds of one gradient; for matrices also those of as many symmetric
 * eigenproblems as the quadrature has nodes, by LAPACK's dsyevd, and their number. CPU time, the
 * median of 15 measurements of 20 ms or more, which alternate. Files are doubles of the machine, for
 * cosine.py. */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"
#include "sim/linalg/linalg.h"
#include "sim/loss/cosine_matrix.h"
#include "sim/random/stream.h"
#include "theory/cosine_modes.h"

#include <lapacke.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEASURED = 15 };

static void die(const char *what)
{
    fprintf(stderr, "cosine: %s\n", what);
    exit(1);
}

static double *numbers(size_t count)
{
    double *x = calloc(count, sizeof *x);
    if (!x) {
        die("out of memory");
    }
    return x;
}

static void write_all(const char *path, size_t parts, const size_t counts[], double *const arrays[])
{
    FILE *file = fopen(path, "wb");
    bool whole = file != NULL;
    for (size_t i = 0; whole && i < parts; i++) {
        whole = fwrite(arrays[i], sizeof(double), counts[i], file) == counts[i];
    }
    if (!whole || fclose(file) != 0) {
        die("cannot write the file");
    }
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double seconds[MEASURED])
{
    qsort(seconds, MEASURED, sizeof *seconds, compare);
    return seconds[MEASURED / 2];
}

/* Seconds of one call, from as many as take 20 ms. */
static double seconds_of(void (*call)(void *), void *context)
{
    double spent = 0.0;
    long count = 0;
    const double began = ssldyn_clock_cpu();
    do {
        call(context);
        count++;
        spent = ssldyn_clock_cpu() - began;
    } while (spent < 0.02);
    return spent / (double)count;
}

/* ---- modes */

struct modes {
    struct ssldyn_cosine_data data;
    const double *p, *w, *wa;
    double *G, *workspace;
};

static void modes_gradient(void *context)
{
    const struct modes *modes = context;
    double loss;
    if (!ssldyn_cosine_modes_gradient(&modes->data, modes->p, modes->w, modes->wa,
                                      SSLDYN_COSINE_STANDARD, modes->G, &loss, modes->workspace)) {
        die("no gradient");
    }
}

static void measure_modes(size_t n, const char *path)
{
    double *const block = numbers(7 * n);
    double *const p = block;
    double *const w = p + n;
    double *const wa = w + n;
    double *const s = wa + n;
    double *const d = s + n;
    double *const rest = d + n;
    double seconds[MEASURED];
    for (size_t j = 0; j < n; j++) {
        const double x = (double)j / (double)n;
        p[j] = 1.0 - 0.7 * x;
        w[j] = 1.0 - 0.5 * x;
        wa[j] = 0.9 - 0.4 * x;
        d[j] = 1.0 / (1.0 + 4.0 * x);
        s[j] = d[j] + 0.5;
        rest[j] = (s[j] - d[j]) * (s[j] + d[j]);
    }
    struct modes modes = {.data = {.n = n, .first = s, .second = s, .across = d, .rest = rest},
                          .p = p,
                          .w = w,
                          .wa = wa,
                          .G = rest + n,
                          .workspace = numbers(ssldyn_cosine_modes_workspace(n))};
    for (int i = 0; i < MEASURED; i++) {
        seconds[i] = seconds_of(modes_gradient, &modes);
    }
    printf("%.4g\n", 1e6 * median(seconds));
    write_all(path, 6, (const size_t[]){n, n, n, n, n, n},
              (double *const[]){p, w, wa, s, d, modes.G});
    free(modes.workspace);
    free(block);
}

/* ---- matrices */

struct matrices {
    size_t n;
    struct ssldyn_cosine_matrix *cosine;
    double *Wp, *W, *Wa, *G;
    double *B, *copy, *values; /* covariance of the targets, for LAPACK */
};

static void matrix_gradient(void *context)
{
    struct matrices *matrices = context;
    double loss;
    struct ssldyn_error err;
    if (ssldyn_cosine_matrix_gradient(matrices->cosine, matrices->Wp, matrices->W, matrices->Wa,
                                      SSLDYN_COSINE_STANDARD, matrices->G, &loss,
                                      &err) != SSLDYN_OK) {
        die(err.message);
    }
}

static void eigenproblem(void *context)
{
    struct matrices *matrices = context;
    const int n = (int)matrices->n;
    memcpy(matrices->copy, matrices->B, matrices->n * matrices->n * sizeof *matrices->copy);
    if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', n, matrices->copy, n, matrices->values) != 0) {
        die("LAPACK failed");
    }
}

/* B = Wa (X + X') Wa^T for a diagonal sum, and the number of nodes of the target's integral. */
static size_t count_nodes(struct matrices *matrices, const double sum[])
{
    static struct ssldyn_cosine_rule rule;
    const size_t n = matrices->n;
    for (size_t i = 0; i < n * n; i++) {
        for (size_t k = 0; k < n; k++) {
            matrices->B[i] += matrices->Wa[i / n * n + k] * sum[k] * matrices->Wa[i % n * n + k];
        }
    }
    eigenproblem(matrices);
    for (size_t j = 0; j < n; j++) {
        matrices->values[j] = fmax(matrices->values[j], 0.0);
    }
    if (!ssldyn_cosine_rule_make(n, matrices->values, SSLDYN_COSINE_STANDARD, true, &rule)) {
        die("no quadrature");
    }
    return rule.count;
}

static void measure_matrices(size_t n, const char *path)
{
    const size_t square = n * n;
    double *const block = numbers(7 * square + 2 * n);
    double *const X = block + 6 * square;
    double *const sum = X + square;
    double own[MEASURED];
    double theirs[MEASURED];
    struct matrices matrices = {.n = n,
                                .Wp = block,
                                .W = block + square,
                                .Wa = block + 2 * square,
                                .G = block + 3 * square,
                                .B = block + 4 * square,
                                .copy = block + 5 * square,
                                .values = sum + n};
    struct ssldyn_stream stream;
    struct ssldyn_error err;
    ssldyn_stream_init(&stream, 7, 0, SSLDYN_PURPOSE_INIT_W);
    ssldyn_stream_normal(&stream, 3 * square, block);
    ssldyn_stream_normal(&stream, square, matrices.copy);
    for (size_t i = 0; i < n; i++) {
        sum[i] = 1.0 + 1.0 / (1.0 + 0.1 * (double)i);
    }
    for (size_t i = 0; i < square; i++) { /* small next to the diagonal: X' stays positive */
        const double noise = matrices.copy[i] + matrices.copy[i % n * n + i / n];
        X[i] = 0.02 * noise / sqrt((double)n) + (i / n == i % n ? 0.6 * sum[i / n] : 0.0);
    }
    const struct ssldyn_moments moments = {
        .kind = SSLDYN_MOMENTS_HALF, .n1 = n, .X = X, .sum = sum};
    if (ssldyn_cosine_matrix_create(n, &moments, false, &matrices.cosine, &err) != SSLDYN_OK) {
        die(err.message);
    }
    const size_t nodes = count_nodes(&matrices, sum);
    for (int i = 0; i < MEASURED; i++) {
        own[i] = seconds_of(matrix_gradient, &matrices);
        theirs[i] = seconds_of(eigenproblem, &matrices);
    }
    printf("%.4g %.4g %zu\n", 1e6 * median(own), 1e6 * (double)nodes * median(theirs), nodes);
    write_all(path, 6, (const size_t[]){square, square, square, square, n, square},
              (double *const[]){matrices.Wp, matrices.W, matrices.Wa, X, sum, matrices.G});
    ssldyn_cosine_matrix_free(matrices.cosine);
    free(block);
}

int main(int argc, char *argv[])
{
    const size_t n = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    if (n < 2 || n > 1024) {
        die("usage: cosine modes|matrices N FILE, N from 2 to 1024");
    }
    if (strcmp(argv[1], "modes") == 0) {
        measure_modes(n, argv[3]);
    } else {
        measure_matrices(n, argv[3]);
    }
    return 0;
}
