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
#include "theory/depth_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rungs from the top down. */
enum rung {
    RUNG_SGD,
    RUNG_MAP,
    RUNG_M1,
    RUNG_M2,
    RUNG_M2_SYMMETRIC,
    RUNG_M3,
    RUNG_M4,
    RUNG_ALIGNED, /* below M1 if the loss couples the modes */
    RUNG_NEXT,
    RUNG_LEADING,
    RUNGS
};
static const struct {
    const char *name, *assumption;
    enum ssldyn_model_name model;
    enum ssldyn_aligned_closure closure;
} kinds[RUNGS] = {
    {"sgd", "nothing (the process itself)", SSLDYN_MODEL_POPULATION, SSLDYN_ALIGNED_EXACT},
    {"map", "no noise (infinite batches)", SSLDYN_MODEL_POPULATION, SSLDYN_ALIGNED_EXACT},
    {"m1", "infinitesimal steps (lr goes to 0)", SSLDYN_MODEL_POPULATION, SSLDYN_ALIGNED_EXACT},
    {"m2", "a proportional target (Wa = tau W)", SSLDYN_MODEL_REDUCED, SSLDYN_ALIGNED_EXACT},
    {"m2_symmetric", "a symmetric predictor", SSLDYN_MODEL_REDUCED, SSLDYN_ALIGNED_EXACT},
    {"m3", "aligned eigenvectors (decoupled modes)", SSLDYN_MODEL_MODES, SSLDYN_ALIGNED_EXACT},
    {"m4", "the invariant parabola (alpha_p s = p^2)", SSLDYN_MODEL_PARABOLA, SSLDYN_ALIGNED_EXACT},
    {"aligned", "aligned singular vectors (coupled modes)", SSLDYN_MODEL_MODES,
     SSLDYN_ALIGNED_EXACT},
    {"next", "many modes (terms to order 1/n)", SSLDYN_MODEL_MODES, SSLDYN_ALIGNED_NEXT},
    {"leading", "very many modes (the leading term)", SSLDYN_MODEL_MODES, SSLDYN_ALIGNED_LEADING},
};

/* The start of the reduced rungs. */
struct reduced_start {
    size_t modes;
    double *tau, *s, *p, *parabola; /* one entry per mode each; p, and the value on the parabola
                                     * of the same sign */
    double *ratio;                  /* tau of each mode separately */
};

