/* The closing report of a flow: fates and drifts, in words. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/flow/flow_internal.h"
#include "theory/fate.h"

#include <math.h>
#include <stdlib.h>

double ssldyn_flow_drift_allowance(double rtol)
{
    return fmin(100.0 * rtol + 1e-12, 0.01);
}

struct ssldyn_drift *ssldyn_flow_drift_add(struct ssldyn_flow_report *report, const char *name,
                                           double allowed)
{
    struct ssldyn_drift *drift = &report->drifts[report->drift_count++];
    *drift = (struct ssldyn_drift){.name = name, .allowed = allowed};
    return drift;
}

void ssldyn_flow_drift_update(struct ssldyn_drift *drift, double t, double value)
{
    if (!(value <= drift->largest)) {
        drift->largest = value;
        drift->at = t;
    }
}

void ssldyn_flow_count(struct ssldyn_flow_report *report, const struct ssldyn_ode *ode)
{
    struct ssldyn_ode_statistics one;
    struct ssldyn_ode_statistics *sum = &report->statistics;
    ssldyn_ode_read_statistics(ode, &one);
    sum->evaluations += one.evaluations;
    sum->steps += one.steps;
    sum->rejected += one.rejected;
    sum->jacobians += one.jacobians;
    sum->factorizations += one.factorizations;
    if (one.stiff && (!sum->stiff || one.stiff_since < sum->stiff_since)) {
        sum->stiff = true;
        sum->stiff_since = one.stiff_since;
    }
}

void ssldyn_flow_report_units(const struct ssldyn_problem *problem,
                              struct ssldyn_flow_report *report)
{
    const struct ssldyn_training *training = &problem->typed.training;
    const double step = ssldyn_training_step(training);
    report->step_time = step > 0.0 ? step : 0.0;
    report->decay_unit = ssldyn_training_any(training) ? training->loss_factor : 0.0;
}

/* Prints " (step 240)" after a time, if the length of a step is known. */
static void print_step(const struct ssldyn_flow_report *report, double t, FILE *stream)
{
    if (report->step_time > 0.0) {
        fprintf(stream, " (step %.6g)", t / report->step_time);
    }
}

enum ssldyn_status ssldyn_flow_report_modes(struct ssldyn_flow_report *report, size_t count,
                                            struct ssldyn_error *err)
{
    report->modes = ssldyn_memory_array(count, sizeof *report->modes);
    if (!report->modes) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", count);
    }
    report->mode_count = count;
    for (size_t j = 0; j < count; j++) {
        report->modes[j] = (struct ssldyn_mode_end){.fate = SSLDYN_FATE_UNDECIDED,
                                                    .since = (double)NAN,
                                                    .stopped = (double)NAN,
                                                    .margin = (double)NAN};
    }
    return SSLDYN_OK;
}

void ssldyn_flow_report_clear(struct ssldyn_flow_report *report)
{
    free(report->modes);
    report->modes = NULL;
    report->mode_count = 0;
}

const struct ssldyn_drift *ssldyn_flow_drifts_broken(size_t count,
                                                     const struct ssldyn_drift drifts[])
{
    for (size_t i = 0; i < count; i++) {
        if (!(drifts[i].largest <= drifts[i].allowed)) {
            return &drifts[i];
        }
    }
    return NULL;
}

const struct ssldyn_drift *ssldyn_flow_report_broken(const struct ssldyn_flow_report *report)
{
    return ssldyn_flow_drifts_broken(report->drift_count, report->drifts);
}

void ssldyn_flow_drifts_print(size_t count, const struct ssldyn_drift drifts[], FILE *stream)
{
    for (size_t i = 0; i < count; i++) {
        fprintf(stream, "%s: largest drift %.2e at t = %.6g, allowed %.2e%s\n", drifts[i].name,
                drifts[i].largest, drifts[i].at, drifts[i].allowed,
                drifts[i].largest <= drifts[i].allowed ? "" : "  BROKEN");
    }
}

