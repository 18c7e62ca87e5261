/* Elementwise kernels: conversions, SGD, EMA, Adam, the clock. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/device.cuh"

enum { THREADS = 256, MOST_BLOCKS = 4096 };

/* Elements of thread i: 4 i ... 4 i + 3, then 4 (i + number of threads) ..., where V = 4. */
#define FOR_VECTORS(i, count)                                                                      \
    for (size_t i = ((size_t)blockIdx.x * blockDim.x + threadIdx.x) * V; i + V <= (count);         \
         i += (size_t)gridDim.x * blockDim.x * V)

static unsigned grid(size_t count, int v)
{
    return blocks_for(ceil_div((int64_t)count, (int64_t)THREADS * v), MOST_BLOCKS);
}

/* Whether four floats can be accessed at once (and four bf16 in low: 8 bytes). The kernels handle
 * no remainder. */
static bool fours(size_t count, const void *a, const void *b, const void *c, const void *low)
{
    const uintptr_t bits = (uintptr_t)a | (uintptr_t)b | (uintptr_t)c;
    return count % 4 == 0 && bits % 16 == 0 && (uintptr_t)low % 8 == 0;
}

template <int V> static __device__ inline void store_low(bf16 *p, const float in[V])
{
    if (V == 4) {
        *reinterpret_cast<uint2 *>(p) =
            make_uint2(pack(in[0], in[1 % V]), pack(in[2 % V], in[3 % V]));
    } else {
        store<V>(p, in);
    }
}

template <int V> static __device__ inline void load_low(const bf16 *p, float out[V])
{
    if (V == 4) {
        const uint2 v = *reinterpret_cast<const uint2 *>(p);
        unpack(v.x, &out[0], &out[1 % V]);
        unpack(v.y, &out[2 % V], &out[3 % V]);
    } else {
        load<V>(p, out);
    }
}

template <int V>
static __global__ void __launch_bounds__(THREADS) narrow(size_t count, const float *from, bf16 *to)
{
    FOR_VECTORS(i, count)
    {
        float value[V];
        load<V>(from + i, value);
        store_low<V>(to + i, value);
    }
}

template <int V>
static __global__ void __launch_bounds__(THREADS) widen(size_t count, const bf16 *from, float *to)
{
    FOR_VECTORS(i, count)
    {
        float value[V];
        load_low<V>(from + i, value);
        store<V>(to + i, value);
    }
}

static __device__ inline float knob(struct kernels_knob knob)
{
    return knob.table[knob.cursor[0] * knob.stride];
}

template <int V>
static __global__ void __launch_bounds__(THREADS)
    sgd(struct kernels_knob lr, float lr_scale, float momentum, float decay, size_t count, float *w,
        float *v, const float *g, bf16 *low)
{
    const float rate = lr_scale * knob(lr);
    FOR_VECTORS(i, count)
    {
        float weight[V];
        float speed[V];
        float slope[V];
        load<V>(w + i, weight);
        load<V>(v + i, speed);
        load<V>(g + i, slope);
        UNROLL
        for (int k = 0; k < V; k++) {
            speed[k] = momentum * speed[k] + (slope[k] + decay * weight[k]);
            weight[k] -= rate * speed[k];
        }
        store<V>(v + i, speed);
        store<V>(w + i, weight);
        if (low) {
            store_low<V>(low + i, weight);
        }
    }
}

template <int V>
static __global__ void __launch_bounds__(THREADS)
    ema(struct kernels_knob gamma, size_t count, float *target, const float *w, bf16 *low)
{
    const float keep = knob(gamma);
    FOR_VECTORS(i, count)
    {
        float old[V];
        float fresh[V];
        load<V>(target + i, old);
        load<V>(w + i, fresh);
        UNROLL
        for (int k = 0; k < V; k++) {
            old[k] = keep * old[k] + (1.0F - keep) * fresh[k];
        }
        store<V>(target + i, old);
        if (low) {
            store_low<V>(low + i, old);
        }
    }
}

