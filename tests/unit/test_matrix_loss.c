/* Losses for matrices: every descriptor is complete, its gradient is that of its value, and the
 * value from spectra equals that from matrices. */
// SPDX-License-Identifier: MIT
#include "sim/loss/matrix_loss.h"
#include "sim/run/moments_basis.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum { N1 = 5, N2 = 3, SQUARE = N2 * N2, WIDE = N1 * N2 };

struct scene {
    struct ssldyn_parameters parameters;
    struct ssldyn_moments moments;
    const struct ssldyn_matrix_loss *loss;
    void *prepared;
    double *workspace;
    double X[N1], sum[N1], Wp[SQUARE], W[WIDE], Wa[WIDE];
    struct ssldyn_moments_basis *basis; /* of a pair; else NULL */
};

/* The moments of a pair (x, y) with any covariances: Syx is not symmetric. */
static void make_pair(struct scene *scene)
{
    uint64_t state = 19;
    double factor[4 * N1 * N1];
    double S[4 * N1 * N1] = {0.0};
    double parts[3][N1 * N1];
    draw_matrix(&state, 4 * N1 * N1, factor);
    naive_add(2 * N1, 2 * N1, 2 * N1, 0.5, factor, false, factor, true, S);
    for (int i = 0; i < N1; i++) {
        for (int j = 0; j < N1; j++) {
            parts[0][i * N1 + j] = S[i * 2 * N1 + j];
            parts[1][i * N1 + j] = S[(N1 + i) * 2 * N1 + j];
            parts[2][i * N1 + j] = S[(N1 + i) * 2 * N1 + N1 + j];
        }
    }
    const struct ssldyn_moments_pair pair = {N1,       0,       parts[0], parts[1],
                                             parts[2], "--sxx", "--syx",  "--syy"};
    ck_assert_int_eq(ssldyn_moments_basis_of_pair(&pair, &scene->basis, NULL), SSLDYN_OK);
    scene->moments = scene->basis->moments;
}

/* number: of the loss, of two views; from SSLDYN_LOSSES_COUNT on of a pair. */
static void scene_init(struct scene *scene, int number)
{
    const int loss = number % SSLDYN_LOSSES_COUNT;
    uint64_t state = 7;
    *scene = (struct scene){.parameters = {.rates = {.alpha_p = 1.3, .beta = 0.4, .c = 1.25},
                                           .stop_grad = true,
                                           .predictor = true,
                                           .loss = (enum ssldyn_loss_choice)loss}};
    for (int i = 0; i < N1; i++) {
        scene->X[i] = draw_between(&state, 0.5, 1.5);
        scene->sum[i] = scene->X[i] + draw_between(&state, 0.1, 0.5);
    }
    scene->moments = (struct ssldyn_moments){
        .kind = SSLDYN_MOMENTS_DIAGONAL, .n1 = N1, .c = 1.25, .X = scene->X, .sum = scene->sum};
    if (number >= SSLDYN_LOSSES_COUNT)
        make_pair(scene);
    draw_matrix(&state, SQUARE, scene->Wp);
    draw_matrix(&state, WIDE, scene->W);
    draw_matrix(&state, WIDE, scene->Wa);
    scene->loss = ssldyn_matrix_loss_of(&scene->parameters);
    ck_assert_int_eq(scene->loss->prepare(&scene->moments, N2, 0.0, &scene->prepared, NULL),
                     SSLDYN_OK);
    const size_t rhs = scene->loss->rhs_workspace(N1, N2);
    const size_t value = scene->loss->value_workspace(N1, N2);
    ck_assert_uint_le(value, ssldyn_matrix_loss_workspace(N1, N2));
    scene->workspace = malloc((rhs > value ? rhs : value) * sizeof *scene->workspace);
    ck_assert_ptr_nonnull(scene->workspace);
}

static void scene_clear(struct scene *scene)
{
    if (scene->prepared)
        scene->loss->release(scene->prepared);
    ssldyn_moments_basis_free(scene->basis);
    free(scene->workspace);
}

static double value_of(struct scene *scene)
{
    const struct ssldyn_weights weights = {.Wp = scene->Wp, .W = scene->W, .Wa = scene->Wa};
    return scene->loss->value(scene->prepared, &scene->moments, N2, &weights, 1.0,
                              scene->workspace);
}

START_TEST(every_member_is_set)
{
    const struct ssldyn_parameters parameters = {.loss = (enum ssldyn_loss_choice)_i};
    const struct ssldyn_matrix_loss *loss = ssldyn_matrix_loss_of(&parameters);

    ck_assert_ptr_nonnull(loss);
    ck_assert_str_eq(loss->name, ssldyn_losses[_i]->name);
    ck_assert(loss->prepare != NULL);
    ck_assert(loss->release != NULL);
    ck_assert(loss->rhs_workspace != NULL);
    ck_assert(loss->value_workspace != NULL);
    ck_assert(loss->rhs != NULL);
    ck_assert(loss->value != NULL);
}
END_TEST

