/* A run small enough for tests: two blocks, 8 x 8 images, batches of 6. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_TESTS_SMALL_H
#define EXPERIMENTS_GPU_TESTS_SMALL_H

#include "experiments/gpu/byol.h"

#include <string.h>

static inline struct byol_config small_config(void)
{
    struct byol_config config;
    byol_defaults(&config);
    config.net.image = 8;
    config.net.width = 4;
    memcpy(config.net.blocks, (int[NET_STAGES]){1, 1, 0, 0}, sizeof(config.net.blocks));
    config.net.projector_hidden = 12;
    config.net.output = 6;
    config.batch = 6;
    config.epochs = 2;
    config.steps = 4;
    config.lr = 0.05;
    config.gamma_a = 0.9;
    return config;
}

#endif
