/* The tables that an analysis writes in addition to trace.tsv: as files in its directory, as
 * texts for the caller, or both. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_TABLE_H
#define SSLDYN_SIM_ALIGN_ALIGN_TABLE_H

#include "sim/align/align.h"
#include "sim/io/file.h"

#include <stdio.h>

struct ssldyn_align_table {
    FILE *stream; /* to print on; NULL: the table is not wanted */
    const struct ssldyn_align_request *request;
    const char *name;
    struct ssldyn_file file; /* used if the table is only written into the directory */
    char *text;              /* used if the table is passed to the caller */
    size_t size;
};

/* Opens the table of that name, "knobs.tsv"; request and name are borrowed. ENOMEM, EIO. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_table_open(const struct ssldyn_align_request *request, const char *name,
                        struct ssldyn_align_table *table, struct ssldyn_error *err);
/* Ends the table: the file gets its final name, the text is passed on. Does nothing if the table
 * is not wanted. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_table_close(struct ssldyn_align_table *table,
                                                              struct ssldyn_error *err);
/* Discards it; allowed on a closed or zeroed table. */
void ssldyn_align_table_abandon(struct ssldyn_align_table *table);

/* knobs.tsv of the modes, and margins.tsv if margins were requested; nothing without modes. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_table_knobs(const struct ssldyn_align_request *request,
                         const struct ssldyn_knobs *knobs, struct ssldyn_error *err);

/* Passes a row to the caller, if it wants rows. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_table_row(const struct ssldyn_align_request *request,
                       const struct ssldyn_layout *layout, size_t modes, const double row[],
                       struct ssldyn_error *err);

#endif
