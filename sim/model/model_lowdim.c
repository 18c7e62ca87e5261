/* M5, one-dimensional networks (wp, w, wa). */
// SPDX-License-Identifier: MIT
#include "sim/model/model.h"

#include "sim/observe/layout_modes.h"
#include "theory/fixedpoint.h"
#include "theory/margin.h"

static void lowdim_start(const struct ssldyn_problem *problem, size_t j,
                         struct ssldyn_mode_variables *variables, double y[])
{
    const struct ssldyn_parameters *parameters = &variables->parameters;
    variables->equations = &ssldyn_model_lowdim_networks;
    variables->n = 3;
    y[0] = parameters->predictor ? ssldyn_parse_list_entry(&problem->wp0, j) : 1.0;
    y[1] = ssldyn_parse_list_entry(&problem->w0, j);
    y[2] =
        parameters->tau_held ? parameters->tau * y[1] : ssldyn_parse_list_entry(&problem->wa0, j);
}

static const struct ssldyn_mode_law *const laws[] = {&ssldyn_mode_law_balance,
                                                     &ssldyn_mode_law_growth, NULL};

static const struct ssldyn_model_modes modes = {.start = lowdim_start,
                                                .fill = ssldyn_mode_fill_networks,
                                                .certify = ssldyn_certificate_init_lowdim,
                                                .fold = ssldyn_margin_fold,
                                                .level = ssldyn_fixedpoint_escape,
                                                .laws = laws,
                                                .coupled_layout = &ssldyn_layout_lowdim_coupled,
                                                .coupled_parts = SSLDYN_HAS_RULES};

const struct ssldyn_model ssldyn_model_lowdim = {.name = "lowdim",
                                                 .tag = "M5",
                                                 .title = "low-dimensional (M5)",
                                                 .subject = "low-dimensional model (M5)",
                                                 .parts = SSLDYN_HAS_SWITCHES |
                                                          SSLDYN_HAS_NETWORKS | SSLDYN_HAS_KERNEL,
                                                 .layout = &ssldyn_layout_lowdim,
                                                 .atol = SSLDYN_MODEL_ATOL_MODES,
                                                 .modes = &modes};
