/* ssldyn plot: a picture of a run. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/memory.h"
#include "sim/cli/picture.h"
#include "sim/io/file.h"

#include <stdlib.h>
#include <string.h>

static const char *const endings[] = {"png", "svg", "pdf"};
enum { ENDINGS = sizeof endings / sizeof endings[0], WINDOW = ENDINGS };

/* The file to write in a fresh string: -o, whose ending and --format must agree, or RUN/plot.png.
 */
static enum ssldyn_status choose_file(const struct ssldyn_spec *spec, char **file,
                                      struct ssldyn_error *err)
{
    char name[16];

    *file = NULL;
    if (spec->format == WINDOW) {
        if (spec->picture)
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "-o %.200s: --format window writes no file; give one of the two",
                               spec->picture);
        *file = ssldyn_string_copy("window");
    } else if (spec->picture) {
        const char *dot = strrchr(spec->picture, '.');
        size_t k = 0;
        while (k < ENDINGS && (!dot || strcmp(dot + 1, endings[k]) != 0))
            k++;
        if (k == ENDINGS)
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: must end in .png, .svg or .pdf",
                               spec->picture);
        if (ssldyn_spec_given(spec, "format") && (size_t)spec->format != k)
            return ssldyn_fail(err, SSLDYN_EINPUT, "-o %.200s: ends otherwise than --format %s",
                               spec->picture, endings[spec->format]);
        *file = ssldyn_string_copy(spec->picture);
    } else {
        snprintf(name, sizeof name, "plot.%s", endings[spec->format]);
        *file = ssldyn_path_join(spec->operands[0], name);
    }
    return *file ? SSLDYN_OK : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    char *file = NULL;

    if (spec->operand_count != 1)
        return ssldyn_fail(err, SSLDYN_EINPUT, "%s: give the directory of one run",
                           spec->operand_count == 0 ? "no run" : "several runs");
    enum ssldyn_status status = choose_file(spec, &file, err);
    if (status == SSLDYN_OK)
        status = ssldyn_picture_draw(spec->operands[0], file, err);
    if (status == SSLDYN_OK && spec->format != WINDOW)
        printf("%s\n", file);
    free(file);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_plot = {
    .command = SSLDYN_COMMAND_PLOT,
    .operands = "RUN",
    .summary = "draw a run with gnuplot",
    .description =
        "Draws what a run directory holds: the spectrum, the alignment and the invariants of a run "
        "of matrices, the modes of a run of modes, the map of a sweep. The picture is RUN/plot.png "
        "unless -o or --format says otherwise; its name is printed. Needs gnuplot. The scripts are "
        "looked for in $SSLDYN_PLOTS, where they were installed, and in ./plots.",
    .examples = "ssldyn plot out/flow-population\n"
                "ssldyn plot out/flow-modes -o modes.pdf\n"
                "ssldyn plot out/flow-modes --format window\n",
    .needs_arguments = true,
    .run = run};
