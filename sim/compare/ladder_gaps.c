/* The ladder of models: the gaps between its rungs, and the table. */
// SPDX-License-Identifier: MIT
#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/compare/compare_series.h"
#include "sim/compare/ladder_internal.h"
#include "sim/io/file.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { MODES_SHOWN = 8, SHEET_COLUMNS = 1 + SSLDYN_RUNGS_MAXIMUM * (3 + MODES_SHOWN) };

/* The spectra of every rung at the rows of the first: value[rung][mode][time], s then p. */
struct spectra {
    size_t rungs, modes, count;
    double *times;
    double *s, *p;
    double *share; /* s divided by the sum over modes at the same time */
    bool *alive;   /* s_j is above the noise of F */
    double *gap;   /* one gap as a function of time */
};

static double *at(const struct spectra *spectra, double *values, size_t rung, size_t mode)
{
    return values + (rung * spectra->modes + mode) * spectra->count;
}

static bool is_alive(const struct spectra *spectra, size_t rung, size_t mode, size_t i)
{
    return spectra->alive[(rung * spectra->modes + mode) * spectra->count + i];
}

static enum ssldyn_status allocate(struct spectra *spectra, const struct ssldyn_series *first,
                                   struct ssldyn_error *err)
{
    const size_t size = spectra->rungs * spectra->modes * spectra->count;
    spectra->times = ssldyn_memory_array(spectra->count, 2 * sizeof(double));
    spectra->s = ssldyn_memory_array(size, sizeof(double));
    spectra->p = ssldyn_memory_array(size, sizeof(double));
    spectra->share = ssldyn_memory_array(size, sizeof(double));
    spectra->alive = ssldyn_memory_array(size, sizeof(bool));
    if (!spectra->times || !spectra->s || !spectra->p || !spectra->share || !spectra->alive) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes at %zu times",
                           spectra->modes, spectra->count);
    }
    spectra->gap = spectra->times + spectra->count;
    for (size_t i = 0; i < spectra->count; i++) {
        spectra->times[i] = ssldyn_compare_series_time(first, i);
    }
    return SSLDYN_OK;
}

static enum ssldyn_status sample_rung(struct spectra *spectra, size_t rung,
                                      const struct ssldyn_series *series, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t mode = 0; status == SSLDYN_OK && mode < spectra->modes; mode++) {
        static const char *const stems[2] = {"s", "p"};
        for (int stem = 0; status == SSLDYN_OK && stem < 2; stem++) {
            double *values = at(spectra, stem == 0 ? spectra->s : spectra->p, rung, mode);
            const size_t column = ssldyn_compare_series_column(series, stems[stem], mode);
            status =
                column == SIZE_MAX
                    ? ssldyn_fail(err, SSLDYN_EFAILED,
                                  "a model of the ladder has fewer than %zu modes", spectra->modes)
                    : ssldyn_compare_series_sample(series, column, spectra->count, spectra->times,
                                                   values, err);
        }
    }
    return status == SSLDYN_OK ? ssldyn_compare_series_alive(
                                     series, spectra->modes, spectra->count, spectra->times,
                                     spectra->alive + rung * spectra->modes * spectra->count, err)
                               : status;
}

static enum ssldyn_status read_all(const char *output, const struct ssldyn_ladder *ladder,
                                   struct spectra *spectra, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    spectra->rungs = ladder->count;
    for (size_t rung = 0; status == SSLDYN_OK && rung < ladder->count; rung++) {
        struct ssldyn_series series = {0};
        char *path = ssldyn_file_path_join(output, ladder->rungs[rung].name);
        status = path ? ssldyn_compare_series_read(path, &series, err)
                      : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
        free(path);
        if (status != SSLDYN_OK) {
            return status;
        }
        if (rung == 0) {
            spectra->modes = ssldyn_compare_series_modes(&series, "s");
            spectra->count = series.table.rows;
            status = allocate(spectra, &series, err);
        }
        if (status == SSLDYN_OK) {
            status = sample_rung(spectra, rung, &series, err);
        }
        ssldyn_compare_series_clear(&series);
    }
    return status;
}

