/* Batch normalisation in groups, with residual and ReLU: two passes over the activations forward,
 * two backward, and between them one small kernel that adds up what the blocks found.
 *
 * Threads of a block: x runs over vectors of V channels, y over rows. So a thread keeps to its
 * channels, and their constants stay in registers. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/device.cuh"

enum { THREADS = 256, BLOCKS = 528 /* four a multiprocessor of an H100 */ };
/* Rows of threads that add up the blocks' sums: a thread waits for few of them, as each comes from
 * memory, and there are two such kernels a layer. */
enum { FINISH_ROWS = 16 };

struct geometry {
    dim3 block, grid;
    int parts; /* blocks that share the rows of a group */
};

/* A block of threads for c channels in vectors of v, and how many blocks. */
static struct geometry geometry_of(const struct kernels_bn *bn, int v)
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
    const int64_t room = KERNELS_BN_SUMS / (2 * (int64_t)bn->groups * bn->c) - 1;
    const int64_t useful = ceil_div(bn->rows, 4 * (int64_t)y);
    const int64_t most = share < room ? share : room;
    g.parts = (int)(useful < most ? useful : most < 1 ? 1 : most);
    g.block = dim3(x, y);
    g.grid = dim3((unsigned)g.parts, slabs, (unsigned)bn->groups);
    return g;
}

/* sums holds, for each group and part, c first and c second sums; the constants of the backward
 * pass (2 c a group) stand after them all. */
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

/* Sums of x - pivot and its square, the pivot being the group's first row: no cancellation where
 * a channel's mean is far from zero. */
template <typename T, int V>
static __global__ void __launch_bounds__(THREADS)
    sums_forward(int64_t rows, int c, int parts, const T *x, float *sums)
{
    const int vector = (int)(blockIdx.y * blockDim.x + threadIdx.x);
    const int group = (int)blockIdx.z;
    float first[V] = {0.0F};
    float second[V] = {0.0F};
    x += (size_t)group * rows * c;
    if (vector * V < c) {
        float pivot[V];
        load<V>(x + vector * V, pivot);
        UNROLL_BY(4)
        for (int64_t row = (int64_t)blockIdx.x * blockDim.y + threadIdx.y; row < rows;
             row += (int64_t)parts * blockDim.y) {
            float value[V];
            load<V>(x + row * c + vector * V, value);
            UNROLL
            for (int k = 0; k < V; k++) {
                const float d = value[k] - pivot[k];
                first[k] += d;
                second[k] += d * d;
            }
        }
    }
    block_store<V>(first, second, c, part_of(sums, parts, c, group, (int)blockIdx.x));
}

/* Both sums of one channel of one group over all parts; valid in the threads with y = 0. */
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
    __syncthreads(); /* the group before may still be read */
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

/* Statistics of all groups, in order, since each moves the running ones. */
template <typename T>
static __global__ void __launch_bounds__(WARP *FINISH_ROWS, 1)
    finish_forward(struct kernels_bn bn, int parts, const T *x)
{
    const int channel = (int)(blockIdx.x * WARP + threadIdx.x);
    const double rows = (double)bn.rows;
    for (int group = 0; group < bn.groups; group++) {
        double first;
        double second;
        add_parts(bn.sums, parts, bn.c, group, channel, &first, &second);
        if (threadIdx.y != 0 || channel >= bn.c) {
            continue;
        }
        float pivot[1];
        load<1>(x + (size_t)group * bn.rows * bn.c + channel, pivot);
        const double shift = first / rows;
        const double mean = (double)pivot[0] + shift;
        const double spread = second / rows - shift * shift;
        const double variance = spread < 0.0 ? 0.0 : spread; /* lets a nan through */
        const float keep = 1.0F - bn.momentum;
        const double unbiased = variance * rows / (bn.rows > 1 ? rows - 1.0 : 1.0);
        bn.mean[group * bn.c + channel] = (float)mean;
        bn.inverse_std[group * bn.c + channel] = (float)(1.0 / sqrt(variance + (double)bn.epsilon));
        bn.running_mean[channel] = keep * bn.running_mean[channel] + bn.momentum * (float)mean;
        bn.running_var[channel] = keep * bn.running_var[channel] + bn.momentum * (float)unbiased;
    }
}

