/* A set of images in memory, for draws in any order: bytes stay bytes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_IMAGE_STORE_H
#define SSLDYN_SIM_IO_IMAGE_STORE_H

#include "sim/io/images.h"

struct ssldyn_image_store {
    size_t count;
    size_t numbers;       /* in an image */
    unsigned char *bytes; /* count x numbers, where the set holds bytes; owned */
    float *floats;        /* otherwise; owned */
};

/* The first count images of an open set. EINPUT where they take more than 4 GB, EINTERRUPTED on a
 * signal; clear it whatever happens. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_image_store_load(struct ssldyn_images *images,
                                                             size_t count,
                                                             struct ssldyn_image_store *store,
                                                             struct ssldyn_error *err);
void ssldyn_image_store_clear(struct ssldyn_image_store *store);

/* Image number index, bit for bit as ssldyn_images_read returns it: in buffer (numbers floats), or
 * where it lies. */
const float *ssldyn_image_store_get(const struct ssldyn_image_store *store, size_t index,
                                    float buffer[]);

#endif
