/* What the rows do not say: the process of a sweep, the model, images, the predictor's rule. */
// SPDX-License-Identifier: MIT
#include "sim/options/spec.h"

#include "sim/model/model.h"

#include <string.h>

bool ssldyn_spec_is_sgd(const struct ssldyn_spec *spec)
{
    return spec->given.command == SSLDYN_COMMAND_SGD ||
           (spec->given.command == SSLDYN_COMMAND_SWEEP &&
            ssldyn_model_has(spec->problem.model, SSLDYN_HAS_WEIGHTS) &&
            spec->sweep.process == SSLDYN_PROCESS_SGD);
}

/* Whether FILE or FILE:NAME is called as files of arrays are; images are in files of other names.
 */
static bool is_array(const char *data)
{
    static const char *const endings[] = {".npy", ".npz", ".safetensors", ".pt", ".pth", ".ckpt"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const size_t length = strlen(endings[i]);
        for (const char *at = strstr(data, endings[i]); at; at = strstr(at + 1, endings[i])) {
            if (at[length] == '\0' || at[length] == ':') {
                return true;
            }
        }
    }
    return false;
}

bool ssldyn_spec_has_images(const struct ssldyn_spec *spec)
{
    if (spec->given.command == SSLDYN_COMMAND_MOMENTS) {
        return true;
    }
    return spec->data && spec->data[0] != '\0' &&
           (ssldyn_spec_given(spec, "augmentation") ||
            (!ssldyn_spec_memory(spec, "data") && !is_array(spec->data)));
}

/* An option of rules of the predictor belongs to those that read it. */
static bool is_read(const char *option, const struct ssldyn_spec *spec, char *why, size_t size)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    size_t readers = 0;
    for (size_t i = 0; i < SSLDYN_RULES_COUNT; i++) {
        readers += ssldyn_rules_reads(ssldyn_rules[i], option);
    }
    if (readers == 0 ||
        (parameters->predictor && ssldyn_rules_reads(ssldyn_rules_of(parameters), option))) {
        return true;
    }
    size_t used = why ? (size_t)snprintf(why, size, "applies only with --predictor") : size;
    for (size_t i = 0, listed = 0; i < SSLDYN_RULES_COUNT && used < size; i++) {
        if (ssldyn_rules_reads(ssldyn_rules[i], option)) {
            used += (size_t)snprintf(why + used, size - used, "%s %s",
                                     listed == 0             ? ""
                                     : listed + 1 == readers ? " or"
                                                             : ",",
                                     ssldyn_rules[i]->name);
            listed++;
        }
    }
    return false;
}

/* Options of a target network, which has no effect where the data are predicted. */
static bool is_of_target(const char *option)
{
    static const char *const names[] = {"tau",  "no-ema", "beta",   "train-ema",
                                        "tau0", "wa0",    "init-wa"};
    bool found = false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        found = found || strcmp(option, names[i]) == 0;
    }
    return found;
}

bool ssldyn_spec_applies(const void *fields, const struct ssldyn_option *option, char *why,
                         size_t size)
{
    const struct ssldyn_spec *spec = fields;
    const unsigned both = SSLDYN_COMMAND_FLOW | SSLDYN_COMMAND_SGD;
    const bool of_point = (option->commands & both) != 0 && strcmp(option->name, "model") != 0;
    const unsigned process = ssldyn_spec_is_sgd(spec) ? SSLDYN_COMMAND_SGD : SSLDYN_COMMAND_FLOW;
    if (spec->given.command == SSLDYN_COMMAND_SWEEP && of_point &&
        (option->commands & process) == 0) {
        snprintf(why, size, "%s",
                 process == SSLDYN_COMMAND_SGD ? "has no effect with --process sgd"
                                               : "applies only with --process sgd");
        return false;
    }
    if (option->part != 0 && !ssldyn_model_has(spec->problem.model, option->part) &&
        !(ssldyn_model_is_coupled(&spec->problem) &&
          (ssldyn_model_of(spec->problem.model)->modes->coupled_parts & option->part) != 0)) {
        char names[100];
        snprintf(why, size, "applies only with --model %s",
                 ssldyn_model_names(option->part, " or ", names, sizeof names));
        return false;
    }
    if (spec->problem.parameters.target == SSLDYN_DEPTH_MAE && is_of_target(option->name)) {
        snprintf(why, size,
                 "has no effect: --target mae predicts the data and has no target network");
        return false;
    }
    return is_read(option->name, spec, why, size);
}
