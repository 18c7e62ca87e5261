/* Random views of images as options say them: what options_views.inc fills in. A setting that was
 * not given is that of the named augmentation (sim/moments/augment_options). */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OPTIONS_VIEW_OPTIONS_H
#define SSLDYN_SIM_OPTIONS_VIEW_OPTIONS_H

#include <stdint.h>

struct ssldyn_view_options {
    int augmentation; /* index of its choices */
    double crop_scale, crop_ratio;
    int64_t crop_pad;
    double flip, jitter, brightness, contrast, saturation, hue, gray;
    double blur, blur_min, blur_max;
    int64_t blur_kernel;
};

#endif
