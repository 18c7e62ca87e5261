/* Encoders of several layers under the cosine and its IsoLoss: flows of modes against a reference that
 * another program found, matrices against modes, and where noise-free starts end. */
// SPDX-License-Identifier: MIT
#include "tests/draw.h"
#include "tests/flow_run.h"
#include "tests/suite.h"

#include <math.h>

enum { N = 3 };

static double mode(const struct ssldyn_table *table, const char *stem, size_t j)
{
    return flow_mode(table, table->rows - 1, stem, j);
}

#define MODES                                                                                      \
    "model", "lowdim", "wp0", "0.9,0.5,0.3", "w0", "1,0.7,0.4", "lambda-d", "1,0.8,0.6",           \
        "lambda-s", "1.5,1.3,1.1"

/* At t = 3, with the gradient by a separate quadrature and DOP853 at rtol 1e-12. The flow has the same
 * rtol, and errors decay along it: one step's worth of each, of values up to 1, is allowed. */
static const struct {
    double p[N], w[N], wa[N], loss;
    const char *options[16];
} references[] = {
    {{.51754926068855, .44671145785857, .40462948197966},
     {.43335090321804, .42248933450481, .28780615290365},
     {.5922852079853, .53548367920128, .35075128206412},
     -.54820696260773,
     {"loss", "cosine", "depth", "2", "layers0", "1,2", "beta", "0.7", "wa0", "0.8,0.7,0.5",
      "eta-p", "0.1"}},
    {{.52761119415225, .43860975432382, .40047633229161},
     {.30463905806757, .31573442099641, .21565368167783},
     {.50117007468576, .46647966226819, .30502536781766},
     -.54811818886088,
     {"loss", "cosine", "depth", "3", "layers0", "1,1.5,0.8", "ema-of", "product", "wa0",
      "0.8,0.7,0.5", "beta", "0.7", "eta-p", "0.1"}},
    {{.3106570552603, .28611644012114, .27969494253614},
     {.31396673312791, .31505117179817, .20861646171727},
     {.31396673312791, .31505117179817, .20861646171727},
     -.54764923163209,
     {"loss", "cosine", "depth", "3", "layers0", "1,1.5,0.8", "no-ema", "true", "eta-p", "0.25"}},
    {{.54048806556794, .44017933457993, .38111440001113},
     {.41193485600892, .45150279398099, .36982846431952},
     {.57454832448713, .5632686604228, .42522353448158},
     -.54725475515929,
     {"loss", "iso-cosine", "depth", "2", "layers0", "1,2", "beta", "0.7", "wa0", "0.8,0.7,0.5",
      "eta-p", "0.1"}},
};
enum { REFERENCES = sizeof references / sizeof references[0] };

START_TEST(reference)
{
    static const char *const shared[] = {MODES, "alpha-p", "2",     "t-end", "3",   "samples",
                                         "1",   "rtol",    "1e-12", "eta-s", "0.1", NULL};
    const char *options[SPEC_WORDS];
    spec_join(options, shared, references[_i].options);
    struct ssldyn_table table = flow_run("reference", options);
    for (size_t j = 0; j < N; j++) {
        CHECK_CLOSE(mode(&table, "p", j), references[_i].p[j], 0.0, 2e-12);
        CHECK_CLOSE(mode(&table, "w", j), references[_i].w[j], 0.0, 2e-12);
        CHECK_CLOSE(mode(&table, "wa", j), references[_i].wa[j], 0.0, 2e-12);
    }
    CHECK_CLOSE(flow_value(&table, table.rows - 1, "loss"), references[_i].loss, 0.0, 2e-12);
    ssldyn_table_clear(&table);
}
END_TEST

/* ---- matrices with these modes in a rotated frame */

#define SHARED "t-end", "4", "samples", "1", "rtol", "1e-11", "eta", "0.1", "beta", "0.6"

static const char *const frames[][8] = {
    {"loss", "cosine", "depth", "2"},     {"loss", "cosine", "depth", "3", "ema-of", "product"},
    {"loss", "iso-cosine", "depth", "2"}, {"loss", "iso-l2", "depth", "3"},
    {"loss", "l2", "depth", "2"},
};
enum { FRAMES = sizeof frames / sizeof frames[0] };

