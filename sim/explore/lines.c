/* /api/lines: theory's lines in the plane of a map. */
// SPDX-License-Identifier: MIT
#include "sim/explore/answers.h"

#include "sim/base/error.h"
#include "sim/base/parse.h"
#include "sim/explore/grid.h"
#include "sim/options/option.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name, *label;
} labels[] = {
    {"fold", "fold: beyond it nothing survives"},
    {"edge", "edge of the basin of collapse for this start"},
    {"ema", "with this EMA not even the largest start survives beyond it"},
    {"alignment", "border of K > 0: beyond it predictor and correlation may misalign"},
    {"stable", "stable fixed point"},
    {"unstable", "unstable fixed point"},
    {"zero", "collapse"},
};

static const char *label_of(const char *line)
{
    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++) {
        if (strcmp(labels[i].name, line) == 0) {
            return labels[i].label;
        }
    }
    return line;
}

static void begin_branch(const char *line, double branch, struct ssldyn_explore_bytes *body)
{
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_text(body, "name", line);
    ssldyn_bytes_json_text(body, "label", label_of(line));
    ssldyn_bytes_json_number(body, "branch", branch);
    ssldyn_bytes_json_begin(body, "points", '[');
}

static void end_branch(bool closed, struct ssldyn_explore_bytes *body)
{
    ssldyn_bytes_json_end(body, ']');
    ssldyn_bytes_json_bool(body, "closed_form", closed);
    ssldyn_bytes_json_end(body, '}');
}

/* One branch of a line: rows are branch, x, y (or p), width. */
static void put_branch(const char *line, double branch, size_t count, const double rows[][4],
                       struct ssldyn_explore_bytes *body)
{
    bool closed = true;
    begin_branch(line, branch, body);
    for (size_t i = 0; i < count; i++) {
        if (rows[i][0] == branch) {
            closed = closed && rows[i][3] == 0.0;
            ssldyn_bytes_json_numbers(body, NULL, 2, &rows[i][1]);
        }
    }
    end_branch(closed, body);
}

/* All branches, in their order. */
static void put_line(const char *line, size_t count, const double rows[][4],
                     struct ssldyn_explore_bytes *body)
{
    double most = -1.0;
    for (size_t i = 0; i < count; i++) {
        most = fmax(most, rows[i][0]);
    }
    for (int branch = 0; branch <= (int)most && branch < 64; branch++) {
        put_branch(line, branch, count, rows, body);
    }
}

static void put_lines(const struct ssldyn_result *result, struct ssldyn_explore_bytes *body)
{
    static const char prefix[] = "line_";
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_begin(body, "lines", '[');
    for (size_t i = 0; result && i < ssldyn_result_array_count(result); i++) {
        const char *name = ssldyn_result_array_name(result, i);
        size_t dimensions = 0;
        size_t shape[SSLDYN_DIMENSIONS] = {0};
        const double *rows = ssldyn_result_array(result, name, &dimensions, shape);
        if (strncmp(name, prefix, sizeof prefix - 1) == 0 && dimensions == 2 && shape[1] == 4) {
            put_line(name + sizeof prefix - 1, shape[0], (const double(*)[4])rows, body);
        }
    }
    ssldyn_bytes_json_end(body, ']');
    ssldyn_bytes_json_end(body, '}');
}

/* ---- the fold alone */

/* Settings along which theory gives the fold at once, and how: as a value, or as a factor. */
static const struct {
    const char *name, *value, *factor;
} folds[] = {
    {"eta", "eta_fold", NULL}, {"eta-s", "eta_fold", NULL}, {"sigma2", NULL, "factor_sigma2"}};
enum { FOLDS = sizeof folds / sizeof folds[0] };

/* The fold along setting k where another setting (option NULL: none) has a value; NaN: none. */
static double fold_at(const struct ssldyn_asked *asked, const struct ssldyn_grid *grid, size_t k,
                      const struct ssldyn_query_axis *other, double value)
{
    char without[2 * SSLDYN_GRID_NAMES];
    struct ssldyn_request *request = NULL;
    struct ssldyn_error err;
    (void)snprintf(without, sizeof without, "%s|%s", grid->without,
                   ssldyn_query_starts(asked->call));
    enum ssldyn_status status =
        ssldyn_query_request(asked->call, "theory", without, &request, &err);
    if (status == SSLDYN_OK && other->option) {
        status = ssldyn_request_number(request, other->option->name, value, &err);
    }
    const double unit = 1.0; /* to which a factor is applied */
    if (status == SSLDYN_OK && folds[k].factor) {
        status = ssldyn_request_number(request, folds[k].name, unit, &err);
    }
    struct ssldyn_result *result = ssldyn_explore_try(asked, status, request, &err);
    const double fold =
        result ? ssldyn_result_value(result, folds[k].value ? folds[k].value : folds[k].factor)
               : (double)NAN;
    ssldyn_result_free(result);
    return fold;
}

/* The entry of folds along an axis; FOLDS: there is none. */
static size_t fold_along(const struct ssldyn_query_axis *axis)
{
    size_t k = 0;
    while (k < FOLDS && !(axis->option && strcmp(axis->option->name, folds[k].name) == 0)) {
        k++;
    }
    return k;
}

/* The fold where one of the axes is along it: exact, and fast enough for every move of a hand. */
static void put_fold(const struct ssldyn_asked *asked, const struct ssldyn_grid *grid)
{
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    const size_t along_x = fold_along(&grid->x);
    const size_t along_y = fold_along(&grid->y);
    const bool up = along_y < along_x; /* along y */
    const size_t k = up ? along_y : along_x;
    const struct ssldyn_query_axis *other = up ? &grid->x : &grid->y;
    char text[SSLDYN_GRID_NAMES];
    struct ssldyn_list values;
    ssldyn_query_axis_text(other, text, sizeof text);
    (void)ssldyn_parse_list(text, &values, NULL);
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_begin(body, "lines", '[');
    if (k < FOLDS) {
        begin_branch("fold", 0.0, body);
        for (size_t i = 0; i < values.count; i++) {
            const double value = values.values[i];
            const double fold = fold_at(asked, grid, k, other, value);
            const double point[2] = {up ? value : fold, up ? fold : value};
            if (isfinite(fold)) {
                ssldyn_bytes_json_numbers(body, NULL, 2, point);
            }
        }
        end_branch(true, body);
    }
    free(values.values);
    ssldyn_bytes_json_end(body, ']');
    ssldyn_bytes_json_end(body, '}');
}

void ssldyn_explore_lines(const struct ssldyn_asked *asked)
{
    struct ssldyn_grid grid;
    struct ssldyn_error err;
    if (!ssldyn_grid_take(asked, SSLDYN_CALL_TABLE, &grid)) {
        return;
    }
    const char *closed = ssldyn_call_value(asked->call, "closed");
    if (closed && strcmp(closed, "true") == 0) {
        put_fold(asked, &grid);
        return;
    }
    struct ssldyn_request *request = ssldyn_grid_request(asked, &grid, "fate", true, true);
    if (!request) {
        return;
    }
    if (ssldyn_request_flag(request, "lines", true, &err) != SSLDYN_OK) {
        ssldyn_request_free(request);
        ssldyn_explore_refuse(asked, &err);
        return;
    }
    struct ssldyn_result *result = ssldyn_explore_result(asked, request, NULL);
    if (result) {
        put_lines(result, &asked->answer->body);
    }
    ssldyn_result_free(result);
}
