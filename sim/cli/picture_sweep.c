/* The data of pictures of sweeps: a diagram over one axis, maps over two with a panel for each
 * value of the others, the share that collapses where starts are averaged, points of a Sobol
 * sample. Axes come from spec.conf, outcomes from the arrays: table.tsv is not needed. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture.h"

#include "sim/base/memory.h"
#include "sim/cli/picture_cells.h"
#include "sim/cli/picture_runs.h"
#include "sim/cli/words.h"
#include "sim/io/file.h"
#include "sim/io/npy.h"
#include "sim/sweep/axes.h"
#include "sim/sweep/shares.h"
#include "theory/fate.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t most_points = (int64_t)1 << 24;
enum { MOST_SOBOL = 20000, MOST_DIAGRAM = 200000, MOST_BRANCHES = 1000 };

struct sweep {
    const char *run;
    struct ssldyn_spec spec;
    struct ssldyn_axes axes;
    size_t shown; /* axes that are not averaged over */
    bool averaged;
    struct ssldyn_array fate, rank, p_end; /* count 0: not kept */
    struct ssldyn_table shares;            /* of collapse.tsv */
};

static void clear(struct sweep *sweep)
{
    ssldyn_array_clear(&sweep->fate);
    ssldyn_array_clear(&sweep->rank);
    ssldyn_array_clear(&sweep->p_end);
    ssldyn_table_clear(&sweep->shares);
    ssldyn_axes_clear(&sweep->axes);
    ssldyn_spec_clear(&sweep->spec);
}

/* NAME.npy of the sweep, one number a point; nothing where it was not kept. */
static enum ssldyn_status read_column(const struct sweep *sweep, const char *name,
                                      struct ssldyn_array *array, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    char *path = ssldyn_path_join(sweep->run, name);

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (access(path, F_OK) == 0)
        status = ssldyn_npy_read(path, true, array, err);
    if (status == SSLDYN_OK && array->count > 0 && (int64_t)array->count != sweep->axes.points)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has %zu numbers for %" PRId64 " points",
                             path, array->count, sweep->axes.points);
    free(path);
    return status;
}

static enum ssldyn_status read_shares(struct sweep *sweep, struct ssldyn_error *err)
{
    static const char *const names[] = {"probability", "low", "high"};
    int64_t rows = 1;
    char *path = ssldyn_path_join(sweep->run, "collapse.tsv");

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < sweep->shown; i++)
        rows *= (int64_t)sweep->axes.axis[i].values.count;
    enum ssldyn_status status = ssldyn_table_read(path, &sweep->shares, err);
    if (status == SSLDYN_OK && (int64_t)sweep->shares.rows != rows)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has %zu rows instead of %" PRId64, path,
                             sweep->shares.rows, rows);
    for (int i = 0; i < 3 && status == SSLDYN_OK; i++)
        if (ssldyn_table_column(&sweep->shares, names[i]) == SIZE_MAX)
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has no column %s", path, names[i]);
    free(path);
    return status;
}

static enum ssldyn_status read_sweep(struct sweep *sweep, struct ssldyn_error *err)
{
    struct ssldyn_shares shares = {0};
    enum ssldyn_status status = ssldyn_spec_load(&sweep->spec, sweep->run, err);

    if (status == SSLDYN_OK && sweep->spec.command != SSLDYN_COMMAND_SWEEP)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: its spec.conf is not that of a sweep",
                           sweep->run);
    if (status == SSLDYN_OK)
        status = ssldyn_axes_init(&sweep->axes, &sweep->spec, err);
    if (status == SSLDYN_OK)
        status = ssldyn_shares_init(&shares, &sweep->spec, &sweep->axes, err);
    if (status == SSLDYN_OK && sweep->axes.points > most_points)
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%.300s: has %" PRId64 " points; at most %" PRId64 " can be drawn",
                             sweep->run, sweep->axes.points, most_points);
    if (status != SSLDYN_OK)
        return status;
    sweep->averaged = shares.axes != NULL;
    sweep->shown = sweep->averaged ? shares.outer : sweep->axes.count;
    if (sweep->averaged)
        return read_shares(sweep, err);
    status = read_column(sweep, "fate.npy", &sweep->fate, err);
    if (status == SSLDYN_OK)
        status = read_column(sweep, "rank.npy", &sweep->rank, err);
    if (status == SSLDYN_OK)
        status = read_column(sweep, "p_end.npy", &sweep->p_end, err);
    return status;
}

