/* The predictor that is set: one block finds the spectrum of F and composes Wp, on a stream of its
 * own beside the backward pass.
 *
 * F is positive semidefinite: F = L L^T, by Cholesky's method with pivots. Then one-sided Jacobi
 * (M. R. Hestenes 1958): rotations of pairs of L's columns until all are orthogonal, which leaves
 * F = L L^T as it is; they are then u_j sqrt(s_j). The pivots make it quick (K. Veselic, V. Hari
 * 1989): 9 sweeps at most were seen where F's own columns took 16 to 36. With f the rule,
 *     Wp = f(0) I + sum over j of (f(s_j) - f(0)) u_j u_j^T,
 * in which the directions of vanishing s_j, which nothing determines, have no weight. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/device.cuh"

enum { MOST_THREADS = 1024, SWEEPS = 40 };

/* Columns stand one after another; one more where their number is odd, of zeros, so that all have a
 * partner. */
static __host__ __device__ inline int even(int n)
{
    return n + n % 2;
}

/* The largest of n numbers and its place, the first of several; a nan is larger than all. A warp
 * does it, and every lane knows. */
static __device__ inline double find_largest(int n, const double *numbers, int *place)
{
    double best = -INFINITY;
    int at = n;
    for (int i = (int)threadIdx.x % WARP; i < n; i += WARP) {
        if (best == best && !(numbers[i] <= best)) {
            best = numbers[i];
            at = i;
        }
    }
    for (int step = WARP / 2; step > 0; step /= 2) {
        const double other = __shfl_xor_sync(0xffffffffU, best, step);
        const int there = __shfl_xor_sync(0xffffffffU, at, step);
        const bool nan = best != best;
        const bool equal = other == best || (nan && other != other);
        if (equal ? there < at : !nan && !(other <= best)) {
            best = other;
            at = there;
        }
    }
    *place = at;
    return best;
}

/* F = L L^T: columns of L one after another, each from the row of F whose diagonal has most left.
 * left: n numbers of scratch. Returns how many there are; the block does it. */
static __device__ inline int factor(int n, const double *F, double *left, double *columns)
{
    double first = 0.0;
    int rank = 0;
    for (int i = (int)threadIdx.x; i < n; i += (int)blockDim.x) {
        left[i] = F[(size_t)i * n + i];
    }
    __syncthreads();
    for (; rank < n; rank++) {
        double *column = columns + (size_t)rank * n;
        int pivot;
        const double most = find_largest(n, left, &pivot);
        first = rank == 0 ? most : first;
        if (most <= 1e-15 * first || most <= 0.0) { /* a nan goes on, and everywhere */
            break;
        }
        const double root = sqrt(most);
        __syncthreads(); /* all have seen what is left */
        for (int i = (int)threadIdx.x; i < n; i += (int)blockDim.x) {
            double sum = F[(size_t)pivot * n + i];
            for (int j = 0; j < rank; j++) {
                sum -= columns[(size_t)j * n + i] * columns[(size_t)j * n + pivot];
            }
            if (left[i] == -INFINITY) { /* was a pivot before */
                column[i] = 0.0;
            } else if (i == pivot) {
                column[i] = root;
                left[i] = -INFINITY;
            } else {
                column[i] = sum / root;
                left[i] -= column[i] * column[i];
            }
        }
        __syncthreads();
    }
    return rank;
}

/* Pair number `pair` of round `round` of a tournament in which each of m meets each of the others
 * once in m - 1 rounds: the last stays, the others move on in a ring. */
static __device__ inline void partners(int m, int round, int pair, int *one, int *other)
{
    const int ring = m - 1;
    *one = pair == 0 ? m - 1 : (round + pair) % ring;
    *other = (round + ring - pair) % ring;
}

/* Makes columns a and b orthogonal; a warp does it. Returns whether they were not. */
static __device__ inline bool rotate(int n, double *a, double *b)
{
    const int lane = (int)threadIdx.x % WARP;
    double aa = 0.0;
    double bb = 0.0;
    double ab = 0.0;
    for (int i = lane; i < n; i += WARP) {
        aa += a[i] * a[i];
        bb += b[i] * b[i];
        ab += a[i] * b[i];
    }
    aa = warp_sum(aa);
    bb = warp_sum(bb);
    ab = warp_sum(ab);
    /* rounding of the inner product itself: n ulps are more than it leaves */
    if (!(fabs(ab) > 2.2e-16 * (double)n * sqrt(aa) * sqrt(bb))) {
        return false;
    }
    const double half = (bb - aa) / (2.0 * ab);
    const double root = fabs(half) > 1e150 ? fabs(half) : sqrt(1.0 + half * half);
    const double tangent = (half < 0.0 ? -1.0 : 1.0) / (fabs(half) + root);
    const double cosine = 1.0 / sqrt(1.0 + tangent * tangent);
    const double sine = cosine * tangent;
    for (int i = lane; i < n; i += WARP) {
        const double left = a[i];
        const double right = b[i];
        a[i] = cosine * left - sine * right;
        b[i] = sine * left + cosine * right;
    }
    return true;
}

