/* The files behind a spec's options, read once. */
// SPDX-License-Identifier: MIT
#include "sim/inputs/inputs.h"

#include "sim/inputs/inputs_data.h"
#include "sim/io/array_file.h"
#include "sim/io/file.h"
#include "sim/moments/moments.h"
#include "sim/sgd/sgd.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Reads files or, if spec is not NULL, the arrays that it has in memory instead. */
static enum ssldyn_status read_moments(const struct ssldyn_spec *spec, const char *x_file,
                                       const char *xprime_file, struct ssldyn_moments_basis **basis,
                                       struct ssldyn_error *err)
{
    *basis = NULL;
    struct ssldyn_array X = {0};
    struct ssldyn_array Xprime = {0};
    const struct ssldyn_need square = {.option = "--x",
                                       .role = "X",
                                       .least = 2,
                                       .most = 2,
                                       .square = true,
                                       .memory = spec ? ssldyn_spec_memory(spec, "x") : NULL,
                                       .borrow = true};
    enum ssldyn_status status = ssldyn_array_file_read(x_file, &square, &X, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_array_file_read_matrix(
            xprime_file, "--xprime", "Xprime", X.shape[0], X.shape[1],
            spec ? ssldyn_spec_memory(spec, "xprime") : NULL, &Xprime, err);
    }
    if (status == SSLDYN_OK) {
        char x_name[200];
        char xprime_name[200];
        (void)snprintf(x_name, sizeof x_name, "--x %s", x_file);
        (void)snprintf(xprime_name, sizeof xprime_name, "--xprime %s", xprime_file);
        status = ssldyn_moments_basis_create(X.shape[0], X.data, Xprime.data, x_name, xprime_name,
                                             basis, err);
    }
    ssldyn_npy_array_clear(&X);
    ssldyn_npy_array_clear(&Xprime);
    return status;
}

/* Sxx, Syx and, where it is given, Syy. */
static enum ssldyn_status read_pair(const struct ssldyn_spec *spec,
                                    struct ssldyn_moments_basis **basis, struct ssldyn_error *err)
{
    enum { PARTS = 3 };
    const struct {
        const char *name, *role, *file;
    } parts[PARTS] = {{"sxx", "Sxx", spec->sxx_file},
                      {"syx", "Syx", spec->syx_file},
                      {"syy", "Syy", spec->syy_file}};
    struct ssldyn_array arrays[PARTS] = {{0}, {0}, {0}};
    char names[PARTS][200];
    const bool predicts = spec->problem.parameters.target == SSLDYN_DEPTH_MAE;
    size_t predicted = 0;
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; i < PARTS && status == SSLDYN_OK; i++) {
        char option[8];
        (void)snprintf(option, sizeof option, "--%s", parts[i].name);
        (void)snprintf(names[i], sizeof names[i], "%s %s", option,
                       parts[i].file ? parts[i].file : "");
        const struct ssldyn_need need = {.option = option,
                                         .role = parts[i].role,
                                         .least = 2,
                                         .most = 2,
                                         .square = true,
                                         .memory = ssldyn_spec_memory(spec, parts[i].name),
                                         .borrow = true};
        if (i == 0) {
            status = ssldyn_array_file_read(parts[i].file, &need, &arrays[i], err);
        } else if (i == 1 && predicts) { /* y has its own size */
            struct ssldyn_need wide = need;
            wide.square = false;
            status = ssldyn_array_file_read(parts[i].file, &wide, &arrays[i], err);
            predicted = status == SSLDYN_OK ? arrays[i].shape[0] : 0;
        } else if (parts[i].file) {
            const size_t rows = predicts ? predicted : arrays[0].shape[0];
            status = ssldyn_array_file_read_matrix(parts[i].file, option, parts[i].role, rows, rows,
                                                   need.memory, &arrays[i], err);
        }
    }
    if (status == SSLDYN_OK && predicts &&
        (predicted == 0 || arrays[1].shape[1] != arrays[0].shape[0])) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: is %zu x %zu, but %s is %zu x %zu", names[1],
                             arrays[1].shape[0], arrays[1].shape[1], names[0], arrays[0].shape[0],
                             arrays[0].shape[1]);
    }
    if (status == SSLDYN_OK) {
        const struct ssldyn_moments_pair pair = {.n1 = arrays[0].shape[0],
                                                 .predicted = predicted,
                                                 .Sxx = arrays[0].data,
                                                 .Syx = arrays[1].data,
                                                 .Syy = parts[2].file ? arrays[2].data : NULL,
                                                 .Sxx_name = names[0],
                                                 .Syx_name = names[1],
                                                 .Syy_name = names[2]};
        status = ssldyn_moments_basis_of_pair(&pair, basis, err);
    }
    for (size_t i = 0; i < PARTS; i++) {
        ssldyn_npy_array_clear(&arrays[i]);
    }
    return status;
}

