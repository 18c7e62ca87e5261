/* Eigenvalues of a symmetric tridiagonal matrix. Every eigenvalue has a bracket. A sweep evaluates
 * one point per eigenvalue, many in one vector, and each point narrows all brackets. A bracket with
 * several eigenvalues is divided evenly; in a bracket with one, Laguerre's method is used, which
 * converges cubically and never overshoots the root (T. Y. Li and Z. Zeng, SIAM J. Matrix Anal. 15,
 * 1994).
 *
 * A point x costs one pass over T - x = L D L^T: the number of negative pivots q_k of D is the
 * number of eigenvalues below x, and the pass also gives the first two derivatives of log det(T -
 * x). */
// SPDX-License-Identifier: MIT
#include "sim/linalg/tridiagonal.h"

#include "sim/base/simd.h"

#include <float.h>
#include <math.h>

/* MOST_POINTS per eigenvalue plus SPARE cost as much as the QR iteration does. */
enum { LANES = 16, MOST_POINTS = 24, SPARE = 64 * LANES };

/* Largest allowed ratio of the terms of a sum to the sum: rounding is then at most 1e-6 of it. */
static const double most_terms = 1e8;

/* What is known at one point: how many eigenvalues lie below, and Laguerre's steps to the nearest
 * on either side. last_step is the step that led here; infinite: none. */
struct point {
    double x, last_step;
    size_t below;
    double left, right;
};

/* An eigenvalue's bracket. A step is finite only if the root it leads to is this eigenvalue. */
struct bracket {
    double low, high;
    double up, up_error;     /* step from low, estimate of its error */
    double down, down_error; /* step from high */
};

size_t ssldyn_tridiagonal_workspace(size_t n)
{
    const size_t per_mode = (sizeof(struct point) + sizeof(struct bracket)) / sizeof(double);
    return n * (per_mode + 1); /* one for the squares of the off-diagonal */
}

/* Pivots at LANES points. below, slope, curve and terms become the number of negative pivots, sum
 * q'/q, -sum (q'/q)' and sum (q'/q)^2, where ' is d/dx. squares holds the squared off-diagonal,
 * with a leading zero. */
SSLDYN_SIMD_CLONES
static void evaluate(size_t n, const double d[], const double squares[], double smallest,
                     const double x[LANES], double below[LANES], double slope[LANES],
                     double curve[LANES], double terms[LANES])
{
    double inverse[LANES]; /* 1/q */
    double u[LANES];       /* q'/q */
    double w[LANES];       /* -(q'/q)' */
    double count[LANES];
    double g[LANES];
    double h[LANES];
    double squared[LANES];
    for (int l = 0; l < LANES; l++)
        inverse[l] = u[l] = w[l] = count[l] = g[l] = h[l] = squared[l] = 0.0;
    for (size_t k = 0; k < n; k++) {
        const double diagonal = d[k];
        const double square = squares[k];
        for (int l = 0; l < LANES; l++) {
            const double t = square * inverse[l];
            double q = (diagonal - x[l]) - t;
            q = fabs(q) < smallest ? -smallest : q;
            const double r = 1.0 / q;
            const double first = (t * u[l] - 1.0) * r;
            const double second = t * (w[l] + u[l] * u[l]) * r;
            const double square_of_first = first * first;
            w[l] = square_of_first + second;
            u[l] = first;
            inverse[l] = r;
            count[l] += q < 0.0 ? 1.0 : 0.0;
            g[l] += first;
            h[l] += w[l];
            squared[l] += square_of_first;
        }
    }
    for (int l = 0; l < LANES; l++) {
        below[l] = count[l];
        slope[l] = g[l];
        curve[l] = h[l];
        terms[l] = squared[l];
    }
}

/* Laguerre's step to the nearest root on one side; slope is signed so that it is positive towards
 * that side. Infinite if the slope shows that a root on the other side is nearer (the step would be
 * too short by an unknown factor), or if terms shows that a pivot near zero has caused cancellation
 * in curve and slope. */
static double laguerre(double n, double slope, double curve, double terms)
{
    const double spread = (n - 1.0) * (n * curve - slope * slope);
    const double step = n / (slope + sqrt(fmax(spread, 0.0)));
    return slope > 0.0 && terms < most_terms * curve && isfinite(curve) && step >= 0.0
               ? step
               : (double)INFINITY;
}

/* Estimates the error that a step leaves: with cubic convergence, step = c last_step^3, so the next
 * error is step * (step/last_step)^3. */
static double error_after(double step, double last_step)
{
    const double ratio = step / last_step;
    return ratio < 0.1 && isfinite(last_step) ? step * ratio * ratio * ratio : step;
}

/* Fills points[0 ... count) at their x. */
static void evaluate_points(size_t n, const double d[], const double squares[], double smallest,
                            size_t count, struct point points[])
{
    double x[LANES];
    double below[LANES];
    double slope[LANES];
    double curve[LANES];
    double terms[LANES];
    for (size_t first = 0; first < count; first += LANES) {
        const size_t lanes = count - first < LANES ? count - first : LANES;
        for (size_t l = 0; l < LANES; l++)
            x[l] = points[first + (l < lanes ? l : 0)].x;
        evaluate(n, d, squares, smallest, x, below, slope, curve, terms);
        for (size_t l = 0; l < lanes; l++) {
            struct point *point = &points[first + l];
            point->below = (size_t)below[l];
            point->left = laguerre((double)n, slope[l], curve[l], terms[l]);
            point->right = laguerre((double)n, -slope[l], curve[l], terms[l]);
        }
    }
}

