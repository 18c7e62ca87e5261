/* Where a matrix run starts. */
// SPDX-License-Identifier: MIT
#include "sim/run/start.h"

#include "sim/base/memory.h"
#include "sim/io/array_file.h"
#include "sim/linalg/linalg.h"
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
                  : ssldyn_array_alloc(rows, columns * sizeof(double));
    if (!*matrix) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a %zu x %zu matrix", rows,
                           columns);
    }
    return SSLDYN_OK;
}

/* A matrix from its file, or with Gaussian entries of the given standard deviation. */
static enum ssldyn_status read_or_draw(const struct ssldyn_spec *spec, const char *file,
                                       const char *option, const char *role,
                                       enum ssldyn_purpose purpose, uint32_t run, size_t rows,
                                       size_t columns, double scale, double matrix[],
                                       struct ssldyn_error *err)
{
    if (file) {
        struct ssldyn_array array;
        const enum ssldyn_status status =
            ssldyn_array_file_read_matrix(file, option, role, rows, columns, &array, err);
        if (status == SSLDYN_OK) {
            memcpy(matrix, array.data, rows * columns * sizeof *matrix);
            ssldyn_array_clear(&array);
        }
        return status;
    }
    struct ssldyn_stream stream;
    ssldyn_stream_init(&stream, spec->problem.seed, run, purpose);
    ssldyn_stream_normal(&stream, rows * columns, matrix);
    for (size_t i = 0; i < rows * columns; i++) {
        matrix[i] *= scale;
    }
    return SSLDYN_OK;
}

static void symmetrize(size_t n, double A[])
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            const double mean = 0.5 * (A[i * n + j] + A[j * n + i]);
            A[i * n + j] = mean;
            A[j * n + i] = mean;
        }
    }
}

static enum ssldyn_status start_predictor(const struct ssldyn_spec *spec, uint32_t run,
                                          struct ssldyn_start *start, struct ssldyn_error *err)
{
    const size_t n2 = start->n2;
    enum ssldyn_status status = allocate(n2, n2, &start->Wp, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (!spec->problem.parameters.predictor) {
        for (size_t i = 0; i < n2; i++) {
            start->Wp[i * n2 + i] = 1.0;
        }
        return SSLDYN_OK;
    }
    status = read_or_draw(spec, spec->init_wp, "--init-wp", "Wp", SSLDYN_PURPOSE_INIT_WP, run, n2,
                          n2, spec->problem.init_scale, start->Wp, err);
    if (status == SSLDYN_OK && spec->problem.parameters.symmetric) {
        symmetrize(n2, start->Wp); /* Assumption 3: Wp(0) symmetric */
    }
    return status;
}

/* W and Wa in the user's coordinates, then rotated into the data basis. */
static enum ssldyn_status start_networks(const struct ssldyn_spec *spec, uint32_t run,
                                         struct ssldyn_start *start, struct ssldyn_error *err)
{
    const size_t n1 = start->n1;
    const size_t n2 = start->n2;
    const bool has_target =
        spec->problem.model == SSLDYN_MODEL_POPULATION && !spec->problem.parameters.tau_held;
    double *drawn = NULL;
    enum ssldyn_status status = allocate(n2, n1, &start->W, err);
    if (status == SSLDYN_OK) {
        status = allocate(n2, n1, &drawn, err);
    }
    if (status == SSLDYN_OK && has_target) {
        status = allocate(n2, n1, &start->Wa, err);
    }
    if (status == SSLDYN_OK) {
        status = read_or_draw(spec, spec->init_w, "--init-w", "W", SSLDYN_PURPOSE_INIT_W, run, n2,
                              n1, spec->problem.init_scale, drawn, err);
    }
    if (status == SSLDYN_OK) {
        if (start->basis) {
            rotate(n2, n1, drawn, start->basis->Q, CblasNoTrans, start->W);
        } else {
            memcpy(start->W, drawn, n1 * n2 * sizeof *drawn);
        }
    }
    if (status == SSLDYN_OK && has_target) {
        if (spec->problem.init_wa == SSLDYN_TARGET_COPY) {
            memcpy(start->Wa, start->W, n1 * n2 * sizeof *drawn);
        } else if (spec->problem.init_wa != SSLDYN_TARGET_ZERO) {
            status =
                read_or_draw(spec, spec->init_wa_file, "--init-wa", "Wa", SSLDYN_PURPOSE_INIT_WA,
                             run, n2, n1, spec->problem.init_scale, drawn, err);
            if (status == SSLDYN_OK && start->basis) {
                rotate(n2, n1, drawn, start->basis->Q, CblasNoTrans, start->Wa);
            } else if (status == SSLDYN_OK) {
                memcpy(start->Wa, drawn, n1 * n2 * sizeof *drawn);
            }
        }
    }
    free(drawn);
    return status;
}

/* M2: F from its file, or W(0) W(0)^T. */
static enum ssldyn_status start_correlation(const struct ssldyn_spec *spec, uint32_t run,
                                            struct ssldyn_start *start, struct ssldyn_error *err)
{
    const size_t n2 = start->n2;
    enum ssldyn_status status = allocate(n2, n2, &start->F, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (!spec->init_f) {
        status = start_networks(spec, run, start, err);
        if (status == SSLDYN_OK) {
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)n2, (int)n2, (int)start->n1,
                        1.0, start->W, (int)start->n1, start->W, (int)start->n1, 0.0, start->F,
                        (int)n2);
            symmetrize(n2, start->F);
        }
        return status;
    }
    status = read_or_draw(spec, spec->init_f, "--init-f", "F", SSLDYN_PURPOSE_INIT_F, run, n2, n2,
                          1.0, start->F, err);
    if (status == SSLDYN_OK && ssldyn_asymmetry(n2, start->F) > 1e-8) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--init-f %s: F must be symmetric", spec->init_f);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    symmetrize(n2, start->F);
    struct ssldyn_eigen *eigen = NULL;
    double *values = ssldyn_array_alloc(n2, sizeof *values);
    status = values ? ssldyn_eigen_create(n2, &eigen, err)
                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu eigenvalues", n2);
    if (status == SSLDYN_OK) {
        status = ssldyn_eigen_symmetric(eigen, start->F, values, NULL, err);
    }
    if (status == SSLDYN_OK && values && values[n2 - 1] < -1e-8 * values[0]) {
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "--init-f %s: F must be positive semidefinite; its smallest "
                             "eigenvalue is %g",
                             spec->init_f, values[n2 - 1]);
    }
    free(values);
    ssldyn_eigen_free(eigen);
    return status;
}

