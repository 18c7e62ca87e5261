/* Classification by nearest neighbors. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/knn.h"

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { CHUNK = 32 }; /* tests in one product */
static const double temperature = 0.07;

/* One of the nearest so far; a nan is never among them. */
struct neighbor {
    float cosine;
    uint32_t row;
};

static bool is_farther(struct neighbor a, struct neighbor b)
{
    return a.cosine < b.cosine || (a.cosine == b.cosine && a.row > b.row);
}

/* heap: n neighbors, each farther than its children, except the one at place, which is moved down. */
static void sink(struct neighbor heap[], size_t n, size_t place)
{
    const struct neighbor moved = heap[place];
    for (size_t child = 2 * place + 1; child < n; child = 2 * place + 1) {
        if (child + 1 < n && is_farther(heap[child + 1], heap[child]))
            child++;
        if (!is_farther(heap[child], moved))
            break;
        heap[place] = heap[child];
        place = child;
    }
    heap[place] = moved;
}

/* The k largest of count cosines, in no order. */
static void find_nearest(const float cosines[], size_t count, size_t k, struct neighbor heap[])
{
    for (size_t i = 0; i < k; i++)
        heap[i] = (struct neighbor){cosines[i], (uint32_t)i};
    for (size_t i = k / 2; i-- > 0;)
        sink(heap, k, i);
    for (size_t i = k; i < count; i++) {
        if (cosines[i] > heap[0].cosine) {
            heap[0] = (struct neighbor){cosines[i], (uint32_t)i};
            sink(heap, k, 0);
        }
    }
}

/* Summed in the order of rows, so that the votes depend only on the neighbors. */
static int by_row(const void *a, const void *b)
{
    const uint32_t x = ((const struct neighbor *)a)->row;
    const uint32_t y = ((const struct neighbor *)b)->row;
    return (x > y) - (x < y);
}

static size_t vote(struct neighbor nearest[], size_t k, const int32_t labels[], size_t classes,
                   double votes[])
{
    size_t best = 0;
    qsort(nearest, k, sizeof nearest[0], by_row);
    for (size_t c = 0; c < classes; c++)
        votes[c] = 0.0;
    for (size_t i = 0; i < k; i++)
        votes[labels[nearest[i].row]] += exp(((double)nearest[i].cosine - 1.0) / temperature);
    for (size_t c = 1; c < classes; c++)
        best = votes[c] > votes[best] ? c : best;
    return best;
}

enum ssldyn_status knn_accuracy(const struct knn_set *train, const struct knn_set *test,
                                size_t width, size_t classes, size_t k, double *percent,
                                struct ssldyn_error *err)
{
    const size_t nearest = k < train->count ? k : train->count;
    float *cosines = ssldyn_memory_array(train->count, CHUNK * sizeof *cosines);
    struct neighbor *heap = ssldyn_memory_array(nearest, sizeof *heap);
    double *votes = ssldyn_memory_array(classes, sizeof *votes);
    size_t right = 0;
    enum ssldyn_status status = SSLDYN_OK;
    if (cosines == NULL || heap == NULL || votes == NULL)
        status = ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu neighbors", train->count);
    for (size_t first = 0; status == SSLDYN_OK && first < test->count; first += CHUNK) {
        const size_t rows = test->count - first < CHUNK ? test->count - first : CHUNK;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)train->count,
                    (int)width, 1.0F, test->rows + first * width, (int)width, train->rows,
                    (int)width, 0.0F, cosines, (int)train->count);
        for (size_t i = 0; i < rows; i++) {
            find_nearest(cosines + i * train->count, train->count, nearest, heap);
            right += vote(heap, nearest, train->labels, classes, votes) ==
                     (size_t)test->labels[first + i];
        }
        if (ssldyn_signal_pending())
            status = ssldyn_fail(err, SSLDYN_EINTERRUPTED, "stopped during the nearest neighbors");
    }
    free(cosines);
    free(heap);
    free(votes);
    *percent = 100.0 * (double)right / (double)test->count;
    return status;
}
