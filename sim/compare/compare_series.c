/* A trace as curves in time. */
// SPDX-License-Identifier: MIT
#include "sim/compare/compare_series.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"

#include <gsl/gsl_interp.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static double *row_of(const struct ssldyn_series *series, size_t row)
{
    return series->table.values + row * series->table.columns;
}

double ssldyn_compare_series_time(const struct ssldyn_series *series, size_t row)
{
    return row_of(series, row)[series->time];
}

size_t ssldyn_compare_series_column(const struct ssldyn_series *series, const char *stem,
                                    size_t mode)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s_%zu", stem, mode + 1);
    return ssldyn_table_column(&series->table, name);
}

size_t ssldyn_compare_series_modes(const struct ssldyn_series *series, const char *stem)
{
    size_t modes = 0;
    while (ssldyn_compare_series_column(series, stem, modes) != SIZE_MAX) {
        modes++;
    }
    return modes;
}

/* Sorts the modes of one row by descending s, the first stem: a trace of modes keeps the order
 * of the modes, one of matrices sorts them. columns: stems x modes. */
static void sort_row(double row[], size_t modes, size_t stems, const size_t *columns)
{
    for (size_t i = 1; i < modes; i++) {
        const double s = row[columns[i]];
        size_t to = i;
        while (to > 0 && row[columns[to - 1]] < s) {
            to--;
        }
        for (size_t stem = 0; to < i && stem < stems; stem++) {
            const size_t *const at = columns + stem * modes;
            const double moved = row[at[i]];
            for (size_t k = i; k > to; k--) {
                row[at[k]] = row[at[k - 1]];
            }
            row[at[to]] = moved;
        }
    }
}

/* Adds the columns of a stem if it has as many modes as s; returns 1 if added, else 0. */
static size_t add_stem(const struct ssldyn_series *series, const char *stem, size_t modes,
                       size_t columns[])
{
    if (ssldyn_compare_series_modes(series, stem) != modes) {
        return 0;
    }
    for (size_t j = 0; j < modes; j++) {
        columns[j] = ssldyn_compare_series_column(series, stem, j);
    }
    return 1;
}

static enum ssldyn_status sort_modes(struct ssldyn_series *series, struct ssldyn_error *err)
{
    const size_t modes = ssldyn_compare_series_modes(series, "s");
    if (modes < 2 || ssldyn_compare_series_modes(series, "tau") != modes) {
        return SSLDYN_OK;
    }
    size_t *columns = ssldyn_memory_array(series->table.columns, sizeof *columns);
    if (!columns) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", modes);
    }
    size_t stems = add_stem(series, "s", modes, columns);
    for (size_t i = 0; i < series->table.columns; i++) {
        char stem[40];
        const char *name = series->table.names[i];
        const size_t length = strlen(name);
        if (length > 2 && length < sizeof stem && strcmp(name + length - 2, "_1") == 0 &&
            strcmp(name, "s_1") != 0) {
            (void)snprintf(stem, sizeof stem, "%.*s", (int)length - 2, name);
            stems += add_stem(series, stem, modes, columns + stems * modes);
        }
    }
    for (size_t row = 0; row < series->table.rows; row++) {
        sort_row(row_of(series, row), modes, stems, columns);
    }
    free(columns);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_compare_series_read(const char *directory, struct ssldyn_series *series,
                                              struct ssldyn_error *err)
{
    memset(series, 0, sizeof *series);
    char *path = ssldyn_file_path_join(directory, "trace.tsv");
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    }
    enum ssldyn_status status = ssldyn_table_read(path, &series->table, err);
    if (status == SSLDYN_OK) {
        series->time = ssldyn_table_column(&series->table, "t");
        if (series->time == SIZE_MAX) {
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: has no column t", path);
        } else if (series->table.rows == 0) {
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: has no rows", path);
        }
    }
    for (size_t row = 1; status == SSLDYN_OK && row < series->table.rows; row++) {
        if (!(ssldyn_compare_series_time(series, row) >
              ssldyn_compare_series_time(series, row - 1))) {
            status =
                ssldyn_fail(err, SSLDYN_EINPUT, "%s: t does not increase from row %zu to row %zu",
                            path, row, row + 1);
        }
    }
    if (status == SSLDYN_OK) {
        status = sort_modes(series, err);
    }
    free(path);
    if (status != SSLDYN_OK) {
        ssldyn_compare_series_clear(series);
    }
    return status;
}

void ssldyn_compare_series_clear(struct ssldyn_series *series)
{
    ssldyn_table_clear(&series->table);
    memset(series, 0, sizeof *series);
}

/* Interpolates one run of consecutive finite rows [from, to), if there are enough of them. */
static enum ssldyn_status sample_stretch(size_t rows, const double t[], const double y[],
                                         size_t count, const double times[], double values[],
                                         struct ssldyn_error *err)
{
    const gsl_interp_type *type = rows >= 3 ? gsl_interp_steffen : gsl_interp_linear;
    gsl_interp *interp = rows >= 2 ? gsl_interp_alloc(type, rows) : NULL;
    if (rows >= 2 && !interp) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for interpolating %zu rows", rows);
    }
    if (interp) {
        (void)gsl_interp_init(interp, t, y, rows);
    }
    for (size_t i = 0; i < count; i++) {
        const double slack = 4e-16 * fabs(times[i]);
        if (times[i] < t[0] - slack || times[i] > t[rows - 1] + slack) {
            continue;
        }
        const size_t below = gsl_interp_bsearch(t, times[i], 0, rows - 1);
        if (fabs(times[i] - t[below]) <= slack) {
            values[i] = y[below];
        } else if (below + 1 < rows && fabs(times[i] - t[below + 1]) <= slack) {
            values[i] = y[below + 1];
        } else if (interp) {
            values[i] = gsl_interp_eval(interp, t, y, times[i], NULL);
        }
    }
    gsl_interp_free(interp);
    return SSLDYN_OK;
}

