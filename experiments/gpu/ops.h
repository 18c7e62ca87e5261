/* The operations of a training step, as a table of functions that a backend fills: plain C with
 * CBLAS in double and in float (cpu*.c, the specification), the same with oneDNN, and CUDA. Networks and methods call
 * only this table. Tensors are packed NHWC, matrices row-major. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_OPS_H
#define EXPERIMENTS_GPU_OPS_H

#include "sim/internal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Element types. The CPU backends use one type for STATE and ACTIVATION, the one they are compiled
 * for; CUDA keeps the activations of the encoder (and a copy of its weights) in bf16, everything
 * else in fp32. */
enum ops_type {
    OPS_STATE,      /* parameters, gradients, statistics, everything after the encoder */
    OPS_ACTIVATION, /* activations of the encoder, their gradients, and the weights they are
                     * multiplied by */
    OPS_TYPES
};

/* A tensor on the device; n rows of c values if h = w = 1. data = NULL: absent. */
struct ops_tensor {
    void *data;
    enum ops_type type;
    int n, h, w, c;
};

/* A convolution of one batch size; square kernels, no bias. Weights are k x r x r x c. */
struct ops_conv {
    int n, h, w, c; /* the input */
    int k;          /* output channels */
    int r;          /* kernel size */
    int stride;
    int pad;
    void *plan; /* owned by the backend, set by conv_prepare */
};

/* Height or width of the output of a convolution (or pooling). */
static inline int ops_extent(int extent, int kernel, int stride, int pad)
{
    return (extent + 2 * pad - kernel) / stride + 1;
}

/* Batch normalization over all dimensions but the channels, in groups: the batch is split into
 * `groups` equal ranges of images (the views), each with its own statistics. All pointers are
 * STATE. */
struct ops_bn {
    int groups;
    double epsilon;
    double momentum;    /* for the running statistics: PyTorch's 0.1 */
    const void *gamma;  /* c numbers, or NULL: not affine (then beta is NULL too) */
    const void *beta;   /* c */
    void *mean;         /* groups x c, kept from forward to backward */
    void *inverse_std;  /* groups x c, likewise: 1/sqrt(biased variance + epsilon) */
    void *running_mean; /* c; updated once per group, in order */
    void *running_var;  /* c; likewise, with the unbiased variance */
};

/* The position of a step and its parameters, on the device, so that a recorded step can be replayed
 * with other values. */
enum ops_knob {
    OPS_KNOB_LR,    /* learning rate of the online network */
    OPS_KNOB_GAMMA, /* gamma_a, weight of the old target in the average */
    OPS_KNOB_RHO,   /* weight of the old running correlation in the average (0 at the first
                     * batch) */
    OPS_KNOBS
};
struct ops_clock {
    void *cursor; /* int64_t[2]: step within the epoch, epoch */
    void *table;  /* STATE, steps of the epoch x OPS_KNOBS: the knobs of this step are row
                   * cursor[0] */
};

/* Images to draw batches from, on the device. */
struct ops_source {
    const void *images; /* uint8_t, count x channels x height x width */
    const void *order;  /* int32_t: image i of step t has index order[t * batch + i] */
    const void *slots;  /* int32_t: it is stored at slot slots[t * batch + i] of images; NULL: at
                         * its index. So a set that does not fit can be streamed */
    int channels, height, width;
};
struct augment_recipe; /* augment.h: how the views are made */

/* SGD as in PyTorch: g += decay w; v = momentum v + g (v = g at the very first step, because v
 * starts at zero); w -= lr_scale lr v. */
struct ops_sgd {
    double lr_scale; /* 1; alpha_p for the predictor */
    double momentum;
    double decay;
};

/* Adam with L2 decay in the gradient, as in PyTorch. */
struct ops_adam {
    double lr, beta1, beta2, epsilon, decay;
};

/* How Wp is computed from the running correlation F. */
struct ops_set {
    struct ssldyn_parameters parameters; /* rule (a power), epsilon, normalization ... */
    double least; /* smallest eigenvalue of Wp; lower ones are raised to it: 1e-4 in the authors'
                   * program, else 0 */
};

