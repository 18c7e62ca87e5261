/* Images as the data of SGD. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_images.h"

#include "sim/base/memory.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Reads the images and measures their channels. */
static enum ssldyn_status load_store(const struct ssldyn_moments_request *request,
                                     struct ssldyn_sgd_images *images, struct ssldyn_error *err)
{
    enum { AT_ONCE = 64 };
    struct ssldyn_images set;
    enum ssldyn_status status = ssldyn_moments_images(request, &set, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    float *pixels = ssldyn_memory_array(AT_ONCE, ssldyn_images_numbers(&set.size) * sizeof *pixels);
    status = pixels ? ssldyn_views_init(request, &set.size, &images->views, err)
                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %d images", AT_ONCE);
    images->views.augmentation.clip = set.white > 0.0;
    if (pixels && status == SSLDYN_OK) {
        status = ssldyn_views_measure(&set, set.count, AT_ONCE, pixels, &images->views.augmentation,
                                      err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_image_store_load(&set, set.count, &images->store, err);
    }
    free(pixels);
    ssldyn_images_close(&set);
    return status;
}

/* The map of a view z: its vector is B^T z / sqrt(scale) minus the mean, and Q^T of that in the
 * data basis; B is the projection of PCA, or the identity. */
static enum ssldyn_status make_map(const struct ssldyn_moments_estimate *estimate, bool keep_mean,
                                   const struct ssldyn_moments_basis *basis,
                                   struct ssldyn_sgd_images *images, struct ssldyn_error *err)
{
    const size_t n1 = estimate->n1;
    const size_t features = estimate->features;
    const double factor = 1.0 / sqrt(estimate->scale);
    if (features != images->views.features) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--moments: its files are for views of %zu numbers, but its spec.conf "
                           "describes views of %zu",
                           features, images->views.features);
    }
    images->n1 = n1;
    images->scale = estimate->scale;
    images->map = ssldyn_memory_array(features + 1, n1 * sizeof(double));
    if (!images->map) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a %zu x %zu matrix", features,
                           n1);
    }
    if (estimate->basis) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)features, (int)n1, (int)n1,
                    factor, estimate->basis, (int)n1, basis->Q, (int)n1, 0.0, images->map, (int)n1);
    } else {
        for (size_t i = 0; i < n1 * n1; i++) {
            images->map[i] = factor * basis->Q[i];
        }
    }
    if (!keep_mean) {
        cblas_dgemv(CblasRowMajor, CblasTrans, (int)n1, (int)n1, -1.0, basis->Q, (int)n1,
                    estimate->mean, 1, 0.0, images->map + features * n1, 1);
    }
    return SSLDYN_OK;
}

/* X, X' and the map from views to vectors: computed, or read. */
static enum ssldyn_status get_estimate(const struct ssldyn_moments_request *request,
                                       const char *directory,
                                       struct ssldyn_moments_estimate *estimate,
                                       struct ssldyn_error *err)
{
    if (directory) {
        return ssldyn_moments_read(directory, request->pca > 0, estimate, err);
    }
    const enum ssldyn_status status = ssldyn_moments_run(request, estimate, err);
    if (status == SSLDYN_OK && estimate->interrupted) {
        return ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped before the first step");
    }
    return status;
}

enum ssldyn_status ssldyn_sgd_images_load(const struct ssldyn_moments_request *request,
                                          const char *directory, struct ssldyn_sgd_images *images,
                                          struct ssldyn_moments_basis **basis,
                                          struct ssldyn_error *err)
{
    struct ssldyn_moments_estimate estimate = {0};
    const char *source = directory ? "--moments" : "--data";
    *images = (struct ssldyn_sgd_images){.estimated = directory == NULL};
    *basis = NULL;
    enum ssldyn_status status = load_store(request, images, err);
    if (status == SSLDYN_OK) {
        status = get_estimate(request, directory, &estimate, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_moments_basis_create(estimate.n1, estimate.X, estimate.Xprime, source,
                                             source, basis, err);
    }
    if (status == SSLDYN_OK) {
        status = make_map(&estimate, request->keep_mean, *basis, images, err);
    }
    ssldyn_moments_clear(&estimate);
    return status;
}

void ssldyn_sgd_images_clear(struct ssldyn_sgd_images *images)
{
    ssldyn_image_store_clear(&images->store);
    free(images->map);
    *images = (struct ssldyn_sgd_images){0};
}

size_t ssldyn_sgd_images_workspace(const struct ssldyn_sgd_images *images)
{
    return images->store.numbers + 2 * images->views.noise + images->views.workspace;
}

size_t ssldyn_sgd_images_draws(const struct ssldyn_sgd_images *images)
{
    return SSLDYN_PAIR_UNIFORMS + 2 * images->views.noise;
}

void ssldyn_sgd_images_pair(const struct ssldyn_sgd_images *images, size_t index,
                            struct ssldyn_stream *stream, float workspace[], double z1[],
                            double z2[])
{
    const struct ssldyn_views *views = &images->views;
    double uniforms[SSLDYN_PAIR_UNIFORMS];
    float *const normals = workspace;
    float *const buffer = normals + 2 * views->noise;
    const float *const image = ssldyn_image_store_get(&images->store, index, buffer);
    ssldyn_stream_uniform(stream, SSLDYN_PAIR_UNIFORMS, uniforms);
    if (views->noise > 0) {
        ssldyn_stream_normal_float(stream, 2 * views->noise, normals);
    }
    ssldyn_views_pair(views, image, uniforms, normals, buffer + images->store.numbers, z1, z2);
}
