/* The state of a run. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_BYOL_INTERNAL_H
#define EXPERIMENTS_GPU_BYOL_INTERNAL_H

#include "experiments/gpu/byol.h"

/* Parameters updated by one call of the optimizer. */
struct byol_segment {
    size_t first, count;
    struct ops_sgd sgd;
};

struct byol {
    const struct ops *ops;
    struct ops_context *context;
    struct byol_config config;
    struct net *online;
    struct net *target;  /* NULL: the online network is its own target */
    void *momentum;      /* STATE, as the online weights */
    double *correlation; /* output x output */
    double *metrics;     /* OPS_METRICS */
    struct ops_clock clock;
    void *knobs; /* host, STATE: the clock's table */
    struct byol_segment *segments;
    size_t segment_count;
    int64_t steps;
};

#endif
