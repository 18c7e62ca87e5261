/* One measurement of a flow, by ssldyn or another method, on a problem that `flows make` has written.
 *     flows make N KIND FILE          matrices N x N, KIND iso, gen or mix; N = 0: a grid of modes
 *     flows METHOD N KIND FILE RTOL   prints: method n kind rtol seconds evaluations error share
 *     flows peak                      GFLOP/s of cblas_dgemm and of ssldyn's products at 256 x 256
 * Seconds are CPU time, the best of several runs. The share is that of the time inside ssldyn's
 * products, measured in the least disturbed of as many further runs (nan without a linker that can
 * wrap ssldyn_product).
 * METHOD: ssldyn, gsl-rkck, gsl-rk8pd, gsl-rkf45, cvode (if built with SUNDIALS). For the other
 * methods the equations are written in the straightforward way: with CBLAS, three products for
 * isotropic data and five otherwise. The error is the largest relative Frobenius error of Wp, W, Wa
 * at t = 50 (for modes: the largest of |y - exact|/max(|exact|, 1e-3) at t = 100), with GSL's rk8pd
 * at 1e-12 as reference. */
// SPDX-License-Identifier: MIT
#include "sim/base/clock.h"
#include "sim/linalg/linalg.h"
#include "sim/ode/ode.h"
#include "sim/random/stream.h"
#include "sim/run/moments_basis.h"
#include "theory/modes.h"
#include "theory/population.h"
#include "theory/product.h"

#include <cblas.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef SSLDYN_BENCH_CVODE
#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sunnonlinsol/sunnonlinsol_fixedpoint.h>
#endif

/* A problem: n = 0 for modes, whose files contain only the end states. */
struct problem {
    size_t n;
    bool isotropic, mixed;
    double *W, *Wp, *X, *S; /* start; X and X + X' */
    double *end;            /* W, Wp, Wa of the reference */
    double *A, *M;          /* scratch for the other methods' equations */
    double *workspace;      /* scratch for ssldyn */
    struct ssldyn_moments moments;
    struct ssldyn_parameters parameters;
    long evaluations;
};

enum { MODES = 2000 };

static const struct ssldyn_rates rates = {
    .alpha_p = 1.0, .beta = 0.4, .eta_p = 0.04, .eta_s = 0.04, .c = 1.25};

