/* From an image to the vectors of a pair of its views: augmented twice, cropped to the patch,
 * averaged over cells. Used to estimate moments and as data of SGD on images. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_VIEWS_H
#define SSLDYN_SIM_MOMENTS_VIEWS_H

#include "sim/moments/moments.h"

/* Number of uniforms for one view: those of its augmentation, then those of the patch. */
enum { SSLDYN_VIEW_UNIFORMS = 64, SSLDYN_PAIR_UNIFORMS = 128 };

/* The map from an image to its views, the same for every image of a set. */
struct ssldyn_views {
    struct ssldyn_augmentation augmentation; /* including what was measured from the data */
    struct ssldyn_image_size size;           /* of an image */
    size_t patch, cells;                     /* side of the patch, and number of cells per side */
    size_t features;                         /* length of the vector of a view */
    size_t noise;     /* normals per view, rounded up to whole vector lanes; 0: no noise is added */
    size_t workspace; /* floats of workspace for one pair */
};

/* Checks augmentation, patch, pool and pca of a request against the images. EDOMAIN, naming the
 * option, if they do not fit. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_views_init(const struct ssldyn_moments_request *request,
                                                       const struct ssldyn_image_size *size,
                                                       struct ssldyn_views *views,
                                                       struct ssldyn_error *err);

/* Both views of one image; the patch is at the same position in both.
 *   uniforms  SSLDYN_PAIR_UNIFORMS numbers in (0, 1)
 *   normals   2 x views->noise standard normals; not read if that is 0
 *   x1, x2    features numbers each: channels x rows x columns */
void ssldyn_views_pair(const struct ssldyn_views *views, const float image[],
                       const double uniforms[], const float normals[], float workspace[],
                       double x1[], double x2[]);

/* Mean and standard deviation of each channel over the first count images, if the augmentation
 * standardizes; pixels holds capacity images. EINPUT if a channel is constant, EINTERRUPTED on a
 * signal. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_views_measure(struct ssldyn_images *images, size_t count, size_t capacity, float pixels[],
                     struct ssldyn_augmentation *augmentation, struct ssldyn_error *err);

#endif