/* y = act(slope (x - mean) + beta + residual). infer: from the running statistics. */
template <typename T, int V>
static __global__ void __launch_bounds__(THREADS)
    apply_forward(struct kernels_bn bn, bool infer, bool relu, const T *__restrict__ x,
                  const T *__restrict__ residual, T *__restrict__ y)
{
    const int c = bn.c;
    const int at = (int)(blockIdx.y * blockDim.x + threadIdx.x) * V;
    const size_t start = (size_t)blockIdx.z * bn.rows * c + at;
    float mean[V];
    float slope[V];
    float level[V];
    if (at >= c) {
        return;
    }
    UNROLL
    for (int k = 0; k < V; k++) {
        const int of = (int)blockIdx.z * c + at + k;
        mean[k] = infer ? bn.running_mean[at + k] : bn.mean[of];
        slope[k] = infer ? 1.0F / sqrtf(bn.running_var[at + k] + bn.epsilon) : bn.inverse_std[of];
        slope[k] *= bn.gamma ? bn.gamma[at + k] : 1.0F;
        level[k] = bn.beta ? bn.beta[at + k] : 0.0F;
    }
    UNROLL_BY(4)
    for (int64_t row = (int64_t)blockIdx.x * blockDim.y + threadIdx.y; row < bn.rows;
         row += (int64_t)gridDim.x * blockDim.y) {
        float value[V];
        load<V>(x + start + row * c, value);
        UNROLL
        for (int k = 0; k < V; k++) {
            value[k] = (value[k] - mean[k]) * slope[k] + level[k];
        }
        if (residual) {
            float other[V];
            load<V>(residual + start + row * c, other);
            UNROLL
            for (int k = 0; k < V; k++) {
                value[k] += other[k];
            }
        }
        if (relu) {
            UNROLL
            for (int k = 0; k < V; k++) {
                value[k] = value[k] < 0.0F ? 0.0F : value[k]; /* lets a nan through */
            }
        }
        store<V>(y + start + row * c, value);
    }
}

/* What reaches the normalised value: dy + more, where the ReLU let it pass. */
template <typename T, int V>
static __device__ inline void incoming(const T *y, const T *dy, const T *more, bool relu,
                                       size_t offset, float out[V])
{
    load<V>(dy + offset, out);
    if (more) {
        float other[V];
        load<V>(more + offset, other);
        UNROLL
        for (int k = 0; k < V; k++) {
            out[k] += other[k];
        }
    }
    if (relu) {
        float passed[V];
        load<V>(y + offset, passed);
        UNROLL
        for (int k = 0; k < V; k++) {
            out[k] = passed[k] > 0.0F ? out[k] : 0.0F;
        }
    }
}

/* Sums of the incoming gradient, and of it times the normalised value. */
template <typename T, int V>
static __global__ void __launch_bounds__(THREADS)
    sums_backward(struct kernels_bn bn, int parts, bool relu, const T *x, const T *y, const T *dy,
                  const T *more)
{
    const int vector = (int)(blockIdx.y * blockDim.x + threadIdx.x);
    const int at = vector * V;
    const int group = (int)blockIdx.z;
    float first[V] = {0.0F};
    float second[V] = {0.0F};
    if (at < bn.c) {
        const size_t start = (size_t)group * bn.rows * bn.c + at;
        float mean[V];
        float inverse[V];
        UNROLL
        for (int k = 0; k < V; k++) {
            mean[k] = bn.mean[group * bn.c + at + k];
            inverse[k] = bn.inverse_std[group * bn.c + at + k];
        }
        UNROLL_BY(2)
        for (int64_t row = (int64_t)blockIdx.x * blockDim.y + threadIdx.y; row < bn.rows;
             row += (int64_t)parts * blockDim.y) {
            float value[V];
            float slope[V];
            load<V>(x + start + row * bn.c, value);
            incoming<T, V>(y, dy, more, relu, start + row * bn.c, slope);
            UNROLL
            for (int k = 0; k < V; k++) {
                first[k] += slope[k];
                second[k] += slope[k] * ((value[k] - mean[k]) * inverse[k]);
            }
        }
    }
    block_store<V>(first, second, bn.c, part_of(bn.sums, parts, bn.c, group, (int)blockIdx.x));
}

