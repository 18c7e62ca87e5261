/* ssldyn compare: gaps between two runs. */
// SPDX-License-Identifier: MIT
#include "sim/compare/compare.h"

#include "sim/base/memory.h"
#include "sim/compare/compare_pair.h"
#include "sim/compare/compare_sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MODES_WRITTEN = 8 };

/* The running sums of a column's gap. */
struct sums {
    double *gap, *size; /* squared, summed over modes, at the pair's times */
    double *error;      /* the same for the error of the interpolation */
    double *block;      /* holds all of these */
    double squares;
    size_t counted, inside;
    size_t values, left_out; /* number over all times and modes */
};

/* Adds the sampled column; the single run is the one that is not the mean of the ensemble.
 * alive: where the mode counts; NULL: everywhere. */
static void add_column(const struct ssldyn_pair *pair, const bool alive[], struct ssldyn_gap *gap,
                       struct sums *sums)
{
    for (size_t i = 0; i < pair->count; i++) {
        sums->values++;
        if (alive && !alive[i]) {
            sums->left_out++;
            continue;
        }
        const double error = pair->error_a[i] + pair->error_b[i];
        sums->error[i] += error * error;
        const double difference = pair->value_a[i] - pair->value_b[i];
        sums->gap[i] += difference * difference;
        sums->size[i] += pair->value_b[i] * pair->value_b[i];
        /* at the start all members are equal, so there is no spread to compare with */
        if (pair->members == 0 || !isfinite(difference) || !(pair->sd[i] > 0.0)) {
            continue;
        }
        const double z = difference / pair->sd[i];
        const double single = pair->band_is_a ? pair->value_b[i] : pair->value_a[i];
        gap->z_largest = fmax(gap->z_largest, fabs(z));
        sums->squares += z * z;
        sums->inside += single >= pair->lower[i] && single <= pair->upper[i];
        sums->counted++;
    }
}

static void finish_gap(const struct ssldyn_pair *pair, const struct sums *sums,
                       struct ssldyn_gap *gap)
{
    double scale = 0.0;
    double area = 0.0;
    double length = 0.0;
    gap->largest = (double)NAN;
    for (size_t i = 0; i < pair->count; i++) {
        const double now = sqrt(sums->gap[i]);
        if (!isfinite(now)) {
            continue;
        }
        gap->interpolation = fmax(gap->interpolation, sqrt(sums->error[i]));
        if (!(gap->largest >= now)) {
            gap->largest = now;
            gap->at = pair->times[i];
        }
        scale = fmax(scale, sqrt(sums->size[i]));
        if (i > 0 && isfinite(sums->gap[i - 1])) {
            const double dt = pair->times[i] - pair->times[i - 1];
            area += 0.5 * dt * (now + sqrt(sums->gap[i - 1]));
            length += dt;
        }
    }
    gap->mean = length > 0.0 ? area / length : gap->largest;
    gap->relative = gap->largest > 0.0 ? gap->largest / scale : gap->largest;
    gap->has_band = sums->counted > 0;
    gap->z_rms = gap->has_band ? sqrt(sums->squares / (double)sums->counted) : (double)NAN;
    gap->counted = 1.0 - (double)sums->left_out / (double)sums->values;
    if (sums->left_out == sums->values) {
        gap->largest = (double)NAN; /* nothing to compare */
    }
    gap->inside = gap->has_band ? (double)sums->inside / (double)sums->counted : (double)NAN;
}

static const char *meaning_of(const char *ending)
{
    static const char *const meanings[][2] = {{"_a", "of the first run"},
                                              {"_b", "of the second run"},
                                              {"_low", "5 % quantile of the ensemble"},
                                              {"_high", "95 % quantile of the ensemble"},
                                              {"_gap", "norm of the difference"}};
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (strcmp(ending, meanings[i][0]) == 0) {
            return meanings[i][1];
        }
    }
    return "flow time";
}

static void keep_column(struct ssldyn_sheet *sheet, const char *name, const char *ending,
                        const double values[])
{
    ssldyn_compare_sheet_keep(sheet, name, ending, meaning_of(ending), values);
}

