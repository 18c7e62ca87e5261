/* Products of layers and the pull on each, against sums written out and differences of a function of
 * the product; in both precisions. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/layers.h"

#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <string.h>

enum { MOST = 200 };

static const struct ssldyn_layers shapes[] = {{1, 3, 4}, {2, 5, 3}, {3, 2, 4}, {4, 3, 3}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* to (rows x columns) = A (rows x inner) B, by a loop. */
static void multiply(size_t rows, size_t inner, size_t columns, const double A[], const double B[],
                     double to[])
{
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            double sum = 0.0;
            for (size_t k = 0; k < inner; k++) {
                sum += A[i * inner + k] * B[k * columns + j];
            }
            to[i * columns + j] = sum;
        }
    }
}

static void plain_product(const struct ssldyn_layers *s, const double Y[], double W[])
{
    double next[MOST];
    memcpy(W, Y, s->n2 * s->n1 * sizeof *W);
    for (size_t l = 1; l < s->count; l++) {
        multiply(s->n2, s->n2, s->n1, Y + ssldyn_layers_at(s, l), W, next);
        memcpy(W, next, s->n2 * s->n1 * sizeof *W);
    }
}

START_TEST(product)
{
    const struct ssldyn_layers *s = &shapes[_i];
    double Y[MOST], W[MOST], expected[MOST], workspace[MOST];
    float Yf[MOST], Wf[MOST], workspace_f[MOST];
    const size_t size = ssldyn_layers_at(s, s->count);
    ck_assert_uint_eq(size, s->n2 * (s->n1 + (s->count - 1) * s->n2));
    draw_matrix(&(uint64_t){31}, size, Y);
    for (size_t i = 0; i < size; i++) {
        Yf[i] = (float)Y[i];
    }
    plain_product(s, Y, expected);
    ssldyn_layers_product_double(s, Y, W, workspace);
    ssldyn_layers_product_float(s, Yf, Wf, workspace_f);
    for (size_t i = 0; i < s->n2 * s->n1; i++) {
        CHECK_CLOSE(W[i], expected[i], 1e-13, 1e-13);
        CHECK_CLOSE((double)Wf[i], expected[i], 1e-5, 1e-5); /* some rounding of terms of size 1 */
    }
}
END_TEST

/* The linear function sum C W of the product has the gradient C by it. */
static double linear(const struct ssldyn_layers *s, const double C[], const double Y[])
{
    double W[MOST], sum = 0.0;
    plain_product(s, Y, W);
    for (size_t i = 0; i < s->n2 * s->n1; i++) {
        sum += C[i] * W[i];
    }
    return sum;
}

START_TEST(pull)
{
    const struct ssldyn_layers *s = &shapes[_i];
    double Y[MOST], C[MOST], W[MOST], G[MOST], workspace[MOST];
    float Yf[MOST], Cf[MOST], Wf[MOST], Gf[MOST], workspace_f[MOST];
    const size_t size = ssldyn_layers_at(s, s->count);
    draw_matrix(&(uint64_t){32}, size, Y);
    draw_matrix(&(uint64_t){33}, s->n2 * s->n1, C);
    for (size_t i = 0; i < size; i++) {
        Yf[i] = (float)Y[i];
    }
    for (size_t i = 0; i < s->n2 * s->n1; i++) {
        Cf[i] = (float)C[i];
    }
    ssldyn_layers_product_double(s, Y, W, workspace);
    ssldyn_layers_pull_double(s, Y, C, G, workspace);
    ssldyn_layers_product_float(s, Yf, Wf, workspace_f);
    ssldyn_layers_pull_float(s, Yf, Cf, Gf, workspace_f);
    for (size_t i = 0; i < size; i++) {
        double moved[MOST];
        const double h = 0.5; /* of each entry the function is linear: any step will do */
        memcpy(moved, Y, size * sizeof *Y);
        moved[i] = Y[i] + h;
        const double above = linear(s, C, moved);
        moved[i] = Y[i] - h;
        CHECK_CLOSE(G[i], (above - linear(s, C, moved)) / (2.0 * h), 1e-12, 1e-12);
        CHECK_CLOSE((double)Gf[i], G[i], 1e-4, 1e-4);
    }
}
END_TEST

TEST_SUITE(layers)
{
    tcase_add_loop_test(tests, product, 0, SHAPES);
    tcase_add_loop_test(tests, pull, 0, SHAPES);
}
