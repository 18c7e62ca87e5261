/* The layers of a deep encoder. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/layers.h"

#include <cblas.h>
#include <string.h>

size_t ssldyn_layers_at(const struct ssldyn_layers *layers, size_t l)
{
    return l == 0 ? 0 : layers->n2 * layers->n1 + (l - 1) * layers->n2 * layers->n2;
}

/* Products W_2 W_1 to W_{L-1} ... W_1, then two that the pull passes on. */
static size_t between(const struct ssldyn_layers *layers)
{
    return layers->count > 2 ? layers->count - 2 : 0;
}

size_t ssldyn_layers_workspace(const struct ssldyn_layers *layers)
{
    return (between(layers) + 2) * layers->n2 * layers->n1;
}

#define REAL double
#define NAME(stem) stem##_double
#define GEMM cblas_dgemm
#include "sim/linalg/layers.inc"

#define REAL float
#define NAME(stem) stem##_float
#define GEMM cblas_sgemm
#include "sim/linalg/layers.inc"
