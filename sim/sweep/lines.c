/* The lines predicted by theory in the plane of a sweep. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/lines.h"

#include "sim/base/signal.h"
#include "sim/flow/basin.h"
#include "sim/io/file.h"
#include "sim/model/model.h"
#include "sim/sweep/columns.h"
#include "sim/sweep/plane.h"
#include "theory/fixedpoint.h"
#include "theory/parabola.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const int64_t most_points = 10000000;
enum { BRANCHES = 8 };

/* p of the start that represents arbitrarily large ones, in units of sqrt((beta + eta)/c) if
 * that is above 1. The relative error of its asymptote is then 1e-20, and its dependence on the
 * weight decay being searched for is below rounding. */
static const double largest_start = 1e5;

/* ---- edges of fates */

static int fate_of(const struct ssldyn_plane *plane, size_t i, size_t k)
{
    const size_t width = plane->axes->count == 2 ? plane->axes->axis[1].values.count : 1;
    return plane->fates[i * width + k];
}

/* The flips of the map's fates along axis `which` at index k of the other axis, as brackets of
 * indices. */
static size_t flips(const struct ssldyn_plane *plane, size_t which, size_t k, size_t brackets[][2])
{
    size_t count = 0;
    size_t last = SIZE_MAX;
    for (size_t i = 0; i < plane->axes->axis[which].values.count; i++) {
        const int fate = which == 0 ? fate_of(plane, i, k) : fate_of(plane, k, i);
        if (!ssldyn_fate_is_decided(fate)) {
            continue;
        }
        if (last != SIZE_MAX && count < BRANCHES &&
            fate != (which == 0 ? fate_of(plane, last, k) : fate_of(plane, k, last))) {
            brackets[count][0] = last;
            brackets[count++][1] = i;
        }
        last = i;
    }
    return count;
}

/* Number k of the positions along the other axis. */
static void mode_at(const struct ssldyn_plane *plane, size_t which, double along, size_t k,
                    double at[2], struct ssldyn_mode_point *mode)
{
    at[which] = along;
    at[1 - which] = ssldyn_plane_value(plane, which, k);
    ssldyn_points_mode(plane->points, at, mode);
}

static enum ssldyn_status refine_edges(const struct ssldyn_plane *plane, const char *line,
                                       size_t which, const struct ssldyn_mode_point *mode,
                                       double at[2], double low, double high, size_t scan_count,
                                       size_t *branch, struct ssldyn_error *err)
{
    struct ssldyn_thresholds found;
    const enum ssldyn_status status = ssldyn_basin_thresholds(mode, plane->axes->axis[which].slot,
                                                              low, high, scan_count, &found, err);
    for (size_t i = 0; status == SSLDYN_OK && i < found.count; i++) {
        if (found.list[i].mechanism != SSLDYN_BASIN_UNDECIDED) { /* otherwise an undecided
                                                                  * stretch, which gives no point */
            at[which] = found.list[i].value;
            ssldyn_plane_add(plane, line, (*branch)++, at, found.list[i].width);
        }
    }
    ssldyn_basin_thresholds_clear(&found);
    return ssldyn_signal_pending() && status == SSLDYN_OK
               ? ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped while the lines were drawn")
               : status;
}

static enum ssldyn_status edges(const struct ssldyn_plane *plane, struct ssldyn_error *err)
{
    size_t brackets[BRANCHES][2];
    size_t counts[2] = {0, 0};
    for (size_t which = 0; which < 2 && which < plane->axes->count; which++) {
        for (size_t k = 0; k < ssldyn_plane_across(plane, which); k++) {
            counts[which] += flips(plane, which, k, brackets);
        }
    }
    const size_t which = counts[1] > counts[0] ? 1 : 0;
    const double *along = plane->axes->axis[which].values.values;
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t k = 0; status == SSLDYN_OK && k < ssldyn_plane_across(plane, which); k++) {
        const size_t count = flips(plane, which, k, brackets);
        size_t branch = 0;
        for (size_t i = 0; status == SSLDYN_OK && i < count; i++) {
            struct ssldyn_mode_point mode;
            double at[2];
            const double low = along[brackets[i][0]];
            const double high = along[brackets[i][1]];
            mode_at(plane, which, low, k, at, &mode);
            status = refine_edges(plane, "edge", which, &mode, at, fmin(low, high), fmax(low, high),
                                  2, &branch, err);
        }
    }
    return status;
}

/* A mode of M4 that comes from arbitrarily large starts. With Wa(0) = 0 they all approach one
 * orbit; with tau(0) > 0 they survive up to the fold (theory/THEORY.md, S1). alpha_p only scales
 * the start. */
