/* The integrator of a flow, and the row loop of a flow of modes. */
// SPDX-License-Identifier: MIT
#include "sim/base/progress.h"
#include "sim/base/signal.h"
#include "sim/flow/flow_internal.h"
#include "sim/model/model.h"
#include "sim/run/schedule.h"

struct ssldyn_ode_options ssldyn_flow_ode_options(const struct ssldyn_problem *problem)
{
    const double atol = problem->atol;
    /* norms that only decay are resolved relatively, however small they are */
    const double least = ssldyn_losses_of(&problem->parameters)->normalized
                             ? SSLDYN_MODEL_ATOL_MODES
                             : ssldyn_model_of(problem->model)->atol;
    return (struct ssldyn_ode_options){.rtol = problem->rtol,
                                       .atol = atol > 0.0 ? atol : least,
                                       .stepper = problem->stepper ? problem->stepper : "auto"};
}

enum ssldyn_status ssldyn_flow_step(struct ssldyn_ode *ode, struct ssldyn_error *err)
{
    return ssldyn_signal_pending()
               ? ssldyn_fail(err, SSLDYN_EINTERRUPTED,
                             "stopped at t = %.10g; the rows before it are kept",
                             ssldyn_ode_time(ode))
               : ssldyn_ode_step(ode, err);
}

enum ssldyn_status ssldyn_flow_advance(struct ssldyn_ode *ode, double t,
                                       ssldyn_flow_step_callback *after_step, void *context,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    ssldyn_ode_next_output(ode, t);
    while (status == SSLDYN_OK && ssldyn_ode_time(ode) < t) {
        status = ssldyn_flow_step(ode, err);
        if (status == SSLDYN_OK && after_step) {
            status = after_step(context, err);
        }
    }
    return status;
}

enum ssldyn_status ssldyn_flow_rows(const struct ssldyn_problem *problem,
                                    const struct ssldyn_sink *sink, bool quiet,
                                    ssldyn_flow_write *write, void *context,
                                    struct ssldyn_error *err)
{
    const int64_t last = problem->t_end > 0.0 ? problem->samples : 0;
    enum ssldyn_status status = SSLDYN_OK;
    struct ssldyn_progress progress;
    ssldyn_progress_begin(&progress, "flow", "rows", (double)problem->samples, quiet);
    for (int64_t k = 0; status == SSLDYN_OK && k <= last && !ssldyn_sink_settled(sink); k++) {
        status = write(context, last > 0 ? ssldyn_schedule_row_time(problem, k) : 0.0, err);
        ssldyn_progress_update(&progress, (double)k);
    }
    ssldyn_progress_end(&progress);
    return status;
}
