/* The encoder of M1 as a product of matrices. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_layers.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"
#include "theory/depth_flow.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ssldyn_matrix_layers {
    const struct ssldyn_problem *problem;
    size_t L, n1, n2, rows; /* rows: of Wp */
    size_t targets; /* layers of the target; 1: an average of the product, 0: tied to the network */
    double *start, *target_start;
    double *partial;  /* L products W_l ... W_1, n2 x n1 each */
    double *averages; /* the same for the target */
    double *pulled;   /* four such: dW/dt on its way down the layers, and the workspace for dW/dt
                       * and dWa/dt */
    double *balance;  /* L matrices n2 x n2 at the start, then one of scratch */
};

static size_t at_layer(const struct ssldyn_matrix_layers *layers, size_t l)
{
    return l == 0 ? 0 : layers->n2 * layers->n1 + (l - 1) * layers->n2 * layers->n2;
}

size_t ssldyn_matrix_layers_size(const struct ssldyn_matrix_layers *layers)
{
    return at_layer(layers, layers->L);
}

size_t ssldyn_matrix_layers_target_size(const struct ssldyn_matrix_layers *layers)
{
    return at_layer(layers, layers->targets);
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
    return layers->pulled + 2 * layers->n2 * layers->n1;
}

/* W = U diag(s) V^T into W_1 = U s^(1/L) V^T and W_l = U s^(1/L) U^T. */
static enum ssldyn_status split(const struct ssldyn_matrix_layers *layers, size_t L,
                                const double W[], double out[], struct ssldyn_error *err)
{
    const size_t n1 = layers->n1;
    const size_t n2 = layers->n2;
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
    const int n2 = (int)layers->n2;
    const int columns = l == 0 ? (int)layers->n1 : n2;
    const bool last = l + 1 == layers->L;
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
        status = split(layers, layers->L, start->W, layers->start, err);
        weigh(layers, layers->start);
    }
    if (start->target_layers) {
        memcpy(layers->target_start, start->target_layers,
               ssldyn_matrix_layers_target_size(layers) * sizeof(double));
    } else if (status == SSLDYN_OK && layers->targets > 0) {
        const bool copy = layers->problem->init_wa == SSLDYN_TARGET_COPY;
        if (layers->targets == 1) {
            memcpy(layers->target_start, start->Wa, layers->n1 * layers->n2 * sizeof(double));
        } else if (copy) {
            memcpy(layers->target_start, layers->start,
                   ssldyn_matrix_layers_size(layers) * sizeof(double));
        } else {
            status = split(layers, layers->L, start->Wa, layers->target_start, err);
        }
    }
    for (size_t l = 0; status == SSLDYN_OK && l < layers->L; l++) {
        balance_of(layers, l, layers->start, start->Wp,
                   layers->balance + l * layers->n2 * layers->n2);
    }
    return status;
}

enum ssldyn_status ssldyn_matrix_layers_create(const struct ssldyn_problem *problem,
                                               const struct ssldyn_start *start,
                                               struct ssldyn_matrix_layers **out,
                                               struct ssldyn_error *err)
{
    const size_t rectangle = start->n1 * start->n2;
    const size_t square = start->n2 * start->n2;
    struct ssldyn_matrix_layers *layers = calloc(1, sizeof *layers);
    *out = NULL;
    if (!layers) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for layers");
    }
    *layers = (struct ssldyn_matrix_layers){.problem = problem,
                                            .L = ssldyn_depth_layers(&problem->parameters),
                                            .n1 = start->n1,
                                            .n2 = start->n2,
                                            .rows = ssldyn_moments_rows(&start->moments, start->n2),
                                            .targets = ssldyn_depth_targets(&problem->parameters)};
    layers->start = ssldyn_memory_array(ssldyn_matrix_layers_size(layers), sizeof(double));
    layers->target_start =
        ssldyn_memory_array(ssldyn_matrix_layers_target_size(layers), sizeof(double));
    layers->partial = ssldyn_memory_array(layers->L * rectangle, sizeof(double));
    layers->averages = ssldyn_memory_array(2 * rectangle, sizeof(double));
    layers->pulled = ssldyn_memory_array(4 * rectangle, sizeof(double));
    layers->balance = ssldyn_memory_array((layers->L + 1) * square, sizeof(double));
    enum ssldyn_status status = SSLDYN_OK;
    if (!layers->start || !layers->target_start || !layers->partial || !layers->averages ||
        !layers->pulled || !layers->balance) {
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu layers", layers->L);
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
        free(layers->partial);
        free(layers->averages);
        free(layers->pulled);
        free(layers->balance);
    }
    free(layers);
}

/* to = A from, with A (or its transpose) n2 x n2, the others n2 x n1. */
static void apply(const struct ssldyn_matrix_layers *layers, bool transposed, const double A[],
                  const double from[], double to[])
{
    const int n1 = (int)layers->n1;
    const int n2 = (int)layers->n2;
    cblas_dgemm(CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, CblasNoTrans, n2, n1, n2,
                1.0, A, n2, from, n1, 0.0, to, n1);
}

