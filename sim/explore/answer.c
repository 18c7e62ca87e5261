/* Requests and who answers them. */
// SPDX-License-Identifier: MIT
#include "sim/explore/answers.h"

#include "sim/base/error.h"
#include "sim/base/signal.h"
#include "sim/explore/page.h"
#include "sim/explore/query.h"

#include <stdio.h>
#include <string.h>

/* parameters: what a path takes in addition to settings, in the form of ssldyn_query_check. */
static const struct {
    const char *path, *parameters;
    void (*answer)(const struct ssldyn_asked *asked);
    bool computes;
} paths[] = {
#define MAP "x|x_from|x_to|x_scale|nx|y|y_from|y_to|y_scale|ny"
    {"/api/options", "", ssldyn_explore_options, false},
    {"/api/state", "", ssldyn_explore_state, false},
    {"/api/map", MAP "|columns", ssldyn_explore_map, true},
    {"/api/lines", MAP "|closed", ssldyn_explore_lines, true},
    {"/api/table", MAP, ssldyn_explore_table, true},
    {"/api/export", MAP, ssldyn_explore_export, false},
    {"/api/point", "", ssldyn_explore_point, true},
    {"/api/flow", "", ssldyn_explore_flow, true},
    {"/api/plane", "p_from|p_to|np|s_from|s_to|ns", ssldyn_explore_plane, true},
    {"/api/theory", "", ssldyn_explore_theory, true},
    {"/api/run", "", ssldyn_explore_run, false},
    {"/api/run/data", "", ssldyn_explore_run_data, false},
    {"/api/run/fates", "snapshot", ssldyn_explore_run_fates, true},
#undef MAP
};
enum { PATHS = sizeof paths / sizeof paths[0] };

enum ssldyn_status ssldyn_explore_open(const struct ssldyn_explore_start *start,
                                       struct ssldyn_explore *explore, struct ssldyn_error *err)
{
    *explore = (struct ssldyn_explore){.start = *start};
    if (!ssldyn_task_open(&explore->tasks, SSLDYN_CALL_AT_ONCE, SSLDYN_CALL_SECONDS)) {
        return ssldyn_fail(err, SSLDYN_EFAILED, "the system has no lock for the server");
    }
    if (!ssldyn_gate_draw(explore->token) || !ssldyn_gate_draw(explore->key)) {
        return ssldyn_fail(err, SSLDYN_EIO, "the system has no random numbers for the token");
    }
    return start->run ? ssldyn_result_open(start->run, &explore->run, err) : SSLDYN_OK;
}

void ssldyn_explore_address(const struct ssldyn_explore *explore, char text[SSLDYN_EXPLORE_ADDRESS])
{
    (void)snprintf(text, SSLDYN_EXPLORE_ADDRESS, "http://127.0.0.1:%u/?token=%s", explore->port,
                   explore->token);
}

void ssldyn_explore_opening(const struct ssldyn_explore *explore, char text[SSLDYN_EXPLORE_ADDRESS])
{
    (void)snprintf(text, SSLDYN_EXPLORE_ADDRESS, "http://127.0.0.1:%u/open/%s", explore->port,
                   explore->key);
}

void ssldyn_explore_clear(struct ssldyn_explore *explore)
{
    ssldyn_result_free(explore->run);
    explore->run = NULL;
    ssldyn_task_clear(&explore->tasks);
}

/* ---- what answers share */

const char *ssldyn_explore_fate(double fate)
{
    static const char *const words[] = {"collapsed", "survives", "diverged", "undecided"};
    return fate >= 0.0 && fate < 3.0 ? words[(size_t)fate] : words[3];
}

void ssldyn_explore_refuse(const struct ssldyn_asked *asked, const struct ssldyn_error *err)
{
    ssldyn_call_refuse(asked->answer, err->status == SSLDYN_ENOMEM ? 503 : 400, "%s", err->message);
}

struct ssldyn_result *ssldyn_explore_result(const struct ssldyn_asked *asked,
                                            struct ssldyn_request *request, bool *part)
{
    struct ssldyn_result *result = NULL;
    struct ssldyn_error err = {SSLDYN_OK, ""};
    const enum ssldyn_status status = ssldyn_task_run(asked->task, request, &result, &err);
    ssldyn_request_free(request);
    const bool late = status == SSLDYN_EINTERRUPTED && result && part &&
                      ssldyn_task_state(asked->task) == SSLDYN_TASK_LATE;
    const bool kept = part && result && (status == SSLDYN_EDIVERGED || status == SSLDYN_EFAILED);
    if (part) {
        *part = late || kept;
    }
    if (status == SSLDYN_OK || late || kept) {
        return result;
    }
    ssldyn_result_free(result);
    ssldyn_task_refuse(asked->task, status, &err, asked->answer);
    return NULL;
}