/* Gradients of gamma and beta, and both sums over the rows' number for each group. */
static __global__ void __launch_bounds__(WARP *FINISH_ROWS, 1)
    finish_backward(struct kernels_bn bn, int parts, float *dgamma, float *dbeta)
{
    const int channel = (int)(blockIdx.x * WARP + threadIdx.x);
    float *constants = part_of(bn.sums, parts, bn.c, bn.groups, 0);
    double beta = 0.0;
    double gamma = 0.0;
    for (int group = 0; group < bn.groups; group++) {
        double first;
        double second;
        add_parts(bn.sums, parts, bn.c, group, channel, &first, &second);
        if (threadIdx.y != 0 || channel >= bn.c) {
            continue;
        }
        beta += first;
        gamma += second;
        constants[2 * group * bn.c + channel] = (float)(first / (double)bn.rows);
        constants[(2 * group + 1) * bn.c + channel] = (float)(second / (double)bn.rows);
    }
    if (threadIdx.y == 0 && channel < bn.c) {
        if (dgamma) {
            dgamma[channel] = (float)gamma;
        }
        if (dbeta) {
            dbeta[channel] = (float)beta;
        }
    }
}

/* dx = gamma/std (incoming - its mean - normalised value * mean of the product). dx may be dy, and
 * dresidual more: every number is read before it is written, by the same thread. */
template <typename T, int V>
static __global__ void __launch_bounds__(THREADS)
    apply_backward(struct kernels_bn bn, int parts, bool relu, const T *x, const T *y, const T *dy,
                   const T *more, T *dx, T *dresidual)
{
    const int c = bn.c;
    const int at = (int)(blockIdx.y * blockDim.x + threadIdx.x) * V;
    const int group = (int)blockIdx.z;
    const size_t start = (size_t)group * bn.rows * c + at;
    const float *constants = part_of(bn.sums, parts, c, bn.groups, 0) + 2 * group * c;
    float mean[V];
    float inverse[V];
    float gamma[V];
    float flat[V];
    float tilt[V];
    if (at >= c) {
        return;
    }
    UNROLL
    for (int k = 0; k < V; k++) {
        mean[k] = bn.mean[group * c + at + k];
        inverse[k] = bn.inverse_std[group * c + at + k];
        gamma[k] = bn.gamma ? bn.gamma[at + k] : 1.0F;
        flat[k] = constants[at + k];
        tilt[k] = constants[c + at + k];
    }
    UNROLL_BY(2)
    for (int64_t row = (int64_t)blockIdx.x * blockDim.y + threadIdx.y; row < bn.rows;
         row += (int64_t)gridDim.x * blockDim.y) {
        const size_t offset = start + row * c;
        float value[V];
        float slope[V];
        load<V>(x + offset, value);
        incoming<T, V>(y, dy, more, relu, offset, slope);
        if (dresidual) {
            store<V>(dresidual + offset, slope);
        }
        UNROLL
        for (int k = 0; k < V; k++) {
            const float normalised = (value[k] - mean[k]) * inverse[k];
            value[k] = gamma[k] * inverse[k] * (slope[k] - flat[k] - normalised * tilt[k]);
        }
        store<V>(dx + offset, value);
    }
}

