/* Grids as maps (picture_cells.h). */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture_cells.h"

#include "sim/base/memory.h"
#include "sim/cli/picture.h"
#include "sim/cli/picture_axes.h"
#include "sim/cli/picture_runs.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { MOST_CELLS = 700, FEWEST_CELLS = 64, MOST_PANELS = 12, LEVELS = 255 };
static const double most_counts = 16e6; /* for all cells together: 64 MB */

struct ssldyn_cells {
    const struct ssldyn_axes *axes;
    size_t shown, sets;
    struct ssldyn_cell_line x, y;
    size_t combinations; /* of the values of the axes beyond the second */
    size_t panels;
    size_t *panel_of;  /* sets x combinations; SIZE_MAX: not drawn */
    size_t categories; /* 1 for numbers */
    uint32_t *counts;  /* panels x cells of x x cells of y x (categories, plus one for unknown) */
    double *sums;      /* for numbers: panels x cells */
};

void ssldyn_picture_cells_free(struct ssldyn_cells *cells)
{
    if (!cells)
        return;
    ssldyn_picture_cell_line_clear(&cells->x);
    ssldyn_picture_cell_line_clear(&cells->y);
    free(cells->panel_of);
    free(cells->counts);
    free(cells->sums);
    free(cells);
}

/* The combination of a panel: evenly spaced, including the first and the last. */
static size_t combination_of(const struct ssldyn_cells *cells, size_t panel)
{
    const size_t all = cells->sets * cells->combinations;
    return cells->panels > 1 ? panel * (all - 1) / (cells->panels - 1) : 0;
}

static enum ssldyn_status make_panels(struct ssldyn_cells *cells, struct ssldyn_error *err)
{
    cells->combinations = 1;
    for (size_t k = 2; k < cells->shown; k++)
        cells->combinations *= cells->axes->axis[k].values.count;
    const size_t all = cells->sets * cells->combinations;
    cells->panels = all < MOST_PANELS ? all : MOST_PANELS;
    cells->panel_of = ssldyn_memory_array(all, sizeof *cells->panel_of);
    if (!cells->panel_of)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < all; i++)
        cells->panel_of[i] = SIZE_MAX;
    for (size_t panel = 0; panel < cells->panels; panel++)
        cells->panel_of[combination_of(cells, panel)] = panel;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_picture_cells_create(const struct ssldyn_axes *axes, size_t shown,
                                               size_t sets, size_t categories,
                                               struct ssldyn_cells **made, struct ssldyn_error *err)
{
    struct ssldyn_cells *cells = ssldyn_memory_array(1, sizeof *cells);

    *made = NULL;
    if (!cells)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    cells->axes = axes;
    cells->shown = shown;
    cells->sets = sets;
    cells->categories = categories > 0 ? categories : 1;
    enum ssldyn_status status = make_panels(cells, err);
    const double side =
        sqrt(most_counts / ((double)cells->panels * (double)(cells->categories + 1)));
    const size_t most = (size_t)fmin(fmax(side, FEWEST_CELLS), MOST_CELLS);
    if (status == SSLDYN_OK)
        status = ssldyn_picture_cell_line_init(&cells->x, &axes->axis[0], most, err);
    if (status == SSLDYN_OK)
        status = ssldyn_picture_cell_line_init(&cells->y, &axes->axis[1], most, err);
    if (status == SSLDYN_OK) {
        const size_t count = cells->panels * cells->x.count * cells->y.count;
        cells->counts = ssldyn_memory_array(count, (cells->categories + 1) * sizeof(uint32_t));
        cells->sums = ssldyn_memory_array(categories == 0 ? count : 0, sizeof(double));
        if (!cells->counts || !cells->sums)
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    if (categories > 0) {
        free(cells->sums);
        cells->sums = NULL;
    }
    if (status != SSLDYN_OK) {
        ssldyn_picture_cells_free(cells);
        return status;
    }
    *made = cells;
    return SSLDYN_OK;
}

static size_t cell_at(const struct ssldyn_cells *cells, size_t panel, size_t i, size_t j)
{
    return (panel * cells->x.count + i) * cells->y.count + j;
}

void ssldyn_picture_cells_add(struct ssldyn_cells *cells, size_t set, size_t point, double value)
{
    const size_t combination = point % cells->combinations;
    const size_t rest = point / cells->combinations;
    const size_t rows = cells->axes->axis[1].values.count;
    const size_t panel = cells->panel_of[set * cells->combinations + combination];
    const size_t i = cells->x.cell_of[rest / rows];
    const size_t j = cells->y.cell_of[rest % rows];

    if (panel == SIZE_MAX || i == SIZE_MAX || j == SIZE_MAX)
        return;
    const size_t cell = cell_at(cells, panel, i, j);
    uint32_t *counts = cells->counts + cell * (cells->categories + 1);
    if (isnan(value)) {
        counts[cells->categories]++;
    } else if (cells->sums) {
        cells->sums[cell] += value;
        counts[0]++;
    } else if (value >= 0.0 && value < (double)cells->categories) {
        counts[(size_t)value]++;
    }
}

/* The value of a cell: the most frequent category of its points (the first, if several are
 * equally frequent), or their mean. NaN: unknown; infinity: no point yet. *unseen: number of its
 * unknown points if the value is known. */
static double shown_by(const struct ssldyn_cells *cells, size_t cell, size_t *unseen)
{
    const uint32_t *counts = cells->counts + cell * (cells->categories + 1);
    const uint32_t unknown = counts[cells->categories];
    size_t most = 0;

    for (size_t k = 1; k < cells->categories; k++)
        most = counts[k] > counts[most] ? k : most;
    *unseen = 0;
    if (counts[most] == 0 && unknown == 0)
        return (double)INFINITY;
    if (unknown > counts[most])
        return (double)NAN;
    *unseen = unknown;
    return cells->sums ? cells->sums[cell] / (double)counts[0] : (double)most;
}

/* ---------------------------------------------------------------- rectangles */

/* The values of the cells of a picture, and the facts for its note. */
struct map {
    const struct ssldyn_cells *cells;
    double *values; /* panels x cells of x x cells of y */
    double low, high;
    bool logarithmic;
    bool has_unknown;
    size_t unseen;
};

/* Rounds numbers to steps of 1/255 of their range, so that equal neighbors can be merged. */
static void take_levels(struct map *map, size_t count)
{
    map->logarithmic = map->low > 0.0 && map->high >= 1e3 * map->low;
    const double low = map->logarithmic ? log(map->low) : map->low;
    const double range = (map->logarithmic ? log(map->high) : map->high) - low;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(map->values[i]) || !(range > 0.0))
            continue;
        const double at = ((map->logarithmic ? log(map->values[i]) : map->values[i]) - low) / range;
        const double level = low + range * round(at * (double)LEVELS) / (double)LEVELS;
        map->values[i] = map->logarithmic ? exp(level) : level;
    }
}

