/* Forecasts by the population flow (forecast.h). */
// SPDX-License-Identifier: MIT
#include "sim/flow/forecast.h"

#include "sim/base/memory.h"
#include "sim/flow/matrix_system.h"
#include "sim/linalg/linalg.h"
#include "sim/ode/ode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ssldyn_forecast {
    struct ssldyn_problem problem;
    struct ssldyn_start start;
    struct ssldyn_moments_basis *basis; /* of start, where it has one */
    struct ssldyn_matrix_system *system;
    struct ssldyn_ode *ode;
    struct ssldyn_observer *observer;
    double *state;
    double t;
};

void ssldyn_forecast_free(struct ssldyn_forecast *forecast)
{
    if (forecast == NULL)
        return;
    ssldyn_observer_free(forecast->observer);
    ssldyn_ode_free(forecast->ode);
    ssldyn_matrix_system_free(forecast->system);
    ssldyn_start_clear(&forecast->start);
    ssldyn_moments_basis_free(forecast->basis);
    free(forecast->state);
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
static enum ssldyn_status fill_moments(struct ssldyn_forecast *forecast,
                                       const struct ssldyn_moments *moments,
                                       struct ssldyn_error *err)
{
    struct ssldyn_start *start = &forecast->start;
    start->moments = *moments;
    if (moments->kind != SSLDYN_MOMENTS_FULL)
        return SSLDYN_OK;
    const size_t n = moments->n1;
    double *Xprime = ssldyn_memory_array(n * n, sizeof(double));
    if (Xprime == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < n * n; i++)
        Xprime[i] = moments->sum[i] - moments->X[i];
    const enum ssldyn_status status =
        ssldyn_moments_basis_create(n, moments->X, Xprime, "X", "X'", &forecast->basis, err);
    free(Xprime);
    if (status == SSLDYN_OK) {
        start->basis = forecast->basis;
        start->moments = start->basis->moments;
    }
    return status;
}

/* A copy of W (n2 x n1), turned into the data basis. */
static double *turned(const struct ssldyn_start *start, const double W[])
{
    double *copy = ssldyn_memory_array(start->n2, start->n1 * sizeof(double));
    if (copy != NULL && start->basis != NULL)
        ssldyn_dense_multiply(start->n2, start->n1, start->n1, W, start->basis->Q, copy);
    else if (copy != NULL)
        memcpy(copy, W, start->n1 * start->n2 * sizeof(double));
    return copy;
}

static enum ssldyn_status fill_start(struct ssldyn_forecast *forecast,
                                     const struct ssldyn_snapshot *snapshot,
                                     struct ssldyn_error *err)
{
    struct ssldyn_start *start = &forecast->start;
    const size_t n2 = start->n2;
    start->Wp = ssldyn_memory_array(n2, n2 * sizeof(double));
    start->W = turned(start, snapshot->W);
    if (snapshot->Wa != NULL)
        start->Wa = turned(start, snapshot->Wa);
    if (start->Wp == NULL || start->W == NULL || (snapshot->Wa != NULL && start->Wa == NULL))
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a forecast");
    for (size_t i = 0; i < n2 * n2; i++) {
        if (snapshot->Wp == NULL)
            start->Wp[i] = i % (n2 + 1) == 0 ? 1.0 : 0.0;
        else if (forecast->problem.parameters.symmetric)
            start->Wp[i] = 0.5 * (snapshot->Wp[i] + snapshot->Wp[i % n2 * n2 + i / n2]);
        else
            start->Wp[i] = snapshot->Wp[i];
    }
    return SSLDYN_OK;
}

static enum ssldyn_status make_solver(struct ssldyn_forecast *forecast, double rtol,
                                      struct ssldyn_error *err)
{
    const struct ssldyn_start *start = &forecast->start;
    enum ssldyn_status status =
        ssldyn_matrix_system_create(&forecast->problem, start, &forecast->system, err);
    if (status != SSLDYN_OK)
        return status;
    const size_t size = ssldyn_matrix_system_size(forecast->system);
    forecast->state = ssldyn_memory_array(size, sizeof(double));
    if (forecast->state == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a forecast");
    ssldyn_matrix_system_start(forecast->system, forecast->state);
    const struct ssldyn_ode_system system = ssldyn_matrix_system_ode(forecast->system);
    const struct ssldyn_ode_options options = {
        .rtol = rtol, .atol = 1e-3 * rtol, .stepper = "auto"};
    status = ssldyn_ode_create(&system, &options, &forecast->ode, err);
    if (status == SSLDYN_OK)
        status = ssldyn_observer_create(start->n1, start->n2, &forecast->problem.parameters,
                                        &start->moments, &forecast->observer, err);
    return status;
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
    fresh->problem =
        (struct ssldyn_problem){.model = SSLDYN_MODEL_POPULATION, .parameters = *parameters};
    if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC)
        fresh->problem.parameters.rates.c = moments->c;
    fresh->start.n1 = n1;
    fresh->start.n2 = n2;
    fresh->t = snapshot->t;
    status = fill_moments(fresh, moments, err);
    if (status == SSLDYN_OK)
        status = fill_start(fresh, snapshot, err);
    if (status == SSLDYN_OK)
        status = make_solver(fresh, rtol, err);
    if (status != SSLDYN_OK) {
        ssldyn_forecast_free(fresh);
        return status;
    }
    *forecast = fresh;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_forecast_row(struct ssldyn_forecast *forecast, double t, double row[],
                                       struct ssldyn_error *err)
{
    const size_t size = ssldyn_matrix_system_size(forecast->system);
    if (!(t >= forecast->t))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--predict: snapshots must go forward in time, but t = %g follows %g", t,
                           forecast->t);
    if (t > forecast->t) {
        enum ssldyn_status status =
            ssldyn_ode_start(forecast->ode, forecast->t, forecast->state, t, err);
        while (status == SSLDYN_OK && !ssldyn_ode_done(forecast->ode)) {
            status = ssldyn_ode_step(forecast->ode, err);
            if (status == SSLDYN_OK)
                status = ssldyn_matrix_system_status(forecast->system, err);
        }
        if (status != SSLDYN_OK)
            return status;
        memcpy(forecast->state, ssldyn_ode_state(forecast->ode), size * sizeof(double));
        forecast->t = t;
    }
    struct ssldyn_snapshot snapshot;
    const enum ssldyn_status status =
        ssldyn_matrix_system_view(forecast->system, t, forecast->state, &snapshot, err);
    if (status != SSLDYN_OK)
        return status;
    return ssldyn_observer_row(forecast->observer, &snapshot, row, err);
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
