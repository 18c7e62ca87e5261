/* A series of matrices, file by file, frame by frame (matrices.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/matrices.h"

#include "sim/base/memory.h"
#include "sim/io/array_file.h"
#include "sim/io/file_series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One open file: a stream at the next frame, or, for Fortran order, the whole array in memory. */
struct source {
    FILE *stream;
    struct ssldyn_entries entries;
    struct ssldyn_array array; /* data only for Fortran order */
    size_t frames, rows, columns;
    size_t done;
};

struct ssldyn_matrices {
    struct ssldyn_file_series
        files;  /* for an array in memory a single one, which is never opened */
    char *name; /* of the array, NULL: none given */
    struct ssldyn_array_view memory; /* data NULL: none */
    struct ssldyn_need need;
    double roundoff; /* of the lowest-precision type */
    size_t *frames;  /* of each file */
    size_t count, rows, columns;
    struct source source;
    size_t file;          /* of the open source */
    unsigned char *bytes; /* one frame as stored in the file */
};

static void source_close(struct source *source)
{
    if (source->stream != NULL)
        fclose(source->stream);
    ssldyn_npy_array_clear(&source->array);
    memset(source, 0, sizeof *source);
}

/* Frames, rows and columns from a header. */
static enum ssldyn_status find_shape(const char *path, const struct ssldyn_need *need,
                                     struct source *source, struct ssldyn_error *err)
{
    const struct ssldyn_array *array = &source->array;
    const char *option = need->option;
    const size_t least = need->least;
    const bool vectors = least == 1;
    size_t dimensions = array->dimensions;
    /* N x n x 1 x 1, as pooling and 1 x 1 convolutions give it; N x n x 1 is a stack of N. */
    for (const size_t most = least + 1; array->dimensions > most && dimensions > least;
         dimensions--)
        if (array->shape[dimensions - 1] != 1)
            break;
    if (dimensions != least && dimensions != least + 1)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s %s: the array has %zu dimension%s; a %s or a stack of %s is needed (reshape it)",
            option, path, array->dimensions, array->dimensions == 1 ? "" : "s",
            vectors ? "vector (1)" : "matrix (2)", vectors ? "vectors (2)" : "matrices (3)");
    if (array->count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s %s: the array is empty", option, path);
    const size_t *shape = array->shape + (dimensions - least);
    source->frames = dimensions > least ? array->shape[0] : 1;
    source->rows = vectors ? 1 : shape[0];
    source->columns = shape[least - 1];
    return SSLDYN_OK;
}

static enum ssldyn_status source_open(const struct ssldyn_matrices *matrices, const char *path,
                                      struct source *source, struct ssldyn_error *err)
{
    memset(source, 0, sizeof *source);
    enum ssldyn_status status =
        ssldyn_array_file_open(path, matrices->name, &matrices->need, &source->stream,
                               &source->entries, &source->array, err);
    if (status == SSLDYN_OK)
        status = find_shape(path, &matrices->need, source, err);
    /* The frames of a stack in Fortran order are interleaved: it is read whole. */
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

/* finite: NULL to reject non-finite entries. */
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
            return ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be read: it shrank while it was read",
                               path);
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

static double roundoff(const struct ssldyn_entries *entries)
{
    if (entries->kind == 'g')
        return 0x1p-8;
    if (entries->kind != 'f')
        return 0.0;
    return entries->size == 2 ? 0x1p-11 : entries->size == 4 ? 0x1p-24 : 0x1p-53;
}

/* Opens every file once, to count the matrices and check that all have the same shape. */
static enum ssldyn_status survey(struct ssldyn_matrices *matrices, struct ssldyn_error *err)
{
    matrices->frames = ssldyn_memory_array(matrices->files.count, sizeof(size_t));
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
            matrices->source = source; /* stays open */
        else
            source_close(&source);
        if (rows != matrices->rows || columns != matrices->columns)
            return ssldyn_fail(
                err, SSLDYN_EINPUT, "%s %s: is %zu x %zu, but the series began with %zu x %zu",
                matrices->need.option, path, rows, columns, matrices->rows, matrices->columns);
    }
    matrices->bytes = ssldyn_memory_array(matrices->rows, matrices->columns * sizeof(double));
    if (matrices->bytes == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    return SSLDYN_OK;
}

/* Surveys a series if its files were found (status); frees it on any failure. */
static enum ssldyn_status finish_open(struct ssldyn_matrices *fresh, enum ssldyn_status status,
                                      struct ssldyn_matrices **matrices, struct ssldyn_error *err)
{
    if (status == SSLDYN_OK)
        status = survey(fresh, err);
    if (status != SSLDYN_OK) {
        ssldyn_matrices_close(fresh);
        return status;
    }
    *matrices = fresh;
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
    /* These are always square: only square candidates are offered. */
    const bool square = role != NULL && (strcmp(role, "Wp") == 0 || strcmp(role, "F") == 0);
    fresh->need = (struct ssldyn_need){.option = option,
                                       .role = role,
                                       .least = vectors ? 1 : 2,
                                       .most = vectors ? 2 : 3,
                                       .square = !vectors && square};
    char *file = NULL;
    enum ssldyn_status status = ssldyn_array_file_split(argument, &file, &fresh->name, err);
    if (status == SSLDYN_OK)
        status = ssldyn_file_series_find(file, option, &fresh->files, err);
    free(file);
    return finish_open(fresh, status, matrices, err);
}

enum ssldyn_status ssldyn_matrices_open_memory(const struct ssldyn_array_view *view,
                                               const char *option, bool vectors,
                                               struct ssldyn_matrices **matrices,
                                               struct ssldyn_error *err)
{
    *matrices = NULL;
    struct ssldyn_matrices *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->memory = *view;
    fresh->need = (struct ssldyn_need){.option = option,
                                       .least = vectors ? 1 : 2,
                                       .most = vectors ? 2 : 3,
                                       .memory = &fresh->memory};
    return finish_open(fresh, ssldyn_file_series_single(SSLDYN_ARRAY_LABEL, &fresh->files, err),
                       matrices, err);
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

enum ssldyn_status ssldyn_matrices_next(struct ssldyn_matrices *matrices, double matrix[],
                                        bool *finite, struct ssldyn_error *err)
{
    struct source *source = &matrices->source;
    if (source->stream != NULL && source->done == source->frames) {
        source_close(source);
        matrices->file++;
    }
    if (matrices->file >= matrices->files.count)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: there are only %zu matrices",
                           matrices->need.option, matrices->count);
    const char *path = matrices->files.paths[matrices->file];
    if (source->stream == NULL) {
        const enum ssldyn_status status = source_open(matrices, path, source, err);
        if (status != SSLDYN_OK)
            return status;
        if (source->rows != matrices->rows || source->columns != matrices->columns)
            return ssldyn_fail(err, SSLDYN_EIO, "%s: changed while it was read", path);
    }
    /* an array in memory has no file name; messages give the option */
    return source_next(source, matrices->memory.data != NULL ? matrices->need.option : path,
                       matrices->bytes, matrix, finite, err);
}
