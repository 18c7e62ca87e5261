/* The data of pictures of small tables: the ladder of models, separatrices, thresholds; and labels.
 */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture.h"

#include "sim/cli/words.h"
#include "sim/io/file.h"
#include "sim/options/name.h"
#include "sim/options/spec.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Name of a parameter in option and label, and its symbol in gnuplot's markup. */
static const char *const parameters[][3] = {
    {"eta", "weight decay", "{/:Italic η}"},
    {"eta_s", "weight decay of the network", "{/:Italic η_s}"},
    {"eta_p", "weight decay of the predictor", "{/:Italic η_p}"},
    {"beta", "EMA rate", "{/:Italic β}"},
    {"alpha_p", "predictor's learning rate ratio", "{/:Italic α_p}"},
    {"p0", "start", "{/:Italic p}(0)"},
    {"s0", "start", "{/:Italic s}(0)"},
    {"tau0", "start", "{/:Italic τ}(0)"},
    {"w0", "start", "{/:Italic w}(0)"},
    {"wp0", "start", "{/:Italic w_p}(0)"},
    {"wa0", "start", "{/:Italic w_a}(0)"},
    {"sigma2", "augmentation", "{/:Italic σ}^2"},
    {"tau", "target ratio", "{/:Italic τ}"},
    {"train_lr", NULL, "learning rate (training)"},
    {"train_momentum", NULL, "momentum (training)"},
    {"train_weight_decay", NULL, "weight decay (training)"},
    {"train_ema", NULL, "EMA momentum of the target (training)"},
    {"train_loss_factor", NULL, "factor of the loss (training)"},
    {"train_predictor_lr", NULL, "learning rate of the predictor (training)"},
    {"train_predictor_weight_decay", NULL, "weight decay of the predictor (training)"},
    {"train_steps", NULL, "steps (training)"}};
enum { PARAMETERS = sizeof parameters / sizeof parameters[0] };

void ssldyn_picture_symbol(char *symbol, size_t size, const char *name)
{
    char plain[64];

    ssldyn_name_key(name, plain, sizeof plain);
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (strcmp(plain, parameters[i][0]) == 0) {
            snprintf(symbol, size, "%s", parameters[i][2]);
            return;
        }
    }
    for (char *c = strchr(plain, '_'); c; c = strchr(c, '_'))
        *c = ' ';
    ssldyn_gnuplot_escape(symbol, size, plain);
}

void ssldyn_picture_label(char *label, size_t size, const char *name)
{
    char symbol[128];
    const char *words = NULL;

    ssldyn_picture_symbol(symbol, sizeof symbol, name);
    for (size_t i = 0; i < PARAMETERS; i++)
        if (strcmp(symbol, parameters[i][2]) == 0)
            words = parameters[i][1];
    snprintf(label, size, "%.80s%s%.120s", words ? words : "", words ? "  " : "", symbol);
}

static enum ssldyn_status need(const char *path, const struct ssldyn_table *table, const char *name,
                               size_t *column, struct ssldyn_error *err)
{
    *column = ssldyn_table_column(table, name);
    return *column != SIZE_MAX
               ? SSLDYN_OK
               : ssldyn_fail(err, SSLDYN_EINPUT, "%.300s: has no column %.100s", path, name);
}

static void write_rows(FILE *program, const struct ssldyn_table *table, const size_t columns[],
                       size_t count)
{
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t i = 0; i < count; i++)
            ssldyn_gnuplot_number(program, i == 0 ? '\0' : '\t',
                                  ssldyn_table_value(table, row, columns[i]));
        fputc('\n', program);
    }
}

/* Writes columns of a table as the block $NAME under fixed names. */
static void write_block(FILE *program, const char *name, const char *const names[],
                        const struct ssldyn_table *table, const size_t columns[], size_t count)
{
    fprintf(program, "$%s << END_OF_DATA\n", name);
    for (size_t i = 0; i < count; i++)
        fprintf(program, "%s%s", i == 0 ? "" : "\t", names[i]);
    fputc('\n', program);
    write_rows(program, table, columns, count);
    fputs("END_OF_DATA\n", program);
}

