/* Samples of the input and output of a predictor, and the least-squares fit to them. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_TESTS_PREDICTOR_SAMPLES_H
#define SSLDYN_TESTS_PREDICTOR_SAMPLES_H

#include "sim/align/align_slot.h"
#include "sim/align/effective.h"
#include "sim/linalg/linalg.h"
#include "tests/draw.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE_MOST = 16 }; /* n */

static inline double sample_normal(uint64_t *state)
{
    const double angle = draw_between(state, 0.0, 6.283185307179586);
    return sqrt(-2.0 * log(draw_between(state, 0.0, 1.0))) * cos(angle);
}

struct sample_fit {
    size_t n, count;
    bool centered;
    struct ssldyn_align_slot slot;
    struct ssldyn_effective *effective;
    struct ssldyn_effective_samples samples;
    struct ssldyn_effective_measures measures;
    double A[SAMPLE_MOST * SAMPLE_MOST], U[SAMPLE_MOST * SAMPLE_MOST], s[SAMPLE_MOST];
    enum ssldyn_status status;
    struct ssldyn_error err;
};

/* Fits q to f, N x n both; *fit receives measures and the rest; the caller clears it. */
static inline void sample_fit(size_t n, size_t count, bool centered, const double f[],
                              const double q[], struct sample_fit *fit)
{
    *fit = (struct sample_fit){.n = n, .count = count, .centered = centered};
    struct ssldyn_align_slot *slot = &fit->slot;
    double **const arrays[] = {&slot->features, &slot->outputs, &slot->F, &slot->mean,
                               &slot->covariance};
    const size_t sizes[] = {count * n, count * n, n * n, n, n * n};
    for (size_t i = 0; i < (centered ? 4 : 5); i++)
        ck_assert_ptr_nonnull(*arrays[i] = malloc(sizes[i] * sizeof(double)));
    memcpy(slot->features, f, count * n * sizeof(double));
    memcpy(slot->outputs, q, count * n * sizeof(double));
    ssldyn_align_slot_form(slot, count, n, centered, 0x1p-53);
    fit->samples = ssldyn_align_slot_samples(slot);
    ck_assert_int_eq(ssldyn_effective_create(n, count, centered, &fit->effective, NULL), SSLDYN_OK);
    fit->status = ssldyn_effective_fit(fit->effective, &fit->samples, fit->A, &fit->err);
    if (fit->status != SSLDYN_OK)
        return;
    struct ssldyn_eigen *eigen = NULL;
    ck_assert_int_eq(ssldyn_eigen_create(n, &eigen, NULL), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_eigen_symmetric(eigen, slot->F, fit->s, fit->U, NULL), SSLDYN_OK);
    ssldyn_eigen_free(eigen);
    ssldyn_effective_measure(fit->effective, &fit->samples, fit->A, fit->U, fit->s, &fit->measures);
}

static inline void sample_clear(struct sample_fit *fit)
{
    ssldyn_effective_free(fit->effective);
    ssldyn_align_slot_clear(&fit->slot);
}

/* u_j^T A u_j and |A u_j|, u_j column j of U. */
static inline double sample_p(size_t n, const double A[], const double U[], size_t j,
                              double *length)
{
    double p = 0.0;
    double square = 0.0;
    for (size_t i = 0; i < n; i++) {
        double sum = 0.0;
        for (size_t k = 0; k < n; k++)
            sum += A[i * n + k] * U[k * n + j];
        p += U[i * n + j] * sum;
        square += sum * sum;
    }
    *length = sqrt(square);
    return p;
}

#endif
