/* The start of a matrix run. */
// SPDX-License-Identifier: MIT
#include "sim/run/start.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/model/model.h"
#include "sim/random/stream.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Dense row-major product C = op(A) op(B), all n1-sized where it matters. */
static void rotate(size_t rows, size_t n1, const double A[], const double Q[],
                   CBLAS_TRANSPOSE transpose, double C[])
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, transpose, (int)rows, (int)n1, (int)n1, 1.0, A,
                (int)n1, Q, (int)n1, 0.0, C, (int)n1);
}

static enum ssldyn_status allocate(size_t rows, size_t columns, double **matrix,
                                   struct ssldyn_error *err)
{
    *matrix = columns > SIZE_MAX / sizeof(double)
                  ? NULL
                  : ssldyn_memory_array(rows, columns * sizeof(double));
    if (!*matrix) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a %zu x %zu matrix", rows,
                           columns);
    }
    return SSLDYN_OK;
}

/* A matrix as given, or with Gaussian entries of the given standard deviation. */
static enum ssldyn_status take_or_draw(const struct ssldyn_problem *problem,
                                       const struct ssldyn_matrix *given, const char *letter,
                                       enum ssldyn_purpose purpose, uint32_t run, size_t rows,
                                       size_t columns, double matrix[], struct ssldyn_error *err)
{
    if (given->entries) {
        if (given->rows != rows || given->columns != columns) {
            return ssldyn_fail(
                err, SSLDYN_EINPUT, "%s: has the shape %zu x %zu; %zu x %zu is needed",
                given->name ? given->name : letter, given->rows, given->columns, rows, columns);
        }
        memcpy(matrix, given->entries, rows * columns * sizeof *matrix);
        return SSLDYN_OK;
    }
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, problem->seed, run, purpose);
    ssldyn_stream_normal(&stream, rows * columns, matrix);
    for (size_t i = 0; i < rows * columns; i++) {
        matrix[i] *= problem->init_scale;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status start_predictor(const struct ssldyn_problem *problem, uint32_t run,
                                          struct ssldyn_start *start, struct ssldyn_error *err)
{
    const size_t n2 = start->n2;
    const size_t rows = ssldyn_moments_rows(&start->moments, n2);
    enum ssldyn_status status = allocate(rows, n2, &start->Wp, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (!problem->parameters.predictor) {
        for (size_t i = 0; i < n2; i++) {
            start->Wp[i * n2 + i] = 1.0;
        }
        return SSLDYN_OK;
    }
    status = take_or_draw(problem, &problem->start.Wp, "Wp", SSLDYN_PURPOSE_INIT_WP, run, rows, n2,
                          start->Wp, err);
    if (status == SSLDYN_OK && problem->parameters.symmetric) {
        ssldyn_dense_symmetrize(n2, start->Wp, start->Wp); /* Assumption 3: Wp(0) symmetric */
    }
    return status;
}

/* W, n2 x n1, from the user's coordinates. */
static void into_basis(const struct ssldyn_start *start, const double W[], double rotated[])
{
    if (start->basis) {
        rotate(start->n2, start->n1, W, start->basis->Q, CblasNoTrans, rotated);
    } else {
        memcpy(rotated, W, start->n1 * start->n2 * sizeof *rotated);
    }
}

/* W and Wa in the user's coordinates, then rotated into the data basis. */
static enum ssldyn_status start_networks(const struct ssldyn_problem *problem, uint32_t run,
                                         struct ssldyn_start *start, struct ssldyn_error *err)
{
    const size_t n1 = start->n1;
    const size_t n2 = start->n2;
    const bool has_target = ssldyn_model_has(problem->model, SSLDYN_HAS_WEIGHTS) &&
                            !problem->parameters.tau_held && !start->moments.predicts;
    double *drawn = NULL;
    enum ssldyn_status status = allocate(n2, n1, &start->W, err);
    if (status == SSLDYN_OK) {
        status = allocate(n2, n1, &drawn, err);
    }
    if (status == SSLDYN_OK && has_target) {
        status = allocate(n2, n1, &start->Wa, err);
    }
    if (status == SSLDYN_OK) {
        status = take_or_draw(problem, &problem->start.W, "W", SSLDYN_PURPOSE_INIT_W, run, n2, n1,
                              drawn, err);
    }
    if (status == SSLDYN_OK) {
        into_basis(start, drawn, start->W);
    }
    if (status == SSLDYN_OK && has_target && problem->init_wa == SSLDYN_TARGET_COPY) {
        memcpy(start->Wa, start->W, n1 * n2 * sizeof *drawn);
    } else if (status == SSLDYN_OK && has_target && problem->init_wa != SSLDYN_TARGET_ZERO) {
        static const struct ssldyn_matrix none = {0};
        const bool given = problem->init_wa == SSLDYN_TARGET_FILE;
        status = take_or_draw(problem, given ? &problem->start.Wa : &none, "Wa",
                              SSLDYN_PURPOSE_INIT_WA, run, n2, n1, drawn, err);
        if (status == SSLDYN_OK) {
            into_basis(start, drawn, start->Wa);
        }
    }
    free(drawn);
    return status;
}

/* M2: F as given, or W(0) W(0)^T. */
static enum ssldyn_status start_correlation(const struct ssldyn_problem *problem, uint32_t run,
                                            struct ssldyn_start *start, struct ssldyn_error *err)
{
    const size_t n2 = start->n2;
    const struct ssldyn_matrix *const given = &problem->start.F;
    const char *const name = given->name ? given->name : "F";
    enum ssldyn_status status = allocate(n2, n2, &start->F, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (!given->entries) {
        status = start_networks(problem, run, start, err);
        if (status == SSLDYN_OK) {
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, (int)start->n1,
                        1.0, start->W, (int)start->n1, start->W, (int)start->n1, 0.0, start->F,
                        (int)n2);
            ssldyn_dense_symmetrize(n2, start->F, start->F);
        }
        return status;
    }
    status = take_or_draw(problem, given, "F", SSLDYN_PURPOSE_INIT_F, run, n2, n2, start->F, err);
    if (status == SSLDYN_OK && ssldyn_dense_asymmetry(n2, start->F) > 1e-8) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: F must be symmetric", name);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_dense_symmetrize(n2, start->F, start->F);
    double *values = ssldyn_memory_array(n2, sizeof *values);
    status = values ? ssldyn_eigen_once(n2, start->F, values, NULL, err)
                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu eigenvalues", n2);
    if (status == SSLDYN_OK && values && values[n2 - 1] < -1e-8 * values[0]) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%s: F must be positive semidefinite; its smallest eigenvalue is %g",
                             name, values[n2 - 1]);
    }
    free(values);
    return status;
}

