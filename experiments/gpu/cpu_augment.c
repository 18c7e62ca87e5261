/* The CPU backend: views of images, computed by libssldyn. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/augment.h"
#include "experiments/gpu/cpu.h"

/* channels x height x width -> height x width x channels; channels beyond those of the image are
 * zero */
static void pack(const struct ssldyn_image_size *size, const float image[], int channels, REAL *out)
{
    const size_t pixels = size->height * size->width;
    const size_t wide = (size_t)channels;
    for (size_t i = 0; i < pixels; i++)
        for (size_t c = 0; c < wide; c++)
            out[i * wide + c] = c < size->channels ? (REAL)image[c * pixels + i] : (REAL)0;
}

void NAME(augment)(struct ops_context *context, const struct augment_recipe *recipe,
                   const struct ops_source *source, const struct ops_clock *clock, int batch,
                   int view, struct ops_tensor out)
{
    const struct ssldyn_image_size size = {(size_t)source->channels, (size_t)source->height,
                                           (size_t)source->width};
    const size_t numbers = ssldyn_images_numbers(&size);
    const size_t stride = numbers + augment_workspace(&size);
    const int64_t *cursor = clock->cursor;
    const int64_t first = cursor[0] * batch;
    const int32_t *order = (const int32_t *)source->order + first;
    const int32_t *slots = source->slots ? (const int32_t *)source->slots + first : order;
    const uint8_t *images = source->images;
    REAL *views = out.data;
    if (NAME(reserve)(&context->views, &context->view_size, stride,
                      (size_t)context->threads * sizeof(float), &context->error) != SSLDYN_OK)
        return;
#ifdef _OPENMP
#pragma omp parallel for num_threads(context->threads) schedule(static)
#endif
    for (int i = 0; i < out.n; i++) {
        float *shown = context->views + thread_number() * stride;
        augment_show(recipe, &size, images + (size_t)slots[i] * numbers, cursor[1], order[i], view,
                     shown + numbers, shown);
        pack(&size, shown, out.c, views + (size_t)i * tensor_count(out) / (size_t)out.n);
    }
}
