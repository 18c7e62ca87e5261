/* A series of matrices, file by file, frame by frame (matrices.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/matrices.h"

#include "sim/base/memory.h"
#include "sim/io/file_series.h"
#include "sim/io/npy_format.h"
#include "sim/io/npz.h"
#include "sim/io/safetensors.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* One open file: a stream at the next frame, or, for Fortran's order, the whole array in memory. */
struct source {
    FILE *stream;
    struct ssldyn_entries entries;
    struct ssldyn_array array; /* data only for Fortran's order */
    size_t frames, rows, columns;
    size_t done;
};

struct ssldyn_matrices {
    struct ssldyn_file_series files;
    char *name; /* of the array, NULL: none asked for */
    const char *role, *option;
    bool vectors;    /* of one row each */
    double roundoff; /* of the coarsest type */
    size_t *frames;  /* of each file */
    size_t count, rows, columns;
    struct source source;
    size_t file;          /* of the open source */
    unsigned char *bytes; /* one frame as the file has it */
};

static void source_close(struct source *source)
{
    if (source->stream != NULL)
        fclose(source->stream);
    ssldyn_array_clear(&source->array);
    memset(source, 0, sizeof *source);
}

/* What a file is, by its first bytes. */
enum container { CONTAINER_NPY, CONTAINER_NPZ, CONTAINER_SAFETENSORS };

static enum ssldyn_status open_file(const char *path, FILE **stream, size_t *size,
                                    enum container *container, struct ssldyn_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a plain file", path);
    *stream = fopen(path, "rb");
    if (*stream == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be read: %s", path, strerror(errno));
    *size = (size_t)info.st_size;
    unsigned char head[9] = {0};
    const size_t got = fread(head, 1, sizeof head, *stream);
    rewind(*stream);
    if (got >= 6 && memcmp(head, "\x93NUMPY", 6) == 0)
        *container = CONTAINER_NPY;
    else if (got >= 4 && memcmp(head, "PK\x03\x04", 4) == 0)
        *container = CONTAINER_NPZ;
    else if (got == sizeof head && head[8] == '{')
        *container = CONTAINER_SAFETENSORS;
    else
        return ssldyn_fail(
            err, SSLDYN_EINPUT, "%s: is neither a .npy nor a .npz nor a .safetensors file%s", path,
            got >= 4 && memcmp(head, "PK\x05\x06", 4) == 0 ? " (an empty archive)" : "");
    return SSLDYN_OK;
}

static enum ssldyn_status read_head(const char *path, size_t size, enum container container,
                                    const char *name, const char *role, struct source *source,
                                    struct ssldyn_error *err)
{
    if (container == CONTAINER_SAFETENSORS)
        return ssldyn_safetensors_find(path, source->stream, size, name, role, &source->entries,
                                       &source->array, err);
    if (container == CONTAINER_NPZ) {
        fclose(source->stream);
        const enum ssldyn_status status =
            ssldyn_npz_open(path, name, role, &source->stream, &size, err);
        if (status != SSLDYN_OK)
            return status;
    } else if (name != NULL) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: is a .npy file with one array; ':%s' picks from .npz or "
                           ".safetensors files",
                           path, name);
    }
    size_t offset = 0;
    const enum ssldyn_status status =
        ssldyn_npy_header(path, source->stream, &source->entries, &source->array, &offset, err);
    if (status != SSLDYN_OK)
        return status;
    return ssldyn_npy_check(path, &source->entries, size - offset, &source->array, err);
}

/* Frames, rows and columns of what a header declares. */
static enum ssldyn_status find_shape(const char *path, const char *option, bool vectors,
                                     struct source *source, struct ssldyn_error *err)
{
    const struct ssldyn_array *array = &source->array;
    const size_t least = vectors ? 1 : 2;
    if (array->dimensions != least && array->dimensions != least + 1)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s %s: an array of %zu dimensions; a %s or a stack of %s is needed",
                           option, path, array->dimensions, vectors ? "vector (1)" : "matrix (2)",
                           vectors ? "vectors (2)" : "matrices (3)");
    if (array->count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s %s: the array is empty", option, path);
    const size_t *shape = array->shape + (array->dimensions - least);
    source->frames = array->dimensions > least ? array->shape[0] : 1;
    source->rows = vectors ? 1 : shape[0];
    source->columns = shape[least - 1];
    return SSLDYN_OK;
}

