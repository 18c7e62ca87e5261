/* Unpacks gzip files with zlib. */
// SPDX-License-Identifier: MIT
#include "sim/io/gzip.h"

#include "sim/base/signal.h"
#include "sim/io/temporary.h"

#include <errno.h>
#include <sys/stat.h>
#include <zlib.h>

/* MOST_PACKED: upper bound of the compression ratio; the limit of deflate is 1032. */
enum { CHUNK = 1 << 17, MOST_PACKED = 1040 };

/* The length modulo 2^32, from the last four bytes of the compressed file. */
static enum ssldyn_status stated_length(const char *path, size_t *bytes, struct ssldyn_error *err)
{
    unsigned char last[4];
    FILE *stream = fopen(path, "rb");
    const bool good = stream != NULL && fseeko(stream, -(off_t)sizeof last, SEEK_END) == 0 &&
                      fread(last, 1, sizeof last, stream) == sizeof last;
    if (stream != NULL)
        fclose(stream);
    if (!good)
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%s: cannot be read", path);
    *bytes = (size_t)last[0] | (size_t)last[1] << 8 | (size_t)last[2] << 16 | (size_t)last[3] << 24;
    return SSLDYN_OK;
}

static enum ssldyn_status read_chunk(const char *path, gzFile packed, unsigned char chunk[],
                                     size_t *got, struct ssldyn_error *err)
{
    const int some = gzread(packed, chunk, CHUNK);
    int code = Z_OK;
    const char *reason = gzerror(packed, &code);
    /* For a truncated file gzread returns the available data first, and the error only later. */
    if (some < 0 || (code != Z_OK && code != Z_STREAM_END))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be unpacked, the file is damaged: %s",
                           path, code == Z_BUF_ERROR ? "it is truncated" : reason);
    *got = (size_t)some;
    return SSLDYN_OK;
}

/* The expected number of bytes, from the first of them or from the end of the file. */
static enum ssldyn_status find_length(const char *path, unsigned char chunk[], size_t got,
                                      ssldyn_gzip_length *length, size_t *allowed,
                                      struct ssldyn_error *err)
{
    *allowed = 0;
    FILE *head = fmemopen(chunk, got, "rb");
    if (head == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = length(path, head, allowed, err);
    fclose(head);
    if (status == SSLDYN_OK && *allowed == 0)
        status = stated_length(path, allowed, err);
    struct stat info;
    if (status == SSLDYN_OK && stat(path, &info) == 0 &&
        *allowed / MOST_PACKED > (size_t)info.st_size)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: states %zu bytes, more than its %zu compressed bytes can hold: it is "
            "damaged or truncated",
            path, *allowed, (size_t)info.st_size);
    return status;
}

static enum ssldyn_status copy(const char *path, gzFile packed, ssldyn_gzip_length *length,
                               FILE **stream, size_t *size, struct ssldyn_error *err)
{
    unsigned char chunk[CHUNK];
    size_t allowed = 0;
    size_t got = 0;

    *size = 0;
    for (;;) {
        enum ssldyn_status status = read_chunk(path, packed, chunk, &got, err);
        if (status == SSLDYN_OK && *size == 0 && got > 0)
            status = find_length(path, chunk, got, length, &allowed, err);
        if (status == SSLDYN_OK && *size == 0)
            status = ssldyn_temporary_open(path, allowed, stream, err);
        if (status != SSLDYN_OK)
            return status;
        if (got == 0)
            break;
        *size += got;
        if (*size > allowed)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s: holds more than the %zu bytes that its header states: the "
                               "file is damaged, or longer than 4 GB (then unpack it first: "
                               "gunzip -k FILE)",
                               path, allowed);
        status = ssldyn_temporary_write(path, chunk, got, *stream, err);
        if (status != SSLDYN_OK)
            return status;
        if (ssldyn_signal_pending())
            return ssldyn_fail(err, SSLDYN_EINTERRUPTED, "interrupted while unpacking %s", path);
    }
    return ssldyn_temporary_rewind(path, *stream, err);
}

enum ssldyn_status ssldyn_gzip_unpack(const char *path, ssldyn_gzip_length *length, FILE **stream,
                                      size_t *size, struct ssldyn_error *err)
{
    *stream = NULL;
    gzFile packed = gzopen(path, "rb");
    if (packed == NULL)
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%s: cannot be read", path);
    const enum ssldyn_status status = copy(path, packed, length, stream, size, err);
    (void)gzclose_r(packed);
    if (status != SSLDYN_OK && *stream != NULL) {
        fclose(*stream);
        *stream = NULL;
    }
    return status;
}
