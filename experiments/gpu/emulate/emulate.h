/* Enough of CUDA to run the kernels on the host, one thread at a time, so that they are tested on
 * machines without a GPU: the same .cu files, compiled as C++ with this header included first and
 * KERNELS_EMULATED set. The threads of a block are coroutines that switch at barriers and shuffles;
 * blocks run one after another. If some threads never reach a barrier, the program ends.
 *
 * It tests indices, sums, orders and the use of shared memory. It does not test speed, nor reads of
 * other threads' memory without a barrier, unless the result depends on the order in which threads
 * run; $EMULATE_ORDER = reverse reverses that order. */
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

/* Indices of the running thread. */
struct emulate_place {
    uint3 thread, block;
    dim3 block_size, grid_size;
    void *dynamic; /* shared memory whose size the launch sets */
};
extern struct emulate_place emulate_at;
#define threadIdx (emulate_at.thread)
#define blockIdx (emulate_at.block)
#define blockDim (emulate_at.block_size)
#define gridDim (emulate_at.grid_size)

/* Waits for the block; for the warp. */
void emulate_barrier(void);
/* The same; returns whether the argument was true in any thread of the block. */
int emulate_barrier_or(int mine);
/* The value of lane `lane`, once every lane of the warp has supplied a value. */
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

/* Work on a stream: executed at once, or stored while a step is recorded. On a stream that waited
 * for another it is deferred until the other waits for it: as late as a device may execute it. */
void emulate_put(cudaStream_t stream, const std::function<void()> &work);
extern "C" void emulate_call(void (*function)(void *), void *argument); /* the same, for C */
/* A kernel: body is the code of one thread. */
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