static void die(const char *what)
{
    fprintf(stderr, "flows: %s\n", what);
    exit(1);
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

static void multiply(const struct problem *p, CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, double alpha,
                     const double *a, const double *b, double beta, double *c)
{
    const int n = (int)p->n;
    cblas_dgemm(CblasRowMajor, ta, tb, n, n, n, alpha, a, n, b, n, beta, c, n);
}

/* Lemma 1 as another program would write it; state W, Wp, Wa. */
static void plain_rhs(struct problem *p, const double *y, double *f)
{
    const size_t nn = p->n * p->n;
    const double *W = y;
    const double *Wp = y + nn;
    const double *Wa = y + 2 * nn;
    p->evaluations++;
    multiply(p, CblasNoTrans, CblasNoTrans, 1.0, Wp, W, 0.0, p->A);
    if (p->isotropic) {
        for (size_t i = 0; i < nn; i++) {
            p->M[i] = Wa[i] - rates.c * p->A[i];
        }
    } else {
        multiply(p, CblasNoTrans, CblasNoTrans, 1.0, Wa, p->X, 0.0, p->M);
        multiply(p, CblasNoTrans, CblasNoTrans, -1.0, p->A, p->S, 1.0, p->M);
    }
    multiply(p, CblasNoTrans, CblasTrans, rates.alpha_p, p->M, W, 0.0, f + nn);
    multiply(p, CblasTrans, CblasNoTrans, 1.0, Wp, p->M, 0.0, f);
    for (size_t i = 0; i < nn; i++) {
        f[i] -= rates.eta_s * W[i];
        f[nn + i] -= rates.eta_p * Wp[i];
        f[2 * nn + i] = rates.beta * (W[i] - Wa[i]);
    }
}

static int gsl_rhs(double t, const double y[], double f[], void *params)
{
    (void)t;
    plain_rhs(params, y, f);
    return GSL_SUCCESS;
}

/* Time inside products, if requested: two readings of the clock each. */
static bool watch_products;
static double product_seconds;

#ifdef SSLDYN_BENCH_WRAP
void __real_ssldyn_product(const struct ssldyn_product *product, const double A[], const double B[],
                           const double D[], double C[], double workspace[]);
void __wrap_ssldyn_product(const struct ssldyn_product *product, const double A[], const double B[],
                           const double D[], double C[], double workspace[]);

void __wrap_ssldyn_product(const struct ssldyn_product *product, const double A[], const double B[],
                           const double D[], double C[], double workspace[])
{
    const double started = watch_products ? ssldyn_clock_wall() : 0.0;
    __real_ssldyn_product(product, A, B, D, C, workspace);
    if (watch_products) {
        product_seconds += ssldyn_clock_wall() - started;
    }
}
#endif

/* ssldyn; state Wp, W, Wa in the data basis. */
static void our_rhs(double t, const double y[], double f[], void *context)
{
    (void)t;
    struct problem *p = context;
    const size_t nn = p->n * p->n;
    const struct ssldyn_weights at = {.Wp = y, .W = y + nn, .Wa = y + 2 * nn};
    const struct ssldyn_weights_rate rate = {f, f + nn, f + 2 * nn};
    ssldyn_population_rhs(&p->parameters, &p->moments, p->n, &at, &rate, p->workspace);
}

static void run_gsl(struct problem *p, const char *method, double rtol, double *y)
{
    const gsl_odeiv2_step_type *type = strcmp(method, "gsl-rkck") == 0    ? gsl_odeiv2_step_rkck
                                       : strcmp(method, "gsl-rkf45") == 0 ? gsl_odeiv2_step_rkf45
                                                                          : gsl_odeiv2_step_rk8pd;
    const size_t nn = p->n * p->n;
    gsl_odeiv2_system system = {gsl_rhs, NULL, 3 * nn, p};
    gsl_odeiv2_driver *driver =
        gsl_odeiv2_driver_alloc_y_new(&system, type, 1e-2, 1e-3 * rtol, rtol);
    double t = 0.0;
    memcpy(y, p->W, nn * sizeof *y);
    memcpy(y + nn, p->Wp, nn * sizeof *y);
    memset(y + 2 * nn, 0, nn * sizeof *y);
    if (gsl_odeiv2_driver_apply(driver, &t, 50.0, y) != GSL_SUCCESS) {
        die("GSL gave up");
    }
    gsl_odeiv2_driver_free(driver);
}

#ifdef SSLDYN_BENCH_CVODE
static int cvode_rhs(sunrealtype t, N_Vector y, N_Vector f, void *user)
{
    (void)t;
    plain_rhs(user, N_VGetArrayPointer(y), N_VGetArrayPointer(f));
    return 0;
}

static void run_cvode(struct problem *p, double rtol, double *y)
{
    const size_t nn = p->n * p->n;
    SUNContext context;
    SUNContext_Create(NULL, &context);
    N_Vector v = N_VMake_Serial((sunindextype)(3 * nn), y, context);
    void *memory = CVodeCreate(CV_ADAMS, context);
    SUNNonlinearSolver solver = SUNNonlinSol_FixedPoint(v, 0, context);
    sunrealtype t = 0.0;
    memcpy(y, p->W, nn * sizeof *y);
    memcpy(y + nn, p->Wp, nn * sizeof *y);
    memset(y + 2 * nn, 0, nn * sizeof *y);
    CVodeInit(memory, cvode_rhs, 0.0, v);
    CVodeSStolerances(memory, rtol, 1e-3 * rtol);
    CVodeSetUserData(memory, p);
    CVodeSetNonlinearSolver(memory, solver);
    CVodeSetMaxNumSteps(memory, 1000000);
    if (CVode(memory, 50.0, v, &t, CV_NORMAL) < 0) {
        die("CVODE gave up");
    }
    CVodeFree(&memory);
    SUNNonlinSolFree(solver);
    N_VDestroy(v);
    SUNContext_Free(&context);
}
#endif

/* ssldyn end to end: the data basis, the flow, and back to the coordinates of the problem. */
static void run_ours(struct problem *p, double rtol, double *y)
{
    const size_t n = p->n;
    const size_t nn = n * n;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_moments_basis *basis = NULL;
    double *start = array(3 * nn);
    memcpy(start, p->Wp, nn * sizeof *start);
    memcpy(start + nn, p->W, nn * sizeof *start);
    p->moments = (struct ssldyn_moments){.kind = SSLDYN_MOMENTS_ISOTROPIC, .n1 = n, .c = rates.c};
    if (!p->isotropic) {
        double *Xprime = array(nn);
        for (size_t i = 0; i < nn; i++) {
            Xprime[i] = p->S[i] - p->X[i];
        }
        if (ssldyn_moments_basis_create(n, p->X, Xprime, "X", "X'", &basis, &err) != SSLDYN_OK) {
            die(err.message);
        }
        p->moments = basis->moments;
        ssldyn_dense_multiply(n, n, n, p->W, basis->Q, start + nn);
        free(Xprime);
    }
    const struct ssldyn_ode_block blocks[2] = {{nn}, {2 * nn}};
    const struct ssldyn_ode_system system = {
        .n = 3 * nn, .rhs = our_rhs, .context = p, .blocks = blocks, .block_count = 2};
    const struct ssldyn_ode_options options = {.rtol = rtol, .atol = 1e-14, .stepper = "auto"};
    struct ssldyn_ode *ode = NULL;
    enum ssldyn_status status = ssldyn_ode_create(&system, &options, &ode, &err);
    if (status == SSLDYN_OK) {
        status = ssldyn_ode_start(ode, 0.0, start, 50.0, &err);
    }
    while (status == SSLDYN_OK && !ssldyn_ode_done(ode)) {
        status = ssldyn_ode_step(ode, &err);
    }
    if (status != SSLDYN_OK) {
        die(err.message);
    }
    struct ssldyn_ode_statistics statistics;
    ssldyn_ode_read_statistics(ode, &statistics);
    p->evaluations = (long)statistics.evaluations;
    const double *end = ssldyn_ode_state(ode);
    memcpy(y + nn, end, nn * sizeof *y);
    for (size_t k = 0; k < 2; k++) { /* W and Wa */
        double *to = y + 2 * k * nn;
        if (basis) {
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n, (int)n, (int)n, 1.0,
                        end + (k + 1) * nn, (int)n, basis->Q, (int)n, 0.0, to, (int)n);
        } else {
            memcpy(to, end + (k + 1) * nn, nn * sizeof *y);
        }
    }
    ssldyn_ode_free(ode);
    ssldyn_moments_basis_free(basis);
    free(start);
}

