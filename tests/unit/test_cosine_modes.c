/* The cosine loss in the aligned frame: reference values from two other methods (a quadrature of
 * the matrices in a rotated frame, nested adaptive integration), the isotropic closed form, the
 * exact laws of the gradient, finite differences of the loss, and the order of the closures. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/cosine_modes.h"

#include <check.h>
#include <gsl/gsl_sf_gamma.h>
#include <string.h>

enum { MOST = 64 };

struct views {
    double first[MOST], second[MOST], across[MOST], rest[MOST];
    struct ssldyn_cosine_data data;
};

/* lambda_s for the online view; the target has it too, or lambda_d if only one view has noise. */
static const struct ssldyn_cosine_data *views_make(struct views *views, size_t n, const double s[],
                                                   const double d[], bool target_only)
{
    for (size_t j = 0; j < n; j++) {
        views->first[j] = target_only ? d[j] : s[j];
        views->second[j] = s[j];
        views->across[j] = d[j];
        views->rest[j] = target_only ? d[j] * (s[j] - d[j]) : (s[j] - d[j]) * (s[j] + d[j]);
    }
    views->data =
        (struct ssldyn_cosine_data){n, views->first, views->second, views->across, views->rest};
    return &views->data;
}

struct row {
    const char *name;
    size_t n;
    double p[4], w[4], wa[4], s[4], d[4];
    bool target_only;
    double G[4], loss, tolerance; /* loss NaN: not known */
};

/* Relative accuracy: the digits of the references. */
static const struct row rows[] = {
    {"three modes",
     3,
     {.9, .5, .3},
     {1, .7, .4},
     {.8, .7, .5},
     {1.5, 1.3, 1.1},
     {1, .8, .6},
     false,
     {-.05925655133187, .08570552003472, .19444970155441},
     -.51089038705799,
     2e-14},
    {"noise on the target",
     3,
     {.9, .5, .3},
     {1, .7, .4},
     {.8, .7, .5},
     {1.5, 1.3, 1.1},
     {1, .8, .6},
     true,
     {-.08261638546812, .11862685858849, .27362788679447},
     (double)NAN,
     2e-12},
    {"two modes",
     2,
     {.9, .4},
     {1, .6},
     {1, .6},
     {1.25, 1.2},
     {1, .8},
     false,
     {-.04241093555834, .15904100834376},
     -.62482155590304,
     2e-14},
    {"a negative p",
     3,
     {.9, -.4, .2},
     {1, .6, .5},
     {1, .6, .5},
     {1.25, 1.25, 1.25},
     {1, 1, 1},
     false,
     {.08099176498416, .53307492011129, .55045392340963},
     -.34315873156823,
     2e-14},
    {"a mode that has collapsed",
     4,
     {.9, .4, 1e-8, .5},
     {1, .6, 1e-8, .3},
     {1, .6, 1e-8, .3},
     {1.25, 1.25, 1.25, 1.25},
     {1, 1, 1, 1},
     false,
     {-.07606732418209, .20182575132663, 2.47456561054e-8, .13348274296993},
     (double)NAN,
     2e-12},
};

START_TEST(gradient_is_that_of_other_routes)
{
    const struct row *row = &rows[_i];
    struct views views;
    double G[MOST];
    double loss = 0.0;
    double workspace[9 * MOST];
    const struct ssldyn_cosine_data *data =
        views_make(&views, row->n, row->s, row->d, row->target_only);
    ck_assert(ssldyn_cosine_modes_gradient(data, row->p, row->w, row->wa, SSLDYN_COSINE_FINE, G,
                                           &loss, workspace));
    for (size_t j = 0; j < row->n; j++)
        CHECK_CLOSE(G[j], row->G[j], row->tolerance, 5e-14);
    if (!isnan(row->loss))
        CHECK_CLOSE(loss, row->loss, row->tolerance, 0.0);
}
END_TEST

/* p, w and wa equal, rho = lambda_d/lambda_s: L = -rho (2/n) [Gamma((n+1)/2)/Gamma(n/2)]^2
 * 2F1(1/2, 1/2; n/2 + 1; rho^2), the series summed here. */
