/* What knows which loss: one table of what is refused, with the reason. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/model/model.h"

static bool is_basin(const struct ssldyn_spec *spec)
{
    return spec->given.command == SSLDYN_COMMAND_BASIN;
}

static bool is_align(const struct ssldyn_spec *spec)
{
    return spec->given.command == SSLDYN_COMMAND_ALIGN;
}

/* What ssldyn theory knows of a loss it says itself. */
static bool is_theory(const struct ssldyn_spec *spec)
{
    return spec->given.command == SSLDYN_COMMAND_THEORY;
}

/* Flows of matrices know every loss, and so do models of modes that say how they couple. */
static bool has_no_equations(const struct ssldyn_spec *spec)
{
    const struct ssldyn_model_modes *modes = ssldyn_model_of(spec->problem.model)->modes;
    return !is_theory(spec) && !ssldyn_model_has(spec->problem.model, SSLDYN_HAS_MATRICES) &&
           !(modes && modes->coupled_layout);
}

static bool has_modes(const struct ssldyn_spec *spec)
{
    return !is_theory(spec) && ssldyn_model_of(spec->problem.model)->modes;
}

static bool is_tied(const struct ssldyn_spec *spec)
{
    return !is_theory(spec) && ssldyn_model_has(spec->problem.model, SSLDYN_HAS_TIED_S);
}

static bool has_one_mode(const struct ssldyn_spec *spec)
{
    return has_modes(spec) && ssldyn_problem_modes(&spec->problem) < 2;
}

static bool is_zero(const struct ssldyn_list *list)
{
    bool zero = true;
    for (size_t j = 0; j < list->count; j++) {
        zero = zero && list->values[j] == 0.0;
    }
    return zero;
}

/* Its target starts from nothing. */
static bool starts_without_target(const struct ssldyn_problem *problem)
{
    return ssldyn_model_has(problem->model, SSLDYN_HAS_MATRICES)
               ? problem->init_wa == SSLDYN_TARGET_ZERO
               : is_zero(ssldyn_model_has(problem->model, SSLDYN_HAS_NETWORKS) ? &problem->wa0
                                                                               : &problem->tau0);
}

static bool has_closure(const struct ssldyn_spec *spec)
{
    return ssldyn_model_has(spec->problem.model, SSLDYN_HAS_CORRELATION) &&
           spec->closure != SSLDYN_CLOSURE_NONE;
}

static bool has_no_predictor(const struct ssldyn_spec *spec)
{
    return !spec->problem.parameters.predictor;
}

static bool has_no_stop_grad(const struct ssldyn_spec *spec)
{
    return !spec->problem.parameters.stop_grad;
}

static bool has_no_target(const struct ssldyn_spec *spec)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    return parameters->tau_held
               ? !(parameters->tau > 0.0)
               : !(parameters->rates.beta > 0.0) && starts_without_target(&spec->problem);
}

static bool solves_predictor(const struct ssldyn_spec *spec)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    return ssldyn_rules_set(parameters) && ssldyn_rules_of(parameters)->kind == SSLDYN_RULE_SOLVED;
}

static bool is_not_linear(const struct ssldyn_loss *loss)
{
    return !loss->linear;
}

/* What it does to aligned modes is not known. */
static bool has_no_residual_of_modes(const struct ssldyn_loss *loss)
{
    return !loss->linear && !loss->modes;
}

static bool has_no_steps(const struct ssldyn_loss *loss)
{
    return !loss->steps;
}

static bool is_iso(const struct ssldyn_loss *loss)
{
    return loss->iso;
}

static bool is_normalized(const struct ssldyn_loss *loss)
{
    return loss->normalized;
}

/* A loss is refused where both are true. */
static const struct {
    bool (*loss)(const struct ssldyn_loss *loss);
    bool (*spec)(const struct ssldyn_spec *spec);
    const char *why;
} refusals[] = {
    {is_not_linear, is_basin, "ssldyn basin supports the squared distance only"},
    {is_iso, is_align, "ssldyn align supports the losses l2 and cosine only"},
    {has_no_steps, ssldyn_spec_is_sgd, "SGD does not support this loss; use a flow"},
    {is_not_linear, has_no_equations,
     "this model supports the squared distance only (use population, lowdim or modes)"},
    {has_no_residual_of_modes, has_modes,
     "the equations of modes are not known for this loss (use population)"},
    {is_iso, is_tied,
     "does not conserve s = p^2/alpha_p, so the parabola is not a solution (use modes)"},
    {is_normalized, has_one_mode,
     "with one mode the cosine is +-1, and its gradient is 0 for every pair of views; give two "
     "modes or more"},
    {is_not_linear, has_closure, "--closure parabola supports the squared distance only"},
    {is_iso, has_no_predictor,
     "omits the predictor from the encoder's gradient, but there is no predictor; use the loss "
     "without iso-"},
    {is_iso, has_no_stop_grad,
     "its update is not the gradient of any function, so no gradient through the target is "
     "defined; leave out "
     "--no-stop-grad"},
    {is_normalized, has_no_target,
     "the target starts at 0 and stays there, so the cosine is undefined; change --tau, --beta or "
     "the target's start"},
    {is_normalized, solves_predictor, "under the cosine the optimal predictor has no closed form"}};

enum ssldyn_status ssldyn_spec_check_loss(const struct ssldyn_spec *spec, struct ssldyn_error *err)
{
    const struct ssldyn_loss *loss = ssldyn_losses_of(&spec->problem.parameters);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        char where[SSLDYN_SPEC_WHERE];
        if (refusals[i].loss(loss) && refusals[i].spec(spec))
            return ssldyn_fail(err, SSLDYN_EINPUT, "%s %s: %s",
                               ssldyn_spec_where(spec, "loss", where), loss->name, refusals[i].why);
    }
    return SSLDYN_OK;
}
