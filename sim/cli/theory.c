/* ssldyn theory: what follows without integrating anything. */
// SPDX-License-Identifier: MIT
#include "sim/cli/commands.h"

#include "sim/base/decimal.h"
#include "sim/base/memory.h"
#include "sim/cli/tables.h"
#include "sim/inputs/inputs.h"
#include "sim/model/model.h"
#include "sim/run/moments_basis.h"
#include "sim/run/survival.h"
#include "theory/closedform.h"
#include "theory/fixedpoint.h"
#include "theory/margin.h"

#include <math.h>
#include <stdlib.h>

/* name = value, or name_j = value where there are several modes. */
static void print_mode_value(const char *name, size_t j, size_t count, double value)
{
    if (count > 1) {
        printf("%s_%zu = %s\n", name, j + 1, SSLDYN_DECIMAL(value));
    } else {
        ssldyn_cli_output_print(name, value);
    }
}

static double constant_tau(const struct ssldyn_spec *spec)
{
    return spec->problem.parameters.tau_held ? spec->problem.parameters.tau : 1.0;
}

static void print_rates(const struct ssldyn_spec *spec)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    ssldyn_cli_output_print("alpha_p", rates->alpha_p);
    ssldyn_cli_output_print("eta_p", rates->eta_p);
    ssldyn_cli_output_print("eta_s", rates->eta_s);
    ssldyn_cli_output_print("tau", constant_tau(spec));
    if (!isnan(ssldyn_cli_training_step_time(spec))) {
        ssldyn_cli_output_print("step_time", ssldyn_cli_training_step_time(spec));
    }
}

/* A weight decay in the units of the training settings, where there are any:
 * train_weight_decay_fold of eta_fold. */
static void print_decay(const struct ssldyn_spec *spec, const char *suffix, size_t j, size_t count,
                        double eta)
{
    char name[48];
    const char *setting = ssldyn_cli_training_as_setting(spec, "eta", &eta);
    if (setting) {
        snprintf(name, sizeof name, "%s_%s", setting, suffix);
        print_mode_value(name, j, count, eta);
    }
}

/* A target that never moves: no fixed points at tau = 1, and no fold; its size decides. */
static bool is_frozen(const struct ssldyn_spec *spec)
{
    return !spec->problem.parameters.tau_held && spec->problem.parameters.rates.beta == 0.0;
}

/* What a moving target does on a mode that collapses: tau tends to beta/(beta - eta_s), or grows.
 */
static void print_collapsing_tau(const struct ssldyn_spec *spec)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    if (is_frozen(spec)) {
        ssldyn_cli_output_print("beta", rates->beta);
    } else if (!spec->problem.parameters.tau_held) {
        ssldyn_cli_output_print("beta", rates->beta);
        ssldyn_cli_output_print("tau_collapsing", rates->beta > rates->eta_s
                                                      ? rates->beta / (rates->beta - rates->eta_s)
                                                      : (double)INFINITY);
    }
}

/* How far the fold is, and the factor by which each parameter alone must change to reach it; of
 * isotropic data the noise is sigma2. Elasticities that are the same for every mode and every
 * setting stand in theory/margin.h. */
