/* One mode of a problem as a system for the integrator. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_system.h"

#include "sim/flow/flow_internal.h"
#include "sim/model/model.h"
#include "sim/run/schedule.h"

#include <stdlib.h>

static void rhs(double t, const double y[], double dydt[], void *context)
{
    const struct ssldyn_mode *mode = context;
    struct ssldyn_parameters scratch;
    mode->variables.equations->rhs(
        &mode->variables,
        ssldyn_schedule_parameters_at(mode->problem, &mode->variables.parameters, t, &scratch), y,
        dydt);
}

static void jacobian(double t, const double y[], double entries[], void *context)
{
    const struct ssldyn_mode *mode = context;
    struct ssldyn_parameters scratch;
    mode->variables.equations->jacobian(
        &mode->variables,
        ssldyn_schedule_parameters_at(mode->problem, &mode->variables.parameters, t, &scratch), y,
        entries);
}

void ssldyn_mode_start(struct ssldyn_mode *mode, const struct ssldyn_problem *problem, size_t j,
                       double y[])
{
    *mode = (struct ssldyn_mode){.problem = problem,
                                 .variables = {.parameters = ssldyn_model_parameters_of(problem, j),
                                               .scale = 1.0,
                                               .alpha_p = problem->parameters.rates.alpha_p}};
    ssldyn_model_modes_of(problem)->start(problem, j, &mode->variables, y);
}

void ssldyn_mode_clear(struct ssldyn_mode *mode)
{
    ssldyn_ode_free(mode->ode);
    ssldyn_mode_drop_companion(mode);
}

void ssldyn_mode_drop_companion(struct ssldyn_mode *mode)
{
    if (mode->companion) {
        ssldyn_ode_free(mode->companion->ode);
    }
    free(mode->companion);
    mode->companion = NULL;
}

enum ssldyn_status ssldyn_mode_create(struct ssldyn_mode *mode,
                                      const struct ssldyn_problem *problem, size_t j, double rtol,
                                      struct ssldyn_error *err)
{
    double y[SSLDYN_MODE_VARIABLES];
    ssldyn_mode_start(mode, problem, j, y);
    const struct ssldyn_ode_system system = {
        .n = mode->variables.n, .rhs = rhs, .jacobian = jacobian, .context = mode};
    struct ssldyn_ode_options options = ssldyn_flow_ode_options(problem);
    options.rtol = rtol;
    const enum ssldyn_status status = ssldyn_ode_create(&system, &options, &mode->ode, err);
    return status == SSLDYN_OK ? ssldyn_ode_start(mode->ode, 0.0, y, problem->t_end, err) : status;
}

struct ssldyn_mode_state ssldyn_mode_view(const struct ssldyn_mode *mode, const double y[])
{
    return mode->variables.equations->view(&mode->variables, y);
}

enum ssldyn_status ssldyn_mode_step(struct ssldyn_mode *mode, struct ssldyn_error *err)
{
    double y[SSLDYN_MODE_VARIABLES];
    enum ssldyn_status status = SSLDYN_OK;
    if (mode->variables.equations->change(&mode->variables, ssldyn_ode_state(mode->ode), y)) {
        status = ssldyn_ode_restart(mode->ode, y, err);
    }
    return status == SSLDYN_OK ? ssldyn_flow_step(mode->ode, err) : status;
}

enum ssldyn_status ssldyn_mode_advance(struct ssldyn_mode *mode, double t, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    ssldyn_ode_next_output(mode->ode, t);
    while (status == SSLDYN_OK && ssldyn_ode_time(mode->ode) < t) {
        status = ssldyn_mode_step(mode, err);
    }
    return status;
}
