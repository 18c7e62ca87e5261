/* The sizes n1 and n2 out of the shapes of the files that a run is given. */
// SPDX-License-Identifier: MIT
#include "sim/io/array_file.h"
#include "sim/options/spec.h"

#include <stdio.h>

enum { SIZES = 3, GIVEN = 2, LARGEST = 4096 };

struct matrix {
    const char *option, *role;
    int rows, columns; /* 0: n1, 1: n2, 2: the rows of Wp where they are not n2 */
    const char *file;
    const struct ssldyn_matrix *start; /* as it was read before, where it was: the points of a sweep
                                          share what their start is given */
};

static const char *const names[SIZES] = {"n1", "n2", "rows"};

/* What is known of a size, and from where. */
struct size {
    size_t value; /* 0: nothing */
    char source[160];
};

static bool agrees(const struct size *size, size_t value)
{
    return size->value == 0 || size->value == value;
}

/* The sizes of a matrix against what is known, which they add to. */
static enum ssldyn_status take(const struct ssldyn_spec *spec, const struct matrix *matrix,
                               const struct ssldyn_array *array, struct size sizes[SIZES],
                               struct ssldyn_error *err)
{
    char name[SSLDYN_SPEC_WHERE];
    struct size *rows = &sizes[matrix->rows];
    struct size *columns = &sizes[matrix->columns];
    if (agrees(rows, array->shape[0]) && agrees(columns, array->shape[1])) {
        for (int side = 0; side < SIZES; side++) {
            struct size *size = side == 0 ? rows : columns;
            if (size->value == 0) {
                size->value = array->shape[side];
                snprintf(size->source, sizeof size->source, "--%s is %zu x %zu", matrix->option,
                         array->shape[0], array->shape[1]);
            }
        }
        return SSLDYN_OK;
    }
    const bool in_rows = !agrees(rows, array->shape[0]);
    const bool transposed = agrees(rows, array->shape[1]) && agrees(columns, array->shape[0]);
    return ssldyn_fail(err, SSLDYN_EINPUT, "%s %.120s: is %zu x %zu (%s x %s), but %s: %s",
                       ssldyn_spec_where(spec, matrix->option, name), matrix->file, array->shape[0],
                       array->shape[1], names[matrix->rows], names[matrix->columns],
                       in_rows ? rows->source : columns->source,
                       transposed ? "it is transposed; save W.T"
                       : (in_rows ? matrix->rows : matrix->columns) == 0
                           ? "they must have the same n1"
                       : (in_rows ? matrix->rows : matrix->columns) == 1
                           ? "they must have the same n2"
                           : "Wp must have as many rows as the data that it predicts");
}

static void start_with_given(const struct ssldyn_spec *spec, struct size sizes[SIZES])
{
    const int64_t values[GIVEN] = {spec->problem.n1, spec->problem.n2};
    for (int i = 0; i < GIVEN; i++) {
        if (ssldyn_spec_given(spec, names[i])) {
            sizes[i].value = (size_t)values[i];
            snprintf(sizes[i].source, sizeof sizes[i].source, "--%s is %lld", names[i],
                     (long long)values[i]);
        }
    }
}

static void mark_inferred(struct ssldyn_spec *spec, const char *name)
{
    struct ssldyn_origin *origin = ssldyn_settings_origin(&spec->given, name);
    if (origin->source == SSLDYN_SOURCE_DEFAULT) {
        origin->source = SSLDYN_SOURCE_INFERRED;
    }
}

enum ssldyn_status ssldyn_spec_infer_sizes(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_problem *const problem = &spec->problem;
    const bool predicts = problem->parameters.target == SSLDYN_DEPTH_MAE;
    const int of_y = predicts && spec->syx_file ? 2 : 0; /* of two views y has n1 numbers as well */
    /* those that say both sizes last, so that a transposed one is recognized */
    const struct matrix matrices[] = {
        {"x", "X", 0, 0, spec->x_file, NULL},
        {"xprime", "Xprime", 0, 0, spec->xprime_file, NULL},
        {"sxx", "Sxx", 0, 0, spec->sxx_file, NULL},
        {"syx", "Syx", of_y, 0, spec->syx_file, NULL},
        {"syy", "Syy", of_y, of_y, spec->syy_file, NULL},
        {"init-wp", "Wp", predicts ? of_y : 1, 1, spec->init_wp, &problem->start.Wp},
        {"init-f", "F", 1, 1, spec->init_f, &problem->start.F},
        {"init-w", "W", 1, 0, spec->init_w, &problem->start.W},
        {"init-wa", "Wa", 1, 0, spec->init_wa_file, &problem->start.Wa}};
    struct size sizes[SIZES] = {{0, ""}, {0, ""}, {0, ""}};
    const bool drawn = spec->data || spec->moments_directory; /* bring n1 when the run starts */
    if (ssldyn_spec_given(spec, "n1") && ssldyn_spec_given(spec, "n2")) {
        return SSLDYN_OK; /* judged when the run starts */
    }
    start_with_given(spec, sizes);
    for (size_t i = 0; i < sizeof matrices / sizeof matrices[0]; i++) {
        const struct matrix *matrix = &matrices[i];
        char name[SSLDYN_SPEC_WHERE];
        char option[310];
        struct ssldyn_array array;
        if (!matrix->file ||
            !ssldyn_settings_applies(&spec->given, ssldyn_option_find(matrix->option), NULL, 0)) {
            continue;
        }
        snprintf(option, sizeof option, "%s", ssldyn_spec_where(spec, matrix->option, name));
        const struct ssldyn_need need = {.option = option,
                                         .role = matrix->role,
                                         .least = 2,
                                         .most = 2,
                                         .square = matrix->rows == matrix->columns,
                                         .memory = ssldyn_spec_memory(spec, matrix->option)};
        enum ssldyn_status status = SSLDYN_OK;
        if (matrix->start && matrix->start->entries) {
            array = (struct ssldyn_array){.dimensions = 2,
                                          .shape = {matrix->start->rows, matrix->start->columns},
                                          .count = matrix->start->rows * matrix->start->columns};
        } else {
            status = ssldyn_array_file_shape(matrix->file, &need, &array, err);
        }
        if (status == SSLDYN_OK && (array.shape[0] > LARGEST || array.shape[1] > LARGEST)) {
            status =
                ssldyn_fail(err, SSLDYN_EINPUT, "%s: is %zu x %zu: at most %d x %d is supported",
                            option, array.shape[0], array.shape[1], LARGEST, LARGEST);
        }
        if (status == SSLDYN_OK && array.count == 0) {
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%s %.200s: the array is empty", option,
                                 matrix->file);
        }
        if (status == SSLDYN_OK) {
            status = take(spec, matrix, &array, sizes, err);
        }
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    if (sizes[0].value != 0 && !drawn) {
        spec->problem.n1 = (int64_t)sizes[0].value;
        mark_inferred(spec, "n1");
    }
    if (sizes[1].value == 0 &&
        (spec->x_file || spec->sxx_file)) { /* a representation as large as the data */
        sizes[1] = sizes[0];
    }
    if (sizes[1].value != 0) {
        spec->problem.n2 = (int64_t)sizes[1].value;
        mark_inferred(spec, "n2");
    }
    return SSLDYN_OK;
}
