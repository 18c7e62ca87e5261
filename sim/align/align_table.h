/* The tables that an analysis writes besides trace.tsv: files of its directory, texts for whoever
 * takes them, or both. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_TABLE_H
#define SSLDYN_SIM_ALIGN_ALIGN_TABLE_H

#include "sim/align/align.h"
#include "sim/io/file.h"

#include <stdio.h>

struct ssldyn_align_table {
    FILE *stream; /* to print on; NULL: nobody wants the table */
    const struct ssldyn_align_request *request;
    const char *name;
    struct ssldyn_file file; /* where it goes straight into the directory */
    char *text;              /* where it is taken */
    size_t size;
};

/* Opens the table of that name, "knobs.tsv"; request and name are borrowed. ENOMEM, EIO. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_table_open(const struct ssldyn_align_request *request, const char *name,
                        struct ssldyn_align_table *table, struct ssldyn_error *err);
/* Ends it: the file gets its name, the text is handed over. Fine where nobody wants it. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_align_table_close(struct ssldyn_align_table *table,
                                                              struct ssldyn_error *err);
/* Gives it up; fine on one that is closed, or zeroed. */
void ssldyn_align_table_abandon(struct ssldyn_align_table *table);

/* knobs.tsv of the modes, and margins.tsv where margins were asked for; nothing without modes. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_table_knobs(const struct ssldyn_align_request *request,
                         const struct ssldyn_knobs *knobs, struct ssldyn_error *err);

/* Hands a row to whoever takes rows. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_align_table_row(const struct ssldyn_align_request *request,
                       const struct ssldyn_layout *layout, size_t modes, const double row[],
                       struct ssldyn_error *err);

#endif
