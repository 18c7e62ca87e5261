/* The largest curvature of the population loss, by power iteration. */
// SPDX-License-Identifier: MIT
#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "sim/observe/loss.h"
#include "sim/random/stream.h"
#include "sim/sgd/sgd.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>

/* A direction (U for the predictor over sqrt(alpha_p), V for W), its image, and scratch. */
struct iteration {
    const struct ssldyn_parameters *parameters;
    const struct ssldyn_moments *moments;
    size_t n1, n2;
    const double *Wp, *W;
    bool trained;
    double *direction; /* U (n2 x n2) then V (n2 x n1) */
    double *image;
    double *M; /* n2 x n1: sqrt(alpha_p) U W + Wp V */
    double *S; /* n2 x n1: M (X + X') */
};

/* image = H direction, H the Hessian of 1/2 tr(M Sigma M^T) in M = Wp W to first order, scaled so
 * that a gradient step is the identity minus lr H; decay on its diagonal. */
static void apply(const struct iteration *it)
{
    const int n1 = (int)it->n1;
    const int n2 = (int)it->n2;
    const size_t square = it->n2 * it->n2;
    const struct ssldyn_rates *rates = &it->parameters->rates;
    const double root = sqrt(rates->alpha_p);
    const double *U = it->direction;
    const double *V = it->direction + square;
    if (it->parameters->predictor) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n2, n1, n2, 1.0, it->Wp, n2, V, n1,
                    0.0, it->M, n1);
    } else {
        cblas_dcopy(n1 * n2, V, 1, it->M, 1);
    }
    if (it->trained) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n2, n1, n2, root, U, n2, it->W, n1,
                    1.0, it->M, n1);
    }
    ssldyn_loss_apply_sum(it->moments, it->n2, it->M, it->S);
    double *const image_V = it->image + square;
    if (it->parameters->predictor) {
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n2, n1, n2, 1.0, it->Wp, n2, it->S, n1,
                    0.0, image_V, n1);
    } else {
        cblas_dcopy(n1 * n2, it->S, 1, image_V, 1);
    }
    cblas_daxpy(n1 * n2, rates->eta_s, V, 1, image_V, 1);
    if (it->trained) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n2, n2, n1, root, it->S, n1, it->W, n1,
                    0.0, it->image, n2);
        cblas_daxpy((int)square, rates->eta_p, U, 1, it->image, 1);
    }
}

double ssldyn_sgd_curvature(const struct ssldyn_parameters *parameters,
                            const struct ssldyn_moments *moments, size_t n2, const double Wp[],
                            const double W[])
{
    enum { ROUNDS = 500 };
    const double enough = 1e-6;
    const size_t n1 = moments->n1;
    const size_t size = n2 * n2 + n2 * n1;
    struct iteration it = {.parameters = parameters,
                           .moments = moments,
                           .n1 = n1,
                           .n2 = n2,
                           .Wp = Wp,
                           .W = W,
                           .trained = ssldyn_rules_trained(parameters),
                           .direction = ssldyn_memory_array(size, sizeof(double)),
                           .image = ssldyn_memory_array(size, sizeof(double)),
                           .M = ssldyn_memory_array(n1 * n2, sizeof(double)),
                           .S = ssldyn_memory_array(n1 * n2, sizeof(double))};
    double largest = (double)NAN;
    if (ssldyn_losses_of(parameters)->linear && it.direction && it.image && it.M && it.S) {
        struct ssldyn_stream stream;
        ssldyn_stream_init(&stream, 0, 0, SSLDYN_PURPOSE_INIT_F);
        const size_t frozen = it.trained ? 0 : n2 * n2;
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
    return isfinite(largest) ? largest : (double)NAN;
}
