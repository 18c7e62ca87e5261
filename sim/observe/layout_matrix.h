/* The columns of a matrix trace, one row of a list each: the enumerators, the layout and the
 * observer's filling are generated from it, and no other code knows the index of a column. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_OBSERVE_LAYOUT_MATRIX_H
#define SSLDYN_SIM_OBSERVE_LAYOUT_MATRIX_H

#include "sim/io/layout.h"

/* X(NAME, "name", "meaning", value). The value is an expression in the variables of observer.c
 * where it fills a row: observer (F, n1, n2, rates, moments), its spectra (spectra.h), snapshot,
 * sizes (the norms of its matrices, NaN if not given), and measured (struct measures of observer.c,
 * for what takes more than an expression); for a mode also j. */
#define SSLDYN_MATRIX_COLUMNS(X)                                                                   \
    X(T, "t", "flow time, learning rate * step", snapshot->t)                                      \
    X(STEP, "step", "steps taken", snapshot->step)                                                 \
    X(LOSS, "loss", "expected squared distance of prediction and target", measured->loss)          \
    X(NORM_W, "norm_w", "Frobenius norm of W", measured->norm_w)                                   \
    X(NORM_WP, "norm_wp", "Frobenius norm of Wp", spectra->norm_wp)                                \
    X(TAU, "tau", "<Wa,W> / |W|^2", measured->tau)                                                 \
    X(CORR_WA_W, "corr_wa_w", "<Wa,W> / (|Wa| |W|)", measured->corr_wa_w)                          \
    X(BALANCE, "balance", "|W W^T - Wp^T Wp/alpha_p - exp(-2 eta t) C|, 0 where Thm 1 holds",      \
      measured->balance)                                                                           \
    X(COMMUTATOR, "commutator", "|[F,Wp]|", spectra->commutator)                                   \
    X(ASYMMETRY, "asymmetry", "|Wp - Wp^T| / |Wp|", spectra->asymmetry)                            \
    X(LAMBDA_MIN_K, "lambda_min_k", "smallest eigenvalue of K (Thm 3)", measured->lambda_min_k)

/* The same for every mode j; their columns in the file are name_1, name_2, ... */
#define SSLDYN_MATRIX_MODE_COLUMNS(X)                                                              \
    X(S, "s", "eigenvalue of F, descending", spectra->s[j])                                        \
    X(P, "p", "u^T Wp u for the eigenvector u of F", spectra->p[j])                                \
    X(COS, "cos", "u^T Wp u / |Wp u|", cosine_with_image(spectra, j))                              \
    X(WPE, "wpe", "eigenvalue of the symmetric part of Wp, descending", spectra->wpe[j])

#define SSLDYN_MATRIX_ENUMERATOR(NAME, name, meaning, value) SSLDYN_MATRIX_##NAME,
#define SSLDYN_MATRIX_MODE_ENUMERATOR(NAME, name, meaning, value) SSLDYN_MATRIX_MODE_##NAME,

/* Indices of the scalar columns in a row, and their number. */
enum { SSLDYN_MATRIX_COLUMNS(SSLDYN_MATRIX_ENUMERATOR) SSLDYN_MATRIX_SCALARS };
/* The columns of a mode, and their number, which is also the stride from mode to mode. */
enum ssldyn_matrix_mode {
    SSLDYN_MATRIX_MODE_COLUMNS(SSLDYN_MATRIX_MODE_ENUMERATOR) SSLDYN_MATRIX_PER_MODE
};

extern const struct ssldyn_layout ssldyn_layout_matrix;
/* The same columns for a normalized loss, whose loss column has a different meaning. */
extern const struct ssldyn_layout ssldyn_layout_matrix_cosine;

/* Index in a row of a column of mode j (0-based). */
static inline size_t ssldyn_layout_matrix_at(enum ssldyn_matrix_mode column, size_t j)
{
    return (size_t)SSLDYN_MATRIX_SCALARS + j * (size_t)SSLDYN_MATRIX_PER_MODE + (size_t)column;
}

#endif
