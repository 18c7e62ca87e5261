/* Reads a .npy in parts. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy_stream.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/npy_format.h"

#include <errno.h>
#include <stdlib.h>

enum { CHUNK_ENTRIES = 4096, MAXIMUM_ITEM = 8 };

struct ssldyn_npy_stream {
    char *path;
    FILE *file;
    struct ssldyn_entries entries;
};

static enum ssldyn_status read_head(struct ssldyn_npy_stream *stream, size_t *count,
                                    struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};
    size_t size = 0;
    size_t offset = 0;

    enum ssldyn_status status = ssldyn_file_read(stream->path, &stream->file, &size, err);
    if (status == SSLDYN_OK)
        status =
            ssldyn_npy_header(stream->path, stream->file, &stream->entries, &array, &offset, err);
    if (status == SSLDYN_OK)
        status = ssldyn_npy_check(stream->path, &stream->entries, size - offset, &array, err);
    if (status == SSLDYN_OK && stream->entries.fortran_order && array.dimensions > 1)
        status =
            ssldyn_fail(err, SSLDYN_EINPUT,
                        "%s: is in Fortran order; a sweep's arrays are in C order", stream->path);
    *count = array.count;
    return status;
}

enum ssldyn_status ssldyn_npy_stream_open(const char *path, struct ssldyn_npy_stream **stream,
                                          size_t *count, struct ssldyn_error *err)
{
    *stream = NULL;
    *count = 0;
    struct ssldyn_npy_stream *made = ssldyn_memory_array(1, sizeof *made);
    if (!made || !(made->path = ssldyn_memory_copy(path))) {
        free(made);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    const enum ssldyn_status status = read_head(made, count, err);
    if (status != SSLDYN_OK) {
        ssldyn_npy_stream_close(made);
        return status;
    }
    *stream = made;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_npy_stream_read(struct ssldyn_npy_stream *stream, size_t count,
                                          double values[], struct ssldyn_error *err)
{
    unsigned char chunk[CHUNK_ENTRIES * MAXIMUM_ITEM];

    for (size_t done = 0; done < count;) {
        const size_t some = count - done < CHUNK_ENTRIES ? count - done : CHUNK_ENTRIES;
        errno = 0;
        if (fread(chunk, stream->entries.size, some, stream->file) != some)
            return ssldyn_file_unread(stream->path, err);
        for (size_t i = 0; i < some; i++)
            values[done + i] =
                ssldyn_npy_decode(&stream->entries, chunk + i * stream->entries.size);
        done += some;
    }
    return SSLDYN_OK;
}

void ssldyn_npy_stream_close(struct ssldyn_npy_stream *stream)
{
    if (!stream)
        return;
    if (stream->file)
        fclose(stream->file);
    free(stream->path);
    free(stream);
}
