/* Layout of a checkpoint: a first line that identifies the format; the settings of the run; its
 * position; the device blocks; a checksum over all of these, and an end mark. Numbers are in the
 * byte order of the machine. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char head[] = "# ssldyn checkpoint 1\n";
static const char mark[] = "\ncomplete\n";

/* Precedes the blocks; `order` detects a machine of the other byte order. */
struct preamble {
    uint64_t order, settings, steps, rows;
};
static const uint64_t byte_order = 0x0102030405060708U;

/* The settings as text; the caller frees it. */
static char *settings_text(const struct options *options, size_t *size)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, size);
    if (stream == NULL)
        return NULL;
    options_print(options, stream);
    if (fclose(stream) == 0)
        return text;
    free(text);
    return NULL;
}

static size_t largest_block(struct byol *byol)
{
    struct byol_block block;
    size_t largest = 0;
    for (size_t i = 0; byol_block(byol, i, &block); i++)
        largest = block.bytes > largest ? block.bytes : largest;
    return largest;
}

static void put(FILE *stream, uint64_t *sum, const void *data, size_t bytes)
{
    *sum = ssldyn_hash(*sum, data, bytes);
    fwrite(data, 1, bytes, stream);
}

static enum ssldyn_status write_blocks(FILE *stream, uint64_t *sum, const struct ops *ops,
                                       struct ops_context *context, struct byol *byol, void *buffer,
                                       struct ssldyn_error *err)
{
    struct byol_block block;
    for (size_t i = 0; byol_block(byol, i, &block); i++) {
        const uint64_t bytes = block.bytes;
        const enum ssldyn_status status =
            ops->download(context, buffer, block.data, block.bytes, err);
        if (status != SSLDYN_OK)
            return status;
        put(stream, sum, &bytes, sizeof bytes);
        put(stream, sum, buffer, block.bytes);
    }
    return SSLDYN_OK;
}

enum ssldyn_status checkpoint_write(const char *directory, const struct options *options,
                                    const struct ops *ops, struct ops_context *context,
                                    struct byol *byol, const struct checkpoint *at,
                                    struct ssldyn_error *err)
{
    struct preamble preamble = {byte_order, 0, (uint64_t)at->steps, (uint64_t)at->rows};
    struct ssldyn_file file = {0};
    size_t length = 0;
    uint64_t sum = SSLDYN_HASH_START;
    char *path = ssldyn_file_path_join(directory, "checkpoint");
    char *settings = settings_text(options, &length);
    void *buffer = malloc(largest_block(byol) + 1);
    enum ssldyn_status status =
        path != NULL && settings != NULL && buffer != NULL
            ? ssldyn_file_open(&file, path, err)
            : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a checkpoint");
    if (status == SSLDYN_OK) {
        preamble.settings = length;
        fputs(head, file.stream);
        put(file.stream, &sum, &preamble, sizeof preamble);
        put(file.stream, &sum, settings, length);
        status = write_blocks(file.stream, &sum, ops, context, byol, buffer, err);
        fwrite(&sum, sizeof sum, 1, file.stream);
        fputs(mark, file.stream);
        if (status == SSLDYN_OK)
            status = ssldyn_file_commit(&file, err);
        else
            ssldyn_file_abandon(&file);
    }
    free(buffer);
    free(settings);
    free(path);
    return status;
}

/* ---- reading: the whole file is read and checked before anything is changed */

