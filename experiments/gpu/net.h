/* ResNet with a projector and a predictor, as lists of operations over one block of parameters. One
 * net is one network with its activations: the online network trains, the target only runs forward.
 */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_NET_H
#define EXPERIMENTS_GPU_NET_H

#include "experiments/gpu/ops.h"

enum { NET_STAGES = 4, NET_NAME = 40 };

enum net_stem {
    NET_STEM_CIFAR, /* one 3 x 3 convolution */
    NET_STEM_LARGE  /* 7 x 7, stride 2, then max-pooling: the paper's network for 96 x 96 */
};

enum net_predictor {
    NET_PREDICTOR_NONE,     /* the identity */
    NET_PREDICTOR_LINEAR,   /* Wp, output x output */
    NET_PREDICTOR_TWO_LAYER /* Linear - BN - ReLU - Linear */
};

struct net_config {
    int image;    /* height and width of the input */
    int channels; /* of the images, 3 */
    enum net_stem stem;
    int width;              /* channels of the first stage (64); doubled from stage to stage */
    int blocks[NET_STAGES]; /* residual blocks a stage (2 2 2 2: ResNet-18); 0 ends the network */
    int projector_hidden;   /* 512 */
    int output;             /* of projector and predictor, n2: 128 */
    enum net_predictor predictor;
    bool predictor_bias; /* of its linear layers (the paper's linear one has none) */
    bool affine;         /* BN of projector and predictor (the authors: not affine) */
    bool joint_bn; /* in training BN's statistics are over both views (the authors: a view's) */
    int predictor_hidden; /* of the two-layer predictor: 512 */
};

/* One named run of the parameter block. Names and order are PyTorch's
 * (encoder.layer1.0.conv1.weight, projector.0.bias, predictor.weight, ...); layout is ours:
 * convolutions are k x r x r x c. */
struct net_parameter {
    char name[NET_NAME];
    size_t offset; /* elements from the block's start */
    size_t count;
    int shape[4]; /* unused ones are 1; shape[3] of the first convolution is the padded channels */
    int dimensions; /* of shape */
};

struct net; /* layers and activations; not seen from outside */

/* What users of a net may read (and, where told, write). Memory belongs to the context. */
struct net_view {
    const struct net_parameter *parameters; /* in order of offset */
    size_t parameter_count;
    size_t count;           /* elements of the parameter block, predictor included */
    size_t predictor_start; /* where the predictor's begin: [0, start) is what a target has too */
    size_t feature_width;
    void *weights;  /* STATE, count; call net_refresh after writing */
    void *low;      /* ACTIVATION copy, or weights itself */
    void *gradient; /* STATE, count, written by net_backward; NULL in a target */
    void *running;  /* STATE, running_count: running means and variances, in order of the layers */
    size_t running_count;
    /* of the last pass of n images; capacity is that of net_create */
    struct ops_tensor input;        /* ACTIVATION, to be written before a pass */
    struct ops_tensor features;     /* STATE, n x feature_width */
    struct ops_tensor projection;   /* STATE, n x output: f */
    struct ops_tensor prediction;   /* STATE, n x output: Wp f; the projection where no predictor */
    struct ops_tensor d_prediction; /* to be written before net_backward */
    struct ops_tensor d_projection; /* to be written before net_backward with `also_projection` */
};

enum net_mode {
    NET_TRAIN, /* batch statistics, of each view or of both; running statistics move */
    NET_EVAL   /* running statistics */
};

/* A network for passes of up to capacity images. trains: has a predictor and a backward pass.
 * Weights and statistics are those of net_reset. Freed by net_free, its device memory with the
 * context. EINPUT names what in the configuration is impossible. */
SSLDYN_MUST_CHECK enum ssldyn_status net_create(const struct ops *ops, struct ops_context *context,
                                                const struct net_config *config, int capacity,
                                                bool trains, struct net **net,
                                                struct ssldyn_error *err);
void net_free(struct net *net);
const struct net_view *net_look(const struct net *net);

/* From now on the net reads the other's input; both have the same images and capacity. */
void net_share_input(struct net *net, const struct net *from);

/* Makes passes of n images possible (n even and <= capacity for NET_TRAIN). May be called for
 * several n; not between begin and end of a recording. */
SSLDYN_MUST_CHECK enum ssldyn_status net_prepare(struct net *net, int n, enum net_mode mode,
                                                 struct ssldyn_error *err);

/* PyTorch's initial values, drawn from the streams (seed, INIT_W or INIT_WA, INIT_WP for the
 * predictor): convolutions normal with variance 2/(k r^2), linear layers uniform within
 * 1/sqrt(inputs), BN 1 and 0. Running statistics 0 and 1. */
SSLDYN_MUST_CHECK enum ssldyn_status
net_reset(struct net *net, uint64_t seed, enum ssldyn_purpose purpose, struct ssldyn_error *err);
/* After view.weights were written from outside: refreshes the ACTIVATION copy. */
void net_refresh(struct net *net);

/* input -> features (-> projection -> prediction). n must have been prepared. */
void net_encode(struct net *net, int n, enum net_mode mode);
void net_forward(struct net *net, int n, enum net_mode mode);
/* Gradients of all parameters from d_prediction (plus d_projection where also_projection), after
 * net_forward of the same n in NET_TRAIN. */
void net_backward(struct net *net, int n, bool also_projection);

/* Multiply-adds of one image forward through the encoder's convolutions and linear layers. */
double net_macs(const struct net *net);

#endif
