/* A checkpoint whose pickle has been read: shared by PyTorch's two formats. For sim/io only. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TORCH_CHECKPOINT_H
#define SSLDYN_SIM_IO_TORCH_CHECKPOINT_H

#include "sim/io/array_choice.h"
#include "sim/io/torch_tensors.h"

enum { SSLDYN_TORCH_LARGEST_PICKLE = 1 << 30 };

/* A file's pickle with the tensors in it. */
struct ssldyn_torch_checkpoint {
    const char *path;
    unsigned char *bytes; /* of the pickle */
    struct ssldyn_pickle *pickle;
    struct ssldyn_torch_tensors tensors;
    const struct ssldyn_torch_tensor *picked;
};
void ssldyn_torch_checkpoint_clear(struct ssldyn_torch_checkpoint *checkpoint);

/* Finds the tensors of the pickle, and chooses one: picked. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_torch_checkpoint_pick(struct ssldyn_torch_checkpoint *checkpoint, const char *name,
                             const struct ssldyn_need *need, struct ssldyn_error *err);

/* Moves *stream, in which the storage of the chosen tensor begins at byte start, to its first
 * entry; if the entries are not row-major, replaces it by a stream in which they are. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_torch_checkpoint_place(const struct ssldyn_torch_checkpoint *checkpoint, size_t start,
                              FILE **stream, struct ssldyn_entries *entries,
                              struct ssldyn_array *array, struct ssldyn_error *err);
/* Replaces *stream (NULL: none) by a copy of the chosen NumPy array, whose entries are in the
 * pickle. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_torch_checkpoint_copy(const struct ssldyn_torch_checkpoint *checkpoint, FILE **stream,
                             struct ssldyn_entries *entries, struct ssldyn_array *array,
                             struct ssldyn_error *err);

#endif
