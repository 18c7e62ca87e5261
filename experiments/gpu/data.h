/* Sets of images with their labels, if known; and the files of well-known data sets that the linear
 * probe needs. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_DATA_H
#define EXPERIMENTS_GPU_DATA_H

#include "sim/internal.h"

#include <stddef.h>
#include <stdint.h>

struct dataset {
    struct ssldyn_images images;   /* open; images are read on demand */
    struct ssldyn_image_size size; /* of an image as data_read returns it */
    size_t pool;                   /* blocks of pool x pool pixels are averaged; 1: none */
    size_t count;                  /* number of images used */
    int32_t *labels;               /* owned; NULL: not requested */
    int classes;                   /* largest label + 1 */
    unsigned char *whole;          /* owned: a block of images before pooling; NULL: no pooling */
};

/* Opens a file or directory of images of bytes, square and with 1, 3 or 4 channels. limit: number
 * of images used, 0 for all. pool: the means of blocks of pool x pool pixels, rounded to bytes, take
 * the place of the pixels; it must divide the side, and leave at least 2 pixels. EINPUT names the
 * file. On failure data is empty. */
SSLDYN_MUST_CHECK enum ssldyn_status data_open(const char *path, enum ssldyn_image_format format,
                                               size_t limit, size_t pool, struct dataset *data,
                                               struct ssldyn_error *err);
void data_close(struct dataset *data);

/* Images first ... first + count - 1 into out, count x channels x height x width of data->size. */
SSLDYN_MUST_CHECK enum ssldyn_status data_read(struct dataset *data, size_t first, size_t count,
                                               unsigned char out[], struct ssldyn_error *err);

/* Reads the labels: from an .npy of whole numbers if one is given, from the image file if it
 * contains them, or from STL-10's file in the same directory (train_X.bin: train_y.bin). path is
 * the one data was opened with; option names it in messages. */
SSLDYN_MUST_CHECK enum ssldyn_status data_label(struct dataset *data, const char *path,
                                                const char *labels, const char *option,
                                                struct ssldyn_error *err);

/* Path of the labeled images that belong to PATH (a file or directory that --data names): the
 * test set, or the training set. The caller frees it. *found is NULL if no file has the official
 * name. */
SSLDYN_MUST_CHECK enum ssldyn_status data_test_set(const char *path, char **found,
                                                   struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status data_train_set(const char *path, char **found,
                                                    struct ssldyn_error *err);

/* Mean and standard deviation of each channel, as fractions of 255. Reads all images once. EINPUT
 * if a channel is constant. */
SSLDYN_MUST_CHECK enum ssldyn_status data_measure(struct dataset *data, double mean[],
                                                  double deviation[], struct ssldyn_error *err);

#endif
