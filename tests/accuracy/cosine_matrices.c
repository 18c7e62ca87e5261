/* Flows of matrices under the cosine and IsoLoss: compared with SciPy for moments that do not
 * commute, with modes of the theory, and with closed forms of their ends; and laws that hold over
 * runs of any length. */
// SPDX-License-Identifier: MIT
#include "sim/linalg/linalg.h"
#include "tests/draw.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <string.h>

enum { MOST = 8, WORDS = 48 };

/* The relative error of a run is of the order of its --rtol, the default here. For a reference with
 * few digits half a unit of the last one is added. */
static const double rtol = 1e-9;

/* Options being assembled, and the files that they name. */
struct scene {
    const char *options[WORDS];
    size_t count;
    char paths[6][SCRATCH_PATH];
    size_t files;
};

static void add(struct scene *scene, const char *name, const char *value)
{
    ck_assert_uint_lt(scene->count + 2, WORDS);
    scene->options[scene->count++] = name;
    scene->options[scene->count++] = value;
    scene->options[scene->count] = NULL;
}

/* Pairs from a list that ends with NULL. */
static void add_all(struct scene *scene, const char *const options[])
{
    for (size_t i = 0; options[i]; i += 2)
        add(scene, options[i], options[i + 1]);
}

static void add_matrix(struct scene *scene, const char *option, size_t rows, size_t columns,
                       const double data[])
{
    char name[32];
    snprintf(name, sizeof name, "%s.npy", option);
    add(scene, option, flow_matrix(scene->paths[scene->files++], name, rows, columns, data));
}

/* ---------------------------------------------------------------- compared with SciPy */

/* Matrices of any size without symmetry, the same as those of the reference. */
static void formulas(struct scene *scene, size_t n2, size_t n1, bool symmetric, bool trained,
                     bool follows)
{
    double W[MOST * MOST], Wa[MOST * MOST], Wp[MOST * MOST], B[MOST * MOST], C[MOST * MOST];
    double X[MOST * MOST] = {0.0}, Xprime[MOST * MOST] = {0.0};
    for (size_t i = 0; i < n2; i++) {
        const double a = (double)i;
        for (size_t j = 0; j < n1; j++) {
            const double b = (double)j;
            W[i * n1 + j] = 0.6 * sin(1.0 + 3.0 * a + 7.0 * b * b + a * b);
            Wa[i * n1 + j] = 0.5 * cos(2.0 + a * a + 4.0 * b);
        }
        for (size_t j = 0; j < n2; j++) {
            const double b = (double)j;
            Wp[i * n2 + j] = (i == j ? 0.5 : 0.0) + 0.3 * sin(2.0 + 5.0 * a + 3.0 * b * b);
        }
    }
    for (size_t i = 0; symmetric && i < n2; i++) {
        for (size_t j = 0; j < i; j++)
            Wp[i * n2 + j] = Wp[j * n2 + i] = 0.5 * (Wp[i * n2 + j] + Wp[j * n2 + i]);
    }
    for (size_t i = 0; i < n1; i++) {
        const double a = (double)i;
        for (size_t j = 0; j < n1; j++) {
            const double b = (double)j;
            B[i * n1 + j] = cos(2.0 + 5.0 * a + 3.0 * b + a * b);
            C[i * n1 + j] = sin(1.0 + 2.0 * a + a * b * b);
        }
        X[i * n1 + i] = 0.2;
        Xprime[i * n1 + i] = 0.1;
    }
    naive_add(n1, n1, n1, 1.0 / (double)n1, B, false, B, true, X);
    naive_add(n1, n1, n1, 0.4 / (double)n1, C, false, C, true, Xprime);
    add_matrix(scene, "x", n1, n1, X);
    add_matrix(scene, "xprime", n1, n1, Xprime);
    add_matrix(scene, "init-w", n2, n1, W);
    if (trained)
        add_matrix(scene, "init-wp", n2, n2, Wp);
    if (follows)
        add_matrix(scene, "init-wa", n2, n1, Wa);
}

/* NumPy's eigenproblems and quadrature with spacing 0.27 for G, in scipy.integrate.solve_ivp,
 * DOP853 at rtol 1e-10: alpha_p = 1.3, beta = 0.6, eta_p = 0.08, eta_s = 0.05, t = 2.5. */
