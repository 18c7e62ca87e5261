/* The point of a sweep nearest to given values of its axes. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/axes_nearest.h"

#include "sim/base/decimal.h"
#include "sim/base/signal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double points_most = 1e9; /* a larger Sobol sample is refused, since it is searched
                                        * point by point */

/* The requested value of each axis. */
struct wish {
    bool given[SSLDYN_AXES_MAXIMUM];
    double value[SSLDYN_AXES_MAXIMUM];
};

/* Position of a value along the axis, on a scale on which the points are evenly spaced. */
static double position(const struct ssldyn_axis *axis, double value)
{
    return axis->logarithmic ? log(fabs(value)) : value;
}

static enum ssldyn_status refuse_name(const struct ssldyn_axes *axes, const char *name,
                                      struct ssldyn_error *err)
{
    char names[SSLDYN_AXES_NAMES_SIZE];
    return ssldyn_fail(err, SSLDYN_EINPUT,
                       "--at %.60s: is not an axis of this sweep; its axes are %s", name,
                       ssldyn_axes_names(axes, ", ", names));
}

static enum ssldyn_status take_word(const struct ssldyn_axis *axis, const char *text, double *value,
                                    struct ssldyn_error *err)
{
    char words[200] = "";
    for (size_t i = 0; axis->words[i]; i++) {
        const size_t used = strlen(words);
        if (strcmp(axis->words[i], text) == 0) {
            *value = axis->values.values[i];
            return SSLDYN_OK;
        }
        (void)snprintf(words + used, sizeof words - used, "%s%.40s", i ? ", " : "", axis->words[i]);
    }
    return ssldyn_fail(err, SSLDYN_EINPUT, "--at %.60s = %.60s: must be one of %s",
                       axis->option->name, text, words);
}

/* Parses a number and checks that it is within the axis, up to rounding at its ends. */
static enum ssldyn_status take_number(const struct ssldyn_axis *axis, const char *text,
                                      double *value, struct ssldyn_error *err)
{
    const double rounding = 1e-12;
    double low = 0.0;
    double high = 0.0;
    ssldyn_axes_ends(axis, &low, &high);
    const double slack = rounding * fmax(fabs(low), fabs(high));
    if (!ssldyn_parse_double(text, value)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--at %.60s = %.60s: must be a finite number",
                           axis->option->name, text[0] ? text : "(nothing)");
    }
    if (*value < low - slack || *value > high + slack) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--at %.60s = %.60s: the axis goes from %s to %s",
                           axis->option->name, text, SSLDYN_DECIMAL(low), SSLDYN_DECIMAL(high));
    }
    return SSLDYN_OK;
}

static enum ssldyn_status take_one(const struct ssldyn_axes *axes, char *name, struct wish *wish,
                                   struct ssldyn_error *err)
{
    char *equals = strchr(name, '=');
    size_t i = 0;
    if (!equals) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--at %.60s: must be NAME=VALUE,..., e.g. eta=0.12,alpha_p=1", name);
    }
    *equals = '\0';
    const struct ssldyn_option *option = ssldyn_option_find(name);
    while (i < axes->count && axes->axis[i].option != option) {
        i++;
    }
    if (i == axes->count) {
        return refuse_name(axes, name, err);
    }
    if (wish->given[i]) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--at %.60s: is given twice", name);
    }
    wish->given[i] = true;
    return axes->axis[i].words ? take_word(&axes->axis[i], equals + 1, &wish->value[i], err)
                               : take_number(&axes->axis[i], equals + 1, &wish->value[i], err);
}

static enum ssldyn_status parse(const struct ssldyn_axes *axes, const char *text, struct wish *wish,
                                struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    while (status == SSLDYN_OK && *text) {
        char one[160];
        const size_t length = strcspn(text, ",");
        if (length >= sizeof one) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "--at %.60s...: is too long", text);
        }
        memcpy(one, text, length);
        one[length] = '\0';
        status = take_one(axes, one, wish, err);
        text += length + (text[length] == ',');
    }
    for (size_t i = 0; status == SSLDYN_OK && i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        if (!wish->given[i] && axis->values.count != 1) {
            double low = 0.0;
            double high = 0.0;
            ssldyn_axes_ends(axis, &low, &high);
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               axis->words ? "--at: needs a value for %s, too"
                                           : "--at: needs a value for %s, too, from %s to %s",
                               axis->option->name, SSLDYN_DECIMAL(low), SSLDYN_DECIMAL(high));
        }
    }
    return status;
}

static void nearest_of_grid(const struct ssldyn_axes *axes, const struct wish *wish,
                            struct ssldyn_axes_nearest *nearest)
{
    nearest->number = 0;
    for (size_t i = 0; i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        size_t best = 0;
        for (size_t k = 1; wish->given[i] && k < axis->values.count; k++) {
            const double there = position(axis, wish->value[i]);
            if (fabs(position(axis, axis->values.values[k]) - there) <
                fabs(position(axis, axis->values.values[best]) - there)) {
                best = k;
            }
        }
        nearest->values[i] = axis->values.values[best];
        nearest->number = nearest->number * (int64_t)axis->values.count + (int64_t)best;
    }
}

static enum ssldyn_status nearest_of_sample(const struct ssldyn_axes *axes, const struct wish *wish,
                                            struct ssldyn_axes_nearest *nearest,
                                            struct ssldyn_error *err)
{
    struct ssldyn_axes_walk *walk = NULL;
    double least = (double)INFINITY;
    double wanted[SSLDYN_AXES_MAXIMUM];
    double range[SSLDYN_AXES_MAXIMUM];
    if ((double)axes->points > points_most) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--at: supports Sobol samples of at most %.0e points; use --point",
                           points_most);
    }
    for (size_t i = 0; i < axes->count; i++) {
        const struct ssldyn_axis *axis = &axes->axis[i];
        wanted[i] = position(axis, wish->value[i]);
        range[i] = position(axis, axis->to) - position(axis, axis->from);
    }
    enum ssldyn_status status = ssldyn_axes_walk_create(axes, &walk, err);
    for (int64_t k = 0; status == SSLDYN_OK && k < axes->points; k++) {
        double values[SSLDYN_AXES_MAXIMUM];
        double square = 0.0;
        ssldyn_axes_walk_read(walk, k, values);
        for (size_t i = 0; i < axes->count; i++) {
            const double away = position(&axes->axis[i], values[i]) - wanted[i];
            square += range[i] != 0.0 ? away * away / (range[i] * range[i]) : 0.0;
        }
        if (square < least) {
            least = square;
            nearest->number = k;
            memcpy(nearest->values, values, sizeof values);
        }
        if (ssldyn_signal_pending()) {
            status =
                ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped during the search for the point");
        }
    }
    ssldyn_axes_walk_free(walk);
    return status;
}

enum ssldyn_status ssldyn_axes_nearest(const struct ssldyn_axes *axes, const char *text,
                                       struct ssldyn_axes_nearest *nearest,
                                       struct ssldyn_error *err)
{
    struct wish wish = {.given = {false}};
    enum ssldyn_status status = parse(axes, text, &wish, err);
    *nearest = (struct ssldyn_axes_nearest){.number = 0};
    if (status == SSLDYN_OK && axes->sobol) {
        status = nearest_of_sample(axes, &wish, nearest, err);
    } else if (status == SSLDYN_OK) {
        nearest_of_grid(axes, &wish, nearest);
    }
    for (size_t i = 0; i < axes->count; i++) {
        nearest->asked[i] = wish.given[i] ? wish.value[i] : nearest->values[i];
    }
    return status;
}
