/* Spectra given as an array, turned into a table with named columns. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_SPECTRA_ARRAY_H
#define SSLDYN_SIM_ALIGN_ALIGN_SPECTRA_ARRAY_H

#include "sim/align/align.h"
#include "sim/io/trace.h"

/* Whether spectra is an array: one in memory, or a file whose name ends in .npy. */
bool ssldyn_align_spectra_is_array(const char *spectra, const struct ssldyn_arrays *memory);

/* 2 x n or 3 x n numbers, or a stack of them, one per snapshot: the rows are s_j, wpe_j and, if
 * there are three, cos_j; the table has a column t if request->times is given. EINPUT for other
 * shapes and for non-finite entries. Clear the table. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_spectra_array(const struct ssldyn_align_request *request, struct ssldyn_table *table,
                           struct ssldyn_error *err);

#endif