struct ssldyn_result *ssldyn_explore_try(const struct ssldyn_asked *asked, enum ssldyn_status made,
                                         struct ssldyn_request *request, struct ssldyn_error *err)
{
    struct ssldyn_result *result = NULL;
    const enum ssldyn_status status =
        made == SSLDYN_OK ? ssldyn_task_run(asked->task, request, &result, err) : made;
    ssldyn_request_free(request);
    if (status != SSLDYN_OK) {
        ssldyn_result_free(result);
        result = NULL;
    }
    return result;
}

/* ---- the page */

static void put_asset(struct ssldyn_call_answer *answer, const struct ssldyn_page_asset *asset)
{
    answer->status = 200;
    answer->type = asset->type;
    ssldyn_bytes_put(&answer->body, asset->data, asset->size);
}

/* The page with its token in the places that ask for it. */
static void put_index(const struct ssldyn_explore *explore, struct ssldyn_call_answer *answer)
{
    static const char mark[] = "{{token}}";
    const struct ssldyn_page_asset *asset = ssldyn_page_find("index.html");
    if (!asset) {
        ssldyn_call_refuse(answer, 404, "the program was built without its page");
        return;
    }
    answer->status = 200;
    answer->type = asset->type;
    const char *at = (const char *)asset->data;
    for (const char *found = NULL; (found = strstr(at, mark)); at = found + sizeof mark - 1) {
        ssldyn_bytes_put(&answer->body, at, (size_t)(found - at));
        ssldyn_bytes_put_string(&answer->body, explore->token);
    }
    ssldyn_bytes_put_string(&answer->body, at);
}

/* Leads to the page once. */
static void answer_opening(struct ssldyn_explore *explore, struct ssldyn_call_answer *answer)
{
    pthread_mutex_lock(&explore->tasks.lock);
    const bool opened = explore->opened;
    explore->opened = true;
    pthread_mutex_unlock(&explore->tasks.lock);
    if (opened) {
        ssldyn_call_refuse(answer, 403,
                           "this address was used before; open the one that ssldyn "
                           "explore printed");
        return;
    }
    answer->status = 303;
    answer->type = "text/plain; charset=utf-8";
    (void)snprintf(answer->location, sizeof answer->location, "/?token=%s", explore->token);
}

static void answer_page(struct ssldyn_explore *explore, const struct ssldyn_call *call,
                        struct ssldyn_call_answer *answer)
{
    if (ssldyn_gate_opens(call->path, explore->key)) {
        answer_opening(explore, answer);
        return;
    }
    const char *name = ssldyn_gate_asset(call->path, explore->token);
    const struct ssldyn_page_asset *asset = name ? ssldyn_page_find(name) : NULL;
    if (strcmp(call->path, "/") == 0) {
        put_index(explore, answer);
    } else if (asset) {
        put_asset(answer, asset);
    } else {
        ssldyn_call_refuse(answer, 404, "%.80s: not found", call->path);
    }
}

/* ---- dispatch */

static void answer_api(struct ssldyn_explore *explore, const struct ssldyn_call *call, size_t i,
                       struct ssldyn_call_answer *answer)
{
    struct ssldyn_task task;
    struct ssldyn_error err;
    const struct ssldyn_asked asked = {explore, call, &task, answer};
    if (ssldyn_query_check(call, paths[i].parameters, &err) != SSLDYN_OK) {
        ssldyn_explore_refuse(&asked, &err);
        return;
    }
    answer->status = 200;
    answer->type = "application/json";
    if (!paths[i].computes) {
        paths[i].answer(&asked);
        return;
    }
    if (ssldyn_task_begin(&explore->tasks, call, &task, answer)) {
        paths[i].answer(&asked);
        ssldyn_task_end(&explore->tasks, &task);
        answer->seconds = task.seconds;
    }
}

void ssldyn_explore_answer(struct ssldyn_explore *explore, const struct ssldyn_call *call,
                           struct ssldyn_call_answer *answer)
{
    if (!ssldyn_gate_admits(call, explore->port, explore->token, explore->key, answer)) {
        return;
    }
    size_t i = 0;
    while (i < PATHS && strcmp(paths[i].path, call->path) != 0) {
        i++;
    }
    if (i < PATHS &&
        !ssldyn_gate_is_token(explore->token,
                              call->token ? call->token : ssldyn_call_value(call, "token"))) {
        ssldyn_call_refuse(answer, 403, "token: missing");
    } else if (i < PATHS) {
        answer_api(explore, call, i, answer);
    } else {
        answer_page(explore, call, answer);
    }
    if (answer->body.lost) {
        ssldyn_call_refuse(answer, 503, "out of memory for the answer");
    }
}
