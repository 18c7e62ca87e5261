/* Axes of a sweep. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/axes.h"

#include "sim/base/memory.h"
#include "sim/flow/mode_point.h"

#include <gsl/gsl_qrng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double points_maximum = 1e15;

/* from:to or log:from:to; a number of points after them is not looked at. */
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
           (!axis->logarithmic || (axis->from > 0.0 && axis->to > 0.0));
}

/* The option's own checks, at the least and the largest value. */
static enum ssldyn_status check_values(const struct ssldyn_spec *spec,
                                       const struct ssldyn_axis *axis, struct ssldyn_error *err)
{
    double ends[2] = {axis->from, axis->to};
    for (size_t i = 0; i < axis->values.count; i++) {
        ends[0] = i == 0 ? axis->values.values[0] : fmin(ends[0], axis->values.values[i]);
        ends[1] = i == 0 ? axis->values.values[0] : fmax(ends[1], axis->values.values[i]);
    }
    enum ssldyn_status status = SSLDYN_OK;
    for (int i = 0; status == SSLDYN_OK && i < 2; i++) {
        struct ssldyn_spec trial;
        char text[40];
        char where[80];
        snprintf(text, sizeof text, "%.17g", ends[i]);
        snprintf(where, sizeof where, "axis.%.60s", axis->option->name);
        status = ssldyn_spec_copy(spec, &trial, err);
        if (status != SSLDYN_OK) {
            return status;
        }
        trial.source = SSLDYN_SOURCE_POINT;
        status = ssldyn_spec_set(&trial, axis->option->name, text, where, err);
        if (status == SSLDYN_OK) {
            status = ssldyn_spec_check(&trial, err);
        }
        ssldyn_spec_clear(&trial);
    }
    return status;
}

static enum ssldyn_status parse_axis(const struct ssldyn_spec *spec, const char *name,
                                     const char *text, struct ssldyn_axis *axis,
                                     struct ssldyn_error *err)
{
    const char *fault = NULL;
    axis->option = ssldyn_option_find(name);
    if (!axis->option) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "axis.%.40s: is no option", name);
    }
    axis->slot = ssldyn_mode_point_slot(axis->option->name);
    if (axis->slot < 0) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "axis.%.40s: is no number of a mode; allowed are its rates and its start", name);
    }
    if (strcmp(axis->option->name, "eta") == 0 &&
        ssldyn_spec_given(spec, "eta-p") != ssldyn_spec_given(spec, "eta-s")) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "axis.eta: sets both decays, and one of --eta-p, --eta-s is given: use "
                           "axis.eta_s or axis.eta_p for the other");
    }
    if (spec->sweep.sobol > 0 && !parse_range(text, axis)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "axis.%.40s = %.80s: with --sobol it must be from:to or log:from:to "
                           "(with both above 0)",
                           name, text);
    }
    if (spec->sweep.sobol == 0 && !ssldyn_parse_list(text, &axis->values, &fault)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "axis.%.40s = %.80s: %s; it must be from:to:points, "
                           "log:from:to:points or list:a,b,c",
                           name, text, fault);
    }
    return check_values(spec, axis, err);
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
            return ssldyn_fail(err, SSLDYN_EINPUT, "--axis %.80s: must be NAME=VALUES;...", text);
        }
        *equals = '\0';
        *end = '\0';
        for (size_t i = 0; i < axes->count; i++) {
            if (ssldyn_option_find(text) == axes->axis[i].option) {
                return ssldyn_fail(err, SSLDYN_EINPUT, "axis.%.40s: is given twice", text);
            }
        }
        struct ssldyn_axis *axis = &axes->axis[axes->count++];
        status = parse_axis(spec, text, equals + 1, axis, err);
        points *= (double)axis->values.count;
        text = next;
    }
    axes->points = axes->sobol ? spec->sweep.sobol : (int64_t)fmin(points, 2.0 * points_maximum);
    if (status == SSLDYN_OK && (double)axes->points > points_maximum) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--axis: %.3g points; at most %.0e are taken",
                           points, points_maximum);
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
    char *text = ssldyn_string_copy(spec->sweep.axes);
    if (!text) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the axes");
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
        free(axes->axis[i].values.values);
    }
    *axes = (struct ssldyn_axes){0};
}

struct ssldyn_axes_walk {
    const struct ssldyn_axes *axes;
    gsl_qrng *sequence; /* NULL: a grid */
    int64_t next;       /* number of the element that comes next */
};

enum ssldyn_status ssldyn_axes_walk_create(const struct ssldyn_axes *axes,
                                           struct ssldyn_axes_walk **walk, struct ssldyn_error *err)
{
    *walk = ssldyn_array_alloc(1, sizeof **walk);
    if (*walk) {
        (*walk)->axes = axes;
    }
    if (*walk && axes->sobol) {
        (*walk)->sequence = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)axes->count);
    }
    if (!*walk || (axes->sobol && !(*walk)->sequence)) {
        ssldyn_axes_walk_free(*walk);
        *walk = NULL;
        return ssldyn_fail(err, SSLDYN_ENOMEM, "no memory for the points of the sweep");
    }
    return SSLDYN_OK;
}

void ssldyn_axes_walk_free(struct ssldyn_axes_walk *walk)
{
    if (walk && walk->sequence) {
        gsl_qrng_free(walk->sequence);
    }
    free(walk);
}

static void read_sobol(struct ssldyn_axes_walk *walk, int64_t index, double values[])
{
    const struct ssldyn_axes *axes = walk->axes;
    double share[SSLDYN_AXES_MAXIMUM];
    if (index < walk->next) {
        gsl_qrng_init(walk->sequence);
        walk->next = 0;
    }
    do {
        gsl_qrng_get(walk->sequence, share);
    } while (walk->next++ < index);
    for (size_t i = 0; i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        values[i] = axis->logarithmic ? axis->from * pow(axis->to / axis->from, share[i])
                                      : axis->from + (axis->to - axis->from) * share[i];
    }
}

size_t ssldyn_axes_walk_read(struct ssldyn_axes_walk *walk, int64_t index, double values[])
{
    const struct ssldyn_axes *axes = walk->axes;
    if (walk->sequence) {
        read_sobol(walk, index, values);
        return axes->count;
    }
    for (size_t i = axes->count; i-- > 0;) {
        const int64_t n = (int64_t)axes->axis[i].values.count;
        values[i] = axes->axis[i].values.values[index % n];
        index /= n;
    }
    return axes->count;
}
