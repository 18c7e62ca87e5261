/* /api/flow, /api/point, /api/theory: one start. */
// SPDX-License-Identifier: MIT
#include "sim/explore/answers.h"

#include "sim/base/error.h"
#include "sim/explore/query.h"
#include "sim/explore/rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The request of a flow. */
static struct ssldyn_request *flow_request(const struct ssldyn_asked *asked, bool margins,
                                           struct ssldyn_error *err)
{
    struct ssldyn_request *request = NULL;
    enum ssldyn_status status = ssldyn_query_request(asked->call, "flow", NULL, &request, err);
    if (status == SSLDYN_OK && margins) {
        status = ssldyn_request_flag(request, "margins", true, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_request_free(request);
        request = NULL;
    }
    return request;
}

static void put_fates(const struct ssldyn_result *result, struct ssldyn_explore_bytes *head)
{
    size_t count = 0;
    const double *fates = ssldyn_rows_array(result, "fate", &count);
    ssldyn_bytes_json_begin(head, "fates", '[');
    for (size_t j = 0; fates && j < count; j++) {
        ssldyn_bytes_json_text(head, NULL, ssldyn_explore_fate(fates[j]));
    }
    ssldyn_bytes_json_end(head, ']');
}

void ssldyn_explore_flow(const struct ssldyn_asked *asked)
{
    struct ssldyn_error err;
    struct ssldyn_explore_bytes head = {0};
    bool part = false;
    struct ssldyn_request *request = flow_request(asked, false, &err);
    if (!request) {
        ssldyn_explore_refuse(asked, &err);
        return;
    }
    struct ssldyn_result *result = ssldyn_explore_result(asked, request, &part);
    if (!result) {
        return;
    }
    put_fates(result, &head);
    ssldyn_bytes_json_bool(&head, "complete", !part);
    ssldyn_bytes_json_text(&head, "report", ssldyn_result_text(result, "report"));
    ssldyn_rows_put_lines(&head, "remarks", ssldyn_result_text(result, "remarks"));
    ssldyn_rows_put(asked->answer, &head, result);
    ssldyn_bytes_clear(&head);
    ssldyn_result_free(result);
}

/* ---- a point */

/* What each knob is called, as the library's arrays x_NAME say. */
static void put_knob(const struct ssldyn_result *result, const char *name, size_t mode,
                     struct ssldyn_explore_bytes *body)
{
    static const char *const mechanisms[] = {"none", "fold", "basin edge"};
    static const char *const kinds[] = {"x", "there", "kind"};
    double values[3] = {(double)NAN, (double)NAN, 0.0};
    for (size_t i = 0; i < 3; i++) {
        char key[80];
        size_t count = 0;
        (void)snprintf(key, sizeof key, "%s_%s", kinds[i], name);
        const double *array = ssldyn_rows_array(result, key, &count);
        values[i] = array && mode < count ? array[mode] : values[i];
    }
    /* the factor of these is on 1 - value */
    const bool rest = strcmp(name, "train_ema") == 0 || strcmp(name, "train_momentum") == 0;
    const double value = rest ? 1.0 - (1.0 - values[1]) / values[0] : values[1] / values[0];
    const size_t kind = values[2] >= 0.0 && values[2] < 3.0 ? (size_t)values[2] : 0;
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_text(body, "name", name);
    ssldyn_bytes_json_number(body, "value", value);
    ssldyn_bytes_json_number(body, "factor", values[0]);
    ssldyn_bytes_json_number(body, "there", values[1]);
    ssldyn_bytes_json_text(body, "mechanism", mechanisms[kind]);
    ssldyn_bytes_json_end(body, '}');
}

/* Those of a mode, in the library's order. */
static void put_knobs(const struct ssldyn_result *result, size_t mode,
                      struct ssldyn_explore_bytes *body)
{
    ssldyn_bytes_json_begin(body, "knobs", '[');
    for (size_t i = 0; i < ssldyn_result_array_count(result); i++) {
        const char *name = ssldyn_result_array_name(result, i);
        if (strncmp(name, "x_", 2) == 0) {
            put_knob(result, name + 2, mode, body);
        }
    }
    ssldyn_bytes_json_end(body, ']');
}

static double last_of(const struct ssldyn_result *result, const char *column, size_t mode)
{
    char name[32];
    (void)snprintf(name, sizeof name, "%s_%zu", column, mode + 1);
    const double *values = ssldyn_rows_last(result, name);
    return values ? *values : (double)NAN;
}

static void put_modes(const struct ssldyn_result *result, struct ssldyn_explore_bytes *body)
{
    static const char *const columns[] = {"p", "s", "tau"};
    size_t count = 0;
    size_t count_since = 0;
    const double *fates = ssldyn_rows_array(result, "fate", &count);
    const double *since = ssldyn_rows_array(result, "since", &count_since);
    ssldyn_bytes_json_begin(body, "modes", '[');
    for (size_t j = 0; fates && j < count; j++) {
        ssldyn_bytes_json_begin(body, NULL, '{');
        ssldyn_bytes_json_text(body, "fate", ssldyn_explore_fate(fates[j]));
        ssldyn_bytes_json_number(body, "certain_from",
                                 since && j < count_since ? since[j] : (double)NAN);
        for (size_t i = 0; i < 3; i++) {
            ssldyn_bytes_json_number(body, columns[i], last_of(result, columns[i], j));
        }
        ssldyn_bytes_json_end(body, '}');
    }
    ssldyn_bytes_json_end(body, ']');
}

/* Of the whole start: it survives when any mode does; certain from when that was. */
static double fate_of_all(const struct ssldyn_result *result, double *certain)
{
    size_t count = 0;
    size_t count_since = 0;
    const double *fates = ssldyn_rows_array(result, "fate", &count);
    const double *since = ssldyn_rows_array(result, "since", &count_since);
    double all = count > 0 ? 0.0 : 3.0;
    double latest = count > 0 ? -HUGE_VAL : (double)NAN;
    double earliest = HUGE_VAL;
    for (size_t j = 0; fates && j < count; j++) {
        const double at = since && j < count_since ? since[j] : (double)NAN;
        if (fates[j] == 1.0) {
            all = 1.0;
            earliest = fmin(earliest, at);
        } else if (all != 1.0 && fates[j] != 0.0) {
            all = fmax(all, fates[j]);
        }
        latest = fmax(latest, at);
    }
    *certain = all == 1.0 ? earliest : all == 0.0 ? latest : (double)NAN;
    return all;
}

/* Whether the criteria are those of one layer, the squared distance and a trained predictor. */
static bool is_classic(const struct ssldyn_call *call)
{
    static const struct {
        const char *name, *value;
    } plain[] = {{"loss", "l2"}, {"depth", "1"}, {"predictor", "gradient"}, {"target", "jepa"}};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        const char *value = ssldyn_call_value(call, plain[i].name);
        if (value && strcmp(value, plain[i].value) != 0) {
            return false;
        }
    }
    return true;
}