static enum ssldyn_status fill(struct map *map, struct ssldyn_error *err)
{
    const struct ssldyn_cells *cells = map->cells;
    const size_t count = cells->panels * cells->x.count * cells->y.count;

    map->low = (double)INFINITY;
    map->high = -(double)INFINITY;
    map->values = ssldyn_memory_array(count, sizeof *map->values);
    if (!map->values)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < count; i++) {
        size_t unseen = 0;
        const double value = shown_by(cells, i, &unseen);
        map->values[i] = value;
        map->unseen += unseen;
        map->has_unknown = map->has_unknown || isnan(value);
        if (isfinite(value)) {
            map->low = fmin(map->low, value);
            map->high = fmax(map->high, value);
        }
    }
    if (cells->sums)
        take_levels(map, count);
    return SSLDYN_OK;
}

/* The far side of cells first to next; where they overlap, slightly into the next one, which is
 * drawn on top, so that no seam is visible. */
static double far_side(const struct ssldyn_cell_line *line, size_t first, size_t next,
                       bool overlaps)
{
    /* with many cells, each hardly a pixel wide, by a whole cell */
    const double overlap = fmax(0.3, fmin((double)line->count / 350.0, 1.0));
    const double near = next > 0 ? line->edge[next - 1] : 0.0;
    const double far = line->edge[next];

    if (!overlaps || next >= line->count || first == next)
        return far;
    return line->logarithmic ? far * pow(far / near, overlap) : far + overlap * (far - near);
}

/* The cells of column i from row j up to next; none (j = next): an empty rectangle at the
 * corner. */
static void rectangle(FILE *program, const struct ssldyn_cells *cells, size_t i, size_t j,
                      size_t next, bool overlaps, bool upwards, double value)
{
    const double across[] = {cells->x.edge[i],
                             far_side(&cells->x, i, next > j ? i + 1 : i, overlaps)};
    const double up[] = {cells->y.edge[j], far_side(&cells->y, j, next, upwards)};

    ssldyn_gnuplot_row(program, 7,
                       (double[]){across[0], up[0], across[0], across[1], up[0], up[1], value});
}

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* The known cells of one panel, or the unknown ones; equal neighbors are merged into one
 * rectangle. */
