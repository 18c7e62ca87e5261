/* Memory of a network, and the passes through its layers. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/net_internal.h"

#include <stdlib.h>

static const double BN_EPSILON = 1e-5; /* PyTorch's */
static const double BN_MOMENTUM = 0.1;

static enum ssldyn_status out_of_memory(struct ssldyn_error *err)
{
    return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the network");
}

/* The slot, or its gradient, as a tensor of n images. */
static struct ops_tensor tensor(const struct net *net, int slot, int n, void *data)
{
    const struct net_slot *s = &net->slots[slot];
    return (struct ops_tensor){data, s->type, n, s->h, s->w, s->c};
}
static struct ops_tensor value(const struct net *net, int slot, int n)
{
    return tensor(net, slot, n, slot == NET_NOTHING ? NULL : net->slots[slot].data);
}
static struct ops_tensor none(void)
{
    return (struct ops_tensor){.data = NULL};
}

static size_t elements(const struct net *net, const struct net_slot *slot)
{
    return (size_t)net->capacity * (size_t)slot->h * (size_t)slot->w * (size_t)slot->c;
}

/* Allocates the activations and, if the network trains, their gradients. */
static enum ssldyn_status allocate_slots(struct net *net, struct ssldyn_error *err)
{
    for (int i = 0; i < net->slot_count; i++) {
        struct net_slot *slot = &net->slots[i];
        const size_t bytes = elements(net, slot) * net->ops->size[slot->type];
        slot->data = net->ops->alloc(net->context, bytes);
        if (net->trains && slot->shares == NET_NOTHING && i > 0)
            slot->gradient = net->ops->alloc(net->context, bytes);
        if (net->trains && (slot->doubled || i == net->projection))
            slot->more = net->ops->alloc(net->context, bytes);
        if (!slot->data ||
            (net->trains && ((i > 0 && slot->shares == NET_NOTHING && !slot->gradient) ||
                             (slot->doubled && !slot->more))))
            return out_of_memory(err);
    }
    for (int i = 0; net->trains && i < net->slot_count; i++) {
        struct net_slot *slot = &net->slots[i];
        if (slot->shares != NET_NOTHING)
            slot->gradient = net->slots[slot->shares].gradient;
    }
    return SSLDYN_OK;
}

static void *state(const struct net *net, void *block, size_t offset)
{
    return (char *)block + offset * net->ops->size[OPS_STATE];
}
static void *parameter_in(const struct net *net, void *block, int parameter)
{
    return parameter == NET_NOTHING ? NULL : state(net, block, net->parameters[parameter].offset);
}

static enum ssldyn_status allocate_parameters(struct net *net, struct ssldyn_error *err)
{
    const struct ops *ops = net->ops;
    struct net_view *view = &net->view;
    const size_t bytes = view->count * ops->size[OPS_STATE];
    /* kept from forward to backward: means and deviations of two groups */
    void *kept = ops->alloc(net->context, 2 * view->running_count * ops->size[OPS_STATE]);
    view->weights = ops->alloc(net->context, bytes);
    view->low = ops->copies ? ops->alloc(net->context, view->count * ops->size[OPS_ACTIVATION])
                            : view->weights;
    view->running = ops->alloc(net->context, view->running_count * ops->size[OPS_STATE]);
    if (net->trains)
        view->gradient = ops->alloc(net->context, bytes);
    if (!kept || !view->weights || !view->low || !view->running || (net->trains && !view->gradient))
        return out_of_memory(err);
    for (int i = 0; i < net->layer_count; i++) {
        struct net_layer *layer = &net->layers[i];
        const size_t c = (size_t)net->slots[layer->in].c;
        if (layer->kind != NET_BN)
            continue;
        layer->bn = (struct ops_bn){
            .groups = net->config.joint_bn ? 1 : 2,
            .epsilon = BN_EPSILON,
            .momentum = BN_MOMENTUM,
            .gamma = parameter_in(net, view->weights, layer->weight),
            .beta = parameter_in(net, view->weights, layer->bias),
            .mean = state(net, kept, 2 * layer->statistics),
            .inverse_std = state(net, kept, 2 * layer->statistics + 2 * c),
            .running_mean = state(net, view->running, layer->statistics),
            .running_var = state(net, view->running, layer->statistics + c),
        };
    }
    return SSLDYN_OK;
}

