/* Several runs as one table (run_table.h). */
// SPDX-License-Identifier: MIT
#include "sim/answer/run_table.h"

#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/compare/compare.h"
#include "sim/compare/live_trace.h"
#include "sim/io/conf.h"
#include "sim/io/file.h"
#include "sim/sweep/sweep_view.h"
#include "theory/losses.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The columns for a run, other than its settings. */
enum fact {
    SURVIVE,
    COLLAPSED,
    UNDECIDED,
    DIVERGED,
    POINTS,
    OTHER_FATE,
    RANK_END,
    T_END,
    FIRST_END,
    LAST_END = FIRST_END + 10,
    S_GAP,
    P_GAP,
    FACTS
};
static const struct {
    const char *name;
    const char *meaning;
    const char *source; /* for values at the end: a column of the trace */
} facts[FACTS] = {
    [SURVIVE] = {"survive", "number of modes, or of points of a sweep, that survive", NULL},
    [COLLAPSED] = {"collapsed", "number that collapsed", NULL},
    [UNDECIDED] = {"undecided", "number whose fate is undecided", NULL},
    [DIVERGED] = {"diverged", "number that diverged", NULL},
    [POINTS] = {"points", "number of points of the sweep that are done", NULL},
    [OTHER_FATE] = {"other_fate",
                    "number of points whose fate differs from that in the first sweep", NULL},
    [RANK_END] = {"rank_end",
                  "number of eigenvalues of F at the end above 1e-6 of the largest one of the run "
                  "(of that at the end, if all norms decay under the loss)",
                  NULL},
    [T_END] = {"t_end", "time reached", "t"},
    [FIRST_END] = {"s_1_end", "largest eigenvalue of F (for modes: s of mode 1) at the end", "s_1"},
    [FIRST_END + 1] = {"p_1_end",
                       "predictor along its eigenvector (for modes: p of mode 1) at the end",
                       "p_1"},
    [FIRST_END + 2] = {"tau_1_end",
                       "ratio of the target to the online network in mode 1 at the end", "tau_1"},
    [FIRST_END + 3] = {"tau_end", "<Wa,W>/|W|^2 at the end", "tau"},
    [FIRST_END + 4] = {"loss_end", "loss at the end", "loss"},
    [FIRST_END + 5] = {"norm_w_end", "norm of W at the end", "norm_w"},
    [FIRST_END + 6] = {"norm_wp_end", "norm of Wp at the end", "norm_wp"},
    [FIRST_END + 7] = {"commutator_end", "|[F,Wp]| at the end", "commutator"},
    [FIRST_END + 8] = {"asymmetry_end", "|Wp - Wp^T|/|Wp| at the end", "asymmetry"},
    [FIRST_END + 9] = {"effective_rank_end", "effective rank of the last snapshot",
                       "effective_rank"},
    [LAST_END] = {"alive_end", "number of directions alive in the last snapshot", "alive"},
    [S_GAP] = {"s_gap", "largest relative distance of the spectrum of F from that of the first run",
               NULL},
    [P_GAP] = {"p_gap", "largest relative distance of the p_j from those of the first run", NULL},
};

void ssldyn_run_table_clear(struct ssldyn_run_table *table)
{
    for (size_t i = 0; table->cells && i < table->rows * table->columns; i++)
        free(table->cells[i]);
    free(table->cells);
    free(table->column);
    *table = (struct ssldyn_run_table){0};
}

/* ---------------------------------------------------------------- traces */

enum { FATES = 4 }; /* SURVIVE to DIVERGED */

/* "fates: 3 survive, 1 collapsed, 0 undecided, 0 diverged" */
static bool read_counts(const char *line, double counts[FATES])
{
    static const char *const before[FATES] = {"fates: ", " survive, ", " collapsed, ",
                                              " undecided, "};
    for (int k = 0; k < FATES; k++) {
        if (strncmp(line, before[k], strlen(before[k])) != 0)
            return false;
        line += strlen(before[k]);
        char *end = NULL;
        counts[k] = (double)strtoul(line, &end, 10);
        if (end == line)
            return false;
        line = end;
    }
    return strncmp(line, " diverged", 9) == 0;
}

/* The number of modes by fate, if the run's closing report has it. */
static enum ssldyn_status read_fates(const char *run, double values[FACTS],
                                     struct ssldyn_error *err)
{
    char line[1024];
    double counts[FATES];
    FILE *stream = NULL;
    const enum ssldyn_status status = ssldyn_file_optional(run, "report.txt", &stream, err);

    while (stream && fgets(line, sizeof line, stream)) {
        if (read_counts(line, counts))
            memcpy(&values[SURVIVE], counts, sizeof counts);
    }
    if (stream)
        fclose(stream);
    return status;
}

/* Whether norms only decay under the run's loss, from its spec.conf; false if it cannot be read.
 * ENOMEM. */
static enum ssldyn_status find_decay(const char *run, bool *decay, struct ssldyn_error *err)
{
    struct ssldyn_conf conf = {0};
    char *path = ssldyn_file_path_join(run, "spec.conf");
    const enum ssldyn_status status = path ? ssldyn_conf_read(path, &conf, err)
                                           : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const char *name = status == SSLDYN_OK ? ssldyn_conf_value(&conf, "loss") : NULL;