/* ---- modes: a grid over eta and beta, one trajectory at a time ---- */

struct mode_point {
    struct ssldyn_rates rates;
    long evaluations;
};

static struct mode_point mode_point(size_t i)
{
    struct mode_point point = {.rates = rates};
    point.rates.eta_p = point.rates.eta_s = 0.3 * (double)(i / 40) / 49.0;
    point.rates.beta = 0.05 + 1.95 * (double)(i % 40) / 39.0;
    return point;
}

static const double mode_start[3] = {0.1, 0.05, 0.5};

static int mode_gsl(double t, const double y[], double f[], void *params)
{
    (void)t;
    struct mode_point *point = params;
    point->evaluations++;
    ssldyn_modes_rhs(&point->rates, y, f);
    return GSL_SUCCESS;
}

static void mode_ours(double t, const double y[], double f[], void *params)
{
    (void)mode_gsl(t, y, f, params);
}

static void run_modes(struct problem *p, const char *method, double rtol, double *y)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    for (size_t i = 0; i < MODES; i++) {
        struct mode_point point = mode_point(i);
        double *end = y + 3 * i;
        memcpy(end, mode_start, sizeof mode_start);
        if (strcmp(method, "ssldyn") == 0) {
            const struct ssldyn_ode_system system = {.n = 3, .rhs = mode_ours, .context = &point};
            const struct ssldyn_ode_options options = {
                .rtol = rtol, .atol = 1e-3 * rtol, .stepper = "dop853"};
            struct ssldyn_ode *ode = NULL;
            enum ssldyn_status status = ssldyn_ode_create(&system, &options, &ode, &err);
            if (status == SSLDYN_OK) {
                status = ssldyn_ode_start(ode, 0.0, mode_start, 100.0, &err);
            }
            while (status == SSLDYN_OK && !ssldyn_ode_done(ode)) {
                status = ssldyn_ode_step(ode, &err);
            }
            if (status != SSLDYN_OK) {
                die(err.message);
            }
            memcpy(end, ssldyn_ode_state(ode), sizeof mode_start);
            ssldyn_ode_free(ode);
        } else {
            const gsl_odeiv2_step_type *type =
                strcmp(method, "gsl-rkck") == 0 ? gsl_odeiv2_step_rkck : gsl_odeiv2_step_rk8pd;
            gsl_odeiv2_system system = {mode_gsl, NULL, 3, &point};
            gsl_odeiv2_driver *driver =
                gsl_odeiv2_driver_alloc_y_new(&system, type, 1e-2, 1e-3 * rtol, rtol);
            double t = 0.0;
            if (gsl_odeiv2_driver_apply(driver, &t, 100.0, end) != GSL_SUCCESS) {
                die("GSL gave up");
            }
            gsl_odeiv2_driver_free(driver);
        }
        p->evaluations += point.evaluations;
    }
}

