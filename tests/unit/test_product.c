/* Products compared with plain loops, by every kernel of this processor and by the BLAS, in shapes
 * on both sides of the sizes at which they are split. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/product_kernel.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* m, n, k: edges of tiles (4, 6, 8, 12, 16 rows or columns), of blocks (256 rows, 256 terms), thin
 * and odd shapes. */
static const size_t SHAPES[][3] = {{1, 1, 1},     {3, 5, 7},     {12, 16, 8},    {16, 16, 16},
                                   {6, 8, 4},     {13, 17, 9},   {25, 31, 33},   {1, 200, 3},
                                   {200, 1, 3},   {64, 64, 64},  {97, 131, 111}, {40, 70, 500},
                                   {65, 33, 513}, {257, 20, 30}, {261, 24, 257}};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof SHAPES[0] };

static double *array(size_t count)
{
    double *block = malloc(count * sizeof *block);

    ck_assert_ptr_nonnull(block);
    return block;
}

/* C = alpha op(A) op(B) + gamma D, with column factors on nothing, on the product or on both; sums
 * of k products below 1: eps k at most, times two. */
START_TEST(test_products)
{
    const size_t m = SHAPES[_i][0];
    const size_t n = SHAPES[_i][1];
    const size_t k = SHAPES[_i][2];
    uint64_t seed = 1 + (uint64_t)_i;
    double *A = array(m * k), *B = array(k * n), *start = array(m * n), *C = array(m * n);
    double *want = array(m * n), *workspace = array(ssldyn_product_workspace(k));
    double *a = array(n), *g = array(n);

    draw_matrix(&seed, m * k, A);
    draw_matrix(&seed, k * n, B);
    draw_matrix(&seed, m * n, start);
    draw_matrix(&seed, n, a);
    draw_matrix(&seed, n, g);
    for (size_t kernels = 0, index = 0; kernels == index; index++) {
        const struct ssldyn_product_kernel *kernel = ssldyn_product_kernel_choice(index);
        kernels += kernel ? 1 : 0; /* past the last: the BLAS */
        for (int form = 0; form < 36; form++) {
            const bool transpose_A = form % 2 == 1;
            const bool transpose_B = form / 2 % 2 == 1;
            const int added = form / 4 % 3;    /* nothing, D, C itself */
            const int factors = form / 12 % 3; /* none, of the product, of both */
            const struct ssldyn_product product = {.transpose_A = transpose_A,
                                                   .transpose_B = transpose_B,
                                                   .m = m,
                                                   .n = n,
                                                   .k = k,
                                                   .alpha = -1.3,
                                                   .gamma = 0.7,
                                                   .alpha_columns = factors > 0 ? a : NULL,
                                                   .gamma_columns = factors > 1 ? g : NULL};
            if (added == 2 && factors > 0)
                continue;
            memset(want, 0, m * n * sizeof *want);
            naive_add(m, n, k, -1.3, A, transpose_A, B, transpose_B, want);
            for (size_t i = 0; i < m * n; i++) {
                /* previous contents must not affect the result if nothing is to be added */
                C[i] = added == 2 ? start[i] : (double)NAN;
                want[i] *= factors > 0 ? a[i % n] : 1.0;
                if (added > 0)
                    want[i] += 0.7 * (factors > 1 ? g[i % n] : 1.0) * start[i];
            }
            const double *D = added == 0 ? NULL : added == 1 ? start : C;
            ssldyn_product_by(kernel, &product, A, B, D, C, workspace);
            for (size_t i = 0; i < m * n; i++)
                CHECK_CLOSE(C[i], want[i], 0.0, 4.5e-16 * (double)(k + 2));
        }
    }
    free(A);
    free(B);
    free(start);
    free(a);
    free(g);
    free(C);
    free(want);
    free(workspace);
}
END_TEST

TEST_SUITE(product)
{
    tcase_add_loop_test(tests, test_products, 0, SHAPE_COUNT);
}
