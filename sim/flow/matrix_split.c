/* M1 split into the residual of the loss and what it moves (matrix_split.h). */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_split.h"

#include "sim/base/memory.h"
#include "sim/run/schedule.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ssldyn_matrix_split {
    struct ssldyn_eigen *of_rows, *of_n1;
    double *memory;
    double *R, *E, *right, *rotated;  /* rows x n1 each */
    double *image, *image_values;     /* Wp Wp^T and its eigenvalues, then its eigenvectors */
    double *coimage, *coimage_values; /* alpha_p W^T W, the same */
    double *differences;              /* a state and two rows x n1 */
    double *slopes;                   /* of R: rows x n1 x size */
};

static size_t residuals(const struct ssldyn_matrix_system *system)
{
    return system->rows * system->n1;
}

static bool has_form(const struct ssldyn_matrix_system *system)
{
    const struct ssldyn_parameters *parameters = system->parameters;
    return system->population && system->loss->residual && !system->layers &&
           system->at_Wa != SSLDYN_MATRIX_ABSENT && parameters->stop_grad &&
           !parameters->symmetric && ssldyn_rules_trained(parameters) &&
           !ssldyn_losses_of(parameters)->iso && system->size <= SSLDYN_ODE_IMPLICIT_LARGEST;
}

enum ssldyn_status ssldyn_matrix_split_create(struct ssldyn_matrix_system *system,
                                              struct ssldyn_error *err)
{
    const size_t rows = system->rows;
    const size_t n1 = system->n1;
    const size_t count = residuals(system);
    if (!has_form(system)) {
        return SSLDYN_OK;
    }
    struct ssldyn_matrix_split *split = calloc(1, sizeof *split);
    if (!split) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the Jacobian");
    }
    system->split = split;
    const struct ssldyn_memory_part parts[] = {{&split->R, count},
                                               {&split->E, count},
                                               {&split->right, count},
                                               {&split->rotated, count},
                                               {&split->image, rows * rows},
                                               {&split->image_values, rows},
                                               {&split->coimage, n1 * n1},
                                               {&split->coimage_values, n1},
                                               {&split->differences, system->size + 2 * count},
                                               {&split->slopes, count * system->size}};
    split->memory = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (!split->memory) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the Jacobian");
    }
    const enum ssldyn_status status = ssldyn_eigen_create(rows, &split->of_rows, err);
    return status == SSLDYN_OK ? ssldyn_eigen_create(n1, &split->of_n1, err) : status;
}

void ssldyn_matrix_split_free(struct ssldyn_matrix_split *split)
{
    if (split) {
        ssldyn_eigen_free(split->of_rows);
        ssldyn_eigen_free(split->of_n1);
        free(split->memory);
        free(split);
    }
}

static const struct ssldyn_parameters *now(const struct ssldyn_matrix_system *system, double t,
                                           struct ssldyn_parameters *scratch)
{
    return ssldyn_schedule_parameters_at(system->problem, system->parameters, t, scratch);
}

static struct ssldyn_weights weights_at(const struct ssldyn_matrix_system *system, const double y[])
{
    return (struct ssldyn_weights){.Wp = y + system->at_Wp,
                                   .W = y + system->at_W,
                                   .Wa = ssldyn_matrix_equations_part_const(y, system->at_Wa)};
}

/* Removes from R the error of tr (Wp W)^T R = 0, by which the norms are conserved: it would grow with
 * the rates. Applied twice to remove rounding errors as well. */
static void balance(struct ssldyn_matrix_system *system, const double y[], double R[])
{
    double *M = system->split->rotated;
    const size_t count = residuals(system);
    ssldyn_dense_multiply(system->rows, system->n2, system->n1, y + system->at_Wp, y + system->at_W,
                          M);
    for (int pass = 0; pass < 2; pass++) {
        const double share = ssldyn_dense_dot(count, M, R) / ssldyn_dense_dot(count, M, M);
        for (size_t i = 0; i < count; i++) {
            R[i] -= share * M[i];
        }
    }
}

/* R at (t, y). */
static void find_residual(double t, const double y[], double R[], void *context)
{
    struct ssldyn_matrix_system *system = context;
    struct ssldyn_parameters scratch;
    const struct ssldyn_weights weights = weights_at(system, y);
    const enum ssldyn_status status =
        system->loss->residual(system->prepared, now(system, t, &scratch), &system->start->moments,
                               system->n2, &weights, R, &system->error);
    system->status = system->status == SSLDYN_OK ? status : system->status;
    if (status == SSLDYN_OK) {
        balance(system, y, R);
    } else { /* the run ends with system->status */
        memset(R, 0, residuals(system) * sizeof *R);
    }
}

