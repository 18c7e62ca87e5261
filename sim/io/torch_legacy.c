/* PyTorch's format before the zip archives (torch.h): three pickles that describe the file, the
 * pickle with the data, the list of the storages' keys, and the storages. Format:
 * torch/serialization.py. */
// SPDX-License-Identifier: MIT
#include "sim/io/torch.h"

#include "sim/base/memory.h"
#include "sim/io/torch_checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_READ = 1 << 20 };

static int compare_keys(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order != 0 ? order : (a_length > b_length) - (a_length < b_length);
}

static int by_key(const void *a, const void *b)
{
    const struct ssldyn_torch_storage *left = a;
    const struct ssldyn_torch_storage *right = b;
    return compare_keys(left->key, left->key_length, right->key, right->key_length);
}

/* Lists every storage that the pickle mentions, sorted by key. */
static enum ssldyn_status list_storages(const struct ssldyn_pickle *pickle,
                                        struct ssldyn_torch_storage **storages, size_t *count,
                                        struct ssldyn_error *err)
{
    size_t at = 0;
    const struct ssldyn_pickle_value *value = NULL;
    struct ssldyn_torch_storage storage;
    *count = 0;
    while ((value = ssldyn_pickle_next_persistent(pickle, &at)) != NULL)
        *count += ssldyn_torch_storage_read(value, &storage) ? 1 : 0;
    *storages = ssldyn_memory_array(*count, sizeof **storages);
    if (*storages == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    size_t used = 0;
    at = 0;
    while ((value = ssldyn_pickle_next_persistent(pickle, &at)) != NULL) {
        if (ssldyn_torch_storage_read(value, &storage))
            (*storages)[used++] = storage;
    }
    qsort(*storages, *count, sizeof **storages, by_key);
    return SSLDYN_OK;
}

/* Reads a storage's count, which takes 8 bytes before its entries. */
static bool read_count(FILE *stream, size_t at, size_t *count)
{
    unsigned char bytes[8];
    uint64_t number = 0;
    if (fseeko(stream, (off_t)at, SEEK_SET) != 0 ||
        fread(bytes, 1, sizeof bytes, stream) != sizeof bytes)
        return false;
    for (size_t i = sizeof bytes; i-- > 0;)
        number = number << 8 | bytes[i];
    *count = number < SIZE_MAX ? (size_t)number : SIZE_MAX;
    return true;
}

/* The position of the chosen tensor's storage: storages are in the order of keys (a LIST). */
static enum ssldyn_status find_storage(const struct ssldyn_torch_checkpoint *checkpoint,
                                       const struct ssldyn_pickle_value *keys, size_t after,
                                       FILE *stream, size_t file_size, size_t *start,
                                       struct ssldyn_error *err)
{
    struct ssldyn_torch_storage *storages = NULL;
    const struct ssldyn_torch_storage *wanted = &checkpoint->picked->storage;
    size_t count = 0;
    enum ssldyn_status status = list_storages(checkpoint->pickle, &storages, &count, err);
    bool found = false;
    for (size_t i = 0; status == SSLDYN_OK && !found && i < keys->count; i++) {
        const struct ssldyn_pickle_value *key = keys->items[i];
        const bool text = key->kind == SSLDYN_PICKLE_TEXT || key->kind == SSLDYN_PICKLE_BYTES;
        const struct ssldyn_torch_storage sought = {.key = text ? key->is.text.start : "",
                                                    .key_length = text ? key->is.text.length : 0};
        const struct ssldyn_torch_storage *storage =
            bsearch(&sought, storages, count, sizeof *storages, by_key);
        size_t entries = 0;
        if (storage == NULL || !read_count(stream, after, &entries) ||
            entries > (file_size - after - 8) / storage->entries.size)
            status = ssldyn_fail(err, SSLDYN_EINPUT,
                                 "%s: is truncated, or its storages do not fit its pickle",
                                 checkpoint->path);
        else if (by_key(storage, wanted) == 0 && entries < wanted->count)
            status =
                ssldyn_fail(err, SSLDYN_EINPUT,
                            "%s: the storage of tensor '%s' has %zu entries, but %zu are declared",
                            checkpoint->path, checkpoint->picked->name, entries, wanted->count);
        if (status != SSLDYN_OK)
            break;
        *start = after + 8;
        found = by_key(storage, wanted) == 0;
        after += 8 + entries * storage->entries.size;
    }
    free(storages);
    if (status == SSLDYN_OK && !found)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: the storage of tensor '%s' is missing",
                           checkpoint->path, checkpoint->picked->name);
    return status;
}

/* Before the pickle with the data, files of this format have three others: a magic number, the
 * protocol version and the machine. */
