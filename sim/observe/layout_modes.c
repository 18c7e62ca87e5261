/* The columns of the traces of modes and of their networks (layout_modes.h). */
// SPDX-License-Identifier: MIT
#include "sim/observe/layout_modes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Uncoupled modes have only the first. */
static const struct ssldyn_column scalars[] = {{"t", "flow time, learning rate * step"},
                                               {"loss", "population loss, of all modes"}};
static const struct ssldyn_column modes[] = {SSLDYN_MODES_COLUMNS(SSLDYN_LAYOUT_COLUMN)};
static const struct ssldyn_column networks[] = {
    SSLDYN_MODES_COLUMNS(SSLDYN_LAYOUT_COLUMN) SSLDYN_MODES_NETWORK_COLUMNS(SSLDYN_LAYOUT_COLUMN)};
static const struct ssldyn_column deep[] = {SSLDYN_MODES_DEEP_COLUMNS(SSLDYN_LAYOUT_COLUMN)};

#define LAYOUT(scalar_columns, columns)                                                            \
    {                                                                                              \
        .scalars = scalars, .scalar_count = (scalar_columns), .per_mode = (columns),               \
        .per_mode_count = COUNT(columns)                                                           \
    }
const struct ssldyn_layout ssldyn_layout_modes = LAYOUT(1, modes);
const struct ssldyn_layout ssldyn_layout_lowdim = LAYOUT(1, networks);
const struct ssldyn_layout ssldyn_layout_modes_coupled = LAYOUT(2, modes);
const struct ssldyn_layout ssldyn_layout_lowdim_coupled = LAYOUT(2, networks);
const struct ssldyn_layout ssldyn_layout_deep = LAYOUT(1, deep);
const struct ssldyn_layout ssldyn_layout_deep_coupled = LAYOUT(2, deep);