/* Products and scaled draws of large numbers may leave double precision; of every matrix but F the
 * square is needed. */
static enum ssldyn_status check_finite(const struct ssldyn_start *start, struct ssldyn_error *err)
{
    const struct {
        const char *name;
        const double *entries;
        size_t count;
    } matrices[] = {{"Wp", start->Wp, start->n2 * start->n2},
                    {"W", start->W, start->n2 * start->n1},
                    {"Wa", start->Wa, start->n2 * start->n1},
                    {"F", start->F, start->n2 * start->n2}};
    const size_t all = sizeof matrices / sizeof matrices[0];
    for (size_t m = 0; m < 2 * all; m++) {
        const double *entries = matrices[m % all].entries;
        const bool squared = m >= all && entries != start->F;
        const double size = entries ? ssldyn_norm(matrices[m % all].count, entries) : 0.0;
        if (!isfinite(squared ? size * size : size)) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s%s(0) leaves the range of double precision: a smaller "
                               "--init-scale or smaller --init-... files are needed",
                               squared ? "the square of " : "", matrices[m % all].name);
        }
    }
    return SSLDYN_OK;
}

/* Sizes, moments and matrices on a basis that is there already. */
static enum ssldyn_status start_on(const struct ssldyn_spec *spec, uint32_t run,
                                   const struct ssldyn_data_basis *basis,
                                   struct ssldyn_start *start, struct ssldyn_error *err)
{
    start->basis = basis;
    start->n1 = basis ? basis->n1 : (size_t)spec->problem.n1;
    start->n2 = basis && !ssldyn_spec_given(spec, "n2") ? start->n1 : (size_t)spec->problem.n2;
    if (basis) {
        start->moments = basis->moments;
    } else {
        start->moments.kind = SSLDYN_MOMENTS_ISOTROPIC;
        start->moments.c = spec->problem.parameters.rates.c;
    }
    start->moments.n1 = start->n1;
    enum ssldyn_status status = start_predictor(spec, run, start, err);
    if (status == SSLDYN_OK) {
        status = spec->problem.model == SSLDYN_MODEL_REDUCED
                     ? start_correlation(spec, run, start, err)
                     : start_networks(spec, run, start, err);
    }
    if (status == SSLDYN_OK) {
        status = check_finite(start, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_start_clear(start);
    }
    return status;
}

enum ssldyn_status ssldyn_start_create_on(const struct ssldyn_spec *spec, uint32_t run,
                                          const struct ssldyn_data_basis *basis,
                                          struct ssldyn_start *start, struct ssldyn_error *err)
{
    memset(start, 0, sizeof *start);
    return start_on(spec, run, basis, start, err);
}

enum ssldyn_status ssldyn_start_create(const struct ssldyn_spec *spec, uint32_t run,
                                       struct ssldyn_start *start, struct ssldyn_error *err)
{
    memset(start, 0, sizeof *start);
    if (!spec->x_file) {
        return start_on(spec, run, NULL, start, err);
    }
    enum ssldyn_status status =
        ssldyn_data_basis_read(spec->x_file, spec->xprime_file, &start->owned, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (ssldyn_spec_given(spec, "n1") && start->owned->n1 != (size_t)spec->problem.n1) {
        status = ssldyn_fail(
            err, SSLDYN_EINPUT, "--n1 %lld: does not fit --x %s, which is %zu x %zu",
            (long long)spec->problem.n1, spec->x_file, start->owned->n1, start->owned->n1);
        ssldyn_start_clear(start);
        return status;
    }
    return start_on(spec, run, start->owned, start, err);
}

void ssldyn_start_clear(struct ssldyn_start *start)
{
    ssldyn_data_basis_free(start->owned);
    ssldyn_start_forget_matrices(start);
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

void ssldyn_start_restore(const struct ssldyn_start *start, const double W[], double original[])
{
    if (start->basis) {
        rotate(start->n2, start->n1, W, start->basis->Q, CblasTrans, original);
    } else {
        memcpy(original, W, start->n1 * start->n2 * sizeof *original);
    }
}
