/* A set of images in memory, for random access: bytes are kept as bytes. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_IMAGE_STORE_H
#define SSLDYN_SIM_IO_IMAGE_STORE_H

#include "sim/io/images.h"

struct ssldyn_image_store {
    size_t count;
    size_t numbers;       /* per image */
    unsigned char *bytes; /* count x numbers, if the set holds bytes; owned */
    float *floats;        /* otherwise; owned */
};

/* Loads the first count images of an open set. EINPUT if they need more than 4 GB, EINTERRUPTED on
 * a signal; clear it even on failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_image_store_load(struct ssldyn_images *images,
                                                             size_t count,
                                                             struct ssldyn_image_store *store,
                                                             struct ssldyn_error *err);
void ssldyn_image_store_clear(struct ssldyn_image_store *store);

/* Image number index, bit for bit as ssldyn_images_read returns it: in buffer (numbers floats), or
 * in place. */
const float *ssldyn_image_store_get(const struct ssldyn_image_store *store, size_t index,
                                    float buffer[]);

#endif
