/* The beginning of the page: settings, axes, the run. */
// SPDX-License-Identifier: MIT
#include "sim/cli/explore_start.h"

#include "sim/base/memory.h"
#include "sim/base/parse.h"
#include "sim/explore/query.h"
#include "sim/io/conf.h"
#include "sim/model/model.h"
#include "sim/options/name.h"

#include <stdlib.h>
#include <string.h>

static enum ssldyn_status no_memory(struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the settings");
}

/* ---- settings */

static bool put_pair(struct ssldyn_cli_explore_start *start, const char *name, const char *value)
{
    const size_t i = start->start.count++;
    char **texts = &start->texts[2 * i];
    texts[0] = ssldyn_memory_copy(name);
    texts[1] = ssldyn_memory_copy(value);
    start->pairs[i] = (struct ssldyn_call_pair){texts[0], texts[1]};
    return texts[0] && texts[1];
}

/* The model, then what was given of the options that requests may give. */
static enum ssldyn_status put_settings(const struct ssldyn_spec *spec, bool matrices,
                                       struct ssldyn_cli_explore_start *start,
                                       struct ssldyn_error *err)
{
    enum { TEXT = SSLDYN_CALL_VALUE };
    char *text = malloc(TEXT);
    start->pairs = ssldyn_memory_array(ssldyn_options_count + 1, sizeof *start->pairs);
    start->texts = ssldyn_memory_array(2 * (ssldyn_options_count + 1), sizeof *start->texts);
    bool fine =
        text && start->pairs && start->texts &&
        put_pair(start, "model", matrices ? "modes" : ssldyn_model_of(spec->problem.model)->name);
    for (size_t i = 0; fine && i < ssldyn_options_count; i++) {
        const struct ssldyn_option *option = &ssldyn_options[i];
        if (!ssldyn_query_option(option->name) || strcmp(option->name, "model") == 0 ||
            !ssldyn_spec_given(spec, option->name) || ssldyn_option_is_off(spec, option)) {
            continue;
        }
        const char *value =
            ssldyn_option_is_flag(option) ? "true" : ssldyn_option_text(spec, option, text, TEXT);
        if (strlen(value) + 1 >= TEXT) {
            free(text);
            return ssldyn_fail(err, SSLDYN_EINPUT, "--%s: more values than the page can show",
                               option->name);
        }
        fine = put_pair(start, option->name, value);
    }
    free(text);
    start->start.settings = start->pairs;
    return fine ? SSLDYN_OK : no_memory(err);
}

/* ---- axes */

/* "0:0.3:256", "log:0.01:10:64", "list:0.1,0.4": from where to where. */
static bool read_range(const char *text, struct ssldyn_explore_axis *axis)
{
    static const char log[] = "log:";
    struct ssldyn_list list = {0};
    const char *fault = NULL;
    axis->log = strncmp(text, log, sizeof log - 1) == 0;
    if (!ssldyn_parse_list(text, &list, &fault)) {
        return false;
    }
    axis->from = list.values[0];
    axis->to = list.values[list.count - 1];
    free(list.values);
    return axis->from != axis->to;
}

/* One axis, NAME=VALUES. */
static enum ssldyn_status read_axis(const char *entry, size_t length,
                                    struct ssldyn_explore_axis *axis, struct ssldyn_error *err)
{
    char text[200];
    (void)snprintf(text, sizeof text, "%.*s", (int)length, entry);
    char *equals = strchr(text, '=');
    if (equals) {
        *equals = '\0';
    }
    const struct ssldyn_option *option = ssldyn_query_option(text);
    if (!equals || length >= sizeof text || !option || !ssldyn_query_can_be_axis(option)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--axis.%.60s: cannot be an axis of the page's map; an axis must be a "
                           "numeric option of --model modes, parabola or lowdim",
                           text);
    }
    axis->name = option->name;
    if (!read_range(equals + 1, axis)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--axis.%s %.80s: must be a range, from:to:points or "
                           "log:from:to:points",
                           option->name, equals + 1);
    }
    return SSLDYN_OK;
}

/* The first two axes; those of the paper's map where none is given. */
static enum ssldyn_status put_axes(const struct ssldyn_spec *spec,
                                   struct ssldyn_explore_start *start, struct ssldyn_error *err)
{
    struct ssldyn_explore_axis *axes[2] = {&start->x, &start->y};
    const bool held = !spec->ema || ssldyn_spec_given(spec, "tau");
    const bool trains = ssldyn_spec_given(spec, "train-lr");
    const struct ssldyn_explore_axis eta = {"eta", 0.0, 0.3, false};
    const struct ssldyn_explore_axis beta = {"beta", 0.01, 10.0, true};
    const struct ssldyn_explore_axis sigma2 = {"sigma2", 0.0, 1.0, false};
    const struct ssldyn_explore_axis decay = {"train-weight-decay", 1e-4, 1.0, true};
    const struct ssldyn_explore_axis lambda = {"lambda-s", 0.5, 2.0, false};
    const bool networks = ssldyn_model_has(spec->problem.model, SSLDYN_HAS_NETWORKS);
    start->x = trains ? decay : eta;
    start->y = !held && !trains ? beta : networks ? lambda : sigma2;
    size_t count = 0;
    for (const char *entry = spec->sweep.axes; entry && *entry != '\0' && count < 2;) {
        const size_t length = strcspn(entry, ";");
        const enum ssldyn_status status = read_axis(entry, length, axes[count++], err);
        if (status != SSLDYN_OK) {
            return status;
        }
        entry += length + (entry[length] == ';' ? 1 : 0);
    }
    if (count == 1 && start->x.name == start->y.name) {
        start->y = strcmp(start->x.name, "eta") == 0 ? sigma2 : eta;
    }
    return SSLDYN_OK;
}

