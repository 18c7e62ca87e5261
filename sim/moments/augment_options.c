/* The augmentation defined by the options of views. */
// SPDX-License-Identifier: MIT
#include "sim/moments/augment_options.h"

/* In the order of the option's choices. */
static const char *const names[] = {"none", "weak", "cifar", "stl"};

void ssldyn_augment_options_resolve(const struct ssldyn_settings *settings,
                                    struct ssldyn_view_options *options,
                                    struct ssldyn_augmentation *augmentation)
{
    *augmentation = *ssldyn_augment_named(names[options->augmentation]);
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
        {"gray", &options->gray, &augmentation->gray},
        {"blur", &options->blur, &augmentation->blur},
        {"blur-min", &options->blur_min, &augmentation->blur_minimum},
        {"blur-max", &options->blur_max, &augmentation->blur_maximum},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (ssldyn_settings_given(settings, numbers[i].option)) {
            *numbers[i].setting = *numbers[i].typed;
        }
        *numbers[i].typed = *numbers[i].setting;
    }
    if (ssldyn_settings_given(settings, "crop-pad")) {
        augmentation->pad = (size_t)options->crop_pad;
    }
    if (ssldyn_settings_given(settings, "blur-kernel")) {
        augmentation->blur_kernel = (size_t)options->blur_kernel;
    }
    options->crop_pad = (int64_t)augmentation->pad;
    options->blur_kernel = (int64_t)augmentation->blur_kernel;
}
