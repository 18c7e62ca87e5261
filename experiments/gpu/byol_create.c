/* The settings of a run and its initial state: networks, optimizer, target. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/byol_internal.h"

#include <math.h>
#include <stdlib.h>

void byol_defaults(struct byol_config *config)
{
    *config = (struct byol_config){
        .net = {.image = 32,
                .channels = 3,
                .stem = NET_STEM_CIFAR,
                .width = 64,
                .blocks = {2, 2, 2, 2},
                .projector_hidden = 512,
                .output = 128,
                .predictor = NET_PREDICTOR_LINEAR,
                .predictor_hidden = 512},
        .batch = 128,
        .seed = 1,
        .epochs = 100,
        .steps = 391,
        .lr = 0.03,
        .momentum = 0.9,
        .eta_s = 4e-4,
        .eta_p = 4e-4,
        .alpha_p = 1.0,
        .decay_all = true,
        .schedule = BYOL_CONSTANT,
        .loss = OPS_LOSS_COSINE,
        .ema = true,
        .gamma_a = 0.996,
        .stop_grad = true,
        .target = BYOL_TARGET_RANDOM,
        .rule = SSLDYN_PREDICTOR_GRADIENT,
        .set = {.parameters = {.set_power = 0.5,
                               .epsilon = 0.1,
                               .normalization = SSLDYN_NORMALIZE_LARGEST},
                .least = 1e-4},
        .rho = 0.3,
        .freq = 1,
    };
}

static bool within(double value, double low, double high)
{
    return value >= low && value <= high;
}

/* Refuses combinations of settings that have no meaning; reports the first. */
static enum ssldyn_status check(const struct byol_config *config, struct ssldyn_error *err)
{
    const enum net_predictor predictor = config->net.predictor;
    const bool set = ssldyn_rules[config->rule]->kind != SSLDYN_RULE_TRAINED;
    double shift = 0.0;
    if (config->batch < 2 || config->batch > 1 << 20 || config->epochs < 0 || config->steps < 1)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "batch %d, %lld epochs of %lld steps: a batch must have 2 to 1048576 "
                           "images, and an epoch at least one step",
                           config->batch, (long long)config->epochs, (long long)config->steps);
    if (!within(config->lr, 0.0, 1e6) || !within(config->momentum, 0.0, 1.0) ||
        !within(config->eta_s, 0.0, 1e6) || !within(config->eta_p, 0.0, 1e6) ||
        !within(config->alpha_p, 0.0, 1e6) || !within(config->warmup, 0.0, 1e6))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "learning rate, weight decays, alpha_p and warm-up must be at least 0, "
                           "momentum from 0 to 1");
    if (!within(config->gamma_a, 0.0, 1.0) || !within(config->rho, 0.0, 1.0) || config->freq < 1)
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "gamma_a = %g, rho = %g, freq = %lld: gamma_a and rho must be from 0 to "
                           "1, freq at least 1",
                           config->gamma_a, config->rho, (long long)config->freq);
    if (set && isnan(ssldyn_rules[config->rule]->power(&config->set.parameters, &shift)))
        return ssldyn_fail(err, SSLDYN_EINPUT,
                           "--predictor %s: byol supports a trained predictor, or a power "
                           "of the correlation's eigenvalues",
                           ssldyn_rules[config->rule]->name);
    if (set && predictor != NET_PREDICTOR_LINEAR)
        return ssldyn_fail(err, SSLDYN_EINPUT, "a closed-form rule requires a linear predictor");
    if (config->symmetric && predictor == NET_PREDICTOR_NONE)
        return ssldyn_fail(err, SSLDYN_EINPUT, "symmetric requires a predictor");
    if (!config->stop_grad && config->ema)
        return ssldyn_fail(err, SSLDYN_EINPUT, "EMA requires a stop-gradient");
    return SSLDYN_OK;
}