    *decay = false;
    for (size_t i = 0; name && i < SSLDYN_LOSSES_COUNT; i++)
        *decay =
            *decay || (ssldyn_losses[i]->normalized && strcmp(ssldyn_losses[i]->name, name) == 0);
    ssldyn_conf_clear(&conf);
    free(path);
    return status == SSLDYN_ENOMEM ? status : SSLDYN_OK;
}

/* from: the first row of the spectrum with which a mode is compared. */
static double rank_at_end(const struct ssldyn_table *table, size_t from)
{
    const double *end = table->values + (table->rows - 1) * table->columns;
    double largest = 0.0;
    size_t rank = 0;
    bool found = false;

    for (int pass = 0; pass < 2; pass++) {
        char name[32] = "s_1";
        size_t column = 0;
        for (size_t j = 1; (column = ssldyn_table_column(table, name)) != SIZE_MAX; j++) {
            found = true;
            for (size_t row = from; pass == 0 && row < table->rows; row++)
                largest = fmax(largest, ssldyn_table_value(table, row, column));
            rank += pass == 1 && end[column] > 1e-6 * largest;
            snprintf(name, sizeof name, "s_%zu", j + 1);
        }
    }
    return found ? (double)rank : (double)NAN;
}

/* Gaps from the first run; none if the two have no common columns or times. ENOMEM. */
static enum ssldyn_status read_gaps(const char *first, const char *run, double values[FACTS],
                                    struct ssldyn_error *err)
{
    struct ssldyn_comparison comparison;

    if (strcmp(first, run) == 0)
        return SSLDYN_OK;
    const enum ssldyn_status status = ssldyn_compare_run(first, run, NULL, &comparison, err);
    if (status != SSLDYN_OK)
        return status == SSLDYN_ENOMEM ? status : SSLDYN_OK;
    for (size_t i = 0; i < comparison.gap_count; i++) {
        if (strcmp(comparison.gaps[i].name, "s") == 0)
            values[S_GAP] = comparison.gaps[i].relative;
        if (strcmp(comparison.gaps[i].name, "p") == 0)
            values[P_GAP] = comparison.gaps[i].relative;
    }
    ssldyn_compare_clear(&comparison);
    return SSLDYN_OK;
}

static enum ssldyn_status read_trace(const char *first, const char *run,
                                     const struct ssldyn_answer_mode *mode, double values[FACTS],
                                     struct ssldyn_error *err)
{
    struct ssldyn_table table = {0};
    char state[SSLDYN_LIVE_STATE];
    char *path = NULL;
    enum ssldyn_status status = ssldyn_live_trace(run, false, &table, &path, state, err);

    if (state[0] != '\0')
        ssldyn_answer_remark(mode, "%s: %s", run, state);
    if (status == SSLDYN_OK && table.rows > 0) {
        for (int k = T_END; k <= LAST_END; k++) {
            const size_t column = ssldyn_table_column(&table, k == T_END ? "t" : facts[k].source);
            if (column != SIZE_MAX)
                values[k] = ssldyn_table_value(&table, table.rows - 1, column);
        }
        bool decay = false;
        status = find_decay(run, &decay, err);
        values[RANK_END] = rank_at_end(&table, decay ? table.rows - 1 : 0);
        if (status == SSLDYN_OK)
            status = read_fates(run, values, err);
        if (status == SSLDYN_OK && state[0] == '\0')
            status = read_gaps(first, run, values, err);
    }
    ssldyn_table_clear(&table);
    free(path);
    return status;
}

/* ---------------------------------------------------------------- sweeps */

struct counting {
    double *values;
    signed char *fates; /* one per point of the first sweep; NULL: not kept */
    bool first;
};

static void count_point(void *context, int64_t point, double fate, double unused)
{
    static const int of[] = {COLLAPSED, SURVIVE, DIVERGED, UNDECIDED};
    struct counting *counting = context;

    (void)unused;
    counting->values[POINTS] += 1.0;
    counting->values[of[(int)fate & 3]] += 1.0;
    if (counting->fates && counting->first)
        counting->fates[point] = (signed char)fate;
    else if (counting->fates)
        counting->values[OTHER_FATE] += counting->fates[point] != (signed char)fate;
}

/* fates: those of the first sweep, which fills them; later sweeps with the same number of points
 * are compared with them. */
static enum ssldyn_status read_sweep(const char *run, bool first, signed char **fates,
                                     int64_t *points, double values[FACTS],
                                     struct ssldyn_error *err)
{
    struct ssldyn_sweep_view view;
    enum ssldyn_status status = ssldyn_sweep_view_open(&view, run, err);

