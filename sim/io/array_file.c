/* Arrays from every kind of file (array_file.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/array_file.h"

#include "sim/base/memory.h"
#include "sim/io/array_view.h"
#include "sim/io/file.h"
#include "sim/io/file_series.h"
#include "sim/io/foreign.h"
#include "sim/io/npz.h"
#include "sim/io/safetensors.h"
#include "sim/io/torch.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---------------------------------------------------------------- FILE:NAME */
static bool exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

/* Cuts text at the last colon before which `known` recognizes a file; NULL: none. */
static char *cut(char *text, bool (*known)(const char *path))
{
    if (known(text))
        return text + strlen(text);
    for (char *colon = text + strlen(text); colon > text; colon--) {
        if (*colon != ':')
            continue;
        *colon = '\0';
        if (known(text))
            return colon;
        *colon = ':';
    }
    return NULL;
}

enum ssldyn_status ssldyn_array_file_split(const char *argument, char **file, char **name,
                                           struct ssldyn_error *err)
{
    const size_t length = strlen(argument);
    *name = NULL;
    *file = ssldyn_memory_copy(argument);
    if (*file == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const char *end = cut(*file, exists);
    if (end == NULL)
        end = cut(*file, ssldyn_file_series_fits);
    if (end == NULL) { /* a missing file: the last part holds characters that no name may */
        char *colon = strrchr(*file, ':');
        if (colon != NULL && colon != *file && strchr(colon, '/') == NULL)
            *colon = '\0';
        end = colon != NULL && *colon == '\0' ? colon : *file + length;
    }
    const size_t at = (size_t)(end - *file);
    if (at == length)
        return SSLDYN_OK;
    *name = ssldyn_memory_copy(argument + at + 1);
    if (*name != NULL && **name != '\0')
        return SSLDYN_OK;
    const bool memory = *name == NULL;
    free(*name);
    free(*file);
    *file = NULL;
    *name = NULL;
    return memory
               ? ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory")
               : ssldyn_fail(err, SSLDYN_EINPUT, "%s: a name is missing after the colon", argument);
}

/* ---------------------------------------------------------------- opening */
static enum ssldyn_status read_npy(const char *path, FILE *stream, size_t size,
                                   struct ssldyn_entries *entries, struct ssldyn_array *array,
                                   struct ssldyn_error *err)
{
    size_t offset = 0;
    const enum ssldyn_status status = ssldyn_npy_header(path, stream, entries, array, &offset, err);
    return status == SSLDYN_OK ? ssldyn_npy_check(path, entries, size - offset, array, err)
                               : status;
}

static enum ssldyn_status open_archive(const char *path, const char *name,
                                       const struct ssldyn_need *need, FILE **stream,
                                       struct ssldyn_entries *entries, struct ssldyn_array *array,
                                       struct ssldyn_error *err)
{
    struct ssldyn_zip *zip = NULL;
    FILE *member = NULL;
    size_t size = 0;
    enum ssldyn_status status = ssldyn_zip_open(path, &zip, err);
    if (status == SSLDYN_OK && ssldyn_npz_is(zip)) {
        status = ssldyn_npz_open(path, zip, name, need, &member, &size, err);
        if (status == SSLDYN_OK)
            status = read_npy(path, member, size, entries, array, err);
    } else if (status == SSLDYN_OK) {
        status = ssldyn_torch_open_zip(path, zip, name, need, &member, entries, array, err);
    }
    ssldyn_zip_close(zip);
    if (member != NULL) {
        fclose(*stream);
        *stream = member;
    }
    return status;
}

enum ssldyn_status ssldyn_array_file_open(const char *path, const char *name,
                                          const struct ssldyn_need *need, FILE **stream,
                                          struct ssldyn_entries *entries,
                                          struct ssldyn_array *array, struct ssldyn_error *err)
{
    unsigned char head[512] = {0};
    size_t size = 0;
    *array = (struct ssldyn_array){0};
    if (need->memory != NULL)
        return ssldyn_array_view_open(need->memory, stream, entries, array, err);
    enum ssldyn_status status = ssldyn_file_read(path, stream, &size, err);
    if (status != SSLDYN_OK)
        return status;
    const size_t got = fread(head, 1, sizeof head, *stream);
    rewind(*stream);
    if (got >= 6 && memcmp(head, "\x93NUMPY", 6) == 0) {
        status = name != NULL ? ssldyn_fail(err, SSLDYN_EINPUT,
                                            "%s: is a .npy file with one array; ':%s' applies to "
                                            ".npz, .safetensors and .pt files only",
                                            path, name)
                              : read_npy(path, *stream, size, entries, array, err);
    } else if (got >= 4 &&
               (memcmp(head, "PK\x03\x04", 4) == 0 || memcmp(head, "PK\x05\x06", 4) == 0)) {
        status = open_archive(path, name, need, stream, entries, array, err);
    } else if (got > 8 && head[8] == '{') {
        status = ssldyn_safetensors_find(path, *stream, size, name, need, entries, array, err);
    } else if (ssldyn_foreign_is_pickle(head, got)) {
        status = ssldyn_torch_open_pickle(path, size, name, need, stream, entries, array, err);
    } else {
        status = ssldyn_foreign_refuse(path, head, got, err);
    }
    if (status != SSLDYN_OK && *stream != NULL) {
        fclose(*stream);
        *stream = NULL;
    }
    return status;
}

/* ---------------------------------------------------------------- one array */
static enum ssldyn_status check_shape(const char *argument, const struct ssldyn_need *need,
                                      const struct ssldyn_array *array, struct ssldyn_error *err)
{
    char shape[200];
    char wanted[200] = "a square matrix";
    if (ssldyn_array_choice_fits(need, array))
        return SSLDYN_OK;
    ssldyn_array_choice_shape_text(array, shape, sizeof shape);
    const bool matrix = need->least == 2 && need->rows != 0 && need->columns != 0;
    if (matrix)
        snprintf(wanted, sizeof wanted, "%zu x %zu", need->rows, need->columns);
    else if (need->least == 2 && !need->square)
        snprintf(wanted, sizeof wanted, "a matrix (2 dimensions)%s",
                 need->most > 2 ? " or a stack (3)" : "");
    else if (need->least < 2)
        snprintf(wanted, sizeof wanted, "vectors%s",
                 need->columns != 0 ? " of the data's dimension" : "");
    const bool transposed = matrix && array->dimensions == 2 && array->shape[0] == need->columns &&
                            array->shape[1] == need->rows;
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s %s: has the shape %s; %s is needed%s", need->option,
                       argument, shape, wanted, transposed ? " (it is transposed: save x.T)" : "");
}

