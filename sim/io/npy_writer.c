/* Writes NumPy .npy files of float64, frame by frame: the header has space for the largest count
 * and is rewritten at the end, when the number of frames is known. */
// SPDX-License-Identifier: MIT
#include "sim/io/npy_format.h"

#include "sim/io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_ALIGNMENT = 64, HEADER_SIZE = 320, HEADER_FIXED = 10 };
static const char float64[] = "<f8";

struct ssldyn_npy_writer {
    struct ssldyn_file file;
    size_t dimensions; /* of the file: the frame axis plus those of a frame */
    size_t shape[SSLDYN_NPY_MAXIMUM_DIMENSIONS];
    size_t frame_count; /* numbers per frame */
    size_t header_size; /* bytes, including the magic */
    size_t limit;       /* frames to keep of a file with a failure */
};

/* The dictionary, without padding; its length. */
static size_t dictionary(const char *type, size_t dimensions, const size_t shape[],
                         char text[HEADER_SIZE])
{
    size_t used = (size_t)snprintf(text, HEADER_SIZE,
                                   "{'descr': '%s', 'fortran_order': False, 'shape': (", type);

    for (size_t i = 0; i < dimensions; i++)
        used +=
            (size_t)snprintf(text + used, HEADER_SIZE - used, "%s%zu", i > 0 ? ", " : "", shape[i]);
    used += (size_t)snprintf(text + used, HEADER_SIZE - used, "%s), }", dimensions == 1 ? "," : "");
    return used;
}

/* Size of the whole header with this dictionary, in bytes. */
static size_t padded(size_t dictionary_length)
{
    const size_t bytes = HEADER_FIXED + dictionary_length + 1;
    return (bytes + HEADER_ALIGNMENT - 1) / HEADER_ALIGNMENT * HEADER_ALIGNMENT;
}

/* A header size that fits any number of frames, so that the numbers can follow at once. */
static size_t header_size(size_t dimensions, const size_t shape[])
{
    size_t largest[SSLDYN_NPY_MAXIMUM_DIMENSIONS] = {0};
    char text[HEADER_SIZE];

    for (size_t i = 0; i < dimensions; i++)
        largest[i] = i == 0 ? SIZE_MAX : shape[i];
    return padded(dictionary(float64, dimensions, largest, text));
}

void ssldyn_npy_write_header(FILE *out, const char *type, size_t dimensions, const size_t shape[],
                             size_t size)
{
    char text[HEADER_SIZE];
    const size_t used = dictionary(type, dimensions, shape, text);
    const size_t length = (size > 0 ? size : padded(used)) - HEADER_FIXED;

    fwrite("\x93NUMPY\x01\x00", 1, 8, out);
    fputc((int)(length & 255), out);
    fputc((int)(length >> 8), out);
    fwrite(text, 1, used, out);
    for (size_t i = used; i + 1 < length; i++)
        fputc(' ', out);
    fputc('\n', out);
}

static void write_header(FILE *out, size_t dimensions, const size_t shape[], size_t size)
{
    ssldyn_npy_write_header(out, float64, dimensions, shape, size);
}

/* Stored in little-endian order on every host. */
static void write_numbers(FILE *out, size_t count, const double data[])
{
    const uint16_t probe = 1;
    unsigned char first = 0;

    memcpy(&first, &probe, 1);
    if (count == 0)
        return;
    if (first == 1) {
        fwrite(data, sizeof(double), count, out);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &data[i], sizeof bits);
        for (int byte = 0; byte < 8; byte++)
            fputc((int)(bits >> (8 * byte) & 255), out);
    }
}

/* Number of entries of that shape; false if their bytes overflow. */
static bool count_numbers(size_t dimensions, const size_t shape[], size_t *count)
{
    *count = 1;
    for (size_t i = 0; i < dimensions; i++) {
        if (shape[i] != 0 && *count > SIZE_MAX / sizeof(double) / shape[i])
            return false;
        *count *= shape[i];
    }
    return true;
}

enum ssldyn_status ssldyn_npy_writer_open(const char *path, size_t frame_dimensions,
                                          const size_t frame_shape[],
                                          struct ssldyn_npy_writer **writer,
                                          struct ssldyn_error *err)
{
    size_t count = 0;

