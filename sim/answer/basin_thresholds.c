/* ssldyn basin --threshold: at one point, as values, or over the axes, as a table. */
// SPDX-License-Identifier: MIT
#include "sim/answer/basin.h"

#include "sim/answer/answer_file.h"
#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/base/signal.h"
#include "sim/flow/basin.h"
#include "sim/io/output_dir.h"
#include "sim/options/name.h"
#include "sim/sweep/axes.h"
#include "theory/fate.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The search at one point, and the columns of its result. */
struct search {
    const struct ssldyn_spec *spec;
    const struct ssldyn_answer_mode *mode;
    int slot;
    size_t derivatives;
    int slots[SSLDYN_MODE_POINT_SLOTS]; /* one per derivative */
    struct ssldyn_axes axes;            /* empty if there is one point */
};

enum { FLIP = 7, COLUMNS = SSLDYN_AXES_MAXIMUM + FLIP + SSLDYN_MODE_POINT_SLOTS };
static const char *const flip_columns[FLIP] = {"threshold", "below", "above", "mechanism",
                                               "width",     "low",   "high"};

static size_t column_count(const struct search *search)
{
    return search->axes.count + FLIP + search->derivatives;
}

/* The option of --threshold, with its range checked as if typed by the user. */
static enum ssldyn_status find_slot(const struct ssldyn_spec *spec, int *slot,
                                    struct ssldyn_error *err)
{
    const struct ssldyn_option *option = ssldyn_option_find(spec->sweep.threshold);
    *slot = option ? ssldyn_mode_point_slot(option->name) : -1;
    if (*slot < 0) {
        const char *near = ssldyn_option_nearest(spec->sweep.threshold, spec->given.command);
        near = near && ssldyn_mode_point_slot(near) >= 0 ? near : NULL;
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--threshold %.60s: must name a rate or a start of one mode, e.g. eta, "
                           "beta, p0, tau0, train-ema%s%s%s",
                           spec->sweep.threshold, near ? "; did you mean " : "", near ? near : "",
                           near ? "?" : "");
    }
    if (!ssldyn_spec_given(spec, "lo") || !ssldyn_spec_given(spec, "hi")) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--threshold %.60s: needs --lo and --hi",
                           spec->sweep.threshold);
    }
    char where[80];
    snprintf(where, sizeof where, "--threshold %.60s", option->name);
    enum ssldyn_status status = ssldyn_axes_check_free(spec, option, where, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_axes_try(spec, option, SSLDYN_DECIMAL(spec->sweep.lo), "--lo", err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_axes_try(spec, option, SSLDYN_DECIMAL(spec->sweep.hi), "--hi", err);
    }
    return status;
}

/* The numbers with respect to which derivatives are computed, if requested: options of the
 * model, and the eigenvalue of the data. */
static void choose_derivatives(struct search *search, const struct ssldyn_mode_point *point)
{
    const struct ssldyn_spec *spec = search->spec;
    for (int k = 0; spec->sweep.derivatives && k < SSLDYN_MODE_POINT_SLOTS; k++) {
        const char *name = ssldyn_mode_point_name(k);
        const bool known = strcmp(name, "lambda-d") == 0 ||
                           ssldyn_settings_applies(&spec->given, ssldyn_option_find(name), NULL, 0);
        if (known && ssldyn_basin_derives(point, search->slot, k)) {
            search->slots[search->derivatives++] = k;
        }
    }
}

/* PREFIX_NAME of a derivative. Returns text. */
static const char *derivative_name(const struct search *search, size_t k, const char *prefix,
                                   char text[64])
{
    char name[40];
    (void)snprintf(text, 64, "%s_%s", prefix,
                   ssldyn_name_key(ssldyn_mode_point_name(search->slots[k]), name, sizeof name));
    return text;
}

/* A flip as a row, after the position on the axes (at; NULL: there are no axes); *why explains
 * nan in the derivatives. */