enum ops_loss {
    OPS_LOSS_COSINE, /* mean over the pairs of -2 cos(q, z), summed over both orders of the views */
    OPS_LOSS_L2      /* mean over the pairs of |q - z|^2/2, summed likewise (Eq. 1; the authors'
                      * program has twice that) */
};

/* Slots of the block of doubles that steps add to (the host reads it once per epoch). */
enum ops_metric {
    OPS_METRIC_LOSS,    /* sum of the steps' losses */
    OPS_METRIC_STEPS,   /* number of steps */
    OPS_METRIC_XENT,    /* sum of cross-entropies over samples */
    OPS_METRIC_CORRECT, /* samples whose largest logit is the label's */
    OPS_METRIC_SAMPLES,
    OPS_METRICS
};

/* Identifies a recorded step: memory of the context that only the caller uses (it outlives the
 * caller, so no later caller has the same), and a number chosen by the caller. */
struct ops_key {
    const void *owner;
    int64_t number;
};

struct ops_context; /* device, memory, handles and first error of a backend */

/* Operations do not allocate, fail or wait: the context keeps an error, and `sync` and `download`
 * report it. Outputs are overwritten and do not alias inputs, unless noted otherwise. */

/* A step is recorded once and then replayed: `if (!replay(key)) { begin(key); ...; end(); }`.
 * Between begin and end call only the operations below (and zero, copy, convert), on the same
 * memory for a given key. Backends that do not record return false and execute the work at once. */
typedef bool ops_replay_fn(struct ops_context *context, struct ops_key key);
typedef void ops_begin_fn(struct ops_context *context, struct ops_key key);
typedef void ops_end_fn(struct ops_context *context);

/* Call before a convolution is used: chooses algorithms and reserves workspace. Not between begin
 * and end. Forward only: dx and dw are not needed. */
typedef enum ssldyn_status ops_conv_prepare_fn(struct ops_context *context, struct ops_conv *conv,
                                               bool forward_only, struct ssldyn_error *err);
/* w is ACTIVATION, dw STATE. */
typedef void ops_conv_fwd_fn(struct ops_context *context, const struct ops_conv *conv,
                             struct ops_tensor x, const void *w, struct ops_tensor y);
typedef void ops_conv_dx_fn(struct ops_context *context, const struct ops_conv *conv,
                            struct ops_tensor dy, const void *w, struct ops_tensor dx);
typedef void ops_conv_dw_fn(struct ops_context *context, const struct ops_conv *conv,
                            struct ops_tensor x, struct ops_tensor dy, void *dw);

/* y = act(gamma (x - mean)/std + beta + residual), act = ReLU if relu. fwd uses and keeps the
 * statistics of the batch and updates the running ones; infer uses the running ones. */
typedef void ops_bn_fwd_fn(struct ops_context *context, const struct ops_bn *bn,
                           struct ops_tensor x, struct ops_tensor residual, bool relu,
                           struct ops_tensor y);
typedef void ops_bn_infer_fn(struct ops_context *context, const struct ops_bn *bn,
                             struct ops_tensor x, struct ops_tensor residual, bool relu,
                             struct ops_tensor y);
/* The gradient with respect to y is dy + more (more may be absent). x, y: as in bn_fwd. Writes dx
 * (may use the memory of dy), dresidual if present (the gradient behind the ReLU; may use the
 * memory of more, not of dy), dgamma and dbeta if not NULL. */
typedef void ops_bn_bwd_fn(struct ops_context *context, const struct ops_bn *bn,
                           struct ops_tensor x, struct ops_tensor y, bool relu,
                           struct ops_tensor dy, struct ops_tensor more, struct ops_tensor dx,
                           struct ops_tensor dresidual, void *dgamma, void *dbeta);

/* 3 x 3 windows, stride 2, padding 1. The gradient dy + more goes to the first maximum of a window,
 * in row-major order. */
typedef void ops_maxpool_fwd_fn(struct ops_context *context, struct ops_tensor x,
                                struct ops_tensor y);
typedef void ops_maxpool_bwd_fn(struct ops_context *context, struct ops_tensor x,
                                struct ops_tensor y, struct ops_tensor dy, struct ops_tensor more,
                                struct ops_tensor dx);
