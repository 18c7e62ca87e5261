/* The directory into which an answer writes its files. */
// SPDX-License-Identifier: MIT
#include "sim/answer/answer_output.h"

#include "sim/io/file.h"
#include "sim/io/output_dir.h"
#include "sim/options/settings_differ.h"
#include "sim/sweep/columns.h"

enum { NAMES = 10000 };

static enum ssldyn_status open_output(const struct ssldyn_spec *spec, const char *path,
                                      struct ssldyn_output *output, struct ssldyn_error *err)
{
    const bool sweeps =
        spec->given.command == SSLDYN_COMMAND_SWEEP || spec->given.command == SSLDYN_COMMAND_BASIN;
    return ssldyn_output_open(path, ssldyn_command_name(spec->given.command),
                              sweeps ? ssldyn_columns_owns : NULL, output, err);
}

/* out/COMMAND-what, out/COMMAND-what-2, ... */
static void name_default(const struct ssldyn_spec *spec, const char *what, int number,
                         char path[SSLDYN_ANSWER_OUTPUT_SIZE])
{
    const int used =
        snprintf(path, SSLDYN_ANSWER_OUTPUT_SIZE, "out/%s%s%s",
                 ssldyn_command_name(spec->given.command), what ? "-" : "", what ? what : "");
    if (number > 1) {
        (void)snprintf(path + used, SSLDYN_ANSWER_OUTPUT_SIZE - (size_t)used, "-%d", number);
    }
}

/* The first free default directory: not one in which another process is working or that holds
 * results of other settings. */
static enum ssldyn_status open_default(const struct ssldyn_spec *spec, const char *what,
                                       struct ssldyn_output *output, struct ssldyn_error *err)
{
    char path[SSLDYN_ANSWER_OUTPUT_SIZE];
    char change[200];
    enum ssldyn_status status = SSLDYN_EINPUT;
    for (int i = 1; status == SSLDYN_EINPUT && i < NAMES; i++) {
        name_default(spec, what, i, path);
        if (ssldyn_output_dir_holds_results(path) &&
            ssldyn_settings_differ(spec, path, change, sizeof change)) {
            continue;
        }
        status = open_output(spec, path, output, err);
        if (status == SSLDYN_EINPUT && !ssldyn_output_dir_is_taken(path)) {
            return status; /* the problem does not depend on the name */
        }
    }
    return status;
}

bool ssldyn_answer_output_find_default(const struct ssldyn_spec *spec,
                                       char path[SSLDYN_ANSWER_OUTPUT_SIZE])
{
    char change[200];
    for (int i = 1; i < NAMES; i++) {
        name_default(spec, NULL, i, path);
        if (!ssldyn_output_dir_holds_results(path)) {
            return false;
        }
        if (!ssldyn_settings_differ(spec, path, change, sizeof change)) {
            return true;
        }
    }
    return false;
}

/* Writes the arrays that the command was given in memory, so that spec.conf can name them. */
static enum ssldyn_status write_arrays(const struct ssldyn_spec *spec, struct ssldyn_output *output,
                                       struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_spec_write_arrays(spec, output->work, err);
    if (status != SSLDYN_OK) {
        status = ssldyn_output_finish(output, false, status, err);
        ssldyn_output_close(output);
    }
    return status;
}

enum ssldyn_status ssldyn_answer_output_open(const struct ssldyn_spec *spec,
                                             const struct ssldyn_answer_mode *mode,
                                             const char *what, struct ssldyn_output *output,
                                             struct ssldyn_error *err)
{
    *output = (struct ssldyn_output){.lock = -1, .work_lock = -1};
    if (!mode->directory) {
        return SSLDYN_OK;
    }
    const enum ssldyn_status status = spec->output ? open_output(spec, spec->output, output, err)
                                                   : open_default(spec, what, output, err);
    if (status == SSLDYN_OK && output->unlocked) {
        ssldyn_answer_remark(mode,
                             "warning: %s: this file system has no locks; do not let two commands "
                             "write there at the same time",
                             output->path);
    }
    return status == SSLDYN_OK ? write_arrays(spec, output, err) : status;
}

void ssldyn_answer_output_note_replaced(const struct ssldyn_spec *spec,
                                        const struct ssldyn_answer_mode *mode,
                                        const struct ssldyn_output *output)
{
    char change[200];
    if (output->path && mode->remark &&
        ssldyn_settings_differ(spec, output->path, change, sizeof change)) {
        ssldyn_answer_remark(mode, "%s: replaces an earlier run with other settings (%s)",
                             output->path, change);
    }
}

static void print_report(const void *report, FILE *stream)
{
    fprintf(stream, "# ssldyn report 1\n%s", (const char *)report);
}

enum ssldyn_status ssldyn_answer_output_report(const struct ssldyn_result *result,
                                               const char *directory, enum ssldyn_status status,
                                               struct ssldyn_error *err)
{
    struct ssldyn_error *late = status == SSLDYN_OK ? err : NULL;
    const char *report = ssldyn_result_text(result, "report");
    if (!directory || !report) {
        return status;
    }
    const enum ssldyn_status kept =
        ssldyn_file_print(directory, "report.txt", print_report, report, late);
    return status == SSLDYN_OK ? kept : status;
}

enum ssldyn_status ssldyn_answer_output_finish(struct ssldyn_output *output, bool results,
                                               struct ssldyn_result *result,
                                               enum ssldyn_status status, struct ssldyn_error *err)
{
    if (!output->path) {
        return status;
    }
    ssldyn_result_put_text(result, "directory", output->path);
    if (status == SSLDYN_OK) { /* a failure after publishing would leave results behind */
        status = ssldyn_result_check(result, err);
    }
    status = ssldyn_output_finish(output, results, status, err);
    if (!results || !output->published) {
        ssldyn_result_drop_text(result, "directory");
    }
    return status;
}
