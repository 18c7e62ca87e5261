/* ssldyn sweep: a grid or a Sobol sample of one mode's parameters and start. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/signal.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/sweep.h"
#include "theory/fate.h"

#include <inttypes.h>
#include <stdlib.h>

static void print(const struct ssldyn_sweep_report *report)
{
    printf("points = %" PRId64 "\n", report->points);
    printf("collapsed = %" PRId64 "\n", report->fates[SSLDYN_FATE_COLLAPSED]);
    printf("survives = %" PRId64 "\n", report->fates[SSLDYN_FATE_SURVIVES]);
    printf("diverged = %" PRId64 "\n", report->fates[SSLDYN_FATE_DIVERGED]);
    printf("undecided = %" PRId64 "\n", report->fates[SSLDYN_FATE_UNDECIDED]);
    printf("collapse_probability = %.17g\n", report->collapsed);
    printf("collapse_low = %.17g\n", report->low);
    printf("collapse_high = %.17g\n", report->high);
}

/* To the terminal: how long it took, and what could decide the undecided points. */
static void print_summary(const struct ssldyn_sweep_report *report, const char *path)
{
    char found[64] = "";
    const int64_t undecided = report->fates[SSLDYN_FATE_UNDECIDED];
    if (report->found > 0) {
        snprintf(found, sizeof found, " (%" PRId64 " of them by an earlier run)", report->found);
    }
    fprintf(stderr, "%" PRId64 " points in %.2f s%s%s\n", report->points, report->wall, found,
            report->table ? "" : "; no table.tsv beyond a million points without --all-rows");
    if (undecided > 0) {
        fprintf(stderr,
                "%" PRId64 " of them undecided: no certificate applied up to t_end; a larger "
                "--t-end decides most, a smaller --rtol those beside an edge\n",
                undecided);
    }
    fprintf(stderr, "results: %s\n", path);
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_output output = {.path = NULL};
    const bool first = ssldyn_ranks_number() == 0;
    enum ssldyn_status status = first ? ssldyn_cli_output(spec, NULL, &output, err) : SSLDYN_OK;
    status = ssldyn_ranks_agree(status, err);
    if (status != SSLDYN_OK || (spec->sweep.point >= 0 && !first)) {
        ssldyn_output_close(&output);
        ssldyn_ranks_end();
        return status;
    }
    ssldyn_signal_catch();
    if (spec->sweep.point >= 0) {
        status = ssldyn_sweep_point(spec, output.path, err);
    } else {
        struct ssldyn_sweep_report report;
        status = ssldyn_sweep_run(spec, &output, &report, err);
        if (status == SSLDYN_OK && first) {
            print(&report);
        }
        if (status == SSLDYN_OK && first && !spec->quiet) {
            print_summary(&report, output.path);
        }
        const int64_t undecided = status == SSLDYN_OK ? report.fates[SSLDYN_FATE_UNDECIDED] : 0;
        if (undecided > 0 && first && !spec->quiet) {
            fprintf(stderr,
                    "ssldyn sweep: warning: %" PRId64
                    " points are undecided: no certificate before --t-end (try a larger one), or a "
                    "start closer to the edge of a basin than double precision resolves\n",
                    undecided);
        }
    }
    ssldyn_output_rename(&output, err);
    ssldyn_output_close(&output);
    ssldyn_ranks_end();
    /* one message from one rank */
    if (status != SSLDYN_OK && !first) {
        exit(ssldyn_status_exit(status));
    }
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_sweep = {
    .command = SSLDYN_COMMAND_SWEEP,
    .operands = "[FILE.conf]",
    .summary = "fates and ends over a grid or a Sobol sample of parameters and starts",
    .description =
        "Follows one mode from every point of a grid (--axis.NAME from:to:points, as many axes as "
        "needed, the last fastest) or of a Sobol sample (--sobol N), with a certified fate for "
        "each, and writes table.tsv and one .npy array a column, shaped like the grid. Uses all "
        "processors, and all processes under mpirun; results do not depend on their number. A "
        "killed sweep goes on when the same command is given again. --point I runs one point by "
        "itself, with its full trace.",
    .examples =
        "ssldyn sweep --model modes --axis.eta 0:0.3:256 --axis.beta log:0.01:10:256 -o out/map\n"
        "ssldyn sweep --model modes --sobol 100000 --axis.p0 0:0.5 --axis.s0 0:0.5 --eta 0.1\n"
        "mpirun -n 4 ssldyn sweep map.conf --columns fate --early-stop -o out/large\n"
        "ssldyn sweep map.conf --point 4711 -o out/map\n",
    .needs_arguments = true,
    .run = run};