/* ---- files ---- */

static size_t end_size(const struct problem *p)
{
    return p->n > 0 ? 3 * p->n * p->n : 3 * MODES;
}

static void allocate(struct problem *p, size_t n, const char *kind)
{
    const size_t nn = n * n;
    p->n = n;
    p->isotropic = strcmp(kind, "iso") == 0;
    p->mixed = strcmp(kind, "mix") == 0;
    p->W = array(nn + 1);
    p->Wp = array(nn + 1);
    p->X = array(nn + 1);
    p->S = array(nn + 1);
    p->A = array(nn + 1);
    p->M = array(nn + 1);
    p->end = array(end_size(p));
    p->workspace = array(ssldyn_population_workspace(n, n) + 1);
    p->parameters =
        (struct ssldyn_parameters){.rates = rates, .stop_grad = true, .predictor = true};
}

static void transfer(struct problem *p, const char *path, bool write)
{
    const size_t nn = p->n * p->n;
    double *parts[5] = {p->W, p->Wp, p->X, p->S, p->end};
    FILE *file = fopen(path, write ? "wb" : "rb");
    if (!file) {
        die("the problem's file cannot be opened");
    }
    for (size_t i = 0; i < 5; i++) {
        const size_t count = i < 4 ? nn : end_size(p);
        const size_t done = write ? fwrite(parts[i], sizeof(double), count, file)
                                  : fread(parts[i], sizeof(double), count, file);
        if (done != count) {
            die("the problem's file is short");
        }
    }
    if (fclose(file) != 0) {
        die("the problem's file cannot be written");
    }
}

