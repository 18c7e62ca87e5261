/* PyTorch's zip format (torch.h): a pickle, and each storage as the member data/KEY. Format:
 * caffe2/serialize/inline_container.h, torch/serialization.py. */
// SPDX-License-Identifier: MIT
#include "sim/io/torch.h"

#include "sim/io/torch_checkpoint.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_KEY = 250 };

/* The index of member PREFIX + word; the number of members if there is none. */
static size_t find_word(const struct ssldyn_zip *zip, const char *prefix, size_t length,
                        const char *word)
{
    const size_t count = ssldyn_zip_count(zip);
    for (size_t i = 0; i < count; i++) {
        const char *name = ssldyn_zip_name(zip, i);
        if (name != NULL && strncmp(name, prefix, length) == 0 && strcmp(name + length, word) == 0)
            return i;
    }
    return count;
}

/* Finds the member PREFIX/data.pkl; *length is that of the prefix including its slash. */
static enum ssldyn_status find_pickle(const char *path, const struct ssldyn_zip *zip,
                                      size_t *member, size_t *length, struct ssldyn_error *err)
{
    static const char ending[] = "data.pkl";
    for (size_t i = 0; i < ssldyn_zip_count(zip); i++) {
        const char *name = ssldyn_zip_name(zip, i);
        const char *slash = name != NULL ? strchr(name, '/') : NULL;
        if (slash == NULL || strcmp(slash + 1, ending) != 0)
            continue;
        *member = i;
        *length = (size_t)(slash - name) + 1;
        if (find_word(zip, name, *length, "constants.pkl") < ssldyn_zip_count(zip))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s: is a TorchScript program, which is not executed; in Python: "
                               "torch.save(torch.jit.load(FILE).state_dict(), OTHER_FILE)",
                               path);
        return SSLDYN_OK;
    }
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "%s: is a zip archive%s without the .npy members of a .npz or the data.pkl "
                       "of a PyTorch file",
                       path, ssldyn_zip_count(zip) == 0 ? " (empty)" : "");
}

static enum ssldyn_status read_byte_order(const struct ssldyn_zip *zip, const char *prefix,
                                          size_t length, bool *big_endian, struct ssldyn_error *err)
{
    const size_t member = find_word(zip, prefix, length, "byteorder");
    unsigned char *text = NULL;
    size_t size = 0;
    *big_endian = false;
    if (member == ssldyn_zip_count(zip))
        return SSLDYN_OK; /* before 2.0 */
    const enum ssldyn_status status = ssldyn_zip_load(zip, member, 16, &text, &size, err);
    *big_endian = status == SSLDYN_OK && size == 3 && memcmp(text, "big", 3) == 0;
    free(text);
    return status;
}

static enum ssldyn_status unpack_storage(const struct ssldyn_torch_checkpoint *checkpoint,
                                         const struct ssldyn_zip *zip, const char *prefix,
                                         size_t length, FILE **stream, struct ssldyn_error *err)
{
    const struct ssldyn_torch_tensor *tensor = checkpoint->picked;
    const struct ssldyn_torch_storage *storage = &tensor->storage;
    char rest[LONGEST_KEY + sizeof "data/"]; /* a longer key is not found */
    size_t size = 0;
    snprintf(rest, sizeof rest, "data/%.*s",
             storage->key_length < LONGEST_KEY ? (int)storage->key_length : LONGEST_KEY,
             storage->key);
    const size_t member = find_word(zip, prefix, length, rest);
    if (member == ssldyn_zip_count(zip))
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: the storage of tensor '%s' is missing",
                           checkpoint->path, tensor->name);
    if (ssldyn_zip_size(zip, member) / storage->entries.size < storage->count)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: the storage of tensor '%s' has %zu bytes, but %zu entries of %zu "
                           "bytes are declared",
                           checkpoint->path, tensor->name, ssldyn_zip_size(zip, member),
                           storage->count, storage->entries.size);
    FILE *unpacked = NULL;
    const enum ssldyn_status status = ssldyn_zip_unpack(zip, member, &unpacked, &size, err);
    if (status != SSLDYN_OK)
        return status;
    if (*stream != NULL)
        fclose(*stream);
    *stream = unpacked;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_torch_open_zip(const char *path, const struct ssldyn_zip *zip,
                                         const char *name, const struct ssldyn_need *need,
                                         FILE **stream, struct ssldyn_entries *entries,
                                         struct ssldyn_array *array, struct ssldyn_error *err)
{
    struct ssldyn_torch_checkpoint checkpoint = {.path = path};
    size_t member = 0;
    size_t length = 0;
    size_t size = 0;
    bool big_endian = false;
    enum ssldyn_status status = find_pickle(path, zip, &member, &length, err);
    const char *prefix = status == SSLDYN_OK ? ssldyn_zip_name(zip, member) : "";
    if (status == SSLDYN_OK && ssldyn_zip_size(zip, member) > SSLDYN_TORCH_LARGEST_PICKLE)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: a pickle of %zu bytes cannot be read", path,
                             ssldyn_zip_size(zip, member));
    if (status == SSLDYN_OK)
        status = ssldyn_zip_load(zip, member, SSLDYN_TORCH_LARGEST_PICKLE, &checkpoint.bytes, &size,
                                 err);
    if (status == SSLDYN_OK)
        status = ssldyn_pickle_read(path, checkpoint.bytes, size, NULL, &checkpoint.pickle, err);
    if (status == SSLDYN_OK)
        status = ssldyn_torch_checkpoint_pick(&checkpoint, name, need, err);
    if (status == SSLDYN_OK && checkpoint.picked->bytes != NULL) {
        status = ssldyn_torch_checkpoint_copy(&checkpoint, stream, entries, array, err);
    } else if (status == SSLDYN_OK) {
        status = read_byte_order(zip, prefix, length, &big_endian, err);
        if (status == SSLDYN_OK)
            status = unpack_storage(&checkpoint, zip, prefix, length, stream, err);
        if (status == SSLDYN_OK)
            status = ssldyn_torch_checkpoint_place(&checkpoint, 0, stream, entries, array, err);
        entries->big_endian = big_endian;
    }
    ssldyn_torch_checkpoint_clear(&checkpoint);
    return status;
}
