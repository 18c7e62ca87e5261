/* The plane of a sweep's axes. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/plane.h"

#include "sim/model/model.h"
#include "theory/margin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BISECTIONS = 60 };

double ssldyn_plane_margin(const struct ssldyn_plane_site *site)
{
    return ssldyn_margin_fold(&site->parameters) - site->parameters.rates.eta_s;
}

double ssldyn_plane_alignment(const struct ssldyn_plane_site *site)
{
    const struct ssldyn_parameters *parameters = &site->parameters;
    const struct ssldyn_rates *rates = &parameters->rates;
    const double c = parameters->lambda_s;
    const double decay = 0.5 * rates->eta_p + rates->eta_s;
    if (parameters->lambda_d != 1.0) {
        return (double)NAN; /* Thm 3 assumes X = I */
    }
    if (isnan(site->p)) {
        return decay - parameters->tau * parameters->tau / (6.0 * c);
    }
    return c * (0.5 * rates->alpha_p * site->s + site->p * site->p) - site->tau * site->p + decay;
}

bool ssldyn_plane_names(const struct ssldyn_axis *axis, const char *const names[])
{
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(axis->option->name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool ssldyn_plane_moves(const struct ssldyn_axes *axes, const char *const names[])
{
    bool any = false;
    for (size_t i = 0; i < axes->count; i++) {
        any = any || ssldyn_plane_names(&axes->axis[i], names);
    }
    return any;
}

void ssldyn_plane_mode(const struct ssldyn_plane *plane, const double values[],
                       struct ssldyn_plane_site *site)
{
    struct ssldyn_mode_point mode;
    ssldyn_points_mode(plane->points, values, &mode);
    const struct ssldyn_ensemble_point start = ssldyn_mode_point_start(&mode);
    const bool held = !isnan(start.tau);
    *site = (struct ssldyn_plane_site){.parameters = ssldyn_mode_point_parameters(&mode),
                                       .p = (double)NAN};
    if (plane->moves_start) {
        site->p = start.wp;
        site->s = start.w * start.w;
        site->tau = held ? start.tau : start.w != 0.0 ? start.wa / start.w : 0.0;
    }
}

/* For a run with isotropic data; others have no fold in closed form. */
static enum ssldyn_status site_of_run(const struct ssldyn_plane *plane, const double values[],
                                      struct ssldyn_plane_site *site, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_point_set(plane->point, values, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    const struct ssldyn_spec *spec = &plane->point->spec;
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    *site = (struct ssldyn_plane_site){.parameters = ssldyn_model_parameters(&spec->problem),
                                       .p = (double)NAN};
    if (!parameters->tau_held) {
        site->parameters.tau = 1.0;
    }
    if (spec->x_file || spec->sxx_file || !parameters->predictor || !parameters->stop_grad) {
        site->parameters.lambda_s = (double)NAN;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status value_at(const struct ssldyn_plane *plane, ssldyn_plane_quantity *of,
                                   const double at[2], double *value, struct ssldyn_error *err)
{
    struct ssldyn_plane_site site;
    enum ssldyn_status status = SSLDYN_OK;
    if (plane->points->modes) {
        ssldyn_plane_mode(plane, at, &site);
    } else {
        status = site_of_run(plane, at, &site, err);
    }
    *value = status == SSLDYN_OK ? of(&site) : (double)NAN;
    return status;
}

void ssldyn_plane_add(const struct ssldyn_plane *plane, const char *line, size_t branch,
                      const double at[2], double width)
{
    struct ssldyn_lines *found = plane->found;
    if (found->count == found->capacity) {
        const size_t capacity = found->capacity ? 2 * found->capacity : 256;
        struct ssldyn_line_point *points = realloc(found->points, capacity * sizeof *points);
        if (!points) {
            found->lost = true;
            return;
        }
        found->points = points;
        found->capacity = capacity;
    }
    found->points[found->count++] = (struct ssldyn_line_point){line, branch, {at[0], at[1]}, width};
}

size_t ssldyn_plane_across(const struct ssldyn_plane *plane, size_t which)
{
    return plane->axes->count == 2 ? plane->axes->axis[1 - which].values.count : 1;
}

double ssldyn_plane_value(const struct ssldyn_plane *plane, size_t which, size_t k)
{
    return plane->axes->count == 2 ? plane->axes->axis[1 - which].values.values[k] : 0.0;
}

enum ssldyn_status ssldyn_plane_refine(const struct ssldyn_plane *plane, ssldyn_plane_quantity *of,
                                       size_t which, double low, double high, bool low_positive,
                                       double at[2], struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    for (int i = 0; status == SSLDYN_OK && i < BISECTIONS; i++) {
        double value = 0.0;
        at[which] = low + 0.5 * (high - low);
        status = value_at(plane, of, at, &value, err);
        if ((value > 0.0) == low_positive) {
            low = at[which];
        } else {
            high = at[which];
        }
    }
    at[which] = low + 0.5 * (high - low);
    return status;
}

/* The result of a scan: the number of zeros, and the largest number on one scan line. */
struct census {
    size_t count, most;
};

/* Finds the zeros along one axis for each value of the other; adds them if line is given. */
static enum ssldyn_status scan(const struct ssldyn_plane *plane, ssldyn_plane_quantity *of,
                               size_t which, const char *line, struct census *census,
                               struct ssldyn_error *err)
{
    const struct ssldyn_list *along = &plane->axes->axis[which].values;
    enum ssldyn_status status = SSLDYN_OK;
    *census = (struct census){0, 0};
    for (size_t k = 0; status == SSLDYN_OK && k < ssldyn_plane_across(plane, which); k++) {
        double at[2];
        double before = (double)NAN;
        size_t branch = 0;
        at[1 - which] = ssldyn_plane_value(plane, which, k);
        for (size_t i = 0; status == SSLDYN_OK && i < along->count; i++) {
            double value = 0.0;
            at[which] = along->values[i];
            status = value_at(plane, of, at, &value, err);
            if (status == SSLDYN_OK && !isnan(value) && !isnan(before) &&
                (value > 0.0) != (before > 0.0)) {
                if (line) {
                    status = ssldyn_plane_refine(plane, of, which, along->values[i - 1],
                                                 along->values[i], before > 0.0, at, err);
                    ssldyn_plane_add(plane, line, branch, at, 0.0);
                }
                branch++;
            }
            before = value;
        }
        census->count += branch;
        census->most = branch > census->most ? branch : census->most;
    }
    return status;
}

enum ssldyn_status ssldyn_plane_contour(const struct ssldyn_plane *plane, ssldyn_plane_quantity *of,
                                        const char *line, struct ssldyn_error *err)
{
    struct census census[2] = {{0, 0}, {0, 0}};
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t which = 0; status == SSLDYN_OK && which < 2 && which < plane->axes->count;
         which++) {
        status = scan(plane, of, which, NULL, &census[which], err);
    }
    if (status != SSLDYN_OK) {
        return status;
    }
    /* Scans along the axis that crosses the line more often, so that lines parallel to the other
     * axis are not missed; but prefers the axis that crosses it once to one that crosses it
     * twice (where the line turns back), unless it finds far fewer points. */
    size_t which = census[1].count > census[0].count ? 1 : 0;
    const size_t other = 1 - which;
    if (census[which].most > 1 && census[other].most == 1 &&
        8 * census[other].count > census[which].count) {
        which = other;
    }
    return scan(plane, of, which, line, &census[0], err);
}
