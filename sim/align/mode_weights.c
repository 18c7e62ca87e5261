/* Squared weights of the modes (mode_weights.h). */
// SPDX-License-Identifier: MIT
#include "sim/align/mode_weights.h"

#include "sim/base/memory.h"
#include "sim/linalg/linalg.h"

#include <cblas.h>
#include <gsl/gsl_sort.h>
#include <stdlib.h>

struct ssldyn_mode_weights {
    size_t n1, n2;
    double *turned;  /* n2 x n1: U^T W */
    double *squares; /* n2 */
    double *s, *p;   /* n2: points */
    double *block;   /* all of these */
};

enum ssldyn_status ssldyn_mode_weights_create(size_t n1, size_t n2,
                                              struct ssldyn_mode_weights **weights,
                                              struct ssldyn_error *err)
{
    *weights = NULL;
    struct ssldyn_mode_weights *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    const struct ssldyn_memory_part parts[] = {
        {&fresh->turned, n2 * n1}, {&fresh->squares, n2}, {&fresh->s, n2}, {&fresh->p, n2}};
    fresh->n1 = n1;
    fresh->n2 = n2;
    fresh->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (fresh->block == NULL) {
        ssldyn_mode_weights_free(fresh);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the weights of the modes");
    }
    *weights = fresh;
    return SSLDYN_OK;
}

void ssldyn_mode_weights_free(struct ssldyn_mode_weights *weights)
{
    if (weights == NULL)
        return;
    free(weights->block);
    free(weights);
}

void ssldyn_mode_weights_find(struct ssldyn_mode_weights *weights, const double W[],
                              const double eigenvectors[])
{
    const size_t n1 = weights->n1;
    const size_t n2 = weights->n2;
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)n2, (int)n1, (int)n2, 1.0,
                eigenvectors, (int)n2, W, (int)n1, 0.0, weights->turned, (int)n1);
    for (size_t j = 0; j < n2; j++) {
        const double *row = weights->turned + j * n1;
        weights->squares[j] = ssldyn_dense_dot(n1, row, row);
    }
}

const double *ssldyn_mode_weights_squares(const struct ssldyn_mode_weights *weights)
{
    return weights->squares;
}

void ssldyn_mode_weights_points(struct ssldyn_mode_weights *weights, size_t count, const double p[],
                                size_t stride, struct ssldyn_parabola_points *points)
{
    for (size_t j = 0; j < count; j++) {
        weights->s[j] = -weights->squares[j]; /* sorted ascending */
        weights->p[j] = p[j * stride];
    }
    gsl_sort2(weights->s, 1, weights->p, 1, count);
    for (size_t j = 0; j < count; j++)
        weights->s[j] = -weights->s[j];
    *points = (struct ssldyn_parabola_points){
        .count = count, .s = weights->s, .p = weights->p, .errors_known = true};
}
