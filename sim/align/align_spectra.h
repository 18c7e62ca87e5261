/* Alignment analysis where only eigenvalues and cosines were kept. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_SPECTRA_H
#define SSLDYN_SIM_ALIGN_ALIGN_SPECTRA_H

#include "sim/align/align.h"

/* request->spectra: an array (align_spectra_array.h), or a table with s_1 ... s_n in descending
 * order and wpe_1 ... (or p_1 ...), and optionally cos_j, asymmetry, and the time in t, epoch or
 * step (else the row's place). What the table does not tell is NaN. EINPUT for a table without those
 * columns, or with s that rise. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_spectra(const struct ssldyn_align_request *request, struct ssldyn_align_report *report,
                     struct ssldyn_error *err);

/* Opens directory/trace.tsv, in a directory made where it is missing, for the rows of such an
 * analysis. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_spectra_open(const char *directory, size_t modes,
                                                               struct ssldyn_trace **trace,
                                                               struct ssldyn_error *err);

#endif
