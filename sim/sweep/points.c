/* The points of a sweep. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/points.h"

#include "sim/base/memory.h"
#include "sim/flow/escape.h"
#include "sim/flow/flow_outcome.h"
#include "sim/flow/mode_follow.h"
#include "sim/inputs/inputs.h"
#include "sim/model/model.h"
#include "sim/run/schedule.h"
#include "sim/run/start.h"
#include "sim/run/survival.h"
#include "sim/sgd/sgd_outcome.h"
#include "sim/sweep/point.h"
#include "theory/margin.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { KERNEL_BLOCK = 4096, MODES_BLOCK = 64 };

/* A trajectory near the edge of the basin needs long for a decision: while its fate is
 * undecided, steps are taken at this tolerance, and a trajectory whose errors may have grown too
 * large for a verdict is restarted. */
static const double open_rtol = 1e-9;
static const double exact_rtol = 1e-14;

/* A trajectory that needs more steps is stiff, and an implicit solver is faster. */
static const int64_t steps_most = 5000;

struct ssldyn_points_worker {
    struct ssldyn_axes_walk *walk;
    struct ssldyn_point point;
    struct ssldyn_mode_point *modes;
    struct ssldyn_ensemble_point *starts;
    struct ssldyn_ensemble_end *ends;
    struct ssldyn_outcome *outcomes;
    double *reduced; /* one per point and reduction */
    struct ssldyn_reducer reducer;
};

/* Whether the points end at different times: an axis changes the flow time of the steps. */
static bool ends_differ(const struct ssldyn_spec *spec)
{
    return ssldyn_spec_given(spec, "train-steps") &&
           (ssldyn_spec_has_axis(spec, "train-lr") ||
            ssldyn_spec_has_axis(spec, "train-momentum") ||
            ssldyn_spec_has_axis(spec, "train-loss-factor"));
}

/* Whether the kernel can follow every point; then base is one of them. */
static bool fits_kernel(struct ssldyn_points *points)
{
    bool fits = !ends_differ(points->spec) &&
                !ssldyn_depth_is_deep(&points->spec->problem.parameters) &&
                ssldyn_mode_point_init(&points->base, &points->spec->problem, NULL) == SSLDYN_OK;
    for (size_t i = 0; i < points->axes->count; i++) {
        fits = fits && points->axes->axis[i].slot >= 0;
    }
    return fits;
}

/* The fold of data with X and X' from files: the same for every point. */
static enum ssldyn_status find_fold(struct ssldyn_points *points, struct ssldyn_error *err)
{
    const struct ssldyn_spec *spec = points->spec;
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    struct ssldyn_survival *survival = NULL;
    if (ssldyn_depth_is_deep(parameters) || !spec->x_file || !spec->problem.basis ||
        !parameters->predictor || !parameters->stop_grad) {
        return SSLDYN_OK;
    }
    const enum ssldyn_status status =
        ssldyn_survival_create(&spec->problem.basis->moments, &survival, err);
    if (status == SSLDYN_OK) {
        points->fold = survival->eta_c;
    }
    ssldyn_survival_free(survival);
    return status;
}

enum ssldyn_status ssldyn_points_init(struct ssldyn_points *points, const struct ssldyn_spec *spec,
                                      const struct ssldyn_axes *axes,
                                      const struct ssldyn_columns *columns,
                                      struct ssldyn_error *err)
{
    *points = (struct ssldyn_points){.spec = spec,
                                     .axes = axes,
                                     .columns = columns,
                                     .escape = columns->wanted[SSLDYN_SWEEP_T_ESCAPE] ||
                                               columns->wanted[SSLDYN_SWEEP_STEP_ESCAPE],
                                     .fold = (double)NAN};
    points->modes = columns->named == columns->count && fits_kernel(points);
    const bool matrices = ssldyn_model_has(spec->problem.model, SSLDYN_HAS_MATRICES);
    points->block = points->modes ? KERNEL_BLOCK : matrices ? 1 : MODES_BLOCK;
    if (points->modes) {
        const double rtol =
            spec->sweep.early_stop ? fmin(spec->problem.rtol, open_rtol) : spec->problem.rtol;
        points->options =
            (struct ssldyn_ensemble_options){.t_end = spec->problem.t_end,
                                             .rtol = rtol,
                                             .open_rtol = open_rtol,
                                             .stop = spec->sweep.early_stop,
                                             .tail = true,
                                             .track_alignment = columns->wanted[SSLDYN_SWEEP_K_MIN],
                                             .max_steps = steps_most,
                                             .bounded = true,
                                             .refine_by = exact_rtol / rtol};
        return SSLDYN_OK;
    }
    for (size_t i = 0; spec->given.command == SSLDYN_COMMAND_BASIN && i < axes->count; i++) {
        if (axes->axis[i].slot < 0) {
            char where[300];
            return ssldyn_fail(
                err, SSLDYN_EINPUT, "%s: cannot be swept here; use a rate or an initial value",
                ssldyn_spec_axis_where(spec, axes->axis[i].option->name, where, sizeof where));
        }
    }
    if (spec->given.command == SSLDYN_COMMAND_BASIN && ends_differ(spec)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--train-steps: all points of a map must end at the same time; give "
                           "--t-end, or use ssldyn sweep");
    }
    if (spec->given.command == SSLDYN_COMMAND_BASIN) {
        return ssldyn_mode_point_init(&points->base, &spec->problem, err);
    }
    return columns->wanted[SSLDYN_SWEEP_MARGIN] ? find_fold(points, err) : SSLDYN_OK;
}

