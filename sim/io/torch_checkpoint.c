/* Selects a tensor of a checkpoint and puts its entries in order (torch_checkpoint.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/torch_checkpoint.h"

#include "sim/base/memory.h"
#include "sim/io/temporary.h"

#include <errno.h>
#include <stdlib.h>

enum {
    MOST_REPEATED = 1 << 24 /* limit on the entries of a tensor that repeats those of its storage */
};

void ssldyn_torch_checkpoint_clear(struct ssldyn_torch_checkpoint *checkpoint)
{
    ssldyn_torch_tensors_clear(&checkpoint->tensors);
    ssldyn_pickle_free(checkpoint->pickle);
    free(checkpoint->bytes);
}

static bool get_shape(const void *context, size_t i, struct ssldyn_array *array)
{
    const struct ssldyn_torch_tensors *tensors = context;
    *array = tensors->list[i].array;
    return tensors->list[i].refusal == NULL;
}

/* Finds the tensors of a pickle that has been read, and chooses one. */
enum ssldyn_status ssldyn_torch_checkpoint_pick(struct ssldyn_torch_checkpoint *checkpoint,
                                                const char *name, const struct ssldyn_need *need,
                                                struct ssldyn_error *err)
{
    struct ssldyn_torch_tensors *tensors = &checkpoint->tensors;
    const char *path = checkpoint->path;
    size_t index = 0;
    enum ssldyn_status status =
        ssldyn_torch_tensors_find(path, ssldyn_pickle_root(checkpoint->pickle), tensors, err);
    const char **names = ssldyn_memory_array(tensors->count, sizeof *names);
    if (status == SSLDYN_OK && names == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; status == SSLDYN_OK && i < tensors->count; i++)
        names[i] = tensors->list[i].name;
    const struct ssldyn_candidates candidates = {path, tensors->count, names, get_shape, tensors};
    if (status == SSLDYN_OK)
        status = ssldyn_array_choice(&candidates, name, need, &index, err);
    free(names);
    if (status != SSLDYN_OK)
        return status;
    checkpoint->picked = &tensors->list[index];
    const struct ssldyn_torch_tensor *tensor = checkpoint->picked;
    if (tensor->refusal != NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: tensor '%s' %s", path, tensor->name,
                           tensor->refusal);
    if (tensor->bytes == NULL && tensor->array.count > tensor->storage.count &&
        tensor->array.count > MOST_REPEATED)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: tensor '%s' repeats its %zu entries %zu times (an expanded view); "
                           "save x.contiguous()",
                           path, tensor->name, tensor->storage.count,
                           tensor->array.count / (tensor->storage.count + 1));
    return SSLDYN_OK;
}

/* ---------------------------------------------------------------- entries */
static bool is_row_major(const struct ssldyn_torch_tensor *tensor)
{
    size_t stride = 1;
    for (size_t i = tensor->array.dimensions; i-- > 0;) {
        if (tensor->array.shape[i] != 1 && tensor->strides[i] != stride)
            return false;
        stride *= tensor->array.shape[i];
    }
    return true;
}

/* Writes the entries of a tensor in row-major order, from a storage's bytes, which begin at its
 * first entry. */
static enum ssldyn_status write_entries(const char *path, const struct ssldyn_torch_tensor *tensor,
                                        const unsigned char from[], FILE *to,
                                        struct ssldyn_error *err)
{
    const struct ssldyn_array *array = &tensor->array;
    const size_t size = tensor->entries.size;
    size_t index[SSLDYN_NPY_MAXIMUM_DIMENSIONS] = {0};
    size_t at = 0;
    for (size_t done = 0; done < array->count; done++) {
        const enum ssldyn_status status =
            ssldyn_temporary_write(path, from + at * size, size, to, err);
        if (status != SSLDYN_OK)
            return status;
        for (size_t i = array->dimensions; i-- > 0;) {
            at += tensor->strides[i];
            if (++index[i] < array->shape[i])
                break;
            at -= index[i] * tensor->strides[i];
            index[i] = 0;
        }
    }
    return ssldyn_temporary_rewind(path, to, err);
}

/* Replaces *stream, at the first entry of a strided tensor, by a stream with the entries in
 * order. */
static enum ssldyn_status gather(const char *path, const struct ssldyn_torch_tensor *tensor,
                                 FILE **stream, struct ssldyn_error *err)
{
    size_t span = 1;
    for (size_t i = 0; i < tensor->array.dimensions; i++)
        span += (tensor->array.shape[i] - 1) * tensor->strides[i];
    const size_t size = tensor->entries.size;
    FILE *ordered = NULL;
    unsigned char *bytes = malloc(span * size);
    if (bytes == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "%s: out of memory for the %zu entries of '%s'",
                           path, span, tensor->name);
    enum ssldyn_status status = SSLDYN_OK;
    if (fread(bytes, size, span, *stream) != span)
        status =
            ssldyn_fail(err, SSLDYN_EINPUT, "%s: tensor '%s' is truncated", path, tensor->name);
    if (status == SSLDYN_OK)
        status = ssldyn_temporary_open(path, tensor->array.count * size, &ordered, err);
    if (status == SSLDYN_OK)
        status = write_entries(path, tensor, bytes, ordered, err);
    free(bytes);
    FILE *unused = status == SSLDYN_OK ? *stream : ordered;
    if (unused != NULL)
        fclose(unused);
    if (status == SSLDYN_OK)
        *stream = ordered;
    return status;
}

/* Moves the stream, in which the chosen tensor's storage begins at byte `start`, to its first
 * entry. */
enum ssldyn_status ssldyn_torch_checkpoint_place(const struct ssldyn_torch_checkpoint *checkpoint,
                                                 size_t start, FILE **stream,
                                                 struct ssldyn_entries *entries,
                                                 struct ssldyn_array *array,
                                                 struct ssldyn_error *err)
{
    const struct ssldyn_torch_tensor *tensor = checkpoint->picked;
    *entries = tensor->entries;
    *array = tensor->array;
    if (fseeko(*stream, (off_t)(start + tensor->offset * tensor->entries.size), SEEK_SET) != 0)
        return ssldyn_fail_system(err, SSLDYN_EIO, errno, "%s: cannot be read", checkpoint->path);
    if (array->count == 0 || is_row_major(tensor))
        return SSLDYN_OK;
    return gather(checkpoint->path, tensor, stream, err);
}

/* Copies the entries of a NumPy array, which are inside the pickle and are freed with it. */
enum ssldyn_status ssldyn_torch_checkpoint_copy(const struct ssldyn_torch_checkpoint *checkpoint,
                                                FILE **stream, struct ssldyn_entries *entries,
                                                struct ssldyn_array *array,
                                                struct ssldyn_error *err)
{
    const struct ssldyn_torch_tensor *tensor = checkpoint->picked;
    *entries = tensor->entries;
    *array = tensor->array;
    return ssldyn_temporary_copy(checkpoint->path, tensor->bytes,
                                 tensor->array.count * tensor->entries.size, stream, err);
}
