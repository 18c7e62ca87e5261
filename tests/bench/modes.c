/* 100,000 modes on a grid of weight decay (0-0.3, 400 values) and EMA rate (0.05-2, 250 values) to
 * t = 100, from p = 0.1, s = 0.05, tau = 0.5 with c = 1.25; about half of them collapse.
 *     modes exact FILE               their end states, confirmed by GSL's rk8pd on every 997th point
 *     modes ours NAME FILE           one measurement of ssldyn (see `list`), as one line
 *     modes gsl NAME RTOL FILE       the same for GSL, on every 37th point
 *     modes judge NAME RATE STRIDE END FILE
 *                                    the same for another program's end states (p, s, tau) in END
 *     modes peak                     fused multiply-adds of a core, in flops per second
 * A line: name, points/s of one core, largest error, error of 99.9 % and of half of the points,
 * steps per point, flops/s. The error is |y - exact|/max(|exact|, 1e-3), the largest of p, s, tau. */
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

/* Sorted errors of every stride-th point; returns their number. */
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
                      double steps, double flops)
{
    printf("%s\t%.0f\t%.1e\t%.1e\t%.1e\t%.1f\t%.3e\n", name, rate, bench->errors[count - 1],
           bench->errors[(size_t)(0.999 * (double)(count - 1))], bench->errors[count / 2], steps,
           flops);
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

static void bench_gsl(const struct bench *bench, const char *name, double rtol)
{
    const gsl_odeiv2_step_type *type =
        strcmp(name, "gsl-rkck") == 0 ? gsl_odeiv2_step_rkck : gsl_odeiv2_step_rk8pd;
    const int stride = 37;
    const double began = ssldyn_clock_cpu();
    int done = 0;
    for (int i = 0; i < POINTS; i += stride, done++)
        gsl_point(i, type, rtol, bench->got + 3 * (size_t)i);
    const double rate = done / (ssldyn_clock_cpu() - began);
    print_row(name, rate, bench, judge(bench, bench->got, stride), 0.0, 0.0);
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

/* ssldyn, with the largest error given by its name; "fate" stops as soon as the fate is
 * certified. */
static const struct {
    const char *name;
    struct ssldyn_ensemble_options options;
} ours[] = {
    {"ours-3e-4", {.t_end = 100.0, .rtol = 2.4e-6, .open_rtol = 2.4e-8, .tail = true}},
    {"ours-1e-6", {.t_end = 100.0, .rtol = 8.3e-9, .open_rtol = 8.3e-11, .tail = true}},
    {"ours-3e-4-no-tail", {.t_end = 100.0, .rtol = 1.2e-5, .open_rtol = 1.2e-7}},
    {"ours-1e-6-no-tail", {.t_end = 100.0, .rtol = 4e-8, .open_rtol = 1.2e-10}},
    {"ours-fate", {.t_end = 1e6, .rtol = 1e-9, .stop = true, .bounded = true, .refine_by = 1e-5}},
};

static int bench_ours(const struct bench *bench, const char *name)
{
    size_t k = 0;
    while (k < sizeof ours / sizeof *ours && strcmp(ours[k].name, name) != 0)
        k++;
    if (k == sizeof ours / sizeof *ours)
        return 2;
    const struct ssldyn_ensemble_options *options = &ours[k].options;
    double best = (double)INFINITY;
    for (int round = 0; round < ROUNDS; round++) {
        const double began = ssldyn_clock_cpu();
        if (ssldyn_ensemble_run(options, POINTS, bench->points, bench->ends, NULL) != SSLDYN_OK)
            return 1;
        best = fmin(best, ssldyn_clock_cpu() - began);
    }
    double steps = 0.0;
    for (int i = 0; i < POINTS; i++)
        steps += (double)bench->ends[i].steps;
    const double flops = 2.0 * steps * ssldyn_ensemble_step_cost(options->rtol) / best;
    store(bench, options->stop ? bench->exact : bench->got);
    print_row(name, POINTS / best, bench,
              judge(bench, options->stop ? bench->exact : bench->got, 1), steps / POINTS, flops);
    return 0;
}

static int find_exact(const struct bench *bench, const char *path)
{
    const struct ssldyn_ensemble_options options = {.t_end = 100.0, .rtol = 1e-15};
    if (ssldyn_ensemble_run(&options, POINTS, bench->points, bench->ends, NULL) != SSLDYN_OK)
        return 1;
    store(bench, bench->exact);
    for (int i = 0; i < POINTS; i += 997)
        gsl_point(i, gsl_odeiv2_step_rk8pd, 1e-13, bench->got + 3 * (size_t)i);
    const size_t count = judge(bench, bench->got, 997);
    FILE *stream = fopen(path, "wb");
    if (!stream || fwrite(bench->exact, sizeof(double), 3 * POINTS, stream) != 3 * POINTS ||
        fclose(stream) != 0)
        return 1;
    printf("exact to %.1e by GSL's rk8pd at 1e-13\n", bench->errors[count - 1]);
    return 0;
}

/* count numbers of a file. */
static bool read_numbers(const char *path, size_t count, double to[])
{
    FILE *stream = fopen(path, "rb");
    const bool whole = stream && fread(to, sizeof *to, count, stream) == count;
    if (stream)
        fclose(stream);
    if (!whole)
        fprintf(stderr, "modes: %s cannot be read\n", path);
    return whole;
}

/* Every stride-th point's end state, in a file. */
static int judge_file(const struct bench *bench, const char *name, double rate, int stride,
                      const char *path)
{
    const size_t count = (POINTS + (size_t)stride - 1) / (size_t)stride;
    if (!read_numbers(path, 3 * count, bench->got))
        return 1;
    for (size_t i = count; i-- > 0;) /* stores them in their original order */
        memmove(bench->got + 3 * (size_t)stride * i, bench->got + 3 * i, 3 * sizeof(double));
    print_row(name, rate, bench, judge(bench, bench->got, stride), 0.0, 0.0);
    return 0;
}

static int work(const struct bench *bench, int argc, char *argv[])
{
    if (argc == 2 && strcmp(argv[1], "peak") == 0)
        return printf("%s\t%.4g\n", ssldyn_ensemble_instructions(0), peak()) < 0;
    if (argc == 3 && strcmp(argv[1], "exact") == 0)
        return find_exact(bench, argv[2]);
    if (argc < 4 || !read_numbers(argv[argc - 1], 3 * POINTS, bench->exact))
        return 2;
    if (argc == 4 && strcmp(argv[1], "ours") == 0)
        return bench_ours(bench, argv[2]);
    if (argc == 5 && strcmp(argv[1], "gsl") == 0)
        return bench_gsl(bench, argv[2], strtod(argv[3], NULL)), 0;
    if (argc == 7 && strcmp(argv[1], "judge") == 0)
        return judge_file(bench, argv[2], strtod(argv[3], NULL), atoi(argv[4]), argv[5]);
    return 2;
}

int main(int argc, char *argv[])
{
    struct bench bench = {ssldyn_memory_array(POINTS, sizeof *bench.points),
                          ssldyn_memory_array(POINTS, sizeof *bench.ends),
                          ssldyn_memory_array(3 * (size_t)POINTS, sizeof(double)),
                          ssldyn_memory_array(3 * (size_t)POINTS, sizeof(double)),
                          ssldyn_memory_array(POINTS, sizeof(double))};
    gsl_set_error_handler_off();
    int status = 1;
    if (bench.points && bench.ends && bench.exact && bench.got && bench.errors) {
        for (int i = 0; i < POINTS; i++) {
            const struct ssldyn_parameters parameters = {.rates = rates_of(i)};
            bench.points[i] = ssldyn_ensemble_mode(&parameters, 0.1, 0.05, 0.5);
        }
        status = work(&bench, argc, argv);
    }
    free(bench.points);
    free(bench.ends);
    free(bench.exact);
    free(bench.got);
    free(bench.errors);
    return status;
}