/* Interpolates all runs of consecutive finite rows. */
static enum ssldyn_status sample_rows(size_t rows, const double t[], const double y[], size_t count,
                                      const double times[], double values[],
                                      struct ssldyn_error *err)
{
    for (size_t i = 0; i < count; i++) {
        values[i] = (double)NAN;
    }
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t from = 0; status == SSLDYN_OK && from < rows;) {
        size_t to = from;
        while (to < rows && isfinite(y[to])) {
            to++;
        }
        if (to > from) {
            status = sample_stretch(to - from, t + from, y + from, count, times, values, err);
        }
        from = to + 1;
    }
    return status;
}

/* t of all rows, then one column, then workspace of four times as many numbers; NULL: out of
 * memory. */
static double *copy_column(const struct ssldyn_series *series, size_t column)
{
    const size_t rows = series->table.rows;
    double *t = ssldyn_memory_array(rows, 6 * sizeof *t);
    for (size_t row = 0; t && row < rows; row++) {
        t[row] = ssldyn_compare_series_time(series, row);
        t[rows + row] = row_of(series, row)[column];
    }
    return t;
}

enum ssldyn_status ssldyn_compare_series_sample(const struct ssldyn_series *series, size_t column,
                                                size_t count, const double times[], double values[],
                                                struct ssldyn_error *err)
{
    const size_t rows = series->table.rows;
    double *t = copy_column(series, column);
    const enum ssldyn_status status =
        t ? sample_rows(rows, t, t + rows, count, times, values, err)
          : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for interpolating %zu rows", rows);
    free(t);
    return status;
}

/* missed[row] = |y - interpolant of the rows of the other parity|. scratch: 3 rows. */
static enum ssldyn_status leave_out(size_t rows, const double t[], const double y[],
                                    double missed[], double scratch[], struct ssldyn_error *err)
{
    double *const t_kept = scratch;
    double *const y_kept = scratch + rows;
    double *const value = scratch + 2 * rows;
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t parity = 0; status == SSLDYN_OK && parity < 2; parity++) {
        size_t kept = 0;
        for (size_t row = parity; row < rows; row += 2) {
            t_kept[kept] = t[row];
            y_kept[kept++] = y[row];
        }
        status = sample_rows(kept, t_kept, y_kept, rows, t, value, err);
        for (size_t row = 1 - parity; row < rows; row += 2) {
            missed[row] = fabs(y[row] - value[row]);
        }
    }
    return status;
}

enum ssldyn_status ssldyn_compare_series_uncertainty(const struct ssldyn_series *series,
                                                     size_t column, size_t count,
                                                     const double times[], double errors[],
                                                     struct ssldyn_error *err)
{
    const size_t rows = series->table.rows;
    double *t = copy_column(series, column);
    if (!t) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for interpolating %zu rows", rows);
    }
    double *const missed = t + 2 * rows;
    const enum ssldyn_status status = leave_out(rows, t, t + rows, missed, missed + rows, err);
    for (size_t i = 0; status == SSLDYN_OK && i < count; i++) {
        const double slack = 4e-16 * fabs(times[i]);
        const size_t below = gsl_interp_bsearch(t, times[i], 0, rows - 1);
        const size_t above = below + 1 < rows ? below + 1 : below;
        const bool at_row =
            fabs(times[i] - t[below]) <= slack || fabs(times[i] - t[above]) <= slack;
        /* the first and the last row cannot be left out; fmax ignores their NaN */
        errors[i] = at_row ? 0.0 : 0.25 * fmax(missed[below], missed[above]);
    }
    free(t);
    return status;
}

/* Below these shares of the largest eigenvalue, at the same time and over the whole run, s_j is
 * noise. Rounding of F leaves 1e-16 of the largest; an integrator at rtol 1e-9 leaves an error
 * of that size in W, hence 1e-18 in s; at 1e-12 either turns an eigenvector by at most 1e-3. If
 * all of F has decayed, the absolute tolerance of W, 1e-14, leaves 1e-28. */
static const double noise_now = 1e-12;
static const double noise_ever = 1e-24;

enum ssldyn_status ssldyn_compare_series_alive(const struct ssldyn_series *series, size_t modes,
                                               size_t count, const double times[], bool alive[],
                                               struct ssldyn_error *err)
{
    double *s = ssldyn_memory_array(modes * count, sizeof *s);
    if (!s) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes at %zu times", modes,
                           count);
    }
    enum ssldyn_status status = SSLDYN_OK;
    double ever = 0.0;
    for (size_t mode = 0; status == SSLDYN_OK && mode < modes; mode++) {
        status =
            ssldyn_compare_series_sample(series, ssldyn_compare_series_column(series, "s", mode),
                                         count, times, s + mode * count, err);
        for (size_t i = 0; status == SSLDYN_OK && i < count; i++) {
            ever = fmax(ever, s[mode * count + i]);
        }
    }
    for (size_t i = 0; status == SSLDYN_OK && i < count; i++) {
        double now = 0.0;
        for (size_t mode = 0; mode < modes; mode++) {
            now = fmax(now, s[mode * count + i]);
        }
        for (size_t mode = 0; mode < modes; mode++) {
            alive[mode * count + i] =
                s[mode * count + i] > fmax(noise_now * now, noise_ever * ever);
        }
    }
    free(s);
    return status;
}
