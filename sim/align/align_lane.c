/* The analysis of one snapshot (align_lane.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_lane.h"

#include "sim/base/memory.h"
#include "theory/losses.h"
#include "theory/rules.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void ssldyn_align_lane_clear(struct ssldyn_align_lane *lane)
{
    ssldyn_align_slot_clear(&lane->slot);
    ssldyn_observer_free(lane->observer);
    free(lane->block);
    ssldyn_predictor_basis_free(lane->basis);
    ssldyn_effective_free(lane->effective);
    free(lane->variances);
    free(lane->covariance);
    ssldyn_eigen_free(lane->eigen);
    ssldyn_mode_weights_free(lane->weights);
}

bool ssldyn_align_lane_exact(const struct ssldyn_align_sizes *sizes)
{
    return sizes->features == 0 && (sizes->n1 > 0 || sizes->parameters != NULL);
}

bool ssldyn_align_lane_whitened(const struct ssldyn_align_sizes *sizes)
{
    return sizes->n1 > 0 &&
           (sizes->moments == NULL || sizes->moments->kind == SSLDYN_MOMENTS_ISOTROPIC);
}

double ssldyn_align_lane_alpha_p(const struct ssldyn_align_request *request,
                                 const struct ssldyn_align_sizes *sizes)
{
    const struct ssldyn_parameters *parameters = sizes->parameters;
    const struct ssldyn_moments *moments = sizes->moments;
    if (parameters == NULL && request->alpha_known)
        parameters = request->parameters;
    if (parameters == NULL || !ssldyn_rules_trained(parameters) || !parameters->stop_grad ||
        ssldyn_losses_of(parameters)->iso || parameters->rates.eta_p != parameters->rates.eta_s ||
        (moments != NULL && sizes->n1 == 0 && moments->kind != SSLDYN_MOMENTS_ISOTROPIC))
        return (double)NAN;
    return parameters->rates.alpha_p;
}

enum ssldyn_reading ssldyn_align_lane_reading(const struct ssldyn_align_request *request,
                                              const struct ssldyn_align_sizes *sizes)
{
    if (sizes->parameters == NULL)
        return request->reading;
    const struct ssldyn_loss *loss = ssldyn_losses_of(sizes->parameters);
    return loss->normalized && !loss->iso ? SSLDYN_READING_COSINE : SSLDYN_READING_L2;
}

enum ssldyn_status ssldyn_align_lane_init(const struct ssldyn_align_source *source,
                                          const struct ssldyn_align_request *request,
                                          struct ssldyn_align_lane *lane, struct ssldyn_error *err)
{
    const struct ssldyn_align_sizes known = ssldyn_align_source_sizes(source);
    const struct ssldyn_align_sizes *sizes = &known;
    enum ssldyn_status status = ssldyn_align_source_slot(source, &lane->slot, err);
    if (status == SSLDYN_OK)
        status = ssldyn_observer_create(sizes->n1, sizes->n2, sizes->parameters, sizes->moments,
                                        NULL, &lane->observer, err);
    if (status != SSLDYN_OK)
        return status;
    const struct ssldyn_memory_part parts[] = {
        {&lane->row, ssldyn_layout_width(&ssldyn_layout_matrix, sizes->n2)},
        {&lane->errors, sizes->n2},
        {&lane->turned, sizes->features * sizes->n2}};
    lane->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (lane->block == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the analysis");
    if (lane->slot.Wp != NULL && sizes->n1 > 0 && !ssldyn_align_lane_whitened(sizes))
        status = ssldyn_mode_weights_create(sizes->n1, sizes->n2, &lane->weights, err);
    if (status != SSLDYN_OK)
        return status;
    if (lane->slot.Wp != NULL && !ssldyn_align_lane_exact(sizes)) {
        status = ssldyn_predictor_basis_create(sizes->n2, sizes->features, &lane->basis, err);
        if (status != SSLDYN_OK)
            return status;
    }
    if (lane->slot.outputs != NULL) {
        status = ssldyn_effective_create(sizes->n2, sizes->features, request->centered,
                                         &lane->effective, err);
        if (status != SSLDYN_OK)
            return status;
    }
    if (lane->slot.mean == NULL || request->centered)
        return SSLDYN_OK;
    lane->variances = ssldyn_memory_array(sizes->n2, sizeof(double));
    lane->covariance = ssldyn_memory_array(sizes->n2, sizes->n2 * sizeof(double));
    if (lane->variances == NULL || lane->covariance == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the analysis");
    return ssldyn_eigen_create(sizes->n2, &lane->eigen, err);
}

/* Standard error of each eigenvalue from N features: with y_i = u_j . f_i the eigenvalue is the
 * mean of y^2, and to first order its variance is that of y^2 divided by N. */
static void sampling_errors(size_t count, size_t n, struct ssldyn_align_lane *lane)
{
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)count, (int)n, (int)n, 1.0,
                lane->slot.features, (int)n, ssldyn_observer_eigenvectors(lane->observer), (int)n,
                0.0, lane->turned, (int)n);
    for (size_t j = 0; j < n; j++) {
        double square = 0.0;
        for (size_t i = 0; i < count; i++)
            square += lane->turned[i * n + j] * lane->turned[i * n + j];
        square /= (double)count;
        double variance = 0.0;
        for (size_t i = 0; i < count; i++) {
            const double excess = lane->turned[i * n + j] * lane->turned[i * n + j] - square;
            variance += excess * excess;
        }
        lane->errors[j] = sqrt(variance / ((double)count - 1.0) / (double)count);
    }
}

