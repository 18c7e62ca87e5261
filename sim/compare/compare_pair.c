/* Two runs on a common time axis (compare_pair.h). */
// SPDX-License-Identifier: MIT
#include "sim/compare/compare_pair.h"

#include "sim/base/memory.h"
#include "sim/io/file.h"
#include "sim/io/output_dir.h"
#include "sim/model/model.h"
#include "sim/options/spec.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Not measured along an eigenvector of F; all other stems are. */
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

/* Adds the names that are not in the list yet, except time, which is the common axis. */
static void add_names(struct ssldyn_pair_columns *columns, size_t from, size_t count,
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

static enum ssldyn_status list_columns(struct ssldyn_pair_columns *columns,
                                       struct ssldyn_error *err)
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

void ssldyn_compare_pair_clear(struct ssldyn_pair *pair)
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

/* The number of members of the ensemble in a run directory; 0 if it is a single run or its
 * spec.conf cannot be read. ENOMEM. */
static enum ssldyn_status find_members(const char *run, size_t *members, struct ssldyn_error *err)
{
    struct ssldyn_spec spec;
    *members = 0;
    const enum ssldyn_status status = ssldyn_spec_load(&spec, run, err);
    if (status != SSLDYN_OK) {
        return status == SSLDYN_ENOMEM ? status : SSLDYN_OK;
    }
    if (spec.given.command == SSLDYN_COMMAND_SGD && spec.problem.sgd.member < 0) {
        *members = (size_t)spec.problem.sgd.ensemble;
    }
    ssldyn_spec_clear(&spec);
    return SSLDYN_OK;
}

static enum ssldyn_status read_band(struct ssldyn_pair *pair, const char *run,
                                    struct ssldyn_error *err)
{
    enum ssldyn_status status = read_below(run, "std", &pair->deviation, err);
    if (status == SSLDYN_OK) {
        status = read_below(run, "q05", &pair->low, err);
    }
    if (status == SSLDYN_OK) {
        status = read_below(run, "q95", &pair->high, err);
    }
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

static enum ssldyn_status place_times(struct ssldyn_pair *pair, const char *a, const char *b,
                                      struct ssldyn_error *err)
{
    const size_t last_a = pair->a.table.rows - 1;
    const size_t last_b = pair->b.table.rows - 1;
    /* ends that differ only by rounding are the same */
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
        {&pair->times, n}, {&pair->value_a, n}, {&pair->value_b, n}, {&pair->sd, n},
        {&pair->lower, n}, {&pair->upper, n},   {&pair->error_a, n}, {&pair->error_b, n}};
    pair->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (!pair->block) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu rows", n);
    }
    (void)rows_inside(fewer, from, to, pair->times);
    return SSLDYN_OK;
}

/* The index of a column, or of a stem's mode. */
static size_t column_of(const struct ssldyn_pair_columns *columns,
                        const struct ssldyn_series *series, size_t what, size_t mode)
{
    return what < columns->scalars
               ? ssldyn_table_column(&series->table, columns->names[what])
               : ssldyn_compare_series_column(series, columns->names[what], mode);
}

enum ssldyn_status ssldyn_compare_pair_sample(struct ssldyn_pair *pair, size_t what, size_t mode,
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
    for (size_t i = 0; status == SSLDYN_OK && i < (pair->members > 0 ? 5U : 2U); i++) {
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

/* Times at which the modes of both runs are above the noise. */
static enum ssldyn_status find_alive(struct ssldyn_pair *pair, struct ssldyn_error *err)
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

size_t ssldyn_compare_pair_length(const struct ssldyn_pair *pair, size_t what)
{
    if (column_of(&pair->columns, &pair->a, what, 0) == SIZE_MAX ||
        column_of(&pair->columns, &pair->b, what, 0) == SIZE_MAX) {
        return 0;
    }
    if (what < pair->columns.scalars) {
        return 1;
    }
    const size_t in_a = ssldyn_compare_series_modes(&pair->a, pair->columns.names[what]);
    const size_t in_b = ssldyn_compare_series_modes(&pair->b, pair->columns.names[what]);
    return in_a < in_b ? in_a : in_b;
}

enum ssldyn_status ssldyn_compare_pair_open(const char *a, const char *b, struct ssldyn_pair *pair,
                                            struct ssldyn_error *err)
{
    memset(pair, 0, sizeof *pair);
    enum ssldyn_status status = ssldyn_output_dir_check_readable(a, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_output_dir_check_readable(b, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_compare_series_read(a, &pair->a, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_compare_series_read(b, &pair->b, err);
    }
    size_t members_a = 0;
    size_t members_b = 0;
    if (status == SSLDYN_OK) {
        status = find_members(a, &members_a, err);
    }
    if (status == SSLDYN_OK) {
        status = find_members(b, &members_b, err);
    }
    pair->band_is_a = members_a > 1;
    pair->members = pair->band_is_a ? members_a : members_b > 1 ? members_b : 0;
    if (status == SSLDYN_OK && pair->members > 0) {
        status = read_band(pair, pair->band_is_a ? a : b, err);
    }
    if (status == SSLDYN_OK) {
        status = place_times(pair, a, b, err);
    }
    if (status == SSLDYN_OK) {
        status = find_alive(pair, err);
    }
    return status == SSLDYN_OK ? list_columns(&pair->columns, err) : status;
}

const bool *ssldyn_compare_pair_alive(const struct ssldyn_pair *pair, size_t what, size_t mode)
{
    const bool along =
        what >= pair->columns.scalars && mode < pair->modes &&
        !is_among(pair->columns.names[what], sizeof free_stems / sizeof free_stems[0], free_stems);
    return along ? pair->alive + mode * pair->count : NULL;
}
