/* Grids as pictures (picture_cells.h). */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture_cells.h"

#include "sim/base/memory.h"
#include "sim/cli/picture.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_CELLS = 700, MOST_PANELS = 12 };

/* The values of an axis that are drawn, in order, and the edges of their cells. */
struct line {
    size_t count;
    size_t *index; /* of the value in the axis */
    double *value;
    double *edge; /* count + 1 */
    bool logarithmic;
    size_t step; /* draw every step-th value */
};

static void clear(struct line *line)
{
    free(line->index);
    free(line->value);
    free(line->edge);
    *line = (struct line){0};
}

struct entry {
    double value;
    size_t index;
};

static int by_value(const void *a, const void *b)
{
    const struct entry *x = a;
    const struct entry *y = b;
    return x->value != y->value ? (x->value > y->value) - (x->value < y->value)
                                : (x->index > y->index) - (x->index < y->index);
}

/* As the axis says (log:), or of at least a decade and more even in the logarithm than in the
 * value, as lists can be: the middle is nearer to the geometric mean than to the arithmetic one. */
static bool is_logarithmic(const struct ssldyn_axis *axis, const struct line *line)
{
    const size_t n = line->count;

    if (axis->words || n == 0 || line->value[0] <= 0.0)
        return false;
    const double low = line->value[0];
    const double high = line->value[n - 1];
    if (axis->logarithmic || high < 10.0 * low)
        return axis->logarithmic;
    const double middle = 0.5 * (line->value[(n - 1) / 2] + line->value[n / 2]);
    const double middle_log = sqrt(line->value[(n - 1) / 2] * line->value[n / 2]);
    return fabs(log(middle_log / sqrt(low * high))) / log(high / low) <
           fabs(middle - 0.5 * (low + high)) / (high - low);
}

/* Half-way between neighbours; the outermost cells are symmetric about their values. */
static void set_edges(struct line *line, bool words)
{
    const size_t n = line->count;
    const bool log_scale = line->logarithmic;

    if (n == 1) {
        /* a quarter to each side: what is positive stays so */
        const double half = line->value[0] != 0.0 && !words ? 0.25 * fabs(line->value[0]) : 0.5;
        line->edge[0] = log_scale ? line->value[0] / sqrt(10.0) : line->value[0] - half;
        line->edge[1] = log_scale ? line->value[0] * sqrt(10.0) : line->value[0] + half;
        return;
    }
    for (size_t i = 1; i < n; i++)
        line->edge[i] = log_scale ? sqrt(line->value[i - 1] * line->value[i])
                                  : 0.5 * (line->value[i - 1] + line->value[i]);
    line->edge[0] = log_scale ? line->value[0] * line->value[0] / line->edge[1]
                              : 2.0 * line->value[0] - line->edge[1];
    line->edge[n] = log_scale ? line->value[n - 1] * line->value[n - 1] / line->edge[n - 1]
                              : 2.0 * line->value[n - 1] - line->edge[n - 1];
}

static enum ssldyn_status init(struct line *line, const struct ssldyn_axis *axis, bool thinned,
                               struct ssldyn_error *err)
{
    const size_t all = axis->values.count;
    struct entry *entries = ssldyn_array_alloc(all, sizeof *entries);

