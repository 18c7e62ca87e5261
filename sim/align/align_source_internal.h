/* What a source of snapshots holds; for the files of align_source alone. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_SOURCE_INTERNAL_H
#define SSLDYN_SIM_ALIGN_ALIGN_SOURCE_INTERNAL_H

#include "sim/align/align_run.h"
#include "sim/align/align_source.h"
#include "sim/align/predictor_layers.h"
#include "sim/io/matrices.h"
#include "sim/io/npy.h"

/* The arrays a snapshot may consist of. */
enum part { PART_WP, PART_F, PART_W, PART_WA, PART_FEATURES, PART_OUTPUTS, PART_MEAN, PARTS };
extern const char *const ssldyn_align_source_options[PARTS]; /* how messages call them */

struct ssldyn_align_source {
    struct ssldyn_predictor_layers *predictor; /* NULL: not given, as below */
    struct ssldyn_matrices *parts[PARTS];      /* but for PART_WP, which is the predictor */
    struct ssldyn_align_run run; /* of a run directory; else its moments alone, of --x */
    struct ssldyn_align_sizes sizes;
    bool centered;
    size_t frames; /* of the files; sizes.snapshots without the bad ones */
    bool *bad;     /* frames; NULL: none is looked for */
    size_t done;   /* frames */
};

/* Opens the series that a snapshot consists of. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_source_parts(struct ssldyn_align_source *source,
                          const struct ssldyn_align_request *request, struct ssldyn_error *err);

/* Reads the rest of a request's data, for which the sizes must be known: X and X', times. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_source_data(struct ssldyn_align_source *source,
                         const struct ssldyn_align_request *request, struct ssldyn_error *err);

/* Sets the sizes by the matrix that carries F, and refuses what does not fit them. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_source_check(struct ssldyn_align_source *source,
                          const struct ssldyn_align_request *request, struct ssldyn_error *err);

#endif
