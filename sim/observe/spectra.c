/* Spectra and alignment of F and Wp (spectra.h). */
// SPDX-License-Identifier: MIT
#include "sim/observe/spectra.h"

#include "sim/base/memory.h"
#include "sim/observe/degenerate.h"

#include <cblas.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum ssldyn_status ssldyn_spectra_init(struct ssldyn_spectra *spectra, size_t n,
                                       struct ssldyn_error *err)
{
    memset(spectra, 0, sizeof *spectra);
    const enum ssldyn_status status = ssldyn_eigen_create(n, &spectra->eigen, err);
    if (status != SSLDYN_OK)
        return status;
    spectra->n = n;
    const struct ssldyn_memory_part parts[] = {
        {&spectra->s, n},   {&spectra->U, n * n}, {&spectra->p, n},         {&spectra->image, n},
        {&spectra->wpe, n}, {&spectra->M, n * n}, {&spectra->square, n * n}};
    spectra->block = ssldyn_memory_parts(sizeof parts / sizeof parts[0], parts);
    if (spectra->block == NULL) {
        ssldyn_spectra_clear(spectra);
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for spectra of size %zu", n);
    }
    return SSLDYN_OK;
}

void ssldyn_spectra_clear(struct ssldyn_spectra *spectra)
{
    ssldyn_eigen_free(spectra->eigen);
    free(spectra->block);
    memset(spectra, 0, sizeof *spectra);
}

/* Sums over M: |Wp u_j| and |[F, Wp]|_F = sqrt(sum (s_i - s_j)^2 M_ij^2), kept by columns, which
 * compilers vectorize. Entries are scaled by the norms of the matrices before they are squared, so
 * that no square overflows or underflows. */
static void sum_predictor(struct ssldyn_spectra *spectra, double s_scale, double m_scale)
{
    const size_t n = spectra->n;
    const double *restrict s = spectra->s;
    double *restrict image = spectra->image;
    double *restrict moved = spectra->square; /* no longer needed */
    for (size_t j = 0; j < n; j++)
        image[j] = moved[j] = 0.0;
    for (size_t i = 0; i < n; i++) {
        const double *restrict row = spectra->M + i * n;
        for (size_t j = 0; j < n; j++) {
            const double entry = row[j] * m_scale;
            const double move = (s[i] - s[j]) * s_scale * entry;
            image[j] += entry * entry;
            moved[j] += move * move;
        }
        spectra->p[i] = row[i];
    }
    double sum = 0.0;
    for (size_t j = 0; j < n; j++) {
        sum += moved[j];
        image[j] = sqrt(image[j]) / m_scale;
    }
    spectra->commutator = sqrt(sum) / s_scale / m_scale;
}

/* Whether the symmetric part of M is diagonal to rounding. */
static bool aligned_to_rounding(const struct ssldyn_spectra *spectra)
{
    const size_t n = spectra->n;
    const double *M = spectra->M;
    const double m_size = fmax(spectra->norm_wp, DBL_MIN);
    const double bound = 16.0 * (double)n * DBL_EPSILON * DBL_EPSILON;
    double sum = 0.0;
    for (size_t i = 0; i < n && sum <= bound; i++) {
        for (size_t j = 0; j < i; j++) {
            const double entry = 0.5 * (M[i * n + j] + M[j * n + i]) / m_size;
            sum += 2.0 * entry * entry;
        }
    }
    return sum <= bound;
}

/* Eigenvalues of the symmetric part of Wp, computed as those of M, whose diagonal is close to them
 * once Wp is aligned. If M is diagonal to rounding they are its diagonal, by Weyl's inequality, and
 * no eigenproblem is solved. */
static enum ssldyn_status fill_predictor_values(struct ssldyn_spectra *spectra,
                                                struct ssldyn_error *err)
{
    if (!aligned_to_rounding(spectra))
        return ssldyn_eigen_symmetric(spectra->eigen, spectra->M, spectra->wpe, NULL, err);
    memcpy(spectra->wpe, spectra->p, spectra->n * sizeof(double));
    ssldyn_dense_sort_descending(spectra->n, spectra->wpe);
    return SSLDYN_OK;
}

static void fill_identity(struct ssldyn_spectra *spectra)
{
    spectra->norm_wp = sqrt((double)spectra->n);
    spectra->commutator = 0.0;
    spectra->asymmetry = 0.0;
    for (size_t j = 0; j < spectra->n; j++)
        spectra->p[j] = spectra->image[j] = spectra->wpe[j] = 1.0;
}

enum ssldyn_status ssldyn_spectra_analyze(struct ssldyn_spectra *spectra, const double F[],
                                          const double Wp[], double norm_wp, double scratch[],
                                          struct ssldyn_error *err)
{
    const double *s = spectra->s;
    const size_t last = spectra->n - 1;
    const int n = (int)spectra->n;
    if (Wp == NULL)
        fill_identity(spectra);
    enum ssldyn_status status =
        ssldyn_eigen_symmetric(spectra->eigen, F, spectra->s, spectra->U, err);
    if (status != SSLDYN_OK || Wp == NULL)
        return status;
    /* M = U^T Wp U, in the basis chosen by the rule for equal eigenvalues */
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1.0, Wp, n, spectra->U, n, 0.0,
                spectra->square, n);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, n, n, 1.0, spectra->U, n,
                spectra->square, n, 0.0, spectra->M, n);
    status = ssldyn_degenerate_resolve(spectra->eigen, spectra->n, s, spectra->U, spectra->M,
                                       scratch, err);
    if (status != SSLDYN_OK)
        return status;
    spectra->norm_wp = norm_wp;
    spectra->asymmetry = ssldyn_dense_asymmetry(spectra->n, Wp);
    const double s_scale = ssldyn_dense_scale_for(fmax(fabs(s[0]), fabs(s[last])));
    const double m_scale = ssldyn_dense_scale_for(norm_wp);
    sum_predictor(spectra, s_scale, m_scale);
    return fill_predictor_values(spectra, err);
}
