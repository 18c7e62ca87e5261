/* ssldyn basin --threshold: at one point, printed, or over the axes, as a table. */
// SPDX-License-Identifier: MIT
#include "sim/cli/basin.h"

#include "sim/base/decimal.h"
#include "sim/base/signal.h"
#include "sim/cli/commands.h"
#include "sim/flow/basin.h"
#include "sim/io/place.h"
#include "sim/options/name.h"
#include "sim/sweep/axes.h"
#include "sim/sweep/columns.h"
#include "theory/fate.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* The option of --threshold, its range checked as if it were typed. */
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

/* The rates that training settings made, and the time of a step, but for those that the search
 * varies. */
static void print_rates(const struct ssldyn_spec *spec)
{
    struct ssldyn_rates rates;
    ssldyn_cli_training_fixed_rates(spec, &rates);
    const struct {
        const char *name;
        double value;
    } values[] = {{"alpha_p", rates.alpha_p},
                  {"beta", spec->problem.parameters.tau_held ? (double)NAN : rates.beta},
                  {"eta_p", rates.eta_p},
                  {"eta_s", rates.eta_s},
                  {"step_time", ssldyn_cli_training_step_time(spec)}};
    for (size_t i = 0; ssldyn_spec_has_training(spec) && i < sizeof values / sizeof values[0];
         i++) {
        if (!isnan(values[i].value)) {
            printf("%s = %s\n", values[i].name, SSLDYN_DECIMAL(values[i].value));
        }
    }
}

/* Slots with respect to which thresholds have derivatives, where they were asked for: options of
 * the model, and the data's own eigenvalue. Returns how many. */
static size_t derivative_slots(const struct ssldyn_spec *spec, const struct ssldyn_mode_point *mode,
                               int slot, int slots[SSLDYN_MODE_POINT_SLOTS])
{
    size_t count = 0;
    for (int k = 0; spec->sweep.derivatives && k < SSLDYN_MODE_POINT_SLOTS; k++) {
        const char *name = ssldyn_mode_point_name(k);
        const bool known = strcmp(name, "lambda-d") == 0 ||
                           ssldyn_settings_applies(&spec->given, ssldyn_option_find(name), NULL, 0);
        if (known && ssldyn_basin_derives(mode, slot, k)) {
            slots[count++] = k;
        }
    }
    return count;
}

static enum ssldyn_status print_derivatives(const struct ssldyn_spec *spec,
                                            const struct ssldyn_mode_point *mode, int slot,
                                            const struct ssldyn_threshold *threshold,
                                            struct ssldyn_error *err)
{
    int slots[SSLDYN_MODE_POINT_SLOTS];
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    const char *why = NULL;
    char name[40];
    const size_t count = derivative_slots(spec, mode, slot, slots);
    if (count == 0) {
        return SSLDYN_OK;
    }
    const enum ssldyn_status status =
        ssldyn_basin_derivatives(mode, slot, threshold, derivatives, &why, err);
    for (size_t k = 0; status == SSLDYN_OK && k < count; k++) {
        printf("threshold_derivative_%s = %s\n",
               ssldyn_name_key(ssldyn_mode_point_name(slots[k]), name, sizeof name),
               SSLDYN_DECIMAL(derivatives[slots[k]]));
    }
    if (why && !spec->quiet) {
        fprintf(stderr, "ssldyn basin: note: no derivatives: %s\n", why);
    }
    return status;
}

