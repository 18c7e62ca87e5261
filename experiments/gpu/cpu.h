/* Shared by the files of the CPU backend. Each file is compiled twice, with REAL = double and
 * float; NAME() gives the two versions different names. */
// SPDX-License-Identifier: MIT
#ifndef EXPERIMENTS_GPU_CPU_H
#define EXPERIMENTS_GPU_CPU_H

#include "experiments/gpu/ops.h"

#include <cblas.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#ifndef REAL
#define REAL double
#endif

#define CPU_PASTE(stem, type) cpu_##stem##_##type
#define CPU_NAME(stem, type) CPU_PASTE(stem, type)
#define NAME(stem) CPU_NAME(stem, REAL)

/* Selected by the size of the type, so that one source serves both; the other branch is never
 * executed. */
#define CPU_IS_DOUBLE (sizeof(REAL) == sizeof(double))

struct cpu_memory; /* one allocation, in a list */

struct ops_context {
    struct cpu_memory *memory;
    struct ssldyn_error error; /* the first error; status SSLDYN_OK: none */
    int threads;
    REAL *columns; /* threads x column_size: unfolded images */
    size_t column_size;
    REAL *partial; /* CPU_CHUNKS x partial_size: partial sums of dw */
    size_t partial_size;
    struct ssldyn_eigen *eigen; /* of order set_order */
    double *set;                /* values, vectors, Wp, workspace */
    int set_order;
    float *views; /* threads x view_size: scratch for views */
    size_t view_size;
    double *sums; /* of batch normalization */
    size_t sum_size;
    struct onednn *onednn; /* float: convolutions by oneDNN; NULL: by the code here */
};

/* Weight gradients are summed over this many chunks of images, for any number of threads. */
enum { CPU_CHUNKS = 8 };

/* Number of threads for `work` multiply-adds: a small loop costs less than waking threads up. */
static inline int threads_for(const struct ops_context *context, double work)
{
    return work > 1e6 ? context->threads : 1;
}

static inline size_t thread_number(void)
{
#ifdef _OPENMP
    return (size_t)omp_get_thread_num();
#else
    return 0;
#endif
}

/* Keeps the first error. */
static inline void cpu_keep_error(struct ops_context *context, enum ssldyn_status status,
                                  const struct ssldyn_error *error)
{
    if (status != SSLDYN_OK && context->error.status == SSLDYN_OK)
        context->error = *error;
}

/* Makes *memory hold at least `bytes`; the content is lost. */
enum ssldyn_status NAME(reserve)(void *memory, size_t *have, size_t count, size_t size,
                                 struct ssldyn_error *err);

/* C = alpha op(A) op(B) + beta C, row-major; C is m x n, each sum has k terms. */
static inline void gemm(bool transpose_A, bool transpose_B, int m, int n, int k, double alpha,
                        const REAL *A, int lda, const REAL *B, int ldb, double beta, REAL *C,
                        int ldc)
{
    const CBLAS_TRANSPOSE tA = transpose_A ? CblasTrans : CblasNoTrans;
    const CBLAS_TRANSPOSE tB = transpose_B ? CblasTrans : CblasNoTrans;
    if (CPU_IS_DOUBLE)
        cblas_dgemm(CblasRowMajor, tA, tB, m, n, k, alpha, (const double *)(const void *)A, lda,
                    (const double *)(const void *)B, ldb, beta, (double *)(void *)C, ldc);
    else
        cblas_sgemm(CblasRowMajor, tA, tB, m, n, k, (float)alpha, (const float *)(const void *)A,
                    lda, (const float *)(const void *)B, ldb, (float)beta, (float *)(void *)C, ldc);
}

/* Elements of a tensor; its rows (all dimensions but the channels). */
static inline size_t tensor_rows(struct ops_tensor t)
{
    return (size_t)t.n * (size_t)t.h * (size_t)t.w;
}
static inline size_t tensor_count(struct ops_tensor t)
{
    return tensor_rows(t) * (size_t)t.c;
}

/* The backend; and in float, the one whose convolutions oneDNN computes. */
const struct ops *NAME(table)(void);
const struct ops *NAME(onednn_table)(void);

/* The operations, documented in ops.h. */
#define CPU_DECLARE(name) ops_##name##_fn NAME(name);
OPS_OPERATIONS(CPU_DECLARE)

#endif