/* Starts the run for one combination of values, without running it. */
static enum ssldyn_status probe_values(struct ssldyn_point *point, const double values[],
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_point_set(point, values, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_inputs_load(&point->spec, &point->inputs, err);
    }
    const struct ssldyn_spec *spec = &point->spec;
    if (status == SSLDYN_OK && spec->given.command == SSLDYN_COMMAND_SGD) {
        return ssldyn_sgd_probe(&spec->problem, err);
    }
    if (status == SSLDYN_OK && ssldyn_model_has(spec->problem.model, SSLDYN_HAS_MATRICES)) {
        struct ssldyn_start start = {0};
        status = ssldyn_start_create(&spec->problem, 0, &start, err);
        ssldyn_start_clear(&start);
    }
    return status;
}

/* Corner number i of an axis. */
static double corner(const struct ssldyn_axis *axis, size_t i)
{
    if (axis->values.count == 0) {
        return i == 0 ? axis->from : axis->to; /* Sobol */
    }
    return axis->values.values[axis->words || i == 0 ? i : axis->values.count - 1];
}

static size_t corners(const struct ssldyn_axis *axis)
{
    return axis->words ? axis->values.count : axis->values.count == 1 ? 1 : 2;
}

enum ssldyn_status ssldyn_points_probe(const struct ssldyn_points *points, struct ssldyn_error *err)
{
    const struct ssldyn_axes *axes = points->axes;
    enum { MOST = 300 };
    size_t at[SSLDYN_AXES_MAXIMUM] = {0};
    struct ssldyn_point point = ssldyn_point_at_none(points->spec, axes);
    enum ssldyn_status status = SSLDYN_OK;
    for (int tried = 0; !points->modes && status == SSLDYN_OK && tried < MOST; tried++) {
        double values[SSLDYN_AXES_MAXIMUM];
        size_t k = 0;
        for (size_t i = 0; i < axes->count; i++) {
            values[i] = corner(&axes->axis[i], at[i]);
        }
        status = probe_values(&point, values, err);
        while (k < axes->count && ++at[k] == corners(&axes->axis[k])) {
            at[k++] = 0;
        }
        if (k == axes->count) {
            break;
        }
    }
    ssldyn_point_clear(&point);
    return status;
}

void ssldyn_points_worker_free(struct ssldyn_points_worker *worker)
{
    if (worker) {
        ssldyn_axes_walk_free(worker->walk);
        ssldyn_point_clear(&worker->point);
        free(worker->modes);
        free(worker->starts);
        free(worker->ends);
        free(worker->outcomes);
        free(worker->reduced);
        ssldyn_reduction_sink_clear(&worker->reducer);
    }
    free(worker);
}

