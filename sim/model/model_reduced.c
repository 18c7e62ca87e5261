/* M2, the reduced flow: (Wp, F) of isotropic data, and one tau. */
// SPDX-License-Identifier: MIT
#include "sim/model/model.h"

#include "sim/observe/layout_matrix.h"

const struct ssldyn_model ssldyn_model_reduced = {
    .name = "reduced",
    .tag = "M2",
    .title = "reduced flow (M2)",
    .subject = "reduced flow (M2)",
    .parts = SSLDYN_HAS_MATRICES | SSLDYN_HAS_CORRELATION | SSLDYN_HAS_NOISE | SSLDYN_HAS_TAU0,
    .layout = &ssldyn_layout_matrix,
    .atol = SSLDYN_MODEL_ATOL_MATRICES,
    .no_theory = "its fixed points are those of --model modes"};
