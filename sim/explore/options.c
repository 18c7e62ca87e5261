/* /api/options, /api/state, /api/export: what may be set, what the page starts with, and what
 * reproduces a view. */
// SPDX-License-Identifier: MIT
#include "sim/explore/answers.h"

#include "sim/base/decimal.h"
#include "sim/base/error.h"
#include "sim/base/parse.h"
#include "sim/explore/query.h"
#include "sim/model/model.h"
#include "sim/options/name.h"
#include "sim/options/spec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the options */

/* Ranges of sliders, inside those of the library. */
static const struct {
    const char *name;
    double from, to;
    bool log;
} sliders[] = {
    {"eta", 0.0, 0.4, false},
    {"eta-p", 0.0, 0.4, false},
    {"eta-s", 0.0, 0.4, false},
    {"beta", 0.005, 20.0, true},
    {"alpha-p", 0.05, 20.0, true},
    {"sigma2", 0.0, 2.0, false},
    {"tau", 0.0, 1.5, false},
    {"p0", -0.2, 1.2, false},
    {"s0", 0.0, 1.0, false},
    {"tau0", 0.0, 1.2, false},
    {"wp0", -0.2, 1.2, false},
    {"w0", 0.0, 1.2, false},
    {"wa0", 0.0, 1.2, false},
    {"lambda-s", 0.1, 3.0, false},
    {"lambda-d", 0.0, 3.0, false},
    {"set-power", 0.1, 2.0, false},
    {"epsilon", 0.0, 0.5, false},
    {"set-shift", 0.0, 0.5, false},
    {"depth", 1.0, 8.0, false},
    {"train-lr", 1e-4, 1.0, true},
    {"train-momentum", 0.0, 0.99, false},
    {"train-weight-decay", 1e-6, 0.1, true},
    {"train-ema", 0.9, 1.0, false},
    {"train-loss-factor", 0.1, 4.0, true},
    {"train-predictor-lr", 1e-4, 10.0, true},
    {"train-predictor-weight-decay", 1e-6, 0.1, true},
    {"train-steps", 1.0, 1e6, true},
    {"t-end", 1.0, 1e4, true},
    {"samples", 10.0, 2000.0, true},
    {"rtol", 1e-12, 1e-3, true},
};
static const char models[] = "modes|parabola|lowdim";

static const char *kind_of(const struct ssldyn_option *option)
{
    return option->kind == SSLDYN_OPTION_CHOICE    ? "choice"
           : option->kind == SSLDYN_OPTION_LIST    ? "list"
           : option->kind == SSLDYN_OPTION_INTEGER ? "integer"
           : ssldyn_option_is_flag(option)         ? "flag"
                                                   : "number";
}

/* "|a|b" as an array; of the models those of the page. */
static void put_words(const struct ssldyn_option *option, struct ssldyn_explore_bytes *body)
{
    const char *rest = option->choices;
    const char *word = NULL;
    size_t length = 0;
    ssldyn_bytes_json_begin(body, "choices", '[');
    for (int i = 0; (word = ssldyn_name_next(&rest, &length)); i++) {
        char name[40];
        (void)snprintf(name, sizeof name, "%.*s", (int)length, word);
        if (strcmp(option->name, "model") == 0 && !ssldyn_name_in(name, models)) {
            continue;
        }
        ssldyn_bytes_json_begin(body, NULL, '{');
        ssldyn_bytes_json_text(body, "name", name);
        ssldyn_bytes_json_text(body, "help", option->meaning ? option->meaning(i) : NULL);
        ssldyn_bytes_json_end(body, '}');
    }
    ssldyn_bytes_json_end(body, ']');
}

/* The models of the page that have the option; none: all have it. */
static void put_models(const struct ssldyn_option *option, struct ssldyn_explore_bytes *body)
{
    const char *rest = models;
    const char *word = NULL;
    size_t length = 0;
    char names[200];
    ssldyn_bytes_json_begin(body, "models", '[');
    while (option->part != 0 && (word = ssldyn_name_next(&rest, &length))) {
        char name[40];
        (void)snprintf(name, sizeof name, "%.*s", (int)length, word);
        if (ssldyn_name_in(name, ssldyn_model_names(option->part, "|", names, sizeof names))) {
            ssldyn_bytes_json_text(body, NULL, name);
        }
    }
    ssldyn_bytes_json_end(body, ']');
}

