/* Resolves a path given for a set of images: a file, an archive, or a folder with the training
 * images of a set under the names used by its authors and torchvision. */
// SPDX-License-Identifier: MIT
#include "sim/io/file.h"
#include "sim/io/images_format.h"
#include "sim/io/images_unsupported.h"
#include "sim/io/tar.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The training images of the sets as they are distributed, in order. */
static const char *const sets[][SSLDYN_IMAGE_SET_FILES + 1] = {
    {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
     "data_batch_5.bin", NULL},
    {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", NULL},
    {"train.bin", NULL},
    {"train", NULL},
    {"unlabeled_X.bin", "train_X.bin", NULL},
    {"train-images-idx3-ubyte", NULL},
    {"train-images.idx3-ubyte", NULL},
};
enum { SETS = sizeof sets / sizeof sets[0] };

/* Subfolders in which they may be, and archives as downloaded. */
static const char *const folders[] = {"raw",
                                      "MNIST/raw",
                                      "FashionMNIST/raw",
                                      "KMNIST/raw",
                                      "cifar-10-batches-bin",
                                      "cifar-10-batches-py",
                                      "cifar-100-binary",
                                      "cifar-100-python",
                                      "stl10_binary"};
static const char *const archives[] = {"cifar-10-binary.tar.gz", "cifar-10-python.tar.gz",
                                       "cifar-100-binary.tar.gz", "cifar-100-python.tar.gz",
                                       "stl10_binary.tar.gz"};

/* The next free file of the set. */
static struct ssldyn_image_file *next_file(struct ssldyn_images *images)
{
    return &images->files[images->file_count++];
}

/* The last file belongs to the set if its images have the same shape as the first. */
static enum ssldyn_status accept_file(struct ssldyn_images *images, struct ssldyn_error *err)
{
    const struct ssldyn_image_file *file = &images->files[images->file_count - 1];
    const struct ssldyn_image_file *first = &images->files[0];

    if (memcmp(&file->size, &first->size, sizeof file->size) != 0 || file->bytes != first->bytes)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: has %zu x %zu x %zu %s, but %s has %zu x %zu x %zu %s: all files "
                           "must have the same",
                           file->path, file->size.channels, file->size.height, file->size.width,
                           file->bytes ? "bytes" : "numbers", first->path, first->size.channels,
                           first->size.height, first->size.width,
                           first->bytes ? "bytes" : "numbers");
    images->count += file->count;
    return SSLDYN_OK;
}

static enum ssldyn_status add_file(struct ssldyn_images *images, const char *path,
                                   enum ssldyn_image_format format, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_images_file_open(next_file(images), path, format, err);
    return status == SSLDYN_OK ? accept_file(images, err) : status;
}

/* directory/name or directory/name.gz if one of them is a regular file; NULL: neither, or out of
 * memory. */
static char *find_file(const char *directory, const char *name)
{
    char packed[64];
    const char *const names[] = {name, packed};

    snprintf(packed, sizeof packed, "%s.gz", name);
    for (size_t i = 0; i < 2; i++) {
        struct stat info;
        char *path = ssldyn_file_path_join(directory, names[i]);
        if (path != NULL && stat(path, &info) == 0 && S_ISREG(info.st_mode))
            return path;
        free(path);
    }
    return NULL;
}

/* The set whose files are in the directory itself; SETS: none. */
static size_t find_set(const char *directory)
{
    for (size_t i = 0; i < SETS; i++) {
        for (size_t k = 0; sets[i][k] != NULL; k++) {
            char *path = find_file(directory, sets[i][k]);
            free(path);
            if (path != NULL)
                return i;
        }
    }
    return SETS;
}

static enum ssldyn_status add_set(struct ssldyn_images *images, const char *directory, size_t set,
                                  enum ssldyn_image_format format, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;

    for (size_t k = 0; status == SSLDYN_OK && sets[set][k] != NULL; k++) {
        char *path = find_file(directory, sets[set][k]);
        if (path != NULL)
            status = add_file(images, path, format, err);
        free(path);
    }
    return status;
}

/* The set to which a file of an archive belongs, and its position in it; false: none. */
static bool place_in_set(const char *name, size_t *set, size_t *place)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash != NULL ? slash + 1 : name;

    for (*set = 0; *set < SETS; (*set)++)
        for (*place = 0; sets[*set][*place] != NULL; (*place)++)
            if (strcmp(base, sets[*set][*place]) == 0)
                return true;
    return false;
}

/* Files unpacked from an archive: those of one set, in its order. */
struct unpacked {
    size_t set;
    char *names[SSLDYN_IMAGE_SET_FILES];
    FILE *streams[SSLDYN_IMAGE_SET_FILES];
    size_t sizes[SSLDYN_IMAGE_SET_FILES];
};

