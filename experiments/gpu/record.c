/* The results of a run, row by row. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROWS = 16 };

/* Columns after the observer's scalars: X(NAME, name, meaning, value), with the value taken from
 * row. */
#define EXTRA_COLUMNS(X)                                                                           \
    X(EPOCH, "epoch", "passes over the images", row->epoch)                                        \
    X(LEARNING_RATE, "learning_rate", "learning rate of the online network", row->learning_rate)   \
    X(ACCURACY, "accuracy",                                                                        \
      "accuracy of the linear probe on the test images, percent, best epoch", row->accuracy)       \
    X(ACCURACY_LAST, "accuracy_last",                                                              \
      "accuracy of the linear probe on the test images, percent, last epoch", row->accuracy_last)  \
    X(KNN, "knn", "accuracy of the nearest neighbors on the test images, percent", row->knn)

/* Columns of each mode after the observer's, with the value taken from common, u^T E[f1 f2^T] u, and
 * s. */
#define EXTRA_MODE_COLUMNS(X)                                                                      \
    X(SHARE, "share",                                                                              \
      "share of s that two views of an image have in common, u^T E[f1 f2^T] u / s", common / s)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct ssldyn_column scalars[] = {SSLDYN_MATRIX_COLUMNS(SSLDYN_LAYOUT_COLUMN)
                                                   EXTRA_COLUMNS(SSLDYN_LAYOUT_COLUMN)};
static const struct ssldyn_column per_mode[] = {SSLDYN_MATRIX_MODE_COLUMNS(SSLDYN_LAYOUT_COLUMN)
                                                    EXTRA_MODE_COLUMNS(SSLDYN_LAYOUT_COLUMN)};
static const char *const words[COUNT(scalars)] = {
    [SSLDYN_MATRIX_LOSS] = "mean loss (--loss) over the steps since the previous row"};
static const struct ssldyn_layout layout = {.scalars = scalars,
                                            .scalar_count = COUNT(scalars),
                                            .per_mode = per_mode,
                                            .per_mode_count = COUNT(per_mode),
                                            .scalar_words = words};

struct record {
    size_t n2, width, rows, capacity;
    size_t count;     /* samples of each mean; 0: no means */
    double *table;    /* rows x width */
    double *t;        /* rows */
    double *Wp, *F;   /* rows x n2 x n2 */
    double *mean;     /* rows x n2 */
    double *observed; /* one row of the observer */
    double *vectors;  /* n2 x n2: eigenvectors of F, in columns */
    double *values;   /* 2 n2: eigenvalues, and one of the vectors */
    struct ssldyn_observer *observer;
};

enum ssldyn_status record_create(size_t n2, size_t count, struct record **out,
                                 struct ssldyn_error *err)
{
    struct record *record = calloc(1, sizeof *record);
    *out = NULL;
    if (record == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    record->n2 = n2;
    record->count = count;
    record->width = ssldyn_layout_width(&layout, n2);
    record->observed = ssldyn_memory_array(record->width, sizeof(double));
    record->vectors = ssldyn_memory_array(n2 * n2, sizeof(double));
    record->values = ssldyn_memory_array(2 * n2, sizeof(double));
    enum ssldyn_status status =
        record->observed != NULL && record->vectors != NULL && record->values != NULL
            ? ssldyn_observer_create(0, n2, NULL, NULL, NULL, &record->observer, err)
            : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status != SSLDYN_OK) {
        record_free(record);
        return status;
    }
    *out = record;
    return SSLDYN_OK;
}

void record_free(struct record *record)
{
    if (record == NULL)
        return;
    ssldyn_observer_free(record->observer);
    free(record->table);
    free(record->t);
    free(record->Wp);
    free(record->F);
    free(record->mean);
    free(record->observed);
    free(record->vectors);
    free(record->values);
    free(record);
}

size_t record_rows(const struct record *record)
{
    return record->rows;
}

double record_last(const struct record *record, const char *column)
{
    if (record->rows == 0)
        return (double)NAN;
    return ssldyn_layout_scalar(&layout, record->table + (record->rows - 1) * record->width,
                                column);
}

