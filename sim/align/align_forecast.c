/* The forecast next to the snapshots that followed (align_forecast.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_forecast.h"

#include "sim/align/align_table.h"
#include "sim/align/verdict_parts.h"
#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/flow/flow_ode.h"
#include "sim/flow/matrix_flow.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double forecast_rtol = 1e-9;

struct ssldyn_align_forecast {
    const struct ssldyn_align_request *request;
    const struct ssldyn_align_sizes *sizes;
    struct ssldyn_problem problem;      /* the flow M1 that starts at the snapshot */
    struct ssldyn_moments_basis *basis; /* of the problem, if it has one */
    struct ssldyn_matrix_flow flow;     /* without an observer before that snapshot */
    struct ssldyn_align_table table;    /* prediction.tsv */
    double *row;
    double *start; /* n2: s at the start */
    struct ssldyn_forecast_report report;
};

static void write_head(FILE *stream, size_t modes)
{
    fputs("# ssldyn prediction 1\n"
          "# forecast by the population flow (M1), starting from the snapshot of the first row\n"
          "# t: time of the snapshot\n"
          "# residual: |s - s_predicted|/|s| over all modes\n"
          "# s_j, p_j: observed; sp_j, pp_j: predicted\n"
          "t\tresidual",
          stream);
    for (size_t j = 1; j <= modes; j++)
        fprintf(stream, "\ts_%zu\tp_%zu\tsp_%zu\tpp_%zu", j, j, j, j);
    fputc('\n', stream);
}

enum ssldyn_status ssldyn_align_forecast_open(const struct ssldyn_align_request *request,
                                              const struct ssldyn_align_sizes *sizes,
                                              struct ssldyn_align_forecast **forecast,
                                              struct ssldyn_error *err)
{
    *forecast = NULL;
    if (request->predict > sizes->snapshots)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict %zu: there are only %zu snapshots",
                           request->predict, sizes->snapshots);
    if (sizes->layered)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--predict: supports one layer; the run has several, and its W.npy is their product");
    if (sizes->moments != NULL && !sizes->loss_known)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: needs --xprime as well as --x");
    if (sizes->n1 == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--predict: needs the weights W (--w) and the target (--wa, or --no-ema "
                           "or --tau): F and Wp alone do not determine the flow");
    struct ssldyn_align_forecast *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->request = request;
    fresh->sizes = sizes;
    fresh->report = (struct ssldyn_forecast_report){.from = request->predict,
                                                    .t = (double)NAN,
                                                    .t_last = (double)NAN,
                                                    .last = (double)NAN,
                                                    .t_largest = (double)NAN,
                                                    .largest = (double)NAN,
                                                    .unchanged = (double)NAN,
                                                    .time_unit = request->time_unit};
    enum ssldyn_status status = SSLDYN_OK;
    fresh->row =
        ssldyn_memory_array(ssldyn_layout_width(&ssldyn_layout_matrix, sizes->n2), sizeof(double));
    fresh->start = ssldyn_memory_array(sizes->n2, sizeof(double));
    if (fresh->row == NULL || fresh->start == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK)
        status = ssldyn_align_table_open(request, "prediction.tsv", &fresh->table, err);
    if (status != SSLDYN_OK) {
        ssldyn_align_forecast_abandon(fresh);
        return status;
    }
    if (fresh->table.stream != NULL)
        write_head(fresh->table.stream, sizes->n2);
    *forecast = fresh;
    return SSLDYN_OK;
}

/* Flow time: t of the snapshots times --time-unit. */
static double flow_time(const struct ssldyn_align_forecast *forecast, double t)
{
    return t * forecast->request->time_unit;
}