static const struct {
    size_t n2, n1;
    const char *options[9];
    double loss, norm_w, norm_wp, s_1, p_1, s_2, p_2;
} references[] = {
    {2,
     3,
     {"loss", "cosine", NULL},
     -0.4716831514,
     0.9571917755,
     0.7469042472,
     0.2408445052,
     0.5405492174,
     0.1335287124,
     0.4760620203},
    {5,
     7,
     {"loss", "cosine", NULL},
     -0.5948141805,
     2.1584947067,
     1.2817886671,
     1.0745284124,
     0.6302234033,
     0.6032252008,
     0.4798208669},
    {3,
     4,
     {"loss", "iso-cosine", NULL},
     -0.5936689150,
     1.5072014554,
     0.8344150915,
     0.7763769407,
     0.5275162768,
     0.3880984902,
     0.4434344696},
    {3,
     4,
     {"loss", "cosine", "no-ema", "true", "no-stop-grad", "true", NULL},
     -0.6919869107,
     1.3475863878,
     0.8344150915,
     0.9135518133,
     0.6010280659,
     0.2959316384,
     0.4979872711},
    {3,
     4,
     {"loss", "cosine", "no-predictor", "true", NULL},
     -0.5716099276,
     1.3475863878,
     1.7320508076,
     0.6139101302,
     1.0000000000,
     0.2489235080,
     1.0000000000},
    {3,
     4,
     {"loss", "cosine", "predictor", "directset", "set-power", "1", NULL},
     -0.5309151449,
     1.3475863878,
     0.5853462247,
     0.5109658441,
     0.5109658441,
     0.2766328383,
     0.2766328383},
    {3,
     4,
     {"loss", "iso-cosine", "predictor", "directset", "set-power", "1", NULL},
     -0.5969082657,
     1.4097626120,
     0.6838868026,
     0.5113872399,
     0.5113872399,
     0.3951288751,
     0.3951288751},
    {3,
     4,
     {"loss", "cosine", "symmetric", "true", NULL},
     -0.5742421311,
     1.3475863878,
     0.7345603540,
     0.6443468034,
     0.4967182124,
     0.2350612570,
     0.4300236292},
};
enum { REFERENCES = sizeof references / sizeof references[0] };

START_TEST(scipy_agrees)
{
    static const char *const common[] = {"model", "population", "eta-s", "0.05", "t-end",
                                         "2.5",   "samples",    "1",     NULL};
    struct scene scene = {.count = 0};
    bool symmetric = false;
    bool held = false;
    bool trained = true;
    add_all(&scene, common);
    add_all(&scene, references[_i].options);
    for (size_t k = 0; references[_i].options[k]; k += 2) {
        symmetric = symmetric || strcmp(references[_i].options[k], "symmetric") == 0;
        held = held || strcmp(references[_i].options[k], "no-ema") == 0;
        trained = trained && strstr(references[_i].options[k], "predictor") == NULL;
    }
    if (!held)
        add(&scene, "beta", "0.6");
    if (trained) {
        add(&scene, "alpha-p", "1.3");
        add(&scene, "eta-p", "0.08");
    }
    formulas(&scene, references[_i].n2, references[_i].n1, symmetric, trained, !held);
    struct ssldyn_table trace = flow_run("scipy", scene.options);
    CHECK_CLOSE(flow_value(&trace, 1, "loss"), references[_i].loss, rtol, 5.1e-11);
    CHECK_CLOSE(flow_value(&trace, 1, "norm_w"), references[_i].norm_w, rtol, 5.1e-11);
    CHECK_CLOSE(flow_value(&trace, 1, "norm_wp"), references[_i].norm_wp, rtol, 5.1e-11);
    CHECK_CLOSE(flow_value(&trace, 1, "s_1"), references[_i].s_1, rtol, 5.1e-11);
    CHECK_CLOSE(flow_value(&trace, 1, "p_1"), references[_i].p_1, rtol, 5.1e-11);
    CHECK_CLOSE(flow_value(&trace, 1, "s_2"), references[_i].s_2, rtol, 5.1e-11);
    CHECK_CLOSE(flow_value(&trace, 1, "p_2"), references[_i].p_2, rtol, 5.1e-11);
    ssldyn_table_clear(&trace);
}
END_TEST

/* ---------------------------------------------------------------- modes of the theory */