static void look(struct net *net, int n)
{
    struct net_view *view = &net->view;
    view->input = value(net, 0, net->capacity);
    view->features = value(net, net->features, n);
    view->projection = value(net, net->projection, n);
    view->prediction = value(net, net->prediction, n);
    view->d_prediction = tensor(net, net->prediction, n, net->slots[net->prediction].gradient);
    view->d_projection = tensor(net, net->projection, n, net->slots[net->projection].more);
}

enum ssldyn_status net_create(const struct ops *ops, struct ops_context *context,
                              const struct net_config *config, int capacity, bool trains,
                              struct net **out, struct ssldyn_error *err)
{
    struct net *net = calloc(1, sizeof(*net));
    *out = NULL;
    if (!net)
        return out_of_memory(err);
    net->ops = ops;
    net->context = context;
    net->config = *config;
    net->capacity = capacity;
    net->trains = trains;
    enum ssldyn_status status = net_build(net, err);
    if (status == SSLDYN_OK)
        status = allocate_slots(net, err);
    if (status == SSLDYN_OK)
        status = allocate_parameters(net, err);
    if (status != SSLDYN_OK) {
        net_free(net);
        return status;
    }
    look(net, capacity);
    *out = net;
    return SSLDYN_OK;
}

void net_free(struct net *net)
{
    if (!net)
        return;
    for (int i = 0; i < net->batch_count; i++)
        free(net->batches[i].convs);
    free(net->batches);
    free(net->slots);
    free(net->layers);
    free(net->parameters);
    free(net->statistics);
    free(net);
}

const struct net_view *net_look(const struct net *net)
{
    return &net->view;
}

void net_share_input(struct net *net, const struct net *from)
{
    net->slots[0].data = from->slots[0].data;
    net->view.input = from->view.input;
}

static const struct net_batch *find_batch(const struct net *net, int n, enum net_mode mode)
{
    for (int i = 0; i < net->batch_count; i++) {
        if (net->batches[i].n == n && net->batches[i].mode == mode)
            return &net->batches[i];
    }
    return NULL;
}

enum ssldyn_status net_prepare(struct net *net, int n, enum net_mode mode, struct ssldyn_error *err)
{
    if (find_batch(net, n, mode))
        return SSLDYN_OK;
    if (n < 1 || n > net->capacity || (mode == NET_TRAIN && (n % 2 != 0 || n < 4)))
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "a pass of %d images: must be at most %d, and in training an even number "
            "of 4 or more",
            n, net->capacity);
    struct net_batch *batches =
        realloc(net->batches, ((size_t)net->batch_count + 1) * sizeof(*batches));
    if (!batches)
        return out_of_memory(err);
    net->batches = batches;
    struct net_batch *batch = &batches[net->batch_count];
    *batch = (struct net_batch){n, mode, calloc((size_t)net->conv_count, sizeof(struct ops_conv))};
    if (!batch->convs)
        return out_of_memory(err);
    net->batch_count++;
    for (int i = 0; i < net->layer_count; i++) {
        const struct net_layer *layer = &net->layers[i];
        if (layer->kind != NET_CONV)
            continue;
        struct ops_conv *conv = &batch->convs[layer->conv];
        *conv = layer->shape;
        conv->n = n;
        const enum ssldyn_status status =
            net->ops->conv_prepare(net->context, conv, !net->trains || mode == NET_EVAL, err);
        if (status != SSLDYN_OK) {
            batch->n = 0; /* never found by a later call */
            return status;
        }
    }
    return SSLDYN_OK;
}

void net_refresh(struct net *net)
{
    if (net->ops->copies)
        net->ops->convert(net->context, net->view.count, net->view.weights, net->view.low);
}

static void *low_parameter(const struct net *net, int parameter)
{
    return (char *)net->view.low +
           net->parameters[parameter].offset * net->ops->size[OPS_ACTIVATION];
}

