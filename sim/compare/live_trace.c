/* The trace of a run in progress. */
// SPDX-License-Identifier: MIT
#include "sim/compare/live_trace.h"

#include "sim/io/file.h"
#include "sim/io/output_dir.h"
#include "sim/io/tree.h"
#include "sim/io/work.h"
#include "sim/options/spec.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum ssldyn_status ssldyn_live_trace_find(const char *work, char **trace, struct ssldyn_error *err)
{
    errno = 0;
    DIR *directory = work ? ssldyn_tree_open(AT_FDCWD, work) : NULL;
    bool memory = errno != ENOMEM;

    *trace = NULL;
    for (const char *name = NULL; directory && !*trace && (name = ssldyn_tree_next(directory));)
        if (strncmp(name, "trace.tsv", 9) == 0) {
            *trace = ssldyn_file_path_join(work, name);
            memory = memory && *trace;
        }
    ssldyn_tree_close(directory);
    return memory ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

/* The planned end of the run from its spec, NaN if it has none. */
static double planned_end(const char *directory)
{
    struct ssldyn_spec spec;
    double end = (double)NAN;

    if (ssldyn_spec_load(&spec, directory, NULL) == SSLDYN_OK) {
        end = spec.problem.t_end > 0.0 ? spec.problem.t_end : (double)NAN;
        ssldyn_spec_clear(&spec);
    }
    return end;
}

static void write_state(const char *work, const struct ssldyn_table *table,
                        char state[SSLDYN_LIVE_STATE])
{
    const size_t time = ssldyn_table_column(table, "t");
    const double end = planned_end(work);
    size_t used = (size_t)snprintf(state, SSLDYN_LIVE_STATE, "unfinished: ");

    if (time != SIZE_MAX && table->rows > 0)
        used += (size_t)snprintf(state + used, SSLDYN_LIVE_STATE - used, "t = %.4g",
                                 ssldyn_table_value(table, table->rows - 1, time));
    if (time != SIZE_MAX && table->rows > 0 && !isnan(end))
        used += (size_t)snprintf(state + used, SSLDYN_LIVE_STATE - used, " of %.4g", end);
    snprintf(state + used, SSLDYN_LIVE_STATE - used, "%s%zu row%s", table->rows > 0 ? ", " : "",
             table->rows, table->rows == 1 ? "" : "s");
}

enum ssldyn_status ssldyn_live_trace(const char *run, bool newest, struct ssldyn_table *table,
                                     char **path, char state[SSLDYN_LIVE_STATE],
                                     struct ssldyn_error *err)
{
    const bool written =
        (newest || !ssldyn_output_dir_holds_results(run)) && ssldyn_output_dir_is_locked(run);
    char *work = NULL;
    char *trace = NULL;
    enum ssldyn_status status = written ? ssldyn_work_find(run, &work, err) : SSLDYN_OK;

    *table = (struct ssldyn_table){0};
    state[0] = '\0';
    if (status == SSLDYN_OK)
        status = ssldyn_live_trace_find(work, &trace, err);
    if (status == SSLDYN_OK && !trace)
        status = ssldyn_output_dir_check_readable(run, err);
    *path = trace ? trace : ssldyn_file_path_join(run, "trace.tsv");
    if (status == SSLDYN_OK && !*path)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK)
        status = trace ? ssldyn_table_read_growing(trace, table, err)
                       : ssldyn_table_read(*path, table, err);
    if (status == SSLDYN_OK && table->rows == 0 && !trace)
        status = ssldyn_fail(err, SSLDYN_EINPUT, "%.400s: has no rows to draw", *path);
    if (status == SSLDYN_OK && trace)
        write_state(work, table, state);
    free(work);
    return status;
}
