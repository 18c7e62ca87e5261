/* ssldyn flow: from the spec to a run directory and the closing report. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/signal.h"
#include "sim/flow/flow.h"
#include "sim/flow/margins.h"
#include "sim/inputs/inputs.h"
#include "sim/model/model.h"
#include "sim/run/run_directory.h"

#include <math.h>

/* What ends a run. */
struct closing {
    struct ssldyn_flow_report report;
    struct ssldyn_margins margins; /* count 0: not asked for */
};

static void print(const void *context, FILE *stream)
{
    const struct closing *closing = context;
    ssldyn_flow_report_print(&closing->report, stream);
    ssldyn_margins_print(&closing->margins, stream);
}

/* Those of the starts, into the report and the directory. */
static enum ssldyn_status find_margins(const struct ssldyn_spec *spec, const char *directory,
                                       struct ssldyn_margins *margins, struct ssldyn_error *err)
{
    const enum ssldyn_status status = ssldyn_margins_of_problem(&spec->problem, margins, err);
    return status == SSLDYN_OK ? ssldyn_margins_write(margins, directory, err) : status;
}

static enum ssldyn_status run_loaded(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_model *model = ssldyn_model_of(spec->problem.model);
    struct ssldyn_output output;
    enum ssldyn_status status = ssldyn_cli_output(spec, model->name, &output, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    ssldyn_cli_output_note_replaced(spec, output.path);
    struct closing closing = {.margins.count = 0};
    struct ssldyn_run_directory directory;
    ssldyn_signal_catch();
    ssldyn_run_directory_init(&directory, output.work, ssldyn_spec_print, spec);
    status = ssldyn_flow_run(&spec->problem, &directory.sink, spec->quiet, &closing.report, err);
    if (status == SSLDYN_OK && spec->margins) {
        status = find_margins(spec, output.work, &closing.margins, err);
    }
    if (closing.report.rows > 0) {
        status = ssldyn_cli_output_report(spec, output.work, print, &closing, status, err);
    }
    status = ssldyn_output_finish(&output, closing.report.rows > 0, status, err);
    if (closing.report.rows > 0 && output.published && !spec->quiet) {
        char took[32];
        (void)snprintf(took, sizeof took, " (%.3g s)", closing.report.wall);
        ssldyn_cli_output_announce(output.path, took);
    }
    if (status == SSLDYN_OK && (!model->modes || ssldyn_model_is_coupled(&spec->problem))) {
        if (isnan(closing.report.rank)) {
            puts("rank = nan");
        } else {
            printf("rank = %.0f\n", closing.report.rank);
        }
        printf("rank_at_end = %.0f\n", closing.report.rank_at_end);
    }
    if (status == SSLDYN_OK && isfinite(closing.report.closure_error[0])) {
        ssldyn_cli_output_print("closure_error", closing.report.closure_error[0]);
    }
    if (status == SSLDYN_OK && spec->strict) {
        status =
            ssldyn_cli_output_strict(ssldyn_flow_report_broken(&closing.report), output.path, err);
    }
    ssldyn_flow_report_clear(&closing.report);
    ssldyn_margins_clear(&closing.margins);
    ssldyn_output_close(&output);
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_inputs inputs = {0};
    enum ssldyn_status status = ssldyn_inputs_load(spec, &inputs, err);
    if (status == SSLDYN_OK) {
        status = run_loaded(spec, err);
    }
    ssldyn_inputs_clear(&inputs);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_flow = {
    .command = SSLDYN_COMMAND_FLOW,
    .operands = "[FILE.conf]",
    .summary = "integrate a flow of the theory",
    .description =
        "Integrates one of the theory's flows from a start and writes a run directory: spec.conf "
        "(\"ssldyn flow spec.conf\" repeats the run bit for bit), trace.tsv, and for matrix models "
        "the snapshots t.npy, Wp.npy, W.npy, Wa.npy, F.npy. A report on the fate of each mode and "
        "the drift of every invariant ends the run. Starts may have any sign; where the network's "
        "w changes its sign, tau = wa/w passes through infinity. A mode that cannot be integrated "
        "any further is nan from there on, and the others go on without it. Of matrices, and of "
        "modes that the loss couples, rank is how many eigenvalues of F survive in the flow from "
        "t_end on (nan where the fate of one is open), rank_at_end how many are above 1e-6 of the "
        "largest at t_end: beyond the fold nothing survives, but a mode may linger. closure_error "
        "is what --closure is off at the start, relative to the exact gradient. With --margins the "
        "report says by what factor each knob alone must change for the fate of each mode to "
        "flip.",
    .examples = "ssldyn flow --model modes --p0 0.02,0.1,0.5 --s0 0.05 -o out/three-modes\n"
                "ssldyn flow --n1 32 --n2 16 --eta 0.02 --init-wa copy --seed 7\n"
                "ssldyn flow --model modes --train-lr 0.05 --train-momentum 0.9 "
                "--train-weight-decay 5e-4 --train-ema 0.996 --train-steps 20000\n"
                "ssldyn flow out/three-modes/spec.conf --eta 0.25 -o out/beyond-the-fold\n",
    .run = run};
