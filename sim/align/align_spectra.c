/* Spectra from a table (align_spectra.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_spectra.h"

#include "sim/align/align_cosine.h"
#include "sim/align/align_rows.h"
#include "sim/align/align_spectra_array.h"
#include "sim/align/align_table.h"
#include "sim/align/verdict_parts.h"
#include "sim/base/memory.h"
#include "sim/io/file.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* An eigenvalue may be negative by rounding up to this share of the largest: that of bfloat16. */
static const double not_positive = 0.01;

/* Indices of columns in the table; SIZE_MAX: not there. */
struct columns {
    size_t modes;
    size_t t, step, asymmetry;
    size_t *modal[SSLDYN_MATRIX_PER_MODE]; /* each `modes` long */
};

/* The number of a column stem_NUMBER; SIZE_MAX if the name is not of this form. */
static size_t number_of(const char *name, const char *stem)
{
    const size_t length = strlen(stem);
    if (strncmp(name, stem, length) != 0 || name[length] != '_')
        return SIZE_MAX;
    const char *digits = name + length + 1;
    const size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > 9 || digits[count] != '\0')
        return SIZE_MAX;
    return (size_t)strtoul(digits, NULL, 10);
}

/* The number of columns stem_NUMBER, and the smallest of their numbers. */
static size_t count_modal(const struct ssldyn_table *table, const char *stem, size_t *least)
{
    size_t count = 0;
    *least = SIZE_MAX;
    for (size_t i = 0; i < table->columns; i++) {
        const size_t number = number_of(table->names[i], stem);
        count += number != SIZE_MAX ? 1 : 0;
        *least = number < *least ? number : *least;
    }
    return count;
}

/* The column stem_NUMBER, with or without leading zeros. */
static size_t find_modal(const struct ssldyn_table *table, const char *stem, size_t number)
{
    for (size_t i = 0; i < table->columns; i++)
        if (number_of(table->names[i], stem) == number)
            return i;
    return SIZE_MAX;
}

static void columns_clear(struct columns *columns)
{
    for (int k = 0; k < SSLDYN_MATRIX_PER_MODE; k++)
        free(columns->modal[k]);
}

/* Columns stem_FIRST ... of all modes, numbered from 0 or 1 like s; that there are none is
 * not an error. */
static enum ssldyn_status stem_find(const struct ssldyn_table *table, const char *path,
                                    const char *stem, size_t first, size_t modes, size_t found[],
                                    struct ssldyn_error *err)
{
    size_t least = 0;
    const size_t count = count_modal(table, stem, &least);
    for (size_t j = 0; j < modes; j++) {
        found[j] = count > 0 ? find_modal(table, stem, first + j) : SIZE_MAX;
        if (count > 0 && found[j] == SIZE_MAX)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--spectra %s: has %zu columns s_j but no column %s_%zu; columns "
                               "must be numbered from 0 or from 1 without gaps",
                               path, modes, stem, first + j);
    }
    if (count > modes)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--spectra %s: has %zu columns %s_j but %zu columns s_j, or a duplicate column", path,
            count, stem, modes);
    return SSLDYN_OK;
}

