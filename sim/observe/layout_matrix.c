/* The columns of a matrix trace (layout_matrix.h). */
// SPDX-License-Identifier: MIT
#include "sim/observe/layout_matrix.h"

static const struct ssldyn_column scalars[] = {SSLDYN_MATRIX_COLUMNS(SSLDYN_LAYOUT_COLUMN)};
static const struct ssldyn_column per_mode[] = {SSLDYN_MATRIX_MODE_COLUMNS(SSLDYN_LAYOUT_COLUMN)};

const struct ssldyn_layout ssldyn_layout_matrix = {.scalars = scalars,
                                                   .scalar_count = SSLDYN_MATRIX_SCALARS,
                                                   .per_mode = per_mode,
                                                   .per_mode_count = SSLDYN_MATRIX_PER_MODE};

static const char *const cosine_words[SSLDYN_MATRIX_SCALARS] = {
    [SSLDYN_MATRIX_LOSS] = "minus the expected cosine of prediction and target"};

const struct ssldyn_layout ssldyn_layout_matrix_cosine = {.scalars = scalars,
                                                          .scalar_count = SSLDYN_MATRIX_SCALARS,
                                                          .per_mode = per_mode,
                                                          .per_mode_count = SSLDYN_MATRIX_PER_MODE,
                                                          .scalar_words = cosine_words};