    *writer = NULL;
    if (frame_dimensions >= SSLDYN_NPY_MAXIMUM_DIMENSIONS ||
        !count_numbers(frame_dimensions, frame_shape, &count))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: a frame of that shape cannot be written", path);
    struct ssldyn_npy_writer *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = ssldyn_file_open(&fresh->file, path, err);
    if (status != SSLDYN_OK) {
        free(fresh);
        return status;
    }
    fresh->dimensions = frame_dimensions + 1;
    for (size_t i = 0; i < frame_dimensions; i++)
        fresh->shape[i + 1] = frame_shape[i];
    fresh->frame_count = count;
    fresh->limit = SIZE_MAX;
    fresh->header_size = header_size(fresh->dimensions, fresh->shape);
    write_header(fresh->file.stream, fresh->dimensions, fresh->shape, fresh->header_size);
    *writer = fresh;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_npy_writer_append(struct ssldyn_npy_writer *writer, const double frame[],
                                            struct ssldyn_error *err)
{
    errno = 0;
    write_numbers(writer->file.stream, writer->frame_count, frame);
    if (ferror(writer->file.stream) != 0) {
        if (writer->file.reason == 0)
            writer->file.reason = errno != 0 ? errno : EIO;
        return ssldyn_fail_system(err, SSLDYN_EIO, writer->file.reason, "%s: cannot be written",
                                  writer->file.path);
    }
    writer->shape[0]++;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_npy_writer_flush(struct ssldyn_npy_writer *writer,
                                           struct ssldyn_error *err)
{
    if (ssldyn_file_sound(&writer->file))
        return SSLDYN_OK;
    return ssldyn_fail_system(err, SSLDYN_EIO, writer->file.reason, "%s: cannot be written",
                              writer->file.path);
}

size_t ssldyn_npy_writer_arrived(struct ssldyn_npy_writer *writer)
{
    fflush(writer->file.stream);
    const size_t arrived = ssldyn_file_arrived(&writer->file);
    const size_t frame_bytes = writer->frame_count * sizeof(double);

    return arrived > writer->header_size && frame_bytes > 0
               ? (arrived - writer->header_size) / frame_bytes
               : 0;
}

void ssldyn_npy_writer_limit(struct ssldyn_npy_writer *writer, size_t frames)
{
    writer->limit = frames;
}

/* After a failed write: cuts the file after the last whole frame. Writing the header again needs no
 * more disk space. */
static enum ssldyn_status keep_whole_frames(struct ssldyn_npy_writer *writer,
                                            struct ssldyn_error *err)
{
    char kept[64];
    size_t frame_bytes = writer->frame_count * sizeof(double);
    size_t frames = ssldyn_npy_writer_arrived(writer);

    frames = frames < writer->limit ? frames : writer->limit;
    size_t bytes = frames > 0 ? writer->header_size + frames * frame_bytes : 0;
    const int number =
        frames > 0 ? open(writer->file.temporary, O_RDWR | O_NOFOLLOW | O_CLOEXEC) : -1;
    FILE *again = number >= 0 ? fdopen(number, "r+b") : NULL;
    if (again != NULL) {
        writer->shape[0] = frames;
        write_header(again, writer->dimensions, writer->shape, writer->header_size);
        if (fclose(again) != 0)
            bytes = 0;
    }
    snprintf(kept, sizeof kept, "the first %zu frames", frames);
    return ssldyn_file_salvage(&writer->file, again != NULL ? bytes : 0, kept, err);
}

enum ssldyn_status ssldyn_npy_writer_close(struct ssldyn_npy_writer *writer,
                                           struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;

    if (!ssldyn_file_sound(&writer->file) || fseek(writer->file.stream, 0, SEEK_SET) != 0) {
        status = keep_whole_frames(writer, err);
    } else {
        write_header(writer->file.stream, writer->dimensions, writer->shape, writer->header_size);
        status = ssldyn_file_commit(&writer->file, err);
    }
    free(writer);
    return status;
}

struct ssldyn_file *ssldyn_npy_writer_file(struct ssldyn_npy_writer *writer)
{
    return &writer->file;
}

void ssldyn_npy_writer_abandon(struct ssldyn_npy_writer *writer)
{
    if (writer == NULL)
        return;
    ssldyn_file_abandon(&writer->file);
    free(writer);
}

enum ssldyn_status ssldyn_npy_write(const char *path, size_t dimensions, const size_t shape[],
                                    const double data[], struct ssldyn_error *err)
{
    struct ssldyn_file file;
    size_t count = 0;

    if (dimensions > SSLDYN_NPY_MAXIMUM_DIMENSIONS || !count_numbers(dimensions, shape, &count))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: an array of that shape cannot be written",
                           path);
    enum ssldyn_status status = ssldyn_file_open(&file, path, err);
    if (status != SSLDYN_OK)
        return status;
    write_header(file.stream, dimensions, shape, header_size(dimensions, shape));
    write_numbers(file.stream, count, data);
    return ssldyn_file_commit(&file, err);
}