START_TEST(isotropic_loss_has_a_closed_form)
{
    static const size_t sizes[] = {2, 3, 8, 50};
    const size_t n = sizes[_i];
    const double rho = 2.0 / 3.0;
    double one[MOST];
    double s[MOST];
    double G[MOST];
    double loss = 0.0;
    double workspace[9 * MOST];
    struct views views;
    for (size_t j = 0; j < n; j++) {
        one[j] = 1.0;
        s[j] = 1.5;
    }
    double series = 0.0;
    double term = 1.0;
    for (int k = 0; k < 200; k++) {
        series += term;
        term *= rho * rho * (0.5 + k) * (0.5 + k) / ((0.5 * (double)n + 1.0 + k) * (1.0 + k));
    }
    const double ratio =
        exp(gsl_sf_lngamma(0.5 * ((double)n + 1.0)) - gsl_sf_lngamma(0.5 * (double)n));
    const double exact = -rho * 2.0 / (double)n * ratio * ratio * series;
    const struct ssldyn_cosine_data *data = views_make(&views, n, s, one, false);
    ck_assert(
        ssldyn_cosine_modes_gradient(data, one, one, one, SSLDYN_COSINE_FINE, G, &loss, workspace));
    CHECK_CLOSE(loss, exact, 2e-13, 0.0);
    ck_assert(ssldyn_cosine_modes_gradient(data, one, one, one, SSLDYN_COSINE_STANDARD, G, &loss,
                                           workspace));
    CHECK_CLOSE(loss, exact, 1e-9, 0.0);
}
END_TEST

static void draw(uint64_t seed, size_t n, double p[], double w[], double wa[], double s[],
                 double d[])
{
    uint64_t state = seed;
    for (size_t j = 0; j < n; j++) {
        p[j] = draw_between(&state, -1.0, 1.0);
        w[j] = draw_between(&state, 0.1, 1.0);
        wa[j] = draw_between(&state, -0.5, 1.0);
        d[j] = draw_between(&state, 0.2, 1.0);
        s[j] = d[j] + draw_between(&state, 0.0, 1.0);
    }
}

/* The loss depends on q = p w only and is of degree 0 in it: sum q G = 0, G of degree -1, and G_j
 * is minus the derivative of the loss by q_j (central differences: error of order h^2 = 1e-8). */
START_TEST(gradient_obeys_its_laws)
{
    const size_t n = 2 + (size_t)_i;
    double p[MOST];
    double w[MOST];
    double wa[MOST];
    double s[MOST];
    double d[MOST];
    double G[MOST];
    double other[MOST];
    double loss = 0.0;
    double workspace[9 * MOST];
    struct views views;
    draw((uint64_t)_i + 1, n, p, w, wa, s, d);
    const struct ssldyn_cosine_data *data = views_make(&views, n, s, d, false);
    ck_assert(
        ssldyn_cosine_modes_gradient(data, p, w, wa, SSLDYN_COSINE_FINE, G, &loss, workspace));
    ck_assert(loss > -1.0 && loss < 1.0);
    double sum = 0.0;
    double size = 0.0;
    for (size_t j = 0; j < n; j++) {
        sum += p[j] * w[j] * G[j];
        size += fabs(p[j] * w[j] * G[j]);
    }
    CHECK_CLOSE(sum, 0.0, 0.0, 1e-12 * size);
    const double h = 1e-4;
    double ahead = 0.0;
    double behind = 0.0;
    const double kept = p[0];
    p[0] = kept + h;
    ck_assert(
        ssldyn_cosine_modes_gradient(data, p, w, wa, SSLDYN_COSINE_FINE, other, &ahead, workspace));
    p[0] = kept - h;
    ck_assert(ssldyn_cosine_modes_gradient(data, p, w, wa, SSLDYN_COSINE_FINE, other, &behind,
                                           workspace));
    p[0] = kept;
    CHECK_CLOSE(-(ahead - behind) / (2.0 * h * w[0]), G[0], 1e-5, 1e-5);
    for (size_t j = 0; j < n; j++)
        w[j] *= 2.0;
    ck_assert(
        ssldyn_cosine_modes_gradient(data, p, w, wa, SSLDYN_COSINE_FINE, other, &ahead, workspace));
    for (size_t j = 0; j < n; j++)
        CHECK_CLOSE(2.0 * other[j], G[j], 1e-12, 1e-14);
}
END_TEST

