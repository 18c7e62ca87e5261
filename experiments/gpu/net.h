/* ResNet with a projector and a predictor, as lists of operations over one block of parameters.
 * A net is one network with its activations: the online network trains, the target only runs
 * forward. */
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
    int channels; /* channels of the images, 3 */
    enum net_stem stem;
    int width;              /* channels of the first stage (64); they double from stage to stage */
    int blocks[NET_STAGES]; /* residual blocks per stage (2 2 2 2: ResNet-18); 0 ends the network */
    int projector_hidden;   /* 512 */
    int output;             /* size of projections and predictions, n2: 128 */
    enum net_predictor predictor;
    bool predictor_bias; /* its linear layers have biases (the paper's linear predictor has none) */
    bool affine;         /* BN of projector and predictor is affine (the authors': not) */
    bool joint_bn; /* the training statistics of BN are over both views (the authors': per view) */
    int predictor_hidden; /* hidden size of the two-layer predictor: 512 */
};

/* One named range of the parameter block. Names and order are PyTorch's
 * (encoder.layer1.0.conv1.weight, projector.0.bias, predictor.weight, ...); the layout differs:
 * convolutions are k x r x r x c. */
struct net_parameter {
    char name[NET_NAME];
    size_t offset; /* elements from the start of the block */
    size_t count;
    int shape[4]; /* unused ones are 1; shape[3] of the first convolution counts padded channels */
    int dimensions; /* of shape */
};

/* The running statistics of one batch normalization: width means, then as many variances. */
struct net_statistics {
    char name[NET_NAME]; /* of the layer, as for its parameters: encoder.bn1 */
    size_t offset;       /* elements from the start of `running` */
    int width;
};

struct net; /* layers and activations; internal */

/* The fields of a net that its users may read (and write, where noted). The context owns the
 * memory. */
struct net_view {
    const struct net_parameter *parameters; /* in order of offset */
    size_t parameter_count;
    size_t count;           /* elements of the parameter block, including the predictor's */
    size_t predictor_start; /* start of the predictor's; a target has [0, start) only */
    size_t feature_width;
    void *weights;  /* STATE, count; call net_refresh after writing */
    void *low;      /* ACTIVATION copy, or weights itself */
    void *gradient; /* STATE, count, written by net_backward; NULL in a target */
    void *running;  /* STATE, running_count: running means and variances, in order of the layers */
    size_t running_count;
    const struct net_statistics *statistics; /* in that order */
    size_t statistics_count;
    /* for the last pass of n images; the capacity is that given to net_create */
    struct ops_tensor input;        /* ACTIVATION, written by the caller before a pass */
    struct ops_tensor features;     /* STATE, n x feature_width */
    struct ops_tensor projection;   /* STATE, n x output: f */
    struct ops_tensor prediction;   /* STATE, n x output: Wp f; the projection if there is no
                                     * predictor */
    struct ops_tensor d_prediction; /* written by the caller before net_backward */
    struct ops_tensor d_projection; /* written by the caller before net_backward with
                                     * `also_projection` */
};

enum net_mode {
    NET_TRAIN, /* batch statistics, per view or of both; updates the running statistics */
    NET_EVAL   /* running statistics */
};

/* A network for passes of up to capacity images. trains: it has a predictor and a backward pass.
 * Weights and statistics are those of net_reset. net_free frees it; the context frees its device
 * memory. EINPUT names the invalid setting. */
SSLDYN_MUST_CHECK enum ssldyn_status net_create(const struct ops *ops, struct ops_context *context,
                                                const struct net_config *config, int capacity,
                                                bool trains, struct net **net,
                                                struct ssldyn_error *err);
void net_free(struct net *net);
const struct net_view *net_look(const struct net *net);

/* From now on the net reads the input of the other; both have the same image size and capacity. */
void net_share_input(struct net *net, const struct net *from);

/* Prepares passes of n images (n even and <= capacity for NET_TRAIN). May be called for several n;
 * not between begin and end of a recording. */
SSLDYN_MUST_CHECK enum ssldyn_status net_prepare(struct net *net, int n, enum net_mode mode,
                                                 struct ssldyn_error *err);

/* PyTorch's initial values, drawn from the streams (seed, INIT_W or INIT_WA; INIT_WP for the
 * predictor): convolutions normal with variance 2/(k r^2), linear layers uniform within
 * 1/sqrt(inputs), BN 1 and 0. Running statistics 0 and 1. */
SSLDYN_MUST_CHECK enum ssldyn_status
net_reset(struct net *net, uint64_t seed, enum ssldyn_purpose purpose, struct ssldyn_error *err);
/* Call after writing view.weights: refreshes the ACTIVATION copy. */
void net_refresh(struct net *net);

/* input -> features (-> projection -> prediction). n must have been prepared. */
void net_encode(struct net *net, int n, enum net_mode mode);
void net_forward(struct net *net, int n, enum net_mode mode);
/* Gradients of all parameters from d_prediction (plus d_projection if also_projection), after
 * net_forward of the same n in NET_TRAIN. */
void net_backward(struct net *net, int n, bool also_projection);

/* Multiply-adds per image of a forward pass through the convolutions and linear layers of the
 * encoder. */
double net_macs(const struct net *net);

#endif