/* Replaces *block by a larger copy; false, with *block unchanged, if out of memory. */
static bool grow(double **block, size_t have, size_t want, size_t each)
{
    double *larger = ssldyn_memory_array(want, each * sizeof(double));
    if (larger == NULL)
        return false;
    if (have > 0)
        memcpy(larger, *block, have * each * sizeof(double));
    free(*block);
    *block = larger;
    return true;
}

static enum ssldyn_status reserve_rows(struct record *record, size_t rows, struct ssldyn_error *err)
{
    const size_t area = record->n2 * record->n2;
    if (rows <= record->capacity)
        return SSLDYN_OK;
    size_t capacity = record->capacity > 0 ? 2 * record->capacity : FIRST_ROWS;
    capacity = capacity < rows ? rows : capacity;
    if (!grow(&record->table, record->rows, capacity, record->width) ||
        !grow(&record->t, record->rows, capacity, 1) ||
        !grow(&record->Wp, record->rows, capacity, area) ||
        !grow(&record->F, record->rows, capacity, area) ||
        !grow(&record->mean, record->rows, capacity, record->n2))
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu rows of results", capacity);
    record->capacity = capacity;
    return SSLDYN_OK;
}

/* The columns of the modes of one row: the observer's, each followed by the extra ones. */
static enum ssldyn_status fill_modes(struct record *record, const struct observe_moments *moments,
                                     double line[], struct ssldyn_error *err)
{
    const size_t n2 = record->n2;
    double *vector = record->values + n2;
    const enum ssldyn_status status =
        ssldyn_eigen_once(n2, moments->F, record->values, record->vectors, err);
    for (size_t j = 0; status == SSLDYN_OK && j < n2; j++) {
        double *mode = line + j * COUNT(per_mode);
        for (size_t i = 0; i < n2; i++)
            vector[i] = record->vectors[i * n2 + j];
        const double s = record->values[j];
        const double common =
            record->count > 0 ? ssldyn_dense_form(n2, moments->common, vector) : (double)NAN;
#define VALUE(NAME, name, meaning, value) value,
        const double extras[] = {EXTRA_MODE_COLUMNS(VALUE)};
#undef VALUE
        memcpy(mode, record->observed + ssldyn_layout_matrix_at((enum ssldyn_matrix_mode)0, j),
               SSLDYN_MATRIX_PER_MODE * sizeof(double));
        memcpy(mode + SSLDYN_MATRIX_PER_MODE, extras, sizeof extras);
    }
    return status;
}

enum ssldyn_status record_add(struct record *record, const struct record_row *row,
                              const double Wp[], const struct observe_moments *moments,
                              struct ssldyn_error *err)
{
    const double *F = moments->F;
    const size_t area = record->n2 * record->n2;
    const struct ssldyn_snapshot snapshot = {
        .t = row->t, .step = (double)row->step, .Wp = Wp, .F = F, .tau = (double)NAN};
    enum ssldyn_status status = reserve_rows(record, record->rows + 1, err);
    if (status == SSLDYN_OK)
        status = ssldyn_observer_row(record->observer, &snapshot, record->observed, err);
    if (status != SSLDYN_OK)
        return status;
    double *line = record->table + record->rows * record->width;
#define VALUE(NAME, name, meaning, value) value,
    const double extras[] = {EXTRA_COLUMNS(VALUE)};
#undef VALUE
    memcpy(line, record->observed, SSLDYN_MATRIX_SCALARS * sizeof(double));
    line[SSLDYN_MATRIX_LOSS] = row->loss;
    memcpy(line + SSLDYN_MATRIX_SCALARS, extras, sizeof extras);
    status = fill_modes(record, moments, line + COUNT(scalars), err);
    if (status != SSLDYN_OK)
        return status;
    record->t[record->rows] = row->t;
    memcpy(record->Wp + record->rows * area, Wp, area * sizeof(double));
    memcpy(record->F + record->rows * area, F, area * sizeof(double));
    if (record->count > 0)
        memcpy(record->mean + record->rows * record->n2, moments->mean,
               record->n2 * sizeof(double));
    record->rows++;
    return SSLDYN_OK;
}

