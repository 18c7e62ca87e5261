/* The data of pictures of sweeps: a diagram over one axis, maps over two with a panel for each
 * value of the others, the share that collapses if starts are averaged, points of a Sobol
 * sample; of several sweeps over the same axes, in one diagram or in a panel each. Axes come
 * from spec.conf, outcomes from the arrays: table.tsv is not needed. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture_runs.h"

#include "sim/base/memory.h"
#include "sim/cli/picture.h"
#include "sim/cli/picture_axes.h"
#include "sim/cli/picture_cells.h"
#include "sim/options/name.h"
#include "sim/sweep/sweep_view.h"
#include "theory/fate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_SOBOL = 20000, MOST_DIAGRAM = 200000 };

/* The picture, and its sweeps. */
struct sheet {
    struct ssldyn_run_set *set;
    const char *command;             /* the command whose name precedes remarks */
    struct ssldyn_sweep_view *views; /* one per run */
    const struct ssldyn_sweep_view *first;
    const char *layout;   /* shares, diagram, sobol, map */
    const char *quantity; /* fate, rank, share, column */
    char column[64];      /* of the arrays; "": the default of the layout */
    double top;           /* the largest rank */
};

/* ---------------------------------------------------------------- choice of layout and column */

static void take_top(void *context, int64_t point, double rank, double unused)
{
    double *top = context;

    (void)point;
    (void)unused;
    *top = fmax(*top, rank);
}

/* The column's name as in the files: mean_NAME of an average is NAME of the points. */
static enum ssldyn_status check_column(struct sheet *sheet, const char *column,
                                       struct ssldyn_error *err)
{
    char names[300];
    struct ssldyn_name_slip slip = {.typed = column, .least = 1 + strlen(column) / 2};
    bool there = true;

    for (size_t i = 0; i < sheet->set->count; i++) {
        const struct ssldyn_sweep_view *view = &sheet->views[i];
        char mean[80];
        snprintf(mean, sizeof mean, "mean_%.60s", column);
        there = there && (view->averaged ? ssldyn_table_column(&view->shares, mean) != SIZE_MAX
                                         : ssldyn_sweep_view_has(view, column));
    }
    snprintf(sheet->column, sizeof sheet->column, "%.60s", column);
    if (there)
        return SSLDYN_OK;
    for (size_t i = 0; i < sheet->first->columns.count; i++) {
        const char *name = sheet->first->columns.names[i];
        if (ssldyn_sweep_view_has(sheet->first, name))
            ssldyn_name_offer(&slip, name);
    }
    ssldyn_sweep_view_columns(sheet->first, names, sizeof names);
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "--column %.60s: is not among the columns of %.200s: %s%s", column,
                       sheet->first->run, names, slip.hint);
}

static enum ssldyn_status choose_quantity(struct sheet *sheet, const char *column,
                                          struct ssldyn_error *err)
{
    const struct ssldyn_sweep_view *view = sheet->first;
    const bool map = sheet->layout[0] == 'm';
    enum ssldyn_status status = SSLDYN_OK;

    if (column && strchr(column, ','))
        return ssldyn_fail(err, SSLDYN_EINPUT, "--column %.100s: name one column of a sweep",
                           column);
    if (column && strcmp(column, "probability") != 0)
        status = check_column(sheet, column, err);
    const bool fates = column && strcmp(column, "fate") == 0;
    const bool ranks = map && ssldyn_sweep_view_has(view, "rank") && !fates;
    for (size_t i = 0; i < sheet->set->count && ranks && status == SSLDYN_OK; i++)
        status = ssldyn_sweep_view_each(&sheet->views[i], "rank", NULL, view->axes.points, take_top,
                                        &sheet->top, err);
    const bool other = column && !fates && strcmp(column, "probability") != 0 &&
                       !(map && strcmp(column, "rank") == 0);
    sheet->quantity = other                       ? "column"
                      : view->averaged            ? "share"
                      : ranks && sheet->top > 1.0 ? "rank"
                                                  : "fate";
    return status;
}

/* Several sweeps can share a picture if their axes are the same; from a folder the others are
 * left out. */
