/* Shared by the parts of ssldyn theory: values, and the modes that lists describe. */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/base/memory.h"
#include "sim/model/model.h"

#include <math.h>
#include <stdlib.h>

double ssldyn_closed_tau(const struct ssldyn_spec *spec)
{
    return spec->problem.parameters.tau_held ? spec->problem.parameters.tau : 1.0;
}

void ssldyn_closed_put_rates(struct ssldyn_result *result, const struct ssldyn_spec *spec)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    if (ssldyn_rules_trained(&spec->problem.parameters)) {
        ssldyn_result_put(result, "alpha_p", rates->alpha_p);
        ssldyn_result_put(result, "eta_p", rates->eta_p);
    }
    ssldyn_result_put(result, "eta_s", rates->eta_s);
    ssldyn_result_put(result, "tau", ssldyn_closed_tau(spec));
    ssldyn_result_put_known(result, "step_time", ssldyn_spec_step_time(spec));
}

void ssldyn_closed_put_decay(struct ssldyn_result *result, const struct ssldyn_spec *spec,
                             const char *suffix, size_t j, size_t count, double eta)
{
    char name[48];
    const char *setting = ssldyn_spec_as_setting(spec, "eta", &eta);
    if (setting) {
        snprintf(name, sizeof name, "%s_%s", setting, suffix);
        ssldyn_result_put_of(result, name, j, count, eta);
    }
}

bool ssldyn_closed_is_frozen(const struct ssldyn_spec *spec)
{
    return !spec->problem.parameters.tau_held && spec->problem.parameters.rates.beta == 0.0;
}

void ssldyn_closed_put_target(struct ssldyn_result *result, const struct ssldyn_spec *spec)
{
    const struct ssldyn_rates *rates = &spec->problem.parameters.rates;
    if (spec->problem.parameters.tau_held) {
        return;
    }
    ssldyn_result_put(result, "beta", rates->beta);
    if (rates->beta > 0.0) {
        ssldyn_result_put(result, "tau_collapsing",
                          rates->beta > rates->eta_s ? rates->beta / (rates->beta - rates->eta_s)
                                                     : (double)INFINITY);
    }
}

void ssldyn_closed_put_factors(struct ssldyn_result *result, const struct ssldyn_margin *margin,
                               bool isotropic, const enum ssldyn_knob knobs[], size_t knob_count,
                               size_t j, size_t count)
{
    char name[40];
    for (size_t i = 0; i < knob_count; i++) {
        snprintf(name, sizeof name, "factor_%s",
                 isotropic && knobs[i] == SSLDYN_KNOB_NOISE ? "sigma2"
                                                            : ssldyn_margin_knob(knobs[i]));
        ssldyn_result_put_of(result, name, j, count, margin->factor[knobs[i]]);
    }
}

bool ssldyn_closed_has_end_time(const struct ssldyn_spec *spec)
{
    return ssldyn_spec_given(spec, "t-end") || ssldyn_spec_given(spec, "train-steps");
}

const char *ssldyn_closed_given(const struct ssldyn_spec *spec, const char *const names[])
{
    size_t i = 0;
    while (names[i] && !ssldyn_spec_given(spec, names[i])) {
        i++;
    }
    return names[i];
}

enum ssldyn_status ssldyn_closed_refuse(const struct ssldyn_spec *spec, const char *const names[],
                                        const char *why, struct ssldyn_error *err)
{
    const char *given = ssldyn_closed_given(spec, names);
    return given ? ssldyn_fail(err, SSLDYN_EINPUT, "--%s: %s", given, why) : SSLDYN_OK;
}

/* ---- the modes of lists */

enum { LISTS = 4 };

/* The longest of the lists; EINPUT if two of them have several entries and different lengths. */
static enum ssldyn_status count_modes(const struct ssldyn_list *const lists[LISTS],
                                      const char *const names[LISTS], size_t *count,
                                      struct ssldyn_error *err)
{
    const char *longest = NULL;
    *count = 1;
    for (int i = 0; i < LISTS; i++) {
        if (!lists[i] || lists[i]->count <= 1) {
            continue;
        }
        if (longest && lists[i]->count != *count) {
            return ssldyn_fail(
                err, SSLDYN_EINPUT,
                "--%s and --%s: have %zu and %zu entries; give one for each mode, or one for all",
                longest, names[i], *count, lists[i]->count);
        }
        longest = names[i];
        *count = lists[i]->count;
    }
    return SSLDYN_OK;
}

enum ssldyn_status ssldyn_closed_list_create(const struct ssldyn_spec *spec,
                                             struct ssldyn_closed_list *list,
                                             struct ssldyn_error *err)
{
    const struct ssldyn_problem *problem = &spec->problem;
    const bool networks = ssldyn_model_has(problem->model, SSLDYN_HAS_NETWORKS);
    const bool tied = ssldyn_model_has(problem->model, SSLDYN_HAS_TIED_S);
    static const char *const names[] = {"lambda-s", "lambda-d", "wp0", "w0"};
    static const char *const isotropic[] = {"p0", "s0", NULL, NULL};
    const struct ssldyn_list *const lists[] = {networks ? &problem->typed.lambda_s : &problem->p0,
                                               networks ? &problem->typed.lambda_d : &problem->s0,
                                               networks ? &problem->wp0 : NULL,
                                               networks ? &problem->w0 : NULL};
    if (spec->sxx_file) {
        return ssldyn_closed_list_of_pair(spec, list, err);
    }
    *list = (struct ssldyn_closed_list){.isotropic = !networks};
    const enum ssldyn_status status =
        count_modes(lists, networks ? names : isotropic, &list->count, err);
    if (status != SSLDYN_OK) {
        return status;
    }
    list->kinds = networks ? list->count : 1;
    list->lambda_s = ssldyn_memory_array(LISTS * list->count, sizeof *list->lambda_s);
    if (!list->lambda_s) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for %zu modes", list->count);
    }
    list->lambda_d = list->lambda_s + list->count;
    list->p = list->lambda_d + list->count;
    list->w = list->p + list->count;
    for (size_t j = 0; j < list->count; j++) {
        const struct ssldyn_parameters *parameters = &problem->parameters;
        list->lambda_s[j] = networks ? ssldyn_parse_list_entry(lists[0], j) : parameters->rates.c;
        list->lambda_d[j] = networks ? ssldyn_parse_list_entry(lists[1], j) : 1.0;
        list->p[j] = ssldyn_parse_list_entry(networks ? lists[2] : lists[0], j);
        list->w[j] = networks ? ssldyn_parse_list_entry(lists[3], j)
                     : tied   ? fabs(list->p[j]) / sqrt(parameters->rates.alpha_p)
                              : sqrt(ssldyn_parse_list_entry(lists[1], j));
    }
    return SSLDYN_OK;
}

void ssldyn_closed_list_clear(struct ssldyn_closed_list *list)
{
    free(list->lambda_s);
    *list = (struct ssldyn_closed_list){.isotropic = false};
}