void ssldyn_flow_report_print_fates(const struct ssldyn_flow_report *report, FILE *stream)
{
    enum { DETAILED = 16 };
    size_t count[SSLDYN_FATES] = {0};
    for (size_t j = 0; j < report->mode_count; j++) {
        count[report->modes[j].fate]++;
    }
    if (report->undecided) {
        fprintf(stream, "undecided: %s\n", report->undecided);
    }
    if (report->mode_count == 0) {
        return;
    }
    fprintf(stream, "fates: %zu survive, %zu collapsed, %zu undecided, %zu diverged%s\n",
            count[SSLDYN_FATE_SURVIVES], count[SSLDYN_FATE_COLLAPSED], count[SSLDYN_FATE_UNDECIDED],
            count[SSLDYN_FATE_DIVERGED],
            report->fate_by_alignment ? " (each mode judged as if aligned)" : "");
    if (isfinite(report->eta_fold)) {
        fprintf(stream, "margin to the fold: eta_s = %.6g, fold %.6g (%+.3g %%)%s\n", report->eta_s,
                report->eta_fold, 100.0 * (report->eta_fold - report->eta_s) / report->eta_fold,
                report->eta_s > report->eta_fold ? ": nothing survives" : "");
        if (report->decay_unit > 0.0) {
            fprintf(stream, "  in training: weight decay %.6g, fold %.6g\n",
                    report->decay_unit * report->eta_s, report->decay_unit * report->eta_fold);
        }
    }
    if (report->margin_per_norm2_wp > 0.0) {
        fprintf(stream,
                "margin of each mode: c_j + level^2/alpha_p at the start (c_j if p < 0); a mode "
                "survives if its margin is positive; for modes with p > 0 the margin grows by %.6g "
                "per unit of |Wp(0)|^2\n",
                report->margin_per_norm2_wp);
    }
    for (size_t j = 0; j < report->mode_count && j < DETAILED; j++) {
        const struct ssldyn_mode_end *mode = &report->modes[j];
        fprintf(stream, "  mode %zu: %s", j + 1, ssldyn_fate_word(mode->fate));
        if (isfinite(mode->since)) {
            fprintf(stream, ", certain from t = %.6g", mode->since);
            print_step(report, mode->since, stream);
        }
        if (isfinite(mode->stopped) && mode->fate != SSLDYN_FATE_DIVERGED) {
            fprintf(stream, ", integrated only to t = %.6g", mode->stopped);
        }
        fprintf(stream, "; p = %.6g, s = %.6g, tau = %.6g", mode->p, mode->s, mode->tau);
        if (isfinite(mode->margin)) {
            fprintf(stream, ", margin = %.6g", mode->margin);
        }
        fputc('\n', stream);
    }
    if (report->mode_count > DETAILED) {
        fprintf(stream, "  ... and %zu more modes, in trace.tsv\n", report->mode_count - DETAILED);
    }
}

void ssldyn_flow_report_print(const struct ssldyn_flow_report *report, FILE *stream)
{
    fprintf(stream,
            "%s: t = %.10g of %.10g, %zu rows; %s: %lld steps, %lld rejected, %lld "
            "evaluations\n",
            report->model, report->t_reached, report->t_end, report->rows, report->stepper,
            (long long)report->statistics.steps, (long long)report->statistics.rejected,
            (long long)report->statistics.evaluations);
    if (report->step_time > 0.0) {
        fprintf(stream, "in training: %.6g steps of %.6g units of flow time each\n",
                report->t_reached / report->step_time, report->step_time);
    }
    if (report->statistics.stiff) {
        fprintf(stream, "stiff from t = %.6g on: %s\n", report->statistics.stiff_since,
                report->statistics.jacobians > 0
                    ? "the implicit method took over where it was faster"
                    : "stability, not accuracy, limited the explicit steps");
    }
    if (isfinite(report->diverged_at)) {
        fprintf(stream, "diverged at t = %.10g\n", report->diverged_at);
    }
    ssldyn_flow_report_print_fates(report, stream);
    if (report->ranked) {
        fprintf(stream, "rank: %.0f eigenvalues of F are above 1e-6 of the largest at t = %.10g; ",
                report->rank_at_end, report->t_reached);
        fprintf(stream,
                !isnan(report->rank) ? "%.0f survive\n"
                : report->by_start   ? "the number of survivors is undecided\n"
                                     : "the number of survivors is undecided: raise --t-end\n",
                report->rank);
    }
    if (isfinite(report->closure_error[0])) {
        fprintf(
            stream,
            "closure: the relative error of its residual is %.2e at the start, %.2e at the end\n",
            report->closure_error[0], report->closure_error[1]);
    }
    ssldyn_flow_drifts_print(report->drift_count, report->drifts, stream);
}
