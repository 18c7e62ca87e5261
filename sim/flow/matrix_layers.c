/* The encoder of M1 as a product of matrices. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_layers.h"

#include "sim/base/memory.h"
#include "sim/linalg/layers.h"
#include "sim/linalg/linalg.h"
#include "theory/depth_flow.h"
#include "theory/invariant.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ssldyn_matrix_layers {
    const struct ssldyn_problem *problem;
    struct ssldyn_layers shape, targets; /* targets.count: 1: an average of the product, 0: tied to
                                          * the network */
    size_t rows;                         /* of Wp */
    double *start, *target_start;
    double *products;        /* n2 x n1: of the layers, of the target, and the workspace for dW/dt
                              * and dWa/dt */
    double *between;         /* workspace of the layers' product, which the pull reads */
    double *targets_between; /* workspace of the target's product */
    double *balance;         /* L matrices n2 x n2 at the start, then one of scratch */
    double *sizes;           /* L: the scale of each balance so far */
};

static size_t at_layer(const struct ssldyn_matrix_layers *layers, size_t l)
{
    return ssldyn_layers_at(&layers->shape, l);
}

static size_t rectangle(const struct ssldyn_matrix_layers *layers)
{
    return layers->shape.n2 * layers->shape.n1;
}

size_t ssldyn_matrix_layers_size(const struct ssldyn_matrix_layers *layers)
{
    return at_layer(layers, layers->shape.count);
}

size_t ssldyn_matrix_layers_target_size(const struct ssldyn_matrix_layers *layers)
{
    return at_layer(layers, layers->targets.count);
}

const double *ssldyn_matrix_layers_start(const struct ssldyn_matrix_layers *layers)
{
    return layers->start;
}

const double *ssldyn_matrix_layers_target_start(const struct ssldyn_matrix_layers *layers)
{
    return layers->target_start;
}

double *ssldyn_matrix_layers_rates(struct ssldyn_matrix_layers *layers)
{
    return layers->products + 2 * rectangle(layers);
}

/* W = U diag(s) V^T into W_1 = U s^(1/L) V^T and W_l = U s^(1/L) U^T. */
static enum ssldyn_status split(const struct ssldyn_matrix_layers *layers, const double W[],
                                double out[], struct ssldyn_error *err)
{
    const size_t L = layers->shape.count;
    const size_t n1 = layers->shape.n1;
    const size_t n2 = layers->shape.n2;
    const size_t rank = n1 < n2 ? n1 : n2;
    const size_t size = n2 * n1 + n2 * n2 + rank * n1 + n2 * rank + rank;
    struct ssldyn_svd *svd = NULL;
    double *A = ssldyn_memory_array(size, sizeof *A);
    enum ssldyn_status status = A ? ssldyn_svd_create(n2, n1, &svd, err)
                                  : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for layers");
    if (status == SSLDYN_OK) {
        double *U = A + n2 * n1;
        double *VT = U + n2 * n2;
        double *scaled = VT + rank * n1; /* U s^(1/L), n2 x rank */
        double *s = scaled + n2 * rank;
        memcpy(A, W, n2 * n1 * sizeof *A);
        status = ssldyn_svd_decompose(svd, A, U, s, VT, err);
        for (size_t i = 0; status == SSLDYN_OK && i < n2 * rank; i++) {
            scaled[i] = U[i / rank * n2 + i % rank] * pow(s[i % rank], 1.0 / (double)L);
        }
        for (size_t l = 0; status == SSLDYN_OK && l < L; l++) {
            cblas_dgemm(CblasRowMajor, CblasNoTrans, l == 0 ? CblasNoTrans : CblasTrans, (int)n2,
                        l == 0 ? (int)n1 : (int)n2, (int)rank, 1.0, scaled, (int)rank,
                        l == 0 ? VT : U, l == 0 ? (int)n1 : (int)n2, 0.0, out + at_layer(layers, l),
                        l == 0 ? (int)n1 : (int)n2);
        }
    }
    ssldyn_svd_free(svd);
    free(A);
    return status;
}

/* Rescales the layers to the given sizes without changing the product. */
static void weigh(const struct ssldyn_matrix_layers *layers, double y[])
{
    const struct ssldyn_list *ratios = &layers->problem->layers0;
    const double mean = ssldyn_depth_mean(ratios->count, ratios->values);
    for (size_t l = 0; l < ratios->count; l++) {
        const size_t size = at_layer(layers, l + 1) - at_layer(layers, l);
        cblas_dscal((int)size, ratios->values[l] / mean, y + at_layer(layers, l), 1);
    }
}

