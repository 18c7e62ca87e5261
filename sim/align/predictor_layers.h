/* A predictor with several linear layers as a series of matrices: their product, snapshot by
 * snapshot. Batch norms with running statistics are included: in evaluation mode they multiply
 * by gamma/sqrt(running_var + eps). Everything else between the layers (a ReLU) is ignored. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_PREDICTOR_LAYERS_H
#define SSLDYN_SIM_ALIGN_PREDICTOR_LAYERS_H

#include "sim/base/error.h"
#include "sim/io/arrays.h"
#include "sim/io/matrices.h"

#include <stdbool.h>
#include <stddef.h>

struct ssldyn_predictor_layers;

/* arguments: one or several of FILE[:NAME], one per line, in the order in which they are
 * applied. NAME is a matrix, or a module of a state dict (predictor_modules.h); without NAME the
 * file holds a matrix, one called Wp, the state dict of a predictor, or one with a module called
 * predictor. memory: the arrays of --wp that are in memory, by the number of their line;
 * borrowed until the layers are closed; NULL: none. eps: of the norms. EINPUT, by option, for
 * layers whose sizes do not match. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_predictor_layers_open(const char *arguments, const char *option,
                             const struct ssldyn_arrays *memory, double eps,
                             struct ssldyn_predictor_layers **layers, struct ssldyn_error *err);
void ssldyn_predictor_layers_close(struct ssldyn_predictor_layers *layers);

size_t ssldyn_predictor_layers_rows(const struct ssldyn_predictor_layers *layers);
size_t ssldyn_predictor_layers_columns(const struct ssldyn_predictor_layers *layers);

/* The i-th of the underlying series, NULL beyond the last; all advance together. */
const struct ssldyn_matrices *
ssldyn_predictor_layers_series(const struct ssldyn_predictor_layers *layers, size_t i);

/* The next product, rows x columns. finite: as in ssldyn_matrices_scan. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_predictor_layers_next(struct ssldyn_predictor_layers *layers, double product[], bool *finite,
                             struct ssldyn_error *err);

/* "2 layers (64 x 16, 16 x 64) and 1 norm" into text; empty for a single matrix. */
void ssldyn_predictor_layers_describe(const struct ssldyn_predictor_layers *layers, char text[],
                                      size_t size);

#endif
