/* Images as one array: assigns its dimensions. An ambiguous shape is rejected unless the format
 * names the layout: images read along the wrong dimension would silently give meaningless
 * moments. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/io/array_file.h"
#include "sim/io/images_format.h"

static bool is_channels(size_t size)
{
    return size == 1 || size == 3 || size == 4;
}

static enum ssldyn_status shape_fails(const char *path, const struct ssldyn_array *array,
                                      const char *why, struct ssldyn_error *err)
{
    char shape[128];

    ssldyn_array_choice_shape_text(array, shape, sizeof shape);
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: an array of %s%s %s", path, shape,
                       array->dimensions == 1 ? " numbers" : "", why);
}

/* Two dimensions: vectors, or one gray image, or vectors transposed. */
static const char *judge_matrix(const size_t shape[], enum ssldyn_image_format *layout)
{
    *layout = SSLDYN_IMAGES_VECTORS;
    if (shape[0] > shape[1])
        return NULL;
    return "does not have more rows than columns: N vectors of d numbers are N x d with N > d, so "
           "save the transpose of a d x N array, and one grayscale image as 1 x height x width; "
           "--image-format vectors reads it as it is";
}

/* Three dimensions: grayscale images, or one image in color. */
static const char *judge_cube(const size_t shape[], enum ssldyn_image_format *layout)
{
    *layout = SSLDYN_IMAGES_NHW;
    if (shape[2] <= 4 && shape[0] > 2 * shape[2] && shape[1] > 2 * shape[2])
        return "looks like one image of height x width x channels: a set is N x height x width x "
               "channels; --image-format nhw reads it as N grayscale images";
    if ((shape[0] == 3 || shape[0] == 4) && shape[1] > 4 && shape[2] > 4)
        return "looks like one image of channels x height x width: a set is N x channels x height "
               "x width; --image-format nhw reads it as N grayscale images";
    return NULL;
}

/* Four dimensions: the channels are the second or the last. */
static const char *judge_colors(const size_t shape[], enum ssldyn_image_format *layout)
{
    const bool second = is_channels(shape[1]);
    const bool last = is_channels(shape[3]);

    *layout = second ? SSLDYN_IMAGES_NCHW : SSLDYN_IMAGES_NHWC;
    if (second && last)
        return "could have its channels in the second or in the last dimension: say which with "
               "--image-format nchw or nhwc";
    if (second || last)
        return NULL;
    if (is_channels(shape[2]))
        return "is not a set of images: N x height x width x channels has the 1, 3 or 4 channels "
               "last; for height x width x channels x N save a.transpose(3, 0, 1, 2)";
    if (is_channels(shape[0]))
        return "is not a set of images: N x channels x height x width has the 1, 3 or 4 channels "
               "second; for channels x height x width x N save a.transpose(3, 0, 1, 2)";
    return "is not a set of images: these are N x height x width x channels or N x channels x "
           "height x width, with 1, 3 or 4 channels";
}

/* Whether the given layout matches the array. */
static const char *judge_named(const struct ssldyn_array *array, enum ssldyn_image_format layout)
{
    const size_t *shape = array->shape;

    if (layout == SSLDYN_IMAGES_VECTORS && array->dimensions != 2)
        return "is not N x d vectors (--image-format vectors)";
    if (layout == SSLDYN_IMAGES_NHW && array->dimensions != 3)
        return "is not N x height x width (--image-format nhw)";
    if (layout == SSLDYN_IMAGES_NHWC && (array->dimensions != 4 || !is_channels(shape[3])))
        return "is not N x height x width x channels with 1, 3 or 4 channels (--image-format nhwc)";
    if (layout == SSLDYN_IMAGES_NCHW && (array->dimensions != 4 || !is_channels(shape[1])))
        return "is not N x channels x height x width with 1, 3 or 4 channels (--image-format nchw)";
    return NULL;
}

static const char *judge(const struct ssldyn_array *array, enum ssldyn_image_format *layout)
{
    if (*layout != SSLDYN_IMAGES_NPY)
        return judge_named(array, *layout);
    switch (array->dimensions) {
    case 2:
        return judge_matrix(array->shape, layout);
    case 3:
        return judge_cube(array->shape, layout);
    case 4:
        return judge_colors(array->shape, layout);
    default:
        return "is not a set: images are N x height x width, N x height x width x channels or N x "
               "channels x height x width, vectors N x d";
    }
}

