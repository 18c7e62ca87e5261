/* Batch normalization backward: sums, the gradients of scale and shift, and the gradient of the
 * input. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/bn.cuh"

/* Gradient with respect to the normalized value: dy + more where the ReLU is active, else 0. */
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

/* Sums of the incoming gradient, and of its product with the normalized value. */
template <typename T, int V>
static __global__ void __launch_bounds__(THREADS, PER_PROCESSOR)
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

/* Gradients of gamma and beta; and, for each group, both sums divided by the number of rows. */
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

/* dx = gamma/std (incoming - its mean - normalized value * mean of the product). dx may be dy, and
 * dresidual may be more: each thread reads a value before it writes it. */
template <typename T, int V>
static __global__ void __launch_bounds__(THREADS, PER_PROCESSOR)
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
            const float normalized = (value[k] - mean[k]) * inverse[k];
            value[k] = gamma[k] * inverse[k] * (slope[k] - flat[k] - normalized * tilt[k]);
        }
        store<V>(dx + offset, value);
    }
}

void kernels_bn_backward(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                         const void *y, int relu, const void *dy, const void *more, void *dx,
                         void *dresidual, float *dgamma, float *dbeta)
{
    with_access(
        bn->type, bn->c,
        [&](auto of) {
            using T = NUMBER(of);
            enum { V = WIDTH(of) };
            const struct geometry g = geometry_of(bn, V);
            const dim3 finish((unsigned)ceil_div(bn->c, WARP));
            LAUNCH((sums_backward<T, V>), g.grid, g.block, 0, stream, *bn, g.parts, relu != 0,
                   (const T *)x, (const T *)y, (const T *)dy, (const T *)more);
            LAUNCH(finish_backward, finish, dim3(WARP, FINISH_ROWS), 0, stream, *bn, g.parts,
                   dgamma, dbeta);
            LAUNCH((apply_backward<T, V>), g.grid, g.block, 0, stream, *bn, g.parts, relu != 0,
                   (const T *)x, (const T *)y, (const T *)dy, (const T *)more, (T *)dx,
                   (T *)dresidual);
        },
        x, y, dy, more, dx, dresidual);
}
