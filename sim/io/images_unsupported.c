/* Recognizes images in unsupported formats: one picture per file, containers of other programs. */
// SPDX-License-Identifier: MIT
#include "sim/io/images_unsupported.h"

#include "sim/io/file.h"
#include "sim/io/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define CONVERT "save all images as one array in a .npy file (\"ssldyn moments --help\" shows how)"
#define PICTURE "is one picture: " CONVERT

static const struct {
    const char *magic;
    size_t length;
    const char *advice;
} strangers[] = {
    {"\x89PNG", 4, PICTURE}, {"\xff\xd8\xff", 3, PICTURE},
    {"GIF8", 4, PICTURE},    {"BM", 2, PICTURE},
    {"II*\0", 4, PICTURE},   {"MM\0*", 4, PICTURE},
    {"RIFF", 4, PICTURE},    {"P5", 2, PICTURE},
    {"P6", 2, PICTURE},      {"PAR1", 4, "is a Parquet file: " CONVERT},
};

const char *ssldyn_images_advice(size_t count, const unsigned char head[], bool sure)
{
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        if (count >= strangers[i].length && (!sure || strangers[i].length > 2) &&
            memcmp(head, strangers[i].magic, strangers[i].length) == 0)
            return strangers[i].advice;
    return NULL;
}

/* File name endings that indicate what a directory contains. */
static const struct {
    const char *ending, *advice;
} endings[] = {
    {".png", "holds pictures"},     {".jpg", "holds pictures"},  {".jpeg", "holds pictures"},
    {".bmp", "holds pictures"},     {".gif", "holds pictures"},  {".webp", "holds pictures"},
    {".tif", "holds pictures"},     {".tiff", "holds pictures"}, {".ppm", "holds pictures"},
    {".mat", "holds MATLAB files"},
};

static const char *advice_for(const char *name)
{
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot != NULL && i < sizeof endings / sizeof endings[0]; i++)
        if (strcasecmp(dot, endings[i].ending) == 0)
            return endings[i].advice;
    return NULL;
}

/* Folders still to be inspected, and their depths. */
struct folders {
    size_t count;
    struct {
        char *path;
        size_t depth;
    } list[64];
};

/* What the files of one folder indicate; its subfolders are added to the list. */
static const char *inspect(const char *directory, size_t depth, struct folders *folders)
{
    enum { ENTRIES = 1000, DEPTH = 2 }; /* train/class/picture.png */
    const char *advice = NULL;
    DIR *stream = opendir(directory);

    for (size_t i = 0; stream != NULL && advice == NULL && i < ENTRIES; i++) {
        const struct dirent *entry = readdir(stream);
        if (entry == NULL)
            break;
        if (entry->d_name[0] == '.')
            continue;
        struct stat info;
        char *path = ssldyn_file_path_join(directory, entry->d_name);
        const bool known = path != NULL && stat(path, &info) == 0;
        if (known && S_ISREG(info.st_mode))
            advice = advice_for(entry->d_name);
        if (known && S_ISDIR(info.st_mode) && depth < DEPTH &&
            folders->count < sizeof folders->list / sizeof folders->list[0]) {
            folders->list[folders->count].path = path;
            folders->list[folders->count].depth = depth + 1;
            folders->count++;
            path = NULL;
        }
        free(path);
    }
    ssldyn_tree_close(stream);
    return advice;
}

/* The first indication of what a directory, or a folder in it, contains. */
static const char *find_advice(const char *directory)
{
    struct folders folders = {0};
    const char *advice = inspect(directory, 0, &folders);

    for (size_t i = 0; advice == NULL && i < folders.count; i++)
        advice = inspect(folders.list[i].path, folders.list[i].depth, &folders);
    for (size_t i = 0; i < folders.count; i++)
        free(folders.list[i].path);
    return advice;
}

enum ssldyn_status ssldyn_images_refuse_directory(const char *directory, struct ssldyn_error *err)
{
    DIR *stream = opendir(directory);

    if (stream == NULL)
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%s: cannot be read", directory);
    ssldyn_tree_close(stream);
    const char *advice = find_advice(directory);
    if (advice != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: %s: " CONVERT, directory, advice);
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: no file has the name of a known training set (data_batch_1, "
                       "data_batch_1.bin, train, train.bin, unlabeled_X.bin, train_X.bin, "
                       "train-images-idx3-ubyte, or their archives): give the files themselves",
                       directory);
}