static enum ssldyn_status columns_find(const struct ssldyn_table *table, const char *path,
                                       struct columns *columns, struct ssldyn_error *err)
{
    memset(columns, 0, sizeof *columns);
    for (size_t i = 0; i < table->columns; i++)
        if (table->names[i][0] != '\0' && ssldyn_table_column(table, table->names[i]) != i)
            return ssldyn_fail(err, SSLDYN_EINPUT, "--spectra %s: duplicate column %s", path,
                               table->names[i]);
    size_t first = 0;
    size_t ignored = 0;
    columns->modes = count_modal(table, "s", &first);
    if (columns->modes == 0 ||
        (count_modal(table, "wpe", &ignored) == 0 && count_modal(table, "p", &ignored) == 0))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--spectra %s: a header line with columns s_1 ... and wpe_1 ... (or "
                           "p_1 ...) is required; the first line begins with \"%.40s\"",
                           path, table->names[0]);
    if (first > 1)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--spectra %s: the first column is s_%zu, not s_0 or "
                           "s_1",
                           path, first);
    for (int k = 0; k < SSLDYN_MATRIX_PER_MODE; k++) {
        columns->modal[k] = ssldyn_memory_array(columns->modes, sizeof(size_t));
        if (columns->modal[k] == NULL)
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        const enum ssldyn_status status =
            stem_find(table, path, ssldyn_layout_matrix.per_mode[k].name, first, columns->modes,
                      columns->modal[k], err);
        if (status != SSLDYN_OK)
            return status;
    }
    columns->step = ssldyn_table_column(table, "step");
    columns->asymmetry = ssldyn_table_column(table, "asymmetry");
    columns->t = ssldyn_table_column(table, "t");
    if (columns->t == SIZE_MAX)
        columns->t = ssldyn_table_column(table, "epoch");
    if (columns->t == SIZE_MAX)
        columns->t = columns->step;
    return SSLDYN_OK;
}

static double cell(const double values[], size_t column)
{
    return column == SIZE_MAX ? (double)NAN : values[column];
}

/* One row in the matrix layout. */
static enum ssldyn_status fill_row(const struct columns *columns, const double values[],
                                   const char *path, size_t number, double row[],
                                   struct ssldyn_error *err)
{
    for (size_t i = 0; i < SSLDYN_MATRIX_SCALARS; i++)
        row[i] = (double)NAN;
    row[SSLDYN_MATRIX_T] = columns->t == SIZE_MAX ? (double)number : values[columns->t];
    row[SSLDYN_MATRIX_STEP] = cell(values, columns->step);
    row[SSLDYN_MATRIX_ASYMMETRY] = cell(values, columns->asymmetry);
    double last = (double)INFINITY;
    for (size_t j = 0; j < columns->modes; j++) {
        double *mode = row + ssldyn_layout_matrix_at(0, j);
        for (int k = 0; k < SSLDYN_MATRIX_PER_MODE; k++)
            mode[k] = cell(values, columns->modal[k][j]);
        if (!isfinite(mode[SSLDYN_MATRIX_MODE_S]))
            return ssldyn_fail(err, SSLDYN_EINPUT, "--spectra %s: row %zu: s_%zu is not finite",
                               path, number + 1, j + 1);
        if (fabs(mode[SSLDYN_MATRIX_MODE_COS]) > 1.0 + 1e-6)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--spectra %s: row %zu: cos_%zu = %g, must be between -1 and 1",
                               path, number + 1, j + 1, mode[SSLDYN_MATRIX_MODE_COS]);
        if (mode[SSLDYN_MATRIX_MODE_S] > last)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--spectra %s: row %zu: s_%zu is larger than s_%zu; descending "
                               "order is needed",
                               path, number + 1, j + 1, j);
        last = mode[SSLDYN_MATRIX_MODE_S];
    }
    const double largest = row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, 0)];
    if (last < 0.0 && !(-last <= not_positive * largest))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--spectra %s: row %zu: s has the value %g, but a correlation E[f f^T] "
                           "has no negative eigenvalues",
                           path, number + 1, last);
    return SSLDYN_OK;
}

static bool is_finite(const struct columns *columns, const double values[])
{
    for (size_t j = 0; j < columns->modes; j++)
        if (!isfinite(values[columns->modal[SSLDYN_MATRIX_MODE_S][j]]))
            return false;
    return true;
}

struct work {
    struct ssldyn_table table;
    size_t skipped; /* number of rows skipped */
    struct columns columns;
    struct ssldyn_trace *trace;
    struct ssldyn_align_cosine *cosine; /* NULL: not wanted */
    struct ssldyn_history history;
    double *row, *wide, *scratch;
    double alpha_p;
};

