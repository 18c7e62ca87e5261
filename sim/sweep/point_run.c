/* The run of one point of a sweep, with its own directory among the sweep's results. */
// SPDX-License-Identifier: MIT
#include "sim/sweep/point_run.h"

#include "sim/flow/flow.h"
#include "sim/io/file.h"
#include "sim/io/output.h"
#include "sim/io/place.h"
#include "sim/run/run_directory.h"
#include "sim/sgd/sgd.h"
#include "sim/sweep/columns.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static enum ssldyn_status run_sgd(const struct ssldyn_spec *spec, struct ssldyn_sink *sink,
                                  FILE *stream, struct ssldyn_error *err)
{
    struct ssldyn_sgd_report report;
    const enum ssldyn_status status =
        ssldyn_sgd_run(&spec->problem, sink, spec->quiet, &report, err);
    if (status == SSLDYN_OK && stream) {
        ssldyn_sgd_report_print(&report, stream);
    }
    ssldyn_sgd_report_clear(&report);
    return status;
}

static enum ssldyn_status run_flow(const struct ssldyn_spec *spec, struct ssldyn_sink *sink,
                                   FILE *stream, struct ssldyn_error *err)
{
    struct ssldyn_flow_report report;
    const enum ssldyn_status status =
        ssldyn_flow_run(&spec->problem, sink, spec->quiet, &report, err);
    if (status == SSLDYN_OK && stream) {
        ssldyn_flow_report_print(&report, stream);
    }
    ssldyn_flow_report_clear(&report);
    return status;
}

enum ssldyn_status ssldyn_point_run(const struct ssldyn_spec *spec, const char *path,
                                    int64_t number, FILE *stream, struct ssldyn_error *err)
{
    char name[40];
    int joined = -1;
    struct ssldyn_output output;
    snprintf(name, sizeof name, "point-%" PRId64, number);
    char *directory = ssldyn_file_path_join(path, name);
    const size_t there = ssldyn_place_there(path);
    enum ssldyn_status status = directory ? ssldyn_file_make_directory(path, err)
                                          : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK) {
        status = ssldyn_output_join(path, "sweep", ssldyn_columns_owns, &joined, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_output_open(directory, ssldyn_command_name(spec->given.command), NULL,
                                    &output, err);
    }
    if (status == SSLDYN_OK) {
        struct ssldyn_run_directory run;
        ssldyn_run_directory_init(&run, output.work, ssldyn_spec_print, spec);
        status = ssldyn_spec_write_arrays(spec, output.work, err);
        if (status == SSLDYN_OK) {
            status = spec->given.command == SSLDYN_COMMAND_SGD
                         ? run_sgd(spec, &run.sink, stream, err)
                         : run_flow(spec, &run.sink, stream, err);
        }
        status = ssldyn_output_finish(&output, true, status, err);
        ssldyn_output_close(&output);
    }
    if (joined >= 0) {
        close(joined);
    }
    ssldyn_place_undo(path, there);
    free(directory);
    return status;
}