/* C_l, n2 x n2; the last one includes the predictor. */
static void balance_of(const struct ssldyn_matrix_layers *layers, size_t l, const double y[],
                       const double Wp[], double C[])
{
    const int n2 = (int)layers->shape.n2;
    const int columns = l == 0 ? (int)layers->shape.n1 : n2;
    const bool last = l + 1 == layers->shape.count;
    const double *above = last ? Wp : y + at_layer(layers, l + 1);
    const double alpha_p = layers->problem->parameters.rates.alpha_p;
    const double *W = y + at_layer(layers, l);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n2, n2, columns, 1.0, W, columns, W,
                columns, 0.0, C, n2);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n2, n2, last ? (int)layers->rows : n2,
                last ? -1.0 / alpha_p : -1.0, above, n2, above, n2, 1.0, C, n2);
}

static enum ssldyn_status fill(struct ssldyn_matrix_layers *layers,
                               const struct ssldyn_start *start, struct ssldyn_error *err)
{
    enum ssldyn_status status = SSLDYN_OK;
    if (start->layers) {
        memcpy(layers->start, start->layers, ssldyn_matrix_layers_size(layers) * sizeof(double));
    } else {
        status = split(layers, start->W, layers->start, err);
        weigh(layers, layers->start);
    }
    if (start->target_layers) {
        memcpy(layers->target_start, start->target_layers,
               ssldyn_matrix_layers_target_size(layers) * sizeof(double));
    } else if (status == SSLDYN_OK && layers->targets.count > 0) {
        const bool copy = layers->problem->init_wa == SSLDYN_TARGET_COPY;
        if (layers->targets.count == 1) {
            memcpy(layers->target_start, start->Wa, rectangle(layers) * sizeof(double));
        } else if (copy) {
            memcpy(layers->target_start, layers->start,
                   ssldyn_matrix_layers_size(layers) * sizeof(double));
        } else {
            status = split(layers, start->Wa, layers->target_start, err);
        }
    }
    for (size_t l = 0; status == SSLDYN_OK && l < layers->shape.count; l++) {
        balance_of(layers, l, layers->start, start->Wp,
                   layers->balance + l * layers->shape.n2 * layers->shape.n2);
    }
    return status;
}

enum ssldyn_status ssldyn_matrix_layers_create(const struct ssldyn_problem *problem,
                                               const struct ssldyn_start *start,
                                               struct ssldyn_matrix_layers **out,
                                               struct ssldyn_error *err)
{
    struct ssldyn_matrix_layers *layers = calloc(1, sizeof *layers);
    *out = NULL;
    if (!layers) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for layers");
    }
    *layers = (struct ssldyn_matrix_layers){
        .problem = problem,
        .shape = {ssldyn_depth_layers(&problem->parameters), start->n1, start->n2},
        .targets = {ssldyn_depth_targets(&problem->parameters), start->n1, start->n2},
        .rows = ssldyn_moments_rows(&start->moments, start->n2)};
    layers->start = ssldyn_memory_array(ssldyn_matrix_layers_size(layers), sizeof(double));
    layers->target_start =
        ssldyn_memory_array(ssldyn_matrix_layers_target_size(layers), sizeof(double));
    layers->products = ssldyn_memory_array(4 * rectangle(layers), sizeof(double));
    layers->between = ssldyn_memory_array(ssldyn_layers_workspace(&layers->shape), sizeof(double));
    layers->targets_between =
        ssldyn_memory_array(ssldyn_layers_workspace(&layers->targets), sizeof(double));
    layers->balance =
        ssldyn_memory_array((layers->shape.count + 1) * start->n2 * start->n2, sizeof(double));
    layers->sizes = ssldyn_memory_array(layers->shape.count, sizeof(double));
    enum ssldyn_status status = SSLDYN_OK;
    if (!layers->start || !layers->target_start || !layers->products || !layers->between ||
        !layers->targets_between || !layers->balance || !layers->sizes) {
        status =
            ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu layers", layers->shape.count);
    } else {
        status = fill(layers, start, err);
    }
    if (status != SSLDYN_OK) {
        ssldyn_matrix_layers_free(layers);
        return status;
    }
    *out = layers;
    return SSLDYN_OK;
}

void ssldyn_matrix_layers_free(struct ssldyn_matrix_layers *layers)
{
    if (layers) {
        free(layers->start);
        free(layers->target_start);
        free(layers->products);
        free(layers->between);
        free(layers->targets_between);
        free(layers->balance);
        free(layers->sizes);
    }
    free(layers);
}

const double *ssldyn_matrix_layers_product(struct ssldyn_matrix_layers *layers, const double y[])
{
    ssldyn_layers_product_double(&layers->shape, y, layers->products, layers->between);
    return layers->products;
}

