/* Augmented views of images, drawn by counter. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/augment.h"

void augment_init(struct augment_recipe *recipe, const struct ssldyn_augmentation *augmentation,
                  const double mean[], const double deviation[], uint64_t seed)
{
    *recipe = (struct augment_recipe){.augmentation = *augmentation, .seed = seed};
    recipe->augmentation.clip = true;
    recipe->augmentation.noise = 0.0;
    recipe->augmentation.standardize = mean != NULL;
    for (int c = 0; c < SSLDYN_AUGMENT_CHANNELS; c++) {
        recipe->augmentation.mean[c] = mean != NULL ? mean[c] : 0.0;
        recipe->augmentation.deviation[c] = mean != NULL ? deviation[c] : 1.0;
    }
}

void augment_draw(const struct augment_recipe *recipe, const struct ssldyn_image_size *size,
                  int64_t epoch, int64_t number, int view, struct ssldyn_view *drawn)
{
    double uniforms[SSLDYN_AUGMENT_UNIFORMS];
    struct ssldyn_stream stream;

    ssldyn_stream_init(&stream, recipe->seed, (uint32_t)epoch, SSLDYN_PURPOSE_AUGMENT);
    ssldyn_stream_seek(&stream, SSLDYN_AUGMENT_UNIFORMS * (2 * (uint64_t)number + (uint64_t)view));
    ssldyn_stream_uniform(&stream, SSLDYN_AUGMENT_UNIFORMS, uniforms);
    ssldyn_augment_view_draw(&recipe->augmentation, size, uniforms, drawn);
}

size_t augment_workspace(const struct ssldyn_image_size *size)
{
    return ssldyn_images_numbers(size) + ssldyn_augment_workspace(size);
}

void augment_show(const struct augment_recipe *recipe, const struct ssldyn_image_size *size,
                  const uint8_t image[], int64_t epoch, int64_t number, int view, float workspace[],
                  float out[])
{
    const struct ssldyn_augmentation *a = &recipe->augmentation;
    const size_t numbers = ssldyn_images_numbers(size);
    const size_t pixels = size->height * size->width;
    struct ssldyn_view drawn;

    for (size_t i = 0; i < numbers; i++)
        workspace[i] = (float)image[i] / 255.0F;
    if (view >= 0) {
        augment_draw(recipe, size, epoch, number, view, &drawn);
        ssldyn_augment_view_show(a, &drawn, size, workspace, NULL, workspace + numbers, out);
        return;
    }
    for (size_t i = 0; i < numbers; i++) {
        const size_t c = i / pixels;
        out[i] = (float)(((double)workspace[i] - a->mean[c]) / a->deviation[c]);
    }
}
