/* Thresholds and the separatrix compared with closed forms, and with each other. */
// SPDX-License-Identifier: MIT
#include "sim/flow/basin.h"
#include "sim/ode/ode.h"
#include "tests/close.h"
#include "tests/draw.h"
#include "tests/suite.h"
#include "theory/fate.h"
#include "theory/lowdim.h"

#include <check.h>
#include <stdlib.h>

static struct ssldyn_mode_point mode_at(double eta)
{
    return (struct ssldyn_mode_point){.model = SSLDYN_MODEL_MODES,
                                      .training = ssldyn_training_none(),
                                      .rates.alpha_p = 1.0,
                                      .rates.beta = 0.4,
                                      .rates.eta_p = eta,
                                      .rates.eta_s = eta,
                                      .sigma2 = 0.31,
                                      .tau = 1.0,
                                      .p0 = 0.2,
                                      .s0 = 0.04,
                                      .predictor = true};
}

static struct ssldyn_thresholds search(const struct ssldyn_mode_point *mode, const char *name,
                                       double lo, double hi, size_t scan)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_thresholds found;
    ck_assert_msg(ssldyn_basin_thresholds(mode, ssldyn_mode_point_slot(name), lo, hi, scan, &found,
                                          &err) == SSLDYN_OK,
                  "%s", err.message);
    return found;
}

/* A strong start on the parabola at tau = 1 survives up to the fold 1/(4c), exactly. */
START_TEST(fold_is_found)
{
    struct ssldyn_mode_point mode = mode_at(0.1);
    mode.model = SSLDYN_MODEL_PARABOLA;
    mode.p0 = 0.6;
    struct ssldyn_thresholds found = search(&mode, "eta", 0.001, 0.3, 400);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.list[0].below, SSLDYN_FATE_SURVIVES);
    ck_assert_int_eq(found.list[0].mechanism, SSLDYN_BASIN_FOLD);
    CHECK_CLOSE(found.list[0].value, 1.0 / (4.0 * 1.31), 1e-15, 0.0);
    ssldyn_basin_thresholds_clear(&found);
}
END_TEST

/* The fold has its closed-form value, to rounding, whichever parameter crosses it and however the
 * decays differ; the start is so strong that only the fold decides. */
START_TEST(fold_is_exact)
{
    static const struct {
        const char *name;
        double eta_p, eta_s, lo, hi, fold;
    } cases[] = {
        {"eta-s", 0.15, 0.1, 0.05, 0.3, 1.0 / (4.0 * 1.31)},
        {"eta-s", 0.4, 0.1, 0.05, 0.3, 1.0 / (4.0 * 1.31)},
        {"sigma2", 0.3, 0.137, 0.01, 2.0, 1.0 / (4.0 * 0.137) - 1.0},
        {"sigma2", 0.05, 0.137, 0.01, 2.0, 1.0 / (4.0 * 0.137) - 1.0},
        {"tau", 0.3, 0.15, 0.5, 1.5, 0.8865664103720601}, /* 2 sqrt(.15 * 1.31) */
        {"eta", 0.1, 0.1, 0.001, 0.3, 1.0 / (4.0 * 1.31)},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ssldyn_mode_point mode = mode_at(cases[i].eta_s);
        mode.rates.eta_p = cases[i].eta_p;
        mode.p0 = 0.7;
        mode.s0 = 2.0;
        struct ssldyn_thresholds found =
            search(&mode, cases[i].name, cases[i].lo, cases[i].hi, 100);
        ck_assert_uint_eq(found.count, 1);
        ck_assert_int_eq(found.list[0].mechanism, SSLDYN_BASIN_FOLD);
        CHECK_CLOSE(found.list[0].value, cases[i].fold, 1e-15, 0.0);
        ck_assert(found.list[0].width <= 1e-15);
        ssldyn_basin_thresholds_clear(&found);
    }
    /* data modes */
    struct ssldyn_mode_point mode = mode_at(0.1);
    mode.model = SSLDYN_MODEL_LOWDIM;
    mode.tau = (double)NAN;
    mode.rates.eta_p = 0.2;
    mode.lambda_s = 1.7;
    mode.lambda_d = 1.1;
    mode.wp0 = 0.7;
    mode.w0 = 1.0;
    mode.wa0 = 1.5;
    struct ssldyn_thresholds found = search(&mode, "lambda-d", 0.5, 2.0, 100);
    ck_assert_uint_eq(found.count, 1);
    CHECK_CLOSE(found.list[0].value, sqrt(4.0 * 0.1 * 1.7), 1e-15, 0.0);
    ssldyn_basin_thresholds_clear(&found);
    found = search(&mode, "lambda-s", 1.2, 9.0, 100);
    ck_assert_uint_eq(found.count, 1);
    CHECK_CLOSE(found.list[0].value, 1.21 / (4.0 * 0.1), 1e-15, 0.0);
    ssldyn_basin_thresholds_clear(&found);
}
END_TEST