static void print_margins(const struct ssldyn_parameters *parameters, bool isotropic, size_t j,
                          size_t count)
{
    static const enum ssldyn_knob both[] = {SSLDYN_KNOB_ETA_S, SSLDYN_KNOB_NOISE, SSLDYN_KNOB_TAU};
    static const enum ssldyn_knob data[] = {SSLDYN_KNOB_LAMBDA_D, SSLDYN_KNOB_LAMBDA_S};
    struct ssldyn_margin margin;
    char name[40];
    ssldyn_margin(parameters, &margin);
    print_mode_value("margin", j, count, margin.margin);
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        if (both[i] == SSLDYN_KNOB_TAU && !parameters->tau_held) {
            continue; /* 1 at every fixed point, whatever beta is */
        }
        snprintf(name, sizeof name, "factor_%s",
                 isotropic && both[i] == SSLDYN_KNOB_NOISE ? "sigma2"
                                                           : ssldyn_margin_knob(both[i]));
        print_mode_value(name, j, count, margin.factor[both[i]]);
    }
    for (size_t i = 0; !isotropic && i < sizeof data / sizeof data[0]; i++) {
        snprintf(name, sizeof name, "factor_%s", ssldyn_margin_knob(data[i]));
        print_mode_value(name, j, count, margin.factor[data[i]]);
    }
    snprintf(name, sizeof name, "elasticity_%s", isotropic ? "sigma2" : "noise");
    print_mode_value(name, j, count, margin.elasticity[SSLDYN_KNOB_NOISE]);
}

/* In place of fixed points and margins. */
static void print_frozen(const struct ssldyn_parameters *parameters, size_t j, size_t count)
{
    print_mode_value("eta_fold", j, count, (double)NAN);
    print_mode_value("wa_survives_above", j, count, ssldyn_margin_frozen(parameters));
}

/* ---- modes */

static bool has_end_time(const struct ssldyn_spec *spec)
{
    return ssldyn_spec_given(spec, "t-end") || ssldyn_spec_given(spec, "train-steps");
}

/* Whether times on the parabola are wanted, and can be told. */
static enum ssldyn_status check_times(const struct ssldyn_spec *spec, bool *wanted,
                                      struct ssldyn_error *err)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    const bool has_end = ssldyn_spec_given(spec, "p-end");
    const bool has_time = has_end_time(spec);
    *wanted = ssldyn_spec_given(spec, "p0");
    if (!*wanted && (has_end || has_time)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--%s: needs --p0, where the orbit starts",
                           has_end ? "p-end" : "t-end");
    }
    if (*wanted && !has_end && !has_time) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--p0: needs --p-end (print the time to it), --t-end (print p then) or "
                           "--table");
    }
    if (*wanted && rates->eta_p != rates->eta_s) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--eta-p %g and --eta-s %g: the closed form on the parabola needs them "
                           "equal",
                           rates->eta_p, rates->eta_s);
    }
    for (size_t j = 0; *wanted && j < spec->problem.p0.count; j++) {
        const double p0 = spec->problem.p0.values[j];
        if (p0 < 0.0 || (has_end && isnan(ssldyn_closedform_time(constant_tau(spec), rates->c,
                                                                 rates->eta_s, p0, spec->p_end)))) {
            return ssldyn_fail(
                err, SSLDYN_EDOMAIN,
                "--p0 %g%s: no orbit on the parabola starts there and gets there: it "
                "stays on one side of every fixed point, above 0",
                p0, has_end ? " and --p-end" : "");
        }
    }
    return SSLDYN_OK;
}

static void print_times(const struct ssldyn_spec *spec)
{
    const double tau = constant_tau(spec);
    const double c = spec->problem.parameters.rates.c;
    const double eta = spec->problem.parameters.rates.eta_s;
    const double step = ssldyn_cli_training_step_time(spec);
    for (size_t j = 0; j < spec->problem.p0.count; j++) {
        const double p0 = spec->problem.p0.values[j];
        if (ssldyn_spec_given(spec, "p-end")) {
            const double time = ssldyn_closedform_time(tau, c, eta, p0, spec->p_end);
            print_mode_value("time", j, spec->problem.p0.count, time);
            if (!isnan(step)) {
                print_mode_value("steps", j, spec->problem.p0.count, time / step);
            }
        }
        if (has_end_time(spec)) {
            print_mode_value("p_at_t_end", j, spec->problem.p0.count,
                             ssldyn_closedform_solution(tau, c, eta, p0, spec->problem.t_end));
        }
    }
}