static enum ssldyn_status source_open(const struct ssldyn_matrices *matrices, const char *path,
                                      struct source *source, struct ssldyn_error *err)
{
    memset(source, 0, sizeof *source);
    size_t size = 0;
    enum container container = CONTAINER_NPY;
    enum ssldyn_status status = open_file(path, &source->stream, &size, &container, err);
    if (status == SSLDYN_OK)
        status = read_head(path, size, container, matrices->name, matrices->role, source, err);
    if (status == SSLDYN_OK)
        status = find_shape(path, matrices->option, matrices->vectors, source, err);
    /* The frames of a stack in Fortran's order lie scattered: it is read as a whole. */
    if (status == SSLDYN_OK && source->entries.fortran_order)
        status =
            ssldyn_npy_entries(path, source->stream, &source->entries, true, &source->array, err);
    if (status != SSLDYN_OK)
        source_close(source);
    return status;
}

static bool host_is_little_endian(void)
{
    const unsigned one = 1;
    unsigned char first = 0;
    memcpy(&first, &one, 1);
    return first == 1;
}

/* finite: NULL to refuse an entry that is not. */
static enum ssldyn_status source_next(struct source *source, const char *path,
                                      unsigned char bytes[], double matrix[], bool *finite,
                                      struct ssldyn_error *err)
{
    const size_t count = source->rows * source->columns;
    const struct ssldyn_entries *entries = &source->entries;
    const bool direct = entries->kind == 'f' && entries->size == sizeof(double) &&
                        !entries->big_endian && host_is_little_endian();
    if (source->array.data != NULL) {
        memcpy(matrix, source->array.data + source->done * count, count * sizeof(double));
    } else {
        void *to = direct ? (void *)matrix : (void *)bytes;
        if (fread(to, entries->size, count, source->stream) != count)
            return ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be read: it shrank meanwhile", path);
        for (size_t i = 0; i < count && !direct; i++)
            matrix[i] = ssldyn_npy_decode(entries, bytes + i * entries->size);
    }
    for (size_t i = 0; i < count; i++) {
        if (isfinite(matrix[i]))
            continue;
        if (finite == NULL)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s: matrix %zu, entry (%zu, %zu) is %s; finite numbers are needed "
                               "(--skip-bad leaves such snapshots out)",
                               path, source->done + 1, i / source->columns + 1,
                               i % source->columns + 1, isnan(matrix[i]) ? "nan" : "infinite");
        *finite = false;
    }
    source->done++;
    return SSLDYN_OK;
}