static enum ssldyn_status unpack_set(const char *path, struct unpacked *unpacked,
                                     struct ssldyn_error *err)
{
    struct ssldyn_tar *tar = NULL;
    const char *name = NULL;
    size_t size = 0;
    size_t set = 0;
    size_t place = 0;

    unpacked->set = SETS;
    enum ssldyn_status status = ssldyn_tar_open(path, &tar, err);
    while (status == SSLDYN_OK) {
        status = ssldyn_tar_next(tar, &name, &size, err);
        if (status != SSLDYN_OK || name == NULL)
            break;
        if (!place_in_set(name, &set, &place) || (unpacked->set != SETS && unpacked->set != set) ||
            unpacked->streams[place] != NULL)
            continue;
        unpacked->set = set;
        unpacked->sizes[place] = size;
        const size_t length = strlen(path) + strlen(name) + 2;
        unpacked->names[place] = malloc(length);
        if (unpacked->names[place] == NULL) {
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
            break;
        }
        snprintf(unpacked->names[place], length, "%s:%s", path, name);
        status = ssldyn_tar_unpack(tar, &unpacked->streams[place], err);
    }
    ssldyn_tar_close(tar);
    if (status == SSLDYN_OK && unpacked->set == SETS)
        status =
            ssldyn_fail(err, SSLDYN_EINPUT,
                        "%s: no file in the archive has the name of a known training set: unpack "
                        "it (tar -xf FILE) and give the image files themselves",
                        path);
    return status;
}

static enum ssldyn_status add_archive(struct ssldyn_images *images, const char *path,
                                      enum ssldyn_image_format format, struct ssldyn_error *err)
{
    struct unpacked unpacked = {0};
    enum ssldyn_status status = unpack_set(path, &unpacked, err);

    for (size_t k = 0; k < SSLDYN_IMAGE_SET_FILES; k++) {
        if (status == SSLDYN_OK && unpacked.streams[k] != NULL) {
            status = ssldyn_images_file_take(next_file(images), unpacked.names[k],
                                             unpacked.streams[k], unpacked.sizes[k], format, err);
            unpacked.streams[k] = NULL;
            if (status == SSLDYN_OK)
                status = accept_file(images, err);
        }
        if (unpacked.streams[k] != NULL)
            fclose(unpacked.streams[k]);
        free(unpacked.names[k]);
    }
    return status;
}

/* A subfolder or archive of a directory that has none of the files itself. name: which; NULL: none;
 * EINPUT if there are two. */
static enum ssldyn_status find_below(const char *directory, const char **name, bool *archive,
                                     struct ssldyn_error *err)
{
    *name = NULL;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        char *path = ssldyn_file_path_join(directory, folders[i]);
        const bool found = path != NULL && find_set(path) != SETS;
        free(path);
        if (found && *name != NULL)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s: contains several sets of images, %s and %s: name one of these "
                               "folders",
                               directory, *name, folders[i]);
        if (found)
            *name = folders[i];
    }
    *archive = *name == NULL;
    for (size_t i = 0; *archive && i < sizeof archives / sizeof archives[0]; i++) {
        char *path = find_file(directory, archives[i]);
        free(path);
        if (path != NULL && *name != NULL)
            return ssldyn_fail(
                err, SSLDYN_EINPUT,
                "%s: contains several archives of images, %s and %s: name one of them", directory,
                *name, archives[i]);
        if (path != NULL)
            *name = archives[i];
    }
    return SSLDYN_OK;
}

static enum ssldyn_status add_directory(struct ssldyn_images *images, const char *directory,
                                        enum ssldyn_image_format format, struct ssldyn_error *err)
{
    const char *name = NULL;
    bool archive = false;

    if (find_set(directory) != SETS)
        return add_set(images, directory, find_set(directory), format, err);
    enum ssldyn_status status = find_below(directory, &name, &archive, err);
    if (status != SSLDYN_OK)
        return status;
    if (name == NULL)
        return ssldyn_images_refuse_directory(directory, err);
    char *path = ssldyn_file_path_join(directory, name);
    if (path == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    status = archive ? add_archive(images, path, format, err)
                     : add_set(images, path, find_set(path), format, err);
    free(path);
    return status;
}

enum ssldyn_status ssldyn_images_add(struct ssldyn_images *images, const char *path,
                                     enum ssldyn_image_format format, struct ssldyn_error *err)
{
    struct stat info;

    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return add_directory(images, path, format, err);
    if (stat(path, &info) == 0 && S_ISREG(info.st_mode) && ssldyn_tar_recognized(path))
        return add_archive(images, path, format, err);
    return add_file(images, path, format, err);
}
