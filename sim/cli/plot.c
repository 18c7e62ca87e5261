/* ssldyn plot: a picture of a run. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/memory.h"
#include "sim/cli/live.h"
#include "sim/cli/picture.h"
#include "sim/io/file.h"
#include "sim/io/place.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const endings[] = {"png", "svg", "pdf"};
enum { ENDINGS = sizeof endings / sizeof endings[0], WINDOW = ENDINGS };

/* RUN/NAME; beside it, RUN-NAME, while a process writes the first results of the run: a directory
 * without results is to stay empty of all else, should that process fail. */
static char *picture_of(const char *run, const char *name)
{
    size_t length = strlen(run);
    char *path = NULL;

    if (ssldyn_place_holds(run) || !ssldyn_place_is_written(run))
        return ssldyn_path_join(run, name);
    while (length > 1 && run[length - 1] == '/')
        length--;
    path = malloc(length + strlen(name) + 2);
    if (path)
        sprintf(path, "%.*s-%s", (int)length, run, name);
    return path;
}

/* The file to write in a fresh string, -o or RUN/plot.png (runs.png here, of several), whose ending
 * and --format must agree, and its format; *file NULL: a window. */
static enum ssldyn_status choose_file(const struct ssldyn_spec *spec, char **file,
                                      const char **format, struct ssldyn_error *err)
{
    char name[16];

    *file = NULL;
    *format = "window";
    if (spec->format == WINDOW) {
        if (spec->picture)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "-o %.200s: --format window writes no file; give one of the two",
                               spec->picture);
        return SSLDYN_OK;
    }
    size_t k = (size_t)spec->format;
    if (spec->picture) {
        const char *dot = strrchr(spec->picture, '.');
        k = 0;
        while (k < ENDINGS && (!dot || strcasecmp(dot + 1, endings[k]) != 0))
            k++;
        if (k == ENDINGS)
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: must end in .png, .svg or .pdf",
                               spec->picture);
        if (ssldyn_spec_given(spec, "format") && (size_t)spec->format != k)
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: ends otherwise than --format %s",
                               spec->picture, endings[spec->format]);
        *file = ssldyn_string_copy(spec->picture);
    } else {
        const bool one = spec->operand_count == 1;
        snprintf(name, sizeof name, "%s.%s", one ? "plot" : "runs", endings[k]);
        *file = one ? picture_of(spec->operands[0], name) : ssldyn_string_copy(name);
    }
    *format = endings[k];
    return *file ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char *file = NULL;
    struct ssldyn_picture_request request = {.runs = (const char *const *)spec->operands,
                                             .run_count = spec->operand_count,
                                             .newest = spec->follow};

    if (spec->operand_count == 0)
        return ssldyn_fail(err, SSLDYN_EINPUT, "no run: give the directory of one, or of several");
    enum ssldyn_status status = choose_file(spec, &file, &request.format, err);
    if (status == SSLDYN_OK && spec->follow && !file)
        status =
            ssldyn_fail(err, SSLDYN_EINPUT,
                        "--follow writes a file, not a window; give -o FILE and open that in a "
                        "viewer that reloads");
    else if (status == SSLDYN_OK)
        status = spec->follow ? ssldyn_live_follow(&request, file, err)
                              : ssldyn_picture_draw(&request, file, err);
    if (status == SSLDYN_OK && file && !spec->follow)
        printf("%s\n", file);
    free(file);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_plot = {
    .command = SSLDYN_COMMAND_PLOT,
    .operands = "RUN...",
    .summary = "draw a run, or several over each other, with gnuplot",
    .description =
        "Draws what a run directory holds: the spectrum, the alignment and the invariants of a run "
        "of matrices, the modes of a run of modes, the map of a sweep (with --average: the share "
        "that collapses; of more than two axes: a panel for each value of the others). Several "
        "runs, or a folder of runs such as a job array's, are drawn over each other, named by the "
        "settings in which they differ; several sweeps over the same axes next to each other. The "
        "picture is RUN/plot.png (runs.png of several) unless -o or --format says otherwise; its "
        "name is printed. A run that is not finished is drawn as far as it is. Needs gnuplot. "
        "The scripts are found from where the program lies: the tree it was built in, or the "
        "prefix it was installed under; $SSLDYN_PLOTS names another directory.",
    .examples = "ssldyn plot out/flow-population\n"
                "ssldyn plot out/flow-modes -o modes.pdf\n"
                "ssldyn plot out/flow-modes --format window\n"
                "ssldyn plot jobs -o jobs.svg\n"
                "ssldyn plot --follow out/sgd -o live.png\n",
    .needs_arguments = true,
    .run = run};
