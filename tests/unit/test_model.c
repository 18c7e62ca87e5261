/* The list of models: every descriptor is complete, and agrees with its equations. */
// SPDX-License-Identifier: MIT
#include "sim/model/model.h"
#include "sim/options/option.h"
#include "tests/close.h"
#include "tests/spec_make.h"
#include "tests/suite.h"

#include <string.h>

static void expect_columns(const struct ssldyn_column columns[], size_t count)
{
    ck_assert(columns || count == 0);
    for (size_t i = 0; i < count; i++) {
        ck_assert(columns[i].name && columns[i].meaning);
    }
}

START_TEST(descriptors_are_complete)
{
    size_t count = 0;
    for (const struct ssldyn_model *model; (model = ssldyn_model_at(count)); count++) {
        ck_assert_ptr_eq(model, ssldyn_model_of((enum ssldyn_model_name)count));
        ck_assert(model->name && model->tag && model->title && model->subject);
        ck_assert_msg(strstr(model->title, model->tag) && strstr(model->subject, model->tag),
                      "%s: title and subject name %s", model->name, model->tag);
        ck_assert(model->parts != 0 && model->atol > 0.0);
        ck_assert(model->layout && model->layout->scalar_count + model->layout->per_mode_count > 1);
        expect_columns(model->layout->scalars, model->layout->scalar_count);
        expect_columns(model->layout->per_mode, model->layout->per_mode_count);
        ck_assert_str_eq(model->layout->scalars[0].name, "t");
        const bool matrices = (model->parts & SSLDYN_HAS_MATRICES) != 0;
        const bool weights = (model->parts & SSLDYN_HAS_WEIGHTS) != 0;
        ck_assert_msg(matrices == !model->modes, "%s: of matrices or of modes", model->name);
        ck_assert(matrices == (weights != ((model->parts & SSLDYN_HAS_CORRELATION) != 0)));
        for (size_t i = 0; i < count; i++) {
            ck_assert_str_ne(model->name, ssldyn_model_at(i)->name);
        }
        if (model->modes) {
            ck_assert(model->modes->start && model->modes->fill && model->modes->certify);
            ck_assert(model->modes->fold && model->modes->level && model->modes->laws);
            for (size_t i = 0; model->modes->laws[i]; i++) {
                ck_assert(model->modes->laws[i]->name && model->modes->laws[i]->kept);
                ck_assert(model->modes->laws[i]->deviation);
            }
        }
    }
    ck_assert_uint_ge(count, 5);
}
END_TEST

/* The choices of --model are the list, in its order, and the help describes each. */
START_TEST(options_follow_the_list)
{
    const struct ssldyn_option *option = ssldyn_option_find("model");
    const char *word = option->choices;
    ck_assert(option->meaning != NULL);
    for (size_t i = 0; ssldyn_model_at(i); i++) {
        const size_t length = strcspn(word, "|");
        ck_assert_uint_eq(length, strlen(ssldyn_model_at(i)->name));
        ck_assert_int_eq(strncmp(word, ssldyn_model_at(i)->name, length), 0);
        word += length + (word[length] == '|');
        const char *meaning = option->meaning((int)i);
        ck_assert_msg(meaning && meaning[0] != '\0', "%s has no meaning", ssldyn_model_at(i)->name);
    }
    ck_assert_int_eq(*word, '\0');
}
END_TEST

START_TEST(names_of_those_with_a_part)
{
    char text[100];
    ck_assert_str_eq(ssldyn_model_names(SSLDYN_HAS_MATRICES, " or ", text, sizeof text),
                     "population or reduced");
    ck_assert_str_eq(ssldyn_model_names(SSLDYN_HAS_TIED_S, ", ", text, sizeof text), "parabola");
    ck_assert_str_eq(ssldyn_model_names(0, ", ", text, sizeof text), "");
    ck_assert_str_eq(ssldyn_model_names(SSLDYN_HAS_KERNEL, ", ", text, 8), "modes, ");
}
END_TEST

/* The mode of the options has all its equations, its Jacobian is that of its right-hand side, and
 * it has as many columns as its layout. Returns p of the start. */