/* What a cell of a map shows; NaN: a fate that is neither collapse nor survival. */
static double value_of(const struct sweep *sweep, int64_t point)
{
    if (sweep->averaged)
        return sweep->shares.values[(size_t)point * sweep->shares.columns +
                                    ssldyn_table_column(&sweep->shares, "probability")];
    const double fate = sweep->fate.data[point];
    if (fate > SSLDYN_FATE_SURVIVES)
        return (double)NAN;
    return sweep->rank.count > 0 ? sweep->rank.data[point] : fate;
}

/* ---------------------------------------------------------------- theory's lines */

/* The rows of one line of lines.tsv as the block $NAME, its branches apart, and NAME_count. */
static void write_line(FILE *program, const struct ssldyn_words *words, const char *line)
{
    size_t count = 0;
    int branches = 1;

    fprintf(program, "$%s << END_OF_DATA\nx\ty\n", line);
    for (int branch = 0; branch < branches; branch++) {
        for (size_t row = 0; row < words->rows; row++) {
            const double k = ssldyn_words_number(words, row, 1);
            if (strcmp(ssldyn_words_cell(words, row, 0), line) != 0)
                continue;
            if (k >= branches && k < MOST_BRANCHES)
                branches = (int)k + 1;
            if (k != (double)branch)
                continue;
            ssldyn_gnuplot_number(program, '\0', ssldyn_words_number(words, row, 2));
            ssldyn_gnuplot_number(program, '\t', ssldyn_words_number(words, row, 3));
            fputc('\n', program);
            count++;
        }
        fputc('\n', program);
    }
    fprintf(program, "NaN\tNaN\nEND_OF_DATA\n%s_count = %zu\n", line, count);
}

static enum ssldyn_status write_lines(FILE *program, const struct sweep *sweep,
                                      struct ssldyn_error *err)
{
    static const char *const lines[] = {"fold", "alignment", "ema",     "edge",
                                        "zero", "stable",    "unstable"};
    struct ssldyn_words words = {0};
    enum ssldyn_status status = SSLDYN_OK;
    char *path = ssldyn_path_join(sweep->run, "lines.tsv");

    if (!path)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const bool there = !sweep->averaged && sweep->axes.count <= 2 && access(path, F_OK) == 0;
    if (there)
        status = ssldyn_words_read(path, &words, err);
    if (status == SSLDYN_OK && there &&
        (words.columns < 4 || ssldyn_words_column(&words, "line") != 0 ||
         ssldyn_words_column(&words, "branch") != 1))
        status = ssldyn_fail(err, SSLDYN_EINPUT,
                             "%.300s: must have the columns line, branch and two more", path);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0] && status == SSLDYN_OK; i++)
        write_line(program, &words, lines[i]);
    ssldyn_words_clear(&words);
    free(path);
    return status;
}

/* ---------------------------------------------------------------- points */

/* The points of a diagram over the first axis, or of a Sobol sample over the first two. */
static enum ssldyn_status write_points(FILE *program, const struct sweep *sweep, int64_t most,
                                       struct ssldyn_error *err)
{
    struct ssldyn_axes_walk *walk = NULL;
    double values[SSLDYN_AXES_MAXIMUM];
    const int64_t points = sweep->axes.points < most ? sweep->axes.points : most;

    const enum ssldyn_status status = ssldyn_axes_walk_create(&sweep->axes, &walk, err);
    if (status != SSLDYN_OK)
        return status;
    fputs("$points << END_OF_DATA\nx\ty\tvalue\tfate\n", program);
    for (int64_t i = 0; i < points; i++) {
        const double fate = sweep->fate.data[i];
        ssldyn_axes_walk_read(walk, i, values);
        ssldyn_gnuplot_number(program, '\0', values[0]);
        ssldyn_gnuplot_number(program, '\t', values[sweep->axes.count > 1]);
        /* what has diverged has no p, and is marked at 0 */
        const double p = sweep->p_end.count == 0        ? fate
                         : fate == SSLDYN_FATE_DIVERGED ? 0.0
                                                        : sweep->p_end.data[i];
        ssldyn_gnuplot_number(program, '\t', p);
        ssldyn_gnuplot_number(program, '\t', fmin(fate, SSLDYN_FATE_SURVIVES + 1));
        fputc('\n', program);
    }
    fprintf(program, "END_OF_DATA\nhas_p = %d\n", sweep->p_end.count > 0);
    ssldyn_axes_walk_free(walk);
    return SSLDYN_OK;
}