/* Splits the parameters into ranges with one learning rate and one decay each. */
static enum ssldyn_status cut_segments(struct byol *byol, struct ssldyn_error *err)
{
    const struct byol_config *config = &byol->config;
    const struct net_view *view = net_look(byol->online);
    byol->segments = calloc(view->parameter_count, sizeof(*byol->segments));
    if (!byol->segments)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    for (size_t i = 0; i < view->parameter_count; i++) {
        const struct net_parameter *parameter = &view->parameters[i];
        const bool predictor = parameter->offset >= view->predictor_start;
        const bool decays = config->decay_all || parameter->dimensions > 1;
        const size_t end =
            i + 1 < view->parameter_count ? view->parameters[i + 1].offset : view->count;
        const struct byol_segment now = {.first = parameter->offset,
                                         .count = end - parameter->offset,
                                         .sgd = {.lr_scale = predictor ? config->alpha_p : 1.0,
                                                 .momentum = config->momentum,
                                                 .decay = !decays     ? 0.0
                                                          : predictor ? config->eta_p
                                                                      : config->eta_s}};
        struct byol_segment *last =
            byol->segments + byol->segment_count - (byol->segment_count > 0);
        if (byol->segment_count > 0 && last->sgd.lr_scale == now.sgd.lr_scale &&
            last->sgd.decay == now.sgd.decay)
            last->count += now.count;
        else
            byol->segments[byol->segment_count++] = now;
    }
    return SSLDYN_OK;
}

static enum ssldyn_status start_target(struct byol *byol, struct ssldyn_error *err)
{
    const struct ops *ops = byol->ops;
    const struct net_view *online = net_look(byol->online);
    const struct net_view *target = net_look(byol->target);
    const size_t bytes = target->count * ops->size[OPS_STATE];
    const enum ssldyn_status status =
        net_reset(byol->target, byol->config.seed, SSLDYN_PURPOSE_INIT_WA, err);
    if (byol->config.target == BYOL_TARGET_COPY)
        ops->copy(byol->context, target->weights, online->weights, bytes);
    else if (byol->config.target == BYOL_TARGET_ZERO)
        ops->zero(byol->context, target->weights, bytes);
    net_refresh(byol->target);
    net_share_input(byol->target, byol->online);
    return status;
}

static enum ssldyn_status allocate(struct byol *byol, struct ssldyn_error *err)
{
    const struct byol_config *config = &byol->config;
    const struct ops *ops = byol->ops;
    struct ops_context *context = byol->context;
    const size_t state = ops->size[OPS_STATE];
    const size_t knobs = (size_t)config->steps * OPS_KNOBS;
    const size_t output = (size_t)config->net.output;
    byol->momentum = ops->alloc(context, net_look(byol->online)->count * state);
    byol->correlation = ops->alloc(context, output * output * sizeof(double));
    byol->metrics = ops->alloc(context, OPS_METRICS * sizeof(double));
    byol->clock.cursor = ops->alloc(context, 2 * sizeof(int64_t));
    byol->clock.table = ops->alloc(context, knobs * state);
    byol->knobs = ssldyn_memory_array(knobs, state);
    if (!byol->momentum || !byol->correlation || !byol->metrics || !byol->clock.cursor ||
        !byol->clock.table || !byol->knobs)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the optimizer");
    return ssldyn_rules[config->rule]->kind == SSLDYN_RULE_TRAINED
               ? SSLDYN_OK
               : ops->set_prepare(context, config->net.output, err);
}

static enum ssldyn_status build(struct byol *byol, struct ssldyn_error *err)
{
    const struct byol_config *config = &byol->config;
    enum ssldyn_status status = check(config, err);
    if (status == SSLDYN_OK)
        status = net_create(byol->ops, byol->context, &config->net, 2 * config->batch, true,
                            &byol->online, err);
    if (status == SSLDYN_OK)
        status = net_reset(byol->online, config->seed, SSLDYN_PURPOSE_INIT_W, err);
    if (status == SSLDYN_OK && config->ema)
        status = net_create(byol->ops, byol->context, &config->net, 2 * config->batch, false,
                            &byol->target, err);
    if (status == SSLDYN_OK && config->ema)
        status = start_target(byol, err);
    if (status == SSLDYN_OK)
        status = allocate(byol, err);
    if (status == SSLDYN_OK)
        status = cut_segments(byol, err);
    return status;
}

enum ssldyn_status byol_create(const struct ops *ops, struct ops_context *context,
                               const struct byol_config *config, struct byol **out,
                               struct ssldyn_error *err)
{
    struct byol *byol = calloc(1, sizeof(*byol));
    *out = NULL;
    if (!byol)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    byol->ops = ops;
    byol->context = context;
    byol->config = *config;
    byol->config.set.parameters.rule = config->rule;
    const enum ssldyn_status status = build(byol, err);
    if (status != SSLDYN_OK) {
        byol_free(byol);
        return status;
    }
    *out = byol;
    byol_epoch(byol, 0, 0);
    return SSLDYN_OK;
}

void byol_free(struct byol *byol)
{
    if (!byol)
        return;
    net_free(byol->online);
    net_free(byol->target);
    free(byol->segments);
    free(byol->knobs);
    free(byol);
}
