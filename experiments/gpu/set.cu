/* The closed-form predictor: one block computes the spectrum of F and composes Wp, on a stream
 * parallel to the backward pass.
 *
 * F is positive semidefinite: F = L L^T, by a pivoted Cholesky factorization. Then one-sided Jacobi
 * (M. R. Hestenes 1958): rotations of pairs of columns of L until all are orthogonal, which leave F
 * = L L^T unchanged; the columns are then u_j sqrt(s_j). Pivoting speeds up convergence (K.
 * Veselic, V. Hari 1989): at most 9 sweeps were observed where the columns of F itself took 16 to
 * 36. With f the rule,
 *
 *     Wp = f(0) I + sum over j of (f(s_j) - f(0)) u_j u_j^T,
 *
 * so that directions with s_j = 0, which are not determined, have no weight. */
// SPDX-License-Identifier: MIT
#include "experiments/gpu/device.cuh"

enum { MOST_THREADS = 1024, SWEEPS = 40 };

/* Columns are stored one after another; if their number is odd a column of zeros is added, so that
 * each has a partner. */
static __host__ __device__ inline int even(int n)
{
    return n + n % 2;
}

/* The largest of n numbers and its index, the first of several; nan is larger than every number.
 * Executed by a warp; every lane gets the result. */
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

/* F = L L^T: columns of L one by one, each from the row of F with the largest remaining diagonal.
 * left: n numbers of scratch. Returns the number of columns; executed by the block. */
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
        if (most <= 1e-15 * first || most <= 0.0) { /* nan is not small: it spreads to all of Wp */
            break;
        }
        const double root = sqrt(most);
        __syncthreads(); /* all threads have read left */
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

/* Pair number `pair` of round `round` of a round-robin tournament, in which each of m meets each
 * other once in m - 1 rounds: the last stays in place, the others rotate. */
static __device__ inline void partners(int m, int round, int pair, int *one, int *other)
{
    const int ring = m - 1;
    *one = pair == 0 ? m - 1 : (round + pair) % ring;
    *other = (round + ring - pair) % ring;
}

/* Makes columns a and b orthogonal; executed by a warp. Returns whether they were not yet. */
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
    /* bound on the rounding error of the inner product: n ulps */
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

/* The rule applied to an eigenvalue: theory/predictor.h. */
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

/* weights[j] = (f(s_j) - f(0))/s_j for m columns u_j sqrt(s_j). Returns f(0), and nan in all
 * threads if F has a nan. Must be called by every thread. */
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
        largest = weights[j] <= largest ? largest : weights[j]; /* passes nan on */
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
    double *weights = own ? memory : scratch; /* even(n), followed by as many columns of n */
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
        /* the lower triangle is computed again in the same order, so that Wp is exactly
         * symmetric */
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
