/* NumPy .npz files: zip archives of .npy files, stored or compressed. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_NPZ_H
#define SSLDYN_SIM_IO_NPZ_H

#include "sim/base/error.h"

#include <stddef.h>
#include <stdio.h>

/* Unpacks one array of an archive, as the bytes of a .npy file, into an anonymous temporary file,
 * so that no stack needs to fit into memory. name: the array (without .npy), or NULL: the only one,
 * or the one called role. *stream is at its start and to be closed by the caller; *size counts its
 * bytes. EINPUT for what is no archive, lacks the array, is damaged, encrypted or claims a size
 * that it does not have. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_npz_open(const char *path, const char *name,
                                                     const char *role, FILE **stream, size_t *size,
                                                     struct ssldyn_error *err);

#endif
