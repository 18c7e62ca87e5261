/* Enough of CUDA to run the kernels on the host, one thread at a time, so that they are tested
 * where there is no GPU: the same .cu files, compiled as C++ with this header in front and
 * KERNELS_EMULATED set. Threads of a block are coroutines that change over at barriers and
 * shuffles; blocks follow one another. A barrier that some threads never reach ends the program.
 *
 * What it shows: indices, sums, orders, use of shared memory. What it cannot: speed, and memory
 * that is read across threads without a barrier, unless the result depends on the order in which
 * threads run; $EMULATE_ORDER = reverse turns that order round. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_EMULATE_H
#define EXPERIMENTS_GPU_EMULATE_H

#include <cuda_runtime_api.h>
#include <vector_functions.h>

#include <functional>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#undef __shared__
#undef __global__
#undef __device__
#undef __host__
#undef __launch_bounds__
#define __shared__ static
#define __global__
#define __device__
#define __host__
#define __launch_bounds__(...)

/* Where the running thread is. */
struct emulate_place {
    uint3 thread, block;
    dim3 block_size, grid_size;
    void *dynamic; /* shared memory whose size the launch said */
};
extern struct emulate_place emulate_at;
#define threadIdx (emulate_at.thread)
#define blockIdx (emulate_at.block)
#define blockDim (emulate_at.block_size)
#define gridDim (emulate_at.grid_size)

/* Waits for the block, for the warp. */
void emulate_barrier(void);
/* The same; whether any thread of the block said yes. */
int emulate_barrier_or(int mine);
/* What the lane with this number gives, after all lanes of the warp have given something. */
uint64_t emulate_exchange(uint64_t given, unsigned lane);

#define __syncthreads emulate_barrier
#define __syncthreads_or emulate_barrier_or

template <typename T> static inline T __shfl_xor_sync(unsigned, T value, int mask)
{
    uint64_t bits = 0;
    T other;
    memcpy(&bits, &value, sizeof value);
    bits = emulate_exchange(bits, (emulate_at.thread.x % 32) ^ (unsigned)mask);
    memcpy(&other, &bits, sizeof other);
    return other;
}

static inline float __uint_as_float(unsigned bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Work on a stream: done at once, or noted while a step is recorded. On a stream that waited for
 * another it is put off until that one waits for it in turn: as late as a device may do it. */
void emulate_put(cudaStream_t stream, const std::function<void()> &work);
extern "C" void emulate_call(void (*function)(void *), void *argument); /* the same, for C */
/* A kernel: body is one thread's. */
void emulate_launch(cudaStream_t stream, dim3 grid, dim3 block, size_t shared,
                    const std::function<void()> &body);

/* The arguments are copied, as a launch copies them. */
template <typename... P, typename... A>
static inline void emulate_start(cudaStream_t stream, void (*kernel)(P...), dim3 grid, dim3 block,
                                 size_t shared, A... arguments)
{
    emulate_launch(stream, grid, block, shared, [=]() { kernel(arguments...); });
}

#define LAUNCH(kernel, grid, block, shared, stream, ...)                                           \
    emulate_start((stream), kernel, dim3(grid), dim3(block), (shared), __VA_ARGS__)
#define DYNAMIC_SHARED(type, name) type *name = static_cast<type *>(emulate_at.dynamic)
#define ALLOW_SHARED(kernel, bytes) ((bytes) <= 227 * 1024)
#define UNROLL
#define UNROLL_BY(count)

#endif
