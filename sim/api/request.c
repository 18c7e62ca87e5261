/* A command and its arguments, given through the library. */
// SPDX-License-Identifier: MIT
#include "sim/answer/align.h"
#include "sim/answer/basin.h"
#include "sim/answer/compare.h"
#include "sim/answer/flow.h"
#include "sim/answer/moments.h"
#include "sim/answer/sgd.h"
#include "sim/answer/sweep.h"
#include "sim/answer/theory.h"
#include "sim/api/message.h"
#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/base/watch.h"
#include "sim/io/file.h"
#include "sim/options/name.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The commands of the library. */
static const struct {
    enum ssldyn_command command;
    ssldyn_answer *answer;
} answers[] = {
    {SSLDYN_COMMAND_FLOW, ssldyn_answer_flow},
    {SSLDYN_COMMAND_SGD, ssldyn_answer_sgd},
    {SSLDYN_COMMAND_COMPARE, ssldyn_answer_compare},
    {SSLDYN_COMMAND_THEORY, ssldyn_answer_theory},
    {SSLDYN_COMMAND_BASIN, ssldyn_answer_basin},
    {SSLDYN_COMMAND_SWEEP, ssldyn_answer_sweep},
    {SSLDYN_COMMAND_ALIGN, ssldyn_answer_align},
    {SSLDYN_COMMAND_MOMENTS, ssldyn_answer_moments},
};
enum { ANSWERS = sizeof answers / sizeof answers[0], LONGEST_NAME = 64 };

/* An argument that was given, kept to be set again after another experiment file was read. */
struct given {
    char *name, *text;
    struct ssldyn_array_view view; /* used if text is NULL */
};

struct ssldyn_request {
    ssldyn_answer *answer;
    struct ssldyn_spec spec;
    size_t count, capacity;
    struct given *given;
    ssldyn_watch_function *watch;
    void *context;
};

/* Returns the status, after rewriting its message in terms of arguments. */
static enum ssldyn_status say(enum ssldyn_status status, struct ssldyn_error *err)
{
    if (status != SSLDYN_OK && err) {
        ssldyn_message_translate(err->message, sizeof err->message);
    }
    return status;
}

static enum ssldyn_status no_memory(struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for a request");
}

static enum ssldyn_status refuse_command(const char *name, struct ssldyn_error *err)
{
    char names[200] = "";
    char hint[64];
    for (size_t i = 0; i < ANSWERS; i++) {
        const size_t used = strlen(names);
        (void)snprintf(names + used, sizeof names - used, "%s%s", i > 0 ? "|" : "",
                       ssldyn_command_name(answers[i].command));
    }
    return ssldyn_fail(err, SSLDYN_EINPUT, "command %.60s: must be one of %s%s",
                       name && name[0] ? name : "(nothing)", names,
                       ssldyn_name_hint(name ? name : "", names, hint, sizeof hint));
}

enum ssldyn_status ssldyn_request_create(const char *command, struct ssldyn_request **request,
                                         struct ssldyn_error *err)
{
    const enum ssldyn_command found =
        command ? ssldyn_command_find(command) : (enum ssldyn_command)0;
    size_t i = 0;
    *request = NULL;
    while (i < ANSWERS && answers[i].command != found) {
        i++;
    }
    if (i == ANSWERS) {
        return refuse_command(command, err);
    }
    struct ssldyn_request *made = calloc(1, sizeof *made);
    if (!made) {
        return no_memory(err);
    }
    made->answer = answers[i].answer;
    const enum ssldyn_status status = ssldyn_spec_init(&made->spec, found, err);
    if (status != SSLDYN_OK) {
        free(made);
        return status;
    }
    *request = made;
    return SSLDYN_OK;
}

void ssldyn_request_free(struct ssldyn_request *request)
{
    if (!request) {
        return;
    }
    for (size_t i = 0; i < request->count; i++) {
        free(request->given[i].name);
        free(request->given[i].text);
    }
    free(request->given);
    ssldyn_spec_clear(&request->spec);
    free(request);
}

/* Sets one argument of a spec; where: its name in messages. */
static enum ssldyn_status set(struct ssldyn_spec *spec, const char *name, const char *text,
                              struct ssldyn_error *err)
{
    char dashed[80];
    char where[96];
    (void)snprintf(dashed, sizeof dashed, "%s", name);
    for (char *c = strchr(dashed, '_'); c; c = strchr(c, '_')) {
        *c = '-';
    }
    (void)snprintf(where, sizeof where, "--%s", dashed);
    return ssldyn_spec_set(spec, dashed, text, where, err);
}

/* The same for an array. */
static enum ssldyn_status set_view(struct ssldyn_spec *spec, const char *name,
                                   const struct ssldyn_array_view *view, struct ssldyn_error *err)
{
    return ssldyn_spec_array_of(spec, name, view->type, view->dimensions, view->shape, view->data,
                                err);
}