static void come_from_infinity(struct ssldyn_mode_point *mode)
{
    const struct ssldyn_rates rates = {
        .beta = mode->rates.beta, .eta_s = mode->rates.eta_s, .c = 1.0 + mode->sigma2};
    const double size = sqrt(fmax(1.0, (rates.beta + rates.eta_s) / rates.c));
    mode->model = SSLDYN_MODEL_PARABOLA;
    mode->rates.alpha_p = 1.0;
    mode->p0 = largest_start * size;
    if (mode->tau0 > 0.0) {
        mode->p0 *= fmax(1.0, 1.0 / mode->tau0);
    } else {
        mode->tau0 = ssldyn_parabola_from_infinity(&rates, mode->p0);
    }
}

static const char *const decay[] = {"eta", "train-weight-decay", NULL};

/* Whether an axis moves the weight decay and no axis moves what the line takes as given: the
 * start at infinity, and the parabola, which is invariant only for equal decays. */
static bool has_ema_edge(const struct ssldyn_plane *plane)
{
    static const char *const others[] = {"p0",
                                         "s0",
                                         "wp0",
                                         "w0",
                                         "wa0",
                                         "tau",
                                         "eta-p",
                                         "eta-s",
                                         "alpha-p",
                                         "train-predictor-lr",
                                         "train-predictor-weight-decay",
                                         NULL};
    const struct ssldyn_mode_point *base = &plane->points->base;
    /* a single weight decay of an optimizer means eta_p = alpha_p eta_s */
    const bool equal = !ssldyn_spec_has_training(plane->points->spec) ||
                       (base->rates.alpha_p == 1.0 && isnan(base->training.predictor_lr) &&
                        isnan(base->training.predictor_weight_decay));
    return equal && isnan(base->tau) && !ssldyn_model_has(base->model, SSLDYN_HAS_NETWORKS) &&
           ssldyn_plane_moves(plane->axes, decay) && !ssldyn_plane_moves(plane->axes, others);
}

/* The edge common to all starts on the parabola: that of arbitrarily large ones. Searched along
 * the weight decay, for each value of the other axis. */
static enum ssldyn_status ema_edge(const struct ssldyn_plane *plane, struct ssldyn_error *err)
{
    if (!has_ema_edge(plane)) {
        return SSLDYN_OK;
    }
    enum { SCAN = 64 };
    const size_t which = ssldyn_plane_names(&plane->axes->axis[0], decay) ? 0 : 1;
    double low = 0.0;
    double high = 0.0;
    ssldyn_axes_ends(&plane->axes->axis[which], &low, &high);
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t k = 0; status == SSLDYN_OK && low < high && k < ssldyn_plane_across(plane, which);
         k++) {
        struct ssldyn_mode_point mode;
        double at[2];
        size_t branch = 0;
        mode_at(plane, which, high, k, at, &mode);
        if (mode.tau0 < 0.0) {
            continue; /* the larger such a start, the deeper it falls */
        }
        come_from_infinity(&mode);
        status = refine_edges(plane, "ema", which, &mode, at, low, high, SCAN, &branch, err);
    }
    return status;
}

/* ---- branches of fixed points over one axis */

/* p*+ or p*- at one value; NaN where there is none. */
static double fixed_point(const struct ssldyn_plane *plane, double value, bool upper)
{
    struct ssldyn_plane_site site;
    double p[2];
    double squares[2];
    ssldyn_plane_mode(plane, &value, &site);
    if (!site.parameters.predictor) {
        return (double)NAN;
    }
    (void)ssldyn_fixedpoint_lowdim(&site.parameters, site.parameters.tau, p, squares);
    return isfinite(p[0]) && isfinite(p[1]) ? upper ? fmax(p[0], p[1]) : fmin(p[0], p[1])
                                            : (double)NAN;
}

/* One branch over the axis. If it ends between two values, extra points are placed near its end,
 * where it has a square-root singularity. */
static enum ssldyn_status branch_of(const struct ssldyn_plane *plane, const char *line, bool upper,
                                    struct ssldyn_error *err)
{
    enum { CROWD = 24 };
    const struct ssldyn_list *values = &plane->axes->axis[0].values;
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < values->count; i++) {
        const double value = values->values[i];
        const double p = fixed_point(plane, value, upper);
        const double after =
            i + 1 < values->count ? fixed_point(plane, values->values[i + 1], upper) : p;
        double end[2] = {value, p};
        if (!isnan(p)) {
            ssldyn_plane_add(plane, line, 0, end, 0.0);
        }
        if (isnan(p) == isnan(after)) {
            continue;
        }
        const double from = isnan(p) ? values->values[i + 1] : value;
        status = ssldyn_plane_refine(plane, ssldyn_plane_margin, 0, value, values->values[i + 1],
                                     !isnan(p), end, err);
        for (int k = 1; status == SSLDYN_OK && k <= CROWD; k++) {
            const double share =
                1.0 - (isnan(p) ? (double)(k - 1) : (double)(CROWD - k)) / (double)CROWD;
            double at[2] = {end[0] + (from - end[0]) * (1.0 - share) * (1.0 - share)};
            at[1] = fixed_point(plane, at[0], upper);
            if (!isnan(at[1])) {
                ssldyn_plane_add(plane, line, 0, at, 0.0);
            }
        }
    }
    return status;
}

