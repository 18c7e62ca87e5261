/* Batch normalization in groups, with residual and ReLU: two passes over the activations forward,
 * two backward, and between them one small kernel that adds up the partial sums of the blocks. This
 * file: what both directions share.
 *
 * Threads of a block: x indexes vectors of V channels, y indexes rows. Each thread thus works on
 * fixed channels, whose constants stay in registers. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_BN_CUH
#define EXPERIMENTS_GPU_BN_CUH

#include "experiments/gpu/device.cuh"

/* As many blocks as run at once on the 132 multiprocessors of an H100, where the registers of the
 * backward pass suffice for three on each: with more, the last ones would run alone. */
enum { THREADS = 256, PER_PROCESSOR = 3, BLOCKS = 132 * PER_PROCESSOR };
/* Rows of threads that add up the sums of the blocks. Each sum comes from memory, so a thread
 * should add few of them; and there are two such kernels per layer. */
enum { FINISH_ROWS = 16 };

struct geometry {
    dim3 block, grid;
    int parts; /* blocks that share the rows of a group */
};

/* The threads of a block for c channels in vectors of v, and the number of blocks. */
static inline struct geometry geometry_of(const struct kernels_bn *bn, int v)
{
    struct geometry g;
    const int vectors = (int)ceil_div(bn->c, v);
    unsigned x = 1;
    while (x < (unsigned)vectors && x < 64) {
        x *= 2;
    }
    const unsigned y = THREADS / x;
    const unsigned slabs = (unsigned)ceil_div(vectors, x);
    const int64_t share = BLOCKS / ((int64_t)bn->groups * slabs);
    const int64_t limit = KERNELS_BN_SUMS / (2 * (int64_t)bn->groups * bn->c) - 1;
    const int64_t useful = ceil_div(bn->rows, 4 * (int64_t)y);
    const int64_t most = share < limit ? share : limit;
    g.parts = (int)(useful < most ? useful : most < 1 ? 1 : most);
    g.block = dim3(x, y);
    g.grid = dim3((unsigned)g.parts, slabs, (unsigned)bn->groups);
    return g;
}

/* sums holds, for each group and part, c first and c second sums, followed by the constants of the
 * backward pass (2 c per group). */
static __device__ inline float *part_of(float *sums, int parts, int c, int group, int part)
{
    return sums + ((size_t)group * parts + part) * 2 * c;
}

/* Adds up the two sums of each thread's V channels over the block's rows, and stores them. */
template <int V>
static __device__ inline void block_store(const float first[V], const float second[V], int c,
                                          float *to)
{
    __shared__ float shared[2][THREADS * V];
    const int me = (int)(threadIdx.y * blockDim.x + threadIdx.x) * V;
    UNROLL
    for (int k = 0; k < V; k++) {
        shared[0][me + k] = first[k];
        shared[1][me + k] = second[k];
    }
    __syncthreads();
    const int width = (int)blockDim.x * V;
    const int base = (int)(blockIdx.y * blockDim.x) * V; /* channel of thread x = 0 */
    for (int i = me / V; i < 2 * width; i += THREADS) {
        const int which = i / width;
        const int channel = i % width;
        float sum = 0.0F;
        for (int y = 0; y < (int)blockDim.y; y++) {
            sum += shared[which][y * width + channel];
        }
        if (base + channel < c) {
            to[which * c + base + channel] = sum;
        }
    }
}

/* Both sums of one channel of one group over all parts; valid in threads with y = 0. */
static __device__ inline void add_parts(float *sums, int parts, int c, int group, int channel,
                                        double *first, double *second)
{
    __shared__ double shared[2][FINISH_ROWS][WARP];
    double a = 0.0;
    double b = 0.0;
    if (channel < c) {
        for (int part = (int)threadIdx.y; part < parts; part += FINISH_ROWS) {
            const float *from = part_of(sums, parts, c, group, part);
            a += (double)from[channel];
            b += (double)from[c + channel];
        }
    }
    __syncthreads(); /* other threads may still read the sums of the group before */
    shared[0][threadIdx.y][threadIdx.x] = a;
    shared[1][threadIdx.y][threadIdx.x] = b;
    __syncthreads();
    a = 0.0;
    b = 0.0;
    for (int y = 0; y < FINISH_ROWS; y++) {
        a += shared[0][y][threadIdx.x];
        b += shared[1][y][threadIdx.x];
    }
    *first = a;
    *second = b;
}

#endif