/* One mode has cosine +-1; if a single mode differs from 0 the mean diverges. */
START_TEST(nonfinite_values_are_reported)
{
    const double s[] = {1.5, 1.5};
    const double d[] = {1.0, 1.0};
    const double one[] = {1.0, 1.0};
    const double single[] = {1.0, 0.0};
    const double none[] = {0.0, 0.0};
    double G[2];
    double loss = 0.0;
    double workspace[9 * MOST];
    struct views views;
    const struct ssldyn_cosine_data *data = views_make(&views, 1, s, d, false);
    ck_assert(!ssldyn_cosine_modes_gradient(data, one, one, one, SSLDYN_COSINE_FINE, G, &loss,
                                            workspace));
    data = views_make(&views, 2, s, d, false); /* the target's rank may be one */
    ck_assert(ssldyn_cosine_modes_gradient(data, one, one, single, SSLDYN_COSINE_FINE, G, &loss,
                                           workspace));
    CHECK_CLOSE(G[0] + G[1], 0.0, 0.0, 1e-14);
    ck_assert(!ssldyn_cosine_modes_gradient(data, single, one, one, SSLDYN_COSINE_FINE, G, &loss,
                                            workspace));
    ck_assert(isnan(G[0]) && isnan(G[1]) && isnan(loss));
    ck_assert(!ssldyn_cosine_modes_gradient(data, one, one, none, SSLDYN_COSINE_FINE, G, &loss,
                                            workspace));
}
END_TEST

/* Relative errors of the closures fall like 1/n and 1/n^2 (by 2 and by 4 from 16 to 32 to 64 modes,
 * within a factor that depends on the drawn p), and both keep sum q G = 0. */
START_TEST(closures_are_of_their_order)
{
    uint64_t state = 7;
    double errors[2][2] = {{0.0, 0.0}, {0.0, 0.0}};
    for (int large = 0; large < 2; large++) {
        const size_t n = large ? 64 : 16;
        for (int trial = 0; trial < 4; trial++) {
            double p[MOST];
            double s[MOST];
            double d[MOST];
            double G[MOST];
            double closed[MOST];
            double loss = 0.0;
            double workspace[9 * MOST];
            struct views views;
            for (size_t j = 0; j < n; j++) {
                p[j] = draw_between(&state, 0.1, 1.0);
                d[j] = 1.0;
                s[j] = 1.25;
            }
            const struct ssldyn_cosine_data *data = views_make(&views, n, s, d, false);
            ck_assert(ssldyn_cosine_modes_gradient(data, p, p, p, SSLDYN_COSINE_STANDARD, G, &loss,
                                                   workspace));
            for (int next = 0; next < 2; next++) {
                double off = 0.0;
                double size = 0.0;
                double kept = 0.0;
                double parts = 0.0;
                ssldyn_cosine_modes_closure(data, p, p, p, next == 1, closed);
                for (size_t j = 0; j < n; j++) {
                    off += (closed[j] - G[j]) * (closed[j] - G[j]);
                    size += G[j] * G[j];
                    kept += p[j] * p[j] * closed[j];
                    parts += p[j] * p[j] * fabs(closed[j]);
                }
                errors[large][next] += 0.25 * sqrt(off / size);
                CHECK_CLOSE(kept, 0.0, 0.0, 1e-13 * parts);
            }
        }
    }
    ck_assert_msg(errors[1][0] < 0.06 && errors[0][0] > 2.0 * errors[1][0], "leading: %g, %g",
                  errors[0][0], errors[1][0]);
    ck_assert_msg(errors[1][1] < 0.007 && errors[0][1] > 4.0 * errors[1][1], "next: %g, %g",
                  errors[0][1], errors[1][1]);
}
END_TEST

TEST_SUITE(cosine_modes)
{
    tcase_add_test(tests, nonfinite_values_are_reported);
    tcase_add_test(tests, closures_are_of_their_order);
    tcase_add_loop_test(tests, gradient_is_that_of_other_routes, 0,
                        (int)(sizeof rows / sizeof rows[0]));
    tcase_add_loop_test(tests, isotropic_loss_has_a_closed_form, 0, 4);
    tcase_add_loop_test(tests, gradient_obeys_its_laws, 0, 12);
}
