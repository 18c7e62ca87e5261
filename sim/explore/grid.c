/* Grids of settings. */
// SPDX-License-Identifier: MIT
#include "sim/explore/grid.h"

#include "sim/base/error.h"
#include "sim/options/name.h"
#include "sim/options/option.h"

#include <stdio.h>
#include <string.h>

static enum ssldyn_status read_grid(const struct ssldyn_asked *asked, size_t most,
                                    struct ssldyn_grid *grid, struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_query_axis(asked->call, "x", &grid->x, err);
    grid->flat = !ssldyn_call_value(asked->call, "y");
    grid->y = (struct ssldyn_query_axis){.count = 1};
    if (status == SSLDYN_OK && !grid->flat) {
        status = ssldyn_query_axis(asked->call, "y", &grid->y, err);
    }
    if (status == SSLDYN_OK && !grid->flat && grid->x.option == grid->y.option) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "x and y: must be two different settings");
    }
    if (status == SSLDYN_OK && grid->x.count * grid->y.count > most) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "nx ny: the map may have at most %zu cells", most);
    }
    if (status == SSLDYN_OK) {
        (void)snprintf(grid->without, sizeof grid->without, "%s|%s", grid->x.option->name,
                       grid->flat ? grid->x.option->name : grid->y.option->name);
    }
    return status;
}

static enum ssldyn_status put_axis(struct ssldyn_request *request,
                                   const struct ssldyn_query_axis *axis, struct ssldyn_error *err)
{
    char name[SSLDYN_GRID_NAMES];
    char text[SSLDYN_GRID_NAMES];
    (void)snprintf(name, sizeof name, "axis.%s", axis->option->name);
    ssldyn_query_axis_text(axis, text, sizeof text);
    return ssldyn_request_text(request, name, text, err);
}

/* Whether some point may be without noise and with a held target, where water-filling certifies in
 * the course of a run what it cannot at the start. */
static bool fills_later(const struct ssldyn_call *call, const struct ssldyn_grid *grid)
{
    const char *sigma2 = ssldyn_query_setting(call, "sigma2");
    const bool held = ssldyn_query_holds_target(call) || ssldyn_name_in("tau", grid->without);
    return held && (ssldyn_name_in("sigma2", grid->without) ||
                    ssldyn_query_setting(call, "one-sided-noise") ||
                    (sigma2 && strspn(sigma2, "0.") == strlen(sigma2)));
}

/* Under the cosine the start of a trained predictor decides: with noise or a moving target, what is
 * certain is certain at t = 0, and the rest stays open however long the runs are. */
static bool start_decides(const struct ssldyn_call *call, const struct ssldyn_grid *grid)
{
    const char *loss = ssldyn_call_value(call, "loss");
    const char *rule = ssldyn_call_value(call, "predictor");
    const char *depth = ssldyn_call_value(call, "depth");
    return loss && strcmp(loss, "cosine") == 0 && (!rule || strcmp(rule, "gradient") == 0) &&
           (!depth || strcmp(depth, "1") == 0) && !ssldyn_query_setting(call, "train-steps") &&
           !fills_later(call, grid);
}

struct ssldyn_request *ssldyn_grid_request(const struct ssldyn_asked *asked,
                                           const struct ssldyn_grid *grid, const char *columns,
                                           bool early_stop, bool upright)
{
    const struct ssldyn_query_axis *axes[2] = {upright ? &grid->x : &grid->y,
                                               upright ? &grid->y : &grid->x};
    struct ssldyn_request *request = NULL;
    struct ssldyn_error err;
    enum ssldyn_status status =
        ssldyn_query_request(asked->call, "sweep", grid->without, &request, &err);
    for (size_t i = 0; status == SSLDYN_OK && i < 2; i++) {
        status = axes[i]->option ? put_axis(request, axes[i], &err) : SSLDYN_OK;
    }
    if (status == SSLDYN_OK && columns) {
        status = ssldyn_request_text(request, "columns", columns, &err);
    }
    if (status == SSLDYN_OK && early_stop) {
        status = ssldyn_request_flag(request, "early_stop", true, &err);
    }
    const bool moves_end = ssldyn_name_in("t-end", grid->without);
    if (status == SSLDYN_OK && early_stop && !moves_end && start_decides(asked->call, grid)) {
        status = ssldyn_request_number(request, "t_end", 0.0, &err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_request_number(request, "threads", asked->explore->start.threads, &err);
    }
    if (status == SSLDYN_OK) {
        return request;
    }
    ssldyn_request_free(request);
    ssldyn_explore_refuse(asked, &err);
    return NULL;
}

bool ssldyn_grid_take(const struct ssldyn_asked *asked, size_t most, struct ssldyn_grid *grid)
{
    struct ssldyn_error err;
    if (read_grid(asked, most, grid, &err) == SSLDYN_OK) {
        return true;
    }
    const bool large = strncmp(err.message, "nx ny", 5) == 0;
    ssldyn_call_refuse(asked->answer, large ? 413 : 400, "%s", err.message);
    return false;
}

const double *ssldyn_grid_column(const struct ssldyn_result *result, const char *name, size_t cells)
{
    size_t dimensions = 0;
    size_t shape[SSLDYN_DIMENSIONS];
    const double *array = ssldyn_result_array(result, name, &dimensions, shape);
    size_t count = 1;
    for (size_t i = 0; i < dimensions; i++) {
        count *= shape[i];
    }
    return array && dimensions > 0 && count == cells ? array : NULL;
}

const double *ssldyn_grid_axis(const struct ssldyn_result *result,
                               const struct ssldyn_query_axis *axis, char name[SSLDYN_GRID_NAMES])
{
    char key[SSLDYN_GRID_NAMES - sizeof "axis_"];
    (void)snprintf(name, SSLDYN_GRID_NAMES, "axis_%s",
                   ssldyn_name_key(axis->option->name, key, sizeof key));
    return ssldyn_grid_column(result, name, axis->count);
}
