/* CIFAR-10 and CIFAR-100 as stored by torchvision and Keras: pickled dicts with data, an array of N
 * x 3072 bytes in the order of the binary version, and labels. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/images_format.h"
#include "sim/io/pickle_numpy.h"
#include "sim/io/temporary.h"

#include <errno.h>
#include <stdlib.h>

enum { SIDE = 32, NUMBERS = 3 * SIDE * SIDE };

static enum ssldyn_status read_whole(struct ssldyn_image_file *file, size_t size,
                                     unsigned char **bytes, struct ssldyn_error *err)
{
    *bytes = malloc(size);
    if (*bytes == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu bytes", size);
    errno = 0;
    if (fread(*bytes, 1, size, file->stream) != size)
        return ssldyn_file_unread(file->path, err);
    return SSLDYN_OK;
}

/* The classes of the images; none if they are not a list of that many small integers. */
static enum ssldyn_status take_labels(struct ssldyn_image_file *file,
                                      const struct ssldyn_pickle_value *labels,
                                      struct ssldyn_error *err)
{
    if (labels == NULL || labels->kind != SSLDYN_PICKLE_LIST || labels->count != file->count)
        return SSLDYN_OK;
    for (size_t i = 0; i < labels->count; i++)
        if (labels->items[i]->kind != SSLDYN_PICKLE_INTEGER || labels->items[i]->is.integer < 0 ||
            labels->items[i]->is.integer > UINT8_MAX)
            return SSLDYN_OK;
    file->labels = ssldyn_memory_array(labels->count, sizeof *file->labels);
    if (file->labels == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < labels->count; i++)
        file->labels[i] = (int32_t)labels->items[i]->is.integer;
    return SSLDYN_OK;
}

/* The position of the pixels: in the file itself, or, if the pickle stored them as text, in a
 * copy. */
static enum ssldyn_status take_pixels(struct ssldyn_image_file *file, const unsigned char whole[],
                                      size_t size, const unsigned char pixels[],
                                      struct ssldyn_error *err)
{
    if (pixels >= whole && pixels <= whole + size) {
        file->offset = (size_t)(pixels - whole);
        return SSLDYN_OK;
    }
    return ssldyn_temporary_copy(file->path, pixels, file->count * NUMBERS, &file->stream, err);
}

static enum ssldyn_status take(struct ssldyn_image_file *file, const unsigned char whole[],
                               size_t size, const struct ssldyn_pickle_value *root,
                               struct ssldyn_error *err)
{
    const struct ssldyn_pickle_value *data = ssldyn_pickle_get(root, "data");
    const struct ssldyn_pickle_value *fine = ssldyn_pickle_get(root, "fine_labels");
    struct ssldyn_entries entries;
    struct ssldyn_array array;
    const unsigned char *pixels = NULL;

    enum ssldyn_status status =
        ssldyn_pickle_numpy(file->path, "data", data, &entries, &array, &pixels, err);
    if (status != SSLDYN_OK)
        return status;
    if (entries.kind != 'u' || entries.size != 1 || entries.fortran_order ||
        array.dimensions != 2 || array.shape[1] != NUMBERS)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: its array data is not N x %d bytes as in CIFAR's batches: save "
                           "other images as an array, with numpy.save",
                           file->path, NUMBERS);
    file->format = fine != NULL ? "CIFAR-100" : "CIFAR-10";
    file->bytes = true;
    file->count = array.shape[0];
    file->record = NUMBERS;
    file->size = (struct ssldyn_image_size){3, SIDE, SIDE};
    file->stride[0] = (size_t)SIDE * SIDE;
    file->stride[1] = SIDE;
    file->stride[2] = 1;
    status = take_labels(file, fine != NULL ? fine : ssldyn_pickle_get(root, "labels"), err);
    return status == SSLDYN_OK ? take_pixels(file, whole, size, pixels, err) : status;
}

enum ssldyn_status ssldyn_images_file_pickle(struct ssldyn_image_file *file, size_t size,
                                             bool *cifar, struct ssldyn_error *err)
{
    struct ssldyn_pickle *pickle = NULL;
    unsigned char *whole = NULL;

    enum ssldyn_status status = read_whole(file, size, &whole, err);
    if (status == SSLDYN_OK)
        status = ssldyn_pickle_read(file->path, whole, size, NULL, &pickle, err);
    *cifar = status == SSLDYN_OK &&
             ssldyn_pickle_is_numpy(ssldyn_pickle_get(ssldyn_pickle_root(pickle), "data"));
    if (*cifar)
        status = take(file, whole, size, ssldyn_pickle_root(pickle), err);
    rewind(file->stream);
    ssldyn_pickle_free(pickle);
    free(whole);
    return status;
}
