/* M1, the population flow: matrices (Wp, W, Wa) for any data. */
// SPDX-License-Identifier: MIT
#include "sim/model/model.h"

#include "sim/observe/layout_matrix.h"

const struct ssldyn_model ssldyn_model_population = {
    .name = "population",
    .tag = "M1",
    .title = "population flow (M1)",
    .subject = "population flow (M1)",
    .parts = SSLDYN_HAS_MATRICES | SSLDYN_HAS_WEIGHTS | SSLDYN_HAS_SWITCHES | SSLDYN_HAS_RULES |
             SSLDYN_HAS_NOISE,
    .layout = &ssldyn_layout_matrix,
    .atol = SSLDYN_MODEL_ATOL_MATRICES};
