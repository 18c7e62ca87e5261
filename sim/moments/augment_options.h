/* The augmentation defined by the options of views. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_AUGMENT_OPTIONS_H
#define SSLDYN_SIM_MOMENTS_AUGMENT_OPTIONS_H

#include "sim/moments/augment.h"
#include "sim/options/settings.h"
#include "sim/options/view_options.h"

/* Starts from the named augmentation and replaces what was given; then stores the result in
 * options. */
void ssldyn_augment_options_resolve(const struct ssldyn_settings *settings,
                                    struct ssldyn_view_options *options,
                                    struct ssldyn_augmentation *augmentation);

#endif
