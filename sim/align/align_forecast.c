/* The table of a forecast beside what came (align_forecast.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_forecast.h"

#include "sim/base/memory.h"
#include "sim/flow/forecast.h"
#include "sim/io/file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MATRIX_SCALARS = 11, PER_MODE = 4, MODE_S = 0, MODE_P = 1 };

static const double forecast_rtol = 1e-9;

struct ssldyn_align_forecast {
    const struct ssldyn_align_request *request;
    const struct ssldyn_align_sizes *sizes;
    struct ssldyn_moments isotropic;  /* where nothing else is known */
    struct ssldyn_forecast *forecast; /* NULL before the snapshot it starts from */
    struct ssldyn_file file;          /* stream NULL: nothing is written */
    double *row;
    double last, largest;
};

static void write_head(FILE *stream, size_t modes)
{
    fputs("# ssldyn prediction 1\n# the population flow (M1) from the first row's snapshot\n"
          "# t: time of the snapshot\n# residual: |s - s_predicted|/|s| over all modes\n"
          "# s_j, p_j: observed; sp_j, pp_j: predicted\nt\tresidual",
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
    if (sizes->moments != NULL && !sizes->loss_known)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: needs --xprime beside --x");
    if (sizes->n1 == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: needs the weights W, not F alone");
    struct ssldyn_align_forecast *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->request = request;
    fresh->sizes = sizes;
    fresh->last = (double)NAN;
    fresh->isotropic = (struct ssldyn_moments){
        .kind = SSLDYN_MOMENTS_ISOTROPIC,
        .n1 = sizes->n1,
        .c = request->parameters != NULL ? request->parameters->rates.c : 1.0};
    enum ssldyn_status status = SSLDYN_OK;
    fresh->row = ssldyn_array_alloc(MATRIX_SCALARS + PER_MODE * sizes->n2, sizeof(double));
    char *path =
        request->output != NULL ? ssldyn_path_join(request->output, "prediction.tsv") : NULL;
    if (fresh->row == NULL || (request->output != NULL && path == NULL))
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK && path != NULL)
        status = ssldyn_file_open(&fresh->file, path, err);
    free(path);
    if (status != SSLDYN_OK) {
        ssldyn_align_forecast_abandon(fresh);
        return status;
    }
    if (fresh->file.stream != NULL)
        write_head(fresh->file.stream, sizes->n2);
    *forecast = fresh;
    return SSLDYN_OK;
}

/* Time in the flow's units: t of the snapshots times --time-unit. */
static double flow_time(const struct ssldyn_align_forecast *forecast, double t)
{
    return t * forecast->request->time_unit;
}

static enum ssldyn_status begin(struct ssldyn_align_forecast *forecast,
                                const struct ssldyn_snapshot *snapshot, struct ssldyn_error *err)
{
    const struct ssldyn_align_sizes *sizes = forecast->sizes;
    const struct ssldyn_parameters *parameters =
        sizes->parameters != NULL ? sizes->parameters : forecast->request->parameters;
    const struct ssldyn_moments *moments =
        sizes->moments != NULL ? sizes->moments : &forecast->isotropic;
    if (parameters == NULL)
        return ssldyn_fail(err, SSLDYN_EINPUT, "--predict: the rates of the run are not known");
    struct ssldyn_snapshot start = *snapshot;
    start.t = flow_time(forecast, snapshot->t);
    return ssldyn_forecast_create(parameters, moments, sizes->n1, sizes->n2, &start, forecast_rtol,
                                  &forecast->forecast, err);
}

enum ssldyn_status ssldyn_align_forecast_next(struct ssldyn_align_forecast *forecast, size_t index,
                                              const struct ssldyn_snapshot *snapshot,
                                              const double row[], struct ssldyn_error *err)
{
    const size_t n = forecast->sizes->n2;
    enum ssldyn_status status = SSLDYN_OK;
    if (index + 1 < forecast->request->predict)
        return SSLDYN_OK;
    if (forecast->forecast == NULL)
        status = begin(forecast, snapshot, err);
    if (status == SSLDYN_OK)
        status = ssldyn_forecast_row(forecast->forecast, flow_time(forecast, snapshot->t),
                                     forecast->row, err);
    if (status != SSLDYN_OK)
        return status;
    const double *seen = row + MATRIX_SCALARS;
    const double *told = forecast->row + MATRIX_SCALARS;
    forecast->last = ssldyn_forecast_residual(n, PER_MODE, seen, told);
    forecast->largest = fmax(forecast->largest, forecast->last);
    FILE *stream = forecast->file.stream;
    if (stream == NULL)
        return SSLDYN_OK;
    fprintf(stream, "%.17g\t%.17g", snapshot->t, forecast->last);
    for (size_t j = 0; j < n; j++)
        fprintf(stream, "\t%.17g\t%.17g\t%.17g\t%.17g", seen[j * PER_MODE + MODE_S],
                seen[j * PER_MODE + MODE_P], told[j * PER_MODE + MODE_S],
                told[j * PER_MODE + MODE_P]);
    fputc('\n', stream);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_align_forecast_close(struct ssldyn_align_forecast *forecast, double *last,
                                               double *largest, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    *last = forecast->last;
    *largest = forecast->largest;
    if (forecast->file.stream != NULL)
        status = ssldyn_file_commit(&forecast->file, err);
    ssldyn_align_forecast_abandon(forecast);
    return status;
}

void ssldyn_align_forecast_abandon(struct ssldyn_align_forecast *forecast)
{
    if (forecast == NULL)
        return;
    ssldyn_file_abandon(&forecast->file);
    ssldyn_forecast_free(forecast->forecast);
    free(forecast->row);
    free(forecast);
}