/* W ~ N(0, 1/n), Wp ~ N(0, 0.25/n); X with eigenvalues from 0.3 to 3 in a random basis, X' = I/4
 * or, mixed, diagonal from 0.1 to 0.4, which does not commute with X. */
static void make_problem(struct problem *p)
{
    const size_t n = p->n;
    const size_t nn = n * n;
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, 7, 0, SSLDYN_PURPOSE_INIT_W);
    ssldyn_stream_normal(&stream, nn, p->W);
    ssldyn_stream_normal(&stream, nn, p->Wp);
    for (size_t i = 0; i < nn; i++) {
        p->W[i] /= sqrt((double)n);
        p->Wp[i] *= 0.5 / sqrt((double)n);
    }
    double *G = array(nn);
    double *U = array(nn);
    double *values = array(n);
    struct ssldyn_eigen *eigen = NULL;
    struct ssldyn_error err;
    ssldyn_stream_normal(&stream, nn, G);
    if (ssldyn_eigen_create(n, &eigen, &err) != SSLDYN_OK ||
        ssldyn_eigen_symmetric(eigen, G, values, U, &err) != SSLDYN_OK) {
        die("no random basis");
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double x = 0.0;
            for (size_t k = 0; k < n; k++) {
                const double lambda = 0.3 * pow(10.0, (double)k / (double)(n - 1));
                x += U[i * n + k] * (p->isotropic ? 1.0 : lambda) * U[j * n + k];
            }
            p->X[i * n + j] = p->isotropic ? (i == j ? 1.0 : 0.0) : x;
            const double noise = p->mixed ? 0.1 + 0.3 * (double)i / (double)(n - 1) : rates.c - 1.0;
            p->S[i * n + j] = p->X[i * n + j] + (i == j ? noise : 0.0);
        }
    }
    ssldyn_eigen_free(eigen);
    free(G);
    free(U);
    free(values);
}

static double error_of(const struct problem *p, const double *y)
{
    double worst = 0.0;
    if (p->n == 0) {
        for (size_t i = 0; i < 3 * MODES; i++) {
            worst = fmax(worst, fabs(y[i] - p->end[i]) / fmax(fabs(p->end[i]), 1e-3));
        }
        return worst;
    }
    const size_t nn = p->n * p->n;
    for (size_t k = 0; k < 3; k++) {
        double difference = 0.0;
        double size = 0.0;
        for (size_t i = k * nn; i < (k + 1) * nn; i++) {
            difference += (y[i] - p->end[i]) * (y[i] - p->end[i]);
            size += p->end[i] * p->end[i];
        }
        worst = fmax(worst, sqrt(difference / size));
    }
    return worst;
}

static void run(struct problem *p, const char *method, double rtol, double *y)
{
    p->evaluations = 0;
    if (p->n == 0) {
        run_modes(p, method, rtol, y);
    } else if (strcmp(method, "ssldyn") == 0) {
        run_ours(p, rtol, y);
#ifdef SSLDYN_BENCH_CVODE
    } else if (strcmp(method, "cvode") == 0) {
        run_cvode(p, rtol, y);
#endif
    } else if (strncmp(method, "gsl-", 4) == 0) {
        run_gsl(p, method, rtol, y);
    } else {
        die("no such method");
    }
}

/* The share of the time of ssldyn's runs inside products, in the least disturbed run. */
static double share_of_products(struct problem *p, double rtol, int repeats, double *y)
{
    double share = (double)NAN;
    double best = (double)INFINITY;
    watch_products = true;
    for (int i = 0; i < repeats; i++) {
        product_seconds = 0.0;
        const double started = ssldyn_clock_wall();
        run_ours(p, rtol, y);
        const double seconds = ssldyn_clock_wall() - started;
        if (seconds < best) {
            best = seconds;
            share = product_seconds > 0.0 ? product_seconds / seconds : (double)NAN;
        }
    }
    watch_products = false;
    return share;
}

/* CPU time of the three products of one evaluation, by CBLAS or by ssldyn: the best of several runs
 * of about a millisecond. */