static enum ssldyn_status fill_row(const struct search *search,
                                   const struct ssldyn_mode_point *point, const double at[],
                                   const struct ssldyn_threshold *threshold, double row[COLUMNS],
                                   const char **why, struct ssldyn_error *err)
{
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    const double flip[FLIP] = {threshold->value,         (double)threshold->below,
                               (double)threshold->above, (double)threshold->mechanism,
                               threshold->width,         threshold->low,
                               threshold->high};
    enum ssldyn_status status = SSLDYN_OK;
    *why = NULL;
    if (search->derivatives > 0) {
        status = ssldyn_basin_derivatives(point, search->slot, threshold, derivatives, why, err);
    }
    for (size_t k = 0; at && k < search->axes.count; k++) {
        *row++ = at[k];
    }
    memcpy(row, flip, sizeof flip);
    row += FLIP;
    for (size_t k = 0; status == SSLDYN_OK && k < search->derivatives; k++) {
        *row++ = derivatives[search->slots[k]];
    }
    return status;
}

static enum ssldyn_status find(const struct search *search, const struct ssldyn_mode_point *point,
                               struct ssldyn_thresholds *found, struct ssldyn_error *err)
{
    const struct ssldyn_sweep_options *sweep = &search->spec->sweep;
    return ssldyn_basin_thresholds(point, search->slot, sweep->lo, sweep->hi, (size_t)sweep->scan,
                                   found, err);
}

/* Adds the names of the columns to a result and a file (NULL: none). */
static void put_columns(const struct search *search, struct ssldyn_result *result, FILE *stream)
{
    char own[COLUMNS][SSLDYN_AXES_KEY_SIZE];
    const char *names[COLUMNS];
    size_t count = 0;
    for (size_t k = 0; k < search->axes.count; k++) {
        names[count] = ssldyn_axes_key(&search->axes.axis[k], own[count]);
        count++;
    }
    for (size_t k = 0; k < FLIP; k++) {
        names[count++] = flip_columns[k];
    }
    for (size_t k = 0; k < search->derivatives; k++) {
        names[count] = derivative_name(search, k, "derivative", own[count]);
        count++;
    }
    if (result) {
        ssldyn_result_put_columns(result, count, names);
    }
    for (size_t i = 0; stream && i < count; i++) {
        fprintf(stream, "%s%c", names[i], i + 1 < count ? '\t' : '\n');
    }
}

static void warn(const struct search *search, const char *what)
{
    ssldyn_answer_remark(
        search->mode,
        "warning: %s stayed undecided: too near a fold or an edge for a certificate in double "
        "precision, or no certificate exists for these settings",
        what);
}

/* ---- one point */

/* The rates determined by training settings, and the flow time of a step, except those that the
 * search varies. */
static void put_rates(struct ssldyn_result *result, const struct ssldyn_spec *spec)
{
    struct ssldyn_rates rates;
    if (!ssldyn_spec_has_training(spec)) {
        return;
    }
    ssldyn_spec_fixed_rates(spec, &rates);
    ssldyn_result_put_known(result, "alpha_p", rates.alpha_p);
    ssldyn_result_put_known(result, "beta",
                            spec->problem.parameters.tau_held ? (double)NAN : rates.beta);
    ssldyn_result_put_known(result, "eta_p", rates.eta_p);
    ssldyn_result_put_known(result, "eta_s", rates.eta_s);
    ssldyn_result_put_known(result, "step_time", ssldyn_spec_step_time(spec));
}

static void put_flip(struct ssldyn_result *result, const struct search *search,
                     const struct ssldyn_threshold *threshold, const double derivatives[])
{
    char text[64];
    double value = threshold->value;
    ssldyn_result_put(result, "threshold", value);
    if (threshold->mechanism == SSLDYN_BASIN_UNDECIDED) { /* only a bracket is known */
        ssldyn_result_put(result, "threshold_low", threshold->low);
        ssldyn_result_put(result, "threshold_high", threshold->high);
    } else {
        const char *setting =
            ssldyn_spec_as_setting(search->spec, ssldyn_mode_point_name(search->slot), &value);
        if (setting) {
            (void)snprintf(text, sizeof text, "threshold_%s", setting);
            ssldyn_result_put(result, text, value);
        }
    }
    ssldyn_result_put(result, "threshold_width", threshold->width);
    (void)snprintf(text, sizeof text, "%s -> %s",
                   ssldyn_fate_word((enum ssldyn_fate)threshold->below),
                   ssldyn_fate_word((enum ssldyn_fate)threshold->above));
    ssldyn_result_put_word(result, "threshold_change", text);
    ssldyn_result_put_word(result, "threshold_mechanism",
                           ssldyn_basin_mechanism_text(threshold->mechanism));
    for (size_t k = 0; k < search->derivatives; k++) {
        ssldyn_result_put(result, derivative_name(search, k, "threshold_derivative", text),
                          derivatives[k]);
    }
}