/* Relative gap between two rungs as a function of time, into spectra->gap; see ladder.h. */
static void gap_between(struct spectra *spectra, double *values, size_t above, size_t below,
                        double *largest, double *mean, double *end)
{
    const bool along = values == spectra->p; /* measured along eigenvectors of F */
    double scale = 0.0;
    double area = 0.0;
    *largest = 0.0;
    for (size_t i = 0; i < spectra->count; i++) {
        double difference = 0.0;
        double size = 0.0;
        for (size_t mode = 0; mode < spectra->modes; mode++) {
            if (along &&
                !(is_alive(spectra, above, mode, i) && is_alive(spectra, below, mode, i))) {
                continue;
            }
            const double a = at(spectra, values, above, mode)[i];
            const double b = at(spectra, values, below, mode)[i];
            difference += (a - b) * (a - b);
            size += a * a;
        }
        spectra->gap[i] = sqrt(difference);
        scale = fmax(scale, sqrt(size));
    }
    for (size_t i = 0; i < spectra->count; i++) {
        spectra->gap[i] = scale > 0.0 ? spectra->gap[i] / scale : (double)NAN;
        *largest = fmax(*largest, spectra->gap[i]);
        if (i > 0) {
            area += 0.5 * (spectra->times[i] - spectra->times[i - 1]) *
                    (spectra->gap[i] + spectra->gap[i - 1]);
        }
    }
    const double length = spectra->times[spectra->count - 1] - spectra->times[0];
    *mean = length > 0.0 ? area / length : spectra->gap[0];
    *end = spectra->gap[spectra->count - 1];
}

static void find_shares(struct spectra *spectra)
{
    for (size_t i = 0; i < spectra->rungs * spectra->count; i++) {
        const size_t rung = i / spectra->count;
        const size_t row = i % spectra->count;
        double sum = 0.0;
        for (size_t mode = 0; mode < spectra->modes; mode++) {
            sum += at(spectra, spectra->s, rung, mode)[row];
        }
        for (size_t mode = 0; mode < spectra->modes; mode++) {
            at(spectra, spectra->share, rung, mode)[row] =
                at(spectra, spectra->s, rung, mode)[row] / sum;
        }
    }
}

static void fill_sheet(struct spectra *spectra, struct ssldyn_ladder *ladder,
                       struct ssldyn_sheet *sheet)
{
    find_shares(spectra);
    ssldyn_compare_sheet_keep(sheet, "t", "", "flow time", spectra->times);
    for (size_t rung = 0; rung < ladder->count; rung++) {
        struct ssldyn_rung *now = &ladder->rungs[rung];
        now->s_largest = now->s_mean = now->s_end = (double)NAN;
        now->p_largest = now->p_mean = now->p_end = now->s_total = (double)NAN;
        now->share_largest = now->share_mean = now->share_end = (double)NAN;
        for (size_t mode = 0; mode < spectra->modes && mode < MODES_SHOWN; mode++) {
            char stem[16];
            (void)snprintf(stem, sizeof stem, "s_%zu_", mode + 1);
            ssldyn_compare_sheet_keep(sheet, stem, now->name, "eigenvalue of F",
                                      at(spectra, spectra->s, rung, mode));
        }
        if (rung > 0) {
            double mean, end;
            gap_between(spectra, spectra->s, 0, rung, &now->s_total, &mean, &end);
            gap_between(spectra, spectra->s, rung - 1, rung, &now->s_largest, &now->s_mean,
                        &now->s_end);
            ssldyn_compare_sheet_keep(sheet, "s_gap_", now->name,
                                      "gap in the spectrum of F from the rung above, relative",
                                      spectra->gap);
            gap_between(spectra, spectra->p, rung - 1, rung, &now->p_largest, &now->p_mean,
                        &now->p_end);
            ssldyn_compare_sheet_keep(sheet, "p_gap_", now->name,
                                      "gap in the p_j from the rung above, relative", spectra->gap);
            if (ladder->scale_free) {
                gap_between(spectra, spectra->share, rung - 1, rung, &now->share_largest,
                            &now->share_mean, &now->share_end);
                ssldyn_compare_sheet_keep(
                    sheet, "share_gap_", now->name,
                    "gap in the shares s_j/sum s from the rung above, relative", spectra->gap);
            }
        }
    }
}