static void write_panel(FILE *program, const struct map *map, size_t panel, bool known)
{
    const struct ssldyn_cells *cells = map->cells;
    const size_t rows = cells->y.count;

    /* every index has a header; one without rows would not count, hence an empty rectangle */
    fputs("x\ty\tx1\tx2\ty1\ty2\tvalue\n", program);
    rectangle(program, cells, 0, 0, 0, false, false, map->low <= map->high ? map->low : 0.0);
    for (size_t i = 0; i < cells->x.count; i++) {
        const double *column = map->values + cell_at(cells, panel, i, 0);
        for (size_t j = 0; j < rows;) {
            size_t next = j + 1;
            while (next < rows && same(column[next], column[j]))
                next++;
            /* unknown cells are drawn last, and do not cover a known neighbor; none covers one
             * whose points are not there yet */
            bool overlaps = i + 1 < cells->x.count;
            for (size_t k = j; overlaps && k < next; k++)
                overlaps = known ? !isinf(column[rows + k]) : isnan(column[rows + k]);
            if (!isinf(column[j]) && isnan(column[j]) != known)
                rectangle(program, cells, i, j, next, overlaps,
                          known && next < rows && !isinf(column[next]) &&
                              !(overlaps && isinf(column[rows + next])),
                          known ? column[j] : 0.0);
            j = next;
        }
    }
    fputs("\n\n", program);
}

/* ---------------------------------------------------------------- words */

/* "alpha_p = 2,  tau = 1": the values of the axes beyond the second, and with several sets the
 * label of the set. */
static void write_title(FILE *program, const struct ssldyn_cells *cells,
                        const struct ssldyn_run_set *runs, size_t panel)
{
    char title[1024] = "";
    char symbol[128];
    char value[40];
    char word[160];
    const size_t all = combination_of(cells, panel);
    size_t combination = all % cells->combinations;

    for (size_t k = cells->shown; k-- > 2;) { /* the last one varies fastest */
        const struct ssldyn_axis *axis = &cells->axes->axis[k];
        const size_t i = combination % axis->values.count;
        char before[512];
        combination /= axis->values.count;
        snprintf(before, sizeof before, "%.500s", title);
        snprintf(value, sizeof value, "%.4g", axis->values.values[i]);
        ssldyn_gnuplot_escape(word, sizeof word, axis->words ? axis->words[i] : value);
        ssldyn_picture_symbol(symbol, sizeof symbol, axis->option->name);
        snprintf(title, sizeof title, "%s = %s%s%s", symbol, word, before[0] ? ",  " : "", before);
    }
    if (cells->sets > 1) {
        char before[512];
        snprintf(before, sizeof before, "%.500s", title);
        ssldyn_picture_run_label(word, sizeof word, runs, all / cells->combinations,
                                 !ssldyn_run_set_are_distinct(runs));
        snprintf(title, sizeof title, "%s%s%s", word, before[0] ? ",  " : "", before);
    }
    ssldyn_gnuplot_entry(program, "PANEL", panel, title);
}

static void write_note(FILE *program, const struct map *map)
{
    const struct ssldyn_cells *cells = map->cells;
    char note[256] = "";
    size_t used = 0;

    if (cells->panels < cells->sets * cells->combinations)
        used += (size_t)snprintf(note, sizeof note, "%zu of %zu panels", cells->panels,
                                 cells->sets * cells->combinations);
    if (cells->x.step > 1 || cells->y.step > 1)
        used += (size_t)snprintf(note + used, sizeof note - used,
                                 "%seach cell: the %s of %zu by %zu points", used > 0 ? "; " : "",
                                 cells->sums ? "mean" : "most frequent value", cells->x.step,
                                 cells->y.step);
    if (map->unseen > 0)
        snprintf(note + used, sizeof note - used, "%s%zu %s are hidden", used > 0 ? "; " : "",
                 map->unseen, cells->sums ? "without a value" : "undecided");
    ssldyn_gnuplot_string(program, "panels_note", note);
}

enum ssldyn_status ssldyn_picture_cells_write(FILE *program, struct ssldyn_cells *cells,
                                              const struct ssldyn_run_set *runs,
                                              struct ssldyn_error *err)
{
    struct map map = {.cells = cells};

    const enum ssldyn_status status = fill(&map, err);
    if (status != SSLDYN_OK)
        return status;
    write_note(program, &map);
    fprintf(program, "panels = %zu; array PANEL[%zu]\n", cells->panels, cells->panels);
    for (int known = 1; known >= 0; known--) {
        fprintf(program, "$%s << END_OF_DATA\n", known ? "cells" : "unknown");
        for (size_t panel = 0; panel < cells->panels; panel++)
            write_panel(program, &map, panel, known == 1);
        fputs("END_OF_DATA\n", program);
    }
    for (size_t panel = 0; panel < cells->panels; panel++)
        write_title(program, cells, runs, panel);
    const bool some = map.low <= map.high;
    fprintf(program, "has_unknown = %d; value_log = %d; value_low = %.9g; value_high = %.9g\n",
            map.has_unknown, map.logarithmic, some ? map.low : 0.0, some ? map.high : 1.0);
    free(map.values);
    return SSLDYN_OK;
}
