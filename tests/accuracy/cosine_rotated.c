/* Reference values of the cosine for matrices whose singular vectors are rotated at random: the gradient
 * without noise, its logarithm as the second mode of two vanishes, flows of DirectSet and its IsoLoss;
 * and the gradient for a pair of vectors with different distributions against samples. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"
#include "sim/loss/cosine_matrix.h"
#include "sim/run/moments_basis.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>

enum { MOST = 3, AREA = MOST * MOST };

/* n modes of data and their frames. */
struct frame {
    size_t n;
    double U[AREA], V[AREA], X[AREA], sum[AREA];
    struct ssldyn_moments moments;
    struct ssldyn_cosine_matrix *cosine;
};

static void frame_init(struct frame *frame, uint64_t seed, size_t n, const double d[],
                       const double s[])
{
    frame->n = n;
    draw_orthogonal(&seed, n, frame->U);
    draw_orthogonal(&seed, n, frame->V);
    naive_compose(n, n, frame->V, d, frame->V, frame->X);
    naive_compose(n, n, frame->V, s, frame->V, frame->sum);
    frame->moments = (struct ssldyn_moments){
        .kind = SSLDYN_MOMENTS_FULL, .n1 = n, .X = frame->X, .sum = frame->sum};
    ck_assert(ssldyn_cosine_matrix_create(n, &frame->moments, false, &frame->cosine, NULL) ==
              SSLDYN_OK);
}

/* The diagonal of U^T G V at Wp = U p U^T and so on. */
static void modes_of_gradient(struct frame *frame, const double p[], const double w[],
                              const double wa[], double G_modes[])
{
    const size_t n = frame->n;
    double Wp[AREA] = {0.0};
    double W[AREA] = {0.0};
    double Wa[AREA] = {0.0};
    double G[AREA];
    double loss = 0.0;
    naive_compose(n, n, frame->U, p, frame->U, Wp);
    naive_compose(n, n, frame->U, w, frame->V, W);
    naive_compose(n, n, frame->U, wa, frame->V, Wa);
    ck_assert(ssldyn_cosine_matrix_gradient(frame->cosine, Wp, W, Wa, SSLDYN_COSINE_FINE, G, &loss,
                                            NULL) == SSLDYN_OK);
    for (size_t j = 0; j < n; j++) {
        G_modes[j] = 0.0;
        for (size_t i = 0; i < n * n; i++)
            G_modes[j] += frame->U[i / n * n + j] * G[i] * frame->V[i % n * n + j];
    }
}

/* (w_j^2)' = 2 p_j w_j G_j at w_j^2 = p_j on data without noise. */
START_TEST(without_noise)
{
    static const double exact[] = {.07376563413103, .11778939779939, -.19155503193042};
    static const double ones[] = {1, 1, 1};
    static const double p[] = {.2, .5, 1.3};
    double w[3];
    double G[3];
    struct frame frame;
    frame_init(&frame, 4 + (uint64_t)_i, 3, ones, ones);
    for (int j = 0; j < 3; j++)
        w[j] = sqrt(p[j]);
    modes_of_gradient(&frame, p, w, w, G);
    for (int j = 0; j < 3; j++) /* the digits given */
        CHECK_CLOSE(2.0 * p[j] * w[j] * G[j], exact[j], 0.0, 1e-12);
    ssldyn_cosine_matrix_free(frame.cosine);
}
END_TEST

/* p = (1, 1), w = (1, e), wa = (1, 1/2): G_2 grows by .38097 for each factor of e. */
START_TEST(logarithm_of_a_vanishing_mode)
{
    static const double d[] = {1, 1};
    static const double s[] = {1.25, 1.25};
    static const double p[] = {1, 1};
    static const double wa[] = {1, .5};
    static const double small[] = {1e-4, 1e-6, 1e-8};
    double G[3][2];
    struct frame frame;
    frame_init(&frame, 8 + (uint64_t)_i, 2, d, s);
    for (int k = 0; k < 3; k++) {
        const double w[] = {1, small[k]};
        modes_of_gradient(&frame, p, w, wa, G[k]);
    }
    /* e is known to rounding of the rotated W, 1e-16/e relative to it */
    CHECK_CLOSE(G[0][1], 3.24069156664, 0.0, 1e-10);
    CHECK_CLOSE(G[1][1], 4.99563310006, 0.0, 1e-8);
    CHECK_CLOSE((G[2][1] - G[1][1]) / log(100.0), .380971609, 0.0, 2e-6);
    ssldyn_cosine_matrix_free(frame.cosine);
}
END_TEST

