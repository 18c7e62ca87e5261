/* The ladder of models: the runs of all rungs. */
// SPDX-License-Identifier: MIT
#include "sim/compare/ladder.h"

#include "sim/base/memory.h"
#include "sim/compare/compare_series.h"
#include "sim/compare/ladder_internal.h"
#include "sim/flow/flow.h"
#include "sim/inputs/inputs.h"
#include "sim/io/file.h"
#include "sim/linalg/linalg.h"
#include "sim/run/run_directory.h"
#include "sim/run/schedule.h"
#include "sim/sgd/sgd.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rungs from the top. */
enum rung { RUNG_SGD, RUNG_MAP, RUNG_M1, RUNG_M2, RUNG_M2_SYMMETRIC, RUNG_M3, RUNG_M4 };
static const struct {
    const char *name, *assumption;
} texts[SSLDYN_RUNGS_MAXIMUM] = {
    {"sgd", "nothing: the process itself"},
    {"map", "no noise: an infinite batch"},
    {"m1", "no steps: lr goes to 0"},
    {"m2", "proportional EMA: Wa = tau W"},
    {"m2_symmetric", "a symmetric predictor"},
    {"m3", "aligned eigenvectors: modes on their own"},
    {"m4", "the invariant parabola: alpha_p s = p^2"},
};

/* What the reduced rungs start from. */
struct reduced_start {
    double tau;
    size_t modes;
    double *s, *p;
};

/* Why the spec has no reduced rungs, or NULL. */
static const char *obstacle(const struct ssldyn_spec *spec)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    if (spec->x_file || spec->data || spec->moments_directory) {
        return "M2 and below need isotropic Gaussian data";
    }
    if (!ssldyn_rules_trained(parameters)) {
        return "M2 and below need a trained predictor";
    }
    if (!parameters->stop_grad) {
        return "M2 and below need stop-gradient";
    }
    return NULL;
}

/* p_j = u_j^T Wp u_j, from eigenvectors in columns. */
static void project(size_t n, const double Wp[], const double U[], double p[])
{
    for (size_t j = 0; j < n; j++) {
        p[j] = 0.0;
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < n; k++) {
                p[j] += U[i * n + j] * Wp[i * n + k] * U[k * n + j];
            }
        }
    }
}

static enum ssldyn_status measure_start(const struct ssldyn_problem *problem,
                                        struct reduced_start *out, struct ssldyn_error *err)
{
    struct ssldyn_start start;
    struct ssldyn_eigen *eigen = NULL;
    double *F = NULL;
    enum ssldyn_status status = ssldyn_start_create(problem, 0, &start, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    const size_t n1 = start.n1;
    const size_t n2 = start.n2;
    F = ssldyn_array_alloc(2 * n2 * n2, sizeof *F);
    out->modes = n2;
    out->s = ssldyn_array_alloc(n2, sizeof(double));
    out->p = ssldyn_array_alloc(n2, sizeof(double));
    const bool complete = F && out->s && out->p;
    status = complete ? ssldyn_eigen_create(n2, &eigen, err)
                      : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n2);
    if (complete && status == SSLDYN_OK) {
        for (size_t i = 0; i < n2; i++) {
            for (size_t j = 0; j < n2; j++) {
                F[i * n2 + j] = ssldyn_dot(n1, start.W + i * n1, start.W + j * n1);
            }
        }
        status = ssldyn_eigen_symmetric(eigen, F, out->s, F + n2 * n2, err);
    }
    if (complete && status == SSLDYN_OK) {
        project(n2, start.Wp, F + n2 * n2, out->p);
        for (size_t j = 0; j < n2; j++) {
            out->s[j] = fmax(out->s[j], 0.0); /* more modes than n1: rounding around zero */
        }
        const double size = ssldyn_dot(n1 * n2, start.W, start.W);
        out->tau = problem->parameters.tau_held ? problem->parameters.tau
                   : size > 0.0                 ? ssldyn_dot(n1 * n2, start.Wa, start.W) / size
                                                : 0.0;
    }
    ssldyn_eigen_free(eigen);
    free(F);
    ssldyn_start_clear(&start);
    return status;
}

static enum ssldyn_status set_list(struct ssldyn_list *list, size_t count, const double values[],
                                   struct ssldyn_error *err)
{
    double *copy = ssldyn_array_alloc(count, sizeof *copy);
    if (!copy) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", count);
    }
    memcpy(copy, values, count * sizeof *copy);
    free(list->values);
    *list = (struct ssldyn_list){count, copy};
    return SSLDYN_OK;
}