/* An edge just below the fold is not the fold: on the parabola the edge is p*-(eta) = p0, and 1 - c
 * p0 - eta/p0 vanishes to second order at p0 = p_c. */
START_TEST(edge_near_the_fold)
{
    struct ssldyn_mode_point mode = mode_at(0.1);
    mode.model = SSLDYN_MODEL_PARABOLA;
    mode.p0 = 0.5 / 1.31 * (1.0 - 3e-3);
    struct ssldyn_thresholds found = search(&mode, "eta", 0.1, 0.25, 100);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.list[0].mechanism, SSLDYN_BASIN_EDGE);
    CHECK_CLOSE(found.list[0].value, mode.p0 * (1.0 - 1.31 * mode.p0), 1e-11, 0.0);
    ssldyn_basin_thresholds_clear(&found);
}
END_TEST

/* No value without a narrow bracket: an undecided range gives NaN and the range itself. From such a
 * start w underflows before p has decreased, and no certificate applies. */
START_TEST(no_value_in_an_undecided_range)
{
    struct ssldyn_mode_point mode = mode_at(0.1);
    mode.tau = (double)NAN;
    mode.sigma2 = 0.25;
    for (int i = 0; i < 6; i++) {
        mode.p0 = pow(10.0, (double)i);
        mode.s0 = mode.p0 * mode.p0;
        mode.tau0 = 1.0;
        struct ssldyn_thresholds found = search(&mode, "eta-s", 0.01, 0.3, 65);
        for (size_t k = 0; k < found.count; k++) {
            const struct ssldyn_threshold *threshold = &found.list[k];
            const bool gap = threshold->mechanism == SSLDYN_BASIN_UNDECIDED;
            ck_assert(isnan(threshold->value) == gap);
            ck_assert(gap == (threshold->width > 1e-6 * threshold->high));
            ck_assert(gap || (threshold->value >= threshold->low * (1.0 - 1e-15) &&
                              threshold->value <= threshold->high * (1.0 + 1e-15)));
        }
        ck_assert(found.undecided == 0 || found.undecided_low <= found.undecided_high);
        ssldyn_basin_thresholds_clear(&found);
    }
}
END_TEST

/* On the parabola the edge in p0 is p*-. */
START_TEST(edge_on_the_parabola)
{
    struct ssldyn_mode_point mode = mode_at(0.0837);
    mode.model = SSLDYN_MODEL_PARABOLA;
    struct ssldyn_thresholds found = search(&mode, "p0", 0.001, 0.5, 100);
    const double p_minus = (1.0 - sqrt(1.0 - 4.0 * 0.0837 * 1.31)) / (2.0 * 1.31);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.list[0].mechanism, SSLDYN_BASIN_EDGE);
    CHECK_CLOSE(found.list[0].value, p_minus, 1e-11, 0.0);
    ck_assert(found.list[0].width <= 1.1e-12 * p_minus);
    ssldyn_basin_thresholds_clear(&found);
}
END_TEST

/* In weight decay the edge on the parabola is where p*-(eta) = p0: eta = p0 (1 - c p0). */
START_TEST(edge_in_weight_decay)
{
    struct ssldyn_mode_point mode = mode_at(0.1);
    mode.model = SSLDYN_MODEL_PARABOLA;
    mode.p0 = 0.1234;
    struct ssldyn_thresholds found = search(&mode, "eta", 0.01, 0.18, 333);
    ck_assert_uint_eq(found.count, 1);
    CHECK_CLOSE(found.list[0].value, 0.1234 * (1.0 - 1.31 * 0.1234), 1e-11, 0.0);
    ssldyn_basin_thresholds_clear(&found);
}
END_TEST

