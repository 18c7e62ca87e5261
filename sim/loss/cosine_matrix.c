/* Conditioned on the node v of the target's integral, a = Wp W x1 is Gaussian with a covariance
 * A = Q diag(alpha) Q^T that is a sum of positive terms; in its frame all integrals over u are scalar.
 * The Schur complement A - C (B + 1/(2v))^-1 C^T would be the same and lose every digit where the
 * views are alike. */
// SPDX-License-Identifier: MIT
#include "sim/loss/cosine_matrix.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ssldyn_cosine_matrix {
    size_t n1, n2, r; /* r = min(n1, n2): singular values of Wa Ss^(1/2), Ss = X + X' */
    double *root;     /* n1 x n1: Ss^(1/2) */
    double *Y;        /* n1 x n1: X Ss^(-1/2) */
    double *R;        /* n1 x n1: Ss - X Ss^-1 X, as a square */
    struct ssldyn_eigen *eigen;
    double *M;         /* n2 x n1: Wp W */
    double *N;         /* n2 x n1: Wa Ss^(1/2), then scratch */
    double *V;         /* n2 x r: left singular vectors of N */
    double *sb, *b;    /* r: its singular values, and their squares */
    double *OT;        /* r x n1: right ones, transposed */
    double *YO;        /* r x n1: O^T Y^T */
    double *T;         /* n2 x r: M Y O */
    double *A0;        /* n2 x n2: the part of A that v leaves alone */
    double *K0;        /* n2 x n1: that of E[a x1^T] */
    double *A, *Q;     /* n2 x n2 */
    double *C, *m;     /* n2 x n2: E[a b^T]; the integrals m_ij */
    double *alpha, *k; /* n2 */
    double *nodes;     /* n2 x SSLDYN_COSINE_NODES: factors of m */
    double *scaled;    /* n2 x r */
    double *Ka, *Kb;   /* n2 x n1: E[a x1^T], E[b x1^T] */
    double *square;    /* n2 x n2 scratch */
    double *wide;      /* n2 x n1 scratch */
    double *work;      /* of LAPACK */
    double *block;     /* holds all of these */
    struct ssldyn_cosine_rule u, v;
};

static void multiply(bool first_transposed, bool second_transposed, size_t rows, size_t inner,
                     size_t columns, const double A[], const double B[], double keep, double C[])
{
    const int lda = (int)(first_transposed ? rows : inner);
    const int ldb = (int)(second_transposed ? inner : columns);
    cblas_dgemm(CblasRowMajor, first_transposed ? CblasTrans : CblasNoTrans,
                second_transposed ? CblasTrans : CblasNoTrans, (int)rows, (int)columns, (int)inner,
                1.0, A, lda, B, ldb, keep, C, (int)columns);
}

/* Entry (i, j) of X or of X + X', of any structure. */
static void expand(const struct ssldyn_moments *moments, double X[], double sum[])
{
    const size_t n = moments->n1;
    const bool isotropic = moments->kind == SSLDYN_MOMENTS_ISOTROPIC;
    const bool diagonal = isotropic || moments->kind == SSLDYN_MOMENTS_DIAGONAL;
    const bool half = diagonal || moments->kind == SSLDYN_MOMENTS_HALF;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            const size_t at = i * n + j;
            const double one = i == j ? 1.0 : 0.0;
            X[at] = isotropic ? one : diagonal ? one * moments->X[i] : moments->X[at];
            sum[at] = isotropic ? one * moments->c
                      : half    ? one * moments->sum[i]
                                : moments->sum[at];
        }
    }
}