/* Mean over each image: x ACTIVATION n x h x w x c, y STATE n x c. */
typedef void ops_avgpool_fwd_fn(struct ops_context *context, struct ops_tensor x,
                                struct ops_tensor y);
typedef void ops_avgpool_bwd_fn(struct ops_context *context, struct ops_tensor dy,
                                struct ops_tensor dx);

/* y = x w^T + b: x n x in, w out x in, b out or NULL, y n x out; all STATE. bwd writes dx if
 * present, dw and (if not NULL) db. */
typedef void ops_linear_fwd_fn(struct ops_context *context, struct ops_tensor x, const void *w,
                               const void *b, struct ops_tensor y);
typedef void ops_linear_bwd_fn(struct ops_context *context, struct ops_tensor x, const void *w,
                               struct ops_tensor dy, struct ops_tensor dx, void *dw, void *db);
/* to += from, count STATE elements. */
typedef void ops_add_fn(struct ops_context *context, size_t count, void *to, const void *from);

/* The loss between predictions q and targets z (2 B x c each, view 1 first): row b of view 1 of q
 * is paired with row b of view 2 of z, and the reverse. Adds to metrics; writes dq, and dz if
 * present. Norms are guarded as in PyTorch's normalize: divided by max(|.|, 1e-12). */
typedef void ops_loss_fn(struct ops_context *context, enum ops_loss kind, struct ops_tensor q,
                         struct ops_tensor z, struct ops_tensor dq, struct ops_tensor dz,
                         double *metrics);

/* F = rho F + (1 - rho) mean over the rows of f f^T, rho = the knob of this step. F: c x c
 * doubles. */
typedef void ops_correlate_fn(struct ops_context *context, const struct ops_clock *clock,
                              struct ops_tensor f, double *F);
/* Call before Wp is computed for the first time: reserves memory for n x n. Not between begin and
 * end. */
typedef enum ssldyn_status ops_set_prepare_fn(struct ops_context *context, int n,
                                              struct ssldyn_error *err);
/* Wp (n x n, STATE) from F: begin may run in parallel to the operations after it; end waits, and
 * stores Wp. */
typedef void ops_set_begin_fn(struct ops_context *context, const struct ops_set *set, int n,
                              const double *F);
typedef void ops_set_end_fn(struct ops_context *context, int n, void *Wp);
/* a (rows x columns) becomes m = (a + b^T)/2, and b (columns x rows) becomes m^T; both are STATE,
 * and the same memory for a square matrix: Wp = (Wp + Wp^T)/2. */
typedef void ops_symmetrize_fn(struct ops_context *context, int rows, int columns, void *a,
                               void *b);

/* One step of SGD on count parameters (STATE w, v, g). low: the ACTIVATION copy of w, which is
 * refreshed; NULL or w itself: none. */
typedef void ops_sgd_fn(struct ops_context *context, const struct ops_sgd *sgd,
                        const struct ops_clock *clock, size_t count, void *w, void *v,
                        const void *g, void *low);
/* target = gamma target + (1 - gamma) w, gamma = the knob of this step; low: the copy of the
 * target. */
typedef void ops_ema_fn(struct ops_context *context, const struct ops_clock *clock, size_t count,
                        void *target, const void *w, void *low);
/* cursor[0] += 1: ends the step. */
typedef void ops_advance_fn(struct ops_context *context, const struct ops_clock *clock);

/* View `view` (0, 1; < 0: the image only scaled and normalized) of out.n images of this step, drawn
 * by (seed of the recipe, epoch, image index, view). Channels beyond those of the image are zero.
 * batch: images per step of the order. */
typedef void ops_augment_fn(struct ops_context *context, const struct augment_recipe *recipe,
                            const struct ops_source *source, const struct ops_clock *clock,
                            int batch, int view, struct ops_tensor out);

/* Mean softmax cross-entropy of logits (n x k) with labels (int32_t, n): writes dlogits if present,
 * adds to XENT, CORRECT and SAMPLES of metrics. */
typedef void ops_xent_fn(struct ops_context *context, struct ops_tensor logits, const void *labels,
                         struct ops_tensor dlogits, double *metrics);
