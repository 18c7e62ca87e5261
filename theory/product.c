/* Products of the flows' matrices. On processors with AVX-512 OpenBLAS multiplies pieces of up to
 * about a million multiplications without packing them first, at 98 % of the peak; its ordinary
 * path reaches 80 to 90 % at the sizes of this project. So a product is cut into such pieces there.
 */
// SPDX-License-Identifier: MIT
#include "theory/product.h"

#include <cblas.h>
#include <string.h>

/* OpenBLAS's limit for the kernels that do not pack, and the piece of the result that suits them:
 * 32 rows of A and 64 columns of B stay in the caches together. */
static const size_t PIECE_MULTIPLICATIONS = 1000000;
enum { PIECE_ROWS = 32, PIECE_COLUMNS = 64, TILE = 8 };

#if defined(__ELF__)
/* Weak: NULL at run time when the BLAS that was linked is not OpenBLAS. */
char *openblas_get_corename(void) __attribute__((weak));

static bool small_kernels(void)
{
    if (!openblas_get_corename)
        return false;
    const char *core = openblas_get_corename();
    return strcmp(core, "SkylakeX") == 0 || strcmp(core, "Cooperlake") == 0 ||
           strcmp(core, "SapphireRapids") == 0;
}
#else
static bool small_kernels(void)
{
    return false;
}
#endif

static void multiply(CBLAS_TRANSPOSE op_A, CBLAS_TRANSPOSE op_B, size_t m, size_t n, size_t k,
                     double alpha, const double A[], size_t lda, const double B[], size_t ldb,
                     double beta, double C[], size_t ldc)
{
    cblas_dgemm(CblasRowMajor, op_A, op_B, (int)m, (int)n, (int)k, alpha, A, (int)lda, B, (int)ldb,
                beta, C, (int)ldc);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

void ssldyn_product(bool transpose_A, size_t m, size_t n, size_t k, double alpha, const double A[],
                    const double B[], double beta, double C[])
{
    const CBLAS_TRANSPOSE op_A = transpose_A ? CblasTrans : CblasNoTrans;
    const size_t lda = transpose_A ? m : k;
    const bool cut = m * n * k > PIECE_MULTIPLICATIONS &&
                     (size_t)PIECE_ROWS * PIECE_COLUMNS * k <= PIECE_MULTIPLICATIONS &&
                     small_kernels();
    const size_t rows = cut ? PIECE_ROWS : m;
    const size_t columns = cut ? PIECE_COLUMNS : n;

    for (size_t i = 0; i < m; i += rows) {
        const double *A_rows = A + (transpose_A ? i : i * k);
        for (size_t j = 0; j < n; j += columns) {
            multiply(op_A, CblasNoTrans, least(rows, m - i), least(columns, n - j), k, alpha,
                     A_rows, lda, B + j, n, beta, C + i * n + j, n);
        }
    }
}

static void transpose(size_t rows, size_t columns, const double *restrict A, double *restrict At)
{
    for (size_t i0 = 0; i0 < rows; i0 += TILE) {
        const size_t i1 = least(i0 + TILE, rows);
        for (size_t j = 0; j < columns; j++) {
            for (size_t i = i0; i < i1; i++)
                At[j * rows + i] = A[i * columns + j];
        }
    }
}

void ssldyn_product_transposed(size_t m, size_t n, size_t k, double alpha, const double A[],
                               const double B[], double beta, double C[], double buffer[])
{
    const bool pieces = (size_t)PIECE_ROWS * PIECE_COLUMNS * k <= PIECE_MULTIPLICATIONS ||
                        m * n * k <= PIECE_MULTIPLICATIONS;
    if (pieces && small_kernels()) {
        transpose(n, k, B, buffer);
        ssldyn_product(false, m, n, k, alpha, A, buffer, beta, C);
    } else {
        multiply(CblasNoTrans, CblasTrans, m, n, k, alpha, A, k, B, k, beta, C, n);
    }
}
