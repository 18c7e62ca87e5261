/* The parameters of a request. */
// SPDX-License-Identifier: MIT
#include "sim/explore/query.h"

#include "sim/base/decimal.h"
#include "sim/base/error.h"
#include "sim/base/parse.h"
#include "sim/options/name.h"
#include "sim/options/spec.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* How much of an option's range requests may use; the library's own range holds as well. */
static const struct {
    const char *name;
    double most;
} limits[] = {{"samples", SSLDYN_CALL_SAMPLES}, {"t-end", 1e9}, {"depth", 64}};

static bool is_number(const struct ssldyn_option *option)
{
    return option->kind == SSLDYN_OPTION_DOUBLE || option->kind == SSLDYN_OPTION_INTEGER ||
           option->kind == SSLDYN_OPTION_LIST;
}

static bool is_setting(const struct ssldyn_option *option)
{
    const bool value =
        is_number(option) || option->kind == SSLDYN_OPTION_CHOICE || ssldyn_option_is_flag(option);
    return value && option->commands != 0 && ssldyn_option_is_of(option, SSLDYN_COMMAND_EXPLORE) &&
           strcmp(option->group, "Output") != 0 && strcmp(option->group, "Server") != 0;
}

const struct ssldyn_option *ssldyn_query_option(const char *name)
{
    const struct ssldyn_option *option = ssldyn_option_find(name);
    return option && is_setting(option) ? option : NULL;
}

bool ssldyn_query_can_be_axis(const struct ssldyn_option *option)
{
    return is_number(option) && (option->commands & SSLDYN_COMMAND_SWEEP) != 0 &&
           !ssldyn_name_in(option->name, "samples|layers0|rtol|train-steps");
}

/* ---- numbers */

enum ssldyn_status ssldyn_query_number(const struct ssldyn_call *call, const char *name, double low,
                                       double high, double *value, struct ssldyn_error *err)
{
    const char *text = ssldyn_call_value(call, name);
    double read = 0.0;
    if (!text) {
        return SSLDYN_OK;
    }
    if (!ssldyn_parse_double(text, &read) || read < low || read > high) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: must be a number from %s to %s", name,
                           SSLDYN_DECIMAL(low), SSLDYN_DECIMAL(high));
    }
    *value = read;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_query_count(const struct ssldyn_call *call, const char *name, size_t low,
                                      size_t high, size_t *value, struct ssldyn_error *err)
{
    const char *text = ssldyn_call_value(call, name);
    uint64_t read = 0;
    if (!text) {
        return SSLDYN_OK;
    }
    if (!ssldyn_parse_uint64(text, &read) || read < low || read > high) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: must be a whole number from %zu to %zu", name,
                           low, high);
    }
    *value = (size_t)read;
    return SSLDYN_OK;
}

/* ---- axes */

static enum ssldyn_status read_ends(const struct ssldyn_call *call, const char *which,
                                    struct ssldyn_query_axis *axis, struct ssldyn_error *err)
{
    const double ends[2] = {-1e300, 1e300};
    const char *const sides[] = {"from", "to"};
    double *const values[] = {&axis->from, &axis->to};
    for (size_t i = 0; i < 2; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "%s_%s", which, sides[i]);
        if (!ssldyn_call_value(call, name)) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: missing", name);
        }
        const enum ssldyn_status status =
            ssldyn_query_number(call, name, ends[0], ends[1], values[i], err);
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    if (axis->log && !(axis->from > 0.0 && axis->to > 0.0)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s_from, %s_to: must be above 0 on a log scale",
                           which, which);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_query_axis(const struct ssldyn_call *call, const char *which,
                                     struct ssldyn_query_axis *axis, struct ssldyn_error *err)
{
    const char *name = ssldyn_call_value(call, which);
    char key[16];
    *axis = (struct ssldyn_query_axis){.count = 1};
    axis->option = name ? ssldyn_query_option(name) : NULL;
    if (!axis->option || !ssldyn_query_can_be_axis(axis->option)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: must be the name of a numeric setting", which);
    }
    (void)snprintf(key, sizeof key, "%s_scale", which);
    const char *scale = ssldyn_call_value(call, key);
    if (scale && strcmp(scale, "log") != 0 && strcmp(scale, "linear") != 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: must be linear or log", key);
    }
    axis->log = scale && strcmp(scale, "log") == 0;
    enum ssldyn_status status = read_ends(call, which, axis, err);
    (void)snprintf(key, sizeof key, "n%s", which);
    if (status == SSLDYN_OK && !ssldyn_call_value(call, key)) {
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%s: missing", key);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_query_count(call, key, 1, SSLDYN_CALL_SIDE, &axis->count, err);
    }
    return status;
}