    if (status == SSLDYN_OK && first) {
        *points = view.axes.points;
        *fates = ssldyn_memory_array((size_t)*points, 1);
        if (!*fates)
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the map");
    }
    if (status == SSLDYN_OK) {
        const bool same = *fates && *points == view.axes.points && !view.unfinished;
        struct counting counting = {values, same ? *fates : NULL, first};
        for (int k = SURVIVE; k <= OTHER_FATE; k++)
            values[k] = k < OTHER_FATE || (same && !first) ? 0.0 : (double)NAN;
        status = ssldyn_sweep_view_each(&view, "fate", NULL, view.axes.points, count_point,
                                        &counting, err);
    }
    ssldyn_sweep_view_clear(&view);
    return status;
}

/* ---------------------------------------------------------------- the table */

/* values: FACTS numbers per run, NaN for none. */
static enum ssldyn_status read_values(const struct ssldyn_run_set *set,
                                      const struct ssldyn_answer_mode *mode, double values[],
                                      struct ssldyn_error *err)
{
    signed char *fates = NULL;
    int64_t points = 0;
    enum ssldyn_status status = SSLDYN_OK;

    for (size_t i = 0; i < set->count * FACTS; i++)
        values[i] = (double)NAN;
    for (size_t i = 0; i < set->count && status == SSLDYN_OK; i++) {
        const char *run = set->runs[i].path;
        if (set->runs[i].kind == SSLDYN_RUN_TRACE)
            status = read_trace(set->runs[0].path, run, mode, values + i * FACTS, err);
        if (set->runs[i].kind == SSLDYN_RUN_SWEEP)
            status = read_sweep(run, i == 0, &fates, &points, values + i * FACTS, err);
        if (status == SSLDYN_EINPUT && set->of_folder) { /* one of many */
            ssldyn_answer_remark(mode, "%s", err->message);
            status = SSLDYN_OK;
        }
    }
    free(fates);
    return status;
}

static bool is_known(const double values[], size_t rows, int fact)
{
    for (size_t i = 0; i < rows; i++)
        if (!isnan(values[i * FACTS + (size_t)fact]))
            return true;
    return false;
}

static enum ssldyn_status fill(const struct ssldyn_run_set *set, const double values[],
                               struct ssldyn_run_table *table, struct ssldyn_error *err)
{
    const size_t most = 1 + set->varied + FACTS;
    bool fine = true;

    table->rows = set->count;
    table->column = ssldyn_memory_array(most, sizeof *table->column);
    table->cells = ssldyn_memory_array(set->count * most, sizeof *table->cells);
    if (!table->column || !table->cells)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    char **cells = table->cells;
    table->column[table->columns++] = (struct ssldyn_run_column){"run", "its directory"};
    for (size_t k = 0; k < set->varied; k++) {
        table->column[table->columns].meaning = "setting";
        snprintf(table->column[table->columns++].name, sizeof table->column->name, "%.60s",
                 set->settings[k]);
    }
    int chosen[FACTS];
    size_t facts_shown = 0;
    for (int k = 0; k < FACTS; k++) {
        if (!is_known(values, set->count, k))
            continue;
        chosen[facts_shown++] = k;
        table->column[table->columns].meaning = facts[k].meaning;
        snprintf(table->column[table->columns++].name, sizeof table->column->name, "%s",
                 facts[k].name);
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct ssldyn_run *run = &set->runs[i];
        *cells++ = ssldyn_memory_copy(run->name);
        for (size_t k = 0; k < set->varied; k++)
            *cells++ = ssldyn_memory_copy(run->values[k][0] ? run->values[k] : "unset");
        for (size_t k = 0; k < facts_shown; k++)
            *cells++ = ssldyn_memory_copy(SSLDYN_DECIMAL(values[i * FACTS + (size_t)chosen[k]]));
    }
    for (size_t i = 0; i < table->rows * table->columns; i++)
        fine = fine && table->cells[i];
    return fine ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

enum ssldyn_status ssldyn_run_table_make(struct ssldyn_run_set *set,
                                         const struct ssldyn_answer_mode *mode,
                                         struct ssldyn_run_table *table, struct ssldyn_error *err)
{
    double *values = NULL;

    *table = (struct ssldyn_run_table){0};
    enum ssldyn_status status = ssldyn_run_set_vary(set, err);
    if (status == SSLDYN_OK) {
        values = ssldyn_memory_array(set->count, FACTS * sizeof *values);
        status = values ? read_values(set, mode, values, err)
                        : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    if (status == SSLDYN_OK)
        status = fill(set, values, table, err);
    free(values);
    return status;
}

void ssldyn_run_table_print(const struct ssldyn_run_table *table, FILE *stream)
{
    fputs("# ssldyn runs 1\n", stream);
    for (size_t k = 0; k < table->columns; k++)
        fprintf(stream, "# %s: %s\n", table->column[k].name, table->column[k].meaning);
    for (size_t k = 0; k < table->columns; k++)
        fprintf(stream, "%s%c", table->column[k].name, k + 1 < table->columns ? '\t' : '\n');
    for (size_t i = 0; i < table->rows; i++) {
        for (size_t k = 0; k < table->columns; k++) {
            for (const char *c = table->cells[i * table->columns + k]; *c; c++)
                fputc((unsigned char)*c < ' ' ? '?' : *c, stream);
            fputc(k + 1 < table->columns ? '\t' : '\n', stream);
        }
    }
}
