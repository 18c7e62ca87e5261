/* Pictures of runs, drawn by gnuplot through the scripts of plots/. */
// SPDX-License-Identifier: MIT
#include "sim/cli/picture.h"

#include "sim/cli/picture_runs.h"
#include "sim/compare/live_trace.h"
#include "sim/io/file.h"
#include "sim/io/output_dir.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kinds of results other than sweeps, and how they are drawn: the first row whose file
 * exists and has that column. */
struct kind {
    const char *file;
    const char *column;
    const char *script;
    ssldyn_picture_writer *write;
};
static const struct kind kinds[] = {
    {"separatrix.tsv", "s", "separatrix.gp", ssldyn_picture_separatrix},
    {"thresholds.tsv", "threshold", "thresholds.gp", ssldyn_picture_thresholds},
    {"margins.tsv", "fate", "margins.gp", ssldyn_picture_margins},
    {"spectra.tsv", "lambda_x", "moments.gp", ssldyn_picture_moments},
    {"trace.tsv", "s_gap_map", "ladder.gp", ssldyn_picture_ladder},
    {"trace.tsv", "s_gap", "compare.gp", ssldyn_picture_compare},
    {"trace.tsv", "effective_rank", "align.gp", ssldyn_picture_align},
    {"trace.tsv", "commutator", "matrix.gp", ssldyn_picture_matrix},
    {"trace.tsv", "p_1", "modes.gp", ssldyn_picture_modes},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Writes the data of path if it exists and is of that kind; *found says so. */
static enum ssldyn_status try_kind(const struct kind *kind, const char *run, const char *path,
                                   const struct ssldyn_table *table, FILE *program, bool *found,
                                   struct ssldyn_error *err)
{
    *found = ssldyn_table_column(table, kind->column) != SIZE_MAX;
    if (*found && table->rows == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%.400s: has no rows to draw", path);
    return *found ? kind->write(program, run, path, table, err) : SSLDYN_OK;
}

/* The first matching kind for the table in a file. */
static enum ssldyn_status try_table(const char *file, const char *run, const char *path,
                                    const struct ssldyn_table *table, FILE *program,
                                    const char **script, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;

    for (size_t i = 0; i < KINDS && !*script && status == SSLDYN_OK; i++) {
        bool found = false;
        if (strcmp(kinds[i].file, file) == 0)
            status = try_kind(&kinds[i], run, path, table, program, &found, err);
        *script = found ? kinds[i].script : *script;
    }
    return status;
}

/* Notes the progress of an unfinished run in the picture and, unless it is redrawn as it grows,
 * on stderr. */
static void note_state(FILE *program, const char *run, const char *state,
                       const struct ssldyn_picture_request *request)
{
    if (state[0] == '\0')
        return;
    ssldyn_gnuplot_string(program, "NOTE", state);
    if (!request->newest)
        fprintf(stderr, "ssldyn %s: %s: %s\n", request->command, run, state);
}

enum ssldyn_status ssldyn_picture_check(const char *run, struct ssldyn_error *err)
{
    struct stat info;

    if (stat(run, &info) != 0)
        return ssldyn_fail_system(err, SSLDYN_EINPUT, errno, "%.200s", run);
    if (!S_ISDIR(info.st_mode))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s: is not a directory; give a results directory of ssldyn", run);
    return SSLDYN_OK;
}

/* Writes the data in one directory and chooses the script that draws it. */
static enum ssldyn_status write_run(const char *run, const struct ssldyn_picture_request *request,
                                    FILE *program, const char **script, struct ssldyn_error *err)
{
    /* the margins of a flow or of align come with a trace, which is drawn instead */
    static const char *const files[] = {"separatrix.tsv", "thresholds.tsv", "spectra.tsv",
                                        "margins.tsv"};
    struct ssldyn_table table = {0};
    char state[SSLDYN_LIVE_STATE];
    char *path = NULL;
    bool has_trace = false;
    enum ssldyn_status status = ssldyn_picture_check(run, err);

    *script = NULL;
    if (status == SSLDYN_OK)
        status = ssldyn_run_has_trace(run, &has_trace, err);
    const size_t tables = has_trace ? 3 : 4;
    for (size_t i = 0; i < tables && !*script && status == SSLDYN_OK; i++) {
        path = ssldyn_file_path_join(run, files[i]);
        if (path && access(path, F_OK) == 0) {
            status = ssldyn_output_dir_check_readable(run, err);
            if (status == SSLDYN_OK)
                status = ssldyn_table_read(path, &table, err);
            if (status == SSLDYN_OK)
                status = try_table(files[i], run, path, &table, program, script, err);
            ssldyn_table_clear(&table);
        }
        free(path);
    }
    if (status == SSLDYN_OK && !*script && has_trace) {
        status = ssldyn_live_trace(run, request->newest, &table, &path, state, err);
        if (status == SSLDYN_OK && table.rows == 0)
            status = ssldyn_fail(err, SSLDYN_EINPUT, "%.400s: has no rows to draw yet", run);
        if (status == SSLDYN_OK)
            status = try_table("trace.tsv", run, path, &table, program, script, err);
        if (status == SSLDYN_OK)
            note_state(program, run, state, request);
        ssldyn_table_clear(&table);
        free(path);
    } else if (status == SSLDYN_OK && !*script) {
        status = ssldyn_output_dir_check_readable(run, err);
    }
    if (status == SSLDYN_OK && !*script)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s: holds nothing to draw: no trace.tsv of a run, fate.npy of a "
                           "sweep, separatrix.tsv, thresholds.tsv or margins.tsv of a basin, "
                           "spectra.tsv of moments",
                           run);
    return status;
}

/* Writes those of several runs that can share a picture: runs with traces, else sweeps. A remark
 * names those left out. */
static enum ssldyn_status write_runs(struct ssldyn_run_set *set,
                                     const struct ssldyn_picture_request *request, FILE *program,
                                     const char **script, struct ssldyn_error *err)
{
    const char *first = set->runs[0].path;
    size_t kinds_there[SSLDYN_RUN_OTHER + 1] = {0};
    char words[80];

    for (size_t i = 0; i < set->count; i++)
        kinds_there[set->runs[i].kind]++;
    const bool traces = kinds_there[SSLDYN_RUN_TRACE] > 0;
    if (!traces && kinds_there[SSLDYN_RUN_SWEEP] == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "%.200s and the others: these runs have neither traces nor maps that "
                           "one picture could show",
                           first);
    (void)snprintf(words, sizeof words,
                   "ssldyn %s: left out (another kind of run): ", request->command);
    ssldyn_run_set_keep(set, traces ? SSLDYN_RUN_TRACE : SSLDYN_RUN_SWEEP, words, stderr);
    *script = traces ? "runs.gp" : "sweep.gp";
    return traces ? ssldyn_picture_runs(program, set, request, err)
                  : ssldyn_picture_sweeps(program, set, request, err);
}

/* Writes the requested data, then loads the script that draws it. */
static enum ssldyn_status write_program(FILE *program, const void *context,
                                        struct ssldyn_error *err)
{
    const struct ssldyn_picture_request *request = context;
    struct ssldyn_run_set set;
    const char *script = NULL;
    enum ssldyn_status status = ssldyn_run_set_open(request->runs, request->run_count, &set, err);

    if (status == SSLDYN_OK && set.count == 1 && !request->columns &&
        set.runs[0].kind != SSLDYN_RUN_SWEEP)
        status = write_run(set.runs[0].path, request, program, &script, err);
    else if (status == SSLDYN_OK)
        status = write_runs(&set, request, program, &script, err);
    ssldyn_run_set_clear(&set);
    if (status == SSLDYN_OK)
        fprintf(program, "load '%s'\n", script);
    return status;
}

enum ssldyn_status ssldyn_picture_make(const struct ssldyn_picture_request *request,
                                       const char *format, struct ssldyn_bytes *picture,
                                       struct ssldyn_error *err)
{
    const struct ssldyn_page page = {
        .format = format, .unit = 1.0, .scale = 2.0, .font = "Liberation Sans"};
    return ssldyn_page_make(&page, write_program, request, picture, err);
}

enum ssldyn_status ssldyn_picture_draw(const struct ssldyn_picture_request *request,
                                       const struct ssldyn_page *page, struct ssldyn_error *err)
{
    return ssldyn_page_draw(page, write_program, request, err);
}
