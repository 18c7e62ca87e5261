/* What knows an encoder of several layers: one table of what is refused, with the reason. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/model/model.h"
#include "theory/depth_fate.h"

static bool has_correlation(const struct ssldyn_spec *spec)
{
    return ssldyn_model_has(spec->problem.model, SSLDYN_HAS_CORRELATION);
}

static bool predicts_data_of_matrices(const struct ssldyn_spec *spec)
{
    return ssldyn_model_has(spec->problem.model, SSLDYN_HAS_MATRICES) &&
           spec->problem.parameters.target == SSLDYN_DEPTH_MAE;
}

static bool predicts_both_views(const struct ssldyn_spec *spec)
{
    return predicts_data_of_matrices(spec) && ssldyn_spec_is_sgd(spec) &&
           spec->problem.sgd.symmetrize_loss;
}

static bool predicts_data_without_predictor(const struct ssldyn_spec *spec)
{
    return predicts_data_of_matrices(spec) && ssldyn_losses_of(&spec->problem.parameters)->iso;
}

static bool predicts_data_symmetrically(const struct ssldyn_spec *spec)
{
    return predicts_data_of_matrices(spec) && spec->problem.parameters.symmetric;
}

static bool is_not_trained(const struct ssldyn_spec *spec)
{
    return !ssldyn_rules_trained(&spec->problem.parameters);
}

static bool has_no_stop_grad(const struct ssldyn_spec *spec)
{
    return !spec->problem.parameters.stop_grad;
}

static bool is_separatrix(const struct ssldyn_spec *spec)
{
    return spec->given.command == SSLDYN_COMMAND_BASIN && !spec->sweep.threshold &&
           !spec->margins && !spec->sweep.axes;
}

static bool has_no_margins(const struct ssldyn_spec *spec)
{
    return spec->margins && ssldyn_depth_fate_why(&spec->problem.parameters);
}

static bool has_several_modes(const struct ssldyn_spec *spec)
{
    return spec->given.command == SSLDYN_COMMAND_BASIN && ssldyn_problem_modes(&spec->problem) > 1;
}

static bool has_other_layers(const struct ssldyn_spec *spec)
{
    const size_t count = spec->problem.layers0.count;
    return count > 0 && count != (size_t)spec->problem.parameters.depth;
}

static const struct {
    bool (*spec)(const struct ssldyn_spec *spec);
    const char *why;
} refusals[] = {
    {has_correlation, "--model reduced supports one layer only, since F does not determine several "
                      "(use population or modes)"},
    {predicts_both_views,
     "the second view is predicted from the first; leave out --symmetrize-loss"},
    {predicts_data_without_predictor,
     "an IsoLoss passes the residual to the encoder without Wp^T, but the residual of data has the "
     "size of the data, not of the encoder's output"},
    {predicts_data_symmetrically,
     "the predictor of data is not a square matrix; leave out --symmetric"},
    {is_not_trained,
     "needs a predictor that is trained (--predictor gradient, without --no-predictor)"},
    {has_no_stop_grad, "a deep encoder needs stop-gradient; leave out --no-stop-grad"},
    {is_separatrix, "with a deep encoder the edge of the basin is not a curve; give --threshold, "
                    "--margins or axes"},
    {has_no_margins, "--margins needs certified fates, which a deep encoder has only with equal "
                     "decays and with an EMA or a constant tau"},
    {has_several_modes, "ssldyn basin follows one mode; give one value for each start"},
    {has_other_layers, "--layers0 needs one entry for each layer"}};

enum ssldyn_status ssldyn_spec_check_depth(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    const char *name = parameters->depth > 1 ? "depth" : "target";
    char where[SSLDYN_SPEC_WHERE];
    if (!ssldyn_depth_is_deep(parameters)) {
        return SSLDYN_OK;
    }
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        if (refusals[i].spec(spec)) {
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s: %s", ssldyn_spec_where(spec, name, where),
                               refusals[i].why);
        }
    }
    return SSLDYN_OK;
}
