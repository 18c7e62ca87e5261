/* Finds the arrays of a state dict that make up a predictor: the linear layers and the batch
 * norms of a module, in the order in which they are applied. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_PREDICTOR_MODULES_H
#define SSLDYN_SIM_ALIGN_PREDICTOR_MODULES_H

#include "sim/base/error.h"
#include "sim/io/matrices.h"

#include <stdbool.h>
#include <stddef.h>

/* One layer; names are owned. A norm created without affine parameters has no weight. */
struct ssldyn_predictor_module {
    bool norm;
    char *path;     /* of the module, relative to the requested one */
    char *weight;   /* of a linear layer, or the scale (gamma) of a norm; NULL: 1 */
    char *variance; /* running_var of a norm */
};

struct ssldyn_predictor_modules {
    size_t count; /* 0: the file has no such module */
    struct ssldyn_predictor_module *items;
};

/* module: "predictor", which may be the end of a longer path if only one path matches, or "" for
 * all arrays of the file at the same level. Layers are ordered by the numbers in their paths
 * (net.2 before net.10; fc1 before bn1 before fc2). Biases and means only shift, and are
 * ignored. EINPUT for layers that are not linear (a norm without running_var, other parameters),
 * and if the paths do not determine an order; with quiet, count is then 0. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_predictor_modules_find(const struct ssldyn_matrices_names *names, const char *module,
                              bool quiet, struct ssldyn_predictor_modules *modules,
                              struct ssldyn_error *err);
void ssldyn_predictor_modules_clear(struct ssldyn_predictor_modules *modules);

#endif
