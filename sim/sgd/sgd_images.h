/* Images as the data of SGD: each datum is an image, and its two vectors are two views of it,
 * made as in ssldyn moments. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_SGD_SGD_IMAGES_H
#define SSLDYN_SIM_SGD_SGD_IMAGES_H

#include "sim/base/error.h"
#include "sim/io/image_store.h"
#include "sim/moments/moments.h"
#include "sim/moments/views.h"
#include "sim/random/stream.h"
#include "sim/run/moments_basis.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_sgd_images {
    struct ssldyn_image_store store;
    struct ssldyn_views views;
    size_t n1;
    double scale;   /* the scale by which ssldyn moments divided X and X' */
    bool estimated; /* X and X' were estimated for this run; otherwise read from ssldyn moments,
                     * with their scale */
    double *map;    /* (features + 1) x n1: (view, 1) times this matrix is the vector in the data
                     * basis */
};

/* Opens the images of a request, with X and X' estimated from them or, if directory is not NULL,
 * read from that output of ssldyn moments; and the basis of X + X'. EINPUT or EDOMAIN, naming
 * file or option; EINTERRUPTED on a signal. Clear images and free the basis in every case. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_sgd_images_load(const struct ssldyn_moments_request *request, const char *directory,
                       struct ssldyn_sgd_images *images, struct ssldyn_moments_basis **basis,
                       struct ssldyn_error *err);
void ssldyn_sgd_images_clear(struct ssldyn_sgd_images *images);

/* Floats of workspace, and numbers of a stream, for one pair. */
size_t ssldyn_sgd_images_workspace(const struct ssldyn_sgd_images *images);
size_t ssldyn_sgd_images_draws(const struct ssldyn_sgd_images *images);

/* Two views of image number index, features numbers each. Advances the stream. */
void ssldyn_sgd_images_pair(const struct ssldyn_sgd_images *images, size_t index,
                            struct ssldyn_stream *stream, float workspace[], double z1[],
                            double z2[]);

#endif
