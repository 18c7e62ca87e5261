/* ssldyn compare: gaps between two runs. */
// SPDX-License-Identifier: MIT
#include "sim/compare/compare.h"

#include "sim/base/memory.h"
#include "sim/compare/compare_series.h"
#include "sim/compare/compare_sheet.h"
#include "sim/io/file.h"
#include "sim/io/place.h"
#include "sim/io/trace.h"
#include "sim/model/model.h"
#include "sim/options/spec.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MODES_WRITTEN = 8 };

/* What can be compared, in the order of the report: every column of the models' traces but the
 * time, scalars first. */
struct columns {
    const char **names; /* owned */
    size_t scalars, count;
};

/* Not measured along an eigenvector of F, which has to be one for all else. */
static const char *const free_stems[] = {"s", "wpe", "c", "wp", "w", "wa"};

static bool is_among(const char *name, size_t count, const char *const names[])
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Adds what is not there yet; time is what the rows have in common. */
static void add_names(struct columns *columns, size_t from, size_t count,
                      const struct ssldyn_column column[])
{
    static const char *const time[] = {"t", "step"};
    for (size_t i = 0; i < count; i++) {
        const char *name = column[i].name;
        if (!is_among(name, 2, time) &&
            !is_among(name, columns->count - from, columns->names + from)) {
            columns->names[columns->count++] = name;
        }
    }
}

static enum ssldyn_status list_columns(struct columns *columns, struct ssldyn_error *err)
{
    size_t most = 0;
    for (size_t i = 0; ssldyn_model_at(i); i++) {
        const struct ssldyn_layout *layout = ssldyn_model_at(i)->layout;
        most += layout->scalar_count + layout->per_mode_count;
    }
    columns->names = ssldyn_memory_array(most, sizeof *columns->names);
    if (!columns->names) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the names of %zu columns", most);
    }
    for (size_t i = 0; ssldyn_model_at(i); i++) {
        const struct ssldyn_layout *layout = ssldyn_model_at(i)->layout;
        add_names(columns, 0, layout->scalar_count, layout->scalars);
    }
    columns->scalars = columns->count;
    for (size_t i = 0; ssldyn_model_at(i); i++) {
        const struct ssldyn_layout *layout = ssldyn_model_at(i)->layout;
        add_names(columns, columns->scalars, layout->per_mode_count, layout->per_mode);
    }
    return SSLDYN_OK;
}

/* The two runs, the band of whichever is an ensemble, and the common times. */
struct pair {
    struct columns columns;
    struct ssldyn_series a, b;
    bool has_band;
    struct ssldyn_series deviation, low, high;
    size_t count;
    double *times;
    size_t modes; /* with s_j in both */
    bool *alive;  /* modes x count: s_j above the noise of F in both; owned */
    double *value_a, *value_b, *sd, *lower, *upper; /* one column at the times */
    double *gap;                                    /* sum of squares over modes */
    double *size;
    double *error_a, *error_b; /* of the interpolation, one column */
    double *error;             /* sum of squares over modes */
    double *block;             /* the times and all after them */
};

static void pair_clear(struct pair *pair)
{
    ssldyn_compare_series_clear(&pair->a);
    ssldyn_compare_series_clear(&pair->b);
    ssldyn_compare_series_clear(&pair->deviation);
    ssldyn_compare_series_clear(&pair->low);
    ssldyn_compare_series_clear(&pair->high);
    free(pair->columns.names);
    free(pair->block);
    free(pair->alive);
}

static enum ssldyn_status read_below(const char *run, const char *name,
                                     struct ssldyn_series *series, struct ssldyn_error *err)
{
    char *path = ssldyn_file_path_join(run, name);
    const enum ssldyn_status status =
        path ? ssldyn_compare_series_read(path, series, err)
             : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
    free(path);
    return status;
}

/* The members of the ensemble that a run directory holds, 0 when it is a single run. */
static size_t ensemble_of(const char *run)
{
    struct ssldyn_spec spec;
    if (ssldyn_spec_load(&spec, run, NULL) != SSLDYN_OK) {
        return 0;
    }
    const size_t members = spec.given.command == SSLDYN_COMMAND_SGD && spec.problem.sgd.member < 0
                               ? (size_t)spec.problem.sgd.ensemble
                               : 0;
    ssldyn_spec_clear(&spec);
    return members;
}

