/* The judge of a whole network: from the rows of a matrix run (flow or SGD) it finds the fate of
 * the network and of each mode of F, the time from which the fate is certain, and the rank now
 * and in the limit. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_JUDGE_H
#define SSLDYN_SIM_FLOW_MATRIX_JUDGE_H

#include "sim/flow/flow.h"
#include "sim/observe/observer.h"
#include "sim/run/outcome.h"
#include "sim/run/start.h"

struct ssldyn_matrix_judge {
    const struct ssldyn_parameters *parameters;
    const struct ssldyn_moments *moments;
    size_t n1, n2;
    size_t follow;    /* maximum number of rows over which the fate is followed; 0: the fate is
                       * not asked for */
    bool noisy;       /* set after create: the rows are from SGD, whose mean speed is what counts */
    bool closure;     /* F is tied to Wp instead of W W^T */
    bool certified;   /* the certificate of an isotropic mode applies */
    double resting;   /* a network slower than this is at rest */
    double lambda;    /* largest eigenvalue of X, or singular value of Syx; only if the fate is
                       * followed or there are layers */
    bool kept;        /* under the cosine |W| decays by its law alone and X > 0: F cannot vanish
                       * against the decay */
    double largest_s; /* largest so far; an eigenvalue has collapsed if it is small compared with
                       * it */
    struct ssldyn_certificate certificate;
    struct ssldyn_outcome *outcome;
    size_t rows;
    size_t width;            /* number of columns of a row */
    double *last, *before;   /* the last two rows */
    double *times, *leading; /* t and p_1 of every row that is followed */
    double *block;           /* holds all of these; owned */
};

/* Borrows problem and start, whose matrices it does not read. follow: an upper bound on the rows
 * of a run whose fate is asked for; 0: only ranks and fates of modes are, which cost nothing
 * before the end. outcome is filled from the first row on. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_judge_create(const struct ssldyn_problem *problem, const struct ssldyn_start *start,
                           size_t follow, struct ssldyn_outcome *outcome,
                           struct ssldyn_matrix_judge *judge, struct ssldyn_error *err);
void ssldyn_matrix_judge_clear(struct ssldyn_matrix_judge *judge);

/* Takes the next row (ssldyn_layout_matrix), the snapshot from which it was computed, and the
 * speed |y'|/|y| in flow time (NaN: unknown). If the fate of the network is asked for, the first
 * certain one is kept. Collapsed: inside the trapping region of theory/trapping.h, a proof.
 * Survives: the data are isotropic, some mode of the row is an eigenvector of the predictor
 * (cos_j > 0.999) with its target along the network (cosine above 0.99), and the fate of that
 * mode is certain; or, for any data, the network is at rest; or |W| is kept up to the decay
 * (cosine, X > 0). Returns whether the fate is asked
 * for and still undecided, like the next function. */
bool ssldyn_matrix_judge_row(struct ssldyn_matrix_judge *judge, const double row[],
                             const struct ssldyn_snapshot *snapshot, double speed);
bool ssldyn_matrix_judge_open(const struct ssldyn_matrix_judge *judge);

/* The solution left the range of doubles at t: no row follows, and its rank is unknown. */
void ssldyn_matrix_judge_diverged(struct ssldyn_matrix_judge *judge, double t);

/* After the last row: t_escape, the margin if the data have a fold in closed form, and the rank
 * in the limit of the flow from the last row. A mode survives if it is at rest: above the floor
 * of the rank, and moving at less than 1e-4 of eta_s between the last two rows. Under the cosine all
 * survive if C = W W^T - Wp^T Wp/alpha_p > 0, as W W^T >= C up to the decay. Otherwise the
 * certificate decides, as if the mode were isolated and aligned: M5 with its p_j and the decays
 * lambda_s = v^T (X + X') v, lambda_d = v^T X v along its direction v = W^T u_j/|W^T u_j|. This
 * is only a forecast if the network is not aligned; NaN if a mode is undecided. snapshot and
 * vectors, the eigenvectors of F (n2 x n2, columns), belong to the last row; NULL: no longer
 * available. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_judge_finish(struct ssldyn_matrix_judge *judge,
                           const struct ssldyn_snapshot *snapshot, const double vectors[],
                           struct ssldyn_error *err);

/* Where the flow takes each mode of one row, by certificate: fills the report's modes and the
 * fields that depend on them. Only isotropic data have a certificate. With predictor and
 * stop-gradient it holds for modes as if F and Wp shared their eigenvectors; without either it
 * is one of the whole network (Thm 2; a linear system). In all other cases no mode is judged. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_judge_modes(const struct ssldyn_parameters *parameters,
                          const struct ssldyn_moments *moments, size_t n2, const double row[],
                          struct ssldyn_flow_report *report, struct ssldyn_error *err);

#endif
