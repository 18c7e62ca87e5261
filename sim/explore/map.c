/* /api/map and /api/table: the fates of a sweep over one or two settings. */
// SPDX-License-Identifier: MIT
#include "sim/explore/answers.h"

#include "sim/base/decimal.h"
#include "sim/base/error.h"
#include "sim/explore/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = SSLDYN_GRID_NAMES, COLUMNS = 8, COLUMNS_MOST = 64, FATES = 4, NOT_COMPUTED = 255 };

/* ---- the map */

/* The further columns that a map may have. */
static const char *const outcomes[] = {"p_end",    "s_end", "tau_end", "t_end", "t_decided",
                                       "t_escape", "k_min", "margin",  "rank"};

/* Splits "t_decided,margin"; false: one is unknown, or there are too many. */
static bool split_columns(const char *list, const char *names[COLUMNS], size_t *count)
{
    *count = 0;
    while (list && *list != '\0') {
        const size_t length = strcspn(list, ",");
        const char *found = NULL;
        for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
            if (strlen(outcomes[i]) == length && strncmp(outcomes[i], list, length) == 0) {
                found = outcomes[i];
            }
        }
        for (size_t i = 0; found && i < *count; i++) {
            found = names[i] == found ? NULL : found;
        }
        if (!found || *count == COLUMNS) {
            return false;
        }
        names[(*count)++] = found;
        list += length + (list[length] == ',' ? 1 : 0);
    }
    return true;
}

static bool put_axis_values(const struct ssldyn_result *result,
                            const struct ssldyn_query_axis *axis, struct ssldyn_explore_bytes *body)
{
    char name[NAMES];
    const double none = 0.0;
    const double *values = axis->option ? ssldyn_grid_axis(result, axis, name) : &none;
    if (values) {
        ssldyn_bytes_put_doubles(body, axis->count, values);
    }
    return values != NULL;
}

/* The head, 64 bytes. counts: of the four fates, then of all points. */
static void put_head(const struct ssldyn_grid *grid, size_t columns, const size_t counts[FATES + 1],
                     double seconds, struct ssldyn_explore_bytes *body)
{
    ssldyn_bytes_put(body, "ssdm", 4);
    ssldyn_bytes_put_u32(body, 1);
    ssldyn_bytes_put_u32(body, grid->x.count);
    ssldyn_bytes_put_u32(body, grid->y.count);
    ssldyn_bytes_put_u32(body, columns);
    ssldyn_bytes_put_u32(body, counts[FATES]);
    for (size_t i = 0; i < FATES; i++) {
        ssldyn_bytes_put_u32(body, counts[i]);
    }
    ssldyn_bytes_put_doubles(body, 1, &seconds);
    (void)ssldyn_bytes_put_space(body, 16);
}

/* A fate as one byte. */
static unsigned char byte_of(double fate)
{
    return fate >= 0.0 && fate < FATES ? (unsigned char)fate : NOT_COMPUTED;
}

static void put_map(const struct ssldyn_asked *asked, const struct ssldyn_grid *grid,
                    const struct ssldyn_result *result, size_t count,
                    const char *const names[COLUMNS])
{
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    const size_t cells = grid->x.count * grid->y.count;
    const double *fates = ssldyn_grid_column(result, "fate", cells);
    size_t counts[FATES + 1] = {0};
    for (size_t i = 0; fates && i < cells; i++) {
        const unsigned char fate = byte_of(fates[i]);
        if (fate != NOT_COMPUTED) {
            counts[fate]++;
            counts[FATES]++;
        }
    }
    put_head(grid, count, counts, asked->task->seconds, body);
    bool fine =
        fates && put_axis_values(result, &grid->x, body) && put_axis_values(result, &grid->y, body);
    for (size_t i = 0; fine && i < count; i++) {
        const double *column = ssldyn_grid_column(result, names[i], cells);
        fine = column != NULL;
        if (column) {
            ssldyn_bytes_put_doubles(body, cells, column);
        }
    }
    unsigned char *to = fine ? ssldyn_bytes_put_space(body, cells) : NULL;
    for (size_t i = 0; to && i < cells; i++) {
        to[i] = byte_of(fates[i]);
    }
    asked->answer->type = "application/octet-stream";
    if (!fine) {
        ssldyn_call_refuse(asked->answer, 500, "the sweep lacks the columns of a map");
    }
}