/* The rule on an eigenvalue: theory/predictor.h. */
static __device__ inline double rule(const struct kernels_set *set, double s, double largest)
{
    if (set->normalize) {
        s = largest > 0.0 ? s / largest : 0.0;
        largest = largest > 0.0 ? 1.0 : 0.0;
    }
    const double rest = s > set->shift ? s - set->shift : 0.0;
    const double p =
        (set->power == 0.5 ? sqrt(rest) : pow(rest, set->power)) + set->epsilon * largest;
    return p < set->least ? set->least : p;
}

/* weights[j] = (f(s_j) - f(0))/s_j for m columns that are u_j sqrt(s_j); returns f(0), and nan
 * everywhere for an F with a nan. Every thread calls it. */
static __device__ inline double weigh(const struct kernels_set *set, int n, int m,
                                      const double *columns, double *weights)
{
    for (int j = (int)threadIdx.x / WARP; j < m; j += (int)blockDim.x / WARP) {
        double square = 0.0;
        for (int i = (int)threadIdx.x % WARP; i < n; i += WARP) {
            square += columns[(size_t)j * n + i] * columns[(size_t)j * n + i];
        }
        square = warp_sum(square);
        if (threadIdx.x % WARP == 0) {
            weights[j] = square;
        }
    }
    __syncthreads();
    double largest = 0.0;
    for (int j = 0; j < m; j++) {
        largest = weights[j] <= largest ? largest : weights[j]; /* lets a nan through */
    }
    const double level = rule(set, 0.0 * largest, largest);
    __syncthreads();
    for (int j = (int)threadIdx.x; j < m; j += (int)blockDim.x) {
        const double s = weights[j];
        const bool nothing = s <= 2.2e-16 * (double)n * largest;
        weights[j] = nothing ? 0.0 : (rule(set, s, largest) - level) / s;
    }
    __syncthreads();
    return level;
}

static __global__ void __launch_bounds__(MOST_THREADS)
    set_predictor(struct kernels_set set, int n, const double *F, double *scratch, bool own,
                  float *Wp)
{
    DYNAMIC_SHARED(double, memory);
    double *weights = own ? memory : scratch; /* even(n), then as many columns of n */
    double *columns = weights + even(n);
    const int rank = factor(n, F, weights, columns);
    const int m = even(rank);
    const int warps = (int)blockDim.x / WARP;
    const int warp = (int)threadIdx.x / WARP;
    for (int i = (int)threadIdx.x; m > rank && i < n; i += (int)blockDim.x) {
        columns[(size_t)rank * n + i] = 0.0;
    }
    __syncthreads();
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        bool moved = false;
        for (int round = 0; round < m - 1; round++) {
            for (int pair = warp; pair < m / 2; pair += warps) {
                int one;
                int other;
                partners(m, round, pair, &one, &other);
                moved |= rotate(n, columns + (size_t)one * n, columns + (size_t)other * n);
            }
            __syncthreads();
        }
        if (!__syncthreads_or(moved)) {
            break;
        }
    }
    const double level = weigh(&set, n, m, columns, weights);
    for (int at = (int)threadIdx.x; at < n * n; at += (int)blockDim.x) {
        const int row = at / n;
        const int column = at % n;
        /* the lower triangle is computed twice, in the same order: Wp is symmetric to the bit */
        double sum = row == column ? level : 0.0 * level;
        for (int j = 0; j < m; j++) {
            const double *u = columns + (size_t)j * n;
            sum += weights[j] * (u[row] * u[column]);
        }
        Wp[at] = (float)sum;
    }
}

size_t kernels_set_scratch(int n)
{
    return (size_t)even(n) * ((size_t)n + 1);
}

void kernels_set(cudaStream_t stream, const struct kernels_set *set, int n, const double *F,
                 double *scratch, float *Wp)
{
    const size_t bytes = kernels_set_scratch(n) * sizeof(double);
    const bool own = bytes <= INT32_MAX && ALLOW_SHARED(set_predictor, bytes);
    const int warps = even(n) / 2 < MOST_THREADS / WARP ? even(n) / 2 : MOST_THREADS / WARP;
    LAUNCH(set_predictor, 1, warps * WARP, own ? bytes : 0, stream, *set, n, F, scratch, own, Wp);
}
