/* One step of M6 (THEORY section 2): its kernels in double and single precision. */
// SPDX-License-Identifier: MIT
#include "sim/sgd/sgd_step.h"

#include "sim/base/simd.h"
#include "sim/sgd/sgd_cosine.h"

#include <cblas.h>
#include <string.h>

/* Number of blocks of a lower-triangular Y1: more blocks save more products, as long as each is
 * worth a call. */
static size_t block_count(size_t count)
{
    return count < 32 ? 1 : count < 192 ? 2 : 4;
}

/* First column of a block; boundaries at multiples of eight keep the products aligned. */
static size_t block_begin(size_t count, size_t blocks, size_t b)
{
    return b == blocks ? count : count * b / blocks / 8 * 8;
}

/* Parts of a workspace start at 64-byte boundaries in either precision. */
static size_t round_up(size_t count)
{
    return (count + 15) / 16 * 16;
}

/* Rows of Wp and of the residuals. */
static size_t rows_of(const struct ssldyn_sgd_loss *loss)
{
    return loss->predicted > 0 ? loss->predicted : loss->n2;
}

size_t ssldyn_sgd_workspace(size_t n1, size_t n2, size_t count)
{
    const size_t longest = n1 > n2 ? n1 : n2;
    const size_t features = round_up(n2 * count);
    const size_t moment = round_up(n1 * n2) + 2 * features + round_up(n1 * count);
    const size_t backward = 4 * features + round_up(longest * count);
    return moment > backward ? moment : backward;
}

#define REAL double
#define NAME(stem) stem##_double
#define GEMM cblas_dgemm
#include "sim/sgd/sgd_step.inc"

#define REAL float
#define NAME(stem) stem##_float
#define GEMM cblas_sgemm
#include "sim/sgd/sgd_step.inc"
