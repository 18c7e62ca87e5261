/* Reads NumPy .npy files of every plain numeric type. Nothing is trusted until the header, the size
 * and the numbers have been checked, in that order. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy_format.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_ENTRIES = 4096, MAXIMUM_ITEM = 8 };

/* Counts the entries and checks the count against the size of the file, so that no memory is
 * allocated for a false header. */
enum ssldyn_status ssldyn_npy_check(const char *path, const struct ssldyn_entries *entries,
                                    size_t bytes, struct ssldyn_array *array,
                                    struct ssldyn_error *err)
{
    size_t count = 1;
    bool empty = false;

    for (size_t i = 0; i < array->dimensions; i++) {
        size_t size = array->shape[i];
        empty = empty || size == 0;
        /* Zero sizes are left out of the product, as callers multiply some of the others. */
        if (size != 0 && count > SIZE_MAX / sizeof(double) / size)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: its shape is too large for memory", path);
        count *= size != 0 ? size : 1;
    }
    array->count = empty ? 0 : count;
    if (array->count > bytes / entries->size || array->count * entries->size != bytes)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: %s: its header declares %zu entries of %zu bytes, but %zu bytes follow", path,
            array->count > bytes / entries->size ? "is truncated" : "is too long", array->count,
            entries->size, bytes);
    return SSLDYN_OK;
}

/* IEEE binary16; every value is exact in double. */
static double half_to_double(unsigned bits)
{
    unsigned exponent = bits >> 10 & 31;
    double fraction = (double)(bits & 1023);
    double magnitude = ldexp(1024.0 + fraction, (int)exponent - 25);

    if (exponent == 0)
        magnitude = ldexp(fraction, -24);
    if (exponent == 31)
        magnitude = fraction > 0.0 ? (double)NAN : (double)INFINITY;
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

/* One entry of the file as a double. Assembled byte by byte, independent of the host's byte
 * order. */
double ssldyn_npy_decode(const struct ssldyn_entries *entries, const unsigned char bytes[])
{
    uint64_t bits = 0;

    for (size_t i = 0; i < entries->size; i++)
        bits = bits << 8 | bytes[entries->big_endian ? i : entries->size - 1 - i];
    if (entries->kind == 'b')
        return bits != 0 ? 1.0 : 0.0;
    if (entries->kind == 'u')
        return (double)bits;
    if (entries->kind == 'i') {
        uint64_t sign = (uint64_t)1 << ((8 * entries->size - 1) & 63);
        /* Two's complement without an implementation-defined cast. */
        if ((bits & sign) == 0)
            return (double)bits;
        return -1.0 - (double)(~bits & (sign - 1));
    }
    if (entries->kind == 'g') {
        bits <<= 16; /* bfloat16 is the upper half of a float32 */
    } else if (entries->size == 2) {
        return half_to_double((unsigned)bits);
    }
    if (entries->size <= 4) {
        uint32_t low = (uint32_t)bits;
        float value = 0.0F;
        memcpy(&value, &low, sizeof value);
        return (double)value;
    }
    double value = 0.0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Row-major index of the next entry in Fortran order (first index fastest). */
static size_t next_fortran(const struct ssldyn_array *array, size_t index[], size_t place)
{
    size_t stride = array->count;

    for (size_t i = 0; i < array->dimensions; i++) {
        stride /= array->shape[i];
        place += stride;
        if (++index[i] < array->shape[i])
            return place;
        place -= index[i] * stride;
        index[i] = 0;
    }
    return place;
}

enum ssldyn_status ssldyn_npy_not_finite(const char *path, size_t place, double value,
                                         struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: entry %zu (row-major, from 0) is %s; finite numbers are needed", path,
                       place, isnan(value) ? "nan" : "infinite");
}

enum ssldyn_status ssldyn_npy_entries(const char *path, FILE *stream,
                                      const struct ssldyn_entries *entries, bool allow_nonfinite,
                                      struct ssldyn_array *array, struct ssldyn_error *err)
{
    unsigned char chunk[CHUNK_ENTRIES * MAXIMUM_ITEM];
    size_t index[SSLDYN_NPY_MAXIMUM_DIMENSIONS] = {0};
    size_t place = 0;

    /* Some systems grant more memory than there is, and kill the process when it is used. */
    const double needed = (double)array->count * sizeof(double);
    const double memory = ssldyn_memory_physical();
    if (memory > 0.0 && needed > memory)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: its %zu entries take %.3g GB of memory, but the machine has %.3g GB", path,
            array->count, needed / 1e9, memory / 1e9);
    array->data = ssldyn_memory_array(array->count, sizeof(double));
    if (array->data == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%s: out of memory for its %zu entries", path,
                           array->count);
    for (size_t done = 0; done < array->count;) {
        size_t left = array->count - done;
        size_t some = left < CHUNK_ENTRIES ? left : CHUNK_ENTRIES;
        errno = 0;
        if (fread(chunk, entries->size, some, stream) != some)
            return ssldyn_file_unread(path, err);
        for (size_t i = 0; i < some; i++) {
            double value = ssldyn_npy_decode(entries, chunk + i * entries->size);
            if (!allow_nonfinite && !isfinite(value))
                return ssldyn_npy_not_finite(path, place, value, err);
            array->data[place] = value;
            place = entries->fortran_order ? next_fortran(array, index, place) : place + 1;
        }
        done += some;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status read_stream(const char *path, FILE *stream, size_t file_size,
                                      bool allow_nonfinite, struct ssldyn_array *array,
                                      struct ssldyn_error *err)
{
    struct ssldyn_entries entries = {.size = 1};
    size_t offset = 0;

    enum ssldyn_status status = ssldyn_npy_header(path, stream, &entries, array, &offset, err);
    if (status != SSLDYN_OK)
        return status;
    status = ssldyn_npy_check(path, &entries, file_size - offset, array, err);
    if (status != SSLDYN_OK)
        return status;
    return ssldyn_npy_entries(path, stream, &entries, allow_nonfinite, array, err);
}

void ssldyn_npy_array_clear(struct ssldyn_array *array)
{
    if (!array->borrowed)
        free(array->data);
    *array = (struct ssldyn_array){0};
}

enum ssldyn_status ssldyn_npy_read(const char *path, bool allow_nonfinite,
                                   struct ssldyn_array *array, struct ssldyn_error *err)
{
    FILE *stream = NULL;
    size_t size = 0;

    *array = (struct ssldyn_array){0};
    enum ssldyn_status status = ssldyn_file_read(path, &stream, &size, err);
    if (status != SSLDYN_OK)
        return status;
    status = read_stream(path, stream, size, allow_nonfinite, array, err);
    if (status != SSLDYN_OK)
        ssldyn_npy_array_clear(array);
    fclose(stream);
    return status;
}