/* The same for columns by name, all of which are required. */
static enum ssldyn_status write_columns(FILE *program, const char *name, const char *const names[],
                                        const char *path, const struct ssldyn_table *table,
                                        const char *const of[], size_t count,
                                        struct ssldyn_error *err)
{
    enum { MOST = 8 };
    size_t columns[MOST];

    for (size_t i = 0; i < count; i++) {
        const enum ssldyn_status status = need(path, table, of[i], &columns[i], err);
        if (status != SSLDYN_OK)
            return status;
    }
    write_block(program, name, names, table, columns, count);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_picture_separatrix(FILE *program, const char *run, const char *path,
                                             const struct ssldyn_table *table,
                                             struct ssldyn_error *err)
{
    static const char *const names[] = {"p", "s"};

    (void)run;
    return write_columns(program, "edge", names, path, table, names, 2, err);
}

enum ssldyn_status ssldyn_picture_moments(FILE *program, const char *run, const char *path,
                                          const struct ssldyn_table *table,
                                          struct ssldyn_error *err)
{
    static const char *const names[] = {"j",     "x",    "sum",     "xprime",
                                        "eta_x", "se_x", "eta_sum", "se_sum"};
    static const char *const columns[] = {"j",     "lambda_x", "lambda_sum", "lambda_xprime",
                                          "eta_x", "se_eta_x", "eta_sum",    "se_eta_sum"};

    const size_t error = ssldyn_table_column(table, "se_eta_x");

    (void)run;
    fprintf(program, "errors = %d\n",
            error != SIZE_MAX && isfinite(ssldyn_table_value(table, 0, error)));
    return write_columns(program, "spectra", names, path, table, columns, 8, err);
}

/* Whether a column's values are positive and span two decades. */
static bool spans_decades(const struct ssldyn_table *table, size_t column)
{
    double low = (double)INFINITY;
    double high = 0.0;

    for (size_t row = 0; row < table->rows; row++) {
        low = fmin(low, ssldyn_table_value(table, row, column));
        high = fmax(high, ssldyn_table_value(table, row, column));
    }
    return low > 0.0 && high >= 100.0 * low;
}

/* The parameter of the threshold is in the directory's settings; without them the label is
 * "threshold". */
static void write_threshold_label(FILE *program, const char *run)
{
    struct ssldyn_spec spec;
    char label[256] = "threshold";

    if (ssldyn_spec_load(&spec, run, NULL) == SSLDYN_OK) {
        if (spec.sweep.threshold)
            ssldyn_picture_label(label, sizeof label, spec.sweep.threshold);
        ssldyn_spec_clear(&spec);
    }
    ssldyn_gnuplot_string(program, "threshold_label", label);
}

enum ssldyn_status ssldyn_picture_thresholds(FILE *program, const char *run, const char *path,
                                             const struct ssldyn_table *table,
                                             struct ssldyn_error *err)
{
    static const char *const names[] = {"x", "y", "threshold"};
    size_t columns[3] = {0, 0, 0};
    char label[256];