static void put_range(const struct ssldyn_option *option, struct ssldyn_explore_bytes *body)
{
    double slider[2] = {0.0, 1.0};
    bool log = false;
    for (size_t i = 0; i < sizeof sliders / sizeof sliders[0]; i++) {
        if (strcmp(sliders[i].name, option->name) == 0) {
            slider[0] = sliders[i].from;
            slider[1] = sliders[i].to;
            log = sliders[i].log;
        }
    }
    ssldyn_bytes_json_number(body, "min", option->minimum);
    ssldyn_bytes_json_number(body, "max", option->maximum);
    ssldyn_bytes_json_bool(body, "min_open", option->minimum_open);
    ssldyn_bytes_json_bool(body, "max_open", option->maximum_open);
    ssldyn_bytes_json_numbers(body, "slider", 2, slider);
    ssldyn_bytes_json_text(body, "scale", log ? "log" : "linear");
}

static void put_option(const struct ssldyn_option *option, struct ssldyn_explore_bytes *body)
{
    const bool model = strcmp(option->name, "model") == 0;
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_text(body, "name", option->name);
    ssldyn_bytes_json_text(body, "group", option->group);
    ssldyn_bytes_json_text(body, "kind", kind_of(option));
    ssldyn_bytes_json_text(body, "help", option->help);
    ssldyn_bytes_json_text(body, "unit", option->argument);
    ssldyn_bytes_json_text(body, "default", model ? "modes" : option->default_text);
    if (option->kind == SSLDYN_OPTION_CHOICE) {
        put_words(option, body);
    } else if (!ssldyn_option_is_flag(option)) {
        put_range(option, body);
    }
    put_models(option, body);
    ssldyn_bytes_json_bool(body, "axis", ssldyn_query_can_be_axis(option));
    ssldyn_bytes_json_end(body, '}');
}

void ssldyn_explore_options(const struct ssldyn_asked *asked)
{
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_text(body, "version", ssldyn_version());
    ssldyn_bytes_json_begin(body, "options", '[');
    for (size_t i = 0; i < ssldyn_options_count; i++) {
        if (ssldyn_query_option(ssldyn_options[i].name)) {
            put_option(&ssldyn_options[i], body);
        }
    }
    ssldyn_bytes_json_end(body, ']');
    ssldyn_bytes_json_begin(body, "limits", '{');
    ssldyn_bytes_json_number(body, "cells", SSLDYN_CALL_CELLS);
    ssldyn_bytes_json_number(body, "side", SSLDYN_CALL_SIDE);
    ssldyn_bytes_json_number(body, "table_cells", SSLDYN_CALL_TABLE);
    ssldyn_bytes_json_number(body, "samples", SSLDYN_CALL_SAMPLES);
    ssldyn_bytes_json_number(body, "rows", SSLDYN_CALL_ROWS);
    ssldyn_bytes_json_number(body, "modes", SSLDYN_CALL_MODES);
    ssldyn_bytes_json_number(body, "seconds", SSLDYN_CALL_SECONDS);
    ssldyn_bytes_json_number(body, "requests", SSLDYN_CALL_AT_ONCE);
    ssldyn_bytes_json_end(body, '}');
    ssldyn_bytes_json_end(body, '}');
}

/* ---- the beginning */

static void put_start_axis(const char *name, const struct ssldyn_explore_axis *axis,
                           struct ssldyn_explore_bytes *body)
{
    ssldyn_bytes_json_begin(body, name, '{');
    ssldyn_bytes_json_text(body, "name", axis->name);
    ssldyn_bytes_json_number(body, "from", axis->from);
    ssldyn_bytes_json_number(body, "to", axis->to);
    ssldyn_bytes_json_text(body, "scale", axis->log ? "log" : "linear");
    ssldyn_bytes_json_end(body, '}');
}

void ssldyn_explore_state(const struct ssldyn_asked *asked)
{
    const struct ssldyn_explore_start *start = &asked->explore->start;
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    ssldyn_bytes_json_begin(body, NULL, '{');
    ssldyn_bytes_json_begin(body, "settings", '{');
    for (size_t i = 0; i < start->count; i++) {
        ssldyn_bytes_json_text(body, start->settings[i].name, start->settings[i].value);
    }
    ssldyn_bytes_json_end(body, '}');
    put_start_axis("x", &start->x, body);
    put_start_axis("y", &start->y, body);
    ssldyn_bytes_json_text(body, "run", start->run ? start->title : NULL);
    ssldyn_bytes_json_text(body, "title", start->title);
    ssldyn_bytes_json_end(body, '}');
}

/* ---- export */

/* Where a command line or the lines of an experiment file are written. */
struct writing {
    struct ssldyn_explore_bytes *text;
    bool file;
};

