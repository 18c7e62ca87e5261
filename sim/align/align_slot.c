/* The arrays of one snapshot (align_slot.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/align_slot.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void ssldyn_align_slot_clear(struct ssldyn_align_slot *slot)
{
    free(slot->Wp);
    free(slot->W);
    free(slot->Wa);
    free(slot->F);
    free(slot->features);
    free(slot->outputs);
    free(slot->mean);
    free(slot->covariance);
    memset(slot, 0, sizeof *slot);
}

/* Subtracts from every column of count x n values its mean. */
static void remove_means(size_t count, size_t n, double values[], double means[])
{
    for (size_t j = 0; j < n; j++) {
        double mean = 0.0;
        for (size_t i = 0; i < count; i++)
            mean += values[i * n + j];
        means[j] = mean /= (double)count;
        for (size_t i = 0; i < count; i++)
            values[i * n + j] -= mean;
    }
}

/* Computed in this order, the covariance keeps its accuracy even if the mean is large. */
void ssldyn_align_slot_form(struct ssldyn_align_slot *slot, size_t count, size_t n, bool centered,
                            double roundoff)
{
    double *covariance = centered ? slot->F : slot->covariance;
    if (slot->outputs != NULL && centered)
        remove_means(count, n, slot->outputs, slot->mean); /* the means of the outputs are not
                                                            * kept */
    remove_means(count, n, slot->features, slot->mean);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n, (int)n, (int)count,
                1.0 / (double)(count - 1), slot->features, (int)n, slot->features, (int)n, 0.0,
                covariance, (int)n);
    const double share = (double)(count - 1) / (double)count;
    double largest = 0.0; /* E f_k^2 */
    for (size_t j = 0; j < n; j++) {
        largest = fmax(largest, share * covariance[j * n + j] + slot->mean[j] * slot->mean[j]);
        for (size_t k = 0; k < n && !centered; k++)
            slot->F[j * n + k] = share * covariance[j * n + k] + slot->mean[j] * slot->mean[k];
    }
    for (size_t i = 0; i < count * n && !centered; i++)
        slot->features[i] += slot->mean[i % n];
    /* Rounding adds independent errors to the coordinates, of variance at most (roundoff f_k)^2/3.
     */
    slot->rounding = slot->noise = roundoff * roundoff / 3.0 * largest;
}

struct ssldyn_effective_samples ssldyn_align_slot_samples(const struct ssldyn_align_slot *slot)
{
    return (struct ssldyn_effective_samples){.f = slot->features,
                                             .q = slot->outputs,
                                             .F = slot->F,
                                             .mean = slot->covariance != NULL ? slot->mean : NULL,
                                             .noise = slot->rounding};
}