/* dW/dt = Wp^T G with Wp = W W^T, or G with Wp = (W W^T)^(1/2). */
static void directset_rate(struct frame *frame, bool iso, const double W[], double rate[])
{
    const size_t n = frame->n;
    double F[AREA] = {0.0};
    double Wp[AREA];
    double values[MOST];
    double vectors[AREA];
    double G[AREA];
    double loss = 0.0;
    naive_add(n, n, n, 1.0, W, false, W, true, F);
    ck_assert(ssldyn_eigen_once(n, F, values, vectors, NULL) == SSLDYN_OK);
    for (size_t j = 0; j < n; j++)
        values[j] = iso ? sqrt(values[j]) : values[j];
    naive_compose(n, n, vectors, values, vectors, Wp);
    ck_assert(ssldyn_cosine_matrix_gradient(frame->cosine, Wp, W, W, SSLDYN_COSINE_STANDARD, G,
                                            &loss, NULL) == SSLDYN_OK);
    for (size_t i = 0; i < n * n; i++)
        rate[i] = iso ? G[i] : 0.0;
    if (!iso)
        naive_add(n, n, n, 1.0, Wp, true, G, false, rate);
}

/* Eigenvalues of W W^T at t = 2 from (.2, .5, 1.3), by the classical method of order 4, whose error
 * at these steps is below that of the values. */
START_TEST(directset_flows)
{
    enum { STEPS = 100 };
    static const double ends[2][3] = {{.33548464763, .61935841811, 1.04515693430},
                                      {.44779597786, .59843473804, 1.10567517785}};
    static const double start[] = {.2, .5, 1.3};
    static const double d[] = {1, .8, .6};
    static const double s[] = {1.5, 1.3, 1.1};
    const bool iso = _i == 1;
    const double h = 2.0 / STEPS;
    struct frame frame;
    double w[3];
    double W[AREA];
    frame_init(&frame, 15, 3, d, s);
    for (int j = 0; j < 3; j++)
        w[j] = sqrt(start[j]);
    naive_compose(3, 3, frame.U, w, frame.V, W);
    for (int step = 0; step < STEPS; step++) {
        static const double ahead[] = {0.0, 0.5, 0.5, 1.0};
        static const double weight[] = {1.0, 2.0, 2.0, 1.0};
        double k[4][AREA];
        for (int stage = 0; stage < 4; stage++) {
            double at[AREA];
            for (int i = 0; i < AREA; i++)
                at[i] = W[i] + (stage > 0 ? h * ahead[stage] * k[stage - 1][i] : 0.0);
            directset_rate(&frame, iso, at, k[stage]);
        }
        for (int stage = 0; stage < 4; stage++) {
            for (int i = 0; i < AREA; i++)
                W[i] += h / 6.0 * weight[stage] * k[stage][i];
        }
    }
    double F[AREA] = {0.0};
    double values[3];
    naive_add(3, 3, 3, 1.0, W, false, W, true, F);
    ck_assert(ssldyn_eigen_once(3, F, values, NULL, NULL) == SSLDYN_OK);
    for (int j = 0; j < 3; j++)
        CHECK_CLOSE(values[2 - j], ends[_i][j], 0.0, 7e-11); /* their error */
    ssldyn_cosine_matrix_free(frame.cosine);
}
END_TEST

/* The mean of g x^T over 200,000 pairs (x, y) = A z with any A: within 4.5 standard errors, and in the
 * mean square about one of them. */
