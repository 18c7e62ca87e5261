/* The register of predictor rules. */
// SPDX-License-Identifier: MIT
#include "theory/rules.h"

#include "theory/parameters.h"

#include <string.h>

#define ENTRY(E, name) [SSLDYN_PREDICTOR_##E] = &ssldyn_rule_##name,
const struct ssldyn_rule *const ssldyn_rules[SSLDYN_RULES_COUNT] = {SSLDYN_RULES(ENTRY)};

const struct ssldyn_rule *ssldyn_rules_of(const struct ssldyn_parameters *parameters)
{
    return ssldyn_rules[parameters->rule];
}

bool ssldyn_rules_trained(const struct ssldyn_parameters *parameters)
{
    return parameters->predictor && ssldyn_rules_of(parameters)->kind == SSLDYN_RULE_TRAINED;
}

bool ssldyn_rules_set(const struct ssldyn_parameters *parameters)
{
    return parameters->predictor && !ssldyn_rules_trained(parameters);
}

double ssldyn_rules_pure_power(const struct ssldyn_parameters *parameters)
{
    double shift = 0.0;
    const double power = ssldyn_rules_of(parameters)->power(parameters, &shift);
    const bool pure = shift == 0.0 && parameters->epsilon == 0.0 &&
                      parameters->normalization == SSLDYN_NORMALIZE_NONE;
    return pure && ssldyn_rules_set(parameters) ? power : (double)NAN;
}

bool ssldyn_rules_reads(const struct ssldyn_rule *rule, const char *option)
{
    const size_t length = strlen(option);
    for (const char *word = rule->reads; *word; word += word[0] == ' ') {
        const size_t size = strcspn(word, " ");
        if (size == length && strncmp(word, option, size) == 0)
            return true;
        word += size;
    }
    return false;
}

double ssldyn_rules_no_power(const struct ssldyn_parameters *parameters, double *shift)
{
    (void)parameters;
    *shift = 0.0;
    return (double)NAN;
}

bool ssldyn_rules_no_trap(const struct ssldyn_parameters *parameters, double pull, double wp,
                          double r)
{
    (void)parameters;
    (void)pull;
    (void)wp;
    (void)r;
    return false;
}

unsigned ssldyn_rules_no_laws(const struct ssldyn_parameters *parameters)
{
    (void)parameters;
    return 0;
}
