/* Tables of an analysis (align_table.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_table.h"

#include <stdlib.h>

static bool is_taken(const struct ssldyn_align_request *request)
{
    return request->taker != NULL && request->taker->table != NULL;
}

enum ssldyn_status ssldyn_align_table_open(const struct ssldyn_align_request *request,
                                           const char *name, struct ssldyn_align_table *table,
                                           struct ssldyn_error *err)
{
    *table = (struct ssldyn_align_table){.request = request, .name = name};
    if (is_taken(request)) {
        table->stream = open_memstream(&table->text, &table->size);
        return table->stream != NULL
                   ? SSLDYN_OK
                   : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %s", name);
    }
    if (request->output == NULL)
        return SSLDYN_OK;
    const enum ssldyn_status status = ssldyn_file_open_in(&table->file, request->output, name, err);
    table->stream = table->file.stream;
    return status;
}

enum ssldyn_status ssldyn_align_table_close(struct ssldyn_align_table *table,
                                            struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    if (table->stream == NULL)
        return SSLDYN_OK;
    if (!is_taken(table->request)) {
        status = ssldyn_file_commit(&table->file, err);
        table->stream = NULL;
        return status;
    }
    const struct ssldyn_align_request *request = table->request;
    const bool whole = fclose(table->stream) == 0 && table->text != NULL;
    table->stream = NULL;
    if (!whole)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %s", table->name);
    if (status == SSLDYN_OK)
        status = request->taker->table(request->taker->context, table->name, table->text, err);
    if (status == SSLDYN_OK && request->output != NULL)
        status = ssldyn_file_print_text(request->output, table->name, table->text, err);
    free(table->text);
    table->text = NULL;
    return status;
}

void ssldyn_align_table_abandon(struct ssldyn_align_table *table)
{
    if (table->stream == NULL)
        return;
    if (is_taken(table->request)) {
        fclose(table->stream);
        free(table->text);
    } else {
        ssldyn_file_abandon(&table->file);
    }
    *table = (struct ssldyn_align_table){0};
}

/* Prints a whole table at once. */
static enum ssldyn_status print_table(const struct ssldyn_align_request *request, const char *name,
                                      void (*print)(const void *object, FILE *stream),
                                      const void *object, struct ssldyn_error *err)
{
    struct ssldyn_align_table table;
    const enum ssldyn_status status = ssldyn_align_table_open(request, name, &table, err);
    if (status == SSLDYN_OK && table.stream != NULL)
        print(object, table.stream);
    return status == SSLDYN_OK ? ssldyn_align_table_close(&table, err) : status;
}

enum ssldyn_status ssldyn_align_table_knobs(const struct ssldyn_align_request *request,
                                            const struct ssldyn_knobs *knobs,
                                            struct ssldyn_error *err)
{
    if (knobs->count == 0)
        return SSLDYN_OK;
    const enum ssldyn_status status =
        print_table(request, "knobs.tsv", ssldyn_knobs_print, knobs, err);
    return status == SSLDYN_OK && knobs->margins.count > 0
               ? print_table(request, "margins.tsv", ssldyn_margins_print_table, &knobs->margins,
                             err)
               : status;
}

enum ssldyn_status ssldyn_align_table_row(const struct ssldyn_align_request *request,
                                          const struct ssldyn_layout *layout, size_t modes,
                                          const double row[], struct ssldyn_error *err)
{
    const struct ssldyn_align_taker *taker = request->taker;
    return taker != NULL && taker->row != NULL ? taker->row(taker->context, layout, modes, row, err)
                                               : SSLDYN_OK;
}
