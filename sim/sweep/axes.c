/* Axes of a sweep. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/axes.h"

#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/flow/mode_point.h"
#include "sim/ode/ode.h"
#include "sim/options/name.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double points_maximum = 1e15;

/* Parses from:to or log:from:to; a number of points after them is ignored. */
static bool parse_range(const char *text, struct ssldyn_axis *axis)
{
    char copy[128];
    axis->logarithmic = strncmp(text, "log:", 4) == 0;
    text += axis->logarithmic ? 4 : 0;
    snprintf(copy, sizeof copy, "%s", text);
    char *colon = strchr(copy, ':');
    if (strlen(text) >= sizeof copy || !colon) {
        return false;
    }
    *colon = '\0';
    char *rest = strchr(colon + 1, ':');
    if (rest) {
        *rest = '\0';
    }
    return ssldyn_parse_double(copy, &axis->from) && ssldyn_parse_double(colon + 1, &axis->to) &&
           (axis->logarithmic ? axis->from > 0.0 && isnormal(axis->to / axis->from)
                              : isfinite(axis->to - axis->from));
}

static bool is_whole(const struct ssldyn_option *option)
{
    return option->kind == SSLDYN_OPTION_INTEGER || option->kind == SSLDYN_OPTION_SEED;
}

static bool is_number(const struct ssldyn_option *option)
{
    return option->kind == SSLDYN_OPTION_DOUBLE || option->kind == SSLDYN_OPTION_LIST ||
           is_whole(option);
}

const char *ssldyn_axes_text(const struct ssldyn_axis *axis, double value, char *text, size_t size)
{
    if (axis->words) {
        return axis->words[(size_t)value];
    }
    snprintf(text, size, "%s", SSLDYN_DECIMAL(value));
    return text;
}

const char *ssldyn_axes_key(const struct ssldyn_axis *axis, char name[static SSLDYN_AXES_KEY_SIZE])
{
    return ssldyn_name_key(axis->option->name, name, SSLDYN_AXES_KEY_SIZE);
}

void ssldyn_axes_ends(const struct ssldyn_axis *axis, double *low, double *high)
{
    *low = fmin(axis->from, axis->to);
    *high = fmax(axis->from, axis->to);
    for (size_t i = 0; i < axis->values.count; i++) {
        *low = i == 0 ? axis->values.values[i] : fmin(*low, axis->values.values[i]);
        *high = i == 0 ? axis->values.values[i] : fmax(*high, axis->values.values[i]);
    }
}

const char *ssldyn_axes_names(const struct ssldyn_axes *axes, const char *separator,
                              char text[static SSLDYN_AXES_NAMES_SIZE])
{
    text[0] = '\0';
    for (size_t i = 0; i < axes->count; i++) {
        const size_t used = strlen(text);
        (void)snprintf(text + used, SSLDYN_AXES_NAMES_SIZE - used, "%s%.36s", i ? separator : "",
                       axes->axis[i].option->name);
    }
    return text;
}

/* The words of list:a,b,c, numbered. */
static enum ssldyn_status parse_words(const char *text, const char *where, struct ssldyn_axis *axis,
                                      struct ssldyn_error *err)
{
    if (strncmp(text, "list:", 5) != 0 || text[5] == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: must be list:a,b,c", where, text);
    }
    text += 5;
    size_t count = 1;
    for (const char *c = text; *c; c++) {
        count += *c == ',';
    }
    axis->words = ssldyn_memory_array(count + 1, sizeof *axis->words);
    axis->values.values = ssldyn_memory_array(count, sizeof *axis->values.values);
    bool fine = axis->words && axis->values.values;
    for (size_t i = 0; fine && i < count; i++) {
        const size_t length = strcspn(text, ",");
        axis->words[i] = ssldyn_memory_array(length + 1, 1);
        fine = axis->words[i] != NULL;
        if (fine) {
            memcpy(axis->words[i], text, length);
            axis->values.values[i] = (double)i;
            axis->values.count++;
        }
        text += length + (text[length] == ',');
    }
    return fine ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the axes");
}

