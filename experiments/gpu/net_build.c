/* The layers of a ResNet with its heads, in the order they run. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/net_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum { ALIGNMENT = 64 }; /* elements */

static int add_slot(struct net *net, int h, int w, int c, enum ops_type type)
{
    net->slots[net->slot_count] =
        (struct net_slot){.h = h, .w = w, .c = c, .type = type, .shares = NET_NOTHING};
    return net->slot_count++;
}

/* "PREFIX.SUFFIX" in a buffer of the caller. */
static const char *join(char name[static NET_NAME], const char *prefix, const char *suffix)
{
    const int length = snprintf(name, NET_NAME, "%s.%s", prefix, suffix);
    return length < NET_NAME ? name : ""; /* the longest is encoder.layer4.63.downsample.0.weight */
}

/* Names a parameter "PREFIX.MEMBER"; unused dimensions are 1. */
static int add_parameter(struct net *net, const char *prefix, const char *member, int dimensions,
                         int a, int b, int c, int d)
{
    struct net_view *view = &net->view;
    struct net_parameter *parameter = &net->parameters[view->parameter_count];
    *parameter = (struct net_parameter){.offset = view->count,
                                        .count = (size_t)a * (size_t)b * (size_t)c * (size_t)d,
                                        .shape = {a, b, c, d},
                                        .dimensions = dimensions};
    join(parameter->name, prefix, member);
    view->count += (parameter->count + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return (int)view->parameter_count++;
}

static struct net_layer *add_layer(struct net *net, enum net_layer_kind kind, enum net_part part,
                                   int in)
{
    struct net_layer *layer = &net->layers[net->layer_count++];
    *layer = (struct net_layer){.kind = kind,
                                .part = part,
                                .in = in,
                                .residual = NET_NOTHING,
                                .weight = NET_NOTHING,
                                .bias = NET_NOTHING};
    net->parts[part + 1] = net->layer_count;
    return layer;
}

static int add_conv(struct net *net, const char *name, int in, int k, int r, int stride)
{
    struct net_layer *layer = add_layer(net, NET_CONV, NET_ENCODER, in);
    const struct net_slot from = net->slots[in];
    const int pad = r / 2;
    layer->shape = (struct ops_conv){
        .h = from.h, .w = from.w, .c = from.c, .k = k, .r = r, .stride = stride, .pad = pad};
    layer->conv = net->conv_count++;
    layer->weight = add_parameter(net, name, "weight", 4, k, r, r, from.c);
    layer->out = add_slot(net, ops_extent(from.h, r, stride, pad),
                          ops_extent(from.w, r, stride, pad), k, OPS_ACTIVATION);
    return layer->out;
}

static int add_bn(struct net *net, enum net_part part, const char *name, int in, int residual,
                  bool relu, bool affine)
{
    struct net_layer *layer = add_layer(net, NET_BN, part, in);
    const struct net_slot from = net->slots[in];
    layer->residual = residual;
    layer->relu = relu;
    if (affine) {
        layer->weight = add_parameter(net, name, "weight", 1, from.c, 1, 1, 1);
        layer->bias = add_parameter(net, name, "bias", 1, from.c, 1, 1, 1);
    }
    struct net_statistics *statistics = &net->statistics[net->view.statistics_count++];
    *statistics = (struct net_statistics){.offset = net->view.running_count, .width = from.c};
    snprintf(statistics->name, NET_NAME, "%s", name);
    layer->statistics = net->view.running_count;
    net->view.running_count += 2 * (size_t)from.c;
    layer->out = add_slot(net, from.h, from.w, from.c, from.type);
    net->slots[in].shares = layer->out;
    return layer->out;
}

static int add_linear(struct net *net, enum net_part part, const char *name, int in, int width,
                      bool bias)
{
    struct net_layer *layer = add_layer(net, NET_LINEAR, part, in);
    layer->weight = add_parameter(net, name, "weight", 2, width, net->slots[in].c, 1, 1);
    if (bias)
        layer->bias = add_parameter(net, name, "bias", 1, width, 1, 1, 1);
    layer->out = add_slot(net, 1, 1, width, OPS_STATE);
    return layer->out;
}

/* Two 3 x 3 convolutions in parallel to the identity, or to a strided 1 x 1 convolution if the
 * shape changes. */
static int add_block(struct net *net, const char *name, int in, int width, int stride)
{
    char buffer[NET_NAME];
    const bool project = stride != 1 || net->slots[in].c != width;
    int shortcut = in;
    int out = add_conv(net, join(buffer, name, "conv1"), in, width, 3, stride);
    net->slots[in].doubled = true;
    out = add_bn(net, NET_ENCODER, join(buffer, name, "bn1"), out, NET_NOTHING, true, true);
    out = add_conv(net, join(buffer, name, "conv2"), out, width, 3, 1);
    if (project) {
        shortcut = add_conv(net, join(buffer, name, "downsample.0"), in, width, 1, stride);
        net->layers[net->layer_count - 1].second = true;
        shortcut = add_bn(net, NET_ENCODER, join(buffer, name, "downsample.1"), shortcut,
                          NET_NOTHING, false, true);
    }
    return add_bn(net, NET_ENCODER, join(buffer, name, "bn2"), out, shortcut, true, true);
}

static int add_encoder(struct net *net)
{
    const struct net_config *config = &net->config;
    const bool large = config->stem == NET_STEM_LARGE;
    const int channels =
        config->channels > net->ops->image_channels ? config->channels : net->ops->image_channels;
    int width = config->width;
    int at = add_slot(net, config->image, config->image, channels, OPS_ACTIVATION);
    at = add_conv(net, "encoder.conv1", at, width, large ? 7 : 3, large ? 2 : 1);
    at = add_bn(net, NET_ENCODER, "encoder.bn1", at, NET_NOTHING, true, true);
    if (large) {
        struct net_layer *layer = add_layer(net, NET_MAXPOOL, NET_ENCODER, at);
        const struct net_slot from = net->slots[at];
        at = layer->out = add_slot(net, ops_extent(from.h, 3, 2, 1), ops_extent(from.w, 3, 2, 1),
                                   from.c, OPS_ACTIVATION);
    }
    for (int stage = 0; stage < NET_STAGES && config->blocks[stage] > 0; stage++) {
        width = config->width << stage;
        for (int block = 0; block < config->blocks[stage]; block++) {
            char name[NET_NAME];
            snprintf(name, sizeof(name), "encoder.layer%d.%d", stage + 1, block);
            at = add_block(net, name, at, width, stage > 0 && block == 0 ? 2 : 1);
        }
    }
    struct net_layer *layer = add_layer(net, NET_AVGPOOL, NET_ENCODER, at);
    return layer->out = add_slot(net, 1, 1, width, OPS_STATE);
}

/* Linear - BN - ReLU - Linear, with the names of a PyTorch Sequential. */
static int add_mlp(struct net *net, enum net_part part, const char *name, int in, int hidden,
                   bool bias)
{
    char buffer[NET_NAME];
    int at = add_linear(net, part, join(buffer, name, "0"), in, hidden, bias);
    at = add_bn(net, part, join(buffer, name, "1"), at, NET_NOTHING, true, net->config.affine);
    return add_linear(net, part, join(buffer, name, "3"), at, net->config.output, bias);
}

static enum ssldyn_status check(const struct net_config *config, struct ssldyn_error *err)
{
    const int most = 1 << 16;
    if (config->image < 1 || config->image > 4096 || config->channels < 1 || config->channels > 64)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "images of %d x %d x %d: must have 1 to 4096 pixels per side and 1 to 64 "
            "channels",
            config->image, config->image, config->channels);
    if (config->width < 1 || config->width > most / 8 || config->projector_hidden < 1 ||
        config->projector_hidden > most || config->output < 1 || config->output > 4096)
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "width %d, projector %d, output %d: each must be positive, width at most "
            "%d, projector at most %d, output at most 4096",
            config->width, config->projector_hidden, config->output, most / 8, most);
    if (config->predictor == NET_PREDICTOR_TWO_LAYER &&
        (config->predictor_hidden < 1 || config->predictor_hidden > most))
        return ssldyn_fail(err, SSLDYN_EINPUT, "predictor's hidden width %d: must be 1 to %d",
                           config->predictor_hidden, most);
    for (int stage = 0; stage < NET_STAGES; stage++) {
        if (config->blocks[stage] < (stage == 0 ? 1 : 0) || config->blocks[stage] > 64)
            return ssldyn_fail(err, SSLDYN_EINPUT, "%d blocks in stage %d: must be %d to 64",
                               config->blocks[stage], stage + 1, stage == 0 ? 1 : 0);
    }
    return SSLDYN_OK;
}