/* Modes (p, w, wa) with lambda_d and lambda_s in a rotated frame; the data have n1 directions. */
static void rotated(struct scene *scene, size_t n, size_t n1, const double p[], const double w[],
                    const double wa[], const double d[], const double noise[])
{
    uint64_t state = 17;
    double U[MOST * MOST], V[MOST * MOST], A[MOST * MOST];
    draw_orthogonal(&state, n, U);
    draw_orthogonal(&state, n1, V);
    naive_compose(n1, n1, V, d, V, A);
    add_matrix(scene, "x", n1, n1, A);
    naive_compose(n1, n1, V, noise, V, A);
    add_matrix(scene, "xprime", n1, n1, A);
    naive_compose(n, n1, U, w, V, A);
    add_matrix(scene, "init-w", n, n1, A);
    if (p) {
        naive_compose(n, n, U, p, U, A);
        add_matrix(scene, "init-wp", n, n, A);
    }
    if (wa) {
        naive_compose(n, n1, U, wa, V, A);
        add_matrix(scene, "init-wa", n, n1, A);
    }
}

/* The flow of the aligned modes, by two integrators and two quadrature rules to 2e-12. */
START_TEST(aligned_flow)
{
    static const double p[] = {.9, .5, .3}, w[] = {1, .7, .4}, wa[] = {.8, .7, .5};
    static const double d[] = {1, .8, .6, .3, .2}, noise[] = {.5, .5, .5, .1, .7};
    static const double p_end[] = {.49610128620861, .46449927831121, .41140893983832};
    static const double w_end[] = {.67052305446186, .55515406595839, .38437221028614};
    static const char *const options[] = {"model", "population", "loss",    "cosine", "alpha-p",
                                          "2",     "eta",        "0.1",     "beta",   "0.7",
                                          "t-end", "3",          "samples", "1",      NULL};
    struct scene scene = {.count = 0};
    add_all(&scene, options);
    rotated(&scene, 3, 5, p, w, wa, d, noise);
    struct ssldyn_table trace = flow_run("aligned", scene.options);
    for (size_t j = 0; j < 3; j++) {
        CHECK_CLOSE(flow_mode(&trace, 1, "p", j), p_end[j], rtol, 2e-12);
        CHECK_CLOSE(flow_mode(&trace, 1, "s", j), d[j] * w_end[j] * w_end[j], rtol, 2e-12);
    }
    ssldyn_table_clear(&trace);
}
END_TEST

/* All eigenvalues of F become equal on data without noise, at tr F/n under DirectSet, and at ((tr
 * F^(a+1))/n)^(1/(a+1)) under its IsoLoss: by t = 60 to 3e-9, by 120 to the square of that. */
START_TEST(ends_of_directset)
{
    static const char *const losses[] = {"cosine", "iso-cosine", "iso-cosine"};
    static const char *const powers[] = {"1", "0.5", "1"};
    static const double ends[] = {.60666666667, .72151531680, .80423877051};
    static const double one[] = {1, 1, 1}, none[] = {0, 0, 0};
    const double w[] = {sqrt(.02), sqrt(.5), sqrt(1.3)};
    static const char *const options[] = {
        "model", "population", "predictor", "directset", "no-ema", "true", "eta",
        "0",     "t-end",      "120",       "samples",   "4",      NULL};
    struct scene scene = {.count = 0};
    add_all(&scene, options);
    add(&scene, "loss", losses[_i]);
    add(&scene, "set-power", powers[_i]);
    rotated(&scene, 3, 3, NULL, w, NULL, one, none);
    struct ssldyn_table trace = flow_run("directset", scene.options);
    for (size_t j = 0; j < 3; j++)
        CHECK_CLOSE(flow_mode(&trace, 4, "s", j), ends[_i], rtol, 5e-12);
    ssldyn_table_clear(&trace);
}
END_TEST

/* Without stop-gradient and predictor the cosine selects modes by lambda_d/lambda_s and conserves
 * |W|; with the stop-gradient the curve is the same at half the speed. The end is from SciPy's
 * DOP853 at rtol 3e-13 on the double integral for E cos, with spacings .25 and .17 of log u and log
 * v. */
