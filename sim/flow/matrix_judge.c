/* Decides the fate of a whole network from the rows of its run. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_judge.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/loss.h"
#include "theory/depth_flow.h"
#include "theory/fixedpoint.h"
#include "theory/invariant.h"
#include "theory/margin.h"
#include "theory/trapping.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double aligned = 0.999;
static const double target_along = 0.99;
/* A verdict must hold for all states within this relative distance of the row, far more than the
 * accumulated errors of an integrator (theory/THEORY.md, "What errors do on the way"). */
static const double row_margin = 1e-3;
/* A network that moves more slowly than this, in units of the learning rate, has converged. */
static const double network_at_rest = 1e-7;
/* A mode that moves more slowly than this, in units of eta_s, is at rest: a collapsing mode
 * decays at eta_s itself, and only a ghost this close to the fold is treated as a fixed point. */
static const double mode_at_rest = 1e-4;
/* Eigenvalues of F below this share of the largest of the run count as collapsed. */
static const double negligible = 1e-6;

/* The largest singular value of Syx (rows x n1), which bounds what is made of the target. */
static enum ssldyn_status find_norm(struct ssldyn_matrix_judge *judge, size_t rows,
                                    const double Syx[], struct ssldyn_error *err)
{
    const size_t n = judge->n1;
    double *square = ssldyn_memory_array(n + 1, n * sizeof *square); /* its square, eigenvalues */
    if (!square) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for X");
    }
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)n, (int)rows, 1.0, Syx,
                (int)n, Syx, (int)n, 0.0, square, (int)n);
    const enum ssldyn_status status = ssldyn_eigen_once(n, square, square + n * n, NULL, err);
    if (status == SSLDYN_OK) {
        judge->lambda = sqrt(square[n * n] * (1.0 + 1e-11));
    }
    free(square);
    return status;
}

/* Whether X > 0, and by the law of |W| nothing but the decay can take F away. */
static enum ssldyn_status find_kept(struct ssldyn_matrix_judge *judge, struct ssldyn_error *err)
{
    const struct ssldyn_moments *moments = judge->moments;
    const size_t n = judge->n1;
    if (judge->parameters->depth > 1 || judge->closure || moments->pair ||
        !ssldyn_losses_of(judge->parameters)->normalized ||
        !(ssldyn_invariant_laws(judge->parameters) & SSLDYN_LAW_NORM_W)) {
        return SSLDYN_OK;
    }
    if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC) {
        judge->kept = true;
        return SSLDYN_OK;
    }
    double *values = ssldyn_memory_array(n, sizeof *values);
    if (!values) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for X");
    }
    enum ssldyn_status status = SSLDYN_OK;
    if (moments->kind == SSLDYN_MOMENTS_DIAGONAL) {
        memcpy(values, moments->X, n * sizeof *values);
        ssldyn_dense_sort_descending(n, values);
    } else {
        status = ssldyn_eigen_once(n, moments->X, values, NULL, err);
    }
    judge->kept = status == SSLDYN_OK && values[n - 1] > 1e-12 * values[0];
    free(values);
    return status;
}

/* Largest eigenvalue of X, rounded up so that rounding errors cannot make it too small. */
static enum ssldyn_status find_lambda(struct ssldyn_matrix_judge *judge, struct ssldyn_error *err)
{
    const struct ssldyn_moments *moments = judge->moments;
    const size_t n = judge->n1;
    if (moments->predicts) {
        return find_norm(judge, moments->predicted, moments->predicts, err);
    }
    if (moments->pair) {
        return find_norm(judge, n, moments->X, err);
    }
    for (size_t i = 0; moments->kind == SSLDYN_MOMENTS_DIAGONAL && i < n; i++) {
        judge->lambda = fmax(judge->lambda, moments->X[i]);
    }
    if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC || moments->kind == SSLDYN_MOMENTS_DIAGONAL) {
        return SSLDYN_OK;
    }
    double *values = ssldyn_memory_array(n, sizeof *values);
    const enum ssldyn_status status = values
                                          ? ssldyn_eigen_once(n, moments->X, values, NULL, err)
                                          : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for X");
    if (status == SSLDYN_OK) {
        judge->lambda = values[0] * (1.0 + 1e-12);
    }
    free(values);
    return status;
}

