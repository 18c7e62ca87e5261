/* The largest curvature of the population loss, by power iteration. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/linalg/layers.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/loss.h"
#include "sim/random/stream.h"
#include "sim/sgd/sgd.h"
#include "theory/depth_flow.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

/* A direction (U for the predictor over sqrt(alpha_p), V for W or its layers), its image, and
 * scratch. */
struct iteration {
    const struct ssldyn_parameters *parameters;
    const struct ssldyn_moments *moments;
    size_t n1, n2;
    size_t rows; /* of Wp */
    const double *Wp, *W;
    const double *Y; /* W's layers; NULL: it is one */
    struct ssldyn_layers layers;
    bool trained;
    double *direction; /* U (rows x n2) then V (as W, or as Y) */
    double *image;
    double *M; /* rows x n1: sqrt(alpha_p) U W + Wp dW */
    double *S; /* rows x n1: M (X + X') */
    /* of layers: the products in between, what the product moves by, twice, and its gradient */
    double *between, *moved;
};

/* What W = W_L ... W_1 moves by along V, n2 x n1: D_l = W_l D_{l-1} + V_l W_{l-1} ... W_1. */
static const double *product_along(const struct iteration *it, const double V[])
{
    const struct ssldyn_layers *layers = &it->layers;
    const size_t rectangle = it->n2 * it->n1;
    const int n1 = (int)it->n1;
    const int n2 = (int)it->n2;
    const double *moved = V;
    for (size_t l = 1; l < layers->count; l++) {
        const size_t at = ssldyn_layers_at(layers, l);
        const double *below = l == 1 ? it->Y : it->between + (l - 2) * rectangle;
        double *next = it->moved + (l % 2) * rectangle;
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n2, n1, n2, 1.0, it->Y + at, n2,
                    moved, n1, 0.0, next, n1);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n2, n1, n2, 1.0, V + at, n2, below,
                    n1, 1.0, next, n1);
        moved = next;
    }
    return moved;
}

/* image = H direction, H the Hessian of 1/2 tr(M Sigma M^T) in M = Wp W to first order, scaled so
 * that a gradient step is the identity minus lr H; decay on its diagonal. */
static void apply(const struct iteration *it)
{
    const int n1 = (int)it->n1;
    const int n2 = (int)it->n2;
    const int rows = (int)it->rows;
    const size_t square = it->rows * it->n2;
    const struct ssldyn_rates *rates = &it->parameters->rates;
    const double root = sqrt(rates->alpha_p);
    const double *U = it->direction;
    const double *V = it->direction + square;
    const double *dW = it->Y ? product_along(it, V) : V;
    if (it->parameters->predictor) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, n1, n2, 1.0, it->Wp, n2, dW,
                    n1, 0.0, it->M, n1);
    } else {
        cblas_dcopy(n1 * n2, dW, 1, it->M, 1);
    }
    if (it->trained) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, n1, n2, root, U, n2, it->W, n1,
                    1.0, it->M, n1);
    }
    ssldyn_loss_apply_sum(it->moments, it->rows, it->M, it->S);
    double *const image_V = it->image + square;
    double *const pull = it->Y ? it->moved + 2 * it->n2 * it->n1 : image_V;
    if (it->parameters->predictor) {
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n2, n1, rows, 1.0, it->Wp, n2, it->S,
                    n1, 0.0, pull, n1);
    } else {
        cblas_dcopy(n1 * n2, it->S, 1, pull, 1);
    }
    if (it->Y) {
        ssldyn_layers_pull_double(&it->layers, it->Y, pull, image_V, it->between);
    }
    cblas_daxpy((int)ssldyn_layers_at(&it->layers, it->layers.count), rates->eta_s, V, 1, image_V,
                1);
    if (it->trained) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, n2, n1, root, it->S, n1, it->W,
                    n1, 0.0, it->image, n2);
        cblas_daxpy((int)square, rates->eta_p, U, 1, it->image, 1);
    }
}

double ssldyn_sgd_curvature(const struct ssldyn_parameters *parameters,
                            const struct ssldyn_moments *moments, size_t n2, const double Wp[],
                            const double W[], const double Y[])
{
    enum { ROUNDS = 500 };
    const double enough = 1e-6;
    const size_t n1 = moments->n1;
    const struct ssldyn_layers layers = {Y ? ssldyn_depth_layers(parameters) : 1, n1, n2};
    const size_t rows = ssldyn_moments_rows(moments, n2);
    const size_t size = rows * n2 + ssldyn_layers_at(&layers, layers.count);
    struct iteration it = {
        .parameters = parameters,
        .moments = moments,
        .n1 = n1,
        .n2 = n2,
        .rows = rows,
        .Wp = Wp,
        .W = W,
        .Y = Y,
        .layers = layers,
        .trained = ssldyn_rules_trained(parameters),
        .direction = ssldyn_memory_array(size, sizeof(double)),
        .image = ssldyn_memory_array(size, sizeof(double)),
        .M = ssldyn_memory_array(n1 * (rows > n2 ? rows : n2), sizeof(double)),
        .S = ssldyn_memory_array(n1 * rows, sizeof(double)),
        .between = ssldyn_memory_array(Y ? ssldyn_layers_workspace(&layers) : 0, sizeof(double)),
        .moved = ssldyn_memory_array(Y ? n1 * n2 : 0, 3 * sizeof(double))};
    double largest = (double)NAN;
    const bool complete = it.direction && it.image && it.M && it.S && it.between && it.moved;
    if (complete && Y) { /* the products in between; that of all is W */
        ssldyn_layers_product_double(&layers, Y, it.M, it.between);
    }
    if (ssldyn_losses_of(parameters)->linear && complete) {
        struct ssldyn_stream stream;
        ssldyn_stream_init(&stream, 0, 0, SSLDYN_PURPOSE_INIT_F);
        const size_t frozen = it.trained ? 0 : rows * n2;
        ssldyn_stream_normal(&stream, size - frozen, it.direction + frozen);
        double before = 0.0;
        for (int round = 0; round < ROUNDS; round++) {
            const double norm = ssldyn_dense_norm(size, it.direction);
            if (!(norm > 0.0) || !isfinite(norm)) {
                largest = norm;
                break;
            }
            cblas_dscal((int)size, 1.0 / norm, it.direction, 1);
            apply(&it);
            largest = ssldyn_dense_dot(size, it.direction, it.image);
            if (fabs(largest - before) <= enough * largest) {
                break;
            }
            before = largest;
            double *const swap = it.direction;
            it.direction = it.image;
            it.image = swap;
        }
    }
    free(it.direction);
    free(it.image);
    free(it.M);
    free(it.S);
    free(it.between);
    free(it.moved);
    return isfinite(largest) ? largest : (double)NAN;
}
