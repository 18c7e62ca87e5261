/* From an image to the vectors of a pair of its views. */
// SPDX-License-Identifier: MIT
#include "sim/moments/views.h"

#include "sim/base/signal.h"

#include <math.h>

/* Positions, among the uniforms of a pair's first view, of those that choose the patch; after
 * those of the augmentation. */
enum { DRAW_PATCH_ROW = SSLDYN_AUGMENT_UNIFORMS, DRAW_PATCH_COLUMN };

static enum ssldyn_status choose_features(const struct ssldyn_moments_request *request,
                                          struct ssldyn_views *views, struct ssldyn_error *err)
{
    const struct ssldyn_image_size *size = &views->size;
    size_t height = size->height;
    size_t width = size->width;

    if (request->patch > 0) {
        if (request->patch > height || request->patch > width)
            return ssldyn_fail(err, SSLDYN_EDOMAIN,
                               "--patch %zu: must be at most the image's "
                               "%zu x %zu pixels",
                               request->patch, height, width);
        height = request->patch;
        width = request->patch;
    }
    if (request->pool > 0) {
        if (size->height * size->width == 1)
            return ssldyn_fail(
                err, SSLDYN_EDOMAIN,
                "--pool %zu: applies to images only, but the data are vectors of %zu numbers",
                request->pool, size->channels);
        if (height % request->pool != 0 || width % request->pool != 0)
            return ssldyn_fail(err, SSLDYN_EDOMAIN, "--pool %zu: must divide %zu x %zu pixels",
                               request->pool, height, width);
        height = request->pool;
        width = request->pool;
    }
    views->patch = request->patch;
    views->cells = request->pool;
    views->features = size->channels * height * width;
    if (request->pca > views->features)
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--pca %zu: must be at most the %zu numbers of a view", request->pca,
                           views->features);
    size_t most = request->pca > 0 ? SSLDYN_MOMENTS_MAXIMUM_FEATURES : SSLDYN_MOMENTS_MAXIMUM_N1;
    if (views->features > most && height * width == 1)
        return ssldyn_fail(
            err, SSLDYN_EDOMAIN,
            "vectors of %zu numbers: reduce them to at most %d by --pca (which takes "
            "at most %d)",
            views->features, SSLDYN_MOMENTS_MAXIMUM_N1, SSLDYN_MOMENTS_MAXIMUM_FEATURES);
    if (views->features > most || request->pca > SSLDYN_MOMENTS_MAXIMUM_N1)
        return ssldyn_fail(
            err, SSLDYN_EDOMAIN,
            "views of %zu x %zu x %zu numbers: reduce them to at most %d numbers with --pool, "
            "--patch or --pca (--pca takes views of at most %d numbers)",
            size->channels, height, width, SSLDYN_MOMENTS_MAXIMUM_N1,
            SSLDYN_MOMENTS_MAXIMUM_FEATURES);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_views_init(const struct ssldyn_moments_request *request,
                                     const struct ssldyn_image_size *size,
                                     struct ssldyn_views *views, struct ssldyn_error *err)
{
    enum { LANES = 32 };
    size_t numbers = ssldyn_images_numbers(size);

    *views = (struct ssldyn_views){.augmentation = request->augmentation, .size = *size};
    enum ssldyn_status status = ssldyn_augment_check(&request->augmentation, size, err);
    if (status == SSLDYN_OK)
        status = choose_features(request, views, err);
    if (request->augmentation.noise > 0.0)
        views->noise = (numbers + LANES - 1) / LANES * LANES;
    /* one view, plus the workspace of the augmentation */
    views->workspace = numbers + ssldyn_augment_workspace(size);
    return status;
}

