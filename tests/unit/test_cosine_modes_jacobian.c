/* The derivatives of the cosine's gradient compared with Richardson differences of it, with noise,
 * without, and on the target alone; the symmetry of a Hessian; invalid cases. */
// SPDX-License-Identifier: MIT
#include "theory/cosine_modes_jacobian.h"

#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

enum { N = 4 };

/* G of (q, wa) */
static void gradient(const void *context, const double y[], double G[])
{
    const struct ssldyn_cosine_data *data = context;
    static const double one[N] = {1, 1, 1, 1};
    double workspace[128];
    double loss = 0.0;
    ck_assert(
        ssldyn_cosine_modes_gradient(data, one, y, y + N, SSLDYN_COSINE_FINE, G, &loss, workspace));
}

START_TEST(differences)
{
    static const double s[N] = {1.5, 1.3, 1.1, .9};
    static const double d[N] = {1, .8, .6, .5};
    const double noise[3][2] = {{1.0, 1.0}, {0.0, 0.0}, {0.0, 1.0}}; /* of the two views */
    const double y[2 * N] = {.8, .5, -.3, 1e-3, .8, -.7, .5, .2};
    double first[N];
    double second[N];
    double rest[N];
    double expected[N * 2 * N];
    double by_q[N * N];
    double by_wa[N * N];
    for (size_t j = 0; j < N; j++) {
        first[j] = d[j] + noise[_i][0] * (s[j] - d[j]);
        second[j] = d[j] + noise[_i][1] * (s[j] - d[j]);
        rest[j] = first[j] * second[j] - d[j] * d[j];
        rest[j] = noise[_i][1] == 0.0 ? 0.0 : rest[j];
    }
    const struct ssldyn_cosine_data data = {N, first, second, d, rest};
    double *workspace = malloc(ssldyn_cosine_modes_jacobian_workspace(N) * sizeof *workspace);
    ck_assert_ptr_nonnull(workspace);
    ck_assert(
        ssldyn_cosine_modes_jacobian(&data, y, y + N, SSLDYN_COSINE_FINE, by_q, by_wa, workspace));
    /* h^4 f'''''/120, with |q| as small as 1e-3 */
    draw_jacobian(gradient, &data, N, 2 * N, y, 1e-4, expected);
    for (size_t j = 0; j < N; j++) {
        for (size_t k = 0; k < N; k++) {
            CHECK_CLOSE(by_q[j * N + k], expected[j * 2 * N + k], 1e-8, 1e-8);
            CHECK_CLOSE(by_wa[j * N + k], expected[j * 2 * N + N + k], 1e-8, 1e-8);
            CHECK_CLOSE(by_q[j * N + k], by_q[k * N + j], 1e-11, 1e-12);
        }
    }
    free(workspace);
}
END_TEST

START_TEST(one_mode_has_none)
{
    static const double one[2] = {1, 1};
    const double q[2] = {1, 0};
    const struct ssldyn_cosine_data data = {2, one, one, one, one};
    double by_q[4];
    double by_wa[4];
    double *workspace = malloc(ssldyn_cosine_modes_jacobian_workspace(2) * sizeof *workspace);
    ck_assert_ptr_nonnull(workspace);
    ck_assert(
        !ssldyn_cosine_modes_jacobian(&data, q, one, SSLDYN_COSINE_FINE, by_q, by_wa, workspace));
    for (size_t i = 0; i < 4; i++)
        ck_assert(isnan(by_q[i]) && isnan(by_wa[i]));
    free(workspace);
}
END_TEST

TEST_SUITE(cosine_modes_jacobian)
{
    tcase_add_loop_test(tests, differences, 0, 3);
    tcase_add_test(tests, one_mode_has_none);
}