static __global__ void __launch_bounds__(THREADS)
    adam(float lr, double beta1, double beta2, float epsilon, float decay, const int64_t *step,
         size_t count, float *w, float *m, float *v, const float *g)
{
    const int V = 1;
    const double number = (double)(*step + 1);
    const float rate = (float)((double)lr / (1.0 - pow(beta1, number)));
    const float root = (float)sqrt(1.0 - pow(beta2, number));
    const float keep1 = (float)beta1;
    const float keep2 = (float)beta2;
    FOR_VECTORS(i, count)
    {
        const float slope = g[i] + decay * w[i];
        m[i] = keep1 * m[i] + (float)(1.0 - beta1) * slope;
        v[i] = keep2 * v[i] + (float)(1.0 - beta2) * slope * slope;
        w[i] -= rate * m[i] / (sqrtf(v[i]) / root + epsilon);
    }
}

static __global__ void __launch_bounds__(THREADS) add(size_t count, float *to, const float *from)
{
    const int V = 1;
    FOR_VECTORS(i, count)
    {
        to[i] += from[i];
    }
}

static __global__ void __launch_bounds__(1) advance(int64_t *cursor)
{
    cursor[0] += 1;
}

/* One thread per pair a[i][j], b[j][i]; if a = b only threads with i <= j act. */
static __global__ void __launch_bounds__(THREADS)
    symmetrize(int rows, int columns, float *a, float *b)
{
    const int64_t at = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    const int i = (int)(at / columns);
    const int j = (int)(at % columns);
    if (i >= rows || (a == b && i > j)) {
        return;
    }
    float *one = a + (size_t)i * columns + j;
    float *other = b + (size_t)j * rows + i;
    const float mean = (*one + *other) / 2.0F;
    *one = mean;
    *other = mean;
}

void kernels_narrow(cudaStream_t stream, size_t count, const float *from, void *to_bf16)
{
    if (fours(count, from, nullptr, nullptr, to_bf16)) {
        LAUNCH(narrow<4>, grid(count, 4), THREADS, 0, stream, count, from, (bf16 *)to_bf16);
    } else {
        LAUNCH(narrow<1>, grid(count, 1), THREADS, 0, stream, count, from, (bf16 *)to_bf16);
    }
}

void kernels_widen(cudaStream_t stream, size_t count, const void *from_bf16, float *to)
{
    if (fours(count, to, nullptr, nullptr, from_bf16)) {
        LAUNCH(widen<4>, grid(count, 4), THREADS, 0, stream, count, (const bf16 *)from_bf16, to);
    } else {
        LAUNCH(widen<1>, grid(count, 1), THREADS, 0, stream, count, (const bf16 *)from_bf16, to);
    }
}

void kernels_sgd(cudaStream_t stream, struct kernels_knob lr, float lr_scale, float momentum,
                 float decay, size_t count, float *w, float *v, const float *g, void *low)
{
    if (fours(count, w, v, g, low)) {
        LAUNCH(sgd<4>, grid(count, 4), THREADS, 0, stream, lr, lr_scale, momentum, decay, count, w,
               v, g, (bf16 *)low);
    } else {
        LAUNCH(sgd<1>, grid(count, 1), THREADS, 0, stream, lr, lr_scale, momentum, decay, count, w,
               v, g, (bf16 *)low);
    }
}

void kernels_ema(cudaStream_t stream, struct kernels_knob gamma, size_t count, float *target,
                 const float *w, void *low)
{
    if (fours(count, target, w, nullptr, low)) {
        LAUNCH(ema<4>, grid(count, 4), THREADS, 0, stream, gamma, count, target, w, (bf16 *)low);
    } else {
        LAUNCH(ema<1>, grid(count, 1), THREADS, 0, stream, gamma, count, target, w, (bf16 *)low);
    }
}

void kernels_adam(cudaStream_t stream, double lr, double beta1, double beta2, double epsilon,
                  double decay, const int64_t *step, size_t count, float *w, float *m, float *v,
                  const float *g)
{
    LAUNCH(adam, grid(count, 1), THREADS, 0, stream, (float)lr, beta1, beta2, (float)epsilon,
           (float)decay, step, count, w, m, v, g);
}

void kernels_add(cudaStream_t stream, size_t count, float *to, const float *from)
{
    LAUNCH(add, grid(count, 1), THREADS, 0, stream, count, to, from);
}

void kernels_advance(cudaStream_t stream, int64_t *cursor)
{
    LAUNCH(advance, 1, 1, 0, stream, cursor);
}

void kernels_symmetrize(cudaStream_t stream, int rows, int columns, float *a, float *b)
{
    const int64_t count = (int64_t)rows * columns;
    LAUNCH(symmetrize, (unsigned)ceil_div(count, THREADS), THREADS, 0, stream, rows, columns, a, b);
}
