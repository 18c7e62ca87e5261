/* Sets of images with, where known, their classes; and where a data set as it is distributed keeps
 * what the linear probe needs. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_DATA_H
#define EXPERIMENTS_GPU_DATA_H

#include "sim/internal.h"

#include <stddef.h>
#include <stdint.h>

struct dataset {
    struct ssldyn_images images; /* open, to be read when needed */
    size_t count;                /* of them that are used */
    int32_t *labels;             /* owned; NULL: not asked for */
    int classes;                 /* largest label + 1 */
};

/* Opens a file or directory of images of bytes, square and of 1, 3 or 4 channels; limit: how many
 * are used, 0 for all. EINPUT names the file. On failure data is empty. */
SSLDYN_MUST_CHECK enum ssldyn_status data_open(const char *path, enum ssldyn_image_format format,
                                               size_t limit, struct dataset *data,
                                               struct ssldyn_error *err);
void data_close(struct dataset *data);

/* Reads the classes: from an .npy of whole numbers where one is given, from the images' file where
 * they stand there, or from the file that STL-10 has beside it (train_X.bin: train_y.bin). path is
 * what data was opened with, option names it for the message. */
SSLDYN_MUST_CHECK enum ssldyn_status data_label(struct dataset *data, const char *path,
                                                const char *labels, const char *option,
                                                struct ssldyn_error *err);

/* Path, to be freed, of the labelled images that lie with PATH (a file or directory that --data
 * names): the test set, or the training set. NULL in *found: there is none by its official name. */
SSLDYN_MUST_CHECK enum ssldyn_status data_test_set(const char *path, char **found,
                                                   struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status data_train_set(const char *path, char **found,
                                                    struct ssldyn_error *err);

/* Mean and standard deviation of each channel, as fractions of 255. Reads everything once. EINPUT
 * for a channel that is constant. */
SSLDYN_MUST_CHECK enum ssldyn_status data_measure(struct dataset *data, double mean[],
                                                  double deviation[], struct ssldyn_error *err);

#endif
