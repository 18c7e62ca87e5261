/* The outcome of a matrix run from its rows. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_watch.h"

#include "sim/base/memory.h"
#include "sim/flow/matrix_rank.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/layout_matrix.h"
#include "theory/fixedpoint.h"
#include "theory/margin.h"
#include "theory/trapping.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double aligned = 0.999;
static const double target_along = 0.99;
/* A verdict must hold for states this far from the row, relatively: far above what an integrator's
 * errors add up to (theory/THEORY.md, "What errors do on the way"). */
static const double row_margin = 1e-3;
/* So slow, in units of the learning rate, moves only what has converged. */
static const double at_rest = 1e-7;

/* Largest eigenvalue of X, not below it by rounding. */
static enum ssldyn_status find_lambda(struct ssldyn_matrix_watch *watch, struct ssldyn_error *err)
{
    const struct ssldyn_moments *moments = watch->moments;
    const size_t n = watch->n1;
    watch->lambda = 1.0;
    if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC) {
        return SSLDYN_OK;
    }
    if (moments->kind == SSLDYN_MOMENTS_DIAGONAL) {
        watch->lambda = 0.0;
        for (size_t i = 0; i < n; i++) {
            watch->lambda = fmax(watch->lambda, moments->X[i]);
        }
        return SSLDYN_OK;
    }
    struct ssldyn_eigen *eigen = NULL;
    double *values = ssldyn_memory_array(n, sizeof *values);
    enum ssldyn_status status = values ? ssldyn_eigen_create(n, &eigen, err)
                                       : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for X");
    if (status == SSLDYN_OK) {
        status = ssldyn_eigen_symmetric(eigen, moments->X, values, NULL, err);
    }
    if (status == SSLDYN_OK) {
        watch->lambda = values[0] * (1.0 + 1e-12);
    }
    ssldyn_eigen_free(eigen);
    free(values);
    return status;
}

enum ssldyn_status ssldyn_matrix_watch_create(const struct ssldyn_parameters *parameters,
                                              const struct ssldyn_moments *moments, size_t n1,
                                              size_t n2, size_t rows,
                                              struct ssldyn_outcome *outcome,
                                              struct ssldyn_matrix_watch *watch,
                                              struct ssldyn_error *err)
{
    *watch = (struct ssldyn_matrix_watch){
        .parameters = parameters, .moments = moments, .n1 = n1, .n2 = n2, .outcome = outcome};
    ssldyn_outcome_init(outcome);
    if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC) {
        ssldyn_certificate_init(&watch->certificate, parameters);
        watch->certified = watch->certificate.kind != SSLDYN_CERTIFICATE_NONE;
    }
    watch->width = ssldyn_layout_width(&ssldyn_layout_matrix, n2);
    watch->last = ssldyn_memory_array(watch->width, sizeof *watch->last);
    watch->before = ssldyn_memory_array(watch->width, sizeof *watch->before);
    enum ssldyn_status status = watch->last && watch->before
                                    ? find_lambda(watch, err)
                                    : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    if (status == SSLDYN_OK) {
        status = ssldyn_outcome_history_create(&watch->history, 1, rows, err);
    }
    return status;
}

void ssldyn_matrix_watch_clear(struct ssldyn_matrix_watch *watch)
{
    ssldyn_outcome_history_clear(&watch->history);
    free(watch->last);
    free(watch->before);
}

static double norm_of_target(const struct ssldyn_matrix_watch *watch,
                             const struct ssldyn_snapshot *snapshot, double norm_w)
{
    return snapshot->Wa ? ssldyn_dense_norm(watch->n1 * watch->n2, snapshot->Wa)
                        : fabs(snapshot->tau) * norm_w;
}

enum ssldyn_fate ssldyn_matrix_mode_fate(const struct ssldyn_certificate *certificate, double t,
                                         double p, double w, double wa)
{
    const double margin = t > 0.0 ? row_margin : 0.0;
    return ssldyn_fate_judge_margin(certificate, p, w, wa, margin);
}

static bool some_mode_survives(const struct ssldyn_matrix_watch *watch, const double row[])
{
    const double tau = row[SSLDYN_MATRIX_TAU];
    const double along = row[SSLDYN_MATRIX_CORR_WA_W];
    for (size_t j = 0; watch->certified && along > target_along && j < watch->n2; j++) {
        const double w = sqrt(fmax(row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)], 0.0));
        if (row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_COS, j)] > aligned &&
            ssldyn_matrix_mode_fate(&watch->certificate, row[SSLDYN_MATRIX_T],
                                    row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_P, j)], w,
                                    tau * w) == SSLDYN_FATE_SURVIVES) {
            return true;
        }
    }
    return false;
}