/* How to read one item of an array in that layout. */
static void walk(struct ssldyn_image_file *file, const size_t shape[],
                 enum ssldyn_image_format layout)
{
    if (layout == SSLDYN_IMAGES_VECTORS) {
        file->vectors = true;
        file->size = (struct ssldyn_image_size){shape[1], 1, 1};
        file->stride[0] = 1;
    } else if (layout == SSLDYN_IMAGES_NHW) {
        file->size = (struct ssldyn_image_size){1, shape[1], shape[2]};
        file->stride[1] = shape[2];
        file->stride[2] = 1;
    } else if (layout == SSLDYN_IMAGES_NHWC) {
        file->size = (struct ssldyn_image_size){shape[3], shape[1], shape[2]};
        file->stride[0] = 1;
        file->stride[1] = shape[2] * shape[3];
        file->stride[2] = shape[3];
    } else {
        file->size = (struct ssldyn_image_size){shape[1], shape[2], shape[3]};
        file->stride[0] = shape[2] * shape[3];
        file->stride[1] = shape[3];
        file->stride[2] = 1;
    }
}

/* Sets up a file of images from the type and shape of an array. */
static enum ssldyn_status set_up(struct ssldyn_image_file *file, const struct ssldyn_array *array,
                                 enum ssldyn_image_format format, struct ssldyn_error *err)
{
    if (array->count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: contains no images", file->path);
    enum ssldyn_image_format layout = format == SSLDYN_IMAGES_AUTO ? SSLDYN_IMAGES_NPY : format;
    const char *fault = judge(array, &layout);
    if (fault != NULL)
        return shape_fails(file->path, array, fault, err);
    if (file->entries.fortran_order)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: is in Fortran order, which cannot be read image by image: save "
                           "numpy.ascontiguousarray(a)",
                           file->path);
    walk(file, array->shape, layout);
    file->white = 1.0;
    file->bytes = !file->vectors && file->entries.kind == 'u' && file->entries.size == 1;
    file->count = array->shape[0];
    file->record = array->count / file->count * file->entries.size;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_images_file_array(struct ssldyn_image_file *file, size_t size,
                                            enum ssldyn_image_format format,
                                            struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};

    file->format = "npy";
    enum ssldyn_status status =
        ssldyn_npy_header(file->path, file->stream, &file->entries, &array, &file->offset, err);
    if (status == SSLDYN_OK)
        status = ssldyn_npy_check(file->path, &file->entries, size - file->offset, &array, err);
    return status == SSLDYN_OK ? set_up(file, &array, format, err) : status;
}

enum ssldyn_status ssldyn_images_file_memory(struct ssldyn_image_file *file,
                                             const struct ssldyn_array_view *view,
                                             const char *option, enum ssldyn_image_format format,
                                             struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};

    file->format = "npy"; /* like the same numbers in a file */
    file->path = ssldyn_memory_copy(option);
    if (file->path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const enum ssldyn_status status =
        ssldyn_array_view_open(view, &file->stream, &file->entries, &array, err);
    return status == SSLDYN_OK ? set_up(file, &array, format, err) : status;
}

enum ssldyn_status ssldyn_images_file_member(struct ssldyn_image_file *file, const char *path,
                                             const char *name, enum ssldyn_image_format format,
                                             struct ssldyn_error *err)
{
    static const struct ssldyn_need need = {
        .option = "--data", .role = "images", .least = 2, .most = 4};
    struct ssldyn_array array;
    FILE *stream = NULL;

    file->format = "array";
    enum ssldyn_status status =
        ssldyn_array_file_open(path, name, &need, &stream, &file->entries, &array, err);
    if (status != SSLDYN_OK)
        return status;
    if (file->stream != NULL)
        fclose(file->stream);
    file->stream = stream;
    file->offset = (size_t)ftello(stream);
    return set_up(file, &array, format, err);
}
