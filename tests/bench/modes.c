/* 100,000 modes on a grid of weight decay (0-0.3, 400 values) and EMA rate (0.05-2, 250 values) to
 * t = 100, from p = 0.1, s = 0.05, tau = 0.5 with c = 1.25; about half of them collapse.
 *     modes                       a table: method, points/s of one core, errors, share of the peak
 *     modes judge NAME RATE FILE  the errors of another's end states (p, s, tau of every point)
 * The error is |y - exact|/max(|exact|, 1e-3), the worst of p, s, tau; exact is ours at 1e-15,
 * which GSL's rk8pd at 1e-13 confirms on every 997th point first. */
// SPDX-License-Identifier: MIT
#include "theory/modes.h"
#include "sim/base/clock.h"
#include "sim/base/memory.h"
#include "sim/ensemble/ensemble.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { ETAS = 400, BETAS = 250, POINTS = ETAS * BETAS, ROUNDS = 5 };

struct bench {
    struct ssldyn_ensemble_point *points;
    struct ssldyn_ensemble_end *ends;
    double *exact; /* 3 a point */
    double *got;
    double *errors;
};

static struct ssldyn_rates rates_of(int i)
{
    const double eta = 0.3 * (double)(i / BETAS) / (ETAS - 1);
    return (struct ssldyn_rates){1.0, 0.05 + 1.95 * (double)(i % BETAS) / (BETAS - 1), eta, eta,
                                 1.25};
}

static void store(const struct bench *bench, double y[])
{
    for (int i = 0; i < POINTS; i++) {
        y[3 * i] = bench->ends[i].wp;
        y[3 * i + 1] = bench->ends[i].w * bench->ends[i].w;
        y[3 * i + 2] = bench->ends[i].tau;
    }
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorted errors of the points that a stride picks; returns how many. */
static size_t judge(const struct bench *bench, const double got[], int stride)
{
    size_t count = 0;
    for (int i = 0; i < POINTS; i += stride) {
        double worst = 0.0;
        for (int k = 0; k < 3; k++) {
            const double exact = bench->exact[3 * i + k];
            const double error = fabs(got[3 * i + k] - exact) / fmax(fabs(exact), 1e-3);
            worst = error > worst || isnan(error) ? error : worst;
        }
        bench->errors[count++] = worst;
    }
    qsort(bench->errors, count, sizeof *bench->errors, ascending);
    return count;
}

static void print_row(const char *name, double rate, const struct bench *bench, size_t count,
                      const char *rest)
{
    printf("%-34s %9.0f  %8.1e  %8.1e  %8.1e  %s\n", name, rate, bench->errors[count - 1],
           bench->errors[(size_t)(0.999 * (double)(count - 1))], bench->errors[count / 2], rest);
}

static int gsl_rhs(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    ssldyn_modes_rhs(context, y, dydt);
    return GSL_SUCCESS;
}

/* One point by GSL. */
static void gsl_point(int i, const gsl_odeiv2_step_type *type, double rtol, double y[3])
{
    struct ssldyn_rates rates = rates_of(i);
    gsl_odeiv2_system system = {gsl_rhs, NULL, 3, &rates};
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, type, 1e-2, 1e-3 * rtol, rtol);
    double t = 0.0;
    y[0] = 0.1;
    y[1] = 0.05;
    y[2] = 0.5;
    gsl_odeiv2_driver_apply(driver, &t, 100.0, y);
    gsl_odeiv2_driver_free(driver);
}

static void bench_gsl(const struct bench *bench, const char *name, const gsl_odeiv2_step_type *type,
                      double rtol)
{
    const int stride = 37;
    const double began = ssldyn_clock_cpu();
    int done = 0;
    for (int i = 0; i < POINTS; i += stride, done++)
        gsl_point(i, type, rtol, bench->got + 3 * (size_t)i);
    const double rate = done / (ssldyn_clock_cpu() - began);
    char text[64];
    snprintf(text, sizeof text, "GSL %s, rtol %g", name, rtol);
    print_row(text, rate, bench, judge(bench, bench->got, stride), "");
}

/* Fused multiply-adds of one core, in flops per second. */
#if defined(__x86_64__)
__attribute__((target("avx512f"))) static double burn_512(long n)
{
    __m512d sum[16];
    const __m512d a = _mm512_set1_pd(1.0 - 1e-9);
    const __m512d b = _mm512_set1_pd(1e-9);
    for (int k = 0; k < 16; k++)
        sum[k] = _mm512_set1_pd(1.0 + k);
    for (long i = 0; i < n; i++)
#pragma GCC unroll 16
        for (int k = 0; k < 16; k++)
            sum[k] = _mm512_fmadd_pd(sum[k], a, b);
    double total = 0.0;
    for (int k = 0; k < 16; k++)
        total += _mm512_reduce_add_pd(sum[k]);
    return total;
}

__attribute__((target("avx2,fma"))) static double burn_256(long n)
{
    __m256d sum[12];
    const __m256d a = _mm256_set1_pd(1.0 - 1e-9);
    const __m256d b = _mm256_set1_pd(1e-9);
    for (int k = 0; k < 12; k++)
        sum[k] = _mm256_set1_pd(1.0 + k);
    for (long i = 0; i < n; i++)
#pragma GCC unroll 12
        for (int k = 0; k < 12; k++)
            sum[k] = _mm256_fmadd_pd(sum[k], a, b);
    double total = 0.0;
    for (int k = 0; k < 12; k++)
        total += ((const double *)&sum[k])[0];
    return total;
}
#endif

