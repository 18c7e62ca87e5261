/* The register of models. */
// SPDX-License-Identifier: MIT
#include "sim/model/model.h"

#include "sim/observe/layout_matrix.h"
#include "sim/observe/layout_modes.h"

#include <stdio.h>

#define ENTRY(NAME, name, meaning) [SSLDYN_MODEL_##NAME] = &ssldyn_model_##name,
static const struct ssldyn_model *const models[] = {SSLDYN_MODEL_LIST(ENTRY, ENTRY)};
#undef ENTRY
enum { MODELS = sizeof models / sizeof models[0] };

const struct ssldyn_model *ssldyn_model_of(enum ssldyn_model_name name)
{
    return models[name];
}

const struct ssldyn_model *ssldyn_model_at(size_t i)
{
    return i < MODELS ? models[i] : NULL;
}

bool ssldyn_model_has(enum ssldyn_model_name name, enum ssldyn_model_part part)
{
    return (models[name]->parts & (unsigned)part) != 0;
}

const char *ssldyn_model_names(unsigned parts, const char *separator, char text[], size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < MODELS && used < size; i++) {
        if ((models[i]->parts & parts) != 0) {
            used += (size_t)snprintf(text + used, size - used, "%s%s", used > 0 ? separator : "",
                                     models[i]->name);
        }
    }
    return text;
}

struct ssldyn_parameters ssldyn_model_parameters(const struct ssldyn_problem *problem)
{
    return ssldyn_model_has(problem->model, SSLDYN_HAS_NETWORKS)
               ? problem->parameters
               : ssldyn_parameters_isotropic(&problem->parameters);
}

bool ssldyn_model_data_differ(const struct ssldyn_problem *problem)
{
    return ssldyn_model_has(problem->model, SSLDYN_HAS_NETWORKS) &&
           (problem->typed.lambda_s.count > 1 || problem->typed.lambda_d.count > 1);
}

struct ssldyn_parameters ssldyn_model_parameters_of(const struct ssldyn_problem *problem, size_t j)
{
    const struct ssldyn_list *lambda_s = &problem->typed.lambda_s;
    const struct ssldyn_list *lambda_d = &problem->typed.lambda_d;
    struct ssldyn_parameters parameters = ssldyn_model_parameters(problem);
    if (ssldyn_model_has(problem->model, SSLDYN_HAS_NETWORKS)) {
        parameters.lambda_s = lambda_s->count > 1 ? lambda_s->values[j] : parameters.lambda_s;
        parameters.lambda_d = lambda_d->count > 1 ? lambda_d->values[j] : parameters.lambda_d;
    }
    return parameters;
}

bool ssldyn_model_is_coupled(const struct ssldyn_problem *problem)
{
    return models[problem->model]->modes != NULL && !ssldyn_losses_of(&problem->parameters)->linear;
}

const struct ssldyn_model_modes *ssldyn_model_modes_of(const struct ssldyn_problem *problem)
{
    const struct ssldyn_model_modes *modes = models[problem->model]->modes;
    return modes && ssldyn_depth_is_deep(&problem->parameters) ? &ssldyn_model_deep : modes;
}

const struct ssldyn_layout *ssldyn_model_layout(const struct ssldyn_problem *problem, size_t *modes)
{
    const struct ssldyn_model *model = models[problem->model];
    if (!model->modes) {
        *modes = (size_t)problem->n2;
        return ssldyn_losses_of(&problem->parameters)->normalized ? &ssldyn_layout_matrix_cosine
                                                                  : model->layout;
    }
    *modes = ssldyn_problem_modes(problem);
    if (ssldyn_model_is_coupled(problem)) {
        return ssldyn_depth_is_deep(&problem->parameters) ? &ssldyn_layout_deep_coupled
                                                          : model->modes->coupled_layout;
    }
    return ssldyn_depth_is_deep(&problem->parameters) ? &ssldyn_layout_deep : model->layout;
}
