/* Labeled sets of images. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK = 256 };

/* Sets the size of the pooled images and allocates the block that is read for them. */
static enum ssldyn_status set_pool(const char *path, size_t pool, struct dataset *data,
                                   struct ssldyn_error *err)
{
    data->size = data->images.size;
    data->pool = pool;
    if (pool == 1)
        return SSLDYN_OK;
    const size_t side = data->size.height;
    if (pool == 0 || side % pool != 0 || side / pool < 2)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--pool %zu: must divide the %zu pixels per side of %s and leave at "
                           "least 2",
                           pool, side, path);
    data->size.height = data->size.width = side / pool;
    data->whole = ssldyn_memory_array(BLOCK, ssldyn_images_numbers(&data->images.size));
    return data->whole != NULL ? SSLDYN_OK
                               : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for images");
}

enum ssldyn_status data_open(const char *path, enum ssldyn_image_format format, size_t limit,
                             size_t pool, struct dataset *data, struct ssldyn_error *err)
{
    *data = (struct dataset){0};
    /* all of them: the labels must match the whole set */
    enum ssldyn_status status = ssldyn_images_open(1, &path, format, SIZE_MAX, &data->images, err);
    if (status != SSLDYN_OK)
        return status;
    const struct ssldyn_image_size *size = &data->images.size;
    data->count = limit > 0 && limit < data->images.count ? limit : data->images.count;
    if (!data->images.bytes)
        status = ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: its entries are not bytes; images of bytes (numpy.uint8) are required", path);
    else if (size->height != size->width || size->height < 2 || size->height > 4096)
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%s: has images of %zu x %zu pixels; they must be square, with 2 to "
                             "4096 pixels per side",
                             path, size->height, size->width);
    else if (data->count < 2 || data->count > INT32_MAX)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: has %zu images; must have 2 to 2147483647",
                             path, data->count);
    else if (limit > data->images.count)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: holds %zu images, but %zu were requested",
                             path, data->images.count, limit);
    else
        status = set_pool(path, pool, data, err);
    if (status != SSLDYN_OK)
        data_close(data);
    return status;
}

void data_close(struct dataset *data)
{
    ssldyn_images_close(&data->images);
    free(data->labels);
    free(data->whole);
    *data = (struct dataset){0};
}

/* The means of blocks of pixels of one image, rounded to the nearest byte. */
static void average(const struct dataset *data, const unsigned char whole[], unsigned char out[])
{
    const size_t pool = data->pool;
    const size_t width = data->images.size.width;
    const size_t cells = pool * pool;
    for (size_t c = 0; c < data->size.channels; c++) {
        const unsigned char *channel = whole + c * data->images.size.height * width;
        for (size_t y = 0; y < data->size.height; y++)
            for (size_t x = 0; x < data->size.width; x++) {
                size_t sum = cells / 2;
                for (size_t i = 0; i < cells; i++)
                    sum += channel[(y * pool + i / pool) * width + x * pool + i % pool];
                *out++ = (unsigned char)(sum / pool / pool);
            }
    }
}

enum ssldyn_status data_read(struct dataset *data, size_t first, size_t count, unsigned char out[],
                             struct ssldyn_error *err)
{
    if (data->pool == 1)
        return ssldyn_images_read_bytes(&data->images, first, count, out, err);
    const size_t before = ssldyn_images_numbers(&data->images.size);
    const size_t after = ssldyn_images_numbers(&data->size);
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t done = 0; status == SSLDYN_OK && done < count; done += BLOCK) {
        const size_t some = count - done < BLOCK ? count - done : BLOCK;
        status = ssldyn_images_read_bytes(&data->images, first + done, some, data->whole, err);
        for (size_t i = 0; status == SSLDYN_OK && i < some; i++)
            average(data, data->whole + i * before, out + (done + i) * after);
    }
    return status;
}

/* ---- labels */

static enum ssldyn_status read_npy(struct dataset *data, const char *path, const char *option,
                                   struct ssldyn_error *err)
{
    struct ssldyn_array array;
    enum ssldyn_status status = ssldyn_npy_read(path, false, &array, err);
    if (status == SSLDYN_OK && (array.dimensions != 1 || array.count != data->images.count))
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%s %s: %zu labels in %zu dimensions for %zu images: must be "
                             "one-dimensional, one label per image",
                             option, path, array.count, array.dimensions, data->images.count);
    for (size_t i = 0; status == SSLDYN_OK && i < data->count; i++) {
        const double label = array.data[i];
        if (!(label >= 0.0 && label < 1e5 && label == floor(label)))
            status = ssldyn_fail(err, SSLDYN_EINPUT,
                                 "%s %s: entry %zu (from 0) is %g: must be a whole number from 0 "
                                 "to 99999",
                                 option, path, i, label);
        else
            data->labels[i] = (int32_t)label;
    }
    ssldyn_npy_array_clear(&array);
    return status;
}

/* STL-10 keeps labels 1 ... 10 in train_y.bin in the directory of train_X.bin; *found: that file
 * exists. */