static enum ssldyn_status check_axes(struct sheet *sheet, struct ssldyn_error *err)
{
    for (size_t i = 1; i < sheet->set->count;) {
        if (ssldyn_sweep_view_is_alike(sheet->first, &sheet->views[i])) {
            i++;
            continue;
        }
        if (!sheet->set->of_folder)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%.200s and %.200s: are sweeps over different axes, or Sobol "
                               "samples; plot them one by one",
                               sheet->first->run, sheet->views[i].run);
        fprintf(stderr, "ssldyn %s: skipped %s: its axes differ from those of the first sweep\n",
                sheet->command, sheet->set->runs[i].name);
        ssldyn_sweep_view_clear(&sheet->views[i]);
        ssldyn_run_set_drop(sheet->set, i);
        memmove(sheet->views + i, sheet->views + i + 1,
                (sheet->set->count - i) * sizeof *sheet->views);
        sheet->views[sheet->set->count] = (struct ssldyn_sweep_view){0};
    }
    return SSLDYN_OK;
}

/* Opens the views again after some runs were left out: the others may differ in other settings,
 * and come in another order. */
static enum ssldyn_status open_views(struct sheet *sheet, bool again, struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_run_set_vary(sheet->set, err);

    for (size_t i = 0; i < sheet->set->count && status == SSLDYN_OK; i++) {
        struct ssldyn_sweep_view *view = &sheet->views[i];
        ssldyn_sweep_view_clear(view);
        status = ssldyn_sweep_view_open(view, sheet->set->runs[i].path, err);
        if (status == SSLDYN_OK && view->unfinished && !again)
            fprintf(stderr, "ssldyn %s: %s: unfinished: %" PRId64 " of %" PRId64 " points\n",
                    sheet->command, view->run, view->journal.points_done, view->journal.points);
    }
    return status;
}

static enum ssldyn_status open_sheet(struct sheet *sheet, const char *column,
                                     struct ssldyn_error *err)
{
    const size_t all = sheet->set->count;
    enum ssldyn_status status = open_views(sheet, false, err);

    if (status == SSLDYN_OK)
        status = check_axes(sheet, err);
    if (status == SSLDYN_OK && sheet->set->count < all)
        status = open_views(sheet, true, err);
    if (status != SSLDYN_OK)
        return status;
    const struct ssldyn_sweep_view *view = sheet->first;
    sheet->layout = view->averaged && view->shown < 2 ? "shares"
                    : view->shown < 2                 ? "diagram"
                    : view->axes.sobol                ? "sobol"
                                                      : "map";
    return choose_quantity(sheet, column, err);
}

/* ---------------------------------------------------------------- points */

struct points {
    FILE *program;
    const struct ssldyn_sweep_view *view;
    struct ssldyn_axes_walk *walk;
    bool of_p;
    size_t run;
};

static void take_point(void *context, int64_t point, double fate, double value)
{
    const struct points *points = context;
    double values[SSLDYN_AXES_MAXIMUM];

    ssldyn_axes_walk_read(points->walk, point, values);
    /* a diverged point has no p, and is marked at 0 */
    const double shown = points->of_p && fate == (double)SSLDYN_FATE_DIVERGED ? 0.0 : value;
    ssldyn_gnuplot_row(points->program, 5,
                       (double[]){values[0], values[points->view->axes.count > 1], shown,
                                  fmin(fate, SSLDYN_FATE_SURVIVES + 1), (double)points->run});
}

/* The points of a diagram over the first axis, or of a Sobol sample over the first two. */
static enum ssldyn_status write_points(FILE *program, const struct sheet *sheet,
                                       struct ssldyn_error *err)
{
    const bool column = strcmp(sheet->quantity, "column") == 0;
    const bool has_p =
        ssldyn_sweep_view_has(sheet->first, "p_end") && strcmp(sheet->column, "fate") != 0;
    const char *name = column ? sheet->column : has_p ? "p_end" : "fate";
    const int64_t most = sheet->first->axes.sobol ? MOST_SOBOL : MOST_DIAGRAM;
    enum ssldyn_status status = SSLDYN_OK;

    fputs("$points << END_OF_DATA\nx\ty\tvalue\tfate\trun\n", program);
    for (size_t i = 0; i < sheet->set->count && status == SSLDYN_OK; i++) {
        struct points points = {.program = program,
                                .view = &sheet->views[i],
                                .of_p = strcmp(name, "p_end") == 0,
                                .run = i + 1};
        status = ssldyn_axes_walk_create(&points.view->axes, &points.walk, err);
        if (status == SSLDYN_OK)
            status =
                ssldyn_sweep_view_each(points.view, "fate", name, most, take_point, &points, err);
        ssldyn_axes_walk_free(points.walk);
        if (status == SSLDYN_OK && points.view->unfinished && points.view->journal.points_done == 0)
            fputs("NaN\tNaN\tNaN\tNaN\t1\n", program);
    }
    fprintf(program, "END_OF_DATA\nhas_p = %d\n", has_p && !column);
    return status;
}