enum ssldyn_status ssldyn_inputs_moments(const struct ssldyn_spec *spec,
                                         struct ssldyn_moments_basis **basis,
                                         struct ssldyn_error *err)
{
    *basis = NULL;
    if (spec->sxx_file) {
        return read_pair(spec, basis, err);
    }
    return read_moments(spec, spec->x_file, spec->xprime_file, basis, err);
}

enum ssldyn_status ssldyn_inputs_read_moments(const char *x_file, const char *xprime_file,
                                              struct ssldyn_moments_basis **basis,
                                              struct ssldyn_error *err)
{
    return read_moments(NULL, x_file, xprime_file, basis, err);
}

/* The option that determines X and X' of --data: the seed of views, or the noise that is added
 * to vectors. NULL: none. */
static const char *maker_of(const struct ssldyn_spec *spec)
{
    return !spec->data ? NULL : ssldyn_spec_has_images(spec) ? "seed" : "sigma2";
}

bool ssldyn_inputs_depend_on(const struct ssldyn_spec *spec, const struct ssldyn_option *option)
{
    const char *maker = maker_of(spec);
    return maker && strcmp(option->name, maker) == 0;
}

/* Whether an axis varies the files of the data. */
static bool files_vary(const struct ssldyn_spec *spec)
{
    static const char *const names[] = {"x", "xprime", "sxx", "syx", "syy", "data", "moments"};
    bool vary = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        vary = vary || ssldyn_spec_has_axis(spec, names[i]);
    }
    return vary;
}

/* Whether the points of a sweep have different data: an axis varies the files, or a value with
 * which X and X' are computed. */
static bool data_vary(const struct ssldyn_spec *spec)
{
    const char *maker = maker_of(spec);
    return files_vary(spec) || (maker && ssldyn_spec_has_axis(spec, maker));
}

