/* Alignment analysis of eigenvalues and cosines alone. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_SPECTRA_H
#define SSLDYN_SIM_ALIGN_ALIGN_SPECTRA_H

#include "sim/align/align.h"

/* request->spectra: an array (align_spectra_array.h), or a table with s_1 ... s_n in descending
 * order and wpe_1 ... (or p_1 ...), and optionally cos_j, asymmetry, and the time in t, epoch or
 * step (else the number of the row). Quantities that are not in the table are NaN. EINPUT if
 * those columns are missing or s is not descending. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_spectra(const struct ssldyn_align_request *request, struct ssldyn_align_report *report,
                     struct ssldyn_error *err);

/* Opens directory/trace.tsv for the rows of such an analysis; creates the directory if it is
 * missing. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_spectra_open(const char *directory, size_t modes,
                                                               struct ssldyn_trace **trace,
                                                               struct ssldyn_error *err);

#endif