/* Products and scaled draws of large numbers may overflow; the squares of all matrices except F are
 * needed. */
static enum ssldyn_status check_finite(const struct ssldyn_start *start, struct ssldyn_error *err)
{
    const struct {
        const char *name;
        const double *entries;
        size_t count;
    } matrices[] = {{"Wp", start->Wp, ssldyn_moments_rows(&start->moments, start->n2) * start->n2},
                    {"W", start->W, start->n2 * start->n1},
                    {"Wa", start->Wa, start->n2 * start->n1},
                    {"F", start->F, start->n2 * start->n2}};
    const size_t all = sizeof matrices / sizeof matrices[0];
    for (size_t m = 0; m < 2 * all; m++) {
        const double *entries = matrices[m % all].entries;
        const bool squared = m >= all && entries != start->F;
        const double size = entries ? ssldyn_dense_norm(matrices[m % all].count, entries) : 0.0;
        if (!isfinite(squared ? size * size : size)) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s%s(0) leaves the range of double precision: a smaller "
                               "--init-scale or smaller --init-... files are needed",
                               squared ? "the square of " : "", matrices[m % all].name);
        }
    }
    return SSLDYN_OK;
}

/* X + X' in the user's coordinates, Q diag(sum) Q^T; scratch: n1 x n1. */
static void sum_of_views(const struct ssldyn_start *start, double scratch[], double sum[])
{
    const size_t n1 = start->n1;
    const double *const Q = start->basis ? start->basis->Q : NULL;
    for (size_t i = 0; i < n1 * n1; i++) {
        if (Q) {
            scratch[i] = Q[i] * start->moments.sum[i % n1];
        } else {
            sum[i] = i % (n1 + 1) == 0 ? start->moments.c : 0.0;
        }
    }
    if (Q) {
        rotate(n1, n1, scratch, Q, CblasTrans, sum);
    }
}