const double *ssldyn_matrix_layers_product(struct ssldyn_matrix_layers *layers, const double y[])
{
    const size_t rectangle = layers->n1 * layers->n2;
    memcpy(layers->partial, y, rectangle * sizeof *y);
    for (size_t l = 1; l < layers->L; l++) {
        apply(layers, false, y + at_layer(layers, l), layers->partial + (l - 1) * rectangle,
              layers->partial + l * rectangle);
    }
    return layers->partial + (layers->L - 1) * rectangle;
}

const double *ssldyn_matrix_layers_target(struct ssldyn_matrix_layers *layers, const double a[])
{
    const double *product = a;
    for (size_t l = 1; l < layers->targets; l++) {
        double *next = layers->averages + (l % 2) * layers->n1 * layers->n2;
        apply(layers, false, a + at_layer(layers, l), product, next);
        product = next;
    }
    return product;
}

void ssldyn_matrix_layers_pull(struct ssldyn_matrix_layers *layers, double eta_s, const double y[],
                               const double W_rate[], double rate[])
{
    const size_t rectangle = layers->n1 * layers->n2;
    const int n1 = (int)layers->n1;
    const int n2 = (int)layers->n2;
    const double *pull = W_rate; /* (W_L ... W_{l+1})^T dW/dt */
    for (size_t l = layers->L; l-- > 0;) {
        double *to = rate + at_layer(layers, l);
        if (l > 0) {
            cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n2, n2, n1, 1.0, pull, n1,
                        layers->partial + (l - 1) * rectangle, n1, 0.0, to, n2);
            double *next = layers->pulled + (l % 2) * rectangle;
            apply(layers, true, y + at_layer(layers, l), pull, next);
            pull = next;
        } else {
            memcpy(to, pull, rectangle * sizeof *to);
        }
    }
    cblas_daxpy((int)ssldyn_matrix_layers_size(layers), -eta_s, y, 1, rate, 1);
}

void ssldyn_matrix_layers_follow(struct ssldyn_matrix_layers *layers, double beta, const double y[],
                                 const double a[], double rate[])
{
    const size_t rectangle = layers->n1 * layers->n2;
    const double *leader = layers->targets == 1 ? layers->partial + (layers->L - 1) * rectangle : y;
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
    for (size_t l = 0; l < layers->L; l++) {
        least = fmin(least, norm_of(layers, l, y));
    }
    return least * least;
}

double ssldyn_matrix_layers_largest(const struct ssldyn_matrix_layers *layers, const double y[],
                                    const double a[])
{
    double largest = 0.0;
    for (size_t l = 0; l < layers->L; l++) {
        largest = fmax(largest, norm_of(layers, l, y));
        if (a && layers->targets > 1) {
            largest = fmax(largest, norm_of(layers, l, a));
        }
    }
    if (a && layers->targets == 1) {
        const double size = ssldyn_dense_norm(layers->n1 * layers->n2, a);
        largest = fmax(largest, pow(size, 1.0 / (double)layers->L));
    }
    return largest;
}

double ssldyn_matrix_layers_norm_drift(const struct ssldyn_matrix_layers *layers, double t,
                                       const double y[])
{
    const double growth = exp(layers->problem->parameters.rates.eta_s * t);
    double largest = 0.0;
    for (size_t l = 0; l < layers->L; l++) {
        const double first = norm_of(layers, l, layers->start);
        if (first > 0.0) {
            largest = fmax(largest, fabs(norm_of(layers, l, y) * growth / first - 1.0));
        }
    }
    return largest;
}

const double *ssldyn_matrix_layers_last(const struct ssldyn_matrix_layers *layers, const double y[])
{
    return y + at_layer(layers, layers->L - 1);
}

double ssldyn_matrix_layers_drift(struct ssldyn_matrix_layers *layers, double t, const double y[],
                                  const double Wp[])
{
    const struct ssldyn_parameters *parameters = &layers->problem->parameters;
    const struct ssldyn_rates *rates = &parameters->rates;
    const size_t square = layers->n2 * layers->n2;
    const bool predictor = rates->eta_p == rates->eta_s && !parameters->symmetric &&
                           !ssldyn_losses_of(parameters)->iso;
    const double decay = exp(-2.0 * rates->eta_s * t);
    double *C = layers->balance + layers->L * square;
    double largest = 0.0;
    for (size_t l = 0; l < layers->L - (predictor ? 0 : 1); l++) {
        const bool last = l + 1 == layers->L;
        const double *above = last ? Wp : y + at_layer(layers, l + 1);
        const double low =
            ssldyn_dense_norm(l == 0 ? layers->n1 * layers->n2 : square, y + at_layer(layers, l));
        const double high = ssldyn_dense_norm(last ? layers->rows * layers->n2 : square, above);
        const double size = low * low + high * high / (last ? rates->alpha_p : 1.0);
        balance_of(layers, l, y, Wp, C);
        cblas_daxpy((int)square, -decay, layers->balance + l * square, 1, C, 1);
        largest = size > 0.0 ? fmax(largest, ssldyn_dense_norm(square, C) / size) : largest;
    }
    return largest;
}
