/* ssldyn flow: the run of any model. */
// SPDX-License-Identifier: MIT
#include "sim/flow/flow.h"

#include "sim/base/clock.h"
#include "sim/flow/flow_internal.h"
#include "sim/model/model.h"

#include <math.h>
#include <string.h>

enum ssldyn_status ssldyn_flow_run(const struct ssldyn_problem *problem, struct ssldyn_sink *sink,
                                   bool quiet, struct ssldyn_flow_report *report,
                                   struct ssldyn_error *err)
{
    const struct ssldyn_model *model = ssldyn_model_of(problem->model);
    const double started = ssldyn_clock_wall();
    memset(report, 0, sizeof *report);
    report->model = model->title;
    report->t_end = problem->t_end;
    report->stepper = problem->stepper ? problem->stepper : "auto";
    report->eta_s = problem->parameters.rates.eta_s;
    report->eta_fold = (double)NAN;
    report->diverged_at = (double)NAN;
    report->margin_per_norm2_wp = (double)NAN;
    report->closure_error[0] = report->closure_error[1] = (double)NAN;
    ssldyn_flow_report_units(problem, report);
    enum ssldyn_status status =
        model->modes ? ssldyn_flow_modes(problem, sink, quiet, report, err)
                     : ssldyn_flow_matrix(problem, NULL, sink, quiet, false, NULL, report, err);
    if (status == SSLDYN_EFAILED && report->rows == 0) { /* it failed at the start: the input is
                                                          * at fault */
        status = SSLDYN_EINPUT;
    }
    report->interrupted = status == SSLDYN_EINTERRUPTED;
    report->wall = ssldyn_clock_wall() - started;
    return status;
}
