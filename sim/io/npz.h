/* NumPy .npz files: zip archives of .npy files, stored or compressed. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_NPZ_H
#define SSLDYN_SIM_IO_NPZ_H

#include "sim/io/array_choice.h"
#include "sim/io/zip.h"

/* Whether an archive has members that end in .npy. */
bool ssldyn_npz_is(const struct ssldyn_zip *zip);

/* Unpacks one array of an archive, as the bytes of a .npy file, into an anonymous temporary file,
 * so that no stack needs to fit into memory. name: the array (without .npy); NULL: as
 * ssldyn_array_choice chooses for need. *stream is at its start, to be closed by the caller; *size
 * is its length. Of several members of one name the last counts. EINPUT, before anything is
 * unpacked, if the array is missing, and if the archive is damaged, encrypted or does not match the
 * size in its header. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npz_open(const char *path, const struct ssldyn_zip *zip,
                                                     const char *name,
                                                     const struct ssldyn_need *need, FILE **stream,
                                                     size_t *size, struct ssldyn_error *err);

#endif
