/* Shared by the per-mode models: the charts of tau, the columns of a mode, verdicts. */
// SPDX-License-Identifier: MIT
#include "sim/model/mode.h"

#include "sim/observe/layout_modes.h"
#include "theory/rules.h"

#include <math.h>
#include <string.h>

// NOLINTNEXTLINE(readability-non-const-parameter): others change y
bool ssldyn_mode_stays(struct ssldyn_mode_variables *variables, const double now[], double y[])
{
    (void)variables;
    (void)now;
    (void)y;
    return false;
}

void ssldyn_mode_start_tau(struct ssldyn_mode_variables *variables, double tau, size_t at,
                           double y[])
{
    const bool large = fabs(tau) > SSLDYN_MODE_TAU_LARGE;
    variables->chart = large ? SSLDYN_CHART_RATIO : SSLDYN_CHART_TAU;
    y[at] = large ? 1.0 / tau : tau;
}

bool ssldyn_mode_change_chart(struct ssldyn_mode_variables *variables, const double now[],
                              double y[])
{
    const size_t last = variables->n - 1;
    if (variables->parameters.tau_held) {
        return false;
    }
    if (variables->chart == SSLDYN_CHART_TAU && fabs(now[last]) > SSLDYN_MODE_TAU_LARGE) {
        variables->chart = SSLDYN_CHART_RATIO;
    } else if (variables->chart == SSLDYN_CHART_RATIO &&
               fabs(now[last]) > 1.0 / SSLDYN_MODE_TAU_SMALL) {
        variables->chart = SSLDYN_CHART_TAU;
    } else {
        return false;
    }
    memcpy(y, now, last * sizeof *y);
    y[last] = 1.0 / now[last];
    return true;
}

/* K_j; NaN except for X = I, a trained predictor and the squared distance, as in Thm 3. */
static double alignment_rate(const struct ssldyn_parameters *parameters,
                             const struct ssldyn_rates *rates,
                             const struct ssldyn_mode_state *state)
{
    /* tau overflows only in a tail, where tau p in K is negligible */
    const double tau = isinf(state->tau) ? 0.0 : state->tau;
    const bool defined = parameters->lambda_d == 1.0 && ssldyn_rules_trained(parameters) &&
                         ssldyn_losses_of(parameters)->linear;
    return defined ? ssldyn_modes_alignment_rate(rates, state->p, state->s, tau) : (double)NAN;
}

#define VALUE(NAME, name, meaning, value) value,

void ssldyn_mode_fill(const struct ssldyn_parameters *parameters,
                      const struct ssldyn_mode_state *state, double values[])
{
    struct ssldyn_rates with_c = parameters->rates;
    const struct ssldyn_rates *rates = &with_c;
    with_c.c = parameters->lambda_s;
    const double all[] = {SSLDYN_MODES_COLUMNS(VALUE)};
    memcpy(values, all, sizeof all);
}

void ssldyn_mode_fill_networks(const struct ssldyn_parameters *parameters,
                               const struct ssldyn_mode_state *state, double values[])
{
    struct ssldyn_rates with_c = parameters->rates;
    const struct ssldyn_rates *rates = &with_c;
    with_c.c = parameters->lambda_s;
    const double all[] = {SSLDYN_MODES_COLUMNS(VALUE) SSLDYN_MODES_NETWORK_COLUMNS(VALUE)};
    memcpy(values, all, sizeof all);
}

void ssldyn_mode_fill_deep(const struct ssldyn_parameters *parameters,
                           const struct ssldyn_mode_state *state, double values[])
{
    const struct ssldyn_rates *rates = &parameters->rates;
    const double all[] = {SSLDYN_MODES_DEEP_COLUMNS(VALUE)};
    memcpy(values, all, sizeof all);
}
#undef VALUE

void ssldyn_mode_certify_none(struct ssldyn_certificate *certificate,
                              const struct ssldyn_parameters *parameters)
{
    (void)parameters;
    *certificate = (struct ssldyn_certificate){.kind = SSLDYN_CERTIFICATE_NONE,
                                               .why = "no criterion is proved for this model"};
}

double ssldyn_mode_unknown(const struct ssldyn_parameters *parameters)
{
    (void)parameters;
    return (double)NAN;
}
