/* ssldyn basin over axes: a map of fates, which is a sweep that stops each point as soon as its
 * fate is certain. */
// SPDX-License-Identifier: MIT
#include "sim/answer/answer_output.h"
#include "sim/answer/basin.h"
#include "sim/answer/sweep_arrays.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/sweep.h"
#include "theory/fate.h"

void ssldyn_answer_basin_map_put(const struct ssldyn_sweep_report *report,
                                 struct ssldyn_result *result)
{
    ssldyn_result_put_count(result, "points", report->points);
    ssldyn_result_put_count(result, "collapsed", report->fates[SSLDYN_FATE_COLLAPSED]);
    ssldyn_result_put_count(result, "survives", report->fates[SSLDYN_FATE_SURVIVES]);
    ssldyn_result_put_count(result, "undecided", report->fates[SSLDYN_FATE_UNDECIDED]);
}

static enum ssldyn_status in_directory(const struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_output output = {.path = NULL};
    struct ssldyn_sweep_report report;
    const bool first = ssldyn_ranks_number() == 0;
    enum ssldyn_status status =
        first ? ssldyn_answer_output_open(spec, mode, NULL, &output, err) : SSLDYN_OK;
    status = ssldyn_ranks_agree(status, err);
    if (status != SSLDYN_OK) {
        ssldyn_output_close(&output);
        return status;
    }
    if (first) {
        ssldyn_answer_output_note_replaced(spec, mode, &output);
    }
    ssldyn_answer_begin(mode);
    status = ssldyn_sweep_run(spec, &output, &report, err);
    if (status == SSLDYN_OK && first) {
        ssldyn_answer_basin_map_put(&report, result);
        ssldyn_result_put_text(result, "directory", output.path);
        if (mode->keep) {
            status = ssldyn_sweep_arrays_fill(spec, output.path, result, &report, err);
        }
    } else if (first) {
        status = ssldyn_output_finish(&output, false, status, err);
    }
    ssldyn_output_close(&output);
    return status;
}

enum ssldyn_status ssldyn_answer_basin_map(struct ssldyn_spec *spec,
                                           const struct ssldyn_answer_mode *mode,
                                           struct ssldyn_result *result, struct ssldyn_error *err)
{
    struct ssldyn_sweep_report report = {0};
    spec->sweep.early_stop = true;
    if (mode->directory) {
        return in_directory(spec, mode, result, err);
    }
    ssldyn_answer_begin(mode);
    const enum ssldyn_status status = ssldyn_sweep_arrays_fill(spec, NULL, result, &report, err);
    if (status == SSLDYN_OK || status == SSLDYN_EINTERRUPTED) {
        ssldyn_answer_basin_map_put(&report, result);
    }
    if (status == SSLDYN_EINTERRUPTED) {
        ssldyn_result_put_count(result, "points_done", report.done);
    }
    return status;
}
