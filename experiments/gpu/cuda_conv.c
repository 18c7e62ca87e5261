/* Convolutions of the CUDA backend: three plans each. cuDNN requires filters aligned to 16 bytes
 * and returns the gradient of a filter in the type of its input. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cuda.h"

#include <cuda_runtime.h>
#include <stdlib.h>

enum { ALIGNMENT = 16 };

struct cuda_conv {
    struct cuda_conv *next;
    const struct candidate *plans[3]; /* by candidates_op; NULL: not prepared */
    size_t weights;                   /* elements of the filter */
};

/* Makes *memory hold at least `bytes` of device memory. Recorded steps may use the old memory, so
 * it is not freed. */
static enum ssldyn_status reserve(struct ops_context *context, void **memory, size_t *have,
                                  size_t bytes, struct ssldyn_error *err)
{
    if (*have >= bytes) {
        return SSLDYN_OK;
    }
    void *fresh = cuda_alloc(context, bytes);
    if (!fresh) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory on %s for a convolution's %zu bytes",
                           context->device_name, bytes);
    }
    *memory = fresh;
    *have = bytes;
    return SSLDYN_OK;
}

enum ssldyn_status cuda_conv_prepare(struct ops_context *context, struct ops_conv *conv,
                                     bool forward_only, struct ssldyn_error *err)
{
    struct candidates_shape shape = {.type = context->exact ? CANDIDATES_FLOAT : CANDIDATES_BF16,
                                     .n = conv->n,
                                     .h = conv->h,
                                     .w = conv->w,
                                     .c = conv->c,
                                     .k = conv->k,
                                     .kernel = conv->r,
                                     .stride = conv->stride,
                                     .pad = conv->pad};
    struct cuda_conv *made = calloc(1, sizeof *made);
    enum ssldyn_status status = SSLDYN_OK;
    if (!made) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    made->next = context->convs;
    context->convs = made;
    made->weights = (size_t)conv->k * (size_t)conv->r * (size_t)conv->r * (size_t)conv->c;
    for (int op = CANDIDATES_FORWARD; op <= CANDIDATES_FILTER && status == SSLDYN_OK; op++) {
        if (forward_only && op != CANDIDATES_FORWARD) {
            break;
        }
        shape.op = (enum candidates_op)op;
        status = plans_find(context->plans, &shape, &made->plans[op], err);
        if (status == SSLDYN_OK) {
            status = reserve(context, &context->conv_workspace, &context->conv_workspace_size,
                             made->plans[op]->workspace, err);
        }
    }
    if (status == SSLDYN_OK) {
        status = reserve(context, &context->conv_weights, &context->conv_weights_size,
                         made->weights * sizeof(float), err);
    }
    conv->plan = status == SSLDYN_OK ? made : NULL;
    return status;
}

/* The filter itself, or an aligned copy. */
static const void *aligned(struct ops_context *context, const struct cuda_conv *conv, const void *w)
{
    if ((uintptr_t)w % ALIGNMENT == 0) {
        return w;
    }
    const size_t bytes = conv->weights * (context->exact ? sizeof(float) : 2);
    cudaMemcpyAsync(context->conv_weights, w, bytes, cudaMemcpyDeviceToDevice, context->stream);
    return context->conv_weights;
}

static void run(struct ops_context *context, const struct ops_conv *conv, enum candidates_op op,
                const void *x, const void *w, const void *y)
{
    const struct cuda_conv *plans = conv->plan;
    if (context->error.status == SSLDYN_OK) {
        (void)!candidate_run(plans->plans[op], context->dnn, x, w, y, context->conv_workspace,
                             &context->error);
    }
    cuda_launched(context, "convolution");
}

void cuda_conv_fwd(struct ops_context *context, const struct ops_conv *conv, struct ops_tensor x,
                   const void *w, struct ops_tensor y)
{
    run(context, conv, CANDIDATES_FORWARD, x.data, aligned(context, conv->plan, w), y.data);
}

void cuda_conv_dx(struct ops_context *context, const struct ops_conv *conv, struct ops_tensor dy,
                  const void *w, struct ops_tensor dx)
{
    run(context, conv, CANDIDATES_DATA, dx.data, aligned(context, conv->plan, w), dy.data);
}

void cuda_conv_dw(struct ops_context *context, const struct ops_conv *conv, struct ops_tensor x,
                  struct ops_tensor dy, void *dw)
{
    const struct cuda_conv *plans = conv->plan;
    const bool direct = context->exact && (uintptr_t)dw % ALIGNMENT == 0;
    run(context, conv, CANDIDATES_FILTER, x.data, direct ? dw : context->conv_weights, dy.data);
    if (!context->exact) {
        kernels_widen(context->stream, plans->weights, context->conv_weights, dw);
    } else if (!direct) {
        cudaMemcpyAsync(dw, context->conv_weights, plans->weights * sizeof(float),
                        cudaMemcpyDeviceToDevice, context->stream);
    }
    cuda_launched(context, "gradient of a filter");
}

void cuda_convs_free(struct ops_context *context)
{
    while (context->convs) {
        struct cuda_conv *next = context->convs->next;
        free(context->convs);
        context->convs = next;
    }
}