static enum ssldyn_status branches(const struct ssldyn_plane *plane, struct ssldyn_error *err)
{
    const struct ssldyn_list *values = &plane->axes->axis[0].values;
    enum ssldyn_status status = branch_of(plane, "stable", true, err);
    if (status == SSLDYN_OK) {
        status = branch_of(plane, "unstable", false, err);
    }
    for (size_t i = 0; i < values->count; i++) {
        ssldyn_plane_add(plane, "zero", 0, (const double[2]){values->values[i], 0.0}, 0.0);
    }
    return status;
}

enum ssldyn_status ssldyn_lines_check(const struct ssldyn_axes *axes, struct ssldyn_error *err)
{
    bool fine = !axes->sobol && axes->count <= 2 && axes->points <= most_points;
    for (size_t i = 0; fine && i < axes->count; i++) {
        fine = !axes->axis[i].words;
    }
    return fine ? SSLDYN_OK
                : ssldyn_fail(
                      err, SSLDYN_EINPUT,
                      "--lines: needs a grid over one or two numbers, of at most ten million "
                      "points");
}

static enum ssldyn_status find_lines(const struct ssldyn_plane *plane, struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_plane_contour(plane, ssldyn_plane_margin, "fold", err);
    if (status == SSLDYN_OK && plane->axes->count == 2) {
        status = ssldyn_plane_contour(plane, ssldyn_plane_alignment, "alignment", err);
    }
    if (status == SSLDYN_OK && plane->points->modes) {
        status = edges(plane, err);
    }
    if (status == SSLDYN_OK && plane->points->modes && plane->axes->count == 2) {
        status = ema_edge(plane, err);
    }
    if (status == SSLDYN_OK && plane->points->modes && plane->axes->count == 1) {
        status = branches(plane, err);
    }
    return status;
}

enum ssldyn_status ssldyn_lines_find(const struct ssldyn_points *points, const signed char fates[],
                                     struct ssldyn_lines *lines, struct ssldyn_error *err)
{
    static const char *const starts[] = {"p0", "s0", "tau0", "wp0", "w0", "wa0", NULL};
    struct ssldyn_point point = ssldyn_point_at_none(points->spec, points->axes);
    *lines = (struct ssldyn_lines){0};
    const struct ssldyn_plane plane = {.points = points,
                                       .point = &point,
                                       .axes = points->axes,
                                       .fates = fates,
                                       .moves_start = points->modes &&
                                                      ssldyn_plane_moves(points->axes, starts),
                                       .found = lines};
    enum ssldyn_status status = find_lines(&plane, err);
    ssldyn_point_clear(&point);
    if (status == SSLDYN_OK && lines->lost) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the lines");
    }
    if (status != SSLDYN_OK) {
        ssldyn_lines_clear(lines);
    }
    return status;
}

void ssldyn_lines_clear(struct ssldyn_lines *lines)
{
    free(lines->points);
    *lines = (struct ssldyn_lines){0};
}

enum ssldyn_status ssldyn_lines_write(const struct ssldyn_lines *lines,
                                      const struct ssldyn_axes *axes, const char *directory,
                                      struct ssldyn_error *err)
{
    struct ssldyn_file file;
    const enum ssldyn_status status = ssldyn_file_open_in(&file, directory, "lines.tsv", err);
    if (status != SSLDYN_OK) {
        return status;
    }
    fputs("# ssldyn sweep 1\n"
          "# lines of the theory in the plane of the axes; width: width of the interval that "
          "contains the point, 0 for closed forms\n"
          "line\tbranch\t",
          file.stream);
    ssldyn_columns_axis_names(axes, axes->count, file.stream);
    fputs(axes->count == 2 ? "width\n" : "p\twidth\n", file.stream);
    for (size_t i = 0; i < lines->count; i++) {
        const struct ssldyn_line_point *point = &lines->points[i];
        fprintf(file.stream, "%s\t%zu\t", point->line, point->branch);
        ssldyn_columns_number(point->at[0], '\t', file.stream);
        ssldyn_columns_number(point->at[1], '\t', file.stream);
        fprintf(file.stream, "%.3g\n", point->width);
    }
    return ssldyn_file_commit(&file, err);
}