/* Off the parabola the fate is not monotone in p0: from below zero through the basin of survival
 * and out again. Every flip lies on the separatrix, which is computed by a different method, on
 * both of its branches, also where s on the right one falls below 1e-12 before it rises to the
 * box. */
START_TEST(thresholds_lie_on_the_separatrix)
{
    static const struct {
        double alpha_p, tau, eta_p, eta_s, sigma2;
    } settings[] = {{1.0, 1.0, 0.1, 0.1, 0.31},
                    {1.0, 1.0, 0.02, 0.02, 0.25},
                    {7.0, 0.7, 0.05, 0.05, 0.01},
                    {0.2, 1.3, 0.3, 0.01, 0.25},
                    {0.2, 1.3, 0.01, 0.2, 0.25}};
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_mode_point mode = mode_at(0.1);
    struct ssldyn_separatrix curve;
    mode.rates.alpha_p = settings[_i].alpha_p;
    mode.tau = settings[_i].tau;
    mode.rates.eta_p = settings[_i].eta_p;
    mode.rates.eta_s = settings[_i].eta_s;
    mode.sigma2 = settings[_i].sigma2;
    ck_assert_msg(ssldyn_basin_separatrix(&mode, 1e-12, &curve, &err) == SSLDYN_OK, "%s",
                  err.message);
    if (mode.rates.eta_p == mode.rates.eta_s)
        CHECK_CLOSE(curve.stable, -2.0 * mode.rates.eta_s, 1e-12, 0.0); /* across the parabola */
    ck_assert_uint_gt(curve.count, 100);
    /* both ends lie at the border of the box, within a step of .005 boxes */
    const double c = 1.0 + mode.sigma2;
    const double p_plus =
        (mode.tau + sqrt(mode.tau * mode.tau - 4.0 * mode.rates.eta_s * c)) / (2.0 * c);
    const double s_plus =
        mode.rates.eta_p / mode.rates.eta_s * p_plus * p_plus / mode.rates.alpha_p;
    for (int end = 0; end < 2; end++) {
        const size_t i = end == 0 ? 0 : curve.count - 1;
        ck_assert(fabs(curve.p[i]) > 3.97 * p_plus || curve.s[i] > 3.97 * s_plus);
        ck_assert(end == 0 ? curve.p[i] < curve.p_saddle : curve.p[i] > curve.p_saddle);
    }
    int checked = 0;
    for (size_t i = 5; i + 5 < curve.count; i += curve.count / 24) {
        const double reach = 1e-6 * (p_plus + fabs(curve.p[i]));
        mode.s0 = curve.s[i];
        struct ssldyn_thresholds found =
            search(&mode, "p0", curve.p[i] - reach, curve.p[i] + reach, 9);
        double nearest = 1.0;
        for (size_t k = 0; k < found.count; k++)
            nearest = fmin(nearest, fabs(found.list[k].value - curve.p[i]));
        /* the curve starts on the tangent, 1e-7 off the saddle: 1e-14 off the manifold, and errors
         * shrink backwards in time; rtol 1e-12 times a few hundred steps */
        ck_assert_msg(nearest < 1e-9 * (1.0 + fabs(curve.p[i])), "s = %g: p = %.12g is %g off",
                      curve.s[i], curve.p[i], nearest);
        CHECK_CLOSE(exp(curve.ln_s[i]), curve.s[i], 1e-15, 0.0);
        ssldyn_basin_thresholds_clear(&found);
        checked++;
    }
    ck_assert_int_gt(checked, 15);
    ssldyn_basin_separatrix_clear(&curve);
}
END_TEST

/* The right branch at s = .5, by bisection of fates in another program; and a value of s that
 * underflows. */