enum ssldyn_status ssldyn_points_worker_create(const struct ssldyn_points *points,
                                               struct ssldyn_points_worker **made,
                                               struct ssldyn_error *err)
{
    const size_t block = (size_t)points->block;
    const size_t of_modes = points->modes ? block : 0;
    const size_t reductions = points->columns->count - points->columns->named;
    struct ssldyn_points_worker *worker = ssldyn_memory_array(1, sizeof *worker);
    if (worker) {
        worker->point = ssldyn_point_at_none(points->spec, points->axes);
        worker->modes = ssldyn_memory_array(of_modes, sizeof *worker->modes);
        worker->starts = ssldyn_memory_array(of_modes, sizeof *worker->starts);
        worker->ends = ssldyn_memory_array(of_modes, sizeof *worker->ends);
        worker->outcomes = ssldyn_memory_array(block, sizeof *worker->outcomes);
        worker->reduced = ssldyn_memory_array(block * reductions, sizeof *worker->reduced);
    }
    enum ssldyn_status status = SSLDYN_OK;
    if (!worker || !worker->modes || !worker->starts || !worker->ends || !worker->outcomes ||
        !worker->reduced) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a block of points");
    } else {
        status = ssldyn_axes_walk_create(points->axes, &worker->walk, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_reduction_sink_create(reductions, points->columns->reductions,
                                              &worker->reducer, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_points_worker_free(worker);
        return status;
    }
    *made = worker;
    return SSLDYN_OK;
}

void ssldyn_points_mode(const struct ssldyn_points *points, const double values[],
                        struct ssldyn_mode_point *mode)
{
    *mode = points->base;
    for (size_t k = 0; k < points->axes->count; k++) {
        ssldyn_mode_point_set(mode, points->axes->axis[k].slot, values[k]);
    }
}

static void outcome_of_mode(const struct ssldyn_points *points,
                            const struct ssldyn_mode_point *mode,
                            const struct ssldyn_ensemble_end *end, struct ssldyn_outcome *outcome)
{
    ssldyn_outcome_init(outcome);
    outcome->fate = end->fate;
    if (ssldyn_fate_is_decided(end->fate)) {
        outcome->rank = end->fate == SSLDYN_FATE_SURVIVES ? 1.0 : 0.0;
    }
    outcome->p = end->wp;
    outcome->s = end->w * end->w;
    outcome->tau = end->tau;
    outcome->t = end->t;
    outcome->t_decided = end->since;
    outcome->k_min = end->k_min;
    if (points->columns->wanted[SSLDYN_SWEEP_MARGIN]) {
        const struct ssldyn_parameters parameters = ssldyn_mode_point_parameters(mode);
        outcome->margin = ssldyn_margin_fold(&parameters) - mode->rates.eta_s;
    }
    outcome->step_time = ssldyn_training_step(&mode->training);
}

static enum ssldyn_status by_kernel(const struct ssldyn_points *points,
                                    struct ssldyn_points_worker *worker, int64_t first,
                                    int64_t count, struct ssldyn_error *err)
{
    double values[SSLDYN_AXES_MAXIMUM];
    for (int64_t i = 0; i < count; i++) {
        ssldyn_axes_walk_read(worker->walk, first + i, values);
        ssldyn_points_mode(points, values, &worker->modes[i]);
        worker->starts[i] = ssldyn_mode_point_start(&worker->modes[i]);
    }
    enum ssldyn_status status =
        ssldyn_ensemble_run(&points->options, (size_t)count, worker->starts, worker->ends, err);
    for (int64_t i = 0; status == SSLDYN_OK && i < count; i++) {
        const int32_t reason = worker->ends[i].reason;
        if (reason != SSLDYN_ENSEMBLE_DECIDED && reason != SSLDYN_ENSEMBLE_TIME) {
            status =
                ssldyn_mode_follow(&worker->starts[i], &points->options, &worker->ends[i], err);
        }
    }
    for (int64_t i = 0; status == SSLDYN_OK && i < count; i++) {
        struct ssldyn_outcome *outcome = &worker->outcomes[i];
        outcome_of_mode(points, &worker->modes[i], &worker->ends[i], outcome);
        if (points->escape && outcome->fate == SSLDYN_FATE_SURVIVES) {
            status = ssldyn_escape_time(&worker->modes[i], points->spec->problem.t_end,
                                        points->spec->problem.rtol, &outcome->t_escape, err);
        }
    }
    return status;
}

static enum ssldyn_status one_run(const struct ssldyn_points *points,
                                  struct ssldyn_points_worker *worker, int64_t index,
                                  struct ssldyn_outcome *outcome, double reduced[],
                                  struct ssldyn_error *err)
{
    double values[SSLDYN_AXES_MAXIMUM];
    const struct ssldyn_spec *spec = &worker->point.spec;
    const struct ssldyn_problem *problem = &spec->problem;
    const bool early = points->spec->sweep.early_stop;
    struct ssldyn_sink *sink = worker->reducer.count > 0 ? &worker->reducer.sink : NULL;
    struct ssldyn_error cause = {SSLDYN_OK, ""};
    ssldyn_axes_walk_read(worker->walk, index, values);
    enum ssldyn_status status = ssldyn_point_set(&worker->point, values, &cause);
    if (status == SSLDYN_OK) {
        status = ssldyn_inputs_load(&worker->point.spec, &worker->point.inputs, &cause);
    }
    if (status == SSLDYN_OK) {
        status = spec->given.command == SSLDYN_COMMAND_SGD
                     ? ssldyn_sgd_outcome(&spec->problem, early, sink, outcome, &cause)
                     : ssldyn_flow_outcome(&spec->problem, early, sink, outcome, &cause);
        outcome->reduced = reduced;
        memcpy(reduced, worker->reducer.values, worker->reducer.count * sizeof *reduced);
        if (ssldyn_schedule_lr_is_constant(&problem->sgd)) {
            outcome->step_time = ssldyn_training_step(&problem->typed.training);
        }
        if (!isnan(points->fold)) {
            outcome->margin = points->fold - problem->parameters.rates.eta_s;
        }
    }
    if (status != SSLDYN_OK) {
        return ssldyn_fail(err, status, "point %" PRId64 ": %.460s", index, cause.message);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_points_compute(const struct ssldyn_points *points,
                                         struct ssldyn_points_worker *worker, int64_t first,
                                         int64_t count, const struct ssldyn_outcome **outcomes,
                                         struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    *outcomes = worker->outcomes;
    if (points->modes) {
        return by_kernel(points, worker, first, count, err);
    }
    for (int64_t i = 0; status == SSLDYN_OK && i < count; i++) {
        status = one_run(points, worker, first + i, &worker->outcomes[i],
                         worker->reduced + (size_t)i * worker->reducer.count, err);
    }
    return status;
}
