/* One mode of a problem as a point of an ensemble. */
// SPDX-License-Identifier: MIT
#include "sim/flow/mode_point.h"

#include "sim/flow/deep_point.h"
#include "sim/model/model.h"
#include "theory/margin.h"

#include <math.h>
#include <string.h>

#define OFFSET(field) offsetof(struct ssldyn_mode_point, field)

static const struct {
    const char *name;
    size_t offset;
    size_t second;         /* a second member to set, or 0 */
    enum ssldyn_knob knob; /* SSLDYN_KNOBS: part of the start */
} slots[] = {
    {"alpha-p", OFFSET(rates.alpha_p), 0, SSLDYN_KNOB_ALPHA_P},
    {"beta", OFFSET(rates.beta), 0, SSLDYN_KNOB_BETA},
    {"eta", OFFSET(rates.eta_p), OFFSET(rates.eta_s), SSLDYN_KNOB_ETA_S},
    {"eta-p", OFFSET(rates.eta_p), 0, SSLDYN_KNOB_ETA_P},
    {"eta-s", OFFSET(rates.eta_s), 0, SSLDYN_KNOB_ETA_S},
    {"sigma2", OFFSET(sigma2), 0, SSLDYN_KNOB_NOISE},
    {"lambda-s", OFFSET(lambda_s), 0, SSLDYN_KNOB_LAMBDA_S},
    {"lambda-d", OFFSET(lambda_d), 0, SSLDYN_KNOB_LAMBDA_D},
    {"tau", OFFSET(tau), 0, SSLDYN_KNOB_TAU},
    {"p0", OFFSET(p0), 0, SSLDYN_KNOBS},
    {"s0", OFFSET(s0), 0, SSLDYN_KNOBS},
    {"tau0", OFFSET(tau0), 0, SSLDYN_KNOBS},
    {"wp0", OFFSET(wp0), 0, SSLDYN_KNOBS},
    {"w0", OFFSET(w0), 0, SSLDYN_KNOBS},
    {"wa0", OFFSET(wa0), 0, SSLDYN_KNOBS},
    /* training settings affect the fold only through the weight decay of the network */
    {"train-lr", OFFSET(training.lr), 0, SSLDYN_KNOBS},
    {"train-momentum", OFFSET(training.momentum), 0, SSLDYN_KNOBS},
    {"train-weight-decay", OFFSET(training.weight_decay), 0, SSLDYN_KNOB_ETA_S},
    {"train-ema", OFFSET(training.ema), 0, SSLDYN_KNOB_BETA},
    {"train-loss-factor", OFFSET(training.loss_factor), 0, SSLDYN_KNOB_ETA_S},
    {"train-predictor-lr", OFFSET(training.predictor_lr), 0, SSLDYN_KNOB_ALPHA_P},
    {"train-predictor-weight-decay", OFFSET(training.predictor_weight_decay), 0, SSLDYN_KNOB_ETA_P},
};
_Static_assert(sizeof slots / sizeof slots[0] == SSLDYN_MODE_POINT_SLOTS, "one row a slot");

static double first_entry(const struct ssldyn_list *list)
{
    return list->count > 0 ? list->values[0] : 0.0;
}

enum ssldyn_status ssldyn_mode_point_init(struct ssldyn_mode_point *point,
                                          const struct ssldyn_problem *problem,
                                          struct ssldyn_error *err)
{
    const struct ssldyn_parameters *parameters = &problem->parameters;
    if (!ssldyn_model_has(problem->model, SSLDYN_HAS_KERNEL)) {
        char names[100];
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--model: ssldyn basin needs a model with modes; allowed are %s",
                           ssldyn_model_names(SSLDYN_HAS_KERNEL, ", ", names, sizeof names));
    }
    if (ssldyn_model_is_coupled(problem)) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--loss: ssldyn basin supports the squared distance only");
    }
    const bool lowdim = ssldyn_model_has(problem->model, SSLDYN_HAS_NETWORKS);
    const struct ssldyn_list *first = lowdim ? &problem->w0 : &problem->p0;
    if (first->count > 1) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--%s: ssldyn basin follows one mode: give one value (or make it an axis)",
            lowdim ? "w0" : "p0");
    }
    if (ssldyn_rules_set(parameters) || !parameters->stop_grad) {
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--predictor, --no-stop-grad: ssldyn basin supports only the trained "
                           "predictor with stop-gradient");
    }
    *point = (struct ssldyn_mode_point){.deep = ssldyn_depth_is_deep(parameters) ? problem : NULL,
                                        .model = problem->model,
                                        .rates = parameters->rates,
                                        .sigma2 = problem->typed.sigma2,
                                        .lambda_s = parameters->lambda_s,
                                        .lambda_d = parameters->lambda_d,
                                        .tau = parameters->tau_held ? parameters->tau : (double)NAN,
                                        .p0 = first_entry(&problem->p0),
                                        .s0 = first_entry(&problem->s0),
                                        .tau0 = first_entry(&problem->tau0),
                                        .wp0 = first_entry(&problem->wp0),
                                        .w0 = first_entry(&problem->w0),
                                        .wa0 = first_entry(&problem->wa0),
                                        .predictor = parameters->predictor,
                                        .training = problem->typed.training};
    return SSLDYN_OK;
}

