/* Dense linear algebra, row-major, over LAPACKE and CBLAS: the only caller of LAPACKE. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LINALG_LINALG_H
#define SSLDYN_SIM_LINALG_LINALG_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Pins the BLAS to one thread, where it is OpenBLAS, so that results do not depend on the number of
 * threads. Call once at start. */
void ssldyn_linalg_single_thread(void);

/* Name and version of the BLAS in use, e.g. "OpenBLAS 0.3.21 (Cooperlake)". */
const char *ssldyn_linalg_name(void);

/* Symmetric eigenproblems, with a workspace so that repeated solves allocate nothing. */
struct ssldyn_eigen;
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_create(size_t n, struct ssldyn_eigen **eigen,
                                                         struct ssldyn_error *err);
void ssldyn_eigen_free(struct ssldyn_eigen *eigen);

/* Eigenvalues of the symmetric part of A (n x n), in DESCENDING order, into values[n]; where
 * vectors is not NULL the eigenvectors as COLUMNS of a row-major n x n matrix, each with a
 * deterministic sign (entry of largest magnitude positive). A is read only and may be vectors.
 * Fails (EFAILED) on a non-finite entry or when LAPACK does not converge. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_symmetric(struct ssldyn_eigen *eigen,
                                                            const double A[], double values[],
                                                            double vectors[],
                                                            struct ssldyn_error *err);

/* The same once, without a workspace of the caller. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_once(size_t n, const double A[], double values[],
                                                       double vectors[], struct ssldyn_error *err);

/* The same for a smaller k x k matrix (k at most the n of create, rows packed at distance k). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_symmetric_small(struct ssldyn_eigen *eigen,
                                                                  size_t k, const double A[],
                                                                  double values[], double vectors[],
                                                                  struct ssldyn_error *err);

/* A = H T H^T of the symmetric part of A: diagonal[n] and beside[n - 1] of T, which is tridiagonal,
 * and H^T (n x n, rows packed at distance stride >= n). A is read only. EFAILED on an entry that
 * is not finite. A fifth of the time of the eigenvectors. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_reduce(struct ssldyn_eigen *eigen,
                                                         const double A[], double diagonal[],
                                                         double beside[], double HT[],
                                                         size_t stride, struct ssldyn_error *err);

/* Singular value decompositions A = U diag(s) VT of rows x columns matrices, row-major, with a
 * workspace so that repeated ones allocate nothing. */
struct ssldyn_svd;
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_svd_create(size_t rows, size_t columns, struct ssldyn_svd **svd, struct ssldyn_error *err);
void ssldyn_svd_free(struct ssldyn_svd *svd);

/* A is overwritten; with r = min(rows, columns): U rows x rows, s descending r entries, VT
 * r x columns. EFAILED on an entry that is not finite or when LAPACK does not converge. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_svd_decompose(struct ssldyn_svd *svd, double A[],
                                                          double U[], double s[], double VT[],
                                                          struct ssldyn_error *err);

/* Whether no entry is infinite or NaN. */
bool ssldyn_dense_all_finite(size_t count, const double A[]);

/* A power of two that brings size near 1 (or as near as a power of two can): multiplying by it is
 * exact. */
double ssldyn_dense_scale_for(double size);

/* Frobenius norm without overflow; <A, B>; |A - A^T|_F/|A|_F (0 for A = 0). */
double ssldyn_dense_norm(size_t count, const double A[]);
double ssldyn_dense_dot(size_t count, const double A[], const double B[]);
double ssldyn_dense_asymmetry(size_t n, const double A[]);

/* S = (A + A^T)/2, n x n; S may be A. */
void ssldyn_dense_symmetrize(size_t n, const double A[], double S[]);

/* v^T A v of an n x n matrix. */
double ssldyn_dense_form(size_t n, const double A[], const double v[]);

void ssldyn_dense_sort_descending(size_t count, double x[]);

/* C (rows x columns) = A (rows x inner) B (inner x columns). Row-major, no aliasing. */
void ssldyn_dense_multiply(size_t rows, size_t inner, size_t columns, const double A[],
                           const double B[], double C[]);

/* Real and complex LU with partial pivoting of n x n matrices, for implicit steppers.
 * A is overwritten by its factors; pivots holds n. Complex matrices are interleaved (re, im).
 * EFAILED when the matrix is singular. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lu_factor(size_t n, double A[], int pivots[],
                                                      struct ssldyn_error *err);
void ssldyn_lu_solve(size_t n, const double LU[], const int pivots[], double b[]);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lu_factor_complex(size_t n, double A[], int pivots[],
                                                              struct ssldyn_error *err);
void ssldyn_lu_solve_complex(size_t n, const double LU[], const int pivots[], double b[]);

/* X = B A^-1 for a symmetric positive definite A (n x n, overwritten) and B (n x n, overwritten); X
 * must not alias either. EFAILED when A is not positive definite. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spd_divide(size_t n, double A[], double B[], double X[],
                                                       struct ssldyn_error *err);

/* Eigenvalues of a general real n x n matrix (overwritten) into re[n], im[n]. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_general_values(size_t n, double A[], double re[],
                                                                 double im[],
                                                                 struct ssldyn_error *err);

#endif
