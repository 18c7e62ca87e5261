/* ssldyn flow for modes coupled by the loss: all of them in one system, with the same rows. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/flow/coupled_system.h"
#include "sim/flow/flow_internal.h"
#include "sim/model/model.h"
#include "sim/run/schedule.h"
#include "theory/aligned_fate.h"
#include "theory/aligned_law.h"
#include "theory/waterfill.h"

#include <math.h>
#include <stdlib.h>

struct coupled_law {
    const struct ssldyn_aligned_law *law;
    struct ssldyn_drift *drift;
    double decay;
    double *first,
        *size; /* values at t = 0, and the largest so far: for each layer one per mode, or
                           * one for the sum */
};

struct coupled_run {
    const struct ssldyn_problem *problem;
    const struct ssldyn_layout *layout;
    size_t count, layers;
    struct ssldyn_coupled coupled;
    struct coupled_law laws[SSLDYN_ALIGNED_LAWS];
    size_t law_count;
    struct ssldyn_drift *imbalance, *quadrature; /* NULL: the loss or residual is of another kind */
    double *memory;                              /* workspace of the laws */
    double *row;
    enum ssldyn_fate *fates;
    bool judged; /* fates are judged: the rates are constant */
    struct ssldyn_sink *sink;
    bool open;
    struct ssldyn_flow_report *report;
};

static void run_clear(struct coupled_run *run)
{
    ssldyn_coupled_free(&run->coupled);
    if (run->open) {
        ssldyn_sink_abandon(run->sink);
    }
    free(run->memory);
    free(run->row);
    free(run->fates);
}

/* Chooses the laws that hold under these settings; they require constant rates. */
static void choose_laws(struct coupled_run *run)
{
    struct ssldyn_flow_report *report = run->report;
    const struct ssldyn_aligned *aligned = &run->coupled.aligned;
    const double allowed = ssldyn_flow_drift_allowance(run->problem->rtol);
    double *next = run->memory;
    for (size_t i = 0; run->judged && ssldyn_aligned_laws[i]; i++) {
        struct coupled_law *law = &run->laws[run->law_count];
        *law = (struct coupled_law){.law = ssldyn_aligned_laws[i]};
        if (law->law->kept(aligned, &law->decay)) {
            law->drift = ssldyn_flow_drift_add(
                report, run->layers > 1 ? law->law->of_layers : law->law->name, allowed);
            law->first = next;
            law->size = next + run->count * run->layers;
            next += 2 * run->count * run->layers;
            run->law_count++;
        }
    }
    if (ssldyn_losses_of(aligned->parameters)->normalized) {
        run->imbalance = ssldyn_flow_drift_add(report, "sum of p w R, which must be 0", allowed);
        if (aligned->closure == SSLDYN_ALIGNED_EXACT) {
            run->quadrature = ssldyn_flow_drift_add(report, "quadrature of the residual", allowed);
        }
    }
}

static enum ssldyn_status run_create(struct coupled_run *run, struct ssldyn_error *err)
{
    const struct ssldyn_problem *problem = run->problem;
    run->layout = ssldyn_model_layout(problem, &run->count);
    run->judged = !ssldyn_schedule_changes_rates(problem);
    run->row = ssldyn_memory_array(ssldyn_layout_width(run->layout, run->count), sizeof(double));
    run->layers = ssldyn_depth_layers(&problem->parameters);
    run->memory =
        ssldyn_memory_array(run->count * run->layers, sizeof(double) * 2 * SSLDYN_ALIGNED_LAWS);
    run->fates = ssldyn_memory_array(run->count, sizeof *run->fates);
    if (!run->row || !run->memory || !run->fates) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", run->count);
    }
    enum ssldyn_status status = ssldyn_flow_report_modes(run->report, run->count, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_coupled_create(&run->coupled, problem, err);
    }
    if (status == SSLDYN_OK) {
        const struct ssldyn_sink_shape shape = {
            .layout = run->layout, .modes = run->count, .rows = (size_t)problem->samples + 1};
        choose_laws(run);
        status = ssldyn_sink_open(run->sink, &shape, err);
        run->open = status == SSLDYN_OK;
    }
    return status;
}

