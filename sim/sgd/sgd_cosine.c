/* The cosine of pairs, and its derivatives. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_cosine.h"

#include "sim/base/simd.h"

#include <float.h>
#include <math.h>

/* Number of columns processed together. */
enum { BLOCK = 16 };

#define REAL double
#define NAME(stem) stem##_double
#define ROOT sqrt
#define LEAST DBL_MIN
#include "sim/sgd/sgd_cosine.inc"

#define REAL float
#define NAME(stem) stem##_float
#define ROOT sqrtf
#define LEAST FLT_MIN
#include "sim/sgd/sgd_cosine.inc"
