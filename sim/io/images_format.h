/* One file of images: where its records are and how a pixel is found in one. For images.c. */
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
    bool vectors; /* no pixels: numbers as they are */
    double white; /* entries that are not bytes are divided by it */
    size_t count;
    size_t offset;                 /* of the first record */
    size_t record;                 /* bytes of one */
    size_t skip;                   /* bytes of labels before the pixels */
    int32_t *labels;               /* of all records, where they are not before the pixels; owned */
    size_t stride[3];              /* entries from one channel, row, column to the next */
    struct ssldyn_entries entries; /* type of the numbers, where they are not bytes */
};

/* Opens and judges one file, unpacked first where it is compressed; on failure close it all the
 * same. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_open(struct ssldyn_image_file *file,
                                                             const char *path,
                                                             enum ssldyn_image_format format,
                                                             struct ssldyn_error *err);
/* The same for the size bytes of a stream, which becomes the file's whatever happens. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_images_file_take(struct ssldyn_image_file *file, const char *path, FILE *stream, size_t size,
                        enum ssldyn_image_format format, struct ssldyn_error *err);
void ssldyn_images_file_close(struct ssldyn_image_file *file);

/* The parts. CIFAR's batches as pickles; *cifar is false, and nothing done, for other pickles. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_pickle(struct ssldyn_image_file *file,
                                                               size_t size, bool *cifar,
                                                               struct ssldyn_error *err);
/* A .npy, and one array of a file with several (array_file.h; name NULL: not told). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_array(struct ssldyn_image_file *file,
                                                              size_t size,
                                                              enum ssldyn_image_format format,
                                                              struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_member(struct ssldyn_image_file *file,
                                                               const char *path, const char *name,
                                                               enum ssldyn_image_format format,
                                                               struct ssldyn_error *err);
/* An array in memory, which option names. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_file_memory(struct ssldyn_image_file *file,
                                                               const struct ssldyn_array_view *view,
                                                               const char *option,
                                                               enum ssldyn_image_format format,
                                                               struct ssldyn_error *err);
/* All files that a path stands for, added to a set. */
enum { SSLDYN_IMAGE_SET_FILES = 5 };
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_add(struct ssldyn_images *images,
                                                       const char *path,
                                                       enum ssldyn_image_format format,
                                                       struct ssldyn_error *err);

#endif
