/* The results of a sweep in numbers; and several runs as one table. */
// SPDX-License-Identifier: MIT
#include "sim/cli/report.h"

#include "sim/answer/run_table.h"
#include "sim/base/memory.h"
#include "sim/options/spec.h"
#include "sim/sweep/sweep_view.h"
#include "theory/fate.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { RANKS = 257 };

struct tally {
    int64_t points;
    int64_t fates[SSLDYN_FATES];
    int64_t ranks[RANKS]; /* the last entry: larger, or unknown */
    double low, high;     /* of a column */
};

static void take_fate(void *context, int64_t point, double fate, double rank)
{
    struct tally *tally = context;

    (void)point;
    tally->points++;
    tally->fates[(int)fate & (SSLDYN_FATES - 1)]++;
    if (fate <= (double)SSLDYN_FATE_SURVIVES && rank >= 0.0 && rank < RANKS - 1)
        tally->ranks[(size_t)rank]++;
    else
        tally->ranks[RANKS - 1]++;
}

static void take_range(void *context, int64_t point, double value, double unused)
{
    struct tally *tally = context;

    (void)point;
    (void)unused;
    if (isfinite(value)) {
        tally->low = fmin(tally->low, value);
        tally->high = fmax(tally->high, value);
    }
}

static void write_share(FILE *out, const char *name, int64_t count, int64_t points)
{
    fprintf(out, "<tr><td>%s</td><td>%" PRId64 "</td><td>", name, count);
    if (points > 0)
        fprintf(out, "%.3g %%", 100.0 * (double)count / (double)points);
    fputs("</td></tr>\n", out);
}

static void write_fates(FILE *out, const struct ssldyn_sweep_view *view, const struct tally *tally)
{
    ssldyn_report_table(out, "Fates", "fate|points|share");
    for (int k = 0; k < SSLDYN_FATES; k++)
        write_share(out, ssldyn_fate_word((enum ssldyn_fate)k), tally->fates[k], tally->points);
    fprintf(out, "<tr><td>points</td><td>%" PRId64 "</td><td></td></tr>\n</table></div>\n",
            tally->points);
    if (view->unfinished)
        fprintf(out,
                "<p>The sweep is not finished: %" PRId64 " of %" PRId64 " points are done.</p>\n",
                tally->points, view->axes.points);
}

static void write_ranks(FILE *out, const struct tally *tally)
{
    char name[32];

    ssldyn_report_table(out, "Modes that survive", "modes|points|share");
    for (int k = 0; k < RANKS; k++) {
        snprintf(name, sizeof name, "%d", k);
        if (tally->ranks[k] > 0)
            write_share(out, k < RANKS - 1 ? name : "not known", tally->ranks[k], tally->points);
    }
    fputs("</table></div>\n", out);
}

static enum ssldyn_status write_ranges(FILE *out, const struct ssldyn_sweep_view *view,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;

    ssldyn_report_table(out, "Ranges of the columns", "column|smallest|largest");
    for (size_t i = 1; i < view->columns.count && status == SSLDYN_OK; i++) {
        const char *name = view->columns.names[i];
        struct tally tally = {.low = (double)INFINITY, .high = -(double)INFINITY};
        if (!ssldyn_sweep_view_has(view, name))
            continue;
        status =
            ssldyn_sweep_view_each(view, name, NULL, view->axes.points, take_range, &tally, err);
        if (tally.low > tally.high)
            continue; /* no point has a value */
        fprintf(out, "<tr><td>%s</td>", name);
        ssldyn_report_cell_number(out, tally.low);
        ssldyn_report_cell_number(out, tally.high);
        fputs("</tr>\n", out);
    }
    fputs("</table></div>\n", out);
    return status;
}

enum ssldyn_status ssldyn_report_sweep(FILE *out, const char *run, struct ssldyn_error *err)
{
    struct ssldyn_sweep_view view;
    struct tally *tally = ssldyn_memory_array(1, sizeof *tally);

    if (!tally)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    enum ssldyn_status status = ssldyn_sweep_view_open(&view, run, err);
    if (status == SSLDYN_OK) {
        const bool ranks = ssldyn_sweep_view_has(&view, "rank");
        status = ssldyn_sweep_view_each(&view, "fate", ranks ? "rank" : NULL, view.axes.points,
                                        take_fate, tally, err);
        if (status == SSLDYN_OK) {
            write_fates(out, &view, tally);
            if (ranks)
                write_ranks(out, tally);
            status = write_ranges(out, &view, err);
        }
    }
    ssldyn_sweep_view_clear(&view);
    free(tally);
    return status;
}

enum ssldyn_status ssldyn_report_runs(FILE *out, struct ssldyn_run_set *set,
                                      const struct ssldyn_answer_mode *mode,
                                      struct ssldyn_error *err)
{
    struct ssldyn_run_table table;

    const enum ssldyn_status status = ssldyn_run_table_make(set, mode, &table, err);
    if (status == SSLDYN_OK) {
        ssldyn_report_table(out, "All runs", NULL);
        fputs("<tr>", out);
        for (size_t k = 0; k < table.columns; k++)
            ssldyn_report_cell(out, "th", table.column[k].name);
        for (size_t i = 0; i < table.rows; i++) {
            fputs("</tr>\n<tr>", out);
            for (size_t k = 0; k < table.columns; k++) {
                const char *cell = table.cells[i * table.columns + k];
                double value = 0.0;
                if (k > 0 && (strcmp(cell, "nan") == 0 || ssldyn_parse_double(cell, &value)))
                    ssldyn_report_cell_number(out, strcmp(cell, "nan") == 0 ? (double)NAN : value);
                else
                    ssldyn_report_cell(out, "td", cell);
            }
        }
        fputs("</tr>\n</table></div>\n", out);
        ssldyn_report_table(out, "Columns", NULL);
        for (size_t k = 0; k < table.columns; k++)
            ssldyn_report_meaning(out, table.column[k].name, table.column[k].meaning);
        fputs("</table></div>\n", out);
    }
    ssldyn_run_table_clear(&table);
    return status;
}
