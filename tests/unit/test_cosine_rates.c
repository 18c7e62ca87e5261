/* Rates of the cosine loss: means by two other methods, eigenvalues to their digits, equal
 * variances in closed form, and differences of the exact gradient. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/suite.h"
#include "theory/cosine_modes.h"
#include "theory/cosine_rates.h"

#include <check.h>
#include <gsl/gsl_eigen.h>
#include <gsl/gsl_sort_vector.h>

static const double s[] = {1.0, .5, .2, .05};

START_TEST(means)
{
    static const double want[] = {.463069667878, .310203447552, .168997414233, .057729470337};
    double m[4];
    double Lambda[16];
    ssldyn_cosine_rates(4, s, m, Lambda);
    double sum = 0.0;
    for (int j = 0; j < 4; j++) {
        CHECK_CLOSE(m[j], want[j], 0.0, 6e-13);
        sum += m[j];
    }
    CHECK_CLOSE(sum, 1.0, 1e-14, 0.0);
    CHECK_CLOSE(-Lambda[1], .07866861361295, 1e-12, 0.0);
    CHECK_CLOSE(m[0] - Lambda[0], .31846349099014, 1e-12, 0.0);
    CHECK_CLOSE(ssldyn_cosine_rates_inverse(4, s), 1.5415265204404, 1e-12, 0.0);
    ck_assert(isinf(ssldyn_cosine_rates_inverse(2, s)));
}
END_TEST

START_TEST(eigenvalues)
{
    static const double want[] = {0.0, .05736947092, .13924146933, .21777843412};
    double m[4];
    double Lambda[16];
    double found[4];
    ssldyn_cosine_rates(4, s, m, Lambda);
    gsl_eigen_symm_workspace *workspace = gsl_eigen_symm_alloc(4);
    gsl_matrix_view matrix = gsl_matrix_view_array(Lambda, 4, 4);
    gsl_vector_view values = gsl_vector_view_array(found, 4);
    gsl_eigen_symm(&matrix.matrix, &values.vector, workspace);
    gsl_eigen_symm_free(workspace);
    gsl_sort_vector(&values.vector);
    for (int j = 0; j < 4; j++)
        CHECK_CLOSE(found[j], want[j], 0.0, 1e-11);
}
END_TEST

/* n - 1 eigenvalues 1/(n + 2): Lambda = (I - 1 1^T/n)/(n + 2); and E 1/|z|^2 = 1/(n - 2). */
START_TEST(equal_variances)
{
    static const size_t sizes[] = {3, 7, 64};
    const size_t n = sizes[_i];
    double equal[64] = {0.0};
    double m[64];
    double Lambda[64 * 64];
    for (size_t j = 0; j < n; j++)
        equal[j] = 3.0;
    ssldyn_cosine_rates(n, equal, m, Lambda);
    const double scale = 1.0 / (double)(n + 2);
    for (size_t j = 0; j < n * n; j++)
        CHECK_CLOSE(Lambda[j], ((j % (n + 1) == 0 ? 1.0 : 0.0) - 1.0 / (double)n) * scale, 0.0,
                    1e-14 * scale);
    CHECK_CLOSE(ssldyn_cosine_rates_inverse(n, equal), 1.0 / (3.0 * (double)(n - 2)), 2e-14, 0.0);
    double one = 0.0;
    ssldyn_cosine_rates(1, equal, m, &one);
    CHECK_CLOSE(m[0], 1.0, 1e-14, 0.0);
    ck_assert(one == 0.0);
}
END_TEST

/* The exact gradient without noise, dp/dt = alpha_p w G, differentiated at p = level; and the rate
 * of a mode with a small w. Central differences of the best quadrature: h^2, and rounding divided
 * by h. */
START_TEST(of_the_exact_gradient)
{
    const double d[] = {1.0, .8, .6, .9, .7};
    const double rest[] = {0.0, 0.0, 0.0, 0.0, 0.0};
    const double level = .8;
    const double alpha_p = 1.5;
    const struct ssldyn_cosine_data data = {4, d, d, d, rest};
    double w[5];
    double m[4];
    double Lambda[16];
    double p[] = {level, level, level, level, .3};
    double up[5];
    double down[5];
    double loss = 0.0;
    double workspace[200];
    ck_assert_uint_le(ssldyn_cosine_modes_workspace(5), 200);
    for (int j = 0; j < 4; j++)
        w[j] = sqrt(s[j] / d[j]);
    ssldyn_cosine_rates(4, s, m, Lambda);
    for (int k = 0; k < 4; k++) {
        const double h = 1e-5;
        p[k] = level + h;
        ck_assert(ssldyn_cosine_modes_gradient(&data, p, w, w, .16, up, &loss, workspace));
        p[k] = level - h;
        ck_assert(ssldyn_cosine_modes_gradient(&data, p, w, w, .16, down, &loss, workspace));
        p[k] = level;
        for (int j = 0; j < 4; j++)
            CHECK_CLOSE(alpha_p * w[j] * (up[j] - down[j]) / (2.0 * h),
                        -alpha_p / (level * level) * Lambda[4 * j + k], 0.0, 1e-9);
    }
    const struct ssldyn_cosine_data five = {5, d, d, d, rest};
    w[4] = 1e-6;
    ck_assert(ssldyn_cosine_modes_gradient(&five, p, w, w, .16, up, &loss, workspace));
    CHECK_CLOSE(p[4] * up[4] / w[4],
                d[4] * (p[4] / level) * (1.0 - p[4] / level) * ssldyn_cosine_rates_inverse(4, s),
                1e-6, 0.0); /* G_j is accurate to 1e-12 of the largest; this one is 1e-6 of that */
}
END_TEST

TEST_SUITE(cosine_rates)
{
    tcase_add_test(tests, means);
    tcase_add_test(tests, eigenvalues);
    tcase_add_loop_test(tests, equal_variances, 0, 3);
    tcase_add_test(tests, of_the_exact_gradient);
}