static enum ssldyn_status print_thresholds(const struct ssldyn_thresholds *found,
                                           const struct ssldyn_spec *spec,
                                           const struct ssldyn_mode_point *mode, int slot,
                                           struct ssldyn_error *err)
{
    const char *option = ssldyn_option_find(spec->sweep.threshold)->name;
    enum ssldyn_status status = SSLDYN_OK;
    printf("fate_at_lo = %s\n", ssldyn_fate_word((enum ssldyn_fate)found->first));
    for (size_t i = 0; status == SSLDYN_OK && i < found->count; i++) {
        const struct ssldyn_threshold *threshold = &found->list[i];
        if (threshold->mechanism == SSLDYN_BASIN_UNDECIDED) { /* only a bracket is known */
            printf("threshold = nan\nthreshold_low = %s\nthreshold_high = %s\n",
                   SSLDYN_DECIMAL(threshold->low), SSLDYN_DECIMAL(threshold->high));
        } else {
            double value = threshold->value;
            printf("threshold = %s\n", SSLDYN_DECIMAL(value));
            const char *setting = ssldyn_cli_training_as_setting(spec, option, &value);
            if (setting) {
                printf("threshold_%s = %s\n", setting, SSLDYN_DECIMAL(value));
            }
        }
        printf("threshold_width = %.3g\n", threshold->width);
        printf("threshold_change = %s -> %s\n",
               ssldyn_fate_word((enum ssldyn_fate)threshold->below),
               ssldyn_fate_word((enum ssldyn_fate)threshold->above));
        printf("threshold_mechanism = %s\n", ssldyn_basin_mechanism_text(threshold->mechanism));
        status = print_derivatives(spec, mode, slot, threshold, err);
    }
    printf("fate_at_hi = %s\n", ssldyn_fate_word((enum ssldyn_fate)found->last));
    printf("thresholds = %zu\n", found->count);
    printf("scan_spacing = %.3g\n",
           (spec->sweep.hi - spec->sweep.lo) / (double)(spec->sweep.scan - 1));
    if (found->undecided > 0) {
        fprintf(stderr,
                "ssldyn basin: warning: %zu of %" PRId64 " values, from %.9g to %.9g, stayed "
                "undecided: too near a fold or an edge for a certificate in double precision, or "
                "without one for these settings\n",
                found->undecided, spec->sweep.scan, found->undecided_low, found->undecided_high);
    }
    return status;
}