/* As a shell takes it. */
static void put_word(struct ssldyn_explore_bytes *text, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "./_+=,:@%-";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
        ssldyn_bytes_put_string(text, word);
        return;
    }
    ssldyn_bytes_put_string(text, "'");
    for (const char *c = word; *c != '\0'; c++) {
        ssldyn_bytes_put_string(text, *c == '\'' ? "'\\'" : "");
        ssldyn_bytes_put(text, c, 1);
    }
    ssldyn_bytes_put_string(text, "'");
}

static void put_pair(struct writing *writing, const char *name, const char *value, bool flag)
{
    char key[80];
    if (writing->file) {
        ssldyn_bytes_put_string(writing->text, ssldyn_name_key(name, key, sizeof key));
        ssldyn_bytes_put_string(writing->text, " = ");
        ssldyn_bytes_put_string(writing->text, value);
        ssldyn_bytes_put_string(writing->text, "\n");
        return;
    }
    ssldyn_bytes_put_string(writing->text, " --");
    ssldyn_bytes_put_string(writing->text, name);
    if (!flag) {
        ssldyn_bytes_put_string(writing->text, " ");
        put_word(writing->text, value);
    }
}

static bool put_setting(void *context, const struct ssldyn_option *option, const char *value)
{
    const bool flag = ssldyn_option_is_flag(option);
    if (!flag || strcmp(value, "true") == 0) {
        put_pair(context, option->name, value, flag);
    }
    return true;
}

static void put_axis(struct writing *writing, const struct ssldyn_query_axis *axis)
{
    char name[80];
    char text[120];
    (void)snprintf(name, sizeof name, "axis.%s", axis->option->name);
    ssldyn_query_axis_text(axis, text, sizeof text);
    put_pair(writing, name, text, false);
}

/* One text of the export, under its name. */
static void put_text(const struct ssldyn_asked *asked, const char *name, const char *command,
                     const char *without, const struct ssldyn_query_axis axes[2], bool file)
{
    struct ssldyn_explore_bytes text = {0};
    struct writing writing = {&text, file};
    if (!file) {
        ssldyn_bytes_put_string(&text, "ssldyn ");
        ssldyn_bytes_put_string(&text, command);
    }
    (void)ssldyn_query_each(asked->call, command, without, put_setting, &writing);
    for (size_t i = 0; axes && i < 2; i++) {
        if (axes[i].option) {
            put_axis(&writing, &axes[i]);
        }
    }
    if (axes) {
        put_pair(&writing, "columns", "fate", false);
        put_pair(&writing, "early-stop", "true", true);
    }
    ssldyn_bytes_put(&text, "", 1);
    ssldyn_bytes_json_text(&asked->answer->body, name, text.lost ? NULL : text.data);
    asked->answer->body.lost = asked->answer->body.lost || text.lost;
    ssldyn_bytes_clear(&text);
}

/* Whether the library takes the settings for a command. */
static enum ssldyn_status check(const struct ssldyn_asked *asked, const char *command,
                                const char *without, struct ssldyn_error *err)
{
    struct ssldyn_request *request = NULL;
    const enum ssldyn_status status =
        ssldyn_query_request(asked->call, command, without, &request, err);
    ssldyn_request_free(request);
    return status;
}

void ssldyn_explore_export(const struct ssldyn_asked *asked)
{
    const struct ssldyn_call *call = asked->call;
    struct ssldyn_query_axis axes[2] = {{.option = NULL}, {.option = NULL}};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    char without[200] = "";
    enum ssldyn_status status = SSLDYN_OK;
    if (ssldyn_call_value(call, "x")) {
        status = ssldyn_query_axis(call, "x", &axes[0], &err);
    }
    if (status == SSLDYN_OK && ssldyn_call_value(call, "y")) {
        status = ssldyn_query_axis(call, "y", &axes[1], &err);
    }
    for (size_t i = 0; i < 2; i++) {
        if (axes[i].option) {
            const size_t used = strlen(without);
            (void)snprintf(without + used, sizeof without - used, "%s%s", used > 0 ? "|" : "",
                           axes[i].option->name);
        }
    }
    if (status == SSLDYN_OK) {
        status = check(asked, "flow", NULL, &err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_explore_refuse(asked, &err);
        return;
    }
    const bool map = axes[0].option || axes[1].option;
    struct ssldyn_explore_bytes *body = &asked->answer->body;
    ssldyn_bytes_json_begin(body, NULL, '{');
    put_text(asked, "flow", "flow", NULL, NULL, false);
    put_text(asked, "flow_conf", "flow", NULL, NULL, true);
    put_text(asked, "theory", "theory", ssldyn_query_starts(call), NULL, false);
    if (map) {
        put_text(asked, "map", "sweep", without, axes, false);
        put_text(asked, "map_conf", "sweep", without, axes, true);
    }
    ssldyn_bytes_json_end(body, '}');
}
