/* ssldyn basin: the separatrix, thresholds of one option (also over a grid of others), or a map of
 * fates over two start coordinates. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/decimal.h"
#include "sim/base/signal.h"
#include "sim/flow/basin.h"
#include "sim/flow/margins.h"
#include "sim/io/file.h"
#include "sim/io/place.h"
#include "sim/sweep/axes.h"
#include "sim/sweep/columns.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/sweep.h"
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

/* "eta_p" of "eta-p". */
static const char *underscored(int slot, char name[40])
{
    (void)snprintf(name, 40, "%s", ssldyn_mode_point_name(slot));
    for (char *c = name; *c; c++) {
        *c = *c == '-' ? '_' : *c;
    }
    return name;
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
        printf("threshold_derivative_%s = %s\n", underscored(slots[k], name),
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

static enum ssldyn_status run_threshold(const struct ssldyn_spec *spec,
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

/* Opens path/name with its head. */
static enum ssldyn_status open_table(const struct ssldyn_spec *spec, const char *path,
                                     const char *name, struct ssldyn_file *file,
                                     struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_spec_write(spec, path, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_file_open_in(file, path, name, err);
    if (status == SSLDYN_OK) {
        fputs("# ssldyn basin 1\n", file->stream);
    }
    return status;
}

static enum ssldyn_status run_separatrix(const struct ssldyn_spec *spec,
                                         const struct ssldyn_mode_point *mode, const char *path,
                                         struct ssldyn_error *err)
{
    struct ssldyn_separatrix separatrix;
    struct ssldyn_file file = {0};
    enum ssldyn_status status = ssldyn_basin_separatrix(mode, spec->problem.rtol, &separatrix, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = open_table(spec, path, "separatrix.tsv", &file, err);
    if (status == SSLDYN_OK) {
        fprintf(file.stream, "# the saddle's stable manifold in the plane (p, s) at tau = %s\n",
                SSLDYN_DECIMAL(mode->tau));
        fputs("p\ts\tln_s\n", file.stream);
        for (size_t i = 0; i < separatrix.count; i++) {
            fprintf(file.stream, "%s\t%s\t%s\n", SSLDYN_DECIMAL(separatrix.p[i]),
                    SSLDYN_DECIMAL(separatrix.s[i]), SSLDYN_DECIMAL(separatrix.ln_s[i]));
        }
        status = ssldyn_file_commit(&file, err);
    }
    if (status == SSLDYN_OK) {
        printf("p_saddle = %s\ns_saddle = %s\neigenvalue_along = %s\npoints = %zu\n",
               SSLDYN_DECIMAL(separatrix.p_saddle), SSLDYN_DECIMAL(separatrix.s_saddle),
               SSLDYN_DECIMAL(separatrix.stable), separatrix.count);
    }
    ssldyn_file_abandon(&file);
    ssldyn_basin_separatrix_clear(&separatrix);
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

/* A threshold over a grid of other options: with two start coordinates, the basin's surface. */
static enum ssldyn_status run_surface(const struct ssldyn_spec *spec,
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
        status = open_table(spec, path, "thresholds.tsv", &file, err);
    }
    if (status == SSLDYN_OK) {
        ssldyn_columns_axis_names(&axes, axes.count, file.stream);
        fputs("threshold\tbelow\tabove\tmechanism\twidth\tlow\thigh", file.stream);
        surface.derivatives = derivative_slots(spec, base, slot, surface.slots);
        for (size_t k = 0; k < surface.derivatives; k++) {
            char name[40];
            fprintf(file.stream, "\tderivative_%s", underscored(surface.slots[k], name));
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

/* The knobs of one start. */
static enum ssldyn_status run_margins(const struct ssldyn_spec *spec, const char *path,
                                      struct ssldyn_error *err)
{
    struct ssldyn_margins margins;
    enum ssldyn_status status = ssldyn_margins_of_problem(&spec->problem, &margins, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_write(spec, path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_margins_write(&margins, path, err);
    }
    if (status == SSLDYN_OK) {
        printf("fate = %s\n", ssldyn_fate_word(margins.fates[0]));
    }
    for (size_t k = 0; status == SSLDYN_OK && k < margins.knob_count; k++) {
        static const char *const kinds[] = {"none", "fold", "basin edge"};
        const struct ssldyn_margins_crossing *crossing = &margins.crossings[k];
        const char *name = margins.knobs[k].name;
        printf("x_%s = %s\n", name, SSLDYN_DECIMAL(crossing->factor));
        if (!isnan(crossing->value)) {
            printf("there_%s = %s\n", name, SSLDYN_DECIMAL(crossing->there));
        }
        printf("mechanism_%s = %s\n", name, kinds[crossing->kind]);
    }
    ssldyn_margins_clear(&margins);
    return status;
}

static enum ssldyn_status run_map(struct ssldyn_spec *spec, struct ssldyn_output *output,
                                  struct ssldyn_error *err)
{
    struct ssldyn_sweep_report report;
    spec->sweep.early_stop = true;
    const enum ssldyn_status status = ssldyn_sweep_run(spec, output, &report, err);
    if (status == SSLDYN_OK && ssldyn_ranks_number() == 0) {
        printf("points = %" PRId64 "\ncollapsed = %" PRId64 "\nsurvives = %" PRId64
               "\nundecided = %" PRId64 "\n",
               report.points, report.fates[SSLDYN_FATE_COLLAPSED],
               report.fates[SSLDYN_FATE_SURVIVES], report.fates[SSLDYN_FATE_UNDECIDED]);
    }
    ssldyn_ranks_end();
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_mode_point mode;
    struct ssldyn_output output = {.path = NULL};
    enum ssldyn_status status = ssldyn_mode_point_init(&mode, &spec->problem, err);
    if (status == SSLDYN_OK && spec->sweep.threshold && !spec->sweep.axes) {
        if (spec->output) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--output %.100s: thresholds at one point are printed, no file is "
                               "written; axes make a table",
                               spec->output);
        }
        return run_threshold(spec, &mode, err);
    }
    /* the ranks of a map share its points; the first one writes */
    const bool shared = ssldyn_cli_output_is_shared(spec);
    const bool first = !shared || ssldyn_ranks_number() == 0;
    if (status == SSLDYN_OK && first) {
        status = ssldyn_cli_output(spec, NULL, &output, err);
    }
    status = shared ? ssldyn_ranks_agree(status, err) : status;
    if (status != SSLDYN_OK) {
        return status;
    }
    if (first) {
        ssldyn_cli_output_note_replaced(spec, output.path);
    }
    ssldyn_signal_catch();
    if (spec->sweep.threshold) {
        status = run_surface(spec, &mode, output.work, err);
    } else if (shared) {
        status = run_map(spec, &output, err);
    } else if (spec->margins) {
        status = run_margins(spec, output.work, err);
    } else {
        status = run_separatrix(spec, &mode, output.work, err);
    }
    if (first && !output.published) { /* a map publishes itself */
        status = ssldyn_output_finish(
            &output, status == SSLDYN_EINTERRUPTED && spec->sweep.threshold, status, err);
    }
    if (status == SSLDYN_OK && first && !spec->quiet) {
        ssldyn_cli_output_announce(output.path, "");
    }
    ssldyn_output_close(&output);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_basin = {
    .command = SSLDYN_COMMAND_BASIN,
    .operands = "[FILE.conf]",
    .summary = "the edge of the basin of collapse, and thresholds of survival",
    .description =
        "With --threshold NAME --lo A --hi B: every value of that option between A and B at which "
        "the fate of a mode flips, to 1e-12 relative, and what decides there: the fold, the "
        "basin's edge, or the lag of the EMA. With axes as well: a table of thresholds over their "
        "grid (two start coordinates: the basin's surface). With axes alone: a map of certified "
        "fates. With --margins: by what factor each knob alone must change for the fate of a "
        "start to flip, in margins.tsv. Otherwise, at constant tau: the separatrix, the saddle's "
        "stable manifold, as a curve in separatrix.tsv.",
    .examples =
        "ssldyn basin --model modes --threshold eta --lo 0 --hi 0.3 --p0 0.1 --s0 0.05 --tau0 0.5\n"
        "ssldyn basin --model modes --threshold train-ema --lo 0.9 --hi 1 --train-lr 0.05 "
        "--train-weight-decay 0.1\n"
        "ssldyn basin --model modes --p0 0.3 --s0 0.1 --margins -o out/margins\n"
        "ssldyn basin --model modes --no-ema --eta 0.1 -o out/separatrix\n"
        "ssldyn basin --model modes --axis.p0 0:1:512 --axis.s0 0:1:512 --eta 0.1 -o out/map\n",
    .needs_arguments = true,
    .run = run};