START_TEST(matrices_are_modes)
{
    static const double p[N] = {.9, .5, .3};
    static const double w[N] = {1.0, .7, .4};
    static const double d[N] = {1.0, .8, .6};
    static const double noise[N] = {.5, .5, .5};
    uint64_t state = 5;
    double U[N * N], V[N * N], Wp[N * N], W[N * N], X[N * N], Xp[N * N];
    char at[4][SCRATCH_PATH];
    draw_orthogonal(&state, N, U);
    draw_orthogonal(&state, N, V);
    naive_compose(N, N, U, p, U, Wp);
    naive_compose(N, N, U, w, V, W);
    naive_compose(N, N, V, d, V, X);
    naive_compose(N, N, V, noise, V, Xp);
    /* the target starts as the network, of which each layer is a copy */
    const char *const of_matrices[] = {"model",   "population",
                                       "x",       flow_matrix(at[0], "x.npy", N, N, X),
                                       "xprime",  flow_matrix(at[1], "xprime.npy", N, N, Xp),
                                       "init-w",  flow_matrix(at[2], "w.npy", N, N, W),
                                       "init-wp", flow_matrix(at[3], "wp.npy", N, N, Wp),
                                       "init-wa", "copy",
                                       SHARED,    NULL};
    static const char *const of_modes[] = {MODES, "wa0", "1,0.7,0.4", SHARED, NULL};
    const char *matrices[SPEC_WORDS];
    const char *modes[SPEC_WORDS];
    spec_join(matrices, of_matrices, frames[_i]);
    spec_join(modes, of_modes, frames[_i]);
    struct ssldyn_table one = flow_run("matrices", matrices);
    struct ssldyn_table other = flow_run("modes", modes);
    double squares = 0.0;
    double of_p = 0.0;
    for (size_t j = 0; j < N; j++) {
        squares += mode(&other, "s", j);
        of_p += mode(&other, "p", j) * mode(&other, "p", j);
    }
    /* Norms; the rest of the state is seen by the loss. Errors decay along the flow: ten steps' worth
     * of rtol = 1e-11 for each of the two. */
    CHECK_CLOSE(flow_value(&one, 1, "norm_w"), sqrt(squares), 2e-10, 0.0);
    CHECK_CLOSE(flow_value(&one, 1, "norm_wp"), sqrt(of_p), 2e-10, 0.0);
    if (_i < 4) {
        CHECK_CLOSE(flow_value(&one, 1, "loss"), flow_value(&other, 1, "loss"), 2e-10, 0.0);
    }
    ssldyn_table_clear(&one);
    ssldyn_table_clear(&other);
}
END_TEST

/* ---- the end without noise */

/* Survivors have p at the level and layers v_l^2 = c_l + level^2/alpha_p: by the ratios r of the layers,
 * c_l = r_l^2 |w|^(2/L) - p^2/alpha_p. Of modes with every c_l > 0 none collapses, and level^2 is the
 * mean of p^2. */
START_TEST(end_of_a_start)
{
    static const char *const eta[] = {"0", "0.2"};
    static const double p[N] = {0.9, 0.5, 0.3};
    static const double w[N] = {1.2, 0.9, 0.8};
    const double mean = cbrt(1.0 * 1.5 * 0.8);
    const double r[3] = {1.0 / mean, 1.5 / mean, 0.8 / mean};
    const double alpha_p = 1.5;
    const char *const options[] = {
        "model",    "lowdim",    "loss",     "cosine",      "depth",   "3",
        "layers0",  "1,1.5,0.8", "wp0",      "0.9,0.5,0.3", "w0",      "1.2,0.9,0.8",
        "lambda-d", "1,0.7,0.5", "lambda-s", "1,0.7,0.5",   "alpha-p", "1.5",
        "tau",      "1",         "eta",      eta[_i],       "t-end",   _i == 0 ? "3000" : "20",
        "samples",  "1",         NULL};
    struct ssldyn_table table = flow_run("end", options);
    const double growth = _i == 0 ? 1.0 : exp(0.2 * 20.0);
    double level = 0.0;
    for (size_t j = 0; j < N; j++) {
        level += p[j] * p[j] / N;
    }
    for (size_t j = 0; j < N; j++) {
        double product = 1.0;
        for (size_t l = 0; l < 3; l++) {
            const double c = r[l] * r[l] * pow(w[j], 2.0 / 3.0) - p[j] * p[j] / alpha_p;
            ck_assert_double_gt(c, 0.0);
            product *= c + level / alpha_p;
        }
        /* some sixty steps at rtol = 1e-9, whose errors do not decay along the laws; s is a product
         * of six weights */
        CHECK_CLOSE(growth * mode(&table, "p", j), sqrt(level), 1e-7, 0.0);
        CHECK_CLOSE(pow(growth, 6.0) * mode(&table, "s", j), product, 6e-7, 0.0);
    }
    ssldyn_table_clear(&table);
}
END_TEST

TEST_SUITE(cosine_depth)
{
    tcase_add_loop_test(tests, reference, 0, REFERENCES);
    tcase_add_loop_test(tests, matrices_are_modes, 0, FRAMES);
    tcase_add_loop_test(tests, end_of_a_start, 0, 2);
}
