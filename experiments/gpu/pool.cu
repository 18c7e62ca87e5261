/* Pooling: maxima over 3 x 3 windows with stride 2 and padding 1; means over whole images. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/device.cuh"

enum { THREADS = 256, WINDOW = 3, STRIDE = 2, PAD = 1 };

static __host__ __device__ inline int pooled(int extent)
{
    return (extent + 2 * PAD - WINDOW) / STRIDE + 1;
}

/* Position of a thread: vectors of V channels, then columns, rows, images. */
struct place {
    int n, row, column, channel;
};

static __device__ inline bool find(int v, int n, int h, int w, int c, struct place *place)
{
    const int64_t vectors = c / v;
    int64_t at = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= n * (int64_t)h * w * vectors) {
        return false;
    }
    place->channel = (int)(at % vectors) * v;
    at /= vectors;
    place->column = (int)(at % w);
    at /= w;
    place->row = (int)(at % h);
    place->n = (int)(at / h);
    return true;
}

static unsigned grid(int v, int n, int h, int w, int c)
{
    return (unsigned)ceil_div(n * (int64_t)h * w * (c / v), THREADS);
}

static __device__ inline size_t offset(const struct kernels_image *x, int n, int row, int column)
{
    return (((size_t)n * x->h + row) * x->w + column) * x->c;
}

template <typename T, int V>
static __global__ void __launch_bounds__(THREADS)
    maxpool(struct kernels_image x, const T *in, T *out)
{
    struct place at;
    float best[V] = {0.0F};
    if (!find(V, x.n, pooled(x.h), pooled(x.w), x.c, &at)) {
        return;
    }
    bool any = false;
    for (int i = 0; i < WINDOW; i++) {
        const int row = at.row * STRIDE - PAD + i;
        for (int j = 0; j < WINDOW; j++) {
            const int column = at.column * STRIDE - PAD + j;
            float value[V];
            if (row < 0 || row >= x.h || column < 0 || column >= x.w) {
                continue;
            }
            load<V>(in + offset(&x, at.n, row, column) + at.channel, value);
            UNROLL
            for (int k = 0; k < V; k++) {
                /* nan is larger than every number */
                best[k] = any && !(value[k] > best[k] || value[k] != value[k]) ? best[k] : value[k];
            }
            any = true;
        }
    }
    const struct kernels_image y = {x.n, pooled(x.h), pooled(x.w), x.c};
    store<V>(out + offset(&y, at.n, at.row, at.column) + at.channel, best);
}

/* Whether the maximum of the window also occurs at a position before (row, column). */
template <typename T>
static __device__ inline bool earlier(const struct kernels_image *x, const T *in, int n, int top,
                                      int left, int row, int column, int channel, float maximum)
{
    for (int r = top < 0 ? 0 : top; r <= row; r++) {
        for (int s = left < 0 ? 0 : left; s < left + WINDOW && s < x->w; s++) {
            float value[1];
            if (r == row && s >= column) {
                return false;
            }
            load<1>(in + offset(x, n, r, s) + channel, value);
            if (value[0] == maximum) {
                return true;
            }
        }
    }
    return false;
}

/* One thread per vector of x: it checks all windows that contain it. */
template <typename T, int V>
static __global__ void __launch_bounds__(THREADS)
    maxpool_backward(struct kernels_image x, const T *in, const T *out, const T *dy, const T *more,
                     T *dx)
{
    struct place at;
    float value[V];
    float slope[V] = {0.0F};
    const struct kernels_image y = {x.n, pooled(x.h), pooled(x.w), x.c};
    if (!find(V, x.n, x.h, x.w, x.c, &at)) {
        return;
    }
    const size_t here = offset(&x, at.n, at.row, at.column) + at.channel;
    load<V>(in + here, value);
    /* windows whose rows STRIDE r - PAD ... + WINDOW - 1 include this row; columns likewise */
    for (int r = (at.row + PAD - WINDOW + STRIDE) / STRIDE; r <= (at.row + PAD) / STRIDE; r++) {
        for (int s = (at.column + PAD - WINDOW + STRIDE) / STRIDE; s <= (at.column + PAD) / STRIDE;
             s++) {
            float maximum[V];
            float reached[V];
            if (r < 0 || r >= y.h || s < 0 || s >= y.w) {
                continue;
            }
            const size_t there = offset(&y, at.n, r, s) + at.channel;
            load<V>(out + there, maximum);
            load<V>(dy + there, reached);
            if (more) {
                float other[V];
                load<V>(more + there, other);
                UNROLL
                for (int k = 0; k < V; k++) {
                    reached[k] += other[k];
                }
            }
            UNROLL
            for (int k = 0; k < V; k++) {
                if (value[k] == maximum[k] &&
                    !earlier(&x, in, at.n, r * STRIDE - PAD, s * STRIDE - PAD, at.row, at.column,
                             at.channel + k, maximum[k])) {
                    slope[k] += reached[k];
                }
            }
        }
    }
    store<V>(dx + here, slope);
}