static bool is_legacy(const unsigned char bytes[], size_t size)
{
    /* After the protocol, and from protocol 4 on possibly a frame: the magic number, ten bytes. */
    static const unsigned char magic[] = {0x8a, 10,   0x6c, 0xfc, 0x9c, 0x46,
                                          0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19};
    static const size_t places[] = {2, 11};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (size >= places[i] + sizeof magic && memcmp(bytes + places[i], magic, sizeof magic) == 0)
            return true;
    }
    return false;
}

/* Interprets the pickles in the first bytes of a file: the one with the data into checkpoint, the
 * storage keys that follow it into *keys (NULL without any), *used: the bytes up to there. */
static enum ssldyn_status read_pickles(struct ssldyn_torch_checkpoint *checkpoint, size_t size,
                                       struct ssldyn_pickle **keys, size_t *used,
                                       struct ssldyn_error *err)
{
    const unsigned char *bytes = checkpoint->bytes;
    const bool legacy = is_legacy(bytes, size);
    enum ssldyn_status status = SSLDYN_OK;
    *used = 0;
    for (size_t i = 0; i < (legacy ? 5 : 1) && status == SSLDYN_OK; i++) {
        struct ssldyn_pickle *pickle = NULL;
        size_t more = 0;
        status =
            ssldyn_pickle_read(checkpoint->path, bytes + *used, size - *used, &more, &pickle, err);
        *used += more;
        if (status == SSLDYN_OK && i == (legacy ? 3 : 0))
            checkpoint->pickle = pickle;
        else if (status == SSLDYN_OK && i == 4)
            *keys = pickle;
        else
            ssldyn_pickle_free(pickle);
    }
    if (status == SSLDYN_OK && legacy && ssldyn_pickle_root(*keys)->kind != SSLDYN_PICKLE_LIST)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: has no list of storages", checkpoint->path);
    return status;
}

/* Reads as many bytes of the start of a file, which may be much longer, as its pickles need. */
static enum ssldyn_status read_start(struct ssldyn_torch_checkpoint *checkpoint, FILE *stream,
                                     size_t file_size, struct ssldyn_pickle **keys, size_t *used,
                                     struct ssldyn_error *err)
{
    for (size_t limit = FIRST_READ;; limit *= 16) {
        const size_t some = file_size < limit ? file_size : limit;
        free(checkpoint->bytes);
        checkpoint->bytes = malloc(some + 1);
        if (checkpoint->bytes == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        rewind(stream);
        if (fread(checkpoint->bytes, 1, some, stream) != some)
            return ssldyn_fail(err, SSLDYN_EIO, "%s: cannot be read: it shrank while it was read",
                               checkpoint->path);
        const enum ssldyn_status status = read_pickles(checkpoint, some, keys, used, err);
        if (status == SSLDYN_OK || some == file_size || limit >= SSLDYN_TORCH_LARGEST_PICKLE)
            return status;
        ssldyn_pickle_free(checkpoint->pickle);
        checkpoint->pickle = NULL;
        *keys = NULL;
    }
}

enum ssldyn_status ssldyn_torch_open_pickle(const char *path, size_t size, const char *name,
                                            const struct ssldyn_need *need, FILE **stream,
                                            struct ssldyn_entries *entries,
                                            struct ssldyn_array *array, struct ssldyn_error *err)
{
    struct ssldyn_torch_checkpoint checkpoint = {.path = path};
    struct ssldyn_pickle *keys = NULL;
    size_t used = 0;
    size_t start = 0;
    enum ssldyn_status status = read_start(&checkpoint, *stream, size, &keys, &used, err);
    if (status == SSLDYN_OK)
        status = ssldyn_torch_checkpoint_pick(&checkpoint, name, need, err);
    if (status == SSLDYN_OK && checkpoint.picked->bytes != NULL) {
        status = ssldyn_torch_checkpoint_copy(&checkpoint, stream, entries, array, err);
    } else if (status == SSLDYN_OK && keys == NULL) {
        status =
            ssldyn_fail(err, SSLDYN_EINPUT,
                        "%s: tensor '%s' has its entries outside of the pickle; write the file "
                        "with torch.save",
                        path, checkpoint.picked->name);
    } else if (status == SSLDYN_OK) {
        status =
            find_storage(&checkpoint, ssldyn_pickle_root(keys), used, *stream, size, &start, err);
        if (status == SSLDYN_OK)
            status = ssldyn_torch_checkpoint_place(&checkpoint, start, stream, entries, array, err);
    }
    ssldyn_pickle_free(keys);
    ssldyn_torch_checkpoint_clear(&checkpoint);
    return status;
}