/* W: the weights of layer l (0-based). */
static void update_law(const struct coupled_run *run, struct coupled_law *law, size_t l,
                       const double W[])
{
    const struct ssldyn_coupled *coupled = &run->coupled;
    const double t = coupled->t;
    double sum = 0.0;
    double sum_size = 0.0;
    for (size_t j = 0; j < run->count; j++) {
        double size = 0.0;
        const double value = law->law->value(&coupled->aligned, j, coupled->P, W, &size);
        const size_t at = l * run->count + (law->law->each ? j : 0);
        sum = law->law->each ? value : sum + value;
        sum_size = law->law->each ? size : sum_size + size;
        if (!law->law->each && j + 1 < run->count) {
            continue;
        }
        law->first[at] = t == 0.0 ? sum : law->first[at];
        law->size[at] = fmax(law->size[at], sum_size);
        if (law->size[at] > 0.0) {
            const double off = fabs(sum - law->first[at] * exp(-law->decay * t));
            ssldyn_flow_drift_update(law->drift, t, off / law->size[at]);
        }
    }
}

static void update_drifts(struct coupled_run *run)
{
    const struct ssldyn_coupled *coupled = &run->coupled;
    for (size_t i = 0; i < run->law_count; i++) {
        for (size_t l = 0; l < run->layers; l++) {
            update_law(run, &run->laws[i], l, coupled->y + l * run->count);
        }
    }
    if (run->imbalance) {
        ssldyn_flow_drift_update(
            run->imbalance, coupled->t,
            ssldyn_aligned_imbalance(run->count, coupled->P, coupled->W, coupled->R));
    }
}

/* Records the error of the residual, at the start and at the end. */
static void note_error(struct coupled_run *run, size_t at)
{
    const double error = ssldyn_coupled_error(&run->coupled);
    if (run->quadrature) {
        ssldyn_flow_drift_update(run->quadrature, run->coupled.t, error);
    } else if (run->imbalance) {
        run->report->closure_error[at] = error;
    }
}

/* Verdicts that are certain at the current row; the start is exact. */
static enum ssldyn_status judge(struct coupled_run *run, struct ssldyn_error *err)
{
    const struct ssldyn_coupled *coupled = &run->coupled;
    const double margin = coupled->t > 0.0 ? fmin(1e3 * run->problem->rtol, 1e-3) : 0.0;
    enum ssldyn_status status = SSLDYN_OK;
    if (!run->judged) {
        return SSLDYN_OK;
    }
    ssldyn_aligned_fate(&coupled->aligned, coupled->P, coupled->least, coupled->Wa, margin,
                        run->fates);
    for (size_t j = 0; status == SSLDYN_OK && j < run->count; j++) {
        struct ssldyn_mode_end *end = &run->report->modes[j];
        if (end->fate == SSLDYN_FATE_UNDECIDED && run->fates[j] != SSLDYN_FATE_UNDECIDED) {
            end->fate = run->fates[j];
            end->since = coupled->t;
            status =
                ssldyn_sink_event(run->sink, coupled->t, j + 1, ssldyn_fate_event(end->fate), err);
        }
    }
    return status;
}

/* The margins of the start by water-filling, where that law is the end of the flow: data without
 * noise, equal decays, and a target that ends along the network. The smallest layer decides. */
static enum ssldyn_status find_margins(struct coupled_run *run, struct ssldyn_error *err)
{
    const struct ssldyn_coupled *coupled = &run->coupled;
    const struct ssldyn_cosine_data *data = &coupled->aligned.data;
    const struct ssldyn_parameters *parameters = &coupled->parameters;
    const struct ssldyn_rates *rates = &parameters->rates;
    const struct ssldyn_loss *loss = ssldyn_losses_of(parameters);
    const size_t n = run->count;
    const bool of_layers = ssldyn_depth_targets(parameters) == run->layers;
    const double decay = (of_layers ? 1.0 : (double)run->layers) * rates->eta_s;
    bool known = run->judged && loss->normalized && !loss->iso &&
                 parameters->target == SSLDYN_DEPTH_JEPA && ssldyn_rules_trained(parameters) &&
                 parameters->stop_grad && rates->eta_p == rates->eta_s &&
                 coupled->aligned.closure != SSLDYN_ALIGNED_NEXT &&
                 (parameters->tau_held ? parameters->tau > 0.0 : rates->beta > decay);
    for (size_t j = 0; j < n; j++) {
        known = known && data->rest[j] == 0.0 && data->across[j] > 0.0 && coupled->least[j] != 0.0;
    }
    if (!known) {
        return SSLDYN_OK;
    }
    double level = 0.0;
    double *const p_end = ssldyn_memory_array(n, 2 * sizeof *p_end);
    if (!p_end) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n);
    }
    const size_t rank =
        ssldyn_waterfill(n, rates->alpha_p, coupled->P, coupled->least, p_end, p_end + n, &level);
    for (size_t j = 0; rank > 0 && j < n; j++) {
        run->report->modes[j].margin =
            ssldyn_waterfill_margin(rates->alpha_p, coupled->P[j], coupled->least[j], level);
    }
    if (rank > 0) {
        run->report->margin_per_norm2_wp = 1.0 / (rates->alpha_p * (double)rank);
    }
    free(p_end);
    return SSLDYN_OK;
}