enum ssldyn_status ssldyn_cli_basin_threshold(const struct ssldyn_spec *spec,
                                              const struct ssldyn_mode_point *mode,
                                              struct ssldyn_error *err)
{
    int slot = -1;
    struct ssldyn_thresholds found;
    enum ssldyn_status status = find_slot(spec, &slot, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_basin_thresholds(mode, slot, spec->sweep.lo, spec->sweep.hi,
                                     (size_t)spec->sweep.scan, &found, err);
    if (status == SSLDYN_OK) {
        print_rates(spec);
        status = print_thresholds(&found, spec, mode, slot, err);
    }
    ssldyn_basin_thresholds_clear(&found);
    return status;
}

/* What was found over the axes. */
struct surface {
    size_t thresholds;
    int64_t without;    /* points at which the fate does not flip */
    int64_t undecided;  /* points where some values of the scan have no verdict */
    size_t derivatives; /* columns of them, by the slots */
    int slots[SSLDYN_MODE_POINT_SLOTS];
};

static void print_surface(const struct surface *surface, int64_t points, bool quiet)
{
    printf("points = %" PRId64 "\nthresholds = %zu\npoints_without_threshold = %" PRId64 "\n",
           points, surface->thresholds, surface->without);
    if (surface->undecided > 0 && !quiet) {
        fprintf(stderr,
                "ssldyn basin: warning: at %" PRId64 " of %" PRId64
                " points some values stayed undecided: too near a fold or an edge for a "
                "certificate in double precision, or without one for these settings\n",
                surface->undecided, points);
    }
}

/* The thresholds at one point of the axes, as rows. */
static enum ssldyn_status surface_rows(const struct ssldyn_spec *spec,
                                       const struct ssldyn_mode_point *mode, int slot, size_t axes,
                                       const double values[], FILE *stream, struct surface *surface,
                                       struct ssldyn_error *err)
{
    struct ssldyn_thresholds found;
    double derivatives[SSLDYN_MODE_POINT_SLOTS];
    const char *why = NULL; /* where they are nan */
    enum ssldyn_status status = ssldyn_basin_thresholds(mode, slot, spec->sweep.lo, spec->sweep.hi,
                                                        (size_t)spec->sweep.scan, &found, err);
    for (size_t i = 0; status == SSLDYN_OK && i < found.count; i++) {
        for (size_t k = 0; k < axes; k++) {
            fprintf(stream, "%s\t", SSLDYN_DECIMAL(values[k]));
        }
        const struct ssldyn_threshold *threshold = &found.list[i];
        ssldyn_columns_number(threshold->value, '\t', stream);
        fprintf(stream, "%d\t%d\t%d\t%.3g\t%s\t%s", threshold->below, threshold->above,
                (int)threshold->mechanism, threshold->width, SSLDYN_DECIMAL(threshold->low),
                SSLDYN_DECIMAL(threshold->high));
        if (surface->derivatives > 0) {
            status = ssldyn_basin_derivatives(mode, slot, threshold, derivatives, &why, err);
        }
        for (size_t k = 0; status == SSLDYN_OK && k < surface->derivatives; k++) {
            fputc('\t', stream);
            ssldyn_decimal_write(derivatives[surface->slots[k]], stream);
        }
        fputc('\n', stream);
    }
    surface->thresholds += found.count;
    surface->without += found.count == 0;
    surface->undecided += found.undecided > 0;
    ssldyn_basin_thresholds_clear(&found);
    return status;
}

enum ssldyn_status ssldyn_cli_basin_surface(const struct ssldyn_spec *spec,
                                            const struct ssldyn_mode_point *base, const char *path,
                                            struct ssldyn_error *err)
{
    struct ssldyn_axes axes = {0};
    struct ssldyn_axes_walk *walk = NULL;
    struct ssldyn_file file = {0};
    struct surface surface = {0};
    int slot = -1;
    enum ssldyn_status status = find_slot(spec, &slot, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_axes_init(&axes, spec, err);
    }
    for (size_t i = 0; status == SSLDYN_OK && i < axes.count; i++) {
        if (axes.axis[i].slot == slot) {
            status = ssldyn_fail(err, SSLDYN_EINPUT, "--threshold %.60s: is an axis as well",
                                 spec->sweep.threshold);
        }
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_axes_walk_create(&axes, &walk, err);
    }
    if (status == SSLDYN_OK && path) { /* at least a row for each point, a byte or two a column */
        status = ssldyn_place_room(path, 2.0 * (double)(axes.count + 7) * (double)axes.points, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_cli_basin_open(spec, path, "thresholds.tsv", &file, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_columns_axis_names(&axes, axes.count, file.stream);
        fputs("threshold\tbelow\tabove\tmechanism\twidth\tlow\thigh", file.stream);
        surface.derivatives = derivative_slots(spec, base, slot, surface.slots);
        for (size_t k = 0; k < surface.derivatives; k++) {
            char name[40];
            fprintf(file.stream, "\tderivative_%s",
                    ssldyn_name_key(ssldyn_mode_point_name(surface.slots[k]), name, sizeof name));
        }
        fputc('\n', file.stream);
    }
    for (int64_t i = 0; status == SSLDYN_OK && i < axes.points; i++) {
        double values[SSLDYN_AXES_MAXIMUM];
        struct ssldyn_mode_point mode = *base;
        ssldyn_axes_walk_read(walk, i, values);
        for (size_t k = 0; k < axes.count; k++) {
            ssldyn_mode_point_set(&mode, axes.axis[k].slot, values[k]);
        }
        status = surface_rows(spec, &mode, slot, axes.count, values, file.stream, &surface, err);
        if (status == SSLDYN_OK && ssldyn_signal_pending()) {
            status =
                ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                            "stopped after %" PRId64 " of %" PRId64 " points; their rows are kept",
                            i + 1, axes.points);
        }
    }
    if (status == SSLDYN_OK) {
        print_surface(&surface, axes.points, spec->quiet);
        status = ssldyn_file_commit(&file, err);
    } else if (status == SSLDYN_EINTERRUPTED) { /* what was found is kept */
        const enum ssldyn_status kept = ssldyn_file_commit(&file, err);
        status = kept == SSLDYN_OK ? status : kept;
    }
    ssldyn_file_abandon(&file);
    ssldyn_axes_walk_free(walk);
    ssldyn_axes_clear(&axes);
    return status;
}