static double time_products(const struct problem *p, bool ours)
{
    const size_t n = p->n;
    double *E = array(n * n);
    double *to = array(n * n);
    const struct ssldyn_product forms[3] = {
        {.m = n, .n = n, .k = n, .alpha = -1.25, .gamma = 1.0},
        {.transpose_A = true, .m = n, .n = n, .k = n, .alpha = 1.0, .gamma = -0.04},
        {.transpose_B = true, .m = n, .n = n, .k = n, .alpha = 1.0, .gamma = -0.04}};
    const long repeats = 1 + 10000000 / (long)(6 * n * n * n);
    double best = (double)INFINITY;
    for (int i = 0; i < 30; i++) {
        const double started = ssldyn_clock_cpu();
        for (long k = 0; k < repeats; k++) {
            if (ours) {
                ssldyn_product(&forms[0], p->Wp, p->W, p->X, E, p->workspace);
                ssldyn_product(&forms[1], p->Wp, E, p->W, to, p->workspace);
                ssldyn_product(&forms[2], E, p->W, p->Wp, to, p->workspace);
            } else {
                multiply(p, CblasNoTrans, CblasNoTrans, 1.0, p->Wp, p->W, 0.0, E);
                multiply(p, CblasTrans, CblasNoTrans, 1.0, p->Wp, E, 0.0, to);
                multiply(p, CblasNoTrans, CblasTrans, 1.0, E, p->W, 0.0, to);
            }
        }
        best = fmin(best, (ssldyn_clock_cpu() - started) / (double)repeats);
    }
    free(E);
    free(to);
    return best;
}

static void print_peak(void)
{
    struct problem p = {0};
    allocate(&p, 256, "iso");
    for (size_t i = 0; i < 256 * 256; i++) {
        p.W[i] = 1.0 / (double)(i + 1);
        p.Wp[i] = p.W[i] - 0.5;
    }
    const double operations = 6.0 * 256.0 * 256.0 * 256.0 * 1e-9;
    printf("%.1f %.1f\n", operations / time_products(&p, false),
           operations / time_products(&p, true));
}

int main(int argc, char *argv[])
{
    struct problem p = {0};
    ssldyn_linalg_single_thread();
    gsl_set_error_handler_off();
    if (argc == 2 && strcmp(argv[1], "peak") == 0) {
        print_peak();
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--features") == 0) {
#ifdef SSLDYN_BENCH_CVODE
        puts("cvode");
#endif
        return 0;
    }
    if (argc < 5) {
        die("usage: flows make|METHOD N KIND FILE [RTOL]");
    }
    allocate(&p, (size_t)strtoul(argv[2], NULL, 10), argv[3]);
    double *y = array(end_size(&p));
    if (strcmp(argv[1], "make") == 0) {
        if (p.n > 0) {
            make_problem(&p);
        }
        run(&p, "gsl-rk8pd", 1e-12, p.end);
        transfer(&p, argv[4], true);
        return 0;
    }
    transfer(&p, argv[4], false);
    const double rtol = argc > 5 ? strtod(argv[5], NULL) : 1e-6;
    double best = (double)INFINITY;
    const int repeats = p.n == 0 || p.n > 64 ? 2 : 6;
    for (int i = 0; i < repeats; i++) {
        const double started = ssldyn_clock_cpu();
        run(&p, argv[1], rtol, y);
        best = fmin(best, ssldyn_clock_cpu() - started);
    }
    const bool products = p.n > 0 && strcmp(argv[1], "ssldyn") == 0;
    const double share = products ? share_of_products(&p, rtol, repeats, y) : (double)NAN;
    printf("%s\t%zu\t%s\t%g\t%.6g\t%ld\t%.3e\t%.3f\n", argv[1], p.n, argv[3], rtol, best,
           p.evaluations, error_of(&p, y), share);
    return 0;
}
