/* Reads a tar archive sequentially: headers of 512 bytes, each followed by its file, padded to
 * 512. */
// SPDX-License-Identifier: MIT
#include "sim/io/tar.h"

#include "sim/base/memory.h"
#include "sim/base/signal.h"
#include "sim/io/temporary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BLOCK = 512, CHUNK = 1 << 16 };

/* Offsets in a header (POSIX ustar). */
enum {
    NAME = 0,
    NAME_LENGTH = 100,
    SIZE = 124,
    SIZE_LENGTH = 12,
    CHECKSUM = 148,
    CHECKSUM_LENGTH = 8,
    KIND = 156,
    MAGIC = 257
};

struct ssldyn_tar {
    char *path;
    gzFile stream; /* reads uncompressed files unchanged */
    char name[NAME_LENGTH + 1];
    size_t size; /* of the current file */
    size_t left; /* bytes left of it and its padding before the next header */
};

/* An octal number; false for anything else (GNU uses binary sizes above 8 GB). */
static bool octal(const unsigned char text[], size_t length, size_t *value)
{
    size_t i = 0;
    *value = 0;
    while (i < length && text[i] == ' ')
        i++;
    const size_t digits = i;
    for (; i < length && text[i] >= '0' && text[i] <= '7'; i++)
        *value = *value << 3 | (size_t)(text[i] - '0');
    return i > digits && (i == length || text[i] == ' ' || text[i] == '\0');
}

/* The sum of the header's bytes, with the checksum field counted as blanks. */
static bool sum_is_right(const unsigned char header[static BLOCK])
{
    size_t want = 0;
    size_t sum = 0;
    if (!octal(header + CHECKSUM, CHECKSUM_LENGTH, &want))
        return false;
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH ? ' ' : header[i];
    return sum == want;
}

bool ssldyn_tar_recognized(const char *path)
{
    unsigned char header[BLOCK];
    gzFile stream = gzopen(path, "rb");
    if (stream == NULL)
        return false;
    const bool whole = gzread(stream, header, BLOCK) == BLOCK;
    (void)gzclose_r(stream);
    return whole && memcmp(header + MAGIC, "ustar", 5) == 0 && sum_is_right(header);
}

enum ssldyn_status ssldyn_tar_open(const char *path, struct ssldyn_tar **tar,
                                   struct ssldyn_error *err)
{
    *tar = calloc(1, sizeof **tar);
    char *copy = ssldyn_memory_copy(path);
    if (*tar == NULL || copy == NULL) {
        free(copy);
        free(*tar);
        *tar = NULL;
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    (*tar)->path = copy;
    (*tar)->stream = gzopen(path, "rb");
    if ((*tar)->stream != NULL)
        return SSLDYN_OK;
    const int reason = errno;
    ssldyn_tar_close(*tar);
    *tar = NULL;
    return ssldyn_fail_system(err, SSLDYN_EINPUT, reason, "%s: cannot be read", path);
}

void ssldyn_tar_close(struct ssldyn_tar *tar)
{
    if (tar == NULL)
        return;
    if (tar->stream != NULL)
        (void)gzclose_r(tar->stream);
    free(tar->path);
    free(tar);
}

/* Reads size bytes of the archive into chunk; EINPUT if it is shorter. */
static enum ssldyn_status take(struct ssldyn_tar *tar, unsigned char chunk[], size_t size,
                               struct ssldyn_error *err)
{
    const int got = gzread(tar->stream, chunk, (unsigned)size);
    if (got >= 0 && (size_t)got == size)
        return SSLDYN_OK;
    int code = Z_OK;
    const char *reason = gzerror(tar->stream, &code);
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s: the archive is damaged: %s", tar->path,
                       code == Z_OK || code == Z_BUF_ERROR ? "it is truncated" : reason);
}

/* Skips the rest of the file and its padding. */
static enum ssldyn_status skip(struct ssldyn_tar *tar, struct ssldyn_error *err)
{
    unsigned char chunk[CHUNK];
    while (tar->left > 0) {
        const size_t some = tar->left < CHUNK ? tar->left : CHUNK;
        const enum ssldyn_status status = take(tar, chunk, some, err);
        if (status != SSLDYN_OK)
            return status;
        tar->left -= some;
        if (ssldyn_signal_pending())
            return ssldyn_fail(err, SSLDYN_EINTERRUPTED, "interrupted while reading %s", tar->path);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_tar_next(struct ssldyn_tar *tar, const char **name, size_t *size,
                                   struct ssldyn_error *err)
{
    static const unsigned char zeros[BLOCK];
    unsigned char header[BLOCK];

    *name = NULL;
    for (;;) {
        enum ssldyn_status status = skip(tar, err);
        if (status == SSLDYN_OK)
            status = take(tar, header, BLOCK, err);
        if (status != SSLDYN_OK || memcmp(header, zeros, BLOCK) == 0)
            return status; /* a block of zeros is the end */
        if (!sum_is_right(header) || !octal(header + SIZE, SIZE_LENGTH, &tar->size))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s: the archive is damaged: a header's checksum or size is wrong",
                               tar->path);
        tar->left = (tar->size + BLOCK - 1) / BLOCK * BLOCK;
        if (header[KIND] == '0' || header[KIND] == '\0')
            break;
    }
    memcpy(tar->name, header + NAME, NAME_LENGTH);
    *name = tar->name;
    *size = tar->size;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_tar_unpack(struct ssldyn_tar *tar, FILE **stream,
                                     struct ssldyn_error *err)
{
    unsigned char chunk[CHUNK];
    FILE *temporary = NULL;
    size_t left = tar->size;

    *stream = NULL;
    enum ssldyn_status status = ssldyn_temporary_open(tar->path, tar->size, &temporary, err);
    if (status != SSLDYN_OK)
        return status;
    while (status == SSLDYN_OK && left > 0) {
        const size_t some = left < CHUNK ? left : CHUNK;
        status = take(tar, chunk, some, err);
        if (status == SSLDYN_OK)
            status = ssldyn_temporary_write(tar->path, chunk, some, temporary, err);
        if (status == SSLDYN_OK && ssldyn_signal_pending())
            status =
                ssldyn_fail(err, SSLDYN_EINTERRUPTED, "interrupted while unpacking %s", tar->path);
        left -= some;
    }
    tar->left -= tar->size;
    if (status == SSLDYN_OK)
        status = ssldyn_temporary_rewind(tar->path, temporary, err);
    if (status == SSLDYN_OK)
        *stream = temporary;
    else
        fclose(temporary);
    return status;
}