/* root, Y and R of the data. Directions without variance have no part in them. */
static enum ssldyn_status prepare(struct ssldyn_cosine_matrix *cosine,
                                  const struct ssldyn_moments *moments, struct ssldyn_eigen *eigen,
                                  double scratch[], struct ssldyn_error *err)
{
    const size_t n = cosine->n1;
    const size_t area = n * n;
    double *X = scratch;
    double *U = X + area;
    double *inverse = U + area;
    double *K = inverse + area;
    double *values = K + area;
    expand(moments, X, U);
    enum ssldyn_status status = ssldyn_eigen_symmetric(eigen, U, values, U, err);
    if (status != SSLDYN_OK)
        return status;
    /* root = (U s^(1/4)) (U s^(1/4))^T, and the like with -1/4 */
    for (int part = 0; part < 2; part++) {
        const double power = part == 0 ? 0.25 : -0.25;
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                const bool empty = !(values[j] > 1e-14 * values[0]);
                K[i * n + j] = empty ? 0.0 : U[i * n + j] * pow(values[j], power);
            }
        }
        multiply(false, true, n, n, n, K, K, 0.0, part == 0 ? cosine->root : inverse);
    }
    multiply(false, false, n, n, n, X, inverse, 0.0, cosine->Y);
    multiply(false, false, n, n, n, inverse, cosine->Y, 0.0, K);
    status = ssldyn_eigen_symmetric(eigen, K, values, U, err);
    if (status != SSLDYN_OK)
        return status;
    /* R = Rh Rh^T with Rh = root U diag(sqrt((1 - k)(1 + k))), |k| <= 1 the canonical correlations */
    multiply(false, false, n, n, n, cosine->root, U, 0.0, K);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            K[i * n + j] *= sqrt(fmax((1.0 - values[j]) * (1.0 + values[j]), 0.0));
    }
    multiply(false, true, n, n, n, K, K, 0.0, cosine->R);
    return SSLDYN_OK;
}

static enum ssldyn_status allocate(struct ssldyn_cosine_matrix *cosine, struct ssldyn_error *err)
{
    const size_t n1 = cosine->n1;
    const size_t n2 = cosine->n2;
    const size_t r = cosine->r;
    const struct ssldyn_memory_part parts[] = {
        {&cosine->root, n1 * n1},  {&cosine->Y, n1 * n1},
        {&cosine->R, n1 * n1},     {&cosine->M, n2 * n1},
        {&cosine->N, n2 * n1},     {&cosine->V, n2 * r},
        {&cosine->sb, r},          {&cosine->b, r},
        {&cosine->OT, r * n1},     {&cosine->YO, r * n1},
        {&cosine->T, n2 * r},      {&cosine->A0, n2 * n2},
        {&cosine->K0, n2 * n1},    {&cosine->A, n2 * n2},
        {&cosine->Q, n2 * n2},     {&cosine->C, n2 * n2},
        {&cosine->m, n2 * n2},     {&cosine->alpha, n2},
        {&cosine->k, n2},          {&cosine->nodes, n2 * SSLDYN_COSINE_NODES},
        {&cosine->scaled, n2 * r}, {&cosine->Ka, n2 * n1},
        {&cosine->Kb, n2 * n1},    {&cosine->square, n2 * n2},
        {&cosine->wide, n2 * n1},  {&cosine->work, ssldyn_svd_workspace(n2, n1)}};
    cosine->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    return cosine->block != NULL
               ? SSLDYN_OK
               : ssldyn_fail(err, SSLDYN_ENOMEM,
                             "out of memory for the cosine loss of %zu x %zu weights", n2, n1);
}

enum ssldyn_status ssldyn_cosine_matrix_create(size_t n2, const struct ssldyn_moments *moments,
                                               struct ssldyn_cosine_matrix **cosine,
                                               struct ssldyn_error *err)
{
    const size_t n1 = moments->n1;
    *cosine = NULL;
    if (n2 < 2)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "the cosine loss needs n2 >= 2: the cosine of two numbers is +-1 and "
                           "its gradient on every pair of views is 0");
    struct ssldyn_cosine_matrix *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->n1 = n1;
    fresh->n2 = n2;
    fresh->r = n1 < n2 ? n1 : n2;
    struct ssldyn_eigen *eigen = NULL;
    double *scratch = NULL;
    enum ssldyn_status status = allocate(fresh, err);
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_create(n2, &fresh->eigen, err);
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_create(n1, &eigen, err);
    if (status == SSLDYN_OK) {
        scratch = ssldyn_memory_array(4 * n1 * n1 + n1, sizeof *scratch);
        status = scratch != NULL ? prepare(fresh, moments, eigen, scratch, err)
                                 : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    free(scratch);
    ssldyn_eigen_free(eigen);
    if (status != SSLDYN_OK) {
        ssldyn_cosine_matrix_free(fresh);
        return status;
    }
    *cosine = fresh;
    return SSLDYN_OK;
}

void ssldyn_cosine_matrix_free(struct ssldyn_cosine_matrix *cosine)
{
    if (cosine == NULL)
        return;
    free(cosine->block);
    ssldyn_eigen_free(cosine->eigen);
    free(cosine);
}

