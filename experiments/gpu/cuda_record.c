/* Steps recorded as CUDA graphs. The first call of a step executes it, so that all kernels and
 * plans are loaded; the second records it; later calls replay it. With $SSLDYN_RECORD = no every
 * call executes the step, so that an error is reported by the operation that caused it. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/cuda.h"

#include <cuda_runtime.h>
#include <stdlib.h>
#include <string.h>

struct cuda_recording {
    struct cuda_recording *next;
    struct ops_key key;
    bool warm;      /* was executed once */
    bool capturing; /* is being recorded */
    cudaGraphExec_t graph;
};

static struct cuda_recording *find(struct ops_context *context, struct ops_key key)
{
    struct cuda_recording *recording = context->recordings;
    while (recording &&
           (recording->key.owner != key.owner || recording->key.number != key.number)) {
        recording = recording->next;
    }
    return recording;
}

bool cuda_replay(struct ops_context *context, struct ops_key key)
{
    const struct cuda_recording *recording = find(context, key);
    if (!recording || !recording->graph) {
        return false;
    }
    cudaGraphLaunch(recording->graph, context->stream);
    cuda_launched(context, "replay of a step");
    return true;
}

void cuda_begin(struct ops_context *context, struct ops_key key)
{
    const char *wanted = getenv("SSLDYN_RECORD");
    struct cuda_recording *recording = find(context, key);
    if (wanted && strcmp(wanted, "no") == 0) {
        return;
    }
    if (!recording) {
        recording = calloc(1, sizeof *recording);
        if (!recording) {
            return; /* then it is executed every time */
        }
        recording->key = key;
        recording->next = context->recordings;
        context->recordings = recording;
    }
    context->recording = recording;
    if (recording->warm) {
        cudaStreamBeginCapture(context->stream, cudaStreamCaptureModeThreadLocal);
        cuda_launched(context, "recording a step");
        recording->capturing = true;
    }
}

void cuda_end(struct ops_context *context)
{
    struct cuda_recording *recording = context->recording;
    cudaGraph_t graph = NULL;
    context->recording = NULL;
    if (!recording) {
        return;
    }
    if (!recording->capturing) {
        recording->warm = true;
        return;
    }
    recording->capturing = false;
    cudaError_t status = cudaStreamEndCapture(context->stream, &graph);
    status = status ? status : cudaGraphInstantiate(&recording->graph, graph, 0);
    status = status ? status : cudaGraphLaunch(recording->graph, context->stream);
    if (graph) {
        cudaGraphDestroy(graph);
    }
    if (status != cudaSuccess) {
        cuda_fault(context, "recording a step", cudaGetErrorString(status));
    }
}

void cuda_recordings_free(struct ops_context *context)
{
    while (context->recordings) {
        struct cuda_recording *next = context->recordings->next;
        if (context->recordings->graph) {
            cudaGraphExecDestroy(context->recordings->graph);
        }
        free(context->recordings);
        context->recordings = next;
    }
}
