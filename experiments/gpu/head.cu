/* The layers after the encoder: biases, the two losses, the correlation of the projections. All are
 * small (a few hundred rows of a hundred numbers), so one block is often enough: no sums between
 * blocks, no atomics. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/device.cuh"

enum { THREADS = 1024, WARPS = THREADS / WARP, TILE = 16 };

static __global__ void __launch_bounds__(THREADS, 1)
    bias(int rows, int columns, const float *b, float *y)
{
    const int64_t at = (int64_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (at < (int64_t)rows * columns) {
        y[at] += b[at % columns];
    }
}

/* One block per tile of WARP columns; its warps share the rows. */
static __global__ void __launch_bounds__(THREADS, 1)
    bias_backward(int rows, int columns, const float *dy, float *db)
{
    __shared__ float shared[WARPS][WARP];
    const int column = (int)(blockIdx.x * WARP + threadIdx.x % WARP);
    const int warp = (int)threadIdx.x / WARP;
    float sum = 0.0F;
    if (column < columns) {
        for (int row = warp; row < rows; row += WARPS) {
            sum += dy[(size_t)row * columns + column];
        }
    }
    shared[warp][threadIdx.x % WARP] = sum;
    __syncthreads();
    if (warp == 0 && column < columns) {
        sum = 0.0F;
        for (int i = 0; i < WARPS; i++) {
            sum += shared[i][threadIdx.x];
        }
        db[column] = sum;
    }
}

/* A vector is divided by max(|.|, least); where the norm is below least the divisor is a
 * constant. */
static const float least_norm = 1e-12F;

/* The gradient of -2 cos(a, b) with respect to a, from inner products and guarded norms. */
static __device__ inline float cosine_slope(float a, float b, float dot, float norm_a, float norm_b,
                                            float raw_a)
{
    const float along = raw_a > least_norm ? dot / (norm_a * norm_b) * (a / norm_a) : 0.0F;
    return -2.0F * (b / norm_b - along) / norm_a;
}

/* One warp per row: row r of q is paired with row (r + pairs) mod 2 pairs of z, the other view. */
static __global__ void __launch_bounds__(THREADS, 1)
    loss(int cosine, int pairs, int c, const float *q, const float *z, float *dq, float *dz,
         double *sum, double *steps)
{
    __shared__ double shared[WARPS];
    const int lane = (int)threadIdx.x % WARP;
    double total = 0.0;
    for (int row = (int)threadIdx.x / WARP; row < 2 * pairs; row += WARPS) {
        const int other = (row + pairs) % (2 * pairs);
        const float *a = q + (size_t)row * c;
        const float *b = z + (size_t)other * c;
        float aa = 0.0F;
        float bb = 0.0F;
        float ab = 0.0F;
        float square = 0.0F;
        for (int i = lane; i < c; i += WARP) {
            const float d = a[i] - b[i];
            aa += a[i] * a[i];
            bb += b[i] * b[i];
            ab += a[i] * b[i];
            square += d * d;
        }
        aa = sqrtf(warp_sum(aa));
        bb = sqrtf(warp_sum(bb));
        ab = warp_sum(ab);
        square = warp_sum(square);
        const float norm_a = aa < least_norm ? least_norm : aa;
        const float norm_b = bb < least_norm ? least_norm : bb;
        for (int i = lane; i < c; i += WARP) {
            const float d = (a[i] - b[i]) / (float)pairs;
            dq[(size_t)row * c + i] =
                cosine ? cosine_slope(a[i], b[i], ab, norm_a, norm_b, aa) / (float)pairs : d;
            if (dz) {
                dz[(size_t)other * c + i] =
                    cosine ? cosine_slope(b[i], a[i], ab, norm_b, norm_a, bb) / (float)pairs : -d;
            }
        }
        total += cosine ? -2.0 * (double)(ab / (norm_a * norm_b)) : 0.5 * (double)square;
    }
    /* every lane has the total of its warp: count it once */
    total = block_sum(lane == 0 ? total : 0.0, shared);
    if (threadIdx.x == 0) {
        *sum += total / (double)pairs;
        *steps += 1.0;
    }
}