/* Narrows every bracket by the points, which are ascending. */
static void narrow(size_t n, size_t count, struct point points[], struct bracket brackets[])
{
    for (size_t k = 1; k < count; k++) { /* rounding could break the order of close points */
        if (points[k].below < points[k - 1].below)
            points[k].below = points[k - 1].below;
    }
    size_t next = 0;
    for (size_t i = 0; i < n; i++) {
        while (next < count && points[next].below <= i)
            next++;
        if (next == 0 || !(points[next - 1].x > brackets[i].low))
            continue;
        const struct point *point = &points[next - 1];
        const bool neighbor = point->below == i;
        brackets[i].low = point->x;
        brackets[i].up = neighbor ? point->right : (double)INFINITY;
        brackets[i].up_error =
            neighbor ? error_after(point->right, point->last_step) : (double)INFINITY;
    }
    next = count;
    for (size_t i = n; i-- > 0;) {
        while (next > 0 && points[next - 1].below > i)
            next--;
        if (next == count || !(points[next].x < brackets[i].high))
            continue;
        const struct point *point = &points[next];
        const bool neighbor = point->below == i + 1;
        brackets[i].high = point->x;
        brackets[i].down = neighbor ? point->left : (double)INFINITY;
        brackets[i].down_error =
            neighbor ? error_after(point->left, point->last_step) : (double)INFINITY;
    }
}

/* The estimate of the bracket's eigenvalue from its better end, its distance from that end, and its
 * error; the midpoint if the step would leave the bracket. */
static double estimate(const struct bracket *bracket, double *last_step, double *error)
{
    const double width = bracket->high - bracket->low;
    const bool from_low = bracket->up_error < bracket->down_error;
    *last_step = from_low ? bracket->up : bracket->down;
    *error = from_low ? bracket->up_error : bracket->down_error;
    if (*error < width && *last_step < width)
        return from_low ? bracket->low + *last_step : bracket->high - *last_step;
    *last_step = (double)INFINITY;
    *error = 0.5 * width;
    return bracket->low + *error;
}

/* The next points: none for eigenvalues known to tolerance (their values are final), the estimate
 * for an eigenvalue alone in its bracket, evenly spaced ones for several in one bracket. */
static size_t choose(size_t n, double tolerance, const struct bracket brackets[], double values[],
                     struct point points[])
{
    size_t count = 0;
    for (size_t i = 0; i < n;) {
        size_t end = i + 1;
        while (end < n && brackets[end].low == brackets[i].low)
            end++;
        const double width = brackets[i].high - brackets[i].low;
        if (end == i + 1) {
            double error;
            double last_step;
            values[i] = estimate(&brackets[i], &last_step, &error);
            if (error > tolerance)
                points[count++] = (struct point){.x = values[i], .last_step = last_step};
        } else if (width > 2.0 * tolerance) {
            const double part = width / (double)(end - i + 1);
            for (size_t r = i; r < end; r++)
                points[count++] = (struct point){.x = brackets[i].low + part * (double)(r - i + 1),
                                                 .last_step = (double)INFINITY};
        }
        for (size_t r = i; r < end && end > i + 1; r++)
            values[r] = brackets[i].low + 0.5 * width;
        i = end;
    }
    return count;
}

/* The first points: between each guess and the next. */
static size_t separate(size_t n, const double guesses[], struct point points[])
{
    for (size_t i = 0; i + 1 < n; i++)
        points[i] =
            (struct point){.x = 0.5 * (guesses[i] + guesses[i + 1]), .last_step = (double)INFINITY};
    return n - 1;
}

/* Gershgorin's interval, widened for rounding. */
static void bound(size_t n, const double d[], const double e[], double *low, double *high)
{
    *low = (double)INFINITY;
    *high = -(double)INFINITY;
    for (size_t k = 0; k < n; k++) {
        const double radius = (k > 0 ? fabs(e[k - 1]) : 0.0) + (k + 1 < n ? fabs(e[k]) : 0.0);
        *low = fmin(*low, d[k] - radius);
        *high = fmax(*high, d[k] + radius);
    }
    const double margin = 4.0 * (double)n * DBL_EPSILON * fmax(fabs(*low), fabs(*high));
    *low -= margin;
    *high += margin;
}

bool ssldyn_tridiagonal_values(size_t n, const double d[], const double e[], const double guesses[],
                               double values[], double workspace[])
{
    struct bracket *brackets = (struct bracket *)(void *)workspace;
    struct point *points = (struct point *)(void *)(brackets + n);
    double *squares = (double *)(void *)(points + n);
    double low;
    double high;
    bound(n, d, e, &low, &high);
    const double size = fmax(fabs(low), fabs(high));
    const double tolerance = DBL_EPSILON * size;
    squares[0] = 0.0;
    for (size_t k = 1; k < n; k++)
        squares[k] = e[k - 1] * e[k - 1];
    for (size_t i = 0; i < n; i++)
        brackets[i] = (struct bracket){
            low, high, (double)INFINITY, (double)INFINITY, (double)INFINITY, (double)INFINITY};
    const double smallest = 1e-100 * size; /* its inverse can be squared */
    size_t count =
        n > 1 ? separate(n, guesses, points) : choose(n, tolerance, brackets, values, points);
    size_t spent = 0;
    while (count > 0) {
        spent += (count + LANES - 1) / LANES * LANES;
        if (spent > MOST_POINTS * n + SPARE)
            return false;
        evaluate_points(n, d, squares, smallest, count, points);
        narrow(n, count, points, brackets);
        count = choose(n, tolerance, brackets, values, points);
    }
    for (size_t i = 1; i < n; i++)
        values[i] = fmax(values[i], values[i - 1]);
    return true;
}