void ssldyn_query_axis_text(const struct ssldyn_query_axis *axis, char text[], size_t size)
{
    if (axis->count == 1) {
        (void)snprintf(text, size, "list:%s", SSLDYN_DECIMAL(axis->from));
        return;
    }
    (void)snprintf(text, size, "%s%s:%s:%zu", axis->log ? "log:" : "", SSLDYN_DECIMAL(axis->from),
                   SSLDYN_DECIMAL(axis->to), axis->count);
}

/* ---- settings */

const char *ssldyn_query_setting(const struct ssldyn_call *call, const char *name)
{
    for (size_t i = 0; i < call->count; i++) {
        if (ssldyn_name_is(call->pairs[i].name, name)) {
            return call->pairs[i].value ? call->pairs[i].value : "true";
        }
    }
    return NULL;
}

bool ssldyn_query_holds_target(const struct ssldyn_call *call)
{
    return ssldyn_query_setting(call, "tau") || ssldyn_query_setting(call, "no-ema");
}

const char *ssldyn_query_model(const struct ssldyn_call *call)
{
    const char *model = ssldyn_call_value(call, "model");
    return model ? model : "modes";
}

/* How many numbers a list has. */
static size_t entry_count(const char *value)
{
    size_t count = 1;
    for (const char *at = strchr(value, ','); at; at = strchr(at + 1, ',')) {
        count++;
    }
    return count;
}

static enum ssldyn_status check_setting(const struct ssldyn_option *option, const char *value,
                                        struct ssldyn_error *err)
{
    double number = 0.0;
    const size_t entries = entry_count(value);
    if (option->kind == SSLDYN_OPTION_LIST && (strchr(value, ':') || entries > SSLDYN_CALL_MODES)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s: must be a list of at most %d numbers, such as 0.1,0.2",
                           option->name, SSLDYN_CALL_MODES);
    }
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        if (strcmp(option->name, limits[i].name) == 0 && ssldyn_parse_double(value, &number) &&
            number > limits[i].most) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: must be at most %s on this page",
                               option->name, SSLDYN_DECIMAL(limits[i].most));
        }
    }
    return SSLDYN_OK;
}

/* A trajectory of many modes may have fewer samples. */
static enum ssldyn_status check_rows(const struct ssldyn_call *call, struct ssldyn_error *err)
{
    const char *text = ssldyn_call_value(call, "samples");
    double samples = 200.0; /* by default */
    size_t modes = 1;
    for (size_t i = 0; i < call->count; i++) {
        const struct ssldyn_option *option = ssldyn_query_option(call->pairs[i].name);
        if (option && option->kind == SSLDYN_OPTION_LIST && call->pairs[i].value) {
            const size_t entries = entry_count(call->pairs[i].value);
            modes = entries > modes ? entries : modes;
        }
    }
    if (text && !ssldyn_parse_double(text, &samples)) {
        return SSLDYN_OK; /* the library will refuse it */
    }
    return samples * (double)modes <= SSLDYN_CALL_ROWS
               ? SSLDYN_OK
               : ssldyn_fail(err, SSLDYN_EINPUT, "samples: must be at most %d for %zu modes",
                             SSLDYN_CALL_ROWS / (int)modes, modes);
}