/* The part of a view that is used, averaged over cells: channels x rows x columns. */
static void extract(const struct ssldyn_views *views, size_t row, size_t column, const float view[],
                    double x[])
{
    const struct ssldyn_image_size *size = &views->size;
    size_t part_height = views->patch > 0 ? views->patch : size->height;
    size_t part_width = views->patch > 0 ? views->patch : size->width;
    size_t rows = views->cells > 0 ? views->cells : part_height;
    size_t columns = views->cells > 0 ? views->cells : part_width;
    size_t cell_height = part_height / rows;
    size_t cell_width = part_width / columns;
    double share = 1.0 / (double)(cell_height * cell_width);

    for (size_t c = 0; c < size->channels; c++) {
        for (size_t r = 0; r < rows; r++, x += columns) {
            const float *corner =
                view + (c * size->height + row + r * cell_height) * size->width + column;
            for (size_t k = 0; k < columns; k++)
                x[k] = 0.0;
            for (size_t y = 0; y < cell_height; y++) {
                for (size_t k = 0; k < columns; k++) {
                    const float *cell = corner + y * size->width + k * cell_width;
                    double sum = x[k];
                    for (size_t i = 0; i < cell_width; i++)
                        sum += (double)cell[i];
                    x[k] = sum;
                }
            }
            for (size_t k = 0; k < columns; k++)
                x[k] *= share;
        }
    }
}

void ssldyn_views_pair(const struct ssldyn_views *views, const float image[],
                       const double uniforms[], const float normals[], float workspace[],
                       double x1[], double x2[])
{
    float *view = workspace;
    float *rest = workspace + ssldyn_images_numbers(&views->size);
    size_t row = 0;
    size_t column = 0;

    if (views->patch > 0) {
        double rows = (double)(views->size.height - views->patch + 1);
        double columns = (double)(views->size.width - views->patch + 1);
        row = (size_t)(uniforms[DRAW_PATCH_ROW] * rows);
        column = (size_t)(uniforms[DRAW_PATCH_COLUMN] * columns);
    }
    for (size_t v = 0; v < 2; v++) {
        struct ssldyn_view drawn;
        ssldyn_augment_view_draw(&views->augmentation, &views->size,
                                 uniforms + v * SSLDYN_VIEW_UNIFORMS, &drawn);
        ssldyn_augment_view_show(&views->augmentation, &drawn, &views->size, image,
                                 normals + v * views->noise, rest, view);
        extract(views, row, column, view, v == 0 ? x1 : x2);
    }
}

enum ssldyn_status ssldyn_views_measure(struct ssldyn_images *images, size_t count, size_t capacity,
                                        float pixels[], struct ssldyn_augmentation *augmentation,
                                        struct ssldyn_error *err)
{
    const struct ssldyn_image_size *size = &images->size;
    size_t plane = size->height * size->width;
    double sums[SSLDYN_AUGMENT_CHANNELS] = {0.0};
    double squares[SSLDYN_AUGMENT_CHANNELS] = {0.0};

    if (!augmentation->standardize)
        return SSLDYN_OK;
    for (size_t first = 0; first < count; first += capacity) {
        size_t some = count - first < capacity ? count - first : capacity;
        enum ssldyn_status status = ssldyn_images_read(images, first, some, pixels, err);
        if (status != SSLDYN_OK)
            return status;
        if (ssldyn_signal_pending())
            return ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped before the first pair of views");
        for (size_t i = 0; i < some * size->channels; i++) {
            const float *channel = pixels + i * plane;
            for (size_t k = 0; k < plane; k++) {
                double value = (double)channel[k];
                sums[i % size->channels] += value;
                squares[i % size->channels] += value * value;
            }
        }
    }
    double numbers = (double)count * (double)plane;
    for (size_t c = 0; c < size->channels; c++) {
        double mean = sums[c] / numbers;
        double variance = squares[c] / numbers - mean * mean;
        if (!(variance > 1e-12 * mean * mean) || !isfinite(variance))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "channel %zu of the images is constant: it cannot be standardized",
                               c + 1);
        augmentation->mean[c] = mean;
        augmentation->deviation[c] = sqrt(variance);
    }
    return SSLDYN_OK;
}