static enum ssldyn_status put_flips(struct ssldyn_result *result, const struct search *search,
                                    const struct ssldyn_mode_point *point,
                                    const struct ssldyn_thresholds *found, struct ssldyn_error *err)
{
    const struct ssldyn_sweep_options *sweep = &search->spec->sweep;
    enum ssldyn_status status = SSLDYN_OK;
    put_rates(result, search->spec);
    ssldyn_result_put_word(result, "fate_at_lo", ssldyn_fate_word((enum ssldyn_fate)found->first));
    put_columns(search, result, NULL);
    for (size_t i = 0; status == SSLDYN_OK && i < found->count; i++) {
        double row[COLUMNS];
        const char *why = NULL;
        status = fill_row(search, point, NULL, &found->list[i], row, &why, err);
        if (status == SSLDYN_OK) {
            put_flip(result, search, &found->list[i], row + FLIP);
            ssldyn_result_put_row(result, row);
        }
        if (status == SSLDYN_OK && why) {
            ssldyn_answer_remark(search->mode, "note: no derivatives: %s", why);
        }
    }
    ssldyn_result_put_word(result, "fate_at_hi", ssldyn_fate_word((enum ssldyn_fate)found->last));
    ssldyn_result_put_count(result, "thresholds", (int64_t)found->count);
    ssldyn_result_put(result, "scan_spacing", (sweep->hi - sweep->lo) / (double)(sweep->scan - 1));
    if (found->undecided > 0) {
        char what[120];
        (void)snprintf(what, sizeof what, "%zu of %" PRId64 " values, from %.9g to %.9g,",
                       found->undecided, sweep->scan, found->undecided_low, found->undecided_high);
        warn(search, what);
    }
    return status;
}

static enum ssldyn_status answer_point(const struct search *search,
                                       const struct ssldyn_mode_point *point,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_thresholds found;
    enum ssldyn_status status = find(search, point, &found, err);
    if (status == SSLDYN_OK) {
        status = put_flips(result, search, point, &found, err);
    }
    ssldyn_basin_thresholds_clear(&found);
    return status;
}

/* ---- over the axes */

/* Counts over the axes: points without a flip, and points where some values are undecided. */
struct surface {
    int64_t points, thresholds, without, undecided;
};

static void put_surface(struct ssldyn_result *result, const struct search *search,
                        const struct surface *surface)
{
    ssldyn_result_put_count(result, "points", surface->points);
    ssldyn_result_put_count(result, "thresholds", surface->thresholds);
    ssldyn_result_put_count(result, "points_without_threshold", surface->without);
    if (surface->undecided > 0) {
        char what[120];
        (void)snprintf(what, sizeof what, "at %" PRId64 " of %" PRId64 " points some values",
                       surface->undecided, surface->points);
        warn(search, what);
    }
}

/* The thresholds at one point of the axes: rows of the file and, unless that is in a directory,
 * of the result. */
static enum ssldyn_status add_point(const struct search *search,
                                    const struct ssldyn_mode_point *point, const double at[],
                                    struct ssldyn_answer_file *file, struct surface *surface,
                                    struct ssldyn_error *err)
{
    struct ssldyn_thresholds found;
    enum ssldyn_status status = find(search, point, &found, err);
    for (size_t i = 0; status == SSLDYN_OK && i < found.count; i++) {
        double row[COLUMNS];
        const char *why = NULL;
        status = fill_row(search, point, at, &found.list[i], row, &why, err);
        if (status == SSLDYN_OK) {
            ssldyn_decimal_write_row(column_count(search), row, file->stream);
        }
        if (status == SSLDYN_OK && file->result) {
            ssldyn_result_put_row(file->result, row);
        }
    }
    surface->points++;
    surface->thresholds += (int64_t)found.count;
    surface->without += found.count == 0;
    surface->undecided += found.undecided > 0;
    ssldyn_basin_thresholds_clear(&found);
    return status;
}

