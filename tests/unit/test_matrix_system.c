/* M1 as one system: its Jacobian under the cosine. */
// SPDX-License-Identifier: MIT
#include "sim/flow/matrix_system.h"

#include "sim/linalg/linalg.h"
#include "tests/spec_make.h"
#include "tests/suite.h"

#include <math.h>
#include <stdlib.h>

/* The residual has the degree -1 in Wp: along (Wp, 0, 0) the derivative of the rates (Wp', W', Wa')
 * is (-Wp' - 2 eta_p Wp, 0, 0). Small weights make the rates large, and what cancels here is the sum
 * of entries that large: differences to one side are off by about 1e-8 of them. */
START_TEST(the_jacobian_knows_the_degree_of_the_residual)
{
    static const char *const options[] = {
        "model",  "population", "loss", "cosine", "n1",   "5",    "n2", "3", "init-wa",
        "random", "init-scale", "0.1",  "eta",    "0.03", "seed", "4",  NULL};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_spec spec;
    struct ssldyn_start start;
    struct ssldyn_matrix_system *system = NULL;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    ck_assert_int_eq(ssldyn_start_create(&spec.problem, 0, &start, &err), SSLDYN_OK);
    ck_assert_int_eq(ssldyn_matrix_system_create(&spec.problem, &start, &system, &err), SSLDYN_OK);
    const struct ssldyn_ode_system ode = ssldyn_matrix_system_ode(system);
    const size_t n = ode.n;
    const size_t square = 9; /* entries of Wp, which come first */
    double *y = calloc(n, sizeof *y);
    double *rate = calloc(n, sizeof *rate);
    double *split = calloc(n, sizeof *split);
    double *entries = calloc(n * n, sizeof *entries);
    ck_assert(ode.jacobian != NULL);
    ck_assert(y && rate && split && entries);
    ssldyn_matrix_system_start(system, y);
    ode.rhs(0.0, y, rate, ode.context);
    ode.split(0.0, y, rate, y, split, ode.context); /* is called before */
    ode.jacobian(0.0, y, entries, ode.context);
    const double size = ssldyn_dense_norm(n * n, entries) * ssldyn_dense_norm(square, y);
    for (size_t i = 0; i < n; i++) {
        double along = 0.0;
        for (size_t j = 0; j < square; j++) {
            along += entries[i * n + j] * y[j];
        }
        const double expected = i < square ? -rate[i] - 2.0 * 0.03 * y[i] : 0.0;
        /* central differences at 1e-5: 1e-10 of the third derivative, and rounding over 1e-5 */
        ck_assert_msg(fabs(along - expected) < 1e-9 * size, "row %zu: %g, not %g", i, along,
                      expected);
    }
    ck_assert_int_eq(ssldyn_matrix_system_status(system, &err), SSLDYN_OK);
    free(y);
    free(rate);
    free(split);
    free(entries);
    ssldyn_matrix_system_free(system);
    ssldyn_start_clear(&start);
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(matrix_system)
{
    tcase_add_test(tests, the_jacobian_knows_the_degree_of_the_residual);
}