/* What no node changes: the target's singular vectors, T, and the fixed parts of the covariances. */
static enum ssldyn_status set_weights(struct ssldyn_cosine_matrix *cosine, const double Wp[],
                                      const double W[], const double Wa[], struct ssldyn_error *err)
{
    const size_t n1 = cosine->n1;
    const size_t n2 = cosine->n2;
    const size_t r = cosine->r;
    if (Wp != NULL)
        multiply(false, false, n2, n2, n1, Wp, W, 0.0, cosine->M);
    else
        memcpy(cosine->M, W, n2 * n1 * sizeof *W);
    multiply(false, false, n2, n1, n1, Wa, cosine->root, 0.0, cosine->N);
    const enum ssldyn_status status =
        ssldyn_svd_thin(n2, n1, cosine->N, cosine->V, cosine->sb, cosine->OT, cosine->work, err);
    if (status != SSLDYN_OK)
        return status;
    for (size_t i = 0; i < r; i++)
        cosine->b[i] = cosine->sb[i] * cosine->sb[i];
    double *MY = cosine->N;
    multiply(false, false, n2, n1, n1, cosine->M, cosine->Y, 0.0, MY);
    multiply(false, true, n2, n1, r, MY, cosine->OT, 0.0, cosine->T);
    multiply(false, true, r, n1, n1, cosine->OT, cosine->Y, 0.0, cosine->YO);
    multiply(false, false, n2, r, n1, cosine->T, cosine->OT, 0.0, cosine->wide);
    for (size_t i = 0; i < n2 * n1; i++)
        MY[i] -= cosine->wide[i]; /* outside of the target's rows */
    multiply(false, true, n2, n1, n2, MY, MY, 0.0, cosine->A0);
    multiply(false, true, n2, n1, n1, MY, cosine->Y, 0.0, cosine->K0);
    multiply(false, false, n2, n1, n1, cosine->M, cosine->R, 0.0, cosine->wide);
    multiply(false, true, n2, n1, n2, cosine->wide, cosine->M, 1.0, cosine->A0);
    for (size_t i = 0; i < n2 * n1; i++)
        cosine->K0[i] += cosine->wide[i];
    return SSLDYN_OK;
}

/* scaled = matrix (n2 x r) with column j times factor[j]. */
static void scale_columns(const struct ssldyn_cosine_matrix *cosine, const double matrix[],
                          const double factor[], double scaled[])
{
    for (size_t i = 0; i < cosine->n2; i++) {
        for (size_t j = 0; j < cosine->r; j++)
            scaled[i * cosine->r + j] = matrix[i * cosine->r + j] * factor[j];
    }
}

/* k_i = int u^(-1/2) phi r_i du and m_ij = int u^(1/2) phi r_i r_j du, r_i = 1/(1 + 2 u alpha_i),
 * phi = prod r_i^(1/2). False where they diverge. */
static bool integrate(struct ssldyn_cosine_matrix *cosine, double spacing)
{
    const size_t n = cosine->n2;
    for (size_t i = 0; i < n; i++) {
        cosine->alpha[i] = fmax(cosine->alpha[i], 0.0);
        cosine->k[i] = 0.0;
    }
    if (!ssldyn_cosine_rule_make(n, cosine->alpha, spacing, false, &cosine->u))
        return false;
    const size_t count = cosine->u.count;
    for (size_t node = 0; node < count; node++) {
        const double twice_u = cosine->u.twice[node];
        double product = 1.0;
        for (size_t i = 0; i < n; i++) {
            const double r = 1.0 / (1.0 + twice_u * cosine->alpha[i]);
            cosine->nodes[i * count + node] = r;
            product *= r;
        }
        const double weight = 2.0 * cosine->u.weight[node] * sqrt(product); /* du = 2 u^(1/2) dx */
        const double factor = sqrt(0.5 * twice_u * weight);
        for (size_t i = 0; i < n; i++) {
            cosine->k[i] += weight * cosine->nodes[i * count + node];
            cosine->nodes[i * count + node] *= factor;
        }
    }
    multiply(false, true, n, count, n, cosine->nodes, cosine->nodes, 0.0, cosine->m);
    return true;
}

/* In the frame of Q: diag(k) Kb - 2 [diag(m c) + m o (C + C^T)] Ka, c the diagonal of C, into wide;
 * returns sum k_i C_ii. */
