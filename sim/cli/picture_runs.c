/* The data of a picture of several runs, or of chosen columns: a panel for each column with the
 * curves of all runs. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture.h"

#include "sim/base/memory.h"
#include "sim/cli/picture_runs.h"
#include "sim/compare/live_trace.h"
#include "sim/io/file.h"
#include "sim/options/name.h"
#include "sim/options/spec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_PANELS = 9,
    SUITABLE = 4,       /* number of panels if the user names no column */
    MOST_ROWS = 200000, /* in the whole picture: with more, curves are thinned out */
    FEWEST_ROWS = 60,
    MOST_MODES = 64, /* per run, if there are several */
    LABEL = 160
};

/* What can be drawn, in order of preference: columns, or stems of per-mode columns. */
static const struct quantity {
    const char *name;
    bool of_modes;
    bool spans_decades; /* drawn on a logarithmic axis if it does */
    const char *title;
} quantities[] = {
    {"s", true, true, "eigenvalues of the correlation,  {/:Italic s_{j}}"},
    {"p", true, false, "predictor,  {/:Italic p_{j}}"},
    {"cos", true, false, "alignment,  cos({/:Italic W_{p} u_{j}}, {/:Italic u_{j}})"},
    {"tau", true, false, "ratio of target to online network,  {/:Italic τ_{j}}"},
    {"k", true, false, "rate of alignment (Thm 3),  {/:Italic K_{j}}"},
    {"loss", false, false, "loss"},
    {"effective_rank", false, false, "effective rank"},
    {"norm_w", false, false, "norm of the network,  |{/:Italic W}|"},
    {"tau", false, false, "ratio of target to online network,  τ"},
    {"commutator", false, true, "commutator  |[{/:Italic F}, {/:Italic W_{p}}]|"},
    {"asymmetry", false, true, "asymmetry of {/:Italic W_{p}}"},
    {"norm_wp", false, false, "norm of the predictor,  |{/:Italic W_{p}}|"},
    {"balance", false, true, "drift of the balance (Thm 1)"},
    {"wpe", true, false, "eigenvalues of the predictor"},
};
enum { QUANTITIES = sizeof quantities / sizeof quantities[0] };

struct panel {
    char name[64];
    bool of_modes;
    bool spans_decades;
    char title[LABEL];
    double low, high, least_positive; /* of the finite values */
    bool log_scale;
};

struct sheet {
    struct ssldyn_run_set *set;
    struct ssldyn_table *tables; /* one per run */
    size_t panels;
    struct panel panel[MOST_PANELS];
    bool log_time;
};

/* The column of a panel in a table for mode j = 1, 2, ...; a column that is not per mode counts
 * as one. */
static size_t column_of(const struct ssldyn_table *table, const struct panel *panel, size_t mode)
{
    char name[96];

    if (!panel->of_modes)
        return mode == 1 ? ssldyn_table_column(table, panel->name) : SIZE_MAX;
    snprintf(name, sizeof name, "%s_%zu", panel->name, mode);
    return ssldyn_table_column(table, name);
}

/* Finds the range of a panel. Returns the number of runs that have values in it. */
static size_t measure(const struct sheet *sheet, struct panel *panel)
{
    size_t count = 0;
    size_t column = 0;

    panel->low = panel->least_positive = (double)INFINITY;
    panel->high = -(double)INFINITY;
    for (size_t i = 0; i < sheet->set->count; i++) {
        const struct ssldyn_table *table = &sheet->tables[i];
        bool there = false;
        for (size_t mode = 1; (column = column_of(table, panel, mode)) != SIZE_MAX; mode++) {
            for (size_t row = 0; row < table->rows; row++) {
                const double y = ssldyn_table_value(table, row, column);
                if (!isfinite(y))
                    continue;
                there = true;
                panel->low = fmin(panel->low, y);
                panel->high = fmax(panel->high, y);
                if (y > 0.0)
                    panel->least_positive = fmin(panel->least_positive, y);
            }
        }
        count += there;
    }
    /* at most seven decades */
    panel->log_scale = panel->spans_decades && panel->high > 1e3 * panel->least_positive;
    if (panel->log_scale)
        panel->low = fmax(panel->least_positive, 1e-7 * panel->high);
    return count;
}

