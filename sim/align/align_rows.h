/* Rows of an alignment analysis: the observer's row with additional summary columns. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_ALIGN_ALIGN_ROWS_H
#define SSLDYN_SIM_ALIGN_ALIGN_ROWS_H

#include "sim/align/align.h"
#include "sim/align/effective.h"
#include "sim/align/parabola_fit.h"

/* Inputs of a row in addition to the observer's row. */
struct ssldyn_align_extras {
    const double *errors;  /* n: standard errors of s_j from sampling; NULL: unknown */
    const size_t *numbers; /* n: identities of the modes; NULL: unknown */
    const struct ssldyn_effective_measures *effective; /* NULL: the predictor was given */
    const struct ssldyn_parabola_points *points; /* for the fit; NULL: s_j and p_j of the row */
    bool errors_known;       /* whether the sampling error of s_j is known (0, without points) */
    double run_alpha_p;      /* history.h */
    bool whitened;           /* history.h */
    const double *weights;   /* n: w_j^2 of the modes, if points are computed from them; NULL:
                              * not */
    const double *variances; /* n: eigenvalues of the covariance; NULL: those of F */
    double mean_square;      /* |mean|^2; NaN: unknown */
    double noise;            /* absolute error of an eigenvalue due to the number type */
    bool plateau;            /* plateau and tail are wanted */
    double angle;            /* largest principal angle to the previous snapshot; NaN: unknown */
};

/* |mean|^2 divided by E|f|^2; NaN: unknown. */
double ssldyn_align_mean_share(const struct ssldyn_spread *spread);

/* Extends the observer's row (ssldyn_layout_matrix, n modes) to one of ssldyn_align_layout, and
 * computes its summary. p_is_wpe: p_j is unknown (spectra alone), and the fit uses wpe_j
 * instead. scratch: 8 n doubles. */
void ssldyn_align_row(const struct ssldyn_align_request *request, size_t n, const double row[],
                      const struct ssldyn_align_extras *extras, bool p_is_wpe, double wide[],
                      struct ssldyn_summary *summary, double *alpha_p, double scratch[]);

#endif