/* Checks the disk space for the table before the work. */
static enum ssldyn_status check_space(const struct search *search, const char *directory,
                                      struct ssldyn_error *err)
{
    const double numbers = (double)column_count(search) * (double)search->axes.points;
    if (directory) { /* at least one row per point, and one or two bytes per column */
        return ssldyn_output_dir_check_space(directory, 2.0 * numbers, err);
    }
    return sizeof(double) * numbers > ssldyn_memory_physical() && ssldyn_memory_physical() > 0.0
               ? ssldyn_fail(err, SSLDYN_ENOMEM,
                             "the thresholds of %" PRId64 " points do not fit in memory",
                             search->axes.points)
               : SSLDYN_OK;
}

static enum ssldyn_status walk_axes(const struct search *search,
                                    const struct ssldyn_mode_point *base,
                                    struct ssldyn_answer_file *file, struct surface *surface,
                                    struct ssldyn_error *err)
{
    const struct ssldyn_axes *axes = &search->axes;
    struct ssldyn_axes_walk *walk = NULL;
    enum ssldyn_status status = ssldyn_axes_walk_create(axes, &walk, err);
    for (int64_t i = 0; status == SSLDYN_OK && i < axes->points; i++) {
        double at[SSLDYN_AXES_MAXIMUM];
        struct ssldyn_mode_point point = *base;
        ssldyn_axes_walk_read(walk, i, at);
        for (size_t k = 0; k < axes->count; k++) {
            ssldyn_mode_point_set(&point, axes->axis[k].slot, at[k]);
        }
        status = add_point(search, &point, at, file, surface, err);
        if (status == SSLDYN_OK && ssldyn_signal_pending()) {
            status =
                ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                            "stopped after %" PRId64 " of %" PRId64 " points; their rows are kept",
                            i + 1, axes->points);
        }
    }
    ssldyn_axes_walk_free(walk);
    return status;
}

static enum ssldyn_status answer_surface(const struct search *search,
                                         const struct ssldyn_mode_point *base,
                                         const char *directory, struct ssldyn_result *result,
                                         struct ssldyn_error *err)
{
    struct ssldyn_answer_file file = {0};
    struct surface surface = {0};
    enum ssldyn_status status = check_space(search, directory, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_answer_file_open(&file, search->spec, search->mode, directory,
                                         "thresholds.tsv", result, err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    fputs("# ssldyn basin 1\n", file.stream);
    put_columns(search, file.result, file.stream);
    status = walk_axes(search, base, &file, &surface, err);
    if (status == SSLDYN_OK || status == SSLDYN_EINTERRUPTED) { /* what was found is kept */
        const enum ssldyn_status kept = ssldyn_answer_file_close(&file, err);
        status = kept == SSLDYN_OK ? status : kept;
    }
    ssldyn_answer_file_abandon(&file);
    if (status == SSLDYN_OK) {
        put_surface(result, search, &surface);
    }
    return status;
}

enum ssldyn_status
ssldyn_answer_basin_threshold(const struct ssldyn_spec *spec, const struct ssldyn_answer_mode *mode,
                              const struct ssldyn_mode_point *point, const char *directory,
                              struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct search search = {.spec = spec, .mode = mode};
    enum ssldyn_status status = find_slot(spec, &search.slot, err);
    if (status == SSLDYN_OK && spec->sweep.axes) {
        status = ssldyn_axes_init(&search.axes, spec, err);
    }
    for (size_t i = 0; status == SSLDYN_OK && i < search.axes.count; i++) {
        if (search.axes.axis[i].slot == search.slot) {
            status =
                ssldyn_fail(err, SSLDYN_EINPUT, "--threshold %.60s: is also an axis; give it once",
                            spec->sweep.threshold);
        }
    }
    if (status == SSLDYN_OK) {
        choose_derivatives(&search, point);
        status = spec->sweep.axes ? answer_surface(&search, point, directory, result, err)
                                  : answer_point(&search, point, result, err);
    }
    ssldyn_axes_clear(&search.axes);
    return status;
}
