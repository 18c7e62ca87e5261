/* The Jacobian of aligned modes compared with Richardson differences of the right-hand side, for
 * every loss and switch that has one, with and without the decays factored out. */
// SPDX-License-Identifier: MIT
#include "theory/aligned_jacobian.h"

#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

enum { N = 2, WORKSPACE_SIZE = 128 };

static const double time_of_test = 0.7;

static void rate(const void *context, const double y[], double f[])
{
    const struct ssldyn_aligned *aligned = context;
    double workspace[WORKSPACE_SIZE];
    ck_assert(ssldyn_aligned_rhs(aligned, aligned->parameters, time_of_test, y, f, workspace));
}

START_TEST(differences)
{
    static const double s[N] = {1.5, 1.2};
    static const double d[N] = {1.0, 1.1};
    static const double rest[N] = {1.25, .23};
    const struct ssldyn_loss *loss = ssldyn_losses[_i / 16];
    struct ssldyn_parameters parameters = {.rates = {.alpha_p = 1.3,
                                                     .beta = (_i & 8) != 0 ? 0.1 : 0.7,
                                                     .eta_p = 0.2,
                                                     .eta_s = 0.3,
                                                     .c = 1.5},
                                           .loss = (enum ssldyn_loss_choice)(_i / 16),
                                           .tau = (_i & 2) != 0 ? 0.8 : 1.0,
                                           .tau_held = (_i & 1) != 0,
                                           .stop_grad = (_i & 2) != 0,
                                           .predictor = (_i & 4) == 0};
    struct ssldyn_aligned aligned = {
        .parameters = &parameters, .data = {N, s, s, d, rest}, .spacing = SSLDYN_COSINE_FINE};
    if ((!parameters.stop_grad && !parameters.tau_held) ||
        (loss->iso && (!parameters.stop_grad || !parameters.predictor)))
        return;
    if ((_i & 8) != 0)
        ssldyn_aligned_choose_decays(&aligned);
    ck_assert(ssldyn_aligned_jacobian_is_known(&aligned));
    const size_t n = ssldyn_aligned_variables(&aligned);
    const double y[3 * N] = {.8, .5, .9, -.4, .3, .7};
    double expected[9 * N * N];
    double found[9 * N * N];
    double *workspace = malloc(ssldyn_aligned_jacobian_workspace(&aligned) * sizeof *workspace);
    ck_assert_ptr_nonnull(workspace);
    ssldyn_aligned_jacobian(&aligned, &parameters, time_of_test, y, found, workspace);
    draw_jacobian(rate, &aligned, n, n, y, 1e-3, expected); /* h^4 f'''''/120 */
    for (size_t i = 0; i < n * n; i++)
        CHECK_CLOSE(found[i], expected[i], 1e-8, 1e-8);
    free(workspace);
}
END_TEST

/* A target that starts at zero has W's direction; without two modes there is none. */
START_TEST(edges)
{
    static const double one[N] = {1, 1};
    const struct ssldyn_parameters parameters = {.rates = {.alpha_p = 1.0, .beta = 1.0},
                                                 .loss = SSLDYN_LOSS_COSINE,
                                                 .stop_grad = true,
                                                 .predictor = true};
    struct ssldyn_aligned aligned = {
        .parameters = &parameters, .data = {N, one, one, one, one}, .spacing = SSLDYN_COSINE_FINE};
    const double nothing[3 * N] = {.8, .5, .9, .4, 0, 0};
    const double copy[3 * N] = {.8, .5, .9, .4, .8, .5};
    const double alone[3 * N] = {.8, .0, .9, .4, .8, .5};
    double found[9 * N * N];
    double other[9 * N * N];
    double *workspace = malloc(ssldyn_aligned_jacobian_workspace(&aligned) * sizeof *workspace);
    ck_assert_ptr_nonnull(workspace);
    ssldyn_aligned_jacobian(&aligned, &parameters, 0.0, nothing, found, workspace);
    ssldyn_aligned_jacobian(&aligned, &parameters, 0.0, copy, other, workspace);
    for (size_t i = 0; i < 9 * N * N; i++)
        ck_assert_double_eq(found[i], other[i]);
    ssldyn_aligned_jacobian(&aligned, &parameters, 0.0, alone, found, workspace);
    ck_assert(isnan(found[0]));
    aligned.closure = SSLDYN_ALIGNED_NEXT;
    ck_assert(!ssldyn_aligned_jacobian_is_known(&aligned));
    free(workspace);
}
END_TEST

TEST_SUITE(aligned_jacobian)
{
    tcase_add_loop_test(tests, differences, 0, 16 * SSLDYN_LOSSES_COUNT);
    tcase_add_test(tests, edges);
}