static enum ssldyn_status read_band(struct pair *pair, const char *run, struct ssldyn_error *err)
{
    enum ssldyn_status status = read_below(run, "std", &pair->deviation, err);
    if (status == SSLDYN_OK) {
        status = read_below(run, "q05", &pair->low, err);
    }
    if (status == SSLDYN_OK) {
        status = read_below(run, "q95", &pair->high, err);
    }
    pair->has_band = status == SSLDYN_OK;
    return status;
}

/* Rows of a series inside [from, to]. */
static size_t rows_inside(const struct ssldyn_series *series, double from, double to,
                          double times[])
{
    size_t count = 0;
    for (size_t row = 0; row < series->table.rows; row++) {
        const double t = ssldyn_compare_series_time(series, row);
        if (t >= from && t <= to) {
            if (times) {
                times[count] = t;
            }
            count++;
        }
    }
    return count;
}

static enum ssldyn_status place_times(struct pair *pair, const char *a, const char *b,
                                      struct ssldyn_comparison *comparison,
                                      struct ssldyn_error *err)
{
    const size_t last_a = pair->a.table.rows - 1;
    const size_t last_b = pair->b.table.rows - 1;
    /* ends that differ by rounding alone are the same */
    const double end_a = ssldyn_compare_series_time(&pair->a, last_a);
    const double end_b = ssldyn_compare_series_time(&pair->b, last_b);
    const double slack = 1e-15 * fmax(fabs(end_a), fabs(end_b));
    const double from =
        fmax(ssldyn_compare_series_time(&pair->a, 0), ssldyn_compare_series_time(&pair->b, 0)) -
        slack;
    const double to = fmin(end_a, end_b) + slack;
    const size_t rows_a = rows_inside(&pair->a, from, to, NULL);
    const size_t rows_b = rows_inside(&pair->b, from, to, NULL);
    const struct ssldyn_series *fewer =
        rows_b == 0 || (rows_a > 0 && rows_a <= rows_b) ? &pair->a : &pair->b;
    pair->count = fewer == &pair->a ? rows_a : rows_b;
    if (pair->count == 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.150s and %.150s: have no time in common (t = %g ... %g and %g ... "
                           "%g)",
                           a, b, ssldyn_compare_series_time(&pair->a, 0), end_a,
                           ssldyn_compare_series_time(&pair->b, 0), end_b);
    }
    const size_t n = pair->count;
    const struct ssldyn_memory_part parts[] = {
        {&pair->times, n},   {&pair->value_a, n}, {&pair->value_b, n}, {&pair->sd, n},
        {&pair->lower, n},   {&pair->upper, n},   {&pair->gap, n},     {&pair->size, n},
        {&pair->error_a, n}, {&pair->error_b, n}, {&pair->error, n}};
    pair->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (!pair->block) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu rows", n);
    }
    (void)rows_inside(fewer, from, to, pair->times);
    comparison->t_from = pair->times[0];
    comparison->t_to = pair->times[pair->count - 1];
    comparison->rows = pair->count;
    return SSLDYN_OK;
}

/* Column of a scalar, or of a stem's mode. */
static size_t column_of(const struct columns *columns, const struct ssldyn_series *series,
                        size_t what, size_t mode)
{
    return what < columns->scalars
               ? ssldyn_table_column(&series->table, columns->names[what])
               : ssldyn_compare_series_column(series, columns->names[what], mode);
}

static enum ssldyn_status sample_all(struct pair *pair, size_t what, size_t mode,
                                     struct ssldyn_error *err)
{
    const struct {
        const struct ssldyn_series *series;
        double *values;
    } parts[] = {{&pair->a, pair->value_a},
                 {&pair->b, pair->value_b},
                 {&pair->deviation, pair->sd},
                 {&pair->low, pair->lower},
                 {&pair->high, pair->upper}};
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < (pair->has_band ? 5U : 2U); i++) {
        status = ssldyn_compare_series_sample(
            parts[i].series, column_of(&pair->columns, parts[i].series, what, mode), pair->count,
            pair->times, parts[i].values, err);
    }
    for (size_t i = 0; status == SSLDYN_OK && i < 2; i++) {
        status = ssldyn_compare_series_uncertainty(
            parts[i].series, column_of(&pair->columns, parts[i].series, what, mode), pair->count,
            pair->times, i == 0 ? pair->error_a : pair->error_b, err);
    }
    return status;
}

