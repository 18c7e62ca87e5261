/* Conditioned on the node v of the target's integral, the prediction a = Wp W x1 is Gaussian with a
 * covariance A that is a sum of positive terms; the integral over its resolvents (cosine_inner.h)
 * remains. The Schur complement A - C (B + 1/(2v))^-1 C^T is the same covariance but loses all
 * digits if the views are nearly equal.
 *
 * Everything is computed in the frame of V, the left singular vectors of the target's Wa Ss^(1/2) =
 * V diag(sb) O^T, in which the target is diagonal. A node costs a reduction to tridiagonal form (of
 * small matrices, and of modes that are far apart, to diagonal form), eight products of size n2,
 * and the inner integral; products with n1 are done once at the end. */
// SPDX-License-Identifier: MIT
#include "sim/loss/cosine_matrix.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/loss/cosine_factors.h"
#include "sim/loss/cosine_inner.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Up to this size eigenvectors are faster. */
enum { eigen_most = 12 };

struct ssldyn_cosine_matrix {
    size_t n1, n2;  /* n2: the size of a prediction */
    size_t hidden;  /* rows of W: n2, or if data are predicted those of the encoder */
    size_t targets; /* size of what targets are made from: n1, or n2 if data are predicted */
    size_t r;       /* min(targets, n2): singular values of the target */
    size_t stride;  /* of the square matrices of an inner integral */
    struct ssldyn_cosine_factors factors;
    struct ssldyn_eigen *eigen;
    struct ssldyn_svd *svd;
    double *M;              /* n2 x n1: Wp W, in the frame of V once that is known */
    double *MR;             /* n2 x n1: M R */
    double *rest;           /* n2 x targets: M Y minus its part in the target's rows */
    double *wide;           /* n2 x max(n1, targets) scratch */
    double *V, *O;          /* n2 x n2; n2 x targets: O^T, r of its rows */
    double *sb, *b;         /* n2: singular values of the target, and their squares; 0 beyond r */
    double *folded;         /* n2 x targets scratch, where targets > n1 */
    double *T;              /* n2 x n2: M Y O, 0 beyond r columns */
    double *A0;             /* n2 x n2: the part of A that does not depend on v */
    double *A, *scaled;     /* n2 x n2 */
    double *d1, *d2;        /* n2: 1/(1 + 2 v b), and that times sb */
    double *diagonal, *off; /* n2: of H^T A H */
    double *C, *K, *Q;      /* n2 x stride, in its frame: E[a b^T]; results of cosine_inner.h */
    double *frame;          /* n2 x 2 stride: H^T T, H^T */
    double *image;          /* n2 x 2 stride: the contribution of a node to sums, in its frame */
    double *sums;           /* n2 x 2 stride: sums over nodes of the factors of T and of the rest */
    double *inner;          /* workspace */
    double *block;          /* holds all of the above */
    struct ssldyn_cosine_rule v;
};

/* C = factor op(A) op(B) + keep C, with row strides lda, ldb, ldc. */
struct product {
    bool transpose_A, transpose_B;
    size_t rows, columns, inner;
    const double *A, *B;
    size_t lda, ldb;
    double factor, keep;
};

static void multiply(struct product p, double C[], size_t ldc)
{
    cblas_dgemm(CblasRowMajor, p.transpose_A ? CblasTrans : CblasNoTrans,
                p.transpose_B ? CblasTrans : CblasNoTrans, (int)p.rows, (int)p.columns,
                (int)p.inner, p.factor, p.A, (int)p.lda, p.B, (int)p.ldb, p.keep, C, (int)ldc);
}

