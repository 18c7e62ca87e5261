/* The Lyapunov function: it solves its equation, it decreases along the flow everywhere below its
 * level, and the level is not too small to be useful. */
// SPDX-License-Identifier: MIT
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/fate_attractor.h"
#include "theory/lowdim.h"

#include <check.h>
#include <stdlib.h>

enum { TRIALS = 400, POINTS = 40 };

/* alpha_p = lambda_d = 1: the certificate's variables are (wp, w, wa) themselves. */
static struct ssldyn_parameters draw_parameters(uint64_t *seed, bool held)
{
    struct ssldyn_parameters q = {.lambda_s = draw_log(seed, 1.0, 3.0),
                                  .lambda_d = 1.0,
                                  .tau = held ? draw_between(seed, 0.3, 1.5) : 1.0,
                                  .tau_held = held,
                                  .stop_grad = true,
                                  .predictor = true};
    const double fold = q.tau * q.tau / (4.0 * q.lambda_s);

    q.rates = (struct ssldyn_rates){.alpha_p = 1.0,
                                    .beta = draw_log(seed, 0.01, 10.0),
                                    .eta_s = fold * draw_log(seed, 0.01, 0.98)};
    q.rates.eta_p = q.rates.eta_s * draw_log(seed, 0.02, 50.0);
    return q;
}

static double form(const struct ssldyn_certificate *certificate, size_t d, const double a[3],
                   const double b[3])
{
    double sum = 0.0;

    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++)
            sum += a[i] * certificate->lyapunov[i][j] * b[j];
    }
    return sum;
}

static const double exactly[3] = {0.0, 0.0, 0.0};

/* Points on random rays at random levels below the certified one: dV/dt = 2 z^T S f < 0, with f of
 * M5 itself. Close to the attractor dV/dt = -|z|^2, because J^T S + S J = -I. */
START_TEST(test_falls_below_its_level)
{
    uint64_t seed = 1 + (uint64_t)_i;
    const bool held = _i == 1;
    const size_t d = held ? 2 : 3;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_parameters q = draw_parameters(&seed, held);
        struct ssldyn_certificate certificate;
        ssldyn_certificate_init_lowdim(&certificate, &q);
        ck_assert_int_eq(certificate.kind, SSLDYN_CERTIFICATE_BISTABLE);
        ck_assert(certificate.lyapunov_level > 0.0);
        for (int point = 0; point < POINTS; point++) {
            double z[3];
            double rate[3];
            draw_matrix(&seed, 3, z);
            const bool close = point % 2 == 1;
            const double share = close ? 1e-6 : draw_between(&seed, 0.0, 0.999);
            const double stretch =
                sqrt(share * certificate.lyapunov_level / form(&certificate, d, z, z));
            double square = 0.0;
            for (size_t i = 0; i < 3; i++) {
                z[i] *= stretch;
                square += i < d ? z[i] * z[i] : 0.0;
            }
            const double y[3] = {certificate.p_plus + z[0], certificate.x_plus + z[1],
                                 certificate.x_plus + z[2]};
            ck_assert(ssldyn_fate_attractor_holds(&certificate, y, exactly));
            ssldyn_lowdim_rhs(&q, y, rate);
            const double fall = 2.0 * form(&certificate, d, z, rate);
            ck_assert_msg(fall < 0.0, "V' = %g at %g of the level", fall, share);
            /* at a fraction k of the level the next order is at most 0.9 sqrt(k) |z|^2 */
            if (close)
                CHECK_CLOSE(fall, -square, 2e-3, 0.0);
        }
    }
}
END_TEST

/* Beyond the level there is no claim. */
START_TEST(test_stops_at_its_level)
{
    uint64_t seed = 11 + (uint64_t)_i;
    const size_t d = _i == 1 ? 2 : 3;

    for (int trial = 0; trial < TRIALS; trial++) {
        const struct ssldyn_parameters q = draw_parameters(&seed, _i == 1);
        struct ssldyn_certificate certificate;
        double z[3];
        ssldyn_certificate_init_lowdim(&certificate, &q);
        draw_matrix(&seed, 3, z);
        const double stretch =
            sqrt(1.001 * certificate.lyapunov_level / form(&certificate, d, z, z));
        const double y[3] = {certificate.p_plus + stretch * z[0],
                             certificate.x_plus + stretch * z[1],
                             certificate.x_plus + stretch * z[2]};
        ck_assert(!ssldyn_fate_attractor_holds(&certificate, y, exactly));
        /* a box that extends beyond the level is not inside */
        const double inner[3] = {certificate.p_plus + 0.9 * stretch * z[0],
                                 certificate.x_plus + 0.9 * stretch * z[1],
                                 certificate.x_plus + 0.9 * stretch * z[2]};
        const double radius[3] = {fabs(0.11 * stretch * z[0]), fabs(0.11 * stretch * z[1]),
                                  fabs(0.11 * stretch * z[2])};
        ck_assert(ssldyn_fate_attractor_holds(&certificate, inner, exactly));
        ck_assert(!ssldyn_fate_attractor_holds(&certificate, inner, radius));
    }
}
END_TEST

TEST_SUITE(fate_attractor)
{
    tcase_add_loop_test(tests, test_falls_below_its_level, 0, 2);
    tcase_add_loop_test(tests, test_stops_at_its_level, 0, 2);
}
