/* ssldyn plot: a picture of a run. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/cli/live.h"
#include "sim/cli/picture.h"
#include "sim/io/file.h"
#include "sim/io/output_dir.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

/* RUN/plot; or next to it, RUN-plot, while a process writes the first results of the run: a
 * directory without results must contain nothing else, in case that process fails. */
static char *picture_of(const char *run)
{
    const size_t length = ssldyn_file_path_length(run);
    const bool inside = ssldyn_output_dir_holds_results(run) || !ssldyn_output_dir_is_locked(run);
    const size_t size = length + sizeof "/plot";
    char *path = malloc(size);
    if (path)
        snprintf(path, size, "%.*s%splot", (int)length, run, inside ? "/" : "-");
    return path;
}

static enum ssldyn_status draw(const struct ssldyn_spec *spec, const struct ssldyn_page *page,
                               struct ssldyn_error *err)
{
    const struct ssldyn_picture_request request = {.runs =
                                                       (const char *const *)spec->given.operands,
                                                   .run_count = spec->given.operand_count,
                                                   .newest = spec->follow,
                                                   .columns = spec->page.column,
                                                   .command = "plot"};
    if (spec->follow && !page->file)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--follow writes a file, not a window; give -o FILE and open that in a "
                           "viewer that reloads");
    if (spec->follow)
        return ssldyn_live_follow(&request, page, err);
    const enum ssldyn_status status = ssldyn_picture_draw(&request, page, err);
    if (status == SSLDYN_OK)
        ssldyn_page_announce(page);
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const bool one = spec->given.operand_count == 1;
    struct ssldyn_page page = {0};
    enum ssldyn_status status = SSLDYN_OK;

    if (spec->given.operand_count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "no run given: give one or more run directories");
    for (size_t i = 0; i < spec->given.operand_count && status == SSLDYN_OK; i++)
        status = ssldyn_picture_check(spec->given.operands[i], err);
    if (status != SSLDYN_OK)
        return status;
    char *stem = one ? picture_of(spec->given.operands[0]) : NULL; /* several runs: runs.png in the
                                                           * working directory */
    if (one && !stem)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    status = ssldyn_page_init(&page, spec, stem ? stem : "runs", err);
    if (status == SSLDYN_OK)
        status = draw(spec, &page, err);
    ssldyn_page_clear(&page);
    free(stem);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_plot = {
    .command = SSLDYN_COMMAND_PLOT,
    .operands = "RUN...",
    .summary = "draw a run, or overlay several, with gnuplot",
    .description =
        "Draws the contents of a run directory: the spectrum, the alignment and the invariants of "
        "a matrix run, the modes of a run of modes, the map of a sweep (with --average: the share "
        "that collapses; with more than two axes: a panel for each value of the others), the "
        "spectra of \"ssldyn moments\". Several runs, or a folder of runs such as those of a job "
        "array, are overlaid and named by the settings in which they differ; several sweeps over "
        "the same axes are drawn next to each other. An unfinished run is drawn up to its last "
        "row. The picture is RUN/plot.png (runs.png for several) unless -o or --format says "
        "otherwise; its name is printed.\n"
        "The command needs gnuplot. The plot scripts are looked up relative to the program, in the "
        "source tree in which it was built or in the prefix in which it was installed; "
        "$SSLDYN_PLOTS overrides that.",
    .common = "|file|format|width|height|font-size|column|follow|",
    .examples = "ssldyn plot out/flow-population\n"
                "ssldyn plot out/flow-modes -o modes.pdf\n"
                "ssldyn plot out/flow-modes --format window\n"
                "ssldyn plot jobs -o jobs.svg\n"
                "ssldyn plot --follow out/sgd -o live.png\n",
    .needs_arguments = true,
    .run = run};
