/* What a spec says about images. */
// SPDX-License-Identifier: MIT
#include "sim/moments/moments_request.h"

static void resolve(struct ssldyn_spec *spec, struct ssldyn_augmentation *augmentation)
{
    static const char *const names[] = {"none", "weak", "cifar", "stl"};
    struct ssldyn_moments_options *options = &spec->moments;
    const struct ssldyn_augmentation *named =
        ssldyn_augmentation_named(names[options->augmentation]);
    *augmentation = *named;
    const struct {
        const char *option;
        double *typed, *setting;
    } numbers[] = {
        {"crop-scale", &options->crop_scale, &augmentation->scale_minimum},
        {"crop-ratio", &options->crop_ratio, &augmentation->ratio},
        {"flip", &options->flip, &augmentation->flip},
        {"jitter", &options->jitter, &augmentation->jitter},
        {"brightness", &options->brightness, &augmentation->brightness},
        {"contrast", &options->contrast, &augmentation->contrast},
        {"saturation", &options->saturation, &augmentation->saturation},
        {"hue", &options->hue, &augmentation->hue},
        {"gray", &options->gray, &augmentation->grey},
        {"blur", &options->blur, &augmentation->blur},
        {"blur-min", &options->blur_min, &augmentation->blur_minimum},
        {"blur-max", &options->blur_max, &augmentation->blur_maximum},
        {"gain", &options->gain, &augmentation->gain},
        {"offset", &options->offset, &augmentation->offset},
        {"noise", &options->noise, &augmentation->noise},
    };
    if (augmentation->ratio < 1.0)
        augmentation->ratio = 1.0;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (ssldyn_spec_given(spec, numbers[i].option))
            *numbers[i].setting = *numbers[i].typed;
        *numbers[i].typed = *numbers[i].setting;
    }
    if (ssldyn_spec_given(spec, "crop-pad"))
        augmentation->pad = (size_t)options->crop_pad;
    if (ssldyn_spec_given(spec, "blur-kernel"))
        augmentation->blur_kernel = (size_t)options->blur_kernel;
    if (ssldyn_spec_given(spec, "standardize"))
        augmentation->standardise = options->standardize == 1;
    options->crop_pad = (int64_t)augmentation->pad;
    options->blur_kernel = (int64_t)augmentation->blur_kernel;
    options->standardize = augmentation->standardise ? 1 : 0;
}

void ssldyn_moments_request_make(struct ssldyn_spec *spec, struct ssldyn_moments_request *request)
{
    const struct ssldyn_moments_options *options = &spec->moments;
    *request = (struct ssldyn_moments_request){0};
    resolve(spec, &request->augmentation);
    request->path_count = 1;
    request->paths = (const char *const *)&spec->data;
    request->format = (enum ssldyn_image_format)options->image_format;
    request->images = (size_t)options->images;
    request->patch = (size_t)options->patch;
    request->pool = (size_t)options->pool;
    request->pca = (size_t)options->pca;
    request->keep_mean = options->keep_mean;
    request->keep_negative = options->keep_negative;
    request->scale = (enum ssldyn_moments_scale)options->scale;
    request->pairs = (size_t)options->pairs;
    request->splits = (size_t)options->splits;
    request->seed = spec->problem.seed;
    request->threads = (size_t)spec->threads;
    request->quiet = spec->quiet;
}