enum ssldyn_status ssldyn_matrix_judge_create(const struct ssldyn_problem *problem,
                                              const struct ssldyn_start *start, size_t follow,
                                              struct ssldyn_outcome *outcome,
                                              struct ssldyn_matrix_judge *judge,
                                              struct ssldyn_error *err)
{
    *judge = (struct ssldyn_matrix_judge){.parameters = &problem->parameters,
                                          .moments = &start->moments,
                                          .n1 = start->n1,
                                          .n2 = start->n2,
                                          .follow = follow,
                                          .closure = problem->closure_parabola,
                                          .resting = fmax(network_at_rest, 30.0 * problem->rtol),
                                          .outcome = outcome};
    ssldyn_outcome_init(outcome);
    if (start->moments.kind == SSLDYN_MOMENTS_ISOTROPIC && !start->moments.predicts) {
        judge->lambda = 1.0;
        ssldyn_certificate_init(&judge->certificate, judge->parameters);
        judge->certified = judge->certificate.kind != SSLDYN_CERTIFICATE_NONE;
    }
    judge->width = ssldyn_layout_width(&ssldyn_layout_matrix, judge->n2);
    const struct ssldyn_memory_part parts[] = {{&judge->last, judge->width},
                                               {&judge->before, judge->width},
                                               {&judge->times, follow},
                                               {&judge->leading, follow}};
    judge->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (!judge->block) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for rows of %zu modes", judge->n2);
    }
    const enum ssldyn_status status = find_kept(judge, err);
    return status == SSLDYN_OK && (follow > 0 || ssldyn_depth_is_deep(judge->parameters))
               ? find_lambda(judge, err)
               : status;
}

void ssldyn_matrix_judge_clear(struct ssldyn_matrix_judge *judge)
{
    free(judge->block);
}

static double of_mode(const double row[], enum ssldyn_matrix_mode column, size_t j)
{
    return row[ssldyn_layout_matrix_at(column, j)];
}

/* The fate of mode j of a row with the amplitudes w and wa, as if aligned; certain if it is the
 * same for all states within the margin that allows for the errors of a row. */
static enum ssldyn_fate certain_fate(const struct ssldyn_certificate *certificate,
                                     const double row[], size_t j, double w, double wa)
{
    const double margin = row[SSLDYN_MATRIX_T] > 0.0 ? row_margin : 0.0;
    const double p = of_mode(row, SSLDYN_MATRIX_MODE_P, j);
    return isfinite(wa) ? ssldyn_fate_judge_margin(certificate, p, w, wa, margin)
                        : SSLDYN_FATE_UNDECIDED;
}

static double amplitude(const double row[], size_t j)
{
    return sqrt(fmax(of_mode(row, SSLDYN_MATRIX_MODE_S, j), 0.0));
}

static bool some_mode_survives(const struct ssldyn_matrix_judge *judge, const double row[])
{
    const bool along = row[SSLDYN_MATRIX_CORR_WA_W] > target_along;
    for (size_t j = 0; judge->certified && along && j < judge->n2; j++) {
        const double w = amplitude(row, j);
        if (of_mode(row, SSLDYN_MATRIX_MODE_COS, j) > aligned &&
            certain_fate(&judge->certificate, row, j, w, row[SSLDYN_MATRIX_TAU] * w) ==
                SSLDYN_FATE_SURVIVES) {
            return true;
        }
    }
    return false;
}

static bool is_trapped(const struct ssldyn_matrix_judge *judge, const double row[],
                       const struct ssldyn_snapshot *snapshot)
{
    const double larger = row[SSLDYN_MATRIX_T] > 0.0 ? 1.0 + row_margin : 1.0;
    const double w = row[SSLDYN_MATRIX_NORM_W];
    if (ssldyn_depth_is_deep(judge->parameters)) {
        return snapshot->largest_layer > 0.0 &&
               ssldyn_trapping_layers(judge->parameters, judge->lambda,
                                      larger * row[SSLDYN_MATRIX_NORM_WP],
                                      larger * snapshot->largest_layer);
    }
    const double wa = snapshot->Wa ? ssldyn_dense_norm(judge->n1 * judge->n2, snapshot->Wa)
                                   : fabs(snapshot->tau) * w;
    /* T1 supposes that X <= X + X' */
    const bool proved = !judge->closure && (!judge->moments->pair || judge->parameters->predictor ||
                                            !judge->parameters->stop_grad);
    return proved &&
           ssldyn_trapping_collapse(judge->parameters, judge->lambda,
                                    larger * row[SSLDYN_MATRIX_NORM_WP], larger * w, larger * wa);
}

