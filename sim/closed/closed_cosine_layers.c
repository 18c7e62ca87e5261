/* Starts and ends of several layers under the cosine (THEORY section 11). */
// SPDX-License-Identifier: MIT
#include "sim/closed/closed.h"

#include "sim/model/model.h"
#include "theory/depth_flow.h"

#include <math.h>

/* The size of layer l relative to the geometric mean of all. */
static double ratio_of(const struct ssldyn_spec *spec, size_t l)
{
    const struct ssldyn_list *ratios = &spec->problem.layers0;
    return ratios->count == 0
               ? 1.0
               : ratios->values[l] / ssldyn_depth_mean(ratios->count, ratios->values);
}

static double least_ratio(const struct ssldyn_spec *spec)
{
    double least = 1.0;
    for (size_t l = 0; l < spec->problem.layers0.count; l++) {
        least = fmin(least, ratio_of(spec, l));
    }
    return least;
}

enum ssldyn_status ssldyn_closed_layers_check(const struct ssldyn_spec *spec,
                                              struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &spec->problem.parameters;
    const size_t count = spec->problem.layers0.count;
    if (parameters->depth > 1 && !ssldyn_rules_trained(parameters)) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--depth: needs a trained predictor");
    }
    if (count > 0 && count != (size_t)parameters->depth) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--layers0: has %zu entries, but the encoder has %lld layers", count,
                           (long long)parameters->depth);
    }
    return SSLDYN_OK;
}

void ssldyn_closed_layers_take_smallest(const struct ssldyn_spec *spec,
                                        struct ssldyn_closed_list *list)
{
    const bool tied = ssldyn_model_has(spec->problem.model, SSLDYN_HAS_TIED_S);
    const double power = tied ? 1.0 : 1.0 / (double)spec->problem.parameters.depth;
    for (size_t j = 0; j < list->count; j++) {
        list->w[j] = least_ratio(spec) * pow(fabs(list->w[j]), power);
    }
}

double ssldyn_closed_layers_product(const struct ssldyn_spec *spec,
                                    const struct ssldyn_closed_list *list, size_t j, double w2)
{
    const double least = least_ratio(spec);
    double product = 1.0;
    for (int64_t l = 0; l < spec->problem.parameters.depth; l++) {
        const double size = ratio_of(spec, (size_t)l) / least;
        product *= w2 + (size * size - 1.0) * list->w[j] * list->w[j];
    }
    return w2 > 0.0 ? product : 0.0;
}