static double peak(void)
{
#if defined(__x86_64__)
    const long n = 5000000;
    const bool wide = __builtin_cpu_supports("avx512f");
    if (!wide && !(__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")))
        return (double)NAN;
    double best = 0.0;
    volatile double sink = 0.0;
    for (int round = 0; round < ROUNDS; round++) {
        const double began = ssldyn_clock_cpu();
        sink = sink + (wide ? burn_512(n) : burn_256(n));
        const double flops = (double)n * (wide ? 16.0 * 16.0 : 12.0 * 8.0);
        best = fmax(best, flops / (ssldyn_clock_cpu() - began));
    }
    return best;
#else
    return (double)NAN;
#endif
}

static void bench_ours(const struct bench *bench, const char *name,
                       const struct ssldyn_ensemble_options *options, double limit)
{
    double best = (double)INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        const double began = ssldyn_clock_cpu();
        if (ssldyn_ensemble_run(options, POINTS, bench->points, bench->ends, NULL) != SSLDYN_OK)
            exit(1);
        best = fmin(best, ssldyn_clock_cpu() - began);
    }
    double steps = 0.0;
    for (int i = 0; i < POINTS; i++)
        steps += bench->ends[i].steps;
    char rest[64];
    const double flops = 2.0 * steps * ssldyn_ensemble_step_cost(options->rtol);
    snprintf(rest, sizeof rest, "%.1f steps, %.0f %% of the FMA peak", steps / POINTS,
             100.0 * flops / best / limit);
    if (options->stop) {
        printf("%-34s %9.0f  %28s  %s\n", name, POINTS / best, "", rest);
        return;
    }
    store(bench, bench->got);
    print_row(name, POINTS / best, bench, judge(bench, bench->got, 1), rest);
}

static void find_exact(const struct bench *bench)
{
    const struct ssldyn_ensemble_options options = {.t_end = 100.0, .rtol = 1e-15};
    if (ssldyn_ensemble_run(&options, POINTS, bench->points, bench->ends, NULL) != SSLDYN_OK)
        exit(1);
    store(bench, bench->exact);
    for (int i = 0; i < POINTS; i += 997)
        gsl_point(i, gsl_odeiv2_step_rk8pd, 1e-13, bench->got + 3 * (size_t)i);
    const size_t count = judge(bench, bench->got, 997);
    printf("exact to %.1e by GSL's rk8pd at 1e-13\n", bench->errors[count - 1]);
}

static void run_all(const struct bench *bench)
{
    const double limit = peak();
    printf("instructions: %s; FMA peak of a core %.1f GFLOP/s\n", ssldyn_ensemble_instructions(0),
           limit * 1e-9);
    printf("%-34s %9s  %8s  %8s  %8s\n", "method", "points/s", "max", "99.9 %", "median");
    struct ssldyn_ensemble_options options = {
        .t_end = 100.0, .rtol = 1e-7, .refine_after = 4, .refine_by = 1e-2};
    bench_ours(bench, "Taylor to the end, 1e-7", &options, limit);
    options.tail = true;
    options.rtol = 2.4e-6;
    bench_ours(bench, "Taylor and closed tail, 2.4e-6", &options, limit);
    options.rtol = 7e-9;
    bench_ours(bench, "Taylor and closed tail, 7e-9", &options, limit);
    options.rtol = 1e-9;
    options.stop = true;
    options.refine_by = 1e-5;
    bench_ours(bench, "fate alone (stops early)", &options, limit);
    bench_gsl(bench, "rkck", gsl_odeiv2_step_rkck, 1e-6);
    bench_gsl(bench, "rk8pd", gsl_odeiv2_step_rk8pd, 1e-9);
}

static int judge_file(const struct bench *bench, const char *name, double rate, const char *path)
{
    FILE *stream = fopen(path, "rb");
    if (!stream || fread(bench->got, sizeof(double), 3 * POINTS, stream) != 3 * POINTS) {
        fprintf(stderr, "modes: %s cannot be read\n", path);
        return 1;
    }
    fclose(stream);
    print_row(name, rate, bench, judge(bench, bench->got, 1), "");
    return 0;
}

int main(int argc, char *argv[])
{
    struct bench bench = {ssldyn_array_alloc(POINTS, sizeof *bench.points),
                          ssldyn_array_alloc(POINTS, sizeof *bench.ends),
                          ssldyn_array_alloc(3 * (size_t)POINTS, sizeof(double)),
                          ssldyn_array_alloc(3 * (size_t)POINTS, sizeof(double)),
                          ssldyn_array_alloc(POINTS, sizeof(double))};
    gsl_set_error_handler_off();
    if (!bench.points || !bench.ends || !bench.exact || !bench.got || !bench.errors)
        return 1;
    for (int i = 0; i < POINTS; i++) {
        const struct ssldyn_parameters parameters = {.rates = rates_of(i)};
        bench.points[i] = ssldyn_ensemble_mode(&parameters, 0.1, 0.05, 0.5);
    }
    int status = 0;
    if (argc == 5 && strcmp(argv[1], "judge") == 0) {
        const struct ssldyn_ensemble_options options = {.t_end = 100.0, .rtol = 1e-15};
        if (ssldyn_ensemble_run(&options, POINTS, bench.points, bench.ends, NULL) != SSLDYN_OK)
            return 1;
        store(&bench, bench.exact);
        status = judge_file(&bench, argv[2], strtod(argv[3], NULL), argv[4]);
    } else {
        find_exact(&bench);
        run_all(&bench);
    }
    free(bench.points);
    free(bench.ends);
    free(bench.exact);
    free(bench.got);
    free(bench.errors);
    return status;
}
