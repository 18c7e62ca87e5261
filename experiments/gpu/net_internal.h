/* Parts of a network: slots (activations) and layers that map slots to slots. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_NET_INTERNAL_H
#define EXPERIMENTS_GPU_NET_INTERNAL_H

#include "experiments/gpu/net.h"

enum net_layer_kind { NET_CONV, NET_BN, NET_MAXPOOL, NET_AVGPOOL, NET_LINEAR };
enum net_part { NET_ENCODER, NET_PROJECTOR, NET_PREDICTOR };

/* An activation of one image, and the gradients with respect to it. */
struct net_slot {
    int h, w, c;
    enum ops_type type;
    void *data;     /* capacity images */
    void *gradient; /* likewise; NULL: not needed */
    void *more;     /* a second gradient, for a slot that two layers read */
    int shares;     /* the slot whose memory the gradient uses (BN works in place); -1: its own */
    bool doubled;   /* two layers read it */
};

enum { NET_NOTHING = -1 };

struct net_layer {
    enum net_layer_kind kind;
    enum net_part part;
    int in, out;           /* slots */
    int residual;          /* BN: the slot added before the ReLU, or NET_NOTHING */
    bool relu;             /* BN */
    bool second;           /* its dx goes to the input's `more` */
    int conv;              /* CONV: its index; r, stride, pad are in `shape` */
    struct ops_conv shape; /* n = 0 */
    int weight, bias;      /* parameters (BN: gamma, beta), or NET_NOTHING */
    struct ops_bn bn;
    size_t statistics; /* BN: offset of its running mean; the variance follows */
};

/* The convolutions for passes of one size. */
struct net_batch {
    int n;
    enum net_mode mode;
    struct ops_conv *convs;
};

struct net {
    const struct ops *ops;
    struct ops_context *context;
    struct net_config config;
    int capacity;
    bool trains;
    struct net_slot *slots;
    int slot_count;
    struct net_layer *layers;
    int layer_count;
    int conv_count;
    int parts[NET_PREDICTOR + 2];         /* layers of a part: parts[p] ... parts[p + 1] - 1 */
    int features, projection, prediction; /* slots */
    struct net_parameter *parameters;
    struct net_statistics *statistics;
    struct net_batch *batches;
    int batch_count;
    struct net_view view;
};

/* net_build.c: builds the layers and slots of net->config; no device memory. */
SSLDYN_MUST_CHECK enum ssldyn_status net_build(struct net *net, struct ssldyn_error *err);

#endif