/* The column of collapse.tsv to show. */
static size_t shares_column(const struct sheet *sheet, const struct ssldyn_sweep_view *view)
{
    char name[80];

    snprintf(name, sizeof name, "mean_%.60s", sheet->column);
    return ssldyn_table_column(&view->shares,
                               strcmp(sheet->quantity, "column") == 0 ? name : "probability");
}

/* The share that collapses over the first axis, with its interval; or the mean of a column. */
static void write_share_points(FILE *program, const struct sheet *sheet)
{
    const bool column = strcmp(sheet->quantity, "column") == 0;

    fputs("$points << END_OF_DATA\nx\tprobability\tlow\thigh\trun\n", program);
    for (size_t i = 0; i < sheet->set->count; i++) {
        const struct ssldyn_sweep_view *view = &sheet->views[i];
        const struct ssldyn_table *table = &view->shares;
        const size_t shown = shares_column(sheet, view);
        const size_t columns[] = {shown, column ? shown : ssldyn_table_column(table, "low"),
                                  column ? shown : ssldyn_table_column(table, "high")};
        for (size_t row = 0; row < table->rows; row++)
            ssldyn_gnuplot_row(
                program, 5,
                (double[]){view->shown > 0 ? view->axes.axis[0].values.values[row] : 0.0,
                           ssldyn_table_value(table, row, columns[0]),
                           ssldyn_table_value(table, row, columns[1]),
                           ssldyn_table_value(table, row, columns[2]), (double)(i + 1)});
    }
    fputs("END_OF_DATA\n", program);
}

/* ---------------------------------------------------------------- maps */

struct filling {
    struct ssldyn_cells *cells;
    size_t set;
    bool fates, column;
};

/* Any fate other than collapse or survival is unknown, and so is the rank there. */
static void take_cell(void *context, int64_t point, double fate, double value)
{
    const struct filling *filling = context;
    const double shown = filling->column                       ? value
                         : fate > (double)SSLDYN_FATE_SURVIVES ? (double)NAN
                         : filling->fates                      ? fate
                                                               : value;
    ssldyn_picture_cells_add(filling->cells, filling->set, (size_t)point,
                             isfinite(shown) ? shown : (double)NAN);
}

static enum ssldyn_status write_map(FILE *program, const struct sheet *sheet,
                                    struct ssldyn_error *err)
{
    const bool fates = strcmp(sheet->quantity, "fate") == 0;
    const bool ranks = strcmp(sheet->quantity, "rank") == 0;
    const bool column = strcmp(sheet->quantity, "column") == 0;
    const char *name = column ? sheet->column : ranks ? "rank" : NULL;
    struct ssldyn_cells *cells = NULL;

    enum ssldyn_status status =
        ssldyn_picture_cells_create(&sheet->first->axes, sheet->first->shown, sheet->set->count,
                                    fates   ? 2
                                    : ranks ? (size_t)sheet->top + 1
                                            : 0,
                                    &cells, err);
    for (size_t i = 0; i < sheet->set->count && status == SSLDYN_OK; i++) {
        const struct ssldyn_sweep_view *view = &sheet->views[i];
        struct filling filling = {cells, i, fates, column};
        const size_t shown = view->averaged ? shares_column(sheet, view) : 0;
        for (size_t row = 0; row < view->shares.rows; row++)
            ssldyn_picture_cells_add(cells, i, row, ssldyn_table_value(&view->shares, row, shown));
        if (!view->averaged)
            status = ssldyn_sweep_view_each(view, "fate", name, view->axes.points, take_cell,
                                            &filling, err);
    }
    if (status == SSLDYN_OK)
        status = ssldyn_picture_cells_write(program, cells, sheet->set, err);
    ssldyn_picture_cells_free(cells);
    return status;
}

/* ---------------------------------------------------------------- the whole picture */

/* The note in the picture: what is averaged over, which coordinates of a Sobol sample are not
 * drawn, and what is missing. */