static void run_layer(struct net *net, const struct net_layer *layer, const struct net_batch *batch)
{
    const struct ops *ops = net->ops;
    const struct ops_tensor x = value(net, layer->in, batch->n);
    const struct ops_tensor y = value(net, layer->out, batch->n);
    void *weights = net->view.weights;
    switch (layer->kind) {
    case NET_CONV:
        ops->conv_fwd(net->context, &batch->convs[layer->conv], x,
                      low_parameter(net, layer->weight), y);
        break;
    case NET_BN:
        (batch->mode == NET_TRAIN ? ops->bn_fwd : ops->bn_infer)(
            net->context, &layer->bn, x,
            layer->residual == NET_NOTHING ? none() : value(net, layer->residual, batch->n),
            layer->relu, y);
        break;
    case NET_MAXPOOL:
        ops->maxpool_fwd(net->context, x, y);
        break;
    case NET_AVGPOOL:
        ops->avgpool_fwd(net->context, x, y);
        break;
    case NET_LINEAR:
        ops->linear_fwd(net->context, x, parameter_in(net, weights, layer->weight),
                        parameter_in(net, weights, layer->bias), y);
        break;
    }
}

static void run(struct net *net, int n, enum net_mode mode, int end)
{
    const struct net_batch *batch = find_batch(net, n, mode);
    for (int i = 0; i < end; i++)
        run_layer(net, &net->layers[i], batch);
    look(net, n);
}

void net_encode(struct net *net, int n, enum net_mode mode)
{
    run(net, n, mode, net->parts[NET_ENCODER + 1]);
}

void net_forward(struct net *net, int n, enum net_mode mode)
{
    run(net, n, mode, net->layer_count);
}

/* Where the gradient of a slot is written; the images themselves have none. */
static struct ops_tensor gradient(const struct net *net, int slot, int n, bool second)
{
    const struct net_slot *s = &net->slots[slot];
    return slot == 0 ? none() : tensor(net, slot, n, second ? s->more : s->gradient);
}

static void bn_back(struct net *net, const struct net_layer *layer, int n)
{
    const struct net_slot *out = &net->slots[layer->out];
    struct ops_tensor dresidual = none();
    if (layer->residual != NET_NOTHING) {
        /* the input of the block also gets the gradient of the convolutions */
        const bool identity = net->slots[layer->residual].doubled;
        dresidual = gradient(net, layer->residual, n, identity);
    }
    net->ops->bn_bwd(net->context, &layer->bn, value(net, layer->in, n), value(net, layer->out, n),
                     layer->relu, gradient(net, layer->out, n, false),
                     out->doubled ? gradient(net, layer->out, n, true) : none(),
                     gradient(net, layer->in, n, false), dresidual,
                     parameter_in(net, net->view.gradient, layer->weight),
                     parameter_in(net, net->view.gradient, layer->bias));
}

static void back(struct net *net, const struct net_layer *layer, const struct net_batch *batch)
{
    const struct ops *ops = net->ops;
    const int n = batch->n;
    const struct ops_tensor x = value(net, layer->in, n);
    const struct ops_tensor y = value(net, layer->out, n);
    const struct ops_tensor dy = gradient(net, layer->out, n, false);
    const struct ops_tensor dx = gradient(net, layer->in, n, layer->second);
    void *dw = parameter_in(net, net->view.gradient, layer->weight);
    switch (layer->kind) {
    case NET_CONV:
        ops->conv_dw(net->context, &batch->convs[layer->conv], x, dy, dw);
        if (dx.data)
            ops->conv_dx(net->context, &batch->convs[layer->conv], dy,
                         low_parameter(net, layer->weight), dx);
        break;
    case NET_BN:
        bn_back(net, layer, n);
        break;
    case NET_MAXPOOL:
        ops->maxpool_bwd(net->context, x, y, dy, gradient(net, layer->out, n, true), dx);
        break;
    case NET_AVGPOOL:
        ops->avgpool_bwd(net->context, dy, dx);
        break;
    case NET_LINEAR:
        ops->linear_bwd(net->context, x, parameter_in(net, net->view.weights, layer->weight), dy,
                        dx, dw, parameter_in(net, net->view.gradient, layer->bias));
        break;
    }
}

void net_backward(struct net *net, int n, bool also_projection)
{
    const struct net_batch *batch = find_batch(net, n, NET_TRAIN);
    const struct net_slot *projection = &net->slots[net->projection];
    for (int i = net->layer_count - 1; i >= 0; i--) {
        if (i == net->parts[NET_PROJECTOR + 1] - 1 && also_projection)
            net->ops->add(net->context, (size_t)n * (size_t)projection->c, projection->gradient,
                          projection->more);
        back(net, &net->layers[i], batch);
    }
}