void ssldyn_explore_map(const struct ssldyn_asked *asked)
{
    struct ssldyn_grid grid;
    const char *names[COLUMNS];
    size_t count = 0;
    char columns[NAMES] = "fate";
    if (!ssldyn_grid_take(asked, SSLDYN_CALL_CELLS, &grid)) {
        return;
    }
    if (!split_columns(ssldyn_call_value(asked->call, "columns"), names, &count)) {
        ssldyn_call_refuse(asked->answer, 400,
                           "columns: must be some of p_end, s_end, tau_end, t_end, t_decided, "
                           "t_escape, k_min, margin, rank, each at most once");
        return;
    }
    if (grid.x.count * grid.y.count * (count + 1) > SSLDYN_CALL_NUMBERS) {
        ssldyn_call_refuse(asked->answer, 413,
                           "nx ny: the columns may have at most %d numbers in total",
                           SSLDYN_CALL_NUMBERS);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t used = strlen(columns);
        (void)snprintf(columns + used, sizeof columns - used, ",%s", names[i]);
    }
    /* what is certain with the fates needs no run to the end */
    const bool early = count == 0 || (count == 1 && strcmp(names[0], "rank") == 0);
    struct ssldyn_request *request = ssldyn_grid_request(asked, &grid, columns, early, false);
    bool part = false;
    struct ssldyn_result *result = request ? ssldyn_explore_result(asked, request, &part) : NULL;
    if (result) {
        put_map(asked, &grid, result, count, names);
    }
    ssldyn_result_free(result);
}

/* ---- the table */

static void put_cell(struct ssldyn_explore_bytes *body, double value, char after)
{
    ssldyn_bytes_put_string(body, isnan(value) ? "nan" : SSLDYN_DECIMAL(value));
    ssldyn_bytes_put(body, &after, 1);
}

/* The columns of a table: all outcomes. */
static size_t table_columns(const struct ssldyn_result *result, size_t cells,
                            const char *names[COLUMNS_MOST], const double *columns[COLUMNS_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < ssldyn_result_array_count(result) && count < COLUMNS_MOST; i++) {
        const char *name = ssldyn_result_array_name(result, i);
        columns[count] =
            strncmp(name, "axis_", 5) == 0 ? NULL : ssldyn_grid_column(result, name, cells);
        if (columns[count]) {
            names[count++] = name;
        }
    }
    return count;
}

static void put_table_head(const char *x, const char *y, size_t count, const char *const names[],
                           struct ssldyn_explore_bytes *body)
{
    ssldyn_bytes_put_string(body, "# ssldyn sweep 1\n# fate: 0 collapsed, 1 survives, 2 diverged, "
                                  "3 undecided at t_end\n");
    ssldyn_bytes_put_string(body, x);
    if (y[0] != '\0') {
        ssldyn_bytes_put_string(body, "\t");
        ssldyn_bytes_put_string(body, y);
    }
    for (size_t i = 0; i < count; i++) {
        ssldyn_bytes_put_string(body, "\t");
        ssldyn_bytes_put_string(body, names[i]);
    }
    ssldyn_bytes_put_string(body, "\n");
}

static void put_table(const struct ssldyn_grid *grid, const struct ssldyn_result *result,
                      struct ssldyn_explore_bytes *body)
{
    static const char prefix[] = "axis_";
    const size_t cells = grid->x.count * grid->y.count;
    const char *names[COLUMNS_MOST];
    const double *columns[COLUMNS_MOST];
    char name_x[NAMES];
    char name_y[NAMES] = "axis_";
    const size_t count = table_columns(result, cells, names, columns);
    const double *x = ssldyn_grid_axis(result, &grid->x, name_x);
    const double *y = grid->flat ? x : ssldyn_grid_axis(result, &grid->y, name_y);
    if (!x || !y || count == 0) {
        return;
    }
    put_table_head(name_x + sizeof prefix - 1, name_y + sizeof prefix - 1, count, names, body);
    for (size_t i = 0; i < cells; i++) {
        put_cell(body, x[i / grid->y.count], '\t');
        if (!grid->flat) {
            put_cell(body, y[i % grid->y.count], '\t');
        }
        for (size_t k = 0; k < count; k++) {
            put_cell(body, columns[k][i], k + 1 < count ? '\t' : '\n');
        }
    }
}

void ssldyn_explore_table(const struct ssldyn_asked *asked)
{
    struct ssldyn_grid grid;
    if (!ssldyn_grid_take(asked, SSLDYN_CALL_TABLE, &grid)) {
        return;
    }
    struct ssldyn_request *request = ssldyn_grid_request(asked, &grid, NULL, false, true);
    struct ssldyn_result *result = request ? ssldyn_explore_result(asked, request, NULL) : NULL;
    if (result) {
        put_table(&grid, result, &asked->answer->body);
        asked->answer->type = "text/tab-separated-values; charset=utf-8";
    }
    ssldyn_result_free(result);
}
