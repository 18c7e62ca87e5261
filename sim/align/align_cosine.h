/* Snapshots in terms of the cosine loss: c_j, which its flow conserves, plateau and tail, and
 * the spectrum without its scale. One row of cosine.tsv per snapshot, and a paragraph of the
 * verdict. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_COSINE_H
#define SSLDYN_SIM_ALIGN_ALIGN_COSINE_H

#include "sim/align/align.h"
#include "sim/align/plateau.h"
#include "sim/observe/observer.h"

struct ssldyn_align_cosine;

/* Opens output/cosine.tsv (output may be NULL). alpha_p: of a network with equal decays for
 * which C = W W^T - Wp^T Wp/alpha_p can be computed (n1 > 0); NaN: unknown, and so is C. request
 * is borrowed. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_cosine_open(const struct ssldyn_align_request *request, size_t n1, size_t n2,
                         double alpha_p, struct ssldyn_align_cosine **cosine,
                         struct ssldyn_error *err);

/* The next snapshot's row of the observer and its plateau; snapshot and eigenvectors (n2 x n2,
 * columns) are used only with W and Wp, and may be NULL. */
void ssldyn_align_cosine_next(struct ssldyn_align_cosine *cosine, const double row[],
                              const struct ssldyn_plateau *plateau,
                              const struct ssldyn_snapshot *snapshot, const double eigenvectors[]);

/* For the last snapshot, with its weights and the moments: whether p_j is proportional to
 * lambda_d/lambda_s on the plateau, or over all usable modes if there is no plateau. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_cosine_ratio(struct ssldyn_align_cosine *cosine,
                          const struct ssldyn_knobs_input *input, struct ssldyn_error *err);

/* Gives the file its final name, fills the report and frees. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_cosine_close(struct ssldyn_align_cosine *cosine,
                                                               struct ssldyn_cosine_report *report,
                                                               struct ssldyn_error *err);
void ssldyn_align_cosine_abandon(struct ssldyn_align_cosine *cosine);

/* Appends a line to the verdict; nothing if the cosine loss was not considered. */
void ssldyn_align_cosine_append(const struct ssldyn_cosine_report *report,
                                struct ssldyn_verdict *verdict);

#endif