/* ---- the run */

/* The directory of a spec.conf that was read; NULL: it was another file, or memory is out. */
static char *directory_of(const char *file)
{
    static const char name[] = "spec.conf";
    const size_t length = file ? strlen(file) : 0;
    const size_t rest = sizeof name - 1;
    if (length < rest || strcmp(file + length - rest, name) != 0) {
        return NULL;
    }
    if (length == rest) {
        return ssldyn_memory_copy(".");
    }
    char *directory = file[length - rest - 1] == '/' ? ssldyn_memory_copy(file) : NULL;
    if (directory) {
        directory[length == rest + 1 ? 1 : length - rest - 1] = '\0';
    }
    return directory;
}

/* The command that wrote a directory; 0: an experiment file that none wrote. */
static enum ssldyn_status command_of(const char *file, enum ssldyn_command *command,
                                     struct ssldyn_error *err)
{
    struct ssldyn_conf conf = {0};
    const enum ssldyn_status status = ssldyn_conf_read(file, &conf, err);
    const char *name = status == SSLDYN_OK ? ssldyn_conf_value(&conf, "command") : NULL;
    *command = name ? ssldyn_command_find(name) : (enum ssldyn_command)0;
    ssldyn_conf_clear(&conf);
    return status;
}

/* Finds what the file that was read stands for. */
static enum ssldyn_status find_run(const struct ssldyn_spec *spec,
                                   struct ssldyn_cli_explore_start *start, struct ssldyn_error *err)
{
    const unsigned runs = SSLDYN_COMMAND_FLOW | SSLDYN_COMMAND_SGD | SSLDYN_COMMAND_ALIGN;
    const unsigned maps = SSLDYN_COMMAND_SWEEP | SSLDYN_COMMAND_BASIN | SSLDYN_COMMAND_THEORY |
                          SSLDYN_COMMAND_EXPLORE;
    enum ssldyn_command command = (enum ssldyn_command)0;
    const char *file = spec->given.file;
    start->start.title = "";
    if (!file) {
        return SSLDYN_OK;
    }
    char *directory = directory_of(file);
    start->title = directory ? directory : ssldyn_memory_copy(file);
    if (!start->title) {
        return no_memory(err);
    }
    start->start.title = start->title;
    const enum ssldyn_status status = command_of(file, &command, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    if (command != 0 && ((unsigned)command & (runs | maps)) == 0) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "%.300s: explore cannot show results of ssldyn %s; it shows runs of flow "
            "and sgd, results of align, and maps of sweep and basin",
            file, ssldyn_command_name((unsigned)command));
    }
    if (directory && ((unsigned)command & runs) != 0) {
        start->run = ssldyn_memory_copy(directory);
        start->start.run = start->run;
        return start->run ? SSLDYN_OK : no_memory(err);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_cli_explore_start_make(const struct ssldyn_spec *spec,
                                                 struct ssldyn_cli_explore_start *start,
                                                 struct ssldyn_error *err)
{
    *start = (struct ssldyn_cli_explore_start){.pairs = NULL};
    start->start.threads = (int)spec->threads;
    enum ssldyn_status status = find_run(spec, start, err);
    const bool matrices = ssldyn_model_has(spec->problem.model, SSLDYN_HAS_MATRICES);
    if (status == SSLDYN_OK && matrices && !start->start.run) {
        char name[SSLDYN_SPEC_WHERE];
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%s %s: the page shows single modes (--model modes, parabola or "
                           "lowdim); for matrices, show a run: ssldyn explore RUN",
                           ssldyn_spec_where(spec, "model", name),
                           ssldyn_model_of(spec->problem.model)->name);
    }
    if (status == SSLDYN_OK && start->start.run &&
        (matrices || !ssldyn_spec_given(spec, "model"))) {
        start->start.note =
            "Each mode is judged as if the data were isotropic (model modes), with the settings on "
            "this page; the run's own data may differ.";
    }
    if (status == SSLDYN_OK) {
        status = put_settings(spec, matrices, start, err);
    }
    return status == SSLDYN_OK ? put_axes(spec, &start->start, err) : status;
}

void ssldyn_cli_explore_start_clear(struct ssldyn_cli_explore_start *start)
{
    for (size_t i = 0; start->texts && i < 2 * start->start.count; i++) {
        free(start->texts[i]);
    }
    free(start->texts);
    free(start->pairs);
    free(start->run);
    free(start->title);
    *start = (struct ssldyn_cli_explore_start){.pairs = NULL};
}