bool ssldyn_matrix_judge_open(const struct ssldyn_matrix_judge *judge)
{
    return judge->follow > 0 && judge->outcome->fate == SSLDYN_FATE_UNDECIDED;
}

bool ssldyn_matrix_judge_row(struct ssldyn_matrix_judge *judge, const double row[],
                             const struct ssldyn_snapshot *snapshot, double speed)
{
    struct ssldyn_outcome *outcome = judge->outcome;
    outcome->t = row[SSLDYN_MATRIX_T];
    outcome->tau = row[SSLDYN_MATRIX_TAU];
    outcome->loss = row[SSLDYN_MATRIX_LOSS];
    outcome->commutator = row[SSLDYN_MATRIX_COMMUTATOR];
    outcome->asymmetry = row[SSLDYN_MATRIX_ASYMMETRY];
    outcome->k_min = fmin(outcome->k_min, row[SSLDYN_MATRIX_LAMBDA_MIN_K]);
    outcome->p = of_mode(row, SSLDYN_MATRIX_MODE_P, 0);
    outcome->s = of_mode(row, SSLDYN_MATRIX_MODE_S, 0);
    /* if all norms decay, a mode is compared with the others of the same row */
    const bool decays = ssldyn_losses_of(judge->parameters)->normalized;
    judge->largest_s = decays ? outcome->s : fmax(judge->largest_s, outcome->s);
    outcome->rank_end = 0.0;
    for (size_t j = 0; j < judge->n2; j++) {
        const double s = of_mode(row, SSLDYN_MATRIX_MODE_S, j);
        outcome->rank_end += s > negligible * judge->largest_s ? 1.0 : 0.0;
    }
    memcpy(judge->before, judge->last, judge->width * sizeof *judge->last);
    memcpy(judge->last, row, judge->width * sizeof *judge->last);
    if (judge->rows < judge->follow) {
        judge->times[judge->rows] = outcome->t;
        judge->leading[judge->rows] = outcome->p;
    }
    judge->rows++;
    if (!ssldyn_matrix_judge_open(judge)) {
        return false;
    }
    const bool collapses = is_trapped(judge, row, snapshot);
    const bool kept = judge->kept && !judge->noisy && row[SSLDYN_MATRIX_NORM_W] > 0.0;
    if (!collapses && !kept && !some_mode_survives(judge, row) &&
        !(speed <= judge->resting && outcome->rank_end > 0.0)) {
        return true;
    }
    outcome->fate = collapses ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_SURVIVES;
    outcome->t_decided = outcome->t;
    return false;
}

void ssldyn_matrix_judge_diverged(struct ssldyn_matrix_judge *judge, double t)
{
    judge->outcome->fate = SSLDYN_FATE_DIVERGED;
    judge->outcome->t = judge->outcome->t_decided = t;
}

static bool rests(const struct ssldyn_matrix_judge *judge, size_t j)
{
    const double s = of_mode(judge->last, SSLDYN_MATRIX_MODE_S, j);
    const double s_before = of_mode(judge->before, SSLDYN_MATRIX_MODE_S, j);
    const double dt = judge->last[SSLDYN_MATRIX_T] - judge->before[SSLDYN_MATRIX_T];
    return !judge->noisy && judge->rows > 1 && s > negligible * judge->largest_s &&
           s_before > 0.0 && dt > 0.0 &&
           fabs(log(s / s_before)) <= 2.0 * mode_at_rest * judge->parameters->rates.eta_s * dt;
}

/* A^T u_j into v, for A of n2 x n1 and column j of the eigenvectors. */
static void row_of(const struct ssldyn_matrix_judge *judge, const double vectors[],
                   const double A[], size_t j, double v[])
{
    const int n1 = (int)judge->n1;
    const int n2 = (int)judge->n2;
    cblas_dgemv(CblasRowMajor, CblasTrans, n2, n1, 1.0, A, n1, vectors + j, n2, 0.0, v, 1);
}

