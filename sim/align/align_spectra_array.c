/* Spectra out of an array (align_spectra_array.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_spectra_array.h"

#include "sim/align/align_run.h"
#include "sim/base/memory.h"
#include "sim/io/array_file.h"

#include <stdlib.h>
#include <string.h>

static const char *const stems[] = {"s", "wpe", "cos"}; /* the meaning of the rows */
enum { LEAST = 2, STEMS = 3, NAME = 32 };

bool ssldyn_align_spectra_is_array(const char *spectra, const struct ssldyn_arrays *memory)
{
    const size_t length = strlen(spectra);
    return ssldyn_arrays_find(memory, "spectra", 0) != NULL ||
           (length > 4 && strcmp(spectra + length - 4, ".npy") == 0);
}

static enum ssldyn_status check_shape(const char *spectra, const struct ssldyn_array *array,
                                      struct ssldyn_error *err)
{
    char shape[200];
    const size_t kinds = array->shape[array->dimensions - 2];
    if (kinds >= LEAST && kinds <= STEMS)
        return SSLDYN_OK;
    ssldyn_array_choice_shape_text(array, shape, sizeof shape);
    return ssldyn_fail(
        err, SSLDYN_EINPUT,
        "--spectra %.200s: has the shape %s; must be 2 x n (eigenvalues of F and of Wp), "
        "3 x n (these and the cosines), or a stack of such arrays",
        spectra, shape);
}

/* Allocates the table and the names of its columns "s_1", "wpe_1", ..., and "t" if timed; false
 * if out of memory. */
static bool make_table(struct ssldyn_table *table, size_t rows, size_t kinds, size_t modes,
                       bool timed)
{
    const size_t count = kinds * modes;
    table->rows = rows;
    table->names = ssldyn_memory_array(count + 1, sizeof *table->names);
    table->values = ssldyn_memory_array(rows, (count + 1) * sizeof(double));
    if (table->names == NULL || table->values == NULL)
        return false;
    for (size_t i = 0; i < count + (timed ? 1 : 0); i++) {
        table->names[i] = ssldyn_memory_array(NAME, 1);
        if (table->names[i] == NULL)
            return false;
        table->columns++;
        if (i == count)
            (void)snprintf(table->names[i], NAME, "t");
        else
            (void)snprintf(table->names[i], NAME, "%s_%zu", stems[i / modes], i % modes + 1);
    }
    return true;
}

/* Copies the rows of the array, each followed by its time if there are times. */
static void fill(struct ssldyn_table *table, const double numbers[], const double times[])
{
    const size_t width = table->columns - (times != NULL ? 1 : 0);
    for (size_t i = 0; i < table->rows; i++) {
        double *row = table->values + i * table->columns;
        memcpy(row, numbers + i * width, width * sizeof(double));
        if (times != NULL)
            row[width] = times[i];
    }
}

enum ssldyn_status ssldyn_align_spectra_array(const struct ssldyn_align_request *request,
                                              struct ssldyn_table *table, struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};
    struct ssldyn_array times = {0};
    *table = (struct ssldyn_table){0};
    const struct ssldyn_need need = {.option = "--spectra",
                                     .role = "spectra",
                                     .least = 2,
                                     .most = 3,
                                     .memory = ssldyn_arrays_find(request->memory, "spectra", 0),
                                     .borrow = true};
    enum ssldyn_status status = ssldyn_array_file_read(request->spectra, &need, &array, err);
    if (status == SSLDYN_OK)
        status = check_shape(request->spectra, &array, err);
    const size_t rows = array.dimensions > 2 ? array.shape[0] : 1;
    if (status == SSLDYN_OK)
        status = ssldyn_align_run_times(request->times, request->memory, rows, &times, err);
    if (status == SSLDYN_OK) {
        const size_t *shape = array.shape + (array.dimensions - 2);
        if (make_table(table, rows, shape[0], shape[1], times.data != NULL))
            fill(table, array.data, times.data);
        else
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the spectra");
    }
    ssldyn_npy_array_clear(&array);
    ssldyn_npy_array_clear(&times);
    if (status != SSLDYN_OK)
        ssldyn_table_clear(table);
    return status;
}