/* FILE:NAME is split at the last colon, unless a file of the whole name exists. */
static enum ssldyn_status split_name(const char *argument, char **file, char **name,
                                     struct ssldyn_error *err)
{
    struct stat info;
    const char *colon = strrchr(argument, ':');
    *file = ssldyn_string_copy(argument);
    *name = NULL;
    if (*file == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (colon == NULL || colon == argument || strchr(colon, '/') != NULL ||
        stat(argument, &info) == 0)
        return SSLDYN_OK;
    (*file)[colon - argument] = '\0';
    *name = ssldyn_string_copy(colon + 1);
    if (*name == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    return SSLDYN_OK;
}

static double roundoff(const struct ssldyn_entries *entries)
{
    if (entries->kind == 'g')
        return 0x1p-8;
    if (entries->kind != 'f')
        return 0.0;
    return entries->size == 2 ? 0x1p-11 : entries->size == 4 ? 0x1p-24 : 0x1p-53;
}

/* Opens every file once, to know how many matrices there are and that all have one shape. */
static enum ssldyn_status survey(struct ssldyn_matrices *matrices, struct ssldyn_error *err)
{
    matrices->frames = ssldyn_array_alloc(matrices->files.count, sizeof(size_t));
    if (matrices->frames == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < matrices->files.count; i++) {
        const char *path = matrices->files.paths[i];
        struct source source;
        const enum ssldyn_status status = source_open(matrices, path, &source, err);
        if (status != SSLDYN_OK)
            return status;
        if (i == 0) {
            matrices->rows = source.rows;
            matrices->columns = source.columns;
        }
        matrices->frames[i] = source.frames;
        matrices->roundoff = fmax(matrices->roundoff, roundoff(&source.entries));
        matrices->count += source.frames;
        const size_t rows = source.rows;
        const size_t columns = source.columns;
        if (i == 0 && matrices->files.count == 1)
            matrices->source = source; /* it stays open */
        else
            source_close(&source);
        if (rows != matrices->rows || columns != matrices->columns)
            return ssldyn_fail(
                err, SSLDYN_EINPUT, "%s %s: %zu x %zu, but the series began with %zu x %zu",
                matrices->option, path, rows, columns, matrices->rows, matrices->columns);
    }
    matrices->bytes = ssldyn_array_alloc(matrices->rows, matrices->columns * sizeof(double));
    if (matrices->bytes == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    return SSLDYN_OK;
}

static enum ssldyn_status open_series(const char *argument, const char *option, const char *role,
                                      bool vectors, struct ssldyn_matrices **matrices,
                                      struct ssldyn_error *err)
{
    *matrices = NULL;
    struct ssldyn_matrices *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->role = role;
    fresh->option = option;
    fresh->vectors = vectors;
    char *file = NULL;
    enum ssldyn_status status = split_name(argument, &file, &fresh->name, err);
    if (status == SSLDYN_OK)
        status = ssldyn_file_series_find(file, option, &fresh->files, err);
    if (status == SSLDYN_OK)
        status = survey(fresh, err);
    free(file);
    if (status != SSLDYN_OK) {
        ssldyn_matrices_close(fresh);
        return status;
    }
    *matrices = fresh;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_matrices_open(const char *argument, const char *option, const char *role,
                                        struct ssldyn_matrices **matrices, struct ssldyn_error *err)
{
    return open_series(argument, option, role, false, matrices, err);
}

enum ssldyn_status ssldyn_matrices_open_vectors(const char *argument, const char *option,
                                                const char *role, struct ssldyn_matrices **matrices,
                                                struct ssldyn_error *err)
{
    return open_series(argument, option, role, true, matrices, err);
}

void ssldyn_matrices_close(struct ssldyn_matrices *matrices)
{
    if (matrices == NULL)
        return;
    source_close(&matrices->source);
    ssldyn_file_series_clear(&matrices->files);
    free(matrices->name);
    free(matrices->frames);
    free(matrices->bytes);
    free(matrices);
}

size_t ssldyn_matrices_count(const struct ssldyn_matrices *matrices)
{
    return matrices->count;
}

size_t ssldyn_matrices_rows(const struct ssldyn_matrices *matrices)
{
    return matrices->rows;
}

size_t ssldyn_matrices_columns(const struct ssldyn_matrices *matrices)
{
    return matrices->columns;
}

double ssldyn_matrices_roundoff(const struct ssldyn_matrices *matrices)
{
    return matrices->roundoff;
}

double ssldyn_matrices_number(const struct ssldyn_matrices *matrices, size_t frame)
{
    size_t file = 0;
    while (file < matrices->files.count && frame >= matrices->frames[file])
        frame -= matrices->frames[file++];
    return file < matrices->files.count ? matrices->files.labels[file] : (double)NAN;
}

double ssldyn_matrices_label(const struct ssldyn_matrices *matrices, size_t frame)
{
    /* A stack in a numbered file has more frames than numbers. */
    if (matrices->count != matrices->files.count || frame >= matrices->count)
        return (double)NAN;
    return matrices->files.labels[frame];
}

static enum ssldyn_status next(struct ssldyn_matrices *matrices, double matrix[], bool *finite,
                               struct ssldyn_error *err)
{
    struct source *source = &matrices->source;
    if (source->stream != NULL && source->done == source->frames) {
        source_close(source);
        matrices->file++;
    }
    if (matrices->file >= matrices->files.count)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: there are only %zu matrices", matrices->option,
                           matrices->count);
    const char *path = matrices->files.paths[matrices->file];
    if (source->stream == NULL) {
        const enum ssldyn_status status = source_open(matrices, path, source, err);
        if (status != SSLDYN_OK)
            return status;
        if (source->rows != matrices->rows || source->columns != matrices->columns)
            return ssldyn_fail(err, SSLDYN_EIO, "%s: changed while it was read", path);
    }
    return source_next(source, path, matrices->bytes, matrix, finite, err);
}

enum ssldyn_status ssldyn_matrices_next(struct ssldyn_matrices *matrices, double matrix[],
                                        struct ssldyn_error *err)
{
    return next(matrices, matrix, NULL, err);
}

enum ssldyn_status ssldyn_matrices_scan(struct ssldyn_matrices *matrices, double matrix[],
                                        bool *finite, struct ssldyn_error *err)
{
    return next(matrices, matrix, finite, err);
}
