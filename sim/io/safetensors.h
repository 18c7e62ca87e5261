/* .safetensors files: a length, a JSON header that lists the tensors, their bytes (little-endian,
 * row-major). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_IO_SAFETENSORS_H
#define SSLDYN_SIM_IO_SAFETENSORS_H

#include "sim/io/array_choice.h"
#include "sim/io/npy_format.h"

#include <stdio.h>

/* Finds one tensor. name: the tensor; NULL: as ssldyn_array_choice chooses for need. file_size:
 * bytes of the stream. Fills entries (F64, F32, F16, BF16, integers, BOOL) and array's shape and
 * count; the stream is at its first entry. EINPUT for an invalid header, offsets beyond the file,
 * sizes that do not match the shape, other types. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_safetensors_find(const char *path, FILE *stream, size_t file_size, const char *name,
                        const struct ssldyn_need *need, struct ssldyn_entries *entries,
                        struct ssldyn_array *array, struct ssldyn_error *err);

#endif