/* Transforms X and X + X' to a basis in which products are cheapest. */
static enum ssldyn_status make_basis(struct ssldyn_align_forecast *forecast,
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

/* Starts from the first snapshot, in the coordinates of the moments, which are assumed isotropic
 * if unknown. */
static enum ssldyn_status begin(struct ssldyn_align_forecast *forecast,
                                const struct ssldyn_snapshot *snapshot, struct ssldyn_error *err)
{
    const struct ssldyn_align_sizes *sizes = forecast->sizes;
    const struct ssldyn_parameters *given = forecast->request->parameters;
    const struct ssldyn_parameters *parameters = sizes->parameters ? sizes->parameters : given;
    const struct ssldyn_moments *moments = sizes->moments;
    const size_t n1 = sizes->n1;
    const size_t n2 = sizes->n2;
    const double t = flow_time(forecast, snapshot->t);
    enum ssldyn_status status = SSLDYN_OK;
    if (parameters == NULL)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--predict: needs the rates of the run (its spec.conf, or --eta, --beta, ...)");
    if (snapshot->W == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: needs the weights W");
    if (snapshot->Wp == NULL && parameters->predictor)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: needs the predictor Wp");
    if (snapshot->Wa == NULL && !parameters->tau_held)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--predict: needs the target Wa (or --no-ema, --tau)");
    forecast->problem = (struct ssldyn_problem){.model = SSLDYN_MODEL_POPULATION,
                                                .parameters = *parameters,
                                                .n1 = (int64_t)n1,
                                                .n2 = (int64_t)n2,
                                                .init_wa = SSLDYN_TARGET_FILE,
                                                .start = {.Wp = {n2, n2, snapshot->Wp, "Wp"},
                                                          .W = {n2, n1, snapshot->W, "W"},
                                                          .Wa = {n2, n1, snapshot->Wa, "Wa"}},
                                                .rtol = forecast_rtol,
                                                .atol = 1e-3 * forecast_rtol};
    if (moments != NULL && moments->kind == SSLDYN_MOMENTS_FULL) {
        status = make_basis(forecast, moments, err);
        forecast->problem.basis = forecast->basis;
    } else {
        forecast->problem.parameters.rates.c = moments != NULL ? moments->c
                                               : given != NULL ? given->rates.c
                                                               : 1.0;
    }
    if (status == SSLDYN_OK)
        status = ssldyn_matrix_flow_create(&forecast->problem, NULL, &forecast->flow, err);
    return status == SSLDYN_OK ? ssldyn_matrix_flow_start(&forecast->flow, t, t, err) : status;
}

static enum ssldyn_status look_at_step(void *context, struct ssldyn_error *err)
{
    return ssldyn_matrix_system_status(context, err);
}

/* Integrates the flow to t and observes it into forecast->row. */
static enum ssldyn_status advance(struct ssldyn_align_forecast *forecast, double t,
                                  struct ssldyn_error *err)
{
    struct ssldyn_matrix_flow *flow = &forecast->flow;
    struct ssldyn_matrix_sight sight;
    enum ssldyn_status status = SSLDYN_OK;
    if (!(t >= flow->t))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--predict: snapshots must go forward in time, but t = %g follows %g", t,
                           flow->t);
    ssldyn_ode_interpolate(flow->ode, flow->t, flow->y);
    if (t > flow->t) {
        status = ssldyn_ode_start(flow->ode, flow->t, flow->y, t, err);
        if (status == SSLDYN_OK)
            status = ssldyn_flow_advance(flow->ode, t, look_at_step, flow->system, err);
        ssldyn_ode_interpolate(flow->ode, t, flow->y);
    }
    return status == SSLDYN_OK ? ssldyn_matrix_flow_row(flow, t, &sight, forecast->row, err)
                               : status;
}

/* |s - s'|/|s| over n eigenvalues, each with its own stride: the relative error of a forecast
 * s'. */
static double residual_of(size_t n, const double s[], size_t stride, const double forecast[],
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

/* Adds a snapshot after the start to the report. */
static void note(struct ssldyn_align_forecast *forecast, double t, double residual,
                 const double seen[])
{
    struct ssldyn_forecast_report *report = &forecast->report;
    report->later++;
    report->t_last = t;
    report->last = residual;
    report->unchanged =
        residual_of(forecast->sizes->n2, seen, SSLDYN_MATRIX_PER_MODE, forecast->start, 1);
    if (!(residual <= report->largest)) {
        report->largest = residual;
        report->t_largest = t;
    }
}

enum ssldyn_status ssldyn_align_forecast_next(struct ssldyn_align_forecast *forecast, size_t index,
                                              const struct ssldyn_snapshot *snapshot,
                                              const double row[], struct ssldyn_error *err)
{
    const size_t n = forecast->sizes->n2;
    enum ssldyn_status status = SSLDYN_OK;
    if (index + 1 < forecast->request->predict)
        return SSLDYN_OK;
    const size_t stride = SSLDYN_MATRIX_PER_MODE;
    const size_t s = ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, 0);
    const size_t p = ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_P, 0);
    const double *predicted = forecast->row;
    const bool first = forecast->flow.observer == NULL;
    if (first)
        status = begin(forecast, snapshot, err);
    if (status == SSLDYN_OK)
        status = advance(forecast, flow_time(forecast, snapshot->t), err);
    if (status != SSLDYN_OK)
        return status;
    for (size_t j = 0; j < n && first; j++)
        forecast->start[j] = row[s + j * stride];
    const double residual = residual_of(n, row + s, stride, predicted + s, stride);
    if (first)
        forecast->report.t = snapshot->t;
    else
        note(forecast, snapshot->t, residual, row + s);
    FILE *stream = forecast->table.stream;
    if (stream == NULL)
        return SSLDYN_OK;
    fprintf(stream, "%s\t%s", SSLDYN_DECIMAL(snapshot->t), SSLDYN_DECIMAL(residual));
    for (size_t j = 0; j < n; j++)
        fprintf(stream, "\t%s\t%s\t%s\t%s", SSLDYN_DECIMAL(row[s + j * stride]),
                SSLDYN_DECIMAL(row[p + j * stride]), SSLDYN_DECIMAL(predicted[s + j * stride]),
                SSLDYN_DECIMAL(predicted[p + j * stride]));
    fputc('\n', stream);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_align_forecast_close(struct ssldyn_align_forecast *forecast,
                                               struct ssldyn_forecast_report *report,
                                               struct ssldyn_error *err)
{
    *report = forecast->report;
    const enum ssldyn_status status = ssldyn_align_table_close(&forecast->table, err);
    ssldyn_align_forecast_abandon(forecast);
    return status;
}

void ssldyn_align_forecast_append(const struct ssldyn_forecast_report *report,
                                  struct ssldyn_verdict *verdict)
{
    if (report->from == 0)
        return;
    ssldyn_verdict_append(verdict, " Forecast from snapshot %zu (t = %g)", report->from, report->t);
    if (report->time_unit != 1.0)
        ssldyn_verdict_append(verdict, ", at %g units of flow time per unit of t",
                              report->time_unit);
    if (report->later == 0) {
        ssldyn_verdict_append(verdict, ": no snapshot follows it.");
        return;
    }
    ssldyn_verdict_append(verdict,
                          ": at t = %g the relative error of the predicted s is %.3g %% (if "
                          "nothing had changed: %.3g %%)",
                          report->t_last, 100.0 * report->last, 100.0 * report->unchanged);
    if (report->later > 1)
        ssldyn_verdict_append(verdict, "; the largest error is %.3g %%, at t = %g",
                              100.0 * report->largest, report->t_largest);
    ssldyn_verdict_append(verdict, ".");
}

void ssldyn_align_forecast_abandon(struct ssldyn_align_forecast *forecast)
{
    if (forecast == NULL)
        return;
    ssldyn_align_table_abandon(&forecast->table);
    ssldyn_matrix_flow_clear(&forecast->flow);
    ssldyn_moments_basis_free(forecast->basis);
    free(forecast->row);
    free(forecast->start);
    free(forecast);
}
