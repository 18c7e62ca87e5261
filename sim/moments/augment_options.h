/* The augmentation that options of views make. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_AUGMENT_OPTIONS_H
#define SSLDYN_SIM_MOMENTS_AUGMENT_OPTIONS_H

#include "sim/moments/augment.h"
#include "sim/options/settings.h"
#include "sim/options/view_options.h"

/* The named augmentation with what was given in its place; then options holds what came of it. */
void ssldyn_augment_options_resolve(const struct ssldyn_settings *settings,
                                    struct ssldyn_view_options *options,
                                    struct ssldyn_augmentation *augmentation);

#endif