static enum ssldyn_status write_row(void *context, double t, struct ssldyn_error *err)
{
    struct coupled_run *run = context;
    struct ssldyn_flow_report *report = run->report;
    const struct ssldyn_model_modes *modes = ssldyn_model_modes_of(run->problem);
    enum ssldyn_status status = ssldyn_coupled_advance(&run->coupled, t, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    run->row[0] = t;
    run->row[1] = run->coupled.loss;
    for (size_t j = 0; j < run->count; j++) {
        const struct ssldyn_mode_state state = ssldyn_coupled_view(&run->coupled, j);
        const struct ssldyn_parameters parameters = ssldyn_model_parameters_of(run->problem, j);
        struct ssldyn_mode_end *end = &report->modes[j];
        modes->fill(&parameters, &state,
                    run->row + run->layout->scalar_count + j * run->layout->per_mode_count);
        end->p = state.p;
        end->s = state.s;
        end->tau = state.tau;
    }
    status = judge(run, err);
    if (status == SSLDYN_OK) {
        update_drifts(run);
        status = ssldyn_sink_row(run->sink, run->row, err);
    }
    if (status == SSLDYN_OK) {
        report->rows++;
        report->t_reached = t;
    }
    if (status == SSLDYN_OK && report->rows == 1) {
        note_error(run, 0);
        status = find_margins(run, err);
    }
    return status;
}

/* Records where the run failed. */
static void note_failure(const struct coupled_run *run, enum ssldyn_status status)
{
    struct ssldyn_flow_report *report = run->report;
    const double t = ssldyn_ode_time(run->coupled.ode);
    for (size_t j = 0; j < run->count; j++) {
        report->modes[j].stopped = t;
        if (status == SSLDYN_EDIVERGED) {
            report->modes[j].fate = SSLDYN_FATE_DIVERGED;
            report->modes[j].since = t;
        }
    }
}

/* The rank at the current row. Decay acts on all modes equally, so eigenvalues are compared with
 * the largest one of the same row. */
static void count_rank(struct ssldyn_flow_report *report)
{
    double largest = 0.0;
    report->rank_at_end = 0.0;
    report->rank = 0.0;
    for (size_t j = 0; j < report->mode_count; j++) {
        largest = fmax(largest, report->modes[j].s);
    }
    for (size_t j = 0; j < report->mode_count; j++) {
        const enum ssldyn_fate fate = report->modes[j].fate;
        report->rank_at_end += report->modes[j].s > 1e-6 * largest;
        report->rank += fate == SSLDYN_FATE_SURVIVES    ? 1.0
                        : fate == SSLDYN_FATE_UNDECIDED ? (double)NAN
                                                        : 0.0;
    }
}

enum ssldyn_status ssldyn_flow_coupled(const struct ssldyn_problem *problem,
                                       struct ssldyn_sink *sink, bool quiet,
                                       struct ssldyn_flow_report *report, struct ssldyn_error *err)
{
    struct coupled_run run = {.problem = problem, .sink = sink, .report = report};
    enum ssldyn_status status = run_create(&run, err);
    if (status != SSLDYN_OK) {
        run_clear(&run);
        return status;
    }
    status = ssldyn_flow_rows(problem, sink, quiet, write_row, &run, err);
    if (status == SSLDYN_OK) {
        note_error(&run, 1);
        count_rank(report);
    } else if (status == SSLDYN_EDIVERGED || status == SSLDYN_EFAILED) {
        note_failure(&run, status);
    }
    for (size_t j = 0; j < run.count; j++) {
        if (report->modes[j].fate == SSLDYN_FATE_UNDECIDED) {
            report->undecided = run.judged ? ssldyn_aligned_fate_why(&run.coupled.aligned)
                                           : "the criteria need constant rates";
        }
    }
    ssldyn_flow_count(report, run.coupled.ode);
    struct ssldyn_error second = {SSLDYN_OK, ""};
    const enum ssldyn_status after = ssldyn_sink_close(sink, &second);
    run.open = false;
    status = ssldyn_fail_first(err, status, after, &second);
    run_clear(&run);
    return status;
}