START_TEST(samples_of_a_pair)
{
    enum { N1 = 3, N2 = 2, ALL = 2 * N1, PAIRS = 200000 };
    uint64_t state = 40 + (uint64_t)_i;
    double A[ALL * ALL];
    double S[ALL * ALL] = {0.0};
    double parts[3][N1 * N1];
    double Wp[N2 * N2];
    double W[N2 * N1];
    double Wa[N2 * N1];
    double M[N2 * N1] = {0.0};
    double G[N2 * N1];
    double turned[N2 * N1] = {0.0};
    double turned_a[N2 * N1] = {0.0};
    double back[N2 * N1] = {0.0};
    double sum[N2 * N1] = {0.0};
    double squares[N2 * N1] = {0.0};
    double loss = 0.0;
    struct ssldyn_moments_basis *basis = NULL;
    struct ssldyn_cosine_matrix *cosine = NULL;
    draw_matrix(&state, ALL * ALL, A);
    draw_matrix(&state, N2 * N2, Wp);
    draw_matrix(&state, N2 * N1, W);
    draw_matrix(&state, N2 * N1, Wa);
    naive_add(ALL, ALL, ALL, 1.0, A, false, A, true, S);
    for (size_t i = 0; i < N1 * N1; i++) {
        const size_t at = i / N1 * ALL + i % N1;
        parts[0][i] = S[at];
        parts[1][i] = S[at + N1 * ALL];
        parts[2][i] = S[at + N1 * ALL + N1];
    }
    const struct ssldyn_moments_pair pair = {N1,       0,     parts[0], parts[1],
                                             parts[2], "Sxx", "Syx",    "Syy"};
    ck_assert(ssldyn_moments_basis_of_pair(&pair, &basis, NULL) == SSLDYN_OK);
    ck_assert(ssldyn_cosine_matrix_create(N2, &basis->moments, false, &cosine, NULL) == SSLDYN_OK);
    naive_add(N2, N1, N1, 1.0, W, false, basis->Q, false, turned);
    naive_add(N2, N1, N1, 1.0, Wa, false, basis->Q, false, turned_a);
    ck_assert(ssldyn_cosine_matrix_gradient(cosine, Wp, turned, turned_a, SSLDYN_COSINE_FINE, G,
                                            &loss, NULL) == SSLDYN_OK);
    naive_add(N2, N1, N1, 1.0, G, false, basis->Q, true, back);
    naive_add(N2, N1, N2, 1.0, Wp, false, W, false, M);
    for (int k = 0; k < PAIRS; k++) {
        double z[ALL];
        double xy[ALL] = {0.0};
        double a[N2] = {0.0};
        double b[N2] = {0.0};
        for (int i = 0; i < ALL; i++) /* Box and Muller */
            z[i] = sqrt(-2.0 * log(draw_between(&state, 0.0, 1.0))) *
                   cos(draw_between(&state, 0.0, 6.283185307179586));
        naive_add(ALL, 1, ALL, 1.0, A, false, z, false, xy);
        naive_add(N2, 1, N1, 1.0, M, false, xy, false, a);
        naive_add(N2, 1, N1, 1.0, Wa, false, xy + N1, false, b);
        const double norm_a = hypot(a[0], a[1]);
        const double norm_b = hypot(b[0], b[1]);
        const double of = (a[0] * b[0] + a[1] * b[1]) / (norm_a * norm_b);
        for (int i = 0; i < N2 * N1; i++) {
            const double g = (b[i / N1] / norm_b - of * a[i / N1] / norm_a) / norm_a * xy[i % N1];
            sum[i] += g;
            squares[i] += g * g;
        }
    }
    double mean_square = 0.0;
    for (int i = 0; i < N2 * N1; i++) {
        const double mean = sum[i] / PAIRS;
        const double error = sqrt((squares[i] / PAIRS - mean * mean) / PAIRS);
        CHECK_CLOSE(mean, back[i], 0.0, 4.5 * error);
        mean_square += (mean - back[i]) * (mean - back[i]) / (error * error) / (N2 * N1);
    }
    ck_assert_double_lt(mean_square, 4.0); /* six squares: above it once in 2000 */
    ssldyn_cosine_matrix_free(cosine);
    ssldyn_moments_basis_free(basis);
}
END_TEST

TEST_SUITE(cosine_rotated)
{
    tcase_add_loop_test(tests, without_noise, 0, 3);
    tcase_add_loop_test(tests, logarithm_of_a_vanishing_mode, 0, 2);
    tcase_add_loop_test(tests, directset_flows, 0, 2);
    tcase_add_loop_test(tests, samples_of_a_pair, 0, 3);
}