static enum ssldyn_status print_modes(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    static const char *const kinds[] = {"pair", "fold", "none", "lines", "growth", "free_wp"};
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    struct ssldyn_fixedpoints points;
    bool times = false;
    const enum ssldyn_status status = check_times(spec, &times, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    const struct ssldyn_parameters mode = ssldyn_parameters_isotropic(&spec->problem.parameters);
    ssldyn_fixedpoint_modes(rates, constant_tau(spec), &points);
    const bool pair = points.kind == SSLDYN_FIXED_PAIR;
    const double all = points.p_minus + points.p_plus + points.s_minus + points.s_plus +
                       points.along_minus + points.along_plus;
    if (!isfinite(points.eta_fold) || (pair && !isfinite(all))) {
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--tau %g, --alpha-p %g: the fixed points leave the range of double "
                           "precision",
                           constant_tau(spec), rates->alpha_p);
    }
    print_rates(spec);
    ssldyn_cli_output_print("c", rates->c);
    print_collapsing_tau(spec);
    if (is_frozen(spec)) {
        puts("kind = frozen");
        print_frozen(&mode, 0, 1);
        if (times) {
            print_times(spec);
        }
        return SSLDYN_OK;
    }
    printf("kind = %s\n", kinds[points.kind]);
    ssldyn_cli_output_print("eta_fold",
                            points.kind == SSLDYN_FIXED_FREE_WP ? (double)NAN : points.eta_fold);
    print_decay(spec, "fold", 0, 1,
                points.kind == SSLDYN_FIXED_FREE_WP ? (double)NAN : points.eta_fold);
    ssldyn_cli_output_print("discriminant", points.discriminant);
    ssldyn_cli_output_print("p_minus", points.p_minus);
    ssldyn_cli_output_print("p_plus", points.p_plus);
    ssldyn_cli_output_print("s_minus", points.s_minus);
    ssldyn_cli_output_print("s_plus", points.s_plus);
    ssldyn_cli_output_print("along_minus", points.along_minus);
    ssldyn_cli_output_print("along_plus", points.along_plus);
    ssldyn_cli_output_print("across_minus", points.across_minus);
    ssldyn_cli_output_print("across_plus", points.across_plus);
    print_margins(&mode, true, 0, 1);
    if (times) {
        print_times(spec);
    }
    return SSLDYN_OK;
}

/* ---- lowdim */

static enum ssldyn_status print_lowdim(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_list *lambda_s = &spec->problem.typed.lambda_s;
    const struct ssldyn_list *lambda_d = &spec->problem.typed.lambda_d;
    const size_t count = lambda_s->count > lambda_d->count ? lambda_s->count : lambda_d->count;
    const double tau = constant_tau(spec);
    if (lambda_s->count != lambda_d->count && lambda_s->count > 1 && lambda_d->count > 1) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--lambda-s and --lambda-d: have %zu and %zu entries: one for each mode, or one "
            "for all",
            lambda_s->count, lambda_d->count);
    }
    double *pairs = ssldyn_memory_array(2 * count, sizeof *pairs);
    if (!pairs) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", count);
    }
    for (size_t j = 0; j < count; j++) {
        const double drive = tau * ssldyn_parse_list_entry(lambda_d, j);
        const double sum = ssldyn_parse_list_entry(lambda_s, j);
        const double fold = ssldyn_fixedpoint_fold(drive, sum);
        if (!isfinite(fold) || !isfinite(sum * fold) || !isfinite(drive / sum)) {
            free(pairs);
            return ssldyn_fail(err, SSLDYN_EDOMAIN,
                               "--lambda-s %g, --lambda-d %g: the fold leaves the range of double "
                               "precision",
                               sum, ssldyn_parse_list_entry(lambda_d, j));
        }
    }
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    const bool sealed = rates->eta_p == 0.0 && rates->eta_s > 0.0; /* theory/THEORY.md, C2 */
    print_rates(spec);
    print_collapsing_tau(spec);
    for (size_t j = 0; j < count; j++) {
        struct ssldyn_parameters mode = spec->problem.parameters;
        double wp[2];
        double w_squared[2];
        mode.lambda_s = ssldyn_parse_list_entry(lambda_s, j);
        mode.lambda_d = ssldyn_parse_list_entry(lambda_d, j);
        pairs[j] = tau * mode.lambda_d;
        pairs[count + j] = mode.lambda_s;
        if (is_frozen(spec)) {
            print_frozen(&mode, j, count);
            continue;
        }
        const double fold = ssldyn_fixedpoint_lowdim(&mode, tau, wp, w_squared);
        print_mode_value("eta_fold", j, count, sealed ? (double)NAN : fold);
        print_decay(spec, "fold", j, count, sealed ? (double)NAN : fold);
        print_mode_value("wp_minus", j, count, wp[0]);
        print_mode_value("wp_plus", j, count, wp[1]);
        print_mode_value("w_minus", j, count, sqrt(w_squared[0]));
        print_mode_value("w_plus", j, count, sqrt(w_squared[1]));
        print_margins(&mode, false, j, count);
    }
    if (!is_frozen(spec)) {
        printf("rank = %zu\n",
               sealed ? 0 : ssldyn_fixedpoint_survivors(count, pairs, pairs + count, rates->eta_s));
    }
    free(pairs);
    return SSLDYN_OK;
}

