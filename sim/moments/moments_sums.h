/* Sums over pairs of views, one set per group of images. For moments.c. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_MOMENTS_MOMENTS_SUMS_H
#define SSLDYN_SIM_MOMENTS_MOMENTS_SUMS_H

#include "sim/moments/moments.h"
#include "sim/moments/views.h"

/* Maximum number of images read at a time; it affects the last digits of the results. Fewer if
 * images are large. */
enum { SSLDYN_MOMENTS_BLOCK = 512, SSLDYN_MOMENTS_BLOCK_NUMBERS = 1 << 24 };

/* Sums of one group, later turned into its X and X'. Upper triangles only while summing. */
struct ssldyn_moments_group {
    size_t pairs;
    double *mean;  /* n: sum of m, then their mean */
    double *first; /* n x n: sum of m m^T, then X */
    double *other; /* n x n: sum of d d^T, then X' */
    double *block; /* holds all of these */
};

struct ssldyn_moments_sums {
    size_t n; /* features of a view */
    size_t group_count;
    struct ssldyn_moments_group *groups; /* owned */
    struct ssldyn_views views;
    size_t threads;
    double *m, *d;     /* block x n: of the current pairs */
    float *workspaces; /* threads x workspace_size */
    size_t workspace_size;
};

/* Checks the request against the images and allocates the memory. Clear it in every case. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_moments_sums_init(const struct ssldyn_moments_request *request,
                         const struct ssldyn_image_size *size, size_t group_count,
                         struct ssldyn_moments_sums *sums, struct ssldyn_error *err);
void ssldyn_moments_sums_clear(struct ssldyn_moments_sums *sums);

/* Adds one pair of views of each of count <= SSLDYN_MOMENTS_BLOCK images to one group; the views
 * are those of pairs number first_pair ... of the seed. */
void ssldyn_moments_sums_add(struct ssldyn_moments_sums *sums, uint64_t seed, size_t group,
                             size_t count, const float images[], uint64_t first_pair);

#endif