/* Without decay dW/dt and (dWp/dt)/alpha_p are the steepest descent of the value; under an IsoLoss
 * Wp^T dW/dt replaces dW/dt. */
START_TEST(rhs_is_the_descent_of_the_value)
{
    struct scene scene;
    double dWp[SQUARE];
    double dW[WIDE];
    double through[WIDE] = {0.0};
    double dWa[WIDE];
    const double h = 1e-5;

    scene_init(&scene, _i);
    const struct ssldyn_weights weights = {.Wp = scene.Wp, .W = scene.W, .Wa = scene.Wa};
    const struct ssldyn_weights_rate rate = {dWp, dW, dWa};
    ck_assert_int_eq(scene.loss->rhs(scene.prepared, &scene.parameters, &scene.moments, N2,
                                     &weights, &rate, scene.workspace, NULL),
                     SSLDYN_OK);
    naive_add(N2, N1, N2, 1.0, scene.Wp, true, dW, false, through);
    const double *descent = ssldyn_losses[_i % SSLDYN_LOSSES_COUNT]->iso ? through : dW;
    for (int i = 0; i < SQUARE + WIDE; i++) {
        double *x = i < SQUARE ? &scene.Wp[i] : &scene.W[i - SQUARE];
        const double expected = i < SQUARE ? dWp[i] / 1.3 : descent[i - SQUARE];
        const double middle = *x;
        *x = middle + h;
        const double above = value_of(&scene);
        *x = middle - h;
        const double below = value_of(&scene);
        *x = middle;
        CHECK_CLOSE(expected, (below - above) / (2.0 * h), 1e-7, 1e-8);
    }
    scene_clear(&scene);
}
END_TEST

/* Without stop-gradient, Wa = W, the descent passes through both branches. */
START_TEST(both_branches_descend)
{
    struct scene scene;
    double dWp[SQUARE];
    double dW[WIDE];
    const double h = 1e-5;

    scene_init(&scene, _i);
    scene.parameters.stop_grad = false;
    scene.parameters.tau_held = true;
    scene.parameters.tau = 1.0;
    const struct ssldyn_weights weights = {.Wp = scene.Wp, .W = scene.W};
    const struct ssldyn_weights_rate rate = {dWp, dW, NULL};
    if (!ssldyn_losses[_i % SSLDYN_LOSSES_COUNT]->iso) { /* which is not a gradient */
        ck_assert_int_eq(scene.loss->rhs(scene.prepared, &scene.parameters, &scene.moments, N2,
                                         &weights, &rate, scene.workspace, NULL),
                         SSLDYN_OK);
        for (int i = 0; i < WIDE; i++) {
            double value[2];
            const double middle = scene.W[i];
            for (int side = 0; side < 2; side++) {
                scene.W[i] = middle + (side ? h : -h);
                value[side] = scene.loss->value(scene.prepared, &scene.moments, N2, &weights, 1.0,
                                                scene.workspace);
            }
            scene.W[i] = middle;
            CHECK_CLOSE(dW[i], (value[0] - value[1]) / (2.0 * h), 1e-7, 1e-8);
        }
    }
    scene_clear(&scene);
}
END_TEST

/* A case without stop-gradient: modes (p, w), wa = w, lambda_s = lambda_d + 1/2. */
START_TEST(no_stop_gradient_of_modes)
{
    static const double exact[] = {-.01533364500890, .02243998551541, -.00093586212972};
    static const double p[] = {.9, .5, .3};
    static const double w[] = {1, .7, .4};
    static const double d[] = {1, .8, .6, .5, .4};
    struct scene scene;
    double dWp[SQUARE];
    double dW[WIDE];

    scene_init(&scene, SSLDYN_LOSS_COSINE);
    scene.loss->release(scene.prepared);
    for (int i = 0; i < N1; i++) {
        scene.X[i] = d[i];
        scene.sum[i] = d[i] + 0.5;
    }
    for (int i = 0; i < SQUARE; i++)
        scene.Wp[i] = i % (N2 + 1) == 0 ? p[i / N2] : 0.0;
    for (int i = 0; i < WIDE; i++)
        scene.W[i] = i % N1 == i / N1 ? w[i / N1] : 0.0;
    scene.parameters.stop_grad = false;
    scene.parameters.tau_held = true;
    scene.parameters.tau = 1.0;
    ck_assert_int_eq(scene.loss->prepare(&scene.moments, N2, 0.0, &scene.prepared, NULL),
                     SSLDYN_OK);
    const struct ssldyn_weights weights = {.Wp = scene.Wp, .W = scene.W};
    const struct ssldyn_weights_rate rate = {dWp, dW, NULL};
    ck_assert_int_eq(scene.loss->rhs(scene.prepared, &scene.parameters, &scene.moments, N2,
                                     &weights, &rate, scene.workspace, NULL),
                     SSLDYN_OK);
    for (int i = 0; i < WIDE; i++)
        CHECK_CLOSE(dW[i], i % N1 == i / N1 ? exact[i / N1] : 0.0, 0.0, 2e-12);
    scene_clear(&scene);
}
END_TEST