static enum ssldyn_status allocate(struct ssldyn_cosine_matrix *cosine, struct ssldyn_error *err)
{
    const size_t n1 = cosine->n1;
    const size_t n2 = cosine->n2;
    const size_t wide = n2 * n1;
    const size_t of_target = n2 * cosine->targets;
    const size_t square = n2 * n2;
    const size_t padded = n2 * cosine->stride;
    const struct ssldyn_memory_part parts[] = {
        {&cosine->M, wide},
        {&cosine->MR, wide},
        {&cosine->rest, of_target},
        {&cosine->wide, wide > of_target ? wide : of_target},
        {&cosine->V, square},
        {&cosine->O, of_target},
        {&cosine->folded, cosine->targets > n1 ? of_target : 0},
        {&cosine->sb, n2},
        {&cosine->b, n2},
        {&cosine->T, square},
        {&cosine->A0, square},
        {&cosine->A, square},
        {&cosine->scaled, square},
        {&cosine->d1, n2},
        {&cosine->d2, n2},
        {&cosine->diagonal, n2},
        {&cosine->off, n2},
        {&cosine->C, padded},
        {&cosine->K, padded},
        {&cosine->Q, padded},
        {&cosine->frame, 2 * padded},
        {&cosine->image, 2 * padded},
        {&cosine->sums, 2 * padded},
        {&cosine->inner, ssldyn_cosine_inner_workspace(n2)}};
    cosine->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (cosine->block == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM,
                           "out of memory for the cosine loss of %zu x %zu weights", n2, n1);
    /* the padding of a row stays 0 */
    memset(cosine->C, 0, padded * sizeof *cosine->C);
    memset(cosine->frame, 0, 2 * padded * sizeof *cosine->frame);
    memset(cosine->image, 0, 2 * padded * sizeof *cosine->image);
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_cosine_matrix_create(size_t hidden, const struct ssldyn_moments *moments,
                                               bool reversed, struct ssldyn_cosine_matrix **cosine,
                                               struct ssldyn_error *err)
{
    const size_t n2 = ssldyn_moments_rows(moments, hidden);
    *cosine = NULL;
    if (n2 < 2)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           moments->predicts
                               ? "the cosine loss needs data y of two numbers or more: the cosine "
                                 "of two numbers is +-1 and its gradient on every pair is 0"
                               : "the cosine loss needs n2 >= 2: the cosine of two numbers is +-1 "
                                 "and its gradient on every pair of views is 0");
    if (hidden < 2)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "the cosine loss needs n2 >= 2: with n2 = 1 the prediction Wp W x has "
                           "one direction, and the mean gradient is infinite");
    struct ssldyn_cosine_matrix *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    fresh->n1 = moments->n1;
    fresh->n2 = n2;
    fresh->hidden = hidden;
    fresh->targets = ssldyn_moments_rows(moments, moments->n1);
    fresh->r = fresh->targets < n2 ? fresh->targets : n2;
    fresh->stride = ssldyn_cosine_inner_stride(n2);
    enum ssldyn_status status = allocate(fresh, err);
    if (status == SSLDYN_OK)
        status = ssldyn_eigen_create(n2, &fresh->eigen, err);
    if (status == SSLDYN_OK)
        status = ssldyn_svd_create(n2, fresh->targets, &fresh->svd, err);
    if (status == SSLDYN_OK)
        status = ssldyn_cosine_factors_init(&fresh->factors, moments, reversed, err);
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
    ssldyn_cosine_factors_clear(&cosine->factors);
    ssldyn_eigen_free(cosine->eigen);
    ssldyn_svd_free(cosine->svd);
    free(cosine);
}

/* The quantities that are the same at all nodes: the target's singular vectors; in their frame M,
 * T, and the part of A that does not depend on v, (M Y - T O^T)(M Y - T O^T)^T + M R M^T. */
static enum ssldyn_status set_weights(struct ssldyn_cosine_matrix *cosine, const double Wp[],
                                      const double W[], const double Wa[], struct ssldyn_error *err)
{
    const size_t n1 = cosine->n1;
    const size_t n2 = cosine->n2;
    const size_t r = cosine->r;
    const struct ssldyn_cosine_factors *factors = &cosine->factors;
    const size_t m = cosine->targets;
    if (Wa != NULL)
        ssldyn_cosine_factors_apply(factors, n2, Wa, factors->root, false, cosine->wide);
    else
        memcpy(cosine->wide, factors->root, m * m * sizeof *cosine->wide);
    const enum ssldyn_status status =
        ssldyn_svd_decompose(cosine->svd, cosine->wide, cosine->V, cosine->sb, cosine->O, err);
    if (status != SSLDYN_OK)
        return status;
    for (size_t i = 0; i < n2; i++) {
        cosine->sb[i] = i < r ? cosine->sb[i] : 0.0;
        cosine->b[i] = cosine->sb[i] * cosine->sb[i];
    }
    const double *MW = W;
    if (Wp != NULL) {
        multiply((struct product){false, false, n2, n1, cosine->hidden, Wp, W, cosine->hidden, n1,
                                  1.0, 0.0},
                 cosine->wide, n1);
        MW = cosine->wide;
    }
    multiply((struct product){true, false, n2, n1, n2, cosine->V, MW, n2, n1, 1.0, 0.0}, cosine->M,
             n1);
    ssldyn_cosine_factors_apply(factors, n2, cosine->M, factors->R, false, cosine->MR);
    ssldyn_cosine_factors_apply(factors, n2, cosine->M, factors->Y, false, cosine->rest);
    memset(cosine->T, 0, n2 * n2 * sizeof *cosine->T);
    multiply((struct product){false, true, n2, r, m, cosine->rest, cosine->O, m, m, 1.0, 0.0},
             cosine->T, n2);
    multiply((struct product){false, false, n2, m, r, cosine->T, cosine->O, n2, m, -1.0, 1.0},
             cosine->rest, m);
    multiply((struct product){false, true, n2, n2, m, cosine->rest, cosine->rest, m, m, 1.0, 0.0},
             cosine->A0, n2);
    multiply((struct product){false, true, n2, n2, n1, cosine->MR, cosine->M, n1, n1, 1.0, 1.0},
             cosine->A0, n2);
    return SSLDYN_OK;
}