template <typename T, int V>
static __global__ void __launch_bounds__(THREADS)
    avgpool(struct kernels_image x, const T *in, float *out)
{
    struct place at;
    float sum[V] = {0.0F};
    const int pixels = x.h * x.w;
    if (!find(V, x.n, 1, 1, x.c, &at)) {
        return;
    }
    in += (size_t)at.n * pixels * x.c + at.channel;
    for (int i = 0; i < pixels; i++) {
        float value[V];
        load<V>(in + (size_t)i * x.c, value);
        UNROLL
        for (int k = 0; k < V; k++) {
            sum[k] += value[k];
        }
    }
    UNROLL
    for (int k = 0; k < V; k++) {
        out[(size_t)at.n * x.c + at.channel + k] = sum[k] / (float)pixels;
    }
}

template <typename T, int V>
static __global__ void __launch_bounds__(THREADS)
    avgpool_backward(struct kernels_image x, const float *dy, T *dx)
{
    struct place at;
    float slope[V];
    if (!find(V, x.n, x.h, x.w, x.c, &at)) {
        return;
    }
    UNROLL
    for (int k = 0; k < V; k++) {
        slope[k] = dy[(size_t)at.n * x.c + at.channel + k] / (float)(x.h * x.w);
    }
    store<V>(dx + offset(&x, at.n, at.row, at.column) + at.channel, slope);
}

void kernels_maxpool(cudaStream_t stream, enum kernels_type type, struct kernels_image x,
                     const void *in, void *out)
{
    with_access(
        type, x.c,
        [&](auto of) {
            using T = NUMBER(of);
            enum { V = WIDTH(of) };
            LAUNCH((maxpool<T, V>), grid(V, x.n, pooled(x.h), pooled(x.w), x.c), THREADS, 0, stream,
                   x, (const T *)in, (T *)out);
        },
        in, out);
}

void kernels_maxpool_backward(cudaStream_t stream, enum kernels_type type, struct kernels_image x,
                              const void *in, const void *out, const void *dy, const void *more,
                              void *dx)
{
    with_access(
        type, x.c,
        [&](auto of) {
            using T = NUMBER(of);
            enum { V = WIDTH(of) };
            LAUNCH((maxpool_backward<T, V>), grid(V, x.n, x.h, x.w, x.c), THREADS, 0, stream, x,
                   (const T *)in, (const T *)out, (const T *)dy, (const T *)more, (T *)dx);
        },
        in, out, dy, more, dx);
}

void kernels_avgpool(cudaStream_t stream, enum kernels_type type, struct kernels_image x,
                     const void *in, float *out)
{
    with_access(
        type, x.c,
        [&](auto of) {
            using T = NUMBER(of);
            enum { V = WIDTH(of) };
            LAUNCH((avgpool<T, V>), grid(V, x.n, 1, 1, x.c), THREADS, 0, stream, x, (const T *)in,
                   out);
        },
        in);
}

void kernels_avgpool_backward(cudaStream_t stream, enum kernels_type type, struct kernels_image x,
                              const float *dy, void *dx)
{
    with_access(
        type, x.c,
        [&](auto of) {
            using T = NUMBER(of);
            enum { V = WIDTH(of) };
            LAUNCH((avgpool_backward<T, V>), grid(V, x.n, x.h, x.w, x.c), THREADS, 0, stream, x, dy,
                   (T *)dx);
        },
        dx);
}