/* Sets n1 from the data, and the settings that follow from it. */
static enum ssldyn_status complete_sizes(struct ssldyn_spec *spec, size_t size,
                                         struct ssldyn_error *err)
{
    const int64_t n1 = (int64_t)size;
    if (ssldyn_spec_given(spec, "n1") && spec->problem.n1 != n1) {
        return spec->x_file ? ssldyn_fail(err, SSLDYN_EINPUT,
                                          "--n1 %lld: does not fit --x %s, which is %zu x %zu",
                                          (long long)spec->problem.n1, spec->x_file, size, size)
               : spec->sxx_file
                   ? ssldyn_fail(err, SSLDYN_EINPUT,
                                 "--n1 %lld: does not fit --sxx %s, which is %zu x %zu",
                                 (long long)spec->problem.n1, spec->sxx_file, size, size)
                   : ssldyn_fail(err, SSLDYN_EINPUT, "--n1 %lld: does not fit --%s, n1 = %lld",
                                 (long long)spec->problem.n1,
                                 spec->moments_directory ? "moments" : "data", (long long)n1);
    }
    spec->problem.n1 = n1;
    if (!ssldyn_spec_given(spec, "n2")) {
        spec->problem.n2 = n1;
    }
    if (!ssldyn_spec_given(spec, "init-scale")) {
        spec->problem.init_scale = 1.0 / sqrt((double)n1);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_inputs_describe(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    int64_t steps = 0;
    size_t n1 = 0;
    const bool drawn = spec->data || spec->moments_directory;
    enum ssldyn_status status =
        drawn && !files_vary(spec) ? ssldyn_inputs_data_size(spec, &n1, err) : SSLDYN_OK;
    if (status == SSLDYN_OK && n1 > 0) {
        status = complete_sizes(spec, n1, err);
    }
    return status == SSLDYN_OK && spec->given.command == SSLDYN_COMMAND_SGD
               ? ssldyn_sgd_count_steps(&spec->problem, &steps, err)
               : status;
}

static enum ssldyn_status load_data(struct ssldyn_spec *spec, struct ssldyn_inputs *inputs,
                                    struct ssldyn_error *err)
{
    struct ssldyn_problem *const problem = &spec->problem;
    const bool drawn = spec->data || spec->moments_directory;
    const bool draws = drawn && problem->sgd.batch > 0;
    const bool given = spec->x_file || spec->sxx_file;
    problem->basis = drawn || given ? problem->basis : NULL;
    problem->dataset = draws ? problem->dataset : NULL;
    if ((!drawn && !given) || data_vary(spec)) {
        return SSLDYN_OK;
    }
    if (!problem->basis || (draws && !problem->dataset)) {
        const enum ssldyn_status status = drawn ? ssldyn_inputs_data(spec, inputs, err)
                                                : ssldyn_inputs_moments(spec, &inputs->basis, err);
        if (status != SSLDYN_OK) {
            return status;
        }
        problem->basis = inputs->basis;
        problem->dataset = inputs->dataset.count > 0 ? &inputs->dataset : NULL;
    }
    return complete_sizes(spec, problem->basis->n1, err);
}

static enum ssldyn_status load_start(struct ssldyn_spec *spec, struct ssldyn_inputs *inputs,
                                     struct ssldyn_error *err)
{
    struct ssldyn_problem *const problem = &spec->problem;
    const size_t n1 = (size_t)problem->n1;
    const size_t n2 = (size_t)problem->n2;
    const bool predicts = problem->parameters.target == SSLDYN_DEPTH_MAE;
    const size_t rows_of_Wp = !predicts ? n2
                              : problem->basis && problem->basis->moments.predicts
                                  ? problem->basis->moments.predicted
                                  : n1;
    const struct {
        const char *name, *role, *file;
        size_t columns;
        struct ssldyn_matrix *to;
    } files[SSLDYN_INPUTS_STARTS] = {{"init-wp", "Wp", spec->init_wp, n2, &problem->start.Wp},
                                     {"init-w", "W", spec->init_w, n1, &problem->start.W},
                                     {"init-wa", "Wa", spec->init_wa_file, n1, &problem->start.Wa},
                                     {"init-f", "F", spec->init_f, n2, &problem->start.F}};
    for (size_t i = 0; i < SSLDYN_INPUTS_STARTS; i++) {
        char option[20];
        struct ssldyn_matrix *const to = files[i].to;
        if (!files[i].file || ssldyn_spec_has_axis(spec, files[i].name)) {
            *to = (struct ssldyn_matrix){0};
            continue;
        }
        if (to->entries) {
            continue;
        }
        (void)snprintf(option, sizeof option, "--%s", files[i].name);
        const enum ssldyn_status status = ssldyn_array_file_read_matrix(
            files[i].file, option, files[i].role, i == 0 ? rows_of_Wp : n2, files[i].columns,
            ssldyn_spec_memory(spec, files[i].name), &inputs->start[i], err);
        if (status != SSLDYN_OK) {
            return status;
        }
        (void)snprintf(inputs->names[i], sizeof inputs->names[i], "%s %s", option, files[i].file);
        *to = (struct ssldyn_matrix){i == 0 ? rows_of_Wp : n2, files[i].columns,
                                     inputs->start[i].data, inputs->names[i]};
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_inputs_load(struct ssldyn_spec *spec, struct ssldyn_inputs *inputs,
                                      struct ssldyn_error *err)
{
    int64_t steps = 0;
    enum ssldyn_status status = load_data(spec, inputs, err);
    if (status == SSLDYN_OK) {
        status = load_start(spec, inputs, err);
    }
    return status == SSLDYN_OK && spec->given.command == SSLDYN_COMMAND_SGD
               ? ssldyn_sgd_count_steps(&spec->problem, &steps, err)
               : status;
}

void ssldyn_inputs_clear(struct ssldyn_inputs *inputs)
{
    for (size_t i = 0; i < SSLDYN_INPUTS_STARTS; i++) {
        ssldyn_npy_array_clear(&inputs->start[i]);
    }
    ssldyn_moments_basis_free(inputs->basis);
    free(inputs->vectors);
    free(inputs->covariance);
    ssldyn_sgd_images_clear(&inputs->images);
    *inputs = (struct ssldyn_inputs){0};
}

double ssldyn_inputs_scale(const struct ssldyn_spec *spec)
{
    if (spec->moments_directory) {
        char *x_file = ssldyn_file_path_join(spec->moments_directory, "x.npy");
        const double scale = x_file ? ssldyn_moments_scale_beside(x_file) : 1.0;
        free(x_file);
        return scale;
    }
    return spec->x_file ? ssldyn_moments_scale_beside(spec->x_file) : 1.0;
}
