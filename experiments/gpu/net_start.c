/* Initial values of a network, and its number of multiply-adds. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/net_internal.h"

#include <math.h>
#include <stdlib.h>

/* Writes the initial values of one layer into the host block. */
static void draw_layer(const struct net *net, const struct net_layer *layer,
                       struct ssldyn_stream *stream, double *block)
{
    const struct net_parameter *weight =
        layer->weight == NET_NOTHING ? NULL : &net->parameters[layer->weight];
    const struct net_parameter *bias =
        layer->bias == NET_NOTHING ? NULL : &net->parameters[layer->bias];
    double *w = weight ? block + weight->offset : NULL;
    if (layer->kind == NET_CONV) {
        /* the image's padding channels stay zero */
        const size_t have = (size_t)layer->shape.c;
        const size_t drawn = layer->in == 0 ? (size_t)net->config.channels : have;
        const double area = (double)layer->shape.r * layer->shape.r;
        /* for small images the authors' program replaces ResNet's first convolution by one with
         * PyTorch's default initial values: uniform within 1/sqrt(inputs per output) */
        const bool replaced = layer->in == 0 && net->config.stem == NET_STEM_CIFAR;
        const double bound = 1.0 / sqrt(area * (double)drawn);
        const double deviation = sqrt(2.0 / ((double)layer->shape.k * area));
        for (size_t at = 0; at < weight->count; at += have) {
            if (replaced)
                ssldyn_stream_uniform(stream, drawn, w + at);
            else
                ssldyn_stream_normal(stream, drawn, w + at);
            for (size_t c = 0; c < drawn; c++)
                w[at + c] = replaced ? bound * (2.0 * w[at + c] - 1.0) : deviation * w[at + c];
        }
    } else if (layer->kind == NET_LINEAR) {
        const double bound = 1.0 / sqrt((double)net->slots[layer->in].c);
        ssldyn_stream_uniform(stream, weight->count, w);
        if (bias)
            ssldyn_stream_uniform(stream, bias->count, block + bias->offset);
        for (size_t i = 0; i < weight->count; i++)
            w[i] = bound * (2.0 * w[i] - 1.0);
        for (size_t i = 0; bias && i < bias->count; i++)
            block[bias->offset + i] = bound * (2.0 * block[bias->offset + i] - 1.0);
    } else if (layer->kind == NET_BN) {
        for (size_t i = 0; weight && i < weight->count; i++)
            w[i] = 1.0;
    }
}

enum ssldyn_status net_reset(struct net *net, uint64_t seed, enum ssldyn_purpose purpose,
                             struct ssldyn_error *err)
{
    struct net_view *view = &net->view;
    struct ssldyn_stream body;
    struct ssldyn_stream predictor;
    double *block = ssldyn_memory_array(view->count, sizeof(double));
    double *running = ssldyn_memory_array(view->running_count, sizeof(double));
    enum ssldyn_status status =
        block && running ? SSLDYN_OK
                         : ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory for the network");
    if (status == SSLDYN_OK) {
        ssldyn_stream_init(&body, seed, 0, purpose);
        ssldyn_stream_init(&predictor, seed, 0, SSLDYN_PURPOSE_INIT_WP);
        for (int i = 0; i < net->layer_count; i++) {
            const struct net_layer *layer = &net->layers[i];
            const size_t c = (size_t)net->slots[layer->in].c;
            draw_layer(net, layer, layer->part == NET_PREDICTOR ? &predictor : &body, block);
            for (size_t j = 0; layer->kind == NET_BN && j < c; j++)
                running[layer->statistics + c + j] = 1.0;
        }
        status = ops_upload_real(net->ops, net->context, view->weights, view->count, block, err);
    }
    if (status == SSLDYN_OK)
        status = ops_upload_real(net->ops, net->context, view->running, view->running_count,
                                 running, err);
    free(block);
    free(running);
    if (status == SSLDYN_OK)
        net_refresh(net);
    return status;
}

double net_macs(const struct net *net)
{
    double sum = 0.0;
    for (int i = 0; i < net->layer_count; i++) {
        const struct net_layer *layer = &net->layers[i];
        const struct net_slot *out = &net->slots[layer->out];
        const double inputs = layer->in == 0 ? net->config.channels : net->slots[layer->in].c;
        if (layer->kind == NET_CONV)
            sum += (double)out->h * out->w * out->c * layer->shape.r * layer->shape.r * inputs;
        else if (layer->kind == NET_LINEAR)
            sum += (double)out->c * inputs;
    }
    return sum;
}
