/* The layers of a process whose encoder has several. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_deep.h"

#include "sim/base/memory.h"
#include "sim/flow/matrix_layers.h"
#include "theory/depth_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REAL double
#define NAME(stem) stem##_double
#include "sim/sgd/sgd_deep.inc"

#define REAL float
#define NAME(stem) stem##_float
#include "sim/sgd/sgd_deep.inc"

static enum ssldyn_status fill(struct ssldyn_sgd_deep *deep, const struct ssldyn_problem *problem,
                               const struct ssldyn_start *start, struct ssldyn_error *err)
{
    const bool single = problem->sgd.precision == SSLDYN_PRECISION_FLOAT;
    const bool heavy = problem->sgd.momentum != 0.0;
    struct ssldyn_matrix_layers *first = NULL;
    deep->squares = ssldyn_memory_array(deep->layers.count + 1, sizeof *deep->squares);
    if (single) {
        deep->view = ssldyn_memory_array(ssldyn_layers_at(&deep->layers, deep->layers.count) +
                                             ssldyn_layers_at(&deep->layers, deep->targets),
                                         sizeof *deep->view);
    }
    if (!deep->squares || (single && !deep->view) ||
        !(single ? allocate_float(deep, heavy) : allocate_double(deep, heavy))) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu layers", deep->layers.count);
    }
    const enum ssldyn_status status = ssldyn_matrix_layers_create(problem, start, &first, err);
    if (status == SSLDYN_OK) {
        (single ? take_float : take_double)(deep, ssldyn_matrix_layers_start(first),
                                            ssldyn_matrix_layers_target_start(first));
    }
    ssldyn_matrix_layers_free(first);
    return status;
}

enum ssldyn_status ssldyn_sgd_deep_create(const struct ssldyn_problem *problem,
                                          const struct ssldyn_start *start,
                                          struct ssldyn_sgd_deep **out, struct ssldyn_error *err)
{
    *out = NULL;
    if (!ssldyn_depth_is_deep(&problem->parameters)) {
        return SSLDYN_OK;
    }
    struct ssldyn_sgd_deep *deep = calloc(1, sizeof *deep);
    if (!deep) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for layers");
    }
    deep->layers =
        (struct ssldyn_layers){ssldyn_depth_layers(&problem->parameters), start->n1, start->n2};
    deep->targets = ssldyn_depth_targets(&problem->parameters);
    deep->rows = ssldyn_moments_rows(&start->moments, start->n2);
    deep->alpha_p = problem->parameters.rates.alpha_p;
    const enum ssldyn_status status = fill(deep, problem, start, err);
    if (status != SSLDYN_OK) {
        ssldyn_sgd_deep_free(deep);
        return status;
    }
    *out = deep;
    return SSLDYN_OK;
}

void ssldyn_sgd_deep_free(struct ssldyn_sgd_deep *deep)
{
    if (deep) {
        clear_double(&deep->of_double);
        clear_float(&deep->of_float);
        free(deep->squares);
        free(deep->view);
    }
    free(deep);
}

const double *ssldyn_sgd_deep_view(struct ssldyn_sgd_deep *deep, const double **targets)
{
    const size_t size = ssldyn_layers_at(&deep->layers, deep->layers.count);
    const size_t of_target = ssldyn_layers_at(&deep->layers, deep->targets);
    const double *Y = deep->of_double.Y;
    const double *A = deep->of_double.A;
    if (deep->view) {
        for (size_t i = 0; i < size; i++) {
            deep->view[i] = (double)deep->of_float.Y[i];
        }
        for (size_t i = 0; i < of_target; i++) {
            deep->view[size + i] = (double)deep->of_float.A[i];
        }
        Y = deep->view;
        A = deep->view + size;
    }
    *targets = deep->targets > 0 ? A : NULL;
    return Y;
}