/* scaled = matrix (n2 x n2, rows at distance stride) with column j multiplied by factor[j],
 * packed. */
static void scale_columns(const struct ssldyn_cosine_matrix *cosine, const double matrix[],
                          size_t stride, const double factor[], double scaled[])
{
    for (size_t i = 0; i < cosine->n2; i++) {
        for (size_t j = 0; j < cosine->n2; j++)
            scaled[i * cosine->n2 + j] = matrix[i * stride + j] * factor[j];
    }
}

/* H^T such that H^T A H is diagonal: the transposed eigenvectors of A. */
static enum ssldyn_status diagonalize(struct ssldyn_cosine_matrix *cosine, double HT[],
                                      struct ssldyn_error *err)
{
    const size_t n2 = cosine->n2;
    const enum ssldyn_status status =
        ssldyn_eigen_symmetric(cosine->eigen, cosine->A, cosine->diagonal, cosine->scaled, err);
    for (size_t i = 0; status == SSLDYN_OK && i < n2; i++) {
        cosine->diagonal[i] = fmax(cosine->diagonal[i], 0.0);
        for (size_t j = 0; j < n2; j++)
            HT[i * 2 * cosine->stride + j] = cosine->scaled[j * n2 + i];
    }
    return status;
}

/* In the frame H where A = T diag(d1) T^T + A0 is diagonal or tridiagonal: T, C = T diag(d2), and
 * the inner integrals. */
static enum ssldyn_status integrate(struct ssldyn_cosine_matrix *cosine, bool diagonal,
                                    double spacing, enum ssldyn_cosine_inner_end *end,
                                    struct ssldyn_error *err)
{
    const size_t n2 = cosine->n2;
    const size_t wide = 2 * cosine->stride;
    double *HT = cosine->frame + cosine->stride;
    const enum ssldyn_status status =
        diagonal ? diagonalize(cosine, HT, err)
                 : ssldyn_eigen_reduce(cosine->eigen, cosine->A, cosine->diagonal, cosine->off, HT,
                                       wide, err);
    if (status != SSLDYN_OK)
        return status;
    multiply((struct product){false, false, n2, n2, n2, HT, cosine->T, wide, n2, 1.0, 0.0},
             cosine->frame, wide);
    scale_columns(cosine, cosine->frame, wide, cosine->d2, cosine->scaled);
    multiply((struct product){false, true, n2, n2, n2, cosine->scaled, HT, n2, wide, 1.0, 0.0},
             cosine->C, cosine->stride);
    *end = ssldyn_cosine_inner(n2, cosine->diagonal, diagonal ? NULL : cosine->off, spacing,
                               cosine->C, cosine->K, cosine->Q, cosine->inner);
    return SSLDYN_OK;
}

/* Adds the node v to the loss and to the sums S1, S2 with G = S1 O^T Y^T + S2 (rest Y^T + M R): H (K
 * H^T diag(d2) - 2 Q H^T T diag(d1)) and -2 H Q H^T. */