/* Invalid under the cosine: one row, a target that stays at 0, a network of rank 1. */
START_TEST(cosines_that_are_undefined)
{
    struct scene scene;
    double dWp[SQUARE];
    double dW[WIDE];
    double dWa[WIDE];
    double along[WIDE];
    struct ssldyn_error err = {SSLDYN_OK, ""};
    void *none = NULL;

    scene_init(&scene, SSLDYN_LOSS_COSINE);
    const struct ssldyn_weights weights = {.Wp = scene.Wp, .W = scene.W, .Wa = scene.Wa};
    const struct ssldyn_weights_rate rate = {dWp, dW, dWa};
    ck_assert_int_eq(scene.loss->prepare(&scene.moments, 1, 0.0, &none, &err), SSLDYN_EINPUT);
    ck_assert_ptr_null(none);
    for (int i = 0; i < WIDE; i++)
        scene.Wa[i] = 0.0;
    for (int follows = 0; follows < 2; follows++) { /* beta > 0: the target is parallel to W at
                                                     * once */
        scene.parameters.rates.beta = follows ? 0.4 : 0.0;
        ck_assert_int_eq(scene.loss->rhs(scene.prepared, &scene.parameters, &scene.moments, N2,
                                         &weights, &rate, scene.workspace, &err),
                         follows ? SSLDYN_OK : SSLDYN_EFAILED);
    }
    for (int i = 0; i < WIDE; i++) {
        along[i] = dW[i];
        scene.Wa[i] = 1e-3 * scene.W[i];
    }
    ck_assert_int_eq(scene.loss->rhs(scene.prepared, &scene.parameters, &scene.moments, N2,
                                     &weights, &rate, scene.workspace, &err),
                     SSLDYN_OK);
    for (int i = 0; i < WIDE; i++) {
        CHECK_CLOSE(dW[i], along[i], 0.0, 1e-12);
        scene.W[i] = scene.W[i % N1] * (double)(i / N1 + 1);
    }
    ck_assert_int_eq(scene.loss->rhs(scene.prepared, &scene.parameters, &scene.moments, N2,
                                     &weights, &rate, scene.workspace, &err),
                     SSLDYN_EFAILED);
    scene_clear(&scene);
}
END_TEST

/* Isotropic data, Wa = tau W, orthogonal rows of W: F is diagonal. */
START_TEST(spectra_and_matrices_agree)
{
    struct scene scene;
    double s[N2];
    double p[N2];
    double image[N2];
    const double tau = 0.7;

    scene_init(&scene, _i);
    scene.moments.kind = SSLDYN_MOMENTS_ISOTROPIC;
    for (int i = 0; i < WIDE; i++)
        scene.W[i] = i % N1 == i / N1 ? 0.4 + 0.3 * (double)(i / N1) : 0.0;
    for (int j = 0; j < N2; j++) {
        s[j] = scene.W[j * N1 + j] * scene.W[j * N1 + j];
        p[j] = scene.Wp[j * N2 + j];
        double square = 0.0;
        for (int i = 0; i < N2; i++)
            square += scene.Wp[i * N2 + j] * scene.Wp[i * N2 + j];
        image[j] = sqrt(square);
    }
    const struct ssldyn_weights weights = {.Wp = scene.Wp, .W = scene.W};
    if (scene.loss->value_of_modes != NULL) {
        CHECK_CLOSE(
            scene.loss->value_of_modes(1.25, N2, s, p, image, tau),
            scene.loss->value(scene.prepared, &scene.moments, N2, &weights, tau, scene.workspace),
            1e-13, 0.0);
    }
    ck_assert(ssldyn_losses[_i]->normalized || scene.loss->value_of_modes != NULL);
    scene_clear(&scene);
}
END_TEST

/* A pair with the covariances of two views is two views: the same rates and values, from other
 * products. */
