/* The source of the snapshots of an alignment analysis: returns them one by one, from any kind
 * of input. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_SOURCE_H
#define SSLDYN_SIM_ALIGN_ALIGN_SOURCE_H

#include "sim/align/align.h"
#include "sim/align/align_slot.h"

struct ssldyn_align_source;

/* Opens the files of a request (not spectra). */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_source_open(const struct ssldyn_align_request *request,
                         struct ssldyn_align_source **source, struct ssldyn_error *err);
void ssldyn_align_source_close(struct ssldyn_align_source *source);

/* Sizes, and the inputs of the observer (NULL: unknown). */
struct ssldyn_align_sizes {
    size_t snapshots, n1, n2;
    size_t features; /* N; 0: no features */
    size_t samples;  /* number of samples behind F, from features or not; 0: unknown, or none */
    enum ssldyn_mean mean;
    bool population; /* moments without sampling error */
    const struct ssldyn_parameters *parameters;
    const struct ssldyn_moments *moments;
    bool layered;    /* a run with several layers, for which the rates mean other things */
    bool loss_known; /* X' is known as well */
};
struct ssldyn_align_sizes ssldyn_align_source_sizes(const struct ssldyn_align_source *source);

/* Memory for one snapshot; clear it. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_source_slot(const struct ssldyn_align_source *source, struct ssldyn_align_slot *slot,
                         struct ssldyn_error *err);

/* Reads the next snapshot into a slot. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_source_next(struct ssldyn_align_source *source,
                                                              struct ssldyn_align_slot *slot,
                                                              struct ssldyn_error *err);

/* Appends to the verdict how many snapshots were skipped, if any; returns that number. */
size_t ssldyn_align_source_skipped(const struct ssldyn_align_source *source,
                                   struct ssldyn_verdict *verdict);

/* Describes the layers of which the predictor is the product, into text; empty for a single
 * matrix. */
void ssldyn_align_source_layers(const struct ssldyn_align_source *source, char text[], size_t size);

#endif