template <typename T, int V>
static void forward(cudaStream_t stream, const struct kernels_bn *bn, bool infer, bool relu,
                    const T *x, const T *residual, T *y)
{
    const struct geometry g = geometry_of(bn, V);
    const dim3 finish((unsigned)ceil_div(bn->c, WARP));
    if (!infer) {
        LAUNCH((sums_forward<T, V>), g.grid, g.block, 0, stream, bn->rows, bn->c, g.parts, x,
               bn->sums);
        LAUNCH((finish_forward<T>), finish, dim3(WARP, FINISH_ROWS), 0, stream, *bn, g.parts, x);
    }
    LAUNCH((apply_forward<T, V>), g.grid, g.block, 0, stream, *bn, infer, relu, x, residual, y);
}

template <typename T, int V>
static void backward(cudaStream_t stream, const struct kernels_bn *bn, bool relu, const T *x,
                     const T *y, const T *dy, const T *more, T *dx, T *dresidual, float *dgamma,
                     float *dbeta)
{
    const struct geometry g = geometry_of(bn, V);
    const dim3 finish((unsigned)ceil_div(bn->c, WARP));
    LAUNCH((sums_backward<T, V>), g.grid, g.block, 0, stream, *bn, g.parts, relu, x, y, dy, more);
    LAUNCH(finish_backward, finish, dim3(WARP, FINISH_ROWS), 0, stream, *bn, g.parts, dgamma,
           dbeta);
    LAUNCH((apply_backward<T, V>), g.grid, g.block, 0, stream, *bn, g.parts, relu, x, y, dy, more,
           dx, dresidual);
}

template <typename T>
static void forward_any(cudaStream_t stream, const struct kernels_bn *bn, bool infer, int relu,
                        const void *x, const void *residual, void *y)
{
    if (fits<T>(bn->c, x, residual, y)) {
        forward<T, widest<T>::value>(stream, bn, infer, relu != 0, (const T *)x,
                                     (const T *)residual, (T *)y);
    } else {
        forward<T, 1>(stream, bn, infer, relu != 0, (const T *)x, (const T *)residual, (T *)y);
    }
}

template <typename T>
static void backward_any(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                         const void *y, int relu, const void *dy, const void *more, void *dx,
                         void *dresidual, float *dgamma, float *dbeta)
{
    if (fits<T>(bn->c, x, y, dy, more, dx, dresidual)) {
        backward<T, widest<T>::value>(stream, bn, relu != 0, (const T *)x, (const T *)y,
                                      (const T *)dy, (const T *)more, (T *)dx, (T *)dresidual,
                                      dgamma, dbeta);
    } else {
        backward<T, 1>(stream, bn, relu != 0, (const T *)x, (const T *)y, (const T *)dy,
                       (const T *)more, (T *)dx, (T *)dresidual, dgamma, dbeta);
    }
}

void kernels_bn_forward(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                        const void *residual, int relu, void *y)
{
    if (bn->type == KERNELS_BF16) {
        forward_any<bf16>(stream, bn, false, relu, x, residual, y);
    } else {
        forward_any<float>(stream, bn, false, relu, x, residual, y);
    }
}

void kernels_bn_infer(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                      const void *residual, int relu, void *y)
{
    if (bn->type == KERNELS_BF16) {
        forward_any<bf16>(stream, bn, true, relu, x, residual, y);
    } else {
        forward_any<float>(stream, bn, true, relu, x, residual, y);
    }
}

void kernels_bn_backward(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                         const void *y, int relu, const void *dy, const void *more, void *dx,
                         void *dresidual, float *dgamma, float *dbeta)
{
    if (bn->type == KERNELS_BF16) {
        backward_any<bf16>(stream, bn, x, y, relu, dy, more, dx, dresidual, dgamma, dbeta);
    } else {
        backward_any<float>(stream, bn, x, y, relu, dy, more, dx, dresidual, dgamma, dbeta);
    }
}