/* Stores an argument that was set: text or, if that is NULL, view. */
static enum ssldyn_status remember(struct ssldyn_request *request, const char *name,
                                   const char *text, const struct ssldyn_array_view *view,
                                   struct ssldyn_error *err)
{
    if (request->count == request->capacity) {
        const size_t capacity = request->capacity > 0 ? 2 * request->capacity : 8;
        struct given *more = realloc(request->given, capacity * sizeof *more);
        if (!more) {
            return no_memory(err);
        }
        request->given = more;
        request->capacity = capacity;
    }
    struct given given = {ssldyn_memory_copy(name), ssldyn_memory_copy(text), {.data = NULL}};
    if (!text) {
        given.view = *view;
    }
    if (!given.name || (text && !given.text)) {
        free(given.name);
        free(given.text);
        return no_memory(err);
    }
    request->given[request->count++] = given;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_request_text(struct ssldyn_request *request, const char *name,
                                       const char *text, struct ssldyn_error *err)
{
    if (!name || name[0] == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "an argument has no name; each argument needs a name and a value");
    }
    if (!text) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.60s: needs a value", name);
    }
    if (strlen(name) > LONGEST_NAME) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.60s...: unknown argument", name);
    }
    enum ssldyn_status status = set(&request->spec, name, text, err);
    if (status == SSLDYN_OK) {
        status = remember(request, name, text, NULL, err);
    }
    return say(status, err);
}

enum ssldyn_status ssldyn_request_number(struct ssldyn_request *request, const char *name,
                                         double value, struct ssldyn_error *err)
{
    return ssldyn_request_text(request, name, SSLDYN_DECIMAL(value), err);
}

/* "BEGIN0.1,0.2"; NULL: out of memory. */
static char *write_list(const char *begin, size_t count, const double values[])
{
    char *text = count < SIZE_MAX / SSLDYN_DECIMAL_SIZE - 2
                     ? ssldyn_memory_array((count + 2) * SSLDYN_DECIMAL_SIZE, 1)
                     : NULL;
    char *to = text ? text + strlen(strcpy(text, begin)) : NULL;
    for (size_t i = 0; to && i < count; i++) {
        if (i > 0) {
            *to++ = ',';
        }
        to += strlen(ssldyn_decimal(values[i], to));
    }
    return text;
}

enum ssldyn_status ssldyn_request_numbers(struct ssldyn_request *request, const char *name,
                                          size_t count, const double values[],
                                          struct ssldyn_error *err)
{
    char *text = write_list("", count, values);
    const enum ssldyn_status status =
        text ? ssldyn_request_text(request, name, text, err) : no_memory(err);
    free(text);
    return status;
}

enum ssldyn_status ssldyn_request_flag(struct ssldyn_request *request, const char *name, bool on,
                                       struct ssldyn_error *err)
{
    return ssldyn_request_text(request, name, on ? "true" : "false", err);
}

enum ssldyn_status ssldyn_request_axis(struct ssldyn_request *request, const char *name,
                                       size_t count, const double values[],
                                       struct ssldyn_error *err)
{
    char key[80];
    char *text = write_list("list:", count, values);
    (void)snprintf(key, sizeof key, "axis.%.64s", name ? name : "");
    const enum ssldyn_status status =
        text ? ssldyn_request_text(request, key, text, err) : no_memory(err);
    free(text);
    return status;
}

static enum ssldyn_status give_array(struct ssldyn_request *request, const char *name,
                                     enum ssldyn_array_type type, size_t dimensions,
                                     const size_t shape[], const void *data,
                                     struct ssldyn_error *err)
{
    struct ssldyn_array_view view;
    if (!name || strlen(name) > LONGEST_NAME) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.60s: unknown argument",
                           name ? name : "(nothing)");
    }
    enum ssldyn_status status =
        ssldyn_array_view_make(name, type, dimensions, shape, data, &view, err);
    if (status == SSLDYN_OK) {
        status = set_view(&request->spec, name, &view, err);
    }
    if (status == SSLDYN_OK) {
        status = remember(request, name, NULL, &view, err);
    }
    return say(status, err);
}

enum ssldyn_status ssldyn_request_array(struct ssldyn_request *request, const char *name,
                                        size_t dimensions, const size_t shape[],
                                        const double data[], struct ssldyn_error *err)
{
    return give_array(request, name, SSLDYN_ARRAY_DOUBLE, dimensions, shape, data, err);
}

enum ssldyn_status ssldyn_request_array_float(struct ssldyn_request *request, const char *name,
                                              size_t dimensions, const size_t shape[],
                                              const float data[], struct ssldyn_error *err)
{
    return give_array(request, name, SSLDYN_ARRAY_FLOAT, dimensions, shape, data, err);
}

enum ssldyn_status ssldyn_request_array_bytes(struct ssldyn_request *request, const char *name,
                                              size_t dimensions, const size_t shape[],
                                              const uint8_t data[], struct ssldyn_error *err)
{
    return give_array(request, name, SSLDYN_ARRAY_BYTE, dimensions, shape, data, err);
}

