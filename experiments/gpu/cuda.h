/* What the files of the CUDA backend share: its context, and the operations they lend to the table
 * in cuda.c. Meanings stand in ops.h. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_CUDA_H
#define EXPERIMENTS_GPU_CUDA_H

#include "experiments/gpu/kernels.h"
#include "experiments/gpu/ops.h"
#include "experiments/gpu/plans.h"

#include <cublas_v2.h>

struct cuda_chunk;     /* device memory, in a list */
struct cuda_recording; /* a recorded step, in a list */
struct cuda_conv;      /* plans of one convolution, in a list */

struct ops_context {
    bool exact; /* activations are floats, without TF32: to be compared with the CPU */
    bool waits; /* the device reads the host's memory itself: upload waits for it */
    cudaStream_t stream;
    cudaStream_t side;      /* set_begin's, beside the stream */
    cudaEvent_t fork, join; /* of the two */
    cublasHandle_t blas;
    cudnnHandle_t dnn;
    struct plans *plans;
    char device_name[256];
    struct ssldyn_error error; /* the first fault; status SSLDYN_OK: none */

    struct cuda_chunk *chunks;
    struct cuda_recording *recordings;
    struct cuda_recording *recording; /* between begin and end */
    struct cuda_conv *convs;

    float *sums; /* KERNELS_BN_SUMS */
    void *blas_workspace;
    void *conv_workspace;
    size_t conv_workspace_size;
    void *conv_weights; /* a filter where the caller's is not aligned, or its gradient in bf16 */
    size_t conv_weights_size;
    double *set_scratch;
    float *set_result;
    int set_order;
};

/* Keeps the first fault of a context; what: the operation. */
void cuda_fault(struct ops_context *context, const char *what, const char *why);
/* After kernels were launched: keeps what the launch says. */
void cuda_launched(struct ops_context *context, const char *what);
/* alloc of the table. */
void *cuda_alloc(struct ops_context *context, size_t bytes);

/* What a tensor's numbers are. */
static inline enum kernels_type cuda_type(const struct ops_context *context, enum ops_type type)
{
    return type == OPS_ACTIVATION && !context->exact ? KERNELS_BF16 : KERNELS_FLOAT;
}

/* cuda_record.c: steps recorded as CUDA graphs */
bool cuda_replay(struct ops_context *context, struct ops_key key);
void cuda_begin(struct ops_context *context, struct ops_key key);
void cuda_end(struct ops_context *context);
void cuda_recordings_free(struct ops_context *context);

/* cuda_conv.c */
enum ssldyn_status cuda_conv_prepare(struct ops_context *context, struct ops_conv *conv,
                                     bool forward_only, struct ssldyn_error *err);
void cuda_conv_fwd(struct ops_context *context, const struct ops_conv *conv, struct ops_tensor x,
                   const void *w, struct ops_tensor y);
void cuda_conv_dx(struct ops_context *context, const struct ops_conv *conv, struct ops_tensor dy,
                  const void *w, struct ops_tensor dx);
void cuda_conv_dw(struct ops_context *context, const struct ops_conv *conv, struct ops_tensor x,
                  struct ops_tensor dy, void *dw);
void cuda_convs_free(struct ops_context *context);

/* cuda_layers.c */
void cuda_bn_fwd(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                 struct ops_tensor residual, bool relu, struct ops_tensor y);
void cuda_bn_infer(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                   struct ops_tensor residual, bool relu, struct ops_tensor y);
void cuda_bn_bwd(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                 struct ops_tensor y, bool relu, struct ops_tensor dy, struct ops_tensor more,
                 struct ops_tensor dx, struct ops_tensor dresidual, void *dgamma, void *dbeta);
void cuda_maxpool_fwd(struct ops_context *context, struct ops_tensor x, struct ops_tensor y);
void cuda_maxpool_bwd(struct ops_context *context, struct ops_tensor x, struct ops_tensor y,
                      struct ops_tensor dy, struct ops_tensor more, struct ops_tensor dx);
void cuda_avgpool_fwd(struct ops_context *context, struct ops_tensor x, struct ops_tensor y);
void cuda_avgpool_bwd(struct ops_context *context, struct ops_tensor dy, struct ops_tensor dx);
void cuda_linear_fwd(struct ops_context *context, struct ops_tensor x, const void *w, const void *b,
                     struct ops_tensor y);
void cuda_linear_bwd(struct ops_context *context, struct ops_tensor x, const void *w,
                     struct ops_tensor dy, struct ops_tensor dx, void *dw, void *db);
void cuda_add(struct ops_context *context, size_t count, void *to, const void *from);

/* cuda_train.c */
void cuda_loss(struct ops_context *context, enum ops_loss kind, struct ops_tensor q,
               struct ops_tensor z, struct ops_tensor dq, struct ops_tensor dz, double *metrics);
void cuda_correlate(struct ops_context *context, const struct ops_clock *clock, struct ops_tensor f,
                    double *F);
enum ssldyn_status cuda_set_prepare(struct ops_context *context, int n, struct ssldyn_error *err);
void cuda_set_begin(struct ops_context *context, const struct ops_set *set, int n, const double *F);
void cuda_set_end(struct ops_context *context, int n, void *Wp);
void cuda_symmetrize(struct ops_context *context, int rows, int columns, void *a, void *b);
void cuda_sgd(struct ops_context *context, const struct ops_sgd *sgd, const struct ops_clock *clock,
              size_t count, void *w, void *v, const void *g, void *low);
void cuda_ema(struct ops_context *context, const struct ops_clock *clock, size_t count,
              void *target, const void *w, void *low);
void cuda_advance(struct ops_context *context, const struct ops_clock *clock);
void cuda_augment(struct ops_context *context, const struct augment_recipe *recipe,
                  const struct ops_source *source, const struct ops_clock *clock, int batch,
                  int view, struct ops_tensor out);
void cuda_xent(struct ops_context *context, struct ops_tensor logits, const void *labels,
               struct ops_tensor dlogits, double *metrics);
void cuda_adam(struct ops_context *context, const struct ops_adam *adam, const void *step,
               size_t count, void *w, void *m, void *v, const void *g);

#endif