static double expect_equations(const char *const options[])
{
    struct ssldyn_spec spec;
    double y[SSLDYN_MODE_VARIABLES] = {0.0};
    double jacobian[SSLDYN_MODE_VARIABLES * SSLDYN_MODE_VARIABLES];
    double values[16];
    spec_make(&spec, SSLDYN_COMMAND_FLOW, options);
    size_t count = 0;
    const struct ssldyn_layout *layout = ssldyn_model_layout(&spec.problem, &count);
    const struct ssldyn_model_modes *modes = ssldyn_model_modes_of(&spec.problem);
    struct ssldyn_mode_variables mode = {.parameters = ssldyn_model_parameters(&spec.problem),
                                         .scale = 1.0,
                                         .alpha_p = spec.problem.parameters.rates.alpha_p};
    modes->start(&spec.problem, 0, &mode, y);
    ck_assert(mode.n > 0 && mode.n <= SSLDYN_MODE_VARIABLES);
    ck_assert(mode.equations && mode.equations->rhs && mode.equations->jacobian);
    ck_assert(mode.equations->view && mode.equations->change);
    mode.equations->jacobian(&mode, &mode.parameters, y, jacobian);
    for (size_t i = 0; i < mode.n; i++) {
        const double h = 1e-6;
        const double at = y[i];
        double up[SSLDYN_MODE_VARIABLES];
        double down[SSLDYN_MODE_VARIABLES];
        y[i] = at + h;
        mode.equations->rhs(&mode, &mode.parameters, y, up);
        y[i] = at - h;
        mode.equations->rhs(&mode, &mode.parameters, y, down);
        y[i] = at;
        for (size_t r = 0; r < mode.n; r++) { /* O(h^2), and rounding divided by h */
            CHECK_CLOSE(jacobian[r * mode.n + i], (up[r] - down[r]) / (2.0 * h), 1e-8, 1e-8);
        }
    }
    const struct ssldyn_mode_state state = mode.equations->view(&mode, y);
    for (size_t i = 0; i < 16; i++) {
        values[i] = 77.0;
    }
    modes->fill(&mode.parameters, &state, values);
    ck_assert_uint_lt(layout->per_mode_count, 16);
    for (size_t i = 0; i < 16; i++) {
        ck_assert_int_eq(values[i] == 77.0, i >= layout->per_mode_count);
    }
    ssldyn_spec_clear(&spec);
    return state.p;
}

/* In all variables in which the models may start. */
START_TEST(equations_are_consistent)
{
    const char *const starts[][16] = {
        {"model", "modes", "p0", "0.3", "s0", "0.7", "tau0", "0.6", NULL},
        {"model", "modes", "p0", "0.3", "s0", "0.7", "tau0", "9", NULL},
        {"model", "modes", "p0", "-0.3", "s0", "0.7", "tau0", "0.6", NULL},
        {"model", "modes", "p0", "0.3", "s0", "0.7", "tau", "0.8", NULL},
        {"model", "parabola", "p0", "0.3", "tau0", "0.6", NULL},
        {"model", "parabola", "p0", "0.3", "tau0", "9", NULL},
        {"model", "parabola", "p0", "0.3", "tau", "0.8", NULL},
        {"model", "lowdim", "wp0", "0.3", "w0", "0.7", "wa0", "0.4", NULL},
        {"model", "lowdim", "wp0", "0.3", "w0", "-0.7", "wa0", "0.4", "depth", "3", NULL},
        {"model", "modes", "p0", "0.3", "s0", "0.7", "depth", "2", "ema-of", "product", NULL},
        {"model", "parabola", "p0", "0.3", "tau", "0.8", "depth", "4", NULL},
        {"model", "lowdim", "wp0", "0.3", "w0", "0.7", "target", "mae", NULL}};
    for (size_t k = 0; k < sizeof starts / sizeof starts[0]; k++) {
        CHECK_CLOSE(expect_equations(starts[k]), strtod(starts[k][3], NULL), 1e-15, 0.0);
    }
}
END_TEST

/* The start of a deep encoder agrees with the model's: w, s and tau are those of the products, the
 * sizes of the layers have the given ratios, and the balanced manifold is v = p/sqrt(alpha_p). */