/* Where the modes of both runs stand above noise. */
static enum ssldyn_status find_alive(struct pair *pair, struct ssldyn_error *err)
{
    const size_t in_a = ssldyn_compare_series_modes(&pair->a, "s");
    const size_t in_b = ssldyn_compare_series_modes(&pair->b, "s");
    pair->modes = in_a < in_b ? in_a : in_b;
    const size_t size = pair->modes * pair->count;
    bool *other = ssldyn_memory_array(size, sizeof *other);
    pair->alive = ssldyn_memory_array(size, sizeof *pair->alive);
    enum ssldyn_status status =
        other && pair->alive
            ? ssldyn_compare_series_alive(&pair->a, pair->modes, pair->count, pair->times,
                                          pair->alive, err)
            : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes at %zu times",
                          pair->modes, pair->count);
    if (status == SSLDYN_OK) {
        status = ssldyn_compare_series_alive(&pair->b, pair->modes, pair->count, pair->times, other,
                                             err);
    }
    for (size_t i = 0; status == SSLDYN_OK && i < size; i++) {
        pair->alive[i] = pair->alive[i] && other[i];
    }
    free(other);
    return status;
}

/* Adds one column to a gap; the single run is the one that is not the ensemble's mean. */
struct band_sums {
    double squares;
    size_t counted, inside;
    size_t values, left_out; /* of all times and modes */
};

/* alive: where the mode counts; NULL: everywhere. */
static void add_column(struct pair *pair, bool band_is_a, const bool alive[],
                       struct ssldyn_gap *gap, struct band_sums *sums)
{
    for (size_t i = 0; i < pair->count; i++) {
        sums->values++;
        if (alive && !alive[i]) {
            sums->left_out++;
            continue;
        }
        const double error = pair->error_a[i] + pair->error_b[i];
        pair->error[i] += error * error;
        const double difference = pair->value_a[i] - pair->value_b[i];
        pair->gap[i] += difference * difference;
        pair->size[i] += pair->value_b[i] * pair->value_b[i];
        /* at the start all members are equal: nothing to stand out from */
        if (!pair->has_band || !isfinite(difference) || !(pair->sd[i] > 0.0)) {
            continue;
        }
        const double z = difference / pair->sd[i];
        const double single = band_is_a ? pair->value_b[i] : pair->value_a[i];
        gap->z_largest = fmax(gap->z_largest, fabs(z));
        sums->squares += z * z;
        sums->inside += single >= pair->lower[i] && single <= pair->upper[i];
        sums->counted++;
    }
}