/* ---------------------------------------------------------------- choice of columns */

static void set_panel(struct panel *panel, const char *name, bool of_modes)
{
    *panel = (struct panel){.of_modes = of_modes};
    snprintf(panel->name, sizeof panel->name, "%s", name);
    for (size_t i = 0; i < QUANTITIES; i++) {
        if (strcmp(quantities[i].name, name) == 0 && quantities[i].of_modes == of_modes) {
            snprintf(panel->title, sizeof panel->title, "%s", quantities[i].title);
            panel->spans_decades = quantities[i].spans_decades;
            return;
        }
    }
    ssldyn_gnuplot_escape(panel->title, sizeof panel->title, name);
}

/* First the columns that all runs have, then those that some have. */
static void choose_panels(struct sheet *sheet)
{
    size_t with_rows = 0;

    for (size_t i = 0; i < sheet->set->count; i++)
        with_rows += sheet->tables[i].rows > 0;
    for (int all = 1; all >= 0; all--) {
        for (size_t i = 0; i < QUANTITIES && sheet->panels < SUITABLE; i++) {
            struct panel *panel = &sheet->panel[sheet->panels];
            bool chosen = false;
            for (size_t k = 0; k < sheet->panels; k++)
                chosen = chosen || strcmp(sheet->panel[k].name, quantities[i].name) == 0;
            set_panel(panel, quantities[i].name, quantities[i].of_modes);
            const size_t shown = chosen ? 0 : measure(sheet, panel);
            sheet->panels += all ? shown > 0 && shown == with_rows : shown > 0 && sheet->panels < 2;
        }
    }
}

/* Offers the columns of all runs, and their stems, for a mistyped one. */
static void find_nearest(const struct sheet *sheet, struct ssldyn_name_slip *slip)
{
    for (size_t i = 0; i < sheet->set->count; i++) {
        for (size_t k = 0; k < sheet->tables[i].columns; k++) {
            char name[64];
            snprintf(name, sizeof name, "%s", sheet->tables[i].names[k]);
            char *bar = strrchr(name, '_');
            if (bar && strspn(bar + 1, "0123456789") == strlen(bar + 1))
                *bar = '\0';
            ssldyn_name_offer(slip, name);
        }
    }
}

/* The panels of "loss,s,p_1": columns, or stems of per-mode columns. */
static enum ssldyn_status parse_columns(struct sheet *sheet, const char *text,
                                        struct ssldyn_error *err)
{
    while (*text) {
        char name[64];
        const size_t length = strcspn(text, ",");
        if (sheet->panels == MOST_PANELS)
            return ssldyn_fail(err, SSLDYN_EINPUT, "--column: names more than %d columns",
                               MOST_PANELS);
        snprintf(name, sizeof name, "%.*s", length < 60 ? (int)length : 60, text);
        struct panel *panel = &sheet->panel[sheet->panels];
        set_panel(panel, name, false);
        size_t shown = measure(sheet, panel);
        if (shown == 0) {
            set_panel(panel, name, true);
            shown = measure(sheet, panel);
        }
        if (shown == 0) {
            struct ssldyn_name_slip slip = {.typed = name, .least = 1 + strlen(name) / 2};
            find_nearest(sheet, &slip);
            return ssldyn_fail(
                err, SSLDYN_EINPUT, "--column %.60s: %s column of that name with a value%s", name,
                sheet->set->count > 1 ? "no run has a" : "the run has no", slip.hint);
        }
        sheet->panels++;
        text += length + (text[length] == ',');
    }
    return SSLDYN_OK;
}

/* ---------------------------------------------------------------- the curves */

/* The row after `row` if at most `most` rows are drawn, evenly spaced and including the last. */
static size_t next_row(const struct ssldyn_table *table, size_t row, size_t most)
{
    const size_t step = table->rows > most ? (table->rows + most - 1) / most : 1;

    if (row + 1 == table->rows || row + step < table->rows)
        return row + step;
    return table->rows - 1;
}