/* Eigenvalues of the covariance: of features, or F - mean mean^T. */
static enum ssldyn_status find_variances(size_t n, struct ssldyn_align_lane *lane,
                                         struct ssldyn_error *err)
{
    const double *mean = lane->slot.mean;
    const double *covariance = lane->slot.covariance;
    if (covariance == NULL) {
        const double *F = ssldyn_observer_correlation(lane->observer);
        for (size_t j = 0; j < n; j++)
            for (size_t k = 0; k < n; k++)
                lane->covariance[j * n + k] = F[j * n + k] - mean[j] * mean[k];
        covariance = lane->covariance;
    }
    enum ssldyn_status status =
        ssldyn_eigen_symmetric(lane->eigen, covariance, lane->variances, NULL, err);
    const double largest = lane->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, 0)];
    if (status == SSLDYN_OK && lane->variances[n - 1] < -SSLDYN_ALIGN_NOT_POSITIVE * largest)
        status = ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--mean: F - mean mean^T has the eigenvalue %g, but a covariance has no negative "
            "eigenvalues; is F centered already, or is this the mean of other inputs?",
            lane->variances[n - 1]);
    return status;
}

/* If no predictor was given, its columns become NaN: the observer was run with the identity. */
static void forget_predictor(size_t n, double row[])
{
    row[SSLDYN_MATRIX_LOSS] = (double)NAN;
    row[SSLDYN_MATRIX_NORM_WP] = (double)NAN;
    row[SSLDYN_MATRIX_COMMUTATOR] = (double)NAN;
    row[SSLDYN_MATRIX_ASYMMETRY] = (double)NAN;
    for (size_t j = 0; j < n; j++) {
        for (size_t k = 0; k < SSLDYN_MATRIX_PER_MODE; k++)
            if (k != SSLDYN_MATRIX_MODE_S)
                row[ssldyn_layout_matrix_at((enum ssldyn_matrix_mode)k, j)] = (double)NAN;
    }
}

/* Appends other possible mistakes to the message that there are too few samples. */
static void explain_few(const struct ssldyn_align_sizes *sizes, struct ssldyn_align_lane *lane)
{
    char message[sizeof lane->err.message];
    memcpy(message, lane->err.message, sizeof message);
    if (sizes->snapshots > 1)
        lane->status =
            ssldyn_fail(&lane->err, SSLDYN_EINPUT,
                        "%s; an array with 3 dimensions is a series of snapshots, here %zu: save "
                        "batches or tokens of one snapshot as features.reshape(-1, %zu)",
                        message, sizes->snapshots, sizes->n2);
    else if (sizes->features < sizes->n2)
        lane->status = ssldyn_fail(
            &lane->err, SSLDYN_EINPUT,
            "%s; each row must be a sample: if columns are samples, save the transposes", message);
}

/* Estimates the predictor from the samples in the slot and adds its measures to the row. */
static void measure_effective(size_t n, struct ssldyn_align_lane *lane)
{
    const struct ssldyn_effective_samples samples = ssldyn_align_slot_samples(&lane->slot);
    double *s = lane->errors; /* unused until sampling_errors */
    for (size_t j = 0; j < n; j++)
        s[j] = lane->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_S, j)];
    ssldyn_effective_measure(lane->effective, &samples, lane->slot.Wp,
                             ssldyn_observer_eigenvectors(lane->observer), s, &lane->measures);
    lane->row[SSLDYN_MATRIX_ASYMMETRY] = lane->measures.asymmetry;
    for (size_t j = 0; j < n; j++)
        lane->row[ssldyn_layout_matrix_at(SSLDYN_MATRIX_MODE_COS, j)] = lane->measures.cosine[j];
}

/* The predictor's eigenvectors are used as the basis if they are more accurate than those of F,
 * whose entries have a total error of n/N from N samples. */
static bool serves_as_basis(const struct ssldyn_align_sizes *sizes,
                            const struct ssldyn_align_lane *lane)
{
    return lane->effective == NULL ||
           lane->measures.noise <= 0.1 * (double)sizes->n2 / (double)sizes->features;
}

void ssldyn_align_lane_observe(const struct ssldyn_align_request *request,
                               const struct ssldyn_align_sizes *sizes,
                               struct ssldyn_align_lane *lane)
{
    lane->status = SSLDYN_OK;
    if (lane->effective != NULL) {
        const struct ssldyn_effective_samples samples = ssldyn_align_slot_samples(&lane->slot);
        lane->status = ssldyn_effective_fit(lane->effective, &samples, lane->slot.Wp, &lane->err);
        if (lane->status == SSLDYN_EINPUT)
            explain_few(sizes, lane);
    }
    if (lane->status == SSLDYN_OK)
        lane->status =
            ssldyn_observer_row(lane->observer, &lane->slot.snapshot, lane->row, &lane->err);
    if (lane->status != SSLDYN_OK)
        return;
    if (!sizes->loss_known)
        lane->row[SSLDYN_MATRIX_LOSS] = (double)NAN;
    if (lane->slot.snapshot.Wp == NULL)
        forget_predictor(sizes->n2, lane->row);
    if (lane->effective != NULL)
        measure_effective(sizes->n2, lane);
    if (sizes->features > 0)
        sampling_errors(sizes->features, sizes->n2, lane);
    if (lane->weights != NULL)
        ssldyn_mode_weights_find(lane->weights, lane->slot.W,
                                 ssldyn_observer_eigenvectors(lane->observer));
    lane->modes.count = 0;
    if (lane->basis != NULL && serves_as_basis(sizes, lane))
        lane->status = ssldyn_predictor_basis_find(
            lane->basis, ssldyn_observer_correlation(lane->observer), lane->slot.Wp,
            lane->slot.features, request->floor, &lane->modes, &lane->err);
    if (lane->status == SSLDYN_OK && lane->variances != NULL)
        lane->status = find_variances(sizes->n2, lane, &lane->err);
}