const double *ssldyn_matrix_layers_target(struct ssldyn_matrix_layers *layers, const double a[])
{
    double *product = layers->products + rectangle(layers);
    if (layers->targets.count <= 1) {
        return a;
    }
    ssldyn_layers_product_double(&layers->targets, a, product, layers->targets_between);
    return product;
}

void ssldyn_matrix_layers_pull(struct ssldyn_matrix_layers *layers, double eta_s, const double y[],
                               const double W_rate[], double rate[])
{
    ssldyn_layers_pull_double(&layers->shape, y, W_rate, rate, layers->between);
    cblas_daxpy((int)ssldyn_matrix_layers_size(layers), -eta_s, y, 1, rate, 1);
}

void ssldyn_matrix_layers_follow(struct ssldyn_matrix_layers *layers, double beta, const double y[],
                                 const double a[], double rate[])
{
    const double *leader = layers->targets.count == 1 ? layers->products : y;
    for (size_t i = 0; i < ssldyn_matrix_layers_target_size(layers); i++) {
        rate[i] = beta * (leader[i] - a[i]);
    }
}

static double norm_of(const struct ssldyn_matrix_layers *layers, size_t l, const double y[])
{
    return ssldyn_dense_norm(at_layer(layers, l + 1) - at_layer(layers, l),
                             y + at_layer(layers, l));
}

double ssldyn_matrix_layers_least(const struct ssldyn_matrix_layers *layers, const double y[])
{
    double least = (double)INFINITY;
    for (size_t l = 0; l < layers->shape.count; l++) {
        least = fmin(least, norm_of(layers, l, y));
    }
    return least * least;
}

double ssldyn_matrix_layers_largest(const struct ssldyn_matrix_layers *layers, const double y[],
                                    const double a[])
{
    double largest = 0.0;
    for (size_t l = 0; l < layers->shape.count; l++) {
        largest = fmax(largest, norm_of(layers, l, y));
        if (a && layers->targets.count > 1) {
            largest = fmax(largest, norm_of(layers, l, a));
        }
    }
    if (a && layers->targets.count == 1) {
        const double size = ssldyn_dense_norm(rectangle(layers), a);
        largest = fmax(largest, pow(size, 1.0 / (double)layers->shape.count));
    }
    return largest;
}

double ssldyn_matrix_layers_norm_drift(const struct ssldyn_matrix_layers *layers, double t,
                                       const double y[])
{
    const double growth = exp(layers->problem->parameters.rates.eta_s * t);
    double largest = 0.0;
    for (size_t l = 0; l < layers->shape.count; l++) {
        const double first = norm_of(layers, l, layers->start);
        if (first > 0.0) {
            largest = fmax(largest, fabs(norm_of(layers, l, y) * growth / first - 1.0));
        }
    }
    return largest;
}

const double *ssldyn_matrix_layers_last(const struct ssldyn_matrix_layers *layers, const double y[])
{
    return y + at_layer(layers, layers->shape.count - 1);
}

double ssldyn_matrix_layers_drift(struct ssldyn_matrix_layers *layers, double t, const double y[],
                                  const double Wp[])
{
    const struct ssldyn_parameters *parameters = &layers->problem->parameters;
    const struct ssldyn_rates *rates = &parameters->rates;
    const size_t square = layers->shape.n2 * layers->shape.n2;
    const bool predictor = rates->eta_p == rates->eta_s && !parameters->symmetric &&
                           !ssldyn_losses_of(parameters)->iso;
    /* norms that only decay are compared with their current size */
    const bool decays = (ssldyn_invariant_laws(parameters) & SSLDYN_LAW_NORM_W) != 0;
    const double decay = exp(-2.0 * rates->eta_s * t);
    double *C = layers->balance + layers->shape.count * square;
    double largest = 0.0;
    for (size_t l = 0; l < layers->shape.count - (predictor ? 0 : 1); l++) {
        const bool last = l + 1 == layers->shape.count;
        const double *above = last ? Wp : y + at_layer(layers, l + 1);
        const double low =
            ssldyn_dense_norm(l == 0 ? rectangle(layers) : square, y + at_layer(layers, l));
        const double high =
            ssldyn_dense_norm(last ? layers->rows * layers->shape.n2 : square, above);
        const double now = low * low + high * high / (last ? rates->alpha_p : 1.0);
        const double size = decays ? now : fmax(layers->sizes[l], now);
        layers->sizes[l] = size;
        balance_of(layers, l, y, Wp, C);
        cblas_daxpy((int)square, -decay, layers->balance + l * square, 1, C, 1);
        largest = size > 0.0 ? fmax(largest, ssldyn_dense_norm(square, C) / size) : largest;
    }
    return largest;
}