START_TEST(layers_of_a_start)
{
    const char *const starts[][20] = {
        {"model", "lowdim", "wp0", "0.3", "w0", "-0.7", "wa0", "0.4", "depth", "3", "layers0",
         "1,2,0.5", NULL},
        {"model", "modes", "p0", "0.3", "s0", "0.49", "tau0", "-0.5", "depth", "3", "alpha-p", "4",
         NULL},
        {"model", "parabola", "p0", "0.6", "tau0", "0.5", "depth", "3", "alpha-p", "4", NULL}};
    const double w[] = {-0.7, 0.7, 0.027};
    const double tau[] = {-0.4 / 0.7, -0.5, 0.5};
    for (size_t k = 0; k < 3; k++) {
        struct ssldyn_spec spec;
        double y[SSLDYN_MODE_VARIABLES] = {0.0};
        spec_make(&spec, SSLDYN_COMMAND_FLOW, starts[k]);
        struct ssldyn_mode_variables mode = {.parameters = ssldyn_model_parameters(&spec.problem),
                                             .scale = 1.0,
                                             .alpha_p = spec.problem.parameters.rates.alpha_p};
        ssldyn_model_deep.start(&spec.problem, 0, &mode, y);
        const struct ssldyn_mode_state state = mode.equations->view(&mode, y);
        ck_assert_uint_eq(mode.n, 7);
        CHECK_CLOSE(state.w, w[k], 1e-14, 0.0);
        CHECK_CLOSE(state.s, w[k] * w[k], 1e-14, 0.0);
        CHECK_CLOSE(state.tau, tau[k], 1e-14, 0.0);
        CHECK_CLOSE(fabs(y[2] / y[1]), k == 0 ? 2.0 : 1.0, 1e-14, 0.0);
        CHECK_CLOSE(state.most / state.least, k == 0 ? 16.0 : 1.0, 1e-13, 0.0);
        ssldyn_spec_clear(&spec);
    }
}
END_TEST

/* Every model of modes, from its default start. */
START_TEST(equations_are_complete)
{
    for (size_t i = 0; ssldyn_model_at(i); i++) {
        const char *const options[] = {"model", ssldyn_model_at(i)->name, NULL};
        if (ssldyn_model_at(i)->modes) {
            (void)expect_equations(options);
        }
    }
}
END_TEST

/* Modes of M5 with different data, and modes of models that share their data. */
START_TEST(data_of_each_mode)
{
    const char *const lists[] = {"model", "lowdim", "lambda-s", "1.25,1.5,2", "lambda-d",
                                 "0.9",   "w0",     "0.1",      NULL};
    const char *const modes[] = {"model", "modes", "p0", "0.1,0.2", "sigma2", "0.5", NULL};
    struct ssldyn_spec spec;
    spec_make(&spec, SSLDYN_COMMAND_FLOW, lists);
    ck_assert_uint_eq(ssldyn_problem_modes(&spec.problem), 3);
    ck_assert(ssldyn_model_data_differ(&spec.problem));
    ck_assert_double_eq(ssldyn_model_parameters_of(&spec.problem, 2).lambda_s, 2.0);
    ck_assert_double_eq(ssldyn_model_parameters_of(&spec.problem, 2).lambda_d, 0.9);
    ssldyn_spec_clear(&spec);
    spec_make(&spec, SSLDYN_COMMAND_FLOW, modes);
    ck_assert(!ssldyn_model_data_differ(&spec.problem));
    ck_assert_double_eq(ssldyn_model_parameters_of(&spec.problem, 1).lambda_s, 1.5);
    ck_assert(!ssldyn_model_is_coupled(&spec.problem));
    spec.problem.parameters.loss = SSLDYN_LOSS_COSINE;
    ck_assert(ssldyn_model_is_coupled(&spec.problem));
    ssldyn_spec_clear(&spec);
}
END_TEST

TEST_SUITE(model)
{
    tcase_add_test(tests, descriptors_are_complete);
    tcase_add_test(tests, options_follow_the_list);
    tcase_add_test(tests, names_of_those_with_a_part);
    tcase_add_test(tests, equations_are_consistent);
    tcase_add_test(tests, equations_are_complete);
    tcase_add_test(tests, layers_of_a_start);
    tcase_add_test(tests, data_of_each_mode);
}