START_TEST(views_as_a_pair)
{
    struct scene scene;
    double rates[2][SQUARE + 2 * WIDE] = {{0.0}};
    double values[2];
    scene_init(&scene, _i);
    for (int as_pair = 0; as_pair < 2; as_pair++) {
        double Sxx[N1 * N1] = {0.0};
        double Syx[N1 * N1] = {0.0};
        for (int j = 0; j < N1; j++) {
            Sxx[j * (N1 + 1)] = 2.0 - 0.2 * j;
            Syx[j * (N1 + 1)] = 1.5 - 0.3 * j;
            scene.X[j] = Syx[j * (N1 + 1)];
            scene.sum[j] = Sxx[j * (N1 + 1)];
        }
        const struct ssldyn_moments_pair pair = {N1, 0, Sxx, Syx, Sxx, "Sxx", "Syx", "Syy"};
        scene.loss->release(scene.prepared);
        if (as_pair) {
            ck_assert_int_eq(ssldyn_moments_basis_of_pair(&pair, &scene.basis, NULL), SSLDYN_OK);
            scene.moments = scene.basis->moments;
        }
        ck_assert_int_eq(scene.loss->prepare(&scene.moments, N2, 0.0, &scene.prepared, NULL),
                         SSLDYN_OK);
        const struct ssldyn_weights weights = {.Wp = scene.Wp, .W = scene.W, .Wa = scene.Wa};
        const struct ssldyn_weights_rate rate = {rates[as_pair], rates[as_pair] + SQUARE,
                                                 rates[as_pair] + SQUARE + WIDE};
        ck_assert_int_eq(scene.loss->rhs(scene.prepared, &scene.parameters, &scene.moments, N2,
                                         &weights, &rate, scene.workspace, NULL),
                         SSLDYN_OK);
        values[as_pair] = value_of(&scene);
    }
    for (int i = 0; i < SQUARE + 2 * WIDE; i++)
        CHECK_CLOSE(rates[1][i], rates[0][i], 1e-11, 1e-12);
    CHECK_CLOSE(values[1], values[0], 1e-12, 0.0);
    scene_clear(&scene);
}
END_TEST

/* MAE: the rates of Wp (ROWS x N2) and W are the descent of 1/2 E|Wp W x - y|^2, for any Syx. */
START_TEST(data_are_predicted)
{
    enum { ROWS = 4 };
    struct scene scene;
    double Wp[ROWS * N2];
    double predicts[ROWS * N1];
    double dWp[ROWS * N2];
    double dW[WIDE];
    double workspace[3 * WIDE + 4096];
    const double h = 1e-5;
    uint64_t state = 31;
    scene_init(&scene, SSLDYN_LOSS_L2);
    draw_matrix(&state, ROWS * N2, Wp);
    draw_matrix(&state, ROWS * N1, predicts);
    scene.parameters.target = SSLDYN_DEPTH_MAE;
    scene.moments.kind = _i ? SSLDYN_MOMENTS_ISOTROPIC : SSLDYN_MOMENTS_DIAGONAL;
    scene.moments.predicts = predicts;
    scene.moments.predicted = ROWS;
    scene.moments.unexplained = 0.3;
    ck_assert_uint_le(scene.loss->rhs_workspace(N1, ROWS), sizeof workspace / sizeof *workspace);
    const struct ssldyn_weights weights = {.Wp = Wp, .W = scene.W};
    const struct ssldyn_weights_rate rate = {dWp, dW, NULL};
    ck_assert_int_eq(scene.loss->rhs(scene.prepared, &scene.parameters, &scene.moments, N2,
                                     &weights, &rate, workspace, NULL),
                     SSLDYN_OK);
    for (int i = 0; i < ROWS * N2 + WIDE; i++) {
        double *x = i < ROWS * N2 ? &Wp[i] : &scene.W[i - ROWS * N2];
        const double expected = i < ROWS * N2 ? dWp[i] / 1.3 : dW[i - ROWS * N2];
        double value[2];
        const double middle = *x;
        for (int side = 0; side < 2; side++) {
            *x = middle + (side ? h : -h);
            value[side] = scene.loss->value(scene.prepared, &scene.moments, N2, &weights,
                                            (double)NAN, workspace);
        }
        *x = middle;
        CHECK_CLOSE(expected, (value[0] - value[1]) / (2.0 * h), 1e-8, 1e-9);
    }
    scene_clear(&scene);
}
END_TEST

TEST_SUITE(matrix_loss)
{
    tcase_add_loop_test(tests, data_are_predicted, 0, 2);
    tcase_add_loop_test(tests, views_as_a_pair, 0, SSLDYN_LOSSES_COUNT);
    tcase_add_loop_test(tests, every_member_is_set, 0, SSLDYN_LOSSES_COUNT);
    tcase_add_loop_test(tests, rhs_is_the_descent_of_the_value, 0, 2 * SSLDYN_LOSSES_COUNT);
    tcase_add_loop_test(tests, both_branches_descend, 0, 2 * SSLDYN_LOSSES_COUNT);
    tcase_add_test(tests, no_stop_gradient_of_modes);
    tcase_add_test(tests, cosines_that_are_undefined);
    tcase_add_loop_test(tests, spectra_and_matrices_agree, 0, SSLDYN_LOSSES_COUNT);
}
