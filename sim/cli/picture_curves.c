/* The data of pictures over time: the curves of all modes in one block, one mode after the other
 * with an empty line between them, so that gnuplot reads and draws them in one pass; and the
 * columns that are not per mode. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture_curves.h"

#include "sim/base/memory.h"
#include "sim/cli/gnuplot.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 20000 }; /* number of values of a curve above which some are skipped */

size_t ssldyn_picture_curve_mode(const char *name, const struct ssldyn_curve *curve)
{
    const size_t length = strlen(curve->prefix);
    size_t mode = 0;

    if (strncmp(name, curve->prefix, length) != 0 || name[length] == '0')
        return 0;
    const char *c = name + length;
    for (; *c >= '0' && *c <= '9' && mode < 100000000; c++)
        mode = 10 * mode + (size_t)(*c - '0');
    return strcmp(c, curve->suffix) == 0 ? mode : 0;
}

/* The indices of the columns of each curve: at[curve * columns + mode - 1], SIZE_MAX for none;
 * *modes is the number of consecutive modes of the first curve, from 1. */
static enum ssldyn_status locate(const char *path, const struct ssldyn_table *table,
                                 const struct ssldyn_curve curves[], size_t count, size_t **at,
                                 size_t *modes, struct ssldyn_error *err)
{
    *at = ssldyn_memory_array(count * table->columns, sizeof **at);
    *modes = 0;
    if (!*at)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < count * table->columns; i++)
        (*at)[i] = SIZE_MAX;
    for (size_t k = 0; k < table->columns; k++) {
        for (size_t i = 0; i < count; i++) {
            const size_t mode = ssldyn_picture_curve_mode(table->names[k], &curves[i]);
            if (mode >= 1 && mode <= table->columns)
                (*at)[i * table->columns + mode - 1] = k;
        }
    }
    while (*modes < table->columns && (*at)[*modes] != SIZE_MAX)
        ++*modes;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < *modes && !curves[i].optional; j++)
            if ((*at)[i * table->columns + j] == SIZE_MAX)
                return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has no column %s%zu%s", path,
                                   curves[i].prefix, j + 1, curves[i].suffix);
    return SSLDYN_OK;
}

double ssldyn_picture_curve_cell(const struct ssldyn_table *table, size_t row, size_t column)
{
    return column == SIZE_MAX ? (double)NAN : ssldyn_table_value(table, row, column);
}

/* Whether the rows are evenly spaced in the logarithm of time. */
static bool is_log_time(const struct ssldyn_table *table, size_t time)
{
    const size_t last = table->rows - 1;

    return ssldyn_picture_curve_cell(table, last, time) >
           100.0 * ssldyn_picture_curve_cell(table, last / 2, time);
}

/* The input of ssldyn_picture_curves_write. */
struct sheet {
    const struct ssldyn_table *table;
    size_t first; /* first row to draw */
    const struct ssldyn_curve *curves;
    size_t count;
    size_t *at; /* result of locate */
    size_t modes;
    double *low, *high; /* of each curve, over its finite values */
    size_t *known;      /* number of finite values */
    size_t time;        /* the column of time */
    bool log_time;
};

/* The position of a value on its axis; the logarithm if that is logarithmic. */
static double drawn_at(const struct sheet *sheet, size_t row, size_t curve, size_t mode)
{
    const double value = ssldyn_picture_curve_cell(sheet->table, row,
                                                   sheet->at[curve * sheet->table->columns + mode]);
    return sheet->curves[curve].log_scale ? log10(value) : value;
}

static double clock_at(const struct sheet *sheet, size_t row)
{
    const double t = ssldyn_picture_curve_cell(sheet->table, row, sheet->time);
    return sheet->log_time ? log(t) : t;
}

/* The next row to draw of a mode after row `from`: the farthest one such that a straight line
 * passes all rows in between within 1/3000 of the axis (a fifth of a pixel), from the slopes
 * that each of them allows. */
static size_t next_row(const struct sheet *sheet, size_t from, size_t mode)
{
    enum { MOST_CURVES = 8 };
    double least[MOST_CURVES];
    double most[MOST_CURVES];
    size_t row = from + 1;

    for (size_t i = 0; i < sheet->count; i++) {
        least[i] = -(double)INFINITY;
        most[i] = (double)INFINITY;
    }
    for (; row + 1 < sheet->table->rows; row++) {
        const double far = clock_at(sheet, row + 1) - clock_at(sheet, from);
        const double near = clock_at(sheet, row) - clock_at(sheet, from);
        for (size_t i = 0; i < sheet->count; i++) {
            const double start = drawn_at(sheet, from, i, mode);
            const double here = drawn_at(sheet, row, i, mode) - start;
            const double there = drawn_at(sheet, row + 1, i, mode) - start;
            const double range = sheet->curves[i].log_scale ? 7.0 : sheet->high[i] - sheet->low[i];
            least[i] = fmax(least[i], (here - range / 3000.0) / near);
            most[i] = fmin(most[i], (here + range / 3000.0) / near);
            if (sheet->known[i] == 0)
                continue; /* missing in all rows */
            if (!isfinite(here) || !(there / far >= least[i] && there / far <= most[i]))
                return row;
        }
    }
    return row;
}