/* The spec of a mode rung: every list has one entry a mode. */
static enum ssldyn_status make_modes(struct ssldyn_spec *spec, const struct reduced_start *from,
                                     bool parabola, struct ssldyn_error *err)
{
    const double alpha_p = spec->problem.parameters.rates.alpha_p;
    double *values = ssldyn_array_alloc(from->modes, sizeof *values);
    if (!values) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", from->modes);
    }
    for (size_t j = 0; j < from->modes; j++) {
        values[j] = parabola ? 0.5 * (sqrt(alpha_p * from->s[j]) + from->p[j]) : from->p[j];
    }
    spec->problem.model = parabola ? SSLDYN_MODEL_PARABOLA : SSLDYN_MODEL_MODES;
    enum ssldyn_status status = set_list(&spec->problem.p0, from->modes, values, err);
    for (size_t j = 0; j < from->modes; j++) {
        values[j] = from->tau;
    }
    if (status == SSLDYN_OK) {
        status = set_list(&spec->problem.tau0, from->modes, values, err);
    }
    if (status == SSLDYN_OK) {
        status = set_list(&spec->problem.s0, from->modes, from->s, err);
    }
    free(values);
    return status;
}

/* Where SGD drew from a set, the rungs below take the moments that it left. */
static enum ssldyn_status take_moments(const char *output, struct ssldyn_spec *below,
                                       struct ssldyn_inputs *inputs, struct ssldyn_error *err)
{
    char *directory = ssldyn_path_join(output, texts[RUNG_SGD].name);
    free(below->x_file);
    free(below->xprime_file);
    free(below->data);
    free(below->moments_directory);
    below->data = below->moments_directory = NULL;
    below->x_file = directory ? ssldyn_path_join(directory, SSLDYN_RUN_X) : NULL;
    below->xprime_file = directory ? ssldyn_path_join(directory, SSLDYN_RUN_XPRIME) : NULL;
    below->problem.basis = NULL;
    free(directory);
    return below->x_file && below->xprime_file
               ? ssldyn_inputs_load(below, inputs, err)
               : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
}

/* The experiment of a rung below SGD. */
static enum ssldyn_status make_spec(const struct ssldyn_spec *top, enum rung rung,
                                    const struct reduced_start *from,
                                    const struct ssldyn_timetable *timetable,
                                    struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_spec_copy(top, spec, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    spec->problem.sgd.ensemble = 0;
    spec->problem.sgd.member = -1;
    if (rung == RUNG_MAP) {
        free(spec->batch);
        spec->batch = ssldyn_string_copy("inf");
        spec->problem.sgd.batch = 0;
        spec->problem.sgd.symmetrize_loss = false;
        spec->problem.sgd.precision = SSLDYN_PRECISION_DOUBLE;
        spec->problem.sgd.sampler = SSLDYN_SAMPLER_AUTO;
        return spec->batch ? SSLDYN_OK
                           : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a rung");
    }
    spec->given.command = SSLDYN_COMMAND_FLOW;
    spec->problem.log_time = false;
    spec->problem.timetable = timetable;
    const enum ssldyn_status reset = ssldyn_settings_reset(
        &spec->given, ssldyn_option_find("train-steps"), err); /* t_end is known better */
    if (reset != SSLDYN_OK) {
        return reset;
    }
    spec->problem.samples = (int64_t)timetable->row_count - 1;
    spec->problem.t_end = timetable->rows[timetable->row_count - 1];
    switch (rung) {
    case RUNG_M2:
    case RUNG_M2_SYMMETRIC:
        spec->problem.model = SSLDYN_MODEL_REDUCED;
        spec->problem.parameters.symmetric =
            spec->problem.parameters.symmetric || rung == RUNG_M2_SYMMETRIC;
        return set_list(&spec->problem.tau0, 1, &from->tau, err);
    case RUNG_M3:
    case RUNG_M4:
        return make_modes(spec, from, rung == RUNG_M4, err);
    default:
        spec->problem.model = SSLDYN_MODEL_POPULATION;
        return SSLDYN_OK;
    }
}

static enum ssldyn_status run_rung(const struct ssldyn_spec *spec, const char *output,
                                   const char *name, struct ssldyn_error *err)
{
    char *path = ssldyn_path_join(output, name);
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a directory's name");
    }
    struct ssldyn_error own = {SSLDYN_OK, ""};
    struct ssldyn_run_directory directory;
    enum ssldyn_status status;
    ssldyn_run_directory_init(&directory, path, ssldyn_spec_write_settings, spec);
    if (spec->given.command == SSLDYN_COMMAND_FLOW) {
        struct ssldyn_flow_report report;
        status = ssldyn_flow_run(&spec->problem, &directory.sink, spec->quiet, &report, &own);
        ssldyn_flow_report_clear(&report);
    } else {
        const struct ssldyn_problem *const problem = &spec->problem;
        struct ssldyn_sgd_report report;
        status = problem->sgd.ensemble > 0 && problem->sgd.member < 0
                     ? ssldyn_sgd_ensemble_run(problem, (int)spec->threads, &directory.sink, path,
                                               spec->quiet, &report, &own)
                     : ssldyn_sgd_run(problem, &directory.sink, spec->quiet, &report, &own);
        ssldyn_sgd_report_clear(&report);
    }
    free(path);
    return status == SSLDYN_OK ? SSLDYN_OK
                               : ssldyn_fail(err, status, "rung %s: %.400s", name, own.message);
}