/* dy/dt where the residual is R. */
static void apply(struct ssldyn_matrix_system *system, double t, const double y[], const double R[],
                  double dydt[])
{
    struct ssldyn_parameters scratch;
    const struct ssldyn_weights weights = weights_at(system, y);
    const struct ssldyn_weights_rate rate = {.Wp = dydt + system->at_Wp,
                                             .W = dydt + system->at_W,
                                             .Wa =
                                                 ssldyn_matrix_equations_part(dydt, system->at_Wa)};
    ssldyn_population_rates(now(system, t, &scratch), system->n1, system->n2, system->rows,
                            &weights, R, NULL, &rate, system->workspace);
}

void ssldyn_matrix_split_rhs(double t, const double y[], double dydt[], void *context)
{
    struct ssldyn_matrix_system *system = context;
    find_residual(t, y, system->split->R, system);
    apply(system, t, y, system->split->R, dydt);
}

/* C (rows x columns) = scale op(A) op(B) + more C, of inner terms. */
static void multiply(CBLAS_TRANSPOSE A_turned, CBLAS_TRANSPOSE B_turned, size_t rows,
                     size_t columns, size_t inner, double factor, const double A[],
                     const double B[], double more, double C[])
{
    cblas_dgemm(CblasRowMajor, A_turned, B_turned, (int)rows, (int)columns, (int)inner, factor, A,
                A_turned == CblasNoTrans ? (int)inner : (int)rows, B,
                B_turned == CblasNoTrans ? (int)columns : (int)inner, more, C, (int)columns);
}

/* The E for which dW = Wp^T E, dWp = alpha_p E W^T are closest to the given ones, dWp^2 counting
 * 1/alpha_p: Wp Wp^T E + E alpha_p W^T W = Wp dW + dWp W, solved in the eigenbases of both factors. A
 * direction that moves nothing has E = 0. */
static void lift(struct ssldyn_matrix_system *system, const double y[], const double dWp[],
                 const double dW[])
{
    struct ssldyn_matrix_split *split = system->split;
    const size_t rows = system->rows;
    const size_t n1 = system->n1;
    const size_t n2 = system->n2;
    const double *Wp = y + system->at_Wp;
    const double *W = y + system->at_W;
    const CBLAS_TRANSPOSE as_is = CblasNoTrans;
    multiply(as_is, CblasTrans, rows, rows, n2, 1.0, Wp, Wp, 0.0, split->image);
    multiply(CblasTrans, as_is, n1, n1, n2, system->parameters->rates.alpha_p, W, W, 0.0,
             split->coimage);
    multiply(as_is, as_is, rows, n1, n2, 1.0, Wp, dW, 0.0, split->right);
    multiply(as_is, as_is, rows, n1, n2, 1.0, dWp, W, 1.0, split->right);
    enum ssldyn_status status = ssldyn_eigen_symmetric(split->of_rows, split->image,
                                                       split->image_values, split->image, NULL);
    if (status == SSLDYN_OK) {
        status = ssldyn_eigen_symmetric(split->of_n1, split->coimage, split->coimage_values,
                                        split->coimage, NULL);
    }
    if (status != SSLDYN_OK) { /* not finite: the iteration fails */
        for (size_t i = 0; i < residuals(system); i++) {
            split->E[i] = (double)NAN;
        }
        return;
    }
    multiply(CblasTrans, as_is, rows, n1, rows, 1.0, split->image, split->right, 0.0,
             split->rotated);
    multiply(as_is, as_is, rows, n1, n1, 1.0, split->rotated, split->coimage, 0.0, split->right);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < n1; j++) {
            const double size =
                fmax(split->image_values[i], 0.0) + fmax(split->coimage_values[j], 0.0);
            split->right[i * n1 + j] = size > 0.0 ? split->right[i * n1 + j] / size : 0.0;
        }
    }
    multiply(as_is, as_is, rows, n1, rows, 1.0, split->image, split->right, 0.0, split->rotated);
    multiply(as_is, CblasTrans, rows, n1, n1, 1.0, split->rotated, split->coimage, 0.0, split->E);
}

/* The size of B at y relative to that at `at`: decay changes it alike everywhere, and the image of B
 * not at all. */
