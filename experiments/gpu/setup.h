/* The objects that make up a run, created from its options: backend, images, networks,
 * measurements. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_SETUP_H
#define EXPERIMENTS_GPU_SETUP_H

#include "experiments/gpu/feed.h"
#include "experiments/gpu/observe.h"
#include "experiments/gpu/options.h"
#include "experiments/gpu/probe.h"

struct setup {
    const struct ops *ops;
    struct ops_context *context;
    struct dataset data;        /* training images */
    struct dataset train, test; /* images of the linear probe; empty without one */
    struct augment_recipe recipe;
    struct feed feed;
    struct byol_config config;
    struct byol *byol;
    struct observe *observe;
    struct probe *probe; /* NULL: none */
};

/* EINPUT names the invalid option or file. Call setup_close even after a failure. */
SSLDYN_MUST_CHECK enum ssldyn_status setup_open(const struct options *options, struct setup *setup,
                                                struct ssldyn_error *err);
void setup_close(struct setup *setup);

#endif
