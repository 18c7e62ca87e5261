/* The CUDA backend: context, memory, the table. Two versions: with the encoder in bf16 (for
 * training), and all in float without TF32 (for comparisons with the CPU).
 *
 * $SSLDYN_PLANS names a file that keeps the fastest convolution plans found (plans.h). */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cuda.h"

#include <cuda_runtime.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    ALIGNMENT = 256,
    CHUNK = 64 << 20,           /* smallest request for device memory */
    BLAS_WORKSPACE = 32 << 20,  /* NVIDIA's recommendation for Hopper */
    PLAN_WORKSPACE = 512 << 20, /* largest workspace of a convolution */
    CHANNELS = 8                /* of 16 bytes: convolutions read at least that much at once */
};

struct cuda_chunk {
    struct cuda_chunk *next;
    char *memory;
    size_t size, used;
};

void cuda_fault(struct ops_context *context, const char *what, const char *why)
{
    if (context->error.status == SSLDYN_OK) {
        (void)ssldyn_fail(&context->error, SSLDYN_EFAILED, "CUDA: %s: %s", what, why);
    }
}

void cuda_launched(struct ops_context *context, const char *what)
{
    const cudaError_t status = cudaGetLastError();
    if (status != cudaSuccess) {
        cuda_fault(context, what, cudaGetErrorString(status));
    }
}

/* ---------------------------------------------------------------- memory */

/* Adds a chunk in front; NULL if the device is out of memory. */
static struct cuda_chunk *grow(struct ops_context *context, size_t bytes)
{
    struct cuda_chunk *chunk = calloc(1, sizeof *chunk);
    void *memory = NULL;
    if (!chunk) {
        return NULL;
    }
    chunk->size = bytes > CHUNK ? bytes : CHUNK;
    cudaError_t status = cudaMalloc(&memory, chunk->size);
    if (status == cudaSuccess) {
        status = cudaMemsetAsync(memory, 0, chunk->size, context->stream);
    }
    if (status != cudaSuccess) {
        (void)cudaGetLastError(); /* reported as NULL */
        cudaFree(memory);
        free(chunk);
        return NULL;
    }
    chunk->memory = memory;
    chunk->next = context->chunks;
    context->chunks = chunk;
    return chunk;
}

void *cuda_alloc(struct ops_context *context, size_t bytes)
{
    struct cuda_chunk *chunk = context->chunks;
    if (bytes > SIZE_MAX - ALIGNMENT) {
        return NULL;
    }
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!chunk || chunk->size - chunk->used < bytes) {
        chunk = grow(context, bytes);
        if (!chunk) {
            return NULL;
        }
    }
    void *memory = chunk->memory + chunk->used;
    chunk->used += bytes;
    return memory;
}

static void upload(struct ops_context *context, void *device, const void *host, size_t bytes)
{
    cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, context->stream);
    if (context->waits) {
        cudaStreamSynchronize(context->stream);
    }
    cuda_launched(context, "upload");
}

static enum ssldyn_status sync(struct ops_context *context, struct ssldyn_error *err)
{
    const cudaError_t status = cudaStreamSynchronize(context->stream);
    if (status != cudaSuccess) {
        cuda_fault(context, "synchronization", cudaGetErrorString(status));
    }
    if (context->error.status != SSLDYN_OK && err) {
        *err = context->error;
    }
    return context->error.status;
}

static enum ssldyn_status download(struct ops_context *context, void *host, const void *device,
                                   size_t bytes, struct ssldyn_error *err)
{
    cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, context->stream);
    cuda_launched(context, "download");
    return sync(context, err);
}

static void zero(struct ops_context *context, void *device, size_t bytes)
{
    cudaMemsetAsync(device, 0, bytes, context->stream);
    cuda_launched(context, "zero");
}

static void copy(struct ops_context *context, void *to, const void *from, size_t bytes)
{
    cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, context->stream);
    cuda_launched(context, "copy");
}

static void convert(struct ops_context *context, size_t count, const void *state, void *activation)
{
    if (context->exact) {
        if (activation != state) {
            copy(context, activation, state, count * sizeof(float));
        }
        return;
    }
    kernels_narrow(context->stream, count, state, activation);
    cuda_launched(context, "convert");
}

/* ---------------------------------------------------------------- the context */

static void destroy(struct ops_context *context)
{
    if (!context) {
        return;
    }
    if (context->stream) {
        cudaStreamSynchronize(context->stream);
    }
    cuda_recordings_free(context);
    cuda_convs_free(context);
    plans_free(context->plans);
    if (context->dnn) {
        cudnnDestroy(context->dnn);
    }
    if (context->blas) {
        cublasDestroy(context->blas);
    }
    while (context->chunks) {
        struct cuda_chunk *next = context->chunks->next;
        cudaFree(context->chunks->memory);
        free(context->chunks);
        context->chunks = next;
    }
    if (context->fork) {
        cudaEventDestroy(context->fork);
    }
    if (context->join) {
        cudaEventDestroy(context->join);
    }
    if (context->side) {
        cudaStreamDestroy(context->side);
    }
    if (context->stream) {
        cudaStreamDestroy(context->stream);
    }
    free(context);
}