    *line = (struct line){.step = thinned ? (all + MOST_CELLS - 1) / MOST_CELLS : 1};
    line->index = ssldyn_array_alloc(all, sizeof *line->index);
    line->value = ssldyn_array_alloc(all, sizeof *line->value);
    line->edge = ssldyn_array_alloc(all + 1, sizeof *line->edge);
    if (!entries || !line->index || !line->value || !line->edge) {
        free(entries);
        clear(line);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    for (size_t i = 0; i < all; i++)
        entries[i] = (struct entry){axis->values.values[i], i};
    qsort(entries, all, sizeof *entries, by_value);
    for (size_t i = 0; i < all; i += line->step) {
        if (line->count > 0 && entries[i].value == line->value[line->count - 1])
            continue; /* the same value given twice */
        line->value[line->count] = entries[i].value;
        line->index[line->count++] = entries[i].index;
    }
    free(entries);
    line->logarithmic = is_logarithmic(axis, line);
    if (line->count > 0)
        set_edges(line, axis->words != NULL);
    return SSLDYN_OK;
}

static void write_words(FILE *program, const struct ssldyn_axis *axis, char letter)
{
    char name[32];
    char word[128];
    char shown[32];

    for (size_t i = 0; axis->words && i < axis->values.count; i++) {
        if (i == 0)
            fprintf(program, "array %c_WORD[%zu]\n", letter, axis->values.count);
        snprintf(name, sizeof name, "%c_WORD[%zu]", letter, i + 1);
        snprintf(shown, sizeof shown, "%s", axis->words[i]);
        ssldyn_gnuplot_escape(word, sizeof word, shown);
        ssldyn_gnuplot_string(program, name, word);
    }
}

enum ssldyn_status ssldyn_cells_write_axes(FILE *program, const struct ssldyn_axes *axes,
                                           size_t shown, struct ssldyn_error *err)
{
    char label[256];
    char name[16];

    for (size_t k = 0; k < 2; k++) {
        const char letter = k == 0 ? 'x' : 'y';
        double low = -0.5;
        double high = 0.5;
        struct line line = {0};
        label[0] = '\0';
        if (k < shown) {
            const struct ssldyn_axis *axis = &axes->axis[k];
            ssldyn_picture_label(label, sizeof label, axis->option->name);
            if (axes->sobol) {
                low = fmin(axis->from, axis->to);
                high = fmax(axis->from, axis->to);
                high += high == low ? 1.0 : 0.0;
                line.logarithmic = axis->logarithmic;
            } else {
                const enum ssldyn_status status = init(&line, axis, false, err);
                if (status != SSLDYN_OK)
                    return status;
                low = line.count > 0 ? line.edge[0] : low;
                high = line.count > 0 ? line.edge[line.count] : high;
            }
            write_words(program, axis, k == 0 ? 'X' : 'Y');
        }
        snprintf(name, sizeof name, "%c_label", letter);
        ssldyn_gnuplot_string(program, name, label);
        fprintf(program, "%c_log = %d; %c_low = %.12g; %c_high = %.12g; %c_words = %zu\n", letter,
                line.logarithmic, letter, low, letter, high, letter,
                k < shown && axes->axis[k].words ? axes->axis[k].values.count : 0);
        clear(&line);
    }
    return SSLDYN_OK;
}

/* The far side of cells from number first up to next; where they overlap, a little into the next
 * one, which is drawn over it, so that no seam shows between them. */
static double far_side(const struct line *line, size_t first, size_t next, bool overlaps)
{
    const double overlap = 0.3;
    const double near = next > 0 ? line->edge[next - 1] : 0.0;
    const double far = line->edge[next];

    if (!overlaps || next >= line->count || first == next)
        return far;
    return line->logarithmic ? far * pow(far / near, overlap) : far + overlap * (far - near);
}

/* The cells of column i from row j up to next; none (j = next): an empty rectangle at the corner.
 */
static void rectangle(FILE *program, const struct line *x, const struct line *y, size_t i, size_t j,
                      size_t next, bool overlaps, double value)
{
    const double across[] = {x->edge[i], far_side(x, i, next > j ? i + 1 : i, overlaps)};
    const double up[] = {y->edge[j], far_side(y, j, next, false)};

    ssldyn_gnuplot_number(program, '\0', across[0]);
    ssldyn_gnuplot_number(program, '\t', up[0]);
    for (int k = 0; k < 2; k++)
        ssldyn_gnuplot_number(program, '\t', across[k]);
    for (int k = 0; k < 2; k++)
        ssldyn_gnuplot_number(program, '\t', up[k]);
    ssldyn_gnuplot_number(program, '\t', value);
    fputc('\n', program);
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* The cells of one panel that are known, or those that are not; equal neighbours are one rectangle.
 */
static void write_panel(FILE *program, const struct line *x, const struct line *y,
                        const double *values, size_t x_stride, size_t y_stride, bool known)
{
    /* Every index has its header. One without a row would not count: an empty rectangle. */
    fputs("x\ty\tx1\tx2\ty1\ty2\tvalue\n", program);
    rectangle(program, x, y, 0, 0, 0, false, 0.0);
    for (size_t i = 0; i < x->count; i++) {
        const double *column = values + x->index[i] * x_stride;
        for (size_t j = 0; j < y->count;) {
            const double value = column[y->index[j] * y_stride];
            size_t next = j + 1;
            while (next < y->count && same(column[y->index[next] * y_stride], value))
                next++;
            /* Those that are not known are drawn last: a neighbour of the other sort is not
             * covered. */
            bool overlaps = i + 1 < x->count;
            for (size_t k = j; overlaps && k < next; k++)
                overlaps =
                    isnan(values[x->index[i + 1] * x_stride + y->index[k] * y_stride]) != known;
            if (isnan(value) != known)
                rectangle(program, x, y, i, j, next, overlaps, known ? value : 0.0);
            j = next;
        }
    }
    fputs("\n\n", program);
}

/* "alpha_p = 2,  tau = 1": the values of the axes beyond the second at a combination of them. */
static void write_title(FILE *program, const struct ssldyn_axes *axes, size_t shown, size_t panel,
                        size_t combination)
{
    char title[1024] = "";
    char symbol[128];
    char value[40];
    char word[128];
    char name[32];

    for (size_t k = shown; k-- > 2;) { /* the last one is the fastest */
        const struct ssldyn_axis *axis = &axes->axis[k];
        const size_t i = combination % axis->values.count;
        char before[512];
        combination /= axis->values.count;
        snprintf(before, sizeof before, "%.500s", title);
        snprintf(value, sizeof value, "%.4g", axis->values.values[i]);
        ssldyn_gnuplot_escape(word, sizeof word, axis->words ? axis->words[i] : value);
        ssldyn_picture_symbol(symbol, sizeof symbol, axis->option->name);
        snprintf(title, sizeof title, "%s = %s%s%s", symbol, word, before[0] ? ",  " : "", before);
    }
    snprintf(name, sizeof name, "PANEL[%zu]", panel + 1);
    ssldyn_gnuplot_string(program, name, title);
}

enum ssldyn_status ssldyn_cells_write_maps(FILE *program, const struct ssldyn_axes *axes,
                                           size_t shown, const double values[],
                                           struct ssldyn_error *err)
{
    struct line x = {0};
    struct line y = {0};
    size_t combinations = 1;
    char note[128] = "";

    for (size_t k = 2; k < shown; k++)
        combinations *= axes->axis[k].values.count;
    const size_t panels = combinations < MOST_PANELS ? combinations : MOST_PANELS;
    enum ssldyn_status status = init(&x, &axes->axis[0], true, err);
    if (status == SSLDYN_OK)
        status = init(&y, &axes->axis[1], true, err);
    if (status != SSLDYN_OK) {
        clear(&x);
        return status;
    }
    if (panels < combinations)
        snprintf(note, sizeof note, "%zu of %zu panels", panels, combinations);
    if (x.step > 1 || y.step > 1)
        snprintf(note + strlen(note), sizeof note - strlen(note),
                 "%severy %zu. by %zu. point of the grid", note[0] ? "; " : "", x.step, y.step);
    ssldyn_gnuplot_string(program, "panels_note", note);
    fprintf(program, "panels = %zu; array PANEL[%zu]\n", panels, panels);
    for (int known = 1; known >= 0; known--) {
        fprintf(program, "$%s << END_OF_DATA\n", known ? "cells" : "unknown");
        for (size_t panel = 0; panel < panels; panel++) {
            /* evenly spaced among them, the first and the last included */
            const size_t combination = panels > 1 ? panel * (combinations - 1) / (panels - 1) : 0;
            write_panel(program, &x, &y, values + combination,
                        axes->axis[1].values.count * combinations, combinations, known == 1);
        }
        fputs("END_OF_DATA\n", program);
    }
    for (size_t panel = 0; panel < panels; panel++)
        write_title(program, axes, shown, panel,
                    panels > 1 ? panel * (combinations - 1) / (panels - 1) : 0);
    clear(&x);
    clear(&y);
    return SSLDYN_OK;
}
