/* The parts of the CUDA runtime, cuBLAS and cuDNN that the backend calls, on the host: device
 * memory is host memory, a stream executes at once, a parallel stream as late as it may, and a
 * graph is a list of the work put on a stream. The libraries' work is on the first stream. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/emulate/emulate.h"

#include <cublas_v2.h>
#include <cudnn.h>

#include <map>
#include <stdlib.h>
#include <sys/mman.h>
#include <vector>

typedef std::vector<std::function<void()>> list;

static list *recorded;   /* NULL: not recording */
static cudaError_t last; /* returned by cudaGetLastError */

/* A call that is not allowed while recording. */
static cudaError_t refuse(void)
{
    return last = cudaErrorStreamCaptureUnsupported;
}

/* ---------------------------------------------------------------- the device's memory */

/* One range of addresses. If $EMULATE_GUARD is set the host may not access it: it is accessible
 * only while the device works, so a program that dereferences a device pointer crashes. */
static const size_t ARENA = (size_t)1 << 36;
static char *arena;
static size_t used;

static void let_host(bool touch)
{
    static const bool guarded = getenv("EMULATE_GUARD");
    if (guarded && used > 0 && mprotect(arena, used, touch ? PROT_READ | PROT_WRITE : PROT_NONE)) {
        abort();
    }
}

/* Deferred work, one list per stream that waited for another; and the position of recorded
 * events. */
static std::map<cudaStream_t, list> later;
static std::map<cudaEvent_t, cudaStream_t> place_of;

void emulate_put(cudaStream_t stream, const std::function<void()> &work)
{
    if (later.count(stream)) {
        later[stream].push_back(work);
        return;
    }
    if (recorded) {
        recorded->push_back(work);
        return;
    }
    let_host(true);
    work();
    let_host(false);
}

extern "C" {

/* ---------------------------------------------------------------- memory, streams */

cudaError_t cudaGetDeviceCount(int *count)
{
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int)
{
    memset(properties, 0, sizeof *properties);
    strcpy(properties->name, "emulated");
    properties->major = 9;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int)
{
    return cudaSuccess;
}

const char *cudaGetErrorString(cudaError_t)
{
    return "emulated";
}

cudaError_t cudaGetLastError(void)
{
    const cudaError_t returned = last;
    last = cudaSuccess;
    return returned;
}

/* filled, so that reads of uninitialized memory are detected */
cudaError_t cudaMalloc(void **memory, size_t bytes)
{
    const size_t page = (size_t)1 << 16;
    if (recorded) {
        return refuse();
    }
    bytes = (bytes + page - 1) / page * page;
    if (!arena) {
        void *const range =
            mmap(nullptr, ARENA, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        arena = range == MAP_FAILED ? nullptr : static_cast<char *>(range);
    }
    if (!arena || bytes > ARENA - used ||
        mprotect(arena + used, bytes, PROT_READ | PROT_WRITE) != 0) {
        return cudaErrorMemoryAllocation;
    }
    *memory = arena + used;
    used += bytes;
    memset(*memory, 0xff, bytes);
    let_host(false);
    return cudaSuccess;
}

/* Addresses are not reused, so that use after free is detected. */
cudaError_t cudaFree(void *memory)
{
    (void)memory;
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    emulate_put(stream, [=]() { memset(to, value, bytes); });
    return cudaSuccess;
}

cudaError_t cudaMemset(void *to, int value, size_t bytes)
{
    if (recorded) {
        return refuse();
    }
    let_host(true);
    memset(to, value, bytes);
    let_host(false);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    if (recorded && kind != cudaMemcpyDeviceToDevice) { /* the host memory may have been freed by
                                                         * then */
        return refuse();
    }
    emulate_put(stream, [=]() { memmove(to, from, bytes); });
    return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
    *stream = reinterpret_cast<cudaStream_t>(stream);
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t)
{
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t)
{
    return recorded ? refuse() : cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned)
{
    const cudaStream_t other = place_of[event];
    if (!later.count(other)) {
        later[stream]; /* from here on its work may be deferred */
        return cudaSuccess;
    }
    const list due = later[other];
    later.erase(other);
    for (const auto &work : due) {
        emulate_put(stream, work);
    }
    return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned)
{
    *event = reinterpret_cast<cudaEvent_t>(event);
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    return cudaEventCreateWithFlags(event, 0);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    place_of[event] = stream;
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t)
{
    return cudaSuccess;
}

cudaError_t cudaEventElapsedTime(float *milliseconds, cudaEvent_t, cudaEvent_t)
{
    *milliseconds = 1.0F;
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t)
{
    return cudaSuccess;
}

/* ---------------------------------------------------------------- graphs */

cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode)
{
    recorded = new list;
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t *graph)
{
    *graph = reinterpret_cast<cudaGraph_t>(recorded);
    recorded = nullptr;
    return later.empty() ? cudaSuccess : cudaErrorStreamCaptureUnjoined;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
    *exec = reinterpret_cast<cudaGraphExec_t>(new list(*reinterpret_cast<list *>(graph)));
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t)
{
    let_host(true);
    for (const auto &work : *reinterpret_cast<list *>(exec)) {
        work();
    }
    let_host(false);
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    delete reinterpret_cast<list *>(graph);
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    delete reinterpret_cast<list *>(exec);
    return cudaSuccess;
}

/* ---------------------------------------------------------------- cuBLAS */

cublasStatus_t cublasCreate_v2(cublasHandle_t *handle)
{
    *handle = reinterpret_cast<cublasHandle_t>(handle);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t)
{
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t, cudaStream_t)
{
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void *, size_t)
{
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t)
{
    return CUBLAS_STATUS_SUCCESS;
}

const char *cublasGetStatusString(cublasStatus_t)
{
    return "emulated";
}

cublasStatus_t cublasSgemm_v2(cublasHandle_t, cublasOperation_t transpose_a,
                              cublasOperation_t transpose_b, int m, int n, int k,
                              const float *alpha, const float *A, int lda, const float *B, int ldb,
                              const float *beta, float *C, int ldc)
{
    const float scale = *alpha;
    const float keep = *beta;
    emulate_put(nullptr, [=]() {
        for (int j = 0; j < n; j++) {
            for (int i = 0; i < m; i++) {
                double sum = 0.0;
                for (int p = 0; p < k; p++) {
                    const float a = transpose_a == CUBLAS_OP_N ? A[i + (size_t)p * lda]
                                                               : A[p + (size_t)i * lda];
                    const float b = transpose_b == CUBLAS_OP_N ? B[p + (size_t)j * ldb]
                                                               : B[j + (size_t)p * ldb];
                    sum += (double)a * (double)b;
                }
                float *to = C + i + (size_t)j * ldc;
                *to = scale * (float)sum + (keep != 0.0F ? keep * *to : 0.0F);
            }
        }
    });
    return CUBLAS_STATUS_SUCCESS;
}

/* ---------------------------------------------------------------- cuDNN */

cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)
{
    *handle = reinterpret_cast<cudnnHandle_t>(handle);
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t)
{
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t, cudaStream_t)
{
    return CUDNN_STATUS_SUCCESS;
}

const char *cudnnGetErrorString(cudnnStatus_t)
{
    return "emulated";
}

void emulate_call(void (*function)(void *), void *argument)
{
    emulate_put(nullptr, [=]() { function(argument); });
}
}