static void measure(struct sheet *sheet)
{
    for (size_t i = 0; i < sheet->count; i++) {
        for (size_t row = sheet->first; row < sheet->table->rows; row++) {
            for (size_t j = 0; j < sheet->modes; j++) {
                const double value = ssldyn_picture_curve_cell(
                    sheet->table, row, sheet->at[i * sheet->table->columns + j]);
                if (!isfinite(value))
                    continue;
                sheet->low[i] = sheet->known[i] == 0 ? value : fmin(sheet->low[i], value);
                sheet->high[i] = sheet->known[i] == 0 ? value : fmax(sheet->high[i], value);
                sheet->known[i]++;
            }
        }
    }
}

static void write_sheet(FILE *program, const char *name, const struct sheet *sheet)
{
    const struct ssldyn_table *table = sheet->table;
    const bool thinned = (table->rows - sheet->first) * sheet->modes > MANY;

    fprintf(program, "$%s << END_OF_DATA\nt", name);
    for (size_t i = 0; i < sheet->count; i++)
        fprintf(program, "\t%s", sheet->curves[i].name);
    fputs("\tmode\n", program);
    for (size_t j = 0; j < sheet->modes; j++) {
        for (size_t row = sheet->first; row < table->rows;
             row = thinned ? next_row(sheet, row, j) : row + 1) {
            ssldyn_gnuplot_number(program, '\0',
                                  ssldyn_picture_curve_cell(table, row, sheet->time));
            for (size_t i = 0; i < sheet->count; i++)
                ssldyn_gnuplot_number(
                    program, '\t',
                    ssldyn_picture_curve_cell(table, row, sheet->at[i * table->columns + j]));
            fprintf(program, "\t%zu\n", j + 1);
        }
        fputc('\n', program);
    }
    if (sheet->modes == 0) { /* gnuplot does not accept an empty block */
        fputs("NaN", program);
        for (size_t i = 0; i <= sheet->count; i++)
            fputs("\tNaN", program);
        fputc('\n', program);
    }
    fprintf(program, "END_OF_DATA\n%s_modes = %zu\n", name, sheet->modes);
    for (size_t i = 0; i < sheet->count; i++)
        fprintf(program, "%s_low = %.9g; %s_high = %.9g; %s_count = %zu\n", sheet->curves[i].name,
                sheet->low[i], sheet->curves[i].name, sheet->high[i], sheet->curves[i].name,
                sheet->known[i]);
}

enum ssldyn_status ssldyn_picture_curves_write(FILE *program, const char *name, const char *path,
                                               const struct ssldyn_table *table, size_t first,
                                               const struct ssldyn_curve curves[], size_t count,
                                               struct ssldyn_error *err)
{
    struct sheet sheet = {.table = table,
                          .first = first,
                          .curves = curves,
                          .count = count,
                          .low = ssldyn_memory_array(count, sizeof(double)),
                          .high = ssldyn_memory_array(count, sizeof(double)),
                          .known = ssldyn_memory_array(count, sizeof(size_t)),
                          .time = ssldyn_table_column(table, "t")};
    enum ssldyn_status status = SSLDYN_OK;

    if (!sheet.low || !sheet.high || !sheet.known)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    else if (sheet.time == SIZE_MAX)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has no column t", path);
    if (status == SSLDYN_OK)
        status = locate(path, table, curves, count, &sheet.at, &sheet.modes, err);
    if (status == SSLDYN_OK) {
        sheet.log_time = is_log_time(table, sheet.time);
        measure(&sheet);
        write_sheet(program, name, &sheet);
    }
    free(sheet.at);
    free(sheet.low);
    free(sheet.high);
    free(sheet.known);
    return status;
}

void ssldyn_picture_curves_write_scalars(FILE *program, const struct ssldyn_table *table,
                                         const char *const names[], size_t count)
{
    const size_t time = ssldyn_table_column(table, "t");
    const size_t last = table->rows - 1;

    fputs("$trace << END_OF_DATA\nt", program);
    for (size_t i = 0; i < count; i++)
        fprintf(program, "\t%s", names[i]);
    fputc('\n', program);
    for (size_t row = 0; row < table->rows; row++) {
        ssldyn_gnuplot_number(program, '\0', ssldyn_picture_curve_cell(table, row, time));
        for (size_t i = 0; i < count; i++)
            ssldyn_gnuplot_number(
                program, '\t',
                ssldyn_picture_curve_cell(table, row, ssldyn_table_column(table, names[i])));
        fputc('\n', program);
    }
    fputs("END_OF_DATA\n", program);
    for (size_t i = 0; i < count; i++) {
        const size_t column = ssldyn_table_column(table, names[i]);
        fprintf(program, "%s_there = %d; %s_last = ", names[i], column != SIZE_MAX, names[i]);
        ssldyn_gnuplot_number(program, '\0', ssldyn_picture_curve_cell(table, last, column));
        fputc('\n', program);
    }
    fputs("rows = ", program);
    fprintf(program, "%zu; begin = ", table->rows);
    ssldyn_gnuplot_number(program, '\0', ssldyn_picture_curve_cell(table, 0, time));
    fprintf(program, "; log_time = %d", is_log_time(table, time));
    fputs("; end = ", program);
    ssldyn_gnuplot_number(program, '\0', ssldyn_picture_curve_cell(table, last, time));
    fputc('\n', program);
}