/* ---- data that do not commute */

/* All thresholds are quadratic in X, and a held tau multiplies X. */
static enum ssldyn_status print_survival(const struct ssldyn_spec *spec,
                                         const struct ssldyn_survival *survival,
                                         struct ssldyn_error *err)
{
    const double tau = constant_tau(spec);
    const double eta = spec->problem.parameters.rates.eta_s / (tau * tau);
    const double scale = ssldyn_cli_output_scale(spec);
    struct ssldyn_survival_counts counts = {0, 0, 0, 0, 0};
    if (!(tau > 0.0) || !(eta > 0.0) || !isfinite(eta)) {
        return ssldyn_fail(err, SSLDYN_EDOMAIN,
                           "--eta-s %g, --tau %g: the rank is counted at a weight decay and a tau "
                           "above 0",
                           spec->problem.parameters.rates.eta_s, tau);
    }
    const enum ssldyn_status status = ssldyn_survival_count_at(survival, eta, &counts, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    print_rates(spec);
    printf("n1 = %zu\n", survival->n1);
    ssldyn_cli_output_print("eta_c", survival->eta_c * tau * tau);
    print_decay(spec, "c", 0, 1, survival->eta_c * tau * tau);
    if (scale != 1.0) { /* on the images as they are */
        ssldyn_cli_output_print("scale", scale);
        ssldyn_cli_output_print("eta_c_unscaled", scale * survival->eta_c * tau * tau);
        ssldyn_cli_output_print("eta_s_unscaled", scale * spec->problem.parameters.rates.eta_s);
    }
    ssldyn_cli_output_print("b_c", survival->b * tau);
    ssldyn_cli_output_print("margin",
                            survival->eta_c * tau * tau - spec->problem.parameters.rates.eta_s);
    ssldyn_cli_output_print("factor_eta_s", survival->eta_c / eta);
    ssldyn_cli_output_print("elasticity_xprime", ssldyn_survival_elasticity(survival));
    printf("certified = %d\n", survival->certified);
    printf("rank_pairs = %zu\n", counts.pairs);
    printf("rank_along_x = %zu\n", counts.along_x);
    printf("rank_along_sum = %zu\n", counts.along_sum);
    printf("rank_along_pair = %zu\n", counts.along_pair);
    printf("rank_product = %zu\n", counts.product);
    printf("rank = %zu\n", counts.product);
    return SSLDYN_OK;
}

static enum ssldyn_status print_data(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    struct ssldyn_moments_basis *basis = NULL;
    struct ssldyn_survival *survival = NULL;
    if (!spec->x_file) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--model population: needs --x and --xprime");
    }
    enum ssldyn_status status =
        ssldyn_inputs_read_moments(spec->x_file, spec->xprime_file, &basis, err);
    if (status == SSLDYN_OK) {
        status = ssldyn_survival_create(&basis->moments, &survival, err);
    }
    if (status == SSLDYN_OK) {
        status = print_survival(spec, survival, err);
    }
    ssldyn_survival_free(survival);
    ssldyn_moments_basis_free(basis);
    return status;
}