static enum ssldyn_status compare_column(struct ssldyn_pair *pair, size_t what, size_t length,
                                         struct sums *sums, struct ssldyn_gap *gap,
                                         struct ssldyn_sheet *sheet, struct ssldyn_error *err)
{
    sums->squares = 0.0;
    sums->counted = sums->inside = sums->values = sums->left_out = 0;
    const bool scalar = what < pair->columns.scalars;
    const char *name = pair->columns.names[what];
    (void)snprintf(gap->name, sizeof gap->name, "%s", name);
    gap->length = length;
    memset(sums->gap, 0, pair->count * sizeof(double));
    memset(sums->size, 0, pair->count * sizeof(double));
    memset(sums->error, 0, pair->count * sizeof(double));
    for (size_t mode = 0; mode < length; mode++) {
        const enum ssldyn_status status = ssldyn_compare_pair_sample(pair, what, mode, err);
        if (status != SSLDYN_OK) {
            return status;
        }
        add_column(pair, ssldyn_compare_pair_alive(pair, what, mode), gap, sums);
        char label[32];
        (void)snprintf(label, sizeof label, scalar ? "%s" : "%s_%zu", name, mode + 1);
        const bool shown =
            scalar || (mode < MODES_WRITTEN && (strcmp(name, "s") == 0 || strcmp(name, "p") == 0));
        if (shown) {
            keep_column(sheet, label, "_a", pair->value_a);
            keep_column(sheet, label, "_b", pair->value_b);
            if (pair->members > 0) {
                keep_column(sheet, label, "_low", pair->lower);
                keep_column(sheet, label, "_high", pair->upper);
            }
        }
    }
    finish_gap(pair, sums, gap);
    for (size_t i = 0; i < pair->count; i++) {
        sums->gap[i] = sqrt(sums->gap[i]);
    }
    keep_column(sheet, name, "_gap", sums->gap);
    return SSLDYN_OK;
}

static enum ssldyn_status compare_all(struct ssldyn_pair *pair, struct sums *sums,
                                      struct ssldyn_comparison *comparison,
                                      struct ssldyn_sheet *sheet, struct ssldyn_error *err)
{
    comparison->gaps = ssldyn_memory_array(pair->columns.count, sizeof *comparison->gaps);
    if (!comparison->gaps) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the comparison");
    }
    keep_column(sheet, "t", "", pair->times);
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t what = 0; status == SSLDYN_OK && what < pair->columns.count; what++) {
        const size_t length = ssldyn_compare_pair_length(pair, what);
        struct ssldyn_gap *gap = &comparison->gaps[comparison->gap_count];
        if (length > 0) {
            status = compare_column(pair, what, length, sums, gap, sheet, err);
            /* a column that one of the runs never defines is not compared */
            comparison->gap_count += isfinite(gap->largest) ? 1U : 0U;
        }
    }
    if (status == SSLDYN_OK && comparison->gap_count == 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "the two runs have no column in common that both define");
    }
    return status;
}

enum ssldyn_status ssldyn_compare_run(const char *a, const char *b, struct ssldyn_sheet *curves,
                                      struct ssldyn_comparison *comparison,
                                      struct ssldyn_error *err)
{
    struct ssldyn_pair pair;
    struct sums sums = {0};
    struct ssldyn_sheet none = {0}; /* an empty sheet keeps nothing */
    memset(comparison, 0, sizeof *comparison);
    enum ssldyn_status status = ssldyn_compare_pair_open(a, b, &pair, err);
    if (status == SSLDYN_OK) {
        const struct ssldyn_memory_part parts[] = {
            {&sums.gap, pair.count}, {&sums.size, pair.count}, {&sums.error, pair.count}};
        sums.block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
        if (!sums.block) {
            status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu rows", pair.count);
        }
    }
    if (status == SSLDYN_OK && curves) {
        const size_t written = 1 + 5 * (pair.columns.count + 2 * (size_t)MODES_WRITTEN);
        status = ssldyn_compare_sheet_create(pair.count, written, curves, err);
    }
    if (status == SSLDYN_OK) {
        comparison->members = pair.members;
        comparison->t_from = pair.times[0];
        comparison->t_to = pair.times[pair.count - 1];
        comparison->rows = pair.count;
        status = compare_all(&pair, &sums, comparison, curves ? curves : &none, err);
    }
    free(sums.block);
    ssldyn_compare_pair_clear(&pair);
    if (status != SSLDYN_OK) {
        ssldyn_compare_clear(comparison);
    }
    return status;
}

void ssldyn_compare_clear(struct ssldyn_comparison *comparison)
{
    free(comparison->gaps);
    memset(comparison, 0, sizeof *comparison);
}
