/* The data of SGD. */
// SPDX-License-Identifier: MIT
#include "sim/inputs/inputs_data.h"

#include "sim/base/memory.h"
#include "sim/io/array_file.h"
#include "sim/io/file.h"
#include "sim/io/images.h"
#include "sim/moments/moments_request.h"
#include "sim/moments/views.h"

#include <cblas.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* X = D^T D / N of the vectors, X' from its file or sigma2 I, and their basis. */
static enum ssldyn_status vectors_basis(const struct ssldyn_spec *spec,
                                        const struct ssldyn_array *data, double X[],
                                        double Xprime[], struct ssldyn_moments_basis **basis,
                                        struct ssldyn_error *err)
{
    const size_t n1 = data->shape[1];
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n1, (int)n1, (int)data->shape[0],
                1.0 / (double)data->shape[0], data->data, (int)n1, data->data, (int)n1, 0.0, X,
                (int)n1);
    if (spec->xprime_file) {
        struct ssldyn_array noise = {0};
        const enum ssldyn_status status =
            ssldyn_array_file_read_matrix(spec->xprime_file, "--xprime", "Xprime", n1, n1,
                                          ssldyn_spec_memory(spec, "xprime"), &noise, err);
        if (status != SSLDYN_OK) {
            return status;
        }
        memcpy(Xprime, noise.data, n1 * n1 * sizeof(double));
        ssldyn_npy_array_clear(&noise);
    } else {
        for (size_t i = 0; i < n1; i++) {
            Xprime[i * (n1 + 1)] = spec->problem.typed.sigma2;
        }
    }
    return ssldyn_moments_basis_create(n1, X, Xprime, "--data", "--xprime", basis, err);
}

/* The vectors and X' in that basis: D Q and Q^T X' Q. */
static void rotate_data(struct ssldyn_inputs *inputs, const struct ssldyn_array *data,
                        const double Xprime[], double scratch[])
{
    const int n1 = (int)data->shape[1];
    const double *Q = inputs->basis->Q;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)data->shape[0], n1, n1, 1.0,
                data->data, n1, Q, n1, 0.0, inputs->vectors, n1);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n1, n1, n1, 1.0, Xprime, n1, Q, n1, 0.0,
                scratch, n1);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n1, n1, n1, 1.0, Q, n1, scratch, n1, 0.0,
                inputs->covariance, n1);
}

static struct ssldyn_need vectors_need(const struct ssldyn_spec *spec)
{
    return (struct ssldyn_need){.option = "--data",
                                .role = "data",
                                .least = 1,
                                .most = 8,
                                .memory = ssldyn_spec_memory(spec, "data"),
                                .borrow = true};
}

static enum ssldyn_status load_vectors(const struct ssldyn_spec *spec, struct ssldyn_inputs *inputs,
                                       struct ssldyn_error *err)
{
    struct ssldyn_array data = {0};
    const struct ssldyn_need need = vectors_need(spec);
    enum ssldyn_status status = ssldyn_array_file_read(spec->data, &need, &data, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (data.dimensions != 2 || data.shape[0] == 0 || data.shape[1] == 0 ||
        data.shape[0] > INT_MAX || data.shape[1] > INT_MAX) {
        char shape[200];
        ssldyn_array_choice_shape_text(&data, shape, sizeof shape);
        ssldyn_npy_array_clear(&data);
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--data %.200s: has the shape %s; must hold N x n1 numbers, one vector "
                           "per row; for images give --augmentation",
                           spec->data, shape);
    }
    const size_t n1 = data.shape[1];
    double *X = ssldyn_memory_array(n1 * n1, sizeof *X);
    double *Xprime = ssldyn_memory_array(n1 * n1, sizeof *Xprime);
    inputs->vectors = ssldyn_memory_array(data.count, sizeof(double));
    inputs->covariance = ssldyn_memory_array(n1 * n1, sizeof(double));
    if (!X || !Xprime || !inputs->vectors || !inputs->covariance) {
        status =
            ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the data of %.200s", spec->data);
    } else {
        status = vectors_basis(spec, &data, X, Xprime, &inputs->basis, err);
    }
    if (status == SSLDYN_OK) {
        rotate_data(inputs, &data, Xprime, X);
        inputs->dataset =
            (struct ssldyn_dataset){.count = data.shape[0],
                                    .vectors = inputs->vectors,
                                    .covariance = spec->xprime_file ? inputs->covariance : NULL,
                                    .variance = spec->problem.typed.sigma2};
    }
    free(X);
    free(Xprime);
    ssldyn_npy_array_clear(&data);
    return status;
}

