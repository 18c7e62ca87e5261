/* The request for moments that a spec defines. */
// SPDX-License-Identifier: MIT
#include "sim/moments/moments_request.h"

#include "sim/moments/augment_options.h"

static void resolve(struct ssldyn_spec *spec, struct ssldyn_augmentation *augmentation)
{
    struct ssldyn_moments_options *options = &spec->moments;
    ssldyn_augment_options_resolve(&spec->given, &options->views, augmentation);
    const struct {
        const char *option;
        double *typed, *setting;
    } numbers[] = {
        {"gain", &options->gain, &augmentation->gain},
        {"offset", &options->offset, &augmentation->offset},
        {"noise", &options->noise, &augmentation->noise},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (ssldyn_spec_given(spec, numbers[i].option))
            *numbers[i].setting = *numbers[i].typed;
        *numbers[i].typed = *numbers[i].setting;
    }
    if (ssldyn_spec_given(spec, "standardize"))
        augmentation->standardize = options->standardize == 1;
    options->standardize = augmentation->standardize ? 1 : 0;
}

void ssldyn_moments_request_make(struct ssldyn_spec *spec, struct ssldyn_moments_request *request)
{
    const struct ssldyn_moments_options *options = &spec->moments;
    *request = (struct ssldyn_moments_request){0};
    resolve(spec, &request->augmentation);
    request->path_count = 1;
    request->paths = (const char *const *)&spec->data;
    request->memory = ssldyn_spec_memory(spec, "data");
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