/* ---- files */

enum ssldyn_status record_write(const struct record *record, const struct options *options,
                                const char *directory, struct ssldyn_error *err)
{
    const size_t area = record->n2 * record->n2;
    const struct ssldyn_sink_shape shape = {
        .layout = &layout,
        .modes = record->n2,
        .rows = record->rows,
        .snapshots = {
            .Wp = record->n2, .F = record->n2, .mean = record->count > 0 ? record->n2 : 0}};
    struct ssldyn_run_directory files;
    ssldyn_run_directory_init(&files, directory, options_print, options);
    enum ssldyn_status status = ssldyn_sink_open(&files.sink, &shape, err);
    if (status != SSLDYN_OK)
        return status;
    for (size_t i = 0; status == SSLDYN_OK && i < record->rows; i++) {
        const struct ssldyn_frame frame = {.t = record->t[i],
                                           .Wp = record->Wp + i * area,
                                           .F = record->F + i * area,
                                           .mean = record->mean + i * record->n2,
                                           .count = (double)record->count};
        status = ssldyn_sink_row(&files.sink, record->table + i * record->width, err);
        if (status == SSLDYN_OK)
            status = ssldyn_sink_snapshot(&files.sink, &frame, err);
    }
    if (status == SSLDYN_OK)
        return ssldyn_sink_close(&files.sink, err);
    ssldyn_sink_abandon(&files.sink);
    return status;
}

/* Copies the first rows of a stack (rows x each numbers) to data. */
static enum ssldyn_status read_stack(const char *directory, const char *name, size_t rows,
                                     size_t each, double data[], struct ssldyn_error *err)
{
    struct ssldyn_array array = {0};
    char *path = ssldyn_file_path_join(directory, name);
    enum ssldyn_status status = path != NULL ? ssldyn_npy_read(path, false, &array, err)
                                             : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK && (array.count % each != 0 || array.count / each < rows))
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%s: holds %zu numbers, but the checkpoint expects %zu rows of %zu",
                             path, array.count, rows, each);
    if (status == SSLDYN_OK)
        memcpy(data, array.data, rows * each * sizeof(double));
    ssldyn_npy_array_clear(&array);
    free(path);
    return status;
}

static enum ssldyn_status read_trace(struct record *record, const char *directory, size_t rows,
                                     struct ssldyn_error *err)
{
    struct ssldyn_table table = {0};
    char *path = ssldyn_file_path_join(directory, "trace.tsv");
    enum ssldyn_status status = path != NULL ? ssldyn_table_read(path, &table, err)
                                             : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK && (table.columns != record->width || table.rows < rows))
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%s: has %zu rows of %zu columns, but the checkpoint expects %zu rows "
                             "of %zu",
                             path, table.rows, table.columns, rows, record->width);
    if (status == SSLDYN_OK)
        memcpy(record->table, table.values, rows * record->width * sizeof(double));
    ssldyn_table_clear(&table);
    free(path);
    return status;
}

enum ssldyn_status record_read(struct record *record, const char *directory, size_t rows,
                               struct ssldyn_error *err)
{
    const size_t area = record->n2 * record->n2;
    record->rows = 0;
    enum ssldyn_status status = reserve_rows(record, rows, err);
    if (status == SSLDYN_OK)
        status = read_trace(record, directory, rows, err);
    if (status == SSLDYN_OK)
        status = read_stack(directory, "t.npy", rows, 1, record->t, err);
    if (status == SSLDYN_OK)
        status = read_stack(directory, "Wp.npy", rows, area, record->Wp, err);
    if (status == SSLDYN_OK)
        status = read_stack(directory, "F.npy", rows, area, record->F, err);
    if (status == SSLDYN_OK && record->count > 0)
        status = read_stack(directory, "mean.npy", rows, record->n2, record->mean, err);
    if (status == SSLDYN_OK)
        record->rows = rows;
    return status;
}
