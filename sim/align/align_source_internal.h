/* Internals of a source of snapshots, shared by the files align_source*. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_SOURCE_INTERNAL_H
#define SSLDYN_SIM_ALIGN_ALIGN_SOURCE_INTERNAL_H

#include "sim/align/align_run.h"
#include "sim/align/align_source.h"
#include "sim/align/predictor_layers.h"
#include "sim/io/matrices.h"
#include "sim/io/npy.h"

/* The arrays that a snapshot may have. */
enum part { PART_WP, PART_F, PART_W, PART_WA, PART_FEATURES, PART_OUTPUTS, PART_MEAN, PARTS };
extern const char *const ssldyn_align_source_options[PARTS]; /* their names in messages */

struct ssldyn_align_source {
    struct ssldyn_predictor_layers *predictor; /* NULL: not given, as below */
    struct ssldyn_matrices *parts[PARTS];      /* except PART_WP, which is the predictor */
    struct ssldyn_align_run run; /* of a run directory; otherwise only its moments are used, from
                                  * --x */
    struct ssldyn_align_sizes sizes;
    bool centered;
    size_t frames; /* number of frames in the files; sizes.snapshots excludes the bad ones */
    bool *bad;     /* one per frame; NULL: bad frames are not skipped */
    size_t done;   /* number of frames read */
};

/* Opens the series that make up a snapshot. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_source_parts(struct ssldyn_align_source *source,
                          const struct ssldyn_align_request *request, struct ssldyn_error *err);

/* Reads the rest of a request's data, which needs the sizes: X and X', times. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_source_data(struct ssldyn_align_source *source,
                         const struct ssldyn_align_request *request, struct ssldyn_error *err);

/* Determines the sizes from the matrix that defines F, and refuses what does not fit them. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_source_check(struct ssldyn_align_source *source,
                          const struct ssldyn_align_request *request, struct ssldyn_error *err);

#endif