/* The fate of mode j of the last row as a mode of M5; v is workspace of n1 + 2 n1 entries. */
static enum ssldyn_fate fate_alone(const struct ssldyn_matrix_judge *judge,
                                   const struct ssldyn_snapshot *snapshot, const double vectors[],
                                   size_t j, double v[])
{
    const double tau = judge->last[SSLDYN_MATRIX_TAU];
    double w = amplitude(judge->last, j);
    if (judge->moments->predicts) {
        return SSLDYN_FATE_UNDECIDED; /* the certificates are those of representations */
    }
    if (judge->moments->kind == SSLDYN_MOMENTS_ISOTROPIC) {
        const bool gone = isnan(tau) && w == 0.0;
        return gone && (!snapshot->Wa || is_trapped(judge, judge->last, snapshot))
                   ? SSLDYN_FATE_COLLAPSED
                   : certain_fate(&judge->certificate, judge->last, j, w, tau * w);
    }
    struct ssldyn_parameters parameters = *judge->parameters;
    struct ssldyn_certificate certificate;
    row_of(judge, vectors, snapshot->W, j, v);
    w = ssldyn_dense_norm(judge->n1, v);
    for (size_t k = 0; w > 0.0 && k < judge->n1; k++) {
        v[k] /= w;
    }
    double wa = w > 0.0 ? tau * w : 0.0;
    if (snapshot->Wa) {
        row_of(judge, vectors, snapshot->Wa, j, v + judge->n1);
        wa = ssldyn_dense_dot(judge->n1, v, v + judge->n1);
    }
    double *const Xv = v + judge->n1;
    ssldyn_loss_apply_x(judge->moments, 1, v, Xv);
    parameters.lambda_d = ssldyn_dense_dot(judge->n1, v, Xv);
    ssldyn_loss_apply_sum(judge->moments, 1, v, Xv);
    parameters.lambda_s = ssldyn_dense_dot(judge->n1, v, Xv);
    if (judge->moments->pair && (parameters.lambda_d < 0.0 || !parameters.stop_grad)) {
        return SSLDYN_FATE_UNDECIDED; /* the certificates are those of two views of one datum */
    }
    ssldyn_certificate_init_lowdim(&certificate, &parameters);
    return certain_fate(&certificate, judge->last, j, w, wa);
}

/* Whether C = W W^T - Wp^T Wp/alpha_p > 0 where it is kept up to the decay: every mode survives, as
 * W W^T >= C. Relative to its terms, an integrator's errors of C stay far below the margin. */
static enum ssldyn_status find_balance(const struct ssldyn_matrix_judge *judge,
                                       const struct ssldyn_snapshot *snapshot, bool *positive,
                                       struct ssldyn_error *err)
{
    const size_t n2 = judge->n2;
    const double alpha_p = judge->parameters->rates.alpha_p;
    *positive = false;
    if (!judge->kept || judge->noisy || !snapshot->W || !snapshot->Wp ||
        !(ssldyn_invariant_laws(judge->parameters) & SSLDYN_LAW_BALANCE)) {
        return SSLDYN_OK;
    }
    double *C = ssldyn_memory_array(n2 + 1, n2 * sizeof *C);
    if (!C) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n2);
    }
    ssldyn_invariant_balance(alpha_p, judge->n1, n2, snapshot->W, snapshot->Wp, C);
    const enum ssldyn_status status = ssldyn_eigen_once(n2, C, C + n2 * n2, NULL, err);
    const double w = judge->last[SSLDYN_MATRIX_NORM_W];
    const double wp = judge->last[SSLDYN_MATRIX_NORM_WP];
    *positive =
        status == SSLDYN_OK && C[n2 * n2 + n2 - 1] > row_margin * 0.1 * (w * w + wp * wp / alpha_p);
    free(C);
    return status;
}

static enum ssldyn_status count_survivors(struct ssldyn_matrix_judge *judge,
                                          const struct ssldyn_snapshot *snapshot,
                                          const double vectors[], struct ssldyn_error *err)
{
    bool all = false;
    const enum ssldyn_status status = find_balance(judge, snapshot, &all, err);
    if (status != SSLDYN_OK || all) {
        judge->outcome->rank = all ? (double)judge->n2 : (double)NAN;
        return status;
    }
    double *v = ssldyn_memory_array(judge->n1, 2 * sizeof *v);
    if (!v) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    judge->outcome->rank = 0.0;
    for (size_t j = 0; j < judge->n2; j++) {
        const enum ssldyn_fate fate =
            rests(judge, j) ? SSLDYN_FATE_SURVIVES : fate_alone(judge, snapshot, vectors, j, v);
        judge->outcome->rank += fate == SSLDYN_FATE_SURVIVES    ? 1.0
                                : fate == SSLDYN_FATE_COLLAPSED ? 0.0
                                                                : (double)NAN;
    }
    free(v);
    return SSLDYN_OK;
}