/* Why the reduced rungs do not apply to the spec, or NULL. */
static const char *obstacle(const struct ssldyn_spec *spec)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    const bool drawn = spec->x_file || spec->sxx_file || spec->data || spec->moments_directory;
    if (!ssldyn_losses_of(parameters)->linear) {
        return drawn ? "aligned modes need isotropic Gaussian data" : NULL;
    }
    if (ssldyn_depth_is_deep(parameters)) {
        return "M2 and below support one layer only";
    }
    if (drawn) {
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

/* The ratio of target and network along each eigenvector, 0 if the network vanishes along it. */
static void project_target(const struct ssldyn_start *start, const double U[],
                           struct reduced_start *out, double product[])
{
    const size_t n1 = start->n1;
    const size_t n2 = start->n2;
    for (size_t i = 0; i < n2 * n2; i++) {
        product[i] = ssldyn_dense_dot(n1, start->Wa + i / n2 * n1, start->W + i % n2 * n1);
    }
    project(n2, product, U, out->ratio);
    for (size_t j = 0; j < n2; j++) {
        out->ratio[j] = out->s[j] > 0.0 ? out->ratio[j] / out->s[j] : 0.0;
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
    F = ssldyn_memory_array(2 * n2 * n2, sizeof *F);
    out->modes = n2;
    out->s = ssldyn_memory_array(5 * n2, sizeof(double));
    const bool complete = F && out->s;
    if (complete) {
        out->p = out->s + n2;
        out->parabola = out->p + n2;
        out->tau = out->parabola + n2;
        out->ratio = out->tau + n2;
    }
    status = complete ? ssldyn_eigen_create(n2, &eigen, err)
                      : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n2);
    if (complete && status == SSLDYN_OK) {
        for (size_t i = 0; i < n2; i++) {
            for (size_t j = 0; j < n2; j++) {
                F[i * n2 + j] = ssldyn_dense_dot(n1, start.W + i * n1, start.W + j * n1);
            }
        }
        status = ssldyn_eigen_symmetric(eigen, F, out->s, F + n2 * n2, err);
    }
    if (complete && status == SSLDYN_OK) {
        project(n2, start.Wp, F + n2 * n2, out->p);
        const double size = ssldyn_dense_dot(n1 * n2, start.W, start.W);
        const double tau = problem->parameters.tau_held ? problem->parameters.tau
                           : size > 0.0 ? ssldyn_dense_dot(n1 * n2, start.Wa, start.W) / size
                                        : 0.0;
        for (size_t j = 0; j < n2; j++) {
            out->s[j] = fmax(out->s[j], 0.0); /* more modes than n1: rounding errors around zero */
            out->parabola[j] =
                0.5 * (sqrt(problem->parameters.rates.alpha_p * out->s[j]) + out->p[j]);
            out->tau[j] = tau;
            out->ratio[j] = tau;
        }
        if (!problem->parameters.tau_held) {
            project_target(&start, F + n2 * n2, out, F);
        }
    }
    ssldyn_eigen_free(eigen);
    free(F);
    ssldyn_start_clear(&start);
    return status;
}

/* If SGD drew from a set, the rungs below use the moments that it wrote. */
static enum ssldyn_status take_moments(const char *output, struct ssldyn_spec *below,
                                       struct ssldyn_inputs *inputs, struct ssldyn_error *err)
{
    char *directory = ssldyn_file_path_join(output, kinds[RUNG_SGD].name);
    free(below->x_file);
    free(below->xprime_file);
    free(below->data);
    free(below->moments_directory);
    below->data = below->moments_directory = NULL;
    ssldyn_arrays_drop(&below->given.arrays, "x");
    ssldyn_arrays_drop(&below->given.arrays, "xprime");
    ssldyn_arrays_drop(&below->given.arrays, "data");
    below->x_file = directory ? ssldyn_file_path_join(directory, SSLDYN_RUN_X) : NULL;
    below->xprime_file = directory ? ssldyn_file_path_join(directory, SSLDYN_RUN_XPRIME) : NULL;
    below->problem.basis = NULL;
    free(directory);
    return below->x_file && below->xprime_file
               ? ssldyn_inputs_load(below, inputs, err)
               : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a file's name");
}

/* The problem of a rung below SGD; it borrows the start of the reduced rungs. */
static struct ssldyn_problem make_problem(const struct ssldyn_problem *top, enum rung rung,
                                          const struct reduced_start *from,
                                          const struct ssldyn_timetable *timetable)
{
    struct ssldyn_problem problem = *top;
    problem.model = kinds[rung].model;
    problem.sgd.ensemble = 0;
    problem.sgd.member = -1;
    if (rung == RUNG_MAP) {
        problem.sgd.batch = 0;
        problem.sgd.symmetrize_loss = false;
        problem.sgd.precision = SSLDYN_PRECISION_DOUBLE;
        problem.sgd.sampler = SSLDYN_SAMPLER_AUTO;
        return problem;
    }
    problem.log_time = false;
    problem.timetable = timetable;
    problem.samples = (int64_t)timetable->row_count - 1;
    problem.t_end = timetable->rows[timetable->row_count - 1];
    problem.parameters.symmetric = problem.parameters.symmetric || rung == RUNG_M2_SYMMETRIC;
    problem.closure = kinds[rung].closure;
    if (rung >= RUNG_M2) {
        const size_t modes = rung >= RUNG_M3 ? from->modes : 1;
        problem.tau0 = (struct ssldyn_list){modes, rung >= RUNG_ALIGNED ? from->ratio : from->tau};
    }
    if (rung >= RUNG_M3) {
        problem.s0 = (struct ssldyn_list){from->modes, from->s};
        problem.p0 = (struct ssldyn_list){from->modes, rung == RUNG_M4 ? from->parabola : from->p};
    }
    return problem;
}

/* The contents of a rung's spec.conf: the settings of the experiment with the problem of the
 * rung. */
struct rung_settings {
    const struct ssldyn_spec *spec;
    const struct ssldyn_problem *problem;
};

static void print_settings(const void *settings, FILE *stream)
{
    const struct rung_settings *rung = settings;
    char infinite[] = "inf";
    struct ssldyn_spec spec = *rung->spec; /* borrows the arrays */
    spec.problem = *rung->problem;
    spec.batch = spec.problem.sgd.batch > 0 ? spec.batch : infinite;
    spec.closure = spec.problem.closure == SSLDYN_ALIGNED_LEADING ? SSLDYN_CLOSURE_LEADING
                   : spec.problem.closure == SSLDYN_ALIGNED_NEXT  ? SSLDYN_CLOSURE_NEXT
                                                                  : spec.closure;
    ssldyn_spec_print(&spec, stream);
}

/* Runs a problem as the command of the spec does. */
static enum ssldyn_status run_problem(const struct ssldyn_spec *spec,
                                      const struct ssldyn_problem *problem, const char *path,
                                      struct ssldyn_error *err)
{
    const struct rung_settings settings = {spec, problem};
    struct ssldyn_run_directory directory;
    struct ssldyn_flow_report flow;
    struct ssldyn_sgd_report sgd;
    enum ssldyn_status status = ssldyn_spec_write_arrays(spec, path, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_run_directory_init(&directory, path, print_settings, &settings);
    if (spec->given.command == SSLDYN_COMMAND_FLOW) {
        status = ssldyn_flow_run(problem, &directory.sink, spec->quiet, &flow, err);
        ssldyn_flow_report_clear(&flow);
        return status;
    }
    status = problem->sgd.ensemble > 0 && problem->sgd.member < 0
                 ? ssldyn_sgd_ensemble_run(problem, (int)spec->threads, &directory.sink,
                                           spec->quiet, &sgd, err)
                 : ssldyn_sgd_run(problem, &directory.sink, spec->quiet, &sgd, err);
    ssldyn_sgd_report_clear(&sgd);
    return status;
}

/* Runs the rung and adds it to the ladder. */
static enum ssldyn_status add_rung(const struct ssldyn_spec *spec,
                                   const struct ssldyn_problem *problem, enum rung rung,
                                   const char *output, struct ssldyn_ladder *ladder,
                                   struct ssldyn_error *err)
{
    const char *const name = kinds[rung].name;
    struct ssldyn_error own = {SSLDYN_OK, ""};
    char *path = ssldyn_file_path_join(output, name);
    if (!path) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a directory's name");
    }
    ladder->rungs[ladder->count].name = name;
    ladder->rungs[ladder->count++].assumption = kinds[rung].assumption;
    const enum ssldyn_status status = run_problem(spec, problem, path, &own);
    free(path);
    return status == SSLDYN_OK ? SSLDYN_OK
                               : ssldyn_fail(err, status, "rung %s: %.400s", name, own.message);
}

/* The times of the rows that SGD has written, and its schedules, for the flows below. */
static enum ssldyn_status take_timetable(const struct ssldyn_problem *top, const char *output,
                                         struct ssldyn_timetable *timetable,
                                         struct ssldyn_error *err)
{
    struct ssldyn_series series = {0};
    char *directory = ssldyn_file_path_join(output, kinds[RUNG_SGD].name);
    enum ssldyn_status status = directory ? ssldyn_compare_series_read(directory, &series, err)
                                          : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const size_t rows = series.table.rows;
    double *times = status == SSLDYN_OK ? ssldyn_memory_array(rows, sizeof *times) : NULL;
    if (status == SSLDYN_OK && !times) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    for (size_t row = 0; times && row < rows; row++) {
        times[row] = ssldyn_compare_series_time(&series, row);
    }
    if (times) {
        struct ssldyn_problem problem = *top;
        int64_t steps = 0;
        status = ssldyn_sgd_count_steps(&problem, &steps, err);
        if (status == SSLDYN_OK) {
            status =
                ssldyn_schedule_create_timetable(&problem.sgd, steps, rows, times, timetable, err);
        }
    }
    free(times);
    free(directory);
    ssldyn_compare_series_clear(&series);
    return status;
}

/* The settings shared by the flows: those of the experiment, with an end time in place of a
 * number of steps. */
static enum ssldyn_status flow_settings(const struct ssldyn_spec *top, struct ssldyn_spec *flows,
                                        struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_spec_copy(top, flows, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    flows->given.command = SSLDYN_COMMAND_FLOW;
    return ssldyn_settings_reset(&flows->given, ssldyn_option_find("train-steps"), err);
}

/* Whether a rung applies to the loss. */
static bool belongs(enum rung rung, const struct ssldyn_parameters *parameters)
{
    const struct ssldyn_loss *const loss = ssldyn_losses_of(parameters);
    if (rung == RUNG_M2_SYMMETRIC && parameters->symmetric) {
        return false; /* already assumed from the start */
    }
    return rung <= RUNG_M1 ||
           (loss->linear ? rung <= RUNG_M4
                         : rung == RUNG_ALIGNED || (rung > RUNG_ALIGNED && loss->normalized));
}

/* The rungs below SGD, down to the last whose assumptions can be imposed. */
static enum ssldyn_status descend(const struct ssldyn_spec *top, const char *output,
                                  struct ssldyn_ladder *ladder, struct ssldyn_error *err)
{
    struct ssldyn_timetable timetable = {0};
    struct reduced_start start = {0};
    struct ssldyn_spec flows = {0};
    const struct ssldyn_parameters *const parameters = &top->problem.parameters;
    const unsigned last = ladder->stopped ? RUNG_M1 : RUNG_LEADING;
    enum ssldyn_status status = take_timetable(&top->problem, output, &timetable, err);
    if (status == SSLDYN_OK && !ladder->stopped) {
        status = measure_start(&top->problem, &start, err);
    }
    if (status == SSLDYN_OK) {
        status = flow_settings(top, &flows, err);
    }
    for (unsigned i = RUNG_MAP; status == SSLDYN_OK && i <= last; i++) {
        if (!belongs((enum rung)i, parameters)) {
            continue;
        }
        if (i == RUNG_M4 && parameters->rates.eta_p != parameters->rates.eta_s) {
            ladder->stopped = "M4 needs equal decays";
            break;
        }
        const struct ssldyn_problem problem =
            make_problem(&top->problem, (enum rung)i, &start, &timetable);
        status =
            add_rung(i == RUNG_MAP ? top : &flows, &problem, (enum rung)i, output, ladder, err);
    }
    ssldyn_spec_clear(&flows);
    free(start.s);
    ssldyn_schedule_clear_timetable(&timetable);
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
    ladder->scale_free = ssldyn_losses_of(&spec->problem.parameters)->normalized;
    enum ssldyn_status status = ssldyn_spec_copy(spec, &top, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    /* with --steps the time becomes known only here, and sizes if files define them */
    status = ssldyn_inputs_load(&top, &inputs, err);
    if (status == SSLDYN_OK) {
        status = add_rung(&top, &top.problem, RUNG_SGD, output, ladder, err);
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

void ssldyn_ladder_clear(struct ssldyn_ladder *ladder)
{
    ssldyn_compare_sheet_clear(&ladder->curves);
}
