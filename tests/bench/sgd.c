/* One measurement of SGD steps: by ssldyn, or by straightforward C code with libraries.
 *     sgd METHOD PRECISION N B SECONDS
 * METHOD: direct, wishart (ssldyn), gsl (ziggurat normals on Tausworthe bits, CBLAS; double only).
 * Prints: method precision n batch steps/s share-of-random-numbers share-of-products. Rates are per
 * second of processor time, which other load disturbs least; shares are of wall-clock time. The
 * model is always the same: X = I, X' = I/4, Wa follows W, weight decay, one thread. */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"
#include "sim/linalg/linalg.h"
#include "sim/options/spec.h"
#include "sim/sgd/sgd_process.h"

#include <gsl/gsl_cblas.h> /* only the declarations: OpenBLAS is linked */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what)
{
    fprintf(stderr, "sgd: %s\n", what);
    exit(1);
}

/* Processor and wall-clock seconds of some steps, and those spent on random numbers and in
 * products. */
struct cost {
    double steps, processor, clock, random, products;
};

static void print_line(const char *method, const char *precision, size_t n, size_t batch,
                       const struct cost *cost)
{
    printf("%s\t%s\t%zu\t%zu\t%.6g\t%.4f\t%.4f\n", method, precision, n, batch,
           cost->steps / cost->processor, cost->random / cost->clock, cost->products / cost->clock);
}

static void set(struct ssldyn_spec *spec, const char *name, const char *value)
{
    struct ssldyn_error err;
    if (ssldyn_spec_set(spec, name, value, name, &err) != SSLDYN_OK) {
        die(err.message);
    }
}

static void ours(char *argv[], double seconds)
{
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    struct ssldyn_sgd_process *process = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    if (ssldyn_spec_init(&spec, SSLDYN_COMMAND_SGD, &err) != SSLDYN_OK) {
        die(err.message);
    }
    set(&spec, "sampler", argv[1]);
    set(&spec, "precision", argv[2]);
    set(&spec, "n1", argv[3]);
    set(&spec, "n2", argv[3]);
    set(&spec, "batch", argv[4]);
    if (ssldyn_spec_prepare(&spec, &err) != SSLDYN_OK ||
        ssldyn_start_create(&spec.problem, 0, &start, &err) != SSLDYN_OK ||
        ssldyn_sgd_process_create(&spec.problem, &start, 0, INT32_MAX, &process, &err) !=
            SSLDYN_OK) {
        die(err.message);
    }
    for (int k = 0; k < 3; k++) {
        if (ssldyn_sgd_process_step(process, &err) != SSLDYN_OK) {
            die(err.message);
        }
    }
    const struct ssldyn_sgd_cost before = ssldyn_sgd_process_cost(process);
    const double started = ssldyn_clock_wall();
    const double processor = ssldyn_clock_cpu();
    struct cost cost = {0};
    while (cost.clock < seconds) {
        if (ssldyn_sgd_process_step(process, &err) != SSLDYN_OK) {
            die(err.message);
        }
        cost.steps++;
        cost.clock = ssldyn_clock_wall() - started;
    }
    const struct ssldyn_sgd_cost after = ssldyn_sgd_process_cost(process);
    cost.processor = ssldyn_clock_cpu() - processor;
    cost.random = after.random - before.random;
    cost.products = after.gradient - before.gradient;
    print_line(argv[1], argv[2], start.n1, (size_t)atoi(argv[4]), &cost);
    ssldyn_sgd_process_free(process);
    ssldyn_start_clear(&start);
    ssldyn_spec_clear(&spec);
}

static double *array(size_t count)
{
    double *a = aligned_alloc(64, (count * sizeof(double) + 63) / 64 * 64);
    if (!a) {
        die("out of memory");
    }
    memset(a, 0, count * sizeof(double));
    return a;
}

static void gsl(size_t n, size_t batch, double seconds)
{
    const double lr = 0.01, eta = 0.04, beta = 0.4, sigma = 0.5;
    const int m = (int)n, b = (int)batch;
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);
    double *W = array(n * n), *Wp = array(n * n), *Wa = array(n * n), *z = array(3 * n * batch);
    double *x1 = array(n * batch), *x2 = array(n * batch), *f = array(n * batch);
    double *g = array(n * batch), *h = array(n * batch);
    for (size_t i = 0; i < n * n; i++) {
        W[i] = gsl_ran_gaussian_ziggurat(rng, 1.0) / sqrt((double)n);
        Wp[i] = gsl_ran_gaussian_ziggurat(rng, 0.5) / sqrt((double)n);
    }
    double started = 0.0, processor = 0.0;
    struct cost cost = {.steps = -3.0}; /* to warm up */
    while (cost.steps <= 0.0 || cost.clock < seconds) {
        const double t0 = ssldyn_clock_wall();
        if (cost.steps == 0.0) {
            started = t0;
            processor = ssldyn_clock_cpu();
            cost.random = cost.products = 0.0;
        }
        for (size_t i = 0; i < 3 * n * batch; i++) {
            z[i] = gsl_ran_gaussian_ziggurat(rng, 1.0);
        }
        const double t1 = ssldyn_clock_wall();
        for (size_t i = 0; i < n * batch; i++) {
            x1[i] = z[i] + sigma * z[n * batch + i];
            x2[i] = z[i] + sigma * z[2 * n * batch + i];
        }
        const double t2 = ssldyn_clock_wall();
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, b, m, 1.0, W, m, x1, b, 0.0, f,
                    b);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, b, m, 1.0, Wp, m, f, b, 0.0, g,
                    b);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, b, m, -1.0, Wa, m, x2, b, 1.0, g,
                    b);
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, b, m, 1.0, Wp, m, g, b, 0.0, h, b);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, m, b, -lr / b, g, b, f, b,
                    1.0 - lr * eta, Wp, m);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, m, b, -lr / b, h, b, x1, b,
                    1.0 - lr * eta, W, m);
        const double t3 = ssldyn_clock_wall();
        for (size_t i = 0; i < n * n; i++) {
            Wa[i] += lr * beta * (W[i] - Wa[i]);
        }
        cost.random += t1 - t0;
        cost.products += t3 - t2;
        cost.clock = t3 - started;
        cost.steps++;
    }
    cost.processor = ssldyn_clock_cpu() - processor;
    print_line("gsl", "double", n, batch, &cost);
    gsl_rng_free(rng);
    double *const all[] = {W, Wp, Wa, z, x1, x2, f, g, h};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        free(all[i]);
    }
}

int main(int argc, char *argv[])
{
    if (argc != 6) {
        die("usage: sgd METHOD PRECISION N B SECONDS");
    }
    ssldyn_linalg_single_thread();
    if (strcmp(argv[1], "gsl") == 0) {
        gsl((size_t)atoi(argv[3]), (size_t)atoi(argv[4]), atof(argv[5]));
    } else {
        ours(argv, atof(argv[5]));
    }
    return 0;
}