static enum ssldyn_status read_whole(const char *path, unsigned char **text, size_t *size,
                                     struct ssldyn_error *err)
{
    FILE *stream;
    const enum ssldyn_status status = ssldyn_file_read(path, &stream, size, err);
    *text = NULL;
    if (status != SSLDYN_OK)
        return status;
    *text = malloc(*size + 1);
    const size_t got = *text != NULL ? fread(*text, 1, *size, stream) : 0;
    fclose(stream);
    if (*text == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory while reading %s", path);
    return got == *size ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be read", path);
}

static enum ssldyn_status judge(const char *path, const unsigned char text[], size_t size,
                                struct ssldyn_error *err)
{
    const size_t start = sizeof head - 1;
    const size_t ending = sizeof mark - 1 + sizeof(uint64_t);
    uint64_t sum;
    if (size < start + sizeof(struct preamble) + ending || memcmp(text, head, start) != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is not a checkpoint of byol", path);
    if (memcmp(text + size - (sizeof mark - 1), mark, sizeof mark - 1) != 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is truncated: the end mark is missing", path);
    memcpy(&sum, text + size - ending, sizeof sum);
    if (sum != ssldyn_hash(SSLDYN_HASH_START, text + start, size - start - ending))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is damaged: its checksum is wrong", path);
    return SSLDYN_OK;
}

/* The first line in which two texts differ, for a message. */
static void tell_difference(const char *have, size_t length, const char *want, char line[160])
{
    size_t start = 0;
    for (size_t i = 0; i < length && want[i] != '\0' && have[i] == want[i]; i++)
        if (have[i] == '\n')
            start = i + 1;
    const size_t a = strcspn(want + start, "\n");
    size_t b = 0;
    while (start + b < length && have[start + b] != '\n')
        b++;
    snprintf(line, 160, "\"%.*s\", not \"%.*s\"", (int)(b < 70 ? b : 70), have + start,
             (int)(a < 70 ? a : 70), want + start);
}

/* The number of epochs in a settings text; 0: none. */
static int64_t epochs_of(const char *text, size_t length)
{
    static const char key[] = "epochs = ";
    for (size_t i = 0; i + sizeof key <= length; i++)
        if ((i == 0 || text[i - 1] == '\n') && memcmp(text + i, key, sizeof key - 1) == 0)
            return strtoll(text + i + sizeof key - 1, NULL, 10); /* the end mark ends the digits */
    return 0;
}

/* With a constant learning rate no step depends on the number of epochs: a run may be resumed with
 * more of them, or with fewer that it has not yet completed. */
static enum ssldyn_status check_settings(const char *path, const char *have, size_t length,
                                         const struct options *options, struct ssldyn_error *err)
{
    size_t wanted = 0;
    char line[160];
    struct options then = *options;
    const int64_t epochs = epochs_of(have, length);
    if (options->schedule == BYOL_CONSTANT && epochs > 0)
        then.config.epochs = epochs;
    char *want = settings_text(&then, &wanted);
    if (want == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory while reading %s", path);
    enum ssldyn_status status = SSLDYN_OK;
    if (length != wanted || memcmp(have, want, length) != 0) {
        tell_difference(have, length, want, line);
        status =
            ssldyn_fail(err, SSLDYN_EINPUT,
                        "%.200s: belongs to a run with other settings (%s): resume with those, or "
                        "name another directory",
                        path, line);
    }
    free(want);
    return status;
}

/* Copies the blocks to the device (fills), or only checks their sizes. */
static bool take_blocks(const unsigned char *text, size_t size, const struct ops *ops,
                        struct ops_context *context, struct byol *byol, bool fills)
{
    struct byol_block block;
    size_t at = 0;
    for (size_t i = 0; byol_block(byol, i, &block); i++) {
        uint64_t bytes;
        if (size - at < sizeof bytes)
            return false;
        memcpy(&bytes, text + at, sizeof bytes);
        at += sizeof bytes;
        if (bytes != block.bytes || size - at < bytes)
            return false;
        if (fills)
            ops->upload(context, block.data, text + at, block.bytes);
        at += block.bytes;
    }
    return at == size;
}

bool checkpoint_exists(const char *directory)
{
    struct stat info;
    char *path = ssldyn_file_path_join(directory, "checkpoint");
    const bool found = path != NULL && stat(path, &info) == 0;
    free(path);
    return found;
}

/* Puts the contents of a complete checkpoint into the run. */
static enum ssldyn_status take(const char *path, const unsigned char text[], size_t size,
                               const struct options *options, const struct ops *ops,
                               struct ops_context *context, struct byol *byol,
                               struct checkpoint *at, struct ssldyn_error *err)
{
    struct preamble preamble;
    const size_t start = sizeof head - 1 + sizeof preamble;
    const size_t end = size - (sizeof mark - 1) - sizeof(uint64_t);
    memcpy(&preamble, text + sizeof head - 1, sizeof preamble);
    if (preamble.order != byte_order || preamble.settings > end - start)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: was written on a machine with another byte order", path);
    if (preamble.steps > INT64_MAX - 1 || preamble.rows > preamble.steps + 1)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: is damaged: it has %llu rows of results after %llu steps", path,
                           (unsigned long long)preamble.rows, (unsigned long long)preamble.steps);
    const enum ssldyn_status status =
        check_settings(path, (const char *)text + start, preamble.settings, options, err);
    if (status != SSLDYN_OK)
        return status;
    const unsigned char *blocks = text + start + preamble.settings;
    const size_t bytes = end - start - preamble.settings;
    if (!take_blocks(blocks, bytes, ops, context, byol, false))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: belongs to a different network", path);
    (void)take_blocks(blocks, bytes, ops, context, byol, true);
    byol_refresh(byol);
    byol_set_steps(byol, (int64_t)preamble.steps);
    *at = (struct checkpoint){(int64_t)preamble.steps, (int64_t)preamble.rows};
    return SSLDYN_OK;
}

enum ssldyn_status checkpoint_read(const char *directory, const struct options *options,
                                   const struct ops *ops, struct ops_context *context,
                                   struct byol *byol, struct checkpoint *at, bool *found,
                                   struct ssldyn_error *err)
{
    *found = checkpoint_exists(directory);
    if (!*found)
        return SSLDYN_OK;
    unsigned char *text = NULL;
    size_t size = 0;
    char *path = ssldyn_file_path_join(directory, "checkpoint");
    enum ssldyn_status status = path != NULL ? read_whole(path, &text, &size, err)
                                             : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK)
        status = judge(path, text, size, err);
    if (status == SSLDYN_OK)
        status = take(path, text, size, options, ops, context, byol, at, err);
    free(text);
    free(path);
    return status;
}
