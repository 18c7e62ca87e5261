/* One array from a PyTorch file (torch.save: the zip format since 1.6 and the one before) or from a
 * plain pickle of NumPy arrays. Nothing in them is executed. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_TORCH_H
#define SSLDYN_SIM_IO_TORCH_H

#include "sim/io/array_choice.h"
#include "sim/io/npy_format.h"
#include "sim/io/zip.h"

/* Opens one tensor or array. name: its path in the nested dictionaries or modules, joined by dots;
 * NULL: as ssldyn_array_choice chooses for need. Fills entries and array's shape and count; *stream
 * is at the first entry, and the entries are in row-major order (or in Fortran order if entries
 * says so). On success *stream may be a different stream: the caller closes the one it finds there.
 * EINPUT for what cannot be read: TorchScript, sparse, quantized, complex tensors, tensors that
 * extend beyond their storage, pickles that request more than data (pickle.h). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_torch_open_zip(const char *path, const struct ssldyn_zip *zip, const char *name,
                      const struct ssldyn_need *need, FILE **stream, struct ssldyn_entries *entries,
                      struct ssldyn_array *array, struct ssldyn_error *err);
/* The same for a file that is not an archive: stream at its start, size its bytes. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_torch_open_pickle(
    const char *path, size_t size, const char *name, const struct ssldyn_need *need, FILE **stream,
    struct ssldyn_entries *entries, struct ssldyn_array *array, struct ssldyn_error *err);

#endif