START_TEST(right_branch)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_mode_point mode = mode_at(0.02);
    struct ssldyn_separatrix curve;
    mode.sigma2 = 0.25;
    ck_assert_int_eq(ssldyn_basin_separatrix(&mode, 1e-12, &curve, &err), SSLDYN_OK);
    size_t i = curve.count - 1;
    while (i > 0 && curve.s[i] > 0.5)
        i--;
    const double share = (0.5 - curve.s[i]) / (curve.s[i + 1] - curve.s[i]);
    /* linear between points .005 boxes of 3.1 apart: .015^2/8 of curvature */
    CHECK_CLOSE(curve.p[i] + share * (curve.p[i + 1] - curve.p[i]), 1.71856537903, 0.0, 5e-5);
    ssldyn_basin_separatrix_clear(&curve);
    mode.s0 = 0.5;
    struct ssldyn_thresholds found = search(&mode, "p0", 1.5, 2.0, 20);
    ck_assert_uint_eq(found.count, 1);
    CHECK_CLOSE(found.list[0].value, 1.71856537903, 1e-11, 0.0);
    ssldyn_basin_thresholds_clear(&found);
    mode = mode_at(0.0005);
    ck_assert_int_eq(ssldyn_basin_separatrix(&mode, 1e-9, &curve, &err), SSLDYN_OK);
    double lowest = 0.0;
    for (i = 0; i < curve.count; i++)
        lowest = fmin(lowest, curve.ln_s[i]);
    ck_assert(lowest < -1000.0);
    ck_assert(curve.s[curve.count - 1] > 1.0);
    ssldyn_basin_separatrix_clear(&curve);
}
END_TEST

/* Wa(0) = 0 and a slow EMA make a start collapse that survives with an instant target. */
START_TEST(slow_target_is_named)
{
    struct ssldyn_mode_point mode = mode_at(0.04);
    mode.model = SSLDYN_MODEL_PARABOLA;
    mode.sigma2 = 0.0009;
    mode.tau = (double)NAN;
    mode.tau0 = 0.0;
    struct ssldyn_thresholds found = search(&mode, "p0", 0.005, 0.5, 200);
    ck_assert_uint_eq(found.count, 1);
    ck_assert_int_eq(found.list[0].mechanism, SSLDYN_BASIN_LAG);
    CHECK_CLOSE(found.list[0].value, 0.0459, 0.0, 5e-5); /* known to three digits at beta = .4 */
    ssldyn_basin_thresholds_clear(&found);
}
END_TEST

/* The largest weight decay that random starts survive, computed by another program: SciPy's DOP853
 * at 1e-12 and bisection to 1e-10, with its own equations of M5 and its own verdicts. */