/* The time from which p_1 stays at or above the level until the last row, interpolated linearly
 * between rows; that of the first row if it is above all the time, NaN if it is below at the end
 * or the level is NaN. */
static double escape_time(const struct ssldyn_matrix_judge *judge, double level)
{
    const double *p = judge->leading;
    const double *t = judge->times;
    const size_t count = judge->rows < judge->follow ? judge->rows : judge->follow;
    size_t k = count;
    while (k > 0 && p[k - 1] >= level) {
        k--;
    }
    if (k == count) {
        return (double)NAN;
    }
    return k == 0 ? t[0] : t[k - 1] + (level - p[k - 1]) / (p[k] - p[k - 1]) * (t[k] - t[k - 1]);
}

enum ssldyn_status ssldyn_matrix_judge_finish(struct ssldyn_matrix_judge *judge,
                                              const struct ssldyn_snapshot *snapshot,
                                              const double vectors[], struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = judge->parameters;
    struct ssldyn_outcome *outcome = judge->outcome;
    /* p_1 of norms that decay has no level */
    const bool level_known = !(judge->kept && !judge->noisy && parameters->rates.eta_p > 0.0);
    double level =
        outcome->fate == SSLDYN_FATE_SURVIVES && level_known ? 0.5 * outcome->p : (double)NAN;
    if (judge->certified && parameters->predictor && parameters->stop_grad) {
        const struct ssldyn_parameters alone = ssldyn_parameters_isotropic(parameters);
        level = ssldyn_fixedpoint_escape(&alone);
        outcome->margin = ssldyn_margin_fold(&alone) - parameters->rates.eta_s;
    }
    outcome->t_escape = escape_time(judge, level);
    const bool trapped = snapshot && ssldyn_depth_is_deep(parameters) && !judge->noisy &&
                         is_trapped(judge, judge->last, snapshot);
    if (outcome->fate == SSLDYN_FATE_COLLAPSED || trapped) {
        outcome->rank = 0.0;
    } else if (outcome->fate == SSLDYN_FATE_DIVERGED) {
        outcome->rank_end = (double)NAN;
        outcome->t_escape = (double)NAN;
    } else if (snapshot) {
        return count_survivors(judge, snapshot, vectors, err);
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_matrix_judge_modes(const struct ssldyn_parameters *parameters,
                                             const struct ssldyn_moments *moments, size_t n2,
                                             const double row[], struct ssldyn_flow_report *report,
                                             struct ssldyn_error *err)
{
    report->eta_s = parameters->rates.eta_s;
    report->eta_fold = (double)NAN;
    report->by_start = ssldyn_losses_of(parameters)->normalized;
    if (moments->kind != SSLDYN_MOMENTS_ISOTROPIC || moments->predicts) {
        return SSLDYN_OK;
    }
    struct ssldyn_certificate certificate;
    ssldyn_certificate_init(&certificate, parameters);
    if (certificate.kind == SSLDYN_CERTIFICATE_NONE) {
        report->undecided = certificate.why;
        return SSLDYN_OK;
    }
    report->fate_by_alignment = parameters->predictor && parameters->stop_grad;
    const struct ssldyn_parameters alone = ssldyn_parameters_isotropic(parameters);
    report->eta_fold = ssldyn_margin_fold(&alone);
    report->modes = ssldyn_memory_array(n2, sizeof *report->modes);
    if (!report->modes) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n2);
    }
    report->mode_count = n2;
    const double tau = row[SSLDYN_MATRIX_TAU];
    for (size_t j = 0; j < n2; j++) {
        const double w = amplitude(row, j);
        /* the certificates of the whole network hold for any target */
        const double wa = report->fate_by_alignment || isfinite(tau) ? tau * w : w;
        report->modes[j] =
            (struct ssldyn_mode_end){.s = of_mode(row, SSLDYN_MATRIX_MODE_S, j),
                                     .p = of_mode(row, SSLDYN_MATRIX_MODE_P, j),
                                     .tau = tau,
                                     .since = (double)NAN,
                                     .stopped = (double)NAN,
                                     .margin = (double)NAN,
                                     .fate = certain_fate(&certificate, row, j, w, wa)};
    }
    return SSLDYN_OK;
}
