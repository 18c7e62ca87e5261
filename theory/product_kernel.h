/* The kernels behind ssldyn_product, one per instruction set. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_THEORY_PRODUCT_KERNEL_H
#define SSLDYN_THEORY_PRODUCT_KERNEL_H

#include "theory/product.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SSLDYN_PRODUCT_COLUMNS_MAXIMUM = 16 };

/* C (m x columns) = alpha A P diag(a) + gamma D diag(g) for one panel P of columns, k x width and
 * contiguous. A(i, p) is A[i row_step + p term_step]; rows of C and D are `step` apart. D may be
 * NULL or C. */
struct ssldyn_product_panel {
    size_t m, columns, k;
    const double *A;
    size_t row_step, term_step;
    const double *P;
    const double *D;
    double *C;
    size_t step;
    double alpha, gamma;
    const double *alpha_columns, *gamma_columns; /* a, g: `width` readable numbers; NULL: all 1 */
};

struct ssldyn_product_kernel {
    const char *name;
    size_t width; /* columns of a panel, at most SSLDYN_PRODUCT_COLUMNS_MAXIMUM */
    void (*multiply)(const struct ssldyn_product_panel *panel);
    /* P (k x width) from the first `columns` rows of B, whose rows of k numbers are `step`
     * apart: transposed; further columns are not changed */
    void (*pack_transposed)(size_t k, size_t columns, const double B[], size_t step, double P[]);
};

/* The kernels that this processor can run, the fastest first; NULL after the last. */
const struct ssldyn_product_kernel *ssldyn_product_kernel_choice(size_t index);

/* ssldyn_product with a given kernel, or with CBLAS if it is NULL. */
void ssldyn_product_by(const struct ssldyn_product_kernel *kernel,
                       const struct ssldyn_product *product, const double A[], const double B[],
                       const double D[], double C[], double workspace[]);

#ifdef __cplusplus
}
#endif

#endif
