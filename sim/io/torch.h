/* PyTorch's files (torch.save: the zip format since 1.6 and the one before) and plain pickles of
 * NumPy arrays: one array out of them. Nothing in them is run. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TORCH_H
#define SSLDYN_SIM_IO_TORCH_H

#include "sim/io/npy_format.h"
#include "sim/io/pick.h"
#include "sim/io/zip.h"

/* Opens one tensor or array. name: as it is called in the nested dictionaries or modules, joined by
 * dots, or NULL: as ssldyn_pick chooses for need. Fills entries and array's shape and count;
 * *stream is at the first entry, all entries follow row-major (or in Fortran's order where entries
 * say so). On success *stream may be another than before: the caller closes what it finds there.
 * EINPUT for what cannot be read: TorchScript, sparse, quantized, complex tensors, those that reach
 * beyond their storage, pickles that ask for more than data (pickle.h). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_torch_open_zip(const char *path, const struct ssldyn_zip *zip, const char *name,
                      const struct ssldyn_need *need, FILE **stream, struct ssldyn_entries *entries,
                      struct ssldyn_array *array, struct ssldyn_error *err);
/* The same for a file without an archive: stream at its start, size its bytes. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_torch_open_pickle(
    const char *path, size_t size, const char *name, const struct ssldyn_need *need, FILE **stream,
    struct ssldyn_entries *entries, struct ssldyn_array *array, struct ssldyn_error *err);

#endif