/* Whether an earlier parameter is the same, with dashes or underscores. */
static bool comes_before(const struct ssldyn_call *call, size_t i,
                         const struct ssldyn_option *option)
{
    for (size_t k = 0; k < i; k++) {
        if (option ? ssldyn_option_find(call->pairs[k].name) == option
                   : strcmp(call->pairs[k].name, call->pairs[i].name) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether it is one of the words of "x|nx|". */
static bool is_word(const char *name, const char *words)
{
    size_t length = 0;
    for (const char *word = NULL; (word = ssldyn_name_next(&words, &length));) {
        if (strlen(name) == length && strncmp(word, name, length) == 0) {
            return true;
        }
    }
    return false;
}

enum ssldyn_status ssldyn_query_check(const struct ssldyn_call *call, const char *others,
                                      struct ssldyn_error *err)
{
    const char *model = ssldyn_query_model(call);
    for (size_t i = 0; i < call->count; i++) {
        const char *name = call->pairs[i].name;
        const struct ssldyn_option *option = ssldyn_query_option(name);
        const bool other = is_word(name, "token|view|seq") || is_word(name, others);
        if (!option && !other) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%.60s: unknown parameter", name);
        }
        if (comes_before(call, i, option)) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%.60s: is given twice", name);
        }
        const char *value = call->pairs[i].value ? call->pairs[i].value : "";
        const enum ssldyn_status status = option ? check_setting(option, value, err) : SSLDYN_OK;
        if (status != SSLDYN_OK) {
            return status;
        }
    }
    return is_word(model, "modes|parabola|lowdim")
               ? check_rows(call, err)
               : ssldyn_fail(err, SSLDYN_EINPUT, "model: must be one of modes|parabola|lowdim");
}

bool ssldyn_query_each(const struct ssldyn_call *call, const char *command, const char *without,
                       bool (*put)(void *context, const struct ssldyn_option *option,
                                   const char *value),
                       void *context)
{
    const enum ssldyn_command bit = ssldyn_command_find(command);
    bool fine = put(context, ssldyn_option_find("model"), ssldyn_query_model(call));
    for (size_t i = 0; fine && i < ssldyn_options_count; i++) {
        const struct ssldyn_option *option = &ssldyn_options[i];
        const char *value = ssldyn_query_setting(call, option->name);
        if (value && is_setting(option) && ssldyn_option_is_of(option, bit) &&
            strcmp(option->name, "model") != 0 && !ssldyn_name_in(option->name, without)) {
            fine = put(context, option, value);
        }
    }
    return fine;
}

const char *ssldyn_query_starts(const struct ssldyn_call *call)
{
    const char *loss = ssldyn_call_value(call, "loss");
    return loss && strstr(loss, "cosine") ? "tau0|wa0|layers0|t-end|train-steps|rtol"
                                          : "p0|s0|tau0|wp0|w0|wa0|layers0|t-end|train-steps|rtol";
}

struct filling {
    struct ssldyn_request *request;
    enum ssldyn_status status;
    struct ssldyn_error *err;
};

static bool put_setting(void *context, const struct ssldyn_option *option, const char *value)
{
    struct filling *filling = context;
    filling->status = ssldyn_request_text(filling->request, option->name, value, filling->err);
    return filling->status == SSLDYN_OK;
}

enum ssldyn_status ssldyn_query_request(const struct ssldyn_call *call, const char *command,
                                        const char *without, struct ssldyn_request **request,
                                        struct ssldyn_error *err)
{
    struct filling filling = {.err = err};
    filling.status = ssldyn_request_create(command, request, err);
    if (filling.status != SSLDYN_OK) {
        return filling.status;
    }
    filling.request = *request;
    if (!ssldyn_query_each(call, command, without, put_setting, &filling)) {
        ssldyn_request_free(*request);
        *request = NULL;
    }
    return filling.status;
}