/* What MAE predicts of two views, x2: Syx = X in the user's coordinates of x2, Q Q^T X Q; for the
 * cosine also Syy. */
static enum ssldyn_status predict_view(struct ssldyn_start *start, bool whole,
                                       struct ssldyn_error *err)
{
    struct ssldyn_moments *moments = &start->moments;
    const size_t n1 = start->n1;
    const enum ssldyn_status status = allocate(whole ? 2 * n1 : n1, n1, &start->predicts, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (whole) {
        sum_of_views(start, start->predicts, start->predicts + n1 * n1);
        moments->second = start->predicts + n1 * n1;
    }
    if (moments->kind == SSLDYN_MOMENTS_HALF) {
        rotate(n1, n1, start->basis->Q, moments->X, CblasNoTrans, start->predicts);
    }
    double unexplained = 0.0;
    for (size_t i = 0; i < n1 * n1; i++) {
        const size_t j = i % n1;
        const bool isotropic = moments->kind == SSLDYN_MOMENTS_ISOTROPIC;
        const double sum = isotropic ? moments->c : moments->sum[j];
        if (isotropic) {
            start->predicts[i] = i / n1 == j ? 1.0 : 0.0;
        } else if (moments->kind == SSLDYN_MOMENTS_DIAGONAL) {
            start->predicts[i] = start->basis->Q[i] * moments->X[j];
        }
        unexplained += i / n1 == j ? sum : 0.0;
        unexplained -= sum > 0.0 ? start->predicts[i] * start->predicts[i] / sum : 0.0;
    }
    moments->predicts = start->predicts;
    moments->predicted = n1;
    moments->unexplained = fmax(unexplained, 0.0);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_start_create(const struct ssldyn_problem *problem, uint32_t run,
                                       struct ssldyn_start *start, struct ssldyn_error *err)
{
    *start = (struct ssldyn_start){
        .n1 = (size_t)problem->n1, .n2 = (size_t)problem->n2, .basis = problem->basis};
    if (problem->basis && problem->basis->n1 != start->n1) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "n1 = %zu: X is %zu x %zu", start->n1,
                           problem->basis->n1, problem->basis->n1);
    }
    if (problem->basis) {
        start->moments = problem->basis->moments;
    } else {
        start->moments.kind = SSLDYN_MOMENTS_ISOTROPIC;
        start->moments.c = problem->parameters.rates.c;
    }
    start->moments.n1 = start->n1;
    enum ssldyn_status status = SSLDYN_OK;
    if (problem->parameters.target == SSLDYN_DEPTH_MAE && !start->moments.predicts) {
        status = predict_view(start, ssldyn_losses_of(&problem->parameters)->normalized, err);
    }
    if (status == SSLDYN_OK) {
        status = start_predictor(problem, run, start, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_model_has(problem->model, SSLDYN_HAS_CORRELATION)
                     ? start_correlation(problem, run, start, err)
                     : start_networks(problem, run, start, err);
    }
    if (status == SSLDYN_OK) {
        status = check_finite(start, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_start_clear(start);
    }
    return status;
}

void ssldyn_start_clear(struct ssldyn_start *start)
{
    ssldyn_start_forget_matrices(start);
    free(start->predicts);
    memset(start, 0, sizeof *start);
}

void ssldyn_start_forget_matrices(struct ssldyn_start *start)
{
    free(start->Wp);
    free(start->W);
    free(start->Wa);
    free(start->F);
    start->Wp = start->W = start->Wa = start->F = NULL;
}

void ssldyn_start_restore(const struct ssldyn_start *start, const double W[], const double Wa[],
                          double tau, double original[])
{
    const size_t size = start->n1 * start->n2;
    const double *const from[] = {W, Wa};
    for (size_t i = 0; i < 2 && W; i++) {
        double *const to = original + i * size;
        if (from[i] && start->basis) {
            rotate(start->n2, start->n1, from[i], start->basis->Q, CblasTrans, to);
        } else if (from[i]) {
            memcpy(to, from[i], size * sizeof *to);
        }
        for (size_t k = 0; !from[i] && k < size; k++) {
            to[k] = tau * original[k];
        }
    }
}