/* Number of modes of a panel in a table; 1 for a column that is not per mode, 0 if there is
 * none. */
static size_t count_modes(const struct ssldyn_table *table, const struct panel *panel)
{
    size_t modes = 0;

    while (column_of(table, panel, modes + 1) != SIZE_MAX)
        modes++;
    return modes;
}

/* How many of them are drawn, and which the k-th one is: evenly spaced, including the first and
 * the last. */
static size_t count_drawn(const struct sheet *sheet, size_t modes)
{
    return sheet->set->count > 1 && modes > MOST_MODES ? MOST_MODES : modes;
}

static size_t drawn_mode(size_t k, size_t drawn, size_t modes)
{
    return 1 + (drawn > 1 ? k * (modes - 1) / (drawn - 1) : 0);
}

static void write_curve(FILE *program, const struct sheet *sheet, size_t run, size_t column,
                        size_t most)
{
    const struct ssldyn_table *table = &sheet->tables[run];
    const size_t time = ssldyn_table_column(table, "t");

    for (size_t row = 0; row < table->rows; row = next_row(table, row, most))
        ssldyn_gnuplot_row(program, 3,
                           (double[]){ssldyn_table_value(table, row, time),
                                      ssldyn_table_value(table, row, column), (double)(run + 1)});
    fputc('\n', program);
}

static void write_curves(FILE *program, const struct sheet *sheet)
{
    size_t curves = 0;

    for (size_t k = 0; k < sheet->panels; k++)
        for (size_t i = 0; i < sheet->set->count; i++)
            curves += count_drawn(sheet, count_modes(&sheet->tables[i], &sheet->panel[k]));
    const size_t share = MOST_ROWS / (curves > 0 ? curves : 1);
    const size_t most = share > FEWEST_ROWS ? share : FEWEST_ROWS;
    fputs("$curves << END_OF_DATA\n", program);
    for (size_t k = 0; k < sheet->panels; k++) {
        const struct panel *panel = &sheet->panel[k];
        fputs("t\ty\trun\n", program);
        for (size_t i = 0; i < sheet->set->count; i++) {
            const size_t modes = count_modes(&sheet->tables[i], panel);
            const size_t drawn = count_drawn(sheet, modes);
            for (size_t m = 0; m < drawn; m++)
                write_curve(program, sheet, i,
                            column_of(&sheet->tables[i], panel, drawn_mode(m, drawn, modes)), most);
        }
        fputs("NaN\tNaN\t1\n\n\n", program);
    }
    fprintf(program, "END_OF_DATA\nline_width = %s\n", curves > 40 * sheet->panels ? "0.9" : "1.6");
}

/* A remark if not all modes are drawn. */
static void write_remark(const struct sheet *sheet, char remark[64])
{
    size_t most = 0;

    for (size_t k = 0; k < sheet->panels; k++)
        for (size_t i = 0; i < sheet->set->count; i++) {
            const size_t modes = count_modes(&sheet->tables[i], &sheet->panel[k]);
            most = modes > most ? modes : most;
        }
    remark[0] = '\0';
    if (count_drawn(sheet, most) < most)
        snprintf(remark, 64, "%d of %zu modes", MOST_MODES, most);
}

static void write_panels(FILE *program, const struct sheet *sheet)
{
    fprintf(program,
            "panels = %zu\narray TITLE[%zu]; array LOW[%zu]; array HIGH[%zu]; array LOG[%zu]\n",
            sheet->panels, sheet->panels, sheet->panels, sheet->panels, sheet->panels);
    for (size_t k = 0; k < sheet->panels; k++) {
        const struct panel *panel = &sheet->panel[k];
        ssldyn_gnuplot_entry(program, "TITLE", k, panel->title);
        fprintf(program, "LOW[%zu] = %.9g; HIGH[%zu] = %.9g; LOG[%zu] = %d\n", k + 1, panel->low,
                k + 1, panel->high, k + 1, panel->log_scale);
    }
}

/* ---------------------------------------------------------------- the time */

