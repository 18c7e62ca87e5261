/* ssldyn theory: selects the closed forms that apply to a spec. */
// SPDX-License-Identifier: MIT
#include "sim/answer/theory.h"

#include "sim/base/decimal.h"
#include "sim/closed/closed.h"
#include "sim/model/model.h"

/* Shows the rows as on the command line. */
static void show_rows(struct ssldyn_result *result)
{
    FILE *stream = ssldyn_result_begin_text(result, "table");
    const size_t columns = ssldyn_result_column_count(result);
    const double *rows = ssldyn_result_rows(result);
    if (!stream) {
        return;
    }
    fprintf(stream, "# ssldyn theory 1\n# by ssldyn %s\n", SSLDYN_VERSION);
    for (size_t i = 0; i < columns; i++) {
        fprintf(stream, "%s%c", ssldyn_result_column_name(result, i),
                i + 1 < columns ? '\t' : '\n');
    }
    for (size_t i = 0; i < ssldyn_result_row_count(result); i++) {
        ssldyn_decimal_write_row(columns, rows + i * columns, stream);
    }
    ssldyn_result_end_text(result);
    ssldyn_result_show_text(result, "table");
}

static enum ssldyn_status answer_table(const struct ssldyn_spec *spec,
                                       const struct ssldyn_answer_mode *mode,
                                       struct ssldyn_result *result, struct ssldyn_error *err)
{
    if (!ssldyn_model_has(spec->problem.model, SSLDYN_HAS_KERNEL)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--table: needs --model modes, parabola or lowdim, not %s",
                           ssldyn_model_has(spec->problem.model, SSLDYN_HAS_MATRICES)
                               ? "matrices"
                               : ssldyn_model_of(spec->problem.model)->name);
    }
    if (!ssldyn_losses_of(&spec->problem.parameters)->linear ||
        ssldyn_depth_is_deep(&spec->problem.parameters) ||
        ssldyn_rules_set(&spec->problem.parameters)) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--table: needs the squared distance, a trained predictor and one layer");
    }
    if (spec->problem.typed.lambda_s.count > 1 || spec->problem.typed.lambda_d.count > 1) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--table: needs one mode: --lambda-s and --lambda-d with one value each");
    }
    if (ssldyn_spec_given(spec, "p-end") || ssldyn_closed_has_end_time(spec)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--table: cannot be combined with --p-end or --t-end");
    }
    const enum ssldyn_status status = ssldyn_closed_table(spec, result, err);
    if (status == SSLDYN_OK && !mode->keep) {
        show_rows(result);
    }
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}

/* The squared distance, a trained predictor and one layer: the paper's closed forms. */
static enum ssldyn_status answer_paper(const struct ssldyn_spec *spec, struct ssldyn_result *result,
                                       struct ssldyn_error *err)
{
    static const char *const only_tables[] = {"s0",  "tau0", "wp0",          "w0",
                                              "wa0", "tied", "no-predictor", NULL};
    const struct ssldyn_model *model = ssldyn_model_of(spec->problem.model);
    if (!model->modes) {
        return spec->sxx_file ? ssldyn_closed_pair(spec, result, err)
                              : ssldyn_closed_data(spec, result, err);
    }
    const enum ssldyn_status status = ssldyn_closed_refuse(spec, only_tables, "needs --table", err);
    if (status != SSLDYN_OK) {
        return status;
    }
    return (model->parts & SSLDYN_HAS_NETWORKS) != 0 ? ssldyn_closed_networks(spec, result, err)
                                                     : ssldyn_closed_modes(spec, result, err);
}

static enum ssldyn_status answer_closed_forms(struct ssldyn_spec *spec,
                                              struct ssldyn_result *result,
                                              struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    const struct ssldyn_loss *loss = ssldyn_losses_of(parameters);
    if (parameters->target == SSLDYN_DEPTH_MAE && !loss->linear) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--target mae: supports the squared distance only; for other losses "
                           "no closed form of the final state is known: use flow or sgd");
    }
    if (loss->normalized) {
        return ssldyn_closed_cosine(spec, result, err);
    }
    if (!loss->folds && !loss->iso) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--loss %s: has no closed forms", loss->name);
    }
    return ssldyn_depth_is_deep(parameters) ? ssldyn_closed_depth(spec, result, err)
           : loss->iso                      ? ssldyn_closed_iso(spec, result, err)
           : ssldyn_rules_set(parameters)   ? ssldyn_closed_set(spec, result, err)
                                            : answer_paper(spec, result, err);
}

enum ssldyn_status ssldyn_answer_theory(struct ssldyn_spec *spec,
                                        const struct ssldyn_answer_mode *mode,
                                        struct ssldyn_result *result, struct ssldyn_error *err)
{
    const struct ssldyn_model *model = ssldyn_model_of(spec->problem.model);
    if (spec->tied && (model->parts & SSLDYN_HAS_NETWORKS) == 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--tied: needs --model lowdim");
    }
    if (spec->table != SSLDYN_TABLE_NONE) {
        return answer_table(spec, mode, result, err);
    }
    if (model->no_theory) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--model %s: %s", model->name, model->no_theory);
    }
    const enum ssldyn_status status = answer_closed_forms(spec, result, err);
    return status == SSLDYN_OK ? ssldyn_result_check(result, err) : status;
}