/* The share that collapses over the first axis, with its interval. */
static void write_share_points(FILE *program, const struct sweep *sweep)
{
    const struct ssldyn_table *table = &sweep->shares;
    const size_t columns[] = {ssldyn_table_column(table, "probability"),
                              ssldyn_table_column(table, "low"),
                              ssldyn_table_column(table, "high")};

    fputs("$points << END_OF_DATA\nx\tprobability\tlow\thigh\n", program);
    for (size_t row = 0; row < table->rows; row++) {
        ssldyn_gnuplot_number(program, '\0',
                              sweep->shown > 0 ? sweep->axes.axis[0].values.values[row] : 0.0);
        for (int i = 0; i < 3; i++)
            ssldyn_gnuplot_number(program, '\t', table->values[row * table->columns + columns[i]]);
        fputc('\n', program);
    }
    fputs("END_OF_DATA\n", program);
}

/* ---------------------------------------------------------------- all of it */

/* What is averaged over, and what of a Sobol sample is not drawn: said in the picture. */
static void write_note(FILE *program, const struct sweep *sweep)
{
    char symbol[128];
    char note[1024] = "";
    int64_t starts = 1;
    const size_t from = sweep->averaged ? sweep->shown : 2;
    const bool some = sweep->axes.sobol && sweep->axes.points > MOST_SOBOL;

    if (some)
        snprintf(note, sizeof note, "the first %d of %" PRId64 " points", MOST_SOBOL,
                 sweep->axes.points);
    for (size_t i = from; i < sweep->axes.count && (sweep->averaged || sweep->axes.sobol); i++) {
        const size_t used = strlen(note);
        ssldyn_picture_symbol(symbol, sizeof symbol, sweep->axes.axis[i].option->name);
        snprintf(note + used, sizeof note - used, "%s%s",
                 i > from          ? ", "
                 : sweep->averaged ? "average over "
                 : some            ? "; all values of "
                                   : "all values of ",
                 symbol);
        starts *= sweep->averaged ? (int64_t)sweep->axes.axis[i].values.count : 1;
    }
    ssldyn_gnuplot_string(program, "note", note);
    fprintf(program, "starts = %" PRId64 "\n", starts);
}

static enum ssldyn_status write_sweep(FILE *program, const struct sweep *sweep,
                                      struct ssldyn_error *err)
{
    double top = 0.0;

    for (size_t i = 0; i < sweep->rank.count; i++)
        top = fmax(top, sweep->rank.data[i]);
    const char *layout = sweep->averaged && sweep->shown < 2 ? "shares"
                         : sweep->shown < 2                  ? "diagram"
                         : sweep->axes.sobol                 ? "sobol"
                                                             : "map";
    const char *quantity = sweep->averaged ? "share" : top > 1.0 ? "rank" : "fate";
    ssldyn_gnuplot_string(program, "layout", layout);
    ssldyn_gnuplot_string(program, "quantity", quantity);
    fprintf(program, "top = %.9g\n", top);
    write_note(program, sweep);
    enum ssldyn_status status = write_lines(program, sweep, err);
    if (status == SSLDYN_OK)
        status = ssldyn_cells_write_axes(program, &sweep->axes, sweep->shown, err);
    if (status != SSLDYN_OK)
        return status;
    if (strcmp(layout, "shares") == 0) {
        write_share_points(program, sweep);
        return SSLDYN_OK;
    }
    if (strcmp(layout, "map") != 0)
        return write_points(program, sweep, sweep->axes.sobol ? MOST_SOBOL : MOST_DIAGRAM, err);
    const size_t points = sweep->averaged ? sweep->shares.rows : (size_t)sweep->axes.points;
    double *values = ssldyn_array_alloc(points, sizeof *values);
    bool unknown = false;
    if (!values)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < points; i++) {
        values[i] = value_of(sweep, (int64_t)i);
        unknown = unknown || isnan(values[i]);
    }
    fprintf(program, "has_unknown = %d\n", unknown);
    status = ssldyn_cells_write_maps(program, &sweep->axes, sweep->shown, values, err);
    free(values);
    return status;
}

enum ssldyn_status ssldyn_picture_sweep(FILE *program, const char *run, const char *path,
                                        const struct ssldyn_table *table, struct ssldyn_error *err)
{
    struct sweep sweep = {.run = run};

    (void)path;
    (void)table;
    enum ssldyn_status status = read_sweep(&sweep, err);
    if (status == SSLDYN_OK)
        status = write_sweep(program, &sweep, err);
    clear(&sweep);
    return status;
}

enum ssldyn_status ssldyn_picture_sweeps(FILE *program, struct ssldyn_run_set *set,
                                         const char *column, struct ssldyn_error *err)
{
    (void)column;
    return ssldyn_picture_sweep(program, set->runs[0].path, NULL, NULL, err);
}