static void write_times(FILE *program, struct sheet *sheet)
{
    double begin = (double)INFINITY;
    double end = -(double)INFINITY;

    sheet->log_time = true;
    for (size_t i = 0; i < sheet->set->count; i++) {
        const struct ssldyn_table *table = &sheet->tables[i];
        const size_t time = ssldyn_table_column(table, "t");
        if (table->rows == 0)
            continue;
        const double middle = ssldyn_table_value(table, (table->rows - 1) / 2, time);
        const double last = ssldyn_table_value(table, table->rows - 1, time);
        sheet->log_time = sheet->log_time && last > 100.0 * middle;
        begin = fmin(begin, table->values[time]);
        end = fmax(end, last);
    }
    fprintf(program,
            "log_time = %d; begin = %.9g; end = %.9g\nx_label = 'flow time  {/:Italic t}'\n",
            sheet->log_time, begin, end);
}

/* ---------------------------------------------------------------- the whole picture */

static enum ssldyn_status read_traces(struct sheet *sheet,
                                      const struct ssldyn_picture_request *request, FILE *program,
                                      struct ssldyn_error *err)
{
    char state[SSLDYN_LIVE_STATE];
    char note[64];
    size_t unfinished = 0;
    size_t rows = 0;

    for (size_t i = 0; i < sheet->set->count; i++) /* from the first reading */
        ssldyn_table_clear(&sheet->tables[i]);
    enum ssldyn_status status = ssldyn_run_set_vary(sheet->set, err);
    for (size_t i = 0; i < sheet->set->count && status == SSLDYN_OK; i++) {
        char *path = NULL;
        const char *run = sheet->set->runs[i].path;
        status = ssldyn_live_trace(run, request->newest, &sheet->tables[i], &path, state, err);
        rows += sheet->tables[i].rows;
        if (status == SSLDYN_OK && sheet->tables[i].rows > 0 &&
            ssldyn_table_column(&sheet->tables[i], "t") == SIZE_MAX)
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has no column t", path);
        free(path);
        if (status == SSLDYN_EINPUT && sheet->set->of_folder) {
            fprintf(stderr, "ssldyn %s: left out: %s\n", request->command, err->message);
            ssldyn_table_clear(&sheet->tables[i]);
            ssldyn_run_set_drop(sheet->set, i--);
            status = SSLDYN_OK;
            continue;
        }
        unfinished += state[0] != '\0';
        if (state[0] != '\0' && !request->newest)
            fprintf(stderr, "ssldyn %s: %s: %s\n", request->command, run, state);
    }
    if (status == SSLDYN_OK && rows == 0)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "no run has rows to draw");
    snprintf(note, sizeof note, "unfinished: %zu of %zu runs", unfinished, sheet->set->count);
    if (unfinished > 0)
        ssldyn_gnuplot_string(program, "NOTE", note);
    return status;
}

enum ssldyn_status ssldyn_picture_runs(FILE *program, struct ssldyn_run_set *set,
                                       const struct ssldyn_picture_request *request,
                                       struct ssldyn_error *err)
{
    const char *columns = request->columns;
    const size_t all = set->count;
    struct sheet sheet = {.set = set,
                          .tables = ssldyn_memory_array(set->count, sizeof *sheet.tables)};

    if (!sheet.tables)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = read_traces(&sheet, request, program, err);
    if (status == SSLDYN_OK && set->count < all) /* the remaining runs may differ in other
                                                  * settings */
        status = read_traces(&sheet, request, program, err);
    if (status == SSLDYN_OK && columns)
        status = parse_columns(&sheet, columns, err);
    else if (status == SSLDYN_OK)
        choose_panels(&sheet);
    if (status == SSLDYN_OK && sheet.panels == 0)
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%.200s and the others: have no column in common that can be drawn; "
                             "name one with --column",
                             set->runs[0].path);
    if (status == SSLDYN_OK) {
        char remark[64];
        write_remark(&sheet, remark);
        write_times(program, &sheet);
        write_panels(program, &sheet);
        ssldyn_picture_legend(program, set, remark);
        write_curves(program, &sheet);
    }
    for (size_t i = 0; i < all; i++)
        ssldyn_table_clear(&sheet.tables[i]);
    free(sheet.tables);
    return status;
}