START_TEST(selection_without_predictor)
{
    static const double ends[] = {1.13331551273, .69095710502, .07572738225, 0, 0};
    static const double size = 1.9; /* |W|^2, in which both flows have an error of rtol */
    static const double one[] = {1, 1, 1, 1, 1}, noise[] = {.2, .25, .5, 1, 2};
    const double w[] = {sqrt(.3), sqrt(.3), sqrt(.4), sqrt(.4), sqrt(.5)};
    static const char *const options[] = {"model",   "population", "loss", "cosine", "no-predictor",
                                          "true",    "no-ema",     "true", "eta",    "0",
                                          "samples", "8",          NULL};
    struct ssldyn_table traces[2];
    for (int stop_grad = 0; stop_grad < 2; stop_grad++) {
        struct scene scene = {.count = 0};
        add_all(&scene, options);
        add(&scene, "t-end", stop_grad ? "800" : "400");
        if (!stop_grad)
            add(&scene, "no-stop-grad", "true");
        rotated(&scene, 5, 5, NULL, w, NULL, one, noise);
        traces[stop_grad] = flow_run(stop_grad ? "selection-1" : "selection-0", scene.options);
    }
    for (size_t j = 0; j < 5; j++) {
        CHECK_CLOSE(flow_mode(&traces[0], 8, "s", j), ends[j], 0.0, size * rtol + 5.1e-12);
        for (size_t row = 0; row <= 8; row++)
            CHECK_CLOSE(flow_mode(&traces[0], row, "s", j), flow_mode(&traces[1], row, "s", j), 0.0,
                        2.0 * size * rtol);
    }
    CHECK_CLOSE(flow_value(&traces[0], 8, "loss"), -.724096332967, rtol, 5.1e-13);
    ssldyn_table_clear(&traces[0]);
    ssldyn_table_clear(&traces[1]);
}
END_TEST

/* IsoLoss of the squared distance ends at p = (lambda_d - eta_s)/lambda_s, alpha_p s =
 * (eta_p/eta_s) p from any start, and at 0 if eta_s > lambda_d. */
START_TEST(ends_of_iso_l2)
{
    static const char *const decays[][3] = {
        {"0.3", "0.3", "1"}, {"0.3", "0.5", "2"}, {"1.1", "1.1", "1"}};
    static const double p_end[] = {.56, .56, 0.0};
    static const double s_end[] = {.56, .466666666667, 0.0};
    struct scene scene = {.count = 0};
    const char *const options[] = {
        "model",       "population", "loss",        "iso-l2", "eta-s", decays[_i][0], "eta-p",
        decays[_i][1], "alpha-p",    decays[_i][2], "t-end",  "400",   "samples",     "4",
        "n1",          "5",          "n2",          "3",      NULL};
    add_all(&scene, options);
    struct ssldyn_table trace = flow_run("iso", scene.options);
    CHECK_CLOSE(flow_value(&trace, 4, "p_1"), p_end[_i], 0.0, rtol);
    CHECK_CLOSE(flow_value(&trace, 4, "s_1"), s_end[_i], 0.0, rtol);
    CHECK_CLOSE(flow_value(&trace, 4, "p_3"), p_end[_i], 0.0, rtol);
    ssldyn_table_clear(&trace);
}
END_TEST

/* ---------------------------------------------------------------- laws */

/* Water-filling of matrices: a start without symmetry with positive C + |Wp|^2/(alpha_p n2) ends on
 * data without noise at W W^T = C + pb^2/alpha_p, in units that factor out the decay. */
START_TEST(water_filling)
{
    enum { N2 = 4, N1 = 6 };
    static const double alpha_p = 1.5;
    static const double eta = 0.02;
    uint64_t state = 12;
    double W[N2 * N1], Wp[N2 * N2], C[N2 * N2] = {0.0}, s[N2];
    double square = 0.0;
    struct ssldyn_eigen *eigen = NULL;
    draw_matrix(&state, N2 * N1, W);
    draw_matrix(&state, N2 * N2, Wp);
    for (size_t i = 0; i < N2 * N1; i++)
        W[i] *= 0.9;
    for (size_t i = 0; i < N2 * N2; i++) {
        Wp[i] = 0.25 * Wp[i] + (i % (N2 + 1) == 0 ? 0.6 : 0.0);
        square += Wp[i] * Wp[i];
    }
    naive_add(N2, N2, N1, 1.0, W, false, W, true, C);
    naive_add(N2, N2, N2, -1.0 / alpha_p, Wp, true, Wp, false, C);
    ck_assert(ssldyn_eigen_create(N2, &eigen, NULL) == SSLDYN_OK);
    ck_assert(ssldyn_eigen_symmetric(eigen, C, s, NULL, NULL) == SSLDYN_OK);
    ssldyn_eigen_free(eigen);
    const double level = square / N2; /* pb^2 */
    ck_assert(s[N2 - 1] + level / alpha_p > 0.05);
    static const char *const options[] = {"model", "population", "loss",    "cosine", "alpha-p",
                                          "1.5",   "sigma2",     "0",       "eta",    "0.02",
                                          "t-end", "300",        "samples", "3",      NULL};
    for (int ema = 0; ema < 2; ema++) {
        struct scene scene = {.count = 0};
        add_all(&scene, options);
        if (!ema)
            add(&scene, "no-ema", "true");
        add_matrix(&scene, "init-w", N2, N1, W);
        add_matrix(&scene, "init-wp", N2, N2, Wp);
        struct ssldyn_table trace = flow_run(ema ? "water-1" : "water-0", scene.options);
        const double growth = exp(2.0 * eta * 300.0);
        for (size_t j = 0; j < N2; j++) {
            CHECK_CLOSE(growth * flow_mode(&trace, 3, "s", j), s[j] + level / alpha_p, rtol, 0.0);
            CHECK_CLOSE(growth * pow(flow_mode(&trace, 3, "p", j), 2), level, rtol, 0.0);
        }
        ssldyn_table_clear(&trace);
    }
}
END_TEST

