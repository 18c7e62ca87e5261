/* The arrays in a file (matrices.h). */
// SPDX-License-Identifier: MIT
#include "sim/io/matrices.h"

#include "sim/base/memory.h"
#include "sim/io/array_file.h"
#include "sim/io/file_series.h"

#include <stdio.h>
#include <stdlib.h>

void ssldyn_matrices_names_clear(struct ssldyn_matrices_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    free(names->shapes);
    free(names->file);
    free(names->name);
    *names = (struct ssldyn_matrices_names){0};
}

/* Records the arrays of a file (array_choice.h). */
static enum ssldyn_status record_names(const struct ssldyn_candidates *candidates, void *context,
                                       struct ssldyn_error *err)
{
    struct ssldyn_matrices_names *names = context;
    names->names = ssldyn_memory_array(candidates->count, sizeof *names->names);
    names->shapes = ssldyn_memory_array(candidates->count, sizeof *names->shapes);
    if (names->names == NULL || names->shapes == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < candidates->count; i++) {
        names->names[i] = ssldyn_memory_copy(candidates->names[i]);
        if (names->names[i] == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        names->count++;
        if (!candidates->shape(candidates->context, i, &names->shapes[i]))
            names->shapes[i] = (struct ssldyn_array){0};
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_matrices_list(const char *argument, const char *option,
                                        struct ssldyn_matrices_names *names,
                                        struct ssldyn_error *err)
{
    struct ssldyn_file_series files = {0};
    struct ssldyn_entries entries;
    struct ssldyn_array array = {0};
    FILE *stream = NULL;
    *names = (struct ssldyn_matrices_names){0};
    const struct ssldyn_need need = {
        .option = option, .list_arrays = record_names, .context = names};
    enum ssldyn_status status = ssldyn_array_file_split(argument, &names->file, &names->name, err);
    if (status == SSLDYN_OK)
        status = ssldyn_file_series_find(names->file, option, &files, err);
    /* A file of one array has no names and accepts none; reading it reports that. */
    if (status == SSLDYN_OK)
        status =
            ssldyn_array_file_open(files.paths[0], NULL, &need, &stream, &entries, &array, err);
    if (stream != NULL)
        fclose(stream);
    ssldyn_file_series_clear(&files);
    /* The names are recorded; it does not matter here if the first array cannot be read. */
    if (status == SSLDYN_EINPUT && names->count > 0)
        status = SSLDYN_OK;
    if (status != SSLDYN_OK)
        ssldyn_matrices_names_clear(names);
    return status;
}
