/* One file of images: where its records are, and how a pixel is found in one. For images.c. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_IMAGES_FORMAT_H
#define SSLDYN_SIM_IO_IMAGES_FORMAT_H

#include "sim/io/images.h"
#include "sim/io/npy_format.h"

#include <stdio.h>

struct ssldyn_image_file {
    char *path; /* the file, or ARCHIVE:FILE */
    FILE *stream;
    const char *format;
    struct ssldyn_image_size size;
    bool bytes;
    bool vectors; /* not pixels: the numbers are kept */
    double white; /* entries other than bytes are divided by it */
    size_t count;
    size_t offset;                 /* of the first record */
    size_t record;                 /* bytes per record */
    size_t skip;                   /* bytes of labels before the pixels */
    int32_t *labels;               /* of all records, if not stored before the pixels; owned */
    size_t stride[3];              /* entries from one channel, row, column to the next */
    struct ssldyn_entries entries; /* type of the numbers, if not bytes */
};

/* Opens and checks one file, unpacking it first if it is compressed; close it even on failure. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_open(struct ssldyn_image_file *file,
                                                             const char *path,
                                                             enum ssldyn_image_format format,
                                                             struct ssldyn_error *err);
/* The same for the size bytes of a stream, whose ownership passes to the file even on failure. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_images_file_take(struct ssldyn_image_file *file, const char *path, FILE *stream, size_t size,
                        enum ssldyn_image_format format, struct ssldyn_error *err);
void ssldyn_images_file_close(struct ssldyn_image_file *file);

/* The parts of this. CIFAR's batches as pickles; *cifar is false, and nothing is done, for other
 * pickles. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_pickle(struct ssldyn_image_file *file,
                                                               size_t size, bool *cifar,
                                                               struct ssldyn_error *err);
/* A .npy, or one array of a file with several (array_file.h; name NULL: not given). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_array(struct ssldyn_image_file *file,
                                                              size_t size,
                                                              enum ssldyn_image_format format,
                                                              struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_member(struct ssldyn_image_file *file,
                                                               const char *path, const char *name,
                                                               enum ssldyn_image_format format,
                                                               struct ssldyn_error *err);
/* An array in memory, given to option. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_memory(struct ssldyn_image_file *file,
                                                               const struct ssldyn_array_view *view,
                                                               const char *option,
                                                               enum ssldyn_image_format format,
                                                               struct ssldyn_error *err);
/* All files of a path, added to a set. */
enum { SSLDYN_IMAGE_SET_FILES = 5 };
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_add(struct ssldyn_images *images,
                                                       const char *path,
                                                       enum ssldyn_image_format format,
                                                       struct ssldyn_error *err);

#endif