static double combine(struct ssldyn_cosine_matrix *cosine)
{
    const size_t n1 = cosine->n1;
    const size_t n2 = cosine->n2;
    const double *C = cosine->C;
    double *factor = cosine->square;
    double agreement = 0.0;
    for (size_t i = 0; i < n2; i++) {
        double sum = 0.0;
        agreement += cosine->k[i] * C[i * n2 + i];
        for (size_t j = 0; j < n2; j++) {
            const double m = cosine->m[i * n2 + j];
            sum += m * C[j * n2 + j];
            factor[i * n2 + j] = -2.0 * m * (C[i * n2 + j] + C[j * n2 + i]);
        }
        factor[i * n2 + i] -= 2.0 * sum;
    }
    multiply(true, false, n2, n2, n1, cosine->Q, cosine->Kb, 0.0, cosine->wide);
    for (size_t i = 0; i < n2; i++) {
        for (size_t j = 0; j < n1; j++)
            cosine->wide[i * n1 + j] *= cosine->k[i];
    }
    multiply(true, false, n2, n2, n1, cosine->Q, cosine->Ka, 0.0, cosine->Kb);
    multiply(false, false, n2, n2, n1, factor, cosine->Kb, 1.0, cosine->wide);
    return agreement;
}

/* Adds what the node v gives to G and the loss. */
static enum ssldyn_status add_node(struct ssldyn_cosine_matrix *cosine, double twice_v,
                                   double weight, double spacing, double G[], double *loss,
                                   struct ssldyn_error *err)
{
    const size_t n1 = cosine->n1;
    const size_t n2 = cosine->n2;
    const size_t r = cosine->r;
    double *factor = cosine->work; /* r <= the workspace of a decomposition */
    double z = 1.0;
    for (size_t j = 0; j < r; j++) {
        factor[j] = 1.0 / (1.0 + twice_v * cosine->b[j]);
        z *= factor[j];
    }
    scale_columns(cosine, cosine->T, factor, cosine->scaled);
    memcpy(cosine->A, cosine->A0, n2 * n2 * sizeof *cosine->A);
    multiply(false, true, n2, r, n2, cosine->scaled, cosine->T, 1.0, cosine->A);
    memcpy(cosine->Ka, cosine->K0, n2 * n1 * sizeof *cosine->Ka);
    multiply(false, false, n2, r, n1, cosine->scaled, cosine->YO, 1.0, cosine->Ka);
    for (size_t j = 0; j < r; j++)
        factor[j] *= cosine->sb[j];
    scale_columns(cosine, cosine->V, factor, cosine->scaled);
    multiply(false, true, n2, r, n2, cosine->T, cosine->scaled, 0.0, cosine->C);
    multiply(false, false, n2, r, n1, cosine->scaled, cosine->YO, 0.0, cosine->Kb);
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(cosine->eigen, cosine->A, cosine->alpha, cosine->Q, err);
    if (status != SSLDYN_OK)
        return status;
    if (!integrate(cosine, spacing))
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "the cosine loss has no finite gradient: Wp W has a rank below 2");
    multiply(true, false, n2, n2, n2, cosine->Q, cosine->C, 0.0, cosine->square);
    multiply(false, false, n2, n2, n2, cosine->square, cosine->Q, 0.0, cosine->C);
    const double share = 2.0 * weight * sqrt(z) / 3.14159265358979323846;
    *loss -= share * combine(cosine);
    multiply(false, false, n2, n2, n1, cosine->Q, cosine->wide, 0.0, cosine->Ka);
    for (size_t i = 0; i < n2 * n1; i++)
        G[i] += share * cosine->Ka[i];
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_cosine_matrix_gradient(struct ssldyn_cosine_matrix *cosine,
                                                 const double Wp[], const double W[],
                                                 const double Wa[], double spacing, double G[],
                                                 double *loss, struct ssldyn_error *err)
{
    memset(G, 0, cosine->n2 * cosine->n1 * sizeof *G);
    *loss = 0.0;
    enum ssldyn_status status = set_weights(cosine, Wp, W, Wa, err);
    if (status == SSLDYN_OK &&
        !ssldyn_cosine_rule_make(cosine->r, cosine->b, spacing, true, &cosine->v))
        status =
            ssldyn_fail(err, SSLDYN_EFAILED, "the cosine loss has no finite gradient: Wa is 0");
    for (size_t k = 0; status == SSLDYN_OK && k < cosine->v.count; k++)
        status = add_node(cosine, cosine->v.twice[k], cosine->v.weight[k], spacing, G, loss, err);
    return status;
}
