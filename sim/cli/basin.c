/* ssldyn basin: the separatrix, thresholds of one option (also over a grid of others), or a map of
 * fates over two start coordinates. */
// SPDX-License-Identifier: MIT
#include "sim/cli/basin.h"

#include "sim/base/decimal.h"
#include "sim/base/signal.h"
#include "sim/cli/commands.h"
#include "sim/flow/basin.h"
#include "sim/flow/margins.h"
#include "sim/sweep/ranks.h"
#include "sim/sweep/sweep.h"
#include "theory/fate.h"

#include <inttypes.h>
#include <math.h>

enum ssldyn_status ssldyn_cli_basin_open(const struct ssldyn_spec *spec, const char *path,
                                         const char *name, struct ssldyn_file *file,
                                         struct ssldyn_error *err)
{
    enum ssldyn_status status = ssldyn_spec_write(spec, path, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_file_open_in(file, path, name, err);
    if (status == SSLDYN_OK) {
        fputs("# ssldyn basin 1\n", file->stream);
    }
    return status;
}

static enum ssldyn_status run_separatrix(const struct ssldyn_spec *spec,
                                         const struct ssldyn_mode_point *mode, const char *path,
                                         struct ssldyn_error *err)
{
    struct ssldyn_separatrix separatrix;
    struct ssldyn_file file = {0};
    enum ssldyn_status status = ssldyn_basin_separatrix(mode, spec->problem.rtol, &separatrix, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    status = ssldyn_cli_basin_open(spec, path, "separatrix.tsv", &file, err);
    if (status == SSLDYN_OK) {
        fprintf(file.stream, "# the saddle's stable manifold in the plane (p, s) at tau = %s\n",
                SSLDYN_DECIMAL(mode->tau));
        fputs("p\ts\tln_s\n", file.stream);
        for (size_t i = 0; i < separatrix.count; i++) {
            fprintf(file.stream, "%s\t%s\t%s\n", SSLDYN_DECIMAL(separatrix.p[i]),
                    SSLDYN_DECIMAL(separatrix.s[i]), SSLDYN_DECIMAL(separatrix.ln_s[i]));
        }
        status = ssldyn_file_commit(&file, err);
    }
    if (status == SSLDYN_OK) {
        printf("p_saddle = %s\ns_saddle = %s\neigenvalue_along = %s\npoints = %zu\n",
               SSLDYN_DECIMAL(separatrix.p_saddle), SSLDYN_DECIMAL(separatrix.s_saddle),
               SSLDYN_DECIMAL(separatrix.stable), separatrix.count);
    }
    ssldyn_file_abandon(&file);
    ssldyn_basin_separatrix_clear(&separatrix);
    return status;
}

/* The knobs of one start. */
static enum ssldyn_status run_margins(const struct ssldyn_spec *spec, const char *path,
                                      struct ssldyn_error *err)
{
    struct ssldyn_margins margins;
    enum ssldyn_status status = ssldyn_margins_of_problem(&spec->problem, &margins, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_spec_write(spec, path, err);
    }
    if (status == SSLDYN_OK) {
        status = ssldyn_margins_write(&margins, path, err);
    }
    if (status == SSLDYN_OK) {
        printf("fate = %s\n", ssldyn_fate_word(margins.fates[0]));
    }
    for (size_t k = 0; status == SSLDYN_OK && k < margins.knob_count; k++) {
        static const char *const kinds[] = {"none", "fold", "basin edge"};
        const struct ssldyn_margins_crossing *crossing = &margins.crossings[k];
        const char *name = margins.knobs[k].name;
        printf("x_%s = %s\n", name, SSLDYN_DECIMAL(crossing->factor));
        if (!isnan(crossing->value)) {
            printf("there_%s = %s\n", name, SSLDYN_DECIMAL(crossing->there));
        }
        printf("mechanism_%s = %s\n", name, kinds[crossing->kind]);
    }
    ssldyn_margins_clear(&margins);
    return status;
}

static enum ssldyn_status run_map(struct ssldyn_spec *spec, struct ssldyn_output *output,
                                  struct ssldyn_error *err)
{
    struct ssldyn_sweep_report report;
    spec->sweep.early_stop = true;
    const enum ssldyn_status status = ssldyn_sweep_run(spec, output, &report, err);
    if (status == SSLDYN_OK && ssldyn_ranks_number() == 0) {
        printf("points = %" PRId64 "\ncollapsed = %" PRId64 "\nsurvives = %" PRId64
               "\nundecided = %" PRId64 "\n",
               report.points, report.fates[SSLDYN_FATE_COLLAPSED],
               report.fates[SSLDYN_FATE_SURVIVES], report.fates[SSLDYN_FATE_UNDECIDED]);
    }
    ssldyn_ranks_end();
    return status;
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_mode_point mode;
    struct ssldyn_output output = {.path = NULL};
    enum ssldyn_status status = ssldyn_mode_point_init(&mode, &spec->problem, err);
    if (status == SSLDYN_OK && spec->sweep.threshold && !spec->sweep.axes) {
        if (spec->output) {
            return ssldyn_fail(err, SSLDYN_EINPUT,
                               "--output %.100s: thresholds at one point are printed, no file is "
                               "written; axes make a table",
                               spec->output);
        }
        return ssldyn_cli_basin_threshold(spec, &mode, err);
    }
    /* the ranks of a map share its points; the first one writes */
    const bool shared = ssldyn_cli_output_is_shared(spec);
    const bool first = !shared || ssldyn_ranks_number() == 0;
    if (status == SSLDYN_OK && first) {
        status = ssldyn_cli_output(spec, NULL, &output, err);
    }
    status = shared ? ssldyn_ranks_agree(status, err) : status;
    if (status != SSLDYN_OK) {
        return status;
    }
    if (first) {
        ssldyn_cli_output_note_replaced(spec, &output);
    }
    ssldyn_signal_catch();
    if (spec->sweep.threshold) {
        status = ssldyn_cli_basin_surface(spec, &mode, output.work, err);
    } else if (shared) {
        status = run_map(spec, &output, err);
    } else if (spec->margins) {
        status = run_margins(spec, output.work, err);
    } else {
        status = run_separatrix(spec, &mode, output.work, err);
    }
    if (first && !output.published) { /* a map publishes itself */
        status = ssldyn_output_finish(
            &output, status == SSLDYN_EINTERRUPTED && spec->sweep.threshold, status, err);
    }
    if (status == SSLDYN_OK && first && !spec->quiet) {
        ssldyn_cli_output_announce(output.path, "");
    }
    ssldyn_output_close(&output);
    return status;
}

const struct ssldyn_cli_command ssldyn_cli_basin = {
    .command = SSLDYN_COMMAND_BASIN,
    .operands = "[FILE.conf]",
    .summary = "the edge of the basin of collapse, and thresholds of survival",
    .description =
        "With --threshold NAME --lo A --hi B: every value of that option between A and B at which "
        "the fate of a mode flips, to 1e-12 relative, and what decides there: the fold, the "
        "basin's edge, or the lag of the EMA. With axes as well: a table of thresholds over their "
        "grid (two start coordinates: the basin's surface). With axes alone: a map of certified "
        "fates. With --margins: by what factor each knob alone must change for the fate of a "
        "start to flip, in margins.tsv. Otherwise, at constant tau: the separatrix, the saddle's "
        "stable manifold, as a curve in separatrix.tsv.",
    .common = "|model|eta|beta|p0|s0|threshold|lo|hi|axis|output|",
    .examples =
        "ssldyn basin --model modes --threshold eta --lo 0 --hi 0.3 --p0 0.1 --s0 0.05 --tau0 0.5\n"
        "ssldyn basin --model modes --threshold train-ema --lo 0.9 --hi 1 --train-lr 0.05 "
        "--train-weight-decay 0.1\n"
        "ssldyn basin --model modes --p0 0.3 --s0 0.1 --margins -o out/margins\n"
        "ssldyn basin --model modes --no-ema --eta 0.1 -o out/separatrix\n"
        "ssldyn basin --model modes --axis.p0 0:1:512 --axis.s0 0:1:512 --eta 0.1 -o out/map\n",
    .needs_arguments = true,
    .run = run};