/* Why a fate is certain, in one sentence, in text of size bytes. past: the decay is beyond the fold. */
static void write_criterion(double fate, double certain, bool past, bool classic, char text[],
                            size_t size)
{
    const char *who = certain == 0.0 ? "the start lies in" : "the solution entered";
    if (fate == 2.0) {
        (void)snprintf(text, size, "the solution left the range of double precision");
    } else if (fate != 0.0 && fate != 1.0) {
        (void)snprintf(text, size, "no certificate applied up to t_end: the fate is open");
    } else if (fate == 0.0 && past) {
        (void)snprintf(text, size, "beyond the fold every start collapses%s",
                       classic ? " (criterion C1)" : "");
    } else if (fate == 0.0) {
        (void)snprintf(text, size, "%s a region from which every solution collapses%s", who,
                       classic ? " (criteria C2 to C9)" : "");
    } else {
        (void)snprintf(text, size, "%s a region in which every solution stays away from collapse%s",
                       who, classic ? " (criteria S1 to S8)" : "");
    }
}

/* What theory says of the settings; NULL: nothing, and *err why. */
static struct ssldyn_result *ask_theory(const struct ssldyn_asked *asked, struct ssldyn_error *err)
{
    struct ssldyn_request *request = NULL;
    const enum ssldyn_status status = ssldyn_query_request(
        asked->call, "theory", ssldyn_query_starts(asked->call), &request, err);
    return ssldyn_explore_try(asked, status, request, err);
}