static enum ssldyn_status open_argument(const char *argument, const struct ssldyn_need *need,
                                        FILE **stream, struct ssldyn_entries *entries,
                                        struct ssldyn_array *array, struct ssldyn_error *err)
{
    char *file = NULL;
    char *name = NULL;
    *stream = NULL;
    *array = (struct ssldyn_array){0};
    enum ssldyn_status status =
        need->memory != NULL ? SSLDYN_OK : ssldyn_array_file_split(argument, &file, &name, err);
    if (status == SSLDYN_OK)
        status = ssldyn_array_file_open(file, name, need, stream, entries, array, err);
    if (status == SSLDYN_OK)
        status = check_shape(argument, need, array, err);
    free(file);
    free(name);
    return status;
}

/* An array in memory whose numbers are used in place, after a check that they are finite. */
static enum ssldyn_status borrow(const struct ssldyn_need *need, struct ssldyn_array *array,
                                 struct ssldyn_error *err)
{
    const double *data = need->memory->data;
    for (size_t i = 0; i < array->count; i++)
        if (!isfinite(data[i]))
            return ssldyn_npy_not_finite(need->option, i, data[i], err);
    array->data = (double *)data;
    array->borrowed = true;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_array_file_read(const char *argument, const struct ssldyn_need *need,
                                          struct ssldyn_array *array, struct ssldyn_error *err)
{
    FILE *stream = NULL;
    struct ssldyn_entries entries;
    enum ssldyn_status status = open_argument(argument, need, &stream, &entries, array, err);
    if (status == SSLDYN_OK && need->memory != NULL && need->borrow &&
        need->memory->type == SSLDYN_ARRAY_DOUBLE)
        status = borrow(need, array, err);
    else if (status == SSLDYN_OK)
        status = ssldyn_npy_entries(need->memory != NULL ? need->option : argument, stream,
                                    &entries, false, array, err);
    if (stream != NULL)
        fclose(stream);
    if (status != SSLDYN_OK)
        ssldyn_npy_array_clear(array);
    return status;
}

enum ssldyn_status ssldyn_array_file_shape(const char *argument, const struct ssldyn_need *need,
                                           struct ssldyn_array *array, struct ssldyn_error *err)
{
    FILE *stream = NULL;
    struct ssldyn_entries entries;
    const enum ssldyn_status status = open_argument(argument, need, &stream, &entries, array, err);
    if (stream != NULL)
        fclose(stream);
    return status;
}

enum ssldyn_status ssldyn_array_file_read_matrix(const char *argument, const char *option,
                                                 const char *role, size_t rows, size_t columns,
                                                 const struct ssldyn_array_view *memory,
                                                 struct ssldyn_array *array,
                                                 struct ssldyn_error *err)
{
    const struct ssldyn_need need = {.option = option,
                                     .role = role,
                                     .least = 2,
                                     .most = 2,
                                     .rows = rows,
                                     .columns = columns,
                                     .memory = memory,
                                     .borrow = true};
    return ssldyn_array_file_read(argument, &need, array, err);
}
