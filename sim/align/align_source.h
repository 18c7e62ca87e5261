/* Where the snapshots of an alignment analysis come from: one after the other, whatever the files.
 */
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

/* Sizes, and what the observer needs (NULL: unknown). */
struct ssldyn_align_sizes {
    size_t snapshots, n1, n2;
    size_t features; /* N, 0: none */
    size_t samples;  /* that F was made from, of features or not; 0: unknown, or none */
    enum ssldyn_mean mean;
    bool population; /* moments without sampling error */
    const struct ssldyn_parameters *parameters;
    const struct ssldyn_moments *moments;
    bool layered;    /* a run of several layers, of which rates say other things */
    bool loss_known; /* X' is known as well */
};
struct ssldyn_align_sizes ssldyn_align_source_sizes(const struct ssldyn_align_source *source);

/* Memory for one snapshot, to be cleared. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_source_slot(const struct ssldyn_align_source *source, struct ssldyn_align_slot *slot,
                         struct ssldyn_error *err);

/* Reads the next snapshot into a slot. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_source_next(struct ssldyn_align_source *source,
                                                              struct ssldyn_align_slot *slot,
                                                              struct ssldyn_error *err);

/* Writes what was skipped, or nothing, into the verdict; returns how many snapshots that were. */
size_t ssldyn_align_source_skipped(const struct ssldyn_align_source *source,
                                   struct ssldyn_verdict *verdict);

/* What layers the predictor is the product of, into text; empty for a single matrix. */
void ssldyn_align_source_layers(const struct ssldyn_align_source *source, char text[], size_t size);

#endif