/* X and X' of a directory of ssldyn moments: an infinite batch needs nothing else. */
static enum ssldyn_status read_moments(const char *directory, struct ssldyn_moments_basis **basis,
                                       struct ssldyn_error *err)
{
    char *X = ssldyn_file_path_join(directory, "x.npy");
    char *Xprime = ssldyn_file_path_join(directory, "xprime.npy");
    const enum ssldyn_status status =
        X && Xprime ? ssldyn_inputs_read_moments(X, Xprime, basis, err)
                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    free(X);
    free(Xprime);
    return status;
}

/* The spec whose options define the views: the run's own, or that of the directory. */
static enum ssldyn_status load_origin(const struct ssldyn_spec *spec, struct ssldyn_spec *origin,
                                      struct ssldyn_error *err)
{
    if (!spec->moments_directory) {
        return ssldyn_spec_copy(spec, origin, err);
    }
    const enum ssldyn_status status = ssldyn_spec_load(origin, spec->moments_directory, err);
    if (status == SSLDYN_OK && origin->given.command != SSLDYN_COMMAND_MOMENTS) {
        ssldyn_spec_clear(origin);
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--moments %.300s: was not written by ssldyn moments",
                           spec->moments_directory);
    }
    return status;
}

/* The request with the options of the origin, as for the run, whose spec receives them. */
static void make_request(struct ssldyn_spec *spec, struct ssldyn_spec *origin,
                         struct ssldyn_moments_request *request)
{
    ssldyn_moments_request_make(origin, request);
    request->threads = (size_t)spec->threads;
    request->quiet = spec->quiet;
    if (!spec->moments_directory) {
        spec->moments = origin->moments;
    }
}

/* The images of --data with X and X' estimated from them, or those behind --moments with the X
 * and X' stored there. */
static enum ssldyn_status load_images(struct ssldyn_spec *spec, struct ssldyn_inputs *inputs,
                                      struct ssldyn_error *err)
{
    struct ssldyn_spec origin;
    struct ssldyn_moments_request request;
    enum ssldyn_status status = load_origin(spec, &origin, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    make_request(spec, &origin, &request);
    status = ssldyn_sgd_images_load(&request, spec->moments_directory, &inputs->images,
                                    &inputs->basis, err);
    inputs->dataset =
        (struct ssldyn_dataset){.count = inputs->images.store.count, .images = &inputs->images};
    ssldyn_spec_clear(&origin);
    return status;
}

enum ssldyn_status ssldyn_inputs_data(struct ssldyn_spec *spec, struct ssldyn_inputs *inputs,
                                      struct ssldyn_error *err)
{
    if (spec->moments_directory && spec->problem.sgd.batch == 0) {
        return read_moments(spec->moments_directory, &inputs->basis, err);
    }
    return spec->moments_directory || ssldyn_spec_has_images(spec)
               ? load_images(spec, inputs, err)
               : load_vectors(spec, inputs, err);
}

static enum ssldyn_status images_size(struct ssldyn_spec *spec, size_t *n1,
                                      struct ssldyn_error *err)
{
    struct ssldyn_spec origin;
    struct ssldyn_moments_request request;
    struct ssldyn_images set;
    struct ssldyn_views views;
    enum ssldyn_status status = load_origin(spec, &origin, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    make_request(spec, &origin, &request);
    status = ssldyn_moments_images(&request, &set, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_views_init(&request, &set.size, &views, err);
        *n1 = request.pca > 0 ? request.pca : views.features;
        ssldyn_images_close(&set);
    }
    ssldyn_spec_clear(&origin);
    return status;
}

enum ssldyn_status ssldyn_inputs_data_size(struct ssldyn_spec *spec, size_t *n1,
                                           struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};
    struct ssldyn_error unsaid;
    *n1 = 0;
    if (!spec->moments_directory && ssldyn_spec_has_images(spec)) {
        return images_size(spec, n1, err);
    }
    char *X =
        spec->moments_directory ? ssldyn_file_path_join(spec->moments_directory, "x.npy") : NULL;
    const char *file = spec->moments_directory ? X : spec->data;
    const struct ssldyn_need need = vectors_need(spec);
    if (file && ssldyn_array_file_shape(file, &need, &array, &unsaid) == SSLDYN_OK &&
        array.dimensions == 2) {
        *n1 = array.shape[1];
    }
    free(X);
    return SSLDYN_OK;
}