START_TEST(thresholds_of_another_program)
{
    static const struct {
        double alpha_p, beta, sigma2, p0, s0, tau0, eta;
    } known[] = {
        {3.6098710926784729, 0.51591517555854205, 0.24388819695343811, 0.28087350105278391,
         0.011263611242968199, 0, 0.1293144297},
        {0.75119293209613125, 2.6047777620609196, 0.97813311695404104, 0.57160129365966184,
         0.0033953209818728476, 0, 0.0704068999},
        {0.69665734691723125, 0.18927342730394034, 0.38815247973707923, 0.11045996888481591,
         0.004094271096317945, 0, 0.0491401844},
        {0.26385212804441605, 0.23121393419285166, 0.0028406932154316777, 0.38006459590464775,
         0.0019346548601828785, -0.89733318655854222, 0.0247952235},
        {0.42663306652324734, 1.9259036298939014, 0.26836375541469892, 0.6444030073003475,
         0.028736550922821246, 1.0123800564301471, 0.1363204952},
        {7.224926715027725, 0.090455476794095407, 0.63111511562977118, 0.084822467338156612,
         0.03425310139618374, 1, 0.1532693785},
        {0.29602329227142621, 0.30051196620674536, 0.071033516728613577, 0.3880796438889012,
         0.84360459459163173, 1.3088131274486479, 0.2334193992},
        {1.1444110334525905, 3.3609105689641217, 0.48997974540830547, 0.22157092440039761,
         0.0029410326150434325, 1, 0.0826967057},
        {2.175568919222798, 2.4969966821494469, 0.25929187912775431, 0.60650603210992149,
         0.0024360589052282362, 0, 0.1131865897},
        {2.4081376997328223, 0.2816595342546595, 0.95118017913704267, 0.75000107583503173,
         0.31499076035072943, 0, 0.1281275828},
        {3.2545109970627846, 0.14822694942841633, 0.95750067660430505, 0.63262144996683467,
         0.57130142600993927, -0.90923146678934785, 0.1275202869},
        {0.48717954589162349, 0.15721601790880341, 0.88078801982635335, 0.45230370231923595,
         0.1719768073983701, 1, 0.1329230075},
        {1.0515701696288486, 0.48289655293762074, 0.86490693158374365, 0.67667738184545723,
         1.2458627775590623, 1, 0.1340549471},
        {0.23987999527599638, 0.13273572656512639, 0.30214693971065865, 0.11438235744998708,
         1.5653640564688658, 0, 0.1614245071},
        {0.26532946703942906, 0.22827019444633428, 0.20408583175270323, 0.31759081861488353,
         0.03271633234406502, 1, 0.1099388362},
        {0.99204482563407903, 0.04410604712419354, 0.36229429516319245, 0.38523635066929934,
         0.010895839080346964, 1, 0.1040607490},
        {0.26571271582365652, 1.28013098894879, 0.5453476699600357, 0.66947974804199439,
         0.17409166208717736, -0.80586235898834147, 0.1065195397},
        {0.22099680234572647, 0.049067800325628852, 0.67656292012450869, 0.14056299004261552,
         0.0033383772436828872, 0, 0.0284924606},
        {6.9018440529692544, 1.1355274532836874, 0.63946805600254608, 0.63563378751763699,
         1.9895176821616694, 0, 0.1524884850},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct ssldyn_mode_point mode = {.model = SSLDYN_MODEL_MODES,
                                               .training = ssldyn_training_none(),
                                               .rates.alpha_p = known[i].alpha_p,
                                               .rates.beta = known[i].beta,
                                               .sigma2 = known[i].sigma2,
                                               .tau = (double)NAN,
                                               .p0 = known[i].p0,
                                               .s0 = known[i].s0,
                                               .tau0 = known[i].tau0,
                                               .predictor = true};
        const double fold = 1.0 / (4.0 * (1.0 + known[i].sigma2));
        struct ssldyn_thresholds found = search(&mode, "eta", 0.001, 1.2 * fold, 512);
        ck_assert_uint_eq(found.count, 1);
        CHECK_CLOSE(found.list[0].value, known[i].eta, 0.0, 2e-10);
        ck_assert(found.list[0].width <= 1e-12 * found.list[0].value);
        ck_assert_int_eq(found.list[0].mechanism == SSLDYN_BASIN_FOLD,
                         fabs(known[i].eta - fold) < 1e-9);
        ssldyn_basin_thresholds_clear(&found);
    }
}
END_TEST

static void surface_rhs(double t, const double y[], double dydt[], void *context)
{
    (void)t;
    ssldyn_lowdim_rhs(context, y, dydt);
}

/* With EMA the edge is a surface in (wp, w, wa), the stable manifold of the saddle: the solution
 * from a point of it approaches the saddle as closely as the last digits of that point allow. */
