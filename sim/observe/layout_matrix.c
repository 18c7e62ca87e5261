/* The columns of a matrix trace (layout_matrix.h). */
// SPDX-License-Identifier: MIT
#include "sim/observe/layout_matrix.h"

static const struct ssldyn_column scalars[] = {SSLDYN_MATRIX_COLUMNS(SSLDYN_LAYOUT_COLUMN)};
static const struct ssldyn_column per_mode[] = {SSLDYN_MATRIX_MODE_COLUMNS(SSLDYN_LAYOUT_COLUMN)};

const struct ssldyn_layout ssldyn_layout_matrix = {.scalars = scalars,
                                                   .scalar_count = SSLDYN_MATRIX_SCALARS,
                                                   .per_mode = per_mode,
                                                   .per_mode_count = SSLDYN_MATRIX_PER_MODE};