enum ssldyn_status ssldyn_axes_try(const struct ssldyn_spec *spec,
                                   const struct ssldyn_option *option, const char *value,
                                   const char *where, struct ssldyn_error *err)
{
    struct ssldyn_spec trial;
    enum ssldyn_status status = ssldyn_spec_copy(spec, &trial, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    trial.given.source = SSLDYN_SOURCE_POINT;
    status = ssldyn_spec_set(&trial, option->name, value, where, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_prepare(&trial, err);
    }
    ssldyn_spec_clear(&trial);
    return status;
}

static enum ssldyn_status check_value(const struct ssldyn_spec *spec,
                                      const struct ssldyn_axis *axis, double value,
                                      const char *where, struct ssldyn_error *err)
{
    char text[40];
    return ssldyn_axes_try(spec, axis->option, ssldyn_axes_text(axis, value, text, sizeof text),
                           where, err);
}

/* The option table accepts any name of a stepper; only the list of steppers knows the valid
 * ones. */
static enum ssldyn_status check_stepper(const char *where, const char *name,
                                        struct ssldyn_error *err)
{
    for (size_t i = 0; ssldyn_ode_stepper_name(i); i++) {
        if (strcmp(ssldyn_ode_stepper_name(i), name) == 0) {
            return SSLDYN_OK;
        }
    }
    char names[160];
    char hint[64];
    (void)ssldyn_ode_stepper_choices(names, sizeof names);
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s '%.60s': no such integrator; must be one of %s%s",
                       where, name, names, ssldyn_name_hint(name, names, hint, sizeof hint));
}

/* Checks every word; for numbers only the smallest and the largest. */
static enum ssldyn_status check_values(const struct ssldyn_spec *spec,
                                       const struct ssldyn_axis *axis, const char *where,
                                       struct ssldyn_error *err)
{
    double ends[2];
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < axis->values.count; i++) {
        const double value = axis->values.values[i];
        if (axis->words) {
            status = check_value(spec, axis, value, where, err);
            if (status == SSLDYN_OK && strcmp(axis->option->name, "stepper") == 0) {
                status = check_stepper(where, axis->words[i], err);
            }
        } else if (is_whole(axis->option) && value != floor(value)) {
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: %g is not a whole number", where, value);
        }
    }
    ssldyn_axes_ends(axis, &ends[0], &ends[1]);
    for (int i = 0; status == SSLDYN_OK && i < 2; i++) {
        status = check_value(spec, axis, ends[i], where, err);
    }
    return status;
}

/* Integer values of a range are integers only up to the rounding of its division. */
static void round_values(struct ssldyn_axis *axis)
{
    for (size_t i = 0; is_whole(axis->option) && i < axis->values.count; i++) {
        const double whole = round(axis->values.values[i]);
        if (fabs(axis->values.values[i] - whole) <= 1e-12 * fabs(whole)) {
            axis->values.values[i] = whole;
        }
    }
}

/* Whether an option does not exist for the run of a point, or does not change its results. */
static bool belongs_to_a_point(const struct ssldyn_spec *spec, const struct ssldyn_option *option)
{
    static const char *const others[] = {"model",  "output",  "quiet",   "verbose",
                                         "strict", "threads", "ensemble"};
    const enum ssldyn_command command =
        ssldyn_spec_is_sgd(spec) ? SSLDYN_COMMAND_SGD : SSLDYN_COMMAND_FLOW;
    bool belongs = (option->commands & (unsigned)command) != 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        belongs = belongs && strcmp(option->name, others[i]) != 0;
    }
    return belongs;
}

/* Whether the user gave a value that an axis or threshold would replace: on the command line, or
 * in the same file as the axis. An axis on the command line replaces a value in a file, as a
 * value would; a spec.conf has values for all options. */
static bool is_said(const struct ssldyn_spec *spec, const char *name, const char *by)
{
    const enum ssldyn_source source = ssldyn_spec_source(spec, name);
    return source == SSLDYN_SOURCE_COMMAND_LINE ||
           (source == SSLDYN_SOURCE_FILE && ssldyn_spec_source(spec, by) == SSLDYN_SOURCE_FILE &&
            !spec->given.complete);
}

