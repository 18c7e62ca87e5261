/* The eigenvectors of X, with both of their variances. */
// SPDX-License-Identifier: MIT
#include "sim/run/moments_modes.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"

#include <math.h>
#include <stdlib.h>

/* X = I and X + X' = c I. */
static enum ssldyn_status isotropic(const struct ssldyn_moments *moments, double lambda_s[],
                                    double lambda_d[], size_t *count)
{
    for (size_t j = 0; j < moments->n1; j++) {
        lambda_s[j] = moments->c;
        lambda_d[j] = 1.0;
    }
    *count = moments->n1;
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_moments_modes(const struct ssldyn_moments *moments, double lambda_s[],
                                        double lambda_d[], size_t *count, struct ssldyn_error *err)
{
    const size_t n = moments->n1;
    const bool diagonal = moments->kind == SSLDYN_MOMENTS_DIAGONAL;
    struct ssldyn_eigen *eigen = NULL;
    *count = 0;
    if (moments->kind == SSLDYN_MOMENTS_ISOTROPIC) {
        return isotropic(moments, lambda_s, lambda_d, count);
    }
    double *const vectors = diagonal ? NULL : ssldyn_memory_array(n * n, sizeof *vectors);
    enum ssldyn_status status =
        diagonal || vectors ? SSLDYN_OK
                            : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", n);
    if (status == SSLDYN_OK && !diagonal) {
        status = ssldyn_eigen_create(n, &eigen, err);
    }
    if (status == SSLDYN_OK && !diagonal) {
        status = ssldyn_eigen_symmetric(eigen, moments->X, lambda_d, vectors, err);
    }
    for (size_t j = 0; status == SSLDYN_OK && j < n; j++) {
        double sum = diagonal ? moments->sum[j] : 0.0;
        for (size_t i = 0; !diagonal && i < n; i++) {
            sum += vectors[i * n + j] * vectors[i * n + j] * moments->sum[i];
        }
        const double value = diagonal ? moments->X[j] : lambda_d[j];
        if (sum > 0.0) {
            lambda_s[*count] = sum;
            lambda_d[(*count)++] = fmin(fmax(value, 0.0), sum);
        }
    }
    ssldyn_eigen_free(eigen);
    free(vectors);
    return status;
}
