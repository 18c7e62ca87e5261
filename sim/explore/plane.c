/* /api/plane: the phase plane (p, s) of a mode at constant tau. */
// SPDX-License-Identifier: MIT
#include "sim/explore/answers.h"

#include "sim/base/decimal.h"
#include "sim/base/error.h"
#include "sim/explore/query.h"
#include "sim/explore/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CURVE = 257, MOST = 2000 };

/* The part of the plane that is asked for. */
struct window {
    double p_from, p_to, s_from, s_to;
    size_t np, ns;
};

static const char starts[] =
    "p0|s0|tau0|wp0|w0|wa0|layers0|t-end|train-steps|rtol|samples|log-time";
static const char targets[] = "|beta|tau|no-ema|train-ema";

static enum ssldyn_status read_window(const struct ssldyn_call *call, struct window *window,
                                      struct ssldyn_error *err)
{
    const double most = 1e6;
    struct {
        const char *name;
        double *value;
    } numbers[] = {{"p_from", &window->p_from},
                   {"p_to", &window->p_to},
                   {"s_from", &window->s_from},
                   {"s_to", &window->s_to}};
    *window = (struct window){-0.2, 1.2, 0.0, 1.0, 17, 17};
    enum ssldyn_status status = SSLDYN_OK;
    for (size_t i = 0; status == SSLDYN_OK && i < 4; i++) {
        status = ssldyn_query_number(call, numbers[i].name, -most, most, numbers[i].value, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_query_count(call, "np", 2, SSLDYN_CALL_PLANE, &window->np, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_query_count(call, "ns", 2, SSLDYN_CALL_PLANE, &window->ns, err);
    }
    if (status == SSLDYN_OK && !(window->p_from < window->p_to && window->s_from < window->s_to)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "p_from, s_from: must be below p_to, s_to");
    }
    return status;
}

/* "from:to:count" */
static enum ssldyn_status put_range(struct ssldyn_request *request, const char *name, double from,
                                    double to, size_t count, struct ssldyn_error *err)
{
    char text[100];
    (void)snprintf(text, sizeof text, "%s:%s:%zu", SSLDYN_DECIMAL(from), SSLDYN_DECIMAL(to), count);
    return ssldyn_request_text(request, name, text, err);
}

/* A request of a command with these settings but the starts and, where tau is given (not NaN), the
 * target held there. */
static enum ssldyn_status begin(const struct ssldyn_asked *asked, const char *command, double tau,
                                struct ssldyn_request **request, struct ssldyn_error *err)
{
    char without[200];
    (void)snprintf(without, sizeof without, "%s%s", starts, isnan(tau) ? "" : targets);
    enum ssldyn_status status = ssldyn_query_request(asked->call, command, without, request, err);
    if (status == SSLDYN_OK && strcmp(ssldyn_query_model(asked->call), "parabola") == 0) {
        status = ssldyn_request_text(*request, "model", "modes", err);
    }
    if (status == SSLDYN_OK && !isnan(tau)) {
        status = ssldyn_request_number(*request, "tau", tau, err);
    }
    return status;
}

static struct ssldyn_result *ask_theory(const struct ssldyn_asked *asked, struct ssldyn_error *err)
{
    struct ssldyn_request *request = NULL;
    const enum ssldyn_status status = begin(asked, "theory", (double)NAN, &request, err);
    return ssldyn_explore_try(asked, status, request, err);
}

/* A table of theory: "fixedpoints", or "field" over the window, ns values of s. */
static struct ssldyn_result *ask_table(const struct ssldyn_asked *asked, const char *table,
                                       const struct window *window, struct ssldyn_error *err)
{
    struct ssldyn_request *request = NULL;
    enum ssldyn_status status = begin(asked, "theory", (double)NAN, &request, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_request_text(request, "table", table, err);
    }
    if (status == SSLDYN_OK && window) {
        status = put_range(request, "p0", window->p_from, window->p_to, window->np, err);
    }
    if (status == SSLDYN_OK && window) {
        status = put_range(request, "s0", window->s_from, window->s_to, window->ns, err);
    }
    return ssldyn_explore_try(asked, status, request, err);
}

/* ---- the parts of the answer */

/* p, s, along, across, stable */
enum { P, S, ALONG, ACROSS, STABLE, POINT };

static void put_points(const struct ssldyn_result *points, struct ssldyn_explore_bytes *body)
{
    const size_t rows = points ? ssldyn_result_row_count(points) : 0;
    const double *row = points ? ssldyn_result_rows(points) : NULL;
    ssldyn_bytes_json_begin(body, "fixed_points", '[');
    for (size_t i = 0; row && i < rows; i++, row += POINT) {
        ssldyn_bytes_json_begin(body, NULL, '{');
        ssldyn_bytes_json_number(body, "p", row[P]);
        ssldyn_bytes_json_number(body, "s", row[S]);
        ssldyn_bytes_json_number(body, "along", row[ALONG]);
        ssldyn_bytes_json_number(body, "across", row[ACROSS]);
        ssldyn_bytes_json_bool(body, "stable", row[STABLE] != 0.0);
        ssldyn_bytes_json_end(body, '}');
    }
    ssldyn_bytes_json_end(body, ']');
}

/* Every stride-th number of a column of rows of four, p s dp ds. */
static void put_column(const struct ssldyn_result *field, const char *name, size_t column,
                       size_t stride, size_t count, struct ssldyn_explore_bytes *body)
{
    const double *rows = ssldyn_result_rows(field);
    ssldyn_bytes_json_begin(body, name, '[');
    for (size_t i = 0; i < count; i++) {
        ssldyn_bytes_json_number(body, NULL, rows[4 * i * stride + column]);
    }
    ssldyn_bytes_json_end(body, ']');
}

static void put_field(const struct ssldyn_result *field, const struct window *window,
                      struct ssldyn_explore_bytes *body)
{
    const size_t count = window->np * window->ns;
    ssldyn_bytes_json_begin(body, "field", '{');
    if (field && ssldyn_result_row_count(field) == count) {
        put_column(field, "p", 0, window->ns, window->np, body);
        put_column(field, "s", 1, 1, window->ns, body);
        put_column(field, "dp", 2, 1, count, body);
        put_column(field, "ds", 3, 1, count, body);
    }
    ssldyn_bytes_json_end(body, '}');
}

/* The parts of a nullcline inside the window, one line each; of: the coordinate that is still there. */
static void put_curve(const char *of, size_t count, const double points[][2],
                      const struct window *window, struct ssldyn_explore_bytes *body)
{
    bool inside = false;
    for (size_t i = 0; i < count; i++) {
        const bool now = isfinite(points[i][0]) && isfinite(points[i][1]) &&
                         points[i][0] >= window->p_from && points[i][0] <= window->p_to &&
                         points[i][1] >= window->s_from && points[i][1] <= window->s_to;
        if (now && !inside) {
            ssldyn_bytes_json_begin(body, NULL, '{');
            ssldyn_bytes_json_text(body, "of", of);
            ssldyn_bytes_json_begin(body, "points", '[');
        }
        if (now) {
            ssldyn_bytes_json_numbers(body, NULL, 2, points[i]);
        }
        if (inside && !now) {
            ssldyn_bytes_json_end(body, ']');
            ssldyn_bytes_json_end(body, '}');
        }
        inside = now;
    }
    if (inside) {
        ssldyn_bytes_json_end(body, ']');
        ssldyn_bytes_json_end(body, '}');
    }
}

/* dp/dt is linear in s, so two values of s give where it is zero. */
static void put_still_p(const struct ssldyn_asked *asked, const struct window *window,
                        struct ssldyn_explore_bytes *body)
{
    struct ssldyn_error err;
    struct window line = *window;
    double points[CURVE][2];
    line.np = CURVE;
    line.s_from = 0.0;
    line.s_to = 1.0;
    line.ns = 2;
    struct ssldyn_result *field = ask_table(asked, "field", &line, &err);
    if (!field || ssldyn_result_row_count(field) != (size_t)2 * CURVE) {
        ssldyn_result_free(field);
        return;
    }
    const double *rows = ssldyn_result_rows(field);
    for (size_t i = 0; i < CURVE; i++, rows += 8) {
        points[i][0] = rows[0];
        points[i][1] = rows[2] / (rows[2] - rows[6]);
    }
    put_curve("p", CURVE, (const double(*)[2])points, window, body);
    ssldyn_result_free(field);
}

/* ds/dt is zero at s = 0 and at the p of the fixed points above. */
static void put_still_s(const struct ssldyn_result *points, const struct window *window,
                        struct ssldyn_explore_bytes *body)
{
    const size_t rows = points ? ssldyn_result_row_count(points) : 0;
    const double *row = points ? ssldyn_result_rows(points) : NULL;
    const double floor[2][2] = {{window->p_from, 0.0}, {window->p_to, 0.0}};
    if (rows > 0) {
        put_curve("s", 2, floor, window, body);
    }
    for (size_t i = 0; row && i < rows; i++, row += POINT) {
        const double upright[2][2] = {{row[P], window->s_from}, {row[P], window->s_to}};
        if (row[S] > 0.0) {
            put_curve("s", 2, upright, window, body);
        }
    }
}

static void put_separatrix(const struct ssldyn_asked *asked, double tau,
                           const struct window *window, struct ssldyn_explore_bytes *body)
{
    struct ssldyn_error err;
    struct ssldyn_request *request = NULL;
    const enum ssldyn_status status = begin(asked, "basin", tau, &request, &err);
    struct ssldyn_result *curve = ssldyn_explore_try(asked, status, request, &err);
    const size_t rows = curve ? ssldyn_result_row_count(curve) : 0;
    const size_t width = curve ? ssldyn_result_column_count(curve) : 0;
    const double *row = curve ? ssldyn_result_rows(curve) : NULL;
    const double wide = window->p_to - window->p_from;
    for (size_t i = 0, put = 0; row && width >= 2 && i < rows && put < MOST; i++, row += width) {
        if (row[0] >= window->p_from - wide && row[0] <= window->p_to + wide) {
            ssldyn_bytes_json_numbers(body, NULL, 2, row);
            put++;
        }
    }
    ssldyn_result_free(curve);
}

/* s = p^2/alpha_p */
static void put_parabola(double alpha_p, const struct window *window,
                         struct ssldyn_explore_bytes *body)
{
    ssldyn_bytes_json_begin(body, "parabola", '[');
    for (int i = 0; alpha_p > 0.0 && i < CURVE; i++) {
        const double share = i / (double)(CURVE - 1);
        const double p = window->p_from + share * (window->p_to - window->p_from);
        const double point[2] = {p, p * p / alpha_p};
        ssldyn_bytes_json_numbers(body, NULL, 2, point);
    }
    ssldyn_bytes_json_end(body, ']');
}

void ssldyn_explore_plane(const struct ssldyn_asked *asked)
{
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    struct window window;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    if (read_window(asked->call, &window, &err) != SSLDYN_OK) {
        ssldyn_explore_refuse(asked, &err);
        return;
    }
    const bool networks = strcmp(ssldyn_query_model(asked->call), "lowdim") == 0;
    if (networks) {
        (void)ssldyn_fail(
            &err, SSLDYN_EINPUT,
            "model lowdim: its phase space is (wp, w, wa); the plane (p, s) is that of "
            "model modes");
    }
    struct ssldyn_result *points = networks ? NULL : ask_table(asked, "fixedpoints", NULL, &err);
    struct ssldyn_result *field = points ? ask_table(asked, "field", &window, &err) : NULL;
    struct ssldyn_result *theory = field ? ask_theory(asked, &err) : NULL;
    if (ssldyn_task_state(asked->task) != SSLDYN_TASK_RUNS) {
        ssldyn_task_refuse(asked->task, err.status, &err, asked->answer);
    } else {
        const double tau = theory ? ssldyn_result_value(theory, "tau") : (double)NAN;
        ssldyn_bytes_json_begin(body, NULL, '{');
        ssldyn_bytes_json_number(body, "tau", tau);
        put_points(points, body);
        put_field(field, &window, body);
        ssldyn_bytes_json_begin(body, "nullclines", '[');
        if (theory) {
            put_still_p(asked, &window, body);
            put_still_s(points, &window, body);
        }
        ssldyn_bytes_json_end(body, ']');
        ssldyn_bytes_json_begin(body, "separatrix", '[');
        if (theory) {
            put_separatrix(asked, tau, &window, body);
        }
        ssldyn_bytes_json_end(body, ']');
        put_parabola(theory ? ssldyn_result_value(theory, "alpha_p") : 0.0, &window, body);
        ssldyn_bytes_json_text(body, "note", theory ? NULL : err.message);
        ssldyn_bytes_json_end(body, '}');
    }
    ssldyn_result_free(theory);
    ssldyn_result_free(field);
    ssldyn_result_free(points);
}
