/* Batch normalization forward: sums, statistics, and the normalized values. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/bn.cuh"

/* Sums of x - pivot and of its square, where pivot is the first row of the group: no cancellation
 * when the mean of a channel is far from zero. */
template <typename T, int V>
static __global__ void __launch_bounds__(THREADS, PER_PROCESSOR)
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

/* Statistics of all groups, in order, because each group updates the running statistics. */
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
        const double variance = spread < 0.0 ? 0.0 : spread; /* passes nan on */
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
static __global__ void __launch_bounds__(THREADS, PER_PROCESSOR)
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
                value[k] = value[k] < 0.0F ? 0.0F : value[k]; /* passes nan on */
            }
        }
        store<V>(y + start + row * c, value);
    }
}

static void forward(cudaStream_t stream, const struct kernels_bn *bn, bool infer, int relu,
                    const void *x, const void *residual, void *y)
{
    with_access(
        bn->type, bn->c,
        [&](auto of) {
            using T = NUMBER(of);
            enum { V = WIDTH(of) };
            const struct geometry g = geometry_of(bn, V);
            const dim3 finish((unsigned)ceil_div(bn->c, WARP));
            if (!infer) {
                LAUNCH((sums_forward<T, V>), g.grid, g.block, 0, stream, bn->rows, bn->c, g.parts,
                       (const T *)x, bn->sums);
                LAUNCH((finish_forward<T>), finish, dim3(WARP, FINISH_ROWS), 0, stream, *bn,
                       g.parts, (const T *)x);
            }
            LAUNCH((apply_forward<T, V>), g.grid, g.block, 0, stream, *bn, infer, relu != 0,
                   (const T *)x, (const T *)residual, (T *)y);
        },
        x, residual, y);
}

void kernels_bn_forward(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                        const void *residual, int relu, void *y)
{
    forward(stream, bn, false, relu, x, residual, y);
}

void kernels_bn_infer(cudaStream_t stream, const struct kernels_bn *bn, const void *x,
                      const void *residual, int relu, void *y)
{
    forward(stream, bn, true, relu, x, residual, y);
}