/* output/ladder.tsv: the table of rungs. */
static enum ssldyn_status write_table(const struct ssldyn_ladder *ladder, const char *output,
                                      struct ssldyn_error *err)
{
    struct ssldyn_file file;
    const enum ssldyn_status status = ssldyn_file_open_in(&file, output, "ladder.tsv", err);
    if (status != SSLDYN_OK) {
        return status;
    }
    fputs(
        "# ssldyn ladder 1\n"
        "# relative gaps from the rung above (in p: over modes whose s_j is above the noise of F)\n"
        "# s_total: gap from the first rung\n"
        "rung\tassumption\ts_largest\ts_mean\ts_end\tp_largest\tp_mean\tp_end\ts_total",
        file.stream);
    fputs(ladder->scale_free ? "\tshare_largest\tshare_mean\tshare_end\n" : "\n", file.stream);
    for (size_t i = 0; i < ladder->count; i++) {
        const struct ssldyn_rung *rung = &ladder->rungs[i];
        fprintf(file.stream, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", rung->name, rung->assumption,
                SSLDYN_DECIMAL(rung->s_largest), SSLDYN_DECIMAL(rung->s_mean),
                SSLDYN_DECIMAL(rung->s_end), SSLDYN_DECIMAL(rung->p_largest),
                SSLDYN_DECIMAL(rung->p_mean), SSLDYN_DECIMAL(rung->p_end),
                SSLDYN_DECIMAL(rung->s_total));
        if (ladder->scale_free) {
            fprintf(file.stream, "\t%s\t%s\t%s", SSLDYN_DECIMAL(rung->share_largest),
                    SSLDYN_DECIMAL(rung->share_mean), SSLDYN_DECIMAL(rung->share_end));
        }
        fputc('\n', file.stream);
    }
    return ssldyn_file_commit(&file, err);
}

enum ssldyn_status ssldyn_ladder_measure(const char *output, struct ssldyn_ladder *ladder,
                                         struct ssldyn_error *err)
{
    struct spectra spectra = {0};
    enum ssldyn_status status = read_all(output, ladder, &spectra, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_compare_sheet_create(spectra.count, SHEET_COLUMNS, &ladder->curves, err);
    }
    if (spectra.gap && status == SSLDYN_OK) {
        fill_sheet(&spectra, ladder, &ladder->curves);
        status = ssldyn_compare_sheet_write(&ladder->curves, output, err);
    }
    if (status == SSLDYN_OK) {
        status = write_table(ladder, output, err);
    }
    free(spectra.times);
    free(spectra.s);
    free(spectra.p);
    free(spectra.share);
    free(spectra.alive);
    return status;
}

void ssldyn_ladder_put(const struct ssldyn_ladder *ladder, struct ssldyn_result *result)
{
    for (size_t i = 1; i < ladder->count; i++) {
        const struct ssldyn_rung *rung = &ladder->rungs[i];
        const struct {
            const char *name;
            double value;
        } lines[] = {{"s_largest", rung->s_largest},   {"s_mean", rung->s_mean},
                     {"s_end", rung->s_end},           {"p_largest", rung->p_largest},
                     {"p_mean", rung->p_mean},         {"p_end", rung->p_end},
                     {"s_total", rung->s_total},       {"share_largest", rung->share_largest},
                     {"share_mean", rung->share_mean}, {"share_end", rung->share_end}};
        const size_t count = sizeof lines / sizeof lines[0] - (ladder->scale_free ? 0 : 3);
        for (size_t k = 0; k < count; k++) {
            char name[64];
            (void)snprintf(name, sizeof name, "%s.%s", rung->name, lines[k].name);
            ssldyn_result_put(result, name, lines[k].value);
        }
    }
}

void ssldyn_ladder_table(const struct ssldyn_ladder *ladder, FILE *stream)
{
    size_t costliest = 1;
    fputs("relative gaps in the eigenvalues s of F from the rung above, and from sgd\n", stream);
    fprintf(stream, "%-14s%-42s%10s%10s%10s%12s%s\n", "rung", "assumption added to those above",
            "s: worst", "mean", "end", "from sgd", ladder->scale_free ? "  shares: end" : "");
    for (size_t i = 0; i < ladder->count; i++) {
        const struct ssldyn_rung *rung = &ladder->rungs[i];
        fprintf(stream, "%-14s%-42s", rung->name, rung->assumption);
        if (i > 0) {
            fprintf(stream, "%8.2f %%%8.2f %%%8.2f %%%10.2f %%", 100.0 * rung->s_largest,
                    100.0 * rung->s_mean, 100.0 * rung->s_end, 100.0 * rung->s_total);
            if (ladder->scale_free) {
                fprintf(stream, "%11.2f %%", 100.0 * rung->share_end);
            }
            costliest = rung->s_mean > ladder->rungs[costliest].s_mean ? i : costliest;
        }
        fputc('\n', stream);
    }
    if (ladder->count > 1) {
        fprintf(stream, "the costliest assumption on average: %s\n",
                ladder->rungs[costliest].assumption);
    }
    if (ladder->stopped) {
        fprintf(stream, "the ladder ends here: %s\n", ladder->stopped);
    }
}