    write_threshold_label(program, run);
    enum ssldyn_status status = need(path, table, "threshold", &columns[2], err);
    if (status != SSLDYN_OK)
        return status;
    /* the axes come before the threshold */
    const size_t axes = columns[2];
    columns[1] = axes >= 2 ? 1 : 0;
    fprintf(program, "axes = %zu\n", axes);
    for (size_t i = 0; i < 2; i++) {
        if (axes == 0)
            snprintf(label, sizeof label, "row");
        else
            ssldyn_picture_label(label, sizeof label, table->names[columns[i]]);
        ssldyn_gnuplot_string(program, i == 0 ? "x_label" : "y_label", label);
        fprintf(program, "%c_log = %d\n", i == 0 ? 'x' : 'y',
                axes > 0 && spans_decades(table, columns[i]));
    }
    /* with more than two axes the others are projected out, and named */
    char others[512] = "";
    for (size_t i = 2; i < axes; i++) {
        ssldyn_picture_label(label, sizeof label, table->names[i]);
        const size_t used = strlen(others);
        snprintf(others + used, sizeof others - used, "%s%s", i == 2 ? "over all of  " : ",  ",
                 label);
    }
    ssldyn_gnuplot_string(program, "others", others);
    write_block(program, "thresholds", names, table, columns, 3);
    return SSLDYN_OK;
}

/* ---------------------------------------------------------------- the ladder */

enum { RUNGS = 16, SHOWN = 8 };

/* Whether the runs have more modes than the trace of the ladder. */
static bool has_more_modes(const char *run, const char *rung, size_t shown)
{
    struct ssldyn_spec spec;
    char *path = ssldyn_file_path_join(run, rung);
    bool more = false;

    if (path && ssldyn_spec_load(&spec, path, NULL) == SSLDYN_OK) {
        more = spec.problem.n2 > (int64_t)shown;
        ssldyn_spec_clear(&spec);
    }
    free(path);
    return more;
}

struct rung {
    const char *name; /* in the files */
    double cost;
    size_t columns[SHOWN]; /* of its leading eigenvalues */
    size_t gap;            /* SIZE_MAX: the first rung's */
};

/* The label of a rung in its own panel, and as the rung above the next one. */
static const char *const rung_labels[][3] = {
    {"sgd", "SGD", "SGD"},
    {"map", "no noise", "no noise"},
    {"m1", "lr → 0  (M1)", "M1"},
    {"m2", "{/:Italic W_{a}} = τ{/:Italic W}  (M2)", "M2"},
    {"m2_symmetric", "{/:Italic W_{p}} symmetric", "M2, symmetric"},
    {"m3", "aligned  (M3)", "M3"},
    {"m4", "parabola  (M4)", "M4"},
    {"aligned", "aligned", "aligned"},
    {"next", "order 1/{/:Italic n}", "order 1/{/:Italic n}"},
    {"leading", "leading order", "leading order"}};

static void rung_label(char *label, size_t size, const char *name, int which)
{
    for (size_t i = 0; i < sizeof rung_labels / sizeof rung_labels[0]; i++) {
        if (strcmp(name, rung_labels[i][0]) == 0) {
            snprintf(label, size, "%s", rung_labels[i][which]);
            return;
        }
    }
    ssldyn_gnuplot_escape(label, size, name);
}

/* The rungs of ladder.tsv, and their columns in the trace. */
static enum ssldyn_status find_rungs(const char *path, const struct ssldyn_words *words,
                                     const struct ssldyn_table *table, struct rung rungs[],
                                     size_t *count, size_t *shown, struct ssldyn_error *err)
{
    const size_t name = ssldyn_words_column(words, "rung");
    const size_t cost = ssldyn_words_column(words, "s_mean");

    if (name == SIZE_MAX || cost == SIZE_MAX || words->rows < 2 || words->rows > RUNGS)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.300s: needs the columns rung and s_mean, and 2 to %d rows", path,
                           RUNGS);
    *count = words->rows;
    *shown = SHOWN;
    for (size_t k = 0; k < *count; k++) {
        char column[128];
        rungs[k].name = ssldyn_words_cell(words, k, name);
        rungs[k].cost = ssldyn_words_number(words, k, cost);
        snprintf(column, sizeof column, "s_gap_%.64s", rungs[k].name);
        rungs[k].gap = ssldyn_table_column(table, column);
        size_t j = 0;
        for (; j < *shown; j++) {
            snprintf(column, sizeof column, "s_%zu_%.64s", j + 1, rungs[k].name);
            rungs[k].columns[j] = ssldyn_table_column(table, column);
            if (rungs[k].columns[j] == SIZE_MAX)
                break;
        }
        *shown = j;
        if (j == 0 || (k > 0 && rungs[k].gap == SIZE_MAX))
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%.300s: names the rung \"%.64s\", whose trace.tsv lacks the "
                               "columns s_1 and s_gap",
                               path, rungs[k].name);
    }
    return SSLDYN_OK;
}