static void decide(struct ssldyn_outcome *outcome, enum ssldyn_fate fate)
{
    outcome->fate = (int)fate;
    outcome->t_decided = outcome->t;
}

void ssldyn_matrix_watch_row(struct ssldyn_matrix_watch *watch, const double row[],
                             const struct ssldyn_snapshot *snapshot)
{
    struct ssldyn_outcome *outcome = watch->outcome;
    outcome->t = row[SSLDYN_MATRIX_T];
    outcome->tau = row[SSLDYN_MATRIX_TAU];
    outcome->loss = row[SSLDYN_MATRIX_LOSS];
    outcome->commutator = row[SSLDYN_MATRIX_COMMUTATOR];
    outcome->asymmetry = row[SSLDYN_MATRIX_ASYMMETRY];
    outcome->k_min = fmin(outcome->k_min, row[SSLDYN_MATRIX_LAMBDA_MIN_K]);
    outcome->p = row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_P, 0)];
    outcome->s = row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, 0)];
    watch->largest_s = fmax(watch->largest_s, outcome->s);
    outcome->rank_end = (double)ssldyn_matrix_rank(row, watch->n2, watch->largest_s);
    memcpy(watch->before, watch->last, watch->width * sizeof *watch->last);
    memcpy(watch->last, row, watch->width * sizeof *watch->last);
    watch->rows++;
    double *next = ssldyn_outcome_history_next(&watch->history);
    if (next) {
        next[0] = outcome->t;
        next[1] = outcome->p;
    }
    const double norm_w = row[SSLDYN_MATRIX_NORM_W];
    if (outcome->fate != SSLDYN_FATE_UNDECIDED) {
        return;
    }
    const double larger = outcome->t > 0.0 ? 1.0 + row_margin : 1.0;
    if (!watch->closure &&
        ssldyn_trapping_collapse(watch->parameters, watch->lambda,
                                 larger * row[SSLDYN_MATRIX_NORM_WP], larger * norm_w,
                                 larger * norm_of_target(watch, snapshot, norm_w))) {
        decide(outcome, SSLDYN_FATE_COLLAPSED);
    } else if (some_mode_survives(watch, row)) {
        decide(outcome, SSLDYN_FATE_SURVIVES);
    }
}

void ssldyn_matrix_watch_rest(struct ssldyn_matrix_watch *watch, double speed, double rtol)
{
    struct ssldyn_outcome *outcome = watch->outcome;
    if (outcome->fate == SSLDYN_FATE_UNDECIDED && outcome->rank_end > 0.0 &&
        speed <= fmax(at_rest, 30.0 * rtol)) {
        decide(outcome, SSLDYN_FATE_SURVIVES);
    }
}

enum ssldyn_status ssldyn_matrix_watch_finish(struct ssldyn_matrix_watch *watch,
                                              const struct ssldyn_snapshot *snapshot,
                                              const double vectors[], bool noisy,
                                              struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = watch->parameters;
    struct ssldyn_outcome *outcome = watch->outcome;
    double level = outcome->fate == SSLDYN_FATE_SURVIVES ? 0.5 * outcome->p : (double)NAN;
    if (watch->certified && parameters->predictor && parameters->stop_grad) {
        const struct ssldyn_parameters alone = ssldyn_parameters_isotropic(parameters);
        level = ssldyn_fixedpoint_escape(&alone);
        outcome->margin = ssldyn_margin_fold(&alone) - parameters->rates.eta_s;
    }
    outcome->t_escape = ssldyn_outcome_history_escape(&watch->history, 0, level);
    if (outcome->fate == SSLDYN_FATE_COLLAPSED) {
        outcome->rank = 0.0;
    } else if (outcome->fate == SSLDYN_FATE_DIVERGED) {
        outcome->rank_end = (double)NAN;
        outcome->t_escape = (double)NAN;
    } else if (snapshot) {
        const struct ssldyn_matrix_end end = {.parameters = parameters,
                                              .moments = watch->moments,
                                              .n1 = watch->n1,
                                              .n2 = watch->n2,
                                              .row = watch->last,
                                              .before =
                                                  noisy || watch->rows < 2 ? NULL : watch->before,
                                              .largest_s = watch->largest_s,
                                              .snapshot = snapshot,
                                              .vectors = vectors};
        return ssldyn_matrix_survivors(&end, &outcome->rank, err);
    }
    return SSLDYN_OK;
}