/* One warp per row. */
static __global__ void __launch_bounds__(THREADS, 1)
    xent(int n, int k, const float *logits, const int32_t *labels, float *dlogits, double *sum,
         double *correct, double *samples)
{
    __shared__ double shared[2][WARPS];
    const int lane = (int)threadIdx.x % WARP;
    double total = 0.0;
    double hits = 0.0;
    for (int row = (int)threadIdx.x / WARP; row < n; row += WARPS) {
        const float *a = logits + (size_t)row * k;
        const int label = labels[row];
        float largest = a[0];
        int first = 0; /* index of the largest, the first one of several */
        for (int i = 0; i < k; i++) {
            if (a[i] > largest) {
                largest = a[i];
                first = i;
            }
        }
        float scale = 0.0F;
        for (int i = lane; i < k; i += WARP) {
            scale += expf(a[i] - largest);
        }
        scale = warp_sum(scale);
        if (dlogits) {
            for (int i = lane; i < k; i += WARP) {
                const float share = expf(a[i] - largest) / scale;
                dlogits[(size_t)row * k + i] = (share - (i == label ? 1.0F : 0.0F)) / (float)n;
            }
        }
        total += (double)(logf(scale) - (a[label] - largest));
        hits += first == label ? 1.0 : 0.0;
    }
    total = block_sum(lane == 0 ? total : 0.0, shared[0]);
    hits = block_sum(lane == 0 ? hits : 0.0, shared[1]);
    if (threadIdx.x == 0) {
        *sum += total;
        *correct += hits;
        *samples += (double)n;
    }
}

/* One block per tile of F; the rows of f go through shared memory. */
static __global__ void __launch_bounds__(TILE *TILE)
    correlate(struct kernels_knob rho, int n, int c, const float *f, double *F)
{
    __shared__ float left[TILE][TILE + 1];
    __shared__ float right[TILE][TILE + 1];
    const int i = (int)(blockIdx.y * TILE + threadIdx.y);
    const int j = (int)(blockIdx.x * TILE + threadIdx.x);
    const int right_column = j;
    const int left_column = (int)(blockIdx.y * TILE + threadIdx.x);
    const double keep = (double)rho.table[rho.cursor[0] * rho.stride];
    double sum = 0.0;
    for (int start = 0; start < n; start += TILE) {
        const int row = start + (int)threadIdx.y;
        __syncthreads();
        left[threadIdx.y][threadIdx.x] =
            row < n && left_column < c ? f[(size_t)row * c + left_column] : 0.0F;
        right[threadIdx.y][threadIdx.x] =
            row < n && right_column < c ? f[(size_t)row * c + right_column] : 0.0F;
        __syncthreads();
        for (int r = 0; r < TILE; r++) {
            sum += (double)left[r][threadIdx.y] * (double)right[r][threadIdx.x];
        }
    }
    if (i < c && j < c) {
        F[(size_t)i * c + j] = keep * F[(size_t)i * c + j] + (1.0 - keep) * (sum / (double)n);
    }
}

void kernels_bias(cudaStream_t stream, int rows, int columns, const float *b, float *y)
{
    const unsigned blocks = (unsigned)ceil_div((int64_t)rows * columns, THREADS);
    LAUNCH(bias, blocks, THREADS, 0, stream, rows, columns, b, y);
}

void kernels_bias_backward(cudaStream_t stream, int rows, int columns, const float *dy, float *db)
{
    const unsigned blocks = (unsigned)ceil_div(columns, WARP);
    LAUNCH(bias_backward, blocks, THREADS, 0, stream, rows, columns, dy, db);
}

void kernels_loss(cudaStream_t stream, int cosine, int pairs, int c, const float *q, const float *z,
                  float *dq, float *dz, double *sum, double *steps)
{
    LAUNCH(loss, 1, THREADS, 0, stream, cosine, pairs, c, q, z, dq, dz, sum, steps);
}

void kernels_xent(cudaStream_t stream, int n, int k, const float *logits, const int32_t *labels,
                  float *dlogits, double *sum, double *correct, double *samples)
{
    LAUNCH(xent, 1, THREADS, 0, stream, n, k, logits, labels, dlogits, sum, correct, samples);
}

void kernels_correlate(cudaStream_t stream, struct kernels_knob rho, int n, int c, const float *f,
                       double *F)
{
    const unsigned tiles = (unsigned)ceil_div(c, TILE);
    LAUNCH(correlate, dim3(tiles, tiles), dim3(TILE, TILE), 0, stream, rho, n, c, f, F);
}