/* The first visible CUDA device, and the two streams. */
static enum ssldyn_status open_device(struct ops_context *context, struct ssldyn_error *err)
{
    struct cudaDeviceProp properties;
    int count = 0;
    cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess || count == 0) {
        return ssldyn_fail(err, SSLDYN_EINPUT, "--device cuda: no CUDA device: %s",
                           status == cudaSuccess ? "none is visible" : cudaGetErrorString(status));
    }
    status = cudaGetDeviceProperties(&properties, 0);
    if (status == cudaSuccess && properties.major < 8) {
        return ssldyn_fail(
            err, SSLDYN_EINPUT,
            "--device cuda: %s has compute capability %d.%d: at least 8.0 is required",
            properties.name, properties.major, properties.minor);
    }
    status = status ? status : cudaSetDevice(0);
    status = status ? status : cudaStreamCreateWithFlags(&context->stream, cudaStreamNonBlocking);
    status = status ? status : cudaStreamCreateWithFlags(&context->side, cudaStreamNonBlocking);
    status = status ? status : cudaEventCreateWithFlags(&context->fork, cudaEventDisableTiming);
    status = status ? status : cudaEventCreateWithFlags(&context->join, cudaEventDisableTiming);
    if (status != cudaSuccess) {
        return ssldyn_fail(err, SSLDYN_EFAILED, "CUDA: %s", cudaGetErrorString(status));
    }
    /* otherwise a copy returns once the driver has copied the bytes to its memory */
    context->waits = properties.pageableMemoryAccess != 0;
    snprintf(context->device_name, sizeof context->device_name, "%s", properties.name);
    return SSLDYN_OK;
}

static enum ssldyn_status open_libraries(struct ops_context *context, struct ssldyn_error *err)
{
    context->sums = cuda_alloc(context, KERNELS_BN_SUMS * sizeof(float));
    context->blas_workspace = cuda_alloc(context, BLAS_WORKSPACE);
    if (!context->sums || !context->blas_workspace) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory on %s", context->device_name);
    }
    cublasStatus_t blas = cublasCreate(&context->blas);
    blas = blas ? blas : cublasSetStream(context->blas, context->stream);
    /* separate workspaces and a single stream: the same bits on every run */
    blas = blas ? blas : cublasSetWorkspace(context->blas, context->blas_workspace, BLAS_WORKSPACE);
    /* both multiply in float; the second may not even split a sum */
    blas = blas ? blas
                : cublasSetMathMode(context->blas,
                                    context->exact ? CUBLAS_PEDANTIC_MATH : CUBLAS_DEFAULT_MATH);
    if (blas != CUBLAS_STATUS_SUCCESS) {
        return ssldyn_fail(err, SSLDYN_EFAILED, "cuBLAS: %s", cublasGetStatusString(blas));
    }
    cudnnStatus_t dnn = cudnnCreate(&context->dnn);
    dnn = dnn ? dnn : cudnnSetStream(context->dnn, context->stream);
    if (dnn != CUDNN_STATUS_SUCCESS) {
        return ssldyn_fail(err, SSLDYN_EFAILED, "cuDNN: %s", cudnnGetErrorString(dnn));
    }
    const struct plans_options options = {.device = {.handle = context->dnn},
                                          .device_name = context->device_name,
                                          .file = getenv("SSLDYN_PLANS"),
                                          .workspace = PLAN_WORKSPACE};
    return plans_open(&options, &context->plans, err);
}

static enum ssldyn_status create_any(bool exact, struct ops_context **context,
                                     struct ssldyn_error *err)
{
    struct ops_context *made = calloc(1, sizeof *made);
    if (!made) {
        return ssldyn_fail(err, SSLDYN_ENOMEM, "out of memory");
    }
    made->exact = exact;
    enum ssldyn_status status = open_device(made, err);
    if (status == SSLDYN_OK) {
        status = open_libraries(made, err);
    }
    if (status != SSLDYN_OK) {
        destroy(made);
        return status;
    }
    *context = made;
    return SSLDYN_OK;
}

static enum ssldyn_status create(struct ops_context **context, struct ssldyn_error *err)
{
    return create_any(false, context, err);
}

static enum ssldyn_status create_exact(struct ops_context **context, struct ssldyn_error *err)
{
    return create_any(true, context, err);
}

/* ---------------------------------------------------------------- the table */

#define CUDA_MEMBER(name) .name = cuda_##name,
#define MEMBERS                                                                                    \
    .destroy = destroy, .alloc = cuda_alloc, .upload = upload, .download = download, .zero = zero, \
    .copy = copy, .convert = convert, .sync = sync, OPS_OPERATIONS(CUDA_MEMBER)

const struct ops *ops_cuda(void)
{
    static const struct ops table = {.name = "cuda",
                                     .size = {sizeof(float), 2},
                                     .copies = true,
                                     .image_channels = CHANNELS,
                                     .create = create,
                                     MEMBERS};
    return &table;
}

const struct ops *ops_cuda_float(void)
{
    static const struct ops table = {.name = "cuda-float",
                                     .size = {sizeof(float), sizeof(float)},
                                     .copies = false,
                                     .image_channels = 1,
                                     .create = create_exact,
                                     MEMBERS};
    return &table;
}
