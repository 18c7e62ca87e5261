/* Sets of images as they are distributed: CIFAR-10 and CIFAR-100 (binary and pickled), IDX (MNIST,
 * Fashion-MNIST), STL-10 binary, and NumPy .npy; each also compressed with gzip. Read in blocks, so
 * that a set may be larger than memory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_IMAGES_H
#define SSLDYN_SIM_IO_IMAGES_H

#include "sim/base/error.h"
#include "sim/io/array_view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ssldyn_image_format {
    SSLDYN_IMAGES_AUTO, /* detected from the file: magic number, name, or size */
    SSLDYN_IMAGES_CIFAR10,
    SSLDYN_IMAGES_CIFAR100,
    SSLDYN_IMAGES_IDX,
    SSLDYN_IMAGES_STL10,
    SSLDYN_IMAGES_NPY,
    SSLDYN_IMAGES_NHW, /* .npy layouts that the shape alone does not determine: */
    SSLDYN_IMAGES_NHWC,
    SSLDYN_IMAGES_NCHW,
    SSLDYN_IMAGES_VECTORS /* N x d */
};

/* Shape of every image of a set. In memory an image is channels x height x width. */
struct ssldyn_image_size {
    size_t channels, height, width;
};

struct ssldyn_images {
    struct ssldyn_image_size size;
    size_t count; /* images in all files together */
    bool bytes;   /* stored as bytes: entries are byte/255, in [0, 1] */
    double white; /* the number of a white pixel: entries are divided by it and lie in [0, 1]; 0:
                    * numbers without a range, taken as they are */
    bool labeled; /* each image has a class (CIFAR) */
    const char *format;              /* name of the format */
    struct ssldyn_image_file *files; /* owned */
    size_t file_count;
    unsigned char *buffer; /* one block as stored */
};

/* Opens files, in the order given. From a directory or a tar archive the training images are taken
 * by their official names, at the top level or in a folder as torchvision makes. Compressed files
 * are unpacked into temporary ones. A .npy holds N x height x width, N x height x width x channels
 * or N x channels x height x width with 1, 3 or 4 channels, or N x d (d x 1 x 1: vectors, not
 * pixels); if the shape is ambiguous, format is required.
 * The meaning of a pixel does not depend on its storage: integers from 0 to 255 are divided by 255,
 * and those up to 65535 by 65535 (for floats, if one exceeds 1); fractions in [0, 1] are kept; all
 * others, and vectors, are numbers without a range. Unless they are bytes, the files are read once
 * to find this out. most: the set ends after that many images; 0: it has all, and a set of more
 * than 100 GB is rejected at once. EINPUT, naming the file, for anything else, for images of
 * different shapes and for sizes that do not match the format; EINTERRUPTED on a signal. On failure
 * images is empty; else close it with ssldyn_images_close. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_images_open(size_t path_count, const char *const paths[], enum ssldyn_image_format format,
                   size_t most, struct ssldyn_images *images, struct ssldyn_error *err);

/* The same for an array in memory, which is borrowed until the set is closed; option: its name in
 * messages. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_images_open_memory(const struct ssldyn_array_view *view, const char *option,
                          enum ssldyn_image_format format, size_t most,
                          struct ssldyn_images *images, struct ssldyn_error *err);

/* Numbers in one image. */
size_t ssldyn_images_numbers(const struct ssldyn_image_size *size);

/* Images first ... first + count - 1 into out (count x channels x height x width). EINPUT for an
 * entry that is not finite, EIO when the file cannot be read. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_read(struct ssldyn_images *images, size_t first,
                                                        size_t count, float out[],
                                                        struct ssldyn_error *err);

/* The same without conversion, for a set of bytes. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_read_bytes(struct ssldyn_images *images,
                                                              size_t first, size_t count,
                                                              unsigned char out[],
                                                              struct ssldyn_error *err);

/* Their classes, for a labeled set (CIFAR-100: the fine ones). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_images_read_labels(struct ssldyn_images *images,
                                                               size_t first, size_t count,
                                                               int32_t out[],
                                                               struct ssldyn_error *err);
void ssldyn_images_close(struct ssldyn_images *images);

#endif
