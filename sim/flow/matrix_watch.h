/* The outcome of a matrix run from its rows: ends, rank, escape, and the fate of the whole network,
 * for flows and SGD that leave no directory. */
// SPDX-License-Identifier: MIT
#ifndef SSLDYN_SIM_FLOW_MATRIX_WATCH_H
#define SSLDYN_SIM_FLOW_MATRIX_WATCH_H

#include "sim/observe/observer.h"
#include "sim/run/outcome.h"
#include "theory/population.h"

struct ssldyn_matrix_watch {
    const struct ssldyn_parameters *parameters;
    const struct ssldyn_moments *moments;
    size_t n1, n2;
    double lambda;    /* largest eigenvalue of X */
    double largest_s; /* of any row: what counts as collapsed is small against it */
    bool certified;   /* the isotropic modes have a certificate */
    bool closure;     /* F is tied to Wp, and not W W^T */
    struct ssldyn_certificate certificate;
    struct ssldyn_outcome_history history; /* of p_1 */
    struct ssldyn_outcome *outcome;
    size_t rows;
    size_t width;          /* of a row */
    double *last, *before; /* the last two of them; owned */
};

/* Borrows parameters and moments; outcome is filled from the first row on. rows: the most that
 * will come. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_watch_create(const struct ssldyn_parameters *parameters,
                           const struct ssldyn_moments *moments, size_t n1, size_t n2, size_t rows,
                           struct ssldyn_outcome *outcome, struct ssldyn_matrix_watch *watch,
                           struct ssldyn_error *err);
void ssldyn_matrix_watch_clear(struct ssldyn_matrix_watch *watch);

/* The next row (ssldyn_layout_matrix) of a run and the snapshot it was made from. Collapsed: inside
 * the trapping region of theory/trapping.h, a proof. Survives: data are isotropic, some mode of the
 * row is an eigenvector of the predictor (cos_j > 0.999) with its target along the network (cosine
 * above 0.99), and the certificate of its (p, s, tau) says so. */
void ssldyn_matrix_watch_row(struct ssldyn_matrix_watch *watch, const double row[],
                             const struct ssldyn_snapshot *snapshot);

/* The fate of a mode (p, w, wa) of a row at time t, judged as if aligned: certain for all states
 * within the margin that a row's errors are given. */
enum ssldyn_fate ssldyn_matrix_mode_fate(const struct ssldyn_certificate *certificate, double t,
                                         double p, double w, double wa);

/* The same row's speed |y'|/|y| in flow time: a network at rest, whatever its data, survives. */
void ssldyn_matrix_watch_rest(struct ssldyn_matrix_watch *watch, double speed, double rtol);

/* After the last row: t_escape, the margin where the data have a fold in closed form, and the rank
 * that survives (matrix_rank.h), for which the snapshot and the eigenvectors of F of the last row
 * are looked at; snapshot NULL: they are gone, and it stays unknown. noisy: rows of SGD, between
 * which a mode moves though it rests on average. */
SSLDYN_MUST_CHECK enum ssldyn_status
ssldyn_matrix_watch_finish(struct ssldyn_matrix_watch *watch,
                           const struct ssldyn_snapshot *snapshot, const double vectors[],
                           bool noisy, struct ssldyn_error *err);

#endif
