/* Products against plain loops, in shapes on both sides of the size at which they are cut. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "theory/product.h"

#include <check.h>
#include <stdlib.h>

/* m, n, k: edges of pieces (32 rows, 64 columns), thin and odd shapes, more than a million
 * multiplications, and sums so long that nothing is cut. */
static const size_t SHAPES[][3] = {{1, 1, 1},       {3, 5, 7},       {32, 64, 16},
                                   {33, 65, 17},    {1, 200, 3},     {200, 1, 3},
                                   {100, 100, 100}, {101, 100, 100}, {128, 128, 128},
                                   {97, 131, 111},  {40, 70, 500},   {65, 33, 490}};
enum { SHAPE_COUNT = sizeof SHAPES / sizeof SHAPES[0] };

static double *room(size_t count)
{
    double *block = malloc(count * sizeof *block);

    ck_assert_ptr_nonnull(block);
    return block;
}

/* C = alpha op(A) op(B) + beta C; sums of k products below 1: eps k at most, twice over. */
START_TEST(test_products)
{
    const size_t m = SHAPES[_i][0];
    const size_t n = SHAPES[_i][1];
    const size_t k = SHAPES[_i][2];
    uint64_t seed = 1 + (uint64_t)_i;
    double *A = room(m * k), *B = room(k * n), *start = room(m * n), *C = room(m * n);
    double *want = room(m * n), *buffer = room(n * k);

    draw_matrix(&seed, m * k, A);
    draw_matrix(&seed, k * n, B);
    draw_matrix(&seed, m * n, start);
    for (int form = 0; form < 3; form++) { /* A B, A^T B, A B^T */
        for (int adds = 0; adds < 2; adds++) {
            const double beta = adds == 1 ? 0.7 : 0.0;
            for (size_t i = 0; i < m * n; i++) {
                /* what stands there must not leak through beta = 0 */
                C[i] = adds == 1 ? start[i] : (double)NAN;
                want[i] = beta * start[i];
            }
            naive_add(m, n, k, -1.3, A, form == 1, B, form == 2, want);
            if (form == 2)
                ssldyn_product_transposed(m, n, k, -1.3, A, B, beta, C, buffer);
            else
                ssldyn_product(form == 1, m, n, k, -1.3, A, B, beta, C);
            for (size_t i = 0; i < m * n; i++)
                CHECK_CLOSE(C[i], want[i], 0.0, 4.5e-16 * (double)(k + 2));
        }
    }
    free(A);
    free(B);
    free(start);
    free(C);
    free(want);
    free(buffer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("product");
    TCase *tests = tcase_create("products");
    tcase_add_loop_test(tests, test_products, 0, SHAPE_COUNT);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
