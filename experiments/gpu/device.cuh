/* Shared by the kernels: vectors of activations, sums over warps and blocks, launches. The same
 * sources run on the host if KERNELS_EMULATED is set (emulate/emulate.h). */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_DEVICE_CUH
#define EXPERIMENTS_GPU_DEVICE_CUH

#include "experiments/gpu/kernels.h"

#include <cuda_bf16.h>

#ifndef KERNELS_EMULATED
#define LAUNCH(kernel, grid, block, shared, stream, ...)                                           \
    kernel<<<(grid), (block), (shared), (stream)>>>(__VA_ARGS__)
/* shared memory of a block; the launch sets its size */
#define DYNAMIC_SHARED(type, name) extern __shared__ __align__(16) type name[]
#define UNROLL _Pragma("unroll")
#define UNROLL_BY(count) PRAGMA(unroll count)
#define PRAGMA(words) _Pragma(#words)
/* Allows a kernel to use this much shared memory per block; false if the device has less. */
#define ALLOW_SHARED(kernel, bytes)                                                                \
    (cudaFuncSetAttribute((kernel), cudaFuncAttributeMaxDynamicSharedMemorySize, (int)(bytes)) ==  \
         cudaSuccess ||                                                                            \
     (cudaGetLastError(), false))
#endif

typedef __nv_bfloat16 bf16;

enum { WARP = 32 };

/* ---------------------------------------------------------------- vectors of activations */

/* V consecutive elements as floats. V = 8 of bf16 and V = 4 of float are one access of 16 bytes, so
 * p must be aligned to 16 bytes. */
template <int V> static __device__ inline void load(const float *p, float out[V])
{
    if (V == 4) {
        const float4 v = *reinterpret_cast<const float4 *>(p);
        out[0] = v.x;
        out[1 % V] = v.y;
        out[2 % V] = v.z;
        out[3 % V] = v.w;
    } else {
        UNROLL
        for (int i = 0; i < V; i++) {
            out[i] = p[i];
        }
    }
}

template <int V> static __device__ inline void store(float *p, const float in[V])
{
    if (V == 4) {
        *reinterpret_cast<float4 *>(p) = make_float4(in[0], in[1 % V], in[2 % V], in[3 % V]);
    } else {
        UNROLL
        for (int i = 0; i < V; i++) {
            p[i] = in[i];
        }
    }
}

static __device__ inline uint32_t pack(float low, float high)
{
    const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    return *reinterpret_cast<const uint32_t *>(&pair);
}

static __device__ inline void unpack(uint32_t pair, float *low, float *high)
{
    *low = __uint_as_float(pair << 16);
    *high = __uint_as_float(pair & 0xffff0000U);
}

template <int V> static __device__ inline void load(const bf16 *p, float out[V])
{
    if (V == 8) {
        const uint4 v = *reinterpret_cast<const uint4 *>(p);
        unpack(v.x, &out[0], &out[1 % V]);
        unpack(v.y, &out[2 % V], &out[3 % V]);
        unpack(v.z, &out[4 % V], &out[5 % V]);
        unpack(v.w, &out[6 % V], &out[7 % V]);
    } else {
        UNROLL
        for (int i = 0; i < V; i++) {
            out[i] = __bfloat162float(p[i]);
        }
    }
}

template <int V> static __device__ inline void store(bf16 *p, const float in[V])
{
    if (V == 8) {
        *reinterpret_cast<uint4 *>(p) =
            make_uint4(pack(in[0], in[1 % V]), pack(in[2 % V], in[3 % V]),
                       pack(in[4 % V], in[5 % V]), pack(in[6 % V], in[7 % V]));
    } else {
        UNROLL
        for (int i = 0; i < V; i++) {
            p[i] = __float2bfloat16_rn(in[i]);
        }
    }
}

/* Elements per access of 16 bytes. */
template <typename T> struct widest {
    enum { value = 16 / sizeof(T) };
};

/* Whether rows of c elements at all these addresses (NULL: not in use) can be read that way. */
template <typename T>
static inline bool fits(int64_t c, const void *a, const void *b = nullptr, const void *d = nullptr,
                        const void *e = nullptr, const void *f = nullptr, const void *g = nullptr)
{
    const uintptr_t bits =
        (uintptr_t)a | (uintptr_t)b | (uintptr_t)d | (uintptr_t)e | (uintptr_t)f | (uintptr_t)g;
    return c % widest<T>::value == 0 && bits % 16 == 0;
}

/* A type of activations, and the number of elements read at once. */
template <typename T, int V> struct access {
    typedef T number;
    enum { width = V };
};

template <typename T, typename Body, typename... P>
static inline void with_width(int64_t c, const Body &body, P... pointers)
{
    if (fits<T>(c, pointers...)) {
        body(access<T, widest<T>::value>());
    } else {
        body(access<T, 1>());
    }
}

/* body(access) for activations of this type, with rows of c elements at these addresses. */
template <typename Body, typename... P>
static inline void with_access(enum kernels_type type, int64_t c, const Body &body, P... pointers)
{
    if (type == KERNELS_BF16) {
        with_width<bf16>(c, body, pointers...);
    } else {
        with_width<float>(c, body, pointers...);
    }
}
#define NUMBER(access) typename decltype(access)::number
#define WIDTH(access) decltype(access)::width

/* ---------------------------------------------------------------- sums */

/* The sum over a warp, in every lane; because a + b = b + a all lanes agree. */
template <typename T> static __device__ inline T warp_sum(T value)
{
    for (int step = WARP / 2; step > 0; step /= 2) {
        value += __shfl_xor_sync(0xffffffffU, value, step);
    }
    return value;
}

/* The sum over a block of whole warps, in every thread. scratch: one number per warp. All threads
 * must call it; scratch may be reused after the next barrier. */
template <typename T> static __device__ inline T block_sum(T value, T *scratch)
{
    const int lane = (int)threadIdx.x % WARP;
    const int warps = (int)blockDim.x / WARP;
    value = warp_sum(value);
    if (lane == 0) {
        scratch[threadIdx.x / WARP] = value;
    }
    __syncthreads();
    T sum = 0;
    for (int i = 0; i < warps; i++) {
        sum += scratch[i];
    }
    return sum;
}

static inline int64_t ceil_div(int64_t a, int64_t b)
{
    return (a + b - 1) / b;
}

static inline unsigned blocks_for(int64_t count, int64_t most)
{
    return (unsigned)(count < 1 ? 1 : count < most ? count : most);
}

#endif
