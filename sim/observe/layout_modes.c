/* The columns of the traces of modes and of their networks (layout_modes.h). */
// SPDX-License-Identifier: MIT
#include "sim/observe/layout_modes.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct ssldyn_column scalars[] = {{"t", "flow time, learning rate * step"}};
static const struct ssldyn_column modes[] = {SSLDYN_MODES_COLUMNS(SSLDYN_LAYOUT_COLUMN)};
static const struct ssldyn_column networks[] = {
    SSLDYN_MODES_COLUMNS(SSLDYN_LAYOUT_COLUMN) SSLDYN_MODES_NETWORK_COLUMNS(SSLDYN_LAYOUT_COLUMN)};

const struct ssldyn_layout ssldyn_layout_modes = {.scalars = scalars,
                                                  .scalar_count = COUNT(scalars),
                                                  .per_mode = modes,
                                                  .per_mode_count = COUNT(modes)};
const struct ssldyn_layout ssldyn_layout_lowdim = {.scalars = scalars,
                                                   .scalar_count = COUNT(scalars),
                                                   .per_mode = networks,
                                                   .per_mode_count = COUNT(networks)};