START_TEST(surface_leads_to_the_saddle)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_parameters parameters = {
        .rates = {.alpha_p = 1.3, .beta = 0.6, .eta_p = 0.05, .eta_s = 0.05, .c = (double)NAN},
        .lambda_s = 1.4,
        .lambda_d = 1.1,
        .stop_grad = true,
        .predictor = true};
    const double root = sqrt(1.1 * 1.1 - 4.0 * 0.05 * 1.4);
    const double saddle = (1.1 - root) / 2.8;
    const double w_saddle = saddle / sqrt(1.3);
    uint64_t seed = 1285;
    int points = 0;
    for (int trial = 0; trial < 40 && points < 12; trial++) {
        const struct ssldyn_mode_point mode = {.model = SSLDYN_MODEL_LOWDIM,
                                               .training = ssldyn_training_none(),
                                               .rates.alpha_p = 1.3,
                                               .rates.beta = 0.6,
                                               .rates.eta_p = 0.05,
                                               .rates.eta_s = 0.05,
                                               .lambda_s = 1.4,
                                               .lambda_d = 1.1,
                                               .tau = (double)NAN,
                                               .w0 = draw_between(&seed, 0.01, 0.15),
                                               .wa0 = draw_between(&seed, -0.05, 0.2),
                                               .predictor = true};
        struct ssldyn_thresholds found = search(&mode, "wp0", -0.5, 1.0, 128);
        for (size_t i = 0; i < found.count; i++, points++) {
            const struct ssldyn_ode_system system = {
                .n = 3, .rhs = surface_rhs, .context = &parameters};
            const struct ssldyn_ode_options options = {
                .rtol = 1e-13, .atol = 1e-16, .stepper = "dop853"};
            const double y[3] = {found.list[i].value, mode.w0, mode.wa0};
            struct ssldyn_ode *ode = NULL;
            double nearest = (double)INFINITY;
            ck_assert_int_eq(ssldyn_ode_create(&system, &options, &ode, &err), SSLDYN_OK);
            ck_assert_int_eq(ssldyn_ode_start(ode, 0.0, y, 2000.0, &err), SSLDYN_OK);
            while (!ssldyn_ode_done(ode)) {
                ck_assert_int_eq(ssldyn_ode_step(ode, &err), SSLDYN_OK);
                const double *now = ssldyn_ode_state(ode);
                const double sign = now[1] < 0.0 ? -1.0 : 1.0; /* the mirrored saddle as well */
                const double away = fabs(now[0] - saddle) + fabs(sign * now[1] - w_saddle) +
                                    fabs(sign * now[2] - w_saddle);
                nearest = fmin(nearest, away);
            }
            /* it approaches as exp(-2 eta t) and leaves as exp(.04 t) from 1e-12: the smallest
             * distance is about (1e-12)^(2 eta/(2 eta + .04)) = 3e-9, once more for the
             * constants */
            ck_assert_msg(nearest < 1e-6, "w0 = %g, wa0 = %g: %g from the saddle", mode.w0,
                          mode.wa0, nearest);
            ssldyn_ode_free(ode);
        }
        ssldyn_basin_thresholds_clear(&found);
    }
    ck_assert_int_ge(points, 12);
}
END_TEST

START_TEST(refusals)
{
    struct ssldyn_error err = {SSLDYN_OK, ""};
    struct ssldyn_thresholds found;
    struct ssldyn_separatrix curve;
    struct ssldyn_mode_point mode = mode_at(0.1);
    ck_assert_int_eq(
        ssldyn_basin_thresholds(&mode, ssldyn_mode_point_slot("p0"), 1.0, 0.5, 10, &found, &err),
        SSLDYN_EINPUT);
    ssldyn_basin_thresholds_clear(&found);
    ck_assert_int_eq(ssldyn_mode_point_slot("rtol"), -1);
    mode = mode_at(0.3); /* beyond the fold */
    ck_assert_int_eq(ssldyn_basin_separatrix(&mode, 1e-9, &curve, &err), SSLDYN_EINPUT);
    mode = mode_at(0.1);
    mode.tau = (double)NAN;
    ck_assert_int_eq(ssldyn_basin_separatrix(&mode, 1e-9, &curve, &err), SSLDYN_EINPUT);
}
END_TEST

TEST_SUITE(basin)
{
    tcase_add_test(tests, fold_is_found);
    tcase_add_test(tests, fold_is_exact);
    tcase_add_test(tests, edge_near_the_fold);
    tcase_add_test(tests, no_value_in_an_undecided_range);
    tcase_add_test(tests, edge_on_the_parabola);
    tcase_add_test(tests, edge_in_weight_decay);
    tcase_add_loop_test(tests, thresholds_lie_on_the_separatrix, 0, 5);
    tcase_add_test(tests, right_branch);
    tcase_add_test(tests, slow_target_is_named);
    tcase_add_test(tests, thresholds_of_another_program);
    tcase_add_test(tests, surface_leads_to_the_saddle);
    tcase_add_test(tests, refusals);
}