enum ssldyn_status ssldyn_axes_check_free(const struct ssldyn_spec *spec,
                                          const struct ssldyn_option *option, const char *where,
                                          struct ssldyn_error *err)
{
    const char *by = strncmp(where, "--threshold", 11) == 0 ? "threshold" : "axis";
    if (is_said(spec, option->name, by)) {
        char place[SSLDYN_SPEC_WHERE] = "";
        if (ssldyn_spec_source(spec, option->name) == SSLDYN_SOURCE_FILE) {
            ssldyn_spec_where(spec, option->name, place);
        }
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: varies --%s, which also has a value%s%s%s: remove one of the two",
                           where, option->name, place[0] ? " (" : "", place, place[0] ? ")" : "");
    }
    const char *rival = NULL;
    for (size_t i = 0; (rival = ssldyn_spec_rival(option->name, i)) != NULL; i++) {
        /* a rate from a spec.conf is replaced by the training setting that is varied; a setting
         * is not */
        const bool setting = strncmp(rival, "train-", 6) == 0;
        if (is_said(spec, rival, by) || ssldyn_spec_has_axis(spec, rival) ||
            (setting && ssldyn_spec_given(spec, rival))) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s and --%s: give training settings (--train-...) or the rates "
                               "that they determine, not both",
                               where, rival);
        }
    }
    if (strcmp(option->name, "eta") == 0) {
        /* the spec.conf of a sweep gives both, equal, or the one that has an effect */
        const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
        const struct ssldyn_option *eta_p = ssldyn_option_find("eta-p");
        const bool one = ssldyn_spec_given(spec, "eta-p") != ssldyn_spec_given(spec, "eta-s");
        const bool apart = is_said(spec, "eta-p", by) || is_said(spec, "eta-s", by) ||
                           (ssldyn_settings_applies(&spec->given, eta_p, NULL, 0) &&
                            (one || rates->eta_p != rates->eta_s));
        if (apart || ssldyn_spec_has_axis(spec, "eta-p") || ssldyn_spec_has_axis(spec, "eta-s")) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "%s: sets both decays, but one of eta-p and eta-s is given as well; "
                               "vary the other one instead of eta",
                               where);
        }
    }
    const bool target = strcmp(option->name, "beta") == 0 || strcmp(option->name, "train-ema") == 0;
    if (target && spec->problem.parameters.tau_held) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: has no effect: --tau or --no-ema replaces the EMA of the target",
                           where);
    }
    return SSLDYN_OK;
}

/* If a number of SGD steps ends the runs, t_end cannot be an axis. */
static enum ssldyn_status check_end(const struct ssldyn_spec *spec,
                                    const struct ssldyn_option *option, const char *where,
                                    struct ssldyn_error *err)
{
    const bool time = strcmp(option->name, "t-end") == 0;
    const bool steps = spec->problem.sgd.steps > 0 || ssldyn_spec_has_axis(spec, "steps");
    if (time && ssldyn_spec_is_sgd(spec) && steps) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%s: has no effect, because --steps determines the end of a run: give only one of them",
            where);
    }
    if (strcmp(option->name, "steps") == 0 && is_said(spec, "t-end", "axis")) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s and --t-end: both determine the end of a run: give only one of them",
                           where);
    }
    return SSLDYN_OK;
}

