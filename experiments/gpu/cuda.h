/* Shared by the files of the CUDA backend: its context, and the operations that the table in cuda.c
 * lists. */
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
    bool exact; /* activations are floats, without TF32: for comparisons with the CPU */
    bool waits; /* the device reads host memory directly: upload waits for it */
    cudaStream_t stream;
    cudaStream_t side;      /* stream of set_begin, parallel to `stream` */
    cudaEvent_t fork, join; /* orders the two streams */
    cublasHandle_t blas;
    cudnnHandle_t dnn;
    struct plans *plans;
    char device_name[256];
    struct ssldyn_error error; /* the first error; status SSLDYN_OK: none */

    struct cuda_chunk *chunks;
    struct cuda_recording *recordings;
    struct cuda_recording *recording; /* between begin and end */
    struct cuda_conv *convs;

    float *sums; /* KERNELS_BN_SUMS */
    void *blas_workspace;
    void *conv_workspace;
    size_t conv_workspace_size;
    void *conv_weights; /* copy of a filter that is not aligned, or its gradient in bf16 */
    size_t conv_weights_size;
    double *set_scratch;
    float *set_result;
    int set_order;
};

/* Keeps the first error of a context; what: the operation. */
void cuda_fault(struct ops_context *context, const char *what, const char *why);
/* Call after a kernel launch: keeps the error of the launch, if any. */
void cuda_launched(struct ops_context *context, const char *what);
/* Implements alloc of the table. */
void *cuda_alloc(struct ops_context *context, size_t bytes);

/* The element type of a tensor. */
static inline enum kernels_type cuda_type(const struct ops_context *context, enum ops_type type)
{
    return type == OPS_ACTIVATION && !context->exact ? KERNELS_BF16 : KERNELS_FLOAT;
}

/* Frees what cuda_record.c and cuda_conv.c keep in a context. */
void cuda_recordings_free(struct ops_context *context);
void cuda_convs_free(struct ops_context *context);

/* The operations, documented in ops.h. */
#define CUDA_DECLARE(name) ops_##name##_fn cuda_##name;
OPS_OPERATIONS(CUDA_DECLARE)

#endif