/* The largest leading eigenvalue of any rung at any time. */
static double largest(const struct ssldyn_table *table, const struct rung rungs[], size_t count)
{
    double top = 0.0;

    for (size_t row = 0; row < table->rows; row++)
        for (size_t k = 0; k < count; k++)
            top = fmax(top, ssldyn_table_value(table, row, rungs[k].columns[0]));
    return top;
}

static void write_rungs(FILE *program, const struct ssldyn_table *table, const struct rung rungs[],
                        size_t count, size_t shown, double top)
{
    const double *end = table->values + (table->rows - 1) * table->columns;
    char label[128];

    fprintf(program, "array RUNG[%zu]; array ABOVE[%zu]; array COST[%zu]; array ALIVE[%zu]\n",
            count, count, count, count);
    for (size_t k = 0; k < count; k++) {
        size_t alive = 0; /* above a hundredth of the largest value of all */
        for (size_t j = 0; j < shown; j++)
            alive += end[rungs[k].columns[j]] > 0.01 * top;
        rung_label(label, sizeof label, rungs[k].name, 1);
        ssldyn_gnuplot_entry(program, "RUNG", k, label);
        rung_label(label, sizeof label, rungs[k].name, 2);
        ssldyn_gnuplot_entry(program, "ABOVE", k, label);
        fprintf(program, "COST[%zu] = ", k + 1);
        ssldyn_gnuplot_number(program, '\0', rungs[k].cost);
        fprintf(program, "; ALIVE[%zu] = %zu\n", k + 1, alive);
    }
}

/* $spectra: t, the eigenvalue on each rung, the mode; $gaps: t and the gap of each rung but the
 * first. */
static void write_spectra(FILE *program, const struct ssldyn_table *table,
                          const struct rung rungs[], size_t count, size_t shown)
{
    size_t columns[RUNGS + 1] = {ssldyn_table_column(table, "t")};

    fputs("$spectra << END_OF_DATA\nt", program);
    for (size_t k = 0; k < count; k++)
        fprintf(program, "\ts%zu", k + 1);
    fputc('\n', program);
    for (size_t j = 0; j < shown; j++) {
        for (size_t k = 0; k < count; k++)
            columns[k + 1] = rungs[k].columns[j];
        write_rows(program, table, columns, count + 1);
        fputc('\n', program);
    }
    fputs("END_OF_DATA\n$gaps << END_OF_DATA\nt", program);
    for (size_t k = 1; k < count; k++) {
        fprintf(program, "\tgap%zu", k + 1);
        columns[k] = rungs[k].gap;
    }
    fputc('\n', program);
    write_rows(program, table, columns, count);
    fputs("END_OF_DATA\n", program);
}

enum ssldyn_status ssldyn_picture_ladder(FILE *program, const char *run, const char *path,
                                         const struct ssldyn_table *table, struct ssldyn_error *err)
{
    struct ssldyn_words words = {0};
    struct rung rungs[RUNGS] = {{0}};
    size_t count = 0;
    size_t shown = 0;
    size_t time = 0;
    enum ssldyn_status status = need(path, table, "t", &time, err);
    char *ladder = ssldyn_file_path_join(run, "ladder.tsv");

    if (status == SSLDYN_OK && !ladder)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK)
        status = ssldyn_words_read(ladder, &words, err);
    if (status == SSLDYN_OK)
        status = find_rungs(ladder, &words, table, rungs, &count, &shown, err);
    if (status == SSLDYN_OK) {
        const double top = largest(table, rungs, count);
        fprintf(program, "rungs = %zu; shown = %zu; more_modes = %d; top = %.9g; end = ", count,
                shown, has_more_modes(run, rungs[0].name, shown), top > 0.0 ? top : 1.0);
        ssldyn_gnuplot_number(program, '\0', ssldyn_table_value(table, table->rows - 1, time));
        fputc('\n', program);
        write_rungs(program, table, rungs, count, shown, top);
        write_spectra(program, table, rungs, count, shown);
    }
    ssldyn_words_clear(&words);
    free(ladder);
    return status;
}