static enum ssldyn_status parse_axis(const struct ssldyn_spec *spec, const char *name,
                                     const char *text, struct ssldyn_axis *axis,
                                     struct ssldyn_error *err)
{
    const char *fault = NULL;
    char where[300];
    (void)ssldyn_spec_axis_where(spec, name, where, sizeof where);
    axis->option = ssldyn_option_find(name);
    if (!axis->option || !belongs_to_a_point(spec, axis->option)) {
        const char *near = axis->option ? NULL : ssldyn_option_nearest(name, spec->given.command);
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: cannot be used as an axis%s%s%s", where,
                           near ? "; did you mean axis." : "", near ? near : "", near ? "?" : "");
    }
    axis->slot = ssldyn_mode_point_slot(axis->option->name);
    enum ssldyn_status free = ssldyn_axes_check_free(spec, axis->option, where, err);
    if (free == SSLDYN_OK) {
        free = check_end(spec, axis->option, where, err);
    }
    if (free != SSLDYN_OK) {
        return free;
    }
    if (spec->sweep.sobol > 0 &&
        (!is_number(axis->option) || is_whole(axis->option) || !parse_range(text, axis))) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s = %.80s: with --sobol it must be from:to or log:from:to (with both "
                           "above 0, not too far apart for double precision) of an option that is "
                           "not a whole number",
                           where, text);
    }
    if (spec->sweep.sobol == 0 && !is_number(axis->option)) {
        const enum ssldyn_status status = parse_words(text, where, axis, err);
        if (status != SSLDYN_OK) {
            return status;
        }
    } else if (spec->sweep.sobol == 0 && !ssldyn_parse_list(text, &axis->values, &fault)) {
        if (!fault) {
            return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
        }
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s = %.80s: %s; it must be from:to:points, log:from:to:points or "
                           "list:a,b,c",
                           where, text, fault);
    }
    axis->logarithmic = strncmp(text, "log:", 4) == 0;
    round_values(axis);
    return check_values(spec, axis, where, err);
}

static enum ssldyn_status parse_all(struct ssldyn_axes *axes, const struct ssldyn_spec *spec,
                                    char *text, struct ssldyn_error *err)
{
    double points = 1.0;
    enum ssldyn_status status = SSLDYN_OK;
    while (status == SSLDYN_OK && *text) {
        char *end = text + strcspn(text, ";");
        char *next = end + (*end == ';');
        char *equals = text + strcspn(text, "=;");
        if (axes->count == SSLDYN_AXES_MAXIMUM) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "--axis: at most %d axes", SSLDYN_AXES_MAXIMUM);
        }
        if (*equals != '=') {
            char where[300];
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s = %.80s: must be NAME=VALUES;...",
                               ssldyn_spec_where(spec, "axis", where), text);
        }
        *equals = '\0';
        *end = '\0';
        for (size_t i = 0; i < axes->count; i++) {
            if (ssldyn_option_find(text) == axes->axis[i].option) {
                char where[300];
                return ssldyn_fail(err, SSLDYN_EINPUT, "%s: is given twice",
                                   ssldyn_spec_axis_where(spec, text, where, sizeof where));
            }
        }
        struct ssldyn_axis *axis = &axes->axis[axes->count++];
        status = parse_axis(spec, text, equals + 1, axis, err);
        points *= (double)axis->values.count;
        text = next;
    }
    axes->points = axes->sobol ? spec->sweep.sobol : (int64_t)fmin(points, 2.0 * points_maximum);
    if (status == SSLDYN_OK && (double)axes->points > points_maximum) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--axis: the grid has %.3g points; at most %.0e are allowed", points,
                           points_maximum);
    }
    return status;
}

enum ssldyn_status ssldyn_axes_init(struct ssldyn_axes *axes, const struct ssldyn_spec *spec,
                                    struct ssldyn_error *err)
{
    *axes = (struct ssldyn_axes){.sobol = spec->sweep.sobol > 0};
    if (!spec->sweep.axes) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "no axis: give --axis.NAME from:to:points (or axis.NAME = ... in the "
                           "file)");
    }
    if (spec->problem.stepper) {
        const enum ssldyn_status known = check_stepper("--stepper", spec->problem.stepper, err);
        if (known != SSLDYN_OK) {
            return known;
        }
    }
    char *text = ssldyn_memory_copy(spec->sweep.axes);
    if (!text) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the axes");
    }
    const enum ssldyn_status status = parse_all(axes, spec, text, err);
    free(text);
    if (status != SSLDYN_OK) {
        ssldyn_axes_clear(axes);
    }
    return status;
}

void ssldyn_axes_clear(struct ssldyn_axes *axes)
{
    for (size_t i = 0; i < axes->count; i++) {
        for (char **word = axes->axis[i].words; word && *word; word++) {
            free(*word);
        }
        free(axes->axis[i].words);
        free(axes->axis[i].values.values);
    }
    *axes = (struct ssldyn_axes){0};
}