/* The report of a run to t = 100 keeps every law of its settings, which flow_run checks. */
START_TEST(laws_for_a_hundred)
{
    static const char *const settings[][11] = {
        {"loss", "cosine", "eta", "0.01", NULL},
        {"loss", "cosine", "eta", "0", "init-wa", "copy", NULL},
        {"loss", "cosine", "eta-p", "0.01", "eta-s", "0.02", "init-wa", "random", NULL},
        {"loss", "cosine", "symmetric", "true", "no-ema", "true", "eta", "0.01", NULL},
        {"loss", "cosine", "no-stop-grad", "true", "no-ema", "true", "eta", "0.01", NULL},
        {"loss", "cosine", "no-predictor", "true", "eta", "0.01", NULL},
        {"loss", "cosine", "predictor", "directpred", "eta", "0.01", NULL},
        {"loss", "iso-cosine", "eta-p", "0.02", "eta-s", "0.01", NULL},
        {"loss", "iso-cosine", "predictor", "directset", "set-power", "0.7", "eta", "0.01", NULL},
        {"loss", "iso-l2", "eta-p", "0.04", "eta-s", "0.02", NULL}};
    static const char *const common[] = {"model", "population", "n1",      "5",  "n2", "3",
                                         "t-end", "100",        "samples", "20", NULL};
    struct scene scene = {.count = 0};
    add_all(&scene, common);
    add_all(&scene, settings[_i]);
    struct ssldyn_table trace = flow_run("laws", scene.options);
    ck_assert_uint_eq(trace.rows, 21);
    ssldyn_table_clear(&trace);
}
END_TEST

/* eta t = 100: norms of 1e-44, where each factor of e adds an error of rtol; the shape of the
 * spectrum is that at eta t = 20. */
START_TEST(shape_at_any_size)
{
    static const char *const options[] = {
        "model", "population", "loss", "cosine",  "n1", "6",      "n2",   "4", "eta",
        "0.25",  "t-end",      "400",  "samples", "5",  "no-ema", "true", NULL};
    struct scene scene = {.count = 0};
    add_all(&scene, options);
    struct ssldyn_table trace = flow_run("shape", scene.options);
    const double norm_w = flow_value(&trace, 0, "norm_w");
    for (size_t row = 1; row < 6; row++) {
        CHECK_CLOSE(flow_value(&trace, row, "norm_w"),
                    norm_w * exp(-0.25 * flow_value(&trace, row, "t")), 100.0 * rtol, 0.0);
        for (size_t j = 0; j < 4; j++) {
            CHECK_CLOSE(flow_mode(&trace, row, "s", j) / pow(flow_value(&trace, row, "norm_w"), 2),
                        flow_mode(&trace, 1, "s", j) / pow(flow_value(&trace, 1, "norm_w"), 2), 0.0,
                        rtol);
            CHECK_CLOSE(flow_mode(&trace, row, "p", j) / flow_value(&trace, row, "norm_wp"),
                        flow_mode(&trace, 1, "p", j) / flow_value(&trace, 1, "norm_wp"), 0.0, rtol);
        }
    }
    ssldyn_table_clear(&trace);
}
END_TEST