static double size_of(const struct ssldyn_matrix_system *system, const double y[])
{
    return hypot(ssldyn_dense_norm(system->rows * system->n2, y + system->at_Wp),
                 sqrt(system->parameters->rates.alpha_p) *
                     ssldyn_dense_norm(system->n2 * system->n1, y + system->at_W));
}

void ssldyn_matrix_split_evaluate(double t, const double y[], const double k[], const double at[],
                                  double f[], void *context)
{
    struct ssldyn_matrix_system *system = context;
    struct ssldyn_matrix_split *split = system->split;
    const size_t count = residuals(system);
    double *f_W = f + system->at_W;
    double *f_Wp = f + system->at_Wp;
    memset(split->E, 0, count * sizeof *split->E);
    apply(system, t, y, split->E, f); /* s */
    for (size_t i = 0; i < system->n2 * system->n1; i++) {
        f_W[i] = k[(size_t)system->at_W + i] - f_W[i];
    }
    for (size_t i = 0; i < system->rows * system->n2; i++) {
        f_Wp[i] = k[(size_t)system->at_Wp + i] - f_Wp[i];
    }
    lift(system, y, f_Wp, f_W);
    find_residual(t, y, split->R, system);
    apply(system, t, y, split->E, f);
    const double size = size_of(system, y) / size_of(system, at);
    for (size_t i = 0; i < count; i++) {
        split->R[i] = size * (split->R[i] - split->E[i]);
    }
    multiply(CblasTrans, CblasNoTrans, system->n2, system->n1, system->rows, 1.0,
             at + system->at_Wp, split->R, 1.0, f_W);
    multiply(CblasNoTrans, CblasTrans, system->rows, system->n2, system->n1,
             system->parameters->rates.alpha_p, split->R, at + system->at_W, 1.0, f_Wp);
}

/* The derivatives of Wp^T R and alpha_p R W^T with R constant, and of s. */
static void add_direct(const struct ssldyn_matrix_system *system, const struct ssldyn_rates *rates,
                       const double R[], double entries[])
{
    const size_t n = system->size;
    const size_t n1 = system->n1;
    const size_t n2 = system->n2;
    const size_t at_W = (size_t)system->at_W;
    const size_t at_Wp = (size_t)system->at_Wp;
    for (size_t i = 0; i < system->rows; i++) {
        for (size_t a = 0; a < n2; a++) {
            double *of_Wp = entries + (at_Wp + i * n2 + a) * n;
            of_Wp[at_Wp + i * n2 + a] -= rates->eta_p;
            for (size_t b = 0; b < n1; b++) {
                of_Wp[at_W + a * n1 + b] += rates->alpha_p * R[i * n1 + b];
                entries[(at_W + a * n1 + b) * n + at_Wp + i * n2 + a] += R[i * n1 + b];
            }
        }
    }
    for (size_t i = 0; i < n2 * n1; i++) {
        entries[(at_W + i) * n + at_W + i] -= rates->eta_s;
        if (system->at_Wa != SSLDYN_MATRIX_ABSENT) {
            double *of_Wa = entries + ((size_t)system->at_Wa + i) * n;
            of_Wa[at_W + i] = rates->beta;
            of_Wa[(size_t)system->at_Wa + i] = -rates->beta;
        }
    }
}

void ssldyn_matrix_split_jacobian(double t, const double y[], double entries[], void *context)
{
    struct ssldyn_matrix_system *system = context;
    struct ssldyn_matrix_split *split = system->split;
    struct ssldyn_parameters scratch;
    const struct ssldyn_rates *rates = &now(system, t, &scratch)->rates;
    const size_t n = system->size;
    const size_t n1 = system->n1;
    const size_t n2 = system->n2;
    const size_t at_Wp = (size_t)system->at_Wp;
    memset(entries, 0, n * n * sizeof *entries);
    ssldyn_matrix_equations_differences(system, find_residual, residuals(system), t, y,
                                        split->slopes, split->differences);
    /* rows of W, n2 x (n1 n): Wp^T times the slopes, rows x (n1 n) */
    multiply(CblasTrans, CblasNoTrans, n2, n1 * n, system->rows, 1.0, y + system->at_Wp,
             split->slopes, 0.0, entries + (size_t)system->at_W * n);
    for (size_t i = 0; i < system->rows; i++) {
        multiply(CblasNoTrans, CblasNoTrans, n2, n, n1, rates->alpha_p, y + system->at_W,
                 split->slopes + i * n1 * n, 0.0, entries + (at_Wp + i * n2) * n);
    }
    add_direct(system, rates, split->E, entries);
}