static void work_clear(struct work *work)
{
    ssldyn_table_clear(&work->table);
    columns_clear(&work->columns);
    ssldyn_trace_abandon(work->trace);
    ssldyn_align_cosine_abandon(work->cosine);
    ssldyn_history_clear(&work->history);
    free(work->row);
    free(work->wide);
    free(work->scratch);
}

enum ssldyn_status ssldyn_align_spectra_open(const char *directory, size_t modes,
                                             struct ssldyn_trace **trace, struct ssldyn_error *err)
{
    static const char *const comments[] = {
        "only spectra were given: where p_j is nan, slope, alpha_p and c_j use wpe_j instead"};
    const enum ssldyn_status status = ssldyn_file_make_directory(directory, err);
    return status == SSLDYN_OK
               ? ssldyn_trace_open(directory, &ssldyn_layout_align, modes, comments, 1, trace, err)
               : status;
}

static enum ssldyn_status open_cosine(struct work *work, const struct ssldyn_align_request *request,
                                      struct ssldyn_error *err)
{
    if (request->reading == SSLDYN_READING_L2)
        return SSLDYN_OK;
    return ssldyn_align_cosine_open(request, 0, work->columns.modes, (double)NAN, &work->cosine,
                                    err);
}

static enum ssldyn_status work_init(struct work *work, const struct ssldyn_align_request *request,
                                    struct ssldyn_error *err)
{
    memset(work, 0, sizeof *work);
    enum ssldyn_status status =
        ssldyn_align_spectra_is_array(request->spectra, request->memory)
            ? ssldyn_align_spectra_array(request, &work->table, err)
            : ssldyn_table_read_foreign(request->spectra, &work->table, err);
    if (status == SSLDYN_OK)
        status = columns_find(&work->table, request->spectra, &work->columns, err);
    if (status == SSLDYN_OK && work->table.rows == 0)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "--spectra %s: has no rows", request->spectra);
    if (status != SSLDYN_OK)
        return status;
    const size_t n = work->columns.modes;
    work->row = ssldyn_memory_array(ssldyn_layout_width(&ssldyn_layout_matrix, n), sizeof(double));
    work->wide = ssldyn_memory_array(ssldyn_layout_width(&ssldyn_layout_align, n), sizeof(double));
    work->scratch = ssldyn_memory_array(n, 8 * sizeof(double));
    if (work->row == NULL || work->wide == NULL || work->scratch == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (request->output == NULL)
        return open_cosine(work, request, err);
    status = ssldyn_align_spectra_open(request->output, n, &work->trace, err);
    return status == SSLDYN_OK ? open_cosine(work, request, err) : status;
}

static enum ssldyn_status walk(struct work *work, const struct ssldyn_align_request *request,
                               struct ssldyn_error *err)
{
    const bool p_is_wpe = work->columns.modal[SSLDYN_MATRIX_MODE_P][0] == SIZE_MAX;
    const struct ssldyn_align_extras extras = {
        .run_alpha_p = request->alpha_known &&
                               request->parameters->rates.eta_p == request->parameters->rates.eta_s
                           ? request->parameters->rates.alpha_p
                           : (double)NAN,
        .mean_square = (double)NAN,
        .plateau = work->cosine != NULL,
        .angle = (double)NAN};
    for (size_t i = 0; i < work->table.rows; i++) {
        const double *values = work->table.values + i * work->table.columns;
        if (request->skip_bad && !is_finite(&work->columns, values)) {
            work->skipped++;
            continue;
        }
        enum ssldyn_status status =
            fill_row(&work->columns, values, request->spectra, i, work->row, err);
        if (status != SSLDYN_OK)
            return status;
        struct ssldyn_summary summary;
        ssldyn_align_row(request, work->columns.modes, work->row, &extras, p_is_wpe, work->wide,
                         &summary, &work->alpha_p, work->scratch);
        if (work->cosine != NULL)
            ssldyn_align_cosine_next(work->cosine, work->row, &summary.plateau, NULL, NULL);
        status = ssldyn_history_add(&work->history, &summary, err);
        if (status == SSLDYN_OK && work->trace != NULL)
            status = ssldyn_trace_append(work->trace, work->wide, err);
        if (status == SSLDYN_OK)
            status = ssldyn_align_table_row(request, &ssldyn_layout_align, work->columns.modes,
                                            work->wide, err);
        if (status != SSLDYN_OK)
            return status;
    }
    if (work->history.count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--skip-bad: %s: in all %zu rows an s_j is not finite", request->spectra,
                           work->skipped);
    return SSLDYN_OK;
}

