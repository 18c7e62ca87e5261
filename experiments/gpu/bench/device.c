/* Prints one line that describes the GPU, or says why there is none; then the exit status is 77. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/ops.h"

#include <stdio.h>

#ifdef BYOL_CUDA
#include <cuda_runtime.h>
#include <cudnn.h>

static void describe(void)
{
    struct cudaDeviceProp properties;
    int runtime = 0;
    const size_t dnn = cudnnGetVersion();
    if (cudaGetDeviceProperties(&properties, 0) == cudaSuccess &&
        cudaRuntimeGetVersion(&runtime) == cudaSuccess) {
        printf("GPU: %s (%d.%d), CUDA %d.%d, cuDNN %zu.%zu.%zu\n", properties.name,
               properties.major, properties.minor, runtime / 1000, runtime % 1000 / 10, dnn / 10000,
               dnn / 100 % 100, dnn % 100);
    }
}
#else
static void describe(void)
{
}
#endif

int main(void)
{
    enum { NO_DEVICE = 77 };
    const struct ops *ops = ops_cuda();
    struct ops_context *context;
    struct ssldyn_error err;
    if (!ops) {
        printf("skipped: no GPU (built without CUDA)\n");
        return NO_DEVICE;
    }
    const enum ssldyn_status status = ops->create(&context, &err);
    if (status == SSLDYN_EINPUT) {
        printf("skipped: no GPU (%s)\n", err.message);
        return NO_DEVICE;
    }
    if (status != SSLDYN_OK) { /* there is a GPU, but it does not work */
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    ops->destroy(context);
    describe();
    return 0;
}