enum ssldyn_status net_build(struct net *net, struct ssldyn_error *err)
{
    const struct net_config *config = &net->config;
    const enum ssldyn_status status = check(config, err);
    size_t capacity = 16;
    if (status != SSLDYN_OK)
        return status;
    for (int stage = 0; stage < NET_STAGES; stage++)
        capacity += 6 * (size_t)config->blocks[stage];
    net->slots = calloc(capacity, sizeof(*net->slots));
    net->layers = calloc(capacity, sizeof(*net->layers));
    net->parameters = calloc(2 * capacity, sizeof(*net->parameters));
    net->statistics = calloc(capacity, sizeof(*net->statistics));
    if (!net->slots || !net->layers || !net->parameters || !net->statistics)
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");

    net->features = add_encoder(net);
    net->projection =
        add_mlp(net, NET_PROJECTOR, "projector", net->features, config->projector_hidden, true);
    net->view.predictor_start = net->view.count;
    net->prediction = net->projection;
    net->parts[NET_PREDICTOR + 1] = net->layer_count;
    if (net->trains && config->predictor == NET_PREDICTOR_LINEAR)
        net->prediction = add_linear(net, NET_PREDICTOR, "predictor", net->projection,
                                     config->output, config->predictor_bias);
    if (net->trains && config->predictor == NET_PREDICTOR_TWO_LAYER)
        net->prediction = add_mlp(net, NET_PREDICTOR, "predictor", net->projection,
                                  config->predictor_hidden, config->predictor_bias);
    net->view.parameters = net->parameters;
    net->view.statistics = net->statistics;
    net->view.feature_width = (size_t)net->slots[net->features].c;
    return SSLDYN_OK;
}