int ssldyn_mode_point_slot(const char *name)
{
    for (int i = 0; i < SSLDYN_MODE_POINT_SLOTS; i++) {
        if (strcmp(slots[i].name, name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *ssldyn_mode_point_name(int slot)
{
    return slots[slot].name;
}

void ssldyn_mode_point_set(struct ssldyn_mode_point *point, int slot, double value)
{
    memcpy((char *)point + slots[slot].offset, &value, sizeof value);
    if (slots[slot].second != 0) {
        memcpy((char *)point + slots[slot].second, &value, sizeof value);
    }
    if (ssldyn_training_any(&point->training)) {
        ssldyn_training_rates(&point->training, &point->rates);
    }
}

double ssldyn_mode_point_value(const struct ssldyn_mode_point *point, int slot)
{
    double value = 0.0;
    memcpy(&value, (const char *)point + slots[slot].offset, sizeof value);
    return value;
}

struct ssldyn_ensemble_point ssldyn_mode_point_start(const struct ssldyn_mode_point *point)
{
    const struct ssldyn_parameters parameters = ssldyn_mode_point_parameters(point);
    if (ssldyn_model_has(point->model, SSLDYN_HAS_NETWORKS)) {
        return ssldyn_ensemble_network(&parameters, point->predictor ? point->wp0 : 1.0, point->w0,
                                       point->wa0);
    }
    const bool parabola = ssldyn_model_has(point->model, SSLDYN_HAS_TIED_S);
    const double s = parabola ? point->p0 * point->p0 / point->rates.alpha_p : point->s0;
    return ssldyn_ensemble_mode(&parameters, point->p0, s, point->tau0);
}

struct ssldyn_parameters ssldyn_mode_point_parameters(const struct ssldyn_mode_point *point)
{
    const bool lowdim = ssldyn_model_has(point->model, SSLDYN_HAS_NETWORKS);
    const bool held = !isnan(point->tau);
    struct ssldyn_parameters parameters = {.rates = point->rates,
                                           .lambda_s =
                                               lowdim ? point->lambda_s : 1.0 + point->sigma2,
                                           .lambda_d = lowdim ? point->lambda_d : 1.0,
                                           .tau = held ? point->tau : 1.0,
                                           .tau_held = held,
                                           .stop_grad = true,
                                           .predictor = !lowdim || point->predictor};
    parameters.rates.c = parameters.lambda_s;
    return parameters;
}

double ssldyn_mode_point_on_fold(const struct ssldyn_mode_point *point, int slot)
{
    const struct ssldyn_parameters parameters = ssldyn_mode_point_parameters(point);
    const struct ssldyn_training *training = &point->training;
    struct ssldyn_margin margin;
    if (point->deep) {
        return ssldyn_deep_point_on_fold(point, slots[slot].knob,
                                         slots[slot].offset == OFFSET(rates.eta_p) &&
                                             slots[slot].second != 0);
    }
    ssldyn_margin(&parameters, &margin);
    if (slots[slot].knob >= SSLDYN_KNOBS || !parameters.predictor) {
        return (double)NAN;
    }
    const double value = margin.at_fold[slots[slot].knob];
    if (slots[slot].offset == OFFSET(training.weight_decay)) {
        return training->loss_factor * value;
    }
    if (slots[slot].offset == OFFSET(training.loss_factor)) {
        return training->weight_decay / value;
    }
    return value;
}