static enum ssldyn_status add_node(struct ssldyn_cosine_matrix *cosine, double twice_v,
                                   double weight, double spacing, double *loss,
                                   struct ssldyn_error *err)
{
    const size_t n2 = cosine->n2;
    const size_t stride = cosine->stride;
    const size_t wide = 2 * stride;
    const double *HT = cosine->frame + stride;
    double z = 1.0;
    for (size_t j = 0; j < n2; j++) {
        cosine->d1[j] = 1.0 / (1.0 + twice_v * cosine->b[j]);
        cosine->d2[j] = cosine->d1[j] * cosine->sb[j];
        z *= cosine->d1[j];
    }
    scale_columns(cosine, cosine->T, n2, cosine->d1, cosine->scaled);
    memcpy(cosine->A, cosine->A0, n2 * n2 * sizeof *cosine->A);
    multiply((struct product){false, true, n2, n2, n2, cosine->scaled, cosine->T, n2, n2, 1.0, 1.0},
             cosine->A, n2);
    enum ssldyn_cosine_inner_end end = SSLDYN_COSINE_INNER_DEEP;
    enum ssldyn_status status = SSLDYN_OK;
    if (n2 > eigen_most)
        status = integrate(cosine, false, spacing, &end, err);
    if (status == SSLDYN_OK && end == SSLDYN_COSINE_INNER_DEEP)
        status = integrate(cosine, true, spacing, &end, err);
    if (status != SSLDYN_OK)
        return status;
    if (end != SSLDYN_COSINE_INNER_DONE)
        return ssldyn_fail(err, SSLDYN_EFAILED,
                           "the cosine loss has no finite gradient: Wp W has a rank below 2");
    const double share = 2.0 * weight * sqrt(z) / 3.14159265358979323846;
    *loss -= 0.5 * share * ssldyn_dense_dot(n2 * stride, cosine->K, cosine->C);
    multiply((struct product){false, false, n2, wide, n2, cosine->Q, cosine->frame, stride, wide,
                              -2.0, 0.0},
             cosine->image, wide);
    multiply((struct product){false, false, n2, n2, n2, cosine->K, HT, stride, wide, 1.0, 0.0},
             cosine->scaled, n2);
    for (size_t i = 0; i < n2; i++) {
        double *row = cosine->image + i * wide;
        for (size_t j = 0; j < n2; j++)
            row[j] = row[j] * cosine->d1[j] + cosine->scaled[i * n2 + j] * cosine->d2[j];
    }
    multiply((struct product){true, false, n2, wide, n2, HT, cosine->image, wide, wide, share, 1.0},
             cosine->sums, wide);
    return SSLDYN_OK;
}

/* G = V [(S1 O^T + S2 rest) Y^T + S2 M R], minus the quadrature error in tr(M G^T) = 0, so that the
 * norms of a flow obey their laws to rounding. */
static void finish(struct ssldyn_cosine_matrix *cosine, double G[])
{
    const size_t n1 = cosine->n1;
    const size_t n2 = cosine->n2;
    const size_t m = cosine->targets;
    const size_t wide = 2 * cosine->stride;
    const double *S2 = cosine->sums + cosine->stride;
    double *const folded = m > n1 ? cosine->folded : G;
    multiply((struct product){false, false, n2, m, cosine->r, cosine->sums, cosine->O, wide, m, 1.0,
                              0.0},
             folded, m);
    multiply((struct product){false, false, n2, m, n2, S2, cosine->rest, wide, m, 1.0, 1.0}, folded,
             m);
    ssldyn_cosine_factors_apply(&cosine->factors, n2, folded, cosine->factors.Y, true,
                                cosine->wide);
    multiply((struct product){false, false, n2, n1, n2, S2, cosine->MR, wide, n1, 1.0, 1.0},
             cosine->wide, n1);
    const double along = ssldyn_dense_dot(n2 * n1, cosine->M, cosine->wide) /
                         ssldyn_dense_dot(n2 * n1, cosine->M, cosine->M);
    for (size_t i = 0; i < n2 * n1; i++)
        cosine->wide[i] -= along * cosine->M[i];
    multiply((struct product){false, false, n2, n1, n2, cosine->V, cosine->wide, n2, n1, 1.0, 0.0},
             G, n1);
}

enum ssldyn_status ssldyn_cosine_matrix_gradient(struct ssldyn_cosine_matrix *cosine,
                                                 const double Wp[], const double W[],
                                                 const double Wa[], double spacing, double G[],
                                                 double *loss, struct ssldyn_error *err)
{
    *loss = 0.0;
    memset(cosine->sums, 0, 2 * cosine->n2 * cosine->stride * sizeof *cosine->sums);
    enum ssldyn_status status = set_weights(cosine, Wp, W, Wa, err);
    if (status == SSLDYN_OK &&
        !ssldyn_cosine_rule_make(cosine->n2, cosine->b, spacing, true, &cosine->v))
        status =
            ssldyn_fail(err, SSLDYN_EFAILED, "the cosine loss has no finite gradient: Wa is 0");
    for (size_t k = 0; status == SSLDYN_OK && k < cosine->v.count; k++)
        status = add_node(cosine, cosine->v.twice[k], cosine->v.weight[k], spacing, loss, err);
    if (status == SSLDYN_OK)
        finish(cosine, G);
    return status;
}