enum ssldyn_status ssldyn_request_read(struct ssldyn_request *request, const char *path,
                                       struct ssldyn_error *err)
{
    struct ssldyn_spec spec;
    const unsigned command = request->spec.given.command;
    char *inside = path && path[0] ? ssldyn_file_path_join(path, "spec.conf") : NULL;
    enum ssldyn_status status =
        path && path[0]
            ? ssldyn_spec_init(&spec, (enum ssldyn_command)command, err)
            : ssldyn_fail(err, SSLDYN_EINPUT, "the name of an experiment file is empty");
    if (status != SSLDYN_OK) {
        free(inside);
        return status;
    }
    /* a run directory stands for its spec.conf */
    status =
        ssldyn_settings_read(&spec.given, inside && access(inside, F_OK) == 0 ? inside : path, err);
    for (size_t i = 0; status == SSLDYN_OK && i < request->count; i++) {
        const struct given *given = &request->given[i];
        status = given->text ? set(&spec, given->name, given->text, err)
                             : set_view(&spec, given->name, &given->view, err);
    }
    free(inside);
    if (status != SSLDYN_OK) {
        ssldyn_spec_clear(&spec);
        return say(status, err);
    }
    ssldyn_spec_clear(&request->spec);
    request->spec = spec;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_request_operand(struct ssldyn_request *request, const char *text,
                                          struct ssldyn_error *err)
{
    struct ssldyn_settings *settings = &request->spec.given;
    if (!text || text[0] == '\0') {
        return ssldyn_fail(err, SSLDYN_EINPUT, "the name of a file is empty");
    }
    if (ssldyn_command_reads(settings->command, text)) {
        return ssldyn_request_read(request, text, err);
    }
    return say(ssldyn_settings_add_operand(settings, text, err), err);
}

void ssldyn_request_watch(struct ssldyn_request *request, ssldyn_watch_function *watch,
                          void *context)
{
    request->watch = watch;
    request->context = context;
}

/* ---- running */

/* Remarks, one line each, collected for the result. */
struct remarks {
    char *text;
    size_t size;
    FILE *stream;
};

static void take_remark(void *context, const char *line)
{
    struct remarks *remarks = context;
    if (!remarks->stream) {
        remarks->stream = open_memstream(&remarks->text, &remarks->size);
    }
    if (remarks->stream) {
        char said[1024];
        (void)snprintf(said, sizeof said, "%s", line);
        ssldyn_message_translate(said, sizeof said);
        fprintf(remarks->stream, "%s\n", said);
    }
}

static void put_remarks(struct remarks *remarks, struct ssldyn_result *result)
{
    if (remarks->stream && fclose(remarks->stream) == 0) {
        ssldyn_result_put_text(result, "remarks", remarks->text);
    }
    free(remarks->text);
}

/* Runs a prepared spec into a newly created result. */
static enum ssldyn_status answer(const struct ssldyn_request *request, struct ssldyn_spec *spec,
                                 struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct remarks remarks = {.text = NULL};
    const struct ssldyn_answer_mode mode = {.keep = true,
                                            .directory = spec->output != NULL,
                                            .remark = take_remark,
                                            .context = &remarks};
    struct ssldyn_watch *watch = ssldyn_watch_begin(request->watch, request->context);
    if (!watch) {
        return no_memory(err);
    }
    ssldyn_result_put_text(result, "command", ssldyn_command_name(spec->given.command));
    ssldyn_answer_limit_threads(spec, &mode);
    const enum ssldyn_status status = request->answer(spec, &mode, result, err);
    ssldyn_watch_end(watch);
    if (ssldyn_result_can_write(result, NULL) == SSLDYN_OK) { /* the result may outlive the
                                                               * request */
        ssldyn_result_keep_given(result, &spec->given.arrays);
    }
    put_remarks(&remarks, result);
    return status;
}

/* Whether a failed run left a partial result. */
static bool is_kept(const struct ssldyn_result *result, enum ssldyn_status status)
{
    const bool part = status == SSLDYN_EDIVERGED || status == SSLDYN_EFAILED ||
                      status == SSLDYN_EIO || status == SSLDYN_EINTERRUPTED;
    return status == SSLDYN_OK ||
           (part && (ssldyn_result_row_count(result) > 0 || ssldyn_result_array_count(result) > 0 ||
                     ssldyn_result_value_count(result) > 0));
}

enum ssldyn_status ssldyn_request_run(struct ssldyn_request *request, struct ssldyn_result **result,
                                      struct ssldyn_error *err)
{
    struct ssldyn_spec spec;
    struct ssldyn_error local;
    struct ssldyn_error *const failure =
        err ? err : &local; /* internal functions read and write it */
    *result = NULL;
    *failure = (struct ssldyn_error){SSLDYN_OK, ""};
    enum ssldyn_status status = ssldyn_spec_copy(&request->spec, &spec, failure);
    if (status != SSLDYN_OK) {
        return status;
    }
    spec.quiet = true;
    status = ssldyn_spec_prepare(&spec, failure);
    if (status == SSLDYN_OK) {
        status = ssldyn_result_create(result, failure);
    }
    if (status == SSLDYN_OK) {
        status = answer(request, &spec, *result, failure);
    }
    if (*result && !is_kept(*result, status)) {
        ssldyn_result_free(*result);
        *result = NULL;
    }
    ssldyn_spec_clear(&spec);
    return say(status, failure);
}
