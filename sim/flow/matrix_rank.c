/* The rank of F in a matrix run, at its end and from there on. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_rank.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/layout_matrix.h"
#include "theory/fate.h"

#include <math.h>
#include <stdlib.h>

/* Eigenvalues of F below this share of the largest of the run count as collapsed. */
static const double negligible = 1e-6;

/* So slow, in units of eta_s, moves what is at rest: what collapses decays at eta_s itself, and
 * only a ghost as near to the fold as this is taken for a fixed point. */
static const double at_rest = 1e-4;

size_t ssldyn_matrix_rank(const double row[], size_t n2, double largest_s)
{
    size_t rank = 0;
    for (size_t j = 0; j < n2; j++) {
        rank +=
            row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)] > negligible * largest_s ? 1 : 0;
    }
    return rank;
}

static bool rests(const struct ssldyn_matrix_end *end, size_t j)
{
    if (!end->before) {
        return false;
    }
    const double s = end->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)];
    const double s_before = end->before[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)];
    const double dt = end->row[SSLDYN_MATRIX_T] - end->before[SSLDYN_MATRIX_T];
    return s > negligible * end->largest_s && s_before > 0.0 && dt > 0.0 &&
           fabs(log(s / s_before)) <= 2.0 * at_rest * end->parameters->rates.eta_s * dt;
}

/* v^T X v and v^T (X + X') v of a vector v. */
static void forms(const struct ssldyn_moments *moments, const double v[], double *data, double *sum)
{
    const size_t n = moments->n1;
    const enum ssldyn_moments_kind kind = moments->kind;
    const bool full_x = kind == SSLDYN_MOMENTS_HALF || kind == SSLDYN_MOMENTS_FULL;
    *data = full_x ? ssldyn_dense_form(n, moments->X, v) : 0.0;
    *sum = kind == SSLDYN_MOMENTS_FULL ? ssldyn_dense_form(n, moments->sum, v) : 0.0;
    for (size_t i = 0; i < n; i++) {
        const double square = v[i] * v[i];
        *data += full_x ? 0.0 : kind == SSLDYN_MOMENTS_DIAGONAL ? moments->X[i] * square : square;
        *sum += kind == SSLDYN_MOMENTS_FULL        ? 0.0
                : kind == SSLDYN_MOMENTS_ISOTROPIC ? moments->c * square
                                                   : moments->sum[i] * square;
    }
}

/* A^T u_j into v, for A of n2 x n1 and column j of the eigenvectors. */
static void row_of(const struct ssldyn_matrix_end *end, const double A[], size_t j, double v[])
{
    for (size_t k = 0; k < end->n1; k++) {
        v[k] = 0.0;
    }
    for (size_t i = 0; i < end->n2; i++) {
        const double u = end->vectors[i * end->n2 + j];
        for (size_t k = 0; k < end->n1; k++) {
            v[k] += u * A[i * end->n1 + k];
        }
    }
}

/* The fate of mode j as a mode of M5; v, of n1 and twice as many entries, is workspace. */
static enum ssldyn_fate fate_alone(const struct ssldyn_matrix_end *end, size_t j, double v[])
{
    struct ssldyn_parameters parameters = *end->parameters;
    struct ssldyn_certificate certificate;
    const double *W = end->snapshot->W;
    const double *Wa = end->snapshot->Wa;
    double w = sqrt(fmax(end->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)], 0.0));
    double wa = end->row[SSLDYN_MATRIX_TAU] * w;
    parameters.lambda_s = end->moments->c;
    parameters.lambda_d = 1.0;
    if (W && end->moments->kind != SSLDYN_MOMENTS_ISOTROPIC) {
        row_of(end, W, j, v);
        w = ssldyn_dense_norm(end->n1, v);
        for (size_t k = 0; w > 0.0 && k < end->n1; k++) {
            v[k] /= w;
        }
        wa = end->row[SSLDYN_MATRIX_TAU] * w;
        if (Wa) {
            row_of(end, Wa, j, v + end->n1);
            wa = ssldyn_dense_dot(end->n1, v, v + end->n1);
        }
        forms(end->moments, v, &parameters.lambda_d, &parameters.lambda_s);
    }
    if (!isfinite(wa)) {
        return w == 0.0 ? SSLDYN_FATE_COLLAPSED : SSLDYN_FATE_UNDECIDED;
    }
    ssldyn_certificate_init_lowdim(&certificate, &parameters);
    return ssldyn_fate_judge(&certificate,
                             end->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_P, j)], w, wa);
}

enum ssldyn_status ssldyn_matrix_survivors(const struct ssldyn_matrix_end *end, double *survivors,
                                           struct ssldyn_error *err)
{
    double *v = ssldyn_memory_array(end->n1, 2 * sizeof *v);
    if (!v) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    *survivors = 0.0;
    for (size_t j = 0; j < end->n2; j++) {
        const enum ssldyn_fate fate = rests(end, j) ? SSLDYN_FATE_SURVIVES : fate_alone(end, j, v);
        *survivors += fate == SSLDYN_FATE_SURVIVES    ? 1.0
                      : fate == SSLDYN_FATE_COLLAPSED ? 0.0
                                                      : (double)NAN;
    }
    free(v);
    return SSLDYN_OK;
}
