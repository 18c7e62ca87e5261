/* The axes of pictures of sweeps (picture_axes.h). */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture_axes.h"

#include "sim/base/memory.h"
#include "sim/cli/picture.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* The distinct values of an axis, in order, and the edges between them. */
struct values {
    size_t count;
    double *value;
    double *edge; /* count + 1 */
};

void ssldyn_picture_cell_line_clear(struct ssldyn_cell_line *line)
{
    free(line->cell_of);
    free(line->edge);
    *line = (struct ssldyn_cell_line){0};
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

/* If the axis is log:, or spans at least a decade and is more evenly spaced in the logarithm
 * than in the value, as a list can be: the middle value is nearer to the geometric mean than to
 * the arithmetic one. */
static bool is_logarithmic(const struct ssldyn_axis *axis, const struct values *line)
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

/* Half-way between neighbors; the outermost cells are symmetric about their values. */
static void set_edges(struct values *line, bool log_scale, bool words)
{
    const size_t n = line->count;

    if (n == 1) {
        /* a quarter to each side keeps positive values positive */
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

/* The values in order; cell_of[i] becomes the index of value i among the distinct ones. */
static void sort_values(const struct ssldyn_axis *axis, struct entry entries[],
                        struct values *values, size_t cell_of[])
{
    for (size_t i = 0; i < axis->values.count; i++)
        entries[i] = (struct entry){axis->values.values[i], i};
    qsort(entries, axis->values.count, sizeof *entries, by_value);
    for (size_t i = 0; i < axis->values.count; i++) {
        const bool again =
            values->count > 0 && entries[i].value == values->value[values->count - 1];
        cell_of[entries[i].index] = again ? SIZE_MAX : values->count;
        if (!again)
            values->value[values->count++] = entries[i].value;
    }
}

enum ssldyn_status ssldyn_picture_cell_line_init(struct ssldyn_cell_line *line,
                                                 const struct ssldyn_axis *axis, size_t most,
                                                 struct ssldyn_error *err)
{
    const size_t all = axis->values.count;
    struct entry *entries = ssldyn_memory_array(all, sizeof *entries);
    struct values values = {.value = ssldyn_memory_array(all, sizeof(double)),
                            .edge = ssldyn_memory_array(all + 1, sizeof(double))};
    enum ssldyn_status status = SSLDYN_OK;

    *line = (struct ssldyn_cell_line){.cell_of = ssldyn_memory_array(all, sizeof *line->cell_of),
                                      .edge = ssldyn_memory_array(all + 1, sizeof *line->edge)};
    if (entries && values.value && values.edge && line->cell_of && line->edge && all > 0) {
        sort_values(axis, entries, &values, line->cell_of);
        line->logarithmic = is_logarithmic(axis, &values);
        set_edges(&values, line->logarithmic, axis->words != NULL);
        line->step = values.count > most ? (values.count + most - 1) / most : 1;
        line->count = (values.count + line->step - 1) / line->step;
        for (size_t i = 0; i < all; i++)
            line->cell_of[i] =
                line->cell_of[i] == SIZE_MAX ? SIZE_MAX : line->cell_of[i] / line->step;
        for (size_t k = 0; k < line->count; k++)
            line->edge[k] = values.edge[k * line->step];
        line->edge[line->count] = values.edge[values.count];
    } else if (all > 0) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    free(entries);
    free(values.value);
    free(values.edge);
    return status;
}

static void write_words(FILE *program, const struct ssldyn_axis *axis, const char *array)
{
    char word[128];
    char shown[32];

    for (size_t i = 0; axis->words && i < axis->values.count; i++) {
        if (i == 0)
            fprintf(program, "array %s[%zu]\n", array, axis->values.count);
        snprintf(shown, sizeof shown, "%s", axis->words[i]);
        ssldyn_gnuplot_escape(word, sizeof word, shown);
        ssldyn_gnuplot_entry(program, array, i, word);
    }
}

enum ssldyn_status ssldyn_picture_cells_write_axes(FILE *program, const struct ssldyn_axes *axes,
                                                   size_t shown, struct ssldyn_error *err)
{
    char label[256];
    char name[16];

    for (size_t k = 0; k < 2; k++) {
        const char letter = k == 0 ? 'x' : 'y';
        double low = -0.5;
        double high = 0.5;
        struct ssldyn_cell_line line = {0};
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
                const enum ssldyn_status status =
                    ssldyn_picture_cell_line_init(&line, axis, SIZE_MAX / 2, err);
                if (status != SSLDYN_OK) {
                    ssldyn_picture_cell_line_clear(&line);
                    return status;
                }
                low = line.count > 0 ? line.edge[0] : low;
                high = line.count > 0 ? line.edge[line.count] : high;
            }
            write_words(program, axis, k == 0 ? "X_WORD" : "Y_WORD");
        }
        snprintf(name, sizeof name, "%c_label", letter);
        ssldyn_gnuplot_string(program, name, label);
        fprintf(program, "%c_log = %d; %c_low = %.12g; %c_high = %.12g; %c_words = %zu\n", letter,
                line.logarithmic, letter, low, letter, high, letter,
                k < shown && axes->axis[k].words ? axes->axis[k].values.count : 0);
        ssldyn_picture_cell_line_clear(&line);
    }
    return SSLDYN_OK;
}