static enum ssldyn_status read_companion(struct dataset *data, const char *path, bool *found,
                                         struct ssldyn_error *err)
{
    static const char ending[] = "_X.bin";
    const size_t length = strlen(path);
    *found = false;
    if (length < sizeof ending || strcmp(path + length - (sizeof ending - 1), ending) != 0)
        return SSLDYN_OK;
    char *companion = ssldyn_memory_copy(path);
    unsigned char *bytes = malloc(data->images.count + 1);
    if (companion == NULL || bytes == NULL) {
        free(companion);
        free(bytes);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu labels", data->images.count);
    }
    companion[length - 5] = 'y';
    enum ssldyn_status status = SSLDYN_OK;
    FILE *stream = fopen(companion, "rb");
    *found = stream != NULL;
    if (stream != NULL) {
        const size_t got = fread(bytes, 1, data->images.count + 1, stream);
        if (got != data->images.count)
            status = ssldyn_fail(
                err, SSLDYN_EINPUT, "%s: holds %s %zu labels, but %s holds %zu images", companion,
                got > data->images.count ? "more than" : "only",
                got > data->images.count ? data->images.count : got, path, data->images.count);
        fclose(stream);
    }
    for (size_t i = 0; *found && status == SSLDYN_OK && i < data->count; i++) {
        if (bytes[i] < 1)
            status = ssldyn_fail(err, SSLDYN_EINPUT,
                                 "%s: label %zu (from 0) is 0: labels of "
                                 "STL-10 start at 1",
                                 companion, i);
        data->labels[i] = (int32_t)bytes[i] - 1;
    }
    free(bytes);
    free(companion);
    return status;
}

enum ssldyn_status data_label(struct dataset *data, const char *path, const char *labels,
                              const char *option, struct ssldyn_error *err)
{
    bool found = true;
    free(data->labels);
    data->labels = ssldyn_memory_array(data->count, sizeof *data->labels);
    if (data->labels == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu labels", data->count);
    enum ssldyn_status status;
    if (labels != NULL)
        status = read_npy(data, labels, option, err);
    else if (data->images.labeled)
        status = ssldyn_images_read_labels(&data->images, 0, data->count, data->labels, err);
    else
        status = read_companion(data, path, &found, err);
    if (status == SSLDYN_OK && !found)
        status =
            ssldyn_fail(err, SSLDYN_EINPUT, "%s: holds no labels: give %s FILE.npy", path, option);
    data->classes = 0;
    for (size_t i = 0; status == SSLDYN_OK && i < data->count; i++)
        if (data->labels[i] >= data->classes)
            data->classes = data->labels[i] + 1;
    if (status == SSLDYN_OK && data->classes < 2)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: all images have the same label", path);
    return status;
}

/* ---- files of a data set */

/* The first of the names that exists in the directory `path`, or in the directory of the file
 * `path`. */
static enum ssldyn_status look_for(const char *path, const char *const names[], char **found,
                                   struct ssldyn_error *err)
{
    struct stat info;
    *found = NULL;
    char *directory = ssldyn_memory_copy(path);
    if (directory == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)) {
        char *slash = strrchr(directory, '/');
        if (slash != NULL)
            slash[1] = '\0';
        else
            strcpy(directory, "."); /* a path has at least one character */
    }
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && *found == NULL && names[i] != NULL; i++) {
        char *candidate = ssldyn_file_path_join(directory, names[i]);
        if (candidate == NULL)
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        else if (stat(candidate, &info) == 0)
            *found = candidate;
        else
            free(candidate);
    }
    free(directory);
    return status;
}

enum ssldyn_status data_test_set(const char *path, char **found, struct ssldyn_error *err)
{
    static const char *const names[] = {"test_batch.bin", "test.bin", "test_X.bin", NULL};
    return look_for(path, names, found, err);
}

enum ssldyn_status data_train_set(const char *path, char **found, struct ssldyn_error *err)
{
    static const char *const names[] = {"train_X.bin", NULL};
    return look_for(path, names, found, err);
}

/* ---- channels */

enum ssldyn_status data_measure(struct dataset *data, double mean[], double deviation[],
                                struct ssldyn_error *err)
{
    const struct ssldyn_image_size *size = &data->size;
    const size_t pixels = size->height * size->width;
    double sums[SSLDYN_AUGMENT_CHANNELS] = {0.0};
    double squares[SSLDYN_AUGMENT_CHANNELS] = {0.0};
    unsigned char *block = malloc((size_t)BLOCK * ssldyn_images_numbers(size));
    enum ssldyn_status status =
        block != NULL ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for images");
    for (size_t first = 0; status == SSLDYN_OK && first < data->count; first += BLOCK) {
        const size_t some = data->count - first < BLOCK ? data->count - first : BLOCK;
        status = data_read(data, first, some, block, err);
        for (size_t i = 0; status == SSLDYN_OK && i < some * size->channels * pixels; i++) {
            const double value = (double)block[i] / 255.0;
            sums[i / pixels % size->channels] += value;
            squares[i / pixels % size->channels] += value * value;
        }
    }
    free(block);
    const double numbers = (double)data->count * (double)pixels;
    for (size_t c = 0; status == SSLDYN_OK && c < size->channels; c++) {
        mean[c] = sums[c] / numbers;
        const double variance = squares[c] / numbers - mean[c] * mean[c];
        deviation[c] = sqrt(fmax(variance, 0.0));
        if (!(variance > 1e-9))
            status = ssldyn_fail(err, SSLDYN_EINPUT,
                                 "channel %zu of the images is constant: "
                                 "--channels measured cannot normalize it",
                                 c + 1);
    }
    return status;
}
