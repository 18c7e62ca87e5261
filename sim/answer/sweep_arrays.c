/* A sweep in memory as a result. */
// SPDX-License-Identifier: MIT
#include "sim/answer/sweep_arrays.h"

#include "sim/answer/answer_file.h"
#include "sim/base/memory.h"
#include "sim/io/npy.h"
#include "sim/sweep/shares.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME = 80 };

/* The shape of a grid over the first axes, or for a Sobol sample the number of points; returns
 * the number of dimensions. */
static size_t shape_of(const struct ssldyn_axes *axes, size_t count,
                       size_t shape[SSLDYN_DIMENSIONS])
{
    if (axes->sobol) {
        shape[0] = (size_t)axes->points;
        return 1;
    }
    for (size_t i = 0; i < count; i++) {
        shape[i] = axes->axis[i].values.count;
    }
    return count;
}

/* The words of an axis, "zero,copy". */
static void put_words(const struct ssldyn_axis *axis, const char *name,
                      struct ssldyn_result *result)
{
    FILE *stream = ssldyn_result_begin_text(result, name);
    if (stream) {
        for (size_t i = 0; axis->words[i]; i++) {
            fprintf(stream, "%s%s", i ? "," : "", axis->words[i]);
        }
        ssldyn_result_end_text(result);
    }
}

/* The axes of a sample: one number per point for each axis. */
static enum ssldyn_status put_sample(const struct ssldyn_axes *axes, double *const arrays[],
                                     struct ssldyn_error *err)
{
    struct ssldyn_axes_walk *walk = NULL;
    const enum ssldyn_status status = ssldyn_axes_walk_create(axes, &walk, err);
    for (int64_t i = 0; status == SSLDYN_OK && i < axes->points; i++) {
        double values[SSLDYN_AXES_MAXIMUM];
        ssldyn_axes_walk_read(walk, i, values);
        for (size_t k = 0; k < axes->count; k++) {
            arrays[k][i] = values[k];
        }
    }
    ssldyn_axes_walk_free(walk);
    return status;
}

static enum ssldyn_status put_axes(const struct ssldyn_axes *axes, struct ssldyn_result *result,
                                   struct ssldyn_error *err)
{
    double *arrays[SSLDYN_AXES_MAXIMUM];
    for (size_t i = 0; i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        const size_t count = axes->sobol ? (size_t)axes->points : axis->values.count;
        char key[SSLDYN_AXES_KEY_SIZE];
        char name[NAME];
        (void)snprintf(name, sizeof name, "axis_%s", ssldyn_axes_key(axis, key));
        arrays[i] = ssldyn_result_put_array(result, name, 1, &count);
        if (!arrays[i]) {
            return ssldyn_result_check(result, err);
        }
        if (axis->words) {
            put_words(axis, name, result);
        }
        if (!axes->sobol) {
            memcpy(arrays[i], axis->values.values, count * sizeof(double));
        }
    }
    return axes->sobol ? put_sample(axes, arrays, err) : SSLDYN_OK;
}

/* Adds the arrays of --average. */
static enum ssldyn_status put_shares(const struct ssldyn_sweep *sweep, struct ssldyn_result *result,
                                     struct ssldyn_error *err)
{
    const size_t width = ssldyn_sweep_share_width(sweep);
    size_t shape[SSLDYN_DIMENSIONS];
    const size_t sides = shape_of(ssldyn_sweep_axes(sweep), ssldyn_sweep_share_axes(sweep), shape);
    if (width == 0) {
        return SSLDYN_OK;
    }
    double **arrays = ssldyn_memory_array(width, sizeof *arrays);
    enum ssldyn_status status =
        arrays ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; status == SSLDYN_OK && i < width; i++) {
        char share[SSLDYN_SHARES_NAME];
        char name[NAME];
        (void)snprintf(name, sizeof name, "average_%s",
                       ssldyn_shares_name(ssldyn_sweep_columns(sweep), i, share));
        arrays[i] = ssldyn_result_put_array(result, name, sides, shape);
        status = arrays[i] ? SSLDYN_OK : ssldyn_result_check(result, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_sweep_share(sweep, arrays, err);
    }
    free(arrays);
    return status;
}

/* Adds the points of the line that starts at first; returns the index after its last point. */
static size_t put_line(const struct ssldyn_lines *lines, size_t first, struct ssldyn_result *result)
{
    enum { BRANCH, X, Y, WIDTH, NUMBERS };
    size_t end = first;
    while (end < lines->count && strcmp(lines->points[end].line, lines->points[first].line) == 0) {
        end++;
    }
    const size_t shape[2] = {end - first, NUMBERS};
    char name[NAME];
    (void)snprintf(name, sizeof name, "line_%s", lines->points[first].line);
    double *rows = ssldyn_result_put_array(result, name, 2, shape);
    for (size_t i = first; rows && i < end; i++, rows += NUMBERS) {
        const struct ssldyn_line_point *point = &lines->points[i];
        rows[BRANCH] = (double)point->branch;
        rows[X] = point->at[0];
        rows[Y] = point->at[1];
        rows[WIDTH] = point->width;
    }
    return end;
}

