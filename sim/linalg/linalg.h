/* Dense linear algebra, row-major, over LAPACKE and CBLAS: the only caller of LAPACKE. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_LINALG_LINALG_H
#define SSLDYN_SIM_LINALG_LINALG_H

#include "sim/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Limits OpenBLAS to one thread, so that results do not depend on the number of threads. Call once
 * at start. */
void ssldyn_linalg_single_thread(void);

/* Name and version of the BLAS library, e.g. "OpenBLAS 0.3.21 (Cooperlake)". */
const char *ssldyn_linalg_name(void);

/* Symmetric eigenproblems, with a workspace so that repeated solves do not allocate. */
struct ssldyn_eigen;
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_create(size_t n, struct ssldyn_eigen **eigen,
                                                         struct ssldyn_error *err);
void ssldyn_eigen_free(struct ssldyn_eigen *eigen);

/* Eigenvalues of the symmetric part of A (n x n), in DESCENDING order, into values[n]; if vectors
 * is not NULL, also the eigenvectors, as COLUMNS of a row-major n x n matrix, with deterministic
 * signs (entry of largest magnitude positive). A is read only and may alias vectors. EFAILED on a
 * non-finite entry or if LAPACK does not converge. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_symmetric(struct ssldyn_eigen *eigen,
                                                            const double A[], double values[],
                                                            double vectors[],
                                                            struct ssldyn_error *err);

/* A single solve, with a workspace that is allocated and freed inside. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_once(size_t n, const double A[], double values[],
                                                       double vectors[], struct ssldyn_error *err);

/* The same for a smaller k x k matrix (k at most the n of create, rows packed at distance k). */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_symmetric_small(struct ssldyn_eigen *eigen,
                                                                  size_t k, const double A[],
                                                                  double values[], double vectors[],
                                                                  struct ssldyn_error *err);

/* A = H T H^T for the symmetric part of A: diagonal[n] and off_diagonal[n - 1] of the tridiagonal
 * T, and H^T (n x n, row stride `stride` >= n). A is read only. EFAILED on a non-finite entry.
 * Takes a fifth of the time of the eigenvectors. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_reduce(struct ssldyn_eigen *eigen,
                                                         const double A[], double diagonal[],
                                                         double off_diagonal[], double HT[],
                                                         size_t stride, struct ssldyn_error *err);

/* Singular value decompositions A = U diag(s) VT of row-major matrices of rows x columns, with a
 * workspace so that repeated calls do not allocate. */
struct ssldyn_svd;
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_svd_create(size_t rows, size_t columns, struct ssldyn_svd **svd, struct ssldyn_error *err);
void ssldyn_svd_free(struct ssldyn_svd *svd);

/* A is overwritten; with r = min(rows, columns): U is rows x rows, s has r descending entries, VT
 * is r x columns. EFAILED on a non-finite entry or if LAPACK does not converge. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_svd_decompose(struct ssldyn_svd *svd, double A[],
                                                          double U[], double s[], double VT[],
                                                          struct ssldyn_error *err);

/* A pair of vectors (a, b) through its canonical correlations: A = E[a a^T] (n x n) and B = E[b b^T]
 * (m x m), symmetric and positive semidefinite, C = E[a b^T] (n x m), and K = A^(-1/2) C B^(-1/2) = U
 * diag(k) Z^T, |k| <= 1. Directions without variance are left out of it. Written:
 *   root      m x m: B^(1/2)
 *   half      n x m: C B^(-1/2)
 *   rest      n x n: A - C B^-1 C^T as the square of A^(1/2) U diag(sqrt(1 - k^2)), so that it keeps its
 *             digits and its sign where a and b determine each other
 *   largest   the largest k; above 1 no pair has these covariances, and rest takes it for 1
 *   missed    |C - A^(1/2) K B^(1/2)|_F/|C|_F: the share of C along directions without variance
 * root, half may be NULL: not wanted. ENOMEM, EFAILED. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_canonical(size_t n, size_t m, const double A[],
                                                      const double B[], const double C[],
                                                      double root[], double half[], double rest[],
                                                      double *largest, double *missed,
                                                      struct ssldyn_error *err);

/* Whether all entries are finite. */
bool ssldyn_dense_all_finite(size_t count, const double A[]);

/* A power of two that brings size as close to 1 as a double can: multiplying by it is exact. */
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

/* Real and complex LU with partial pivoting of n x n matrices, for implicit steppers. A is
 * overwritten by its factors; pivots holds n. Complex matrices are interleaved (re, im). EFAILED if
 * the matrix is singular. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lu_factor(size_t n, double A[], int pivots[],
                                                      struct ssldyn_error *err);
void ssldyn_lu_solve(size_t n, const double LU[], const int pivots[], double b[]);
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_lu_factor_complex(size_t n, double A[], int pivots[],
                                                              struct ssldyn_error *err);
void ssldyn_lu_solve_complex(size_t n, const double LU[], const int pivots[], double b[]);

/* X = B A^-1 for a symmetric positive definite A (n x n, overwritten) and B (n x n, overwritten); X
 * must not alias either. EFAILED if A is not positive definite. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_spd_divide(size_t n, double A[], double B[], double X[],
                                                       struct ssldyn_error *err);

/* Eigenvalues of a general real n x n matrix (overwritten) into re[n], im[n]. */
SSLDYN_MUST_CHECK enum ssldyn_status ssldyn_eigen_general_values(size_t n, double A[], double re[],
                                                                 double im[],
                                                                 struct ssldyn_error *err);

#endif
