/* Layers of the CUDA backend except convolutions: tensors become arguments of the kernels, linear
 * layers use cuBLAS (in float, never TF32). */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cuda.h"

static struct kernels_image image_of(struct ops_tensor x)
{
    return (struct kernels_image){x.n, x.h, x.w, x.c};
}

static struct kernels_bn bn_of(struct ops_context *context, const struct ops_bn *bn,
                               struct ops_tensor x)
{
    return (struct kernels_bn){.type = cuda_type(context, x.type),
                               .groups = bn->groups,
                               .rows = (int64_t)x.n * x.h * x.w / bn->groups,
                               .c = x.c,
                               .epsilon = (float)bn->epsilon,
                               .momentum = (float)bn->momentum,
                               .gamma = bn->gamma,
                               .beta = bn->beta,
                               .mean = bn->mean,
                               .inverse_std = bn->inverse_std,
                               .running_mean = bn->running_mean,
                               .running_var = bn->running_var,
                               .sums = context->sums};
}

void cuda_bn_fwd(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                 struct ops_tensor residual, bool relu, struct ops_tensor y)
{
    const struct kernels_bn of = bn_of(context, bn, x);
    kernels_bn_forward(context->stream, &of, x.data, residual.data, relu, y.data);
    cuda_launched(context, "bn_fwd");
}

void cuda_bn_infer(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                   struct ops_tensor residual, bool relu, struct ops_tensor y)
{
    struct kernels_bn of = bn_of(context, bn, x);
    of.rows *= of.groups;
    of.groups = 1;
    kernels_bn_infer(context->stream, &of, x.data, residual.data, relu, y.data);
    cuda_launched(context, "bn_infer");
}

void cuda_bn_bwd(struct ops_context *context, const struct ops_bn *bn, struct ops_tensor x,
                 struct ops_tensor y, bool relu, struct ops_tensor dy, struct ops_tensor more,
                 struct ops_tensor dx, struct ops_tensor dresidual, void *dgamma, void *dbeta)
{
    const struct kernels_bn of = bn_of(context, bn, x);
    kernels_bn_backward(context->stream, &of, x.data, y.data, relu, dy.data, more.data, dx.data,
                        dresidual.data, dgamma, dbeta);
    cuda_launched(context, "bn_bwd");
}

void cuda_maxpool_fwd(struct ops_context *context, struct ops_tensor x, struct ops_tensor y)
{
    kernels_maxpool(context->stream, cuda_type(context, x.type), image_of(x), x.data, y.data);
    cuda_launched(context, "maxpool_fwd");
}

void cuda_maxpool_bwd(struct ops_context *context, struct ops_tensor x, struct ops_tensor y,
                      struct ops_tensor dy, struct ops_tensor more, struct ops_tensor dx)
{
    kernels_maxpool_backward(context->stream, cuda_type(context, x.type), image_of(x), x.data,
                             y.data, dy.data, more.data, dx.data);
    cuda_launched(context, "maxpool_bwd");
}

void cuda_avgpool_fwd(struct ops_context *context, struct ops_tensor x, struct ops_tensor y)
{
    kernels_avgpool(context->stream, cuda_type(context, x.type), image_of(x), x.data, y.data);
    cuda_launched(context, "avgpool_fwd");
}

void cuda_avgpool_bwd(struct ops_context *context, struct ops_tensor dy, struct ops_tensor dx)
{
    kernels_avgpool_backward(context->stream, cuda_type(context, dx.type), image_of(dx), dy.data,
                             dx.data);
    cuda_launched(context, "avgpool_bwd");
}

/* C = op(A) op(B), row-major, m x n, each sum with k terms. For cuBLAS, which is column-major, that
 * is the transpose, with A and B exchanged. */
static void gemm(struct ops_context *context, bool transpose_A, bool transpose_B, int m, int n,
                 int k, const float *A, int lda, const float *B, int ldb, float *C)
{
    const float one = 1.0F;
    const float zero = 0.0F;
    const cublasStatus_t status = cublasSgemm(
        context->blas, transpose_B ? CUBLAS_OP_T : CUBLAS_OP_N,
        transpose_A ? CUBLAS_OP_T : CUBLAS_OP_N, n, m, k, &one, B, ldb, A, lda, &zero, C, n);
    if (status != CUBLAS_STATUS_SUCCESS) {
        cuda_fault(context, "matrix product", cublasGetStatusString(status));
    }
}

void cuda_linear_fwd(struct ops_context *context, struct ops_tensor x, const void *w, const void *b,
                     struct ops_tensor y)
{
    gemm(context, false, true, x.n, y.c, x.c, x.data, x.c, w, x.c, y.data);
    if (b) {
        kernels_bias(context->stream, y.n, y.c, b, y.data);
        cuda_launched(context, "linear_fwd");
    }
}

void cuda_linear_bwd(struct ops_context *context, struct ops_tensor x, const void *w,
                     struct ops_tensor dy, struct ops_tensor dx, void *dw, void *db)
{
    if (dx.data) {
        gemm(context, false, false, x.n, x.c, dy.c, dy.data, dy.c, w, x.c, dx.data);
    }
    gemm(context, true, false, dy.c, x.c, x.n, dy.data, dy.c, x.data, x.c, dw);
    if (db) {
        kernels_bias_backward(context->stream, dy.n, dy.c, dy.data, db);
        cuda_launched(context, "linear_bwd");
    }
}

void cuda_add(struct ops_context *context, size_t count, void *to, const void *from)
{
    kernels_add(context->stream, count, to, from);
    cuda_launched(context, "add");
}
