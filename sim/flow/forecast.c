/* Forecasts by the population flow (forecast.h). */
// SPDX-License-Identifier: MIT
#include "sim/flow/forecast.h"

#include "sim/base/memory.h"
#include "sim/flow/flow_internal.h"
#include "sim/flow/matrix_flow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ssldyn_forecast {
    struct ssldyn_problem problem;
    struct ssldyn_moments_basis *basis; /* of the problem, where it has one */
    char stepper[sizeof "auto"];
    struct ssldyn_matrix_flow flow;
};

void ssldyn_forecast_free(struct ssldyn_forecast *forecast)
{
    if (forecast == NULL)
        return;
    ssldyn_matrix_flow_clear(&forecast->flow);
    ssldyn_moments_basis_free(forecast->basis);
    free(forecast);
}

static enum ssldyn_status check_matrices(const struct ssldyn_parameters *parameters,
                                         const struct ssldyn_snapshot *snapshot,
                                         struct ssldyn_error *err)
{
    if (snapshot->W == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: needs the weights W");
    if (snapshot->Wp == NULL && parameters->predictor)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: needs the predictor Wp");
    if (snapshot->Wa == NULL && !parameters->tau_held)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--predict: needs the target Wa (or --no-ema, --tau)");
    return SSLDYN_OK;
}

/* X and X + X' into a basis where the products are cheapest. */
static enum ssldyn_status make_basis(struct ssldyn_forecast *forecast,
                                     const struct ssldyn_moments *moments, struct ssldyn_error *err)
{
    const size_t n = moments->n1;
    double *Xprime = ssldyn_memory_array(n * n, sizeof(double));
    if (Xprime == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < n * n; i++)
        Xprime[i] = moments->sum[i] - moments->X[i];
    const enum ssldyn_status status =
        ssldyn_moments_basis_create(n, moments->X, Xprime, "X", "X'", &forecast->basis, err);
    free(Xprime);
    return status;
}

/* The flow M1 that starts at the snapshot, as a problem; what the snapshot lacks is not looked at. */
static void fill_problem(struct ssldyn_forecast *forecast,
                         const struct ssldyn_parameters *parameters, size_t n1, size_t n2,
                         const struct ssldyn_snapshot *snapshot, double rtol)
{
    strcpy(forecast->stepper, "auto");
    forecast->problem = (struct ssldyn_problem){.model = SSLDYN_MODEL_POPULATION,
                                                .parameters = *parameters,
                                                .n1 = (int64_t)n1,
                                                .n2 = (int64_t)n2,
                                                .init_wa = SSLDYN_TARGET_FILE,
                                                .start = {.Wp = {n2, n2, snapshot->Wp, "Wp"},
                                                          .W = {n2, n1, snapshot->W, "W"},
                                                          .Wa = {n2, n1, snapshot->Wa, "Wa"}},
                                                .basis = forecast->basis,
                                                .rtol = rtol,
                                                .atol = 1e-3 * rtol,
                                                .stepper = forecast->stepper};
}

enum ssldyn_status ssldyn_forecast_create(const struct ssldyn_parameters *parameters,
                                          const struct ssldyn_moments *moments, size_t n1,
                                          size_t n2, const struct ssldyn_snapshot *snapshot,
                                          double rtol, struct ssldyn_forecast **forecast,
                                          struct ssldyn_error *err)
{
    *forecast = NULL;
    enum ssldyn_status status = check_matrices(parameters, snapshot, err);
    if (status != SSLDYN_OK)
        return status;
    struct ssldyn_forecast *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a forecast");
    if (moments->kind == SSLDYN_MOMENTS_FULL)
        status = make_basis(fresh, moments, err);
    if (status == SSLDYN_OK) {
        fill_problem(fresh, parameters, n1, n2, snapshot, rtol);
        if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC)
            fresh->problem.parameters.rates.c = moments->c;
        status = ssldyn_matrix_flow_create(&fresh->problem, NULL, &fresh->flow, err);
    }
    if (status == SSLDYN_OK)
        status = ssldyn_matrix_flow_start(&fresh->flow, snapshot->t, snapshot->t, err);
    if (status != SSLDYN_OK) {
        ssldyn_forecast_free(fresh);
        return status;
    }
    *forecast = fresh;
    return SSLDYN_OK;
}

static enum ssldyn_status look_at_step(void *context, struct ssldyn_error *err)
{
    return ssldyn_matrix_system_status(context, err);
}

enum ssldyn_status ssldyn_forecast_row(struct ssldyn_forecast *forecast, double t, double row[],
                                       struct ssldyn_error *err)
{
    struct ssldyn_matrix_flow *flow = &forecast->flow;
    struct ssldyn_matrix_sight sight;
    enum ssldyn_status status = SSLDYN_OK;
    if (!(t >= flow->t))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--predict: snapshots must go forward in time, but t = %g follows %g", t,
                           flow->t);
    if (t > flow->t) {
        ssldyn_ode_interpolate(flow->ode, flow->t, flow->y);
        status = ssldyn_ode_start(flow->ode, flow->t, flow->y, t, err);
        if (status == SSLDYN_OK)
            status = ssldyn_flow_advance(flow->ode, t, look_at_step, flow->system, err);
    }
    ssldyn_ode_interpolate(flow->ode, t, flow->y);
    return status == SSLDYN_OK ? ssldyn_matrix_flow_row(flow, t, &sight, row, err) : status;
}

double ssldyn_forecast_residual(size_t n, const double s[], size_t stride, const double forecast[],
                                size_t forecast_stride)
{
    double off = 0.0;
    double size = 0.0;
    for (size_t j = 0; j < n; j++) {
        const double difference = s[j * stride] - forecast[j * forecast_stride];
        off += difference * difference;
        size += s[j * stride] * s[j * stride];
    }
    return size > 0.0 ? sqrt(off / size) : (double)NAN;
}