static void put_margin(const struct ssldyn_result *theory, struct ssldyn_explore_bytes *body)
{
    const double margin = theory ? ssldyn_result_value(theory, "margin") : (double)NAN;
    const double fold = theory ? ssldyn_result_value(theory, "eta_fold") : (double)NAN;
    if (isnan(margin) && isnan(fold)) {
        ssldyn_bytes_json_text(body, "margin", NULL);
        return;
    }
    ssldyn_bytes_json_begin(body, "margin", '{');
    ssldyn_bytes_json_number(body, "value", margin);
    ssldyn_bytes_json_number(body, "eta_s", ssldyn_result_value(theory, "eta_s"));
    ssldyn_bytes_json_number(body, "fold", fold);
    ssldyn_bytes_json_end(body, '}');
}

/* A flow with its margins where the library has them, else without; *note: why not. */
static struct ssldyn_result *point_result(const struct ssldyn_asked *asked, bool *part,
                                          struct ssldyn_error *note)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_request *request = flow_request(asked, true, &err);
    *note = (struct ssldyn_error){SSLDYN_OK, ""};
    *part = false;
    if (request) {
        struct ssldyn_result *result = ssldyn_explore_try(asked, SSLDYN_OK, request, note);
        if (result) {
            return result;
        }
        request = flow_request(asked, false, &err);
    }
    if (!request) {
        ssldyn_explore_refuse(asked, &err);
        return NULL;
    }
    return ssldyn_explore_result(asked, request, part);
}

void ssldyn_explore_point(const struct ssldyn_asked *asked)
{
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    struct ssldyn_error note;
    struct ssldyn_error err;
    char criterion[200];
    bool part = false;
    struct ssldyn_result *result = point_result(asked, &part, &note);
    if (!result) {
        return;
    }
    struct ssldyn_result *theory = ask_theory(asked, &err);
    double certain = (double)NAN;
    const double fate = fate_of_all(result, &certain);
    const bool past =
        theory && ssldyn_result_value(theory, "eta_s") > ssldyn_result_value(theory, "eta_fold");
    write_criterion(fate, certain, past, is_classic(asked->call), criterion, sizeof criterion);
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_text(body, "fate", ssldyn_explore_fate(fate));
    ssldyn_bytes_json_number(body, "certain_from", certain);
    ssldyn_bytes_json_text(body, "criterion", criterion);
    ssldyn_bytes_json_bool(body, "complete", !part);
    put_modes(result, body);
    put_margin(theory, body);
    put_knobs(result, 0, body);
    ssldyn_bytes_json_text(body, "knobs_note", note.status != SSLDYN_OK ? note.message : NULL);
    ssldyn_rows_put_lines(body, "remarks", ssldyn_result_text(result, "remarks"));
    ssldyn_bytes_json_text(body, "report", ssldyn_result_text(result, "report"));
    ssldyn_bytes_json_end(body, '}');
    ssldyn_result_free(theory);
    ssldyn_result_free(result);
}

/* ---- theory */

void ssldyn_explore_theory(const struct ssldyn_asked *asked)
{
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_result *theory = ask_theory(asked, &err);
    if (!theory) {
        ssldyn_task_refuse(asked->task, err.status, &err, asked->answer);
        return;
    }
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_rows_put_values(body, "values", theory);
    ssldyn_rows_put_lines(body, "remarks", ssldyn_result_text(theory, "remarks"));
    ssldyn_bytes_json_end(body, '}');
    ssldyn_result_free(theory);
}
