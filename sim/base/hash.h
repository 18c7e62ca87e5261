/* FNV-1a checksum: detects accidental differences between bytes, not deliberate ones. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_BASE_HASH_H
#define SSLDYN_SIM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SSLDYN_HASH_START UINT64_C(14695981039346656037)

/* sum after count more bytes; begin with SSLDYN_HASH_START. */
static inline uint64_t ssldyn_hash(uint64_t sum, const void *bytes, size_t count)
{
    const unsigned char *byte = (const unsigned char *)bytes;
    for (size_t i = 0; i < count; i++) {
        sum = (sum ^ byte[i]) * UINT64_C(1099511628211);
    }
    return sum;
}

#endif
