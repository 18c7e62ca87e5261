/* Products of the flows' matrices, cut into panels for the processor's kernel. At n = 16 a BLAS
 * spends most of its time on packing and on general shapes, builds by distributions often do not
 * use the full instruction set of the processor, and a sum C = alpha A B + gamma D takes extra
 * passes over memory that cost nothing here. */
// SPDX-License-Identifier: MIT
#include "theory/product.h"

#include "theory/product_kernel.h"

#include <cblas.h>
#include <string.h>

/* A panel of TERMS terms and a block of ROWS rows of A fit in the second-level cache. */
enum { TERMS = 256, ROWS = 256 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t ssldyn_product_workspace(size_t k)
{
    return least(k, TERMS) * SSLDYN_PRODUCT_COLUMNS_MAXIMUM;
}

/* C = alpha op(A) op(B) + beta C by CBLAS. */
static void gemm(const struct ssldyn_product *product, double alpha, const double A[],
                 const double B[], double beta, double C[])
{
    cblas_dgemm(CblasRowMajor, product->transpose_A ? CblasTrans : CblasNoTrans,
                product->transpose_B ? CblasTrans : CblasNoTrans, (int)product->m, (int)product->n,
                (int)product->k, alpha, A, (int)(product->transpose_A ? product->m : product->k), B,
                (int)(product->transpose_B ? product->k : product->n), beta, C, (int)product->n);
}

/* By CBLAS, which can only add to C and does not scale columns: D is copied to C first, or added
 * afterwards. */
static void by_blas(const struct ssldyn_product *product, const double A[], const double B[],
                    const double D[], double C[])
{
    const size_t size = product->m * product->n;
    if (product->alpha_columns || product->gamma_columns) {
        gemm(product, product->alpha, A, B, 0.0, C);
        for (size_t i = 0; i < size; i++) {
            const size_t j = i % product->n;
            const double a = product->alpha_columns ? product->alpha_columns[j] : 1.0;
            const double g = product->gamma_columns ? product->gamma_columns[j] : 1.0;
            C[i] = a * C[i] + (D ? product->gamma * g * D[i] : 0.0);
        }
        return;
    }
    if (D && D != C) {
        memcpy(C, D, size * sizeof *C);
    }
    gemm(product, product->alpha, A, B, D ? product->gamma : 0.0, C);
}

/* The panel of `columns` columns of op(B) from column j on, rows p to p + terms: in place, or a
 * copy in P. */
static const double *panel_of(const struct ssldyn_product_kernel *kernel,
                              const struct ssldyn_product *product, const double B[], size_t j,
                              size_t columns, size_t p, size_t terms, double P[])
{
    const size_t width = kernel->width;
    if (columns < width) {
        memset(P, 0, terms * width * sizeof *P);
    }
    if (product->transpose_B) {
        kernel->pack_transposed(terms, columns, B + j * product->k + p, product->k, P);
        return P;
    }
    if (product->n == width) {
        return B + p * width;
    }
    for (size_t i = 0; i < terms; i++) {
        memcpy(P + i * width, B + (p + i) * product->n + j, columns * sizeof *P);
    }
    return P;
}

/* The factors of a panel of `columns` columns from column j on: in place or, at the edge, a copy
 * that can be read to the panel's full width. */
static const double *factors_of(const double factors[], size_t j, size_t columns, size_t width,
                                double edge[static SSLDYN_PRODUCT_COLUMNS_MAXIMUM])
{
    if (!factors || columns == width) {
        return factors ? factors + j : NULL;
    }
    memset(edge, 0, width * sizeof *edge);
    memcpy(edge, factors + j, columns * sizeof *edge);
    return edge;
}

void ssldyn_product_by(const struct ssldyn_product_kernel *kernel,
                       const struct ssldyn_product *product, const double A[], const double B[],
                       const double D[], double C[], double workspace[])
{
    if (!kernel) {
        by_blas(product, A, B, D, C);
        return;
    }
    struct ssldyn_product_panel panel = {.row_step = product->transpose_A ? 1 : product->k,
                                         .term_step = product->transpose_A ? product->m : 1,
                                         .step = product->n,
                                         .alpha = product->alpha};
    double alpha_edge[SSLDYN_PRODUCT_COLUMNS_MAXIMUM];
    double gamma_edge[SSLDYN_PRODUCT_COLUMNS_MAXIMUM];
    for (size_t p = 0; p < product->k; p += TERMS) {
        const double *added = p == 0 ? D : C; /* later terms are added to the earlier ones */
        const double *gamma_columns = p == 0 ? product->gamma_columns : NULL;
        panel.gamma = p == 0 ? product->gamma : 1.0;
        panel.k = least(TERMS, product->k - p);
        for (size_t i = 0; i < product->m; i += ROWS) {
            panel.m = least(ROWS, product->m - i);
            panel.A = A + i * panel.row_step + p * panel.term_step;
            for (size_t j = 0; j < product->n; j += kernel->width) {
                const size_t columns = least(kernel->width, product->n - j);
                panel.columns = columns;
                panel.alpha_columns =
                    factors_of(product->alpha_columns, j, columns, kernel->width, alpha_edge);
                panel.gamma_columns =
                    factors_of(gamma_columns, j, columns, kernel->width, gamma_edge);
                panel.P = panel_of(kernel, product, B, j, columns, p, panel.k, workspace);
                panel.D = added ? added + i * product->n + j : NULL;
                panel.C = C + i * product->n + j;
                kernel->multiply(&panel);
            }
        }
    }
}

void ssldyn_product(const struct ssldyn_product *product, const double A[], const double B[],
                    const double D[], double C[], double workspace[])
{
    ssldyn_product_by(ssldyn_product_kernel_choice(0), product, A, B, D, C, workspace);
}