static void write_note(FILE *program, const struct sheet *sheet)
{
    const struct ssldyn_sweep_view *view = sheet->first;
    char symbol[128];
    char note[1024] = "";
    size_t used = 0;
    int64_t starts = 1;
    int64_t done = 0;
    int64_t points = 0;
    const size_t from = view->averaged ? view->shown : 2;
    const bool some = view->axes.sobol && view->axes.points > MOST_SOBOL;

    for (size_t i = 0; i < sheet->set->count; i++) {
        const struct ssldyn_sweep_view *one = &sheet->views[i];
        points += one->axes.points;
        done += one->unfinished ? one->journal.points_done : one->axes.points;
    }
    if (done < points || view->unfinished)
        used = (size_t)snprintf(note, sizeof note, "unfinished: %" PRId64 " of %" PRId64 " points",
                                done, points);
    if (some)
        used += (size_t)snprintf(note + used, sizeof note - used,
                                 "%sthe first %d of %" PRId64 " points", used > 0 ? "; " : "",
                                 MOST_SOBOL, view->axes.points);
    for (size_t i = from; i < view->axes.count && (view->averaged || view->axes.sobol); i++) {
        ssldyn_picture_symbol(symbol, sizeof symbol, view->axes.axis[i].option->name);
        used += (size_t)snprintf(note + used, sizeof note - used, "%s%s%s",
                                 i == from && used > 0 ? "; " : "",
                                 i > from         ? ", "
                                 : view->averaged ? "average over "
                                                  : "all values of ",
                                 symbol);
        starts *= view->averaged ? (int64_t)view->axes.axis[i].values.count : 1;
    }
    ssldyn_gnuplot_string(program, "note", note);
    fprintf(program, "starts = %" PRId64 "\n", starts);
}

static void write_names(FILE *program, const struct sheet *sheet)
{
    char label[160];

    fprintf(program, "sweeps = %zu; array SWEEP[%zu]\n", sheet->set->count, sheet->set->count);
    for (size_t i = 0; i < sheet->set->count; i++) {
        label[0] = '\0';
        if (sheet->set->count > 1)
            ssldyn_picture_run_label(label, sizeof label, sheet->set, i,
                                     !ssldyn_run_set_are_distinct(sheet->set));
        ssldyn_gnuplot_entry(program, "SWEEP", i, label);
    }
    ssldyn_gnuplot_escape(label, sizeof label, sheet->column);
    ssldyn_gnuplot_string(program, "column_label", label);
}

static enum ssldyn_status write_sheet(FILE *program, const struct sheet *sheet,
                                      struct ssldyn_error *err)
{
    const struct ssldyn_sweep_view *view = sheet->first;

    ssldyn_gnuplot_string(program, "layout", sheet->layout);
    ssldyn_gnuplot_string(program, "quantity", sheet->quantity);
    fprintf(program, "top = %.9g\n", sheet->top);
    write_note(program, sheet);
    write_names(program, sheet);
    enum ssldyn_status status =
        ssldyn_picture_lines(program, sheet->set->count == 1 ? view : NULL, err);
    if (status == SSLDYN_OK)
        status = ssldyn_picture_cells_write_axes(program, &view->axes, view->shown, err);
    if (status != SSLDYN_OK)
        return status;
    if (strcmp(sheet->layout, "shares") == 0) {
        write_share_points(program, sheet);
        return SSLDYN_OK;
    }
    return strcmp(sheet->layout, "map") == 0 ? write_map(program, sheet, err)
                                             : write_points(program, sheet, err);
}

enum ssldyn_status ssldyn_picture_sweeps(FILE *program, struct ssldyn_run_set *set,
                                         const struct ssldyn_picture_request *request,
                                         struct ssldyn_error *err)
{
    struct sheet sheet = {.set = set,
                          .command = request->command,
                          .views = ssldyn_memory_array(set->count, sizeof *sheet.views)};

    if (!sheet.views)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const size_t all = set->count;
    sheet.first = sheet.views;
    enum ssldyn_status status = open_sheet(&sheet, request->columns, err);
    if (status == SSLDYN_OK)
        status = write_sheet(program, &sheet, err);
    for (size_t i = 0; i < all; i++)
        ssldyn_sweep_view_clear(&sheet.views[i]);
    free(sheet.views);
    return status;
}
