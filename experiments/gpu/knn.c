/* Classification by nearest neighbors. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/knn.h"

#include <cblas.h>
#include <gsl/gsl_sort_float.h>
#include <math.h>
#include <stdlib.h>

enum { CHUNK = 32 }; /* tests in one product */
static const double temperature = 0.07;

/* The class that wins the vote of the k nearest rows. */
static size_t vote(const float cosines[], const size_t nearest[], size_t k, const int32_t labels[],
                   size_t classes, double votes[])
{
    size_t best = 0;
    for (size_t c = 0; c < classes; c++)
        votes[c] = 0.0;
    for (size_t i = 0; i < k; i++)
        votes[labels[nearest[i]]] += exp(((double)cosines[nearest[i]] - 1.0) / temperature);
    for (size_t c = 1; c < classes; c++)
        best = votes[c] > votes[best] ? c : best;
    return best;
}

enum ssldyn_status knn_accuracy(const struct knn_set *train, const struct knn_set *test,
                                size_t width, size_t classes, size_t k, double *percent,
                                struct ssldyn_error *err)
{
    const size_t most = k < train->count ? k : train->count;
    float *cosines = ssldyn_memory_array(train->count, CHUNK * sizeof *cosines);
    size_t *nearest = ssldyn_memory_array(most, sizeof *nearest);
    double *votes = ssldyn_memory_array(classes, sizeof *votes);
    size_t right = 0;
    enum ssldyn_status status = SSLDYN_OK;
    if (cosines == NULL || nearest == NULL || votes == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu neighbors", train->count);
    for (size_t first = 0; status == SSLDYN_OK && first < test->count; first += CHUNK) {
        const size_t rows = test->count - first < CHUNK ? test->count - first : CHUNK;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)train->count,
                    (int)width, 1.0F, test->rows + first * width, (int)width, train->rows,
                    (int)width, 0.0F, cosines, (int)train->count);
        for (size_t i = 0; i < rows; i++) {
            const float *row = cosines + i * train->count;
            /* of equal cosines the earlier row is taken */
            gsl_sort_float_largest_index(nearest, most, row, 1, train->count);
            right += vote(row, nearest, most, train->labels, classes, votes) ==
                     (size_t)test->labels[first + i];
        }
        if (ssldyn_signal_pending())
            status = ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped during the nearest neighbors");
    }
    free(cosines);
    free(nearest);
    free(votes);
    *percent = 100.0 * (double)right / (double)test->count;
    return status;
}