/* Adds the arrays of --lines. */
static enum ssldyn_status put_lines(struct ssldyn_sweep *sweep, struct ssldyn_result *result,
                                    struct ssldyn_error *err)
{
    const struct ssldyn_lines *lines = NULL;
    const enum ssldyn_status status = ssldyn_sweep_find_lines(sweep, &lines, err);
    for (size_t i = 0; status == SSLDYN_OK && i < lines->count;) {
        i = put_line(lines, i, result);
    }
    return status;
}

/* Allocates the arrays of the columns in the result; NULL: out of memory. */
static double **put_columns(const struct ssldyn_sweep *sweep, struct ssldyn_result *result,
                            struct ssldyn_error *err)
{
    const struct ssldyn_axes *axes = ssldyn_sweep_axes(sweep);
    const struct ssldyn_columns *columns = ssldyn_sweep_columns(sweep);
    size_t shape[SSLDYN_DIMENSIONS];
    const size_t sides = shape_of(axes, axes->count, shape);
    double **arrays = ssldyn_memory_array(columns->count, sizeof *arrays);
    bool fine = arrays != NULL;
    for (size_t i = 0; fine && i < columns->count; i++) {
        arrays[i] = ssldyn_result_put_array(result, columns->names[i], sides, shape);
        fine = arrays[i] != NULL;
    }
    if (!fine) {
        (void)ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the columns of a sweep");
        free(arrays);
        return NULL;
    }
    return arrays;
}

/* Reads one column from its file. */
static enum ssldyn_status read_column(const char *directory, const char *name, int64_t points,
                                      double column[], struct ssldyn_error *err)
{
    char file[NAME];
    struct ssldyn_array array = {0};
    (void)snprintf(file, sizeof file, "%s.npy", name);
    char *path = ssldyn_file_path_join(directory, file);
    enum ssldyn_status status = path ? ssldyn_npy_read(path, true, &array, err)
                                     : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK && array.count != (size_t)points) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: does not belong to this sweep", path);
    } else if (status == SSLDYN_OK) {
        memcpy(column, array.data, array.count * sizeof *column);
    }
    ssldyn_npy_array_clear(&array);
    free(path);
    return status;
}

static enum ssldyn_status write_sweep(const struct ssldyn_result *result, const void *context,
                                      const char *directory, struct ssldyn_error *err)
{
    (void)result; /* the sweep borrows arrays of the result */
    return ssldyn_sweep_write(context, directory, err);
}

static void release_sweep(void *context)
{
    ssldyn_sweep_close(context);
}

/* Opens the sweep, which the result then owns, and adds its axes and the arrays for its columns. */
static enum ssldyn_status open_sweep(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                     struct ssldyn_sweep **sweep, double ***arrays,
                                     struct ssldyn_error *err)
{
    *arrays = NULL;
    enum ssldyn_status status = ssldyn_sweep_open(spec, sweep, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_result_set_writer(result, write_sweep, *sweep, release_sweep);
    ssldyn_answer_file_put_spec(spec, result);
    *arrays = put_columns(*sweep, result, err);
    return *arrays ? put_axes(ssldyn_sweep_axes(*sweep), result, err) : SSLDYN_ENOMEM;
}

/* Reads the outcomes of a finished sweep from the files in directory. */
static enum ssldyn_status read_columns(struct ssldyn_sweep *sweep, const char *directory,
                                       double *const arrays[], struct ssldyn_sweep_report *report,
                                       struct ssldyn_error *err)
{
    const struct ssldyn_columns *columns = ssldyn_sweep_columns(sweep);
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < columns->count; i++) {
        status = read_column(directory, columns->names[i], ssldyn_sweep_axes(sweep)->points,
                             arrays[i], err);
    }
    return status == SSLDYN_OK ? ssldyn_sweep_adopt(sweep, arrays, report, err) : status;
}

enum ssldyn_status ssldyn_sweep_arrays_fill(const struct ssldyn_spec *spec, const char *directory,
                                            struct ssldyn_result *result,
                                            struct ssldyn_sweep_report *report,
                                            struct ssldyn_error *err)
{
    struct ssldyn_sweep *sweep = NULL;
    double **arrays = NULL;
    enum ssldyn_status status = open_sweep(spec, result, &sweep, &arrays, err);
    if (status == SSLDYN_OK) {
        status = directory ? read_columns(sweep, directory, arrays, report, err)
                           : ssldyn_sweep_compute(sweep, arrays, report, err);
    }
    if (status == SSLDYN_OK) {
        status = put_shares(sweep, result, err);
    }
    if (status == SSLDYN_OK) {
        status = put_lines(sweep, result, err);
    }
    free(arrays);
    return status;
}
