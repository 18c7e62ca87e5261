/* Numbers of a derived problem that do not go together. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/model/model.h"

#include <math.h>

static enum ssldyn_status check_target(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    char name[SSLDYN_SPEC_WHERE];
    if (!parameters->stop_grad && !(parameters->tau_held && parameters->tau == 1.0)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: needs --no-ema (or --tau 1): the gradient through the target is "
                           "known only if the target is the online network",
                           ssldyn_spec_where(spec, "no-stop-grad", name));
    }
    return SSLDYN_OK;
}

static enum ssldyn_status check_rates(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    const struct ssldyn_training *training = &spec->problem.typed.training;
    const double step = ssldyn_training_step(training);
    if (!isfinite(rates->alpha_p) || !(rates->alpha_p > 0.0) || !isfinite(rates->beta) ||
        !isfinite(rates->eta_p) || !isfinite(rates->eta_s) ||
        (!isnan(training->lr) && !(isfinite(step) && step > 0.0))) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--train-...: these settings mean alpha_p = %g, beta = %g, eta_p = %g, eta_s = %g and "
            "%g units of flow time per step, which is beyond the range of double precision",
            rates->alpha_p, rates->beta, rates->eta_p, rates->eta_s, step);
    }
    if (ssldyn_model_has(spec->problem.model, SSLDYN_HAS_TIED_S) && rates->eta_p != rates->eta_s) {
        const bool trained = !isnan(training->weight_decay);
        return ssldyn_fail(
            err, SSLDYN_EINPUT, "%s %g and %s %g: --model %s needs them equal (use modes)",
            trained ? "eta_p" : "--eta-p", rates->eta_p, trained ? "eta_s" : "--eta-s",
            rates->eta_s, ssldyn_model_of(spec->problem.model)->name);
    }
    return SSLDYN_OK;
}

static enum ssldyn_status check_times(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_problem *problem = &spec->problem;
    if (problem->typed.training_steps && !isnan(problem->typed.training.lr) &&
        !(problem->t_end <= ssldyn_option_find("t-end")->maximum)) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--train-steps %lld: these steps take %g units of flow time; at most %g is allowed",
            (long long)problem->typed.steps, problem->t_end, ssldyn_option_find("t-end")->maximum);
    }
    return SSLDYN_OK;
}

/* Rows are evenly spaced or logarithmic, and must fit on a disk. */
static enum ssldyn_status check_rows(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const double bytes_a_number = 24.0;
    const double largest = 1e11;
    if (spec->problem.log_time && !(spec->problem.t_end > 0.0 && spec->problem.samples >= 2)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--log-time: needs --t-end above 0 and at least 2 --samples");
    }
    const struct ssldyn_model *model = ssldyn_model_of(spec->problem.model);
    const double n1 = (double)spec->problem.n1;
    const double n2 = (double)spec->problem.n2;
    size_t modes = 0;
    const struct ssldyn_layout *layout = ssldyn_model_layout(&spec->problem, &modes);
    const double numbers = (double)ssldyn_layout_width(layout, modes);
    double bytes = model->modes ? 0.0 : 16.0 * n2 * n2;
    if ((model->parts & SSLDYN_HAS_WEIGHTS) != 0) {
        bytes += 16.0 * n1 * n2;
    }
    const double total = ((double)spec->problem.samples + 1.0) * (bytes + bytes_a_number * numbers);
    if (total > largest) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--samples %lld: the results would take about %.2g GB; the limit is %.0f GB, "
            "so ask for fewer rows or modes, or a smaller --n1 or --n2",
            (long long)spec->problem.samples, total / 1e9, largest / 1e9);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_spec_check_numbers(const struct ssldyn_spec *spec,
                                             struct ssldyn_error *err)
{
    enum ssldyn_status status = check_target(spec, err);
    if (status == SSLDYN_OK) {
        status = check_rates(spec, err);
    }
    if (status == SSLDYN_OK) {
        status = check_times(spec, err);
    }
    if (status == SSLDYN_OK && spec->given.command != SSLDYN_COMMAND_THEORY) {
        status = ssldyn_spec_check_depth(spec, err);
    }
    if (status == SSLDYN_OK && spec->given.command != SSLDYN_COMMAND_THEORY) {
        status = check_rows(spec, err);
    }
    return status;
}