static void tell_skipped(const struct work *work, struct ssldyn_verdict *verdict)
{
    enum { NAMED = 8 };
    size_t named = 0;
    if (work->skipped == 0)
        return;
    ssldyn_verdict_append(
        verdict, " Skipped: %zu of %zu rows, since they have an s_j that is not finite; rows",
        work->skipped, work->table.rows);
    for (size_t i = 0; i < work->table.rows && named < NAMED; i++)
        if (!is_finite(&work->columns, work->table.values + i * work->table.columns))
            ssldyn_verdict_append(verdict, "%s %zu", named++ > 0 ? "," : "", i + 1);
    ssldyn_verdict_append(verdict, "%s.", work->skipped > NAMED ? ", ..." : "");
}

/* The margins of the last row's modes, for X = I. */
static enum ssldyn_status judge_knobs(const struct work *work,
                                      const struct ssldyn_align_request *request,
                                      struct ssldyn_align_report *report, struct ssldyn_error *err)
{
    const struct ssldyn_knobs_input input = {.n2 = work->columns.modes,
                                             .count = request->leading,
                                             .row = work->row,
                                             .parameters = request->parameters,
                                             .training = request->training,
                                             .margins = request->margins};
    struct ssldyn_knobs knobs = {0};
    if (!request->decay_known)
        return SSLDYN_OK;
    enum ssldyn_status status = ssldyn_knobs_find(&input, &knobs, err);
    if (status == SSLDYN_OK) {
        ssldyn_knobs_append(&knobs, &report->verdict);
        report->knobs = ssldyn_knobs_sum(&knobs);
        status = ssldyn_align_table_knobs(request, &knobs, err);
    }
    ssldyn_knobs_clear(&knobs);
    return status;
}

enum ssldyn_status ssldyn_align_spectra(const struct ssldyn_align_request *request,
                                        struct ssldyn_align_report *report,
                                        struct ssldyn_error *err)
{
    struct work work;
    enum ssldyn_status status = work_init(&work, request, err);
    if (status == SSLDYN_OK)
        status = walk(&work, request, err);
    if (status == SSLDYN_OK) {
        report->snapshots = work.history.count;
        report->modes = work.columns.modes;
        report->last = work.history.items[work.history.count - 1];
        report->alpha_p = work.alpha_p;
        report->basis = (struct ssldyn_basis){.modes = work.columns.modes,
                                              .mean = request->centered ? SSLDYN_MEAN_REMOVED
                                                                        : SSLDYN_MEAN_UNKNOWN,
                                              .floor = request->floor,
                                              .reading = request->reading};
        ssldyn_verdict_make(&work.history, &report->basis, &report->verdict);
        tell_skipped(&work, &report->verdict);
        report->skipped = work.skipped;
        status = judge_knobs(&work, request, report, err);
        if (status == SSLDYN_OK && work.cosine != NULL) {
            status = ssldyn_align_cosine_close(work.cosine, &report->cosine, err);
            work.cosine = NULL;
        }
        ssldyn_align_cosine_append(&report->cosine, &report->verdict);
        if (status == SSLDYN_OK && work.trace != NULL) {
            status = ssldyn_trace_close(work.trace, err);
            work.trace = NULL;
            if (status == SSLDYN_OK)
                status = ssldyn_verdict_write(request->output, &report->verdict, err);
        }
    }
    work_clear(&work);
    return status;
}
