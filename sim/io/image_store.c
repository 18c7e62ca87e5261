/* A set of images in memory. */
// SPDX-License-Identifier: MIT
#include "sim/io/image_store.h"

#include "sim/base/memory.h"
#include "sim/base/signal.h"
#include "sim/base/simd.h"

#include <stdlib.h>

static const double most_bytes = 4e9;

static enum ssldyn_status allocate(const struct ssldyn_images *images,
                                   struct ssldyn_image_store *store, struct ssldyn_error *err)
{
    const size_t width = images->bytes ? 1 : sizeof(float);
    const double size = (double)store->count * (double)store->numbers * (double)width;
    if (size > most_bytes) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--data: %zu images take %.2g GB; at most %.0f GB are kept in memory: "
                           "use fewer with --images",
                           store->count, size / 1e9, most_bytes / 1e9);
    }
    if (images->bytes) {
        store->bytes = ssldyn_memory_array(store->count, store->numbers);
    } else {
        store->floats = ssldyn_memory_array(store->count, store->numbers * sizeof(float));
    }
    return store->bytes || store->floats
               ? SSLDYN_OK
               : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu images of %zu numbers",
                             store->count, store->numbers);
}

SSLDYN_SIMD_CLONES
static void widen(size_t count, const unsigned char from[], float to[])
{
    for (size_t i = 0; i < count; i++) {
        to[i] = (float)from[i] / 255.0F;
    }
}

enum ssldyn_status ssldyn_image_store_load(struct ssldyn_images *images, size_t count,
                                           struct ssldyn_image_store *store,
                                           struct ssldyn_error *err)
{
    enum { AT_ONCE = 64 };
    *store = (struct ssldyn_image_store){.count = count,
                                         .numbers = ssldyn_images_numbers(&images->size)};
    const size_t numbers = store->numbers;
    enum ssldyn_status status = allocate(images, store, err);
    for (size_t first = 0; status == SSLDYN_OK && first < count; first += AT_ONCE) {
        const size_t some = count - first < AT_ONCE ? count - first : AT_ONCE;
        status =
            store->bytes
                ? ssldyn_images_read_bytes(images, first, some, store->bytes + first * numbers, err)
                : ssldyn_images_read(images, first, some, store->floats + first * numbers, err);
        if (status == SSLDYN_OK && ssldyn_signal_pending()) {
            status = ssldyn_fail(err, SSLDYN_EINTERRUPTED, "interrupted while reading the images");
        }
    }
    return status;
}

void ssldyn_image_store_clear(struct ssldyn_image_store *store)
{
    free(store->bytes);
    free(store->floats);
    *store = (struct ssldyn_image_store){0};
}

const float *ssldyn_image_store_get(const struct ssldyn_image_store *store, size_t index,
                                    float buffer[])
{
    if (store->floats) {
        return store->floats + index * store->numbers;
    }
    widen(store->numbers, store->bytes + index * store->numbers, buffer);
    return buffer;
}