/* alpha_p is a scale of the start: (k alpha_p, sqrt(k) Wp) moves W in the same way. */
START_TEST(alpha_is_a_scale)
{
    static const char *const options[] = {"model", "population", "loss", "cosine", "t-end",
                                          "20",    "samples",    "5",    NULL};
    struct ssldyn_table traces[2];
    for (int k = 0; k < 2; k++) {
        struct scene scene = {.count = 0};
        uint64_t state = 23;
        double W[12];
        double Wp[9];
        draw_matrix(&state, 12, W);
        draw_matrix(&state, 9, Wp);
        for (int i = 0; i < 9; i++)
            Wp[i] = (k ? 2.0 : 1.0) * (0.3 * Wp[i] + (i % 4 == 0 ? 0.5 : 0.0));
        add_all(&scene, options);
        add(&scene, "alpha-p", k ? "2.8" : "0.7");
        add_matrix(&scene, "init-w", 3, 4, W);
        add_matrix(&scene, "init-wp", 3, 3, Wp);
        traces[k] = flow_run(k ? "scale-1" : "scale-0", scene.options);
    }
    flow_agree(&traces[0], "s_1", &traces[1], "s_1", rtol);
    flow_agree(&traces[0], "s_3", &traces[1], "s_3", rtol);
    flow_agree(&traces[0], "loss", &traces[1], "loss", rtol);
    for (size_t row = 0; row < 6; row++)
        CHECK_CLOSE(2.0 * flow_value(&traces[0], row, "p_1"), flow_value(&traces[1], row, "p_1"),
                    rtol, 0.0);
    ssldyn_table_clear(&traces[0]);
    ssldyn_table_clear(&traces[1]);
}
END_TEST

/* M2 equals M1 on isotropic data with the target parallel to the network, under every loss. The two
 * integrate different variables at rtol 1e-12, and agree within the 100 rtol that --strict allows a
 * law. */
START_TEST(reduced_is_population)
{
    static const char *const settings[][7] = {
        {"loss", "cosine", "no-ema", "true", NULL},
        {"loss", "iso-cosine", "no-ema", "true", NULL},
        {"loss", "cosine", "no-ema", "true", "symmetric", "true", NULL},
        {"loss", "iso-l2", "tau", "0.8", NULL}};
    static const char *const common[] = {"n1",      "7", "n2",   "4",     "t-end", "15",
                                         "samples", "5", "rtol", "1e-12", NULL};
    struct ssldyn_table traces[2];
    for (int k = 0; k < 2; k++) {
        struct scene scene = {.count = 0};
        add(&scene, "model", k ? "reduced" : "population");
        add_all(&scene, common);
        add_all(&scene, settings[_i]);
        traces[k] = flow_run(k ? "reduced" : "population", scene.options);
    }
    const double w = flow_value(&traces[0], 0, "norm_w");
    const double wp = flow_value(&traces[0], 0, "norm_wp");
    const struct {
        const char *name;
        double size; /* error of the matrices that it is computed from, at the start */
    } columns[] = {{"norm_w", w},  {"norm_wp", wp}, {"s_1", w * w},     {"p_1", wp},
                   {"s_4", w * w}, {"p_4", wp},     {"asymmetry", 1.0}, {"commutator", w * w * wp},
                   {"loss", 1.0}};
    for (size_t c = 0; c < sizeof columns / sizeof columns[0]; c++)
        for (size_t row = 0; row < 6; row++)
            CHECK_CLOSE(flow_value(&traces[0], row, columns[c].name),
                        flow_value(&traces[1], row, columns[c].name), 0.0,
                        100.0 * 1e-12 * columns[c].size);
    ssldyn_table_clear(&traces[0]);
    ssldyn_table_clear(&traces[1]);
}
END_TEST

TEST_SUITE(cosine_matrices)
{
    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, scipy_agrees, 0, REFERENCES);
    tcase_add_test(tests, aligned_flow);
    tcase_add_loop_test(tests, ends_of_directset, 0, 3);
    tcase_add_test(tests, selection_without_predictor);
    tcase_add_loop_test(tests, ends_of_iso_l2, 0, 3);
    tcase_add_test(tests, water_filling);
    tcase_add_loop_test(tests, laws_for_a_hundred, 0, 10);
    tcase_add_test(tests, shape_at_any_size);
    tcase_add_test(tests, alpha_is_a_scale);
    tcase_add_loop_test(tests, reduced_is_population, 0, 4);
}