static void finish_gap(const struct pair *pair, const struct band_sums *sums,
                       struct ssldyn_gap *gap)
{
    double scale = 0.0;
    double area = 0.0;
    double length = 0.0;
    gap->largest = (double)NAN;
    for (size_t i = 0; i < pair->count; i++) {
        const double now = sqrt(pair->gap[i]);
        if (!isfinite(now)) {
            continue;
        }
        gap->interpolation = fmax(gap->interpolation, sqrt(pair->error[i]));
        if (!(gap->largest >= now)) {
            gap->largest = now;
            gap->at = pair->times[i];
        }
        scale = fmax(scale, sqrt(pair->size[i]));
        if (i > 0 && isfinite(pair->gap[i - 1])) {
            const double dt = pair->times[i] - pair->times[i - 1];
            area += 0.5 * dt * (now + sqrt(pair->gap[i - 1]));
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

static enum ssldyn_status compare_column(struct pair *pair, size_t what, size_t length,
                                         bool band_is_a, struct ssldyn_gap *gap,
                                         struct ssldyn_sheet *sheet, struct ssldyn_error *err)
{
    struct band_sums sums = {0};
    const bool scalar = what < pair->columns.scalars;
    const char *name = pair->columns.names[what];
    (void)snprintf(gap->name, sizeof gap->name, "%s", name);
    gap->length = length;
    memset(pair->gap, 0, pair->count * sizeof(double));
    memset(pair->size, 0, pair->count * sizeof(double));
    memset(pair->error, 0, pair->count * sizeof(double));
    for (size_t mode = 0; mode < length; mode++) {
        const enum ssldyn_status status = sample_all(pair, what, mode, err);
        if (status != SSLDYN_OK) {
            return status;
        }
        const bool along = !scalar && mode < pair->modes &&
                           !is_among(name, sizeof free_stems / sizeof free_stems[0], free_stems);
        add_column(pair, band_is_a, along ? pair->alive + mode * pair->count : NULL, gap, &sums);
        char label[32];
        (void)snprintf(label, sizeof label, scalar ? "%s" : "%s_%zu", name, mode + 1);
        const bool shown =
            scalar || (mode < MODES_WRITTEN && (strcmp(name, "s") == 0 || strcmp(name, "p") == 0));
        if (shown) {
            keep_column(sheet, label, "_a", pair->value_a);
            keep_column(sheet, label, "_b", pair->value_b);
            if (pair->has_band) {
                keep_column(sheet, label, "_low", pair->lower);
                keep_column(sheet, label, "_high", pair->upper);
            }
        }
    }
    finish_gap(pair, &sums, gap);
    for (size_t i = 0; i < pair->count; i++) {
        pair->gap[i] = sqrt(pair->gap[i]);
    }
    keep_column(sheet, name, "_gap", pair->gap);
    return SSLDYN_OK;
}

static enum ssldyn_status compare_all(struct pair *pair, bool band_is_a,
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
        size_t length = column_of(&pair->columns, &pair->a, what, 0) != SIZE_MAX &&
                        column_of(&pair->columns, &pair->b, what, 0) != SIZE_MAX;
        if (length > 0 && what >= pair->columns.scalars) {
            const size_t in_a = ssldyn_compare_series_modes(&pair->a, pair->columns.names[what]);
            const size_t in_b = ssldyn_compare_series_modes(&pair->b, pair->columns.names[what]);
            length = in_a < in_b ? in_a : in_b;
        }
        if (length > 0) {
            status = compare_column(pair, what, length, band_is_a,
                                    &comparison->gaps[comparison->gap_count], sheet, err);
            /* what one of the two does not define at any time is not compared */
            comparison->gap_count +=
                isfinite(comparison->gaps[comparison->gap_count].largest) ? 1U : 0U;
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
    struct pair pair;
    memset(&pair, 0, sizeof pair);
    memset(comparison, 0, sizeof *comparison);
    struct ssldyn_sheet none = {0}; /* a sheet that keeps nothing */
    enum ssldyn_status status = ssldyn_place_readable(a, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_place_readable(b, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_compare_series_read(a, &pair.a, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_compare_series_read(b, &pair.b, err);
    }
    const size_t members_a = status == SSLDYN_OK ? ensemble_of(a) : 0;
    const size_t members_b = status == SSLDYN_OK ? ensemble_of(b) : 0;
    const bool band_is_a = members_a > 1;
    comparison->members = band_is_a ? members_a : members_b > 1 ? members_b : 0;
    if (status == SSLDYN_OK && comparison->members > 0) {
        status = read_band(&pair, band_is_a ? a : b, err);
    }
    if (status == SSLDYN_OK) {
        status = place_times(&pair, a, b, comparison, err);
    }
    if (status == SSLDYN_OK) {
        status = find_alive(&pair, err);
    }
    if (status == SSLDYN_OK) {
        status = list_columns(&pair.columns, err);
    }
    if (status == SSLDYN_OK && curves) {
        const size_t written = 1 + 5 * (pair.columns.count + 2 * (size_t)MODES_WRITTEN);
        status = ssldyn_compare_sheet_create(pair.count, written, curves, err);
    }
    if (status == SSLDYN_OK) {
        status = compare_all(&pair, band_is_a, comparison, curves ? curves : &none, err);
    }
    pair_clear(&pair);
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