/* Runs the rung and adds it to the ladder. */
static enum ssldyn_status add_rung(const struct ssldyn_spec *spec, enum rung rung,
                                   const char *output, struct ssldyn_ladder *ladder,
                                   struct ssldyn_error *err)
{
    ladder->rungs[ladder->count].name = texts[rung].name;
    ladder->rungs[ladder->count++].assumption = texts[rung].assumption;
    return run_rung(spec, output, texts[rung].name, err);
}

/* The times of the rows that SGD has written, and its schedules, for the flows below. */
static enum ssldyn_status take_timetable(const struct ssldyn_spec *top, const char *output,
                                         struct ssldyn_timetable *timetable,
                                         struct ssldyn_error *err)
{
    struct ssldyn_series series = {0};
    char *directory = ssldyn_path_join(output, texts[RUNG_SGD].name);
    enum ssldyn_status status = directory ? ssldyn_series_read(directory, &series, err)
                                          : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const size_t rows = series.table.rows;
    double *times = status == SSLDYN_OK ? ssldyn_array_alloc(rows, sizeof *times) : NULL;
    if (status == SSLDYN_OK && !times) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    for (size_t row = 0; times && row < rows; row++) {
        times[row] = ssldyn_series_time(&series, row);
    }
    if (times) {
        struct ssldyn_problem problem = top->problem;
        int64_t steps = 0;
        status = ssldyn_sgd_count_steps(&problem, &steps, err);
        if (status == SSLDYN_OK) {
            status = ssldyn_timetable_create(&problem.sgd, steps, rows, times, timetable, err);
        }
    }
    free(times);
    free(directory);
    ssldyn_series_clear(&series);
    return status;
}

/* The rungs below SGD, as far down as their assumptions can be imposed. */
static enum ssldyn_status descend(const struct ssldyn_spec *top, const char *output,
                                  struct ssldyn_ladder *ladder, struct ssldyn_error *err)
{
    struct ssldyn_timetable timetable = {0};
    struct reduced_start start = {0};
    const unsigned last = ladder->stopped ? RUNG_M1 : RUNG_M4;
    enum ssldyn_status status = take_timetable(top, output, &timetable, err);
    if (status == SSLDYN_OK && !ladder->stopped) {
        status = measure_start(&top->problem, &start, err);
    }
    for (unsigned i = RUNG_MAP; status == SSLDYN_OK && i <= last; i++) {
        struct ssldyn_spec rung;
        if (i == RUNG_M4 &&
            top->problem.parameters.rates.eta_p != top->problem.parameters.rates.eta_s) {
            ladder->stopped = "M4 needs equal decays";
            break;
        }
        if (i == RUNG_M2_SYMMETRIC && top->problem.parameters.symmetric) {
            continue; /* assumed from the start */
        }
        status = make_spec(top, (enum rung)i, &start, &timetable, &rung, err);
        if (status == SSLDYN_OK) {
            status = add_rung(&rung, (enum rung)i, output, ladder, err);
        }
        ssldyn_spec_clear(&rung);
    }
    free(start.s);
    free(start.p);
    ssldyn_timetable_clear(&timetable);
    return status;
}

enum ssldyn_status ssldyn_ladder_run(const struct ssldyn_spec *spec, const char *output,
                                     struct ssldyn_ladder *ladder, struct ssldyn_error *err)
{
    struct ssldyn_spec top;
    struct ssldyn_inputs inputs = {0};
    struct ssldyn_inputs left = {0};
    memset(ladder, 0, sizeof *ladder);
    ladder->stopped = obstacle(spec);
    enum ssldyn_status status = ssldyn_spec_copy(spec, &top, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    /* with --steps the time is known only now, and sizes where files bring them */
    status = ssldyn_inputs_load(&top, &inputs, err);
    if (status == SSLDYN_OK) {
        status = add_rung(&top, RUNG_SGD, output, ladder, err);
    }
    if (status == SSLDYN_OK && top.problem.dataset) {
        status = take_moments(output, &top, &left, err);
    }
    if (status == SSLDYN_OK) {
        status = descend(&top, output, ladder, err);
    }
    ssldyn_inputs_clear(&left);
    ssldyn_inputs_clear(&inputs);
    ssldyn_spec_clear(&top);
    return status == SSLDYN_OK ? ssldyn_ladder_measure(output, ladder, err) : status;
}