/* One step of Adam, number *step + 1 (device, int64_t). `advance` of the clock whose cursor is
 * `step` increments it. */
typedef void ops_adam_fn(struct ops_context *context, const struct ops_adam *adam, const void *step,
                         size_t count, void *w, void *m, void *v, const void *g);

/* All operations; ops_NAME_fn is the type of one. A backend declares and lists its own with this
 * macro. */
/* clang-format off */
#define OPS_OPERATIONS(X) \
    X(replay) X(begin) X(end) X(conv_prepare) X(conv_fwd) X(conv_dx) X(conv_dw) X(bn_fwd) \
    X(bn_infer) X(bn_bwd) X(maxpool_fwd) X(maxpool_bwd) X(avgpool_fwd) X(avgpool_bwd) \
    X(linear_fwd) X(linear_bwd) X(add) X(loss) X(correlate) X(set_prepare) X(set_begin) X(set_end) \
    X(symmetrize) X(sgd) X(ema) X(advance) X(augment) X(xent) X(adam)
/* clang-format on */

/* A backend. */
struct ops {
    const char *name;       /* "cpu", "cpu-float", "cpu-onednn", "cuda" */
    size_t size[OPS_TYPES]; /* bytes per element */
    bool copies;            /* ACTIVATION weights are a copy; otherwise they are the STATE
                             * weights */
    int image_channels;     /* minimum number of input channels (those beyond the image's are 0) */

    /* A context, and everything allocated in it. */
    enum ssldyn_status (*create)(struct ops_context **context, struct ssldyn_error *err);
    void (*destroy)(struct ops_context *context);
    /* Zeroed device memory that lives as long as the context; NULL if out of memory. */
    void *(*alloc)(struct ops_context *context, size_t bytes);

    /* Copies bytes between host and device; fill sets bytes to zero. upload may return before the
     * device has the data, but host may be reused at once; download waits. convert changes the
     * type. */
    void (*upload)(struct ops_context *context, void *device, const void *host, size_t bytes);
    enum ssldyn_status (*download)(struct ops_context *context, void *host, const void *device,
                                   size_t bytes, struct ssldyn_error *err);
    void (*zero)(struct ops_context *context, void *device, size_t bytes);
    void (*copy)(struct ops_context *context, void *to, const void *from, size_t bytes);
    void (*convert)(struct ops_context *context, size_t count, const void *state, void *activation);
    enum ssldyn_status (*sync)(struct ops_context *context, struct ssldyn_error *err);

#define OPS_MEMBER(name) ops_##name##_fn *name;
    OPS_OPERATIONS(OPS_MEMBER)
};

/* Element i of an array of STATE on the host. */
static inline void ops_put(const struct ops *ops, void *host, size_t i, double value)
{
    if (ops->size[OPS_STATE] == sizeof(double))
        ((double *)host)[i] = value;
    else
        ((float *)host)[i] = (float)value;
}
static inline double ops_get(const struct ops *ops, const void *host, size_t i)
{
    return ops->size[OPS_STATE] == sizeof(double) ? ((const double *)host)[i]
                                                  : (double)((const float *)host)[i];
}

/* upload and download of count STATE elements that are doubles on the host. ENOMEM. */
SSLDYN_MUST_CHECK enum ssldyn_status ops_upload_real(const struct ops *ops,
                                                     struct ops_context *context, void *device,
                                                     size_t count, const double values[],
                                                     struct ssldyn_error *err);
SSLDYN_MUST_CHECK enum ssldyn_status ops_download_real(const struct ops *ops,
                                                       struct ops_context *context, double values[],
                                                       size_t count, const void *device,
                                                       struct ssldyn_error *err);

/* The backends; NULL if the program was built without oneDNN, or CUDA. */
const struct ops *ops_cpu(void);
const struct ops *ops_cpu_float(void);
const struct ops *ops_cpu_onednn(void); /* cpu_float except for its convolutions */
const struct ops *ops_cuda(void);
/* All in float, without TF32: for comparisons with the CPU. */
const struct ops *ops_cuda_float(void);

#endif
