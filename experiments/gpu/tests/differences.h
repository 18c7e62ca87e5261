/* Derivatives by finite differences. Central differences at h and h/2 are combined; they leave an
 * error of h^4 f'''''/480 and rounding of about eps |f|/h: below 1e-9 here; 1e-7 is allowed. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_TESTS_DIFFERENCES_H
#define EXPERIMENTS_GPU_TESTS_DIFFERENCES_H

#include <math.h>
#include <stddef.h>

static const double DIFFERENCE = 5e-5;
static const double ALLOWED = 1e-7;

typedef double scalar(void *self);

/* max |numerical - analytic| over the elements of x, the argument of f. */
static inline double largest_error(scalar *f, void *self, size_t count, double x[],
                                   const double gradient[])
{
    double error = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double kept = x[i];
        double at[4];
        const double steps[4] = {DIFFERENCE, -DIFFERENCE, DIFFERENCE / 2, -DIFFERENCE / 2};
        for (int q = 0; q < 4; q++) {
            x[i] = kept + steps[q];
            at[q] = f(self);
        }
        x[i] = kept;
        const double wide = (at[0] - at[1]) / (2.0 * DIFFERENCE);
        const double narrow = (at[2] - at[3]) / DIFFERENCE;
        const double off = fabs((4.0 * narrow - wide) / 3.0 - gradient[i]);
        error = off <= error ? error : off; /* passes nan on */
    }
    return error;
}

static inline double largest(size_t count, const double values[])
{
    double most = 0.0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

/* The same divided by max |analytic|. */
static inline double gradient_error(scalar *f, void *self, size_t count, double x[],
                                    const double gradient[])
{
    return largest_error(f, self, count, x, gradient) / largest(count, gradient);
}

#endif