static enum ssldyn_status print_table(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    if (!ssldyn_model_has(spec->problem.model, SSLDYN_HAS_KERNEL)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--table: is of --model modes, parabola or lowdim, not of %s",
                           ssldyn_model_has(spec->problem.model, SSLDYN_HAS_MATRICES)
                               ? "matrices"
                               : ssldyn_model_of(spec->problem.model)->name);
    }
    if (spec->problem.typed.lambda_s.count > 1 || spec->problem.typed.lambda_d.count > 1) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--table: is of one mode: --lambda-s and --lambda-d with one value each");
    }
    if (ssldyn_spec_given(spec, "p-end") || has_end_time(spec)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--table: a table has no --p-end or --t-end");
    }
    return ssldyn_tables_print(spec, stdout, err);
}

static enum ssldyn_status run(struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    static const char *const only_tables[] = {"s0",  "tau0", "wp0",         "w0",
                                              "wa0", "tied", "no-predictor"};
    const struct ssldyn_model *model = ssldyn_model_of(spec->problem.model);
    const bool networks = (model->parts & SSLDYN_HAS_NETWORKS) != 0;
    if (spec->tied && !networks) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--tied: belongs to --model lowdim");
    }
    if (spec->table != SSLDYN_TABLE_NONE) {
        return print_table(spec, err);
    }
    if (model->no_theory) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--model %s: %s", model->name, model->no_theory);
    }
    for (size_t i = 0; model->modes && i < sizeof only_tables / sizeof only_tables[0]; i++) {
        if (ssldyn_spec_given(spec, only_tables[i])) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "--%s: needs --table", only_tables[i]);
        }
    }
    return !model->modes ? print_data(spec, err)
           : networks    ? print_lowdim(spec, err)
                         : print_modes(spec, err);
}

const struct ssldyn_cli_command ssldyn_cli_theory = {
    .command = SSLDYN_COMMAND_THEORY,
    .operands = "[FILE.conf]",
    .summary = "closed forms only: fixed points, folds, times, ranks",
    .description =
        "Prints what the theory knows without integrating, as name = value lines: the fixed points "
        "of a mode at constant tau, their stability and the fold (p_minus also bounds the basin of "
        "collapse on the parabola); with --p0 the time to --p-end, or p at --t-end; with "
        "--lambda-s "
        "and --lambda-d the thresholds of data modes and how many survive; with --x and --xprime "
        "the exact threshold of data that do not commute, and estimates of the rank below it; of "
        "files that ssldyn moments scaled also the decays on the images as they are. With "
        "an EMA (beta > 0) tau is 1 at every fixed point. --table prints a table instead.",
    .examples = "ssldyn theory --eta 0.04 --sigma2 0.25\n"
                "ssldyn theory --tau 1 --eta 0.02 --p0 0.1 --p-end 0.7\n"
                "ssldyn theory --train-lr 0.05 --train-momentum 0.9 --train-weight-decay 5e-4 "
                "--train-ema 0.996\n"
                "ssldyn theory --eta 0.1 --lambda-s 2,1.3,1.1 --lambda-d 1,0.8,0.3\n"
                "ssldyn theory --eta 0.5 --x x.npy --xprime xprime.npy\n"
                "ssldyn theory --table velocity --p0 -0.2:1.2:141 --eta 0.1\n",
    .run = run};
